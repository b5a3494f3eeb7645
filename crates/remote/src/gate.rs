//! When a request may leave: not too many at once, and not before the time the service named.
//!
//! A mailbox that throttled closes its own gate and no other. While it is closed, what asks for
//! it is told how long to wait and nothing is sent: a request repeated too early counts as one
//! more against us. What the service says of the application closes everything. In the directory
//! one refusal among good answers is about its own question; several close it.
//!
//! A short wait for everything is waited for here, so that what is in hand goes on; a long one is
//! told to the caller, who keeps it where a restart finds it.
// spec: graph:throttling

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
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

/// How far a refusal reaches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    /// Everything that the application asks.
    Application,
    /// What was asked about.
    Area,
}

/// The gates of one connection.
pub(crate) struct Gates {
    clock: Arc<dyn Clock>,
    directory: Arc<Gate>,
    mailboxes: Mutex<HashMap<String, Arc<Gate>>>,
    mailbox_requests_max: usize,
    queue_timeout: Duration,
    closed_until: AtomicU64,
    tide: Tide,
    width: Arc<Width>,
}

#[derive(Debug)]
struct Gate {
    /// Whether one refusal closes it: so it is with a mailbox.
    is_of_mailbox: bool,
    closed_until: AtomicU64,
    /// Refusals in a row.
    strikes: AtomicU32,
    tide: Tide,
    places: Arc<Semaphore>,
    places_max: usize,
}

/// The right to have one request under way, or one batch, until it is dropped.
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
            directory: Arc::new(Gate::new(false, requests_max)),
            mailboxes: Mutex::default(),
            mailbox_requests_max,
            queue_timeout,
            closed_until: AtomicU64::new(0),
            tide: Tide::default(),
            width: Arc::new(Width::new(requests_max)),
        }
    }

    /// Waits until a request may leave.
    pub(crate) async fn enter(&self, area: Area<'_>) -> Result<Pass, ProviderError> {
        self.enter_with(area, 1).await
    }

    /// Waits until a batch may leave of which so many run at once.
    pub(crate) async fn enter_with(
        &self,
        area: Area<'_>,
        at_once: usize,
    ) -> Result<Pass, ProviderError> {
        let gate = self.gate(area);
        for _ in 0..TURNS_MAX {
            self.until_open().await?;
            gate.check(self.clock.now())?;
            let pass = self.take(&gate, at_once).await?;
            // It may have been closed by an answer that came while this one waited.
            gate.check(self.clock.now())?;
            if self.closed_for().is_zero() {
                return Ok(pass);
            }
        }
        Err(ProviderError::Throttled { wait: Some(self.closed_for()) })
    }

    async fn take(&self, gate: &Arc<Gate>, at_once: usize) -> Result<Pass, ProviderError> {
        let busy = ProviderError::Failed(Cause::Busy);
        let pass = async {
            let places = u32::try_from(at_once.clamp(1, gate.places_max)).unwrap_or(1);
            // The mailbox first: whoever waits for a busy mailbox holds nobody else up.
            let permit = Arc::clone(&gate.places).acquire_many_owned(places).await;
            let permit = permit.map_err(|_| busy)?;
            let place = self.width.enter(at_once).await.map_err(|_| busy)?;
            Ok(Pass { gate: Arc::clone(gate), place, _permit: permit })
        };
        tokio::time::timeout(self.queue_timeout, pass).await.map_err(|_| busy)?
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
        let gate = Arc::new(Gate::new(true, self.mailbox_requests_max));
        gates.insert(id.to_owned(), Arc::clone(&gate));
        gate
    }

    /// Waits where everything is closed for a short while.
    async fn until_open(&self) -> Result<(), ProviderError> {
        let wait = self.closed_for();
        if wait.is_zero() {
            return Ok(());
        }
        if wait <= PATIENCE {
            tokio::time::sleep(wait).await;
        }
        match self.closed_for() {
            wait if wait.is_zero() => Ok(()),
            wait => Err(ProviderError::Throttled { wait: Some(wait) }),
        }
    }

    fn closed_for(&self) -> Duration {
        UnixMillis(self.closed_until.load(Ordering::SeqCst)).since(self.clock.now())
    }

    /// Takes note that the service throttled what was asked about.
    pub(crate) fn was_throttled(&self, pass: &Pass, wait: Option<Duration>) {
        self.throttled(pass, Reach::Area, wait);
    }

    /// Takes note that the service throttled, and how far that reaches. Where it gave no time, the
    /// wait is twice as long each time in a row.
    pub(crate) fn throttled(&self, pass: &Pass, reach: Reach, wait: Option<Duration>) {
        let gate = &pass.gate;
        let strikes = gate.strikes.fetch_add(1, Ordering::SeqCst);
        let wait = wait.unwrap_or_else(|| BACKOFF.saturating_mul(1 << strikes.min(DOUBLED_MAX)));
        let until = self.clock.now().after(wait);
        let piles_up = gate.tide.refused(1);
        if gate.is_of_mailbox || piles_up {
            gate.closed_until.fetch_max(until.0, Ordering::SeqCst);
        }
        // Many mailboxes that refuse at the same time are the application's matter, whatever the
        // service calls it.
        if self.tide.refused(REFUSALS_OF_ALL) || reach == Reach::Application {
            pass.place.was_throttled();
            self.closed_until.fetch_max(until.0, Ordering::SeqCst);
        }
    }

    /// Takes note that the service answered as it should.
    pub(crate) fn went_well(&self, pass: &Pass) {
        self.tide.went_well();
        pass.gate.strikes.store(0, Ordering::SeqCst);
        pass.gate.tide.went_well();
        pass.place.went_well();
    }
}

impl Gate {
    fn new(is_of_mailbox: bool, places_max: usize) -> Self {
        Self {
            is_of_mailbox,
            closed_until: AtomicU64::new(0),
            strikes: AtomicU32::new(0),
            tide: Tide::default(),
            places: Arc::new(Semaphore::new(places_max)),
            places_max: places_max.max(1),
        }
    }

    fn check(&self, now: UnixMillis) -> Result<(), ProviderError> {
        let wait = UnixMillis(self.closed_until.load(Ordering::SeqCst)).since(now);
        match wait.is_zero() {
            true => Ok(()),
            false => Err(ProviderError::Throttled { wait: Some(wait) }),
        }
    }
}

/// The last answers, a bit each: whether refusals are single or pile up.
#[derive(Debug, Default)]
struct Tide(Mutex<(u16, u32)>);

impl Tide {
    fn went_well(&self) {
        self.note(0);
    }

    /// Whether this refusal is one of at least so many, and more than a third of the last answers
    /// were refusals. Then counting begins anew.
    fn refused(&self, least: u32) -> bool {
        let (refusals, answers) = self.note(1);
        let piles_up = refusals >= least && refusals * 3 > answers;
        if piles_up {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (0, 0);
        }
        piles_up
    }

    fn note(&self, bit: u16) -> (u32, u32) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (bits, answers) = *last;
        *last = (bits << 1 | bit, (answers + 1).min(u16::BITS));
        (last.0.count_ones(), last.1)
    }
}

const BACKOFF: Duration = Duration::from_secs(1);
/// The longest wait of our own is 64 seconds.
const DOUBLED_MAX: u32 = 6;
/// At this many, gates that nobody stands at and that are open are forgotten; those that stay are
/// bounded by the calls under way and by what throttled within the longest wait we believe.
const GATES_MAX: usize = 10_000;
/// A wait for everything that is not worth giving the work in hand back for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Fewer refusals than this say nothing of the application.
const REFUSALS_OF_ALL: u32 = 3;
/// Turns to wait for in one call, each ended by another wait for everything.
const TURNS_MAX: usize = 3;

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> UnixMillis {
            UnixMillis(self.0.load(Ordering::SeqCst))
        }
    }

    fn gates() -> (Gates, Arc<Hand>) {
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = Arc::<Hand>::clone(&hand);
        (Gates::new(clock, 4, 64, Duration::from_secs(5)), hand)
    }

    const TEN: Option<Duration> = Some(Duration::from_secs(10));
    const CLOSED: ProviderError = ProviderError::Throttled { wait: TEN };

    #[tokio::test]
    async fn a_mailbox_closes_for_itself_and_the_application_for_all() {
        let (gates, hand) = gates();
        let (anna, ben) = (Area::Mailbox("anna"), Area::Mailbox("ben"));
        for _ in 0..10 {
            gates.went_well(&gates.enter(ben).await.unwrap());
        }
        let pass = gates.enter(anna).await.unwrap();
        gates.throttled(&pass, Reach::Area, TEN);
        assert_eq!(gates.enter(anna).await.unwrap_err(), CLOSED);
        let pass = gates.enter(ben).await.unwrap();
        gates.throttled(&pass, Reach::Application, TEN);
        for area in [anna, ben, Area::Mailbox("cleo"), Area::Directory] {
            assert_eq!(gates.enter(area).await.unwrap_err(), CLOSED, "{area:?}");
        }
        hand.0.fetch_add(10_000, Ordering::SeqCst);
        gates.enter(anna).await.unwrap();
    }

    #[tokio::test]
    async fn one_refusal_among_good_answers_is_about_its_own_question() {
        let (gates, hand) = gates();
        let enter = || gates.enter(Area::Directory);
        for _ in 0..16 {
            gates.went_well(&enter().await.unwrap());
        }
        for _ in 0..5 {
            gates.throttled(&enter().await.unwrap(), Reach::Area, TEN);
        }
        gates.throttled(&enter().await.unwrap(), Reach::Area, TEN);
        assert_eq!(enter().await.unwrap_err(), CLOSED, "six of the last sixteen");
        hand.0.fetch_add(10_000, Ordering::SeqCst);
        gates.throttled(&enter().await.unwrap(), Reach::Area, TEN);
        assert_eq!(enter().await.unwrap_err(), CLOSED, "the first after a wait");
    }

    #[tokio::test]
    async fn mailboxes_that_refuse_together_close_all() {
        let (gates, _hand) = gates();
        for at in 0..3 {
            let id = at.to_string();
            let pass = gates.enter(Area::Mailbox(&id)).await.unwrap();
            gates.throttled(&pass, Reach::Area, TEN);
        }
        assert_eq!(gates.enter(Area::Mailbox("another")).await.unwrap_err(), CLOSED);
    }

    #[tokio::test]
    async fn without_a_time_the_wait_doubles() {
        let (gates, hand) = gates();
        let anna = Area::Mailbox("anna");
        for seconds in [1, 2, 4] {
            for _ in 0..16 {
                gates.went_well(&gates.enter(Area::Mailbox("ben")).await.unwrap());
            }
            gates.throttled(&gates.enter(anna).await.unwrap(), Reach::Area, None);
            let wait = Some(Duration::from_secs(seconds));
            assert_eq!(gates.enter(anna).await.unwrap_err(), ProviderError::Throttled { wait });
            hand.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn a_short_wait_for_all_is_waited_for() {
        let (gates, hand) = gates();
        let wait = Some(Duration::from_millis(40));
        gates.throttled(&gates.enter(Area::Directory).await.unwrap(), Reach::Application, wait);
        let turn = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            hand.0.fetch_add(40, Ordering::SeqCst);
        };
        let (entered, ()) = tokio::join!(gates.enter(Area::Mailbox("anna")), turn);
        entered.unwrap();
    }
}
