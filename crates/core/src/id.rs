//! Names of things: one type each, so that a copy is never looked up by a message's id.
//!
//! Ids that must come out the same when a segment is done again are *derived*: a message's from
//! its segment and place, a copy's from its message and mailbox, a job's from what ordered it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::time::UnixMillis;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these sixteen octets.
            #[must_use]
            pub fn from_octets(octets: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(octets))
            }

            /// The sixteen octets, as they are stored.
            #[must_use]
            pub fn octets(&self) -> [u8; 16] {
                *self.0.as_bytes()
            }

            /// A new id, ordered by `now`, from octets of [`crate::time::Entropy`].
            #[must_use]
            pub fn new(now: UnixMillis, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(now.0, &random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    };
}

uuid_id! {
    /// A customer organisation.
    TenantId
}
uuid_id! {
    /// A person at the dashboard.
    OperatorId
}
uuid_id! {
    /// One durable batch of received mail.
    SegmentId
}
uuid_id! {
    /// One original message, once a tenant and region.
    MessageId
}
uuid_id! {
    /// One instance of a message in one mailbox.
    CopyId
}
uuid_id! {
    /// One order to retract or restore a set of copies.
    JobId
}

impl MessageId {
    /// The id of the message at `place` in `segment`: the same each time the segment is done.
    #[must_use]
    pub fn derived(segment: SegmentId, place: u32) -> Self {
        let segment = segment.octets();
        let digest = Sha256::new().chain_update(segment).chain_update(place.to_be_bytes());
        Self::from_octets(ordered(&segment, &digest.finalize()))
    }
}

impl CopyId {
    /// The id of the `ordinal`th copy of `message` in the mailbox with this address key.
    #[must_use]
    pub fn derived(message: MessageId, mailbox_key: &str, ordinal: u32) -> Self {
        let message = message.octets();
        let digest = Sha256::new()
            .chain_update(message)
            .chain_update(ordinal.to_be_bytes())
            .chain_update(mailbox_key.as_bytes());
        Self::from_octets(ordered(&message, &digest.finalize()))
    }
}

impl JobId {
    /// The id of the job that a message's verdict ordered: one a message and destination.
    #[must_use]
    pub fn derived(message: MessageId, order: &str) -> Self {
        let message = message.octets();
        let digest = Sha256::new().chain_update(message).chain_update(order.as_bytes());
        Self::from_octets(ordered(&message, &digest.finalize()))
    }
}

/// Six octets of time from `parent`, ten of `digest`: ids stay in the order of arrival.
fn ordered(parent: &[u8; 16], digest: &[u8]) -> [u8; 16] {
    let mut octets = [0; 16];
    for (to, from) in octets.iter_mut().zip(parent.iter().take(6).chain(digest)) {
        *to = *from;
    }
    octets
}

/// A text that is not an id.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an id: 32 hexadecimal digits were expected")]
pub struct IdError;

/// Where mail is received, stored and processed; it never leaves it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Region(String);

impl Region {
    /// The only region of an installation that names none.
    #[must_use]
    pub fn global() -> Self {
        Self("global".to_owned())
    }

    /// Reads a region's name: 1 to 32 lower-case letters, digits and hyphens.
    ///
    /// # Errors
    /// [`RegionError`] where the name has another character or length.
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > REGION_OCTETS_MAX || !text.bytes().all(fits) {
            return Err(RegionError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is not a region's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a region's name is 1 to 32 lower-case letters, digits and hyphens")]
pub struct RegionError;

const REGION_OCTETS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_the_same_each_time_and_differ_by_place() {
        let segment = SegmentId::new(UnixMillis(1_700_000_000_000), [7; 10]);
        let first = MessageId::derived(segment, 0);
        assert_eq!(first, MessageId::derived(segment, 0));
        assert_ne!(first, MessageId::derived(segment, 1));
        assert_eq!(first.octets()[..6], segment.octets()[..6], "ordered by arrival");
        let copy = CopyId::derived(first, "anna@corp.example", 0);
        assert_ne!(copy, CopyId::derived(first, "anna@corp.example", 1));
        assert_eq!(first.to_string().parse(), Ok(first));
    }

    #[test]
    fn region_names() {
        assert!(Region::parse("eu-1").is_ok());
        for bad in ["", "EU", "a b", "../x", &"a".repeat(33)] {
            assert_eq!(Region::parse(bad), Err(RegionError), "{bad}");
        }
    }
}
