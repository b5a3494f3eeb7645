//! Opening one entry piece by piece: unsealed, decompressed and kept in one pass.
//!
//! Whatever a file claims, no more octets are made than its index says, nor more than an entry may
//! have; and the opened mail is in memory once.

use std::io::Write as _;

use bytes::Bytes;
use clawback_core::SegmentId;

use super::format::{ENTRY_OCTETS_MAX, IndexEntry};
use super::seal::Unsealer;
use super::{Envelope, StoredMail};
use crate::backend::Result;
use crate::error::StoreError;
use crate::key::DataKey;

/// An entry that is being opened.
pub(super) struct Opening {
    unsealer: Unsealer,
    plain: zstd::stream::write::Decoder<'static, Bounded>,
    octets: u64,
}

impl Opening {
    pub(super) fn new(key: &DataKey, segment: SegmentId, entry: &IndexEntry) -> Result<Self> {
        let octets = entry.plain.min(ENTRY_OCTETS_MAX);
        let room = usize::try_from(octets).map_err(|_| DAMAGED)?;
        // The pages of this room are taken from the machine only as they are written.
        let plain = Bounded { octets: Vec::with_capacity(room), max: room };
        Ok(Self {
            unsealer: Unsealer::new(key, &entry.binding(segment))?,
            plain: zstd::stream::write::Decoder::new(plain)?,
            octets: entry.plain,
        })
    }

    /// Takes more of the sealed entry.
    pub(super) fn push(&mut self, sealed: &[u8]) -> Result<()> {
        let plain = &mut self.plain;
        self.unsealer.push(sealed, &mut |opened| plain.write_all(opened).map_err(|_| DAMAGED))
    }

    /// Ends the entry: its envelope and the octets that came.
    pub(super) fn finish(self) -> Result<(Envelope, Bytes)> {
        let Self { unsealer, mut plain, octets } = self;
        unsealer.finish(&mut |opened| plain.write_all(opened).map_err(|_| DAMAGED))?;
        plain.flush().map_err(|_| DAMAGED)?;
        let opened = plain.into_inner().octets;
        if u64::try_from(opened.len()).unwrap_or(u64::MAX) != octets {
            return Err(DAMAGED);
        }
        split(opened)
    }
}

/// Opens a small entry whole. The caller keeps what decompresses: to make one costs more than a
/// mail.
pub(super) fn small(
    decompressor: &mut zstd::bulk::Decompressor<'_>,
    key: &DataKey,
    segment: SegmentId,
    entry: &IndexEntry,
    sealed: &[u8],
) -> Result<(Envelope, Bytes)> {
    let mut compressed = Vec::with_capacity(sealed.len());
    let mut unsealer = Unsealer::new(key, &entry.binding(segment))?;
    let mut keep = |opened: &[u8]| {
        compressed.extend_from_slice(opened);
        Ok(())
    };
    unsealer.push(sealed, &mut keep)?;
    unsealer.finish(&mut keep)?;
    let room = usize::try_from(entry.plain.min(ENTRY_OCTETS_MAX)).map_err(|_| DAMAGED)?;
    let opened = decompressor.decompress(&compressed, room).map_err(|_| DAMAGED)?;
    if opened.len() != room || entry.plain > ENTRY_OCTETS_MAX {
        return Err(DAMAGED);
    }
    split(opened)
}

/// The mail of an entry. Damage is part of it; a store that does not answer is an error.
pub(super) fn mail(entry: &IndexEntry, opened: Result<(Envelope, Bytes)>) -> Result<StoredMail> {
    let (envelope, octets, damage) = match opened {
        Ok((envelope, octets)) => (envelope, octets, None),
        Err(StoreError::Corrupt { what }) => (Envelope::default(), Bytes::new(), Some(what)),
        Err(error) => return Err(error),
    };
    let (place, tenant, received) = (entry.place, entry.tenant, entry.received);
    Ok(StoredMail { place, tenant, envelope, received, octets, damage })
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

/// Octets up to a limit.
struct Bounded {
    octets: Vec<u8>,
    max: usize,
}

impl std::io::Write for Bounded {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        if more.len() > self.max - self.octets.len() {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        self.octets.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const DAMAGED: StoreError = StoreError::Corrupt { what: "a compressed entry" };
