//! Reading segments back, a bounded part at a time. An entry that cannot be opened is told as
//! damaged, never left out.
//!
//! Small entries are read and opened together; a large one is read in pieces, so that its sealed
//! octets are never in memory as a whole.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use clawback_core::{Region, SegmentId};

use super::format::IndexEntry;
use super::open::{Opening, mail, small};
use super::{Location, Segments, StoredMail};
use crate::backend::{ClaimedSegment, Result};
use crate::error::StoreError;
use crate::key::DataKey;

/// Reads the mail of one segment from first to last.
pub struct SegmentReader {
    segments: Arc<Segments>,
    at: Location,
    rest: VecDeque<IndexEntry>,
    given_up: Vec<u32>,
}

impl SegmentReader {
    /// The place of the mail that comes next.
    #[must_use]
    pub fn next_place(&self) -> Option<u32> {
        self.rest.front().map(|entry| entry.place)
    }

    /// How large the mail that comes next is, opened.
    #[must_use]
    pub fn next_octets(&self) -> Option<u64> {
        self.rest.front().map(|entry| entry.plain)
    }

    /// The next mails: at least one, and together about `octets_max` octets at most. `None` after
    /// the last. What was given up is there with its damage, and is not opened.
    ///
    /// # Errors
    /// What the disk says. The reader is then of no more use: open the segment again.
    pub async fn next(&mut self, octets_max: usize) -> Result<Option<Vec<StoredMail>>> {
        let (mut mails, mut small, mut large) = (Vec::new(), Vec::new(), Vec::new());
        let max = u64::try_from(octets_max).unwrap_or(u64::MAX);
        let (mut octets, mut taken) = (0_u64, 0);
        while let Some(entry) = self.rest.front() {
            let given_up = self.given_up.contains(&entry.place);
            let costs = if given_up { 0 } else { entry.plain.max(entry.sealed) };
            octets = octets.saturating_add(costs);
            if taken > 0 && octets > max {
                break;
            }
            taken += 1;
            match self.rest.pop_front() {
                Some(entry) if given_up => mails.push(mail(&entry, Err(GIVEN_UP))?),
                Some(entry) if entry.sealed > PIECE_OCTETS => large.push(entry),
                Some(entry) => small.push(entry),
                None => break,
            }
        }
        if taken == 0 {
            return Ok(None);
        }
        if !small.is_empty() {
            mails.extend(self.segments.read_small(&self.at, small).await?);
        }
        for entry in large {
            mails.push(self.segments.read_large(&self.at, entry).await?);
        }
        mails.sort_by_key(|mail| mail.place);
        Ok(Some(mails))
    }
}

impl std::fmt::Debug for SegmentReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SegmentReader({}, {} to come)", self.at.id, self.rest.len())
    }
}

impl Segments {
    /// Begins to read a segment; its file is whole as far as header and index tell.
    pub(crate) async fn open_segment(
        self: &Arc<Self>,
        claim: &ClaimedSegment,
    ) -> Result<SegmentReader> {
        let at = Location { region: claim.region.clone(), id: claim.id };
        let rest = self.files.index(&at).await?.into();
        let given_up = claim.given_up.clone();
        Ok(SegmentReader { segments: Arc::clone(self), at, rest, given_up })
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
        let mail = self.read_large(&at, entry).await?;
        match mail.damage {
            Some(what) => Err(StoreError::Corrupt { what }),
            None => Ok(Some(mail)),
        }
    }

    /// Entries whose sealed octets may be in memory together.
    async fn read_small(&self, at: &Location, some: Vec<IndexEntry>) -> Result<Vec<StoredMail>> {
        let ranges: Vec<_> = some.iter().map(IndexEntry::range).collect();
        let sealed = self.files.ranges(at, &ranges).await?;
        let mut work = Vec::with_capacity(some.len());
        for (entry, sealed) in some.into_iter().zip(sealed) {
            work.push((entry, sealed, self.keys.for_opening(entry.tenant, entry.day).await));
        }
        let id = at.id;
        let opening = tokio::task::spawn_blocking(move || {
            let mut decompressor = zstd::bulk::Decompressor::new()?;
            let mut open = |(entry, sealed, key): (IndexEntry, Bytes, Result<DataKey>)| {
                let opened =
                    key.and_then(|key| small(&mut decompressor, &key, id, &entry, &sealed));
                mail(&entry, opened)
            };
            work.into_iter().map(&mut open).collect()
        });
        opening.await.map_err(StoreError::unavailable)?
    }

    /// An entry of any size, read in pieces.
    async fn read_large(&self, at: &Location, entry: IndexEntry) -> Result<StoredMail> {
        let key = self.keys.for_opening(entry.tenant, entry.day).await;
        let opening = key.and_then(|key| Opening::new(&key, at.id, &entry));
        let mut opening = match opening {
            Ok(opening) => opening,
            Err(error) => return mail(&entry, Err(error)),
        };
        let mut from = entry.offset;
        while from < entry.range().end {
            let to = from.saturating_add(PIECE_OCTETS).min(entry.range().end);
            let piece = self.files.range(at, from..to).await?;
            let work = tokio::task::spawn_blocking(move || {
                let pushed = opening.push(&piece);
                (opening, pushed)
            });
            let (now, pushed) = work.await.map_err(StoreError::unavailable)?;
            if let Err(error) = pushed {
                return mail(&entry, Err(error));
            }
            (opening, from) = (now, to);
        }
        let work = tokio::task::spawn_blocking(move || opening.finish());
        mail(&entry, work.await.map_err(StoreError::unavailable)?)
    }
}

const GIVEN_UP: StoreError = StoreError::Corrupt {
    what: "judging it ended the program several times; it was not read again",
};
/// What is read of a large entry at a time.
const PIECE_OCTETS: u64 = 1024 * 1024;
