//! Back into a mailbox: the same item in its folder, with its marks; or, where it is gone for good,
//! a new one made from the journaled original.

use clawback_core::copy::Before;
use clawback_core::retraction::{Event, Reason, State};
use clawback_core::{Destination, Folder};
use clawback_remote::{Cause, Found, MailboxProvider, MailboxRef, ProviderError, Relocated};
use clawback_store::StoreError;

use super::attempt::Attempt;

impl Attempt<'_> {
    pub(super) async fn seek_and_put_back<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        let (mailbox, found) = match self.find_again(provider).await {
            Ok(found) => found,
            Err(error) => return self.failed(&error).await,
        };
        let Some(found) = found else { return self.make_again(provider, &mailbox).await };
        self.note(&mailbox, &found);
        let is_back = self.is_back(&found);
        // Its owner, or somebody else, took it out before us: where they put it is where it stays.
        let is_taken = found.folder.is_open() && self.order.retraction.tries == 0;
        if is_back || is_taken {
            return self.advance(Event::AlreadyThere).await;
        }
        self.advance(Event::Asking).await?;
        if self.order.retraction.state != State::Asked {
            return Ok(());
        }
        let asked = self.put(provider, &mailbox, &found).await;
        self.answered(asked).await
    }

    /// The item of the copy: by its id, or by that of its message where its own is not known there.
    async fn find_again<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(MailboxRef, Option<Found>), ProviderError> {
        let mailbox = self.mailbox(provider).await?;
        if let Some(found) = self.look(provider).await? {
            return Ok((mailbox, Some(found)));
        }
        let id = self.claimed.identity.message_id.clone();
        let found = self.hear(provider.locate(&mailbox, &id)).await?;
        // What has a copy of its own is not this one.
        let first = self.same(found).into_iter().next().filter(|_| self.copy.ordinal == 0);
        Ok((mailbox, first))
    }

    /// Asks for the item to be brought back, to the inbox where its own folder is gone.
    async fn put<P: MailboxProvider>(
        &mut self,
        provider: &P,
        mailbox: &MailboxRef,
        found: &Found,
    ) -> Result<Relocated, ProviderError> {
        let item = found.item_id.as_str();
        let Some(before) = self.copy.place.before.clone() else {
            return self.hear(provider.relocate(mailbox, item, Destination::Inbox)).await;
        };
        if before.folder_id.is_empty() && before.labels.is_empty() {
            if !found.folder.is_open() {
                return self.hear(provider.relocate(mailbox, item, Destination::Inbox)).await;
            }
            let here = Before { folder_id: found.folder_id.clone(), ..before };
            return self.hear(provider.put_back(mailbox, item, &here)).await;
        }
        match self.hear(provider.put_back(mailbox, item, &before)).await {
            Err(ProviderError::NoFolder) => {
                self.copy.place.before = Some(Before { folder_id: String::new(), ..before });
                self.hear(provider.relocate(mailbox, item, Destination::Inbox)).await
            }
            answered => answered,
        }
    }

    /// Whether the item is as it was before it was taken, as far as that can be.
    fn is_back(&self, found: &Found) -> bool {
        match &self.copy.place.before {
            None => found.folder.is_open(),
            Some(before) if before.folder_id.is_empty() && before.labels.is_empty() => {
                let here = Before { folder_id: found.folder_id.clone(), ..before.clone() };
                found.folder.is_open() && found.is_as(&here)
            }
            Some(before) => found.is_as(before),
        }
    }

    /// It is out of everybody's reach: what we had deleted for good is made again.
    async fn make_again<P: MailboxProvider>(
        &mut self,
        provider: &P,
        mailbox: &MailboxRef,
    ) -> Result<(), StoreError> {
        if !self.copy.place.is_purged {
            return self.advance(Event::Denied(Reason::Lost)).await;
        }
        let Some(original) = self.original().await? else {
            return self.advance(Event::Denied(Reason::Lost)).await;
        };
        if original.len() > provider.recreation().octets_max {
            return self.advance(Event::Denied(Reason::TooLarge)).await;
        }
        let before = self.copy.place.before.clone().unwrap_or_default();
        // Stored with the ask: after a crash it is looked for as what it would be.
        self.copy.place.is_recreated = true;
        self.copy.place.item_id = None;
        self.advance(Event::Asking).await?;
        if self.order.retraction.state != State::Asked {
            return Ok(());
        }
        let mut asked = self.hear(provider.recreate(mailbox, &original, &before)).await;
        if asked == Err(ProviderError::NoFolder) {
            let inbox = Before { folder_id: String::new(), ..before };
            asked = self.hear(provider.recreate(mailbox, &original, &inbox)).await;
            self.copy.place.before = Some(inbox);
        }
        self.answered(asked).await
    }

    async fn answered(
        &mut self,
        asked: Result<Relocated, ProviderError>,
    ) -> Result<(), StoreError> {
        match asked {
            Ok(relocated) => {
                if let Some(id) = relocated.item_id {
                    self.copy.place.item_id = Some(id);
                }
                self.advance(Event::Accepted).await
            }
            Err(error) => self.failed(&error).await,
        }
    }

    /// Asked and no answer: looks before anything is asked again.
    pub(super) async fn reconcile_restoration<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        let (mailbox, found) = match self.find_again(provider).await {
            Ok(found) => found,
            Err(error) => return self.failed(&error).await,
        };
        match found {
            Some(found) => {
                self.note(&mailbox, &found);
                match self.is_back(&found) {
                    true => self.restored(found.folder).await,
                    false => self.advance(Event::FoundElsewhere).await,
                }
            }
            // What was made a moment ago is not found by its message's id everywhere yet: made
            // twice, it would be there twice.
            None if self.copy.place.is_recreated && self.order.retraction.failures < MADE_LOOKS => {
                self.failed(&ProviderError::Unanswered(Cause::Unreadable)).await
            }
            None => self.advance(Event::FoundElsewhere).await,
        }
    }

    /// The provider said it is back: seen as it was, it is done.
    pub(super) async fn verify_restoration<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        match self.look(provider).await {
            Ok(Some(found)) if self.is_back(&found) || self.is_made(&found) => {
                self.restored(found.folder).await
            }
            Ok(_) => self.advance(Event::FoundElsewhere).await,
            Err(error) => self.failed(&error).await,
        }
    }

    /// Whether this is an item made again that lies where it should: its marks may differ from
    /// those of the one that is gone.
    fn is_made(&self, found: &Found) -> bool {
        self.copy.place.is_recreated && found.folder.is_open()
    }

    async fn restored(&mut self, folder: Folder) -> Result<(), StoreError> {
        self.copy.folder = folder;
        // A later retraction notes anew what it finds.
        self.copy.place.before = None;
        self.copy.place.is_purged = false;
        self.advance(Event::Verified).await
    }
}

/// Looks for what may have been made before it is made once more: with the waits between them, as
/// long as an index was seen to lag.
const MADE_LOOKS: u16 = 8;
