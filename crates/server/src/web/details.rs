//! What an audit entry or a timeline has to say beside its action, in words.

use clawback_core::{Destination, Folder};
use serde_json::{Map, Value};

/// The details as `key value · key value`, cut to what a row holds.
pub(super) fn line(details: &Value) -> String {
    let Value::Object(fields) = details else { return bare(details) };
    let change = match (fields.get("old"), fields.get("new")) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => Some(changes(old, new)),
        _ => None,
    };
    let told = |key: &str| change.is_some() && (key == "old" || key == "new");
    let rest = fields
        .iter()
        .filter(|(key, value)| !told(key) && !empty(value))
        .map(|(key, value)| format!("{} {}", key.replace('_', " "), bare(value)));
    let parts = change.clone().into_iter().filter(|change| !change.is_empty()).chain(rest);
    cut(parts.collect::<Vec<_>>().join(" · "))
}

/// What differs between two versions of the same settings, and nothing else of them.
fn changes(old: &Map<String, Value>, new: &Map<String, Value>) -> String {
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    let differs = keys.filter(|key| old.get(*key) != new.get(*key));
    let side = |value: Option<&Value>| match value.map(bare).unwrap_or_default() {
        text if text.is_empty() => "none".to_owned(),
        text => text,
    };
    let told = differs.map(|key| format!("{key} {} → {}", side(old.get(key)), side(new.get(key))));
    told.collect::<Vec<_>>().join(", ")
}

/// An action as a sentence begins: `retraction.ordered` → `Retraction ordered`.
pub(super) fn action(action: &str) -> String {
    let known = match action {
        "copy.already_gone" => "Already gone",
        "copy.asked" => "Move asked for",
        "copy.moved" => "Moved, to be verified",
        "copy.not_found" => "Never arrived",
        "copy.retracted" => "Retracted and verified",
        "copy.refused" => "Refused",
        "copy.restored" => "Put back and verified",
        "job.cancelled" => "Job stopped",
        "job.ordered" => "Job ordered",
        "job.paused" => "Job paused",
        "job.resumed" => "Job goes on",
        "job.retried" => "Failures of a job tried again",
        "message.recorded" => "Recorded",
        "message.received" => "Received",
        "message.judged" | "verdict.recorded" => "Judged",
        "verdict.changed" => "Judged anew",
        "message.merged" => "Another report of it merged",
        "restoration.already_gone" => "Back already",
        "restoration.ordered" => "Restoration ordered",
        "retraction.ordered" => "Retraction ordered",
        "operator.sign_in_failed" => "Sign-in failed",
        "operator.signed_in" => "Signed in",
        "settings.auto_retract.changed" => "Auto-retract settings changed",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let words = action.replace(['.', '_'], " ");
    let mut characters = words.chars();
    characters.next().map(|c| c.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The icon and the tone of an action in a timeline.
pub(super) fn action_mark(action: &str) -> (&'static str, &'static str) {
    match action {
        "message.received" => ("inbox", ""),
        "message.recorded" | "message.merged" => ("mail", ""),
        "message.judged" | "verdict.changed" | "verdict.recorded" => ("shield", "accent"),
        "retraction.ordered" => ("bolt", "accent"),
        "copy.retracted" => ("retract", "ok"),
        "copy.restored" => ("undo", "ok"),
        "restoration.refused" | "restoration.abandoned" => ("alert", "bad"),
        "copy.already_gone" | "copy.cancelled" => ("badc", ""),
        "copy.refused" | "copy.abandoned" | "copy.not_found" => ("alert", "bad"),
        "copy.waiting" | "copy.held" | "copy.uncertain" => ("clock", "warn"),
        _ if action.starts_with("copy.") => ("retract", ""),
        _ if action.starts_with("restoration.") => ("undo", ""),
        "job.paused" => ("pause", "warn"),
        _ if action.starts_with("job.") => ("bolt", ""),
        _ if action.starts_with("settings.") => ("sliders", ""),
        _ => ("info", ""),
    }
}

fn bare(value: &Value) -> String {
    let text = match value {
        Value::String(text) => word(text),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(bare).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let parts = fields.iter().map(|(key, value)| format!("{key} {}", bare(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    cut(text)
}

/// Destinations and folders by their label, an id by its last digits (the first ones are the
/// time), all else as it is.
fn word(text: &str) -> String {
    if let Ok(destination) = text.parse::<Destination>() {
        return destination.label().to_owned();
    }
    let digits = text.bytes().filter(|byte| *byte != b'-').collect::<Vec<_>>();
    let is_id = digits.len() == ID_DIGITS && digits.iter().all(u8::is_ascii_hexdigit);
    match text.parse::<Folder>() {
        Ok(folder) => folder.label().to_owned(),
        Err(_) if is_id => {
            ['…'].into_iter().chain(text.chars().skip(text.len() - ID_DIGITS_SHOWN)).collect()
        }
        Err(_) => text.to_owned(),
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() || text == "none",
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LINE_OCTETS_MAX {
        text.truncate(text.floor_char_boundary(LINE_OCTETS_MAX));
        text.push('…');
    }
    text
}

const ID_DIGITS: usize = 32;
const ID_DIGITS_SHOWN: usize = 12;
const LINE_OCTETS_MAX: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_table() {
        let rows = [
            (json!({}), ""),
            (
                json!({"destination": "soft_delete", "copies": 3}),
                "copies 3 · destination Soft Delete",
            ),
            (json!({"old": {"SPAM": "junk"}, "none": null}), "old SPAM Junk Email"),
            (json!(["a", 1]), "a, 1"),
            (
                json!({
                    "old": {"SPAM": "junk", "BULK": "no_action"},
                    "new": {"SPAM": "soft_delete", "BULK": "no_action", "SPOOF": "trash"},
                    "version": 3,
                }),
                "SPAM Junk Email → Soft Delete, SPOOF none → Trash · version 3",
            ),
            (json!({"old": {"SPAM": "junk"}, "new": {"SPAM": "junk"}}), ""),
            (json!({"job": "01a20c19-4792-131f-d793-95b64b5a6276"}), "job …95b64b5a6276"),
            (json!({"reason": "none", "tries": 1}), "tries 1"),
        ];
        for (details, meant) in rows {
            assert_eq!(line(&details), meant);
        }
    }

    #[test]
    fn an_unknown_action_is_still_readable() {
        assert_eq!(action("tenant.list_entry.added"), "Tenant list entry added");
        assert_eq!(action(""), "");
    }
}
