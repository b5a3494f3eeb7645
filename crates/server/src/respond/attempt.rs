//! One copy on its way: asks the provider, looks again, stores every step.
//!
//! Every step is stored before the next one leaves: `Asked` before the call, what the provider
//! answered before the look that verifies it. Which state follows which is `core::retraction`'s
//! matter; this file turns what the provider says into its events.

use std::time::Duration;

use clawback_core::audit::{Actor, Entry};
use clawback_core::copy::{Copy, Folder, Order};
use clawback_core::retraction::{Event, Reason, Retraction, State};
use clawback_core::{CopyId, Destination};
use clawback_remote::{Cause, Found, MailboxProvider, MailboxRef, ProviderError};
use clawback_store::{Advance, ClaimedCopy, RegionStore, StoreError};
use metrics::{counter, histogram};

use super::Responder;

/// One copy in hand.
pub(super) struct Attempt<'a> {
    responder: &'a Responder,
    region: RegionStore,
    claimed: ClaimedCopy,
    copy: Copy,
    order: Order,
}

impl<'a> Attempt<'a> {
    /// A claimed copy; `None` where it is under no order.
    pub(super) fn new(responder: &'a Responder, claimed: ClaimedCopy) -> Option<Self> {
        let order = claimed.copy.order.clone()?;
        let (region, copy) = (responder.store.region(&responder.region), claimed.copy.clone());
        Some(Self { responder, region, claimed, copy, order })
    }

    /// Goes on as far as it can without waiting.
    pub(super) async fn work(&mut self) -> Result<(), StoreError> {
        let Some(provider) = self.responder.providers.of(self.claimed.scope.tenant) else {
            self.advance(Event::Hold(Reason::ConsentLost)).await?;
            return self.release().await;
        };
        for _ in 0..STEPS_MAX {
            match self.order.retraction.state {
                State::Waiting | State::Held => {
                    self.order.retraction = self.next(Event::Resume);
                }
                State::Planned => self.seek_and_ask(&provider).await?,
                State::Uncertain => self.reconcile(&provider).await?,
                State::Moved => self.verify(&provider).await?,
                _ => return Ok(()),
            }
            let state = self.order.retraction.state;
            let pauses = matches!(state, State::Waiting | State::Held)
                || self.order.retraction.due > self.responder.clock.now();
            if state.is_final() || pauses {
                return self.release().await;
            }
        }
        self.release().await
    }

    async fn seek_and_ask<P: MailboxProvider>(&mut self, provider: &P) -> Result<(), StoreError> {
        let sought = self.seek(provider).await;
        let (mailbox, found) = match sought {
            Ok(sought) => sought,
            Err(error) => return self.failed(&error).await,
        };
        let live = found.len();
        let mut same: Vec<Found> = found
            .into_iter()
            .filter(|found| self.claimed.identity.same_as(&found.identity).is_ok())
            .collect();
        same.sort_by(|a, b| a.item_id.cmp(&b.item_id));
        if same.is_empty() {
            let event = if live == 0 { Event::NotThere } else { Event::Denied(Reason::Mismatch) };
            return self.advance(event).await;
        }
        let ours = same.swap_remove(0);
        self.add_others(&mailbox, same).await?;
        self.note(&mailbox, &ours);
        if ours.folder.satisfies(provider.effective(self.wanted())) {
            return self.advance(Event::AlreadyThere).await;
        }
        self.copy.place.before.get_or_insert(ours.before);
        self.ask(provider, &mailbox, &ours.item_id).await
    }

    async fn seek<P: MailboxProvider>(
        &self,
        provider: &P,
    ) -> Result<(MailboxRef, Vec<Found>), ProviderError> {
        let mailbox = self.mailbox(provider).await?;
        if let Some(item) = &self.copy.place.item_id
            && let Some(found) = provider.see(&mailbox, item, self.order.destination).await?
        {
            return Ok((mailbox, vec![found]));
        }
        // A further copy is one certain item: what else has this id has a copy of its own.
        if self.copy.ordinal > 0 {
            return Ok((mailbox, Vec::new()));
        }
        let (id, meant) = (&self.claimed.identity.message_id, self.order.destination);
        let found = provider.find(&mailbox, id, meant).await?;
        Ok((mailbox, found))
    }

    async fn mailbox<P: MailboxProvider>(&self, provider: &P) -> Result<MailboxRef, ProviderError> {
        match &self.copy.place.mailbox_id {
            Some(id) => Ok(MailboxRef::new(id.clone())),
            None => provider.resolve(&self.copy.mailbox).await,
        }
    }

    /// `Asked` is stored before the call leaves.
    async fn ask<P: MailboxProvider>(
        &mut self,
        provider: &P,
        mailbox: &MailboxRef,
        item: &str,
    ) -> Result<(), StoreError> {
        self.advance(Event::Asking).await?;
        if self.order.retraction.state != State::Asked {
            return Ok(());
        }
        match provider.relocate(mailbox, item, self.wanted()).await {
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
    async fn reconcile<P: MailboxProvider>(&mut self, provider: &P) -> Result<(), StoreError> {
        let seen = match self.look(provider).await {
            Ok(seen) => seen,
            Err(error) => return self.failed(&error).await,
        };
        match seen {
            Some(folder) if folder.satisfies(provider.effective(self.wanted())) => {
                self.copy.folder = folder;
                self.advance(Event::Verified).await
            }
            Some(_) => self.advance(Event::FoundElsewhere).await,
            None if self.wanted() == Destination::HardDelete => {
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
    async fn verify<P: MailboxProvider>(&mut self, provider: &P) -> Result<(), StoreError> {
        let meant = provider.effective(self.wanted());
        match self.look(provider).await {
            Ok(Some(folder)) if !folder.satisfies(meant) => {
                self.advance(Event::FoundElsewhere).await
            }
            Ok(seen) => {
                self.copy.folder = seen.unwrap_or(Folder::Purged);
                self.advance(Event::Verified).await
            }
            Err(error) => self.failed(&error).await,
        }
    }

    async fn look<P: MailboxProvider>(
        &self,
        provider: &P,
    ) -> Result<Option<Folder>, ProviderError> {
        let mailbox = self.mailbox(provider).await?;
        let Some(item) = &self.copy.place.item_id else { return Ok(None) };
        Ok(provider.see(&mailbox, item, self.wanted()).await?.map(|found| found.folder))
    }

    /// Where the copy shall go. What was compared are fields that a stranger can copy from a good
    /// mail, where the provider has no id of its own: then nothing is done that cannot be undone.
    fn wanted(&self) -> Destination {
        match self.order.destination {
            Destination::HardDelete if !self.copy.place.is_proven => Destination::SoftDelete,
            destination => destination,
        }
    }

    fn note(&mut self, mailbox: &MailboxRef, found: &Found) {
        self.copy.place.mailbox_id = Some(mailbox.id().to_owned());
        self.copy.place.item_id = Some(found.item_id.clone());
        // An item that was compared and has such an id has the journaled one.
        self.copy.place.is_proven = found.identity.network_id.is_some();
        self.copy.folder = found.folder;
    }

    /// Several items with this id in one mailbox: each further one is a copy of its own.
    async fn add_others(&self, mailbox: &MailboxRef, others: Vec<Found>) -> Result<(), StoreError> {
        if others.is_empty() {
            return Ok(());
        }
        let (now, key) = (self.responder.clock.now(), self.copy.mailbox.key());
        let copies = (1..).zip(others).map(|(ordinal, found)| Copy {
            id: CopyId::derived(self.copy.message, &key, ordinal),
            ordinal,
            folder: found.folder,
            place: clawback_core::copy::Place {
                mailbox_id: Some(mailbox.id().to_owned()),
                item_id: Some(found.item_id),
                before: None,
                is_proven: found.identity.network_id.is_some(),
            },
            order: Some(Order { retraction: Retraction::planned(now), ..self.order.clone() }),
            ..self.copy.clone()
        });
        self.region.add_copies(&self.claimed.scope, self.copy.message, copies.collect()).await
    }

    /// What an error of the provider means for the copy.
    async fn failed(&mut self, error: &ProviderError) -> Result<(), StoreError> {
        let asked = self.order.retraction.state == State::Asked;
        let failed = |reason, wait| Event::Failed { reason, wait };
        let event = match error {
            ProviderError::GrantRevoked => {
                self.responder.providers.note_lost(self.claimed.scope.tenant);
                Event::Hold(Reason::ConsentLost)
            }
            ProviderError::AccessDenied => Event::Denied(Reason::AccessDenied),
            // A mailbox made a minute ago is not found everywhere yet.
            ProviderError::NoMailbox if self.order.retraction.failures < NO_MAILBOX_LOOKS => {
                failed(Reason::NoMailbox, Some(NO_MAILBOX_PAUSE))
            }
            ProviderError::NoMailbox => Event::Denied(Reason::NoMailbox),
            ProviderError::OnPremises => Event::Denied(Reason::OnPremises),
            ProviderError::Unsupported(_) => Event::Denied(Reason::Unsupported),
            ProviderError::Throttled { wait } => failed(Reason::Throttled, *wait),
            // Nothing was sent: that our own requests wait for each other is no failure of it.
            ProviderError::Failed(Cause::Busy) => failed(Reason::Throttled, None),
            // It was moved by somebody between our look and our ask: look for it anew.
            ProviderError::ItemGone => failed(Reason::NotArrived, Some(Duration::ZERO)),
            ProviderError::Unanswered(_) | ProviderError::Malformed { .. } if asked => {
                Event::Unanswered
            }
            _ => failed(Reason::ProviderFailed, None),
        };
        tracing::debug!(%error, copy = %self.copy.id, "the provider did not do it");
        self.advance(event).await
    }

    fn next(&self, event: Event) -> Retraction {
        let now = self.responder.clock.now();
        self.order.retraction.on(event, now, &self.responder.schedule)
    }

    /// Stores what follows from `event`, with an audit entry where the copy's way ends.
    async fn advance(&mut self, event: Event) -> Result<(), StoreError> {
        let before = self.order.retraction.state;
        let next = self.next(event);
        self.order.retraction = next;
        self.region.advance(&self.claimed, self.stored(false)).await?;
        if next.state != before {
            counter!("clawback_retractions_total", "state" => next.state.as_str()).increment(1);
        }
        if next.state == State::Retracted {
            let took = self.responder.clock.now().since(self.claimed.received);
            histogram!("clawback_time_to_retract_seconds").record(took.as_secs_f64());
        }
        Ok(())
    }

    async fn release(&self) -> Result<(), StoreError> {
        if self.order.retraction.state.is_final() {
            return Ok(());
        }
        self.region.advance(&self.claimed, self.stored(true)).await
    }

    fn stored(&self, release: bool) -> Advance {
        let retraction = self.order.retraction;
        let ends = retraction.state.is_final();
        Advance {
            retraction,
            folder: Some(self.copy.folder),
            place: Some(self.copy.place.clone()),
            release: release || ends,
            audit: ends.then(|| self.entry()),
        }
    }

    fn entry(&self) -> Entry {
        let retraction = self.order.retraction;
        Entry {
            at: self.responder.clock.now(),
            actor: Actor::system("response"),
            action: format!("copy.{}", retraction.state),
            target: self.copy.message.to_string(),
            details: serde_json::json!({
                "copy": self.copy.id,
                "job": self.order.job,
                "destination": self.order.destination,
                "reason": retraction.reason,
                "tries": retraction.tries,
            }),
        }
    }
}

const NO_MAILBOX_LOOKS: u16 = 3;
const NO_MAILBOX_PAUSE: Duration = Duration::from_secs(60);
/// Steps a copy may take in one go; what needs more is claimed again.
const STEPS_MAX: usize = 8;
