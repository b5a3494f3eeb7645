//! Labels: what Gmail has instead of folders, and where a message lies by them.

use std::collections::BTreeSet;

use crate::mailbox::{Folder, Item, Mailbox};

/// The id of a message, which never changes: sixteen hexadecimal digits.
pub(crate) fn message_id(serial: u64) -> String {
    format!("{:016x}", FIRST_ID.wrapping_add(serial))
}

/// The serial number that an id names; `None` for what is no id.
pub(crate) fn serial_of(id: &str) -> Option<u64> {
    let is_id = (1..=16).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let number = u64::from_str_radix(id, 16).ok().filter(|_| is_id)?;
    Some(number.wrapping_sub(FIRST_ID))
}

/// The folder of a mailbox elsewhere that a set of labels is most like.
pub(crate) fn folder_of(labels: &BTreeSet<String>) -> Folder {
    let has = |label: &str| labels.contains(label);
    match () {
        () if has(TRASH) => Folder::DeletedItems,
        () if has(SPAM) => Folder::JunkEmail,
        () if has(INBOX) => Folder::Inbox,
        () if has(DRAFT) => Folder::Drafts,
        () if has(SENT) => Folder::SentItems,
        () => Folder::Archive,
    }
}

/// Gives an item of Gmail the labels of the folder it is about to be put into.
pub(crate) fn follow(item: &mut Item, to: Folder) {
    for label in [INBOX, SPAM, TRASH] {
        item.labels.remove(label);
    }
    let label = match to {
        Folder::DeletedItems => TRASH,
        Folder::Inbox => INBOX,
        Folder::JunkEmail => SPAM,
        _ => return,
    };
    item.labels.insert(label.to_owned());
}

/// The labels of a message that has just arrived.
pub(crate) fn of_new_mail() -> Vec<String> {
    [INBOX, UNREAD, "CATEGORY_PERSONAL"].map(str::to_owned).to_vec()
}

/// Whether a request may put this label on a message or take it off.
// spec: gmail:labels
pub(crate) fn is_applicable(mailbox: &Mailbox, label: &str) -> bool {
    APPLICABLE.contains(&label) || mailbox.labels.contains_key(label)
}

/// Every label of a mailbox with its name and its type.
pub(crate) fn all(mailbox: &Mailbox) -> Vec<(&str, &str, &'static str)> {
    let system = APPLICABLE.iter().chain(&[SENT, DRAFT]).map(|id| (*id, *id, "system"));
    let own = mailbox.labels.iter().map(|(id, name)| (id.as_str(), name.as_str(), "user"));
    system.chain(own).collect()
}

pub(crate) const DRAFT: &str = "DRAFT";
pub(crate) const INBOX: &str = "INBOX";
pub(crate) const SENT: &str = "SENT";
pub(crate) const SPAM: &str = "SPAM";
pub(crate) const TRASH: &str = "TRASH";
pub(crate) const UNREAD: &str = "UNREAD";
const APPLICABLE: [&str; 11] = [
    INBOX,
    SPAM,
    TRASH,
    UNREAD,
    "STARRED",
    "IMPORTANT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
];
const FIRST_ID: u64 = 0x19a8_0000_0000_0000;
