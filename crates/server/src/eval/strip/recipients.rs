//! Every way to write a recipient, and the one person who is written instead.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clawback_mail::message::Message;

/// What is looked for, and what stands there afterwards.
pub(super) struct Recipients {
    patterns: Vec<Pattern>,
    finder: Option<AhoCorasick>,
}

struct Pattern {
    from: String,
    to: String,
    /// Letters and digits may not touch it.
    is_word: bool,
    /// Only in exactly these letters: it is a word of some language too.
    is_exact: bool,
}

impl Pattern {
    fn new(from: &str, to: &str) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), is_word: false, is_exact: false }
    }

    fn word(from: &str, to: &str) -> Self {
        Self { is_word: true, ..Self::new(from, to) }
    }

    fn exact(from: &str, to: &str) -> Self {
        Self { is_exact: true, ..Self::word(from, to) }
    }
}

impl Recipients {
    /// Replaces nothing.
    pub(super) fn nobody() -> Self {
        Self { patterns: Vec::new(), finder: None }
    }

    /// Everybody the header of a message names as a recipient, and who the collections are known
    /// by. An author is not replaced, also where the author is a recipient: mail would look as if
    /// it pretended to come from inside.
    pub(super) fn of(raw: &[u8]) -> Self {
        let header_end = header_end(raw);
        let message = Message::parse(raw.get(..header_end).unwrap_or(raw));
        let authors = message.from.iter().chain(&message.reply_to).chain(&message.sender);
        let authors: BTreeSet<String> = authors.map(|mailbox| mailbox.raw.to_lowercase()).collect();
        let mut addresses = BTreeSet::new();
        let mut names = BTreeSet::new();
        for mailbox in message.to.iter().chain(&message.cc) {
            addresses.insert(mailbox.raw.to_lowercase());
            let is_name = mailbox.name.len() >= NAME_OCTETS_MIN && !mailbox.name.contains('@');
            if is_name && !message.from.iter().any(|author| author.name == mailbox.name) {
                names.insert(mailbox.name.clone());
            }
        }
        for name in DELIVERED {
            let values = message.all_headers(name);
            addresses.extend(values.map(|value| value.trim_matches(BRACKETS).to_lowercase()));
        }
        for value in message.all_headers("Received") {
            let stated = value.split_once(" for <").and_then(|(_, rest)| rest.split_once('>'));
            addresses.extend(stated.map(|(address, _)| address.to_lowercase()));
        }
        let is_theirs = |address: &String| address.contains('@') && !authors.contains(address);
        let addresses = addresses.into_iter().filter(is_theirs).take(RECIPIENTS_MAX);
        Self::compile(addresses, names)
    }

    fn compile(
        addresses: impl Iterator<Item = String>,
        names: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut patterns = Vec::new();
        let known = KNOWN_ADDRESSES.map(str::to_owned);
        // These were written over others in the middle of words.
        patterns.extend(known.iter().map(|address| Pattern::new(address, CONSTANT)));
        for address in known.iter().cloned().chain(addresses) {
            if !known.contains(&address) {
                patterns.push(Pattern::word(&address, CONSTANT));
            }
            for at in ["%40", "=40"] {
                patterns.push(Pattern::new(&address.replace('@', at), &CONSTANT.replace('@', at)));
            }
            let mut encoded = Pattern::new(&STANDARD.encode(&address), &STANDARD.encode(CONSTANT));
            encoded.is_exact = true;
            patterns.push(encoded);
        }
        patterns.extend(KNOWN_DOMAINS.map(|domain| Pattern::word(domain, CONSTANT_DOMAIN)));
        patterns.extend(KNOWN_WORDS.map(|word| Pattern::exact(word, "person")));
        patterns.extend(names.into_iter().map(|name| Pattern::exact(&name, CONSTANT_NAME)));
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns.iter().map(|pattern| pattern.from.as_str()));
        Self { patterns, finder: finder.ok() }
    }

    /// The text with the one person in the place of every recipient.
    pub(super) fn replaced(&self, text: &[u8]) -> Vec<u8> {
        self.written_over(text, CONSTANT_DOMAIN)
    }

    /// The same of a field that names an author: whoever wrote under a collection's own domain
    /// did not write from inside the organisation.
    pub(super) fn replaced_in_author(&self, text: &[u8]) -> Vec<u8> {
        self.written_over(text, AUTHOR_DOMAIN)
    }

    fn written_over(&self, text: &[u8], domain: &str) -> Vec<u8> {
        let Some(finder) = &self.finder else { return text.to_vec() };
        let mut out = Vec::with_capacity(text.len());
        let mut copied = 0;
        for found in finder.find_iter(text) {
            let Some(pattern) = self.patterns.get(found.pattern().as_usize()) else { continue };
            let touches = |octet: Option<&u8>| octet.is_some_and(u8::is_ascii_alphanumeric);
            let before = found.start().checked_sub(1).and_then(|at| text.get(at));
            // An equals sign in quoted-printable ends in a letter.
            let ends_escape = text.get(..found.start()).is_some_and(|it| it.ends_with(b"=3D"));
            let touches_before = touches(before) && !ends_escape;
            let within = pattern.is_word && (touches_before || touches(text.get(found.end())));
            let is_other =
                pattern.is_exact && text.get(found.range()) != Some(pattern.from.as_bytes());
            if within || is_other {
                continue;
            }
            out.extend_from_slice(text.get(copied..found.start()).unwrap_or_default());
            let to = if pattern.to == CONSTANT_DOMAIN { domain } else { &pattern.to };
            out.extend_from_slice(to.as_bytes());
            copied = found.end();
        }
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
        out
    }
}

/// Where the header section ends, the empty line included.
fn header_end(raw: &[u8]) -> usize {
    let mut at = 0;
    for line in raw.split_inclusive(|octet| *octet == b'\n') {
        at += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    at
}

/// The one recipient.
pub(in crate::eval) const CONSTANT: &str = "person@corp.example";
const CONSTANT_DOMAIN: &str = "corp.example";
const AUTHOR_DOMAIN: &str = "author.example";
const CONSTANT_NAME: &str = "Pat Person";

/// Recipients by whom one can tell a public collection.
const KNOWN_ADDRESSES: [&str; 4] =
    ["phishing@pot", "phish@pot", "jose@monkey.org", "hibody@csmining.org"];
const KNOWN_DOMAINS: [&str; 2] = ["monkey.org", "csmining.org"];
const KNOWN_WORDS: [&str; 3] = ["jose", "csmining", "hibody"];

/// Fields that hold nothing but an address to which it went.
const DELIVERED: [&str; 4] = ["Delivered-To", "Envelope-To", "X-Original-To", "Apparently-To"];
const BRACKETS: [char; 4] = ['<', '>', ' ', '\t'];

/// Shorter names are words.
const NAME_OCTETS_MIN: usize = 5;
const RECIPIENTS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_replaced_in_every_form_and_nothing_like_it() {
        let recipients = Recipients::of(b"To: Eva Long <eva@shop.example>\n\n");
        let rows = [
            ("mail EVA@Shop.example now", "mail person@corp.example now"),
            ("?e=eva%40shop.example&x", "?e=person%40corp.example&x"),
            ("eva=40shop.example", "person=40corp.example"),
            ("#ZXZhQHNob3AuZXhhbXBsZQ==", "#cGVyc29uQGNvcnAuZXhhbXBsZQ=="),
            ("geneva@shop.example", "geneva@shop.example"),
            ("eva@shop.examples", "eva@shop.examples"),
            ("Dear Eva Long!", "Dear Pat Person!"),
            ("eva long", "eva long"),
            ("jose, San Jose", "person, San Jose"),
            ("h=3Deva@shop.example", "h=3Dperson@corp.example"),
            ("?rphishing@pot6;", "?rperson@corp.example6;"),
            ("www.monkey.org", "www.corp.example"),
        ];
        for (before, after) in rows {
            let got = recipients.replaced(before.as_bytes());
            assert_eq!(String::from_utf8(got).unwrap(), after);
        }
        let author = recipients.replaced_in_author(b"From: tom@csmining.org");
        assert_eq!(author, b"From: tom@author.example");
    }
}
