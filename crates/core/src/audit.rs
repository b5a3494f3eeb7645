//! The audit log: what was done, by whom, to what. Append-only, and chained a tenant and region
//! by hashes, so that a missing or changed entry shows.
//!
//! Entries are written in the transaction of what they tell, and sealed in batches soon after.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::OperatorId;
use crate::time::UnixMillis;

/// Who did it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A part of clawback: `pipeline`, `response`, `cli`.
    System {
        /// Which part.
        part: String,
    },
    /// A person.
    Operator {
        /// Who.
        id: OperatorId,
        /// Their name at that time.
        name: String,
    },
}

impl Actor {
    /// A part of clawback.
    #[must_use]
    pub fn system(part: &str) -> Self {
        Self::System { part: part.to_owned() }
    }

    /// The name a page shows.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::System { part } => part,
            Self::Operator { name, .. } => name,
        }
    }
}

/// One entry, before it has its place in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub actor: Actor,
    /// What was done: `retraction.ordered`, `settings.auto_retract.changed`, ….
    pub action: String,
    /// To what: an id, never a subject, an address or a body.
    pub target: String,
    /// What else there is to say, as JSON. Never holds a subject, a body or a token.
    pub details: serde_json::Value,
}

/// The hash that seals an entry after the one with hash `previous`.
///
/// Every field goes in with its length, so that no two different entries hash alike.
#[must_use]
pub fn seal(previous: &[u8; 32], sequence: u64, entry: &Entry) -> [u8; 32] {
    let actor = serde_json::to_string(&entry.actor).unwrap_or_default();
    let details = entry.details.to_string();
    let mut hash = Sha256::new().chain_update(previous).chain_update(sequence.to_be_bytes());
    hash.update(entry.at.0.to_be_bytes());
    for field in [&actor, &entry.action, &entry.target, &details] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            at: UnixMillis(5),
            actor: Actor::system("pipeline"),
            action: "retraction.ordered".into(),
            target: "m1".into(),
            details: serde_json::json!({"destination": "junk"}),
        }
    }

    #[test]
    fn any_change_changes_the_seal() {
        let base = seal(&[0; 32], 1, &entry());
        assert_eq!(base, seal(&[0; 32], 1, &entry()));
        assert_ne!(base, seal(&[1; 32], 1, &entry()), "the chain");
        assert_ne!(base, seal(&[0; 32], 2, &entry()), "the place");
        let moved = Entry { action: "retraction.orderedm".into(), target: "1".into(), ..entry() };
        assert_ne!(base, seal(&[0; 32], 1, &moved), "a border between fields");
    }
}
