//! What clawback asks of whoever keeps a tenant's mailboxes, whoever that is.

use std::fmt;
use std::future::Future;

use clawback_core::copy::Before;
use clawback_core::identity::Identity;
use clawback_core::{Destination, Folder};
use clawback_mail::address::Address;

use crate::error::ProviderError;
use crate::google;

/// Where a tenant's mailboxes live; the rest of the program knows only this.
///
/// One value is one tenant's connection. Every call names the mailbox and touches nothing else.
/// An implementation repeats no change by itself and keeps no state that a restart would miss.
pub trait MailboxProvider: Send + Sync {
    /// What a destination comes to here: another one where the provider does not know it and a
    /// milder one is meant to do. Where a copy should be is compared with this.
    fn effective(&self, destination: Destination) -> Destination {
        destination
    }

    /// Finds the mailbox that receives mail for an address.
    ///
    /// [`ProviderError::NoMailbox`] where nobody has the address. That somebody has it does not
    /// yet mean that the mailbox is in the cloud: the first call about it tells.
    fn resolve(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<MailboxRef, ProviderError>> + Send;

    /// Finds every item with this Message-ID (without angle brackets) in one mailbox, in whatever
    /// folder it lies, as far as the provider lets anybody see it.
    ///
    /// Empty where there is none, which also means: not yet.
    fn locate(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
    ) -> impl Future<Output = Result<Vec<Found>, ProviderError>> + Send;

    /// Finds what of this Message-ID in one mailbox could have to go where `meant` says.
    ///
    /// As [`Self::locate`], with less asked: what is there already, or further, is told only where
    /// nothing else is there, and a folder that does not matter may be
    /// [`Folder::Unknown`].
    fn find(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
        _meant: Destination,
    ) -> impl Future<Output = Result<Vec<Found>, ProviderError>> + Send {
        self.locate(mailbox, message_id)
    }

    /// Looks at one item by its immutable id; `None` where it is out of everybody's reach.
    fn look(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> impl Future<Output = Result<Option<Found>, ProviderError>> + Send;

    /// Looks at one item by its immutable id to see whether it is where `meant` says, or further.
    ///
    /// As [`Self::look`], with less asked: a folder that does not matter may be
    /// [`Folder::Unknown`].
    fn see(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        _meant: Destination,
    ) -> impl Future<Output = Result<Option<Found>, ProviderError>> + Send {
        self.look(mailbox, item_id)
    }

    /// Asks once for an item to be put where `destination` says.
    ///
    /// A success is the provider's word, not yet a fact: look again. After
    /// [`ProviderError::Unanswered`] it may have been carried out; after any other error it was
    /// not.
    fn relocate(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        destination: Destination,
    ) -> impl Future<Output = Result<Relocated, ProviderError>> + Send;

    /// Brings an item back to how it was: into its folder, and with its read flag, its flag and its
    /// categories or labels.
    ///
    /// Only what differs is asked for, so this may be asked again and again: an item that already
    /// lies where it belongs is not moved. [`ProviderError::NoFolder`] where its folder is gone:
    /// nothing was done, and another place is the caller's choice. After
    /// [`ProviderError::Unanswered`] it may have been carried out, in whole or in part, and a later
    /// call does the rest; after any other error it was not. Whether all of it came about,
    /// [`Found::is_as`] tells.
    fn put_back(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        before: &Before,
    ) -> impl Future<Output = Result<Relocated, ProviderError>> + Send;

    /// The octets of an item as the provider renders them today; `None` where it is out of reach.
    ///
    /// [`ProviderError::TooLarge`] beyond [`RAW_OCTETS_MAX`]. They are rarely those that were
    /// journaled: providers write messages anew.
    fn raw(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, ProviderError>> + Send;

    /// Makes a message once more that is out of reach for ever: another item, with its octets, in
    /// its folder, or in the inbox where `before` names none, and with its marks.
    ///
    /// Never asked blindly: each time it is carried out there is one more message. The caller
    /// [locates](Self::locate) the Message-ID first, and again after
    /// [`ProviderError::Unanswered`], after which it may have been made, perhaps without its marks:
    /// what is found then is given to [`Self::put_back`] instead. After any other error nothing was
    /// made. [`ProviderError::TooLarge`] and [`ProviderError::NoFolder`] are told before anything
    /// is.
    fn recreate(
        &self,
        mailbox: &MailboxRef,
        raw: &[u8],
        before: &Before,
    ) -> impl Future<Output = Result<Relocated, ProviderError>> + Send;

    /// What [`Self::recreate`] can do here, to be said before anybody relies on it.
    fn recreation(&self) -> Recreation;

    /// The people that mail to a group reaches, groups in it opened; `None` where the address is no
    /// group's.
    ///
    /// [`ProviderError::AccessDenied`] where we may not read groups, and
    /// [`ProviderError::TooManyMembers`] for a group of more than [`MEMBERS_MAX`].
    fn members(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Option<Vec<Address>>, ProviderError>> + Send;
}

/// What making a message once more comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recreation {
    /// The largest message that can be made, in octets.
    pub octets_max: usize,
    /// Whether what is made is shown as a draft that was never sent.
    pub is_draft: bool,
}

/// The provider's own id of a mailbox, which stays the same when addresses change.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MailboxRef(String);

impl MailboxRef {
    /// Takes an id that an earlier [`MailboxProvider::resolve`] gave.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id, to be stored.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }
}

/// One item as it lies in a mailbox.
#[derive(Clone, Eq, PartialEq)]
pub struct Found {
    /// The provider's immutable id of the item.
    pub item_id: String,
    /// Where it lies, as far as that matters to us.
    pub folder: Folder,
    /// The provider's id of the folder it lies in.
    pub folder_id: String,
    /// What of it is compared with the journaled message.
    pub identity: Identity,
    /// What a restoration needs to know.
    pub before: Before,
}

impl Found {
    /// Whether the item is as it was noted, so far as anybody could bring it back.
    ///
    /// Where there are labels, those count that say where it lies, whether it was read and whether
    /// it has a star, and its owner's own. Those by which the provider sorts mail itself do not,
    /// and neither does a label of its owner's that is gone from the item: it may be gone
    /// altogether, and cannot be put on any more.
    #[must_use]
    pub fn is_as(&self, before: &Before) -> bool {
        if !before.labels.is_empty() || !self.before.labels.is_empty() {
            return google::is_labelled_as(&self.before.labels, &before.labels);
        }
        let sorted = |categories: &[String]| {
            let mut sorted = categories.to_vec();
            sorted.sort();
            sorted
        };
        let has_flag = before.flag.is_empty() || self.before.flag == before.flag;
        self.folder_id == before.folder_id
            && self.before.is_read == before.is_read
            && has_flag
            && sorted(&self.before.categories) == sorted(&before.categories)
    }
}

impl fmt::Debug for Found {
    /// Tells where the item lies and nothing of what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("item_id", &self.item_id)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// The provider's word that an item was moved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Relocated {
    /// The item's id from now on; absent where it can no longer be reached.
    pub item_id: Option<String>,
}

/// What a working connection is connected to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Connection {
    /// The provider's id of the organisation, where it told us.
    pub directory_id: Option<String>,
    /// The organisation's name, where we may read it.
    pub organisation: Option<String>,
    /// The organisation's verified domains, where we may read them.
    pub domains: Vec<String>,
    /// What we were granted, in the provider's words.
    pub roles: Vec<String>,
}

/// The largest message whose octets are fetched: what Exchange takes unless it is told otherwise.
pub const RAW_OCTETS_MAX: usize = 36 * 1024 * 1024;
/// A larger group is not opened: at two hundred a page its pages would take longer than a question
/// may, and a report names whom a mailing to everybody went to.
pub const MEMBERS_MAX: usize = 20_000;
