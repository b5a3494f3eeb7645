//! Indicators: what is observable in a message and comparable with what somebody says is bad.
//!
//! Both sides (messages and intel files) go through [`normalise`], so that equal things have equal
//! values. Intel is often written so that nobody clicks it (`hxxp`, `[.]`); that is undone here.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::address::{Address, Domain};
use crate::message::{Message, normalise_url, subject_key};
use crate::redacted_debug;

/// Something observable and comparable.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Indicator {
    /// What it is.
    pub kind: IndicatorKind,
    /// Its canonical text.
    pub value: String,
}

redacted_debug!(Indicator, this => this.value.len());

/// What an indicator is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum IndicatorKind {
    /// A mail address.
    Address,
    /// A registrable domain.
    Domain,
    /// A host of a URL.
    Host,
    /// An IP address.
    Ip,
    /// A SHA-256 of an attachment, in hexadecimal.
    Sha256,
    /// A subject without what campaigns vary.
    SubjectKey,
    /// A URL.
    Url,
}

impl IndicatorKind {
    /// Every kind, in order.
    pub const ALL: [Self; 7] = [
        Self::Address,
        Self::Domain,
        Self::Host,
        Self::Ip,
        Self::Sha256,
        Self::SubjectKey,
        Self::Url,
    ];

    /// The word for it in files, the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Domain => "domain",
            Self::Host => "host",
            Self::Ip => "ip",
            Self::Sha256 => "sha256",
            Self::SubjectKey => "subject_key",
            Self::Url => "url",
        }
    }

    /// The kind that a word stands for.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

/// Reads one indicator of a kind, however it was defanged; `None` where it is none.
pub fn normalise(kind: IndicatorKind, text: &str) -> Option<Indicator> {
    let text = text.trim();
    if text.len() > WRITTEN_OCTETS_MAX {
        return None;
    }
    let mut value = read(kind, text)?;
    // Canonical spelling can make a mark where there was none (`[:\\]`); what does not come to rest
    // is nothing that anybody wrote.
    if is_defanged(kind, &value) {
        value = read(kind, &value)?;
        if is_defanged(kind, &value) {
            return None;
        }
    }
    Some(Indicator { kind, value })
}

fn is_defanged(kind: IndicatorKind, value: &str) -> bool {
    kind != IndicatorKind::SubjectKey && refang(value) != value
}

fn read(kind: IndicatorKind, text: &str) -> Option<String> {
    match kind {
        IndicatorKind::Address => Some(Address::parse(&refang(text)).ok()?.key()),
        IndicatorKind::Domain => Some(Domain::parse(&refang(text)).ok()?.to_string()),
        IndicatorKind::Host => host(&refang(text)),
        IndicatorKind::Ip => Some(refang(text).parse::<IpAddr>().ok()?.to_canonical().to_string()),
        IndicatorKind::Sha256 => sha256(text),
        IndicatorKind::SubjectKey => Some(subject_key(text)).filter(|key| !key.is_empty()),
        IndicatorKind::Url => {
            let text = refang(text);
            let text = if text.contains("://") { text } else { format!("http://{text}").into() };
            normalise_url(&text)
        }
    }
}

fn host(text: &str) -> Option<String> {
    if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(ip.to_canonical().to_string());
    }
    Domain::parse(text).ok().map(|domain| domain.to_string())
}

fn sha256(text: &str) -> Option<String> {
    let is_digest = text.len() == 64 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    is_digest.then(|| text.to_ascii_lowercase())
}

/// Undoes the ways in which people keep an indicator from being clicked. No mark is left in what
/// comes out, however they were put into each other.
fn refang(text: &str) -> Cow<'_, str> {
    // A URL is read without these, so that they may stand inside a mark.
    let dropped = ['\t', '\r', '\n'];
    let marked = text.contains(['[', '(', '{']) || text.contains(dropped);
    let mut text = Cow::Borrowed(text);
    if marked {
        let mut plain = String::with_capacity(text.len());
        for character in text.chars().filter(|character| !dropped.contains(character)) {
            plain.push(character);
            while let Some((length, meant)) = mark_at_end(&plain) {
                plain.truncate(plain.len() - length);
                plain.push_str(meant);
            }
        }
        text = Cow::Owned(plain);
    }
    for (defanged, scheme) in [("hxxp", "http"), ("fxp:", "ftp:")] {
        if text.get(..4).is_some_and(|four| four.eq_ignore_ascii_case(defanged)) {
            text.to_mut().replace_range(..4, scheme);
        }
    }
    text
}

/// The length of the mark that a text ends with, and what it stands for.
fn mark_at_end(text: &str) -> Option<(usize, &'static str)> {
    if !text.ends_with([']', ')', '}']) {
        return None;
    }
    let ends_with = |mark: &str| {
        let end = text.len().checked_sub(mark.len()).and_then(|at| text.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(mark))
    };
    let (mark, meant) = DEFANGED.into_iter().find(|(mark, _)| ends_with(mark))?;
    Some((mark.len(), meant))
}

/// Everything observable in a message: each once, sorted, limited.
pub(crate) fn of(message: &Message) -> Vec<Indicator> {
    let mut found = Vec::new();
    let mut add = |kind, text: &str| found.extend(normalise(kind, text));

    for link in &message.links {
        let Some(host) = &link.host else { continue };
        add(IndicatorKind::Host, host);
        add_registrable(&mut add, host);
        if host.parse::<IpAddr>().is_ok() {
            add(IndicatorKind::Ip, host);
        }
        if let Some(url) = &link.url {
            add(IndicatorKind::Url, url);
        }
    }
    for mailbox in message.from.iter().chain(&message.sender).chain(&message.reply_to) {
        let Some(address) = &mailbox.address else { continue };
        add(IndicatorKind::Address, &address.key());
        add_registrable(&mut add, address.domain().as_str());
    }
    if let Some(domain) = &message.authentication.mail_from_domain {
        add_registrable(&mut add, domain.as_str());
    }
    if let Some(ip) = message.provider.client_ip {
        add(IndicatorKind::Ip, &ip.to_string());
    }
    for attachment in &message.attachments {
        add(IndicatorKind::Sha256, &hex(&attachment.sha256));
    }
    let key = subject_key(&message.subject);
    if key.chars().count() >= SUBJECT_KEY_CHARS_MIN {
        add(IndicatorKind::SubjectKey, &key);
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(INDICATORS_MAX);
    found
}

fn add_registrable(add: &mut impl FnMut(IndicatorKind, &str), host: &str) {
    if let Ok(domain) = Domain::parse(host) {
        add(IndicatorKind::Domain, domain.registrable().as_str());
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

const DEFANGED: [(&str, &str); 8] = [
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("[:]", ":"),
    ("[://]", "://"),
    ("[@]", "@"),
    ("[at]", "@"),
];
const INDICATORS_MAX: usize = 5_000;
/// Shorter keys ("hello") are shared by too many honest messages to compare by.
const SUBJECT_KEY_CHARS_MIN: usize = 8;
const WRITTEN_OCTETS_MAX: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalise_table() {
        use IndicatorKind as K;
        let digest = "AB".repeat(32);
        let rows = [
            (
                "defanged URL",
                K::Url,
                "hxxps[:]//Lure[.]example/a#x",
                Some("https://lure.example/a"),
            ),
            (
                "defanged scheme mark",
                K::Url,
                "hXXp[://]lure(.)example",
                Some("http://lure.example/"),
            ),
            ("URL without a scheme", K::Url, "lure.example/a", Some("http://lure.example/a")),
            ("domain", K::Domain, "Lure[.]Example.", Some("lure.example")),
            ("host", K::Host, "bücher.example", Some("xn--bcher-kva.example")),
            ("host that is an address", K::Host, "192.0.2.1", Some("192.0.2.1")),
            ("address", K::Address, "Anna[@]corp[.]example", Some("anna@corp.example")),
            ("mapped IPv4", K::Ip, "::ffff:192.0.2.1", Some("192.0.2.1")),
            ("IPv6", K::Ip, "2001:DB8:0:0::1", Some("2001:db8::1")),
            (
                "digest",
                K::Sha256,
                digest.as_str(),
                Some("abababababababababababababababababababababababababababababababab"),
            ),
            ("half a digest", K::Sha256, "abab", None),
            ("subject", K::SubjectKey, "RE: Invoice 12", Some("invoice")),
            ("not an address", K::Address, "anna", None),
            ("script", K::Url, "javascript://x", None),
            ("mark in a mark", K::Host, "lure[[.]]example", Some("lure.example")),
            ("mark in capitals", K::Address, "a[AT]lure[Dot]example", Some("a@lure.example")),
            ("line end in a mark", K::Url, "http://a.example/[\r:]", Some("http://a.example/:")),
            ("mark by backslash", K::Url, "http://a.example/[:\\\\]", Some("http://a.example/://")),
        ];
        for (rule, kind, text, meant) in rows {
            let got = normalise(kind, text).map(|indicator| indicator.value);
            assert_eq!(got.as_deref(), meant, "{rule}");
            let again = meant.and_then(|value| normalise(kind, value)).map(|again| again.value);
            assert_eq!(again.as_deref(), meant, "{rule}, twice");
        }
    }

    #[test]
    fn kinds_have_words_and_words_have_kinds() {
        for kind in IndicatorKind::ALL {
            assert_eq!(IndicatorKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(IndicatorKind::parse("carrier pigeon"), None);
    }

    proptest::proptest! {
        /// Normalising what was normalised changes nothing: otherwise lookups would miss.
        #[test]
        fn normalising_twice_is_normalising_once(text in "(hxxp|http)?s?(://)?(\\PC|\\[[.:@/\\\\]{1,3}\\]|[\\[\\]\r\t]){0,40}") {
            for kind in IndicatorKind::ALL {
                if let Some(once) = normalise(kind, &text) {
                    assert_eq!(normalise(kind, &once.value), Some(once));
                }
            }
        }
    }
}
