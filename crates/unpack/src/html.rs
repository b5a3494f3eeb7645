//! Pages: links, scripts, styles, title; and the files that a page carries within itself.

use crate::explode::Sink;
use crate::markup::{Tag, Token, Tokens, unescape};
use crate::octets::{find_ignoring_case, from, piece, starts_with_ignoring_case};
use crate::text;

/// What a page holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Html {
    /// Where its links, forms, frames and pictures point to, each once.
    pub hyperlinks: Vec<String>,
    /// Its scripts, those without content left out.
    pub scripts: Vec<Script>,
    /// The styles of its `span`s.
    pub spans: Vec<Span>,
    /// The title; absent where there is none.
    pub title: Option<String>,
    /// How many files it carries: scripts and `data:` URIs.
    pub total_extracted: usize,
}

/// A script of a page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Script {
    /// Its `language` attribute.
    pub language: Option<String>,
    /// Its `type` attribute.
    pub kind: Option<String>,
    /// Its text.
    pub text: String,
}

/// A `span` of a page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// Its `style` attribute.
    pub style: String,
}

/// Reads a page. Anything is one: it comes back empty for what has no tags.
#[must_use]
pub fn scan(octets: &[u8]) -> Html {
    let decoded = text::decode(octets);
    let mut html = Html::default();
    let mut carried = 0usize;
    let mut open: Option<Tag<'_>> = None;
    for token in Tokens::html(decoded.as_bytes()) {
        match token {
            Token::Open(tag) => {
                if is_link_holder(&tag) {
                    for (name, value) in tag.attributes() {
                        carried = carried.saturating_add(usize::from(is_data_uri(value)));
                        if is_link(name) && html.hyperlinks.len() < LINKS_MAX {
                            push_once(&mut html.hyperlinks, cut(&unescape(value)));
                        }
                    }
                }
                if tag.is("span")
                    && let Some(style) = tag.attribute("style")
                    && html.spans.len() < SPANS_MAX
                {
                    html.spans.push(Span { style: cut(&style) });
                }
                open = Some(tag);
            }
            Token::Text(inside) => match &open {
                Some(tag) if tag.is("script") && html.scripts.len() < SCRIPTS_MAX => {
                    let script = Script {
                        language: tag.attribute("language"),
                        kind: tag.attribute("type"),
                        text: String::from_utf8_lossy(inside).trim().to_owned(),
                    };
                    if !script.text.is_empty() {
                        html.scripts.push(script);
                    }
                }
                Some(tag) if tag.is("title") && html.title.is_none() => {
                    html.title = Some(cut(unescape(inside).trim()));
                }
                _ => {}
            },
            Token::Close(_) => open = None,
            Token::Doctype(_) | Token::Instruction(_) => {}
        }
    }
    html.total_extracted = html.scripts.len().saturating_add(carried);
    html
}

/// Puts the scripts of a page, and what it carries as `data:` URIs and packed strings.
pub(crate) fn open(octets: &[u8], sink: &mut Sink<'_>) {
    let decoded = text::decode(octets);
    let page = decoded.as_bytes();
    sink.told(|_| ());
    let mut is_script = false;
    let mut count = 0usize;
    for token in Tokens::html(page) {
        match token {
            Token::Open(tag) => {
                is_script = tag.is("script");
                for (_, value) in tag.attributes() {
                    if is_data_uri(value) {
                        data_uri(&unescape(value), count, sink);
                        count = count.saturating_add(1);
                    }
                }
            }
            Token::Text(inside) => {
                let body = inside.trim_ascii();
                if is_script && !body.is_empty() && count < SCRIPTS_MAX {
                    sink.put(SOURCE, &format!("script_{count}"), body.to_vec());
                    count = count.saturating_add(1);
                }
            }
            Token::Close(_) => is_script = false,
            Token::Doctype(_) | Token::Instruction(_) => {}
        }
    }
    smuggled(page, sink);
}

/// `data:type;base64,octets`, put as a file.
fn data_uri(value: &str, count: usize, sink: &mut Sink<'_>) {
    let value = value.trim_start();
    let Some((head, body)) = value.split_once(',') else { return };
    let is_base64 = find_ignoring_case(head.as_bytes(), b";base64").is_some();
    let octets = if is_base64 {
        text::base64(body.as_bytes())
    } else {
        Some(text::unescape_percent(body.as_bytes()))
    };
    if let Some(octets) = octets.filter(|octets| !octets.is_empty()) {
        sink.put(SOURCE, &format!("data_{count}"), octets);
    }
}

/// Long runs of base64, as scripts of HTML smuggling hold the file that they will save.
///
/// Only what turns out to be a file that is known, or text, is put: the rest is noise.
pub(crate) fn smuggled(page: &[u8], sink: &mut Sink<'_>) {
    let mut at = 0usize;
    let mut count = 0usize;
    while let Some((start, len)) = base64_run(page, at) {
        at = start.saturating_add(len);
        let before = piece(page, start.saturating_sub(DATA_HEAD), DATA_HEAD.min(start));
        if find_ignoring_case(before, b"base64,").is_some() {
            continue;
        }
        let Some(octets) = text::base64(piece(page, start, len)) else { continue };
        let kind = crate::Kind::of(&octets);
        if kind == crate::Kind::Unknown {
            continue;
        }
        count = count.saturating_add(1);
        if count > SMUGGLED_MAX || !sink.put(SOURCE, &format!("base64_{count}"), octets) {
            return;
        }
    }
}

/// The next run of base64 signs that is long enough to hold something.
fn base64_run(page: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let is_sign = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
    loop {
        let rest = page.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at.saturating_add(rest.iter().position(is_sign)?);
        let run = from(page, start);
        let len = run.iter().position(|octet| !is_sign(octet)).unwrap_or(run.len());
        if len >= SMUGGLED_MIN {
            return Some((start, len));
        }
        at = start.saturating_add(len).saturating_add(1);
    }
}

fn is_data_uri(value: &[u8]) -> bool {
    starts_with_ignoring_case(value.trim_ascii_start(), b"data:")
}

fn is_link_holder(tag: &Tag<'_>) -> bool {
    !tag.name.is_empty()
}

fn is_link(name: &[u8]) -> bool {
    const LINKS: &[&[u8]] = &[b"href", b"src", b"action", b"formaction", b"data", b"xlink:href"];
    LINKS.iter().any(|link| name.eq_ignore_ascii_case(link))
}

fn push_once(list: &mut Vec<String>, value: String) {
    if !value.is_empty() && !list.contains(&value) {
        list.push(value);
    }
}

fn cut(value: &str) -> String {
    value.trim().chars().take(VALUE_MAX).collect()
}

/// The word of this reader.
pub(crate) const SOURCE: &str = "ScanHtml";
/// Links that are told.
const LINKS_MAX: usize = 2_000;
/// Scripts that are told and put.
const SCRIPTS_MAX: usize = 200;
/// Spans that are told.
const SPANS_MAX: usize = 2_000;
/// Signs of a link, a style or a title. Links with a page in them go on for megabytes.
const VALUE_MAX: usize = 16 * 1024;
/// Shorter runs of base64 are words.
const SMUGGLED_MIN: usize = 64;
/// Runs of one page that are put.
const SMUGGLED_MAX: usize = 50;
/// How far in front of a run the word `base64` of a `data:` URI may stand.
const DATA_HEAD: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explode::{File, Options, explode};

    #[test]
    fn a_page_tells_its_links_scripts_and_title() {
        let page = b"<html><title>Sign &amp; in</title><a href='https://corp.example/a'>x</a>\
            <form action=https://corp.example/b><span style='font-size:0'>y</span>\
            <script language=VBScript type='text/vbscript'>MsgBox 1</script><script src=x></script>";
        let html = scan(page);
        assert_eq!(html.title.as_deref(), Some("Sign & in"));
        assert_eq!(html.hyperlinks, ["https://corp.example/a", "https://corp.example/b", "x"]);
        assert_eq!(html.scripts.len(), 1);
        assert_eq!(html.scripts[0].language.as_deref(), Some("VBScript"));
        assert_eq!(html.spans[0].style, "font-size:0");
    }

    #[test]
    fn a_smuggled_archive_is_opened() {
        let zip = crate::archive::zip::tests::Writer::default()
            .file("invoice.exe", &b"MZ program ".repeat(20))
            .finish();
        let body = text::tests::to_base64(&zip);
        let page = format!("<html><script>var f = \"{body}\"; save(atob(f));</script></html>");
        let tree = explode(
            &File { name: "a.html", content_type: "text/html", octets: page.as_bytes() },
            &Options::default(),
        );
        let names: Vec<&str> = tree.nodes.iter().map(|node| node.name.as_str()).collect();
        assert!(names.contains(&"script_0") && names.contains(&"invoice.exe"), "{names:?}");
    }

    #[test]
    fn a_page_within_a_link_is_a_file() {
        let body = text::tests::to_base64(b"<html><body>inner</body></html>");
        let page = format!("<html><iframe src='data:text/html;base64,{body}'></iframe>");
        let tree = explode(
            &File { name: "a.html", content_type: "", octets: page.as_bytes() },
            &Options::default(),
        );
        assert_eq!(tree.nodes.len(), 2);
        assert_eq!(tree.nodes[1].kind, crate::Kind::Html);
    }
}
