//! How much raw mail each tenant has, exactly: what the records say at the start, and what this
//! process has committed or adopted since.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use clawback_core::{Region, SegmentId, TenantId};

use super::format::IndexEntry;
use crate::backend::{DayUsage, Registration};

/// Octets as they lie on disk, sealed, by region and tenant.
#[derive(Debug, Default)]
pub(super) struct Usage {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    octets: HashMap<(Region, TenantId), u64>,
    /// Counted, and not registered yet: adoption must not count them again.
    counted: HashSet<SegmentId>,
}

impl Usage {
    pub(super) fn new(stored: Vec<(Region, TenantId, u64)>) -> Self {
        let octets = stored.into_iter().map(|(region, tenant, octets)| ((region, tenant), octets));
        let known = Known { octets: octets.collect(), counted: HashSet::new() };
        Self { known: Mutex::new(known) }
    }

    pub(super) fn of(&self, region: &Region, tenant: TenantId) -> u64 {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.octets.get(&(region.clone(), tenant)).copied().unwrap_or_default()
    }

    /// This process is about to commit a segment: counted before its file can be seen, so that
    /// adoption never counts it as another's.
    pub(super) fn committing(&self, region: &Region, segment: &Registration) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.counted.insert(segment.id) {
            known.add(region, segment);
        }
    }

    /// The segment was not committed after all.
    pub(super) fn failed(&self, region: &Region, segment: &Registration) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.counted.remove(&segment.id) {
            known.take(region, segment);
        }
    }

    /// A segment came into the records, committed by this process or adopted.
    pub(super) fn registered(&self, region: &Region, segment: &Registration) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.counted.remove(&segment.id) {
            known.add(region, segment);
        }
    }
}

impl Known {
    fn add(&mut self, region: &Region, segment: &Registration) {
        for used in &segment.used {
            let octets = self.octets.entry((region.clone(), used.tenant)).or_default();
            *octets = octets.saturating_add(used.octets);
        }
    }

    fn take(&mut self, region: &Region, segment: &Registration) {
        for used in &segment.used {
            let octets = self.octets.entry((region.clone(), used.tenant)).or_default();
            *octets = octets.saturating_sub(used.octets);
        }
    }
}

/// What the entries of a segment use, by tenant and day.
pub(super) fn of_entries(entries: &[IndexEntry]) -> Vec<DayUsage> {
    let mut used: Vec<DayUsage> = Vec::new();
    for entry in entries {
        let had = used.iter_mut().find(|had| (had.tenant, had.day) == (entry.tenant, entry.day));
        match had {
            Some(had) => had.octets = had.octets.saturating_add(entry.sealed),
            None => {
                let (tenant, day, octets) = (entry.tenant, entry.day, entry.sealed);
                used.push(DayUsage { tenant, day, octets });
            }
        }
    }
    used
}
