//! Making known what is durable and unknown: after a crash, a file may be there that no record
//! knows. It is never deleted; a damaged one is kept and counted.

use std::collections::HashSet;

use clawback_core::{Region, SegmentId, UnixMillis};

use super::{Location, Segments, began, usage};
use crate::backend::{Registration, Result};
use crate::error::StoreError;

impl Segments {
    /// Registers every segment of a region that is not known; answers how many that were.
    pub(crate) async fn adopt(&self, region: &Region) -> Result<u64> {
        let from = self.backend.adopted_until(region.clone()).await?;
        let now = self.clock.now();
        let found = self.files.list(region, from).await?;
        let mut adopted = 0;
        for some in found.chunks(AT_ONCE_MAX) {
            let known = self.backend.known_segments(region.clone(), some.to_vec()).await?;
            let known: HashSet<SegmentId> = known.into_iter().collect();
            let mut unknown = Vec::new();
            for id in some.iter().filter(|id| !known.contains(id)) {
                unknown.push(self.inspect(region, *id).await?);
            }
            if !unknown.is_empty() {
                for new in self.backend.register(region.clone(), unknown).await? {
                    self.usage.registered(region, &new);
                    adopted += 1;
                }
            }
        }
        // A file that is still being written was begun this long ago at most.
        let until = UnixMillis(now.0.saturating_sub(OPEN_MILLIS_MAX));
        if until > from {
            self.backend.set_adopted_until(region.clone(), until).await?;
        }
        Ok(adopted)
    }

    /// Removes what was never finished, as far back as a file may have been open when the segments
    /// were last scanned; answers how many files.
    pub(crate) async fn sweep(&self, region: &Region) -> Result<u64> {
        let from = self.backend.adopted_until(region.clone()).await?;
        self.files.sweep(region, from).await
    }

    async fn inspect(&self, region: &Region, id: SegmentId) -> Result<Registration> {
        let at = Location { region: region.clone(), id };
        let (mut entries, mut octets, mut damaged, mut used) = (0, 0, false, Vec::new());
        match self.files.index(&at).await {
            Ok(index) => {
                entries = u32::try_from(index.len()).unwrap_or(u32::MAX);
                used = usage::of_entries(&index);
                octets = index.iter().map(|entry| entry.sealed).sum();
            }
            Err(StoreError::Corrupt { .. }) => {
                tracing::error!(segment = %id, "a segment's file is damaged; it is kept");
                damaged = true;
            }
            Err(error) => return Err(error),
        }
        Ok(Registration { id, began: began(id), entries, octets, used, damaged })
    }
}

const AT_ONCE_MAX: usize = 400;
/// Longest time a file may stay open: a session of an hour, twice.
const OPEN_MILLIS_MAX: u64 = 2 * 3_600_000;
