//! What a file is, by its octets alone: its name and what the mail says of it are not asked.
//!
//! Signatures come from `infer`; what it cannot tell (pages, calendars, mail, scripts, which Office
//! a container is of) is looked for here. It promises a kind for any octets; the kind is what a
//! program would most likely make of them, which polyglots exist to exploit.

use crate::archive::zip;
use crate::defect::fenced;
use crate::octets::{find, find_ignoring_case, piece, starts_with_ignoring_case, u16_le};
use crate::ole::Container;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $file_type:literal, $mime:literal;)*) => {
        /// What a file is, by its content.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[expect(missing_docs, reason = "each is named for the extension that it usually has")]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The extension that it usually has: finer than [`Kind::file_type`].
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The value of the schema's `file_type`; `unknown` for what that has no word for.
            #[must_use]
            pub fn file_type(self) -> &'static str {
                match self { $(Self::$name => $file_type,)* }
            }

            /// The MIME type, as libmagic calls it.
            #[must_use]
            pub fn mime(self) -> &'static str {
                match self { $(Self::$name => $mime,)* }
            }
        }
    };
}

kinds! {
    ThreeGp = "3gp", "3gp", "video/3gpp";
    SevenZ = "7z", "7z", "application/x-7z-compressed";
    Z = "Z", "Z", "application/x-compress";
    Aac = "aac", "aac", "audio/x-hx-aac-adts";
    Aiff = "aiff", "aiff", "audio/x-aiff";
    Amr = "amr", "amr", "audio/amr";
    Ar = "ar", "ar", "application/x-archive";
    Avi = "avi", "avi", "video/x-msvideo";
    Bmp = "bmp", "bmp", "image/bmp";
    Bz2 = "bz2", "bz2", "application/x-bzip2";
    Cab = "cab", "cab", "application/vnd.ms-cab-compressed";
    Cr2 = "cr2", "cr2", "image/x-canon-cr2";
    Crx = "crx", "crx", "application/x-chrome-extension";
    Dcm = "dcm", "dcm", "application/dicom";
    Deb = "deb", "deb", "application/vnd.debian.binary-package";
    Dex = "dex", "dex", "application/octet-stream";
    Dey = "dey", "dey", "application/octet-stream";
    Doc = "doc", "doc", "application/msword";
    Docx = "docx", "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    Dwg = "dwg", "dwg", "image/vnd.dwg";
    Elf = "elf", "elf", "application/x-executable";
    Eot = "eot", "eot", "application/vnd.ms-fontobject";
    Epub = "epub", "epub", "application/epub+zip";
    Exe = "exe", "exe", "application/x-dosexec";
    Flac = "flac", "flac", "audio/flac";
    Flv = "flv", "flv", "video/x-flv";
    Gif = "gif", "gif", "image/gif";
    Gz = "gz", "gz", "application/gzip";
    Heif = "heif", "heif", "image/heif";
    Html = "html", "html", "text/html";
    Ico = "ico", "ico", "image/vnd.microsoft.icon";
    Ics = "ics", "ics", "text/calendar";
    Iso = "iso", "iso", "application/x-iso9660-image";
    Jp2 = "jp2", "jp2", "image/jp2";
    Jpg = "jpg", "jpg", "image/jpeg";
    Jxr = "jxr", "jxr", "image/jxr";
    Lz = "lz", "lz", "application/x-lzip";
    M4a = "m4a", "m4a", "audio/x-m4a";
    M4v = "m4v", "m4v", "video/x-m4v";
    Macho = "macho", "macho", "application/x-mach-binary";
    Mid = "mid", "mid", "audio/midi";
    Mkv = "mkv", "mkv", "video/x-matroska";
    Mov = "mov", "mov", "video/quicktime";
    Mp3 = "mp3", "mp3", "audio/mpeg";
    Mp4 = "mp4", "mp4", "video/mp4";
    Mpg = "mpg", "mpg", "video/mpeg";
    Nes = "nes", "nes", "application/x-nes-rom";
    Ogg = "ogg", "ogg", "audio/ogg";
    Otf = "otf", "otf", "font/otf";
    Pdf = "pdf", "pdf", "application/pdf";
    Png = "png", "png", "image/png";
    Ppt = "ppt", "ppt", "application/vnd.ms-powerpoint";
    Pptx = "pptx", "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    Ps = "ps", "ps", "application/postscript";
    Psd = "psd", "psd", "image/vnd.adobe.photoshop";
    Rar = "rar", "rar", "application/x-rar";
    Rpm = "rpm", "rpm", "application/x-rpm";
    Rtf = "rtf", "rtf", "text/rtf";
    Sqlite = "sqlite", "sqlite", "application/vnd.sqlite3";
    Svg = "svg", "svg", "image/svg+xml";
    Swf = "swf", "swf", "application/x-shockwave-flash";
    Tar = "tar", "tar", "application/x-tar";
    Tif = "tif", "tif", "image/tiff";
    Ttf = "ttf", "ttf", "font/sfnt";
    Wasm = "wasm", "wasm", "application/wasm";
    Wav = "wav", "wav", "audio/x-wav";
    Webm = "webm", "webm", "video/webm";
    Webp = "webp", "webp", "image/webp";
    Wmv = "wmv", "wmv", "video/x-ms-asf";
    Woff = "woff", "woff", "application/font-woff";
    Woff2 = "woff2", "woff2", "application/font-woff2";
    Xls = "xls", "xls", "application/vnd.ms-excel";
    Xlsx = "xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Xz = "xz", "xz", "application/x-xz";
    Zip = "zip", "zip", "application/zip";
    Zst = "zst", "zst", "application/zstd";
    Batch = "bat", "unknown", "text/x-msdos-batch";
    Eml = "eml", "unknown", "message/rfc822";
    Javascript = "js", "unknown", "application/javascript";
    Lnk = "lnk", "unknown", "application/x-ms-shortcut";
    Lzma = "lzma", "unknown", "application/x-lzma";
    Mhtml = "mhtml", "unknown", "message/rfc822";
    Msg = "msg", "unknown", "application/vnd.ms-outlook";
    Msi = "msi", "unknown", "application/x-msi";
    Ole = "ole", "unknown", "application/CDFV2";
    OneNote = "one", "unknown", "application/onenote";
    Pem = "pem", "unknown", "text/plain";
    Pgp = "pgp", "unknown", "application/pgp-encrypted";
    Php = "php", "unknown", "text/x-php";
    Powershell = "ps1", "unknown", "text/plain";
    Shell = "sh", "unknown", "text/x-shellscript";
    Text = "txt", "unknown", "text/plain";
    Tnef = "tnef", "unknown", "application/vnd.ms-tnef";
    Vbs = "vbs", "unknown", "text/plain";
    Xml = "xml", "unknown", "text/xml";
    Zlib = "zlib", "unknown", "application/zlib";
    Empty = "empty", "unknown", "inode/x-empty";
    Unknown = "unknown", "unknown", "application/octet-stream";
}

impl Kind {
    /// What the octets are.
    #[must_use]
    pub fn of(octets: &[u8]) -> Self {
        if octets.is_empty() {
            return Self::Empty;
        }
        by_signature(octets)
            .or_else(|| by_library(octets))
            .or_else(|| by_text(octets))
            .or_else(|| is_zlib(octets).then_some(Self::Zlib))
            .unwrap_or(Self::Unknown)
    }

    /// Whether it is an archive, or one file packed.
    #[must_use]
    pub fn is_archive(self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::SevenZ
                | Self::Rar
                | Self::Tar
                | Self::Gz
                | Self::Bz2
                | Self::Xz
                | Self::Zst
                | Self::Cab
                | Self::Iso
                | Self::Z
                | Self::Lz
                | Self::Lzma
                | Self::Zlib
        )
    }

    /// Whether it is read as text: a page, a script, a calendar, mail.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::Batch
                | Self::Eml
                | Self::Html
                | Self::Ics
                | Self::Javascript
                | Self::Mhtml
                | Self::Pem
                | Self::Php
                | Self::Powershell
                | Self::Shell
                | Self::Svg
                | Self::Text
                | Self::Vbs
                | Self::Xml
        )
    }

    /// The kind that has this word, if there is one.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// What the library does not know, or would need to read a whole container for.
fn by_signature(octets: &[u8]) -> Option<Kind> {
    let head = piece(octets, 0, HEAD);
    let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    Some(match () {
        () if is_zip || head.starts_with(b"PK00PK\x03\x04") => zip_kind(octets),
        () if head.starts_with(&OLE) => ole_kind(octets),
        () if starts_with_ignoring_case(head.trim_ascii_start(), b"{\\rt") => Kind::Rtf,
        () if find(piece(octets, 0, PDF_HEADER_WITHIN), b"%PDF-").is_some() => Kind::Pdf,
        () if head.starts_with(&LNK) => Kind::Lnk,
        () if head.starts_with(b"MSCF") => Kind::Cab,
        () if head.starts_with(b"Rar!\x1a\x07") => Kind::Rar,
        () if head.starts_with(b"!<arch>\ndebian") => Kind::Deb,
        () if head.starts_with(b"!<arch>\n") => Kind::Ar,
        () if head.starts_with(&[0x78, 0x9f, 0x3e, 0x22]) => Kind::Tnef,
        () if head.starts_with(&ONE_NOTE) => Kind::OneNote,
        () if head.starts_with(&[0x5d, 0, 0]) && head.get(12) == Some(&0xff) => Kind::Lzma,
        () if head.starts_with(b"BM") && bmp_header(head) => Kind::Bmp,
        () if piece(octets, ISO_AT, 5) == b"CD001" => Kind::Iso,
        () if piece(octets, 257, 5) == b"ustar" => Kind::Tar,
        () => return None,
    })
}

fn by_library(octets: &[u8]) -> Option<Kind> {
    // `BM` and other signs of two letters begin plain words too: text is asked first.
    let found = fenced(|| infer::get(octets)).flatten()?;
    let kind = match found.extension() {
        "mach" => Kind::Macho,
        "jxl" | "avif" | "heic" => Kind::Heif,
        "html" | "xml" | "sh" => return None,
        "bmp" => return None,
        "dll" | "com" | "sys" => Kind::Exe,
        "so" => Kind::Elf,
        other => Kind::named(other)?,
    };
    let is_weak = matches!(kind, Kind::Exe | Kind::Mp3 | Kind::Ps | Kind::Pgp);
    (!is_weak || piece(octets, 0, HEAD).contains(&0) || kind == Kind::Ps).then_some(kind)
}

/// Which of the formats within a zip it is, by the names of its entries.
fn zip_kind(octets: &[u8]) -> Kind {
    let names = zip::names(octets, KIND_NAMES_MAX);
    let has = |start: &str| {
        names.iter().any(|name| starts_with_ignoring_case(name.as_bytes(), start.as_bytes()))
    };
    match () {
        () if has("word/") => Kind::Docx,
        () if has("xl/") => Kind::Xlsx,
        () if has("ppt/") => Kind::Pptx,
        () if has("META-INF/container.xml") => Kind::Epub,
        () => Kind::Zip,
    }
}

/// Which program's container it is, by the names of its streams.
fn ole_kind(octets: &[u8]) -> Kind {
    let Some(container) = Container::open(octets) else { return Kind::Ole };
    let has = |name: &str| container.find(name).is_some();
    match () {
        () if has("WordDocument") => Kind::Doc,
        () if has("Workbook") || has("Book") => Kind::Xls,
        () if has("PowerPoint Document") => Kind::Ppt,
        () if has("__properties_version1.0") => Kind::Msg,
        () if has("EncryptedPackage") => Kind::Ole,
        () if has("\u{4840}\u{3f7f}\u{4164}\u{422f}\u{4836}") => Kind::Msi,
        () => Kind::Ole,
    }
}

fn by_text(octets: &[u8]) -> Option<Kind> {
    let head = piece(octets, 0, TEXT_HEAD);
    let wide;
    let text = if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        wide = crate::text::decode(head);
        wide.as_bytes()
    } else {
        head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head)
    };
    let start = text.trim_ascii_start();
    let markup = by_markup(start);
    if markup.is_some() {
        return markup;
    }
    if starts_with_ignoring_case(start, b"begin:vcalendar") {
        return Some(Kind::Ics);
    }
    if !looks_like_text(text) {
        return None;
    }
    Some(by_script(start).or_else(|| by_mail(start)).unwrap_or(Kind::Text))
}

fn by_markup(start: &[u8]) -> Option<Kind> {
    if !start.starts_with(b"<") {
        return later_markup(start);
    }
    let head = piece(start, 0, HEAD);
    let has = |needle: &[u8]| find_ignoring_case(head, needle).is_some();
    if starts_with_ignoring_case(start, b"<?php") {
        return Some(Kind::Php);
    }
    if has(b"<html") || has(b"<!doctype html") {
        return Some(Kind::Html);
    }
    if has(b"<svg") || has(b"<!doctype svg") {
        return Some(Kind::Svg);
    }
    if starts_with_ignoring_case(start, b"<?xml") {
        return Some(Kind::Xml);
    }
    let is_page = HTML_TAGS.iter().any(|tag| has(tag));
    if is_page {
        return Some(Kind::Html);
    }
    let is_markup = start.get(1).is_some_and(|next| next.is_ascii_alphabetic() || *next == b'!');
    (is_markup && looks_like_text(head) && find(start, b"</").is_some()).then_some(Kind::Xml)
}

/// A page that begins with words: browsers render it all the same when its name says so.
fn later_markup(start: &[u8]) -> Option<Kind> {
    let has = |needle: &[u8]| find_ignoring_case(start, needle).is_some();
    let is_page = looks_like_text(start)
        && !looks_like_header(start)
        && ((has(b"<html") && has(b"<body")) || (has(b"<script") && has(b"</script")));
    is_page.then_some(Kind::Html)
}

fn by_script(start: &[u8]) -> Option<Kind> {
    let has = |needle: &[u8]| find_ignoring_case(start, needle).is_some();
    let count = |words: &[&[u8]]| words.iter().filter(|word| has(word)).count();
    if start.starts_with(b"#!") {
        return Some(Kind::Shell);
    }
    if starts_with_ignoring_case(start, b"-----begin pgp") {
        return Some(Kind::Pgp);
    }
    if starts_with_ignoring_case(start, b"-----begin ") {
        return Some(Kind::Pem);
    }
    if looks_like_header(start) {
        return None;
    }
    if starts_with_ignoring_case(start, b"@echo") || count(BATCH_WORDS) >= 2 {
        return Some(Kind::Batch);
    }
    if count(POWERSHELL_WORDS) >= 2 {
        return Some(Kind::Powershell);
    }
    if count(VBS_WORDS) >= 2 {
        return Some(Kind::Vbs);
    }
    (count(JAVASCRIPT_WORDS) >= 2).then_some(Kind::Javascript)
}

fn by_mail(start: &[u8]) -> Option<Kind> {
    if !looks_like_header(start) {
        return None;
    }
    let end = find(start, b"\r\n\r\n").or_else(|| find(start, b"\n\n")).unwrap_or(start.len());
    let header = piece(start, 0, end);
    let fields = header.split(|octet| *octet == b'\n');
    let known = fields
        .filter(|line| MAIL_FIELDS.iter().any(|field| starts_with_ignoring_case(line, field)))
        .count();
    if find_ignoring_case(header, b"multipart/related").is_some()
        && find_ignoring_case(header, b"received:").is_none()
        && find_ignoring_case(header, b"\nto:").is_none()
    {
        return Some(Kind::Mhtml);
    }
    (known >= 2).then_some(Kind::Eml)
}

/// Whether the first line is a header field.
fn looks_like_header(start: &[u8]) -> bool {
    let line = start.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let Some(colon) = memchr::memchr(b':', line) else { return false };
    let name = piece(line, 0, colon);
    !name.is_empty() && name.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
}

/// Text has no control signs but those of lines; a few high octets may be of any charset.
pub(crate) fn looks_like_text(octets: &[u8]) -> bool {
    let is_control = |octet: &&u8| **octet < 0x20 && !matches!(**octet, 9..=13 | 0x1b);
    let is_whole =
        std::str::from_utf8(octets).map_or_else(|error| error.error_len().is_none(), |_| true);
    let controls = octets.iter().filter(is_control).count();
    let high = octets.iter().filter(|octet| **octet >= 0x80).count();
    controls == 0 && (is_whole || high.saturating_mul(3) < octets.len())
}

fn is_zlib(octets: &[u8]) -> bool {
    let head = octets.first().copied().zip(octets.get(1).copied());
    let Some((method, flags)) = head else { return false };
    let sum = u16::from(method) << 8 | u16::from(flags);
    method == 0x78 && sum.is_multiple_of(31) && {
        !crate::codec::zlib(octets, 64).octets.is_empty()
    }
}

/// The two letters alone begin words; the header's own length is always one of a few.
fn bmp_header(head: &[u8]) -> bool {
    matches!(u16_le(head, 14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// Where signatures stand.
const HEAD: usize = 1024;
/// How much is looked at to tell one text from another.
const TEXT_HEAD: usize = 16 * 1024;
/// Readers accept a PDF whose header comes late.
const PDF_HEADER_WITHIN: usize = 1024;
/// Entries whose names tell the format.
const KIND_NAMES_MAX: usize = 200;
const ISO_AT: usize = 0x8001;
pub(crate) const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const LNK: [u8; 8] = [0x4c, 0, 0, 0, 0x01, 0x14, 0x02, 0];
const ONE_NOTE: [u8; 8] = [0xe4, 0x52, 0x5c, 0x7b, 0x8c, 0xd8, 0xa7, 0x4d];
const HTML_TAGS: &[&[u8]] = &[
    b"<head", b"<body", b"<script", b"<meta", b"<iframe", b"<table", b"<div", b"<a ", b"<p>",
    b"<img", b"<title", b"<style", b"<form", b"<br", b"<span", b"<h1", b"<center",
];
const BATCH_WORDS: &[&[u8]] = &[b"\nset ", b"%~dp0", b"\ngoto ", b"cmd /c", b"start /", b"%temp%"];
const POWERSHELL_WORDS: &[&[u8]] = &[
    b"invoke-",
    b"new-object ",
    b"$env:",
    b"-executionpolicy",
    b"[system.",
    b"param(",
    b"frombase64string",
    b"iex ",
    b"write-host",
    b"get-item",
];
const VBS_WORDS: &[&[u8]] = &[
    b"createobject(",
    b"wscript.",
    b"\ndim ",
    b"end sub",
    b"end function",
    b"on error resume next",
    b"\nset ",
    b"chr(",
    b"execute(",
    b"attribute vb_name",
];
const JAVASCRIPT_WORDS: &[&[u8]] = &[
    b"function(",
    b"function ",
    b"var ",
    b"let ",
    b"const ",
    b"document.",
    b"window.",
    b"=>",
    b"eval(",
    b"new activexobject",
    b"unescape(",
    b"atob(",
    b"return ",
    b"=\"",
    b"='",
    b"();",
];
const MAIL_FIELDS: &[&[u8]] = &[
    b"from:",
    b"to:",
    b"subject:",
    b"date:",
    b"received:",
    b"message-id:",
    b"mime-version:",
    b"return-path:",
    b"delivered-to:",
    b"content-type:",
    b"x-mailer:",
    b"reply-to:",
    b"cc:",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_table() {
        let rows: &[(&str, &[u8], Kind)] = &[
            ("nothing", b"", Kind::Empty),
            ("words", b"Dear customer, please pay.", Kind::Text),
            ("BM begins a word", b"BMW of the month", Kind::Text),
            ("MZ begins a word", b"MZ is a code for Mozambique", Kind::Text),
            ("pdf behind a line", b"\n\n%PDF-1.4\n", Kind::Pdf),
            ("page", b"<!DOCTYPE html><html><body>x", Kind::Html),
            ("page of a script alone", b"<script>location='x'</script>", Kind::Html),
            ("page behind words", b"Loading...<html><body><a href=x>", Kind::Html),
            ("picture as markup", b"<?xml version='1.0'?><svg xmlns='x'/>", Kind::Svg),
            ("data", b"<?xml version='1.0'?><a><b/></a>", Kind::Xml),
            ("data without a head", b"<note><to>x</to></note>", Kind::Xml),
            ("calendar", b"BEGIN:VCALENDAR\r\nVERSION:2.0", Kind::Ics),
            ("mail", b"From: a@corp.example\r\nSubject: x\r\n\r\nhello", Kind::Eml),
            (
                "page archive",
                b"MIME-Version: 1.0\nContent-Type: multipart/related; b\n\n",
                Kind::Mhtml,
            ),
            ("rich text", b"{\\rtf1 x}", Kind::Rtf),
            ("rich text with a broken version", b"{\\rt0 x}", Kind::Rtf),
            ("script", b"var a = 'x'; document.write(a);", Kind::Javascript),
            ("basic", b"Dim a\nSet a = CreateObject(\"WScript.Shell\")", Kind::Vbs),
            ("batch", b"@echo off\nstart x", Kind::Batch),
            ("shell", b"#!/bin/sh\n", Kind::Shell),
            ("shortcut", &[0x4c, 0, 0, 0, 1, 0x14, 2, 0, 0], Kind::Lnk),
            ("cabinet", b"MSCF\0\0\0\0", Kind::Cab),
            ("noise", &[0, 1, 2, 3, 0xff, 0xfe, 9], Kind::Unknown),
        ];
        for (rule, octets, kind) in rows {
            assert_eq!(Kind::of(octets), *kind, "{rule}");
        }
    }

    #[test]
    fn a_page_in_utf_16_is_a_page() {
        let wide: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Kind::of(&wide), Kind::Html);
    }

    #[test]
    fn zlib_is_told_by_what_comes_out() {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(b"hello hello hello", 6);
        assert_eq!(Kind::of(&packed), Kind::Zlib);
    }

    #[test]
    fn names_are_unique() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.as_str()), Some(*kind));
        }
    }
}
