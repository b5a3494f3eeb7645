//! The grammar of the report part: one `Name: value` a line, up to the first blank line.
//!
//! Lines end with CRLF. Only in a text without any CRLF does a lone LF end one, so that a control
//! character inside a subject starts no line of its own. Each field that stands once is taken
//! once, the first time; later ones are a defect. No line is ever an error.

use crate::address::Address;
use crate::journal::Defect;
use crate::journal::report::{Recipient, RecipientKind, Via};

/// What the report part states, before it is compared with anything.
#[derive(Default)]
pub(crate) struct Envelope {
    pub(crate) sender: Option<String>,
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) mailbox: Option<String>,
    pub(crate) sent: Option<String>,
    pub(crate) received: Option<String>,
    pub(crate) recipients: Vec<Recipient>,
    /// How many more there are than are kept.
    pub(crate) recipients_beyond: usize,
    pub(crate) extensions: Vec<(String, String)>,
    pub(crate) defects: Vec<Defect>,
}

impl Envelope {
    // spec: ms-xjrnl#2.1
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim_start_matches(['\u{feff}', '\r', '\n', ' ', '\t', '\u{a0}']);
        let separator = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut envelope = Self::default();
        let mut in_list = false;
        for (count, line) in text.split(separator).enumerate() {
            if trim(line).is_empty() {
                break;
            }
            if count >= LINES_MAX {
                envelope.defects.push(Defect::Limit);
                break;
            }
            in_list = envelope.line(line, in_list);
        }
        if envelope.recipients_beyond > 0 {
            envelope.defects.push(Defect::Limit);
        }
        envelope
    }

    /// Whether these lines are a report part at all.
    pub(crate) fn is_complete(&self) -> bool {
        (self.sender.is_some() || self.message_id.is_some()) && !self.recipients.is_empty()
    }

    /// Takes one line; true while inside the list of Exchange 2003.
    fn line(&mut self, line: &str, in_list: bool) -> bool {
        let Some((name, value)) = line.split_once(':') else {
            if in_list {
                self.recipient(RecipientKind::Recipient, trim(line));
            }
            return in_list;
        };
        let (name, value) = (trim(name).to_ascii_lowercase(), trim(value));
        match name.as_str() {
            "to" => self.recipient(RecipientKind::To, value),
            "cc" => self.recipient(RecipientKind::Cc, value),
            "bcc" => self.recipient(RecipientKind::Bcc, value),
            "recipient" => self.recipient(RecipientKind::Recipient, value),
            "recipients" => {
                if !value.is_empty() {
                    self.recipient(RecipientKind::Recipient, value);
                }
                return true;
            }
            _ if in_list && value.contains('@') => {
                self.recipient(RecipientKind::Recipient, trim(line));
                return true;
            }
            name => self.single(name, value),
        }
        false
    }

    fn single(&mut self, name: &str, value: &str) {
        let slot = match name {
            "sender" => &mut self.sender,
            "on-behalf-of" => &mut self.on_behalf_of,
            "subject" => &mut self.subject,
            "message-id" => &mut self.message_id,
            "label" => &mut self.label,
            "mailbox" => &mut self.mailbox,
            "sentutc" => &mut self.sent,
            "receivedutc" => &mut self.received,
            _ => {
                if self.extensions.len() < EXTENSIONS_MAX {
                    self.extensions.push((name.to_owned(), value.to_owned()));
                }
                return;
            }
        };
        match slot {
            Some(_) => self.defects.push(Defect::RepeatedField),
            None => *slot = Some(value.to_owned()),
        }
    }

    fn recipient(&mut self, kind: RecipientKind, value: &str) {
        if value.is_empty() {
            return;
        }
        if self.recipients.len() >= RECIPIENTS_MAX {
            self.recipients_beyond += 1;
            return;
        }
        let (raw, via) = split_modifier(value);
        let recipient = Recipient { kind, raw: raw.to_owned(), address: address_of(raw), via };
        self.recipients.push(recipient);
    }
}

/// White space, and the no-break space that some programs put after a colon.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}'))
}

/// Splits off the last `, Expanded: list` or `, Forwarded: user` that stands outside quotes. One
/// pass: a hostile line may be long.
fn split_modifier(value: &str) -> (&str, Option<(Via, String)>) {
    let octets = value.as_bytes();
    let mut last = None;
    let (mut quoted, mut escaped, mut boundary) = (false, false, false);
    for (at, octet) in octets.iter().enumerate() {
        let rest = octets.get(at..).unwrap_or_default();
        if !quoted && boundary {
            last = MODIFIERS
                .into_iter()
                .find(|(_, word)| starts_with_ignoring_case(rest, word.as_bytes()))
                .map(|(via, word)| (at, via, word.len()))
                .or(last);
        }
        quoted ^= *octet == b'"' && !escaped;
        escaped = *octet == b'\\' && !escaped;
        // 0xA0 ends a no-break space in UTF-8; a false match inside a word needs the word, too.
        boundary = matches!(octet, b' ' | b',' | b'\t' | 0xa0);
    }
    let split = last.and_then(|(at, via, length)| {
        let front = value.get(..at)?.trim_end_matches([' ', '\t', ',', '\u{a0}']);
        let path = trim(value.get(at + length..)?);
        (!front.is_empty()).then(|| (front, Some((via, path.to_owned()))))
    });
    split.unwrap_or((value, None))
}

fn starts_with_ignoring_case(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word))
}

/// The SMTP address in a path: bare, in angle brackets after a name, or encapsulated. An X.500
/// name has none.
pub(crate) fn address_of(path: &str) -> Option<Address> {
    let path = trim(path);
    let inner = match path.rsplit_once('<') {
        Some((_, inner)) => inner.strip_suffix('>').unwrap_or(inner),
        None => path,
    };
    let inner =
        inner.strip_prefix("SMTP:").or_else(|| inner.strip_prefix("smtp:")).unwrap_or(inner);
    if inner.starts_with("[EX:") || inner.starts_with("[ex:") {
        return None;
    }
    let address = Address::parse(inner).ok()?;
    let local = address.local();
    if let Some(encapsulated) = strip_prefix_ignoring_case(local, "IMCEASMTP-") {
        return Address::parse(&decapsulate(encapsulated)).ok();
    }
    // Other encapsulations (IMCEAEX- and so on) hold names that only the directory can resolve.
    strip_prefix_ignoring_case(local, "IMCEA").is_none().then_some(address)
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let front = text.get(..prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

/// Undoes `+40` for `@` and `_` for `/`.
fn decapsulate(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&octet, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let decoded = hex.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (octet, decoded) {
            (b'+', Some(decoded)) => {
                octets.push(decoded);
                rest = tail.get(2..).unwrap_or_default();
                continue;
            }
            (b'_', _) => octets.push(b'/'),
            _ => octets.push(octet),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&octets).into_owned()
}

const MODIFIERS: [(Via, &str); 2] = [(Via::Expanded, "expanded:"), (Via::Forwarded, "forwarded:")];
const EXTENSIONS_MAX: usize = 100;
/// Lines read, so that recipients beyond those kept are at least counted.
const LINES_MAX: usize = 20_000;
/// Recipients kept. A report lists those of one fork, and Exchange makes a new fork after far
/// fewer (it chips what has too many recipients and expands lists in parts); so many lines in one
/// report were written by somebody else, and each costs a row and a lookup in a mailbox.
const RECIPIENTS_MAX: usize = 1_000;
