//! Which parts of a page mail programs marked as quoted.

use clawback_mail::message::{NodeId, Tag};

use super::markers::{self, Lines};
use crate::model::page::Page;

/// Places on the text that is seen of a page.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// What is quoted; one may lie in another.
    spans: Vec<(usize, usize)>,
    /// What introduces a quotation, and whether it is a block of header fields.
    introductions: Vec<(usize, usize, bool)>,
}

/// What an element is to a conversation.
enum Role {
    Quote,
    /// A quotation if what stands before it says so.
    PerhapsQuote,
    Introduction,
    Block,
}

impl Quotes {
    pub(super) fn of(page: &Page) -> Self {
        let mut quotes = Self::default();
        let (dom, view) = (page.dom(), page.view());
        for node in dom.nodes() {
            if quotes.spans.len() + quotes.introductions.len() >= QUOTES_MAX {
                break;
            }
            let Some(tag) = dom.tag(node) else { continue };
            let Some(role) = role(page, node, tag) else { continue };
            let (start, end) = view.spot(node);
            if start >= end {
                continue;
            }
            match role {
                Role::Quote => quotes.spans.push((start, end)),
                Role::PerhapsQuote if is_introduced(view.text(), start) => {
                    quotes.spans.push((start, end));
                }
                Role::PerhapsQuote => {}
                Role::Introduction => quotes.introductions.push((start, end, false)),
                Role::Block if is_block(view.text_of(node)) => {
                    quotes.introductions.push((start, end, true));
                }
                Role::Block => {}
            }
        }
        quotes
    }

    /// How deep a place is quoted.
    pub(super) fn depth(&self, at: usize) -> usize {
        self.spans.iter().filter(|(start, end)| (*start..*end).contains(&at)).count()
    }

    /// Where the introduction ends that begins a line there, and whether it is a block.
    pub(super) fn introduction(&self, at: usize) -> Option<(usize, bool)> {
        // An element begins before the line end in front of its text.
        let here = |start: usize| start <= at && at - start <= 2;
        let found = self.introductions.iter().find(|(start, end, _)| here(*start) && *end > at)?;
        Some((found.1, found.2))
    }
}

fn role(page: &Page, node: NodeId, tag: Tag) -> Option<Role> {
    if !matches!(tag, Tag::Div | Tag::Blockquote | Tag::Section | Tag::Span | Tag::P | Tag::Table) {
        return None;
    }
    let dom = page.dom();
    let mut role = (tag == Tag::Blockquote).then_some(Role::PerhapsQuote);
    for (name, value) in dom.attributes(node) {
        let is = |attribute: &str| name.eq_ignore_ascii_case(attribute);
        // Most values are shorter than any of the words.
        let has = |words: &[&str]| {
            words.iter().any(|word| word.len() <= value.len() && value.contains(word))
        };
        if tag == Tag::Blockquote && is("type") && value.eq_ignore_ascii_case("cite") {
            return Some(Role::Quote);
        }
        if is("class") && has(&INTRODUCTIONS) {
            return Some(Role::Introduction);
        }
        if is("class") && has(&QUOTES) || is("id") && has(&QUOTES_BY_ID) {
            role = Some(Role::Quote);
        }
        if is("class") && has(&["OutlookMessageHeader"]) || is("id") && has(&["divRplyFwdMsg"]) {
            return Some(Role::Block);
        }
        if is("style") && tag == Tag::Div && value.contains("border-top") && is_outlook(&value) {
            return Some(Role::Block);
        }
    }
    role
}

/// Outlook draws its block below a thin line in one of its colours.
fn is_outlook(style: &str) -> bool {
    let lower = style.to_ascii_lowercase();
    lower.contains("border:none") && lower.contains("border-top:solid #") && lower.contains("1.0pt")
}

/// Whether a text is lines of names and values, in whatever language.
fn is_block(text: &str) -> bool {
    let fields = text.lines().take(12).filter(|line| {
        let colon = line.char_indices().take(30).find(|(_, c)| matches!(c, ':' | '：'));
        colon.is_some_and(|(at, _)| at > 0)
    });
    fields.count() >= 3
}

struct Before<'a>(Vec<&'a str>);

impl Lines for Before<'_> {
    fn ahead(&self, by: usize) -> Option<&str> {
        self.0.get(by).copied()
    }
}

/// Whether the lines right before a place introduce a quotation.
fn is_introduced(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    if !before.ends_with([':', '：', '-']) {
        return false;
    }
    let last: Vec<&str> = before.rsplit('\n').take(INTRODUCTION_LINES_MAX).map(str::trim).collect();
    (1..=last.len()).any(|count| {
        let lines = last.iter().take(count).rev().copied().collect();
        markers::at(&Before(lines)).is_some()
    })
}

/// Classes of what mail programs quote.
const QUOTES: [&str; 12] = [
    "gmail_quote",
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "moz-forward-container",
    "WordSection1_quoted",
    "mail_quote",
    "mailbird_quote",
    "freemail_quote",
    "front-blockquote",
    "spark_quote",
];
const QUOTES_BY_ID: [&str; 4] = [
    "mail-editor-reference-message-container",
    "yahoo_quoted",
    "OLK_SRC_BODY_SECTION",
    "isForwardContent",
];
/// Classes of what stands above.
const INTRODUCTIONS: [&str; 4] =
    ["gmail_attr", "moz-cite-prefix", "moz-email-headers-table", "protonmail_signature_quote"];
const INTRODUCTION_LINES_MAX: usize = 3;
/// Every line is compared with all of them.
const QUOTES_MAX: usize = 200;
