//! The reference of the configuration has exactly the keys that the program reads.
//!
//! Keys come from the fields of `crates/server/src/config.rs`, whose structs open with their
//! section in backticks; in the reference they are the first cell of a row under that section.

use std::collections::BTreeSet;

use super::Breach;
use super::house::House;

const CODE: &str = "crates/server/src/config.rs";
const REFERENCE: &str = "docs/config.md";

/// Both sides name the same keys.
pub(super) fn check(house: &House) -> Vec<Breach> {
    let (Some(code), Some(reference)) = (house.file(CODE), house.file(REFERENCE)) else {
        return vec![Breach::new(REFERENCE, 0, format!("it or {CODE} is missing"))];
    };
    let (read, written) = (keys_of_code(&code.text), keys_of_reference(&reference.text));
    let mut breaches = Vec::new();
    if read.is_empty() {
        breaches.push(Breach::new(CODE, 0, "no section was found: has its form changed?"));
    }
    for key in read.difference(&written) {
        breaches.push(Breach::new(REFERENCE, 0, format!("does not explain {key}")));
    }
    for key in written.difference(&read) {
        breaches.push(Breach::new(REFERENCE, 0, format!("explains {key}, which is not read")));
    }
    breaches
}

fn keys_of_code(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut section = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("/// `[").and_then(|rest| rest.strip_suffix("]`")) {
            section = Some(name);
        } else if line == "}" {
            section = None;
        } else if let (Some(section), Some(field)) = (section, line.strip_prefix("pub(crate) "))
            && let Some((key, _)) = field.split_once(':')
        {
            keys.insert(format!("[{section}] {key}"));
        }
    }
    keys
}

fn keys_of_reference(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut section = None;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let name = heading.trim_matches('`').strip_prefix('[');
            section = name.and_then(|name| name.strip_suffix(']'));
        } else if let (Some(section), Some(row)) = (section, line.strip_prefix("| `"))
            && let Some((key, _)) = row.split_once('`')
        {
            keys.insert(format!("[{section}] {key}"));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::house::File;

    const STRUCT: &str = "/// `[http]`\n#[derive(Debug)]\npub(crate) struct Http {\n    \
                          /// Where it listens.\n    pub(crate) listen: SocketAddr,\n}\n\
                          impl Config {\n    pub(crate) fn load(path: &Path) {}\n}\n";

    fn house(reference: &str) -> House {
        let files = vec![File::new(CODE, STRUCT), File::new(REFERENCE, reference)];
        House { files, ..House::default() }
    }

    #[test]
    fn keys_table() {
        let rows: &[(&str, &str, usize)] = &[
            ("the same", "## `[http]`\n\n| `listen` | where |\n", 0),
            ("one is not explained", "## `[http]`\n", 1),
            ("one is gone", "## `[http]`\n| `listen` | x |\n| `port` | x |\n", 1),
            ("in another section", "## `[smtp]`\n| `listen` | x |\n", 2),
        ];
        for (rule, reference, breaches) in rows {
            assert_eq!(check(&house(reference)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn a_reader_that_finds_nothing_says_so() {
        let files = vec![File::new(CODE, "struct Other;"), File::new(REFERENCE, "")];
        assert_eq!(check(&House { files, ..House::default() }).len(), 1);
    }
}
