//! Named lists: `$free_email_providers`. Loaded once, shared by everybody.

use std::sync::Arc;

use crate::fold::{fold, folded};
use crate::hash::Texts;

/// A named list of texts.
#[derive(Debug, Default)]
pub struct Set {
    entries: Box<[Box<str>]>,
    exact: Texts,
    /// Those in lower case; empty where all are.
    lower: Texts,
    digest: u64,
}

impl Set {
    /// A list of the given texts, each once, in their order.
    pub fn new(texts: impl IntoIterator<Item = impl Into<Box<str>>>) -> Arc<Self> {
        let mut exact = Texts::default();
        let mut entries: Vec<Box<str>> = Vec::new();
        for text in texts {
            let text: Box<str> = text.into();
            if exact.insert(text.clone()) {
                entries.push(text);
            }
        }
        let lower = if entries.iter().all(|text| folded(text).is_none()) {
            Texts::default()
        } else {
            entries.iter().map(|text| fold(text)).collect()
        };
        let digest = digest(&entries);
        Arc::new(Self { entries: entries.into(), exact, lower, digest })
    }

    /// Whether a text is in it, to the letter.
    pub fn contains(&self, text: &str) -> bool {
        self.exact.contains(text)
    }

    /// Whether a text is in it, without regard to case; the text is given in lower case.
    pub fn contains_lower(&self, lower: &str) -> bool {
        if self.lower.is_empty() { self.exact.contains(lower) } else { self.lower.contains(lower) }
    }

    /// The texts, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// One text, by its place.
    pub fn get(&self, place: usize) -> Option<&str> {
        self.entries.get(place).map(AsRef::as_ref)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A number that differs where the content does, for versions.
    pub fn digest(&self) -> u64 {
        self.digest
    }
}

/// FNV-1a over the entries: the same on every machine.
fn digest(entries: &[Box<str>]) -> u64 {
    let octets = entries.iter().flat_map(|entry| entry.bytes().chain([0]));
    octets.fold(0xcbf2_9ce4_8422_2325, |sum, octet| {
        (sum ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_counts_only_where_it_should() {
        let set = Set::new(["Pay", "a.example", "Pay"]);
        assert_eq!(set.len(), 2);
        assert!(set.contains("Pay") && !set.contains("pay"));
        assert!(set.contains_lower("pay") && set.contains_lower("a.example"));
    }
}
