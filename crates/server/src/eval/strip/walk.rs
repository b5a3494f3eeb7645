//! One pass over the lines of a message, knowing what is a header, a delimiter and a body.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::recipients::{CONSTANT, Recipients};

/// The pass, with what it has seen so far.
pub(super) struct Walk<'a> {
    recipients: &'a Recipients,
    /// Whether recipients and boundaries are replaced.
    is_whole: bool,
    is_removed: &'a dyn Fn(&[u8]) -> bool,
    out: Vec<u8>,
    boundaries: Vec<(Vec<u8>, Vec<u8>)>,
    place: Place,
    /// Whether the header is that of the message itself.
    is_top: bool,
    part: Part,
    /// The field or the body being read.
    pending: Vec<u8>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    Header,
    Body,
}

/// What the header of a part says about its body.
#[derive(Clone, Copy)]
struct Part {
    is_text: bool,
    is_message: bool,
    is_base64: bool,
}

impl Part {
    const UNSTATED: Self = Self { is_text: true, is_message: false, is_base64: false };
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        recipients: &'a Recipients,
        is_whole: bool,
        is_removed: &'a dyn Fn(&[u8]) -> bool,
    ) -> Self {
        Self {
            recipients,
            is_whole,
            is_removed,
            out: Vec::new(),
            boundaries: Vec::new(),
            place: Place::Header,
            is_top: true,
            part: Part::UNSTATED,
            pending: Vec::new(),
        }
    }

    /// The message, line after line.
    pub(super) fn over(mut self, raw: &[u8]) -> Vec<u8> {
        self.out.reserve(raw.len());
        for line in raw.split_inclusive(|octet| *octet == b'\n') {
            if self.place == Place::Header && line.starts_with(b"--") {
                // Some write the first delimiter straight below the field that states it.
                self.flush();
            }
            if let Some((delimiter, closes)) = self.delimiter(line) {
                self.flush();
                self.out.extend_from_slice(&delimiter);
                self.place = if closes { Place::Body } else { Place::Header };
                self.part = Part::UNSTATED;
                self.is_top = false;
            } else if self.place == Place::Body {
                self.pending.extend_from_slice(line);
            } else if line.trim_ascii().is_empty() {
                self.flush();
                self.out.extend_from_slice(line);
                self.is_top = false;
                // The header of a nested message follows that of its part.
                if self.part.is_message && !self.part.is_base64 {
                    self.part = Part::UNSTATED;
                } else {
                    self.place = Place::Body;
                }
            } else {
                if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                    self.flush();
                }
                self.pending.extend_from_slice(line);
            }
        }
        self.flush();
        self.out
    }

    /// A delimiter line under its new name, and whether it is the last of its parts.
    fn delimiter(&self, line: &[u8]) -> Option<(Vec<u8>, bool)> {
        let rest = line.strip_prefix(b"--")?;
        let written = rest.trim_ascii_end();
        for (old, new) in self.boundaries.iter().rev() {
            let Some(after) = written.strip_prefix(old.as_slice()) else { continue };
            if after.is_empty() || after == b"--" {
                let end = rest.get(written.len()..).unwrap_or_default();
                return Some(([b"--", new.as_slice(), after, end].concat(), !after.is_empty()));
            }
        }
        None
    }

    /// Writes what was read: a field or a body.
    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        match self.place {
            Place::Header => self.field(&pending),
            Place::Body if self.part.is_base64 && self.part.is_text && self.is_whole => {
                // What cannot be decoded was written over as it stands.
                let text = self.in_base64(&pending);
                let text = text.unwrap_or_else(|| self.recipients.replaced(&pending));
                self.out.extend_from_slice(&text);
            }
            Place::Body => {
                let text = self.recipients.replaced(&pending);
                self.out.extend_from_slice(&text);
            }
        }
    }

    fn field(&mut self, field: &[u8]) {
        let name_end = field.iter().position(|octet| *octet == b':').unwrap_or_default();
        let (name, value) = field.split_at(name_end);
        let name = name.trim_ascii();
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if self.is_top && (self.is_removed)(name) {
            return;
        }
        let value = value.strip_prefix(b":").unwrap_or(value);
        if is("Content-Type") {
            let kind = value.trim_ascii_start().to_ascii_lowercase();
            self.part.is_text = kind.starts_with(b"text/");
            self.part.is_message = kind.starts_with(b"message/");
            let field = self.with_new_boundary(field);
            self.out.extend_from_slice(&field);
            return;
        }
        if is("Content-Transfer-Encoding") {
            self.part.is_base64 = value.trim_ascii().eq_ignore_ascii_case(b"base64");
        }
        let is_recipient = is("To") || is("Cc");
        if self.is_whole && is_recipient && value.contains(&b'@') {
            let end: &[u8] = if field.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
            self.out.extend_from_slice(&[name, b": ", CONSTANT.as_bytes(), end].concat());
            return;
        }
        let is_author = is("From") || is("Sender") || is("Reply-To");
        let field = if is_author {
            self.recipients.replaced_in_author(field)
        } else {
            self.recipients.replaced(field)
        };
        self.out.extend_from_slice(&field);
    }

    /// Takes note of the boundary that a field states, and names it anew.
    fn with_new_boundary(&mut self, field: &[u8]) -> Vec<u8> {
        let Some((from, to)) = boundary(field).filter(|_| self.is_whole) else {
            return field.to_vec();
        };
        let old = field.get(from..to).unwrap_or_default();
        let known = self.boundaries.iter().find(|(known, _)| known == old);
        let new = known.map_or_else(
            || format!("part-{}", self.boundaries.len() + 1).into_bytes(),
            |(_, new)| new.clone(),
        );
        if self.boundaries.len() < BOUNDARIES_MAX {
            self.boundaries.push((old.to_vec(), new.clone()));
        } else {
            return field.to_vec();
        }
        let before = field.get(..from).unwrap_or_default();
        [before, &new, field.get(to..).unwrap_or_default()].concat()
    }

    /// The same text in base64 with the recipients replaced; nothing where none is in it.
    fn in_base64(&self, encoded: &[u8]) -> Option<Vec<u8>> {
        let packed: Vec<u8> =
            encoded.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
        let decoded = LENIENT.decode(&packed).ok()?;
        let replaced = self.recipients.replaced(&decoded);
        if replaced == decoded {
            return None;
        }
        let end: &[u8] =
            if encoded.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
        let mut out = Vec::with_capacity(encoded.len());
        for line in LENIENT.encode(&replaced).as_bytes().chunks(LINE_OCTETS) {
            out.extend_from_slice(line);
            out.extend_from_slice(end);
        }
        Some(out)
    }
}

/// Where in a field the boundary stands, without its quotes.
fn boundary(field: &[u8]) -> Option<(usize, usize)> {
    let lower = field.to_ascii_lowercase();
    let name = lower.windows(BOUNDARY.len()).position(|window| window == BOUNDARY)?;
    let after = name + BOUNDARY.len();
    let skip = |from: usize| {
        let rest = field.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|octet| octet.is_ascii_whitespace()).count()
    };
    let equals = skip(after);
    if field.get(equals) != Some(&b'=') {
        return None;
    }
    let start = skip(equals + 1);
    let is_quoted = field.get(start) == Some(&b'"');
    let start = start + usize::from(is_quoted);
    let rest = field.get(start..)?;
    let is_end = |octet: &u8| {
        if is_quoted { *octet == b'"' } else { octet.is_ascii_whitespace() || *octet == b';' }
    };
    let length = rest.iter().position(is_end).unwrap_or(rest.len());
    (length > 0).then_some((start, start + length))
}

const BOUNDARY: &[u8] = b"boundary";
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
const LINE_OCTETS: usize = 76;
const BOUNDARIES_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_found_however_it_is_written() {
        let rows: &[(&str, Option<&str>)] = &[
            ("Content-Type: multipart/mixed; boundary=abc", Some("abc")),
            ("Content-Type: multipart/mixed; Boundary = \"a b;c\"; x=y", Some("a b;c")),
            ("Content-Type: multipart/mixed;\r\n\tboundary=abc; x=y\r\n", Some("abc")),
            ("Content-Type: multipart/mixed", None),
            ("Content-Type: multipart/mixed; boundary=", None),
        ];
        for (field, meant) in rows {
            let found = boundary(field.as_bytes()).map(|(from, to)| &field[from..to]);
            assert_eq!(found, *meant, "{field}");
        }
    }

    #[test]
    fn a_delimiter_straight_below_the_header_is_one() {
        let mail = b"Content-Type: multipart/mixed; boundary=out\n--out\nX: y\n\ntext\n--out--\n";
        let got = Walk::new(&Recipients::nobody(), true, &|name| name == b"X").over(mail);
        let meant: &[u8] =
            b"Content-Type: multipart/mixed; boundary=part-1\n--part-1\nX: y\n\ntext\n--part-1--\n";
        assert_eq!(got, meant);
    }

    #[test]
    fn parts_within_parts_and_nested_messages_keep_their_form() {
        let mail = "Content-Type: multipart/mixed; boundary=out\n\n--out\n\
            Content-Type: message/rfc822\n\nX-Mine: stays\nContent-Type: multipart/related; boundary=in\n\n\
            --in\nContent-Type: text/plain\n\nX: text\n--in--\n--out--\nlast\n";
        let got = Walk::new(&Recipients::nobody(), true, &|name| name.starts_with(b"X"))
            .over(mail.as_bytes());
        let got = String::from_utf8(got).unwrap();
        let meant = mail.replace("=out", "=part-1").replace("--out", "--part-1");
        let meant = meant.replace("=in", "=part-2").replace("--in", "--part-2");
        assert_eq!(got, meant);
    }
}
