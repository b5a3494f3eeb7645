//! Where a link of a message really leads: what a gateway rewrote is undone.

use std::net::IpAddr;

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
        let url = normalise_url(url.as_str())?;
        Some(Self { link, number, url, host })
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
}

const LINKS_MAX: usize = 1_000;
