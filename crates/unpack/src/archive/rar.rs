//! RAR archives, of both formats: the list of files, and those that are stored as they are.
//!
//! What is packed is not unpacked: it is put as an empty file of its name, so that a rule can see
//! the name, and told as unsupported.

use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{find, from, piece, size, u16_le, u32_le};

/// Puts every file of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    sink.told(|_| ());
    let start = find(octets, b"Rar!\x1a\x07").unwrap_or_default();
    let octets = from(octets, start);
    let files = if octets.get(6) == Some(&1) { new(octets, sink) } else { old(octets, sink) };
    if files.is_none() {
        sink.defect(DefectKind::Malformed, READER);
    }
}

/// One file of the list, with what it holds where that is stored.
struct Entry<'a> {
    name: String,
    stored: Option<&'a [u8]>,
    is_encrypted: bool,
}

fn put(entry: Entry<'_>, sink: &mut Sink<'_>) -> bool {
    sink.told(|told| {
        told.total_files = told.total_files.saturating_add(1);
        told.is_encrypted |= entry.is_encrypted;
    });
    let kind = if entry.is_encrypted { DefectKind::Locked } else { DefectKind::Unsupported };
    if entry.stored.is_none() {
        sink.defect(kind, READER);
    }
    sink.put("ScanRar", &entry.name, entry.stored.unwrap_or_default().to_vec())
}

/// RAR 1.5 to 4: blocks with fixed headers.
fn old(octets: &[u8], sink: &mut Sink<'_>) -> Option<()> {
    let mut at = 7usize;
    for _ in 0..ENTRIES_MAX {
        if at >= octets.len() {
            return Some(());
        }
        let kind = *octets.get(at + 2)?;
        let (flags, len) = (u16_le(octets, at + 3)?, usize::from(u16_le(octets, at + 5)?));
        if len < 7 {
            return None;
        }
        if kind == 0x73 && flags & 0x80 != 0 {
            return locked_list(sink);
        }
        let mut body_len = 0usize;
        if kind == 0x74 || flags & 0x8000 != 0 {
            body_len = size(u32_le(octets, at + 7)?);
        }
        if kind == 0x74 {
            let os = *octets.get(at + 15)?;
            sink.told(|told| told.host_os = old_host(os));
            let name_len = usize::from(u16_le(octets, at + 26)?);
            let mut name_at = at.checked_add(32)?;
            if flags & 0x100 != 0 {
                body_len = body_len.checked_add(size(u32_le(octets, at + 32)?).checked_shl(32)?)?;
                name_at = name_at.checked_add(8)?;
            }
            let is_folder = flags & 0xe0 == 0xe0;
            let is_stored = octets.get(at + 25) == Some(&0x30) && flags & 4 == 0;
            let body = piece(octets, at.checked_add(len)?, body_len);
            let name = old_name(piece(octets, name_at, name_len));
            let entry =
                Entry { name, stored: is_stored.then_some(body), is_encrypted: flags & 4 != 0 };
            if !is_folder && !put(entry, sink) {
                return Some(());
            }
        }
        if kind == 0x7b {
            return Some(());
        }
        at = at.checked_add(len)?.checked_add(body_len)?;
    }
    sink.defect(DefectKind::EntryLimit, READER);
    Some(())
}

/// RAR 5: blocks whose numbers are of any length.
fn new(octets: &[u8], sink: &mut Sink<'_>) -> Option<()> {
    let mut at = 8usize;
    for _ in 0..ENTRIES_MAX {
        if at >= octets.len() {
            return Some(());
        }
        let mut header = Numbers { octets, at: at.checked_add(4)? };
        let len = size(header.next()?);
        let end = header.at.checked_add(len)?;
        let (kind, flags) = (header.next()?, header.next()?);
        if flags & 1 != 0 {
            header.next()?;
        }
        let body_len = if flags & 2 != 0 { size(header.next()?) } else { 0 };
        match kind {
            2 => {
                let entry = new_entry(&mut header, piece(octets, end, body_len), sink, end)?;
                if let Some(entry) = entry
                    && !put(entry, sink)
                {
                    return Some(());
                }
            }
            4 => return locked_list(sink),
            5 => return Some(()),
            _ => {}
        }
        at = end.checked_add(body_len)?;
    }
    sink.defect(DefectKind::EntryLimit, READER);
    Some(())
}

fn new_entry<'a>(
    header: &mut Numbers<'_>,
    body: &'a [u8],
    sink: &mut Sink<'_>,
    end: usize,
) -> Option<Option<Entry<'a>>> {
    let flags = header.next()?;
    let _size = header.next()?;
    let _attributes = header.next()?;
    for flag in [2, 4] {
        if flags & flag != 0 {
            header.at = header.at.checked_add(4)?;
        }
    }
    let method = header.next()?;
    let os = header.next()?;
    sink.told(|told| told.host_os = Some(if os == 0 { "Windows" } else { "Unix" }));
    let name_len = size(header.next()?);
    let name = String::from_utf8_lossy(piece(header.octets, header.at, name_len)).into_owned();
    header.at = header.at.checked_add(name_len)?;
    let mut is_encrypted = false;
    while header.at < end {
        let Some(len) = header.next() else { break };
        let next = header.at.saturating_add(size(len));
        is_encrypted |= header.next() == Some(1);
        header.at = next;
    }
    let is_stored = (method >> 7) & 7 == 0 && !is_encrypted;
    let entry = Entry { name, stored: is_stored.then_some(body), is_encrypted };
    Some((flags & 1 == 0).then_some(entry))
}

fn locked_list(sink: &mut Sink<'_>) -> Option<()> {
    sink.told(|told| told.is_encrypted = true);
    sink.defect(DefectKind::Locked, READER);
    Some(())
}

fn old_host(os: u8) -> Option<&'static str> {
    Some(match os {
        0 => "MS DOS",
        1 => "OS/2",
        2 => "Windows",
        3 => "Unix",
        4 => "Mac OS",
        5 => "BeOS",
        _ => return None,
    })
}

/// A plain name, and behind a NUL a packed one in UTF-16, which is left.
fn old_name(octets: &[u8]) -> String {
    crate::octets::text_until_nul(octets)
}

/// Numbers of seven bits an octet.
struct Numbers<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Iterator for Numbers<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..63).step_by(7) {
            let octet = *self.octets.get(self.at)?;
            self.at = self.at.checked_add(1)?;
            number |= u64::from(octet & 0x7f) << shift;
            if octet & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

const READER: &str = "rar";
/// Blocks that are read.
const ENTRIES_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explode::{File, Options, explode};

    fn block(kind: u8, flags: u8, fields: &[u8], body: &[u8]) -> Vec<u8> {
        let mut header = vec![kind, flags];
        if flags & 2 != 0 {
            header.push(u8::try_from(body.len()).unwrap());
        }
        header.extend(fields);
        let mut block = vec![0; 4];
        block.push(u8::try_from(header.len()).unwrap());
        block.extend(header);
        block.extend(body);
        block
    }

    #[test]
    fn a_list_gives_names_and_what_is_stored() {
        let mut rar = b"Rar!\x1a\x07\x01\x00".to_vec();
        rar.extend(block(1, 0, &[0], b""));
        rar.extend(block(2, 2, &[0, 5, 0, 0, 0, 5, b'a', b'.', b'j', b's', b'x'], b"hello"));
        rar.extend(block(2, 2, &[0, 9, 0, 0x80, 1, 0, 3, b'b', b'.', b'c'], b"packed"));
        rar.extend(block(5, 0, &[0], b""));
        let tree =
            explode(&File { name: "x.rar", content_type: "", octets: &rar }, &Options::default());
        let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["x.rar", "a.jsx", "b.c"]);
        assert_eq!((&*tree.nodes[1].octets, tree.nodes[2].size), (b"hello".as_slice(), 0));
        assert_eq!(tree.defects[0].kind, DefectKind::Unsupported);
        assert_eq!(tree.nodes[0].unpacked.as_ref().unwrap().host_os, Some("Windows"));
    }

    #[test]
    fn a_locked_list_is_told() {
        let mut rar = b"Rar!\x1a\x07\x01\x00".to_vec();
        rar.extend(block(4, 0, &[0, 0, 15], b""));
        let tree =
            explode(&File { name: "x.rar", content_type: "", octets: &rar }, &Options::default());
        assert!(tree.nodes[0].unpacked.as_ref().unwrap().is_encrypted);
        assert_eq!(tree.defects[0].kind, DefectKind::Locked);
    }
}
