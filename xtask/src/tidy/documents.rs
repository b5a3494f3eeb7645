//! What documents name exists: files, folders, links, functions, types, settings.
//!
//! Looks at text between backticks outside of code blocks, and at the targets of links; in comments
//! of Rust only at paths, since rustdoc resolves names there. A word it cannot classify is prose.

use std::collections::BTreeSet;

use super::Breach;
use super::house::{File, House};

/// Paths between backticks and targets of links exist.
pub(super) fn paths(house: &House) -> Vec<Breach> {
    let tree = Tree::new(house);
    let mut breaches = Vec::new();
    for file in house.documents() {
        for (number, line) in prose(file) {
            for quoted in quoted(line) {
                if !tree.knows(quoted) {
                    let message = format!("`{quoted}` does not exist");
                    breaches.push(Breach::new(&file.path, number, message));
                }
            }
            for target in targets(line) {
                if !tree.has(&beside(&file.path, target)) {
                    let message = format!("the link to {target} leads nowhere");
                    breaches.push(Breach::new(&file.path, number, message));
                }
            }
        }
    }
    breaches
}

/// Paths between backticks in comments exist.
pub(super) fn comments(house: &House) -> Vec<Breach> {
    let tree = Tree::new(house);
    let mut breaches = Vec::new();
    for file in house.rust() {
        for (number, line) in file.lines().filter(|(_, line)| line.trim_start().starts_with("//")) {
            for quoted in quoted(line).filter(|quoted| quoted.contains('/')) {
                if !tree.knows(quoted) {
                    let message = format!("`{quoted}` does not exist");
                    breaches.push(Breach::new(&file.path, number, message));
                }
            }
        }
    }
    breaches
}

/// Names between backticks occur in the program.
pub(super) fn names(house: &House) -> Vec<Breach> {
    let words: BTreeSet<&str> = house
        .files
        .iter()
        .filter(|file| !file.path.ends_with(".md") && file.path != "Cargo.lock")
        .flat_map(|file| file.text.split(|letter: char| !is_word(letter)))
        .collect();
    let mut breaches = Vec::new();
    for file in house.documents() {
        for (number, line) in prose(file) {
            for quoted in quoted(line) {
                if name(quoted).is_some_and(|name| !words.contains(name)) {
                    let message = format!("`{quoted}` is nowhere in the program");
                    breaches.push(Breach::new(&file.path, number, message));
                }
            }
        }
    }
    breaches
}

/// The lines of a document outside of its code blocks.
fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    file.lines().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// What stands between single backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|text| !text.is_empty())
}

/// The targets of links that lead into the project.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split(')').next()?;
        let target = target.split('#').next()?;
        let inside = !target.is_empty() && !target.contains(':');
        inside.then_some(target)
    })
}

/// What a target means that stands in the document at `path`.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The last name of `a::b`, the name of `a()`, or a name with an underscore in it.
fn name(quoted: &str) -> Option<&str> {
    let called = quoted.strip_suffix("()");
    let text = called.unwrap_or(quoted);
    let last = text.rsplit("::").next()?;
    let is_name = !text.is_empty()
        && text.split("::").all(|part| !part.is_empty() && part.chars().all(is_word))
        && last.chars().next().is_some_and(|first| !first.is_ascii_digit());
    let says_so = called.is_some() || text.contains("::") || last.contains('_');
    (is_name && says_so).then_some(last)
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Every file and folder.
struct Tree<'a> {
    files: BTreeSet<&'a str>,
    folders: BTreeSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn new(house: &'a House) -> Self {
        let files: BTreeSet<&str> = house.files.iter().map(|file| file.path.as_str()).collect();
        let mut folders = BTreeSet::new();
        for path in &files {
            let ends = path.match_indices('/').map(|(at, _)| at);
            folders.extend(ends.filter_map(|at| path.get(..at)));
        }
        Self { files, folders }
    }

    fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.contains(path) || self.folders.contains(path)
    }

    /// False for what looks like a path of ours and is none.
    fn knows(&self, quoted: &str) -> bool {
        let letters = |letter: char| is_word(letter) || matches!(letter, '.' | '-' | '/');
        if !quoted.chars().all(letters) {
            return true;
        }
        let folder = quoted.split_once('/').map(|(first, _)| first);
        if folder.is_some_and(|first| self.folders.contains(first)) {
            return self.has(quoted);
        }
        let is_source = ENDINGS.iter().any(|ending| quoted.ends_with(ending));
        let ending = format!("/{quoted}");
        !is_source
            || self.files.contains(quoted)
            || self.files.iter().any(|path| path.ends_with(&ending))
    }
}

/// A name that ends like this is a file of ours, wherever it lies.
const ENDINGS: &[&str] = &[".html", ".md", ".rs", ".sql"];

#[cfg(test)]
mod tests {
    use super::*;

    fn house(document: &str) -> House {
        let files = vec![
            File::new("README.md", document),
            File::new("crates/mail/src/smtp/session.rs", "//! Says.\nfn greet_first() {}\n"),
            File::new("docs/config.md", "# Configuration\n"),
        ];
        House { files, ..House::default() }
    }

    #[test]
    fn paths_table() {
        let rows: &[(&str, &str, usize)] = &[
            ("a file", "`crates/mail/src/smtp/session.rs`", 0),
            ("a folder", "`crates/mail/`", 0),
            ("a file that is gone", "`crates/mail/src/smtp/reply.rs`", 1),
            ("a folder that is gone", "`crates/post`", 1),
            ("the end of a path", "`smtp/session.rs`", 0),
            ("the end of no path", "`smtp/reply.rs`", 1),
            ("somebody else's folder", "`/etc/postfix`", 0),
            ("a command", "`cargo run docs/gone.md`", 0),
            ("a link", "[read](docs/config.md#http)", 0),
            ("a dead link", "[read](docs/gone.md)", 1),
            ("a link out", "[read](https://docs.example/gone.md)", 0),
            ("in a code block", "```\n`crates/gone`\n```", 0),
        ];
        for (rule, document, breaches) in rows {
            assert_eq!(paths(&house(document)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn a_comment_that_names_a_file_that_is_gone_is_found() {
        let of = |comment: &str| {
            let file = File::new("crates/mail/src/a.rs", comment);
            comments(&House { files: vec![file], ..House::default() }).len()
        };
        assert_eq!(of("//! The form is in `crates/mail/format.md`.\n"), 1);
        assert_eq!(of("//! See `crates/mail/src/a.rs`, and `application/pdf`.\n"), 0);
        assert_eq!(of("let path = \"`crates/mail/format.md`\";\n"), 0);
    }

    #[test]
    fn names_table() {
        let rows: &[(&str, &str, usize)] = &[
            ("a function", "`greet_first`", 0),
            ("called", "`greet_first()`", 0),
            ("with its module", "`session::greet_first`", 0),
            ("a function that is gone", "`session::greet_last`", 1),
            ("a part of a name is no name", "`greet_fir`", 1),
            ("a plain word", "`folder`", 0),
            ("a sentence", "`greet_last and go`", 0),
        ];
        for (rule, document, breaches) in rows {
            assert_eq!(names(&house(document)).len(), *breaches, "{rule}");
        }
    }
}
