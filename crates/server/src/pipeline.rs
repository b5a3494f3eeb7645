//! The straight line: from a durable segment to recorded verdicts. The only place that knows the
//! order.
//!
//! Apart from reading and recording, each step is a pure function of the bytes and the knowledge:
//! a segment that is done again after a crash records the same thing. A message that cannot be
//! judged is recorded as UNKNOWN; it never blocks its segment and is never dropped.

use std::sync::Arc;

use clawback_core::identity::Identity;
use clawback_core::record::{MessageRecord, SegmentRecord};
use clawback_core::{Clock, MessageId, Region, SegmentId};
use clawback_store::{ClaimedSegment, Recorded, Store, StoreError, StoredMail};
use metrics::{counter, histogram};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::examine::{damaged, examine};
use crate::knowledge::KnowledgeBase;

/// What the straight line reaches.
pub(crate) struct Line {
    /// Segments and records.
    pub(crate) store: Store,
    /// Whose mail.
    pub(crate) region: Region,
    /// What messages are judged by.
    pub(crate) knowledge: Arc<KnowledgeBase>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// The right to have a large mail in memory.
    pub(crate) large: Semaphore,
}

/// Takes one segment from its bytes on disk to its record.
pub(crate) async fn process(line: &Line, segment: &ClaimedSegment) -> Result<Recorded, StoreError> {
    let region = line.store.region(&line.region);
    let mut reader = region.open_segment(segment).await?;
    // A segment that ended the program again and again is judged one mail at a time: so the store
    // learns which mail it is, and gives up that one alone.
    let careful = segment.attempts > ATTEMPTS_MAX;
    let octets_max = if careful { 1 } else { READ_OCTETS_MAX };
    let mut messages = Vec::new();
    loop {
        if let (true, Some(place)) = (careful, reader.next_place()) {
            region.trying(segment, place).await?;
        }
        let large = reader.next_octets().is_some_and(|octets| octets > READ_OCTETS_MAX as u64);
        let _alone = if large { line.large.acquire().await.ok() } else { None };
        let Some(mails) = reader.next(octets_max).await? else { break };
        messages.extend(judge_all(segment.id, mails, &line.knowledge).await?);
    }
    let at = line.clock.now();
    let record = SegmentRecord { segment: segment.id, region: line.region.clone(), messages, at };

    // One transaction: what we think, why, and the retractions that follow from it.
    region.record(segment, record).await
}

/// Judges the mails of a segment on all cores.
async fn judge_all(
    segment: SegmentId,
    mails: Vec<StoredMail>,
    knowledge: &Arc<KnowledgeBase>,
) -> Result<Vec<MessageRecord>, StoreError> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let share = mails.len().div_ceil(workers).max(1);
    let mut mails = mails.into_iter();
    let mut shares = Vec::new();
    loop {
        let some: Vec<StoredMail> = mails.by_ref().take(share).collect();
        if some.is_empty() {
            break;
        }
        let knowledge = Arc::clone(knowledge);
        shares.push(tokio::task::spawn_blocking(move || {
            some.iter().filter_map(|mail| judge(segment, mail, &knowledge)).collect::<Vec<_>>()
        }));
    }
    let mut records = Vec::new();
    for share in shares {
        // Panics are caught one by one in `examine`; a share that was cut off is done again.
        records.extend(share.await.map_err(|error| StoreError::Unavailable(error.into()))?);
    }
    Ok(records)
}

/// Takes one mail to its verdict. `None` for a connector's probe, which no mailbox holds.
fn judge(
    segment: SegmentId,
    mail: &StoredMail,
    knowledge: &KnowledgeBase,
) -> Option<MessageRecord> {
    let began = Instant::now();
    let known = knowledge.of(mail.tenant);
    let id = MessageId::derived(segment, mail.place);
    let examined = match mail.damage {
        None => {
            examine(&mail.octets, Some(&mail.envelope), known.tenant.as_ref(), &known.knowledge)
        }
        Some(why) => damaged(&id.octets(), why, &known.knowledge),
    };
    histogram!("clawback_judge_seconds").record(began.elapsed().as_secs_f64());
    if examined.probe {
        counter!("clawback_probes_total").increment(1);
        return None;
    }
    let word = examined.verdict.disposition.as_str();
    counter!("clawback_recorded_total", "disposition" => word).increment(1);
    Some(MessageRecord {
        tenant: mail.tenant,
        id,
        place: mail.place,
        received: mail.received,
        arrival: examined.arrival,
        digest: examined.digest,
        report_id: examined.report_id,
        identity: Identity { received: Some(mail.received), ..examined.identity },
        summary: examined.summary,
        recipients: examined.recipients,
        indicators: examined.indicators,
        verdict: examined.verdict,
        defects: examined.defects,
    })
}

/// Claims that may come to nothing before a segment is judged one mail at a time.
const ATTEMPTS_MAX: u32 = 3;
/// Mail of a segment in memory at a time.
const READ_OCTETS_MAX: usize = 4 * 1_024 * 1_024;
