//! Reading segments back. An entry that cannot be opened is told as damaged, never left out.

use std::io::Read as _;

use bytes::Bytes;
use clawback_core::{Region, SegmentId};

use super::format::{ENTRY_OCTETS_MAX, IndexEntry};
use super::seal::unseal;
use super::{Envelope, Location, Segments, StoredMail};
use crate::backend::Result;
use crate::error::StoreError;
use crate::key::DataKey;

impl Segments {
    /// Every mail of a segment.
    pub(crate) async fn read(&self, region: &Region, id: SegmentId) -> Result<Vec<StoredMail>> {
        let at = Location { region: region.clone(), id };
        let entries = self.files.index(&at).await?;
        let mut work = Vec::with_capacity(entries.len());
        let from = entries.iter().map(|entry| entry.offset).min().unwrap_or_default();
        let to = entries.iter().map(|entry| entry.range().end).max().unwrap_or_default();
        let body = if from < to { self.files.range(&at, from..to).await? } else { Bytes::new() };
        for entry in entries {
            let start = usize::try_from(entry.offset - from).unwrap_or(usize::MAX);
            let length = usize::try_from(entry.sealed).unwrap_or(usize::MAX);
            let end = start.saturating_add(length).min(body.len());
            let sealed = body.slice(start.min(end)..end);
            work.push((entry, sealed, self.keys.for_opening(entry.tenant, entry.day).await));
        }
        let opening = tokio::task::spawn_blocking(move || {
            work.into_iter().map(|(entry, sealed, key)| open(id, entry, &sealed, key)).collect()
        });
        opening.await.map_err(StoreError::unavailable)?
    }

    /// One mail of a segment.
    pub(crate) async fn read_one(
        &self,
        region: &Region,
        id: SegmentId,
        place: u32,
    ) -> Result<Option<StoredMail>> {
        let at = Location { region: region.clone(), id };
        let entries = match self.files.index(&at).await {
            Err(StoreError::NotFound) => return Ok(None),
            entries => entries?,
        };
        let Some(entry) = entries.into_iter().find(|entry| entry.place == place) else {
            return Ok(None);
        };
        let sealed = self.files.range(&at, entry.range()).await?;
        let key = self.keys.for_opening(entry.tenant, entry.day).await;
        let opening = tokio::task::spawn_blocking(move || open(id, entry, &sealed, key));
        let mail = opening.await.map_err(StoreError::unavailable)??;
        match mail.damage {
            Some(what) => Err(StoreError::Corrupt { what }),
            None => Ok(Some(mail)),
        }
    }
}

/// Opens one entry; damage is part of the answer, a store that does not answer is an error.
fn open(
    segment: SegmentId,
    entry: IndexEntry,
    sealed: &[u8],
    key: Result<DataKey>,
) -> Result<StoredMail> {
    let mail = StoredMail {
        place: entry.place,
        tenant: entry.tenant,
        envelope: Envelope::default(),
        received: entry.received,
        octets: Bytes::new(),
        damage: None,
    };
    let opened = key.and_then(|key| {
        let compressed = unseal(&key, &entry.binding(segment), sealed)?;
        split(decompress(&compressed, entry.plain)?)
    });
    match opened {
        Ok((envelope, octets)) => Ok(StoredMail { envelope, octets, ..mail }),
        Err(StoreError::Corrupt { what }) => Ok(StoredMail { damage: Some(what), ..mail }),
        Err(error) => Err(error),
    }
}

/// Never makes more octets than the index said, and never more than an entry may have.
fn decompress(compressed: &[u8], plain: u64) -> Result<Vec<u8>> {
    const DAMAGED: StoreError = StoreError::Corrupt { what: "a compressed entry" };
    let limit = plain.min(ENTRY_OCTETS_MAX);
    let decoder = zstd::stream::read::Decoder::new(compressed).map_err(|_| DAMAGED)?;
    let mut opened = Vec::with_capacity(usize::try_from(limit).unwrap_or(0).min(RESERVE_MAX));
    decoder.take(limit + 1).read_to_end(&mut opened).map_err(|_| DAMAGED)?;
    if u64::try_from(opened.len()).unwrap_or(u64::MAX) != plain {
        return Err(DAMAGED);
    }
    Ok(opened)
}

/// An entry is the length of its envelope, the envelope, and the octets that came.
fn split(opened: Vec<u8>) -> Result<(Envelope, Bytes)> {
    const DAMAGED: StoreError = StoreError::Corrupt { what: "an entry's envelope" };
    let (length, rest) = opened.split_first_chunk::<4>().ok_or(DAMAGED)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| DAMAGED)?;
    let envelope = rest.get(..length).ok_or(DAMAGED)?;
    let envelope = serde_json::from_slice(envelope).map_err(|_| DAMAGED)?;
    Ok((envelope, Bytes::from(opened).slice(4 + length..)))
}

/// Room made before anything was decompressed.
const RESERVE_MAX: usize = 8 * 1024 * 1024;
