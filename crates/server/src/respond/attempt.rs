//! One copy on its way: asks the provider, looks again, stores every step.
//!
//! Every step is stored before the next one leaves: `Asked` before the call, what the provider
//! answered before the look that verifies it. Which state follows which is `core::retraction`'s
//! matter; this folder turns what the provider says into its events: [`super::retract`] on the way
//! out of a mailbox, [`super::restore`] on the way back.

use std::time::Duration;

use clawback_core::audit::{Actor, Entry};
use clawback_core::copy::{Answer, Copy, Order, Place, Step};
use clawback_core::retraction::{Event, Reason, Retraction, State};
use clawback_core::{CopyId, Folder, Reach};
use clawback_mail::address::Address;
use clawback_remote::{Cause, Found, Heard, MailboxProvider, MailboxRef, ProviderError};
use clawback_store::{Advance, ClaimedCopy, RegionStore, StoreError};
use metrics::{counter, histogram};

use super::Responder;

/// One copy in hand.
pub(super) struct Attempt<'a> {
    pub(super) responder: &'a Responder,
    pub(super) region: RegionStore,
    pub(super) claimed: ClaimedCopy,
    pub(super) copy: Copy,
    pub(super) order: Order,
    /// What the provider answered since the last step was stored.
    pub(super) answers: Vec<Heard>,
}

impl<'a> Attempt<'a> {
    /// A claimed copy; `None` where it is under no order.
    pub(super) fn new(responder: &'a Responder, claimed: ClaimedCopy) -> Option<Self> {
        let order = claimed.copy.order.clone()?;
        let (region, copy) = (responder.store.region(&responder.region), claimed.copy.clone());
        Some(Self { responder, region, claimed, copy, order, answers: Vec::new() })
    }

    /// Goes on as far as it can without waiting.
    pub(super) async fn work(&mut self) -> Result<(), StoreError> {
        let Some(provider) = self.responder.providers.of(self.claimed.scope.tenant) else {
            self.advance(Event::Hold(Reason::ConsentLost)).await?;
            return self.release().await;
        };
        for _ in 0..STEPS_MAX {
            match (self.order.retraction.state, self.order.is_restoration()) {
                (State::Waiting | State::Held, _) => {
                    self.order.retraction = self.next(Event::Resume);
                }
                (State::Planned, false) => self.seek_and_ask(&provider).await?,
                (State::Planned, true) => self.seek_and_put_back(&provider).await?,
                (State::Uncertain, false) => self.reconcile(&provider).await?,
                (State::Uncertain, true) => self.reconcile_restoration(&provider).await?,
                (State::Moved, false) => self.verify(&provider).await?,
                (State::Moved, true) => self.verify_restoration(&provider).await?,
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

    /// Asks something of the provider, and keeps what it answered for the step that follows.
    pub(super) async fn hear<T>(&mut self, call: impl Future<Output = T>) -> T {
        let (output, heard) = Box::pin(clawback_remote::heard(call)).await;
        self.answers.extend(heard);
        output
    }

    /// The mailbox of the copy's address.
    pub(super) async fn mailbox<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<MailboxRef, ProviderError> {
        if let Some(id) = &self.copy.place.mailbox_id {
            return Ok(MailboxRef::new(id.clone()));
        }
        let address = self.copy.mailbox.clone();
        self.hear(provider.resolve(&address)).await
    }

    /// The copy's item where it lies now, by its immutable id; `None` where it is out of reach.
    pub(super) async fn look<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<Option<Found>, ProviderError> {
        let mailbox = self.mailbox(provider).await?;
        let Some(item) = self.copy.place.item_id.clone() else { return Ok(None) };
        self.hear(provider.look(&mailbox, &item)).await
    }

    /// Of items with this message's id, those that are this message.
    pub(super) fn same(&self, found: Vec<Found>) -> Vec<Found> {
        let (journaled, is_recreated) = (&self.claimed.identity, self.copy.place.is_recreated);
        let is_same = |found: &Found| match is_recreated {
            true => journaled.same_made_again(&found.identity).is_ok(),
            false => journaled.same_as(&found.identity).is_ok(),
        };
        let mut same: Vec<Found> = found.into_iter().filter(is_same).collect();
        same.sort_by(|a, b| a.item_id.cmp(&b.item_id));
        same
    }

    pub(super) fn note(&mut self, mailbox: &MailboxRef, found: &Found) {
        self.copy.place.mailbox_id = Some(mailbox.id().to_owned());
        self.copy.place.item_id = Some(found.item_id.clone());
        self.copy.folder = found.folder;
    }

    /// Several items with this id in one mailbox: each further one is a copy of its own.
    pub(super) async fn add_others(
        &self,
        mailbox: &MailboxRef,
        others: Vec<Found>,
    ) -> Result<(), StoreError> {
        if others.is_empty() {
            return Ok(());
        }
        let (now, key) = (self.responder.clock.now(), self.copy.mailbox.key());
        let copies = (1..).zip(others).map(|(ordinal, found)| Copy {
            id: CopyId::derived(self.copy.message, &key, ordinal),
            ordinal,
            folder: found.folder,
            place: Place {
                mailbox_id: Some(mailbox.id().to_owned()),
                item_id: Some(found.item_id),
                ..Place::default()
            },
            order: Some(Order { retraction: Retraction::planned(now), ..self.order.clone() }),
            ..self.copy.clone()
        });
        self.region.add_copies(&self.claimed.scope, self.copy.message, copies.collect()).await
    }

    /// Nobody has the address: where it is a group's, its members are ordered in its place.
    pub(super) async fn open_group<P: MailboxProvider>(
        &mut self,
        provider: &P,
    ) -> Result<(), StoreError> {
        let address = self.copy.mailbox.clone();
        match self.hear(provider.members(&address)).await {
            Ok(Some(members)) => {
                self.add_members(members).await?;
                self.advance(Event::Opened).await
            }
            Ok(None) => self.failed(&ProviderError::NoMailbox).await,
            // Without the permission to read groups an address that nobody has stays just that.
            Err(ProviderError::AccessDenied) => self.failed(&ProviderError::NoMailbox).await,
            Err(error) => self.failed(&error).await,
        }
    }

    async fn add_members(&self, members: Vec<Address>) -> Result<(), StoreError> {
        let now = self.responder.clock.now();
        let copies: Vec<Copy> = members
            .into_iter()
            .map(|mailbox| Copy {
                id: CopyId::derived(self.copy.message, &mailbox.key(), 0),
                message: self.copy.message,
                mailbox,
                ordinal: 0,
                reach: Reach::Internal,
                folder: Folder::Unknown,
                place: Place::default(),
                order: Some(Order { retraction: Retraction::planned(now), ..self.order.clone() }),
            })
            .collect();
        for some in copies.chunks(MEMBERS_A_STEP) {
            let (scope, some) = (&self.claimed.scope, some.to_vec());
            self.region.add_copies(scope, self.copy.message, some).await?;
        }
        self.responder.hint.notify_one();
        Ok(())
    }

    /// What an error of the provider means for the copy.
    pub(super) async fn failed(&mut self, error: &ProviderError) -> Result<(), StoreError> {
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
            ProviderError::TooLarge { .. } => Event::Denied(Reason::TooLarge),
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

    pub(super) fn next(&self, event: Event) -> Retraction {
        let now = self.responder.clock.now();
        self.order.retraction.on(event, now, &self.responder.schedule)
    }

    /// Stores what follows from `event`, with an audit entry where the copy's way ends.
    pub(super) async fn advance(&mut self, event: Event) -> Result<(), StoreError> {
        let before = self.order.retraction.state;
        let next = self.next(event);
        self.order.retraction = next;
        let step = Step {
            at: self.responder.clock.now(),
            job: self.order.job,
            state: next.state,
            reason: next.reason,
            answers: std::mem::take(&mut self.answers).into_iter().map(answer).collect(),
        };
        #[cfg(test)]
        super::tests::step().await;
        self.region.advance(&self.claimed, self.stored(Some(step), false)).await?;
        #[cfg(test)]
        super::tests::step().await;
        let is_new = next.state != before;
        match self.order.is_restoration() {
            _ if !is_new => {}
            true => {
                counter!("clawback_restorations_total", "state" => next.state.as_str()).increment(1)
            }
            false => {
                counter!("clawback_retractions_total", "state" => next.state.as_str()).increment(1)
            }
        }
        if next.state == State::Retracted && !self.order.is_restoration() {
            let took = self.responder.clock.now().since(self.claimed.received);
            histogram!("clawback_time_to_retract_seconds").record(took.as_secs_f64());
        }
        Ok(())
    }

    async fn release(&self) -> Result<(), StoreError> {
        if self.order.retraction.state.is_final() {
            return Ok(());
        }
        self.region.advance(&self.claimed, self.stored(None, true)).await
    }

    fn stored(&self, step: Option<Step>, release: bool) -> Advance {
        let retraction = self.order.retraction;
        let ends = retraction.state.is_final();
        let (schedule, now) = (&self.responder.schedule, self.responder.clock.now());
        let is_swept = retraction.is_swept_after() && !self.order.is_restoration();
        Advance {
            retraction,
            sweep: (is_swept && self.copy.ordinal == 0).then(|| schedule.sweep(0, now)).flatten(),
            folder: Some(self.copy.folder),
            place: Some(self.copy.place.clone()),
            step,
            release: release || ends,
            audit: ends.then(|| self.entry()),
        }
    }

    fn entry(&self) -> Entry {
        let retraction = self.order.retraction;
        Entry {
            at: self.responder.clock.now(),
            actor: Actor::system("response"),
            action: match (retraction.state, self.order.is_restoration()) {
                (State::Retracted, true) => "copy.restored".to_owned(),
                (state, true) => format!("restoration.{state}"),
                (state, false) => format!("copy.{state}"),
            },
            target: self.copy.message.to_string(),
            details: serde_json::json!({
                "copy": self.copy.id,
                "job": self.order.job,
                "destination": self.order.destination,
                "reason": retraction.reason,
                "tries": retraction.tries,
                "recreated": self.copy.place.is_recreated,
                "unlike": self.copy.place.unlike,
            }),
        }
    }
}

/// What is kept of an answer.
fn answer(heard: Heard) -> Answer {
    Answer {
        call: heard.call.into_owned(),
        status: heard.status,
        code: heard.code,
        ours: Some(heard.client_request_id).filter(|id| !id.is_empty()),
        theirs: heard.request_id,
    }
}

/// Members of a group that are ordered in one transaction.
const MEMBERS_A_STEP: usize = 500;
const NO_MAILBOX_LOOKS: u16 = 3;
const NO_MAILBOX_PAUSE: Duration = Duration::from_secs(60);
/// Steps a copy may take in one go; what needs more is claimed again.
const STEPS_MAX: usize = 8;
