//! Pictures as grey pixels: what a reader of QR codes wants.
//!
//! PNG and BMP are read here, JPEG, GIF (the first frame) and WebP by others behind the fence. The
//! size is looked at before anything is decoded.

use std::io::Cursor;

use crate::Kind;
use crate::codec;
use crate::defect::{DefectKind, fenced};
use crate::octets::{from, piece, size, u16_be, u16_le, u32_be, u32_le};
use crate::pdf::png_rows;

/// A picture in grey, row by row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Grey {
    /// The picture, made smaller by a whole step where it has more pixels; each the mean of those.
    pub(crate) fn at_most(self, max: usize) -> Self {
        let mut step = 1usize;
        while (self.width / step) * (self.height / step) > max {
            step += 1;
        }
        if step == 1 {
            return self;
        }
        let (width, height) = (self.width / step, self.height / step);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0usize;
                for dy in 0..step {
                    for dx in 0..step {
                        let at = (y * step + dy) * self.width + x * step + dx;
                        sum += self.pixels.get(at).copied().map_or(255, usize::from);
                    }
                }
                pixels.push(u8::try_from(sum / (step * step)).unwrap_or(255));
            }
        }
        Self { width, height, pixels }
    }
}

/// Decodes a picture. The error says whether it is too large, unknown or broken.
pub(crate) fn decode(octets: &[u8]) -> Result<Grey, DefectKind> {
    let kind = Kind::of(octets);
    let (width, height) = dimensions(octets, kind).ok_or(DefectKind::Unsupported)?;
    if width == 0 || height == 0 || width.saturating_mul(height) > PIXELS_MAX {
        return Err(DefectKind::PixelLimit);
    }
    let decoded = match kind {
        Kind::Png => png(octets),
        Kind::Bmp => bitmap(octets),
        Kind::Jpg => fenced(|| jpeg(octets)).ok_or(DefectKind::Failed)?,
        Kind::Gif => fenced(|| gif(octets)).ok_or(DefectKind::Failed)?,
        Kind::Webp => fenced(|| webp(octets)).ok_or(DefectKind::Failed)?,
        _ => return Err(DefectKind::Unsupported),
    };
    let grey = decoded.ok_or(DefectKind::Malformed)?;
    let is_whole = grey.width.checked_mul(grey.height) == Some(grey.pixels.len());
    if is_whole { Ok(grey) } else { Err(DefectKind::Malformed) }
}

/// Width and height, as the header says.
pub(crate) fn dimensions(octets: &[u8], kind: Kind) -> Option<(usize, usize)> {
    let pair =
        |width: Option<u16>, height: Option<u16>| Some((usize::from(width?), usize::from(height?)));
    match kind {
        Kind::Png => Some((size(u32_be(octets, 16)?), size(u32_be(octets, 20)?))),
        Kind::Gif => pair(u16_le(octets, 6), u16_le(octets, 8)),
        Kind::Bmp => {
            let height = u32_le(octets, 22)?.cast_signed().unsigned_abs();
            Some((size(u32_le(octets, 18)?), size(height)))
        }
        Kind::Jpg => jpeg_dimensions(octets),
        Kind::Webp => webp_dimensions(octets),
        _ => None,
    }
}

fn jpeg_dimensions(octets: &[u8]) -> Option<(usize, usize)> {
    let mut at = 2usize;
    for _ in 0..SEGMENTS_MAX {
        while octets.get(at)? == &0xff && octets.get(at + 1)? == &0xff {
            at += 1;
        }
        let marker = *octets.get(at + 1)?;
        let len = usize::from(u16_be(octets, at + 2)?);
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return Some((u16_be(octets, at + 7)?.into(), u16_be(octets, at + 5)?.into()));
        }
        at = at.checked_add(2)?.checked_add(len)?;
    }
    None
}

fn webp_dimensions(octets: &[u8]) -> Option<(usize, usize)> {
    let low24 = |at: usize| Some(size(u32_le(octets, at)? & 0xff_ffff) + 1);
    match piece(octets, 12, 4) {
        b"VP8X" => {
            Some((low24(24)?, low24(27).or_else(|| Some(usize::from(u16_le(octets, 27)?) + 1))?))
        }
        b"VP8 " => {
            let side = |at: usize| Some(usize::from(u16_le(octets, at)? & 0x3fff));
            Some((side(26)?, side(28)?))
        }
        b"VP8L" => {
            let bits = u32_le(octets, 21)?;
            Some((size(bits & 0x3fff) + 1, size(bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    }
}

/// Brightness of a colour on white paper.
fn luma(red: u8, green: u8, blue: u8, alpha: u8) -> u8 {
    let mixed = u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29;
    let alpha = u32::from(alpha);
    let on_white = (mixed / 256 * alpha + 255 * (255 - alpha)) / 255;
    u8::try_from(on_white).unwrap_or(255)
}

struct PngHead {
    width: usize,
    height: usize,
    depth: usize,
    color: u8,
    is_interlaced: bool,
    palette: Vec<u8>,
    alphas: Vec<u8>,
}

fn png(octets: &[u8]) -> Option<Grey> {
    let mut head = PngHead {
        width: size(u32_be(octets, 16)?),
        height: size(u32_be(octets, 20)?),
        depth: usize::from(*octets.get(24)?),
        color: *octets.get(25)?,
        is_interlaced: *octets.get(28)? == 1,
        palette: Vec::new(),
        alphas: Vec::new(),
    };
    let mut packed = Vec::new();
    let mut at = 8usize;
    while let Some(len) = u32_be(octets, at) {
        let body = piece(octets, at + 8, size(len));
        match piece(octets, at + 4, 4) {
            b"PLTE" => head.palette = body.to_vec(),
            b"tRNS" => head.alphas = body.to_vec(),
            b"IDAT" => packed.extend_from_slice(body),
            b"IEND" => break,
            _ => {}
        }
        at = at.checked_add(12)?.checked_add(size(len))?;
    }
    let channels = match head.color {
        0 | 3 => 1,
        2 => 3,
        4 => 2,
        6 => 4,
        _ => return None,
    };
    if !matches!(head.depth, 1 | 2 | 4 | 8 | 16) {
        return None;
    }
    let max =
        (head.width * channels * head.depth).div_ceil(8).saturating_add(9) * (head.height + 7);
    let rows = codec::zlib(&packed, max.saturating_mul(2)).octets;
    let mut grey = Grey {
        width: head.width,
        height: head.height,
        pixels: vec![255; head.width * head.height],
    };
    let passes: &[(usize, usize, usize, usize)] =
        if head.is_interlaced { &ADAM7 } else { &[(0, 0, 1, 1)] };
    let mut at = 0usize;
    for (left, top, step_x, step_y) in passes {
        let width = head.width.saturating_sub(*left).div_ceil(*step_x);
        let height = head.height.saturating_sub(*top).div_ceil(*step_y);
        if width == 0 || height == 0 {
            continue;
        }
        let row_len = (width * channels * head.depth).div_ceil(8);
        let packed_len = (row_len + 1) * height;
        let plain =
            png_rows(piece(&rows, at, packed_len), row_len, (channels * head.depth).div_ceil(8));
        at += packed_len;
        for (y, row) in plain.chunks(row_len).enumerate() {
            for x in 0..width {
                let place = (top + y * step_y) * grey.width + left + x * step_x;
                if let Some(pixel) = grey.pixels.get_mut(place) {
                    *pixel = png_pixel(&head, row, x, channels);
                }
            }
        }
    }
    Some(grey)
}

fn png_pixel(head: &PngHead, row: &[u8], x: usize, channels: usize) -> u8 {
    let sample = |channel: usize| -> u8 {
        let bit = (x * channels + channel) * head.depth;
        let octet = row.get(bit / 8).copied().unwrap_or(255);
        match head.depth {
            8 | 16 => octet,
            depth => octet >> (8 - depth - bit % 8) & ((1u8 << depth) - 1),
        }
    };
    match head.color {
        3 => {
            let index = usize::from(sample(0));
            let [red, green, blue] =
                crate::octets::array(&head.palette, index * 3).unwrap_or_default();
            luma(red, green, blue, head.alphas.get(index).copied().unwrap_or(255))
        }
        0 if head.depth < 8 => {
            let full = (1u16 << head.depth) - 1;
            u8::try_from(u16::from(sample(0)) * 255 / full).unwrap_or(255)
        }
        0 => sample(0),
        4 => luma(sample(0), sample(0), sample(0), sample(1)),
        2 => luma(sample(0), sample(1), sample(2), 255),
        _ => luma(sample(0), sample(1), sample(2), sample(3)),
    }
}

fn bitmap(octets: &[u8]) -> Option<Grey> {
    let (width, height) = dimensions(octets, Kind::Bmp)?;
    let start = size(u32_le(octets, 10)?);
    let header = size(u32_le(octets, 14)?);
    let bits = usize::from(u16_le(octets, 28)?);
    let is_packed = !matches!(u32_le(octets, 30)?, 0 | 3);
    if is_packed || !matches!(bits, 1 | 4 | 8 | 24 | 32) {
        return None;
    }
    let is_upward = u32_le(octets, 22)?.cast_signed() > 0;
    let palette = from(octets, header.checked_add(14)?);
    let row_len = (width * bits).div_ceil(32) * 4;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        let y = if is_upward { height - 1 - y } else { y };
        let row = piece(octets, start.checked_add(y.checked_mul(row_len)?)?, row_len);
        for x in 0..width {
            let color = if bits >= 24 {
                piece(row, x * bits / 8, 3)
            } else {
                let octet = row.get(x * bits / 8).copied().unwrap_or(255);
                let index = usize::from(octet) >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
                piece(palette, index * 4, 3)
            };
            let [blue, green, red] = crate::octets::array(color, 0).unwrap_or([255; 3]);
            pixels.push(luma(red, green, blue, 255));
        }
    }
    Some(Grey { width, height, pixels })
}

/// Grey pixels as a bitmap file.
pub(crate) fn to_bitmap(grey: &Grey) -> Vec<u8> {
    let (width, height) = (grey.width, grey.height);
    let number = |value: usize| u32::try_from(value).unwrap_or_default().to_le_bytes();
    let row_len = width.div_ceil(4) * 4;
    let start = 14 + 40 + 1024;
    let mut file = b"BM".to_vec();
    file.extend(number(start + row_len * height));
    file.extend([0; 4]);
    file.extend(number(start));
    file.extend(number(40));
    file.extend(number(width));
    file.extend(number(height));
    file.extend([1, 0, 8, 0]);
    file.extend([0; 24]);
    for shade in 0..=255u8 {
        file.extend([shade, shade, shade, 0]);
    }
    for row in grey.pixels.chunks(width).rev() {
        file.extend_from_slice(row);
        file.resize(file.len() + row_len - row.len(), 255);
    }
    file
}

fn jpeg(octets: &[u8]) -> Option<Grey> {
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::colorspace::ColorSpace;
    use zune_jpeg::zune_core::options::DecoderOptions;
    let options = DecoderOptions::new_safe()
        .set_max_width(PIXELS_MAX)
        .set_max_height(PIXELS_MAX)
        .jpeg_set_max_scans(JPEG_SCANS_MAX)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(octets), options);
    let pixels = decoder.decode().ok()?;
    let info = decoder.info()?;
    Some(Grey { width: info.width.into(), height: info.height.into(), pixels })
}

fn gif(octets: &[u8]) -> Option<Grey> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let limit = u64::try_from(PIXELS_MAX * 4).ok().and_then(std::num::NonZeroU64::new)?;
    options.set_memory_limit(gif::MemoryLimit::Bytes(limit));
    let mut decoder = options.read_info(Cursor::new(octets)).ok()?;
    let frame = decoder.read_next_frame().ok()??;
    Some(rgba(frame.width.into(), frame.height.into(), &frame.buffer, 4))
}

fn webp(octets: &[u8]) -> Option<Grey> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(octets)).ok()?;
    decoder.set_memory_limit(PIXELS_MAX * 8);
    let (width, height) = decoder.dimensions();
    let len = decoder.output_buffer_size().filter(|len| *len <= PIXELS_MAX * 4)?;
    let mut buffer = vec![0u8; len];
    decoder.read_image(&mut buffer).ok()?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    Some(rgba(size(width), size(height), &buffer, channels))
}

fn rgba(width: usize, height: usize, buffer: &[u8], channels: usize) -> Grey {
    let pixels = buffer.chunks_exact(channels).map(|pixel| {
        let get = |at: usize| pixel.get(at).copied().unwrap_or(255);
        luma(get(0), get(1), get(2), get(3))
    });
    Grey { width, height, pixels: pixels.collect() }
}

/// Pixels of one picture: a phone's photograph has twelve million.
pub(crate) const PIXELS_MAX: usize = 16 * 1024 * 1024;
/// Segments in front of a JPEG's frame.
const SEGMENTS_MAX: usize = 1_000;
/// Each scan of a progressive JPEG costs a pass over all pixels.
const JPEG_SCANS_MAX: usize = 60;
const ADAM7: [(usize, usize, usize, usize); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A PNG in grey of one octet a pixel.
    pub(crate) fn png_of(grey: &Grey) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |name: &[u8], body: &[u8]| {
            file.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
            file.extend(name);
            file.extend(body);
            let sum = crc32fast::hash(&[name, body].concat());
            file.extend(sum.to_be_bytes());
        };
        let mut head = u32::try_from(grey.width).unwrap().to_be_bytes().to_vec();
        head.extend(u32::try_from(grey.height).unwrap().to_be_bytes());
        head.extend([8, 0, 0, 0, 0]);
        chunk(b"IHDR", &head);
        let rows: Vec<u8> =
            grey.pixels.chunks(grey.width).flat_map(|row| [&[0], row].concat()).collect();
        chunk(b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&rows, 6));
        chunk(b"IEND", b"");
        file
    }

    #[test]
    fn a_picture_comes_back_as_it_was() {
        let pixels: Vec<u8> = (0..=255).chain(0..=49).collect();
        let grey = Grey { width: 18, height: 17, pixels };
        assert_eq!(decode(&png_of(&grey)), Ok(grey.clone()));
        let bitmap = to_bitmap(&grey);
        let back = decode(&bitmap).unwrap();
        let off = back.pixels.iter().zip(&grey.pixels).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(off <= Some(1), "{off:?}");
    }

    #[test]
    fn a_picture_of_a_gigapixel_is_not_decoded() {
        let mut file = png_of(&Grey { width: 1, height: 1, pixels: vec![0] });
        file[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        assert_eq!(decode(&file), Err(DefectKind::PixelLimit));
    }

    #[test]
    fn what_is_cut_is_white() {
        let file = png_of(&Grey { width: 100, height: 100, pixels: vec![0; 10_000] });
        let grey = decode(&file[..60]).unwrap();
        assert_eq!(grey.pixels.last(), Some(&255));
    }
}
