//! Ar archives: libraries, and Debian packages.

use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{from, piece};

/// Puts every member of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let mut at = 8usize;
    for _ in 0..ENTRIES_MAX {
        let header = piece(octets, at, 60);
        if header.is_empty() {
            return;
        }
        let length = std::str::from_utf8(piece(header, 48, 10)).ok();
        let Some(len) = length.and_then(|text| text.trim().parse::<usize>().ok()) else {
            sink.defect(DefectKind::Malformed, "ar");
            return;
        };
        let name = String::from_utf8_lossy(piece(header, 0, 16)).into_owned();
        let name = name.trim_end().trim_end_matches('/');
        at = at.saturating_add(60);
        sink.told(|told| told.total_files = told.total_files.saturating_add(1));
        let body = piece(from(octets, at), 0, len);
        if !name.is_empty() && !sink.put("ScanLibarchive", name, body.to_vec()) {
            return;
        }
        at = at.saturating_add(len).saturating_add(len % 2);
    }
    sink.defect(DefectKind::EntryLimit, "ar");
}

/// Members that are read.
const ENTRIES_MAX: usize = 10_000;
