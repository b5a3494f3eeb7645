//! QR codes in pictures: PNG, JPEG, GIF, BMP, WebP.
//!
//! Tried as they are, then turned round (white on black), then larger or smaller. Codes that are
//! drawn by other means (tables of a page, signs, the lines of a PDF) are not seen.

use crate::defect::{DefectKind, fenced};
use crate::image::{self, Grey};

/// One code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Code {
    /// What it says.
    pub data: String,
    /// What kind of thing that is.
    pub kind: CodeKind,
    /// The URL, where it is one.
    pub url: Option<String>,
}

/// The kinds of what a code says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CodeKind {
    /// An application of a shop.
    App,
    /// An address to write to.
    Email,
    /// A place on the map.
    Geo,
    /// A number to call, or to send a short message to.
    Mobile,
    /// Anything else.
    Undefined,
    /// A page.
    Url,
    /// The key of a wireless network.
    Wifi,
}

impl CodeKind {
    /// The schema's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Email => "email",
            Self::Geo => "geo",
            Self::Mobile => "mobile",
            Self::Undefined => "undefined",
            Self::Url => "url",
            Self::Wifi => "wifi",
        }
    }
}

/// Reads the codes of a picture. The error says why it could not be looked at.
pub fn scan(octets: &[u8]) -> Result<Vec<Code>, DefectKind> {
    let picture = image::decode(octets)?;
    fenced(|| read(picture)).ok_or(DefectKind::Failed)
}

fn read(picture: Grey) -> Vec<Code> {
    let picture = smaller(picture, WORK_PIXELS_MAX);
    let found = detect(&picture, false);
    if !found.is_empty() {
        return found;
    }
    let found = detect(&picture, true);
    if !found.is_empty() {
        return found;
    }
    if picture.width.max(picture.height) <= SMALL_SIDE {
        return detect(&larger(&picture), false);
    }
    let pixels = picture.pixels.len();
    if pixels > SHRUNK_PIXELS_MAX * 2 {
        return detect(&smaller(picture, SHRUNK_PIXELS_MAX), false);
    }
    Vec::new()
}

fn detect(picture: &Grey, is_inverted: bool) -> Vec<Code> {
    // A code needs light around it; pictures are often cut to its edge.
    let (width, height) = (picture.width + 2 * MARGIN, picture.height + 2 * MARGIN);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let inside = x.checked_sub(MARGIN).zip(y.checked_sub(MARGIN));
        let inside = inside.filter(|(x, y)| *x < picture.width && *y < picture.height);
        let pixel = inside.and_then(|(x, y)| picture.pixels.get(y * picture.width + x));
        match pixel {
            Some(pixel) if is_inverted => 255 - pixel,
            Some(pixel) => *pixel,
            None => 255,
        }
    });
    let mut codes = Vec::new();
    for grid in prepared.detect_grids().into_iter().take(CODES_MAX) {
        let mut octets = Vec::new();
        if grid.decode_to(&mut octets).is_ok() {
            let data = String::from_utf8(octets).unwrap_or_else(|error| {
                error.into_bytes().iter().map(|octet| char::from(*octet)).collect()
            });
            let code = Code::of(data);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}

/// By leaving out rows and columns, averaged.
fn smaller(picture: Grey, max: usize) -> Grey {
    let mut step = 1usize;
    while (picture.width / step) * (picture.height / step) > max {
        step += 1;
    }
    if step == 1 {
        return picture;
    }
    let (width, height) = (picture.width / step, picture.height / step);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0usize;
            for dy in 0..step {
                for dx in 0..step {
                    let at = (y * step + dy) * picture.width + x * step + dx;
                    sum += picture.pixels.get(at).copied().map_or(255, usize::from);
                }
            }
            pixels.push(u8::try_from(sum / (step * step)).unwrap_or(255));
        }
    }
    Grey { width, height, pixels }
}

fn larger(picture: &Grey) -> Grey {
    let (width, height) = (picture.width * 2, picture.height * 2);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let at = y / 2 * picture.width + x / 2;
            pixels.push(picture.pixels.get(at).copied().unwrap_or(255));
        }
    }
    Grey { width, height, pixels }
}

impl Code {
    fn of(data: String) -> Self {
        let data: String = data.chars().take(DATA_MAX).collect();
        let lower = data.trim_start().to_lowercase();
        let begins = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
        let url = crate::text::urls(data.trim()).into_iter().next();
        let kind = match () {
            () if begins(&["mailto:", "matmsg:", "smtp:"]) => CodeKind::Email,
            () if begins(&["tel:", "sms:", "smsto:", "mmsto:"]) => CodeKind::Mobile,
            () if begins(&[
                "market:",
                "itms-apps:",
                "https://play.google.com/store/apps",
                "https://apps.apple.com/",
            ]) =>
            {
                CodeKind::App
            }
            () if begins(&["geo:"]) => CodeKind::Geo,
            () if begins(&["wifi:"]) => CodeKind::Wifi,
            () if url.is_some() => CodeKind::Url,
            () => CodeKind::Undefined,
        };
        let url = url.filter(|_| matches!(kind, CodeKind::Url | CodeKind::App));
        Self { data, kind, url }
    }
}

/// Pictures of one tree that should be looked at for codes: it is the dearest scan there is.
pub const PICTURES_MAX: usize = 20;
/// Codes of one picture.
const CODES_MAX: usize = 10;
/// Signs of one code; the format ends at some 7,000.
const DATA_MAX: usize = 8_000;
/// A code in a larger picture is large as well.
const WORK_PIXELS_MAX: usize = 4 * 1024 * 1024;
/// What is tried last, when nothing is found at full size.
const SHRUNK_PIXELS_MAX: usize = 256 * 1024;
/// Smaller pictures are tried twice as large.
const SMALL_SIDE: usize = 800;
const MARGIN: usize = 16;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::image::tests::png_of;

    pub(crate) fn code(data: &str, dot: usize, is_inverted: bool) -> Grey {
        let code = qrcode::QrCode::new(data).unwrap();
        let side = code.width();
        let colors = code.to_colors();
        let (width, height) = (side * dot, side * dot);
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let dark = colors[y / dot * side + x / dot] == qrcode::Color::Dark;
                pixels.push(if dark == is_inverted { 255 } else { 0 });
            }
        }
        Grey { width, height, pixels }
    }

    #[test]
    fn codes_are_read_cut_inverted_and_small() {
        let url = "https://login.corp.example/qr?user=1";
        for (rule, dot, is_inverted) in
            [("plain", 6, false), ("white on black", 6, true), ("small", 2, false)]
        {
            let codes = scan(&png_of(&code(url, dot, is_inverted))).unwrap();
            assert_eq!(codes.len(), 1, "{rule}");
            assert_eq!(codes[0].url.as_deref(), Some(url), "{rule}");
            assert_eq!(codes[0].kind, CodeKind::Url, "{rule}");
        }
    }

    #[test]
    fn kinds_table() {
        let rows = [
            ("HTTPS://CORP.EXAMPLE/A", CodeKind::Url),
            ("www.corp.com", CodeKind::Url),
            ("mailto:a@corp.example", CodeKind::Email),
            ("SMSTO:+1:hi", CodeKind::Mobile),
            ("WIFI:S:x;;", CodeKind::Wifi),
            ("geo:1,2", CodeKind::Geo),
            ("hello", CodeKind::Undefined),
        ];
        for (data, kind) in rows {
            assert_eq!(Code::of(data.to_owned()).kind, kind, "{data}");
        }
    }

    #[test]
    fn a_picture_without_a_code_has_none() {
        let grey = Grey { width: 300, height: 300, pixels: vec![128; 90_000] };
        assert_eq!(scan(&png_of(&grey)), Ok(Vec::new()));
        assert_eq!(scan(b"no picture"), Err(DefectKind::Unsupported));
    }
}
