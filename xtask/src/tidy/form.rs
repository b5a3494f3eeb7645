//! The form of a Rust file: how it opens, how long it is, how wide.

use super::Breach;
use super::house::{File, House};

/// Every file opens with `//!`, after attributes at most.
pub(super) fn headers(house: &House) -> Vec<Breach> {
    let breach = |file: &File| Breach::new(&file.path, 1, "open with `//!`: what it does");
    house.rust().filter(|file| !has_header(&file.text)).map(breach).collect()
}

fn has_header(text: &str) -> bool {
    let mut inside_attribute = false;
    for line in text.lines().map(str::trim) {
        if inside_attribute || line.starts_with("#![") {
            inside_attribute = !line.ends_with(']');
        } else if !line.is_empty() {
            return line.strip_prefix("//!").is_some_and(|says| !says.trim().is_empty());
        }
    }
    false
}

/// No file is longer than the limit; tests at its foot and files of tests do not count.
pub(super) fn length(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in house.rust().filter(|file| !file.is_beside()) {
        let lines = file.text.lines().count().min(file.tests_from() - 1);
        if lines > LINES_MAX {
            let message = format!("{lines} lines; over {LINES_MAX} it is usually two things");
            breaches.push(Breach::new(&file.path, 0, message));
        }
    }
    breaches
}

/// No comment is wider than the formatter makes code; a row of a table cannot be broken.
pub(super) fn width(house: &House) -> Vec<Breach> {
    let is_comment = |line: &str| {
        let text = line.trim_start();
        text.starts_with("//") && !text.trim_start_matches(['/', '!', ' ']).starts_with('|')
    };
    let mut breaches = Vec::new();
    for file in house.rust() {
        for (number, line) in file.lines().filter(|(_, line)| is_comment(line)) {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                let message = format!("{columns} columns; {COLUMNS_MAX} are allowed");
                breaches.push(Breach::new(&file.path, number, message));
            }
        }
    }
    breaches
}

const COLUMNS_MAX: usize = 100;
const LINES_MAX: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    fn house(path: &str, text: &str) -> House {
        House { files: vec![File::new(path, text)], ..House::default() }
    }

    #[test]
    fn headers_table() {
        let rows: &[(&str, &str, usize)] = &[
            ("opens with it", "//! Says.\nfn a() {}\n", 0),
            ("after an attribute", "#![cfg_attr(\n    test,\n    allow(x)\n)]\n\n//! Says.\n", 0),
            ("an ordinary comment is none", "// Says.\nfn a() {}\n", 1),
            ("says nothing", "//!\nfn a() {}\n", 1),
            ("after an item is too late", "fn a() {}\n//! Says.\n", 1),
            ("empty file", "", 1),
        ];
        for (rule, text, breaches) in rows {
            assert_eq!(headers(&house("crates/a/src/a.rs", text)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn tests_do_not_count_as_length() {
        let code = "x\n".repeat(LINES_MAX);
        let tests = format!("{code}#[cfg(test)]\nmod tests {{\n{}}}\n", "y\n".repeat(300));
        assert_eq!(length(&house("crates/a/src/a.rs", &format!("{code}x\n"))).len(), 1);
        assert_eq!(length(&house("crates/a/src/a.rs", &code)).len(), 0);
        assert_eq!(length(&house("crates/a/src/a.rs", &tests)).len(), 0);
        assert_eq!(length(&house("crates/a/tests/a.rs", &format!("{code}x\n"))).len(), 0);
    }

    #[test]
    fn width_is_counted_in_characters() {
        let line = format!("//{}", "é".repeat(COLUMNS_MAX - 2));
        assert!(width(&house("a.rs", &line)).is_empty());
        assert_eq!(width(&house("a.rs", &format!("{line}é"))).len(), 1);
        let text = "x".repeat(COLUMNS_MAX + 1);
        assert!(width(&house("a.rs", &text)).is_empty(), "the formatter's matter");
        let row = format!("//! | {text} |");
        assert!(width(&house("a.rs", &row)).is_empty(), "a table");
    }
}
