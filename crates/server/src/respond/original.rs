//! The journaled original: what a live item is compared with before it is deleted for good, and
//! what it is made from again.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use clawback_core::MessageId;
use clawback_core::copy::Unlike;
use clawback_core::record::Arrival;
use clawback_mail::journal;
use clawback_mail::likeness::{Difference, Likeness};
use clawback_remote::{Found, MailboxProvider, MailboxRef, ProviderError};
use clawback_store::StoreError;

use super::attempt::Attempt;

/// What the originals of the messages looked at last are like: one message may have thousands of
/// copies.
#[derive(Default)]
pub(crate) struct Originals {
    known: Mutex<VecDeque<(MessageId, Arc<Likeness>)>>,
}

impl Originals {
    fn get(&self, message: MessageId) -> Option<Arc<Likeness>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(id, _)| *id == message).map(|(_, likeness)| Arc::clone(likeness))
    }

    fn put(&self, message: MessageId, likeness: Arc<Likeness>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push_front((message, likeness));
        known.truncate(ORIGINALS_MAX);
    }
}

impl Attempt<'_> {
    /// In what the text and the files of a live item differ from those that were journaled;
    /// `None` where they do not.
    pub(super) async fn unlike<P: MailboxProvider>(
        &mut self,
        provider: &P,
        mailbox: &MailboxRef,
        found: &Found,
    ) -> Result<Option<Unlike>, ProviderError> {
        let journaled = match self.likeness().await {
            Ok(Some(journaled)) => journaled,
            Ok(None) => return Ok(Some(Unlike::Unknown)),
            Err(error) => {
                tracing::error!(%error, "a stored original could not be read");
                return Ok(Some(Unlike::Unknown));
            }
        };
        let live = match self.hear(provider.raw(mailbox, &found.item_id)).await {
            Ok(Some(live)) => live,
            Ok(None) => return Err(ProviderError::ItemGone),
            Err(ProviderError::TooLarge { .. }) => return Ok(Some(Unlike::Unknown)),
            Err(error) => return Err(error),
        };
        let live = tokio::task::spawn_blocking(move || Likeness::of(&live)).await;
        let Ok(live) = live else { return Ok(Some(Unlike::Unknown)) };
        Ok(journaled.compare(&live).err().map(|difference| match difference {
            Difference::Attachments => Unlike::Attachments,
            Difference::Links => Unlike::Links,
            Difference::Text => Unlike::Text,
        }))
    }

    async fn likeness(&self) -> Result<Option<Arc<Likeness>>, StoreError> {
        let (originals, message) = (&self.responder.originals, self.copy.message);
        if let Some(known) = originals.get(message) {
            return Ok(Some(known));
        }
        let Some(original) = self.original().await? else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || Arc::new(Likeness::of(&original))).await;
        let Ok(likeness) = read else { return Ok(None) };
        originals.put(message, Arc::clone(&likeness));
        Ok(Some(likeness))
    }

    /// The octets of the original, while we have them.
    pub(super) async fn original(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let scope = &self.claimed.scope;
        let mine = self.responder.store.tenant(scope.tenant, &scope.region);
        let Some(octets) = mine.raw(self.copy.message).await? else { return Ok(None) };
        let received = match self.claimed.arrival {
            Arrival::RoutedCopy => journal::plain_copy(&octets),
            _ => journal::unwrap(&octets),
        };
        Ok(received.originals.into_iter().next().map(Cow::into_owned))
    }
}

/// At most some 400 kB each.
const ORIGINALS_MAX: usize = 32;
