//! The form of a segment file: header, sealed entries, and an index with its checksum at the end.
//!
//! Reading never panics and never takes more memory than the file has octets. A file that was cut
//! off or changed in header or index is seen by the checksum; a changed entry does not open.

use std::ops::Range;

use clawback_core::time::Day;
use clawback_core::{Region, SegmentId, TenantId, UnixMillis};
use sha2::{Digest, Sha256};

use super::seal::Binding;
use crate::backend::Result;
use crate::error::StoreError;

/// The header's octets.
pub(crate) fn header(region: &Region, id: SegmentId, began: UnixMillis) -> Vec<u8> {
    let name = region.as_str().as_bytes();
    let mut header = Vec::with_capacity(HEADER_OCTETS_MAX);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_be_bytes());
    header.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    header.extend_from_slice(name);
    header.extend_from_slice(&id.octets());
    header.extend_from_slice(&began.0.to_be_bytes());
    header
}

/// One entry, as the index tells of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct IndexEntry {
    pub(crate) place: u32,
    pub(crate) offset: u64,
    pub(crate) sealed: u64,
    /// Octets when opened and decompressed: never believed beyond [`ENTRY_OCTETS_MAX`].
    pub(crate) plain: u64,
    pub(crate) tenant: TenantId,
    pub(crate) day: Day,
    pub(crate) received: UnixMillis,
}

impl IndexEntry {
    /// Where its sealed octets are.
    pub(crate) fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.sealed)
    }

    /// What it is bound to.
    pub(crate) fn binding(&self, segment: SegmentId) -> Binding {
        Binding { segment, place: self.place, tenant: self.tenant, day: self.day }
    }
}

/// The octets after the entries: index and trailer.
pub(crate) fn footer(header: &[u8], entries: &[IndexEntry]) -> Vec<u8> {
    let mut index = Vec::with_capacity(entries.len() * INDEX_ENTRY_OCTETS + TRAILER_OCTETS);
    for entry in entries {
        index.extend_from_slice(&entry.place.to_be_bytes());
        index.extend_from_slice(&entry.offset.to_be_bytes());
        index.extend_from_slice(&entry.sealed.to_be_bytes());
        index.extend_from_slice(&entry.plain.to_be_bytes());
        index.extend_from_slice(&entry.tenant.octets());
        index.extend_from_slice(&entry.day.0.to_be_bytes());
        index.extend_from_slice(&entry.received.0.to_be_bytes());
    }
    let checksum = checksum(header, &index);
    let length = u32::try_from(index.len()).unwrap_or(u32::MAX);
    index.extend_from_slice(&checksum);
    index.extend_from_slice(&length.to_be_bytes());
    index.extend_from_slice(MAGIC_END);
    index
}

/// What the trailer says: the length of the index, and its checksum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trailer {
    pub(crate) index_octets: u64,
    checksum: [u8; 32],
}

impl Trailer {
    /// Reads the last [`TRAILER_OCTETS`] octets of a file.
    pub(crate) fn read(octets: &[u8]) -> Result<Self> {
        let mut reader = Reader(octets);
        let trailer = Self {
            checksum: reader.array()?,
            index_octets: u64::from(u32::from_be_bytes(reader.array()?)),
        };
        if &reader.array::<8>()? != MAGIC_END || !reader.0.is_empty() {
            return Err(DAMAGED);
        }
        Ok(trailer)
    }
}

/// A segment's index, checked against the header and the size of the file.
pub(crate) fn read_index(
    head: &[u8],
    index: &[u8],
    trailer: &Trailer,
    file_octets: u64,
) -> Result<(SegmentId, Vec<IndexEntry>)> {
    let mut reader = Reader(head);
    if &reader.array::<8>()? != MAGIC || u16::from_be_bytes(reader.array()?) != VERSION {
        return Err(DAMAGED);
    }
    let [name] = reader.array()?;
    reader.take(usize::from(name))?;
    let id = SegmentId::from_octets(reader.array()?);
    reader.array::<8>()?;
    let header = head.get(..head.len() - reader.0.len()).ok_or(DAMAGED)?;
    if checksum(header, index) != trailer.checksum
        || !index.len().is_multiple_of(INDEX_ENTRY_OCTETS)
    {
        return Err(DAMAGED);
    }
    let body_end = file_octets
        .checked_sub(trailer.index_octets)
        .and_then(|rest| rest.checked_sub(TRAILER_OCTETS as u64))
        .ok_or(DAMAGED)?;
    let mut entries = Vec::new();
    for octets in index.chunks_exact(INDEX_ENTRY_OCTETS) {
        let entry = read_entry(&mut Reader(octets))?;
        if entry.range().end > body_end || entry.plain > ENTRY_OCTETS_MAX {
            return Err(DAMAGED);
        }
        entries.push(entry);
    }
    Ok((id, entries))
}

fn read_entry(reader: &mut Reader<'_>) -> Result<IndexEntry> {
    Ok(IndexEntry {
        place: u32::from_be_bytes(reader.array()?),
        offset: u64::from_be_bytes(reader.array()?),
        sealed: u64::from_be_bytes(reader.array()?),
        plain: u64::from_be_bytes(reader.array()?),
        tenant: TenantId::from_octets(reader.array()?),
        day: Day(u32::from_be_bytes(reader.array()?)),
        received: UnixMillis(u64::from_be_bytes(reader.array()?)),
    })
}

fn checksum(header: &[u8], index: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(header).chain_update(index).finalize().into()
}

/// Octets taken from the front; too few are damage.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, octets: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(octets).ok_or(DAMAGED)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(DAMAGED)?;
        self.0 = rest;
        Ok(*taken)
    }
}

const DAMAGED: StoreError = StoreError::Corrupt { what: "a segment file" };
const INDEX_ENTRY_OCTETS: usize = 56;
const MAGIC: &[u8; 8] = b"CLAWSEG1";
const MAGIC_END: &[u8; 8] = b"CLAWEND1";
const VERSION: u16 = 1;
/// Longest header: the longest name of a region included.
pub(crate) const HEADER_OCTETS_MAX: usize = 8 + 2 + 1 + 32 + 16 + 8;
/// Checksum, length of the index, and the closing mark.
pub(crate) const TRAILER_OCTETS: usize = 32 + 4 + 8;
/// Largest entry, opened and decompressed.
pub(crate) const ENTRY_OCTETS_MAX: u64 = 256 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let id = SegmentId::new(UnixMillis(5), [1; 10]);
        let mut file = header(&Region::global(), id, UnixMillis(5));
        let entry = IndexEntry {
            place: 0,
            offset: file.len() as u64,
            sealed: 20,
            plain: 100,
            tenant: TenantId::from_octets([2; 16]),
            day: Day(3),
            received: UnixMillis(4),
        };
        let footer = footer(&file, &[entry]);
        file.extend_from_slice(&[8; 20]);
        file.extend_from_slice(&footer);
        file
    }

    fn read(file: &[u8]) -> Result<(SegmentId, Vec<IndexEntry>)> {
        let start = file.len().checked_sub(TRAILER_OCTETS).ok_or(DAMAGED)?;
        let trailer = Trailer::read(&file[start..])?;
        let length = usize::try_from(trailer.index_octets).map_err(|_| DAMAGED)?;
        let index = start.checked_sub(length).ok_or(DAMAGED)?;
        read_index(file, &file[index..start], &trailer, file.len() as u64)
    }

    #[test]
    fn a_whole_file_is_read_back() {
        let (id, entries) = read(&file()).unwrap();
        assert_eq!(id, SegmentId::new(UnixMillis(5), [1; 10]));
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].plain, entries[0].day), (100, Day(3)));
    }

    #[test]
    fn every_cut_and_every_change_outside_the_entries_is_seen() {
        let whole = file();
        for cut in 0..whole.len() {
            assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let (header, entry) = (
            header(&Region::global(), SegmentId::new(UnixMillis(5), [1; 10]), UnixMillis(5)).len(),
            20,
        );
        for place in (0..whole.len()).filter(|p| !(header..header + entry).contains(p)) {
            let mut changed = whole.clone();
            changed[place] ^= 0x10;
            assert!(read(&changed).is_err(), "changed at {place}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_octets_are_read_or_refused(octets in proptest::collection::vec(0_u8.., 0..400)) {
            assert!(read(&octets).is_err());
        }
    }
}
