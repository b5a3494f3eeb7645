//! XML: which tags and namespaces a file has.

use crate::markup::{Token, Tokens, unescape};
use crate::text;

/// What an XML file says of itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Xml {
    /// Its `DOCTYPE`.
    pub doc_type: Option<String>,
    /// Its namespaces, each once.
    pub namespaces: Vec<String>,
    /// The names of its tags without prefix, each once, in order of appearance.
    pub tags: Vec<String>,
    /// The version that it declares.
    pub version: Option<String>,
}

/// Reads an XML file; `None` where there is no tag.
#[must_use]
pub fn scan(octets: &[u8]) -> Option<Xml> {
    let decoded = text::decode(octets);
    let mut xml = Xml::default();
    for token in Tokens::xml(decoded.as_bytes()) {
        match token {
            Token::Instruction(inside) if inside.starts_with(b"xml") && xml.version.is_none() => {
                xml.version = pseudo_attribute(inside, "version=");
            }
            Token::Doctype(inside) if xml.doc_type.is_none() => {
                let text = String::from_utf8_lossy(inside);
                let (_, name) = text.split_once(' ').unwrap_or_default();
                xml.doc_type = Some(name.trim().chars().take(VALUE_MAX).collect());
            }
            Token::Open(tag) => {
                let name = String::from_utf8_lossy(tag.name);
                let local = name.rsplit(':').next().unwrap_or_default();
                push_once(&mut xml.tags, local, TAGS_MAX);
                for (name, value) in tag.attributes() {
                    if name.starts_with(b"xmlns") {
                        push_once(&mut xml.namespaces, &unescape(value), NAMESPACES_MAX);
                    }
                }
            }
            _ => {}
        }
    }
    (!xml.tags.is_empty()).then_some(xml)
}

fn pseudo_attribute(inside: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(inside);
    let (_, rest) = text.split_once(name)?;
    let quote = rest.chars().next()?;
    rest.get(1..)?.split(quote).next().map(str::to_owned)
}

fn push_once(list: &mut Vec<String>, value: &str, max: usize) {
    if list.len() < max && !value.is_empty() && !list.iter().any(|its| its == value) {
        list.push(value.chars().take(VALUE_MAX).collect());
    }
}

/// Tags of different names.
const TAGS_MAX: usize = 1_000;
/// Namespaces.
const NAMESPACES_MAX: usize = 200;
/// Signs of one value.
const VALUE_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_namespaces_once_each() {
        let file =
            b"<?xml version=\"1.1\"?><!DOCTYPE svg><s:svg xmlns:s='urn:a'><s:a/><s:a/></s:svg>";
        let xml = scan(file).unwrap();
        assert_eq!(xml.tags, ["svg", "a"]);
        assert_eq!((xml.version.as_deref(), xml.doc_type.as_deref()), (Some("1.1"), Some("svg")));
        assert_eq!(xml.namespaces, ["urn:a"]);
        assert_eq!(scan(b"no tags"), None);
    }
}
