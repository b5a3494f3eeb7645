//! 7z archives, by `sevenz-rust2`. What is locked is only listed: its key costs half a million
//! hashes a word by the format, and the archive says how many.

use std::io::{Cursor, Read};

use sevenz_rust2::{ArchiveReader, EntryDecision, Error, Password};

use crate::codec::End;
use crate::defect::{DefectKind, fenced};
use crate::explode::Sink;

/// Puts every file of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    sink.told(|_| ());
    match fenced(|| read(octets, sink)) {
        Some(Ok(())) => {}
        Some(Err(Error::PasswordRequired | Error::MaybeBadPassword(_))) => {
            sink.told(|told| told.is_encrypted = true);
            sink.defect(DefectKind::Locked, READER);
        }
        Some(Err(Error::UnsupportedCompressionMethod(_) | Error::MaxMemLimited { .. })) => {
            // Built without the cipher, the library calls a locked list an unknown method.
            let is_locked = memchr::memmem::find(octets, &AES_ID).is_some();
            sink.told(|told| told.is_encrypted |= is_locked);
            let kind = if is_locked { DefectKind::Locked } else { DefectKind::Unsupported };
            sink.defect(kind, READER);
        }
        Some(Err(_)) => sink.defect(DefectKind::Malformed, READER),
        None => sink.defect(DefectKind::Failed, READER),
    }
}

fn read(octets: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
    let source = Cursor::new(octets);
    let mut reader =
        ArchiveReader::new_with_memory_limit(source, Password::empty(), MEMORY_KIB_MAX)?;
    reader.set_thread_count(1);
    let archive = reader.archive();
    let total = archive.files.iter().filter(|file| !file.is_directory()).count();
    let locked = (0..archive.files.len()).any(|at| archive.is_file_encrypted(at));
    sink.told(|told| {
        told.total_files = total;
        told.is_encrypted = locked;
    });
    reader.for_each_entries_with_decision(|entry, content| {
        if entry.is_directory() {
            return Ok(EntryDecision::Continue);
        }
        if !sink.is_open() {
            sink.defect(DefectKind::NodeLimit, READER);
            return Ok(EntryDecision::Stop);
        }
        let (octets, end) = take(content, sink.room());
        sink.ended("ScanLibarchive", end);
        sink.put("ScanLibarchive", entry.name(), octets);
        // What is left of it must not be unpacked only to be thrown away.
        Ok(if end == End::Whole { EntryDecision::Continue } else { EntryDecision::SkipBlock })
    })
}

fn take(content: &mut dyn Read, max: usize) -> (Vec<u8>, End) {
    let mut octets = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let end = match content.take(limit).read_to_end(&mut octets) {
        Ok(_) if octets.len() > max => End::Limit,
        Ok(_) => End::Whole,
        Err(_) => End::Broken,
    };
    octets.truncate(max);
    (octets, end)
}

const READER: &str = "7z";
/// The method's number of the cipher.
const AES_ID: [u8; 4] = [0x06, 0xf1, 0x07, 0x01];
/// What a dictionary may take.
const MEMORY_KIB_MAX: usize = 96 * 1024;
