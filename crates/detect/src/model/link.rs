//! Links: what can be clicked, what it says, and whether a person can see it.

use std::collections::HashSet;
use std::rc::Rc;

use clawback_mail::message::{Dom, NodeId, NodeKind, Tag, spots_in_text};
use clawback_mql::{RecordType, Value};

use crate::model::lazy::{Fields, Lazy, made_of};
use crate::model::names::Domain;
use crate::model::page::{Page, View};
use crate::model::types::mail::LINK;
use crate::model::url::{Parts, Url, has_scheme, join};

/// A link and where on the text it stands.
pub(crate) struct Found {
    /// The offset on the text that a person sees.
    pub(crate) at: usize,
    /// The record.
    pub(crate) value: Value,
}

/// One link.
pub(crate) struct Link {
    /// The target as written, joined to the page's base.
    href: Box<str>,
    /// What it says; empty where it says nothing.
    says: Box<str>,
    /// Whether the text is the link itself, found outside of anchors.
    plain: bool,
    visible: bool,
}

impl Link {
    fn href_url(&self) -> Option<Url> {
        Url::read(&self.href)
    }

    fn shows_address(&self) -> bool {
        self.plain || is_address(&self.says)
    }

    fn display_url(&self) -> Option<Url> {
        if self.plain {
            return self.href_url();
        }
        is_address(&self.says).then(|| Url::read(&self.says)).flatten()
    }

    /// Null where one of both has no domain.
    fn mismatched(&self) -> Value {
        let (Some(shown), Some(target)) = (self.display_url(), self.href_url()) else {
            return Value::Bool(false);
        };
        let (shown, target) = (Domain::value(shown.host()), Domain::value(target.host()));
        let root = |domain: &Value| {
            made_of::<Domain>(domain).map(|d| d.root().unwrap_or_else(|| d.name()).to_owned())
        };
        match (root(&shown), root(&target)) {
            (Some(shown), Some(target)) => Value::Bool(shown != target),
            _ => Value::Bool(false),
        }
    }
}

impl Fields for Link {
    const TYPE: &'static RecordType = &LINK;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "display_text" if self.shows_address() => Value::Null,
            "display_text" => Value::filled(&self.says),
            "display_url" => self.display_url().map_or(Value::Null, Url::value),
            "href_url" => self.href_url().map_or(Value::Null, Url::value),
            "mismatched" => self.mismatched(),
            "parser" => Value::text(if self.plain { "plain" } else { "hyperlink" }),
            "visible" => Value::Bool(self.visible),
            _ => Value::Null,
        }
    }
}

/// Whether a text is itself an address that a person would take for the target.
fn is_address(text: &str) -> bool {
    let is_one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    if !is_one_word || text.len() > SHOWN_OCTETS_MAX {
        return false;
    }
    if text.contains("://") {
        return true;
    }
    if !text.contains('.') || text.contains('@') {
        return false;
    }
    let Some(parts) = Parts::read(text).filter(|_| !has_scheme(text)) else { return false };
    let last = parts.host.rsplit('.').next().unwrap_or_default();
    // `report.zip` and `setup.py` are names of files as often as of hosts.
    !FILE_ENDINGS.contains(&last) || parts.path().len() > 1 || parts.host.starts_with("www.")
}

/// The links of a page: anchors, what else leads somewhere, and addresses written out.
pub(crate) fn on_page(page: &Page) -> Vec<Found> {
    let dom = page.dom();
    let mut collect = Collect {
        dom,
        view: page.view(),
        base: None,
        found: Vec::new(),
        spans: Vec::new(),
        in_comments: 0,
    };
    for node in dom.nodes() {
        if collect.found.len() >= LINKS_MAX {
            break;
        }
        match dom.kind(node) {
            NodeKind::Element(tag) => collect.element(node, tag),
            NodeKind::Comment => collect.comment(node),
            _ => {}
        }
    }
    collect.written_out();
    collect.found
}

struct Collect<'a> {
    dom: &'a Dom,
    view: &'a View,
    base: Option<String>,
    found: Vec<Found>,
    /// Where on the view anchors stand.
    spans: Vec<(usize, usize)>,
    /// How many links comments had so far.
    in_comments: usize,
}

impl Collect<'_> {
    fn element(&mut self, node: NodeId, tag: Tag) {
        match tag {
            Tag::Base if self.base.is_none() => {
                self.base = self.dom.attribute(node, "href").map(|href| href.trim().to_owned());
            }
            Tag::A => {
                if let Some(href) = self.dom.attribute(node, "href") {
                    let hidden = self.view.is_hidden(node);
                    let says = if hidden {
                        self.dom.descendants(node).map(|text| self.dom.text(text)).collect()
                    } else {
                        self.view.text_of(node).to_owned()
                    };
                    self.push(node, &href, &says, !hidden);
                    self.spans.push(self.view.spot(node));
                }
            }
            Tag::Area => self.target(node, "href"),
            Tag::Form => self.target(node, "action"),
            Tag::Button | Tag::Input => self.target(node, "formaction"),
            Tag::Iframe | Tag::Frame | Tag::Embed => self.target(node, "src"),
            Tag::Meta => self.refresh(node),
            _ => {}
        }
    }

    fn target(&mut self, node: NodeId, attribute: &str) {
        if let Some(href) = self.dom.attribute(node, attribute) {
            let says = self.view.text_of(node);
            let says = says.get(..says.len().min(SAYS_OCTETS_MAX)).unwrap_or_default();
            self.push(node, &href, says, !self.view.is_hidden(node));
        }
    }

    /// `<meta http-equiv=refresh content="0; url=…">` takes a person somewhere by itself.
    fn refresh(&mut self, node: NodeId) {
        let equivalent = self.dom.attribute(node, "http-equiv").unwrap_or_default();
        if !equivalent.trim().eq_ignore_ascii_case("refresh") {
            return;
        }
        let content = self.dom.attribute(node, "content").unwrap_or_default();
        if let Some((_, target)) = content.split_once('=') {
            self.push(node, target.trim_matches(['"', '\'', ' ']), "", true);
        }
    }

    /// What only Outlook shows leads somewhere as well, if nowhere that is known already.
    fn comment(&mut self, node: NodeId) {
        let text = self.dom.text(node);
        if !text.trim_start().starts_with("[if") || !text.contains("href") {
            return;
        }
        let Some((_, inner)) = text.split_once('>') else { return };
        let inner = Dom::parse(inner);
        for element in inner.nodes().filter(|element| inner.tag(*element).is_some()) {
            let Some(href) = inner.attribute(element, "href") else { continue };
            self.in_comments += 1;
            if self.in_comments > COMMENT_LINKS_MAX {
                return;
            }
            let known = self.found.iter().filter_map(|found| made_of::<Link>(&found.value));
            let is_link = inner.tag(element) != Some(Tag::Link);
            if is_link && !known.into_iter().any(|link| *link.href == *href.trim()) {
                self.push(node, &href, "", false);
            }
        }
    }

    fn push(&mut self, node: NodeId, href: &str, says: &str, visible: bool) {
        let href = href.trim();
        if href.is_empty() || href.starts_with('#') || href.len() > HREF_OCTETS_MAX {
            return;
        }
        let href = if has_scheme(href) {
            href.to_owned()
        } else if let Some(base) = &self.base
            && let Some(joined) = join(base, href)
        {
            joined
        } else if Parts::read(href).is_some() {
            href.to_owned()
        } else {
            return;
        };
        if href.get(..4).is_some_and(|front| front.eq_ignore_ascii_case("cid:")) {
            return;
        }
        let link = Link { href: href.into(), says: says.into(), plain: false, visible };
        let (start, end) = self.view.spot(node);
        // A node begins before the line end in front of its text: its last character is its own.
        let at = if end > start { end - 1 } else { start };
        self.found.push(Found { at, value: Lazy::value(link) });
    }

    /// Addresses in text that is no anchor's.
    fn written_out(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        spans.sort_unstable();
        let room = LINKS_MAX.saturating_sub(self.found.len());
        for (place, address) in spots_in_text(self.view.text(), room) {
            let next = spans.partition_point(|(_, end)| *end <= place.start);
            if spans.get(next).is_none_or(|(start, _)| *start >= place.end) {
                self.found.push(plain(place.start, address));
            }
        }
    }
}

fn plain(at: usize, address: String) -> Found {
    let address: Box<str> = address.into();
    let link = Link { says: address.clone(), href: address, plain: true, visible: true };
    Found { at, value: Lazy::value(link) }
}

/// The links that a mail program would make of a text.
pub(crate) fn in_text(text: &str) -> Vec<Found> {
    let spots = spots_in_text(text, LINKS_MAX);
    spots.into_iter().map(|(place, address)| plain(place.start, address)).collect()
}

/// The records of links as a list, each target with each text once.
pub(crate) fn unique<'a>(found: impl Iterator<Item = &'a Found>) -> Value {
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for found in found {
        let is_new = made_of::<Link>(&found.value)
            .is_none_or(|link| seen.insert((&*link.href, &*link.says)));
        if is_new {
            list.push(found.value.clone());
        }
    }
    Value::List(Rc::from(list))
}

/// Last labels that are endings of files as well.
const FILE_ENDINGS: [&str; 12] =
    ["zip", "mov", "py", "sh", "rs", "md", "pl", "ps", "so", "cc", "ai", "app"];
/// Each is compared with all links before it.
const COMMENT_LINKS_MAX: usize = 200;
const HREF_OCTETS_MAX: usize = 16 * 1024;
const LINKS_MAX: usize = 2_000;
const SAYS_OCTETS_MAX: usize = 2_000;
const SHOWN_OCTETS_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn links(html: &str) -> Vec<String> {
        let page = Page::new(html);
        let list = unique(page.links().iter());
        let show = |link: &Value| {
            let text = |value: Value| value.as_str().unwrap_or("-").to_owned();
            let visible = link.get("visible").as_bool().unwrap();
            let mismatched = link.get("mismatched").as_bool().unwrap();
            format!(
                "{} {} {} {}{}{}",
                text(link.get("href_url").get("url")),
                text(link.get("display_text")),
                text(link.get("display_url").get("url")),
                text(link.get("parser")),
                if visible { "" } else { " hidden" },
                if mismatched { " mismatched" } else { "" },
            )
        };
        list.as_list().unwrap().iter().map(show).collect()
    }

    #[test]
    fn what_pages_link_to() {
        let rows: &[(&str, &str, &[&str])] = &[
            (
                "an anchor",
                "<a href='https://a.example/x'> Click <b>here</b></a>",
                &["https://a.example/x Click here - hyperlink"],
            ),
            (
                "an address that lies",
                "<a href='https://lure.example/'>https://bank.example/</a>",
                &["https://lure.example/ - https://bank.example/ hyperlink mismatched"],
            ),
            (
                "a host",
                "<a href='https://a.example/'>www.a.example</a>",
                &["https://a.example/ - http://www.a.example hyperlink"],
            ),
            (
                "a name of a file",
                "<a href='https://a.example/'>report.zip</a>",
                &["https://a.example/ report.zip - hyperlink"],
            ),
            (
                "a picture",
                "<a href='https://a.example/'><img src=x></a>",
                &["https://a.example/ - - hyperlink"],
            ),
            (
                "written out",
                "<p>see https://a.example/x.</p>",
                &["https://a.example/x - https://a.example/x plain"],
            ),
            (
                "hidden",
                "<a style='display:none' href='https://a.example/'>x</a>",
                &["https://a.example/ x - hyperlink hidden"],
            ),
            (
                "base",
                "<base href='https://lure.example/a/'><a href='../x'>x</a>",
                &["https://lure.example/x x - hyperlink"],
            ),
            (
                "broken over lines",
                "<a href='ht\ntps://lure.exam\tple/'>x</a>",
                &["https://lure.example/ x - hyperlink"],
            ),
            (
                "a form",
                "<form action='https://a.example/f'>x</form>",
                &["https://a.example/f x - hyperlink"],
            ),
            (
                "only for Outlook",
                "<!--[if mso]><v:rect href='https://a.example/o'/><![endif]-->",
                &["https://a.example/o - - hyperlink hidden"],
            ),
            (
                "twice the same",
                "<a href='https://a.example/'>x</a><a href='https://a.example/'>x</a>",
                &["https://a.example/ x - hyperlink"],
            ),
            ("nowhere", "<a href='#top'>x</a><a href='page.html'>y</a><a>z</a>", &[]),
            (
                "mail",
                "<a href='mailto:a@b.example'>write</a>",
                &["mailto:a@b.example write - hyperlink"],
            ),
        ];
        for (rule, html, meant) in rows {
            assert_eq!(links(html), *meant, "{rule}");
        }
    }
}
