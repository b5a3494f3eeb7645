//! One instance of a message in one mailbox, and where it lies.

use std::fmt;
use std::str::FromStr;

use clawback_mail::address::Address;
use serde::{Deserialize, Serialize};

use crate::id::{CopyId, JobId, MessageId};
use crate::plan::Rank;
use crate::policy::Destination;
use crate::retraction::{Reason, Retraction, State};
use crate::time::UnixMillis;
use crate::verdict::UnknownWord;

/// Whether a recipient's mailbox is one we may reach at all.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// In one of the tenant's domains, and on its list of exempt recipients: no policy moves it.
    Exempt,
    /// Outside the tenant's domains: recorded, never retractable.
    External,
    /// In one of the tenant's domains.
    Internal,
    /// The sender's own, of mail sent inside the organisation: what they keep of it.
    Sent,
}

impl Reach {
    /// Whether the mailbox is one of the tenant's.
    #[must_use]
    pub fn is_inside(self) -> bool {
        self != Self::External
    }

    /// The word in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::External => "external",
            Self::Internal => "internal",
            Self::Sent => "sent",
        }
    }
}

impl FromStr for Reach {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [Self::Exempt, Self::External, Self::Internal, Self::Sent];
        all.into_iter().find(|reach| reach.as_str() == text).ok_or(UnknownWord)
    }
}

/// Where a copy lies in its mailbox, mildest first: how far it is out of its owner's reach.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    /// Nobody looked yet.
    Unknown,
    /// The inbox, or a folder the owner made, or the archive: it can be opened as usual.
    Inbox,
    /// Another folder of the owner's.
    Other,
    /// Junk Email.
    Junk,
    /// Deleted Items.
    Trash,
    /// Recoverable Items\Deletions.
    SoftDeleted,
    /// Purges or gone: by its id it cannot be found any more.
    Purged,
}

impl Folder {
    const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Inbox,
        Self::Other,
        Self::Junk,
        Self::Trash,
        Self::SoftDeleted,
        Self::Purged,
    ];

    /// The word in the store and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Inbox => "inbox",
            Self::Other => "other",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::SoftDeleted => "soft_deleted",
            Self::Purged => "purged",
        }
    }

    /// The words on a page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "Not looked up",
            Self::Inbox => "Inbox",
            Self::Other => "Another folder",
            Self::Junk => "Junk Email",
            Self::Trash => "Deleted Items",
            Self::SoftDeleted => "Recoverable Items",
            Self::Purged => "Purged",
        }
    }

    /// Whether a copy that lies here is already where `destination` would put it, or further
    /// out of its owner's reach.
    #[must_use]
    pub fn satisfies(self, destination: Destination) -> bool {
        match destination {
            Destination::NoAction => true,
            Destination::Inbox => self.is_open(),
            Destination::Junk => self >= Self::Junk,
            Destination::Trash => self >= Self::Trash,
            Destination::SoftDelete => self >= Self::SoftDeleted,
            Destination::HardDelete => self >= Self::Purged,
        }
    }

    /// Where `destination` puts a copy.
    #[must_use]
    pub fn of(destination: Destination) -> Self {
        match destination {
            Destination::NoAction => Self::Unknown,
            Destination::Inbox => Self::Inbox,
            Destination::Junk => Self::Junk,
            Destination::Trash => Self::Trash,
            Destination::SoftDelete => Self::SoftDeleted,
            Destination::HardDelete => Self::Purged,
        }
    }
}

impl Folder {
    /// Whether its owner opens what lies here as usual.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Inbox | Self::Other)
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Folder {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|f| f.as_str() == text).ok_or(UnknownWord)
    }
}

/// What was noted of a copy before it was moved, so that it can be put back as it was.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Before {
    /// The provider's id of the folder it lay in.
    pub folder_id: String,
    /// Whether its owner had read it.
    pub is_read: bool,
    /// The provider's flag state, in the provider's word.
    pub flag: String,
    /// The owner's categories.
    pub categories: Vec<String>,
    /// The provider's ids of its labels, where it has labels instead of folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// Where a copy is known to be at the provider.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Place {
    /// The provider's id of the mailbox (object id), once it was resolved.
    pub mailbox_id: Option<String>,
    /// The provider's immutable id of the item, once it was found.
    pub item_id: Option<String>,
    /// What it was like before our first move.
    pub before: Option<Before>,
    /// When it was last seen to be where it is, or gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<UnixMillis>,
    /// In what it differs from the journaled message, where that kept it from being deleted for
    /// good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlike: Option<Unlike>,
    /// Whether we had it deleted for good: then it can only be made again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_purged: bool,
    /// Whether the item was made again from our copy, since the provider had it no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_recreated: bool,
}

/// Why an item is not deleted for good.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlike {
    /// Something else is attached than was journaled.
    Attachments,
    /// A link leads elsewhere.
    Links,
    /// It says something else.
    Text,
    /// There is nothing to compare it with: the original is gone, or one of the two is too large.
    Unknown,
}

impl Unlike {
    /// What a page says.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Attachments => "other files are attached than were journaled",
            Self::Links => "a link leads elsewhere than in what was journaled",
            Self::Text => "it says something else than what was journaled",
            Self::Unknown => "it could not be compared with what was journaled",
        }
    }
}

/// One answer of a provider: what came back, and nothing of what it said about mail or people.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// What was asked for, in a word of ours.
    pub call: String,
    /// The status, where there was an answer at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's word for what was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The id that we gave the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// The id that the provider gave it: its support asks for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
}

/// One step of a copy under an order: the state that was entered, and what led to it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Step {
    /// When.
    pub at: UnixMillis,
    /// The job whose order it was.
    pub job: JobId,
    /// What was entered.
    pub state: State,
    /// Why, where the state alone does not say.
    pub reason: Reason,
    /// The provider's answers since the step before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// One instance of a message in one mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Copy {
    /// Its id.
    pub id: CopyId,
    /// The message it is an instance of.
    pub message: MessageId,
    /// The address the report named.
    pub mailbox: Address,
    /// Which of several items for the same message in the same mailbox; 0 is the first found.
    pub ordinal: u32,
    /// Whether we may reach the mailbox at all.
    pub reach: Reach,
    /// Where it lies, as of the last look.
    pub folder: Folder,
    /// Where it is at the provider.
    pub place: Place,
    /// The order it is under, if any.
    pub order: Option<Order>,
}

/// What shall happen to a copy, and how far that is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Order {
    /// The job that ordered it.
    pub job: JobId,
    /// Where it shall go.
    pub destination: Destination,
    /// How soon.
    pub rank: Rank,
    /// How far it is.
    pub retraction: Retraction,
}

impl Order {
    /// Whether it puts the copy back.
    #[must_use]
    pub fn is_restoration(&self) -> bool {
        self.destination == Destination::Inbox
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_copy_satisfies_junk_but_a_junked_one_not_trash() {
        assert!(Folder::Trash.satisfies(Destination::Junk));
        assert!(!Folder::Junk.satisfies(Destination::Trash));
        assert!(!Folder::Unknown.satisfies(Destination::Junk));
        assert!(!Folder::SoftDeleted.satisfies(Destination::HardDelete));
    }

    #[test]
    fn every_destination_is_satisfied_where_it_puts_a_copy() {
        for to in Destination::POLICY {
            assert!(Folder::of(to).satisfies(to), "{to}");
        }
    }
}
