//! How many requests to one mailbox run, and how many ran in the last ten minutes; and how many of
//! the application run at Graph in all.
//!
//! A mailbox's limits touch no other mailbox.
// spec: graph:throttling-limits

use jiff::Timestamp;

use crate::clock::later;
use crate::config::Behaviour;
use crate::world::World;

/// The counts of one application at one mailbox.
#[derive(Debug)]
pub(crate) struct Throttle {
    running: usize,
    window_began: Timestamp,
    in_window: u32,
    told_to_wait_until: Timestamp,
    /// The last request that had come when the client was told so.
    told_at: u64,
}

/// Whether a request may run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Admission {
    Admitted,
    TooManyAtOnce,
    WindowFull,
}

impl Throttle {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            running: 0,
            window_began: now,
            in_window: 0,
            told_to_wait_until: Timestamp::UNIX_EPOCH,
            told_at: 0,
        }
    }

    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Whether the client was told to wait beyond now.
    pub(crate) fn is_early(&self, now: Timestamp) -> bool {
        now < self.told_to_wait_until
    }

    /// The same of a request that came as the so-maniest: what came before is nobody's fault.
    pub(crate) fn is_early_for(&self, now: Timestamp, number: u64) -> bool {
        self.is_early(now) && number > self.told_at
    }

    /// Tells the client to wait, after so many requests had come.
    pub(crate) fn tell_at(&mut self, now: Timestamp, seconds: Option<u32>, number: u64) {
        self.told_at = number;
        self.tell_to_wait(now, seconds);
    }

    pub(crate) fn tell_to_wait(&mut self, now: Timestamp, seconds: Option<u32>) {
        let millis = u64::from(seconds.unwrap_or(0)).saturating_mul(1_000);
        self.told_to_wait_until = self.told_to_wait_until.max(later(now, millis));
    }

    /// Counts a request, refused ones too, and lets it in when the limits allow.
    pub(crate) fn admit(&mut self, now: Timestamp, behaviour: &Behaviour) -> Admission {
        if later(self.window_began, WINDOW_MS) <= now {
            self.window_began = now;
            self.in_window = 0;
        }
        self.in_window = self.in_window.saturating_add(1);
        if self.in_window > behaviour.window_max {
            return Admission::WindowFull;
        }
        if self.running >= behaviour.concurrent_max {
            return Admission::TooManyAtOnce;
        }
        self.running += 1;
        Admission::Admitted
    }
}

/// The counts of one application over everything it asks Graph for.
#[derive(Debug, Default)]
pub(crate) struct Application {
    running: usize,
    told: Option<(Timestamp, Timestamp)>,
}

impl Application {
    /// Counts a request and lets it in; gives how many run now.
    pub(crate) fn admit(&mut self, most: usize) -> Option<usize> {
        if self.running >= most {
            return None;
        }
        self.running += 1;
        Some(self.running)
    }

    pub(crate) fn leave(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Whether the client was told to wait beyond `arrived`, and had the time to learn of it:
    /// what was under way then is nobody's fault.
    pub(crate) fn is_early(&self, arrived: Timestamp) -> bool {
        let early = |(told, until)| later(told, ON_THE_WAY_MS) < arrived && arrived < until;
        self.told.is_some_and(early)
    }

    pub(crate) fn tell_to_wait(&mut self, now: Timestamp, seconds: Option<u32>) {
        let until = later(now, u64::from(seconds.unwrap_or(0)).saturating_mul(1_000));
        self.told = Some((now, self.told.map_or(until, |(_, before)| until.max(before))));
    }
}

/// One of the requests of the application that run; makes room when dropped.
pub(crate) struct Admitted {
    world: World,
    _at_mailbox: Option<Running>,
}

impl Admitted {
    /// Of a request that was counted, at its mailbox too where there is one.
    pub(crate) fn counted(world: &World, mailbox: Option<&str>) -> Self {
        let running = |id: &str| Running { world: world.clone(), user_id: id.to_owned() };
        Self { world: world.clone(), _at_mailbox: mailbox.map(running) }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.world.tenant().application.leave();
    }
}

/// One of the few requests that run at a mailbox; makes room when dropped.
pub(crate) struct Running {
    pub(crate) world: World,
    pub(crate) user_id: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(throttle) = self.world.tenant().throttles.get_mut(&self.user_id) {
            throttle.running = throttle.running.saturating_sub(1);
        }
        self.world.in_flight_changed();
    }
}

/// How long an answer may be on its way while requests come the other way.
const ON_THE_WAY_MS: u64 = 100;
const WINDOW_MS: u64 = 600_000;
