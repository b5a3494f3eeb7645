//! An order to retract or restore a set of copies, and what has become of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{JobId, MessageId, OperatorId};
use crate::policy::Destination;
use crate::retraction::State;
use crate::time::UnixMillis;
use crate::verdict::UnknownWord;

/// Who ordered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum OrderedBy {
    /// The auto-retract policy, when the message was judged.
    Policy,
    /// A person at the dashboard or the API.
    Operator {
        /// Who.
        id: OperatorId,
        /// Their name at that time.
        name: String,
    },
}

/// Which copies an order is about. What is named is looked up in steps after the order was given,
/// however many it is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Selection {
    /// Those that were planned with the verdict: there is nothing left to choose.
    Verdict,
    /// Every copy of these messages.
    Messages {
        /// Which.
        ids: Vec<MessageId>,
    },
    /// Every copy of every message that a query of the trace finds.
    Found {
        /// The query.
        query: String,
        /// Not received before this.
        from: UnixMillis,
        /// Received before this: not what came after the order was given.
        to: UnixMillis,
    },
    /// The copies of another job.
    Job {
        /// Which.
        id: JobId,
    },
}

/// One order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Who ordered.
    pub by: OrderedBy,
    /// Where the copies shall go; [`Destination::Inbox`] puts them back where they were.
    pub destination: Destination,
    /// Why, in the words of who ordered; for the policy, the disposition.
    pub reason: String,
    /// When.
    pub created: UnixMillis,
    /// Which copies.
    pub selection: Selection,
}

impl Job {
    /// Whether it puts copies back.
    #[must_use]
    pub fn is_restoration(&self) -> bool {
        self.destination == Destination::Inbox
    }
}

/// What an operator said about a job after it was ordered.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Nothing: it goes on.
    #[default]
    Run,
    /// Not now.
    Pause,
    /// Not any more.
    Cancel,
}

impl Control {
    /// The word in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Pause => "pause",
            Self::Cancel => "cancel",
        }
    }
}

impl FromStr for Control {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [Self::Run, Self::Pause, Self::Cancel];
        all.into_iter().find(|control| control.as_str() == text).ok_or(UnknownWord)
    }
}

/// How far a job is, from its copies, what its operator said, and whether some of its copies are
/// still to be looked up.
#[must_use]
pub fn state(tally: &Tally, control: Control, is_selecting: bool) -> JobState {
    match (tally.job_state(), control) {
        (JobState::Queued | JobState::Running, Control::Pause) => JobState::Paused,
        (JobState::Done, Control::Cancel) if tally.of(State::Cancelled) > 0 => JobState::Cancelled,
        (JobState::DoneWithFailures, Control::Cancel) => JobState::Cancelled,
        (_, Control::Pause) if is_selecting => JobState::Paused,
        (JobState::Done, Control::Cancel) if is_selecting => JobState::Cancelled,
        (JobState::Done | JobState::DoneWithFailures | JobState::Cancelled, _) if is_selecting => {
            if tally.total() == 0 {
                JobState::Queued
            } else {
                JobState::Running
            }
        }
        (state, _) => state,
    }
}

/// How far a job is: derived from its copies, never stored beside them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// No copy has been touched.
    Queued,
    /// Some copy is not at its end.
    Running,
    /// An operator stopped it for now.
    Paused,
    /// A second person must agree first.
    AwaitingApproval,
    /// Every copy is at its end, and none failed.
    Done,
    /// Every copy is at its end, and some are not where they should be.
    DoneWithFailures,
    /// An operator withdrew it.
    Cancelled,
}

impl JobState {
    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Done => "done",
            Self::DoneWithFailures => "done_with_failures",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [
            Self::Queued,
            Self::Running,
            Self::Paused,
            Self::AwaitingApproval,
            Self::Done,
            Self::DoneWithFailures,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or(UnknownWord)
    }
}

/// Copies by state. Whatever a page counts is a sum of these, so that counts always add up.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally([u64; State::ALL.len()]);

impl Tally {
    /// Counts `copies` more in `state`.
    pub fn add(&mut self, state: State, copies: u64) {
        for (slot, of) in self.0.iter_mut().zip(State::ALL) {
            if of == state {
                *slot = slot.saturating_add(copies);
            }
        }
    }

    /// Copies in `state`.
    #[must_use]
    pub fn of(&self, state: State) -> u64 {
        self.0.iter().zip(State::ALL).find(|(_, of)| *of == state).map_or(0, |(n, _)| *n)
    }

    /// Copies in any of `states`.
    #[must_use]
    pub fn any_of(&self, states: &[State]) -> u64 {
        states.iter().map(|state| self.of(*state)).sum()
    }

    /// All copies.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Copies that ended where they should not be.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.any_of(&[State::Refused, State::Abandoned, State::NotFound])
    }

    /// How far a job with these copies is.
    #[must_use]
    pub fn job_state(&self) -> JobState {
        let open: u64 =
            self.0.iter().zip(State::ALL).filter(|(_, s)| !s.is_final()).map(|(n, _)| n).sum();
        if open == 0 && self.total() > 0 && self.of(State::Cancelled) == self.total() {
            JobState::Cancelled
        } else if open == 0 && self.failed() > 0 {
            JobState::DoneWithFailures
        } else if open == 0 {
            JobState::Done
        } else if self.of(State::Planned) == self.total() {
            JobState::Queued
        } else {
            JobState::Running
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_already_gone_is_not_a_failure_nor_our_success() {
        let mut tally = Tally::default();
        tally.add(State::Retracted, 3);
        tally.add(State::AlreadyGone, 2);
        assert_eq!(tally.job_state(), JobState::Done);
        assert_eq!(tally.of(State::Retracted), 3);
        tally.add(State::NotFound, 1);
        assert_eq!(tally.job_state(), JobState::DoneWithFailures);
        tally.add(State::Waiting, 1);
        assert_eq!(tally.job_state(), JobState::Running);
        assert_eq!(tally.total(), 7);
    }

    #[test]
    fn what_an_operator_said_shows_in_the_state() {
        let of = |rows: &[(State, u64)]| {
            let mut tally = Tally::default();
            rows.iter().for_each(|(state, copies)| tally.add(*state, *copies));
            tally
        };
        let some_done = of(&[(State::Retracted, 1), (State::Held, 2)]);
        let all_done = of(&[(State::Retracted, 3)]);
        let stopped = of(&[(State::Retracted, 1), (State::Cancelled, 2)]);
        let rows = [
            (&some_done, Control::Run, false, JobState::Running),
            (&some_done, Control::Pause, false, JobState::Paused),
            (&some_done, Control::Cancel, false, JobState::Running),
            (&all_done, Control::Pause, false, JobState::Done),
            (&all_done, Control::Cancel, false, JobState::Done),
            (&all_done, Control::Run, true, JobState::Running),
            (&all_done, Control::Pause, true, JobState::Paused),
            (&stopped, Control::Cancel, false, JobState::Cancelled),
            (&of(&[]), Control::Run, true, JobState::Queued),
            (&of(&[]), Control::Run, false, JobState::Done),
        ];
        for (tally, control, is_selecting, wanted) in rows {
            assert_eq!(state(tally, control, is_selecting), wanted, "{tally:?} {control:?}");
        }
    }

    #[test]
    fn a_job_nobody_touched_is_queued() {
        let mut tally = Tally::default();
        tally.add(State::Planned, 4);
        assert_eq!(tally.job_state(), JobState::Queued);
    }
}
