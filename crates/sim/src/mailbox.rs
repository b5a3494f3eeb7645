//! Mailboxes, their folders and the items in them.
//!
//! Plain values: nothing here knows HTTP, locks or the time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::content::Content;
use crate::google::labels;
use crate::ids::{IdType, MailboxKey};

/// A folder of a mailbox.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
pub enum Folder {
    /// What its owner keeps.
    Archive,
    /// The recycle bin its owner sees.
    DeletedItems,
    /// Recoverable Items\Deletions: its owner recovers from here through a menu.
    Deletions,
    /// Unsent mail.
    Drafts,
    /// Where mail arrives.
    Inbox,
    /// Mail taken for junk.
    JunkEmail,
    /// One that its owner made, by its number.
    Own(u8),
    /// Recoverable Items\Purges: out of everybody's reach but an administrator's.
    Purges,
    /// Sent mail.
    SentItems,
}

impl Folder {
    /// Every folder that each mailbox has.
    pub const ALL: [Self; 8] = [
        Self::Inbox,
        Self::JunkEmail,
        Self::DeletedItems,
        Self::Deletions,
        Self::Purges,
        Self::Archive,
        Self::Drafts,
        Self::SentItems,
    ];

    /// The name as the mailbox's owner reads it.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Archive => "Archive",
            Self::DeletedItems => "Deleted Items",
            Self::Deletions => "Recoverable Items",
            Self::Drafts => "Drafts",
            Self::Inbox => "Inbox",
            Self::JunkEmail => "Junk Email",
            Self::Own(_) => "A folder of its owner's",
            Self::Purges => "Purges",
            Self::SentItems => "Sent Items",
        }
    }

    /// The folder a well-known name stands for; Purges has none.
    // spec: graph:mailfolder
    pub(crate) fn well_known(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "archive" => Some(Self::Archive),
            "deleteditems" => Some(Self::DeletedItems),
            "drafts" => Some(Self::Drafts),
            "inbox" => Some(Self::Inbox),
            "junkemail" => Some(Self::JunkEmail),
            "recoverableitemsdeletions" => Some(Self::Deletions),
            "sentitems" => Some(Self::SentItems),
            _ => None,
        }
    }

    /// Whether `/messages` and the folder list show it.
    pub(crate) fn is_listed(self) -> bool {
        !matches!(self, Self::Deletions | Self::Purges)
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Archive => 1,
            Self::DeletedItems => 2,
            Self::Deletions => 3,
            Self::Drafts => 4,
            Self::Inbox => 5,
            Self::JunkEmail => 6,
            Self::Purges => 7,
            Self::SentItems => 8,
            Self::Own(number) => number.saturating_add(OWN_FROM),
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        match code.checked_sub(OWN_FROM) {
            Some(number) => Some(Self::Own(number)),
            None => Self::ALL.into_iter().find(|folder| folder.code() == code),
        }
    }
}

/// One mailbox.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) key: MailboxKey,
    /// Whether it is one of Gmail: labels instead of folders, and one id for ever.
    pub(crate) is_gmail: bool,
    /// Labels of its owner's own, by their ids.
    pub(crate) labels: BTreeMap<String, String>,
    /// Names of the folders that its owner made, by their numbers.
    pub(crate) folders: BTreeMap<u8, String>,
    /// How many folders its owner ever made.
    pub(crate) folders_made: u8,
    items: BTreeMap<u64, Item>,
}

/// One item of a mailbox. Its body is shared with the other copies of the same delivery.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) serial: u64,
    pub(crate) moves: u32,
    pub(crate) changes: u32,
    pub(crate) folder: Folder,
    pub(crate) content: Arc<Content>,
    pub(crate) received: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) visible_from: Timestamp,
    pub(crate) indexed_from: Timestamp,
    pub(crate) marks: Marks,
    /// Whether the application made it: it was never sent and never delivered.
    pub(crate) is_made: bool,
    /// What Gmail has instead of a folder; empty elsewhere.
    pub(crate) labels: BTreeSet<String>,
}

/// What an owner, or the application, can change of an item where it lies.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(crate) struct Marks {
    pub(crate) is_read: bool,
    pub(crate) categories: Vec<String>,
    pub(crate) flag: serde_json::Value,
    pub(crate) importance: String,
    pub(crate) inference: String,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            is_read: false,
            categories: Vec::new(),
            flag: serde_json::json!({ "flagStatus": "notFlagged" }),
            importance: "normal".to_owned(),
            inference: "focused".to_owned(),
        }
    }
}

impl Marks {
    /// The word of the flag.
    pub(crate) fn flag_status(&self) -> &str {
        self.flag.get("flagStatus").and_then(serde_json::Value::as_str).unwrap_or_default()
    }
}

impl Item {
    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        self.visible_from <= now
    }

    pub(crate) fn change_key(&self) -> String {
        format!("CQAAAB{:08X}{:04X}", self.changes, self.moves)
    }

    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key())
    }

    /// Takes the item elsewhere. Its regular id is another afterwards.
    pub(crate) fn relocate(&mut self, to: Folder, now: Timestamp) {
        self.folder = to;
        self.moves = self.moves.saturating_add(1);
        self.touch(now);
    }

    /// Changes the labels of an item of Gmail; where it lies follows from them.
    pub(crate) fn relabel(&mut self, add: &[String], remove: &[String], now: Timestamp) {
        self.labels.extend(add.iter().cloned());
        self.labels.retain(|label| !remove.contains(label));
        self.folder = labels::folder_of(&self.labels);
        self.marks.is_read = !self.labels.contains(labels::UNREAD);
        self.touch(now);
    }

    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.changes = self.changes.saturating_add(1);
        self.modified = now;
    }
}

impl Mailbox {
    pub(crate) fn new(user_id: &str, is_gmail: bool) -> Self {
        let key = MailboxKey::of(user_id);
        let (labels, folders, items) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { key, is_gmail, labels, folders, folders_made: 0, items }
    }

    /// Whether there is such a folder here.
    pub(crate) fn has(&self, folder: Folder) -> bool {
        match folder {
            Folder::Own(number) => self.folders.contains_key(&number),
            _ => true,
        }
    }

    /// Makes a folder; `None` where there are as many as there can be. A number is used once.
    pub(crate) fn make_folder(&mut self, name: &str) -> Option<Folder> {
        let number = self.folders_made;
        self.folders_made = number.checked_add(1).filter(|made| *made <= u8::MAX - OWN_FROM)?;
        self.folders.insert(number, name.to_owned());
        Some(Folder::Own(number))
    }

    /// Takes a folder away for ever, with what lies in it.
    pub(crate) fn drop_folder(&mut self, folder: Folder, now: Timestamp) {
        let Folder::Own(number) = folder else { return };
        self.folders.remove(&number);
        for item in self.items.values_mut().filter(|item| item.folder == folder) {
            item.relocate(Folder::Deletions, now);
        }
    }

    /// The id of an item that stays.
    pub(crate) fn lasting_id(&self, item: &Item) -> String {
        match self.is_gmail {
            true => labels::message_id(item.serial),
            false => self.key.item(item.serial, item.moves, IdType::Immutable),
        }
    }

    /// Adds an item; beyond the limit the oldest one makes room.
    pub(crate) fn put(&mut self, item: Item, items_max: usize) {
        self.items.insert(item.serial, item);
        while self.items.len() > items_max {
            self.items.pop_first();
        }
    }

    pub(crate) fn get(&self, serial: u64) -> Option<&Item> {
        self.items.get(&serial)
    }

    pub(crate) fn get_mut(&mut self, serial: u64) -> Option<&mut Item> {
        self.items.get_mut(&serial)
    }

    /// Items, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Item> {
        self.items.values().rev()
    }

    /// Takes a label of its owner's away.
    pub(crate) fn drop_label(&mut self, label: &str) {
        self.labels.remove(label);
        for item in self.items.values_mut() {
            item.labels.remove(label);
        }
    }

    pub(crate) fn view(&self, item: &Item) -> ItemView {
        ItemView {
            id: match self.is_gmail {
                true => self.lasting_id(item),
                false => self.key.item(item.serial, item.moves, IdType::Regular),
            },
            immutable_id: self.lasting_id(item),
            internet_message_id: item.content.message_id.clone(),
            folder: item.folder,
            subject: item.content.subject.clone(),
            from: item.content.from.as_ref().map(|from| from.address.clone()).unwrap_or_default(),
            received: item.received,
            visible_from: item.visible_from,
            is_read: item.marks.is_read,
            is_draft: item.is_made && !self.is_gmail,
            flag: item.marks.flag_status().to_owned(),
            categories: item.marks.categories.clone(),
            moves: item.moves,
            labels: item.labels.iter().cloned().collect(),
        }
    }
}

/// A snapshot of one item, as a test looks at it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ItemView {
    /// The id that dies with the next move.
    pub id: String,
    /// The id that stays.
    pub immutable_id: String,
    /// The `Message-ID` field, with its angle brackets.
    pub internet_message_id: String,
    /// Where it lies.
    pub folder: Folder,
    /// The subject, decoded.
    pub subject: String,
    /// The address in `From`.
    pub from: String,
    /// When it was received.
    pub received: Timestamp,
    /// From when on the mailbox shows it.
    pub visible_from: Timestamp,
    /// Whether it is marked as read.
    pub is_read: bool,
    /// Whether it is shown as one that was never sent.
    pub is_draft: bool,
    /// Its flag, in the service's word.
    pub flag: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// How often it was moved.
    pub moves: u32,
    /// Its labels, in order, where it is one of Gmail.
    pub labels: Vec<String>,
}

/// From which code on a folder is one of its owner's.
const OWN_FROM: u8 = 100;
