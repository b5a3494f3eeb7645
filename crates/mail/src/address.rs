//! Mail addresses and domains, in the one form in which they are compared.
//!
//! [`Domain`] and [`Address`] can only be had by `parse`, so the rest of the program never folds
//! case or strips a dot again. Reading is tolerant, since the text comes from real mail; what is
//! read is canonical. Whether a domain exists is nobody's business here.

use std::fmt;

use crate::redacted_debug;

/// A domain name as we compare it: A-labels, lower case, no trailing dot, at least two labels.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Domain(String);

impl Domain {
    /// Reads a domain as it appears in an address or as the host of a URL.
    // spec: rfc1035#2.3.4 rfc5321#4.1.2 rfc5891#4
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.len() > WRITTEN_OCTETS_MAX {
            return Err(DomainError::TooLong { octets: text.len() });
        }
        let ascii = if text.is_ascii() && !has_a_label(text) {
            text.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(text).map_err(|_| DomainError::Idna)?
        };
        Self::check(&ascii)?;
        Ok(Self(ascii))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part that somebody registered: one label below the public suffix, or the whole domain
    /// where it is itself a public suffix.
    pub fn registrable(&self) -> Self {
        match psl::domain_str(&self.0) {
            Some(registrable) => Self(registrable.to_owned()),
            None => self.clone(),
        }
    }

    /// Whether this is `other`, or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.strip_suffix(&other.0).is_some_and(|front| front.ends_with('.'))
    }

    fn check(ascii: &str) -> Result<(), DomainError> {
        if ascii.len() > OCTETS_MAX {
            return Err(DomainError::TooLong { octets: ascii.len() });
        }
        if !ascii.contains('.') {
            return Err(DomainError::NoDot);
        }
        let last = ascii.rsplit('.').next().unwrap_or_default();
        if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DomainError::Numeric);
        }
        ascii.split('.').try_for_each(check_label)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An A-label's punycode is only trusted after IDNA has looked at it.
fn has_a_label(ascii: &str) -> bool {
    ascii
        .split('.')
        .any(|label| label.get(..4).is_some_and(|four| four.eq_ignore_ascii_case("xn--")))
}

/// Underscores are not in the standard, yet hosts with them send and receive mail every day.
fn check_label(label: &str) -> Result<(), DomainError> {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if label.is_empty() || label.len() > LABEL_OCTETS_MAX {
        return Err(DomainError::LabelLength { octets: label.len() });
    }
    if label.starts_with('-') || label.ends_with('-') || !label.bytes().all(inner) {
        return Err(DomainError::LabelCharacter);
    }
    Ok(())
}

/// Why a text is not a [`Domain`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DomainError {
    /// IDNA refused a label.
    #[error("a label is not valid under IDNA")]
    Idna,
    /// A label holds what no label may hold.
    #[error("a label holds a character other than a letter, a digit or an inner hyphen")]
    LabelCharacter,
    /// A label is empty or too long.
    #[error("a label has {octets} octets; 1 to {LABEL_OCTETS_MAX} are allowed")]
    LabelLength {
        /// How long the label is.
        octets: usize,
    },
    /// Only one label.
    #[error("a mail domain has at least two labels")]
    NoDot,
    /// The last label is a number, as in an IPv4 address.
    #[error("the last label is a number")]
    Numeric,
    /// The whole is too long.
    #[error("{octets} octets; {OCTETS_MAX} are allowed")]
    TooLong {
        /// How long the text is.
        octets: usize,
    },
}

/// A mail address: a local part as its owner wrote it, and a canonical domain.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    local: String,
    domain: Domain,
}

redacted_debug!(Address, this => this.local.len() + 1 + this.domain.as_str().len());

impl Address {
    /// Reads `local@domain`, also in angle brackets and with a quoted local part.
    // spec: rfc5321#4.1.2 rfc5322#3.4.1
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let text = text.strip_prefix('<').unwrap_or(text);
        let text = text.strip_suffix('>').unwrap_or(text).trim();
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        let local = unquote(local.trim());
        if local.is_empty() || local.len() > LOCAL_OCTETS_MAX {
            return Err(AddressError::LocalLength { octets: local.len() });
        }
        if local.chars().any(char::is_control) {
            return Err(AddressError::LocalCharacter);
        }
        let domain = Domain::parse(domain).map_err(AddressError::Domain)?;
        Ok(Self { local, domain })
    }

    /// The local part, unquoted, in the case in which it was written.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The whole address in lower case: two spellings of one mailbox have the same key.
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_atom(&self.local) {
            return write!(f, "{}@{}", self.local, self.domain);
        }
        f.write_str("\"")?;
        for character in self.local.chars() {
            if matches!(character, '"' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{character}")?;
        }
        write!(f, "\"@{}", self.domain)
    }
}

fn is_dot_atom(local: &str) -> bool {
    let atext = |c: char| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
}

fn unquote(local: &str) -> String {
    let inner = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else { return local.to_owned() };
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let plain = if character == '\\' { characters.next() } else { Some(character) };
        out.extend(plain);
    }
    out
}

/// Why a text is not an [`Address`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// What stands after the last `@` is no domain.
    #[error("the domain is not valid: {0}")]
    Domain(DomainError),
    /// The local part holds a control character.
    #[error("the local part holds a control character")]
    LocalCharacter,
    /// The local part is empty or too long.
    #[error("the local part has {octets} octets; 1 to {LOCAL_OCTETS_MAX} are allowed")]
    LocalLength {
        /// How long the local part is.
        octets: usize,
    },
    /// There is no `@`.
    #[error("there is no @")]
    NoAt,
}

/// One entry of a From, To or Cc field: a display name, and an address where it is one.
#[derive(Clone, Eq, PartialEq)]
pub struct Mailbox {
    /// The display name, decoded; empty where there is none.
    pub name: String,
    /// The address as it was written, trimmed.
    pub raw: String,
    /// The address, where what was written is one.
    pub address: Option<Address>,
}

redacted_debug!(Mailbox, this => this.name.len() + this.raw.len());

impl Mailbox {
    /// Puts a display name and an address text together.
    pub fn new(name: &str, raw: &str) -> Self {
        let raw = raw.trim();
        Self {
            name: name.trim().to_owned(),
            raw: raw.to_owned(),
            address: Address::parse(raw).ok(),
        }
    }
}

const LABEL_OCTETS_MAX: usize = 63;
/// The standard says 64; real list software writes longer ones (VERP), and we only read.
const LOCAL_OCTETS_MAX: usize = 512;
const OCTETS_MAX: usize = 253;
/// U-labels take more octets than the A-labels they stand for.
const WRITTEN_OCTETS_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_table() {
        let long_label = format!("{}.example", "a".repeat(64));
        let rows: &[(&str, &str, Result<&str, DomainError>)] = &[
            ("plain", "mail.example", Ok("mail.example")),
            ("case folds", "Mail.EXAMPLE", Ok("mail.example")),
            ("root dot is dropped", "mail.example.", Ok("mail.example")),
            ("only one root dot", "mail.example..", Err(DomainError::LabelLength { octets: 0 })),
            ("bare host", "localhost", Err(DomainError::NoDot)),
            ("edge hyphen", "-a.example", Err(DomainError::LabelCharacter)),
            ("underscore is tolerated", "a_b.example", Ok("a_b.example")),
            ("U-label", "bücher.example", Ok("xn--bcher-kva.example")),
            ("A-label folds", "XN--BCHER-KVA.example", Ok("xn--bcher-kva.example")),
            ("ideographic full stop", "mail。example", Ok("mail.example")),
            ("false A-label", "xn--a.example", Err(DomainError::Idna)),
            ("space inside", "a b.example", Err(DomainError::LabelCharacter)),
            ("IPv4", "192.0.2.1", Err(DomainError::Numeric)),
            ("64-octet label", &long_label, Err(DomainError::LabelLength { octets: 64 })),
        ];
        for (rule, written, meant) in rows {
            let got = Domain::parse(written);
            assert_eq!(got.as_ref().map(Domain::as_str), meant.as_ref().copied(), "{rule}");
        }
    }

    #[test]
    fn registrable_follows_the_public_suffix_list() {
        let registrable = |text| Domain::parse(text).unwrap().registrable().to_string();
        assert_eq!(registrable("a.b.shop.example.com"), "example.com");
        assert_eq!(registrable("a.b.co.uk"), "b.co.uk");
        assert_eq!(registrable("someone.github.io"), "someone.github.io");
        assert_eq!(registrable("co.uk"), "co.uk");
    }

    #[test]
    fn within_means_equal_or_below_at_a_label() {
        let domain = |text| Domain::parse(text).unwrap();
        assert!(domain("a.corp.example").is_within(&domain("corp.example")));
        assert!(domain("corp.example").is_within(&domain("corp.example")));
        assert!(!domain("evilcorp.example").is_within(&domain("corp.example")));
    }

    #[test]
    fn address_table() {
        let rows = [
            (
                "plain",
                "Anna@Corp.Example",
                Some(("Anna", "Anna@corp.example", "anna@corp.example")),
            ),
            ("angle brackets", " <a@b.example> ", Some(("a", "a@b.example", "a@b.example"))),
            ("quoted", "\"a,b\"@b.example", Some(("a,b", "\"a,b\"@b.example", "a,b@b.example"))),
            ("needless quotes", "\"ab\"@b.example", Some(("ab", "ab@b.example", "ab@b.example"))),
            (
                "at in quotes",
                "\"a@x\"@b.example",
                Some(("a@x", "\"a@x\"@b.example", "a@x@b.example")),
            ),
            ("non-ASCII", "jörg@b.example", Some(("jörg", "jörg@b.example", "jörg@b.example"))),
            ("no at", "anna", None),
            ("no local part", "@b.example", None),
            ("control character", "a\r\nb@b.example", None),
            ("address literal", "a@[192.0.2.1]", None),
        ];
        for (rule, written, meant) in rows {
            let got = Address::parse(written).ok();
            let got = got.map(|a| (a.local().to_owned(), a.to_string(), a.key()));
            let meant = meant.map(|(l, d, k)| (l.to_owned(), d.to_owned(), k.to_owned()));
            assert_eq!(got, meant, "{rule}");
        }
    }

    #[test]
    fn debug_tells_nothing() {
        let address = Address::parse("anna@corp.example").unwrap();
        assert_eq!(format!("{address:?}"), "<redacted 17 octets>");
        let mailbox = Mailbox::new("Anna", "anna@corp.example");
        assert!(!format!("{mailbox:?}").contains("nna"));
    }

    proptest::proptest! {
        /// What we print, we read back as the same value.
        #[test]
        fn display_then_parse_is_identity(text in "\\PC{1,20}@[a-zA-Z0-9é-]{1,8}\\.[a-zA-Z0-9-]{1,8}") {
            if let Ok(address) = Address::parse(&text) {
                assert_eq!(Address::parse(&address.to_string()), Ok(address));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,300}") {
            let _ = Address::parse(&text);
            let _ = Domain::parse(&text);
        }
    }
}
