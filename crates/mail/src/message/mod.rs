//! A mail message as a value: fields, text, links, attachments, and what is wrong with its form.
//!
//! [`Message::parse`] always returns. It owns what it found, so the octets may go; nothing in it
//! is judged, looked up or fetched. What the provider stated about the sender is read only where
//! the provider's own trace shows that the sender did not write it.
//!
//! The work is linear in the octets and every list has a limit; reaching one is a [`Defect`].

mod attachment;
mod body;
mod date;
mod defect;
mod digest;
mod dom;
mod fields;
mod html;
mod link;
mod provider;

pub use attachment::Attachment;
pub use date::Moment;
pub use defect::{Cap, Defect, Single};
pub use digest::subject_key;
pub use dom::{Dom, NodeId, NodeKind, Tag};
pub use link::{Link, LinkSource, normalise_url, spots_in_text};
pub use provider::{Authentication, Direction, Outcome, Provider, ProviderFacts};

use std::sync::Arc;

use mail_parser::{Message as Parsed, MessageParser};

use crate::address::Mailbox;
use crate::indicator::{self, Indicator};
use crate::message::defect::Defects;
use crate::redacted_debug;

/// One field of the header section.
#[derive(Clone, Eq, PartialEq)]
pub struct Header {
    /// The name as written.
    pub name: String,
    /// The value, unfolded and decoded.
    pub value: String,
}

redacted_debug!(Header, this => this.name.len() + this.value.len());

/// How a text was written before it was decoded; empty where nothing was declared.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TextForm {
    /// The declared character set in lower case.
    pub charset: String,
    /// The declared transfer encoding in lower case.
    pub encoding: String,
}

/// A message, read as far as it can be read.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Message {
    /// The `Message-ID` without its angle brackets: chosen by the sender, not unique, not trusted.
    pub message_id: Option<String>,
    /// Every author of every `From` field.
    pub from: Vec<Mailbox>,
    /// The `Sender` field.
    pub sender: Option<Mailbox>,
    /// The `Reply-To` field.
    pub reply_to: Vec<Mailbox>,
    /// The `To` field, groups opened.
    pub to: Vec<Mailbox>,
    /// The `Cc` field, groups opened.
    pub cc: Vec<Mailbox>,
    /// The first `Subject`, decoded.
    pub subject: String,
    /// The `Date` field in seconds since 1970, UTC.
    pub date: Option<i64>,
    /// The header fields in order, from the top.
    pub headers: Vec<Header>,
    /// All text/plain bodies of the message itself.
    pub text: String,
    /// All HTML bodies of the message itself.
    pub html: String,
    /// The HTML as a tree, where there is exactly one HTML body.
    pub html_tree: Option<Arc<Dom>>,
    /// How the first text/plain body was written.
    pub text_form: TextForm,
    /// How the first HTML body was written.
    pub html_form: TextForm,
    /// The text of the HTML bodies, tags gone and entities decoded. Text that CSS hides is in it.
    pub html_text: String,
    /// What can be clicked, in the bodies, in HTML and text attachments, and in nested messages.
    pub links: Vec<Link>,
    /// What is attached, also to nested messages, and the nested messages themselves.
    pub attachments: Vec<Attachment>,
    /// What the provider stated about who sent it.
    pub authentication: Authentication,
    /// What else the provider wrote down.
    pub provider: ProviderFacts,
    /// What is wrong with its form, each once.
    pub defects: Vec<Defect>,
    /// How many octets it has.
    pub octets: usize,
}

redacted_debug!(Message, this => this.octets);

impl Message {
    /// Reads a message. Never fails: what cannot be read is missing, and a [`Defect`] says so.
    pub fn parse(raw: &[u8]) -> Self {
        let mut message = Self { octets: raw.len(), ..Self::default() };
        let mut defects = Defects::default();
        let within = raw.get(..MESSAGE_OCTETS_MAX).unwrap_or(raw);
        if within.len() < raw.len() {
            defects.add(Defect::Limit(Cap::Octets));
        }
        if has_huge_header(within) {
            defects.add(Defect::HugeHeader);
        }
        match taken_apart(within) {
            Some(parsed) => {
                fields::read(&parsed, &mut message, &mut defects);
                let (authentication, facts) = provider::read(&message.headers);
                message.authentication = authentication;
                message.provider = facts;
                body::read(&parsed, &mut message, &mut defects);
                if fields::is_only_text(&parsed) {
                    body::read_headless(within, &mut message, &mut defects);
                }
            }
            None => {
                body::read_headless(within, &mut message, &mut defects);
            }
        }
        message.defects = defects.into_sorted();
        message
    }

    /// The first value of a field, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |header: &&Header| header.name.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|header| header.value.as_str())
    }

    /// Every value of a field, from the top.
    pub fn all_headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let named = move |header: &&Header| header.name.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|header| header.value.as_str())
    }

    /// Which header field states the results of authentication that are believed.
    pub fn believed_results(&self) -> Option<usize> {
        provider::believed(&self.headers)
    }

    /// The text a person sees: that of the HTML where there is any, else the plain text.
    pub fn visible_text(&self) -> &str {
        if self.html_text.trim().is_empty() { &self.text } else { &self.html_text }
    }

    /// What is observable and comparable in this message: each once, sorted, limited.
    pub fn indicators(&self) -> Vec<Indicator> {
        indicator::of(self)
    }

    /// SHA-256 of what stays the same in every copy of a message, whatever route it took: its own
    /// fields and its body, without trace fields and what providers add.
    pub fn canonical_digest(raw: &[u8]) -> [u8; 32] {
        digest::canonical(raw)
    }

    /// SHA-256 of the visible text without regard to case and white space.
    pub fn text_digest(&self) -> [u8; 32] {
        digest::text(self.visible_text())
    }

    /// The decoded octets of several attachments that were found in these same raw octets, in
    /// their order; the octets are taken apart once.
    pub fn contents(raw: &[u8], attachments: &[&Attachment]) -> Vec<Vec<u8>> {
        let raw = raw.get(..MESSAGE_OCTETS_MAX).unwrap_or(raw);
        let parsed = taken_apart(raw);
        let content = |attachment: &&Attachment| {
            let part = parsed.as_ref()?.part(attachment.place)?;
            Some(part.decoded().into_owned())
        };
        attachments.iter().map(|attachment| content(attachment).unwrap_or_default()).collect()
    }

    /// The decoded octets of an attachment that was found in these same raw octets.
    pub fn content(raw: &[u8], attachment: &Attachment) -> Option<Vec<u8>> {
        let raw = raw.get(..MESSAGE_OCTETS_MAX).unwrap_or(raw);
        let parsed = taken_apart(raw)?;
        let part = parsed.part(attachment.place)?;
        Some(part.decoded().into_owned())
    }
}

/// Whether a header section is longer than anything that is worth reading: taking apart megabytes
/// of one field costs gigabytes of memory.
fn has_huge_header(raw: &[u8]) -> bool {
    let Some(front) = raw.get(..HEADER_OCTETS_MAX) else { return false };
    let blank = |at: usize| {
        let rest = front.get(at..).unwrap_or_default();
        rest.starts_with(b"\n\n") || rest.starts_with(b"\n\r\n")
    };
    let newlines = front.iter().enumerate().filter(|(_, octet)| **octet == b'\n');
    !newlines.map(|(at, _)| at).any(blank)
}

/// A message as its parts; `None` for octets that are none, or not worth the memory.
pub(crate) fn taken_apart(raw: &[u8]) -> Option<Parsed<'_>> {
    (!has_huge_header(raw)).then(|| parser().parse(raw)).flatten()
}

/// The header section of a message; `None` for octets that have none, or not worth the memory.
pub(crate) fn header_section(raw: &[u8]) -> Option<Parsed<'_>> {
    (!has_huge_header(raw)).then(|| parser().parse_headers(raw)).flatten()
}

/// The one configuration with which this crate reads MIME.
fn parser() -> MessageParser {
    MessageParser::new()
        .max_depth(DEPTH_MAX)
        .max_parts(PARTS_MAX)
        .max_encoded_nesting(ENCODED_NESTING_MAX)
}

/// No longer id is one that somebody can be asked for, or that a line may hold.
// spec: rfc5322#2.1.1
pub(crate) const ID_OCTETS_MAX: usize = 998;
/// Real header sections stay below a tenth of this.
const HEADER_OCTETS_MAX: usize = 2 * 1024 * 1024;
/// Containers inside containers; real mail stays below ten.
const DEPTH_MAX: usize = 24;
/// Encoded messages inside encoded messages: each level is a copy in memory.
const ENCODED_NESTING_MAX: usize = 3;
/// More than any listener takes; a file on disk may still be larger.
const MESSAGE_OCTETS_MAX: usize = 256 * 1024 * 1024;
const PARTS_MAX: usize = 2_000;
