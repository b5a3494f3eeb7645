//! The report itself: what Exchange states about one original and whom it went to.

use std::collections::HashSet;

use mail_parser::{Message as Parsed, PartKind};

use crate::address::Address;
use crate::journal::envelope::{Envelope, address_of};
use crate::journal::{Defect, Kind, Outer, Received, originals};
use crate::message::{ID_OCTETS_MAX, header_section};
use crate::redacted_debug;

/// What a journal report states.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Report {
    /// The original's reverse path, where it is an address.
    pub sender: Option<Address>,
    /// The original's reverse path as written; empty for `<>`.
    pub sender_raw: String,
    /// The mailbox in whose name the sender wrote.
    pub on_behalf_of: Option<Address>,
    /// The original's subject.
    pub subject: String,
    /// The original's Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// The original's classification.
    pub label: Option<String>,
    /// The mailbox for which it was journaled.
    pub mailbox: Option<String>,
    /// When it was sent, as written: the form depends on the server's language.
    pub sent: Option<String>,
    /// When it was received, as written.
    pub received: Option<String>,
    /// Whom it went to, in order; one mailbox may stand several times.
    pub recipients: Vec<Recipient>,
    /// How many more recipients it lists than are kept; then there is [`Defect::Limit`], too.
    pub recipients_beyond: usize,
    /// The Message-ID of the report itself: the same report sent again has the same.
    pub report_id: Option<String>,
    /// Lines of the report part that we do not know.
    pub extensions: Vec<(String, String)>,
    /// Whether a person or a program sent the report again.
    pub resent: bool,
    /// How complete it is.
    pub state: State,
}

redacted_debug!(Report, this => this.subject.len() + this.recipients.len());

/// How complete a report is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum State {
    /// A report part and an original.
    #[default]
    Complete,
    /// It is marked as a report and has no report part that can be read.
    Malformed,
    /// A report part, and no original that we can read.
    NoOriginal,
}

/// One line about whom an original went to.
#[derive(Clone, Eq, PartialEq)]
pub struct Recipient {
    /// How it was addressed.
    pub kind: RecipientKind,
    /// The path as written, without its modifier.
    pub raw: String,
    /// The address, where the path holds one.
    pub address: Option<Address>,
    /// Why it is there, where that is not because the sender named it.
    pub via: Option<(Via, String)>,
}

redacted_debug!(Recipient, this => this.raw.len());

/// How a recipient was addressed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RecipientKind {
    /// In `Bcc`: other people must never see it.
    Bcc,
    /// In `Cc`.
    Cc,
    /// By a header that Google adds to a copy.
    GmOriginalTo,
    /// The server could not tell: so for all mail from outside.
    Recipient,
    /// In `To`.
    To,
}

impl RecipientKind {
    /// The word for it in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bcc => "Bcc",
            Self::Cc => "Cc",
            Self::GmOriginalTo => "X-Gm-Original-To",
            Self::Recipient => "Recipient",
            Self::To => "To",
        }
    }
}

/// Why a recipient is there though the sender did not name it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Via {
    /// A list had it as a member.
    Expanded,
    /// A rule forwarded to it.
    Forwarded,
}

impl Via {
    /// The word for it in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expanded => "Expanded",
            Self::Forwarded => "Forwarded",
        }
    }
}

impl Report {
    /// The mailboxes it went to, each once, in the order in which they first stand.
    pub fn unique_mailboxes(&self) -> Vec<Address> {
        let mut seen = HashSet::new();
        let addresses = self.recipients.iter().filter_map(|recipient| recipient.address.clone());
        addresses.filter(|address| seen.insert(address.key())).collect()
    }
}

/// Reads a message that is a report. One without a marker was sent again by something that lost
/// it.
pub(crate) fn read<'a>(
    raw: &'a [u8],
    parsed: &Parsed<'_>,
    envelope: Option<Envelope>,
    outer: Outer,
) -> Received<'a> {
    let mut originals = originals::of(raw, parsed);
    let mut defects = std::mem::take(&mut originals.defects);
    let mut report = stated(parsed, envelope, &mut defects);
    report.resent = !outer.marked || !looks_generated(parsed);
    originals::sort(&mut originals.found, report.message_id.as_deref());
    match originals.found.first() {
        Some(first) => compare(&report, first, &mut defects),
        None if report.state == State::Complete => report.state = State::NoOriginal,
        None => {}
    }
    defects.sort_unstable();
    defects.dedup();
    let report = Some(report);
    Received { kind: Kind::JournalReport, outer, report, originals: originals.found, defects }
}

/// The report part of a message without a marker that has a report's shape all the same.
pub(crate) fn unmarked(raw: &[u8], parsed: &Parsed<'_>) -> Option<Envelope> {
    if !parsed.root().is_content_type("multipart", "mixed") {
        return None;
    }
    let envelope = envelope_of(parsed)?;
    let whole =
        envelope.is_complete() && envelope.sender.is_some() && envelope.message_id.is_some();
    (whole && !originals::of(raw, parsed).found.is_empty()).then_some(envelope)
}

/// A plain copy names its recipient in a header, or nowhere.
pub(crate) fn of_plain_copy(parsed: &Parsed<'_>) -> Option<Report> {
    let headers = parsed.root().headers();
    let texts = |name: &'static str| {
        headers
            .all(name)
            .map(|header| String::from_utf8_lossy(header.raw_value()).trim().to_owned())
            .filter(|value| !value.is_empty())
            .take(RECIPIENT_FIELDS_MAX)
    };
    // Google writes its own above all that the sender wrote: one further down is the sender's.
    let google = texts("X-Gm-Original-To").take(1).map(|raw| (RecipientKind::GmOriginalTo, raw));
    let postfix = texts("X-Original-To").map(|raw| (RecipientKind::Recipient, raw));
    let mut recipients: Vec<(RecipientKind, String)> = google.collect();
    if recipients.is_empty() {
        recipients = postfix.collect();
    }
    let by_google = headers.all_received().any(|received| {
        received.by().is_some_and(|by| by.to_string().eq_ignore_ascii_case("mx.google.com"))
    });
    if recipients.is_empty() && !by_google {
        return None;
    }
    let sender_raw = headers.return_address().unwrap_or_default().to_owned();
    Some(Report {
        sender: address_of(&sender_raw),
        sender_raw,
        subject: headers.subject().unwrap_or_default().to_owned(),
        message_id: headers.message_id().and_then(without_brackets),
        recipients: recipients
            .into_iter()
            .map(|(kind, raw)| Recipient { kind, address: address_of(&raw), raw, via: None })
            .collect(),
        ..Report::default()
    })
}

/// Whether the outer message shows the signs of the journaling agent itself.
pub(crate) fn looks_generated(parsed: &Parsed<'_>) -> bool {
    let headers = parsed.root().headers();
    let by_source = headers
        .all("X-MS-Exchange-Generated-Message-Source")
        .any(|header| header.raw_value().trim_ascii().eq_ignore_ascii_case(b"Journal Agent"));
    is_id_generated(parsed) || by_source
}

/// Whether the outer message's id is one that the journaling agent makes.
pub(crate) fn is_id_generated(parsed: &Parsed<'_>) -> bool {
    let id = parsed.root().headers().message_id();
    id.and_then(|id| id.rsplit_once('@')).is_some_and(|(_, domain)| {
        domain.trim_end().eq_ignore_ascii_case("journal.report.generator")
    })
}

/// The first text of the outer message that is a report part. Outlook, sending one again, makes
/// HTML of it.
pub(crate) fn envelope_of(parsed: &Parsed<'_>) -> Option<Envelope> {
    let mut incomplete = None;
    for part in parsed.root().parts().filter(mail_parser::MessagePart::is_text).take(TEXTS_MAX) {
        let Some(text) = part.text_prefix_bytes(ENVELOPE_OCTETS_MAX) else { continue };
        let envelope = match part.kind() {
            PartKind::Html => Envelope::parse(&mail_parser::html_to_text(&text)),
            _ => Envelope::parse(&text),
        };
        if envelope.is_complete() {
            return Some(envelope);
        }
        if envelope.sender.is_some() || envelope.message_id.is_some() {
            incomplete.get_or_insert(envelope);
        }
    }
    incomplete
}

fn stated(parsed: &Parsed<'_>, envelope: Option<Envelope>, defects: &mut Vec<Defect>) -> Report {
    let headers = parsed.root().headers();
    let is_multipart = parsed.root().root_part().is_multipart();
    let state = match &envelope {
        Some(envelope) if envelope.is_complete() && is_multipart => State::Complete,
        _ => State::Malformed,
    };
    let envelope = envelope.unwrap_or_default();
    defects.extend(&envelope.defects);
    let sender_raw = envelope.sender.unwrap_or_default();
    let sender_raw = if sender_raw == "<>" { String::new() } else { sender_raw };
    Report {
        sender: address_of(&sender_raw),
        sender_raw,
        on_behalf_of: envelope.on_behalf_of.as_deref().and_then(address_of),
        subject: envelope.subject.unwrap_or_default(),
        message_id: envelope.message_id.as_deref().and_then(without_brackets),
        label: envelope.label,
        mailbox: envelope.mailbox,
        sent: envelope.sent,
        received: envelope.received,
        recipients: envelope.recipients,
        recipients_beyond: envelope.recipients_beyond,
        report_id: headers.message_id().and_then(without_brackets),
        extensions: envelope.extensions,
        resent: false,
        state,
    }
}

/// A sender who can write line ends into a subject can write recipients; then the subjects differ.
fn compare(report: &Report, original: &[u8], defects: &mut Vec<Defect>) {
    let Some(parsed) = header_section(original) else { return };
    let root = parsed.root();
    let words = |text: &str| text.split_whitespace().collect::<String>();
    if report.state == State::Complete
        && words(root.subject().unwrap_or_default()) != words(&report.subject)
    {
        defects.push(Defect::SubjectDiffers);
    }
    if report.message_id.is_some() && root.message_id() != report.message_id.as_deref() {
        defects.push(Defect::MessageIdDiffers);
    }
}

pub(crate) fn without_brackets(id: &str) -> Option<String> {
    let id = id.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id).trim();
    (1..=ID_OCTETS_MAX).contains(&id.len()).then(|| id.to_owned())
}

const ENVELOPE_OCTETS_MAX: usize = 4 * 1024 * 1024;
const RECIPIENT_FIELDS_MAX: usize = 100;
/// Outlook, sending a report again, writes the text twice; the report part is never further down.
const TEXTS_MAX: usize = 4;
