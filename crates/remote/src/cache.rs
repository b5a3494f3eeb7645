//! Answers that are worth keeping for a while: bounded in number and in age.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clawback_core::UnixMillis;

/// A map whose entries grow old, and which drops some of the oldest when it is full.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    entries: Mutex<HashMap<K, (V, UnixMillis)>>,
    entries_max: usize,
    keep: Duration,
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    /// A cache of at most `entries_max` entries, each good for `keep`.
    pub(crate) fn new(entries_max: usize, keep: Duration) -> Self {
        Self { entries: Mutex::default(), entries_max, keep }
    }

    /// The value, where there is one that is not too old.
    pub(crate) fn get(&self, key: &K, now: UnixMillis) -> Option<V> {
        let entries = self.entries();
        let (value, until) = entries.get(key)?;
        (now < *until).then(|| value.clone())
    }

    /// The value, where there is one that is not too old; else a new one, which is kept.
    pub(crate) fn get_or_put(&self, key: K, now: UnixMillis, make: impl FnOnce() -> V) -> V {
        let mut entries = self.entries();
        if let Some((value, until)) = entries.get(&key)
            && now < *until
        {
            return value.clone();
        }
        self.make_room(&mut entries, &key, now);
        let value = make();
        entries.insert(key, (value.clone(), now.after(self.keep)));
        value
    }

    /// Keeps a value.
    pub(crate) fn put(&self, key: K, value: V, now: UnixMillis) {
        let mut entries = self.entries();
        self.make_room(&mut entries, &key, now);
        entries.insert(key, (value, now.after(self.keep)));
    }

    /// Forgets every entry that is not to be kept.
    pub(crate) fn retain(&self, keep: impl Fn(&V) -> bool) {
        self.entries().retain(|_, (value, _)| keep(value));
    }

    fn make_room(&self, entries: &mut HashMap<K, (V, UnixMillis)>, key: &K, now: UnixMillis) {
        if entries.len() < self.entries_max || entries.contains_key(key) {
            return;
        }
        entries.retain(|_, (_, until)| now < *until);
        if entries.len() < self.entries_max {
            return;
        }
        // Some at once: else each entry of a campaign would look through all the others.
        let mut ends: Vec<UnixMillis> = entries.values().map(|(_, until)| *until).collect();
        let place = ends.len() / DROPPED_SHARE;
        let (_, last, _) = ends.select_nth_unstable(place);
        let (last, mut left) = (*last, place + 1);
        entries.retain(|_, (_, until)| {
            let goes = *until <= last && left > 0;
            left -= usize::from(goes);
            !goes
        });
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, (V, UnixMillis)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One in so many entries is dropped when there is no room.
const DROPPED_SHARE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_grows_old() {
        let cache = Cache::new(2, Duration::from_millis(10));
        cache.put("a", 1, UnixMillis(100));
        assert_eq!(cache.get(&"a", UnixMillis(109)), Some(1));
        assert_eq!(cache.get(&"a", UnixMillis(110)), None);
    }

    #[test]
    fn a_full_cache_drops_the_oldest() {
        let cache = Cache::new(2, Duration::from_millis(100));
        for (at, key) in ["a", "b", "c"].into_iter().enumerate() {
            cache.put(key, at, UnixMillis(at as u64));
        }
        let now = UnixMillis(3);
        let kept = ["a", "b", "c"].map(|key| cache.get(&key, now));
        assert_eq!(kept, [None, Some(1), Some(2)]);
    }
}
