//! Why a call to a provider did not do what was asked.
//!
//! No variant carries text of the provider: what it wrote may quote addresses and subjects.

use std::fmt;
use std::time::Duration;

use clawback_core::Destination;

/// Why a call to a mailbox provider did not do what we asked.
///
/// Every variant answers three questions for its caller, so that no caller has to match on text:
/// may we try again ([`Self::retry`]), whose move is it ([`Self::owner`]), and what an operator is
/// shown (the `Display` text).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// We are authorised, but not for this mailbox or this kind of request.
    #[error("the provider does not let us do this here")]
    AccessDenied,
    /// It was surely not carried out.
    #[error("the provider did not do it ({0})")]
    Failed(Cause),
    /// The tenant took our grant away, or it ran out, or the app's credential is wrong.
    #[error("the provider no longer accepts our authorisation for this tenant")]
    GrantRevoked,
    /// There is no such item any more.
    #[error("the item is no longer there")]
    ItemGone,
    /// An answer to a question did not have the shape the provider documents.
    #[error("the provider's answer could not be understood ({what})")]
    Malformed {
        /// Which part of it.
        what: &'static str,
    },
    /// The folder that an item should go to is gone. Nothing was done.
    #[error("the folder is no longer there")]
    NoFolder,
    /// Nobody has this address, or the one who has it has no mailbox.
    #[error("no mailbox has this address")]
    NoMailbox,
    /// The mailbox is on the organisation's own server, or inactive.
    #[error("the mailbox is not in the cloud")]
    OnPremises,
    /// We asked too often, and it was not carried out.
    #[error("the provider asked us to wait{}", Seconds(*.wait))]
    Throttled {
        /// How long the provider said to wait, if it did.
        wait: Option<Duration>,
    },
    /// The message is larger than what can be fetched, or made, here. Nothing was done.
    #[error("the message has more than {octets_max} octets")]
    TooLarge {
        /// The limit that it is beyond.
        octets_max: usize,
    },
    /// The group has more members than are looked at.
    #[error("the group has too many members to look them all up")]
    TooManyMembers,
    /// A change was asked for and no clear answer came: **it may have been carried out**.
    #[error("no clear answer from the provider ({0})")]
    Unanswered(Cause),
    /// The provider has no such destination.
    #[error("the provider has no destination {0}")]
    Unsupported(Destination),
}

/// What came in between.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// Our own limit of requests at once left no room in time.
    Busy,
    /// No connection could be made.
    Connect,
    /// The connection ended before the answer did.
    Cut,
    /// An answer with this HTTP status.
    Status(u16),
    /// The answer took too long.
    Timeout,
    /// The answer was longer than any we expect.
    TooLarge,
    /// The answer could not be read.
    Unreadable,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many requests of ours were waiting"),
            Self::Connect => f.write_str("no connection"),
            Self::Cut => f.write_str("connection cut"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Timeout => f.write_str("timed out"),
            Self::TooLarge => f.write_str("answer too large"),
            Self::Unreadable => f.write_str("answer not readable"),
        }
    }
}

/// Whether the same call may be made again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retry {
    /// Not before this long from now.
    After(Duration),
    /// Look first: the earlier call may have taken effect.
    AfterReconcile,
    /// After a while of the caller's choosing.
    Later,
    /// Only something outside this call can change the answer.
    Never,
    /// When an operator has renewed the authorisation.
    WhenGranted,
}

/// Whose move it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Owner {
    /// A person at the dashboard.
    Operator,
    /// The provider.
    Provider,
    /// Whoever maintains this program.
    Us,
}

impl ProviderError {
    /// Whether the same call may be made again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::AccessDenied
            | Self::ItemGone
            | Self::NoFolder
            | Self::NoMailbox
            | Self::OnPremises
            | Self::TooLarge { .. }
            | Self::TooManyMembers
            | Self::Unsupported(_) => Retry::Never,
            Self::Failed(_) | Self::Malformed { .. } | Self::Throttled { wait: None } => {
                Retry::Later
            }
            Self::GrantRevoked => Retry::WhenGranted,
            Self::Throttled { wait: Some(wait) } => Retry::After(*wait),
            Self::Unanswered(_) => Retry::AfterReconcile,
        }
    }

    /// What this comes to for a change whose first step was taken: that it may have been carried
    /// out.
    pub(crate) fn begun(self) -> Self {
        match self {
            Self::Unanswered(_) => self,
            Self::Failed(cause) => Self::Unanswered(cause),
            Self::Throttled { .. } => Self::Unanswered(Cause::Status(429)),
            _ => Self::Unanswered(Cause::Unreadable),
        }
    }

    /// Whose move it is.
    #[must_use]
    pub fn owner(&self) -> Owner {
        match self {
            Self::AccessDenied
            | Self::GrantRevoked
            | Self::NoFolder
            | Self::NoMailbox
            | Self::OnPremises
            | Self::TooLarge { .. }
            | Self::TooManyMembers
            | Self::Unsupported(_) => Owner::Operator,
            Self::Failed(Cause::Status(status)) if *status < 500 => Owner::Us,
            Self::Failed(Cause::Busy) => Owner::Us,
            Self::Failed(_)
            | Self::ItemGone
            | Self::Malformed { .. }
            | Self::Throttled { .. }
            | Self::Unanswered(_) => Owner::Provider,
        }
    }
}

struct Seconds(Option<Duration>);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(wait) => write!(f, " {} s", wait.as_secs()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_have_happened_is_looked_into() {
        let rows = [
            (ProviderError::Unanswered(Cause::Cut), Retry::AfterReconcile, Owner::Provider),
            (ProviderError::Failed(Cause::Connect), Retry::Later, Owner::Provider),
            (ProviderError::Failed(Cause::Status(400)), Retry::Later, Owner::Us),
            (ProviderError::GrantRevoked, Retry::WhenGranted, Owner::Operator),
            (ProviderError::Malformed { what: "page" }, Retry::Later, Owner::Provider),
            (ProviderError::NoMailbox, Retry::Never, Owner::Operator),
            (
                ProviderError::Throttled { wait: Some(Duration::from_secs(7)) },
                Retry::After(Duration::from_secs(7)),
                Owner::Provider,
            ),
        ];
        for (error, retry, owner) in rows {
            assert_eq!((error.retry(), error.owner()), (retry, owner), "{error}");
        }
    }

    #[test]
    fn a_wait_is_told_in_seconds() {
        let error = ProviderError::Throttled { wait: Some(Duration::from_secs(7)) };
        assert_eq!(error.to_string(), "the provider asked us to wait 7 s");
        let error = ProviderError::Throttled { wait: None };
        assert_eq!(error.to_string(), "the provider asked us to wait");
    }
}
