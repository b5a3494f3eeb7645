//! The straight line: from a durable segment to recorded verdicts. The only place that knows the
//! order.
//!
//! Apart from reading, gathering and recording, each step is a pure function of the bytes, the
//! knowledge and what was gathered: a segment that is done again after a crash records the same
//! messages, each once. A message that cannot be judged is recorded as UNKNOWN; it never blocks its
//! segment and is never dropped.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::history::Gathered;
use clawback_core::identity::Identity;
use clawback_core::record::{MessageRecord, SegmentRecord};
use clawback_core::{Clock, MessageId, Region, SegmentId, UnixMillis};
use clawback_store::{ClaimedSegment, Question, Recorded, Store, StoreError, StoredMail};
use metrics::{counter, histogram};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::examine::{Opened, damaged, judge, open};
use crate::gather::{Asked, Behind, facts, gather};
use crate::knowledge::{KnowledgeBase, TenantKnowledge};

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
        let opened = open_all(mails, segment.id, &line.knowledge).await?;
        let gathered = gather(&region, &opened).await;
        messages.extend(judge_all(opened, gathered).await?);
    }
    let at = line.clock.now();
    let record = SegmentRecord { segment: segment.id, region: line.region.clone(), messages, at };

    // One transaction: what we think, why, and the retractions that follow from it.
    region.record(segment, record).await
}

/// A mail on its way to its verdict.
struct Mail {
    stored: StoredMail,
    id: MessageId,
    known: Arc<TenantKnowledge>,
    opened: Opened,
    took: Duration,
}

impl Asked for Mail {
    fn question(&self, keys: Vec<String>) -> Question {
        Question { tenant: self.stored.tenant, digest: self.opened.examined.digest, keys }
    }

    fn behind(&self) -> &Behind {
        &self.opened.behind
    }

    fn received(&self) -> UnixMillis {
        self.stored.received
    }
}

/// Reads mails on all cores.
async fn open_all(
    mails: Vec<StoredMail>,
    segment: SegmentId,
    knowledge: &Arc<KnowledgeBase>,
) -> Result<Vec<Mail>, StoreError> {
    let knowledge = Arc::clone(knowledge);
    on_all_cores(mails, move |mail| open_one(mail, segment, &knowledge)).await
}

/// Judges mails on all cores.
async fn judge_all(
    mails: Vec<Mail>,
    gathered: Vec<Gathered>,
) -> Result<Vec<MessageRecord>, StoreError> {
    let mails = mails.into_iter().zip(gathered).collect();
    on_all_cores(mails, |(mail, gathered)| Some(judge_one(mail, gathered))).await
}

/// Does something with each, in order; leaves out what comes to nothing.
async fn on_all_cores<T: Send + 'static, R: Send + 'static>(
    items: Vec<T>,
    work: impl Fn(T) -> Option<R> + Clone + Send + 'static,
) -> Result<Vec<R>, StoreError> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let share = items.len().div_ceil(workers).max(1);
    let mut items = items.into_iter();
    let mut shares = Vec::new();
    loop {
        let some: Vec<T> = items.by_ref().take(share).collect();
        if some.is_empty() {
            break;
        }
        let work = work.clone();
        shares.push(tokio::task::spawn_blocking(move || {
            some.into_iter().filter_map(work).collect::<Vec<_>>()
        }));
    }
    let mut done = Vec::new();
    for share in shares {
        // Panics are caught one by one in `examine`; a share that was cut off is done again.
        done.extend(share.await.map_err(|error| StoreError::Unavailable(error.into()))?);
    }
    Ok(done)
}

/// Reads one mail. `None` for a connector's probe, which no mailbox holds.
fn open_one(stored: StoredMail, segment: SegmentId, knowledge: &KnowledgeBase) -> Option<Mail> {
    let began = Instant::now();
    let known = knowledge.of(stored.tenant);
    let id = MessageId::derived(segment, stored.place);
    let (tenant, knowledge) = (known.tenant.as_ref(), &known.knowledge);
    let opened = match stored.damage {
        None => open(&stored.octets, Some(&stored.envelope), tenant, knowledge),
        Some(why) => damaged(&id.octets(), why, knowledge).into(),
    };
    if opened.examined.probe {
        counter!("clawback_probes_total").increment(1);
        return None;
    }
    // What was read holds what is judged: the octets themselves are not needed any more.
    let stored = StoredMail { octets: bytes::Bytes::new(), ..stored };
    Some(Mail { stored, id, known, opened, took: began.elapsed() })
}

/// Takes one mail that was read to its verdict.
fn judge_one(mail: Mail, gathered: Gathered) -> MessageRecord {
    let began = Instant::now();
    let Mail { stored, id, known, opened, took } = mail;
    let examined = judge(opened, &facts(&gathered), &known.knowledge);
    histogram!("clawback_judge_seconds").record((took + began.elapsed()).as_secs_f64());
    let word = examined.verdict.disposition.as_str();
    counter!("clawback_recorded_total", "disposition" => word).increment(1);
    MessageRecord {
        tenant: stored.tenant,
        id,
        place: stored.place,
        received: stored.received,
        arrival: examined.arrival,
        digest: examined.digest,
        report_id: examined.report_id,
        identity: Identity { received: Some(stored.received), ..examined.identity },
        summary: examined.summary,
        recipients: examined.recipients,
        indicators: examined.indicators,
        verdict: examined.verdict,
        defects: examined.defects,
        gathered,
        contact: examined.contact,
    }
}

/// Claims that may come to nothing before a segment is judged one mail at a time.
const ATTEMPTS_MAX: u32 = 3;
/// Mail of a segment in memory at a time.
const READ_OCTETS_MAX: usize = 4 * 1_024 * 1_024;

#[cfg(test)]
mod tests;
