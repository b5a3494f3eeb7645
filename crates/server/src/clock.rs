//! The one place where the machine's clock and its random octets are read.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clawback_core::{Clock, Entropy, UnixMillis};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock there is")]
    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's random octets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    /// Ends the process where the system has no random octets: whatever would go on with
    /// guessable keys and sessions is worse than nothing.
    fn fill(&self, octets: &mut [u8]) {
        if getrandom::fill(octets).is_err() {
            eprintln!("clawback: the operating system gives no random octets; stopping");
            std::process::abort();
        }
    }
}
