//! Zip files: the list of entries, and what is in them.
//!
//! The central directory is believed, as programs do; where it is missing or broken the local
//! headers are read instead, and archives written one behind the other are all read: different
//! programs open different ones, which is how content is hidden. Read here by our own code, so that
//! every length is checked and a lie about one entry does not cost the others.

use std::collections::HashSet;

use crate::codec::{self, End, Run};
use crate::crypt::{ZipCrypto, aes_ctr, pbkdf2_sha1};
use crate::defect::DefectKind;
use crate::explode::{RATIO_MAX, Sink, runs};
use crate::octets::{find, from, piece, size, u16_le, u32_le, u64_le};

/// What a zip file says of itself, without unpacking it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Zip {
    /// The paths of all entries, files and folders.
    pub all_paths: Vec<String>,
    /// The paths of the files that an unpacking would try.
    pub attempted_files: Vec<String>,
    /// Whether any entry is encrypted.
    pub encrypted: bool,
    /// How many files there are.
    pub total_files: usize,
}

/// The list of a zip file; `None` where there is no entry to be found.
#[must_use]
pub fn list(octets: &[u8]) -> Option<Zip> {
    let archive = Archive::read(octets);
    if archive.entries.is_empty() {
        return None;
    }
    let files = || archive.entries.iter().filter(|entry| !entry.is_folder());
    let paths = archive.entries.iter().take(PATHS_MAX).map(|entry| entry.name.clone());
    Some(Zip {
        all_paths: paths.collect(),
        attempted_files: files().take(ATTEMPTED_MAX).map(|entry| entry.name.clone()).collect(),
        encrypted: files().any(Entry::is_encrypted),
        total_files: files().count(),
    })
}

/// The first names in it: enough to tell one format from another.
pub(crate) fn names(octets: &[u8], max: usize) -> Vec<String> {
    let archive = Archive::read_some(octets, max);
    archive.entries.into_iter().take(max).map(|entry| entry.name).collect()
}

/// Puts every file of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let archive = Archive::read(octets);
    if archive.is_broken {
        sink.defect(DefectKind::Malformed, READER);
    }
    if archive.is_cut {
        sink.defect(DefectKind::EntryLimit, READER);
    }
    let mut files: Vec<&Entry> =
        archive.entries.iter().filter(|entry| !entry.is_folder()).collect();
    let is_encrypted = files.iter().any(|entry| entry.is_encrypted());
    sink.told(|told| {
        told.total_files = files.len();
        told.is_encrypted = is_encrypted;
    });
    if files.len() > sink.places() {
        // Among more than are kept hides what runs on a click.
        files.sort_by_key(|entry| !runs(&entry.name));
    }
    let mut keyring = Keyring::default();
    for entry in files {
        if !sink.is_open() {
            sink.defect(DefectKind::NodeLimit, READER);
            break;
        }
        let room = sink.room();
        let run = if entry.is_encrypted() {
            let passwords = sink.passwords;
            match keyring.unlock(&archive, entry, passwords, room) {
                Some(run) => run,
                None => {
                    sink.defect(DefectKind::Locked, READER);
                    continue;
                }
            }
        } else {
            match archive.unpack(entry, room) {
                Some(run) => run,
                None => {
                    sink.defect(DefectKind::Unsupported, READER);
                    continue;
                }
            }
        };
        sink.ended(SOURCE, run.end);
        if run.end == End::Limit && size(entry.size / entry.packed.max(1)) > RATIO_MAX {
            sink.defect(DefectKind::RatioLimit, READER);
        }
        if run.octets.is_empty() && run.end == End::Broken {
            continue;
        }
        sink.put(SOURCE, &entry.name, run.octets);
    }
    if let Some(password) = keyring.found {
        sink.told(|told| told.password = Some(password));
    }
}

/// The entries of a zip file, over its octets.
#[derive(Debug, Default)]
pub(crate) struct Archive<'a> {
    octets: &'a [u8],
    pub(crate) entries: Vec<Entry>,
    is_broken: bool,
    is_cut: bool,
}

/// One entry, as the directory tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) time: u16,
    pub(crate) date: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u64,
    pub(crate) size: u64,
    /// Strength of the cipher and the method beneath it, for AES.
    aes: Option<(u8, u16)>,
    local: usize,
}

impl Entry {
    pub(crate) fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with('/') || (self.name.ends_with('\\') && self.size == 0)
    }
}

impl<'a> Archive<'a> {
    pub(crate) fn read(octets: &'a [u8]) -> Self {
        Self::read_some(octets, ENTRIES_MAX)
    }

    fn read_some(octets: &'a [u8], max: usize) -> Self {
        let mut archive = Self { octets, ..Self::default() };
        let mut places = HashSet::new();
        if let Some(at) = memchr::memmem::rfind(octets, b"PK\x05\x06") {
            archive.directory(at, max, &mut places);
        }
        if archive.entries.is_empty() {
            archive.is_broken = true;
            archive.local_headers(max);
            return archive;
        }
        archive.earlier_archives(max, &mut places);
        archive
    }

    /// Reads the directory that ends at `end`; answers where its archive begins.
    fn directory(&mut self, end: usize, max: usize, places: &mut HashSet<usize>) -> Option<usize> {
        let octets = self.octets;
        let (mut len, mut offset) =
            (u64::from(u32_le(octets, end + 12)?), u64::from(u32_le(octets, end + 16)?));
        let mut before = end;
        if offset == u64::from(u32::MAX) || len == u64::from(u32::MAX) {
            let locator = end.checked_sub(20)?;
            let large = size(u64_le(octets, locator + 8)?);
            if piece(octets, large, 4) == b"PK\x06\x06" {
                len = u64_le(octets, large.checked_add(40)?)?;
                offset = u64_le(octets, large.checked_add(48)?)?;
                before = large;
            }
        }
        // What stands in front (a program, an earlier archive) shifts all places.
        let start = before.checked_sub(size(len))?;
        let start = if piece(octets, start, 4) == CENTRAL { start } else { size(offset) };
        let base = start.saturating_sub(size(offset));
        let mut at = start;
        while piece(octets, at, 4) == CENTRAL {
            if self.entries.len() >= max {
                self.is_cut = true;
                break;
            }
            let Some((mut entry, next)) = central_entry(octets, at) else {
                self.is_broken = true;
                break;
            };
            entry.local = entry.local.saturating_add(base);
            if places.insert(entry.local) || entry.is_folder() {
                self.entries.push(entry);
            }
            at = next;
        }
        Some(base)
    }

    /// Archives in front of the last one, that are not within one of its entries.
    fn earlier_archives(&mut self, max: usize, places: &mut HashSet<usize>) {
        let first = self.entries.iter().map(|entry| entry.local).min().unwrap_or_default();
        let head = piece(self.octets, 0, first);
        let ends: Vec<usize> =
            memchr::memmem::find_iter(head, b"PK\x05\x06").take(CHAINED_MAX).collect();
        for end in ends {
            self.directory(end, max, places);
        }
    }

    /// Reads the headers in front of the entries: the archive is cut, or its directory a lie.
    fn local_headers(&mut self, max: usize) {
        let octets = self.octets;
        let mut at = 0usize;
        while let Some(next) = find(from(octets, at), b"PK\x03\x04") {
            at = at.saturating_add(next);
            if self.entries.len() >= max {
                self.is_cut = true;
                return;
            }
            let Some(mut entry) = local_entry(octets, at) else { return };
            let start = data_start(octets, at).unwrap_or(at);
            if entry.packed == 0 && entry.flags & 8 != 0 {
                // The length comes behind: up to the next header, or all there is.
                let rest = from(octets, start);
                let end = find(rest, b"PK\x07\x08").or_else(|| find(rest, b"PK\x03\x04"));
                let end = end.or_else(|| find(rest, &CENTRAL)).unwrap_or(rest.len());
                entry.packed = end as u64;
            }
            at = start.saturating_add(size(entry.packed)).max(at.saturating_add(4));
            self.entries.push(entry);
        }
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    fn packed_octets(&self, entry: &Entry) -> &'a [u8] {
        let start = data_start(self.octets, entry.local).unwrap_or(self.octets.len());
        piece(self.octets, start, size(entry.packed))
    }

    /// What one entry holds, at most so many octets; `None` for a method that is not known.
    pub(crate) fn unpack(&self, entry: &Entry, max: usize) -> Option<Run> {
        let packed = self.packed_octets(entry);
        let mut run = unpack(entry.method, packed, entry.size, max)?;
        if (packed.len() as u64) < entry.packed && run.end == End::Whole {
            run.end = End::Broken;
        }
        Some(run)
    }

    /// What one entry of a name holds, where it can be had.
    pub(crate) fn octets_of(&self, name: &str, max: usize) -> Option<Vec<u8>> {
        let entry = self.entry(name)?;
        Some(self.unpack(entry, max)?.octets)
    }
}

fn unpack(method: u16, packed: &[u8], size: u64, max: usize) -> Option<Run> {
    Some(match method {
        0 => {
            let end = if packed.len() > max { End::Limit } else { End::Whole };
            Run { octets: piece(packed, 0, max).to_vec(), end, consumed: packed.len() }
        }
        8 => codec::deflate(packed, max),
        12 => codec::bzip2(packed, max),
        14 => codec::zip_lzma(packed, size, max),
        93 => codec::zstd(packed, max),
        95 => codec::xz(packed, max),
        _ => return None,
    })
}

fn central_entry(octets: &[u8], at: usize) -> Option<(Entry, usize)> {
    let (name_len, extra_len) = (u16_le(octets, at + 28)?, u16_le(octets, at + 30)?);
    let comment_len = usize::from(u16_le(octets, at + 32)?);
    let mut entry = Entry {
        flags: u16_le(octets, at + 8)?,
        method: u16_le(octets, at + 10)?,
        time: u16_le(octets, at + 12)?,
        date: u16_le(octets, at + 14)?,
        crc: u32_le(octets, at + 16)?,
        packed: u32_le(octets, at + 20)?.into(),
        size: u32_le(octets, at + 24)?.into(),
        local: size(u32_le(octets, at + 42)?),
        ..Entry::default()
    };
    let extra_at = at.checked_add(46)?.checked_add(name_len.into())?;
    entry.name = entry_name(octets.get(at.checked_add(46)?..extra_at)?, entry.flags);
    let extra = piece(octets, extra_at, extra_len.into());
    entry.extras(extra);
    Some((entry, extra_at.checked_add(extra_len.into())?.checked_add(comment_len)?))
}

fn local_entry(octets: &[u8], at: usize) -> Option<Entry> {
    let (name_len, extra_len) = (u16_le(octets, at + 26)?, u16_le(octets, at + 28)?);
    let mut entry = Entry {
        flags: u16_le(octets, at + 6)?,
        method: u16_le(octets, at + 8)?,
        time: u16_le(octets, at + 10)?,
        date: u16_le(octets, at + 12)?,
        crc: u32_le(octets, at + 14)?,
        packed: u32_le(octets, at + 18)?.into(),
        size: u32_le(octets, at + 22)?.into(),
        local: at,
        ..Entry::default()
    };
    let extra_at = at.checked_add(30)?.checked_add(name_len.into())?;
    entry.name = entry_name(octets.get(at.checked_add(30)?..extra_at)?, entry.flags);
    entry.extras(piece(octets, extra_at, extra_len.into()));
    Some(entry)
}

impl Entry {
    fn extras(&mut self, extra: &[u8]) {
        let mut at = 0usize;
        while let (Some(id), Some(len)) = (u16_le(extra, at), u16_le(extra, at + 2)) {
            let body = piece(extra, at + 4, len.into());
            match id {
                1 => {
                    let mut field = 0;
                    for wide in [&mut self.size, &mut self.packed] {
                        if *wide == u64::from(u32::MAX) {
                            *wide = u64_le(body, field).unwrap_or(*wide);
                            field += 8;
                        }
                    }
                    if self.local == size(u32::MAX) {
                        self.local = u64_le(body, field).map_or(self.local, size);
                    }
                }
                0x9901 => self.aes = body.get(4).copied().zip(u16_le(body, 5)),
                _ => {}
            }
            at = at.saturating_add(4).saturating_add(len.into());
        }
    }
}

/// Names are UTF-8 when they say so, and often when they do not.
fn entry_name(octets: &[u8], _flags: u16) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.iter().map(|octet| char::from(*octet)).collect(),
    }
}

fn data_start(octets: &[u8], local: usize) -> Option<usize> {
    if piece(octets, local, 4) != b"PK\x03\x04" {
        return None;
    }
    let (name, extra) = (u16_le(octets, local + 26)?, u16_le(octets, local + 28)?);
    local.checked_add(30)?.checked_add(name.into())?.checked_add(extra.into())
}

/// The passwords of one archive: the one that opened an entry is tried first on the next.
#[derive(Debug, Default)]
struct Keyring {
    found: Option<String>,
    failures: usize,
}

impl Keyring {
    fn unlock(
        &mut self,
        archive: &Archive<'_>,
        entry: &Entry,
        words: &[String],
        max: usize,
    ) -> Option<Run> {
        if let Some(word) = &self.found
            && let Some(run) = unlock(archive, entry, word, max)
        {
            return Some(run);
        }
        if self.failures >= LOCKED_TRIED_MAX {
            return None;
        }
        for word in words {
            if let Some(run) = unlock(archive, entry, word, max) {
                self.found = Some(word.clone());
                return Some(run);
            }
        }
        self.failures = self.failures.saturating_add(1);
        None
    }
}

fn unlock(archive: &Archive<'_>, entry: &Entry, word: &str, max: usize) -> Option<Run> {
    let packed = archive.packed_octets(entry);
    if entry.method == 99 {
        return unlock_aes(entry, packed, word, max);
    }
    let mut cipher = ZipCrypto::new(word.as_bytes());
    let header = cipher.unlock(packed.get(..12)?);
    let check = *header.last()?;
    let [_, _, _, by_crc] = entry.crc.to_le_bytes();
    let [_, by_time] = entry.time.to_le_bytes();
    if check != by_crc && check != by_time {
        return None;
    }
    let plain = cipher.unlock(from(packed, 12));
    let run = unpack(entry.method, &plain, entry.size, max)?;
    // One wrong word in 256 passes the check above: the sum of what comes out does not.
    let is_right = run.end == End::Limit || crc32fast::hash(&run.octets) == entry.crc;
    is_right.then_some(run)
}

fn unlock_aes(entry: &Entry, packed: &[u8], word: &str, max: usize) -> Option<Run> {
    let (strength, method) = entry.aes?;
    let (salt_len, key_len) = match strength {
        1 => (8, 16),
        2 => (12, 24),
        3 => (16, 32),
        _ => return None,
    };
    let salt = packed.get(..salt_len)?;
    let keys = pbkdf2_sha1(word.as_bytes(), salt, 2 * key_len + 2);
    if packed.get(salt_len..salt_len + 2)? != keys.get(2 * key_len..)? {
        return None;
    }
    let body = packed.get(salt_len + 2..packed.len().checked_sub(10)?)?;
    let plain = aes_ctr(keys.get(..key_len)?, body)?;
    let run = unpack(method, &plain, entry.size, max)?;
    (run.end != End::Broken).then_some(run)
}

const READER: &str = "zip";
const SOURCE: &str = "ScanZip";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// Entries that are listed: a file of a few MiB can have a million.
const ENTRIES_MAX: usize = 100_000;
/// Paths that are told.
const PATHS_MAX: usize = 10_000;
/// Files whose names are told as tried.
const ATTEMPTED_MAX: usize = 1_000;
/// Archives written in front of the last.
const CHAINED_MAX: usize = 8;
/// Locked entries that all passwords are tried on: each may cost a thousand hashes a word.
const LOCKED_TRIED_MAX: usize = 3;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::explode::{File, Options, explode};

    /// Writes a zip file, for tests of everything that is one.
    #[derive(Default)]
    pub(crate) struct Writer {
        octets: Vec<u8>,
        central: Vec<u8>,
        count: u16,
    }

    impl Writer {
        pub(crate) fn file(mut self, name: &str, content: &[u8]) -> Self {
            self.add(name, content, None);
            self
        }

        pub(crate) fn locked(mut self, name: &str, content: &[u8], word: &str) -> Self {
            self.add(name, content, Some(word));
            self
        }

        fn add(&mut self, name: &str, content: &[u8], word: Option<&str>) {
            let mut packed = miniz_oxide::deflate::compress_to_vec(content, 6);
            let crc = crc32fast::hash(content);
            if let Some(word) = word {
                let mut plain = vec![7u8; 11];
                plain.push(crc.to_le_bytes()[3]);
                plain.append(&mut packed);
                packed = lock(word, &plain);
            }
            let mut fields = Vec::new();
            fields.extend(20u16.to_le_bytes());
            fields.extend(u16::from(word.is_some()).to_le_bytes());
            fields.extend(8u16.to_le_bytes());
            fields.extend([0; 4]);
            fields.extend(crc.to_le_bytes());
            fields.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
            fields.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
            fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            fields.extend([0; 2]);
            self.central.extend(b"PK\x01\x02\x14\x00");
            self.central.extend(&fields);
            self.central.extend([0; 10]);
            self.central.extend(u32::try_from(self.octets.len()).unwrap().to_le_bytes());
            self.central.extend(name.as_bytes());
            self.octets.extend(b"PK\x03\x04");
            self.octets.extend(&fields);
            self.octets.extend(name.as_bytes());
            self.octets.extend(&packed);
            self.count = self.count.wrapping_add(1);
        }

        pub(crate) fn finish(mut self) -> Vec<u8> {
            let at = u32::try_from(self.octets.len()).unwrap();
            self.octets.extend(&self.central);
            self.octets.extend(b"PK\x05\x06\0\0\0\0");
            self.octets.extend(self.count.to_le_bytes());
            self.octets.extend(self.count.to_le_bytes());
            self.octets.extend(u32::try_from(self.central.len()).unwrap().to_le_bytes());
            self.octets.extend(at.to_le_bytes());
            self.octets.extend([0; 2]);
            self.octets
        }
    }

    /// The cipher's stream depends on the clear text, so locking is its own loop.
    fn lock(word: &str, plain: &[u8]) -> Vec<u8> {
        let mut locked = Vec::new();
        for (at, octet) in plain.iter().enumerate() {
            let mut cipher = ZipCrypto::new(word.as_bytes());
            cipher.unlock(&locked);
            // What unlocks zero is the stream itself.
            let stream = cipher.unlock(&[0])[0];
            locked.push(octet ^ stream);
            assert_eq!(locked.len(), at + 1);
        }
        locked
    }

    fn tree(octets: &[u8], passwords: &[String]) -> crate::Tree {
        let file = File { name: "a.zip", content_type: "application/zip", octets };
        explode(&file, &Options { passwords })
    }

    #[test]
    fn a_zip_within_a_zip_within_a_zip_is_opened() {
        let inner = Writer::default().file("x.txt", b"deep").finish();
        let middle = Writer::default().file("inner.zip", &inner).finish();
        let outer = Writer::default().file("folder/", b"").file("m.zip", &middle).finish();
        let tree = tree(&outer, &[]);
        let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["a.zip", "m.zip", "inner.zip", "x.txt"]);
        assert_eq!((tree.nodes[3].depth, &*tree.nodes[3].octets), (3, b"deep".as_slice()));
        assert_eq!(tree.defects, []);
    }

    #[test]
    fn a_lock_opens_with_a_word_of_the_mail_or_is_told() {
        let zip = Writer::default().locked("pay.js", b"alert(1)", "Kw7!").finish();
        assert!(list(&zip).unwrap().encrypted);
        let locked = tree(&zip, &[]);
        assert_eq!(locked.defects[0].kind, DefectKind::Locked);
        assert_eq!(locked.nodes.len(), 1);
        assert!(locked.nodes[0].unpacked.as_ref().unwrap().is_encrypted);
        let open = tree(&zip, &["wrong".to_owned(), "Kw7!".to_owned()]);
        assert_eq!(&*open.nodes[1].octets, b"alert(1)");
        assert_eq!(open.nodes[0].unpacked.as_ref().unwrap().password.as_deref(), Some("Kw7!"));
    }

    #[test]
    fn a_bomb_gives_its_budget_and_says_so() {
        let zip = Writer::default().file("zeros", &vec![0; 50_000_000]).finish();
        let tree = tree(&zip, &[]);
        assert!(tree.nodes[1].size >= 1_000_000 && tree.nodes[1].size < 50_000_000);
        assert_eq!(tree.defects[0].kind, DefectKind::RatioLimit);
    }

    #[test]
    fn a_hundred_thousand_entries_are_counted_and_few_are_kept() {
        let mut writer = Writer::default();
        for at in 0..100_001 {
            writer = writer.file(&format!("{at}"), b"");
        }
        let tree = tree(&writer.finish(), &[]);
        assert!(tree.nodes.len() <= 501);
        assert_eq!(tree.nodes[0].unpacked.as_ref().unwrap().total_files, 100_000);
        assert!(tree.defects.iter().any(|defect| defect.kind == DefectKind::EntryLimit));
        assert!(tree.defects.iter().any(|defect| defect.kind == DefectKind::NodeLimit));
    }

    #[test]
    fn an_archive_without_its_directory_is_read_by_its_headers() {
        let zip = Writer::default().file("a.txt", b"first").file("b.txt", b"second").finish();
        let cut = find(&zip, &CENTRAL).unwrap();
        let tree = tree(&zip[..cut], &[]);
        assert_eq!(&*tree.nodes[2].octets, b"second");
        assert_eq!(tree.defects[0].kind, DefectKind::Malformed);
    }

    #[test]
    fn two_archives_one_behind_the_other_are_both_read() {
        let mut both = Writer::default().file("evil.js", b"evil").finish();
        both.extend(Writer::default().file("good.txt", b"good").finish());
        let tree = tree(&both, &[]);
        let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["a.zip", "good.txt", "evil.js"]);
    }
}
