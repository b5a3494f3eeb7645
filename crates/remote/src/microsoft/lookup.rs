//! Questions to the directory: one goes alone, and those that have to wait for their turn anyway
//! go together.
//!
//! Nothing waits for company. Whoever asks first leads: it waits for a turn, and takes with it
//! whoever came meanwhile. If it is given up on the way, those it took with it are told so.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, oneshot};
use url::Url;

use super::batch::{AT_ONCE, ITEMS_MAX};
use super::call::Caller;
use crate::client::Answer;
use crate::error::{Cause, ProviderError};
use crate::gate::Area;
use crate::heard::{self, Heard};

/// An answer, and what the service said on the way to it.
type Told = (Result<Answer, ProviderError>, Vec<Heard>);

/// Those who ask the directory.
pub(crate) struct Lookups {
    lead: Semaphore,
    tickets: AtomicU64,
    waiting: Mutex<VecDeque<Waiting>>,
}

struct Waiting {
    ticket: u64,
    url: Url,
    tell: oneshot::Sender<Told>,
}

impl Lookups {
    pub(crate) fn new() -> Self {
        let (tickets, waiting) = (AtomicU64::new(0), Mutex::default());
        Self { lead: Semaphore::new(1), tickets, waiting }
    }

    /// Asks, alone or with others; gives the answer, good or not.
    pub(crate) async fn ask(&self, caller: &Caller, url: Url) -> Result<Answer, ProviderError> {
        let (answer, heard) = self.told(caller, url).await?;
        // Whoever led did not ask in this one's name.
        heard.into_iter().for_each(heard::note);
        answer
    }

    async fn told(&self, caller: &Caller, url: Url) -> Result<Told, ProviderError> {
        // Before anything: those who have to wait for a token share it, and its failure.
        let token = caller.tokens.get().await?;
        let (tell, told) = oneshot::channel();
        let ticket = self.tickets.fetch_add(1, Ordering::SeqCst);
        self.queue(Waiting { ticket, url, tell })?;
        tokio::pin!(told);
        let lead = tokio::select! {
            biased;
            told = &mut told => return told.map_err(|_| GIVEN_UP),
            lead = self.lead.acquire() => lead,
        };
        if !self.is_waiting(ticket) {
            // Somebody took this one along; who waits still will lead.
            drop(lead);
            return told.await.map_err(|_| GIVEN_UP);
        }
        let places = self.waiting().len().clamp(1, AT_ONCE);
        let turn = caller.gates.enter_with(Area::Directory, places).await;
        let most = match (&turn, places < AT_ONCE) {
            // Only this one fails by it: the next in the line waits for a turn of its own.
            (Err(_), _) => 1,
            (Ok(_), true) => places,
            (Ok(_), false) => ITEMS_MAX,
        };
        let batch = self.take(ticket, most);
        drop(lead);
        let pass = turn?;
        let urls: Vec<Url> = batch.iter().map(|waiting| waiting.url.clone()).collect();
        let asking = caller.together(Area::Directory, &urls, pass, token);
        let (parts, of_all) = heard::heard(asking).await;
        for (waiting, part) in batch.into_iter().zip(parts) {
            let heard = of_all.iter().cloned().chain(part.heard).collect();
            // Who gave up meanwhile needs no answer.
            let _given_up = waiting.tell.send((part.answer, heard));
        }
        told.await.map_err(|_| GIVEN_UP)
    }

    fn queue(&self, waiting: Waiting) -> Result<(), ProviderError> {
        let mut all = self.waiting();
        if all.len() >= WAITING_MAX {
            return Err(ProviderError::Failed(Cause::Busy));
        }
        all.push_back(waiting);
        Ok(())
    }

    fn is_waiting(&self, ticket: u64) -> bool {
        self.waiting().iter().any(|waiting| waiting.ticket == ticket)
    }

    /// Takes one question, and with it those that wait longest.
    fn take(&self, ticket: u64, most: usize) -> Vec<Waiting> {
        let mut all = self.waiting();
        all.retain(|waiting| !waiting.tell.is_closed());
        let own = all.iter().position(|waiting| waiting.ticket == ticket);
        let mut batch: Vec<Waiting> = own.and_then(|at| all.remove(at)).into_iter().collect();
        let more = most.saturating_sub(batch.len()).min(all.len());
        batch.extend(all.drain(..more));
        batch
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const GIVEN_UP: ProviderError = ProviderError::Failed(Cause::Cut);
/// More than workers that could ask.
const WAITING_MAX: usize = 10_000;
