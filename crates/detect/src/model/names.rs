//! Domains, addresses and mailboxes as rules see them.

use std::cell::OnceCell;

use clawback_mail::address::Mailbox as Read;
use clawback_mql::{RecordType, Value};

use crate::model::lazy::{Fields, Lazy, known};
use crate::model::types::mail::{DOMAIN, EMAIL_ADDRESS, MAILBOX};

/// A domain name, taken apart when somebody asks.
pub(crate) struct Domain {
    name: Box<str>,
    parts: OnceCell<Parts>,
}

/// Where the parts of a domain begin, as offsets into it.
#[derive(Clone, Copy, Default)]
struct Parts {
    /// Where the top-level domain begins, `co.uk` being one.
    tld: usize,
    /// Where the registered name begins; `None` for a bare top-level domain.
    root: Option<usize>,
    valid: bool,
}

impl Domain {
    /// A name as it stands in a message; null for an empty one.
    pub(crate) fn value(name: &str) -> Value {
        let name = canonical(name);
        if name.is_empty() {
            return Value::Null;
        }
        Lazy::value(Self { name, parts: OnceCell::new() })
    }

    /// The name in lower case, as A-labels.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The registered part of it.
    pub(crate) fn root(&self) -> Option<&str> {
        self.name.get(self.parts().root?..)
    }

    fn parts(&self) -> Parts {
        *self.parts.get_or_init(|| take_apart(&self.name))
    }

    fn text(&self, start: usize, end: usize) -> Value {
        self.name.get(start..end).map_or(Value::Null, Value::filled)
    }
}

impl Fields for Domain {
    const TYPE: &'static RecordType = &DOMAIN;

    fn compute(&self, name: &'static str) -> Value {
        let parts = self.parts();
        let Some(root) = parts.root else {
            return match name {
                "domain" => Value::text(&*self.name),
                "valid" => Value::Bool(false),
                "tld" if parts.tld == 0 => Value::text(&*self.name),
                _ => Value::Null,
            };
        };
        match name {
            "domain" => Value::text(&*self.name),
            "punycode" => shown(&self.name).map_or(Value::Null, Value::text),
            "root_domain" => self.text(root, self.name.len()),
            "sld" => self.text(root, parts.tld.saturating_sub(1)),
            "subdomain" => self.text(0, root.saturating_sub(1)),
            "tld" => self.text(parts.tld, self.name.len()),
            "valid" => Value::Bool(parts.valid),
            _ => Value::Null,
        }
    }
}

/// Lower case, A-labels, no dot at the end.
fn canonical(name: &str) -> Box<str> {
    let name = name.trim().trim_end_matches('.').trim_matches(['[', ']']);
    let name = name.get(..NAME_OCTETS_MAX).unwrap_or(name);
    if name.is_ascii() {
        return name.to_ascii_lowercase().into();
    }
    match idna::domain_to_ascii(name) {
        Ok(ascii) if !ascii.is_empty() => ascii.into(),
        _ => name.to_lowercase().into(),
    }
}

/// The name as a person would read it, where that differs.
fn shown(name: &str) -> Option<String> {
    if !name.split('.').any(|label| label.starts_with("xn--")) {
        return None;
    }
    let (shown, result) = idna::domain_to_unicode(name);
    (result.is_ok() && shown != name).then_some(shown)
}

fn take_apart(name: &str) -> Parts {
    let is_ip = name.parse::<std::net::IpAddr>().is_ok();
    if is_ip || name.is_empty() || name.starts_with('.') {
        return Parts { tld: name.len(), root: None, valid: false };
    }
    let (tld, is_known) = public_suffix(name);
    let root = tld
        .checked_sub(1)
        .map(|dot| name.get(..dot).and_then(|front| front.rfind('.')).map_or(0, |dot| dot + 1));
    let is_label = |label: &str| {
        (1..=LABEL_OCTETS_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'-' | b'_'))
    };
    Parts { tld, root, valid: is_known && root.is_some() && name.split('.').all(is_label) }
}

/// Where the public suffix of a name begins, and whether such a suffix exists. Only suffixes of
/// registries count, not those that companies share: the root of `a.github.io` is `github.io`,
/// since lists of free hosts name it so.
fn public_suffix(name: &str) -> (usize, bool) {
    let mut rest = name;
    // A private suffix lies below a registry's: the next one down is looked for without its front.
    for _ in 0..SUFFIX_STEPS_MAX {
        let Some(suffix) = psl::suffix(rest.as_bytes()) else { break };
        let start = name.len().saturating_sub(suffix.as_bytes().len());
        match suffix.typ() {
            Some(psl::Type::Private) => {
                let below = name.get(start..).and_then(|suffix| suffix.split_once('.'));
                let Some((_, below)) = below else { break };
                rest = below;
            }
            Some(psl::Type::Icann) => return (start, true),
            None => {
                let suffix = name.get(start..).unwrap_or_default();
                return (start, EXAMPLES.contains(&suffix));
            }
        }
    }
    (name.rfind('.').map_or(0, |dot| dot + 1), false)
}

/// An address: what stands before the `@` and the domain.
pub(crate) struct EmailAddress {
    text: Box<str>,
}

impl EmailAddress {
    /// An address as it stands in a message, angle brackets taken off; null for an empty one.
    pub(crate) fn value(text: &str) -> Value {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
        let text = text.get(..NAME_OCTETS_MAX).unwrap_or(text);
        if text.is_empty() {
            return Value::Null;
        }
        Lazy::value(Self { text: text.into() })
    }

    fn split(&self) -> (&str, &str) {
        self.text.rsplit_once('@').unwrap_or((&self.text, ""))
    }
}

impl Fields for EmailAddress {
    const TYPE: &'static RecordType = &EMAIL_ADDRESS;

    fn compute(&self, name: &'static str) -> Value {
        let (local, domain) = self.split();
        match name {
            "domain" => Domain::value(domain),
            "email" if domain.is_empty() => Value::text(&*self.text),
            "email" => Value::text(format!("{local}@{}", canonical(domain))),
            "local_part" => Value::filled(local.trim_matches('"')),
            _ => Value::Null,
        }
    }
}

/// A mailbox of a header field.
pub(crate) fn mailbox(of: &'static RecordType, read: &Read) -> Value {
    named_address(of, &read.name, &read.raw)
}

/// A display name and an address; null where there is neither.
pub(crate) fn named_address(of: &'static RecordType, name: &str, address: &str) -> Value {
    let (name, email) = (Value::filled(name), EmailAddress::value(address));
    if name.is_null() && email.is_null() {
        return Value::Null;
    }
    known(of, [("display_name", name), ("email", email)])
}

/// The mailboxes of a list as people and programs write it: `Anna <anna@a.example>; Ben`.
pub(crate) fn mailboxes_in(text: &str) -> Vec<Value> {
    let text = text.get(..LIST_OCTETS_MAX).unwrap_or(text);
    let mut items = Vec::new();
    let (mut start, mut quoted, mut angled) = (0, false, false);
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            b'"' => quoted = !quoted,
            b'<' => angled = true,
            b'>' => angled = false,
            b';' if !quoted => {
                items.push(text.get(start..at));
                start = at + 1;
            }
            // `Berg, Anna <anna@a.example>` is one mailbox where nothing before is an address.
            b',' if !quoted && !angled && text.get(start..at).is_some_and(|t| t.contains('@')) => {
                items.push(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(text.get(start..));
    let items = items.into_iter().flatten().take(LIST_MAX);
    items.map(mailbox_in).filter(|mailbox| !mailbox.is_null()).collect()
}

/// One mailbox as people and programs write it: `"Anna" <anna@a.example>`, `Anna [mailto:a@b.c]`.
pub(crate) fn mailbox_in(text: &str) -> Value {
    let text = text.trim().trim_matches('*').trim();
    let open = text.find(['<', '[', '(']).filter(|at| text.get(*at..).is_some_and(has_at));
    let (name, address) = match open.and_then(|at| text.split_at_checked(at)) {
        Some((name, rest)) => {
            let inner = rest.trim_start_matches(['<', '[', '(']).trim_start_matches("mailto:");
            (name, inner.split(['>', ']', ')', '<', ' ']).next().unwrap_or_default())
        }
        None if text.contains('@') && !text.contains(' ') => ("", text),
        None => (text, ""),
    };
    let name = name.trim().trim_matches(['"', '\'']).trim();
    named_address(&MAILBOX, name, address.trim_start_matches("mailto:"))
}

fn has_at(text: &str) -> bool {
    text.contains('@')
}

/// Reserved names that examples and tests live in: they count as existing.
const EXAMPLES: [&str; 1] = ["example"];
const LABEL_OCTETS_MAX: usize = 63;
const LIST_MAX: usize = 1_000;
const LIST_OCTETS_MAX: usize = 64 * 1024;
const NAME_OCTETS_MAX: usize = 1_024;
const SUFFIX_STEPS_MAX: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn field(of: &Value, name: &str) -> String {
        of.get(name).as_str().unwrap_or("-").to_owned()
    }

    #[test]
    fn domains() {
        let rows = [
            ("plain", "Mail.Corp.Example", "mail.corp.example corp.example corp mail example true"),
            ("country", "a.b.co.uk", "a.b.co.uk b.co.uk b a co.uk true"),
            ("shared by a company", "x.github.io", "x.github.io github.io github x io true"),
            (
                "storage",
                "a.blob.core.windows.net",
                "a.blob.core.windows.net windows.net windows a.blob.core net true",
            ),
            (
                "no such suffix",
                "host.localdomain",
                "host.localdomain host.localdomain host - localdomain false",
            ),
            ("one label", "localhost", "localhost - - - localhost false"),
            ("address", "192.0.2.1", "192.0.2.1 - - - - false"),
            ("odd label", "-a.example.com", "-a.example.com example.com example -a com false"),
        ];
        for (rule, name, meant) in rows {
            let domain = Domain::value(name);
            let names = ["domain", "root_domain", "sld", "subdomain", "tld"];
            let got: Vec<_> = names.iter().map(|name| field(&domain, name)).collect();
            let valid = domain.get("valid").as_bool().unwrap();
            assert_eq!(format!("{} {valid}", got.join(" ")), meant, "{rule}");
        }
        assert_eq!(field(&Domain::value("xn--bcher-kva.example"), "punycode"), "bücher.example");
        assert_eq!(field(&Domain::value("bücher.example"), "domain"), "xn--bcher-kva.example");
    }

    #[test]
    fn addresses() {
        let address = EmailAddress::value(" <Anna.Berg@Corp.Example> ");
        assert_eq!(field(&address, "email"), "Anna.Berg@corp.example");
        assert_eq!(field(&address, "local_part"), "Anna.Berg");
        let bare = EmailAddress::value("undisclosed");
        assert_eq!(
            (field(&bare, "email"), bare.get("domain").is_null()),
            ("undisclosed".into(), true)
        );
    }

    #[test]
    fn lists_of_mailboxes() {
        let rows = [
            ("one", "Anna <anna@a.example>", "Anna|anna@a.example"),
            (
                "semicolons",
                "Anna <anna@a.example>; Ben <b@b.example>",
                "Anna|anna@a.example Ben|b@b.example",
            ),
            ("commas", "a@a.example, b@b.example", "-|a@a.example -|b@b.example"),
            ("names with commas", "Berg, Anna <anna@a.example>", "Berg, Anna|anna@a.example"),
            ("names alone", "Anna Berg; Ben", "Anna Berg|- Ben|-"),
            ("Outlook", "Anna [mailto:anna@a.example]", "Anna|anna@a.example"),
            ("quoted", "\"Anna; Berg\" <anna@a.example>", "Anna; Berg|anna@a.example"),
            ("nothing", "", ""),
        ];
        for (rule, text, meant) in rows {
            let shown = |mailbox: &Value| {
                format!(
                    "{}|{}",
                    field(mailbox, "display_name"),
                    field(&mailbox.get("email"), "email")
                )
            };
            let got: Vec<_> = mailboxes_in(text).iter().map(shown).collect();
            assert_eq!(got.join(" "), meant, "{rule}");
        }
    }
}
