//! What files say of themselves: pictures, PDFs, documents, shortcuts, archives, pages, calendars.
//!
//! Fields have the names that ExifTool gives them, and values nearly its form: rules are written
//! against that. It reads the fields that rules and people ask for, not all that there are.

mod summary;
mod tiff;

use crate::archive::zip::Archive;
use crate::markup::{Token, Tokens, unescape};
use crate::octets::{find, from, piece, size, u16_be, u32_be};
use crate::{Kind, html, ics, image, lnk, office, pdf, text};

/// What a file says of itself. The fields that have a name here are in `fields` as well.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Exif {
    /// Every field, in the order of the file: the name that ExifTool gives, and the value.
    pub fields: Vec<(String, String)>,
    /// The kind of file, as `PDF`.
    pub file_type: String,
    /// Its usual extension.
    pub file_type_extension: String,
    /// When it was made (RFC 3339), where that could be read.
    pub create_date: Option<String>,
    /// When it was changed (RFC 3339), where that could be read.
    pub modify_date: Option<String>,
    /// The program, or the person, that made it.
    pub creator: Option<String>,
    /// The program that wrote it.
    pub producer: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// How many pages it has.
    pub page_count: Option<u32>,
    /// In pixels.
    pub image_width: Option<u32>,
    /// In pixels.
    pub image_height: Option<u32>,
    /// The version of a PDF.
    pub pdf_version: Option<String>,
    /// `Yes` or `No`, of a PDF.
    pub linearized: Option<String>,
    /// What a shortcut says, where it is one.
    pub lnk: Option<lnk::Lnk>,
    /// The first entry of an archive, where it is one.
    pub zip: Option<ZipEntry>,
}

/// The first entry of a zip file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ZipEntry {
    /// Its flags.
    pub bit_flag: u16,
    /// Its length, packed.
    pub compressed_size: u64,
    /// Its path.
    pub file_name: String,
    /// When it was changed, as RFC 3339 without a zone.
    pub modify_date: String,
    /// Its length.
    pub uncompressed_size: u64,
}

/// Reads what a file says of itself. Any file has a type, if nothing more.
#[must_use]
pub fn scan(octets: &[u8]) -> Exif {
    let kind = Kind::of(octets);
    let mut fields = Fields::default();
    let mut exif = Exif::default();
    if let Some((width, height)) = image::dimensions(octets, kind) {
        fields.push("ImageWidth", &width.to_string());
        fields.push("ImageHeight", &height.to_string());
    }
    match kind {
        Kind::Jpg => jpeg(octets, &mut fields),
        Kind::Png => png(octets, &mut fields),
        Kind::Gif | Kind::Psd => xmp_in(octets, &mut fields),
        Kind::Webp => webp(octets, &mut fields),
        Kind::Tif | Kind::Cr2 => tiff::read(octets, &mut fields),
        Kind::Pdf => portable(octets, &mut fields),
        Kind::Docx | Kind::Xlsx | Kind::Pptx => {
            exif.zip = archive(octets, &mut fields);
            for (name, value) in office::fields(&Archive::read(octets)) {
                fields.push(&name, &value);
            }
        }
        Kind::Zip | Kind::Epub => exif.zip = archive(octets, &mut fields),
        Kind::Doc | Kind::Xls | Kind::Ppt | Kind::Msi | Kind::Ole | Kind::Msg => {
            summary::read(octets, &mut fields);
        }
        Kind::Lnk => exif.lnk = shortcut(octets, &mut fields),
        Kind::Html | Kind::Svg | Kind::Xml => page(octets, &mut fields),
        Kind::Rtf => rich_text(octets, &mut fields),
        Kind::Ics => calendar(octets, &mut fields),
        _ => {}
    }
    exif.file_type = kind.as_str().to_uppercase();
    exif.file_type_extension = kind.as_str().to_owned();
    exif.name_fields(fields.0);
    exif
}

impl Exif {
    fn name_fields(&mut self, fields: Vec<(String, String)>) {
        let get = |names: &[&str]| {
            let found = names.iter().find_map(|name| fields.iter().find(|(its, _)| its == name));
            found.map(|(_, value)| value.clone())
        };
        let number = |names: &[&str]| get(names).and_then(|value| value.parse().ok());
        self.create_date = get(&["CreateDate", "DateTimeOriginal"]).and_then(|text| iso(&text));
        self.modify_date = get(&["ModifyDate"]).and_then(|text| iso(&text));
        self.creator = get(&["Creator", "Author"]);
        self.producer = get(&["Producer"]);
        self.author = get(&["Author", "Creator", "Artist"]);
        self.title = get(&["Title"]);
        self.page_count = number(&["PageCount", "Pages"]);
        self.image_width = number(&["ImageWidth", "ExifImageWidth"]);
        self.image_height = number(&["ImageHeight", "ExifImageHeight"]);
        self.pdf_version = get(&["PDFVersion"]);
        self.linearized = get(&["Linearized"]);
        self.fields = fields;
    }
}

/// Fields as they are found, to a limit.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        let value = value.trim_matches(['\0', ' ', '\r', '\n']);
        if value.is_empty() || name.is_empty() || self.0.len() >= FIELDS_MAX {
            return;
        }
        let value = value.chars().take(VALUE_MAX).collect();
        let pair = (name.chars().take(NAME_MAX).collect(), value);
        if !self.0.contains(&pair) {
            self.0.push(pair);
        }
    }
}

fn jpeg(octets: &[u8], fields: &mut Fields) {
    let mut at = 2usize;
    for _ in 0..SEGMENTS_MAX {
        let (Some(&[0xff, marker]), Some(len)) =
            (octets.get(at..at.saturating_add(2)), u16_be(octets, at.saturating_add(2)))
        else {
            break;
        };
        if marker == 0xda {
            break;
        }
        let body = piece(octets, at.saturating_add(4), usize::from(len).saturating_sub(2));
        match marker {
            0xe1 => {
                if let Some(tiff) = body.strip_prefix(b"Exif\0\0") {
                    tiff::read(tiff, fields);
                } else if let Some(packet) = body.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
                    xmp(packet, fields);
                }
            }
            0xe2 => {
                if let Some(profile) = body.strip_prefix(b"ICC_PROFILE\0") {
                    color_profile(from(profile, 2), fields);
                }
            }
            0xfe => fields.push("Comment", &text::decode(body)),
            _ => {}
        }
        at = at.saturating_add(2).saturating_add(len.into());
    }
}

fn png(octets: &[u8], fields: &mut Fields) {
    let mut at = 8usize;
    for _ in 0..SEGMENTS_MAX {
        let Some(len) = u32_be(octets, at) else { break };
        let body = piece(octets, at.saturating_add(8), size(len));
        match piece(octets, at.saturating_add(4), 4) {
            b"tEXt" | b"zTXt" | b"iTXt" => {
                png_text(body, piece(octets, at.saturating_add(4), 4), fields)
            }
            b"eXIf" => tiff::read(body, fields),
            b"iCCP" => {
                let end = memchr::memchr(0, body).unwrap_or(body.len());
                let run = crate::codec::zlib(from(body, end.saturating_add(2)), PROFILE_MAX);
                color_profile(&run.octets, fields);
            }
            b"IEND" => break,
            _ => {}
        }
        at = at.saturating_add(12).saturating_add(size(len));
    }
}

fn png_text(body: &[u8], kind: &[u8], fields: &mut Fields) {
    let Some(end) = memchr::memchr(0, body) else { return };
    let name = text::decode(piece(body, 0, end));
    let rest = from(body, end + 1);
    let value = match kind {
        b"zTXt" => crate::codec::zlib(from(rest, 1), PROFILE_MAX).octets,
        b"iTXt" => {
            let is_packed = rest.first() == Some(&1);
            let mut inner = from(rest, 2);
            for _ in 0..2 {
                let end = memchr::memchr(0, inner).unwrap_or(inner.len());
                inner = from(inner, end.saturating_add(1));
            }
            if is_packed { crate::codec::zlib(inner, PROFILE_MAX).octets } else { inner.to_vec() }
        }
        _ => rest.to_vec(),
    };
    if name.starts_with("XML:com.adobe.xmp") {
        xmp(&value, fields);
    } else {
        fields.push(&capital(&name).replace(' ', ""), &text::decode(&value));
    }
}

fn webp(octets: &[u8], fields: &mut Fields) {
    let mut at = 12usize;
    for _ in 0..SEGMENTS_MAX {
        let Some(len) = crate::octets::u32_le(octets, at.saturating_add(4)) else { break };
        let body = piece(octets, at.saturating_add(8), size(len));
        match piece(octets, at, 4) {
            b"EXIF" => tiff::read(body.strip_prefix(b"Exif\0\0").unwrap_or(body), fields),
            b"XMP " => xmp(body, fields),
            _ => {}
        }
        at = at.saturating_add(8).saturating_add(size(len)).saturating_add(size(len) % 2);
    }
}

/// Who made the colours: a screenshot of one maker's machine says so.
fn color_profile(profile: &[u8], fields: &mut Fields) {
    for (name, at) in [("ProfileCMMType", 4), ("DeviceManufacturer", 48), ("DeviceModel", 52)] {
        let sign = String::from_utf8_lossy(piece(profile, at, 4)).trim().to_owned();
        let value = match sign.to_uppercase().as_str() {
            "APPL" => "Apple Computer Inc.".to_owned(),
            "MSFT" => "Microsoft Corporation".to_owned(),
            "ADBE" => "Adobe Systems Inc.".to_owned(),
            "GOOG" => "Google".to_owned(),
            "HP" => "Hewlett-Packard".to_owned(),
            "IEC" => "IEC".to_owned(),
            _ => sign,
        };
        fields.push(name, &value);
    }
}

fn xmp_in(octets: &[u8], fields: &mut Fields) {
    let Some(start) = find(octets, b"<x:xmpmeta") else { return };
    let rest = from(octets, start);
    let end = find(rest, b"</x:xmpmeta>").unwrap_or(rest.len());
    xmp(piece(rest, 0, end), fields);
}

/// Attributes and texts of an XMP packet, by their local names.
fn xmp(packet: &[u8], fields: &mut Fields) {
    let plain = text::decode(piece(packet, 0, XMP_MAX));
    let mut open: Vec<String> = Vec::new();
    for token in Tokens::xml(plain.as_bytes()) {
        match token {
            Token::Open(tag) => {
                for (name, value) in tag.attributes() {
                    let name = String::from_utf8_lossy(name);
                    let is_field = !name.starts_with("xmlns")
                        && !name.starts_with("rdf:")
                        && !name.starts_with("xml:");
                    if let Some((_, local)) = name.split_once(':').filter(|_| is_field) {
                        fields.push(&xmp_name(local), &unescape(value));
                    }
                }
                let name = String::from_utf8_lossy(tag.name).into_owned();
                if !name.starts_with("rdf:") && open.len() < NESTING_MAX {
                    open.push(name);
                }
            }
            Token::Text(value) => {
                if let Some(name) = open.last() {
                    let local = name.rsplit(':').next().unwrap_or_default();
                    fields.push(&xmp_name(local), &unescape(value));
                }
            }
            Token::Close(name) if open.last().is_some_and(|its| its.as_bytes() == name) => {
                open.pop();
            }
            _ => {}
        }
    }
}

fn xmp_name(local: &str) -> String {
    match local {
        "xmptk" => "XMPToolkit".to_owned(),
        _ => capital(local),
    }
}

fn portable(octets: &[u8], fields: &mut Fields) {
    let Some(pdf) = pdf::scan(octets, &[]) else { return };
    fields.push("PDFVersion", pdf.version.as_deref().unwrap_or_default());
    fields.push("Linearized", if pdf.is_linearized { "Yes" } else { "No" });
    if pdf.page_count > 0 {
        fields.push("PageCount", &pdf.page_count.to_string());
    }
    for (name, value) in &pdf.info {
        let name = match name.as_str() {
            "CreationDate" => "CreateDate",
            "ModDate" => "ModifyDate",
            other => other,
        };
        let is_date = name.ends_with("Date");
        fields.push(name, &if is_date { pdf_date(value) } else { value.clone() });
    }
    fields.push("Encryption", pdf.encryption.as_deref().unwrap_or_default());
    if let Some(packet) = &pdf.xmp {
        xmp(packet.as_bytes(), fields);
    }
}

/// `D:20240102030405+01'00'` as `2024:01:02 03:04:05+01:00`.
fn pdf_date(value: &str) -> String {
    let digits = value.strip_prefix("D:").unwrap_or(value);
    let get = |from: usize, to: usize| digits.get(from..to).unwrap_or("00");
    let Some(day) = digits.get(..8).filter(|day| day.bytes().all(|octet| octet.is_ascii_digit()))
    else {
        return value.to_owned();
    };
    let (year, rest) = day.split_at(4);
    let (month, day) = rest.split_at(2);
    let zone = digits.get(14..).unwrap_or_default().trim_end_matches('\'').replace('\'', ":");
    format!("{year}:{month}:{day} {}:{}:{}{zone}", get(8, 10), get(10, 12), get(12, 14))
}

/// A date of ExifTool's form, or of XML's, as RFC 3339.
fn iso(text: &str) -> Option<String> {
    let digits = |from: usize, to: usize| {
        text.get(from..to).filter(|part| part.bytes().all(|octet| octet.is_ascii_digit()))
    };
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let time = match (digits(11, 13), digits(14, 16)) {
        (Some(hour), Some(minute)) => format!("{hour}:{minute}:{}", digits(17, 19).unwrap_or("00")),
        _ => "00:00:00".to_owned(),
    };
    let tail = text.get(19..).unwrap_or_default();
    let zone = tail.find(['+', '-']).and_then(|at| tail.get(at..)).filter(|zone| zone.len() == 6);
    Some(format!("{year}-{month}-{day}T{time}{}", zone.unwrap_or("Z")))
}

fn archive(octets: &[u8], fields: &mut Fields) -> Option<ZipEntry> {
    let archive = Archive::read(octets);
    let entry = archive.entries.first()?;
    let (date, time) = (entry.date, entry.time);
    let first = ZipEntry {
        bit_flag: entry.flags,
        compressed_size: entry.packed,
        file_name: entry.name.clone(),
        modify_date: format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2
        ),
        uncompressed_size: entry.size,
    };
    let method = match entry.method {
        0 => "None",
        8 => "Deflated",
        9 => "Enhanced Deflate using Deflate64(tm)",
        12 => "BZIP2",
        14 => "LZMA (EFS)",
        99 => "AES-x encryption",
        _ => "Unknown",
    };
    fields.push("ZipBitFlag", &first.bit_flag.to_string());
    fields.push("ZipCompression", method);
    fields.push(
        "ZipModifyDate",
        &first.modify_date.replacen('-', ":", 2).replace('T', " ").replace('Z', ""),
    );
    fields.push("ZipCRC", &format!("0x{:08x}", entry.crc));
    fields.push("ZipCompressedSize", &first.compressed_size.to_string());
    fields.push("ZipUncompressedSize", &first.uncompressed_size.to_string());
    fields.push("ZipFileName", &first.file_name);
    Some(first)
}

fn shortcut(octets: &[u8], fields: &mut Fields) -> Option<lnk::Lnk> {
    let lnk = lnk::scan(octets)?;
    let push = |fields: &mut Fields, name: &str, value: &Option<String>| {
        fields.push(name, value.as_deref().unwrap_or_default());
    };
    fields.push("TargetFileSize", &lnk.target_file_size.to_string());
    fields.push("RunWindow", lnk.run_window);
    push(fields, "Description", &lnk.description);
    push(fields, "RelativePath", &lnk.relative_path);
    push(fields, "WorkingDirectory", &lnk.working_dir);
    push(fields, "CommandLineArguments", &lnk.command_line_arguments);
    push(fields, "IconFileName", &lnk.icon_location);
    push(fields, "LocalBasePath", &lnk.local_base_path);
    push(fields, "VolumeLabel", &lnk.volume_label);
    push(fields, "DriveSerialNumber", &lnk.drive_serial_number);
    push(fields, "MachineID", &lnk.machine_id);
    fields.push("DriveType", lnk.drive_type.unwrap_or_default());
    Some(lnk)
}

fn page(octets: &[u8], fields: &mut Fields) {
    let page = html::scan(octets);
    fields.push("Title", page.title.as_deref().unwrap_or_default());
    let decoded = text::decode(octets);
    for token in Tokens::html(decoded.as_bytes()) {
        let Token::Open(tag) = token else { continue };
        if tag.is("meta")
            && let Some(name) = tag.attribute("name").or_else(|| tag.attribute("http-equiv"))
        {
            fields.push(&capital(&name), &tag.attribute("content").unwrap_or_default());
        }
    }
    xmp_in(octets, fields);
}

/// The group of a rich text that says who wrote it.
fn rich_text(octets: &[u8], fields: &mut Fields) {
    let Some(at) = find(octets, b"{\\info") else { return };
    let group = String::from_utf8_lossy(piece(octets, at, RTF_INFO_MAX)).into_owned();
    for (word, name) in [
        ("title", "Title"),
        ("author", "Author"),
        ("subject", "Subject"),
        ("operator", "LastModifiedBy"),
        ("company", "Company"),
        ("keywords", "Keywords"),
        ("doccomm", "Comment"),
    ] {
        let value =
            group.split_once(&format!("\\{word} ")).and_then(|(_, rest)| rest.split('}').next());
        fields.push(name, value.unwrap_or_default());
    }
}

fn calendar(octets: &[u8], fields: &mut Fields) {
    let Some(ics) = ics::scan(octets) else { return };
    for calendar in ics.calendars {
        fields.push("VCalendarVersion", calendar.version.as_deref().unwrap_or_default());
        fields.push("Software", calendar.prodid.as_deref().unwrap_or_default());
        fields.push("Method", calendar.method.as_deref().unwrap_or_default());
        for event in calendar.components {
            for (name, value) in [
                ("UID", &event.uid),
                ("Summary", &event.summary),
                ("Description", &event.description),
                ("Location", &event.location),
                ("Status", &event.status),
                ("DateTimeStamp", &event.dtstamp),
                ("DateTimeStart", &event.dtstart),
                ("DateTimeEnd", &event.dtend),
                ("Sequence", &event.sequence),
            ] {
                fields.push(name, value.as_deref().unwrap_or_default());
            }
            for organizer in event.organizers {
                fields.push("Organizer", &format!("mailto:{}", organizer.email));
            }
        }
    }
}

fn capital(name: &str) -> String {
    let mut signs = name.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// Fields of one file, and the signs of a name and a value.
const FIELDS_MAX: usize = 500;
const NAME_MAX: usize = 128;
const VALUE_MAX: usize = 8_192;
/// Segments of a picture.
const SEGMENTS_MAX: usize = 5_000;
/// Octets of a text or profile that is packed.
const PROFILE_MAX: usize = 1024 * 1024;
const XMP_MAX: usize = 1024 * 1024;
const NESTING_MAX: usize = 100;
/// Octets of the group in which a rich text says who wrote it.
const RTF_INFO_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Grey;
    use crate::image::tests::png_of;

    fn get(exif: &Exif, name: &str) -> Option<String> {
        exif.fields.iter().find(|(its, _)| its == name).map(|(_, value)| value.clone())
    }

    #[test]
    fn a_picture_tells_its_size_and_texts() {
        let mut file = png_of(&Grey { width: 3, height: 2, pixels: vec![0; 6] });
        let mut chunk = 22u32.to_be_bytes().to_vec();
        chunk.extend(b"tEXtSoftware\0Screenshotter");
        chunk.extend([0; 4]);
        file.splice(33..33, chunk);
        let exif = scan(&file);
        assert_eq!((exif.image_width, exif.image_height), (Some(3), Some(2)));
        assert_eq!(get(&exif, "Software").as_deref(), Some("Screenshotter"));
    }

    #[test]
    fn a_document_tells_who_and_when() {
        let exif = scan(&crate::office::tests::document());
        assert_eq!(exif.creator.as_deref(), Some("Kim"));
        assert_eq!(exif.create_date.as_deref(), Some("2024-01-02T03:04:05Z"));
        assert_eq!(exif.zip.unwrap().file_name, "[Content_Types].xml");
        assert!(exif.fields.contains(&("TotalEditTime".into(), "0".into())));
    }

    #[test]
    fn dates_table() {
        for (text, expected) in [
            ("2024:01:02 03:04:05+01:00", Some("2024-01-02T03:04:05+01:00")),
            ("2024-01-02T03:04:05.123Z", Some("2024-01-02T03:04:05Z")),
            ("2024:01:02", Some("2024-01-02T00:00:00Z")),
            ("yesterday", None),
            ("äöüß", None),
        ] {
            assert_eq!(iso(text).as_deref(), expected, "{text}");
        }
        assert_eq!(pdf_date("D:20240102030405+01'00'"), "2024:01:02 03:04:05+01:00");
        assert_eq!(pdf_date("soon"), "soon");
    }

    #[test]
    fn xmp_of_either_form() {
        let mut fields = Fields::default();
        xmp(
            b"<x:xmpmeta><rdf:Description xmp:CreatorTool='Tool'><dc:title><rdf:Alt><rdf:li>Name\
            </rdf:li></rdf:Alt></dc:title></rdf:Description></x:xmpmeta>",
            &mut fields,
        );
        assert_eq!(
            fields.0,
            [("CreatorTool".into(), "Tool".into()), ("Title".into(), "Name".into())]
        );
    }

    #[test]
    fn a_shortcut_tells_its_command() {
        let exif = scan(&lnk::tests::shortcut("/c calc"));
        assert_eq!(get(&exif, "CommandLineArguments").as_deref(), Some("/c calc"));
        assert_eq!(get(&exif, "TargetFileSize").as_deref(), Some("0"));
    }
}
