//! How often somebody may try to sign in, and from where: so that nobody guesses a password, and
//! nobody locks somebody else out by guessing.
//!
//! A try counts against three things: the e-mail as tried from one peer (an IPv4 address or an IPv6
//! /64), the peer whatever it tries, and the e-mail from wherever it is tried. The first two lock;
//! the third only slows strangers down. A browser that signed in before shows its device cookie
//! (`device`) and counts against that alone, so that no stranger's tries concern it.
//!
//! Promises: a try is counted before the password is looked at, so that tries at the same moment
//! gain nothing; memory has a limit. Does not: outlive the process, or know of other processes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clawback_core::UnixMillis;
use sha2::{Digest, Sha256};

/// Who tries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Visitor<'a> {
    /// A browser in which this operator signed in before, by the number of its cookie.
    Known(&'a [u8]),
    /// Anybody else, by where they come from.
    Stranger(IpAddr),
}

/// Whether a try may go on.
#[derive(Debug)]
pub(super) enum Turn {
    /// It may, after this wait.
    Go(Ticket, Duration),
    /// Not before this long.
    Locked(Duration),
}

/// A try that was counted.
#[derive(Debug)]
pub(super) struct Ticket {
    own: Key,
    shared: Vec<Key>,
}

/// How many tries are too many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Wrong tries for one e-mail from one peer, or in one known browser.
    pub(super) pair_tries: u32,
    /// Wrong tries from one peer, whatever the e-mail.
    pub(super) peer_tries: u32,
    /// Wrong tries for one e-mail before strangers are slowed down.
    pub(super) free_tries: u32,
    /// What every further such number of tries adds to the wait.
    pub(super) step: Duration,
    /// The longest wait.
    pub(super) wait: Duration,
    /// How long a lock holds after the last try, and a count is remembered.
    pub(super) rest: Duration,
    /// Counts that are kept.
    pub(super) counts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pair_tries: PAIR_TRIES_MAX,
            peer_tries: PEER_TRIES_MAX,
            free_tries: FREE_TRIES_MAX,
            step: WAIT_STEP,
            wait: WAIT_MAX,
            rest: REST,
            counts: COUNTS_MAX,
        }
    }
}

/// Every count of this process.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    limits: Limits,
    counts: Mutex<HashMap<Key, Count>>,
}

/// A digest: equal in size, and not a list of who works here.
type Key = [u8; 16];

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    tries: u32,
    last: UnixMillis,
}

impl Attempts {
    /// Counts with limits of their own.
    #[cfg(test)]
    pub(super) fn with(limits: Limits) -> Self {
        Self { limits, counts: Mutex::default() }
    }

    /// Counts a try, or says that it is one too many; that one is not counted.
    pub(super) fn begin(&self, visitor: Visitor<'_>, email: &str, now: UnixMillis) -> Turn {
        let mut counts = self.counts();
        let (own, peer, whole) = match visitor {
            Visitor::Known(device) => (key("device", device, email), None, None),
            Visitor::Stranger(ip) => {
                let peer = network(ip);
                (
                    key("pair", &peer, email),
                    Some(key("peer", &peer, "")),
                    Some(key("email", &[], email)),
                )
            }
        };
        let pair_locked = self.locked(&counts, &own, self.limits.pair_tries, now);
        let peer_locked =
            peer.and_then(|peer| self.locked(&counts, &peer, self.limits.peer_tries, now));
        if let Some(left) = pair_locked.max(peer_locked) {
            return Turn::Locked(left);
        }
        let elsewhere = whole.map_or(0, |whole| self.tries(&counts, &whole, now));
        let shared: Vec<Key> = peer.into_iter().chain(whole).collect();
        self.make_room(&mut counts, now);
        for key in shared.iter().chain([&own]) {
            let tries = self.tries(&counts, key, now).saturating_add(1);
            counts.insert(*key, Count { tries, last: now });
        }
        let steps = elsewhere / self.limits.free_tries.max(1);
        let wait = self.limits.step.saturating_mul(steps).min(self.limits.wait);
        Turn::Go(Ticket { own, shared }, wait)
    }

    /// A try was right: it counts against nobody, and its own count begins anew. Those of peer and
    /// e-mail only forget this one, or whoever knows one password could guess another for ever.
    pub(super) fn succeeded(&self, ticket: &Ticket) {
        self.forget(ticket);
        self.counts().remove(&ticket.own);
    }

    /// A try was not looked at, for lack of time or room: it counts against nobody.
    pub(super) fn forget(&self, ticket: &Ticket) {
        let mut counts = self.counts();
        for key in ticket.shared.iter().chain([&ticket.own]) {
            if let Some(count) = counts.get_mut(key) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }

    fn locked(
        &self,
        counts: &HashMap<Key, Count>,
        key: &Key,
        most: u32,
        now: UnixMillis,
    ) -> Option<Duration> {
        let count = counts.get(key)?;
        let left = self.limits.rest.checked_sub(now.since(count.last))?;
        (count.tries >= most && !left.is_zero()).then_some(left)
    }

    fn tries(&self, counts: &HashMap<Key, Count>, key: &Key, now: UnixMillis) -> u32 {
        let fresh = |count: &&Count| now.since(count.last) < self.limits.rest;
        counts.get(key).filter(fresh).map_or(0, |count| count.tries)
    }

    /// Forgets what no longer matters. Where that is not enough the older half goes, then all: to
    /// refuse everybody would be the lock-out that this is against.
    fn make_room(&self, counts: &mut HashMap<Key, Count>, now: UnixMillis) {
        for kept in [self.limits.rest, self.limits.rest / 2, Duration::ZERO] {
            if counts.len() + KEYS_A_TRY <= self.limits.counts {
                return;
            }
            counts.retain(|_, count| now.since(count.last) < kept);
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one person at home or one office is reached by: an IPv6 subscriber has a whole /64.
fn network(ip: IpAddr) -> Vec<u8> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().into_iter().take(IPV6_NETWORK_OCTETS).collect(),
    }
}

fn key(kind: &str, who: &[u8], email: &str) -> Key {
    let mut hash = Sha256::new();
    for part in [kind.as_bytes(), who, email.as_bytes()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = Key::default();
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    key
}

/// Some MiB at most.
const COUNTS_MAX: usize = 50_000;
const FREE_TRIES_MAX: u32 = 10;
const IPV6_NETWORK_OCTETS: usize = 8;
const KEYS_A_TRY: usize = 3;
pub(super) const PAIR_TRIES_MAX: u32 = 5;
const PEER_TRIES_MAX: u32 = 30;
const REST: Duration = Duration::from_secs(600);
/// Below the time that a request has in all, with room for the check itself.
const WAIT_MAX: Duration = Duration::from_secs(8);
const WAIT_STEP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const DANA: &str = "dana@corp.example";
    const T0: UnixMillis = UnixMillis(1_000_000_000);

    fn stranger(ip: &str) -> Visitor<'static> {
        Visitor::Stranger(ip.parse().unwrap())
    }

    fn go(attempts: &Attempts, visitor: Visitor<'_>, email: &str, at: UnixMillis) -> Duration {
        match attempts.begin(visitor, email, at) {
            Turn::Go(_, wait) => wait,
            Turn::Locked(left) => panic!("locked for {left:?}"),
        }
    }

    fn is_locked(attempts: &Attempts, visitor: Visitor<'_>, email: &str, at: UnixMillis) -> bool {
        matches!(attempts.begin(visitor, email, at), Turn::Locked(_))
    }

    #[test]
    fn five_tries_from_one_peer_lock_that_peer_and_nobody_else() {
        let attempts = Attempts::default();
        for _ in 0..5 {
            go(&attempts, stranger("192.0.2.1"), DANA, T0);
        }
        assert!(is_locked(&attempts, stranger("192.0.2.1"), DANA, T0));
        assert!(is_locked(&attempts, stranger("::ffff:192.0.2.1"), DANA, T0), "the same peer");
        go(&attempts, stranger("192.0.2.2"), DANA, T0);
        go(&attempts, stranger("192.0.2.1"), "ben@corp.example", T0);
        let just_before = T0.after(REST - Duration::from_millis(1));
        assert!(is_locked(&attempts, stranger("192.0.2.1"), DANA, just_before));
        go(&attempts, stranger("192.0.2.1"), DANA, T0.after(REST));
    }

    #[test]
    fn all_addresses_of_an_ipv6_subscriber_are_one_peer() {
        let attempts = Attempts::default();
        for last in 0..5 {
            go(&attempts, stranger(&format!("2001:db8:0:1::{last}")), DANA, T0);
        }
        assert!(is_locked(&attempts, stranger("2001:db8:0:1:ffff::1"), DANA, T0));
        go(&attempts, stranger("2001:db8:0:2::1"), DANA, T0);
    }

    #[test]
    fn a_peer_that_tries_one_address_after_another_is_locked_too() {
        let attempts = Attempts::default();
        for number in 0..PEER_TRIES_MAX {
            go(&attempts, stranger("192.0.2.1"), &format!("{number}@corp.example"), T0);
        }
        assert!(is_locked(&attempts, stranger("192.0.2.1"), DANA, T0));
        go(&attempts, stranger("192.0.2.9"), DANA, T0);
    }

    #[test]
    fn tries_from_everywhere_slow_strangers_down_and_never_a_known_browser() {
        let attempts = Attempts::default();
        let mut longest = Duration::ZERO;
        for number in 0..200 {
            let ip = format!("198.51.100.{number}");
            let wait = go(&attempts, stranger(&ip), DANA, T0);
            assert!(wait >= longest && wait <= WAIT_MAX, "try {number}: {wait:?}");
            longest = wait;
        }
        assert_eq!(longest, WAIT_MAX);
        assert_eq!(go(&attempts, stranger("203.0.113.1"), "ben@corp.example", T0), Duration::ZERO);
        assert_eq!(go(&attempts, Visitor::Known(b"laptop"), DANA, T0), Duration::ZERO);
    }

    #[test]
    fn a_known_browser_has_five_tries_as_well() {
        let attempts = Attempts::default();
        for _ in 0..5 {
            go(&attempts, Visitor::Known(b"laptop"), DANA, T0);
        }
        assert!(is_locked(&attempts, Visitor::Known(b"laptop"), DANA, T0));
        go(&attempts, Visitor::Known(b"phone"), DANA, T0);
    }

    #[test]
    fn a_right_try_begins_anew_and_gives_a_peer_no_more_guesses_elsewhere() {
        let attempts = Attempts::default();
        for _ in 0..4 {
            go(&attempts, stranger("192.0.2.1"), DANA, T0);
        }
        let Turn::Go(ticket, _) = attempts.begin(stranger("192.0.2.1"), DANA, T0) else {
            panic!("the fifth may go on");
        };
        attempts.succeeded(&ticket);
        for _ in 0..5 {
            go(&attempts, stranger("192.0.2.1"), DANA, T0);
        }
        assert!(is_locked(&attempts, stranger("192.0.2.1"), DANA, T0));
        let more = PEER_TRIES_MAX - 9;
        for number in 0..more {
            go(&attempts, stranger("192.0.2.1"), &format!("{number}@corp.example"), T0);
        }
        assert!(is_locked(&attempts, stranger("192.0.2.1"), "kim@corp.example", T0));
    }

    #[test]
    fn counts_have_a_limit_and_the_newest_stay() {
        let limits = Limits { counts: 100, ..Limits::default() };
        let attempts = Attempts::with(limits);
        for number in 0_u32..1_000 {
            let ip = std::net::Ipv4Addr::from(number + 1);
            let at = T0.after(Duration::from_secs(u64::from(number)));
            go(&attempts, Visitor::Stranger(ip.into()), DANA, at);
            assert!(attempts.counts().len() <= 100);
        }
        assert!(attempts.counts().len() > 3);
    }
}
