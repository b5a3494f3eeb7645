//! Tags that cite the text a piece of code carries out: `rfc5321#4.1.1.4`, `graph:message-move`.
//!
//! `spec/index.toml` lists the documents, how far each is carried out, and why not farther.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Breach;
use super::house::House;

const INDEX: &str = "spec/index.toml";
/// Written in two halves, so that this file does not cite anything.
const TAG: &str = concat!("// sp", "ec: ");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    documents: BTreeMap<String, Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: String,
    status: Status,
    reason: String,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Full,
    Partial,
    None,
}

/// Every tag is well formed and of a known document, and every document is cited as it claims.
pub(super) fn check(house: &House) -> Vec<Breach> {
    let Some(file) = house.file(INDEX) else { return vec![Breach::new(INDEX, 0, "is missing")] };
    let index: Index = match toml::from_str(&file.text) {
        Ok(index) => index,
        Err(error) => return vec![Breach::new(INDEX, 0, error.to_string())],
    };
    let mut cited = BTreeSet::new();
    let mut breaches = Vec::new();
    for file in house.rust() {
        for (number, line) in file.lines() {
            let Some(tags) = line.trim_start().strip_prefix(TAG) else { continue };
            for tag in tags.split_whitespace().take_while(|word| *word != "—") {
                match document(tag) {
                    None => {
                        let message = format!("{tag}: write document#section or service:page");
                        breaches.push(Breach::new(&file.path, number, message));
                    }
                    Some(name) if !index.documents.contains_key(name) => {
                        let message = format!("{name} is not in {INDEX}");
                        breaches.push(Breach::new(&file.path, number, message));
                    }
                    Some(name) => {
                        cited.insert(name);
                    }
                }
            }
        }
    }
    breaches.extend(claims(&index, &cited));
    breaches
}

fn claims(index: &Index, cited: &BTreeSet<&str>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (name, document) in &index.documents {
        let problem = match (document.status, cited.contains(name.as_str())) {
            (Status::Full | Status::Partial, false) => "is said to be carried out and never cited",
            (Status::None, true) => "is said not to be carried out and is cited",
            _ if document.title.is_empty() || document.reason.is_empty() => {
                "needs a title and a reason for its status"
            }
            _ => continue,
        };
        breaches.push(Breach::new(INDEX, 0, format!("{name} {problem}")));
    }
    breaches
}

/// The document of a tag; `None` where it has not the form of one.
fn document(tag: &str) -> Option<&str> {
    let plain = |text: &str, others: &str| {
        let known = |letter: char| letter.is_ascii_alphanumeric() || others.contains(letter);
        !text.is_empty() && text.chars().all(known)
    };
    if let Some((name, section)) = tag.split_once('#') {
        return (plain(name, "-.") && plain(section, "-.")).then_some(name);
    }
    let (name, page) = tag.split_once(':')?;
    (plain(name, "-.") && plain(page, "-_./")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::house::File;

    const GOOD: &str = "[documents.rfc5321]\ntitle = \"SMTP\"\nstatus = \"partial\"\n\
                        reason = \"the receiving side\"\n";

    fn house(index: &str, tags: &str) -> House {
        let code = format!("//! Says.\n    {TAG}{tags}\nfn a() {{}}\n");
        let files = vec![File::new(INDEX, index), File::new("crates/mail/src/a.rs", &code)];
        House { files, ..House::default() }
    }

    #[test]
    fn tags_table() {
        let rows: &[(&str, &str, usize)] = &[
            ("one", "rfc5321#4.1.1.4", 0),
            ("two", "rfc5321#4.1.1.4 rfc5321#2", 0),
            ("with a note", "rfc5321#4 — one transaction, one tenant.", 0),
            ("without a section", "rfc5321 rfc5321#2", 1),
            ("an unknown document", "rfc9999#1 rfc5321#2", 1),
            ("no citation of what is claimed", "rfc9999#1", 2),
        ];
        for (rule, tags, breaches) in rows {
            assert_eq!(check(&house(GOOD, tags)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn a_document_that_is_not_carried_out_is_not_cited() {
        let none = GOOD.replace("partial", "none");
        assert_eq!(check(&house(&none, "rfc5321#4")).len(), 1);
    }

    #[test]
    fn an_index_that_cannot_be_read_or_is_missing_is_a_breach() {
        assert_eq!(check(&house("documents = 1", "rfc5321#4")).len(), 1);
        assert_eq!(check(&House::default()).len(), 1);
    }
}
