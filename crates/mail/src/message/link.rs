//! Links: what can be clicked, what it says, and where it leads in one canonical spelling.

use linkify::{LinkFinder, LinkKind};
use url::Url;

use crate::redacted_debug;

/// Something a person can click.
#[derive(Clone, Eq, PartialEq)]
pub struct Link {
    /// The target as written, entities decoded.
    pub href: String,
    /// The target in canonical form, made absolute; `None` where it is no URL.
    pub url: Option<String>,
    /// The host of a web target: A-labels in lower case, or an IP address.
    pub host: Option<String>,
    /// The visible text, white space collapsed; empty for links found in text.
    pub text: String,
    /// Where it was found.
    pub source: LinkSource,
    /// In how many nested messages; 0 in the message itself.
    pub depth: u8,
}

redacted_debug!(Link, this => this.href.len() + this.text.len());

/// Where a link was found.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LinkSource {
    /// In an attachment.
    Attachment,
    /// In an HTML body.
    Html,
    /// In a text body, or as bare text in an HTML body.
    Text,
}

impl Link {
    /// A link from an attribute, relative to the document's base.
    pub(crate) fn from_href(href: &str, base: Option<&Url>) -> Self {
        let url = absolute(href, base);
        let host = url.as_ref().and_then(web_host);
        Self {
            href: href.chars().take(HREF_CHARS_MAX).collect(),
            url: url.map(|url| url.to_string()).filter(|url| url.len() <= URL_OCTETS_MAX),
            host,
            text: String::new(),
            source: LinkSource::Html,
            depth: 0,
        }
    }
}

/// Finds the links that a mail program would make clickable in plain text.
pub(crate) fn in_text(text: &str, max: usize) -> Vec<Link> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    finder
        .links(text)
        .filter_map(|found| {
            let link = Link::from_href(&with_scheme(found.as_str())?, None);
            link.host.is_some().then_some(Link {
                href: found.as_str().chars().take(HREF_CHARS_MAX).collect(),
                source: LinkSource::Text,
                ..link
            })
        })
        .take(max)
        .collect()
}

/// Where in a text there are links that a mail program would make clickable, with the address
/// each leads to.
pub fn spots_in_text(text: &str, max: usize) -> Vec<(std::ops::Range<usize>, String)> {
    if !text.contains('.') {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    finder
        .links(text)
        .filter(|found| found.as_str().len() <= URL_OCTETS_MAX)
        .filter_map(|found| Some((found.start()..found.end(), with_scheme(found.as_str())?)))
        .take(max)
        .collect()
}

/// Text without a scheme is a link only where its last label is a real top-level domain.
fn with_scheme(text: &str) -> Option<String> {
    if text.contains("://") {
        return Some(text.to_owned());
    }
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let suffix = psl::suffix(host.as_bytes())?;
    let known = suffix.is_known() && suffix.as_bytes().len() < host.len();
    known.then(|| format!("http://{text}"))
}

/// The canonical spelling of a web address: scheme and host in lower case, no user, no fragment,
/// no default port, dot segments resolved. `None` for what is no web address.
pub fn normalise_url(text: &str) -> Option<String> {
    let mut url = absolute(text, None)?;
    web_host(&url)?;
    url.set_fragment(None);
    // Neither can fail for a URL that has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let text = url.to_string();
    (text.len() <= URL_OCTETS_MAX).then_some(text)
}

fn absolute(href: &str, base: Option<&Url>) -> Option<Url> {
    let href = href.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if href.is_empty() || href.len() > URL_OCTETS_MAX {
        return None;
    }
    if let Ok(url) = Url::parse(href) {
        return Some(url);
    }
    if let Some(base) = base {
        return base.join(href).ok();
    }
    // Mail programs take these for web addresses where a browser would not.
    if href.starts_with("//") || href.starts_with("\\\\") {
        return Url::parse(&format!("https:{href}")).ok();
    }
    let is_www = href.get(..4).is_some_and(|four| four.eq_ignore_ascii_case("www."));
    is_www.then(|| Url::parse(&format!("http://{href}")).ok()).flatten()
}

fn web_host(url: &Url) -> Option<String> {
    if !matches!(url.scheme(), "http" | "https" | "ftp") {
        return None;
    }
    let host = url.host_str()?.trim_matches(['[', ']']).trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_owned())
}

const HREF_CHARS_MAX: usize = 4_096;
const URL_OCTETS_MAX: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalise_table() {
        let rows = [
            (
                "case and port",
                "HTTPS://Shop.Example.NET:443/A?b#c",
                Some("https://shop.example.net/A?b"),
            ),
            (
                "user hides host",
                "https://bank.example@lure.example/x",
                Some("https://lure.example/x"),
            ),
            ("octal host", "http://0300.0.02.01/", Some("http://192.0.2.1/")),
            ("decimal host", "http://3221225985/", Some("http://192.0.2.1/")),
            ("backslashes", "http:\\\\lure.example\\x", Some("http://lure.example/x")),
            ("tab inside", "ht\ttps://lure.exam\nple/", Some("https://lure.example/")),
            ("U-label", "http://bücher.example/", Some("http://xn--bcher-kva.example/")),
            ("dot segments", "http://a.example/x/../y", Some("http://a.example/y")),
            ("protocol-relative", "//a.example/y", Some("https://a.example/y")),
            ("www", "WWW.a.example", Some("http://www.a.example/")),
            ("mailto", "mailto:a@b.example", None),
            ("script", "javascript:alert(1)", None),
            ("relative", "index.html", None),
        ];
        for (rule, text, meant) in rows {
            assert_eq!(normalise_url(text).as_deref(), meant, "{rule}");
        }
    }

    #[test]
    fn text_links_need_a_scheme_or_a_real_top_level_domain() {
        let text = "see https://pay.shop.example.net/i, www.example.com/a or example.org. \
                    Not: report.docx, e.g.this, a@example.com";
        let hosts: Vec<_> = in_text(text, 10).into_iter().filter_map(|link| link.host).collect();
        assert_eq!(hosts, ["pay.shop.example.net", "www.example.com", "example.org"]);
    }
}
