//! The one place where this crate learns what time it is.
//!
//! A test holds a [`ClockHand`] and turns it; nothing in this crate waits for a mailbox delay by
//! sleeping, it compares times when it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the simulated tenant the time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Hand(Arc<AtomicI64>),
    System,
}

/// Turns a [`Clock`] that stands still otherwise.
#[derive(Clone, Debug)]
pub struct ClockHand(Arc<AtomicI64>);

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until its hand is turned.
    pub fn by_hand(start: Timestamp) -> (Self, ClockHand) {
        let millis = Arc::new(AtomicI64::new(start.as_millisecond()));
        (Self(Source::Hand(Arc::clone(&millis))), ClockHand(millis))
    }

    /// The time now, in whole milliseconds.
    pub fn now(&self) -> Timestamp {
        let millis = match &self.0 {
            Source::Hand(millis) => millis.load(Ordering::SeqCst),
            Source::System => system_millis(),
        };
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl ClockHand {
    /// Lets this many milliseconds pass.
    pub fn advance_ms(&self, millis: u32) {
        self.0.fetch_add(i64::from(millis), Ordering::SeqCst);
    }
}

/// `at` plus some milliseconds; a time beyond the calendar stays where it was.
pub(crate) fn later(at: Timestamp, millis: u64) -> Timestamp {
    let Ok(millis) = i64::try_from(millis) else { return at };
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(millis)).unwrap_or(at)
}

/// A time as Graph writes it: whole seconds, UTC.
pub(crate) fn graph_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulated world beside clawback has its own clock"
)]
fn system_millis() -> i64 {
    Timestamp::now().as_millisecond()
}
