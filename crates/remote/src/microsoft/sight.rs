//! Finding and looking at items of one mailbox in as few requests as will do.
//!
//! What has to be known depends on where an item shall go. For Recoverable Items it is enough that
//! the mailbox lists it: that folder is not listed. For other folders their ids tell. What lies in
//! Recoverable Items is asked for first where it would have to go further, and else only where the
//! mailbox lists nothing. Questions that go together are one request.

use clawback_core::{Destination, Folder};
use url::Url;

use super::call::Caller;
use super::folders::{Folders, Special};
use super::graph::{Page, followed};
use super::item::{Item, SELECTED};
use super::place::{DELETIONS, address, literal};
use crate::client::Answer;
use crate::error::ProviderError;
use crate::gate::Area;
use crate::provider::Found;

/// One mailbox, as far as it can be seen.
pub(crate) struct Sight<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) folders: &'a Folders,
    pub(crate) mailbox: &'a str,
    /// Where what is found shall go; `None` where everything is to be known of it.
    pub(crate) meant: Option<Destination>,
}

impl Sight<'_> {
    /// Every item with this Message-ID that could have to go where it is meant to.
    pub(crate) async fn find(&self, message_id: &str) -> Result<Vec<Found>, ProviderError> {
        let wanted = literal(&format!("<{message_id}>"));
        let filter = format!("internetMessageId eq {wanted}");
        let (root, mailbox) = (&self.caller.root, self.mailbox);
        let options = [("$filter", filter.as_str()), ("$select", SELECTED), ("$top", PAGE_ITEMS)];
        let listed = address(root, &["users", mailbox, "messages"], &options)?;
        let deleted = ["users", mailbox, "mailFolders", DELETIONS, "messages"];
        let deleted = address(root, &deleted, &options)?;

        let missing = self.known().missing(self.to_be_told_apart());
        let mut urls = vec![listed];
        if self.wants_deleted_first() {
            urls.push(deleted.clone());
        }
        for folder in &missing {
            urls.push(folder.url(root, mailbox)?);
        }
        let mut answers = self.caller.ask_together(self.area(), &urls).await.into_iter();
        let mut next = || answers.next().unwrap_or(Err(LOST));
        let mut items = self.items(next()).await?;
        for item in &items {
            let now = self.caller.clock.now();
            self.folders.note_listed(mailbox, &item.parent_folder_id, now);
        }
        let gone = match self.wants_deleted_first() {
            true => self.deleted(next()).await?,
            false if items.is_empty() => {
                let answer = self.caller.ask_together(self.area(), &[deleted]).await.pop();
                self.deleted(answer.unwrap_or(Err(LOST))).await?
            }
            false => Vec::new(),
        };
        for folder in missing {
            self.folders.take(self.caller, mailbox, folder, next()?)?;
        }
        let known = self.known();
        // What its owner deletes meanwhile may stand in both lists.
        items.retain(|item| gone.iter().all(|later| later.id != item.id));
        let listed = items.into_iter().map(|item| {
            let folder = known.folder(&item.parent_folder_id);
            item.found(folder)
        });
        let gone = gone.into_iter().map(|item| item.found(Folder::SoftDeleted));
        Ok(listed.chain(gone).collect())
    }

    /// One item by its id.
    pub(crate) async fn look(&self, item_id: &str) -> Result<Option<Found>, ProviderError> {
        let path = ["users", self.mailbox, "messages", item_id];
        let url = address(&self.caller.root, &path, &[("$select", SELECTED)])?;
        let item: Item = match self.caller.read(self.area(), url, "message").await {
            Err(ProviderError::ItemGone) => return Ok(None),
            read => read?,
        };
        let lies_in = item.parent_folder_id.clone();
        let known = self.known();
        if known.folder(&lies_in) == Folder::Unknown {
            let mut missing = known.missing(self.to_be_seen_in());
            // Where a list of the mailbox has shown it, it is not Recoverable Items.
            missing.retain(|folder| *folder != Special::Deletions || !known.is_listed(&lies_in));
            self.ask_for(&missing).await?;
        }
        Ok(Some(item.found(self.known().folder(&lies_in))))
    }

    async fn ask_for(&self, folders: &[Special]) -> Result<(), ProviderError> {
        let root = &self.caller.root;
        let urls: Result<Vec<Url>, _> =
            folders.iter().map(|folder| folder.url(root, self.mailbox)).collect();
        let urls = urls?;
        if urls.is_empty() {
            return Ok(());
        }
        let answers = self.caller.ask_together(self.area(), &urls).await;
        for (folder, answer) in folders.iter().zip(answers) {
            self.folders.take(self.caller, self.mailbox, *folder, answer?)?;
        }
        Ok(())
    }

    /// The folders whose ids say whether a listed item is where it should be, or further.
    fn to_be_told_apart(&self) -> &'static [Special] {
        match self.meant {
            Some(Destination::SoftDelete | Destination::HardDelete) => &[],
            Some(Destination::Trash) => &[Special::Trash],
            Some(Destination::Junk) => &[Special::Junk, Special::Trash],
            _ => &Special::ALL,
        }
    }

    /// The same for an item that may lie anywhere.
    fn to_be_seen_in(&self) -> &'static [Special] {
        match self.meant {
            Some(Destination::HardDelete) => &[],
            Some(Destination::SoftDelete) => &[Special::Deletions],
            Some(Destination::Trash) => &[Special::Deletions, Special::Trash],
            Some(Destination::Junk) => &[Special::Deletions, Special::Junk, Special::Trash],
            _ => &Special::ALL,
        }
    }

    /// What is in Recoverable Items is at its goal or beyond it, except for a hard delete.
    fn wants_deleted_first(&self) -> bool {
        matches!(
            self.meant,
            None | Some(Destination::HardDelete | Destination::Inbox | Destination::NoAction)
        )
    }

    async fn deleted(
        &self,
        answer: Result<Answer, ProviderError>,
    ) -> Result<Vec<Item>, ProviderError> {
        match self.items(answer).await {
            Err(ProviderError::ItemGone | ProviderError::NoFolder) => Ok(Vec::new()),
            listed => listed,
        }
    }

    /// The items of a list whose first page was answered.
    // spec: graph:user-list-messages
    async fn items(
        &self,
        answer: Result<Answer, ProviderError>,
    ) -> Result<Vec<Item>, ProviderError> {
        let page: Page<Item> = self.caller.read_from(answer?, "messages")?;
        let (mut items, mut next) = (page.value, page.next_link);
        for _ in 1..PAGES_MAX {
            let Some(link) = next.take() else { break };
            let url = followed(self.caller, &link)?;
            let page: Page<Item> = self.caller.read(self.area(), url, "messages").await?;
            items.extend(page.value);
            next = page.next_link;
        }
        if next.is_some() {
            tracing::warn!(items = items.len(), "a message id has more items than are looked at");
        }
        Ok(items)
    }

    fn known(&self) -> super::folders::WellKnown {
        self.folders.of(self.mailbox, self.caller.clock.now())
    }

    fn area(&self) -> Area<'_> {
        Area::Mailbox(self.mailbox)
    }
}

const LOST: ProviderError = ProviderError::Malformed { what: "batch" };
const PAGE_ITEMS: &str = "50";
/// A thousand items with one id in one mailbox; what lies beyond is found when these are gone.
const PAGES_MAX: usize = 20;
