//! Writes a draft down as MIME: 7-bit, CRLF, lines short enough for any relay.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::draft::{Attachment, Draft, Party};

/// What makes one message this one and no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seal<'a> {
    pub(crate) message_id: &'a str,
    pub(crate) boundary: u64,
    pub(crate) at: Timestamp,
}

/// The fields that the sender writes.
pub(crate) fn sender_fields(draft: &Draft, seal: &Seal<'_>) -> String {
    let to = match &draft.list {
        Some(list) => vec![list.clone()],
        None => draft.to.clone(),
    };
    let mut out = format!("From: {}\r\nTo: {}\r\n", party(&draft.from), parties(&to));
    if !draft.cc.is_empty() {
        out.push_str(&format!("CC: {}\r\n", parties(&draft.cc)));
    }
    if let Some(reply_to) = &draft.reply_to {
        out.push_str(&format!("Reply-To: {}\r\n", party(reply_to)));
    }
    out.push_str(&format!(
        "Subject: {}\r\nMessage-ID: {}\r\nDate: {}\r\n",
        words(&draft.subject),
        seal.message_id,
        date(seal.at)
    ));
    for (name, value) in &draft.fields {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out
}

/// The content fields, an empty line, and the body.
pub(crate) fn body(draft: &Draft, seal: &Seal<'_>) -> (String, String) {
    let content = content(draft, seal.boundary);
    if draft.attachments.is_empty() {
        return content;
    }
    let boundary = format!("=_mixed_{:016x}", seal.boundary);
    let (fields, body) = content;
    let mut out = format!("--{boundary}\r\n{fields}\r\n{body}");
    for attachment in &draft.attachments {
        out.push_str(&format!("\r\n--{boundary}\r\n{}", file(attachment)));
    }
    out.push_str(&format!("\r\n--{boundary}--\r\n"));
    (format!("Content-Type: multipart/mixed;\r\n\tboundary=\"{boundary}\"\r\n"), out)
}

/// The readable part: plain text, or plain text and HTML to choose from.
fn content(draft: &Draft, number: u64) -> (String, String) {
    let text = leaf("plain", &draft.text);
    let Some(html) = &draft.html else { return text };
    let html = leaf("html", html);
    let boundary = format!("=_alt_{number:016x}");
    let part = |(fields, body): (String, String)| format!("--{boundary}\r\n{fields}\r\n{body}\r\n");
    let out = format!("{}{}--{boundary}--\r\n", part(text), part(html));
    (format!("Content-Type: multipart/alternative;\r\n\tboundary=\"{boundary}\"\r\n"), out)
}

fn leaf(subtype: &str, text: &str) -> (String, String) {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let is_plain = text.is_ascii() && text.split("\r\n").all(|line| line.len() <= LINE_MAX);
    let (encoding, body) = match is_plain {
        true => ("7bit", text),
        false => ("quoted-printable", quoted_printable(&text)),
    };
    let fields = format!(
        "Content-Type: text/{subtype}; charset=\"utf-8\"\r\nContent-Transfer-Encoding: {encoding}\r\n"
    );
    (fields, body)
}

fn file(attachment: &Attachment) -> String {
    let Attachment { name, kind, content } = attachment;
    format!(
        "Content-Type: {kind}; name=\"{name}\"\r\nContent-Disposition: attachment;\r\n\
         \tfilename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(content)
    )
}

pub(crate) fn base64_lines(octets: &[u8]) -> String {
    let lines = octets.chunks(57).map(|chunk| STANDARD.encode(chunk) + "\r\n");
    lines.collect()
}

// spec: rfc2045#6.7
pub(crate) fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for (at, line) in text.split("\r\n").enumerate() {
        if at > 0 {
            out.push_str("\r\n");
        }
        let mut width = 0;
        let octets = line.as_bytes();
        for (place, octet) in octets.iter().enumerate() {
            let at_end = place + 1 == octets.len();
            let literal =
                matches!(octet, 33..=60 | 62..=126) || (matches!(octet, b' ' | b'\t') && !at_end);
            let size = if literal { 1 } else { 3 };
            if width + size > QUOTED_LINE_MAX {
                out.push_str("=\r\n");
                width = 0;
            }
            match literal {
                true => out.push(char::from(*octet)),
                false => out.push_str(&format!("={octet:02X}")),
            }
            width += size;
        }
    }
    out
}

fn parties(list: &[Party]) -> String {
    list.iter().map(party).collect::<Vec<_>>().join(",\r\n ")
}

fn party(party: &Party) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == ' ';
    match party.name.as_str() {
        "" => format!("<{}>", party.address),
        name if name.chars().all(plain) => format!("{name} <{}>", party.address),
        name if name.is_ascii() => format!("\"{}\" <{}>", name.replace('"', ""), party.address),
        name => format!("{} <{}>", words(name), party.address),
    }
}

/// A text as encoded words when it needs them, each on a line of its own.
// spec: rfc2047#2
fn words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut chunk = String::new();
    for letter in text.chars() {
        if chunk.len() + letter.len_utf8() > WORD_MAX {
            words.push(std::mem::take(&mut chunk));
        }
        chunk.push(letter);
    }
    words.push(chunk);
    let coded = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
    coded.collect::<Vec<_>>().join("\r\n ")
}

pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

const LINE_MAX: usize = 900;
const QUOTED_LINE_MAX: usize = 75;
const WORD_MAX: usize = 42;
