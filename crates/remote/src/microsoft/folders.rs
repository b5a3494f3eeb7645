//! Which of a mailbox's folders are the ones with a meaning of their own.
//!
//! A folder's id never changes, so it is asked for once in a while, and only where it matters.
//! Recoverable Items is learned from what a move into it answers: each copy of a campaign lies in
//! a mailbox of which nothing is known yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clawback_core::{Folder, UnixMillis};
use serde::Deserialize;
use url::Url;

use super::call::Caller;
use super::place::{DELETIONS, INBOX, JUNK, TRASH, address};
use crate::cache::Cache;
use crate::client::{Answer, Endpoint};
use crate::error::ProviderError;

/// A folder with a meaning of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Special {
    Deletions,
    Inbox,
    Junk,
    Trash,
}

impl Special {
    pub(crate) const ALL: [Self; 4] = [Self::Deletions, Self::Inbox, Self::Junk, Self::Trash];

    /// Its well-known name.
    fn name(self) -> &'static str {
        match self {
            Self::Deletions => DELETIONS,
            Self::Inbox => INBOX,
            Self::Junk => JUNK,
            Self::Trash => TRASH,
        }
    }

    fn folder(self) -> Folder {
        match self {
            Self::Deletions => Folder::SoftDeleted,
            Self::Inbox => Folder::Inbox,
            Self::Junk => Folder::Junk,
            Self::Trash => Folder::Trash,
        }
    }

    /// Where its id is asked for.
    // spec: graph:mailfolder-get
    pub(crate) fn url(self, root: &Endpoint, mailbox: &str) -> Result<Url, ProviderError> {
        let path = ["users", mailbox, "mailFolders", self.name()];
        address(root, &path, &[("$select", "id")])
    }
}

/// The ids of the folders that matter, mailbox by mailbox.
pub(crate) struct Folders {
    known: Cache<String, Arc<Mutex<WellKnown>>>,
}

/// What is known of one mailbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct WellKnown {
    /// What was asked for or learned; without an id where there is no such folder.
    ids: Vec<(Special, Option<String>)>,
    /// Folders in which `/messages` has shown items: not Recoverable Items.
    listed: Vec<String>,
}

impl WellKnown {
    /// What the folder with this id means, as far as that is known.
    pub(crate) fn folder(&self, id: &str) -> Folder {
        let is_it = |(_, known): &&(Special, Option<String>)| known.as_deref() == Some(id);
        match self.ids.iter().find(is_it) {
            Some((special, _)) => special.folder(),
            None if self.missing(&Special::ALL).is_empty() => Folder::Other,
            None => Folder::Unknown,
        }
    }

    /// Which of these folders nothing is known of.
    pub(crate) fn missing(&self, folders: &[Special]) -> Vec<Special> {
        let is_known = |folder: &Special| self.ids.iter().any(|(known, _)| known == folder);
        folders.iter().copied().filter(|folder| !is_known(folder)).collect()
    }

    /// Whether a list of the mailbox has shown items in this folder.
    pub(crate) fn is_listed(&self, id: &str) -> bool {
        self.listed.iter().any(|listed| listed == id)
    }

    fn learn(&mut self, folder: Special, id: Option<String>) {
        self.ids.retain(|(known, _)| *known != folder);
        self.ids.push((folder, id));
    }
}

impl Folders {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(MAILBOXES_MAX, KEEP) }
    }

    /// What is known of a mailbox.
    pub(crate) fn of(&self, mailbox: &str, now: UnixMillis) -> WellKnown {
        lock(&self.entry(mailbox, now)).clone()
    }

    /// Takes note of the answer to the question for a folder's id.
    pub(crate) fn take(
        &self,
        caller: &Caller,
        mailbox: &str,
        folder: Special,
        answer: Answer,
    ) -> Result<(), ProviderError> {
        #[derive(Deserialize)]
        struct MailFolder {
            id: String,
        }
        let id = match caller.read_from::<MailFolder>(answer, "folder") {
            Ok(folder) => Some(folder.id),
            Err(ProviderError::ItemGone | ProviderError::NoFolder) => None,
            Err(error) => return Err(error),
        };
        lock(&self.entry(mailbox, caller.clock.now())).learn(folder, id);
        Ok(())
    }

    /// Takes note that a list of the mailbox showed an item in this folder.
    pub(crate) fn note_listed(&self, mailbox: &str, id: &str, now: UnixMillis) {
        let entry = self.entry(mailbox, now);
        let mut known = lock(&entry);
        if known.listed.len() < LISTED_MAX && !known.is_listed(id) {
            known.listed.push(id.to_owned());
        }
    }

    /// Takes note that what went to Recoverable Items is said to lie in this folder. An answer
    /// that shows the item where it was before is no proof of anything.
    pub(crate) fn note_deletions(&self, mailbox: &str, id: &str, now: UnixMillis) {
        let entry = self.entry(mailbox, now);
        let mut known = lock(&entry);
        let is_another = known.folder(id) != Folder::Unknown || known.is_listed(id);
        // Where nothing was listed, nothing could speak against it.
        if !is_another && !known.listed.is_empty() {
            known.learn(Special::Deletions, Some(id.to_owned()));
        }
    }

    fn entry(&self, mailbox: &str, now: UnixMillis) -> Arc<Mutex<WellKnown>> {
        self.known.get_or_put(mailbox.to_owned(), now, Arc::default)
    }
}

fn lock(known: &Mutex<WellKnown>) -> MutexGuard<'_, WellKnown> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

const KEEP: Duration = Duration::from_secs(6 * 3_600);
const LISTED_MAX: usize = 8;
const MAILBOXES_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(0);

    #[test]
    fn recoverable_items_are_learned_from_a_move_and_never_mistaken() {
        let folders = Folders::new();
        let deletions = |mailbox: &str, id: &str| folders.of(mailbox, NOW).folder(id);
        folders.note_deletions("anna", "d", NOW);
        assert_eq!(deletions("anna", "d"), Folder::Unknown, "nothing to hold it against");
        folders.note_listed("anna", "in", NOW);
        folders.note_deletions("anna", "in", NOW);
        assert_eq!(deletions("anna", "in"), Folder::Unknown, "the item had not moved");
        folders.note_deletions("anna", "d", NOW);
        assert_eq!(deletions("anna", "d"), Folder::SoftDeleted);
        assert_eq!(deletions("ben", "d"), Folder::Unknown);
    }

    #[test]
    fn a_folder_is_another_only_when_all_are_known() {
        let mut known = WellKnown::default();
        assert_eq!(known.missing(&Special::ALL), Special::ALL);
        known.learn(Special::Trash, Some("t".to_owned()));
        assert_eq!((known.folder("t"), known.folder("x")), (Folder::Trash, Folder::Unknown));
        for folder in Special::ALL {
            known.learn(folder, None);
        }
        assert_eq!((known.folder("t"), known.folder("x")), (Folder::Other, Folder::Other));
        assert_eq!(known.missing(&Special::ALL), []);
    }
}
