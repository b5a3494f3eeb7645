//! Finds the original messages in a report, however a relay or a client wrapped them.

use std::borrow::Cow;

use mail_parser::{Encoding, Message as Parsed, MessagePart, PartKind};

use crate::journal::{Defect, is_protected};
use crate::message::taken_apart;

/// The originals of one report, in document order, and what was odd about them.
#[derive(Default)]
pub(crate) struct Originals<'a> {
    pub(crate) found: Vec<Cow<'a, [u8]>>,
    pub(crate) defects: Vec<Defect>,
}

/// Gathers what is attached directly to the outer message; what is nested deeper belongs to an
/// original.
pub(crate) fn of<'a>(raw: &'a [u8], parsed: &Parsed<'_>) -> Originals<'a> {
    let mut originals = Originals::default();
    for part in parsed.root().parts() {
        if matches!(part.kind(), PartKind::Multipart) || part.parent().is_none() {
            continue;
        }
        let name = part.attachment_name().unwrap_or_default().to_ascii_lowercase();
        let is_message = matches!(part.kind(), PartKind::Message(_))
            || part.is_content_type("message", "rfc822")
            || part.is_content_type("message", "global")
            || has_extension(&name, "eml");
        if is_message {
            if originals.found.len() >= ORIGINALS_MAX {
                originals.defects.push(Defect::Limit);
                break;
            }
            originals.found.extend(octets_of(raw, part));
        } else if has_extension(&name, "msg")
            || part.is_content_type("application", "vnd.ms-outlook")
        {
            originals.defects.push(Defect::OutlookMessage);
        } else if name == "winmail.dat" || part.is_content_type("application", "ms-tnef") {
            originals.defects.push(Defect::Tnef);
        }
    }
    originals
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// The octets of an attached message; the standard forbids to encode them, and relays do.
fn octets_of<'a>(raw: &'a [u8], part: MessagePart<'_>) -> Option<Cow<'a, [u8]>> {
    let octets = if matches!(part.encoding(), Encoding::None) {
        let start = usize::try_from(part.offset_body()).ok()?;
        let end = usize::try_from(part.offset_end()).ok()?;
        Cow::Borrowed(raw.get(start..end)?)
    } else {
        Cow::Owned(part.decoded().into_owned())
    };
    (!octets.trim_ascii().is_empty()).then_some(octets)
}

/// Puts the original that the report is about first, and of two versions of it the readable one.
pub(crate) fn sort(originals: &mut [Cow<'_, [u8]>], message_id: Option<&str>) {
    originals.sort_by_cached_key(|original| match taken_apart(original) {
        Some(parsed) => {
            let differs = message_id.is_some() && parsed.root().message_id() != message_id;
            (differs, is_protected(&parsed))
        }
        None => (true, true),
    });
}

const ORIGINALS_MAX: usize = 20;
