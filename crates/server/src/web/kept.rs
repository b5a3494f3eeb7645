//! Answers that took long, kept for a while: pages ask again every few seconds, and a month of a
//! large tenant's mail is not counted each time for each of them.
//!
//! Promises: what took no time is never kept, so that small installations see every mail at once;
//! an answer is kept for ten times as long as it took, so that making it anew never takes more than
//! a tenth of one reader; the same answer is made once, however many ask for it at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clawback_core::{TenantId, UnixMillis};
use tokio::time::Instant;

use super::range::Range;

/// Answers of one kind.
#[derive(Debug)]
pub(super) struct Kept<V> {
    free: Duration,
    all: Mutex<HashMap<Key, Place<V>>>,
}

type Key = (TenantId, Range);
type Place<V> = Arc<tokio::sync::Mutex<Option<Answer<V>>>>;

#[derive(Debug)]
struct Answer<V> {
    value: V,
    until: UnixMillis,
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self::unless_below(FREE)
    }
}

impl<V> Kept<V> {
    /// Keeps what takes at least so long.
    pub(super) fn unless_below(free: Duration) -> Self {
        Self { free, all: Mutex::default() }
    }
}

impl<V: Clone> Kept<V> {
    /// The kept answer, or the one that `make` gives. A failure is not kept.
    pub(super) async fn get<E>(
        &self,
        key: Key,
        now: UnixMillis,
        make: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        let place = self.place(key);
        let mut kept = place.lock().await;
        if let Some(answer) = kept.as_ref().filter(|answer| now < answer.until) {
            return Ok(answer.value.clone());
        }
        let began = Instant::now();
        let value = make.await?;
        let took = began.elapsed();
        *kept = (took >= self.free).then(|| {
            let until = now.after(took.saturating_mul(TIMES).min(KEPT_MAX).saturating_add(took));
            Answer { value: value.clone(), until }
        });
        Ok(value)
    }

    fn place(&self, key: Key) -> Place<V> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEYS_MAX {
            all.clear();
        }
        Arc::clone(all.entry(key).or_default())
    }
}

const FREE: Duration = Duration::from_millis(100);
const KEPT_MAX: Duration = Duration::from_secs(60);
const KEYS_MAX: usize = 1_000;
const TIMES: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const T0: UnixMillis = UnixMillis(1_000_000);

    fn key(tenant: u8) -> Key {
        (TenantId::from_octets([tenant; 16]), Range::Day)
    }

    async fn ask(kept: &Kept<u32>, now: UnixMillis, value: u32) -> u32 {
        kept.get(key(1), now, async { Ok::<_, ()>(value) }).await.unwrap()
    }

    #[tokio::test]
    async fn what_took_long_is_kept_and_what_did_not_is_made_anew() {
        let all = Kept::unless_below(Duration::ZERO);
        let slow = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok::<_, ()>(1)
        };
        assert_eq!(all.get(key(1), T0, slow).await, Ok(1));
        assert_eq!(ask(&all, T0, 2).await, 1, "kept");
        assert_eq!(all.get(key(2), T0, async { Ok::<_, ()>(3) }).await, Ok(3), "somebody else's");
        let later = T0.after(KEPT_MAX * 2);
        assert_eq!(ask(&all, later, 4).await, 4, "for a while");
        let none = Kept::unless_below(Duration::from_secs(3_600));
        assert_eq!(ask(&none, T0, 1).await, 1);
        assert_eq!(ask(&none, T0, 2).await, 2, "not kept");
    }

    #[tokio::test]
    async fn many_who_ask_at_once_have_it_made_once() {
        let kept = Arc::new(Kept::unless_below(Duration::ZERO));
        let made = std::sync::atomic::AtomicU32::new(0);
        let asking = (0..8).map(|_| {
            kept.get(key(1), T0, async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok::<_, ()>(made.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
            })
        });
        let answers = futures_util::future::join_all(asking).await;
        assert!(answers.iter().all(|answer| *answer == Ok(0)), "{answers:?}");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let kept = Kept::unless_below(Duration::ZERO);
        assert_eq!(kept.get(key(1), T0, async { Err::<u32, _>(()) }).await, Err(()));
        assert_eq!(ask(&kept, T0, 2).await, 2);
    }
}
