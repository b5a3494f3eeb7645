//! Hops: what each server on the way wrote, the oldest first.

use std::rc::Rc;

use clawback_mail::message::Header;
use clawback_mql::{RecordType, Value};

use super::{received, results, signature, spf};
use crate::model::lazy::{Fields, Lazy, known};
use crate::model::source::Source;
use crate::model::types::mail::{HOP, HOP_FIELD};

/// The fields of one hop, as places in the header section.
pub(super) type Range = std::ops::Range<usize>;

/// Every hop begins with its Received field and goes down to the next; what stands above all of
/// them was written by the last server, what has none is one hop.
pub(super) fn ranges(headers: &[Header]) -> Vec<Range> {
    let received =
        |(_, header): &(usize, &Header)| header.name.trim().eq_ignore_ascii_case("Received");
    let starts: Vec<usize> =
        headers.iter().enumerate().filter(received).map(|(at, _)| at).take(HOPS_MAX).collect();
    let mut ranges = Vec::with_capacity(starts.len().max(1));
    let mut end = headers.len();
    for start in starts.iter().rev() {
        ranges.push(*start..end);
        end = *start;
    }
    match ranges.last_mut() {
        Some(newest) => newest.start = 0,
        None => ranges.push(0..headers.len()),
    }
    ranges
}

/// One hop.
pub(super) struct Hop {
    pub(super) source: Rc<Source>,
    pub(super) index: usize,
    pub(super) range: Range,
}

impl Hop {
    fn headers(&self) -> impl Iterator<Item = &Header> {
        self.source.message.headers.get(self.range.clone()).unwrap_or_default().iter()
    }

    fn first(&self, names: &[&str]) -> Option<&Header> {
        self.headers().find(|header| is_one_of(header, names))
    }
}

/// Whether a field has one of these names.
pub(super) fn is_one_of(header: &Header, names: &[&str]) -> bool {
    let is = |name: &&str| {
        // Most names differ in length, and the rest of the looking is then spared.
        header.name.len() >= name.len() && header.name.trim().eq_ignore_ascii_case(name)
    };
    names.iter().any(is)
}

impl Fields for Hop {
    const TYPE: &'static RecordType = &HOP;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "authentication_results" => self
                .first(&results::FIELDS)
                .map_or(Value::Null, |header| results::value(&header.name, &header.value)),
            "fields" => Value::list(
                self.headers()
                    .zip(self.range.start..)
                    .map(|(_, at)| Lazy::value(HopField { source: Rc::clone(&self.source), at })),
            ),
            "index" => Value::int(self.index),
            "received" => self
                .first(&["Received"])
                .map_or(Value::Null, |header| received::value(&header.value)),
            "received_spf" => {
                self.first(&spf::FIELDS).map_or(Value::Null, |header| spf::value(&header.value))
            }
            "signature" => self
                .first(&signature::FIELDS)
                .map_or(Value::Null, |header| signature::value(&header.name, &header.value)),
            _ => Value::Null,
        }
    }
}

/// One header field.
struct HopField {
    source: Rc<Source>,
    at: usize,
}

impl Fields for HopField {
    const TYPE: &'static RecordType = &HOP_FIELD;

    fn compute(&self, name: &'static str) -> Value {
        let Some(header) = self.source.message.headers.get(self.at) else { return Value::Null };
        match name {
            "name" => Value::text(header.name.trim()),
            "position" => Value::int(self.at),
            "value" => Value::text(header.value.as_str()),
            _ => Value::Null,
        }
    }
}

/// A record of one raw text; null for none.
pub(super) fn raw(of: &'static RecordType, text: &str) -> Value {
    match text.trim() {
        "" => Value::Null,
        text => known(of, [("raw", Value::text(text))]),
    }
}

const HOPS_MAX: usize = 200;
