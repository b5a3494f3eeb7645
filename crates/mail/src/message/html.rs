//! The links of an HTML body with their visible text, and the text a person reads.
//!
//! Scripts, styles and titles are not text. What CSS hides is kept, since deciding what is hidden
//! takes a layout engine. What only Outlook shows (conditional comments) is walked as well.

use std::borrow::Cow;

use url::Url;

use crate::message::dom::{Dom, NodeId, NodeKind, Tag};
use crate::message::link::{self, Link};

/// What one walk found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) links: Vec<Link>,
    pub(crate) text: String,
    /// Whether a limit stopped the walk before the end.
    pub(crate) cut: bool,
}

#[derive(Default)]
struct Walk {
    found: Found,
    base: Option<Url>,
    /// The link whose visible text is being read, and its anchor.
    open: Option<(usize, NodeId)>,
    /// Text outside of links, where a mail program may find bare addresses.
    loose: String,
    /// What only Outlook shows, one fragment after the other: they open and close each other.
    conditional: String,
}

/// Walks an HTML text.
pub(crate) fn walk(html: &str) -> Found {
    walk_tree(&Dom::parse(html), html)
}

/// Walks the tree of an HTML text.
pub(crate) fn walk_tree(dom: &Dom, html: &str) -> Found {
    let mut walk = Walk::default();
    walk.all(dom);
    if !walk.conditional.is_empty() {
        let mut nested = Walk { base: walk.base.clone(), ..Walk::default() };
        nested.all(&Dom::parse(&walk.conditional));
        let room = LINKS_MAX.saturating_sub(walk.found.links.len());
        walk.found.cut |= nested.found.cut || nested.found.links.len() > room;
        walk.found.links.extend(nested.found.links.into_iter().take(room));
    }
    if dom.is_cut() {
        // What the walk did not reach is at least searched for addresses written out in full.
        let rest = link::in_text(html, LINKS_MAX);
        walk.found.links.extend(rest);
    }
    let loose = link::in_text(&walk.loose, LINKS_MAX);
    walk.found.links.extend(loose);
    walk.found
}

impl Walk {
    fn all(&mut self, dom: &Dom) {
        self.found.cut |= dom.is_cut();
        for node in dom.nodes() {
            if self.open.is_some_and(|(_, anchor)| !dom.is_within(node, anchor)) {
                self.open = None;
            }
            match dom.kind(node) {
                NodeKind::Element(tag) => self.element(dom, node, tag),
                NodeKind::Text => self.text(dom, node),
                NodeKind::Comment => self.comment(&dom.text(node)),
                NodeKind::Document => {}
            }
        }
    }

    fn element(&mut self, dom: &Dom, node: NodeId, tag: Tag) {
        if breaks(tag) {
            self.separate();
        }
        let attribute = |name| dom.attribute(node, name);
        match tag {
            Tag::A => {
                // In a drawing the attribute has its older name, too.
                if let Some(href) = attribute("href").or_else(|| attribute("xlink:href"))
                    && self.push(&href)
                {
                    self.open = self.found.links.len().checked_sub(1).map(|at| (at, node));
                }
            }
            Tag::Base if self.base.is_none() => {
                let href = attribute("href").unwrap_or_default();
                self.base = Url::parse(href.trim()).ok();
            }
            Tag::Area => self.target(attribute("href")),
            Tag::Form => self.target(attribute("action")),
            Tag::Button | Tag::Input => self.target(attribute("formaction")),
            Tag::Iframe | Tag::Frame | Tag::Embed => self.target(attribute("src")),
            Tag::Meta => {
                let equivalent = attribute("http-equiv").unwrap_or_default();
                if equivalent.trim().eq_ignore_ascii_case("refresh") {
                    self.refresh(&attribute("content").unwrap_or_default());
                }
            }
            _ => {}
        }
    }

    fn target(&mut self, href: Option<Cow<'_, str>>) {
        if let Some(href) = href {
            self.push(&href);
        }
    }

    /// `<meta http-equiv=refresh content="0; url=…">` takes a person somewhere by itself.
    fn refresh(&mut self, content: &str) {
        if let Some((_, target)) = content.split_once('=') {
            self.push(target.trim_matches(['"', '\'', ' ']));
        }
    }

    fn push(&mut self, href: &str) -> bool {
        if self.found.links.len() >= LINKS_MAX {
            self.found.cut = true;
            return false;
        }
        let link = Link::from_href(href, self.base.as_ref());
        self.found.links.push(link);
        true
    }

    fn text(&mut self, dom: &Dom, node: NodeId) {
        let inside = dom.parent(node).and_then(|parent| dom.tag(parent));
        if inside.is_some_and(Tag::is_raw) {
            return;
        }
        let text = dom.text(node);
        let mut collapsed = String::with_capacity(text.len());
        for (place, word) in text.split(char::is_whitespace).enumerate() {
            if place > 0 && !collapsed.ends_with(' ') {
                collapsed.push(' ');
            }
            collapsed.push_str(word);
        }
        let open = self.open.and_then(|(index, _)| self.found.links.get_mut(index));
        match open {
            Some(link) => append(&mut link.text, &collapsed, LINK_TEXT_OCTETS_MAX),
            None => self.loose.push_str(&collapsed),
        }
        append(&mut self.found.text, &collapsed, usize::MAX);
    }

    fn separate(&mut self) {
        if !self.found.text.is_empty() && !self.found.text.ends_with('\n') {
            self.found.text.push('\n');
        }
        self.loose.push('\n');
        let open = self.open.and_then(|(index, _)| self.found.links.get_mut(index));
        if let Some(link) = open {
            append(&mut link.text, " ", LINK_TEXT_OCTETS_MAX);
        }
    }

    fn comment(&mut self, text: &str) {
        let Some((condition, inner)) = text.split_once('>') else { return };
        if condition.trim_start().starts_with("[if") {
            self.conditional.push_str(inner);
            self.conditional.push('\n');
        }
    }
}

/// Whether a new line of text begins before an element.
const fn breaks(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Br
            | Tag::P
            | Tag::Div
            | Tag::Td
            | Tag::Th
            | Tag::Tr
            | Tag::Li
            | Tag::H1
            | Tag::H2
            | Tag::H3
            | Tag::H4
            | Tag::H5
            | Tag::H6
            | Tag::Blockquote
            | Tag::Hr
            | Tag::Table
    )
}

/// Appends text, one space between words, up to a size.
fn append(target: &mut String, text: &str, max: usize) {
    let text = if target.is_empty() || target.ends_with(char::is_whitespace) {
        text.trim_start()
    } else {
        text
    };
    if target.len() + text.len() <= max {
        target.push_str(text);
    }
}

/// Replaces `&name;`, `&#1;` and `&#x1;`, the last two also without their semicolon.
pub(crate) fn decode_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (plain, entity) = rest.split_at(at);
        out.push_str(plain);
        let name = entity.get(1..).unwrap_or_default();
        let numeric = name.starts_with('#');
        let end = entity_name_length(name);
        let closed = name.get(end..).is_some_and(|after| after.starts_with(';'));
        let known = end > 0 && end <= ENTITY_OCTETS_MAX && (closed || numeric);
        let length = if known { 1 + end + usize::from(closed) } else { 1 };
        let (token, tail) = entity.split_at(length);
        match token.strip_suffix(';') {
            _ if !known => out.push_str(token),
            Some(_) => mail_parser::add_html_token(&mut out, token.as_bytes(), false),
            None => {
                mail_parser::add_html_token(&mut out, format!("{token};").as_bytes(), false);
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// How much of a text is the name of an entity: letters and digits, or `#` and a number.
fn entity_name_length(text: &str) -> usize {
    let prefix = match text.as_bytes() {
        [b'#', b'x' | b'X', ..] => 2,
        [b'#', ..] => 1,
        _ => 0,
    };
    let belongs = |octet: u8| match prefix {
        2 => octet.is_ascii_hexdigit(),
        1 => octet.is_ascii_digit(),
        _ => octet.is_ascii_alphanumeric(),
    };
    prefix + text.bytes().skip(prefix).take_while(|octet| belongs(*octet)).count()
}

const ENTITY_OCTETS_MAX: usize = 33;
pub(crate) const LINKS_MAX: usize = 2_000;
const LINK_TEXT_OCTETS_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn links(html: &str) -> Vec<(String, String)> {
        let found = walk(html);
        found.links.into_iter().map(|link| (link.url.unwrap_or_default(), link.text)).collect()
    }

    fn only(html: &str) -> (String, String) {
        let mut links = links(html);
        assert_eq!(links.len(), 1, "{links:?}");
        links.remove(0)
    }

    #[test]
    fn anchor_table() {
        let rows = [
            ("plain", "<a href='https://a.example/'>go</a>", "https://a.example/", "go"),
            (
                "entities in href",
                "<a href='&#104;ttps&colon;//a.example/?x=1&amp;y=2'>go</a>",
                "https://a.example/?x=1&y=2",
                "go",
            ),
            (
                "numeric without semicolon",
                "<a href='https://a&#46example/'>go</a>",
                "https://a.example/",
                "go",
            ),
            (
                "query that looks like an entity",
                "<a href='https://a.example/?a=1&copy=2'>go</a>",
                "https://a.example/?a=1&copy=2",
                "go",
            ),
            (
                "entities in text",
                "<a href='https://a.example/'>b&amp;c&nbsp;d</a>",
                "https://a.example/",
                "b&c d",
            ),
            (
                "markup in text",
                "<a href='https://a.example/'> <b>ba</b>nk\n <i>now</i></a>",
                "https://a.example/",
                "bank now",
            ),
            (
                "base",
                "<base href='https://b.example/x/'><a href='y'>go</a>",
                "https://b.example/x/y",
                "go",
            ),
            ("never closed", "<a href='https://a.example/'>go", "https://a.example/", "go"),
            ("bare text", "<p>go to https://a.example/x</p>", "https://a.example/x", ""),
            ("area", "<map><area href='https://a.example/'></map>", "https://a.example/", ""),
            ("form", "<form action='https://a.example/p'></form>", "https://a.example/p", ""),
            (
                "refresh",
                "<meta http-equiv=Refresh content='0; URL=https://a.example/'>",
                "https://a.example/",
                "",
            ),
            (
                "only in Outlook",
                "<!--[if mso]><a href='https://a.example/'>go</a><![endif]-->",
                "https://a.example/",
                "go",
            ),
        ];
        for (rule, html, url, text) in rows {
            let (got_url, got_text) = only(html);
            assert_eq!((got_url.as_str(), got_text.trim_end()), (url, text), "{rule}");
        }
    }

    #[test]
    fn an_address_as_link_text_is_not_a_link_of_its_own() {
        let (url, text) = only("<a href='https://lure.example/'>https://bank.example/</a>");
        assert_eq!(
            (url.as_str(), text.as_str()),
            ("https://lure.example/", "https://bank.example/")
        );
    }

    #[test]
    fn scripts_styles_and_titles_are_no_text() {
        let html = "<title>t</title><style>s{}</style><script>x</script><p>one</p><p>two &lt;3</p>";
        assert_eq!(walk(html).text.trim(), "one\ntwo <3");
    }

    #[test]
    fn deep_nesting_comes_back() {
        let html = format!("{}<a href='https://a.example/'>go</a>", "<div>".repeat(100_000));
        let found = walk(&html);
        assert!(found.cut || found.links.len() == 1);
    }

    #[test]
    fn links_behind_more_open_elements_than_are_followed_are_found() {
        let html = format!("{}<a href='https://a.example/'>go</a>", "<p>".repeat(1_000_000));
        let found = walk(&html);
        assert!(found.cut);
        assert!(found.links.iter().any(|link| link.host.as_deref() == Some("a.example")));
    }

    #[test]
    fn links_are_limited_and_it_is_said() {
        let found = walk(&"<a href='https://a.example/'>x</a>".repeat(LINKS_MAX + 1));
        assert_eq!(found.links.len(), LINKS_MAX);
        assert!(found.cut);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_walked(html in "(<a href=|'|\"|>|</a>|&#|;|<!--\\[if|-->|<base |\\PC){0,60}") {
            let _ = walk(&html);
        }
    }
}
