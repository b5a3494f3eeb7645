//! A mail too large for memory: a segment of its own, compressed, sealed and written as it comes.

use std::io::Write as _;
use std::sync::Arc;

use clawback_core::{Region, TenantId};
use object_store::MultipartUpload;
use tokio::sync::mpsc;

use super::appender::{COMPRESSION, announce, envelope_octets};
use super::format::{self, ENTRY_OCTETS_MAX, IndexEntry};
use super::seal::Sealer;
use super::{Committed, Envelope, Location, Segments, usage};
use crate::backend::{Registration, Result};
use crate::error::StoreError;

/// A large mail being written. Dropped unfinished, it leaves nothing behind.
pub struct LargeMessage {
    segments: Arc<Segments>,
    registrar: mpsc::Sender<Registration>,
    at: Location,
    header: Vec<u8>,
    entry: IndexEntry,
    upload: Box<dyn MultipartUpload>,
    encoder: zstd::stream::write::Encoder<'static, Vec<u8>>,
    sealer: Sealer,
    /// Sealed and not yet written.
    ready: Vec<u8>,
    written: u64,
}

impl LargeMessage {
    pub(super) async fn begin(
        segments: Arc<Segments>,
        region: Region,
        registrar: mpsc::Sender<Registration>,
        tenant: TenantId,
        envelope: &Envelope,
    ) -> Result<Self> {
        segments.check_room()?;
        let (id, began) = segments.new_id();
        let day = began.day();
        let key = segments.keys.for_sealing(tenant, day).await?;
        let at = Location { region, id };
        let header = format::header(&at.region, id, began);
        let offset = header.len() as u64;
        let entry =
            IndexEntry { place: 0, offset, sealed: 0, plain: 0, tenant, day, received: began };
        let sealer = Sealer::new(&key, &entry.binding(id))?;
        let encoder = zstd::stream::write::Encoder::new(Vec::new(), COMPRESSION)?;
        let upload = segments.files.begin(&at).await?;
        let ready = header.clone();
        let mut message = Self {
            segments,
            registrar,
            at,
            header,
            entry,
            upload,
            encoder,
            sealer,
            ready,
            written: 0,
        };
        message.write(&envelope_octets(envelope)?).await?;
        Ok(message)
    }

    /// Takes more of the mail.
    ///
    /// # Errors
    /// [`StoreError::Full`] where the mail is larger than any entry may be, or the disk is full
    /// down to its reserve.
    pub async fn write(&mut self, octets: &[u8]) -> Result<()> {
        self.entry.plain = self.entry.plain.saturating_add(octets.len() as u64);
        if self.entry.plain > ENTRY_OCTETS_MAX {
            return Err(StoreError::Full);
        }
        self.segments.check_room()?;
        self.encoder.write_all(octets)?;
        let compressed = std::mem::take(self.encoder.get_mut());
        self.sealer.push(&compressed, &mut self.ready)?;
        if self.ready.len() >= PART_OCTETS {
            self.put().await?;
        }
        Ok(())
    }

    /// Ends the mail. When this returns `Ok`, its octets are on disk.
    pub async fn finish(mut self) -> Result<Committed> {
        self.encoder.flush()?;
        let encoder = std::mem::replace(
            &mut self.encoder,
            zstd::stream::write::Encoder::new(Vec::new(), COMPRESSION)?,
        );
        let rest = encoder.finish()?;
        self.sealer.push(&rest, &mut self.ready)?;
        let Self { sealer, mut ready, mut entry, mut upload, header, .. } = self;
        sealer.finish(&mut ready)?;
        entry.sealed = self.written + ready.len() as u64 - entry.offset;
        entry.received = self.segments.clock.now();
        ready.extend_from_slice(&format::footer(&header, &[entry]));
        upload.put_part(ready.into()).await?;
        let id = self.at.id;
        let (began, octets) = (self.at.began(), entry.sealed);
        let used = usage::of_entries(&[entry]);
        let registration = Registration { id, began, entries: 1, octets, used, damaged: false };
        self.segments.usage.committing(&self.at.region, &registration);
        if let Err(error) = upload.complete().await {
            self.segments.usage.failed(&self.at.region, &registration);
            return Err(error.into());
        }
        announce(&self.registrar, registration);
        Ok(Committed { segment: id, place: 0 })
    }

    /// Gives the mail up: nothing of it stays.
    pub async fn abort(mut self) {
        if let Err(error) = self.upload.abort().await {
            tracing::debug!(%error, "an unfinished segment could not be removed");
        }
    }

    async fn put(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.ready);
        self.written += part.len() as u64;
        self.upload.put_part(part.into()).await?;
        Ok(())
    }
}

impl std::fmt::Debug for LargeMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LargeMessage({}, <redacted {} octets>)", self.at.id, self.entry.plain)
    }
}

const PART_OCTETS: usize = 512 * 1024;
