//! Where a connection comes from, and what its recipients' tenants ask of that.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use clawback_core::source::{SourceFault, SourceMode, SourceRules};
use clawback_core::{TenantId, UnixMillis};
use clawback_mail::journal::{self, Outer};
use metrics::counter;

/// What a connection shows of where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Its address.
    pub(super) peer: IpAddr,
    /// The names in its verified certificate.
    pub(super) names: Vec<String>,
}

impl Origin {
    /// A connection in the clear.
    pub(super) fn of(peer: IpAddr) -> Self {
        Self { peer: peer.to_canonical(), names: Vec::new() }
    }
}

/// What becomes of mail after a check.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Passage {
    /// It passed, or it is kept for review with these faults.
    Kept(Vec<SourceFault>),
    /// It is refused.
    Refused,
}

/// Decides by a tenant's mode what becomes of mail with faults.
pub(super) fn passage(rules: &SourceRules, faults: Vec<SourceFault>) -> Passage {
    for fault in &faults {
        counter!("clawback_source_faults_total", "fault" => fault.as_str()).increment(1);
    }
    match rules.mode {
        SourceMode::Enforce if !faults.is_empty() => Passage::Refused,
        SourceMode::Enforce | SourceMode::Learning => Passage::Kept(faults),
    }
}

/// What is wrong with the binding of a message to its tenant, by its first octets. A provider's
/// try of a connector brings nothing that could be acted on.
pub(super) fn binding(rules: &SourceRules, head: &[u8]) -> Vec<SourceFault> {
    if rules.originator_orgs.is_empty() {
        return Vec::new();
    }
    let outer = journal::outer(head);
    if !is_sound(&outer, head) {
        return vec![SourceFault::OriginatorOrg];
    }
    if outer.probe && !outer.marked {
        return Vec::new();
    }
    rules.binding(&outer.originator_orgs)
}

/// Whether a header section is one that its reader and its writer see alike: it ends within what
/// was looked at, and no line of it ends in anything but CRLF.
pub(crate) fn is_sound(outer: &Outer, head: &[u8]) -> bool {
    let end = head.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(head.len());
    let section = head.get(..end).unwrap_or(head);
    let mut before = 0;
    let bare = section.iter().any(|&octet| {
        let bare = (octet == b'\n') != (before == b'\r');
        before = octet;
        bare
    });
    outer.complete && !bare
}

/// How much was kept for review of each tenant in the present hour.
#[derive(Debug, Default)]
pub(crate) struct Review(Mutex<HashMap<TenantId, Kept>>);

/// What was kept in one hour.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    hour: u64,
    mails: u32,
    octets: u64,
}

impl Review {
    /// Whether there is room for one more.
    pub(super) fn has_room(&self, tenant: TenantId, now: UnixMillis) -> bool {
        self.count(tenant, now, 0, 0)
    }

    /// Counts one of so many octets, unless there is no room.
    pub(super) fn take(&self, tenant: TenantId, now: UnixMillis, octets: usize) -> bool {
        self.count(tenant, now, 1, octets)
    }

    /// Counts more octets of one that was taken; false where it gets too much.
    pub(super) fn grow(&self, tenant: TenantId, now: UnixMillis, octets: usize) -> bool {
        self.count(tenant, now, 0, octets)
    }

    /// Whether there was room before; so much more from now on.
    fn count(&self, tenant: TenantId, now: UnixMillis, mails: u32, octets: usize) -> bool {
        let hour = now.0 / HOUR_MILLIS;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(tenant).or_default();
        if kept.hour != hour {
            *kept = Kept { hour, ..Kept::default() };
        }
        let room = kept.mails < IN_ONE_HOUR_MAX && kept.octets < OCTETS_IN_ONE_HOUR_MAX;
        kept.mails = kept.mails.saturating_add(mails);
        kept.octets = kept.octets.saturating_add(u64::try_from(octets).unwrap_or(u64::MAX));
        room
    }
}

const HOUR_MILLIS: u64 = 3_600_000;
/// Enough to see what the rules must say, too little to fill a disk.
const IN_ONE_HOUR_MAX: u32 = 1_000;
/// Review mail must not use up the quota that its tenant's own mail needs.
const OCTETS_IN_ONE_HOUR_MAX: u64 = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learning_has_a_limit_an_hour() {
        let (review, tenant) = (Review::default(), TenantId::from_octets([1; 16]));
        let now = UnixMillis(7 * HOUR_MILLIS);
        for _ in 0..IN_ONE_HOUR_MAX {
            assert!(review.take(tenant, now, 10));
        }
        assert!(!review.take(tenant, now, 10) && !review.has_room(tenant, now));
        assert!(review.take(TenantId::from_octets([2; 16]), now, 10), "another tenant");
        assert!(review.take(tenant, UnixMillis(8 * HOUR_MILLIS), 10), "the next hour");
    }

    #[test]
    fn learning_has_a_limit_of_octets_too() {
        let (review, tenant) = (Review::default(), TenantId::from_octets([1; 16]));
        assert!(review.take(tenant, UnixMillis(0), 200 << 20));
        assert!(review.grow(tenant, UnixMillis(0), 60 << 20));
        assert!(!review.grow(tenant, UnixMillis(0), 1));
        assert!(!review.take(tenant, UnixMillis(0), 1));
    }

    #[test]
    fn the_mode_decides() {
        let faults = || vec![SourceFault::Network];
        let mut rules = SourceRules::default();
        assert_eq!(passage(&rules, Vec::new()), Passage::Kept(Vec::new()));
        assert_eq!(passage(&rules, faults()), Passage::Refused);
        rules.mode = SourceMode::Learning;
        assert_eq!(passage(&rules, faults()), Passage::Kept(faults()));
    }

    #[test]
    fn a_probe_is_bound_to_nobody_and_a_marked_report_is_no_probe() {
        let orgs = vec!["corp.example".to_owned()];
        let rules = SourceRules { originator_orgs: orgs, ..SourceRules::default() };
        let probe = b"From: O365ConnectorValidation@corp.example\r\n\r\nhello";
        assert_eq!(binding(&rules, probe), []);
        let marked = b"From: O365ConnectorValidation@corp.example\r\nX-MS-Journal-Report:\r\n\r\n";
        assert_eq!(binding(&rules, marked), [SourceFault::OriginatorOrg]);
        for hidden in ["\n\n", "\r\r", "X: y\n\r\n"] {
            let early = format!("X-OriginatorOrg: corp.example\r\nA: b{hidden}B: c\r\n\r\n");
            assert_eq!(binding(&rules, early.as_bytes()), [SourceFault::OriginatorOrg]);
        }
        let endless = format!("X-OriginatorOrg: corp.example\r\n{}", "A: b\r\n".repeat(60_000));
        assert_eq!(binding(&rules, endless.as_bytes()), [SourceFault::OriginatorOrg]);
        let bound = b"X-OriginatorOrg: Corp.example\r\nX-MS-Journal-Report:\r\n\r\n";
        assert_eq!(binding(&rules, bound), []);
    }
}
