//! The log of what happened to every item, for tests that ask "was any copy moved twice?".

use jiff::Timestamp;

use crate::mailbox::Folder;

/// One thing that happened in a mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operation {
    /// When.
    pub at: Timestamp,
    /// The id of the user whose mailbox it is.
    pub user_id: String,
    /// The item's immutable id; empty where no item is meant.
    pub item: String,
    /// By whom.
    pub by: By,
    /// What.
    pub kind: OperationKind,
}

/// Who did something in a mailbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// The registered application, over Graph or Gmail.
    Application,
    /// The mailbox's owner.
    Owner,
    /// The service: delivery.
    Service,
}

/// What was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OperationKind {
    /// A message was put into the mailbox.
    Delivered,
    /// The application came back before the time it was told to wait for.
    Impatient,
    /// The application asked for something that no correct client asks for.
    Mistake(&'static str),
    /// A message changed its folder.
    Moved {
        /// Where it was.
        from: Folder,
        /// Where it is.
        to: Folder,
    },
    /// Properties of a message were changed.
    Patched,
    /// A message went to Purges.
    PermanentlyDeleted {
        /// Where it was.
        from: Folder,
    },
    /// The application asked for an item to be moved or deleted that is not there any more, or not
    /// there yet: what a call that is sent twice looks like.
    Refused,
}

pub(crate) const OPERATIONS_MAX: usize = 200_000;
