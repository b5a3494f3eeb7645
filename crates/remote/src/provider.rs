//! What clawback asks of whoever keeps a tenant's mailboxes, whoever that is.

use std::fmt;
use std::future::Future;

use clawback_core::copy::Before;
use clawback_core::identity::Identity;
use clawback_core::{Destination, Folder};
use clawback_mail::address::Address;

use crate::error::ProviderError;

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

    /// Asks once for an item to be put back into the folder it was taken from.
    ///
    /// The same promises as [`Self::relocate`].
    fn put_back(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        before: &Before,
    ) -> impl Future<Output = Result<Relocated, ProviderError>> + Send;
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
