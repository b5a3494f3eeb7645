//! Received fields, clause by clause.

use std::net::IpAddr;

use clawback_mail::message::Moment;
use clawback_mql::Value;

use super::hops::raw;
use crate::model::ip;
use crate::model::lazy::known;
use crate::model::types::mail::{
    RECEIVED, RECEIVED_ADDITIONAL, RECEIVED_BY, RECEIVED_FOR, RECEIVED_FROM, RECEIVED_ID,
    RECEIVED_VIA, RECEIVED_WITH,
};

/// What stands after each keyword.
#[derive(Debug, Default)]
struct Clauses {
    from: String,
    by: String,
    via: String,
    with: String,
    id: String,
    mailbox: String,
    additional: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Clause {
    Additional,
    From,
    By,
    Via,
    With,
    Id,
    For,
}

/// The record of a field's value.
// spec: rfc5321#4.4
pub(super) fn value(text: &str) -> Value {
    let (clauses, date) = split(text);
    let read = Clauses::read(clauses);
    let moment = date.and_then(Moment::parse);
    known(
        &RECEIVED,
        [
            ("additional", raw(&RECEIVED_ADDITIONAL, &read.additional)),
            ("id", raw(&RECEIVED_ID, &read.id)),
            ("link", raw(&RECEIVED_VIA, &read.via)),
            ("mailbox", raw(&RECEIVED_FOR, &read.mailbox)),
            ("protocol", raw(&RECEIVED_WITH, &read.with)),
            ("server", raw(&RECEIVED_BY, &read.by)),
            ("source", raw(&RECEIVED_FROM, &read.from)),
            ("time", Value::text_or_null(moment.map(Moment::rfc3339))),
            ("zone_offset", Value::text_or_null(moment.map(Moment::zone))),
        ],
    )
}

/// The clauses, and the date behind the last semicolon.
fn split(text: &str) -> (&str, Option<&str>) {
    text.rsplit_once(';').map_or((text, None), |(clauses, date)| (clauses, Some(date.trim())))
}

impl Clauses {
    fn read(text: &str) -> Self {
        let mut clauses = Self::default();
        let mut clause = Clause::Additional;
        for word in words(text) {
            let next = match word.to_ascii_lowercase().as_str() {
                "from" => Clause::From,
                "by" => Clause::By,
                "via" => Clause::Via,
                "with" => Clause::With,
                "id" => Clause::Id,
                "for" => Clause::For,
                _ => {
                    clauses.push(clause, word);
                    continue;
                }
            };
            // A keyword that has its value already is a word.
            if clauses.slot(next).is_empty() {
                clause = next;
            } else {
                clauses.push(clause, word);
            }
        }
        clauses
    }

    fn slot(&mut self, clause: Clause) -> &mut String {
        match clause {
            Clause::Additional => &mut self.additional,
            Clause::From => &mut self.from,
            Clause::By => &mut self.by,
            Clause::Via => &mut self.via,
            Clause::With => &mut self.with,
            Clause::Id => &mut self.id,
            Clause::For => &mut self.mailbox,
        }
    }

    /// Comments tell about the source; elsewhere they are additional.
    fn push(&mut self, clause: Clause, word: &str) {
        let clause = match clause {
            Clause::From => Clause::From,
            _ if word.starts_with('(') => Clause::Additional,
            clause => clause,
        };
        let slot = self.slot(clause);
        if !slot.is_empty() {
            slot.push(' ');
        }
        slot.push_str(word);
    }
}

/// Words, a comment with everything in it being one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with('(') { comment_end(rest) } else { word_end(rest) };
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after;
        Some(word)
    })
    .take(WORDS_MAX)
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(text.len())
}

fn comment_end(text: &str) -> usize {
    let mut depth = 0_u32;
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            b'(' => depth = depth.saturating_add(1),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// The names of hosts before the date.
pub(super) fn hosts(text: &str) -> Vec<String> {
    let (clauses, _) = split(text);
    let is_separator = |c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | '=' | '<' | '>')
    };
    let words = clauses.split(is_separator).filter(|word| is_host(word));
    words.map(|word| word.trim_end_matches('.').to_ascii_lowercase()).collect()
}

fn is_host(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let is_name = word.len() <= HOST_OCTETS_MAX
        && word.contains('.')
        && word.bytes().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'.' | b'-' | b'_'));
    let last = word.rsplit('.').next().unwrap_or_default();
    // Versions and ids have dots as well.
    is_name
        && last.len() >= 2
        && last.bytes().all(|octet| octet.is_ascii_alphabetic())
        && psl::suffix(word.to_ascii_lowercase().as_bytes())
            .is_some_and(|suffix| suffix.is_known() || last.eq_ignore_ascii_case("example"))
}

/// The addresses of machines before the date.
pub(super) fn addresses(text: &str) -> Vec<IpAddr> {
    ip::all_in(split(text).0).collect()
}

const HOST_OCTETS_MAX: usize = 253;
const WORDS_MAX: usize = 500;
