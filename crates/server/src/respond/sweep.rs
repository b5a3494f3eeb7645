//! Looks through all folders again after a retraction: what an index did not show before, what a
//! rule of the owner's copied, and what the owner put back.
//!
//! A further item of the same message is ordered as the first one was. What its owner put back is
//! noted and left: a person decided.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::copy::{Order, Place};
use clawback_core::{Copy, CopyId, Folder, Retraction};
use clawback_remote::{Found, MailboxProvider, MailboxRef, ProviderError};
use clawback_store::{StoreError, Sweep};
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::Responder;

impl Responder {
    /// Runs until `stop`, behind everything else: a few mailboxes at a time.
    pub(crate) async fn sweep(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if !self.sweep_some().await {
                let _ = stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await;
            }
        }
    }

    /// Looks through some of the mailboxes that are due; whether there were any.
    pub(super) async fn sweep_some(&self) -> bool {
        let region = self.store.region(&self.region);
        // While many copies wait to be taken out, each look here would put one of them off.
        let at_once = if self.room.is_quiet() { AT_ONCE_MAX } else { 1 };
        let due = region.claim_sweeps(at_once, LEASE).await.unwrap_or_else(|error| {
            tracing::error!(%error, "mailboxes to be looked through could not be claimed");
            Vec::new()
        });
        let any = !due.is_empty();
        let looking = stream::iter(due).for_each_concurrent(AT_ONCE_MAX, |sweep| async {
            if let Err(error) = Box::pin(self.look_through(sweep)).await {
                tracing::error!(%error, "what a look through a mailbox showed is not stored");
            }
        });
        looking.await;
        any
    }

    async fn look_through(&self, sweep: Sweep) -> Result<(), StoreError> {
        let region = self.store.region(&self.region);
        let now = self.clock.now();
        let next = self.schedule.sweep(sweep.sweeps.saturating_add(1), now);
        match self.all_of(&sweep).await {
            Ok(found) => {
                let (seen, new) = self.compare(&sweep, found);
                if !new.is_empty() {
                    self.hint.notify_one();
                }
                region.swept(sweep, seen, new, next).await
            }
            // Who cannot be asked now is asked at the next look.
            Err(error) => {
                tracing::debug!(%error, "a mailbox could not be looked through");
                region.swept(sweep, Vec::new(), Vec::new(), next).await
            }
        }
    }

    async fn all_of(&self, sweep: &Sweep) -> Result<Vec<Found>, ProviderError> {
        let copy = &sweep.copy;
        let provider = self.providers.of(copy.scope.tenant).ok_or(ProviderError::GrantRevoked)?;
        let mailbox = match &copy.copy.place.mailbox_id {
            Some(id) => MailboxRef::new(id.clone()),
            None => provider.resolve(&copy.copy.mailbox).await?,
        };
        provider.locate(&mailbox, &copy.identity.message_id).await
    }

    /// Known copies as they lie now, and a new one for each further item.
    fn compare(&self, sweep: &Sweep, found: Vec<Found>) -> (Vec<Copy>, Vec<Copy>) {
        let (now, of) = (self.clock.now(), &sweep.copy);
        let same = |found: &Found| of.identity.same_as(&found.identity).is_ok();
        let found: Vec<Found> = found.into_iter().filter(same).collect();
        let at = |copy: &Copy| {
            found.iter().find(|found| copy.place.item_id.as_ref() == Some(&found.item_id))
        };
        let seen = sweep.known.iter().map(|copy| {
            let folder = match at(copy) {
                Some(found) => found.folder,
                None if copy.place.item_id.is_some() => Folder::Purged,
                None => copy.folder,
            };
            let place = Place { checked: Some(now), ..copy.place.clone() };
            Copy { folder, place, ..copy.clone() }
        });
        let Some(order) = &of.copy.order else { return (seen.collect(), Vec::new()) };
        let is_known = |found: &&Found| {
            sweep.known.iter().any(|copy| copy.place.item_id.as_ref() == Some(&found.item_id))
        };
        let further = found.iter().filter(|found| !is_known(found));
        let further = further.filter(|found| !found.folder.satisfies(order.destination));
        let highest = sweep.known.iter().map(|copy| copy.ordinal).max().unwrap_or_default();
        let (ordinals, key) = (highest.saturating_add(1).., of.copy.mailbox.key());
        let new = ordinals.zip(further).map(|(ordinal, found)| Copy {
            id: CopyId::derived(of.copy.message, &key, ordinal),
            ordinal,
            folder: found.folder,
            place: Place {
                mailbox_id: of.copy.place.mailbox_id.clone(),
                item_id: Some(found.item_id.clone()),
                ..Place::default()
            },
            order: Some(Order { retraction: Retraction::planned(now), ..order.clone() }),
            ..of.copy.clone()
        });
        (seen.collect(), new.collect())
    }
}

const AT_ONCE_MAX: usize = 8;
const LEASE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_secs(1);
