//! Cabinets of Windows: stored and MSZIP folders. What is packed by LZX or Quantum is only listed.

use crate::codec::{End, inflate_onto};
use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{from, piece, size, text_until_nul, u16_le, u32_le};

/// Puts every file of it.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    sink.told(|_| ());
    if read(octets, sink).is_none() {
        sink.defect(DefectKind::Malformed, "cab");
    }
}

fn read(octets: &[u8], sink: &mut Sink<'_>) -> Option<()> {
    let (folders, files, flags) = (u16_le(octets, 26)?, u16_le(octets, 28)?, u16_le(octets, 30)?);
    let mut at = 36usize;
    let mut reserve = (0usize, 0usize);
    if flags & 4 != 0 {
        reserve = (usize::from(*octets.get(38)?), usize::from(*octets.get(39)?));
        at = at.checked_add(4)?.checked_add(u16_le(octets, 36)?.into())?;
    }
    for _ in 0..2 * (u32::from(flags & 1 != 0) + u32::from(flags & 2 != 0)) {
        at = at.checked_add(memchr::memchr(0, from(octets, at))?)?.checked_add(1)?;
    }
    let mut unpacked: Vec<Vec<u8>> = Vec::new();
    for _ in 0..folders.min(FOLDERS_MAX) {
        let place = size(u32_le(octets, at)?);
        let (blocks, method) = (u16_le(octets, at + 4)?, u16_le(octets, at + 6)?);
        unpacked.push(folder(octets, place, blocks, method, reserve.1, sink));
        at = at.checked_add(8)?.checked_add(reserve.0)?;
    }
    let mut at = size(u32_le(octets, 16)?);
    for _ in 0..files {
        let (len, place) = (size(u32_le(octets, at)?), size(u32_le(octets, at + 4)?));
        let folder = usize::from(u16_le(octets, at + 8)?);
        let rest = octets.get(at.checked_add(16)?..)?;
        let name = text_until_nul(piece(rest, 0, NAME_MAX));
        at = at.checked_add(16)?.checked_add(memchr::memchr(0, rest)?)?.checked_add(1)?;
        sink.told(|told| told.total_files = told.total_files.saturating_add(1));
        let body = unpacked.get(folder).map(|whole| piece(whole, place, len)).unwrap_or_default();
        if (!body.is_empty() || len == 0) && !sink.put("ScanLibarchive", &name, body.to_vec()) {
            break;
        }
    }
    Some(())
}

/// One run of blocks; in MSZIP each block may refer to those before it.
fn folder(
    octets: &[u8],
    place: usize,
    blocks: u16,
    method: u16,
    reserve: usize,
    sink: &mut Sink<'_>,
) -> Vec<u8> {
    let mut whole = Vec::new();
    let max = sink.room();
    let mut at = place;
    if method & 0xf > 1 {
        sink.defect(DefectKind::Unsupported, "cab");
        return whole;
    }
    for _ in 0..blocks {
        let Some(len) = u16_le(octets, at.saturating_add(4)) else {
            sink.defect(DefectKind::Malformed, "cab");
            break;
        };
        let start = at.saturating_add(8).saturating_add(reserve);
        let body = piece(octets, start, len.into());
        at = start.saturating_add(len.into());
        let room = max.saturating_sub(whole.len());
        let end = if method & 0xf == 0 {
            whole.extend_from_slice(piece(body, 0, room));
            if body.len() > room { End::Limit } else { End::Whole }
        } else {
            inflate_onto(&mut whole, body.strip_prefix(b"CK").unwrap_or(body), room.min(BLOCK_MAX))
                .0
        };
        if end != End::Whole {
            sink.ended("ScanCab", end);
            break;
        }
    }
    whole
}

/// A block unpacks to no more than this, by the format.
const BLOCK_MAX: usize = 32 * 1024 + 6144;
/// Folders of one cabinet: each is unpacked whole.
const FOLDERS_MAX: u16 = 64;
/// Octets of a name.
const NAME_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use crate::explode::{File, Options, explode};

    #[test]
    fn a_cabinet_gives_its_files() {
        let content = b"payload payload payload";
        let mut block = b"CK".to_vec();
        block.extend(miniz_oxide::deflate::compress_to_vec(content, 6));
        let mut cab = b"MSCF".to_vec();
        cab.extend([0; 12]);
        cab.extend(44u32.to_le_bytes());
        cab.extend([0, 0, 0, 0, 3, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        let data_at = 44 + 16 + 6;
        cab.extend(u32::try_from(data_at).unwrap().to_le_bytes());
        cab.extend([1, 0, 1, 0]);
        cab.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        cab.extend([0; 12]);
        cab.extend(b"a.exe\0");
        cab.extend([0; 4]);
        cab.extend(u16::try_from(block.len()).unwrap().to_le_bytes());
        cab.extend(u16::try_from(content.len()).unwrap().to_le_bytes());
        cab.extend(&block);
        let tree =
            explode(&File { name: "x.cab", content_type: "", octets: &cab }, &Options::default());
        assert_eq!(tree.defects, []);
        assert_eq!(
            (tree.nodes[1].name.as_str(), &*tree.nodes[1].octets),
            ("a.exe", content.as_slice())
        );
    }
}
