//! What takes files apart.

use std::sync::Arc;

use clawback_mail::message::Message;
use clawback_mql::{Arguments, Host, Value};

use crate::model::attachment::File;
use crate::model::lazy::{Lazy, known, made_of};
use crate::model::message::MessageFields;
use crate::model::page::{BodyHtml, Page};
use crate::model::source::Source;
use crate::model::types::files::PARSE_TEXT_RESULT;

pub(super) fn explode(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn oletools(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn expand_archives(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_ics(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_exif(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn scan_qr(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}

/// `file.parse_eml(file)`: the message in a file, judged by what is known about the one around it;
/// null for what is none, and for messages too deep in others.
pub(super) fn parse_eml(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(file) = made_of::<File>(arguments.get(0)) else { return Value::Null };
    if file.around.nesting >= NESTING_MAX {
        return Value::Null;
    }
    let octets = file.octets();
    let message = Message::parse(&octets);
    // Text without a header section is no message.
    if message.headers.is_empty() {
        return Value::Null;
    }
    let context = Arc::clone(&file.around.context);
    let source = Source::new(Arc::new(message), octets, context, file.around.nesting + 1);
    Lazy::value(MessageFields(source))
}

/// `file.parse_html(file)`.
pub(super) fn parse_html(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(file) = made_of::<File>(arguments.get(0)) else { return Value::Null };
    BodyHtml::of(Page::new(&decode(&file.octets())))
}

/// `file.parse_text(file, encodings=…)`: null where none of the encodings fits.
pub(super) fn parse_text(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let Some(file) = made_of::<File>(arguments.get(0)) else { return Value::Null };
    let octets = file.octets();
    let text = match arguments.get(1).as_list() {
        None => Some(decode(&octets)),
        Some(names) => {
            names.iter().filter_map(Value::as_str).find_map(|name| decode_as(&octets, name))
        }
    };
    text.map_or(Value::Null, |text| known(&PARSE_TEXT_RESULT, [("text", Value::text(text))]))
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

const NESTING_MAX: usize = 4;
const TEXT_OCTETS_MAX: usize = 4 * 1024 * 1024;
