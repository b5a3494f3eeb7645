//! How many requests run at once over all mailboxes: as many as the service bears.
//!
//! The limit is halved when the service throttles and grows by one after as many good answers as
//! it allows at once. Requests that were under way when it shrank have no further say in it, so
//! one burst of refusals halves it once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// A number of places that adapts.
#[derive(Debug)]
pub(crate) struct Width {
    state: Mutex<State>,
    places: Arc<Semaphore>,
    places_max: usize,
}

#[derive(Debug)]
struct State {
    limit: usize,
    /// Places that are taken and shall vanish when they become free.
    debt: usize,
    epoch: u64,
    streak: usize,
}

/// One place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    width: Arc<Width>,
    permit: Option<OwnedSemaphorePermit>,
    epoch: u64,
}

impl Width {
    /// At most `places_max` places, and all of them at first.
    pub(crate) fn new(places_max: usize) -> Self {
        let places_max = places_max.clamp(1, PLACES_MAX);
        let state = State { limit: places_max, debt: 0, epoch: 0, streak: 0 };
        let places = Arc::new(Semaphore::new(places_max));
        Self { state: Mutex::new(state), places, places_max }
    }

    /// Waits for a place.
    pub(crate) async fn enter(self: &Arc<Self>) -> Result<Place, AcquireError> {
        let permit = Arc::clone(&self.places).acquire_owned().await?;
        let epoch = self.state().epoch;
        Ok(Place { width: Arc::clone(self), permit: Some(permit), epoch })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The service answered as it should.
    pub(crate) fn went_well(&self) {
        let mut state = self.width.state();
        if state.epoch != self.epoch || state.limit >= self.width.places_max {
            return;
        }
        state.streak += 1;
        if state.streak < state.limit {
            return;
        }
        state.streak = 0;
        state.limit += 1;
        match state.debt {
            0 => self.width.places.add_permits(1),
            _ => state.debt -= 1,
        }
    }

    /// The service asked us to slow down.
    pub(crate) fn was_throttled(&self) {
        let mut state = self.width.state();
        if state.epoch != self.epoch {
            return;
        }
        state.epoch += 1;
        state.streak = 0;
        let limit = (state.limit / 2).max(PLACES_MIN.min(self.width.places_max));
        let less = state.limit - limit;
        state.limit = limit;
        state.debt += less - self.width.places.forget_permits(less);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(permit) = self.permit.take() else { return };
        let mut state = self.width.state();
        if state.debt > 0 {
            state.debt -= 1;
            permit.forget();
        }
    }
}

/// Below this a tenant would stand still.
const PLACES_MIN: usize = 2;
const PLACES_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(width: &Width) -> usize {
        width.state().limit
    }

    async fn enter(width: &Arc<Width>) -> Place {
        width.enter().await.unwrap()
    }

    #[tokio::test]
    async fn one_burst_of_refusals_halves_it_once() {
        let width = Arc::new(Width::new(8));
        let mut places = Vec::new();
        for _ in 0..8 {
            places.push(enter(&width).await);
        }
        places.iter().for_each(Place::was_throttled);
        assert_eq!(limit(&width), 4);
        drop(places);
        assert_eq!(width.places.available_permits(), 4);
    }

    #[tokio::test]
    async fn it_never_shrinks_to_nothing() {
        let width = Arc::new(Width::new(8));
        for _ in 0..10 {
            enter(&width).await.was_throttled();
        }
        assert_eq!(limit(&width), PLACES_MIN);
        assert_eq!(width.places.available_permits(), PLACES_MIN);
    }

    #[tokio::test]
    async fn it_grows_back_and_no_further() {
        let width = Arc::new(Width::new(4));
        enter(&width).await.was_throttled();
        assert_eq!(limit(&width), 2);
        for _ in 0..100 {
            enter(&width).await.went_well();
        }
        assert_eq!(limit(&width), 4);
        assert_eq!(width.places.available_permits(), 4);
    }

    #[tokio::test]
    async fn growth_pays_the_debt_first() {
        let width = Arc::new(Width::new(4));
        let places = [enter(&width).await, enter(&width).await, enter(&width).await];
        places[0].was_throttled();
        drop(places);
        assert_eq!(width.places.available_permits(), 2);
    }
}
