//! What Graph tells of an item, and what we make of it.

use clawback_core::copy::Before;
use clawback_core::identity::Identity;
use clawback_core::{Folder, UnixMillis};
use clawback_mail::address::Address;
use serde::Deserialize;

use crate::provider::Found;

/// An item as `$select` with [`SELECTED`] shows it. What may be null outside is optional here.
// spec: graph:message
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) parent_folder_id: String,
    #[serde(default)]
    categories: Option<Vec<String>>,
    #[serde(default)]
    flag: Option<Flag>,
    #[serde(default)]
    from: Option<Recipient>,
    #[serde(default)]
    internet_message_headers: Option<Vec<HeaderLine>>,
    #[serde(default)]
    internet_message_id: Option<String>,
    #[serde(default)]
    is_read: Option<bool>,
    #[serde(default)]
    received_date_time: Option<String>,
    #[serde(default)]
    sent_date_time: Option<String>,
    #[serde(default)]
    subject: Option<String>,
}

#[derive(Deserialize)]
struct HeaderLine {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flag {
    #[serde(default)]
    flag_status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    #[serde(default)]
    email_address: Option<EmailAddress>,
}

#[derive(Deserialize)]
struct EmailAddress {
    #[serde(default)]
    address: Option<String>,
}

impl Item {
    /// The item as the rest of the program knows it, lying in this folder.
    pub(crate) fn found(self, folder: Folder) -> Found {
        let before = self.marks();
        let from = self.from.and_then(|from| from.email_address).and_then(|it| it.address);
        // A sender inside the organisation may be named by a directory path: not comparable.
        let from = from.and_then(|text| Address::parse(&text).ok());
        let headers = self.internet_message_headers.unwrap_or_default();
        let network_id =
            headers.into_iter().find(|line| line.name.eq_ignore_ascii_case(NETWORK_ID));
        let message_id = self.internet_message_id.unwrap_or_default();
        let identity = Identity {
            message_id: bare(&message_id).to_owned(),
            from: from.map(|address| address.key()).unwrap_or_default(),
            subject: self.subject.unwrap_or_default(),
            sent: self.sent_date_time.as_deref().and_then(moment),
            received: self.received_date_time.as_deref().and_then(moment),
            network_id: network_id.map(|line| line.value.trim().to_owned()),
        };
        Found { item_id: self.id, folder, folder_id: self.parent_folder_id, identity, before }
    }

    /// Where it lies and what its owner made of it.
    pub(crate) fn marks(&self) -> Before {
        let categories = self.categories.iter().flatten().take(CATEGORIES_MAX);
        Before {
            folder_id: self.parent_folder_id.clone(),
            is_read: self.is_read.unwrap_or_default(),
            flag: self.flag.as_ref().and_then(|it| it.flag_status.clone()).unwrap_or_default(),
            categories: categories.cloned().collect(),
            labels: Vec::new(),
        }
    }
}

/// A Message-ID without its angle brackets.
pub(crate) fn bare(message_id: &str) -> &str {
    let text = message_id.trim();
    let text = text.strip_prefix('<').unwrap_or(text);
    text.strip_suffix('>').unwrap_or(text)
}

// spec: rfc3339#5.6
fn moment(text: &str) -> Option<UnixMillis> {
    let at: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(at.as_millisecond()).ok().map(UnixMillis)
}

/// The properties that an [`Item`] needs.
pub(crate) const SELECTED: &str = "id,parentFolderId,categories,flag,from,internetMessageHeaders,\
    internetMessageId,isRead,receivedDateTime,sentDateTime,subject";
/// What the service writes into every message, and takes out of what comes from outside.
// spec: graph:message
const NETWORK_ID: &str = "X-MS-Exchange-Organization-Network-Message-Id";
const CATEGORIES_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Found {
        serde_json::from_str::<Item>(json).unwrap().found(Folder::Inbox)
    }

    #[test]
    fn a_whole_item() {
        let found = found(
            r#"{"@odata.etag":"W/\"1\"","id":"AAk=","parentFolderId":"AQM=","isRead":true,
            "internetMessageId":"<a@shop.example.net>","subject":"Your invoice",
            "receivedDateTime":"2026-09-15T08:12:00Z","sentDateTime":"2026-09-15T10:12:00.5+02:00",
            "from":{"emailAddress":{"name":"Shop","address":"Billing@Shop.example.net"}},
            "flag":{"flagStatus":"flagged"},"categories":["Red"],"internetMessageHeaders":[
            {"name":"x-ms-exchange-organization-network-message-id","value":"11c3a0f2"}]}"#,
        );
        let at = UnixMillis(1_789_459_920_000);
        let identity = Identity {
            message_id: "a@shop.example.net".into(),
            from: "billing@shop.example.net".into(),
            subject: "Your invoice".into(),
            sent: Some(UnixMillis(at.0 + 500)),
            received: Some(at),
            network_id: Some("11c3a0f2".into()),
        };
        assert_eq!(found.identity, identity);
        let before = Before {
            folder_id: "AQM=".into(),
            is_read: true,
            flag: "flagged".into(),
            categories: vec!["Red".into()],
            labels: Vec::new(),
        };
        assert_eq!((found.before, found.folder_id.as_str()), (before, "AQM="));
    }

    #[test]
    fn what_is_null_or_odd_is_not_known() {
        let found = found(
            r#"{"id":"a","parentFolderId":"b","internetMessageId":null,"subject":null,
            "receivedDateTime":"yesterday","sentDateTime":"0001-01-01T00:00:00Z","flag":null,
            "from":{"emailAddress":{"name":"Anna","address":"/O=CORP/CN=ANNA"}},
            "categories":null}"#,
        );
        assert_eq!(found.identity, Identity::default());
    }

    #[test]
    fn an_item_without_id_or_folder_is_none() {
        for json in [r#"{"id":"a"}"#, r#"{"parentFolderId":"b"}"#, "{}", "[]", "null"] {
            assert!(serde_json::from_str::<Item>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn debug_tells_nothing_of_the_mail() {
        let found = found(r#"{"id":"a","parentFolderId":"b","subject":"canary"}"#);
        assert!(!format!("{found:?}").contains("canary"));
    }
}
