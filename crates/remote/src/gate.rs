//! When a request may leave: not too many at once, and not before the time the service named.
//!
//! A mailbox that throttled closes its own gate and no other. While it is closed, what asks for
//! it is told how long to wait and nothing is sent: a request repeated too early counts as one
//! more against us.
// spec: graph:throttling

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clawback_core::{Clock, UnixMillis};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Cause, ProviderError};
use crate::width::{Place, Width};

/// What a request is about, and so what it is counted against.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Area<'a> {
    /// Users.
    Directory,
    /// One mailbox, by its id.
    Mailbox(&'a str),
    /// The organisation's own record, which we can do without.
    Organisation,
}

/// The gates of one connection.
pub(crate) struct Gates {
    clock: Arc<dyn Clock>,
    directory: Arc<Gate>,
    mailboxes: Mutex<HashMap<String, Arc<Gate>>>,
    mailbox_requests_max: usize,
    queue_timeout: Duration,
    width: Arc<Width>,
}

#[derive(Debug)]
struct Gate {
    closed_until: AtomicU64,
    places: Arc<Semaphore>,
}

/// The right to have one request under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    gate: Arc<Gate>,
    place: Place,
    _permit: OwnedSemaphorePermit,
}

impl Gates {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        mailbox_requests_max: usize,
        requests_max: usize,
        queue_timeout: Duration,
    ) -> Self {
        Self {
            clock,
            directory: Arc::new(Gate::new(requests_max)),
            mailboxes: Mutex::default(),
            mailbox_requests_max,
            queue_timeout,
            width: Arc::new(Width::new(requests_max)),
        }
    }

    /// Waits until a request may leave.
    pub(crate) async fn enter(&self, area: Area<'_>) -> Result<Pass, ProviderError> {
        let gate = self.gate(area);
        gate.check(self.clock.now())?;
        let busy = ProviderError::Failed(Cause::Busy);
        let pass = async {
            // The mailbox first: whoever waits for a busy mailbox holds nobody else up.
            let permit = Arc::clone(&gate.places).acquire_owned().await.map_err(|_| busy)?;
            let place = self.width.enter().await.map_err(|_| busy)?;
            Ok(Pass { gate: Arc::clone(&gate), place, _permit: permit })
        };
        let pass = tokio::time::timeout(self.queue_timeout, pass).await.map_err(|_| busy)??;
        // It may have been closed by an answer that came while this one waited.
        pass.gate.check(self.clock.now())?;
        Ok(pass)
    }

    fn gate(&self, area: Area<'_>) -> Arc<Gate> {
        let Area::Mailbox(id) = area else { return Arc::clone(&self.directory) };
        let mut gates = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(id) {
            return Arc::clone(gate);
        }
        if gates.len() >= GATES_MAX {
            let now = self.clock.now();
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.check(now).is_err());
        }
        let gate = Arc::new(Gate::new(self.mailbox_requests_max));
        gates.insert(id.to_owned(), Arc::clone(&gate));
        gate
    }

    /// Takes note that the service throttled.
    pub(crate) fn was_throttled(&self, pass: &Pass, wait: Option<Duration>) {
        pass.place.was_throttled();
        let until = self.clock.now().after(wait.unwrap_or_default());
        pass.gate.closed_until.fetch_max(until.0, Ordering::SeqCst);
    }
}

impl Pass {
    /// Takes note that the service answered as it should.
    pub(crate) fn went_well(&self) {
        self.place.went_well();
    }
}

impl Gate {
    fn new(places: usize) -> Self {
        Self { closed_until: AtomicU64::new(0), places: Arc::new(Semaphore::new(places)) }
    }

    fn check(&self, now: UnixMillis) -> Result<(), ProviderError> {
        let wait = UnixMillis(self.closed_until.load(Ordering::SeqCst)).since(now);
        match wait.is_zero() {
            true => Ok(()),
            false => Err(ProviderError::Throttled { wait: Some(wait) }),
        }
    }
}

/// At this many, gates that nobody stands at and that are open are forgotten; those that stay are
/// bounded by the calls under way and by what throttled within the longest wait we believe.
const GATES_MAX: usize = 10_000;
