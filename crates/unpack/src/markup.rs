//! A tokenizer for HTML and XML: tags, text, comments. It builds no tree and so cannot overflow.
//!
//! Lenient as browsers are: what does not close runs to the end, attributes may stand without
//! quotes. In HTML the content of scripts and the like is one text.

use std::borrow::Cow;

use crate::octets::{find, from, piece, starts_with_ignoring_case};

/// One token.
#[derive(Debug)]
pub(crate) enum Token<'a> {
    /// A tag that opens; also one that closes itself.
    Open(Tag<'a>),
    /// The name of a tag that closes, as written.
    Close(&'a [u8]),
    /// Text between tags, with its entities; the content of a script.
    Text(&'a [u8]),
    /// `<!DOCTYPE …>`, its inside.
    Doctype(&'a [u8]),
    /// `<?xml …?>`, its inside.
    Instruction(&'a [u8]),
}

/// A tag and its attributes, which are read when asked for.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a [u8],
    inside: &'a [u8],
}

impl<'a> Tag<'a> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Attributes in order: the name as written, the value with its entities.
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.inside, left: ATTRIBUTES_MAX }
    }

    /// The value of one attribute, its entities resolved.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut all = self.attributes();
        let (_, value) = all.find(|(its, _)| its.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(unescape(value))
    }
}

pub(crate) struct Attributes<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let is_gap = |octet: &u8| octet.is_ascii_whitespace() || *octet == b'/';
        let start = self.rest.iter().position(|octet| !is_gap(octet))?;
        let rest = from(self.rest, start);
        // An equals sign in front is part of the name, as browsers have it.
        let ends = |octet: &u8| is_gap(octet) || *octet == b'=';
        let len = from(rest, 1).iter().position(ends).map_or(rest.len(), |at| at + 1);
        let name = piece(rest, 0, len);
        let after = from(rest, len).trim_ascii_start();
        let Some(after) = after.strip_prefix(b"=") else {
            self.rest = from(rest, len);
            return Some((name, b""));
        };
        let after = after.trim_ascii_start();
        let quote = after.first().copied().filter(|octet| matches!(octet, b'"' | b'\''));
        let (value, used) = match quote {
            Some(quote) => {
                let body = from(after, 1);
                let len = memchr::memchr(quote, body).unwrap_or(body.len());
                (piece(body, 0, len), len.saturating_add(2))
            }
            None => {
                let len = after.iter().position(u8::is_ascii_whitespace).unwrap_or(after.len());
                (piece(after, 0, len), len)
            }
        };
        self.rest = from(after, used);
        Some((name, value))
    }
}

/// Reads tokens one behind the other.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a [u8],
    is_html: bool,
    raw: Option<&'a [u8]>,
    left: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn html(octets: &'a [u8]) -> Self {
        Self { rest: octets, is_html: true, raw: None, left: TOKENS_MAX }
    }

    pub(crate) fn xml(octets: &'a [u8]) -> Self {
        Self { rest: octets, is_html: false, raw: None, left: TOKENS_MAX }
    }

    /// The content of an element that holds no markup, up to its closing tag.
    fn raw_text(&mut self, name: &'a [u8]) -> Option<Token<'a>> {
        let mut at = 0usize;
        while let Some(next) = find(from(self.rest, at), b"</") {
            at = at.saturating_add(next);
            if starts_with_ignoring_case(from(self.rest, at + 2), name) {
                break;
            }
            at = at.saturating_add(2);
        }
        let at = if find(from(self.rest, at), b"</").is_some() { at } else { self.rest.len() };
        let text = piece(self.rest, 0, at);
        self.rest = from(self.rest, at);
        (!text.is_empty()).then_some(Token::Text(text))
    }

    fn markup(&mut self) -> Option<Token<'a>> {
        let rest = self.rest;
        let second = rest.get(1).copied().unwrap_or_default();
        if rest.starts_with(b"<!--") {
            let end = find(from(rest, 4), b"-->").map_or(rest.len(), |at| at.saturating_add(7));
            self.rest = from(rest, end);
            return None;
        }
        if starts_with_ignoring_case(rest, b"<![CDATA[") {
            let len = find(from(rest, 9), b"]]>").unwrap_or_else(|| rest.len().saturating_sub(9));
            self.rest = from(rest, len.saturating_add(12));
            return Some(Token::Text(piece(rest, 9, len)));
        }
        if second == b'!' || second == b'?' {
            let len = memchr::memchr(b'>', rest).unwrap_or(rest.len());
            self.rest = from(rest, len.saturating_add(1));
            let inside = piece(rest, 2, len.saturating_sub(2));
            return Some(match second {
                b'?' => Token::Instruction(inside.strip_suffix(b"?").unwrap_or(inside)),
                _ => Token::Doctype(inside),
            });
        }
        let len = tag_end(rest);
        self.rest = from(rest, len.saturating_add(1));
        if second == b'/' {
            let inside = piece(rest, 2, len.saturating_sub(2));
            return Some(Token::Close(inside.trim_ascii()));
        }
        let inside = piece(rest, 1, len.saturating_sub(1));
        let ends = |octet: &u8| octet.is_ascii_whitespace() || *octet == b'/';
        let name_len = inside.iter().position(ends).unwrap_or(inside.len());
        let name = piece(inside, 0, name_len);
        if self.is_html && RAW.iter().any(|raw| name.eq_ignore_ascii_case(raw)) {
            self.raw = Some(name);
        }
        Some(Token::Open(Tag { name, inside: from(inside, name_len) }))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.left = self.left.checked_sub(1)?;
            if self.rest.is_empty() {
                return None;
            }
            if let Some(name) = self.raw.take()
                && let Some(token) = self.raw_text(name)
            {
                return Some(token);
            }
            let len = text_len(self.rest);
            if len > 0 {
                let text = piece(self.rest, 0, len);
                self.rest = from(self.rest, len);
                return Some(Token::Text(text));
            }
            if let Some(token) = self.markup() {
                return Some(token);
            }
        }
    }
}

/// How far text goes: to the next `<` that begins a tag.
fn text_len(octets: &[u8]) -> usize {
    let mut at = 0usize;
    while let Some(next) = memchr::memchr(b'<', from(octets, at)) {
        at = at.saturating_add(next);
        let second = octets.get(at.saturating_add(1)).copied().unwrap_or_default();
        if second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?' | b'_') {
            return at;
        }
        at = at.saturating_add(1);
    }
    octets.len()
}

/// Where a tag ends: at the first `>` that is not in quotes of an attribute's value.
fn tag_end(octets: &[u8]) -> usize {
    let mut quote = None;
    let mut last = b' ';
    for (at, octet) in octets.iter().copied().enumerate() {
        match quote {
            Some(open) if open == octet => quote = None,
            Some(_) => {}
            None if matches!(octet, b'"' | b'\'') && last == b'=' => quote = Some(octet),
            None if octet == b'>' => return at,
            None => {}
        }
        if !octet.is_ascii_whitespace() {
            last = octet;
        }
    }
    // A quote that never closes would hide the rest: then it is not one.
    memchr::memchr(b'>', octets).unwrap_or(octets.len())
}

/// Text with its entities resolved: numbers, and the few names that carry meaning here.
pub(crate) fn unescape(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    if !text.contains('&') {
        return text.into_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(at) = rest.find('&') {
        plain.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        match entity(after) {
            Some((sign, len)) => {
                plain.push_str(&sign);
                rest = after.get(len..).unwrap_or_default();
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(after: &str) -> Option<(Cow<'static, str>, usize)> {
    if let Some(number) = after.strip_prefix('#') {
        let (digits, radix, lead) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 2),
            None => (number, 10, 1),
        };
        let len = digits.find(|sign: char| !sign.is_digit(radix)).unwrap_or(digits.len());
        let code = u32::from_str_radix(digits.get(..len)?, radix).ok()?;
        let sign = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        let semicolon = usize::from(digits.get(len..)?.starts_with(';'));
        return Some((Cow::Owned(sign.to_string()), lead + len + semicolon));
    }
    let names = NAMED.iter().find(|(name, _)| after.starts_with(name));
    names.map(|(name, sign)| {
        let semicolon =
            usize::from(after.get(name.len()..).is_some_and(|rest| rest.starts_with(';')));
        (Cow::Borrowed(*sign), name.len() + semicolon)
    })
}

/// Tokens of one file.
const TOKENS_MAX: usize = 1_000_000;
/// Attributes of one tag.
const ATTRIBUTES_MAX: usize = 1_000;
/// Elements whose content is text whatever it looks like.
const RAW: &[&[u8]] = &[b"script", b"style", b"title", b"textarea", b"xmp", b"noembed"];
const NAMED: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("colon", ":"),
    ("sol", "/"),
    ("period", "."),
    ("Tab", "\t"),
    ("NewLine", "\n"),
    ("lpar", "("),
    ("rpar", ")"),
    ("equals", "="),
    ("num", "#"),
    ("commat", "@"),
    ("quest", "?"),
    ("excl", "!"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &str) -> Vec<String> {
        let tokens = Tokens::html(page.as_bytes());
        tokens
            .filter_map(|token| match token {
                Token::Text(text) => Some(unescape(text)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_script_is_one_text_and_a_smaller_sign_is_none() {
        assert_eq!(texts("<script>a<b;'</div>'</SCRIPT>x"), ["a<b;'</div>'", "x"]);
        assert_eq!(texts("1 < 2 &amp; 3"), ["1 < 2 & 3"]);
        assert_eq!(texts("<script>never closed"), ["never closed"]);
    }

    #[test]
    fn attributes_as_browsers_read_them() {
        let page = b"<a x=1 HREF = 'a>b' title=\"q\" bare z=&#x68;ttp&colon;//h/>";
        let Some(Token::Open(tag)) = Tokens::html(page).next() else { panic!("a tag") };
        assert_eq!(tag.attribute("href").as_deref(), Some("a>b"));
        assert_eq!(tag.attribute("bare").as_deref(), Some(""));
        assert_eq!(tag.attribute("z").as_deref(), Some("http://h/"));
    }

    #[test]
    fn a_quote_that_never_closes_hides_nothing_behind_it() {
        let page = "<a href='x>text</a><b>more</b>";
        assert!(texts(page).contains(&"more".to_owned()));
    }
}
