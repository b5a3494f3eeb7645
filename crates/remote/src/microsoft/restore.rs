//! Bringing a message back to how it was, reading its octets, and making it once more.
//!
//! What has to be done is seen first, so that only what differs is asked for, and a call that is
//! made again after half of it was carried out does the other half.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clawback_core::copy::Before;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::call::Ask;
use super::graph::{Graph, changed};
use super::item::{Item, SELECTED};
use super::place::{INBOX, address};
use crate::client::Intent;
use crate::error::{Cause, ProviderError};
use crate::gate::Area;
use crate::provider::{RAW_OCTETS_MAX, Relocated};

impl Graph {
    /// See [`crate::MailboxProvider::put_back`].
    pub(super) async fn restore(
        &self,
        mailbox: &str,
        item_id: &str,
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        if before.folder_id.is_empty() {
            return Err(ProviderError::NoFolder);
        }
        let lies = self.in_time(self.item(mailbox, item_id)).await?;
        let (item, is_moved) = match lies.parent_folder_id == before.folder_id {
            true => (lies, false),
            false => (self.move_back(mailbox, item_id, &before.folder_id).await?, true),
        };
        let marked = self.mark(mailbox, &item, before).await;
        match is_moved {
            true => marked.map_err(ProviderError::begun)?,
            false => marked?,
        }
        Ok(Relocated { item_id: Some(item.id) })
    }

    async fn item(&self, mailbox: &str, item_id: &str) -> Result<Item, ProviderError> {
        let path = ["users", mailbox, "messages", item_id];
        let url = address(&self.caller.root, &path, &[("$select", SELECTED)])?;
        self.caller.read(Area::Mailbox(mailbox), url, "message").await
    }

    /// A move into a folder that may be gone.
    ///
    /// The service says of a folder that is not there what it says of an item that is not there;
    /// which of the two it meant is not documented, so the folder is asked for.
    async fn move_back(
        &self,
        mailbox: &str,
        item_id: &str,
        folder: &str,
    ) -> Result<Item, ProviderError> {
        let unclear = [ProviderError::ItemGone, REFUSED];
        let error = match self.move_to(mailbox, item_id, folder).await {
            Err(error) if unclear.contains(&error) => error,
            moved => return moved,
        };
        match self.in_time(self.has_folder(mailbox, folder)).await {
            Ok(false) => Err(ProviderError::NoFolder),
            // The move itself was refused, and so was not made.
            Ok(true) | Err(_) => Err(error),
        }
    }

    // spec: graph:mailfolder-get
    async fn has_folder(&self, mailbox: &str, folder: &str) -> Result<bool, ProviderError> {
        let path = ["users", mailbox, "mailFolders", folder];
        let url = address(&self.caller.root, &path, &[("$select", "id")])?;
        match self.caller.read::<Value>(Area::Mailbox(mailbox), url, "folder").await {
            Ok(_) => Ok(true),
            Err(ProviderError::ItemGone | ProviderError::NoFolder | REFUSED) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sets what of an item's marks differs from those that were noted.
    // spec: graph:message-update
    async fn mark(&self, mailbox: &str, item: &Item, before: &Before) -> Result<(), ProviderError> {
        let marks = differing(item, before);
        if marks.is_empty() {
            return Ok(());
        }
        let path = ["users", mailbox, "messages", &item.id];
        let ask = Ask {
            area: Area::Mailbox(mailbox),
            intent: Intent::Write,
            method: Method::PATCH,
            url: address(&self.caller.root, &path, &[])?,
            body: Some(&Value::Object(marks)),
        };
        self.caller.perform(&ask).await?;
        Ok(())
    }

    /// The octets of an item; `None` where there is none.
    // spec: graph:message-get
    pub(super) async fn fetch(
        &self,
        mailbox: &str,
        item_id: &str,
    ) -> Result<Option<Vec<u8>>, ProviderError> {
        let path = ["users", mailbox, "messages", item_id, "$value"];
        let ask = Ask {
            area: Area::Mailbox(mailbox),
            intent: Intent::Download,
            method: Method::GET,
            url: address(&self.caller.root, &path, &[])?,
            body: None,
        };
        let answer = match self.caller.perform(&ask).await {
            Err(ProviderError::ItemGone) => return Ok(None),
            answer => answer?,
        };
        let too_large = ProviderError::TooLarge { octets_max: RAW_OCTETS_MAX };
        match answer.body {
            Ok(octets) if octets.len() <= RAW_OCTETS_MAX => Ok(Some(octets)),
            Ok(_) | Err(Cause::TooLarge) => Err(too_large),
            Err(cause) => Err(ProviderError::Failed(cause)),
        }
    }

    /// See [`crate::MailboxProvider::recreate`].
    ///
    /// What is assumed here and no document says: that a message is made from MIME in a folder as
    /// it is at the root, that the limit of a request's body, four megabytes, is that of its
    /// base64, and that the Message-ID of the MIME is kept. What comes of it is always a draft.
    // spec: graph:user-post-messages
    pub(super) async fn create(
        &self,
        mailbox: &str,
        raw: &[u8],
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        if raw.len() > RECREATED_OCTETS_MAX {
            return Err(ProviderError::TooLarge { octets_max: RECREATED_OCTETS_MAX });
        }
        let folder = if before.folder_id.is_empty() { INBOX } else { &before.folder_id };
        let path = ["users", mailbox, "mailFolders", folder, "messages"];
        let ask = Ask {
            area: Area::Mailbox(mailbox),
            intent: Intent::Write,
            method: Method::POST,
            url: address(&self.caller.root, &path, &[])?,
            body: Some(&Value::String(STANDARD.encode(raw))),
        };
        let answer = self.caller.perform(&ask).await.map_err(|error| match error {
            // Nothing but the folder was named.
            ProviderError::ItemGone => ProviderError::NoFolder,
            error => error,
        })?;
        let made = changed(answer)?;
        self.mark(mailbox, &made, before).await.map_err(ProviderError::begun)?;
        Ok(Relocated { item_id: Some(made.id) })
    }
}

/// The marks to be set so that an item has those that were noted.
fn differing(item: &Item, before: &Before) -> Map<String, Value> {
    let is = item.marks();
    let sorted = |categories: &[String]| {
        let mut sorted = categories.to_vec();
        sorted.sort();
        sorted
    };
    let mut marks = Map::new();
    if is.is_read != before.is_read {
        marks.insert("isRead".to_owned(), json!(before.is_read));
    }
    if !before.flag.is_empty() && is.flag != before.flag {
        marks.insert("flag".to_owned(), json!({ "flagStatus": before.flag }));
    }
    if sorted(&is.categories) != sorted(&before.categories) {
        marks.insert("categories".to_owned(), json!(before.categories));
    }
    marks
}

/// What the service says to an id that is none of its own.
const REFUSED: ProviderError = ProviderError::Failed(Cause::Status(400));
/// As base64, just under four megabytes in whichever way they are counted.
pub(super) const RECREATED_OCTETS_MAX: usize = 2_990_000;
