//! Is the item in the mailbox the message that was journaled?
//!
//! A journal report is a trigger, not an authority, and a Message-ID is chosen by the sender: it
//! can be copied from a good mail. So before any move the live item is compared with what was
//! journaled, and one that differs is left alone.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;

/// What of a message is compared; the same from the journaled original and the live item.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Identity {
    /// The Message-ID without angle brackets.
    pub message_id: String,
    /// The address of the first `From` mailbox, as a comparison key; empty where there is none.
    pub from: String,
    /// The decoded subject.
    pub subject: String,
    /// The `Date` field.
    pub sent: Option<UnixMillis>,
    /// When it was received: by us for the journaled one, by the mailbox for the live one.
    pub received: Option<UnixMillis>,
    /// The id that the provider itself gave the message; senders cannot choose it.
    #[serde(default)]
    pub network_id: Option<String>,
}

/// In what the live item differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mismatch {
    /// Another `From` address.
    From,
    /// Another Message-ID.
    MessageId,
    /// Another id of the provider's own, or one where the report states none.
    NetworkId,
    /// Received too far from when it was journaled.
    Received,
    /// Another `Date`.
    Sent,
    /// Another subject.
    Subject,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::From => "sender",
            Self::MessageId => "message id",
            Self::NetworkId => "the provider's own id",
            Self::Received => "time of receipt",
            Self::Sent => "date",
            Self::Subject => "subject",
        })
    }
}

impl Identity {
    /// Compares the journaled message with a live item.
    ///
    /// The provider's own id decides where the live item has one: a stranger can copy every field
    /// of a good mail into a phish or a forged report, but not that. Where it has none, every
    /// field must agree, a missing one included. Without a Message-ID nothing is the same.
    /// Providers normalise white space in subjects, and cut long ones.
    ///
    /// # Errors
    /// The first field that differs.
    pub fn same_as(&self, live: &Self) -> Result<(), Mismatch> {
        if self.message_id.is_empty() || self.message_id != live.message_id {
            return Err(Mismatch::MessageId);
        }
        let proven = match (&self.network_id, &live.network_id) {
            (Some(ours), Some(theirs)) if ours.eq_ignore_ascii_case(theirs) => true,
            (_, Some(_)) => return Err(Mismatch::NetworkId),
            (_, None) => false,
        };
        // A provider names senders of its own by a directory path, which cannot be compared.
        let unknown = proven && (live.from.is_empty() || self.from.is_empty());
        if self.from != live.from && !unknown {
            return Err(Mismatch::From);
        }
        if !same_subject(&self.subject, &live.subject) {
            return Err(Mismatch::Subject);
        }
        if differs(self.sent, live.sent, SENT_APART_MAX) || (!proven && self.sent.is_none()) {
            return Err(Mismatch::Sent);
        }
        if differs(self.received, live.received, RECEIVED_APART_MAX) {
            return Err(Mismatch::Received);
        }
        Ok(())
    }
}

impl Identity {
    /// Compares the journaled message, this one, with an item that was made again from its octets.
    ///
    /// Such an item has no id of the provider's own, it was received when it was made, and what a
    /// provider makes of sender and date is not documented. What is looked for is our own work, so
    /// that it is not done twice: its Message-ID and its subject are enough.
    ///
    /// # Errors
    /// The first of them that differs.
    pub fn same_made_again(&self, live: &Self) -> Result<(), Mismatch> {
        if self.message_id.is_empty() || self.message_id != live.message_id {
            return Err(Mismatch::MessageId);
        }
        match same_subject(&self.subject, &live.subject) {
            true => Ok(()),
            false => Err(Mismatch::Subject),
        }
    }
}

fn differs(one: Option<UnixMillis>, other: Option<UnixMillis>, apart_max: Duration) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    one.since(other).max(other.since(one)) > apart_max
}

fn same_subject(journaled: &str, live: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (journaled, live) = (words(journaled), words(live));
    if live.chars().count() >= SUBJECT_CUT_CHARS {
        return journaled.starts_with(&live);
    }
    journaled == live
}

/// The Date field is copied; a provider that rounds it stays within this.
const SENT_APART_MAX: Duration = Duration::from_secs(60);
/// A report may wait at the sender for as long as Exchange retries: seven days, and one more.
const RECEIVED_APART_MAX: Duration = Duration::from_secs(8 * 86_400);
/// Providers store subjects of at most this many characters.
const SUBJECT_CUT_CHARS: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    fn journaled() -> Identity {
        Identity {
            message_id: "a@shop.example.net".into(),
            from: "billing@shop.example.net".into(),
            subject: "Your  invoice".into(),
            sent: Some(UnixMillis(1_000_000)),
            received: Some(UnixMillis(2_000_000)),
            network_id: Some("11c3a0f2-0a01-4bde-9001-08dd7bc504a6".into()),
        }
    }

    #[test]
    fn comparison_table() {
        let same = journaled();
        let rows: &[(&str, Identity, Result<(), Mismatch>)] = &[
            ("itself", same.clone(), Ok(())),
            ("white space", Identity { subject: "Your invoice ".into(), ..same.clone() }, Ok(())),
            (
                "copied id, other sender",
                Identity { from: "ceo@corp.example".into(), ..same.clone() },
                Err(Mismatch::From),
            ),
            (
                "copied id, other subject",
                Identity { subject: "Board minutes".into(), ..same.clone() },
                Err(Mismatch::Subject),
            ),
            (
                "an hour apart",
                Identity { sent: Some(UnixMillis(4_600_000)), ..same.clone() },
                Err(Mismatch::Sent),
            ),
            (
                "received last month",
                Identity {
                    received: Some(UnixMillis(2_000_000 + 30 * 86_400_000)),
                    ..same.clone()
                },
                Err(Mismatch::Received),
            ),
            (
                "no id",
                Identity { message_id: String::new(), ..same.clone() },
                Err(Mismatch::MessageId),
            ),
            ("no date known", Identity { sent: None, ..same.clone() }, Ok(())),
            (
                "everything copied, another item",
                Identity { network_id: Some("22c3".into()), ..same.clone() },
                Err(Mismatch::NetworkId),
            ),
            ("the provider tells no id", Identity { network_id: None, ..same.clone() }, Ok(())),
            (
                "neither id nor sender",
                Identity { network_id: None, from: String::new(), ..same.clone() },
                Err(Mismatch::From),
            ),
            (
                "a sender named by a directory path",
                Identity { from: String::new(), ..same.clone() },
                Ok(()),
            ),
        ];
        for (rule, live, meant) in rows {
            assert_eq!(same.same_as(live), *meant, "{rule}");
        }
        let made = Identity {
            network_id: None,
            received: Some(UnixMillis(2_000_000 + 30 * 86_400_000)),
            ..same.clone()
        };
        assert_eq!(same.same_as(&made), Err(Mismatch::Received));
        assert_eq!(same.same_made_again(&made), Ok(()), "made a month later");
        let other = Identity { subject: "Board minutes".into(), ..made.clone() };
        assert_eq!(same.same_made_again(&other), Err(Mismatch::Subject));
        assert_eq!(same.same_made_again(&Identity::default()), Err(Mismatch::MessageId));
        let forged = Identity { network_id: None, ..same.clone() };
        assert_eq!(forged.same_as(&same), Err(Mismatch::NetworkId), "a report that states none");
        let undated = Identity { sent: None, ..forged.clone() };
        assert_eq!(undated.same_as(&forged), Err(Mismatch::Sent), "left out on purpose");
        let nameless = Identity::default();
        assert_eq!(nameless.same_as(&nameless), Err(Mismatch::MessageId), "no id is no match");
    }
}
