//! Bringing a message back to how it was, reading its octets, and making it once more.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clawback_core::copy::Before;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::call::{Ask, Whose};
use super::gmail::{Changed, Gmail};
use super::message::Item;
use super::pace::Price;
use super::place::{INBOX, TRASH, is_applicable};
use super::token::Scope;
use crate::client::Intent;
use crate::error::{Cause, ProviderError};
use crate::provider::{MailboxRef, RAW_OCTETS_MAX, Relocated};

impl Gmail {
    /// See [`crate::MailboxProvider::put_back`]. A label of its owner's that is gone meanwhile
    /// cannot be put on and is left out.
    pub(super) async fn restore(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        let subject = self.subject(mailbox).await?;
        let now = self.in_time(self.labels_of(&subject, item_id)).await?;
        let meant = applicable(before);
        let on: Vec<String> = meant.iter().filter(|it| !now.contains(it)).cloned().collect();
        let off = now.into_iter().filter(|it| is_applicable(it) && !meant.contains(it));
        let off: Vec<String> = off.take(LABELS_MAX).collect();
        if on.is_empty() && off.is_empty() {
            return Ok(Relocated { item_id: Some(item_id.to_owned()) });
        }
        self.relabel(&subject, item_id, on, off).await
    }

    /// Puts labels on and takes others off.
    ///
    /// One request, so that a message is never half put back. That Trash is one of the labels that
    /// can be taken off like this is what the table of labels says; where the service does not let
    /// us, or a label is gone meanwhile, nothing was done, and it goes step by step.
    pub(super) async fn relabel(
        &self,
        subject: &str,
        item_id: &str,
        mut on: Vec<String>,
        mut off: Vec<String>,
    ) -> Result<Relocated, ProviderError> {
        let body = json!({ "addLabelIds": on, "removeLabelIds": off });
        let placed = self.act(subject, item_id, "modify", Some(&body)).await;
        if placed != Err(REFUSED) {
            return placed;
        }
        let known = self.in_time(self.labels(subject)).await?;
        on.retain(|label| known.contains(label));
        off.retain(|label| known.contains(label) && label != TRASH);
        let untrashed = self.act(subject, item_id, "untrash", None).await?;
        if on.is_empty() && off.is_empty() {
            return Ok(untrashed);
        }
        let body = json!({ "addLabelIds": on, "removeLabelIds": off });
        // The first step was taken: whatever comes of the second, look before you ask again.
        let placed = self.act(subject, item_id, "modify", Some(&body)).await;
        placed.map_err(ProviderError::begun)
    }

    /// The labels that a message has.
    async fn labels_of(&self, subject: &str, item_id: &str) -> Result<Vec<String>, ProviderError> {
        let url = self.url(&["messages", item_id], &[("format", "minimal")])?;
        let ask = Ask::question(Whose::Mailbox(subject), Scope::Modify, Price::Get, url);
        Ok(self.caller.read::<Item>(&ask, "message").await?.label_ids)
    }

    /// The ids of the labels that a mailbox has.
    async fn labels(&self, subject: &str) -> Result<Vec<String>, ProviderError> {
        let url = self.url(&["labels"], &[])?;
        let ask = Ask::question(Whose::Mailbox(subject), Scope::Modify, Price::Labels, url);
        let shown: Labels = self.caller.read(&ask, "labels").await?;
        Ok(shown.labels.into_iter().map(|label| label.id).collect())
    }

    /// The octets of a message; `None` where there is none.
    // spec: gmail:users.messages.get
    pub(super) async fn fetch(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Vec<u8>>, ProviderError> {
        let subject = self.directory.primary(&self.caller, mailbox).await?;
        let url = self.url(&["messages", item_id], &[("format", "raw")])?;
        let whose = Whose::Mailbox(&subject);
        let ask = Ask {
            intent: Intent::Download,
            ..Ask::question(whose, Scope::Modify, Price::Get, url)
        };
        let too_large = ProviderError::TooLarge { octets_max: RAW_OCTETS_MAX };
        let answer = match self.caller.perform(&ask).await {
            Err(ProviderError::ItemGone) => return Ok(None),
            answer => answer?,
        };
        let body = answer.body.map_err(|cause| match cause {
            Cause::TooLarge => too_large,
            cause => ProviderError::Failed(cause),
        })?;
        let malformed = ProviderError::Malformed { what: "octets of a message" };
        let shown: Raw = serde_json::from_slice(&body).map_err(|_| malformed)?;
        drop(body);
        let octets = URL_SAFE_NO_PAD.decode(shown.raw.trim_end_matches('='));
        let octets = octets.map_err(|_| malformed)?;
        if octets.len() > RAW_OCTETS_MAX { Err(too_large) } else { Ok(Some(octets)) }
    }

    /// See [`crate::MailboxProvider::recreate`]: a message with the octets, the date and the labels
    /// of the lost one.
    // spec: gmail:users.messages.insert
    pub(super) async fn insert(
        &self,
        mailbox: &MailboxRef,
        raw: &[u8],
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        if raw.len() > INSERTED_OCTETS_MAX {
            return Err(ProviderError::TooLarge { octets_max: INSERTED_OCTETS_MAX });
        }
        let subject = self.subject(mailbox).await?;
        let mut labels = applicable(before);
        if before.labels.is_empty() && before.folder_id.is_empty() {
            labels.push(INBOX.to_owned());
        }
        let made = self.insert_with(&subject, raw, &labels).await;
        if made != Err(REFUSED) {
            return made;
        }
        // A label is gone meanwhile: nothing was made.
        let known = self.in_time(self.labels(&subject)).await?;
        let all = labels.len();
        labels.retain(|label| known.contains(label));
        if labels.len() == all {
            return made;
        }
        self.insert_with(&subject, raw, &labels).await
    }

    async fn insert_with(
        &self,
        subject: &str,
        raw: &[u8],
        labels: &[String],
    ) -> Result<Relocated, ProviderError> {
        let body = json!({ "raw": URL_SAFE_NO_PAD.encode(raw), "labelIds": labels });
        let options = [("internalDateSource", "dateHeader")];
        let ask = Ask {
            whose: Whose::Mailbox(subject),
            scope: Scope::Modify,
            price: Price::Insert,
            intent: Intent::Write,
            method: Method::POST,
            url: self.url(&["messages"], &options)?,
            body: Some(&body),
        };
        let shown: Changed = self.caller.change(&ask).await?;
        Ok(Relocated { item_id: Some(shown.id) })
    }
}

/// The labels of a noted state that a request can put on.
fn applicable(before: &Before) -> Vec<String> {
    before.labels.iter().filter(|it| is_applicable(it)).take(LABELS_MAX).cloned().collect()
}

#[derive(Deserialize)]
struct Labels {
    #[serde(default)]
    labels: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Raw {
    raw: String,
}

/// What the service says to a label that it does not know, or does not let us touch.
const REFUSED: ProviderError = ProviderError::Failed(Cause::Status(400));
/// A request may name at most a hundred labels.
const LABELS_MAX: usize = 100;
/// What one request in JSON may carry is not documented; a message of this size has gone through.
pub(super) const INSERTED_OCTETS_MAX: usize = 4 * 1024 * 1024;
