//! The way of one copy out of a mailbox (or back): a pure state machine with time passed in.
//!
//! ```text
//! Planned ─▶ Asked ─▶ Moved ─▶ Retracted          (Retracted only after another look)
//!    ▲  │      │         └──▶ Planned             (it was not where it should be)
//!    │  │      └─▶ Uncertain ─▶ Moved | Planned   (asked and no answer: look before asking again)
//!    │  ├─▶ Waiting until … ─▶ Planned
//!    │  ├─▶ Held                                  (consent lost, brake, approval: costs no try)
//!    │  └─▶ AlreadyGone | NotFound | Refused | Abandoned | Cancelled
//! ```
//!
//! Promises: `Asked` is entered before a call leaves, so that a crash between ask and answer is
//! found as `Uncertain`. An end state is never left. The same event twice is the event once.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::schedule::Schedule;
use crate::time::UnixMillis;
use crate::verdict::UnknownWord;

/// Where one copy stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// To be looked up and moved as soon as a worker is free.
    Planned,
    /// Written before the call leaves.
    Asked,
    /// Asked, and no answer came: it may have been carried out.
    Uncertain,
    /// Not before [`Retraction::due`].
    Waiting,
    /// Something outside must change first; costs no try.
    Held,
    /// The provider said it moved; not yet seen there.
    Moved,
    /// Verified: by its immutable id the copy is where it should be, or gone as asked. Final.
    Retracted,
    /// Somebody else had already taken it as far, or further. Not our success. Final.
    AlreadyGone,
    /// It never appeared in the mailbox. Final.
    NotFound,
    /// The provider, a hold or our own comparison says no. Final.
    Refused,
    /// An operator withdrew the order. Final.
    Cancelled,
    /// Tried too often. Final.
    Abandoned,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Planned,
        Self::Asked,
        Self::Uncertain,
        Self::Waiting,
        Self::Held,
        Self::Moved,
        Self::Retracted,
        Self::AlreadyGone,
        Self::NotFound,
        Self::Refused,
        Self::Cancelled,
        Self::Abandoned,
    ];

    /// Whether nothing more happens.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Retracted
                | Self::AlreadyGone
                | Self::NotFound
                | Self::Refused
                | Self::Cancelled
                | Self::Abandoned
        )
    }

    /// The word in the store, the API and the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Asked => "asked",
            Self::Uncertain => "uncertain",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Moved => "moved",
            Self::Retracted => "retracted",
            Self::AlreadyGone => "already_gone",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Abandoned => "abandoned",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or(UnknownWord)
    }
}

/// Why a copy is where it is, in a word the store keeps and a page explains.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No reason needed.
    None,
    /// The message is not in the mailbox yet.
    NotArrived,
    /// The live copy is not the journaled message.
    Mismatch,
    /// The provider asked us to slow down.
    Throttled,
    /// The provider failed or did not answer.
    ProviderFailed,
    /// The provider no longer accepts our authorisation.
    ConsentLost,
    /// The provider says we may not touch this mailbox.
    AccessDenied,
    /// The address belongs to no mailbox of the tenant.
    NoMailbox,
    /// The mailbox is not in the cloud.
    OnPremises,
    /// The destination does not exist at this provider.
    Unsupported,
    /// An operator stopped the job for now.
    Paused,
    /// It is no longer in the mailbox, and we keep nothing that it could be made from again.
    Lost,
    /// It is larger than what the provider lets us put into a mailbox.
    TooLarge,
    /// The address is a group's: its members have copies of their own.
    Group,
    /// The sender kept nothing of what they sent.
    NotKept,
}

impl Reason {
    const ALL: [Self; 15] = [
        Self::None,
        Self::NotArrived,
        Self::Mismatch,
        Self::Throttled,
        Self::ProviderFailed,
        Self::ConsentLost,
        Self::AccessDenied,
        Self::NoMailbox,
        Self::OnPremises,
        Self::Unsupported,
        Self::Paused,
        Self::Lost,
        Self::TooLarge,
        Self::Group,
        Self::NotKept,
    ];

    /// The word in the store and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NotArrived => "not_arrived",
            Self::Mismatch => "mismatch",
            Self::Throttled => "throttled",
            Self::ProviderFailed => "provider_failed",
            Self::ConsentLost => "consent_lost",
            Self::AccessDenied => "access_denied",
            Self::NoMailbox => "no_mailbox",
            Self::OnPremises => "on_premises",
            Self::Unsupported => "unsupported",
            Self::Paused => "paused",
            Self::Lost => "lost",
            Self::TooLarge => "too_large",
            Self::Group => "group",
            Self::NotKept => "not_kept",
        }
    }

    /// What a page says.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::None => "",
            Self::NotArrived => "The message is not in the mailbox yet",
            Self::Mismatch => "The item in the mailbox is not the journaled message",
            Self::Throttled => "The provider asked us to slow down",
            Self::ProviderFailed => "The provider failed or did not answer",
            Self::ConsentLost => "The provider no longer accepts our authorisation",
            Self::AccessDenied => "The provider does not let us touch this mailbox",
            Self::NoMailbox => "No mailbox has this address",
            Self::OnPremises => "The mailbox is not in the cloud",
            Self::Unsupported => "The provider has no such destination",
            Self::Paused => "An operator paused the job",
            Self::Lost => {
                "It is no longer in the mailbox, and there is nothing to make it from again"
            }
            Self::TooLarge => "It is too large to be put into the mailbox again",
            Self::Group => "A group: each of its members has a copy of their own",
            Self::NotKept => "The sender kept no copy",
        }
    }
}

impl FromStr for Reason {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|r| r.as_str() == text).ok_or(UnknownWord)
    }
}

/// What happened, as the worker saw it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    /// A look found no item with this message's id.
    NotThere,
    /// A look found the copy where it should be, or further, and we never asked.
    AlreadyThere,
    /// The call is about to leave.
    Asking,
    /// The provider said it is done.
    Accepted,
    /// The call left and no answer came.
    Unanswered,
    /// After an unanswered call: the copy is where we asked for it to be.
    FoundMoved,
    /// After an unanswered or accepted call: the copy is still, or again, elsewhere.
    FoundElsewhere,
    /// After an accepted call: seen where it should be, or gone as asked.
    Verified,
    /// Not done, and may be tried again after a while.
    Failed {
        /// Why.
        reason: Reason,
        /// How long the provider said to wait, if it did.
        wait: Option<Duration>,
    },
    /// Never to be done.
    Denied(Reason),
    /// Something outside must change first.
    Hold(Reason),
    /// An operator stopped the job for now; nothing but [`Event::Resume`] ends that.
    Pause,
    /// The hold is over, or a worker picks up what waited.
    Resume,
    /// An operator withdrew the order.
    Cancel,
    /// The address is a group's, and its members were ordered in its place.
    Opened,
    /// Looked for often enough: there need not be one.
    NotKept,
}

/// The state of one copy's order, with what its schedule needs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Retraction {
    /// Where it stands.
    pub state: State,
    /// Why, where the state alone does not say.
    pub reason: Reason,
    /// Calls that asked for the move.
    pub tries: u16,
    /// Looks that found nothing.
    pub looks: u16,
    /// Failures that may pass, in a row.
    pub failures: u16,
    /// Not to be touched before.
    pub due: UnixMillis,
    /// When the state was entered.
    pub since: UnixMillis,
}

impl Retraction {
    /// Whether other items with the same id would have to follow: the copy is out of its owner's
    /// way.
    #[must_use]
    pub fn is_swept_after(&self) -> bool {
        matches!(self.state, State::Retracted | State::AlreadyGone)
    }

    /// A new order.
    #[must_use]
    pub fn planned(now: UnixMillis) -> Self {
        Self {
            state: State::Planned,
            reason: Reason::None,
            tries: 0,
            looks: 0,
            failures: 0,
            due: now,
            since: now,
        }
    }

    /// The next state. Pure: the worker stores what this returns, then acts on it. An event that
    /// does not fit the state changes nothing.
    #[must_use]
    pub fn on(self, event: Event, now: UnixMillis, schedule: &Schedule) -> Self {
        use State::{Asked, Held, Moved, Planned, Uncertain, Waiting};
        match (self.state, event) {
            (state, _) if state.is_final() => self,
            (Planned | Waiting, Event::NotThere) => self.not_there(now, schedule),
            (Planned | Waiting, Event::AlreadyThere) => self.to(State::AlreadyGone, now),
            (Planned | Waiting, Event::Asking) if self.tries >= schedule.tries_max => {
                self.to(State::Abandoned, now)
            }
            (Planned | Waiting, Event::Asking) => {
                Self { tries: self.tries.saturating_add(1), ..self.to(Asked, now) }
            }
            (Asked | Uncertain, Event::Accepted | Event::FoundMoved) => self.to(Moved, now),
            (Asked, Event::Unanswered) => {
                let later = Self { reason: Reason::ProviderFailed, ..self.to(Uncertain, now) };
                Self { due: now.after(schedule.failure(self.failures)), ..later }
            }
            // Asked for, gone, and never seen to have moved: the goal is met, and was ours to ask.
            (Uncertain | Moved, Event::Verified) => self.to(State::Retracted, now),
            (Uncertain | Moved, Event::FoundElsewhere) => self.to(Planned, now),
            (Uncertain, Event::NotThere) => self.to(State::AlreadyGone, now),
            (Planned | Waiting | Asked | Uncertain | Moved, Event::Failed { reason, wait }) => {
                self.failed(reason, wait, now, schedule)
            }
            (Planned | Waiting | Asked | Uncertain, Event::Denied(reason)) => {
                Self { reason, ..self.to(State::Refused, now) }
            }
            (Planned | Waiting | Asked, Event::Hold(reason)) => {
                Self { reason, due: now.after(schedule.hold), ..self.to(Held, now) }
            }
            (Planned | Waiting | Held, Event::Pause) => {
                Self { reason: Reason::Paused, due: UnixMillis::NEVER, ..self.to(Held, now) }
            }
            (Held | Waiting, Event::Resume) => self.to(Planned, now),
            (Planned | Waiting | Held, Event::Cancel) => self.to(State::Cancelled, now),
            (Planned | Waiting, Event::NotKept) => {
                Self { reason: Reason::NotKept, ..self.to(State::Cancelled, now) }
            }
            (Planned | Waiting, Event::Opened) => {
                Self { reason: Reason::Group, ..self.to(State::Cancelled, now) }
            }
            _ => self,
        }
    }

    /// What a restart makes of a state read back from the store.
    #[must_use]
    pub fn recovered(self, now: UnixMillis) -> Self {
        match self.state {
            State::Asked => {
                Self { reason: Reason::ProviderFailed, ..self.to(State::Uncertain, now) }
            }
            _ => self,
        }
    }

    fn to(self, state: State, now: UnixMillis) -> Self {
        Self { state, reason: Reason::None, due: now, since: now, ..self }
    }

    fn not_there(self, now: UnixMillis, schedule: &Schedule) -> Self {
        let Some(wait) = schedule.arrival.get(usize::from(self.looks)) else {
            return Self { reason: Reason::NotArrived, ..self.to(State::NotFound, now) };
        };
        let waiting = self.to(State::Waiting, now);
        let looks = self.looks.saturating_add(1);
        Self { looks, reason: Reason::NotArrived, due: now.after(*wait), ..waiting }
    }

    /// A failure that may pass. From `Asked` it means that nothing was carried out; what asked
    /// and does not know is `Unanswered`. `Uncertain` and `Moved` stay what they are: they only
    /// look, and what may have happened is never given up unlooked-at.
    fn failed(
        self,
        reason: Reason,
        wait: Option<Duration>,
        now: UnixMillis,
        schedule: &Schedule,
    ) -> Self {
        let state = match self.state {
            State::Uncertain | State::Moved => self.state,
            _ if self.failures >= schedule.failures_max => {
                return Self { reason, ..self.to(State::Abandoned, now) };
            }
            _ => State::Waiting,
        };
        let pause = wait.unwrap_or_else(|| schedule.failure(self.failures)).max(schedule.wait_min);
        let failures = self.failures.saturating_add(1);
        // Being throttled is no failure of the call: it costs a wait and no try.
        let (failures, tries) = match (reason, self.state) {
            (Reason::Throttled, State::Asked) => (self.failures, self.tries.saturating_sub(1)),
            (Reason::Throttled, _) => (self.failures, self.tries),
            _ => (failures, self.tries),
        };
        Self { reason, failures, tries, due: now.after(pause), ..self.to(state, now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn events() -> Vec<Event> {
        vec![
            Event::NotThere,
            Event::AlreadyThere,
            Event::Asking,
            Event::Accepted,
            Event::Unanswered,
            Event::FoundMoved,
            Event::FoundElsewhere,
            Event::Verified,
            Event::Failed { reason: Reason::ProviderFailed, wait: None },
            Event::Failed { reason: Reason::Throttled, wait: Some(Duration::from_secs(9)) },
            Event::Denied(Reason::Mismatch),
            Event::Hold(Reason::ConsentLost),
            Event::Pause,
            Event::Resume,
            Event::Cancel,
            Event::Opened,
            Event::NotKept,
        ]
    }

    fn at(state: State) -> Retraction {
        Retraction { state, tries: 1, ..Retraction::planned(NOW) }
    }

    fn step(retraction: Retraction, event: Event) -> Retraction {
        retraction.on(event, NOW, &Schedule::default())
    }

    #[test]
    fn the_straight_way_needs_an_ask_an_answer_and_a_look() {
        let planned = Retraction::planned(NOW);
        assert_eq!(step(planned, Event::Accepted).state, State::Planned, "no answer unasked");
        assert_eq!(step(planned, Event::Verified).state, State::Planned, "nothing to verify");
        let asked = step(planned, Event::Asking);
        assert_eq!((asked.state, asked.tries), (State::Asked, 1));
        assert_eq!(step(asked, Event::Verified).state, State::Asked, "no answer yet");
        let moved = step(asked, Event::Accepted);
        assert_eq!(moved.state, State::Moved);
        assert_eq!(step(moved, Event::Verified).state, State::Retracted);
    }

    #[test]
    fn a_crash_between_ask_and_answer_is_never_taken_for_success_or_failure() {
        assert_eq!(at(State::Asked).recovered(NOW).state, State::Uncertain);
        for state in State::ALL.into_iter().filter(|s| *s != State::Asked) {
            assert_eq!(at(state).recovered(NOW).state, state);
        }
    }

    #[test]
    fn what_may_have_happened_is_never_given_up_or_asked_again_unlooked_at() {
        let schedule = Schedule::default();
        let uncertain = Retraction { failures: u16::MAX, ..at(State::Uncertain) };
        let failed = Event::Failed { reason: Reason::ProviderFailed, wait: None };
        assert_eq!(uncertain.on(failed, NOW, &schedule).state, State::Uncertain);
        assert_eq!(uncertain.on(Event::Asking, NOW, &schedule).state, State::Uncertain);
        assert_eq!(uncertain.on(Event::FoundElsewhere, NOW, &schedule).state, State::Planned);
    }

    #[test]
    fn not_found_is_final_only_after_the_whole_schedule() {
        let schedule = Schedule::default();
        let mut retraction = Retraction::planned(NOW);
        let mut waited = Duration::ZERO;
        for _ in 0..schedule.arrival.len() {
            retraction = retraction.on(Event::NotThere, NOW, &schedule);
            assert_eq!(retraction.state, State::Waiting);
            waited += retraction.due.since(NOW);
        }
        assert!(waited >= Duration::from_secs(24 * 3_600), "{waited:?}");
        assert_eq!(retraction.on(Event::NotThere, NOW, &schedule).state, State::NotFound);
    }

    #[test]
    fn being_throttled_costs_a_wait_and_no_try() {
        let asked = step(Retraction::planned(NOW), Event::Asking);
        let wait = Some(Duration::from_secs(9));
        let waiting = step(asked, Event::Failed { reason: Reason::Throttled, wait });
        assert_eq!((waiting.state, waiting.tries, waiting.failures), (State::Waiting, 0, 0));
        assert_eq!(waiting.due, NOW.after(Duration::from_secs(9)));
    }

    #[test]
    fn an_order_ends_after_too_many_asks() {
        let schedule = Schedule::default();
        let tired = Retraction { tries: schedule.tries_max, ..Retraction::planned(NOW) };
        assert_eq!(tired.on(Event::Asking, NOW, &schedule).state, State::Abandoned);
    }

    /// Every event, given to every state: an end is never left, and `Retracted` is entered only
    /// from a state in which we asked.
    #[test]
    fn ends_are_ends_and_success_was_asked_for() {
        for state in State::ALL {
            for event in events() {
                let next = step(at(state), event);
                assert!(!state.is_final() || next == at(state), "{state:?} left by {event:?}");
                if next.state == State::Retracted && state != State::Retracted {
                    assert!(matches!(state, State::Uncertain | State::Moved), "{state:?}");
                }
            }
        }
    }

    #[test]
    fn a_paused_copy_rests_until_it_is_resumed_and_keeps_what_it_has_tried() {
        let waiting = Retraction { looks: 3, ..at(State::Waiting) };
        let paused = step(waiting, Event::Pause);
        assert_eq!((paused.state, paused.reason), (State::Held, Reason::Paused));
        assert_eq!(paused.due, UnixMillis::NEVER);
        let resumed = step(paused, Event::Resume);
        assert_eq!((resumed.state, resumed.looks, resumed.tries), (State::Planned, 3, 1));
        for busy in [State::Asked, State::Uncertain, State::Moved] {
            assert_eq!(step(at(busy), Event::Pause), at(busy), "what was asked is looked after");
        }
    }

    #[test]
    fn words_are_read_back() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }

    proptest::proptest! {
        /// Any history at all: an ask is followed by an answer, a look or a wait, never by
        /// another ask.
        #[test]
        fn never_asked_twice_without_a_look(
            picks in proptest::collection::vec(0..17_usize, 0..200)
        ) {
            let mut retraction = Retraction::planned(NOW);
            for pick in picks {
                let before = retraction;
                let event = events()[pick];
                retraction = step(retraction, event);
                if event == Event::Asking && matches!(before.state, State::Asked | State::Uncertain) {
                    assert_eq!(retraction, before);
                }
            }
        }
    }
}
