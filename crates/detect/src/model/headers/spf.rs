//! Received-SPF fields.

use clawback_mql::Value;

use crate::model::ip;
use crate::model::lazy::known;
use crate::model::names::Domain;
use crate::model::types::mail::SPF;

/// The fields that state a result of SPF alone.
pub(super) const FIELDS: [&str; 2] = ["Received-SPF", "X-Received-SPF"];

/// The record of a field's value: `Pass (mx: domain of a@b designates …) client-ip=…; helo=…;`.
// spec: rfc7208#9.1
pub(super) fn value(text: &str) -> Value {
    let verdict = text.split([' ', '(', ';']).next().unwrap_or_default().to_ascii_lowercase();
    let comment = text.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let comment = comment.map(|(comment, _)| comment.trim());
    let after = text.rsplit_once(')').map_or(text, |(_, after)| after);
    let property = |names: &[&str]| {
        let pairs = after.split([';', ' ', '\t']).filter_map(|pair| pair.split_once('='));
        let mut found =
            pairs.filter(|(name, _)| names.iter().any(|n| name.eq_ignore_ascii_case(n)));
        found.next().map(|(_, value)| value.trim_matches(['"', '<', '>'])).filter(|v| !v.is_empty())
    };
    let designator = property(&["envelope-from", "smtp.mailfrom"]).or_else(|| designated(comment?));
    let server = property(&["receiver"]).or_else(|| comment?.split_once(':').map(|(s, _)| s));
    let client = property(&["client-ip"]).map_or(Value::Null, ip::first_in);
    known(
        &SPF,
        [
            ("client_ip", client),
            ("description", Value::text_or_null(comment)),
            ("designator", Value::text_or_null(designator)),
            ("helo", domain_or_null(property(&["helo"]))),
            ("server", domain_or_null(server)),
            ("verdict", Value::filled(&verdict)),
        ],
    )
}

/// The word after `domain of`.
fn designated(comment: &str) -> Option<&str> {
    let (_, after) = comment.split_once("omain of ")?;
    let word = after.trim_start_matches("transitioning ").split_whitespace().next()?;
    Some(word.trim_matches(['"', '<', '>', ':']))
}

/// A domain, or null for none.
pub(super) fn domain_or_null(name: Option<&str>) -> Value {
    name.map_or(Value::Null, Domain::value)
}
