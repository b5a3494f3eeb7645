//! The mailboxes as one JSON file, so that a demo that is started again finds its mail.
//!
//! A file is replaced as a whole by a rename: a reader sees the old one or the new one, never half.
//! Throttling, planned faults and the log of operations are not kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::{Group, User};
use crate::content::Content;
use crate::mailbox::{Folder, Item, Mailbox, Marks};
use crate::people::People;
use crate::world::Tenant;

/// Why the mailboxes could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file system refused.
    #[error("the simulated mailboxes cannot be kept in their state file")]
    Io(#[from] io::Error),
    /// The file holds something else.
    #[error("the state file of the simulated mailboxes is not readable")]
    Malformed(#[from] serde_json::Error),
}

/// What the file holds.
#[derive(Deserialize, Serialize)]
pub(crate) struct Snapshot {
    serial: u64,
    users: Vec<User>,
    #[serde(default)]
    groups: Vec<Group>,
    /// The octets of messages, base64; copies of one delivery share one.
    contents: Vec<String>,
    mailboxes: Vec<StoredMailbox>,
}

#[derive(Deserialize, Serialize)]
struct StoredMailbox {
    user_id: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    folders: BTreeMap<u8, String>,
    #[serde(default)]
    folders_made: u8,
    items: Vec<StoredItem>,
}

#[derive(Deserialize, Serialize)]
struct StoredItem {
    serial: u64,
    moves: u32,
    changes: u32,
    folder: Folder,
    content: usize,
    received: Timestamp,
    modified: Timestamp,
    visible_from: Timestamp,
    indexed_from: Timestamp,
    marks: Marks,
    #[serde(default)]
    is_made: bool,
    #[serde(default)]
    labels: BTreeSet<String>,
}

impl Snapshot {
    pub(crate) fn of(tenant: &Tenant) -> Self {
        let mut contents = Vec::new();
        let mut known: HashMap<*const Content, usize> = HashMap::new();
        let mut stored = |item: &Item| {
            let content = *known.entry(Arc::as_ptr(&item.content)).or_insert_with(|| {
                contents.push(STANDARD.encode(&item.content.raw));
                contents.len() - 1
            });
            StoredItem {
                serial: item.serial,
                moves: item.moves,
                changes: item.changes,
                folder: item.folder,
                content,
                received: item.received,
                modified: item.modified,
                visible_from: item.visible_from,
                indexed_from: item.indexed_from,
                marks: item.marks.clone(),
                is_made: item.is_made,
                labels: item.labels.clone(),
            }
        };
        let mailboxes = tenant.mailboxes.iter().map(|(user_id, mailbox)| StoredMailbox {
            user_id: user_id.clone(),
            labels: mailbox.labels.clone(),
            folders: mailbox.folders.clone(),
            folders_made: mailbox.folders_made,
            items: mailbox.newest_first().map(&mut stored).collect(),
        });
        let mailboxes = mailboxes.collect();
        let (users, groups) = (tenant.users.to_vec(), tenant.groups.clone());
        Self { serial: tenant.serial, users, groups, contents, mailboxes }
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), StateError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let fresh = path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)?;
        Ok(())
    }

    fn into_tenant(self, tenant: &mut Tenant) {
        let contents: Vec<Arc<Content>> = self
            .contents
            .iter()
            .map(|coded| Arc::new(Content::read(STANDARD.decode(coded).unwrap_or_default())))
            .collect();
        tenant.serial = self.serial;
        tenant.users = People::of(self.users);
        tenant.groups = self.groups;
        for stored in self.mailboxes {
            let mut mailbox = Mailbox::new(&stored.user_id, tenant.is_gmail);
            mailbox.labels = stored.labels;
            mailbox.folders = stored.folders;
            mailbox.folders_made = stored.folders_made;
            for item in stored.items {
                let Some(content) = contents.get(item.content) else { continue };
                mailbox.put(item.with(Arc::clone(content)), usize::MAX);
            }
            tenant.mailboxes.insert(stored.user_id, mailbox);
        }
    }
}

impl StoredItem {
    fn with(self, content: Arc<Content>) -> Item {
        Item {
            serial: self.serial,
            moves: self.moves,
            changes: self.changes,
            folder: self.folder,
            content,
            received: self.received,
            modified: self.modified,
            visible_from: self.visible_from,
            indexed_from: self.indexed_from,
            marks: self.marks,
            is_made: self.is_made,
            labels: self.labels,
        }
    }
}

/// Fills a tenant from its file; a file that is not there leaves it as it is.
pub(crate) fn load(path: &Path, tenant: &mut Tenant) -> Result<(), StateError> {
    let octets = match std::fs::read(path) {
        Ok(octets) => octets,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let snapshot: Snapshot = serde_json::from_slice(&octets)?;
    snapshot.into_tenant(tenant);
    Ok(())
}
