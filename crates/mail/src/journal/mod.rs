//! Journal mail: takes the wrapping off, and says what it was.
//!
//! [`unwrap`] looks at a received message and yields what kind it is, what its report part states,
//! and the original messages in it, the readable one first. It always returns; what is odd becomes
//! a [`Defect`]. It believes nothing: a report is a trigger, not an authority, and everything in
//! it may have been written by anybody until the caller has checked where it came from.
//!
//! It does not unpack Outlook's own formats (`.msg`, `winmail.dat`): such a report has no original
//! here, and the defect says why.

mod envelope;
mod originals;
mod outer;
mod report;

use std::borrow::Cow;

use mail_parser::{Message as Parsed, PartKind};

use crate::journal::outer::is_marked;
use crate::message::{Message, header_section, taken_apart};
use crate::redacted_debug;

pub use outer::{Outer, outer};
pub use report::{Recipient, RecipientKind, Report, State, Via};

/// What a received message is, and what was in it.
#[derive(Clone, Eq, PartialEq)]
pub struct Received<'a> {
    /// What it is.
    pub kind: Kind,
    /// What the outer header section states about its source; of a returned report that of the
    /// report itself.
    pub outer: Outer,
    /// What the report states; for a plain copy, what its headers state.
    pub report: Option<Report>,
    /// The original messages: the readable one that the report is about comes first.
    pub originals: Vec<Cow<'a, [u8]>>,
    /// What is odd about it, each once.
    pub defects: Vec<Defect>,
}

redacted_debug!(Received<'_>, this => this.originals.iter().map(|original| original.len()).sum());

/// What a received message is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Exchange tries whether mail gets through. There is nothing to judge in it.
    ConnectorProbe,
    /// A report with its original.
    JournalReport,
    /// A copy of the original itself, without a report: Google's routing rules, BCC maps.
    PlainCopy,
    /// A journal report that could not be delivered elsewhere, returned. Without a report in it,
    /// it is news of some failed delivery, and the one original is the message itself.
    ReportNdr,
    /// None of these. The one original is the message itself.
    Unexpected,
}

/// Something odd about a journal report.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Defect {
    /// The report's Message-ID is not the original's.
    MessageIdDiffers,
    /// The original is wrapped in Outlook's own message format, which we do not open.
    OutlookMessage,
    /// More originals, recipients or lines than are read.
    Limit,
    /// A field that stands once in a report stands there again; the first was taken.
    RepeatedField,
    /// The report's subject is not the original's: a recipient line may have been smuggled in.
    SubjectDiffers,
    /// The original is wrapped in TNEF, which we do not open.
    Tnef,
}

/// Takes the wrapping off a received message.
pub fn unwrap(raw: &[u8]) -> Received<'_> {
    let Some(parsed) = taken_apart(raw) else {
        return whole(raw, Kind::Unexpected, None, outer(raw));
    };
    let outer = Outer::of(raw, &parsed);
    if outer.marked {
        return report::read(raw, &parsed, report::envelope_of(&parsed), outer);
    }
    if is_ndr(&parsed) {
        return returned(raw, &parsed, outer);
    }
    if outer.probe {
        return whole(raw, Kind::ConnectorProbe, None, outer);
    }
    if let Some(envelope) = report::unmarked(raw, &parsed) {
        return report::read(raw, &parsed, Some(envelope), outer);
    }
    match report::of_plain_copy(&parsed) {
        Some(report) => whole(raw, Kind::PlainCopy, Some(report), outer),
        None => whole(raw, Kind::Unexpected, None, outer),
    }
}

/// Reads a message that is known to be a plain copy: whatever its sender wrote into it to make it
/// look like a report, it is none.
pub fn plain_copy(raw: &[u8]) -> Received<'_> {
    let report = taken_apart(raw).and_then(|parsed| report::of_plain_copy(&parsed));
    whole(raw, Kind::PlainCopy, report, outer(raw))
}

/// A probe has no original; any other message without a report is its own.
fn whole(raw: &[u8], kind: Kind, report: Option<Report>, outer: Outer) -> Received<'_> {
    let originals = match kind {
        Kind::ConnectorProbe => Vec::new(),
        _ => vec![Cow::Borrowed(raw)],
    };
    Received { kind, outer, report, originals, defects: Vec::new() }
}

fn is_ndr(parsed: &Parsed<'_>) -> bool {
    let root = parsed.root();
    root.is_content_type("multipart", "report")
        || root.headers().contains("X-MS-Exchange-Message-Is-Ndr")
}

/// Unwraps a returned report once; what is not one of ours is only news.
fn returned<'a>(raw: &'a [u8], parsed: &Parsed<'_>, outer: Outer) -> Received<'a> {
    let mut nested = originals::of(raw, parsed);
    nested.found.retain(|inner| header_section(inner).is_some_and(|parsed| is_marked(&parsed)));
    match nested.found.into_iter().next() {
        Some(Cow::Borrowed(inner)) => Received { kind: Kind::ReportNdr, ..unwrap(inner) },
        Some(Cow::Owned(inner)) => {
            let received = unwrap(&inner);
            Received {
                kind: Kind::ReportNdr,
                outer: received.outer,
                originals: received
                    .originals
                    .into_iter()
                    .map(|original| Cow::Owned(original.into_owned()))
                    .collect(),
                report: received.report,
                defects: received.defects,
            }
        }
        None => whole(raw, Kind::ReportNdr, None, outer),
    }
}

/// Whether a message is one that its organisation protected, so that only its shell is readable.
fn is_protected(original: &Parsed<'_>) -> bool {
    let class = original.root().headers().all("Content-Class").next();
    let by_class = class.is_some_and(|header| {
        header.raw_value().trim_ascii().eq_ignore_ascii_case(b"rpmsg.message")
    });
    by_class
        || original.parts().any(|part| {
            !matches!(part.kind(), PartKind::Multipart)
                && (part.is_content_type("application", "x-microsoft-rpmsg-message")
                    || part
                        .attachment_name()
                        .is_some_and(|name| name.eq_ignore_ascii_case("message.rpmsg")))
        })
}

impl Received<'_> {
    /// The message to judge: the readable original that the report is about.
    pub fn message(&self) -> Option<Message> {
        self.originals.first().map(|original| Message::parse(original))
    }
}
