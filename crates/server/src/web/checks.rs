//! Passwords being checked: few at a time, and only so many waiting, since each check takes a core
//! and tens of MiB for a while. Browsers that are known have a lane of their own, so that a crowd
//! of strangers cannot fill the one they need.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::error::WebError;
use super::password::verify_password;

/// Whose turn it is to have a password checked.
#[derive(Clone, Debug)]
pub(super) struct Checks {
    known: Lane,
    strangers: Lane,
    slowed: Arc<Semaphore>,
}

impl Default for Checks {
    fn default() -> Self {
        let slowed = Arc::new(Semaphore::new(SLOWED_MAX));
        Self { known: Lane::default(), strangers: Lane::default(), slowed }
    }
}

#[derive(Clone, Debug)]
struct Lane {
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(RUNNING_MAX + QUEUE_MAX)),
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
        }
    }
}

impl Checks {
    /// Waits as long as a try has to. Where too many wait already this one is turned away.
    pub(super) async fn slow_down(&self, wait: Duration) -> Result<(), WebError> {
        if !wait.is_zero() {
            let _place = self.slowed.try_acquire().map_err(|_| WebError::Unavailable)?;
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Whether a password is right; never on a thread that serves others.
    pub(super) async fn check(
        &self,
        is_known: bool,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, WebError> {
        let lane = if is_known { &self.known } else { &self.strangers };
        let place = Arc::clone(&lane.places).try_acquire_owned();
        let place = place.map_err(|_| WebError::Unavailable)?;
        let turn = Arc::clone(&lane.running).acquire_owned().await;
        let turn = turn.map_err(|_| WebError::Unavailable)?;
        // What the task holds it holds to its end, also where nobody waits for it any more.
        let work = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            verify_password(&password, stored.as_deref())
        });
        work.await.map_err(|_| WebError::Internal)
    }

    /// Takes every place of a lane, as a crowd would.
    #[cfg(test)]
    pub(super) fn crowd(&self, is_known: bool) {
        let lane = if is_known { &self.known } else { &self.strangers };
        lane.places.forget_permits(RUNNING_MAX + QUEUE_MAX);
    }
}

/// In each of two lanes.
const QUEUE_MAX: usize = 8;
/// In each of two lanes: two at once in all.
const RUNNING_MAX: usize = 1;
/// A slowed one holds a connection, of which there are a few hundred.
const SLOWED_MAX: usize = 32;
