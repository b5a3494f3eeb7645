//! Quota units: each request takes what it costs out of its mailbox's bucket and the project's,
//! before it leaves.
//!
//! A bucket holds a quarter of what the service allows in a minute and fills at three quarters of
//! its pace, so that no minute, wherever it begins, sees more than is allowed. An empty bucket
//! tells how long to wait: a request that would be refused is not sent.
// spec: gmail:quota

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clawback_core::{Clock, UnixMillis};

use crate::error::ProviderError;

/// What a request costs. The prices of the table of May 2026 where they are known, which has made
/// `get` dearer; those of the older table for the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Price {
    Delete,
    /// The directory has a quota of its own, which is far away.
    Free,
    Get,
    Insert,
    Labels,
    List,
    Modify,
}

impl Price {
    fn units(self) -> u64 {
        match self {
            Self::Free => 0,
            Self::Labels => 1,
            Self::List | Self::Modify => 5,
            Self::Delete => 10,
            Self::Get => 20,
            Self::Insert => 25,
        }
    }
}

/// The buckets of one connection.
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    user_units: u64,
    project_units: u64,
    patience: Duration,
}

struct State {
    project: Bucket,
    users: HashMap<String, Bucket>,
    /// How often in a row each mailbox was throttled.
    strikes: HashMap<String, u32>,
}

/// Units are counted in sixty-thousandths, so that a millisecond fills a whole number of them.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: u64,
    at: UnixMillis,
    a_minute: u64,
}

impl Bucket {
    fn full(a_minute: u64, at: UnixMillis) -> Self {
        Self { level: Self::burst(a_minute), at, a_minute }
    }

    fn burst(a_minute: u64) -> u64 {
        a_minute.saturating_mul(MINUTE_MS) / 4
    }

    /// What flows in during a millisecond.
    fn pace(&self) -> u64 {
        (self.a_minute.saturating_mul(3) / 4).max(1)
    }

    fn refill(&mut self, now: UnixMillis) {
        let millis = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        let level = self.level.saturating_add(millis.saturating_mul(self.pace()));
        self.level = level.min(Self::burst(self.a_minute));
        self.at = self.at.max(now);
    }

    /// How long until there is this much; zero where there is.
    fn wait(&self, cost: u64) -> Duration {
        Duration::from_millis(cost.saturating_sub(self.level).div_ceil(self.pace()))
    }
}

impl Pace {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        user_units: u64,
        project_units: u64,
        patience: Duration,
    ) -> Self {
        let project = Bucket::full(project_units, clock.now());
        let state = State { project, users: HashMap::new(), strikes: HashMap::new() };
        Self { clock, state: Mutex::new(state), user_units, project_units, patience }
    }

    /// Takes what a request costs, and waits for it as long as a request may wait for its turn: a
    /// question of many requests ends, though slowly.
    ///
    /// # Errors
    /// [`ProviderError::Throttled`] with the wait; then nothing was taken.
    pub(crate) async fn enter(&self, mailbox: &str, price: Price) -> Result<(), ProviderError> {
        let mut patience = self.patience;
        loop {
            let refused = match self.take(mailbox, price) {
                Ok(()) => return Ok(()),
                Err(refused) => refused,
            };
            match refused {
                ProviderError::Throttled { wait: Some(wait) } if wait <= patience => {
                    patience = patience.saturating_sub(wait);
                    tokio::time::sleep(wait).await;
                }
                _ => return Err(refused),
            }
        }
    }

    /// Takes what a request costs.
    ///
    /// # Errors
    /// [`ProviderError::Throttled`] with the wait; then nothing was taken.
    pub(crate) fn take(&self, mailbox: &str, price: Price) -> Result<(), ProviderError> {
        let cost = price.units().saturating_mul(MINUTE_MS);
        if cost == 0 {
            return Ok(());
        }
        let now = self.clock.now();
        let mut state = self.state();
        let State { project, users, .. } = &mut *state;
        project.refill(now);
        if users.len() >= USERS_MAX && !users.contains_key(mailbox) {
            // One that is full again is as good as none.
            users.retain(|_, bucket| {
                bucket.refill(now);
                bucket.level < Bucket::burst(bucket.a_minute)
            });
        }
        let fresh = Bucket::full(self.user_units, now);
        let user = users.entry(mailbox.to_owned()).or_insert(fresh);
        user.refill(now);
        let wait = user.wait(cost).max(project.wait(cost));
        if !wait.is_zero() {
            return Err(ProviderError::Throttled { wait: Some(wait) });
        }
        user.level -= cost;
        project.level -= cost;
        Ok(())
    }

    /// How long to wait after the service throttled and did not say how long: twice as long each
    /// time in a row.
    // spec: gmail:handle-errors
    pub(crate) fn strike(&self, mailbox: &str) -> Duration {
        let mut state = self.state();
        if state.strikes.len() >= USERS_MAX {
            state.strikes.clear();
        }
        let strikes = state.strikes.entry(mailbox.to_owned()).or_default();
        let wait = BACKOFF.saturating_mul(1 << (*strikes).min(DOUBLED_MAX));
        *strikes = strikes.saturating_add(1);
        // What the service counted and we did not: another program of the same project.
        let project = self.project_units.saturating_mul(MINUTE_MS) / 400;
        state.project.level = state.project.level.saturating_sub(project);
        wait
    }

    /// The service answered as it should.
    pub(crate) fn went_well(&self, mailbox: &str) {
        self.state().strikes.remove(mailbox);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MINUTE_MS: u64 = 60_000;
const BACKOFF: Duration = Duration::from_secs(1);
/// The longest wait of our own is 64 seconds.
const DOUBLED_MAX: u32 = 6;
const USERS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> UnixMillis {
            UnixMillis(self.0.load(Ordering::SeqCst))
        }
    }

    /// What goes through in each minute when somebody asks as fast as it is let, the fullest one.
    fn busiest_minute(user_units: u64, price: Price) -> u64 {
        let hand = Arc::new(Hand::default());
        let pace = Pace::new(Arc::<Hand>::clone(&hand), user_units, 1_000_000, Duration::ZERO);
        let mut taken: Vec<u64> = Vec::new();
        for now in (0..180_000).step_by(10) {
            hand.0.store(now, Ordering::SeqCst);
            while pace.take("a", price).is_ok() {
                taken.push(now);
            }
        }
        let within = |from: u64| taken.iter().filter(move |at| (from..from + 60_000).contains(*at));
        let minutes = (0..120_000).step_by(1_000).map(|from| within(from).count() as u64);
        minutes.max().unwrap_or_default() * price.units()
    }

    #[test]
    fn no_minute_sees_more_than_is_allowed_and_little_is_left_unused() {
        for price in [Price::Get, Price::Modify, Price::Insert] {
            let busiest = busiest_minute(6_000, price);
            assert!((5_900..=6_000).contains(&busiest), "{price:?}: {busiest}");
        }
    }

    #[test]
    fn an_empty_bucket_says_how_long_and_concerns_nobody_else() {
        let hand = Arc::new(Hand::default());
        let pace = Pace::new(Arc::<Hand>::clone(&hand), 400, 1_000_000, Duration::ZERO);
        for _ in 0..5 {
            assert_eq!(pace.take("a", Price::Get), Ok(()));
        }
        let wait = Duration::from_secs(4);
        assert_eq!(pace.take("a", Price::Get), Err(ProviderError::Throttled { wait: Some(wait) }));
        assert_eq!(pace.take("b", Price::Get), Ok(()));
        assert_eq!(pace.take("a", Price::Free), Ok(()));
        hand.0.store(4_000, Ordering::SeqCst);
        assert_eq!(pace.take("a", Price::Get), Ok(()));
    }

    #[test]
    fn a_wait_doubles_until_something_goes_well() {
        let pace = Pace::new(Arc::new(Hand::default()), 6_000, 1_000_000, Duration::ZERO);
        let waits: Vec<u64> = (0..8).map(|_| pace.strike("a").as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64]);
        assert_eq!(pace.strike("b").as_secs(), 1);
        pace.went_well("a");
        assert_eq!(pace.strike("a").as_secs(), 1);
    }
}
