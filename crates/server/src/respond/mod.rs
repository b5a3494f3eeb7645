//! Takes copies out of mailboxes: claims what is due and lets each be attended to.
//!
//! What is done with one copy stands in [`attempt`]; this file says how many at once.

mod attempt;
mod original;
mod restore;
mod retract;
mod settle;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use clawback_core::retraction::Schedule;
use clawback_core::{Clock, Region};
use clawback_store::{ClaimedCopy, Store, StoreError};
use tokio::sync::{Notify, Semaphore};
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
}

impl Responder {
    /// Runs until `stop`; returns when what was begun is stored.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let region = self.store.region(&self.region);
        let (room, tasks) = (Arc::new(Semaphore::new(AT_ONCE_MAX)), TaskTracker::new());
        while !stop.is_cancelled() {
            let free = room.available_permits();
            let claimed = match free {
                0 => Ok(Vec::new()),
                _ => region.claim_copies(free.min(CLAIM_MAX), LEASE, self.clock.now()).await,
            };
            let claimed = claimed.unwrap_or_else(|error| {
                tracing::error!(%error, "due copies could not be claimed");
                Vec::new()
            });
            let idle = claimed.is_empty();
            for copy in claimed {
                let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
                let responder = Arc::clone(&self);
                tasks.spawn(async move {
                    Box::pin(responder.attend(copy)).await;
                    drop(permit);
                });
            }
            if idle {
                let rest = tokio::time::timeout(POLL_EVERY, self.hint.notified());
                let _ = stop.run_until_cancelled(rest).await;
            }
        }
        tasks.close();
        tasks.wait().await;
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

const AT_ONCE_MAX: usize = 64;
const CLAIM_MAX: usize = 64;
/// Longer than any one call may take; a worker that sleeps longer finds its claim gone.
const LEASE: Duration = Duration::from_secs(120);
const POLL_EVERY: Duration = Duration::from_millis(250);
