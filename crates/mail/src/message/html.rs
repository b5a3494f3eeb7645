//! One walk over an HTML body: its links with their visible text, and the text a person reads.
//!
//! Scripts, styles and titles are not text. What CSS hides is kept, since deciding what is hidden
//! takes a layout engine. What only Outlook shows (conditional comments) is walked as well.

use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::{Comment, Element, TextChunk, TextType};
use lol_html::{
    HandlerResult, HtmlRewriter, MemorySettings, Settings, doc_comments, doc_text, element, end_tag,
};
use url::Url;

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
    /// The link whose visible text is being read.
    open: Option<usize>,
    /// The text node being read: the parser may give it in pieces.
    node: String,
    /// Text outside of links, where a mail program may find bare addresses.
    loose: String,
    /// What only Outlook shows, one fragment after the other: they open and close each other.
    conditional: String,
    /// Whether the parser gave up: too many elements are open.
    stopped: bool,
}

/// Walks an HTML text that is at most so many octets long.
pub(crate) fn walk(html: &str) -> Found {
    let mut walk = walk_once(html, None);
    if !walk.conditional.is_empty() {
        let nested = walk_once(&walk.conditional, walk.base.clone());
        let room = LINKS_MAX.saturating_sub(walk.found.links.len());
        walk.found.cut |= nested.found.cut || nested.found.links.len() > room;
        walk.found.links.extend(nested.found.links.into_iter().take(room));
    }
    if walk.stopped {
        // What the walk did not reach is at least searched for addresses written out in full.
        let rest = link::in_text(html, LINKS_MAX);
        walk.found.links.extend(rest);
    }
    let loose = link::in_text(&walk.loose, LINKS_MAX);
    walk.found.links.extend(loose);
    walk.found
}

fn walk_once(html: &str, base: Option<Url>) -> Walk {
    let walk = Rc::new(RefCell::new(Walk { base, ..Walk::default() }));
    let on = |handler: fn(&mut Walk, &Element<'_, '_>)| {
        let walk = Rc::clone(&walk);
        move |element: &mut Element<'_, '_>| -> HandlerResult {
            handler(&mut walk.borrow_mut(), element);
            Ok(())
        }
    };
    let anchors = Rc::clone(&walk);
    let texts = Rc::clone(&walk);
    let comments = Rc::clone(&walk);
    let settings = Settings::new()
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(WALK_OCTETS_MAX))
        .append_element_content_handler(element!(BREAKS, on(|walk, _| walk.separate())))
        .append_element_content_handler(element!("base[href]", on(Walk::base)))
        .append_element_content_handler(element!(TARGETS, on(Walk::target)))
        .append_element_content_handler(element!("meta[http-equiv][content]", on(Walk::refresh)))
        .append_element_content_handler(element!("a[href]", move |element: &mut Element<
            '_,
            '_,
        >| {
            anchors.borrow_mut().open_anchor(element);
            if let Some(handlers) = element.end_tag_handlers() {
                let anchors = Rc::clone(&anchors);
                handlers.push(end_tag!(move |_| {
                    anchors.borrow_mut().open = None;
                    Ok(())
                }));
            }
            Ok(())
        }))
        .append_document_content_handler(doc_text!(|chunk| {
            texts.borrow_mut().text(chunk);
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(|comment| {
            comments.borrow_mut().comment(comment);
            Ok(())
        }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    let finished = rewriter.write(html.as_bytes()).and_then(|()| rewriter.end()).is_ok();
    let mut walk = walk.take();
    walk.found.cut |= !finished;
    walk.stopped = !finished;
    walk
}

impl Walk {
    fn base(&mut self, element: &Element<'_, '_>) {
        if self.base.is_none() {
            let href = attribute(element, "href").unwrap_or_default();
            self.base = Url::parse(href.trim()).ok();
        }
    }

    fn open_anchor(&mut self, element: &Element<'_, '_>) {
        self.open = None;
        if let Some(href) = attribute(element, "href")
            && self.push(&href)
        {
            self.open = self.found.links.len().checked_sub(1);
        }
    }

    fn target(&mut self, element: &Element<'_, '_>) {
        for name in ["href", "action", "formaction", "src"] {
            if let Some(href) = attribute(element, name) {
                self.push(&href);
            }
        }
    }

    /// `<meta http-equiv=refresh content="0; url=…">` takes a person somewhere by itself.
    fn refresh(&mut self, element: &Element<'_, '_>) {
        let is_refresh = attribute(element, "http-equiv")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"));
        let content = attribute(element, "content").unwrap_or_default();
        let target =
            content.split_once(['=']).map(|(_, target)| target.trim_matches(['"', '\'', ' ']));
        if is_refresh && let Some(target) = target {
            self.push(target);
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

    fn text(&mut self, chunk: &TextChunk<'_>) {
        if !matches!(chunk.text_type(), TextType::Data | TextType::PlainText) {
            return;
        }
        self.node.push_str(chunk.as_str());
        if !chunk.last_in_text_node() {
            return;
        }
        let node = decode_entities(&std::mem::take(&mut self.node));
        let mut collapsed = String::with_capacity(node.len());
        for character in node.chars() {
            if !character.is_whitespace() {
                collapsed.push(character);
            } else if !collapsed.ends_with(' ') {
                collapsed.push(' ');
            }
        }
        match self.open.and_then(|index| self.found.links.get_mut(index)) {
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
        if let Some(link) = self.open.and_then(|index| self.found.links.get_mut(index)) {
            append(&mut link.text, " ", LINK_TEXT_OCTETS_MAX);
        }
    }

    fn comment(&mut self, comment: &Comment<'_>) {
        let text = comment.text();
        let Some((condition, inner)) = text.split_once('>') else { return };
        if condition.trim_start().starts_with("[if") {
            self.conditional.push_str(inner);
            self.conditional.push('\n');
        }
    }
}

fn attribute(element: &Element<'_, '_>, name: &str) -> Option<String> {
    element.get_attribute(name).map(|value| decode_entities(&value))
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

/// Elements before which a new line of text begins.
const BREAKS: &str = "br, p, div, td, th, tr, li, h1, h2, h3, h4, h5, h6, blockquote, hr, table";
/// Elements other than anchors that lead, or load, somewhere.
const TARGETS: &str = "area[href], form[action], button[formaction], input[formaction], \
                       iframe[src], frame[src], embed[src]";
const ENTITY_OCTETS_MAX: usize = 33;
pub(crate) const LINKS_MAX: usize = 2_000;
const LINK_TEXT_OCTETS_MAX: usize = 2_000;
const WALK_OCTETS_MAX: usize = 64 * 1024 * 1024;

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
