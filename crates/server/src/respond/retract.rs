//! Out of a mailbox: finds the copy, compares it, asks for the move, looks whether it came about.

use clawback_core::retraction::{Event, Reason, State};
use clawback_core::{Destination, Folder, Reach};
use clawback_remote::{Found, MailboxProvider, MailboxRef, ProviderError};
use clawback_store::StoreError;

use super::attempt::Attempt;

impl Attempt<'_> {
    pub(super) async fn seek_and_ask<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        let (mailbox, found) = match self.seek(provider).await {
            Ok(sought) => sought,
            Err(ProviderError::NoMailbox) if self.copy.place.mailbox_id.is_none() => {
                return self.open_group(provider).await;
            }
            Err(error) => return self.failed(&error).await,
        };
        let live = found.len();
        let mut same = self.same(found);
        if same.is_empty() {
            let is_sent = self.copy.reach == Reach::Sent;
            let event = match live {
                0 if is_sent && self.order.retraction.looks >= SENT_LOOKS => Event::NotKept,
                0 => Event::NotThere,
                _ => Event::Denied(Reason::Mismatch),
            };
            return self.advance(event).await;
        }
        let ours = same.swap_remove(0);
        self.add_others(&mailbox, same).await?;
        self.note(&mailbox, &ours);
        let wanted = match self.wanted(provider, &mailbox, &ours).await {
            Ok(wanted) => wanted,
            Err(error) => return self.failed(&error).await,
        };
        if ours.folder.satisfies(provider.effective(wanted)) {
            return self.advance(Event::AlreadyThere).await;
        }
        self.copy.place.before.get_or_insert(ours.before);
        self.copy.place.is_purged = wanted == Destination::HardDelete;
        self.ask(provider, &mailbox, &ours.item_id, wanted).await
    }

    async fn seek<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(MailboxRef, Vec<Found>), ProviderError> {
        let mailbox = self.mailbox(provider).await?;
        let meant = self.order.destination;
        if let Some(item) = self.copy.place.item_id.clone()
            && let Some(found) = self.hear(provider.see(&mailbox, &item, meant)).await?
        {
            return Ok((mailbox, vec![found]));
        }
        // A further copy is one certain item: what else has this id has a copy of its own.
        if self.copy.ordinal > 0 {
            return Ok((mailbox, Vec::new()));
        }
        let id = self.claimed.identity.message_id.clone();
        let found = self.hear(provider.find(&mailbox, &id, meant)).await?;
        Ok((mailbox, found))
    }

    /// `Asked` is stored before the call leaves.
    async fn ask<P: MailboxProvider>(
        &mut self,
        provider: &P,
        mailbox: &MailboxRef,
        item: &str,
        wanted: Destination,
    ) -> Result<(), StoreError> {
        self.advance(Event::Asking).await?;
        if self.order.retraction.state != State::Asked {
            return Ok(());
        }
        match self.hear(provider.relocate(mailbox, item, wanted)).await {
            Ok(relocated) => {
                if let Some(id) = relocated.item_id {
                    self.copy.place.item_id = Some(id);
                }
                self.advance(Event::Accepted).await
            }
            Err(error) => self.failed(&error).await,
        }
    }

    /// Asked and no answer: looks where the copy is before anything is asked again.
    pub(super) async fn reconcile<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        let meant = provider.effective(self.asked());
        let seen = match self.see(provider).await {
            Ok(seen) => seen.map(|found| found.folder),
            Err(error) => return self.failed(&error).await,
        };
        match seen {
            Some(folder) if folder.satisfies(meant) => {
                self.copy.folder = folder;
                self.advance(Event::Verified).await
            }
            Some(_) => self.advance(Event::FoundElsewhere).await,
            None if meant == Destination::HardDelete => {
                self.copy.folder = Folder::Purged;
                self.advance(Event::Verified).await
            }
            None => {
                self.copy.folder = Folder::Purged;
                self.advance(Event::NotThere).await
            }
        }
    }

    /// The provider said it moved: seen there, or gone, it is done; elsewhere, it is asked again.
    pub(super) async fn verify<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        let meant = provider.effective(self.asked());
        match self.see(provider).await {
            Ok(Some(found)) if !found.folder.satisfies(meant) => {
                self.advance(Event::FoundElsewhere).await
            }
            Ok(seen) => {
                self.copy.folder = seen.map_or(Folder::Purged, |found| found.folder);
                self.copy.place.checked = Some(self.responder.clock.now());
                self.advance(Event::Verified).await
            }
            Err(error) => self.failed(&error).await,
        }
    }

    /// The copy's item, to see whether it is where it was asked to go.
    async fn see<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<Option<Found>, ProviderError> {
        let (mailbox, meant) = (self.mailbox(provider).await?, self.asked());
        let Some(item) = self.copy.place.item_id.clone() else { return Ok(None) };
        self.hear(provider.see(&mailbox, &item, meant)).await
    }

    /// Where the copy shall go. A stranger can copy every field of a good mail, and whoever forges
    /// a report can copy the provider's own id of it: nothing is deleted for good whose text and
    /// files are not those that were journaled.
    async fn wanted<P: MailboxProvider>(
        &mut self,
        provider: &P,
        mailbox: &MailboxRef,
        found: &Found,
    ) -> Result<Destination, ProviderError> {
        if self.order.destination != Destination::HardDelete {
            return Ok(self.order.destination);
        }
        self.copy.place.unlike = self.unlike(provider, mailbox, found).await?;
        match self.copy.place.unlike {
            Some(_) => Ok(Destination::SoftDelete),
            None => Ok(Destination::HardDelete),
        }
    }

    /// Where it was asked to go.
    fn asked(&self) -> Destination {
        match self.order.destination {
            Destination::HardDelete if !self.copy.place.is_purged => Destination::SoftDelete,
            destination => destination,
        }
    }
}

/// Looks for what a sender kept of a mail: it is there when the mail leaves, or not at all.
const SENT_LOOKS: u16 = 4;
