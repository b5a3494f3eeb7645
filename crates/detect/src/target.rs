//! Where a link of a message really leads, and what its visible text pretends.

use std::net::IpAddr;

use clawback_mail::address::Domain;
use clawback_mail::message::{Link, LinkSource, Message, normalise_url};
use url::Url;

use crate::model::unwrap;

/// A web link of a message, unwrapped.
pub(crate) struct Target<'a> {
    /// The link as it stands in the message.
    pub(crate) link: &'a Link,
    /// Its place among the links, from 1.
    pub(crate) number: usize,
    /// Where it leads, normalised.
    pub(crate) url: String,
    /// The host there.
    pub(crate) host: String,
    /// The registrable domain there; `None` for an IP address.
    pub(crate) domain: Option<Domain>,
    /// The name before an `@` that a reader may take for the host.
    pub(crate) user: String,
    /// The registrable domain that the visible text shows, where that text is itself a URL or
    /// a host.
    pub(crate) shown: Option<Domain>,
}

impl<'a> Target<'a> {
    /// The web links of a message.
    pub(crate) fn all_of(message: &'a Message) -> Vec<Self> {
        let links = message.links.iter().take(LINKS_MAX).enumerate();
        links.filter_map(|(place, link)| Self::read(link, place + 1)).collect()
    }

    fn read(link: &'a Link, number: usize) -> Option<Self> {
        link.host.as_ref()?;
        let url = unwrap(Url::parse(link.url.as_deref()?).ok()?);
        let host = url.host_str()?.trim_matches(['[', ']']).trim_end_matches('.').to_owned();
        let domain = Domain::parse(&host).ok().map(|domain| domain.registrable());
        let user = url.username().to_owned();
        let url = normalise_url(url.as_str())?;
        Some(Self { link, number, url, host, domain, user, shown: shown_domain(&link.text) })
    }

    /// Where to look.
    pub(crate) fn place(&self) -> String {
        match self.link.source {
            LinkSource::Attachment => format!("link {} (in an attachment)", self.number),
            LinkSource::Html | LinkSource::Text => format!("link {}", self.number),
        }
    }

    /// The address it leads to, where that is an IP.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Whether the target carries a registrable domain openly in its path or query, as a click
    /// counter does with the address it leads on to.
    pub(crate) fn carries(&self, domain: &Domain) -> bool {
        let Ok(url) = Url::parse(&self.url) else { return false };
        let names = |text: &str| text.to_ascii_lowercase().contains(domain.as_str());
        names(url.path()) || url.query_pairs().any(|(_, value)| names(&value))
    }
}

fn shown_domain(text: &str) -> Option<Domain> {
    let text = text.trim().trim_matches(|c| "<>()[]\"'".contains(c));
    let is_one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    if !is_one_word || text.len() > SHOWN_OCTETS_MAX || text.contains('@') {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let says_web = ["http://", "https://", "www."].iter().any(|s| lower.starts_with(s));
    let url = if lower.contains("://") { lower } else { format!("http://{lower}") };
    let url = unwrap(Url::parse(&normalise_url(&url)?).ok()?);
    let domain = Domain::parse(url.host_str()?).ok()?;
    // `report.zip` and `setup.py` are names of files as often as of hosts.
    let last = domain.as_str().rsplit('.').next().unwrap_or_default();
    (says_web || PLAIN_ENDINGS.contains(&last)).then(|| domain.registrable())
}

/// Last labels that mean a host even without `http` or `www`.
const PLAIN_ENDINGS: [&str; 20] = [
    "com", "net", "org", "edu", "gov", "info", "biz", "eu", "de", "at", "ch", "fr", "be", "nl",
    "it", "es", "uk", "us", "ca", "example",
];
const LINKS_MAX: usize = 1_000;
const SHOWN_OCTETS_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn link(href: &str, text: &str) -> Link {
        Link {
            href: href.into(),
            url: Some(href.into()),
            host: Some("x".into()),
            text: text.into(),
            source: LinkSource::Html,
            depth: 0,
        }
    }

    #[test]
    fn shown_domain_table() {
        let rows = [
            ("URL", "https://www.bank.example/login", Some("bank.example")),
            ("www", "www.bank.example", Some("bank.example")),
            ("bare host", "bank.example", Some("bank.example")),
            ("in brackets", "<http://bank.example>", Some("bank.example")),
            ("words", "Click here", None),
            ("a sentence with a host", "see bank.example", None),
            ("file name", "report.zip", None),
            ("source file", "setup.py", None),
            ("mail address", "anna@bank.example", None),
            ("empty", "", None),
        ];
        for (rule, text, meant) in rows {
            let link = link("https://a.example/", text);
            let target = Target::read(&link, 1).unwrap();
            let shown = target.shown.as_ref().map(ToString::to_string);
            assert_eq!(shown.as_deref(), meant, "{rule}");
        }
    }
}
