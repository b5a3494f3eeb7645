//! How long a copy waits between looks and tries, and how often: the numbers of the state machine
//! in [`crate::retraction`].

use std::time::Duration;

use crate::time::UnixMillis;

/// How long to wait between looks and tries, and how often.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// Waits between looks for a message that has not arrived; after the last it is final.
    pub arrival: Vec<Duration>,
    /// Shortest wait after a failure.
    pub wait_min: Duration,
    /// Longest wait after a failure the provider gave no time for.
    pub wait_max: Duration,
    /// Waits between looks through all folders after a retraction: an index may show late what was
    /// there all the time, and a rule of the owner's may have made a copy.
    pub sweeps: Vec<Duration>,
    /// How long a held copy rests before somebody looks whether the hold is over.
    pub hold: Duration,
    /// Failures before an order is given up.
    pub failures_max: u16,
    /// Asks before an order is given up.
    pub tries_max: u16,
}

impl Default for Schedule {
    fn default() -> Self {
        let hours = [1, 2, 4, 8, 24].map(|hours| hours * 3_600);
        let seconds = [1, 2, 5, 15, 60, 300, 900].into_iter().chain(hours);
        Self {
            arrival: seconds.map(Duration::from_secs).collect(),
            wait_min: Duration::from_secs(1),
            wait_max: Duration::from_secs(3_600),
            sweeps: [60, 900, 4 * 3_600, 20 * 3_600].map(Duration::from_secs).to_vec(),
            hold: Duration::from_secs(60),
            failures_max: FAILURES_MAX,
            tries_max: TRIES_MAX,
        }
    }
}

impl Schedule {
    /// When all folders are looked through after they were `sweeps` times; `None` after the last.
    #[must_use]
    pub fn sweep(&self, sweeps: usize, now: UnixMillis) -> Option<UnixMillis> {
        self.sweeps.get(sweeps).map(|wait| now.after(*wait))
    }

    /// The wait after the `failures`th failure in a row: doubling, up to the longest.
    #[must_use]
    pub fn failure(&self, failures: u16) -> Duration {
        let doubled = self.wait_min.saturating_mul(1 << failures.min(DOUBLINGS_MAX));
        doubled.min(self.wait_max)
    }
}

const FAILURES_MAX: u16 = 40;
const TRIES_MAX: u16 = 12;
const DOUBLINGS_MAX: u16 = 16;
