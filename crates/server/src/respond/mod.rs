//! Takes copies out of mailboxes: claims what is due and lets each be attended to.
//!
//! What is done with one copy stands in [`attempt`]; this file says how many are in hand. More of
//! them than calls at once: while some wait for the provider, others wait for the records. The
//! next are claimed before those in hand are done, and many by one claim. How many calls run at
//! once, and when, each connection knows.

mod attempt;
mod original;
mod restore;
mod retract;
mod settle;
mod sweep;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use clawback_core::retraction::Schedule;
use clawback_core::{Clock, Region};
use clawback_store::{ClaimedCopy, Store, StoreError};
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::attempt::Attempt;
pub(crate) use self::original::Originals;
pub(crate) use self::settle::settle;
use crate::providers::Providers;

/// Works off the copies of one region that are due.
pub(crate) struct Responder {
    /// Records.
    pub(crate) store: Store,
    /// Whose copies.
    pub(crate) region: Region,
    /// Who reaches the mailboxes of which tenant.
    pub(crate) providers: Arc<Providers>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// How long to wait between looks and tries.
    pub(crate) schedule: Schedule,
    /// What was journaled, of the messages in hand.
    pub(crate) originals: Originals,
    /// Rung when new orders were recorded.
    pub(crate) hint: Arc<Notify>,
    /// For copies in hand.
    pub(crate) room: Room,
}

/// The room for copies in hand.
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(IN_HAND_MAX)))
    }
}

impl Room {
    /// Waits until there is room for so many that a claim is worth its while.
    async fn some(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.0).acquire_many_owned(CLAIM_LEAST).await
    }

    /// Whether few enough are in hand for what nobody waits for.
    fn is_quiet(&self) -> bool {
        self.0.available_permits() >= IN_HAND_MAX / 2
    }
}

impl Responder {
    /// Runs until `stop`; returns when what was begun is stored.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        while let Some(Ok(mut free)) = stop.run_until_cancelled(self.room.some()).await {
            let claimed = self.claim(&mut free).await;
            let idle = claimed.is_empty();
            for copy in claimed {
                let Some(place) = free.split(1) else { break };
                let responder = Arc::clone(&self);
                tasks.spawn(async move {
                    Box::pin(responder.attend(copy)).await;
                    drop(place);
                });
            }
            drop(free);
            if idle {
                let rest = tokio::time::timeout(POLL_EVERY, self.hint.notified());
                let _ = stop.run_until_cancelled(rest).await;
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Claims as many as there is room for.
    async fn claim(&self, free: &mut OwnedSemaphorePermit) -> Vec<ClaimedCopy> {
        // What became free since the last claim is filled by the same one.
        if let Ok(more) = Arc::clone(free.semaphore()).try_acquire_many_owned(CLAIM_LEAST) {
            free.merge(more);
        }
        let region = self.store.region(&self.region);
        let claimed = region.claim_copies(free.num_permits(), LEASE, self.clock.now()).await;
        claimed.unwrap_or_else(|error| {
            tracing::error!(%error, "due copies could not be claimed");
            Vec::new()
        })
    }

    async fn attend(&self, claimed: ClaimedCopy) {
        let Some(mut attempt) = Attempt::new(self, claimed) else { return };
        match attempt.work().await {
            // Another worker has it by now; what it does counts.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => tracing::error!(%error, "a copy's state could not be stored"),
        }
    }
}

/// Copies that are claimed at once, at least where there are as many.
const CLAIM_LEAST: u32 = 64;
/// Copies in hand: those whose calls run, those that wait for their turn or for the records, and
/// those that the next claim replaces.
const IN_HAND_MAX: usize = 320;
/// Longer than any one call may take; a worker that sleeps longer finds its claim gone.
const LEASE: Duration = Duration::from_secs(120);
const POLL_EVERY: Duration = Duration::from_millis(250);
