//! The header section: decoded fields, addresses, subject and date.

use std::borrow::Cow;

use mail_parser::{AddressList, HeaderForm, HeaderName, Message as Parsed, PartFlags};

use crate::address::Mailbox;
use crate::message::defect::{Cap, Defect, Defects, Single};
use crate::message::{Header, ID_OCTETS_MAX, Message};

/// Fills in everything that the header section says.
pub(crate) fn read(parsed: &Parsed<'_>, message: &mut Message, defects: &mut Defects) {
    let root = parsed.root();
    let headers = root.headers();
    check_form(parsed, defects);

    let id = headers.message_id().map(str::trim).unwrap_or_default();
    message.message_id = (1..=ID_OCTETS_MAX).contains(&id.len()).then(|| id.to_owned());
    message.from = mailboxes(headers.all_from(), defects);
    message.sender = mailboxes(headers.sender().into_iter(), defects).into_iter().next();
    message.reply_to = mailboxes(headers.reply_to().into_iter(), defects);
    message.to = mailboxes(headers.all_to(), defects);
    message.cc = mailboxes(headers.all_cc(), defects);
    message.date = headers.date().filter(mail_parser::DateTime::is_valid).map(|d| d.to_timestamp());
    message.subject = headers
        .all(HeaderName::Subject)
        .next()
        .map(|header| decode(header.raw_value()))
        .unwrap_or_default();

    if headers.len() > FIELDS_MAX {
        defects.add(Defect::Limit(Cap::Fields));
    }
    message.headers = headers
        .iter()
        .take(FIELDS_MAX)
        .map(|header| Header {
            name: header.raw_name().to_owned(),
            value: decode(header.raw_value()),
        })
        .collect();
}

/// Whether what was read as a header section is text that has a colon somewhere.
pub(crate) fn is_only_text(parsed: &Parsed<'_>) -> bool {
    let part = parsed.root().root_part();
    part.flags().contains(PartFlags::NO_BLANK_LINE) && !part.headers().has_known()
}

fn check_form(parsed: &Parsed<'_>, defects: &mut Defects) {
    let root = parsed.root();
    let section = root.root_part().raw_headers();
    if section.contains(&0) {
        defects.add(Defect::NulOctet);
    }
    if section.len() > HONEST_HEADER_OCTETS_MAX {
        defects.add(Defect::HugeHeader);
    }
    for (single, name) in Single::ALL {
        if root.headers().all(name).nth(1).is_some() {
            defects.add(Defect::DuplicateField(single));
        }
    }
}

fn mailboxes<'m>(
    lists: impl Iterator<Item = AddressList<'m>>,
    defects: &mut Defects,
) -> Vec<Mailbox> {
    let mut all = lists
        .flat_map(|list| list.mailboxes())
        .map(|one| Mailbox::new(one.name().unwrap_or(""), one.address().unwrap_or("")));
    let taken: Vec<Mailbox> = all.by_ref().take(ADDRESSES_MAX).collect();
    if all.next().is_some() {
        defects.add(Defect::Limit(Cap::Addresses));
    }
    taken
}

/// Unfolds a value and decodes its encoded words, at most so many octets of it.
pub(crate) fn decode(raw: &[u8]) -> String {
    let raw = raw.get(..VALUE_OCTETS_MAX).unwrap_or(raw);
    let mut text = String::from_utf8_lossy(raw);
    if text.contains("=?") {
        let parsed = HeaderForm::Text.parse(raw);
        text = Cow::Owned(parsed.value().as_text().unwrap_or_default().to_owned());
    }
    unfold(text.trim())
}

/// A line end followed by white space is that white space; a lone one is a space.
fn unfold(text: &str) -> String {
    if !text.contains(['\r', '\n']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    out.push_str(lines.next().unwrap_or_default());
    for line in lines {
        out.push(' ');
        out.push_str(line.trim_start_matches([' ', '\t']));
    }
    out
}

const ADDRESSES_MAX: usize = 2_000;
const FIELDS_MAX: usize = 1_000;
const HONEST_HEADER_OCTETS_MAX: usize = 64 * 1024;
const VALUE_OCTETS_MAX: usize = 64 * 1024;
