//! What the parts of a node do in one region: take mail, work segments off, move copies.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::record::SegmentRecord;
use clawback_core::{Clock, Copy, MessageId, Region, TenantId, UnixMillis};

use crate::backend::{
    Advance, Backend, Claimant, ClaimedCopy, ClaimedSegment, Known, Question, Recorded, Result,
    Scope, SegmentLag, Sweep,
};
use crate::error::StoreError;
use crate::room::Room;
use crate::segment::{
    Committed, Envelope, Incoming, LargeMessage, RegionSegments, SegmentReader, Segments,
};

/// One region.
#[derive(Clone)]
pub struct RegionStore {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) segments: Arc<Segments>,
    pub(crate) here: Arc<RegionSegments>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) room: Arc<Room>,
    pub(crate) region: Region,
}

impl RegionStore {
    /// Octets of a tenant's raw mail here, sealed, as they lie on disk: every mail counts from its
    /// commit on.
    #[must_use]
    pub fn usage(&self, tenant: TenantId) -> u64 {
        self.segments.usage(&self.region, tenant)
    }

    /// Whether the disk has more free than its reserve: as of the last second, and without a look.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.room.is_there()
    }

    /// Stores a mail. When this returns `Ok`, its octets are on disk.
    ///
    /// # Errors
    /// [`StoreError::Full`] where the disk is full down to its reserve; later it may be taken.
    pub async fn append(&self, incoming: Incoming) -> Result<Committed> {
        self.here.append(incoming).await
    }

    /// Begins a mail that is too large to be held in memory: it gets a segment of its own.
    pub async fn stream(&self, tenant: TenantId, envelope: Envelope) -> Result<LargeMessage> {
        self.here.stream(tenant, envelope).await
    }

    /// Makes known what is durable and unknown; answers how many segments that were.
    ///
    /// Nothing is deleted: a damaged file is kept and counted in [`SegmentLag::damaged`].
    pub async fn adopt(&self) -> Result<u64> {
        let adopted = self.segments.adopt(&self.region).await?;
        if adopted > 0 {
            self.here.announce();
        }
        Ok(adopted)
    }

    /// Takes the oldest segment that nobody works on, for `lease`.
    pub async fn claim_segment(
        &self,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<ClaimedSegment>> {
        let (region, now) = (self.region.clone(), self.clock.now());
        let claimant = Claimant { worker: worker.to_owned(), run: self.segments.run };
        self.backend.claim_segment(region, claimant, now, lease).await
    }

    /// Returns when a segment was registered since the last call: a hint, not a promise.
    pub async fn notified(&self) {
        self.here.notified().await;
    }

    /// Begins to read the mail of a claimed segment. What cannot be opened is there with its
    /// damage.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the file as a whole cannot be read: it is kept, counted as
    /// damaged, and not claimed again.
    pub async fn open_segment(&self, claim: &ClaimedSegment) -> Result<SegmentReader> {
        if claim.region != self.region {
            return Err(StoreError::Conflict);
        }
        let opened = self.segments.open_segment(claim).await;
        if matches!(opened, Err(StoreError::Corrupt { .. } | StoreError::NotFound)) {
            tracing::error!(segment = %claim.id, "a segment's file is damaged; it is kept");
            self.backend.mark_damaged(claim.clone()).await?;
        }
        opened
    }

    /// Notes durably that the mail at `place` is judged next. Where the program ends three times
    /// under the same mail, later claims of the segment name it as given up.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the claim is another's by now.
    pub async fn trying(&self, claim: &ClaimedSegment, place: u32) -> Result<()> {
        self.backend.trying(claim.clone(), place).await
    }

    /// What the records say about those behind messages that are judged next: an answer to each
    /// question, in order, in one round trip and from one moment.
    pub async fn known(&self, questions: Vec<Question>) -> Result<Vec<Known>> {
        self.backend.known(self.region.clone(), questions).await
    }

    /// Records everything that follows from a segment in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the claim is another's by now: nothing was recorded.
    pub async fn record(&self, claim: &ClaimedSegment, record: SegmentRecord) -> Result<Recorded> {
        if claim.region != self.region || record.segment != claim.id {
            return Err(StoreError::Conflict);
        }
        self.backend.record(claim.clone(), record).await
    }

    /// Takes copies that are due, for `lease`: fair over mailboxes, at most four of each.
    pub async fn claim_copies(
        &self,
        limit: usize,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Vec<ClaimedCopy>> {
        self.backend.claim_copies(self.region.clone(), limit, lease, now).await
    }

    /// Stores what became of a claimed copy. When it returns, that is durable.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the claim is another's by now: nothing was changed.
    pub async fn advance(&self, claim: &ClaimedCopy, advance: Advance) -> Result<()> {
        self.backend.advance(claim.clone(), advance).await
    }

    /// Adds copies of a message that were found in a mailbox; those that are there stay.
    pub async fn add_copies(
        &self,
        scope: &Scope,
        message: MessageId,
        copies: Vec<Copy>,
    ) -> Result<()> {
        self.backend.add_copies(scope.clone(), message, copies).await
    }

    /// Takes copies whose mailboxes are to be looked through again, for `lease`: those due longest.
    pub async fn claim_sweeps(&self, limit: usize, lease: Duration) -> Result<Vec<Sweep>> {
        let (region, now) = (self.region.clone(), self.clock.now());
        self.backend.claim_sweeps(region, limit, lease, now).await
    }

    /// Stores what a look through a mailbox has shown: where known copies lie, and new ones; and
    /// when to look again. Nothing where a new order came in between.
    pub async fn swept(
        &self,
        sweep: Sweep,
        seen: Vec<Copy>,
        new: Vec<Copy>,
        next: Option<UnixMillis>,
    ) -> Result<()> {
        self.backend.swept(sweep, seen, new, next).await
    }

    /// Carries out a step of each job that has something to be carried out: copies to be looked up,
    /// paused, resumed, withdrawn or tried again. Whether there is more to do at once.
    pub async fn settle_jobs(&self) -> Result<bool> {
        self.backend.settle_jobs(self.region.clone(), self.clock.now()).await
    }

    /// At start, where no other process works on this region: claims of before are void, and what
    /// was asked becomes uncertain. Answers how many copies that were. Removes what an earlier
    /// process left half written: nothing in it was ever acknowledged.
    pub async fn recover_claims(&self, now: UnixMillis) -> Result<u64> {
        let removed = self.segments.sweep(&self.region).await?;
        if removed > 0 {
            tracing::info!(removed, "files that an earlier process did not finish were removed");
        }
        self.backend.recover_claims(self.region.clone(), now).await
    }

    /// Seals up to `limit` audit entries; answers how many.
    pub async fn seal_audit(&self, limit: usize) -> Result<u64> {
        self.backend.seal_audit(self.region.clone(), limit).await
    }

    /// How much is durable and not recorded.
    pub async fn lag(&self) -> Result<SegmentLag> {
        self.backend.lag(self.region.clone()).await
    }
}

impl std::fmt::Debug for RegionStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegionStore({})", self.region)
    }
}
