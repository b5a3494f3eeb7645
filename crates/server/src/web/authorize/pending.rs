//! Questions that are out at a sign-in service: each answer counts once, and only where it was
//! asked for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clawback_core::UnixMillis;
use sha2::{Digest, Sha256};

/// The questions of one node.
#[derive(Debug, Default)]
pub(in crate::web) struct Pending(Mutex<HashMap<[u8; 32], (Session, UnixMillis)>>);

type Session = [u8; 32];

impl Pending {
    /// Notes a question of a session.
    pub(in crate::web) fn add(&self, word: &str, session: Session, now: UnixMillis) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (_, until)| *until > now);
        // The oldest is given up rather than the newest: whoever asked it asks again.
        if all.len() >= PENDING_MAX {
            let oldest = all.iter().min_by_key(|(_, (_, until))| *until).map(|(key, _)| *key);
            oldest.and_then(|key| all.remove(&key));
        }
        all.insert(digest(word), (session, now.after(ANSWER_WITHIN)));
    }

    /// Whether an answer was asked for by this session; from now on it was not.
    pub(in crate::web) fn take(&self, word: &str, session: &Session, now: UnixMillis) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = digest(word);
        // One that belongs to another session stays that session's.
        let is_ours = all.get(&key).is_some_and(|(asked, until)| asked == session && *until > now);
        is_ours && all.remove(&key).is_some()
    }
}

fn digest(word: &str) -> [u8; 32] {
    Sha256::digest(word.as_bytes()).into()
}

/// An administrator reads what is asked, and may have to find out who may grant it.
const ANSWER_WITHIN: Duration = Duration::from_secs(15 * 60);
const PENDING_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn an_answer_counts_once_in_its_own_session_and_in_time() {
        let pending = Pending::default();
        pending.add("a", [1; 32], NOW);
        assert!(!pending.take("a", &[2; 32], NOW), "another session");
        assert!(!pending.take("b", &[1; 32], NOW), "never asked");
        assert!(pending.take("a", &[1; 32], NOW));
        assert!(!pending.take("a", &[1; 32], NOW), "used");
        pending.add("a", [1; 32], NOW);
        assert!(!pending.take("a", &[1; 32], NOW.after(ANSWER_WITHIN)), "too late");
    }

    #[test]
    fn questions_are_bounded_and_the_newest_stay() {
        let pending = Pending::default();
        for n in 0..=PENDING_MAX as u64 {
            pending.add(&n.to_string(), [1; 32], UnixMillis(NOW.0 + n));
        }
        assert!(!pending.take("0", &[1; 32], NOW));
        assert!(pending.take(&PENDING_MAX.to_string(), &[1; 32], NOW));
    }
}
