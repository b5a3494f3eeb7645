//! Tar archives: headers of 512 octets and what they head.

use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{piece, size, text_until_nul};

/// Puts every plain file of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let mut at = 0usize;
    let mut long_name: Option<String> = None;
    sink.told(|_| ());
    for _ in 0..ENTRIES_MAX {
        let header = piece(octets, at, BLOCK);
        if header.len() < BLOCK || header.iter().all(|octet| *octet == 0) {
            return;
        }
        let Some(len) = number(piece(header, 124, 12)) else {
            sink.defect(DefectKind::Malformed, "tar");
            return;
        };
        let body = piece(octets, at.saturating_add(BLOCK), size(len));
        match header.get(156).copied().unwrap_or_default() {
            b'L' => long_name = Some(text_until_nul(body)),
            b'x' => long_name = pax_path(body).or(long_name),
            b'0' | b'7' | 0 => {
                let name = long_name.take().unwrap_or_else(|| entry_name(header));
                sink.told(|told| told.total_files = told.total_files.saturating_add(1));
                if (body.len() as u64) < len {
                    sink.defect(DefectKind::Malformed, "tar");
                }
                if !name.ends_with('/') && !sink.put("ScanTar", &name, body.to_vec()) {
                    return;
                }
            }
            _ => long_name = None,
        }
        let padded = size(len).saturating_add(BLOCK - 1) / BLOCK * BLOCK;
        at = at.saturating_add(BLOCK).saturating_add(padded);
    }
    sink.defect(DefectKind::EntryLimit, "tar");
}

fn entry_name(header: &[u8]) -> String {
    let name = text_until_nul(piece(header, 0, 100));
    let prefix = text_until_nul(piece(header, 345, 155));
    let is_ustar = piece(header, 257, 6) == b"ustar\0";
    if is_ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// Octal digits; or, with the first bit set, a number of so many octets.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let wide = field.get(4..12)?.try_into().ok()?;
        return Some(u64::from_be_bytes(wide));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn pax_path(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find_map(|line| line.split_once(" path="))?;
    Some(line.1.to_owned())
}

const BLOCK: usize = 512;
/// Headers that are read; an empty file costs one.
const ENTRIES_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use crate::explode::{File, Options, explode};

    pub(crate) fn tar(name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = vec![0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header.extend(content);
        header.resize(header.len().div_ceil(512) * 512 + 1024, 0);
        header
    }

    #[test]
    fn a_packed_tar_is_opened_twice() {
        let packed = crate::archive::tests::gzip(&tar("dir/run.bat", b"@echo off"));
        let file = File { name: "x.tgz", content_type: "", octets: &packed };
        let tree = explode(&file, &Options::default());
        let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["x.tgz", "x.tar", "dir/run.bat"]);
        assert_eq!(tree.nodes[2].extension.as_deref(), Some("bat"));
    }

    #[test]
    fn a_length_that_lies_is_a_defect() {
        let mut cut = tar("a", b"0123456789");
        cut.truncate(515);
        let tree = explode(&File { name: "", content_type: "", octets: &cut }, &Options::default());
        assert_eq!(&*tree.nodes[1].octets, b"012");
        assert_eq!(tree.defects.len(), 1);
    }
}
