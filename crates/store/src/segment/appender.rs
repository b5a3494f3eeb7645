//! Group commit: mail of many connections is written and synced as one segment.
//!
//! A segment closes after two milliseconds, or when it holds 256 mails or some MiB; while the disk
//! is busy it stays open for more. Whoever appended is answered after the sync. The synced file is
//! the registration: the record of it is written right after, and a crash in between is mended by
//! adoption. What waits in memory is limited, and who comes then waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clawback_core::time::Day;
use clawback_core::{Region, TenantId, UnixMillis};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::format::{self, IndexEntry};
use super::seal::Sealer;
use super::{Committed, Envelope, Incoming, LargeMessage, Location, Segments, usage};
use crate::backend::{DayUsage, Registration, Result};
use crate::error::StoreError;
use crate::key::DataKey;

/// One region's way in.
pub(crate) struct RegionSegments {
    segments: Arc<Segments>,
    region: Region,
    queue: mpsc::Sender<Pending>,
    registrar: mpsc::Sender<Registration>,
    memory: Arc<Semaphore>,
    compressors: Arc<Compressors>,
    hint: Arc<Notify>,
}

/// One compressed mail on its way into a segment.
struct Pending {
    tenant: TenantId,
    day: Day,
    received: UnixMillis,
    key: DataKey,
    compressed: Vec<u8>,
    plain: u64,
    answer: oneshot::Sender<Result<Committed>>,
    _memory: OwnedSemaphorePermit,
}

impl RegionSegments {
    /// Starts the tasks that write and register; they end when this is dropped.
    pub(crate) fn start(segments: Arc<Segments>, region: Region) -> Arc<Self> {
        let (queue, incoming) = mpsc::channel(QUEUE_MAX);
        let (registrar, durable) = mpsc::channel(REGISTRATIONS_MAX);
        let hint = Arc::new(Notify::new());
        let writing = Writing {
            segments: Arc::clone(&segments),
            region: region.clone(),
            registrar: registrar.clone(),
        };
        tokio::spawn(gather(Arc::new(writing), incoming));
        let (known, here) = (Arc::clone(&segments), region.clone());
        tokio::spawn(register(known, here, durable, Arc::clone(&hint)));
        let memory = Arc::new(Semaphore::new(MEMORY_KIB_MAX));
        let compressors = Arc::default();
        Arc::new(Self { segments, region, queue, registrar, memory, compressors, hint })
    }

    pub(crate) async fn append(&self, incoming: Incoming) -> Result<Committed> {
        self.segments.check_room()?;
        let received = self.segments.clock.now();
        let kib = incoming.octets.len().div_ceil(1_024).clamp(1, MEMORY_KIB_MAX);
        let kib = u32::try_from(kib).unwrap_or(u32::MAX);
        let memory = Arc::clone(&self.memory).acquire_many_owned(kib).await;
        let memory = memory.map_err(StoreError::unavailable)?;
        let (tenant, day) = (incoming.tenant, received.day());
        let key = self.segments.keys.for_sealing(tenant, day).await?;
        let (compressed, plain) = if incoming.octets.len() > COMPRESS_HERE_OCTETS_MAX {
            let compressors = Arc::clone(&self.compressors);
            let work = tokio::task::spawn_blocking(move || compressors.compress(&incoming));
            work.await.map_err(StoreError::unavailable)??
        } else {
            self.compressors.compress(&incoming)?
        };
        let (answer, committed) = oneshot::channel();
        let pending =
            Pending { tenant, day, received, key, compressed, plain, answer, _memory: memory };
        self.queue.send(pending).await.map_err(|_| stopped())?;
        committed.await.map_err(|_| stopped())?
    }

    pub(crate) async fn stream(
        &self,
        tenant: TenantId,
        envelope: Envelope,
    ) -> Result<LargeMessage> {
        let (segments, region) = (Arc::clone(&self.segments), self.region.clone());
        LargeMessage::begin(segments, region, self.registrar.clone(), tenant, &envelope).await
    }

    pub(crate) async fn notified(&self) {
        self.hint.notified().await;
    }

    pub(crate) fn announce(&self) {
        self.hint.notify_one();
    }
}

/// What every write needs.
struct Writing {
    segments: Arc<Segments>,
    region: Region,
    registrar: mpsc::Sender<Registration>,
}

/// Mails that will be one segment.
#[derive(Default)]
struct Batch {
    mails: Vec<Pending>,
    octets: usize,
}

impl Batch {
    fn push(&mut self, pending: Pending) {
        self.octets += pending.compressed.len();
        self.mails.push(pending);
    }

    fn is_full(&self) -> bool {
        self.mails.len() >= ENTRIES_MAX || self.octets >= SEGMENT_OCTETS
    }
}

async fn gather(writing: Arc<Writing>, mut incoming: mpsc::Receiver<Pending>) {
    let room = Arc::new(Semaphore::new(WRITES_MAX));
    while let Some(first) = incoming.recv().await {
        let mut batch = Batch::default();
        batch.push(first);
        let _ = tokio::time::timeout(CLOSE_AFTER, fill(&mut batch, &mut incoming)).await;
        // While the disk is busy, more may come along.
        let permit = tokio::select! {
            biased;
            permit = Arc::clone(&room).acquire_owned() => permit,
            () = fill(&mut batch, &mut incoming) => Arc::clone(&room).acquire_owned().await,
        };
        let Ok(permit) = permit else { return };
        let writing = Arc::clone(&writing);
        tokio::spawn(async move {
            write(&writing, batch).await;
            drop(permit);
        });
    }
}

/// Returns when the batch is full or nobody can add to it. Loses nothing where it is dropped.
async fn fill(batch: &mut Batch, incoming: &mut mpsc::Receiver<Pending>) {
    while !batch.is_full() {
        let Some(next) = incoming.recv().await else { return };
        batch.push(next);
    }
}

async fn write(writing: &Writing, batch: Batch) {
    let segments = &writing.segments;
    let (id, began) = segments.new_id();
    let at = Location { region: writing.region.clone(), id };
    let (entries, octets) = (batch.mails.len(), batch.octets);
    let for_blocking = at.clone();
    let sealed = tokio::task::spawn_blocking(move || {
        let sealed = seal(&for_blocking, began, &batch.mails);
        let answers: Vec<_> = batch.mails.into_iter().map(|mail| mail.answer).collect();
        (sealed, answers)
    });
    let Ok((sealed, answers)) = sealed.await else { return };
    let (file, used) = match sealed {
        Ok(sealed) => sealed,
        Err(error) => return refuse(&error, answers),
    };
    let entries = u32::try_from(entries).unwrap_or(u32::MAX);
    let octets = u64::try_from(octets).unwrap_or(u64::MAX);
    let registration = Registration { id, began, entries, octets, used, damaged: false };
    segments.usage.committing(&writing.region, &registration);
    if let Err(error) = segments.files.put(&at, file).await {
        segments.usage.failed(&writing.region, &registration);
        return refuse(&error, answers);
    }
    for (place, answer) in (0..).zip(answers) {
        // Who hung up meanwhile does not want to know; the mail is stored.
        let _ = answer.send(Ok(Committed { segment: id, place }));
    }
    announce(&writing.registrar, registration);
}

/// Nothing was stored: whoever waits is told so.
fn refuse(error: &StoreError, answers: Vec<oneshot::Sender<Result<Committed>>>) {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "a segment could not be written; its mail stays with its senders"
    );
    for answer in answers {
        let again = match error {
            StoreError::Full => StoreError::Full,
            _ => StoreError::unavailable("the segment could not be written"),
        };
        let _ = answer.send(Err(again));
    }
}

/// Registration is queued; where the queue is full, adoption finds the file.
pub(super) fn announce(registrar: &mpsc::Sender<Registration>, registration: Registration) {
    let id = registration.id;
    if registrar.try_send(registration).is_err() {
        tracing::warn!(segment = %id, "registration is late; it will be adopted");
    }
}

/// The file of a segment, and what it uses: everything sealed, nothing else changed.
fn seal(at: &Location, began: UnixMillis, mails: &[Pending]) -> Result<(Vec<u8>, Vec<DayUsage>)> {
    let mut file = format::header(&at.region, at.id, began);
    let header = file.clone();
    let mut index = Vec::with_capacity(mails.len());
    for (place, mail) in (0..).zip(mails) {
        let offset = file.len() as u64;
        let mut entry = IndexEntry {
            place,
            offset,
            sealed: 0,
            plain: mail.plain,
            tenant: mail.tenant,
            day: mail.day,
            received: mail.received,
        };
        let mut sealer = Sealer::new(&mail.key, &entry.binding(at.id))?;
        sealer.push(&mail.compressed, &mut file)?;
        sealer.finish(&mut file)?;
        entry.sealed = file.len() as u64 - offset;
        index.push(entry);
    }
    file.extend_from_slice(&format::footer(&header, &index));
    Ok((file, usage::of_entries(&index)))
}

/// What compresses, kept between mails: making one costs more than a small mail.
#[derive(Default)]
struct Compressors(Mutex<Vec<zstd::bulk::Compressor<'static>>>);

impl Compressors {
    fn compress(&self, incoming: &Incoming) -> Result<(Vec<u8>, u64)> {
        let mut plain = envelope_octets(&incoming.envelope)?;
        plain.extend_from_slice(&incoming.octets);
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut compressor = match kept {
            Some(kept) => kept,
            None => zstd::bulk::Compressor::new(COMPRESSION)?,
        };
        let compressed = compressor.compress(&plain)?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < COMPRESSORS_MAX {
            kept.push(compressor);
        }
        Ok((compressed, plain.len() as u64))
    }
}

/// What comes before a mail's octets: its envelope with its length.
pub(super) fn envelope_octets(envelope: &Envelope) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(envelope).map_err(StoreError::unavailable)?;
    let length = u32::try_from(json.len()).map_err(StoreError::unavailable)?;
    Ok([length.to_be_bytes().as_slice(), &json].concat())
}

/// Writes registrations in batches; a batch that cannot be written is left to adoption.
async fn register(
    segments: Arc<Segments>,
    region: Region,
    mut durable: mpsc::Receiver<Registration>,
    hint: Arc<Notify>,
) {
    let mut some = Vec::new();
    while durable.recv_many(&mut some, REGISTRATIONS_MAX).await > 0 {
        match segments.backend.register(region.clone(), std::mem::take(&mut some)).await {
            Ok(new) => {
                new.iter().for_each(|segment| segments.usage.registered(&region, segment));
                hint.notify_one();
            }
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "segments could not be registered; they will be adopted"
            ),
        }
    }
}

fn stopped() -> StoreError {
    StoreError::unavailable("the store is closing")
}

/// How long a segment waits for company.
const CLOSE_AFTER: Duration = Duration::from_millis(2);
/// Larger mail is compressed on a thread of its own.
const COMPRESS_HERE_OCTETS_MAX: usize = 256 * 1024;
/// Mail is mostly base64 and HTML: the fastest level saves most of what there is to save.
pub(super) const COMPRESSION: i32 = 1;
/// About half a MiB each.
const COMPRESSORS_MAX: usize = 8;
const ENTRIES_MAX: usize = 256;
/// Memory for mail on its way into segments.
const MEMORY_KIB_MAX: usize = 64 * 1_024;
const QUEUE_MAX: usize = 1_024;
const REGISTRATIONS_MAX: usize = 1_024;
const SEGMENT_OCTETS: usize = 4 * 1_024 * 1_024;
/// Segments written at the same time: one on its way to the disk, one being sealed.
const WRITES_MAX: usize = 2;
