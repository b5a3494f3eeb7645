//! The parts of a message: which are its text, which are attached, and which links they hold.
//!
//! A part that a mail program might show counts as body even where the standard would skip it:
//! what one program drops another displays, and senders know that.

use std::sync::Arc;

use mail_parser::{
    DecodeProblems, Message as Parsed, MessagePart, MessageRef, PartFlags, PartKind, PartRole,
};

use crate::message::attachment::{self, Attachment};
use crate::message::defect::{Cap, Defect, Defects};
use crate::message::dom::Dom;
use crate::message::html;
use crate::message::link::{self, Link, LinkSource};
use crate::message::{Message, TextForm};

/// Fills in text, links and attachments, and the defects of the MIME structure.
pub(crate) fn read(parsed: &Parsed<'_>, message: &mut Message, defects: &mut Defects) {
    for part in parsed.parts() {
        let depth = depth_of(part.message());
        note_flags(part.flags(), defects);
        match part.kind() {
            PartKind::Multipart => {}
            PartKind::Text | PartKind::Html if is_body(part) => {
                read_body(part, depth, message, defects);
            }
            _ => attach(part, depth, message, defects),
        }
    }
}

/// Takes octets without any header section for text.
pub(crate) fn read_headless(raw: &[u8], message: &mut Message, defects: &mut Defects) {
    defects.add(Defect::NoHeader);
    let raw = raw.get(..TEXT_OCTETS_MAX).unwrap_or(raw);
    message.text = String::from_utf8_lossy(raw).into_owned();
    if raw.contains(&0) {
        defects.add(Defect::NulOctet);
    }
    let links = link::in_text(&message.text, html::LINKS_MAX + 1);
    add_links(links, LinkSource::Text, 0, message, defects);
}

fn depth_of(message: MessageRef<'_>) -> u8 {
    let containers = std::iter::successors(message.container(), |part| part.message().container());
    u8::try_from(containers.count()).unwrap_or(u8::MAX)
}

fn note_flags(flags: PartFlags, defects: &mut Defects) {
    let table = [
        (PartFlags::MISSING_DELIMITER, Defect::MissingDelimiter),
        (PartFlags::FALLBACK_DELIMITER, Defect::FallbackDelimiter),
        (PartFlags::NO_BLANK_LINE, Defect::NoBlankLine),
        (PartFlags::UNTERMINATED, Defect::Unterminated),
        (PartFlags::NESTING_LIMIT, Defect::NestingLimit),
        (PartFlags::LIMIT_REACHED, Defect::Limit(Cap::Parts)),
    ];
    for (flag, defect) in table {
        if flags.contains(flag) {
            defects.add(defect);
        }
    }
}

/// Whether a text part is read as the message's text: offered files and texts of another kind
/// (calendars, tables) are attachments.
fn is_body(part: MessagePart<'_>) -> bool {
    let declared = attachment::declared_type(part);
    let plain = declared.is_empty() || declared == "text/plain" || declared == "text/html";
    // mail-parser keeps the octets of a message that it could not read as text.
    let shown = plain || !declared.starts_with("text/");
    let is_message = declared.starts_with("message/");
    part.role() != PartRole::Attachment && shown && !is_message
}

fn read_body(part: MessagePart<'_>, depth: u8, message: &mut Message, defects: &mut Defects) {
    let is_html = matches!(part.kind(), PartKind::Html);
    let (cap, max) =
        if is_html { (Cap::Html, HTML_OCTETS_MAX) } else { (Cap::Text, TEXT_OCTETS_MAX) };
    let used = if is_html { message.html.len() } else { message.text.len() };
    let text = if part.raw_body().len() <= max {
        let (text, problems) = part.text_checked().unwrap_or_default();
        note_problems(problems, defects);
        as_it_stands(part, &text).map_or(text, |text| {
            defects.add(Defect::BadEncoding);
            text.into()
        })
    } else {
        part.text_prefix_bytes(max).unwrap_or_default()
    };
    if part.raw_body().len() > max && text.len() + 4 > max || used + text.len() > max {
        defects.add(Defect::Limit(cap));
    }
    if text.contains('\0') {
        defects.add(Defect::NulOctet);
    }
    if depth == 0 && used == 0 {
        let form = TextForm {
            charset: part
                .content_type()
                .and_then(|declared| declared.attribute("charset"))
                .map(|charset| charset.trim().to_ascii_lowercase())
                .unwrap_or_default(),
            encoding: attachment::encoding(part),
        };
        if is_html {
            message.html_form = form;
        } else {
            message.text_form = form;
        }
    }
    // Text of nested messages is theirs; only its links are gathered.
    let keep = depth == 0 && used + text.len() <= max;
    if is_html {
        let dom = Dom::parse(&text);
        let found = html::walk_tree(&dom, &text);
        if found.cut {
            defects.add(Defect::Limit(Cap::Links));
        }
        if keep {
            message.html_tree = (used == 0).then(|| Arc::new(dom));
            append(&mut message.html, &text);
            append(&mut message.html_text, &found.text);
        }
        add_links(found.links, LinkSource::Html, depth, message, defects);
    } else {
        if keep {
            append(&mut message.text, &text);
        }
        let links = link::in_text(&text, html::LINKS_MAX + 1);
        add_links(links, LinkSource::Text, depth, message, defects);
    }
}

/// A text as its octets stand, where the character set that it declares makes nothing of them: some
/// programs show it so, and a word that no program knows must not blank a message.
fn as_it_stands(part: MessagePart<'_>, text: &str) -> Option<String> {
    let (lost, all) = (text.matches('\u{fffd}').count(), text.chars().count());
    if lost.saturating_mul(LOST_PART) <= all && !text.trim().is_empty() {
        return None;
    }
    let (content, _) = part.decoded_checked();
    let standing = String::from_utf8_lossy(&content);
    let better = standing.matches('\u{fffd}').count().saturating_mul(LOST_PART) < standing.len();
    (better && !standing.trim().is_empty()).then(|| standing.into_owned())
}

fn note_problems(problems: DecodeProblems, defects: &mut Defects) {
    if !problems.is_empty() {
        defects.add(Defect::BadEncoding);
    }
}

fn append(target: &mut String, text: &str) {
    if !target.is_empty() && !target.ends_with('\n') {
        target.push('\n');
    }
    target.push_str(text);
}

fn attach(part: MessagePart<'_>, depth: u8, message: &mut Message, defects: &mut Defects) {
    if message.attachments.len() >= ATTACHMENTS_MAX {
        defects.add(Defect::Limit(Cap::Attachments));
        return;
    }
    let (content, problems) = part.decoded_checked();
    note_problems(problems, defects);
    let attached = Attachment::read(part, &content, depth);
    let is_message = matches!(part.kind(), PartKind::Message(_));
    // None of its delimiters was found: some programs show such parts as text.
    let undivided = attached.declared_type.starts_with("multipart/");
    if undivided {
        defects.add(Defect::MissingDelimiter);
    }
    let readable = undivided || attached.is_html || attached.declared_type.starts_with("text/");
    // The parts of a nested message are read as parts, not as one text.
    if readable && !is_message {
        if content.len() > HTML_OCTETS_MAX {
            defects.add(Defect::Limit(Cap::Html));
        }
        let text = match part.text_prefix_bytes(HTML_OCTETS_MAX) {
            Some(text) => text,
            None => String::from_utf8_lossy(content.get(..HTML_OCTETS_MAX).unwrap_or(&content)),
        };
        let links = if attached.is_html {
            html::walk(&text).links
        } else {
            link::in_text(&text, html::LINKS_MAX + 1)
        };
        add_links(links, LinkSource::Attachment, depth, message, defects);
        if undivided && depth == 0 && message.text.len() + text.len() <= TEXT_OCTETS_MAX {
            append(&mut message.text, &text);
        }
    }
    message.attachments.push(attached);
}

fn add_links(
    links: Vec<Link>,
    source: LinkSource,
    depth: u8,
    message: &mut Message,
    defects: &mut Defects,
) {
    let room = html::LINKS_MAX.saturating_sub(message.links.len());
    if links.len() > room {
        defects.add(Defect::Limit(Cap::Links));
    }
    let keep_text_source = |found: LinkSource| match source {
        LinkSource::Html => found,
        other => other,
    };
    let links = links.into_iter().take(room);
    message.links.extend(links.map(|link| Link {
        source: keep_text_source(link.source),
        depth,
        ..link
    }));
}

const ATTACHMENTS_MAX: usize = 1_000;
const HTML_OCTETS_MAX: usize = 4 * 1024 * 1024;
/// Where more than one character in so many is lost, a text was not read.
const LOST_PART: usize = 4;
const TEXT_OCTETS_MAX: usize = 2 * 1024 * 1024;
