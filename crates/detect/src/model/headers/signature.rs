//! Signatures: DKIM, its ancestor, and ARC.

use clawback_mql::{RecordType, Value};

use crate::model::lazy::{Fields, Lazy};
use crate::model::types::mail::SIGNATURE;

/// The fields that sign a message.
pub(super) const FIELDS: [&str; 4] =
    ["DKIM-Signature", "DomainKey-Signature", "X-Google-DKIM-Signature", "ARC-Message-Signature"];

/// A field that signs.
struct Signature {
    name: Box<str>,
    tags: Vec<(Box<str>, Box<str>)>,
}

/// The record of a field.
// spec: rfc6376#3.5
pub(super) fn value(name: &str, text: &str) -> Value {
    let text = text.get(..VALUE_OCTETS_MAX).unwrap_or(text);
    let pairs = text.split(';').filter_map(|tag| tag.split_once('=')).take(TAGS_MAX);
    let without_space = |text: &str| text.split_whitespace().collect::<String>().into_boxed_str();
    let tags = pairs.map(|(name, value)| (name.trim().into(), without_space(value))).collect();
    Lazy::value(Signature { name: name.trim().into(), tags })
}

impl Fields for Signature {
    const TYPE: &'static RecordType = &SIGNATURE;

    fn compute(&self, name: &'static str) -> Value {
        let tag = match name {
            "algorithm" => "a",
            "body_hash" => "bh",
            "domain" => "d",
            "headers" => "h",
            "instance" => "i",
            "selector" => "s",
            "signature" => "b",
            "version" => "v",
            "type" => return Value::text(&*self.name),
            _ => return Value::Null,
        };
        // `i` is an identity except in ARC.
        if tag == "i" && !self.name.get(..3).is_some_and(|f| f.eq_ignore_ascii_case("arc")) {
            return Value::Null;
        }
        let found = self.tags.iter().find(|(found, _)| **found == *tag);
        Value::text_or_null(found.map(|(_, value)| value.clone()))
    }
}

const TAGS_MAX: usize = 40;
const VALUE_OCTETS_MAX: usize = 16 * 1024;
