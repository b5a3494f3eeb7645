//! Which of a mailbox's folders are the ones with a meaning of their own.
//!
//! A folder's id never changes, so a mailbox is asked once for a while.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::Folder;
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::call::Caller;
use super::place::{DELETIONS, INBOX, JUNK, TRASH, address};
use crate::cache::Cache;
use crate::error::ProviderError;
use crate::gate::Area;

/// The ids of the folders that matter, mailbox by mailbox.
pub(crate) struct Folders {
    known: Cache<String, Arc<OnceCell<WellKnown>>>,
}

/// The ids in one mailbox; absent where it has no such folder.
#[derive(Clone, Debug)]
pub(crate) struct WellKnown {
    deletions: Option<String>,
    inbox: Option<String>,
    junk: Option<String>,
    trash: Option<String>,
}

impl WellKnown {
    /// What the folder with this id means.
    pub(crate) fn folder(&self, id: &str) -> Folder {
        let is = |known: &Option<String>| known.as_deref() == Some(id);
        match () {
            () if is(&self.inbox) => Folder::Inbox,
            () if is(&self.junk) => Folder::Junk,
            () if is(&self.trash) => Folder::Trash,
            () if is(&self.deletions) => Folder::SoftDeleted,
            () => Folder::Other,
        }
    }
}

impl Folders {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(MAILBOXES_MAX, KEEP) }
    }

    /// The folders of a mailbox; those who ask for the same one wait for one answer.
    pub(crate) async fn of(
        &self,
        caller: &Caller,
        mailbox: &str,
    ) -> Result<WellKnown, ProviderError> {
        let now = caller.clock.now();
        let cell = self.known.get_or_put(mailbox.to_owned(), now, Arc::default);
        cell.get_or_try_init(|| fetch(caller, mailbox)).await.cloned()
    }
}

async fn fetch(caller: &Caller, mailbox: &str) -> Result<WellKnown, ProviderError> {
    let (inbox, junk, trash, deletions) = tokio::try_join!(
        folder_id(caller, mailbox, INBOX),
        folder_id(caller, mailbox, JUNK),
        folder_id(caller, mailbox, TRASH),
        folder_id(caller, mailbox, DELETIONS),
    )?;
    Ok(WellKnown { deletions, inbox, junk, trash })
}

// spec: graph:mailfolder-get
async fn folder_id(
    caller: &Caller,
    mailbox: &str,
    name: &str,
) -> Result<Option<String>, ProviderError> {
    #[derive(Deserialize)]
    struct MailFolder {
        id: String,
    }
    let path = ["users", mailbox, "mailFolders", name];
    let url = address(&caller.root, &path, &[("$select", "id")])?;
    match caller.read::<MailFolder>(Area::Mailbox(mailbox), url, "folder").await {
        Ok(folder) => Ok(Some(folder.id)),
        Err(ProviderError::ItemGone) => Ok(None),
        Err(error) => Err(error),
    }
}

const KEEP: Duration = Duration::from_secs(6 * 3_600);
const MAILBOXES_MAX: usize = 10_000;
