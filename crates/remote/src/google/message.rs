//! What Gmail tells of a message, and what we make of it.

use clawback_core::UnixMillis;
use clawback_core::copy::Before;
use clawback_core::identity::Identity;
use clawback_mail::message::Message;
use serde::Deserialize;

use super::place::{UNREAD, folder_of, placing};
use crate::provider::Found;

/// A message as `format=metadata` shows it.
// spec: gmail:users.messages.get
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    id: String,
    #[serde(default)]
    pub(crate) label_ids: Vec<String>,
    /// Milliseconds, as a text.
    #[serde(default)]
    internal_date: Option<String>,
    #[serde(default)]
    payload: Option<Payload>,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    headers: Vec<HeaderLine>,
}

#[derive(Deserialize)]
struct HeaderLine {
    name: String,
    value: String,
}

impl Item {
    /// The item as the rest of the program knows it.
    pub(crate) fn found(mut self) -> Found {
        self.label_ids.truncate(LABELS_MAX);
        self.label_ids.sort();
        let labels = self.label_ids;
        let lines = self.payload.map(|payload| payload.headers).unwrap_or_default();
        let received = self.internal_date.and_then(|text| text.parse().ok()).map(UnixMillis);
        let folder_id = placing(&labels).to_owned();
        Found {
            item_id: self.id,
            folder: folder_of(&labels),
            folder_id: folder_id.clone(),
            identity: Identity { received, ..identity(&lines) },
            before: Before {
                folder_id,
                is_read: !labels.iter().any(|label| label == UNREAD),
                labels,
                ..Before::default()
            },
        }
    }
}

/// What a header section says, read by the same parser as the journaled one.
///
/// Whether the service shows encoded words as they are or decoded is not documented: both come to
/// the same here. There is no id of the provider's own in it that a sender could not write.
fn identity(lines: &[HeaderLine]) -> Identity {
    let mut section = String::new();
    for line in lines.iter().take(LINES_MAX) {
        let is_wanted = WANTED.iter().any(|name| name.eq_ignore_ascii_case(&line.name));
        if is_wanted {
            // A line break in a value would begin a field of its sender's choosing.
            let value = line.value.replace(['\r', '\n'], " ");
            section.push_str(&format!("{}: {value}\r\n", line.name));
        }
    }
    section.push_str("\r\n");
    let message = Message::parse(section.as_bytes());
    let from = message.from.first().and_then(|mailbox| mailbox.address.as_ref());
    let millis = |seconds: i64| u64::try_from(seconds).ok().map(|s| UnixMillis(s * 1_000));
    Identity {
        message_id: message.message_id.clone().unwrap_or_default(),
        from: from.map(clawback_mail::address::Address::key).unwrap_or_default(),
        subject: message.subject.clone(),
        sent: message.date.and_then(millis),
        received: None,
        network_id: None,
    }
}

/// The header fields that an [`Item`] needs.
pub(crate) const WANTED: [&str; 4] = ["Message-ID", "From", "Subject", "Date"];
const LABELS_MAX: usize = 500;
const LINES_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Found {
        serde_json::from_str::<Item>(json).unwrap().found()
    }

    #[test]
    fn a_whole_item() {
        let found = found(
            r#"{"id":"19a8","threadId":"19a8","labelIds":["UNREAD","INBOX"],"snippet":"x",
            "internalDate":"1789459920000","payload":{"headers":[
            {"name":"Message-Id","value":"<a@shop.example.net>"},
            {"name":"From","value":"Shop <Billing@Shop.example.net>"},
            {"name":"Subject","value":"Résumé"},
            {"name":"Date","value":"Tue, 15 Sep 2026 08:11:00 +0000"}]}}"#,
        );
        let identity = Identity {
            message_id: "a@shop.example.net".into(),
            from: "billing@shop.example.net".into(),
            subject: "Résumé".into(),
            sent: Some(UnixMillis(1_789_459_860_000)),
            received: Some(UnixMillis(1_789_459_920_000)),
            network_id: None,
        };
        assert_eq!(found.identity, identity);
        assert_eq!(found.before.labels, ["INBOX", "UNREAD"]);
        assert!(!found.before.is_read);
        assert_eq!((found.item_id.as_str(), found.folder_id.as_str()), ("19a8", "INBOX"));
    }

    #[test]
    fn encoded_words_come_to_the_same_as_decoded_ones() {
        let of = |subject: &str| {
            found(&format!(
                r#"{{"id":"a","payload":{{"headers":[{{"name":"Subject","value":"{subject}"}}]}}}}"#
            ))
            .identity
            .subject
        };
        assert_eq!(of("=?utf-8?q?R=C3=A9sum=C3=A9?="), of("Résumé"));
    }

    #[test]
    fn a_value_cannot_bring_fields_of_its_own() {
        let found = found(
            r#"{"id":"a","payload":{"headers":[
            {"name":"Subject","value":"x\r\nMessage-ID: <forged@x.example>"},
            {"name":"X-Odd\r\nMessage-ID","value":"<forged@x.example>"}]}}"#,
        );
        assert_eq!(found.identity.message_id, "");
    }

    #[test]
    fn an_item_without_an_id_is_none() {
        for json in [r#"{"labelIds":["INBOX"]}"#, "{}", "[]", "null", r#"{"id":7}"#] {
            assert!(serde_json::from_str::<Item>(json).is_err(), "{json}");
        }
    }
}
