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
    let picture = picture.at_most(WORK_PIXELS_MAX);
    if picture.width.min(picture.height) < SIDE_MIN {
        return Vec::new();
    }
    let (dark, light) = corners(&picture);
    if dark.max(light) < CORNER_ROWS_MIN {
        return Vec::new();
    }
    for is_inverted in [light > dark, light <= dark] {
        let rows = if is_inverted { light } else { dark };
        if rows >= CORNER_ROWS_MIN {
            let found = detect(&picture, is_inverted);
            if !found.is_empty() {
                return found;
            }
        }
    }
    let is_inverted = light > dark;
    if picture.width.max(picture.height) <= SMALL_SIDE {
        return detect(&larger(&picture), is_inverted);
    }
    if picture.pixels.len() > SHRUNK_PIXELS_MAX * 2 {
        return detect(&picture.at_most(SHRUNK_PIXELS_MAX), is_inverted);
    }
    Vec::new()
}

/// In how many places a row and the column through it show the corner of a code (runs of 1, 1, 3,
/// 1 and 1), dark and light.
///
/// One cheap pass: most pictures in mail are logos, and looking for a code in one costs a hundred
/// times more. The threshold goes along with the row, so that a shadow does not hide a corner.
fn corners(picture: &Grey) -> (usize, usize) {
    let (mut dark, mut light) = (0usize, 0usize);
    for (y, row) in picture.pixels.chunks_exact(picture.width).enumerate() {
        let first = row.iter().take(1 << MEAN_SHIFT).map(|pixel| u32::from(*pixel)).sum::<u32>();
        // The mean of the last pixels, times a power of two.
        let mut mean = first;
        let mut runs = [0usize; 5];
        let mut last_is_dark = false;
        // Light in front and behind: a corner may stand at the very edge.
        for (x, pixel) in row.iter().copied().chain([255, 0, 255]).enumerate() {
            let pixel = u32::from(pixel);
            mean = mean - (mean >> MEAN_SHIFT) + pixel;
            let is_dark = pixel * 100 < (mean >> MEAN_SHIFT) * DARKER_PERCENT;
            let [.., last] = &mut runs;
            if is_dark == last_is_dark {
                *last += 1;
                continue;
            }
            if is_corner(runs) && crosses(picture, (x, y), runs, last_is_dark) {
                *(if last_is_dark { &mut dark } else { &mut light }) += 1;
            }
            runs.rotate_left(1);
            let [.., last] = &mut runs;
            *last = 1;
            last_is_dark = is_dark;
        }
    }
    (dark, light)
}

/// Whether the column through the middle of a row's runs, which end before `x`, has the same ones.
fn crosses(picture: &Grey, (x, y): (usize, usize), across: [usize; 5], is_dark: bool) -> bool {
    let [one, two, three, four, five] = across;
    let len: usize = across.iter().sum();
    let Some(start) = x.checked_sub(len) else { return false };
    let get = |x: usize, y: usize| picture.pixels.get(y * picture.width + x).copied();
    let middle = start + one + two + three / 2;
    let (Some(core), Some(ring)) = (get(middle, y), get(start + one + two / 2, y)) else {
        return false;
    };
    let threshold = u8::midpoint(core, ring);
    let is_core = |y: usize| get(middle, y).map(|pixel| (pixel < threshold) == is_dark);
    let reach = 4 * (one + two + four + five);
    let (mut up, mut down) = ([0usize; 3], [0usize; 3]);
    let above = (0..y).rev().take(reach);
    let below = (y..picture.height).take(reach);
    count_runs(&mut up, above.map_while(is_core));
    count_runs(&mut down, below.map_while(is_core));
    let ([a, b, c], [d, e, f]) = (up, down);
    is_corner([c, b, a + d, e, f])
}

/// Lengths of the first three runs, the first of which is of the core's colour.
fn count_runs(runs: &mut [usize; 3], colors: impl Iterator<Item = bool>) {
    let mut phase = 0usize;
    for is_core in colors {
        if is_core != phase.is_multiple_of(2) {
            phase += 1;
        }
        let Some(run) = runs.get_mut(phase) else { return };
        *run += 1;
    }
}

fn is_corner(runs: [usize; 5]) -> bool {
    let [one, two, three, four, five] = runs;
    let unit4 = (one + two + four + five) * 3;
    let is_near = |run: usize, times: usize| {
        // Within three quarters of a unit, as readers allow.
        let wanted = unit4 * times;
        let off = (run * 12).abs_diff(wanted);
        off * 4 <= unit4 * 3
    };
    one > 0
        && is_near(one, 1)
        && is_near(two, 1)
        && is_near(four, 1)
        && is_near(five, 1)
        && is_near(three, 3)
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
const WORK_PIXELS_MAX: usize = 2 * 1024 * 1024;
/// What is tried last, when nothing is found at full size.
const SHRUNK_PIXELS_MAX: usize = 256 * 1024;
/// Smaller pictures are tried twice as large.
const SMALL_SIDE: usize = 800;
const MARGIN: usize = 16;
/// The smallest code has 21 dots a side.
const SIDE_MIN: usize = 21;
/// A code has three corners, each three dots high at its middle.
const CORNER_ROWS_MIN: usize = 3;
/// How much darker than its surroundings a dot is.
const DARKER_PERCENT: u32 = 95;
/// The mean is that of the last 64 pixels.
const MEAN_SHIFT: u32 = 6;

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

    /// On a larger grey sheet, turned by a tangent of so many tenths, its edges blurred.
    fn photographed(code: &Grey, tenths: i64) -> Grey {
        let side = code.width * 2;
        let (middle, half) = (side / 2, code.width / 2);
        let to_i64 = |value: usize| i64::try_from(value).unwrap();
        let mut sheet = vec![190u8; side * side];
        for y in 0..side {
            for x in 0..side {
                let (dx, dy) = (to_i64(x) - to_i64(middle), to_i64(y) - to_i64(middle));
                let (u, v) = (dx + dy * tenths / 10, dy - dx * tenths / 10);
                let place = |value: i64| usize::try_from(value + to_i64(half)).ok();
                let inside = place(u).zip(place(v)).filter(|(u, v)| u.max(v) < &code.width);
                if let Some((u, v)) = inside {
                    sheet[y * side + x] = 60 + code.pixels[v * code.width + u] / 2;
                }
            }
        }
        let blurred = (0..side * side).map(|at| {
            let near = [
                at,
                at.saturating_sub(1),
                (at + 1).min(side * side - 1),
                (at + side).min(side * side - 1),
            ];
            let sum: u32 = near.iter().map(|at| u32::from(sheet[*at])).sum();
            u8::try_from(sum / 4).unwrap()
        });
        Grey { width: side, height: side, pixels: blurred.collect() }
    }

    #[test]
    fn a_code_on_a_grey_sheet_turned_and_blurred_is_read() {
        let plain = code("https://login.corp.example/qr", 7, false);
        // Dark dots on light paper need a light rim, which the sheet around it is not.
        for tenths in [0, 1, 2, 3, 5] {
            let sheet = photographed(&plain, tenths);
            let codes = scan(&png_of(&sheet)).unwrap();
            assert_eq!(codes.len(), 1, "turned by {tenths} tenths");
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
