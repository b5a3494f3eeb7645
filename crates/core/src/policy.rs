//! Where a message with a disposition goes: the auto-retract settings of a tenant.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::verdict::{Disposition, UnknownWord};

/// Where a copy goes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Back where it was. Only a restoration has this destination, never a policy.
    Inbox,
    /// Left alone; the disposition is still recorded.
    NoAction,
    /// The junk folder: the owner sees it there.
    Junk,
    /// Deleted Items: the owner sees it there.
    Trash,
    /// Recoverable Items\Deletions: the owner can get it back with "Recover deleted items".
    SoftDelete,
    /// Purges: an administrator can get it back while retention or a hold keeps it.
    HardDelete,
}

impl Destination {
    /// What a policy may choose, mildest first, in the order pages show them.
    pub const POLICY: [Self; 5] =
        [Self::NoAction, Self::Junk, Self::Trash, Self::SoftDelete, Self::HardDelete];

    /// The word in the API, the configuration and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::NoAction => "no_action",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::SoftDelete => "soft_delete",
            Self::HardDelete => "hard_delete",
        }
    }

    /// The words on a page.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::NoAction => "No Action",
            Self::Junk => "Junk Email",
            Self::Trash => "Trash",
            Self::SoftDelete => "Soft Delete",
            Self::HardDelete => "Hard Delete",
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Destination {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Inbox]
            .into_iter()
            .chain(Self::POLICY)
            .find(|d| d.as_str() == text)
            .ok_or(UnknownWord)
    }
}

/// A tenant's auto-retract settings: a destination for each disposition that can have one.
///
/// CLEAN and UNKNOWN have none, by type: a verdict that could not be reached moves nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct AutoRetract {
    destinations: BTreeMap<Disposition, Destination>,
    /// Whether the sender's own copy of mail sent inside the organisation goes, too.
    pub sent_copies: bool,
}

/// The settings as they are stored.
#[derive(Deserialize, Serialize)]
struct Written {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sent_copies: bool,
    #[serde(flatten)]
    destinations: BTreeMap<Disposition, Destination>,
}

impl Default for AutoRetract {
    /// Nothing moves until the team chose: a new tenant is watched, not touched.
    fn default() -> Self {
        let destinations =
            Disposition::RETRACTABLE.into_iter().map(|d| (d, Destination::NoAction)).collect();
        Self { destinations, sent_copies: false }
    }
}

impl AutoRetract {
    /// Where a message of this disposition goes.
    #[must_use]
    pub fn destination(&self, disposition: Disposition) -> Destination {
        self.destinations.get(&disposition).copied().unwrap_or(Destination::NoAction)
    }

    /// The same settings with one choice changed.
    ///
    /// # Errors
    /// [`PolicyError`] where the disposition can have no destination or the destination is none
    /// that a policy may choose.
    pub fn with(
        mut self,
        disposition: Disposition,
        destination: Destination,
    ) -> Result<Self, PolicyError> {
        if !Disposition::RETRACTABLE.contains(&disposition) {
            return Err(PolicyError::NotRetractable(disposition));
        }
        if !Destination::POLICY.contains(&destination) {
            return Err(PolicyError::NotForPolicy(destination));
        }
        self.destinations.insert(disposition, destination);
        Ok(self)
    }

    /// Every choice, in the order pages show them.
    pub fn choices(&self) -> impl Iterator<Item = (Disposition, Destination)> {
        Disposition::RETRACTABLE.into_iter().map(|d| (d, self.destination(d)))
    }
}

impl TryFrom<Written> for AutoRetract {
    type Error = PolicyError;

    fn try_from(written: Written) -> Result<Self, PolicyError> {
        let start = Self { sent_copies: written.sent_copies, ..Self::default() };
        let mut choices = written.destinations.into_iter();
        choices.try_fold(start, |policy, (disposition, destination)| {
            policy.with(disposition, destination)
        })
    }
}

impl From<AutoRetract> for Written {
    fn from(policy: AutoRetract) -> Self {
        Self { sent_copies: policy.sent_copies, destinations: policy.destinations }
    }
}

/// Why a choice cannot stand in auto-retract settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// A destination that only a restoration has.
    #[error("{0} is not a destination that a policy can choose")]
    NotForPolicy(Destination),
    /// A disposition whose mail is never moved.
    #[error("{0} mail is never retracted")]
    NotRetractable(Disposition),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_tenant_is_watched_not_touched() {
        let policy = AutoRetract::default();
        assert!(policy.choices().all(|(_, to)| to == Destination::NoAction));
    }

    #[test]
    fn clean_and_unknown_can_never_be_given_a_destination() {
        for disposition in [Disposition::Clean, Disposition::Unknown] {
            let got = AutoRetract::default().with(disposition, Destination::Junk);
            assert_eq!(got, Err(PolicyError::NotRetractable(disposition)));
            let json = format!("{{\"{disposition}\":\"junk\"}}");
            assert!(serde_json::from_str::<AutoRetract>(&json).is_err(), "{json}");
        }
        assert!(AutoRetract::default().with(Disposition::Spam, Destination::Inbox).is_err());
    }

    #[test]
    fn settings_are_read_back() {
        let policy =
            AutoRetract::default().with(Disposition::Spoof, Destination::SoftDelete).unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert!(!json.contains("sent_copies"), "as before there was the choice: {json}");
        assert_eq!(serde_json::from_str::<AutoRetract>(&json).unwrap(), policy);
        let sent = AutoRetract { sent_copies: true, ..policy };
        let json = serde_json::to_string(&sent).unwrap();
        assert_eq!(serde_json::from_str::<AutoRetract>(&json).unwrap(), sent);
    }
}
