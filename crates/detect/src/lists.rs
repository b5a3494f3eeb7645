//! A tenant's lists of senders, compiled: addresses, and domains with everything below them.
//!
//! An address is tried before its domain and a domain before those above it, so that the entry
//! that says most about a sender is the one that is named.

use std::collections::HashMap;

use clawback_core::tenant::ListEntry;
use clawback_mail::address::{Address, Domain};

/// Senders by address or domain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Senders {
    addresses: HashMap<String, Entry>,
    domains: HashMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: String,
    verify_sender: bool,
    note: String,
}

/// The entry that a sender matched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Matched<'a> {
    /// As its author wrote it.
    pub(crate) pattern: &'a str,
    /// Whether it holds only for a verified sender.
    pub(crate) verify_sender: bool,
    /// Why it is there.
    pub(crate) note: &'a str,
}

impl Senders {
    /// Adds an entry; `false` where its pattern is neither an address nor a domain.
    ///
    /// `@corp.example` and `*.corp.example` are other spellings of `corp.example`.
    pub(crate) fn add(&mut self, entry: &ListEntry) -> bool {
        let pattern = entry.pattern.trim();
        let compiled = Entry {
            pattern: pattern.to_owned(),
            verify_sender: entry.verify_sender,
            note: entry.note.clone(),
        };
        let bare = pattern.strip_prefix('@').or_else(|| pattern.strip_prefix("*."));
        if let Ok(domain) = Domain::parse(bare.unwrap_or(pattern)) {
            self.domains.insert(domain.to_string(), compiled);
            return true;
        }
        let Ok(address) = Address::parse(pattern) else { return false };
        self.addresses.insert(address.key(), compiled);
        true
    }

    /// The entry that says most about a sender.
    pub(crate) fn find(&self, sender: &Address) -> Option<Matched<'_>> {
        if let Some(entry) = self.addresses.get(&sender.key()) {
            return Some(entry.matched());
        }
        above(sender.domain().as_str())
            .find_map(|domain| self.domains.get(domain))
            .map(Entry::matched)
    }
}

impl Entry {
    fn matched(&self) -> Matched<'_> {
        Matched { pattern: &self.pattern, verify_sender: self.verify_sender, note: &self.note }
    }
}

/// A domain, then each domain above it, down to two labels.
pub(crate) fn above(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| Some(name.split_once('.')?.1))
        .take_while(|name| name.contains('.'))
        .take(LABELS_MAX)
}

const LABELS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use clawback_core::tenant::ListKind;

    use super::*;

    #[test]
    fn find_table() {
        let mut senders = Senders::default();
        for pattern in ["anna@corp.example", "corp.example", "@shop.example.net", "*.x.example"] {
            assert!(senders.add(&ListEntry {
                list: ListKind::Block,
                pattern: pattern.into(),
                verify_sender: false,
                note: String::new(),
            }));
        }
        let rows = [
            ("address before domain", "Anna@Corp.example", Some("anna@corp.example")),
            ("domain", "ben@corp.example", Some("corp.example")),
            ("below a domain", "a@mail.corp.example", Some("corp.example")),
            ("with at sign", "a@shop.example.net", Some("@shop.example.net")),
            ("with star", "a@b.x.example", Some("*.x.example")),
            ("not by ending alone", "a@evilcorp.example", None),
            ("not above", "a@example.net", None),
        ];
        for (rule, sender, meant) in rows {
            let sender = Address::parse(sender).unwrap();
            assert_eq!(senders.find(&sender).map(|matched| matched.pattern), meant, "{rule}");
        }
    }
}
