//! Images of discs (ISO 9660, with the Joliet names that Windows shows).
//!
//! Windows mounts them at a click, and what is in them does not carry the mark of the web.

use std::collections::{HashSet, VecDeque};

use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{piece, size, u16_be, u32_le};

/// Puts every file of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    sink.told(|_| ());
    let Some((root, is_joliet)) = root(octets) else {
        sink.defect(DefectKind::Malformed, "iso");
        return;
    };
    let mut seen = HashSet::new();
    let mut folders = VecDeque::from([(root, String::new())]);
    let mut entries = 0usize;
    while let Some(((place, len), path)) = folders.pop_front() {
        if !seen.insert(place) {
            continue;
        }
        let mut at = 0usize;
        let listing = piece(octets, place, len.min(FOLDER_MAX));
        while at < listing.len() {
            let record_len = usize::from(listing.get(at).copied().unwrap_or_default());
            if record_len == 0 {
                // Records do not cross sectors: the rest of this one is empty.
                at = (at / SECTOR).saturating_add(1).saturating_mul(SECTOR);
                continue;
            }
            entries = entries.saturating_add(1);
            if entries > ENTRIES_MAX {
                sink.defect(DefectKind::EntryLimit, "iso");
                return;
            }
            let record = piece(listing, at, record_len);
            at = at.saturating_add(record_len);
            let Some(entry) = entry(record, is_joliet) else { continue };
            let name = if path.is_empty() { entry.name } else { format!("{path}/{}", entry.name) };
            if entry.is_folder {
                folders.push_back(((entry.place, entry.len), name));
            } else {
                sink.told(|told| told.total_files = told.total_files.saturating_add(1));
                let body = piece(octets, entry.place, entry.len);
                if !sink.put("ScanLibarchive", &name, body.to_vec()) {
                    return;
                }
            }
        }
    }
}

struct Entry {
    name: String,
    place: usize,
    len: usize,
    is_folder: bool,
}

/// Where the root folder lies, by the best descriptor there is.
fn root(octets: &[u8]) -> Option<((usize, usize), bool)> {
    let mut best = None;
    for number in 0..DESCRIPTORS_MAX {
        let descriptor = piece(octets, (16 + number) * SECTOR, SECTOR);
        if piece(descriptor, 1, 5) != b"CD001" {
            break;
        }
        let kind = descriptor.first().copied().unwrap_or_default();
        let is_joliet = kind == 2 && descriptor.get(88..90) == Some(b"%/");
        if kind == 1 || is_joliet {
            let record = piece(descriptor, 156, 34);
            let place = size(u32_le(record, 2)?).saturating_mul(SECTOR);
            let len = size(u32_le(record, 10)?);
            if best.is_none() || is_joliet {
                best = Some(((place, len), is_joliet));
            }
        }
    }
    best
}

fn entry(record: &[u8], is_joliet: bool) -> Option<Entry> {
    let name_len = usize::from(*record.get(32)?);
    let name = record.get(33..33 + name_len)?;
    if matches!(name, [0] | [1]) || name.is_empty() {
        return None;
    }
    let name = if is_joliet {
        let units = name.chunks_exact(2).filter_map(|two| u16_be(two, 0));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(name).into_owned()
    };
    let name = name.split_once(';').map_or(name.as_str(), |(name, _)| name).to_owned();
    Some(Entry {
        name,
        place: size(u32_le(record, 2)?).saturating_mul(SECTOR),
        len: size(u32_le(record, 10)?),
        is_folder: record.get(25)? & 2 != 0,
    })
}

const SECTOR: usize = 2048;
/// Descriptors that are looked through for the names that Windows shows.
const DESCRIPTORS_MAX: usize = 16;
/// Octets of one folder's list.
const FOLDER_MAX: usize = 4 * 1024 * 1024;
/// Files and folders that are read.
const ENTRIES_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explode::{File, Options, explode};

    #[test]
    fn a_disc_gives_its_files() {
        let mut disc = vec![0u8; 20 * SECTOR];
        let record = |name: &[u8], sector: u32, len: u32, flags: u8| {
            let mut record = vec![0u8; 33];
            record[2..6].copy_from_slice(&sector.to_le_bytes());
            record[10..14].copy_from_slice(&len.to_le_bytes());
            record[25] = flags;
            record[32] = u8::try_from(name.len()).unwrap();
            record.extend(name);
            record[0] = u8::try_from(record.len()).unwrap();
            record
        };
        disc[16 * SECTOR] = 1;
        disc[16 * SECTOR + 1..][..5].copy_from_slice(b"CD001");
        disc[16 * SECTOR + 156..][..34].copy_from_slice(&record(&[0], 18, 2048, 2));
        let file = record(b"INVOICE.LNK;1", 19, 5, 0);
        disc[18 * SECTOR..][..file.len()].copy_from_slice(&file);
        let loop_ = record(b"LOOP", 18, 2048, 2);
        disc[18 * SECTOR + file.len()..][..loop_.len()].copy_from_slice(&loop_);
        disc[19 * SECTOR..][..5].copy_from_slice(b"hello");
        let tree =
            explode(&File { name: "d.iso", content_type: "", octets: &disc }, &Options::default());
        assert_eq!((tree.nodes[0].kind.file_type(), tree.nodes.len()), ("iso", 2));
        assert_eq!(
            (tree.nodes[1].name.as_str(), &*tree.nodes[1].octets),
            ("INVOICE.LNK", b"hello".as_slice())
        );
    }
}
