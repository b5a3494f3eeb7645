//! The rules of the house that no compiler knows, each with a name and a message.
//!
//! Every rule is a function of a [`House`] and has tests that give it a bad one: a rule that
//! cannot fail is no rule. What a lint can guard is left to the lint.

mod arrows;
mod browser;
mod config;
mod documents;
mod form;
mod house;
mod licences;
mod readme;
mod spec;
mod words;

use anyhow::bail;

use house::House;

/// A rule of the house.
struct Rule {
    name: &'static str,
    /// What holds where the rule finds nothing.
    holds: &'static str,
    check: fn(&House) -> Vec<Breach>,
}

/// One place where a rule is broken.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Breach {
    path: String,
    /// Numbered from one; zero where the whole file is meant.
    line: usize,
    message: String,
}

impl Breach {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

const RULES: &[Rule] = &[
    Rule {
        name: "arrows",
        holds: "crates depend on each other only as drawn in ARCHITECTURE.md",
        check: arrows::between_crates,
    },
    Rule {
        name: "pure",
        holds: "mail, core and detect depend on nothing that does I/O",
        check: arrows::pure,
    },
    Rule {
        name: "places",
        holds: "only remote talks HTTP to others, only store talks to a database",
        check: arrows::places,
    },
    Rule { name: "graph", holds: "one TLS provider, no OpenSSL, one SQLite", check: arrows::graph },
    Rule {
        name: "licences",
        holds: "every dependency's licence is on the list of deny.toml",
        check: licences::check,
    },
    Rule {
        name: "words",
        holds: "no word that is left from work in hand or speaks of something else",
        check: words::forbidden,
    },
    Rule {
        name: "reasons",
        holds: "a lint that is allowed outside tests says why",
        check: words::reasons,
    },
    Rule {
        name: "headers",
        holds: "every module opens by saying what it does",
        check: form::headers,
    },
    Rule {
        name: "length",
        holds: "no file is longer than a person reads, its tests not counted",
        check: form::length,
    },
    Rule {
        name: "functions",
        holds: "no function is longer than a screen",
        check: form::functions,
    },
    Rule { name: "width", holds: "no comment is over 100 columns", check: form::width },
    Rule {
        name: "paths",
        holds: "documents name only files, folders and links that exist",
        check: documents::paths,
    },
    Rule {
        name: "comments",
        holds: "comments name only files and folders that exist",
        check: documents::comments,
    },
    Rule {
        name: "names",
        holds: "documents name only functions and types that exist",
        check: documents::names,
    },
    Rule {
        name: "spec",
        holds: "every tag names a known document, and every known document is cited",
        check: spec::check,
    },
    Rule {
        name: "commands",
        holds: "README and .ci/run run the same test command, and aliases exist",
        check: readme::check,
    },
    Rule {
        name: "config",
        holds: "docs/config.md has exactly the keys of the configuration",
        check: config::check,
    },
    Rule { name: "browser", holds: "pages need no inline style or script", check: browser::check },
];

/// Checks every rule.
pub(crate) fn run() -> anyhow::Result<()> {
    let house = House::read()?;
    let mut count = 0;
    for rule in RULES {
        let mut breaches = (rule.check)(&house);
        breaches.sort();
        count += breaches.len();
        for breach in breaches {
            let Breach { path, line, message } = breach;
            match line {
                0 => println!("{path}: [{}] {message}", rule.name),
                _ => println!("{path}:{line}: [{}] {message}", rule.name),
            }
        }
    }
    if count > 0 {
        bail!("{count} breaches of the rules of the house; `cargo xtask tidy --list` names them");
    }
    println!("{} rules hold in {} files", RULES.len(), house.files.len());
    Ok(())
}

/// Says what the rules are.
pub(crate) fn list() {
    for rule in RULES {
        println!("{:<10} {}", rule.name, rule.holds);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_have_names_of_their_own() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
    }

    #[test]
    fn an_empty_checkout_breaks_rules_and_nothing_panics() {
        let house = House::default();
        let count: usize = RULES.iter().map(|rule| (rule.check)(&house).len()).sum();
        assert!(count > 0);
    }
}
