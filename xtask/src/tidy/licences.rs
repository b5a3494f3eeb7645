//! The licences of what we build with, against the list in `deny.toml`.
//!
//! Reads the same list that cargo-deny reads, so that a machine without that tool checks the same.

use super::Breach;
use super::house::{House, Package};

const DENY: &str = "deny.toml";

/// The list of `deny.toml`, with what it allows a crate alone.
#[derive(Debug, Default)]
struct Allowed {
    licences: Vec<String>,
    exceptions: Vec<(String, String)>,
}

/// Every crate of others can be used under a licence that is on the list.
pub(super) fn check(house: &House) -> Vec<Breach> {
    let Some(file) = house.file(DENY) else {
        return vec![Breach::new(DENY, 0, "is missing")];
    };
    let Some(allowed) = Allowed::read(&file.text) else {
        return vec![Breach::new(DENY, 0, "has no list `allow` under [licenses]")];
    };
    house.graph.others.iter().filter_map(|package| allowed.check(package)).collect()
}

impl Allowed {
    fn read(text: &str) -> Option<Self> {
        let table: toml::Table = text.parse().ok()?;
        let licences = table.get("licenses")?;
        let words = |value: &toml::Value| -> Vec<String> {
            let words = value.as_array().into_iter().flatten().filter_map(toml::Value::as_str);
            words.map(str::to_owned).collect()
        };
        let mut exceptions = Vec::new();
        for one in licences.get("exceptions").and_then(toml::Value::as_array).into_iter().flatten()
        {
            let name = one.get("crate").or_else(|| one.get("name"))?.as_str()?;
            for licence in words(one.get("allow")?) {
                exceptions.push((name.to_owned(), licence));
            }
        }
        Some(Self { licences: words(licences.get("allow")?), exceptions })
    }

    fn check(&self, package: &Package) -> Option<Breach> {
        let Package { name, version, license, .. } = package;
        let problem = match license {
            None => "states no licence".to_owned(),
            Some(written) => {
                let is_allowed = |licence: &str| {
                    self.licences.iter().any(|allowed| allowed == licence)
                        || self.exceptions.iter().any(|(who, what)| who == name && what == licence)
                };
                match satisfied(written, &is_allowed) {
                    Some(true) => return None,
                    Some(false) => format!("is under {written}, which is not on the list"),
                    None => format!("states a licence that cannot be read: {written}"),
                }
            }
        };
        Some(Breach::new(DENY, 0, format!("{name} {version} {problem}")))
    }
}

/// Whether an SPDX expression can be met with allowed licences; `None` where it cannot be read.
fn satisfied(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, is_allowed };
    let met = reader.either(0)?;
    reader.words.is_empty().then_some(met)
}

struct Reader<'a> {
    words: &'a [&'a str],
    is_allowed: &'a dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    fn either(&mut self, depth: usize) -> Option<bool> {
        let mut met = self.both(depth)?;
        while self.take("OR") {
            met |= self.both(depth)?;
        }
        Some(met)
    }

    fn both(&mut self, depth: usize) -> Option<bool> {
        let mut met = self.one(depth)?;
        while self.take("AND") {
            met &= self.one(depth)?;
        }
        Some(met)
    }

    fn one(&mut self, depth: usize) -> Option<bool> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        if *first == "(" {
            let met = if depth < DEPTH_MAX { self.either(depth + 1)? } else { return None };
            return self.take(")").then_some(met);
        }
        if matches!(*first, ")" | "OR" | "AND" | "WITH") {
            return None;
        }
        if self.take("WITH") {
            let (exception, rest) = self.words.split_first()?;
            self.words = rest;
            return Some((self.is_allowed)(&format!("{first} WITH {exception}")));
        }
        Some((self.is_allowed)(first))
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

const DEPTH_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::house::{File, Graph};

    #[test]
    fn expressions_table() {
        let rows: &[(&str, &str, Option<bool>)] = &[
            ("one", "MIT", Some(true)),
            ("another", "GPL-3.0-only", Some(false)),
            ("a choice", "GPL-3.0-only OR MIT", Some(true)),
            ("both, one is not allowed", "MIT AND GPL-3.0-only", Some(false)),
            ("AND binds closer", "GPL-3.0-only AND MIT OR ISC", Some(true)),
            ("parentheses", "GPL-3.0-only AND (MIT OR ISC)", Some(false)),
            ("the old slash", "MIT/GPL-3.0-only", Some(true)),
            ("an exception is a licence of its own", "ISC WITH something", Some(false)),
            ("unfinished", "MIT OR", None),
            ("unbalanced", "(MIT", None),
            ("nothing", "", None),
        ];
        for (rule, expression, met) in rows {
            let is_allowed = |licence: &str| matches!(licence, "MIT" | "ISC");
            assert_eq!(satisfied(expression, &is_allowed), *met, "{rule}");
        }
    }

    #[test]
    fn an_exception_is_for_its_crate_alone() {
        let deny = "[licenses]\nallow = [\"MIT\"]\n\
                    exceptions = [{ crate = \"parser\", allow = [\"MPL-2.0\"] }]\n";
        let package = |name: &str, licence: Option<&str>| Package {
            name: name.to_owned(),
            license: licence.map(str::to_owned),
            ..Package::default()
        };
        let house = House {
            files: vec![File::new("deny.toml", deny)],
            graph: Graph {
                members: vec![],
                others: vec![
                    package("parser", Some("MPL-2.0")),
                    package("other", Some("MPL-2.0")),
                    package("silent", None),
                ],
            },
        };
        let breaches = check(&house);
        assert_eq!(breaches.len(), 2, "{breaches:?}");
        assert!(breaches[0].message.contains("other"), "{breaches:?}");
        assert!(breaches[1].message.contains("states no licence"), "{breaches:?}");
    }
}
