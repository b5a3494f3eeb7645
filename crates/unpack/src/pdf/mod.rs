//! PDFs: links, text, scripts, what is embedded, what they say of themselves.
//!
//! Read by our own code from end to end, since hostile PDFs are deep and broken on purpose: values
//! nest to a limit, loops of references end, every stream draws on one budget.

mod document;
mod filter;
mod lock;
mod object;
mod page;

use std::collections::HashSet;

use md5::Digest;

use crate::defect::DefectKind;
use crate::explode::Sink;
use crate::octets::{find, piece};
use crate::text;
use document::{Document, Object};
use filter::Decoded;
pub(crate) use filter::png_rows;
use object::{Dict, Value};

/// What a PDF holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pdf {
    /// Links of annotations and actions, then URLs in its text, each once.
    pub urls: Vec<String>,
    /// The text of its pages.
    pub text: String,
    /// The entries of its information dictionary.
    pub info: Vec<(String, String)>,
    /// The version that its header says.
    pub version: Option<String>,
    /// How many pages it has.
    pub page_count: usize,
    /// Whether it is made for being shown while it loads.
    pub is_linearized: bool,
    /// Whether it is encrypted, as `Standard V4.4 (128-bit)`.
    pub encryption: Option<String>,
    /// Encrypted with a password that is not known: links and text are not read.
    pub is_locked: bool,
    /// Its scripts.
    pub scripts: Vec<String>,
    /// Its XMP packet.
    pub xmp: Option<String>,
    /// How many files are embedded in it.
    pub total_extracted: usize,
    /// The kinds of its objects in order of their numbers; see [`Pdf::object_hash`].
    pub hash_string: String,
}

impl Pdf {
    /// MD5 of the kinds of its objects: equal for files that one program made of one template.
    ///
    /// Our own definition of an idea that others have too: not comparable with their values.
    #[must_use]
    pub fn object_hash(&self) -> String {
        crate::digest::hex(&md5::Md5::digest(self.hash_string.as_bytes()))
    }
}

/// Reads a PDF; `None` where there is no object in it.
#[must_use]
pub fn scan(octets: &[u8], passwords: &[String]) -> Option<Pdf> {
    let document = Document::read(octets, passwords);
    if document.objects.is_empty() {
        return None;
    }
    let found = walk(&document);
    let mut urls = found.urls;
    let text = page::text(&document);
    for url in text::urls(&text) {
        if urls.len() < URLS_MAX && !urls.contains(&url) {
            urls.push(url);
        }
    }
    let encryption = match &document.lock {
        Some(lock) => Some(lock.name.clone()),
        None => document.is_locked.then(|| "unknown".to_owned()),
    };
    Some(Pdf {
        urls,
        text,
        info: info(&document),
        version: version(octets),
        page_count: page::pages(&document).len(),
        is_linearized: find(piece(octets, 0, HEAD), b"/Linearized").is_some(),
        encryption,
        is_locked: document.is_locked,
        scripts: found.scripts,
        xmp: xmp(&document),
        total_extracted: found.files.len(),
        hash_string: hash_string(&document),
    })
}

/// Puts the text of its pages, its scripts, embedded files and pictures.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let passwords = sink.passwords;
    let document = Document::read(octets, passwords);
    sink.told(|told| told.is_encrypted = document.lock.is_some() || document.is_locked);
    if document.is_locked {
        sink.defect(DefectKind::Locked, READER);
    }
    if document.is_cut {
        sink.defect(DefectKind::ObjectLimit, READER);
    }
    if document.objects.is_empty() {
        sink.defect(DefectKind::Malformed, READER);
        return;
    }
    let found = walk(&document);
    sink.told(|told| told.total_files = found.files.len());
    let text = page::text(&document);
    if !text.trim().is_empty() {
        sink.put(SOURCE, "text", text.into_bytes());
    }
    for (at, script) in found.scripts.iter().enumerate() {
        sink.put(SOURCE, &format!("script_{at}.js"), script.clone().into_bytes());
    }
    for (name, octets) in found.files {
        sink.put(SOURCE, &name, octets);
    }
    for (at, object) in document.objects.iter().filter(|object| is_picture(object)).enumerate() {
        if at >= PICTURES_MAX || !sink.is_open() {
            sink.defect(DefectKind::ObjectLimit, READER);
            break;
        }
        if let Some((octets, extension)) = picture(&document, object) {
            sink.put(SOURCE, &format!("image_{at}.{extension}"), octets);
        }
    }
}

#[derive(Default)]
struct Found {
    urls: Vec<String>,
    scripts: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
}

/// Looks at every dictionary of every object.
fn walk(document: &Document<'_>) -> Found {
    let mut found = Found::default();
    let mut taken = HashSet::new();
    let mut steps = STEPS_MAX;
    for object in &document.objects {
        let mut waiting = vec![&object.value];
        while let Some(value) = waiting.pop() {
            let Some(left) = steps.checked_sub(1) else { return found };
            steps = left;
            match value {
                Value::List(list) => waiting.extend(list.iter().rev()),
                Value::Dict(dict) => {
                    look(document, dict, &mut found, &mut taken);
                    waiting.extend(dict.0.iter().rev().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        let is_file = object.value.dict().is_some_and(|dict| dict.is("Type", "EmbeddedFile"));
        if is_file && taken.insert(object.number) && found.files.len() < FILES_MAX {
            let octets = decoded(document, object);
            found.files.push((format!("embedded_{}", object.number), octets));
        }
    }
    found
}

fn look(document: &Document<'_>, dict: &Dict, found: &mut Found, taken: &mut HashSet<u32>) {
    let mut push = |value: &Value| {
        if let Some(url) = value.text().map(readable)
            && found.urls.len() < URLS_MAX
            && !url.is_empty()
            && !found.urls.contains(&url)
        {
            found.urls.push(url);
        }
    };
    push(document.get(dict, "URI"));
    if ["GoToR", "Launch", "SubmitForm", "ImportData"].iter().any(|action| dict.is("S", action)) {
        let target = document.get(dict, "F");
        push(target);
        if let Some(file) = target.dict() {
            push(document.get(file, "F"));
        }
    }
    if let Some(value) = dict.get("JS")
        && found.scripts.len() < SCRIPTS_MAX
    {
        let script = match document.resolve(value) {
            Value::Text(text) => Some(readable(text)),
            _ => document.stream_of(value).map(|octets| readable(&octets)),
        };
        found
            .scripts
            .extend(script.filter(|script| !script.is_empty() && !found.scripts.contains(script)));
    }
    if let Some(Value::Dict(files)) = dict.get("EF").map(|value| document.resolve(value))
        && found.files.len() < FILES_MAX
    {
        let name = document.get(dict, "UF").text().or_else(|| document.get(dict, "F").text());
        let name = name.map_or_else(|| "embedded".to_owned(), readable);
        let file = files.get("F").or_else(|| files.get("UF"));
        if let Some(Value::Reference(number)) = file
            && taken.insert(*number)
            && let Some(object) = document.object(*number)
        {
            found.files.push((name, decoded(document, object)));
        }
    }
}

fn decoded(document: &Document<'_>, object: &Object) -> Vec<u8> {
    match document.decode(object) {
        Some(Decoded::Plain(octets) | Decoded::Picture(octets, _)) => octets,
        None => Vec::new(),
    }
}

/// Text of a PDF: UTF-16 or UTF-8 by its mark, else near enough to Windows-1252.
fn readable(octets: &[u8]) -> String {
    text::decode(octets).trim_matches(['\0', ' ', '\r', '\n']).to_owned()
}

fn version(octets: &[u8]) -> Option<String> {
    let at = find(piece(octets, 0, HEAD), b"%PDF-")?;
    let digits =
        piece(octets, at + 5, 8).iter().take_while(|octet| matches!(octet, b'0'..=b'9' | b'.'));
    Some(digits.map(|octet| char::from(*octet)).collect())
}

fn info(document: &Document<'_>) -> Vec<(String, String)> {
    let dict = document.trailer.get("Info").and_then(|value| document.resolve(value).dict());
    let pairs = dict.into_iter().flat_map(|dict| dict.0.iter());
    let told = pairs.filter_map(|(key, value)| {
        let value = match document.resolve(value) {
            Value::Text(text) => readable(text),
            Value::Name(name) => String::from_utf8_lossy(name).into_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return None,
        };
        let value = value.chars().take(INFO_VALUE_MAX).collect();
        Some((String::from_utf8_lossy(key).into_owned(), value))
    });
    told.take(INFO_MAX).collect()
}

fn xmp(document: &Document<'_>) -> Option<String> {
    let is_metadata =
        |object: &&Object| object.value.dict().is_some_and(|dict| dict.is("Type", "Metadata"));
    let object = document.objects.iter().rfind(is_metadata)?;
    let octets = decoded(document, object);
    (!octets.is_empty()).then(|| text::decode(piece(&octets, 0, XMP_MAX)))
}

fn hash_string(document: &Document<'_>) -> String {
    let mut order: Vec<&Object> = document.objects.iter().collect();
    order.sort_by_key(|object| object.number);
    let mut text = String::new();
    for object in order.into_iter().take(HASHED_MAX) {
        let word = match &object.value {
            Value::Dict(dict) => {
                let kind = dict.name("Type").or_else(|| dict.name("Subtype")).unwrap_or(b"dict");
                String::from_utf8_lossy(piece(kind, 0, 40)).into_owned()
            }
            Value::List(_) => "list".to_owned(),
            _ => "value".to_owned(),
        };
        text.push_str(&word);
        text.push('|');
    }
    text
}

fn is_picture(object: &Object) -> bool {
    object.value.dict().is_some_and(|dict| dict.is("Subtype", "Image"))
}

/// A picture as a file of its own: a JPEG as it is, samples as a bitmap in grey.
fn picture(document: &Document<'_>, object: &Object) -> Option<(Vec<u8>, &'static str)> {
    let dict = object.value.dict()?;
    let samples = match document.decode(object)? {
        Decoded::Picture(octets, extension) => return Some((octets, extension)),
        Decoded::Plain(octets) => octets,
    };
    let number = |key: &str| document.get(dict, key).count();
    let (width, height) = (number("Width"), number("Height"));
    let bits = number("BitsPerComponent").max(1);
    if width == 0 || height == 0 || width.checked_mul(height)? > crate::image::PIXELS_MAX {
        return None;
    }
    let pixels = width * height;
    let components = (samples.len() * 8 / bits / pixels).clamp(1, 4);
    let space = color_space(document, dict);
    let mut grey = Vec::with_capacity(pixels);
    let row_len = (width * components * bits).div_ceil(8);
    for row in samples.chunks(row_len).take(height) {
        for x in 0..width {
            grey.push(space.grey(row, x * components, components.min(space.components), bits));
        }
    }
    grey.resize(pixels, 255);
    // A scan is put as small as a code in it can still be read: the budget is for what is packed.
    let grey = crate::image::Grey { width, height, pixels: grey }.at_most(PICTURE_PIXELS_MAX);
    Some((crate::image::to_bitmap(&grey), "bmp"))
}

/// How samples become grey: directly, by a palette, or turned round.
struct Space {
    palette: Vec<u8>,
    base: usize,
    components: usize,
    is_inverted: bool,
}

fn color_space(document: &Document<'_>, dict: &Dict) -> Space {
    let mut space = Space { palette: Vec::new(), base: 3, components: 4, is_inverted: false };
    let value = document.get(dict, "ColorSpace");
    if let Value::List(list) = value
        && list.first() == Some(&Value::Name(b"Indexed".to_vec()))
    {
        let base = list.get(1).map(|base| document.resolve(base));
        space.base = match base {
            Some(Value::Name(name)) if name == b"DeviceGray" => 1,
            Some(Value::Name(name)) if name == b"DeviceCMYK" => 4,
            _ => 3,
        };
        let table = list.get(3);
        let direct = table.and_then(|table| document.resolve(table).text().map(<[u8]>::to_vec));
        space.palette = direct
            .or_else(|| table.and_then(|table| document.stream_of(table)))
            .unwrap_or_default();
        space.components = 1;
    }
    if let Value::List(list) = document.get(dict, "Decode") {
        space.is_inverted = list.first().and_then(Value::number) == Some(1.0);
    }
    space
}

impl Space {
    fn grey(&self, row: &[u8], first: usize, components: usize, bits: usize) -> u8 {
        let sample = |at: usize| -> usize {
            let bit = (first + at) * bits;
            let octet = row.get(bit / 8).copied().unwrap_or(255);
            match bits {
                8 | 16 => usize::from(octet),
                _ => usize::from(octet) >> (8 - bits.min(8) - bit % 8) & ((1 << bits) - 1),
            }
        };
        let value = if self.palette.is_empty() {
            let full = if bits >= 8 { 255 } else { (1usize << bits) - 1 };
            let sum: usize = (0..components.min(3)).map(&sample).sum();
            let mean = sum / components.clamp(1, 3) * 255 / full;
            // Four inks: more of them is darker.
            if components == 4 { 255 - mean.max(sample(3)).min(255) } else { mean.min(255) }
        } else {
            let entry = piece(&self.palette, sample(0) * self.base, self.base.min(3));
            let sum: usize = entry.iter().map(|octet| usize::from(*octet)).sum();
            sum / entry.len().max(1)
        };
        let value = u8::try_from(value).unwrap_or(255);
        if self.is_inverted { 255 - value } else { value }
    }
}

const READER: &str = "pdf";
const SOURCE: &str = "ScanPdf";
/// Where the header and its hints stand.
const HEAD: usize = 2048;
/// URLs of one file.
const URLS_MAX: usize = 2_000;
/// Scripts of one file.
const SCRIPTS_MAX: usize = 100;
/// Embedded files of one file.
const FILES_MAX: usize = 100;
/// Pictures that are put: a scan has one a page.
const PICTURES_MAX: usize = 50;
/// Pixels of one picture that is put.
const PICTURE_PIXELS_MAX: usize = 1024 * 1024;
/// Values that are looked at.
const STEPS_MAX: usize = 2_000_000;
/// Entries of the information dictionary, and the signs of each.
const INFO_MAX: usize = 100;
const INFO_VALUE_MAX: usize = 4_096;
/// Octets of the XMP packet.
const XMP_MAX: usize = 256 * 1024;
/// Objects whose kind is part of the hash.
const HASHED_MAX: usize = 5_000;

#[cfg(test)]
#[path = "tests.rs"]
pub(crate) mod tests;
