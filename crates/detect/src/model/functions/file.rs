//! What takes files apart.

use std::sync::Arc;

use clawback_mail::message::Message;
use clawback_mql::{Arguments, Host, List, Value};
use clawback_unpack::Kind;

use crate::model::attachment::{Around, File, Opened};
use crate::model::exploded::{self, Exploded};
use crate::model::lazy::{Lazy, known, made_of};
use crate::model::message::MessageFields;
use crate::model::page::{BodyHtml, Page};
use crate::model::scan;
use crate::model::source::Source;
use crate::model::types::files::{EXPANDED, PARSE_TEXT_RESULT, QR_FOUND};
use crate::model::url::base64;

/// What a function was given: an attachment, or a file inside one.
struct Given<'a> {
    name: &'a str,
    declared: &'a str,
    octets: Arc<[u8]>,
    around: &'a Around,
    opened: &'a Opened,
}

fn given(value: &Value) -> Option<Given<'_>> {
    if let Some(file) = made_of::<File>(value) {
        let (name, declared) = (&*file.name, &*file.declared);
        let (octets, around, opened) = (file.octets(), &file.around, &file.opened);
        return Some(Given { name, declared, octets, around, opened });
    }
    let inner = made_of::<Exploded>(value)?;
    let node = inner.node()?;
    let (octets, around, opened) = (inner.octets(), &inner.around, &inner.opened);
    Some(Given { name: &node.name, declared: node.mime, octets, around, opened })
}

/// `file.explode(file)`: the file itself and all files inside, once for each file.
pub(super) fn explode(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    let take_apart = || exploded::nodes(given.name, given.declared, &given.octets, given.around);
    given.opened.exploded.get_or_init(take_apart).clone()
}

/// `file.oletools(file)`.
pub(super) fn oletools(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    given.opened.ole.get_or_init(|| scan::oletools(&given.octets)).clone()
}

/// `file.expand_archives(files)`: the files, and those inside of what is an archive. Of one file a
/// record that has them as `files`.
pub(super) fn expand_archives(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    match arguments.get(0) {
        Value::List(files) => expanded(files),
        one @ Value::Record(_) => {
            known(&EXPANDED, [("files", expanded(std::slice::from_ref(one)))])
        }
        _ => Value::Null,
    }
}

fn expanded(files: &[Value]) -> Value {
    let mut all = Vec::new();
    for value in files {
        all.push(value.clone());
        let Some(given) = given(value) else { continue };
        all.extend(given.opened.inner.get_or_init(|| inner(&given)).iter().cloned());
    }
    Value::list(all.into_iter().take(FILES_MAX))
}

/// The files inside of what is an archive.
fn inner(given: &Given<'_>) -> List {
    if !Kind::of(&given.octets).is_archive() {
        return List::from([]);
    }
    exploded::inner_files(given.name, given.declared, &given.octets, given.around).into()
}

/// `beta.file.parse_ics(file)`.
pub(super) fn parse_ics(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    given.opened.events.get_or_init(|| scan::events(&given.octets)).clone()
}

/// `beta.parse_exif(file)`.
pub(super) fn parse_exif(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    given.opened.exif.get_or_init(|| scan::exif_fields(&given.octets)).clone()
}

/// `beta.scan_qr(file)`.
pub(super) fn scan_qr(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    let scan = || {
        let codes = scan::codes(&given.octets, Kind::of(&given.octets));
        let found = Value::Bool(!codes.is_empty());
        known(&QR_FOUND, [("found", found), ("items", Value::list(codes))])
    };
    given.opened.codes.get_or_init(scan).clone()
}

/// `file.parse_eml(file)`: the message in a file, judged by what is known about the one around it;
/// null for what is none, and for messages too deep in others.
pub(super) fn parse_eml(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    given.opened.message.get_or_init(|| message_in(&given)).clone()
}

fn message_in(given: &Given<'_>) -> Value {
    if given.around.nesting >= NESTING_MAX {
        return Value::Null;
    }
    let octets = Arc::clone(&given.octets);
    let message = Message::parse(&octets);
    // Text without a header section is no message.
    if message.headers.is_empty() {
        return Value::Null;
    }
    let context = Arc::clone(&given.around.context);
    let source = Source::new(Arc::new(message), octets, context, given.around.nesting + 1);
    Lazy::value(MessageFields(source))
}

/// `file.parse_html(file)`.
pub(super) fn parse_html(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    given.opened.page.get_or_init(|| BodyHtml::of(Page::new(&decode(&given.octets)))).clone()
}

/// `file.parse_text(file, encodings=…)`: null where none of the encodings fits.
pub(super) fn parse_text(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(given) = given(arguments.get(0)) else { return Value::Null };
    let octets = &given.octets;
    let result = |text: String| known(&PARSE_TEXT_RESULT, [("text", Value::text(text))]);
    match arguments.get(1).as_list() {
        None => given.opened.text.get_or_init(|| result(decode(octets))).clone(),
        Some(names) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find_map(|name| decode_as(octets, name)).map_or(Value::Null, result)
        }
    }
}

/// `beta.scan_base64(text or file, …)`: every stretch that is base64 of readable text, decoded.
pub(super) fn scan_base64(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let input = arguments.get(0);
    let text = match (input.as_str(), given(input)) {
        (Some(text), _) => text.to_owned(),
        (None, Some(given)) => decode(&given.octets),
        (None, None) => return Value::Null,
    };
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let readable = |text: &String| !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    let runs = text.split(|c| !belongs(c));
    // A slash may as well part two stretches.
    let parts = runs.flat_map(|run| {
        std::iter::once(run).chain(run.split('/').filter(move |part| part.len() < run.len()))
    });
    let decoded = parts
        .filter(|part| part.len() >= BASE64_OCTETS_MIN)
        .filter_map(|part| String::from_utf8(base64(part)?).ok())
        .filter(readable);
    Value::texts(decoded.take(BASE64_FOUND_MAX))
}

/// Text in whatever encoding it announces, else UTF-8 with what is none replaced.
fn decode(octets: &[u8]) -> String {
    let octets = octets.get(..TEXT_OCTETS_MAX).unwrap_or(octets);
    match octets {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(octets).into_owned(),
    }
}

fn utf16(octets: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = octets.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(read);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn decode_as(octets: &[u8], name: &str) -> Option<String> {
    let octets = octets.get(..TEXT_OCTETS_MAX).unwrap_or(octets);
    match name.to_ascii_lowercase().as_str() {
        "ascii" => octets.is_ascii().then(|| String::from_utf8_lossy(octets).into_owned()),
        "utf8" | "utf-8" => std::str::from_utf8(octets).ok().map(str::to_owned),
        "utf16" | "utf-16" if matches!(octets, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => {
            Some(decode(octets))
        }
        "utf16le" | "utf-16le" | "utf-16-le" => Some(utf16(octets, u16::from_le_bytes)),
        "utf16be" | "utf-16be" | "utf-16-be" => Some(utf16(octets, u16::from_be_bytes)),
        "latin1" | "iso-8859-1" => Some(octets.iter().copied().map(char::from).collect()),
        _ => None,
    }
}

const BASE64_FOUND_MAX: usize = 200;
/// Shorter ones are words.
const BASE64_OCTETS_MIN: usize = 8;
const FILES_MAX: usize = 1_000;
const NESTING_MAX: usize = 4;
const TEXT_OCTETS_MAX: usize = 4 * 1024 * 1024;
