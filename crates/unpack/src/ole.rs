//! OLE containers: old Office documents, Outlook's messages, what is embedded in either.
//!
//! Read by our own code, which is as lenient as Office is: a header that breaks a rule that Office
//! does not look at must not hide a macro.

use std::cell::Cell;
use std::collections::HashSet;

use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{find, from, piece, size, text_until_nul, u16_le, u32_le, utf16_le_until_nul};

/// A container, over its octets.
#[derive(Debug)]
pub(crate) struct Container<'a> {
    octets: &'a [u8],
    sector: usize,
    table: Vec<u32>,
    small_table: Vec<u32>,
    small: Vec<u8>,
    cutoff: usize,
    pub(crate) entries: Vec<Entry>,
    /// How many octets of streams may still be read: entries can all claim the whole file.
    left: Cell<usize>,
}

/// A stream or a storage.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Names from the root, without the root's.
    pub(crate) path: String,
    pub(crate) is_stream: bool,
    pub(crate) size: usize,
    start: u32,
}

impl<'a> Container<'a> {
    pub(crate) fn open(octets: &'a [u8]) -> Option<Self> {
        if !octets.starts_with(&crate::kind::OLE) {
            return None;
        }
        let shift = u16_le(octets, 30)?;
        let sector = if shift == 12 { 4096 } else { 512 };
        let mut container = Self {
            octets,
            sector,
            table: Vec::new(),
            small_table: Vec::new(),
            small: Vec::new(),
            cutoff: size(u32_le(octets, 56)?).clamp(64, 4096),
            entries: Vec::new(),
            left: Cell::new(octets.len().saturating_mul(READ_TIMES_MAX)),
        };
        container.read_table();
        let directory = container.chain(u32_le(octets, 48)?, DIRECTORY_MAX);
        let small_table = container.chain(u32_le(octets, 60)?, octets.len());
        container.small_table =
            small_table.chunks_exact(4).filter_map(|four| u32_le(four, 0)).collect();
        container.read_directory(&directory);
        Some(container)
    }

    /// Which sector follows which: its own sectors are listed in the header, and in a chain.
    fn read_table(&mut self) {
        let mut sectors: Vec<u32> =
            (0..109).filter_map(|at| u32_le(self.octets, 76 + at * 4)).collect();
        let mut next = u32_le(self.octets, 68).unwrap_or(END);
        let mut seen = HashSet::new();
        while next < LAST && seen.insert(next) {
            let body = self.sector(next);
            let count = self.sector / 4 - 1;
            sectors.extend((0..count).filter_map(|at| u32_le(body, at * 4)));
            next = u32_le(body, count * 4).unwrap_or(END);
        }
        let limit = self.octets.len() / self.sector + 1;
        for number in sectors.into_iter().filter(|number| *number < LAST) {
            if self.table.len() > limit {
                break;
            }
            let body = self.sector(number);
            let numbers: Vec<u32> =
                body.chunks_exact(4).filter_map(|four| u32_le(four, 0)).collect();
            self.table.extend(numbers);
        }
    }

    fn sector(&self, number: u32) -> &'a [u8] {
        let at = size(number).saturating_add(1).saturating_mul(self.sector);
        piece(self.octets, at, self.sector)
    }

    fn chain(&self, start: u32, max: usize) -> Vec<u8> {
        let mut octets = Vec::new();
        let mut next = start;
        // A chain that comes back to itself ends where it is longer than the file.
        let max = max.min(self.octets.len());
        while next < LAST && octets.len() < max {
            octets.extend_from_slice(self.sector(next));
            next = self.table.get(size(next)).copied().unwrap_or(END);
        }
        octets.truncate(max);
        octets
    }

    fn read_directory(&mut self, directory: &[u8]) {
        let raw: Vec<&[u8]> = directory.chunks_exact(128).take(ENTRIES_MAX).collect();
        let Some(root) = raw.first() else { return };
        let small_len = size(u32_le(root, 120).unwrap_or_default());
        self.small = self.chain(u32_le(root, 116).unwrap_or(END), small_len);
        let mut seen = HashSet::new();
        let first = u32_le(root, 76).unwrap_or(END);
        let mut waiting = vec![(first, String::new())];
        while let Some((number, folder)) = waiting.pop() {
            let Some(record) = raw.get(size(number)) else { continue };
            if !seen.insert(number) {
                continue;
            }
            for sibling in [68, 72] {
                waiting.push((u32_le(record, sibling).unwrap_or(END), folder.clone()));
            }
            let path = self.push(record, &folder);
            if path.len() < PATH_MAX {
                waiting.push((u32_le(record, 76).unwrap_or(END), path));
            }
        }
        // A broken tree must not hide a stream: what it does not reach stands by its name alone.
        for (number, record) in (0u32..).zip(&raw).skip(1) {
            if !seen.contains(&number) && matches!(record.get(66), Some(1 | 2)) {
                self.push(record, "");
            }
        }
    }

    fn push(&mut self, record: &[u8], folder: &str) -> String {
        let name = utf16_le_until_nul(piece(record, 0, 64));
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        self.entries.push(Entry {
            name,
            path: path.clone(),
            is_stream: record.get(66) == Some(&2),
            start: u32_le(record, 116).unwrap_or(END),
            size: size(u32_le(record, 120).unwrap_or_default()),
        });
        path
    }

    /// The first entry of this name, letter case aside, wherever it is.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// What a stream holds; cut where all streams together are read more often than a container
    /// that is what it says needs.
    pub(crate) fn stream(&self, entry: &Entry) -> Vec<u8> {
        let left = self.left.get();
        let mut octets = self.whole_stream(entry, left);
        octets.truncate(left);
        // An empty one was looked up all the same.
        self.left.set(left.saturating_sub(octets.len().max(64)));
        octets
    }

    /// Whether streams claim more than is read of them.
    fn claims_too_much(&self) -> bool {
        let sizes = self.entries.iter().filter(|entry| entry.is_stream).map(|entry| entry.size);
        let claimed =
            sizes.fold(0usize, |sum, size| sum.saturating_add(size.min(self.octets.len())));
        claimed > self.octets.len().saturating_mul(CLAIM_TIMES_MAX)
    }

    fn whole_stream(&self, entry: &Entry, max: usize) -> Vec<u8> {
        if entry.size >= self.cutoff {
            return self.chain(entry.start, entry.size.min(max));
        }
        let mut octets = Vec::new();
        let mut next = entry.start;
        while next < LAST && octets.len() < entry.size {
            let part = piece(&self.small, size(next).saturating_mul(64), 64);
            if part.is_empty() {
                break;
            }
            octets.extend_from_slice(part);
            next = self.small_table.get(size(next)).copied().unwrap_or(END);
        }
        octets.truncate(entry.size);
        octets
    }

    pub(crate) fn stream_named(&self, name: &str) -> Option<Vec<u8>> {
        Some(self.stream(self.find(name)?))
    }

    /// Whether the document is locked with a password.
    pub(crate) fn is_encrypted(&self) -> bool {
        if self.find("EncryptedPackage").is_some() || self.find("EncryptedSummary").is_some() {
            return true;
        }
        let word = self.stream_named("WordDocument").unwrap_or_default();
        if u16_le(&word, 0) == Some(0xa5ec)
            && u16_le(&word, 10).is_some_and(|flags| flags & 0x100 != 0)
        {
            return true;
        }
        let book = self.stream_named("Workbook").or_else(|| self.stream_named("Book"));
        book.is_some_and(|book| has_file_pass(&book))
    }
}

/// Whether a workbook's first records have the one that says that the rest is locked.
fn has_file_pass(book: &[u8]) -> bool {
    let mut at = 0usize;
    for _ in 0..RECORDS_LOOKED_AT {
        let (Some(kind), Some(len)) = (u16_le(book, at), u16_le(book, at + 2)) else {
            return false;
        };
        if kind == 0x2f {
            return true;
        }
        at = at.saturating_add(4).saturating_add(len.into());
    }
    false
}

/// Puts what is embedded: packages, attachments and bodies of messages.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let Some(container) = Container::open(octets) else {
        sink.defect(DefectKind::Malformed, READER);
        return;
    };
    let is_encrypted = container.is_encrypted();
    sink.told(|told| told.is_encrypted = is_encrypted);
    if is_encrypted {
        sink.defect(DefectKind::Locked, READER);
    }
    let mut count = 0usize;
    for entry in container.entries.iter().filter(|entry| entry.is_stream) {
        let name = entry.name.as_str();
        let found = match name {
            "\u{1}Ole10Native" => package(&container.stream(entry)),
            "Package" | "CONTENTS" | "Contents" => Some((String::new(), container.stream(entry))),
            _ => message_part(&container, entry),
        };
        let Some((its_name, body)) = found.filter(|(_, body)| !body.is_empty()) else { continue };
        count = count.saturating_add(1);
        let its_name = if its_name.is_empty() { format!("ole_{count}") } else { its_name };
        if !sink.put(SOURCE, &its_name, body) {
            break;
        }
    }
    sink.told(|told| told.total_files = count);
    if container.claims_too_much() {
        sink.defect(DefectKind::SizeLimit, READER);
    }
}

/// An embedded file with the path that it came from.
pub(crate) fn package(stream: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut at = 4usize;
    if u16_le(stream, at)? != 2 {
        // Without the head it is the object's own octets.
        let len = size(u32_le(stream, 0)?);
        return Some((String::new(), piece(stream, 4, len).to_vec()));
    }
    at += 2;
    let label = text_until_nul(piece(stream, at, PATH_MAX));
    at = at.checked_add(memchr::memchr(0, from(stream, at))?)?.checked_add(1)?;
    at = at.checked_add(memchr::memchr(0, from(stream, at))?)?.checked_add(1)?;
    at = at.checked_add(8)?;
    at = at.checked_add(memchr::memchr(0, from(stream, at))?)?.checked_add(1)?;
    let len = size(u32_le(stream, at)?);
    Some((label, piece(stream, at + 4, len).to_vec()))
}

/// A part of an Outlook message: an attachment's octets, or a body.
fn message_part(container: &Container<'_>, entry: &Entry) -> Option<(String, Vec<u8>)> {
    let property = entry.name.strip_prefix("__substg1.0_")?;
    let (folder, _) = entry.path.rsplit_once('/').unwrap_or_default();
    match property {
        "37010102" => {
            let name = |property: &str| {
                let path = format!("{folder}/__substg1.0_{property}");
                let its = container.entries.iter().find(|entry| entry.path == path)?;
                Some(property_text(property, &container.stream(its)))
            };
            let name =
                ["3707001F", "3707001E", "3704001F", "3704001E"].iter().find_map(|id| name(id));
            Some((name.unwrap_or_default(), container.stream(entry)))
        }
        "1000001F" | "1000001E" => {
            let text = property_text(property, &container.stream(entry));
            Some(("body.txt".to_owned(), text.into_bytes()))
        }
        "1013001F" => {
            let text = property_text(property, &container.stream(entry));
            Some(("body.html".to_owned(), text.into_bytes()))
        }
        "10130102" => Some(("body.html".to_owned(), container.stream(entry))),
        _ => None,
    }
}

fn property_text(property: &str, octets: &[u8]) -> String {
    if property.ends_with("001F") {
        let units = octets.chunks_exact(2).filter_map(|two| u16_le(two, 0));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        crate::text::decode(octets)
    }
}

/// Puts the files embedded in a OneNote section: each stands behind a known sign, with its length.
pub(crate) fn open_one_note(octets: &[u8], sink: &mut Sink<'_>) {
    let mut at = 0usize;
    let mut count = 0usize;
    while let Some(next) = find(from(octets, at), &ONE_NOTE_FILE) {
        at = at.saturating_add(next);
        let len = u32_le(octets, at + 16).map_or(0, size);
        let body = piece(octets, at + 36, len);
        at = at.saturating_add(36);
        count = count.saturating_add(1);
        if count > ONE_NOTE_FILES_MAX
            || !sink.put("ScanOnenote", &format!("onenote_{count}"), body.to_vec())
        {
            break;
        }
    }
    sink.told(|told| told.total_files = count);
}

const READER: &str = "ole";
const SOURCE: &str = "ScanOle";
const END: u32 = 0xffff_fffe;
/// Greater numbers mean something else than a sector.
const LAST: u32 = 0xffff_fffa;
/// Entries of one container; a message with many attachments has thousands.
const ENTRIES_MAX: usize = 20_000;
/// Octets of the list of entries.
const DIRECTORY_MAX: usize = ENTRIES_MAX * 128;
/// Octets of a path.
const PATH_MAX: usize = 1_024;
/// Records at the head of a workbook.
const RECORDS_LOOKED_AT: usize = 20;
/// How often the octets of a container are read as streams: macros, embedded files and properties
/// are looked for in turn.
const READ_TIMES_MAX: usize = 8;
/// Streams of a container that is what it says do not overlap.
const CLAIM_TIMES_MAX: usize = 4;
const ONE_NOTE_FILES_MAX: usize = 100;
const ONE_NOTE_FILE: [u8; 16] = [
    0xe7, 0x16, 0xe3, 0xbd, 0x65, 0x26, 0x11, 0x45, 0xa4, 0xc4, 0x8d, 0x4d, 0x0b, 0x7a, 0x9e, 0xac,
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::explode::{File, Options, explode};

    /// A name, a kind, the first sector, a length, the place of the storage that it is in.
    struct Record(String, u8, u32, u32, Option<usize>);

    #[derive(Default)]
    struct Sectors {
        octets: Vec<u8>,
        table: Vec<u32>,
    }

    impl Sectors {
        fn add(&mut self, content: &[u8]) -> u32 {
            let start = u32::try_from(self.table.len()).unwrap();
            self.octets.extend(content);
            self.octets.resize(self.octets.len().div_ceil(512) * 512, 0);
            let end = u32::try_from(self.octets.len() / 512).unwrap();
            self.table.extend((start + 1)..end);
            self.table.push(END);
            start
        }
    }

    /// Writes a container of these streams; a path with a slash has its storage made.
    pub(crate) fn container(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut records = vec![Record("Root Entry".into(), 5, END, 0, None)];
        let mut sectors = Sectors::default();
        for (path, content) in streams {
            let mut parent = 0usize;
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            for part in folder.split('/').filter(|part| !part.is_empty()) {
                let is_it = |record: &Record| record.0 == part && record.4 == Some(parent);
                let known = records.iter().position(is_it);
                parent = known.unwrap_or_else(|| {
                    records.push(Record(part.into(), 1, 0, 0, Some(parent)));
                    records.len() - 1
                });
            }
            // Everything is large, so that no second table is needed.
            let mut content = content.to_vec();
            content.resize(content.len().max(4096), 0);
            let (start, len) = (sectors.add(&content), u32::try_from(content.len()).unwrap());
            records.push(Record(name.into(), 2, start, len, Some(parent)));
        }
        let directory_at = sectors.add(&directory(&records));
        header_and_table(directory_at, sectors)
    }

    fn directory(records: &[Record]) -> Vec<u8> {
        let mut directory = Vec::new();
        for (at, Record(name, kind, start, len, parent)) in records.iter().enumerate() {
            let mut record = vec![0u8; 128];
            for (place, unit) in name.encode_utf16().enumerate() {
                record[place * 2..place * 2 + 2].copy_from_slice(&unit.to_le_bytes());
            }
            record[66] = *kind;
            let number = |found: Option<usize>| {
                found.map_or(u32::MAX, |at| u32::try_from(at).unwrap()).to_le_bytes()
            };
            let is_sibling = |next: &usize| records[*next].4 == *parent && parent.is_some();
            let later = (at + 1..records.len()).find(is_sibling);
            let child = (1..records.len()).find(|child| records[*child].4 == Some(at));
            record[68..72].copy_from_slice(&u32::MAX.to_le_bytes());
            record[72..76].copy_from_slice(&number(later));
            record[76..80].copy_from_slice(&number(child));
            record[116..120].copy_from_slice(&start.to_le_bytes());
            record[120..124].copy_from_slice(&len.to_le_bytes());
            directory.extend(record);
        }
        directory
    }

    fn header_and_table(directory_at: u32, sectors: Sectors) -> Vec<u8> {
        let Sectors { octets, mut table } = sectors;
        let table_at = u32::try_from(table.len()).unwrap();
        let count = (table.len() + 1).div_ceil(127);
        table.extend(std::iter::repeat_n(0xffff_fffd, count));
        let mut file = crate::kind::OLE.to_vec();
        file.resize(512, 0);
        file[30] = 9;
        file[48..52].copy_from_slice(&directory_at.to_le_bytes());
        file[56..60].copy_from_slice(&4096u32.to_le_bytes());
        file[60..64].copy_from_slice(&END.to_le_bytes());
        file[68..72].copy_from_slice(&END.to_le_bytes());
        for at in 0..109usize {
            let place = table_at + u32::try_from(at).unwrap();
            let number = if at < count { place } else { u32::MAX };
            file[76 + at * 4..80 + at * 4].copy_from_slice(&number.to_le_bytes());
        }
        file.extend(octets);
        let mut table: Vec<u8> = table.iter().flat_map(|number| number.to_le_bytes()).collect();
        table.resize(count * 512, 0xff);
        file.extend(table);
        file
    }

    #[test]
    fn an_embedded_package_is_a_file() {
        let mut native = vec![0, 0, 0, 0, 2, 0];
        native.extend(b"run.vbs\0C:\\x\\run.vbs\0\0\0\x03\0\x05\0\0\0C:\\t\0");
        native.extend(7u32.to_le_bytes());
        native.extend(b"MsgBox!");
        let doc =
            container(&[("WordDocument", b"text"), ("ObjectPool/_1/\u{1}Ole10Native", &native)]);
        assert_eq!(crate::Kind::of(&doc), crate::Kind::Doc);
        let tree =
            explode(&File { name: "a.doc", content_type: "", octets: &doc }, &Options::default());
        assert_eq!(
            (tree.nodes[1].name.as_str(), &*tree.nodes[1].octets),
            ("run.vbs", b"MsgBox!".as_slice())
        );
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends() {
        let mut doc = container(&[("A", &[1; 5000])]);
        for at in 512..doc.len() {
            for octet in [0u8, 0xff, 1] {
                let before = std::mem::replace(&mut doc[at], octet);
                let _ = Container::open(&doc).map(|it| it.stream_named("A"));
                doc[at] = before;
            }
            if at > 2000 {
                break;
            }
        }
        let end = doc.len() - 512;
        for (number, place) in (0u32..).zip((end..doc.len()).step_by(4)) {
            doc[place..place + 4].copy_from_slice(&number.to_le_bytes());
        }
        assert!(Container::open(&doc).is_some());
    }

    #[test]
    fn a_locked_document_says_so() {
        let doc = container(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"y")]);
        assert!(Container::open(&doc).unwrap().is_encrypted());
        let mut word = vec![0xec, 0xa5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        word.resize(100, 0);
        assert!(Container::open(&container(&[("WordDocument", &word)])).unwrap().is_encrypted());
        assert!(!Container::open(&container(&[("WordDocument", b"")])).unwrap().is_encrypted());
    }
}
