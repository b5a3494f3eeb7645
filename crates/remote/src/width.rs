//! How many requests run at once over all mailboxes: as many as the service bears.
//!
//! The limit is halved when the service throttles the application and grows by one after as many
//! good answers as it allows at once. Requests that were under way when it shrank have no further
//! say in it, so one burst of refusals halves it once. A batch takes as many places as the service
//! runs of it at once.

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

/// One place or some, until they are dropped.
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

    /// Waits for so many places, or for as many as there ever are.
    pub(crate) async fn enter(self: &Arc<Self>, places: usize) -> Result<Place, AcquireError> {
        // The limit never falls below what is waited for here.
        let places = places.clamp(1, self.places_min());
        let places = u32::try_from(places).unwrap_or(1);
        let permit = Arc::clone(&self.places).acquire_many_owned(places).await?;
        let epoch = self.state().epoch;
        Ok(Place { width: Arc::clone(self), permit: Some(permit), epoch })
    }

    fn places_min(&self) -> usize {
        PLACES_MIN.min(self.places_max)
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
        let limit = (state.limit / 2).max(self.width.places_min());
        let less = state.limit - limit;
        state.limit = limit;
        state.debt += less - self.width.places.forget_permits(less);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(mut permit) = self.permit.take() else { return };
        let mut state = self.width.state();
        let paid = state.debt.min(permit.num_permits());
        if let Some(vanishing) = permit.split(paid) {
            state.debt -= paid;
            vanishing.forget();
        }
    }
}

/// One reading of the documentation is that an application has four in all; and a batch is run
/// four at once.
const PLACES_MIN: usize = 4;
const PLACES_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(width: &Width) -> usize {
        width.state().limit
    }

    async fn enter(width: &Arc<Width>) -> Place {
        width.enter(1).await.unwrap()
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
        let width = Arc::new(Width::new(8));
        enter(&width).await.was_throttled();
        assert_eq!(limit(&width), 4);
        for _ in 0..100 {
            enter(&width).await.went_well();
        }
        assert_eq!(limit(&width), 8);
        assert_eq!(width.places.available_permits(), 8);
    }

    #[tokio::test]
    async fn growth_pays_the_debt_first() {
        let width = Arc::new(Width::new(8));
        let mut places = Vec::new();
        for _ in 0..7 {
            places.push(enter(&width).await);
        }
        places[0].was_throttled();
        drop(places);
        assert_eq!(width.places.available_permits(), 4);
    }

    #[tokio::test]
    async fn a_batch_takes_and_gives_back_several() {
        let width = Arc::new(Width::new(8));
        let (one, two) = (width.enter(4).await.unwrap(), width.enter(4).await.unwrap());
        assert_eq!(width.places.available_permits(), 0);
        one.was_throttled();
        drop(two);
        assert_eq!((limit(&width), width.places.available_permits()), (4, 0));
        drop(one);
        assert_eq!(width.places.available_permits(), 4);
        let narrow = Arc::new(Width::new(2));
        let place = narrow.enter(4).await.unwrap();
        assert_eq!(narrow.places.available_permits(), 0, "as many as there are");
        drop(place);
        assert_eq!(narrow.places.available_permits(), 2);
    }
}
