//! Unpacking of one compressed run of octets, to at most so many.
//!
//! What came out before an end, a break or the limit is kept: half a script is still a script.

use std::io::Read;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::defect::fenced;
use crate::octets::{from, piece, u32_le};

/// What came out of one run of packed octets.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Run {
    /// The octets, as far as they go.
    pub(crate) octets: Vec<u8>,
    /// How it ended.
    pub(crate) end: End,
    /// How many packed octets were read, where the method tells.
    pub(crate) consumed: usize,
}

/// How an unpacking ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum End {
    /// At its own end.
    Whole,
    /// At the limit: there is more.
    Limit,
    /// In the midst: the packed octets are broken or cut.
    #[default]
    Broken,
}

/// A raw deflate run.
pub(crate) fn deflate(packed: &[u8], max: usize) -> Run {
    inflate(packed, max, 0)
}

/// A zlib run, or a raw one behind a broken header.
pub(crate) fn zlib(packed: &[u8], max: usize) -> Run {
    let flags =
        inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER | inflate_flags::TINFL_FLAG_IGNORE_ADLER32;
    let run = inflate(packed, max, flags);
    if run.octets.is_empty() && run.end == End::Broken { deflate(packed, max) } else { run }
}

/// Goes on behind what `output` already holds, which the packed octets may refer to.
pub(crate) fn inflate_onto(output: &mut Vec<u8>, packed: &[u8], max: usize) -> (End, usize) {
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    run_inflate(output, packed, max, flags)
}

fn inflate(packed: &[u8], max: usize, flags: u32) -> Run {
    let mut octets = Vec::new();
    let flags = flags | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (end, consumed) = run_inflate(&mut octets, packed, max, flags);
    Run { octets, end, consumed }
}

/// The buffer grows by doubling, so that a small file costs little and a bomb no more than `max`.
fn run_inflate(output: &mut Vec<u8>, packed: &[u8], max: usize, flags: u32) -> (End, usize) {
    let mut state = Box::<DecompressorOxide>::default();
    let mut written = output.len();
    let max = written.saturating_add(max);
    let mut read = 0usize;
    loop {
        let room = written.saturating_add(packed.len().saturating_mul(2).max(STEP));
        let room = room.max(written.saturating_mul(2)).min(max);
        output.resize(room, 0);
        let rest = from(packed, read);
        let (status, taken, given) = decompress(&mut state, rest, output, written, flags);
        read = read.saturating_add(taken);
        written = written.saturating_add(given);
        let end = match status {
            TINFLStatus::Done => End::Whole,
            TINFLStatus::HasMoreOutput if written < max => continue,
            TINFLStatus::HasMoreOutput => End::Limit,
            _ => End::Broken,
        };
        output.truncate(written);
        return (end, read);
    }
}

/// All members of a gzip file, one behind the other.
pub(crate) fn gzip(packed: &[u8], max: usize) -> (Run, Option<String>) {
    let mut whole = Run::default();
    let mut name = None;
    let mut rest = packed;
    for _ in 0..MEMBERS_MAX {
        let Some((header, its_name)) = gzip_header(rest) else { break };
        name = name.or(its_name);
        let left = max.saturating_sub(whole.octets.len());
        let run = deflate(from(rest, header), left);
        whole.octets.extend_from_slice(&run.octets);
        whole.end = run.end;
        if run.end != End::Whole {
            break;
        }
        rest = from(rest, header.saturating_add(run.consumed).saturating_add(GZIP_TRAILER));
    }
    whole.consumed = packed.len().saturating_sub(rest.len());
    (whole, name)
}

/// How long the header of a gzip member is, and the name in it.
fn gzip_header(octets: &[u8]) -> Option<(usize, Option<String>)> {
    if !octets.starts_with(&[0x1f, 0x8b, 8]) {
        return None;
    }
    let flags = *octets.get(3)?;
    let mut at = 10usize;
    if flags & 4 != 0 {
        let len = crate::octets::u16_le(octets, at)?;
        at = at.checked_add(2)?.checked_add(usize::from(len))?;
    }
    let mut name = None;
    for flag in [8, 16] {
        if flags & flag != 0 {
            let rest = octets.get(at..)?;
            let len = memchr::memchr(0, rest)?;
            if flag == 8 {
                name = Some(String::from_utf8_lossy(piece(rest, 0, len)).into_owned());
            }
            at = at.checked_add(len)?.checked_add(1)?;
        }
    }
    if flags & 2 != 0 {
        at = at.checked_add(2)?;
    }
    Some((at, name))
}

/// bzip2.
pub(crate) fn bzip2(packed: &[u8], max: usize) -> Run {
    read_through(max, || bzip2::read::MultiBzDecoder::new(packed))
}

/// zstd. The window is held to what a tree may hold, so that a header cannot ask for gigabytes.
pub(crate) fn zstd(packed: &[u8], max: usize) -> Run {
    read_through(max, || {
        let mut decoder = zstd::stream::read::Decoder::new(packed).ok();
        if let Some(decoder) = &mut decoder {
            let _ = decoder.window_log_max(ZSTD_WINDOW_LOG_MAX);
        }
        Optional(decoder)
    })
}

/// xz, and the older lzma.
pub(crate) fn xz(packed: &[u8], max: usize) -> Run {
    if packed.starts_with(&[0xfd, b'7', b'z', b'X', b'Z']) {
        let memory = LZMA_MEMORY_KIB_MAX;
        return read_through(max, || lzma_rust2::XzReader::new_mem_limit(packed, true, memory));
    }
    read_through(max, || {
        Optional(lzma_rust2::LzmaReader::new_mem_limit(packed, LZMA_MEMORY_KIB_MAX, None).ok())
    })
}

/// The LZMA of a zip file: a version, the properties, and a run without length.
pub(crate) fn zip_lzma(packed: &[u8], size: u64, max: usize) -> Run {
    let (Some(props), Some(dictionary)) = (packed.get(4).copied(), u32_le(packed, 5)) else {
        return Run::default();
    };
    if dictionary / 1024 > LZMA_MEMORY_KIB_MAX {
        return Run { end: End::Limit, ..Run::default() };
    }
    read_through(max, || {
        let body = from(packed, 9);
        let reader = lzma_rust2::LzmaReader::new_with_props(body, size, props, dictionary, None);
        Optional(reader.ok())
    })
}

/// A decoder that may not have begun.
struct Optional<R>(Option<R>);

impl<R: Read> Read for Optional<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.0 {
            Some(reader) => reader.read(buffer),
            None => Err(std::io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Reads a decoder of other people's to the limit. Keeps what came before a panic, too.
pub(crate) fn read_through<R: Read>(max: usize, open: impl FnOnce() -> R) -> Run {
    let mut octets = Vec::new();
    let end = fenced(|| {
        let mut reader = open();
        let mut buffer = vec![0u8; STEP];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return End::Whole,
                Ok(count) => {
                    let room = max.saturating_sub(octets.len());
                    octets.extend_from_slice(piece(&buffer, 0, count.min(room)));
                    if count > room {
                        return End::Limit;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return End::Broken,
            }
        }
    });
    Run { octets, end: end.unwrap_or(End::Broken), consumed: 0 }
}

/// The first buffer, and the piece by which a decoder is read.
const STEP: usize = 16 * 1024;
/// Members of one gzip file: each may be empty, and there is no other end to them.
const MEMBERS_MAX: usize = 1_000;
/// A checksum and a length behind each member.
const GZIP_TRAILER: usize = 8;
/// 2^26 octets = 64 MiB, what one tree may hold.
const ZSTD_WINDOW_LOG_MAX: u32 = 26;
/// What a dictionary may take: mail has no use for the gigabytes that the format allows.
const LZMA_MEMORY_KIB_MAX: u32 = 96 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

    #[test]
    fn a_bomb_stops_at_the_limit_and_keeps_what_came() {
        let packed = compress_to_vec(&vec![0u8; 10_000_000], 9);
        let run = deflate(&packed, 100_000);
        assert_eq!((run.octets.len(), run.end), (100_000, End::Limit));
    }

    #[test]
    fn a_cut_run_gives_its_first_part() {
        let text: Vec<u8> = (0..50_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = compress_to_vec_zlib(&text, 6);
        let run = zlib(&packed[..packed.len() / 2], usize::MAX / 4);
        assert_eq!(run.end, End::Broken);
        assert!(run.octets.len() > 1000 && text.starts_with(&run.octets));
        assert_eq!(zlib(&packed, 1 << 20).octets, text);
    }

    #[test]
    fn every_method_gives_back_what_was_packed() {
        let text = b"attack at dawn ".repeat(1000);
        let packed = zstd::encode_all(text.as_slice(), 3).unwrap();
        assert_eq!(zstd(&packed, 1 << 20).octets, text);
        assert_eq!(zstd(&packed, 10).end, End::Limit);
        let mut encoder = bzip2::read::BzEncoder::new(text.as_slice(), bzip2::Compression::fast());
        let mut packed = Vec::new();
        encoder.read_to_end(&mut packed).unwrap();
        assert_eq!(bzip2(&packed, 1 << 20).octets, text);
    }

    #[test]
    fn nonsense_gives_nothing_and_no_panic() {
        for method in [deflate, zlib, bzip2, zstd, xz] {
            assert_eq!(method(b"not packed at all", 1000).end, End::Broken);
        }
        assert_eq!(gzip(b"no", 10).0, Run::default());
    }
}
