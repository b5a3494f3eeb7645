//! From octets to a judged message: unwrap, parse, detect, judge. Pure, and the same for the
//! pipeline and for `scan`.
//!
//! It always returns. A message on which the program itself fails is UNKNOWN, with a finding that
//! says so.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clawback_core::history::Contact;
use clawback_core::identity::Identity;
use clawback_core::record::{
    Arrival, AttachmentLine, LinkLine, Recipient, SUMMARY_LINES_MAX, Summary,
};
use clawback_core::source::{COPY_KEY_FIELD, SourceFault};
use clawback_core::tenant::Tenant;
use clawback_core::{Reach, UnixMillis, Verdict};
use clawback_detect::{Facts, Knowledge, Subject};
use clawback_mail::address::Address;
use clawback_mail::indicator::Indicator;
use clawback_mail::journal::{self, Kind, Outer, Received, Report, State};
use clawback_mail::message::{Authentication, Defect, Direction, Message};
use clawback_store::Envelope;

use crate::gather::{self, Behind};
use crate::smtp::is_sound;

/// A judged message with everything that is recorded or shown of it.
#[derive(Debug)]
pub(crate) struct Examined {
    /// Whether it is a connector's probe: nothing to judge, nothing to record.
    pub(crate) probe: bool,
    /// `journal_report` or `message`.
    pub(crate) kind: &'static str,
    /// How it came in.
    pub(crate) arrival: Arrival,
    /// What makes it the same as another fork's.
    pub(crate) digest: [u8; 32],
    /// The Message-ID of the report itself.
    pub(crate) report_id: Option<String>,
    /// The Message-ID of the original.
    pub(crate) message_id: Option<String>,
    /// The sender as a person reads it.
    pub(crate) from: String,
    /// The subject.
    pub(crate) subject: String,
    /// What is compared with a live item; the time of receipt is the caller's.
    pub(crate) identity: Identity,
    /// What a page shows.
    pub(crate) summary: Summary,
    /// Whom it reached.
    pub(crate) recipients: Vec<Recipient>,
    /// What is observable in it.
    pub(crate) indicators: Vec<Indicator>,
    /// What we think of it.
    pub(crate) verdict: Verdict,
    /// Ways in which it was badly formed.
    pub(crate) defects: Vec<String>,
    /// What it adds to the history of those it was exchanged with.
    pub(crate) contact: Contact,
}

/// A mail that was read and is not judged yet.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Everything but the verdict: that is UNKNOWN until it was judged.
    pub(crate) examined: Examined,
    /// Those behind it.
    pub(crate) behind: Behind,
    /// What is judged; `None` where nothing can be.
    unjudged: Option<Unjudged>,
}

#[derive(Debug)]
struct Unjudged {
    message: Arc<Message>,
    raw: Arc<[u8]>,
    envelope_from: Option<Address>,
    direction: Option<Direction>,
    /// Whether there is no message in it at all.
    empty: bool,
}

/// Judges the octets of a received message, of whose sender nothing is known. A file on a disk has
/// no envelope.
pub(crate) fn examine(
    octets: &[u8],
    envelope: Option<&Envelope>,
    tenant: Option<&Tenant>,
    knowledge: &Knowledge,
) -> Examined {
    judge(open(octets, envelope, tenant, knowledge), &Facts::default(), knowledge)
}

/// Reads the octets of a received message.
pub(crate) fn open(
    octets: &[u8],
    envelope: Option<&Envelope>,
    tenant: Option<&Tenant>,
    knowledge: &Knowledge,
) -> Opened {
    let read = catch_unwind(AssertUnwindSafe(|| read(octets, envelope, tenant, knowledge)));
    read.unwrap_or_else(|_| unjudged(octets, WHY_FAILED, knowledge).into())
}

/// Judges what was read, with what was looked up for it.
pub(crate) fn judge(opened: Opened, facts: &Facts, knowledge: &Knowledge) -> Examined {
    let Opened { mut examined, unjudged: Some(rest), .. } = opened else { return opened.examined };
    let recipients = &examined.recipients;
    let judging = AssertUnwindSafe(|| verdict(&rest, recipients, facts, knowledge));
    match catch_unwind(judging) {
        Ok(verdict) => examined.verdict = verdict,
        Err(_) => examined.defects.push(WHY_FAILED.to_owned()),
    }
    examined
}

impl From<Examined> for Opened {
    /// What there is nothing more to find out about.
    fn from(examined: Examined) -> Self {
        Self { examined, behind: Behind::default(), unjudged: None }
    }
}

fn verdict(
    of: &Unjudged,
    recipients: &[Recipient],
    facts: &Facts,
    knowledge: &Knowledge,
) -> Verdict {
    let subject = Subject {
        message: &of.message,
        raw: &of.raw,
        envelope_from: of.envelope_from.as_ref(),
        recipients,
        direction: of.direction,
    };
    let mut findings = clawback_detect::detect(&subject, knowledge, facts);
    if of.empty {
        findings.push(clawback_detect::unjudgeable(WHY_NO_MAIL));
    }
    clawback_detect::judge(findings, knowledge)
}

/// The record of a mail whose stored octets cannot be opened. `what` makes it unlike any other.
pub(crate) fn damaged(what: &[u8], why: &str, knowledge: &Knowledge) -> Examined {
    let examined = unjudged(what, why, knowledge);
    Examined { summary: Summary::default(), ..examined }
}

fn read(
    octets: &[u8],
    envelope: Option<&Envelope>,
    tenant: Option<&Tenant>,
    knowledge: &Knowledge,
) -> Opened {
    let routed = is_routed(octets, tenant);
    let received = if routed { journal::plain_copy(octets) } else { journal::unwrap(octets) };
    let doubts =
        envelope.map(|envelope| doubts(octets, envelope, tenant, &received)).unwrap_or_default();
    let original = received.originals.first().map(AsRef::as_ref).unwrap_or_default();
    let raw: Arc<[u8]> = Arc::from(original);
    let message = Arc::new(Message::parse(&raw));
    let report = received.report.as_ref();
    let recipients = recipients(report, &message, tenant, knowledge);
    let direction = direction(&message, &recipients, tenant);
    let from = message.from.first();
    let arrival = arrival(&received, routed, &doubts);
    let examined = Examined {
        probe: received.kind == Kind::ConnectorProbe,
        kind: kind(&received),
        arrival,
        digest: digest(arrival, &message, original, octets),
        report_id: report.and_then(|report| report.report_id.clone()),
        message_id: message_id(&message, report),
        from: from.map(shown).unwrap_or_default(),
        subject: message.subject.clone(),
        identity: identity(&message, report),
        summary: summary(&message, report, direction),
        recipients,
        indicators: message.indicators(),
        verdict: failed(WHY_FAILED, knowledge),
        defects: doubts.into_iter().chain(defects(&received, &message)).collect(),
        contact: gather::contact(&message, report, arrival, direction, tenant),
    };
    let envelope_from = report.and_then(|report| report.sender.clone());
    let empty = original.is_empty() || message.defects.contains(&Defect::NoHeader);
    Opened {
        examined,
        behind: Behind::of(&message, knowledge.registrations()),
        unjudged: Some(Unjudged { message, raw, envelope_from, direction, empty }),
    }
}

/// What about the source of a report is not as it should be, with what a person needs to see of
/// it. What the listener found, and what only the whole report shows.
fn doubts(
    octets: &[u8],
    envelope: &Envelope,
    tenant: Option<&Tenant>,
    received: &Received<'_>,
) -> Vec<String> {
    let mut faults = envelope.faults.clone();
    // A report that came back has two outer headers: neither excuses the other.
    let (outer, whole) = (&received.outer, journal::outer(octets));
    if matches!(received.kind, Kind::JournalReport | Kind::ReportNdr) {
        let stated = received.report.as_ref().and_then(|report| report.message_id.as_deref());
        let parent = outer.parent_message_id.as_deref();
        let shape = [
            (outer.by_person || whole.by_person, SourceFault::ByPerson),
            (!missing(outer, &whole, octets).is_empty(), SourceFault::NotGenerated),
            (parent.is_some() && parent != stated, SourceFault::ParentDiffers),
            (tenant.is_some_and(|it| it.google.is_some()), SourceFault::OtherProvider),
        ];
        faults.extend(shape.into_iter().filter(|(wrong, _)| *wrong).map(|(_, fault)| fault));
        for orgs in [&whole.originator_orgs, &outer.originator_orgs] {
            faults.extend(tenant.map(|it| it.sources.binding(orgs)).unwrap_or_default());
        }
    }
    faults.sort_unstable();
    faults.dedup();
    let shown = |fault: &SourceFault| match fault {
        SourceFault::Network => envelope.peer.clone(),
        SourceFault::ClientCertificate => envelope.client_names.join(", "),
        SourceFault::OriginatorOrg | SourceFault::OriginatorOrgRepeated => {
            let all = whole.originator_orgs.iter().chain(&outer.originator_orgs);
            all.collect::<BTreeSet<_>>().into_iter().cloned().collect::<Vec<_>>().join(", ")
        }
        SourceFault::NotGenerated => missing(outer, &whole, octets).join(", "),
        SourceFault::ByPerson | SourceFault::OtherProvider | SourceFault::ParentDiffers => {
            String::new()
        }
    };
    let line = |fault: &SourceFault| match shown(fault) {
        shown if shown.is_empty() => format!("{SOURCE_DEFECT}{}", fault.as_str()),
        shown => format!("{SOURCE_DEFECT}{} ({shown})", fault.as_str()),
    };
    faults.iter().map(line).collect()
}

/// Which parts of the shape that Exchange gives a report are not there.
fn missing(outer: &Outer, whole: &Outer, octets: &[u8]) -> Vec<&'static str> {
    let parts = [
        (outer.sender_is_exchange, "Sender is not Exchange's"),
        (outer.report_id_is_generated, "Message-ID is not the journal agent's"),
        (is_sound(whole, octets), "the header section is too long or has bare line ends"),
    ];
    parts.into_iter().filter(|(there, _)| !there).map(|(_, what)| what).collect()
}

/// What makes two messages the same. One that must not be acted on is never the same as one that
/// may: its recipients would come under the other's verdict. Nor is one that claims another id of
/// the provider's: whoever sends a forgery first would decide what the live item is compared with.
fn digest(arrival: Arrival, message: &Message, original: &[u8], octets: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let whole = if original.is_empty() { octets } else { original };
    let what = Message::canonical_digest(whole);
    let provider_id = message.provider.network_message_id.as_deref().unwrap_or_default();
    Sha256::new()
        .chain_update(arrival.as_str())
        .chain_update(what)
        .chain_update(provider_id.to_ascii_lowercase())
        .finalize()
        .into()
}

/// The record of a message that could not be judged: nothing of it is lost, nothing is done.
fn unjudged(octets: &[u8], why: &str, knowledge: &Knowledge) -> Examined {
    use sha2::{Digest as _, Sha256};
    Examined {
        probe: false,
        kind: "message",
        arrival: Arrival::Unexpected,
        digest: Sha256::digest(octets).into(),
        report_id: None,
        message_id: None,
        from: String::new(),
        subject: String::new(),
        identity: Identity::default(),
        summary: Summary { octets: octets.len() as u64, ..Summary::default() },
        recipients: Vec::new(),
        indicators: Vec::new(),
        verdict: failed(why, knowledge),
        defects: vec![why.to_owned()],
        contact: Contact::default(),
    }
}

/// The verdict on what could not be judged.
fn failed(why: &str, knowledge: &Knowledge) -> Verdict {
    clawback_detect::judge(vec![clawback_detect::unjudgeable(why)], knowledge)
}

fn kind(received: &Received<'_>) -> &'static str {
    match received.kind {
        Kind::JournalReport | Kind::ReportNdr => "journal_report",
        Kind::ConnectorProbe | Kind::PlainCopy | Kind::Unexpected => "message",
    }
}

fn arrival(received: &Received<'_>, routed: bool, doubts: &[String]) -> Arrival {
    let complete = received.report.as_ref().is_some_and(|report| report.state == State::Complete);
    match received.kind {
        _ if !doubts.is_empty() => Arrival::Unverified,
        Kind::JournalReport | Kind::ReportNdr if complete => Arrival::JournalReport,
        Kind::JournalReport | Kind::ReportNdr => Arrival::NoOriginal,
        Kind::PlainCopy if routed => Arrival::RoutedCopy,
        Kind::PlainCopy => Arrival::PlainCopy,
        Kind::ConnectorProbe | Kind::Unexpected => Arrival::Unexpected,
    }
}

/// Whether a mail carries the key that only its organisation's routing rule knows. All else in its
/// header may be its sender's, who must not decide what it is taken for.
fn is_routed(octets: &[u8], tenant: Option<&Tenant>) -> bool {
    let rules = tenant.map(|tenant| &tenant.sources);
    let Some(rules) = rules.filter(|rules| rules.copy_key_sha256.is_some()) else { return false };
    rules.made_copy(copy_keys(octets))
}

/// Every value of the key's field. Read line by line, for a header section can be made too long or
/// too odd for the parser.
fn copy_keys(octets: &[u8]) -> impl Iterator<Item = &str> {
    let lines = octets.split(|octet| *octet == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    // A line of blanks continues the one before it: only an empty one ends the section.
    let header = lines.take_while(|line| !line.is_empty());
    header.filter_map(|line| {
        let (name, value) = line.split_at_checked(COPY_KEY_FIELD.len())?;
        let value = value.strip_prefix(b":")?;
        let is_it = name.eq_ignore_ascii_case(COPY_KEY_FIELD.as_bytes());
        is_it.then(|| std::str::from_utf8(value).ok())?
    })
}

fn recipients(
    report: Option<&Report>,
    message: &Message,
    tenant: Option<&Tenant>,
    knowledge: &Knowledge,
) -> Vec<Recipient> {
    let reach = |address: Option<&clawback_mail::address::Address>| match (address, tenant) {
        (Some(address), Some(tenant)) => match tenant.reach(address) {
            Reach::Internal if knowledge.exempts(address) => Reach::Exempt,
            reach => reach,
        },
        _ => Reach::External,
    };
    if let Some(report) = report {
        let one = |recipient: &journal::Recipient| Recipient {
            written: recipient.raw.clone(),
            reach: reach(recipient.address.as_ref()),
            address: recipient.address.clone(),
            kind: recipient.kind.as_str().to_ascii_lowercase(),
            via: recipient.via.as_ref().map(|(via, who)| format!("{} {who}", via.as_str())),
        };
        return report.recipients.iter().map(one).collect();
    }
    // Without a report the fields say who was meant, and nobody says who was reached.
    let fields = [("to", &message.to), ("cc", &message.cc)];
    let all = fields.into_iter().flat_map(|(kind, list)| list.iter().map(move |m| (kind, m)));
    all.take(RECIPIENTS_MAX)
        .filter_map(|(kind, mailbox)| Some((kind, mailbox.address.as_ref()?)))
        .map(|(kind, address)| Recipient {
            written: address.to_string(),
            address: Some(address.clone()),
            kind: kind.to_owned(),
            via: None,
            reach: Reach::External,
        })
        .collect()
}

fn direction(
    message: &Message,
    recipients: &[Recipient],
    tenant: Option<&Tenant>,
) -> Option<Direction> {
    let inside = |recipient: &Recipient| recipient.reach.is_inside();
    match message.provider.direction {
        // Sent by the organisation; the report says whether it left it.
        Some(Direction::Originating) if !recipients.is_empty() && recipients.iter().all(inside) => {
            return Some(Direction::Internal);
        }
        Some(stated) => return Some(stated),
        None => {}
    }
    let sender = message.from.first().and_then(|mailbox| mailbox.address.as_ref());
    let from_us = tenant.zip(sender).map(|(tenant, from)| tenant.reach(from) == Reach::Internal);
    let to_us = recipients.iter().any(inside);
    // A From of one's own domain proves nothing unless the provider says it was sent inside.
    let sent_inside = message.provider.auth_as.as_deref() == Some("Internal");
    match (from_us?, sent_inside, to_us) {
        (true, true, true) => Some(Direction::Internal),
        (true, true, false) => Some(Direction::Outbound),
        _ => Some(Direction::Inbound),
    }
}

fn message_id(message: &Message, report: Option<&Report>) -> Option<String> {
    message.message_id.clone().or_else(|| report.and_then(|report| report.message_id.clone()))
}

fn identity(message: &Message, report: Option<&Report>) -> Identity {
    let from = message.from.first().and_then(|mailbox| mailbox.address.as_ref());
    let millis = |seconds: i64| u64::try_from(seconds).ok().map(|s| UnixMillis(s * 1_000));
    Identity {
        message_id: message_id(message, report).unwrap_or_default(),
        from: from.map(clawback_mail::address::Address::key).unwrap_or_default(),
        subject: message.subject.clone(),
        sent: message.date.and_then(millis),
        received: None,
        network_id: message.provider.network_message_id.clone(),
    }
}

fn summary(message: &Message, report: Option<&Report>, direction: Option<Direction>) -> Summary {
    let from = message.from.first();
    let address = |mailbox: &clawback_mail::address::Mailbox| {
        mailbox.address.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    let from_address = from.map(address).unwrap_or_default();
    let reply_to = message.reply_to.first().map(address).unwrap_or_default();
    let direction = match direction {
        Some(Direction::Inbound) => "inbound",
        Some(Direction::Internal) => "internal",
        Some(Direction::Originating | Direction::Outbound) => "outbound",
        None => "unknown",
    };
    Summary {
        from_name: from.map(|mailbox| mailbox.name.clone()).unwrap_or_default(),
        envelope_from: report.map(|report| report.sender_raw.clone()).unwrap_or_default(),
        reply_to: if reply_to == from_address { String::new() } else { reply_to },
        from_address,
        subject: message.subject.clone(),
        octets: message.octets as u64,
        direction: direction.to_owned(),
        network_message_id: message.provider.network_message_id.clone(),
        client_ip: message.provider.client_ip.map(|ip| ip.to_string()),
        authentication: authentication(&message.authentication),
        links: message.links.iter().take(SUMMARY_LINES_MAX).map(link_line).collect(),
        attachments: message
            .attachments
            .iter()
            .take(SUMMARY_LINES_MAX)
            .map(attachment_line)
            .collect(),
    }
}

fn link_line(link: &clawback_mail::message::Link) -> LinkLine {
    let cut = |text: &str| text.chars().take(LINE_CHARS_MAX).collect();
    LinkLine { target: cut(&link.href), text: cut(&link.text) }
}

fn attachment_line(attachment: &clawback_mail::message::Attachment) -> AttachmentLine {
    AttachmentLine {
        name: attachment.name.clone(),
        declared: attachment.declared_type.clone(),
        found: attachment.found_type.to_owned(),
        octets: attachment.octets as u64,
        sha256: hex::encode(attachment.sha256),
    }
}

fn authentication(said: &Authentication) -> String {
    let methods = [
        ("spf", said.spf),
        ("dkim", said.dkim),
        ("dmarc", said.dmarc),
        ("compauth", said.compauth),
    ];
    let words = methods.map(|(method, outcome)| format!("{method}={}", outcome.as_str()));
    words.join(" ")
}

fn shown(mailbox: &clawback_mail::address::Mailbox) -> String {
    match (&mailbox.address, mailbox.name.is_empty()) {
        (Some(address), true) => address.to_string(),
        (Some(address), false) => format!("{} <{address}>", mailbox.name),
        (None, _) => mailbox.name.clone(),
    }
}

fn defects(received: &Received<'_>, message: &Message) -> Vec<String> {
    let report = received.defects.iter().map(|defect| format!("report: {defect:?}"));
    report.chain(message.defects.iter().map(|defect| format!("{defect:?}"))).collect()
}

/// How the lines about a report's source begin.
pub(crate) const SOURCE_DEFECT: &str = "source: ";
const LINE_CHARS_MAX: usize = 500;
const RECIPIENTS_MAX: usize = 1_000;
const WHY_NO_MAIL: &str = "it has no header section: there is no message to judge";
const WHY_FAILED: &str =
    "the program failed on this message; it will be judged again by the next version";
