//! A page as a sequence of tags, texts and comments, told apart as browsers do.

use memchr::{memchr, memmem};

use super::tag::Tag;

/// One attribute, as places in the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub(super) name: (u32, u32),
    pub(super) value: (u32, u32),
}

/// What stands next in the source.
#[derive(Debug)]
pub(super) enum Token {
    Start { tag: Tag, name: (u32, u32), closed: bool },
    End { tag: Tag, name: (u32, u32) },
    Text,
    Comment { inner: (u32, u32) },
    Other,
}

/// Reads tokens one after the other.
pub(super) struct Tokens<'a> {
    source: &'a [u8],
    at: usize,
    /// The element whose text runs to its end tag.
    raw: Option<Tag>,
    /// The attributes of the last start tag.
    pub(super) attributes: Vec<Attribute>,
}

/// A token and where it stands.
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source: source.as_bytes(), at: 0, raw: None, attributes: Vec::new() }
    }

    /// What follows is text up to the end tag of this element.
    pub(super) fn raw_text(&mut self, tag: Tag) {
        self.raw = Some(tag);
    }

    pub(super) fn next(&mut self) -> Option<Placed> {
        let start = self.at;
        if start >= self.source.len() {
            return None;
        }
        let token = match self.raw.take() {
            Some(tag) if self.skip_raw(tag) => Token::Text,
            _ => self.token(),
        };
        Some(Placed { token, start: place(start), end: place(self.at) })
    }

    fn rest(&self) -> &'a [u8] {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// Whether there is any text before the end tag.
    fn skip_raw(&mut self, tag: Tag) -> bool {
        let name = tag.name().unwrap_or_default().as_bytes();
        let start = self.at;
        let mut from = start;
        let rest_of = |from: usize| self.source.get(from..).unwrap_or_default();
        self.at = loop {
            let Some(found) = memmem::find(rest_of(from), b"</") else { break self.source.len() };
            let after = rest_of(from + found + 2);
            let named = after.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
            let ended = after.get(name.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
            if named && ended {
                break from + found;
            }
            from += found + 2;
        };
        self.at > start
    }

    fn token(&mut self) -> Token {
        let rest = self.rest();
        match rest {
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => self.end_tag(),
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => self.start_tag(),
            [b'<', b'!', b'-', b'-', ..] => self.comment(),
            [b'<', b'!' | b'?' | b'/', ..] => {
                self.at += memchr(b'>', rest).map_or(rest.len(), |end| end + 1);
                Token::Other
            }
            _ => {
                self.text();
                Token::Text
            }
        }
    }

    /// Text runs to the next thing that is a tag or a comment.
    fn text(&mut self) {
        let mut from = self.at + 1;
        loop {
            let rest = self.source.get(from..).unwrap_or_default();
            let Some(found) = memchr(b'<', rest) else {
                self.at = self.source.len();
                return;
            };
            let next = rest.get(found + 1).copied().unwrap_or(b' ');
            if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?') {
                self.at = from + found;
                return;
            }
            from += found + 1;
        }
    }

    fn comment(&mut self) -> Token {
        let inner = self.at + 4;
        let rest = self.source.get(inner..).unwrap_or_default();
        let (end, skip) = match rest {
            [b'>', ..] => (0, 1),
            [b'-', b'>', ..] => (0, 2),
            _ => match memmem::find(rest, b"-->") {
                Some(end) => (end, 3),
                None => (rest.len(), 0),
            },
        };
        self.at = inner + end + skip;
        Token::Comment { inner: (place(inner), place(inner + end)) }
    }

    fn end_tag(&mut self) -> Token {
        self.at += 2;
        let name = self.name();
        let tag = Tag::read(self.slice(name));
        // What stands in an end tag besides its name means nothing, but may be quoted.
        self.attributes.clear();
        self.attributes(false);
        Token::End { tag, name }
    }

    fn start_tag(&mut self) -> Token {
        self.at += 1;
        let name = self.name();
        let tag = Tag::read(self.slice(name));
        self.attributes.clear();
        let closed = self.attributes(true);
        Token::Start { tag, name, closed }
    }

    fn slice(&self, (start, end): (u32, u32)) -> &'a [u8] {
        self.source.get(start as usize..end as usize).unwrap_or_default()
    }

    fn name(&mut self) -> (u32, u32) {
        let start = self.at;
        let ends = |octet: &u8| matches!(octet, b'>' | b'/') || octet.is_ascii_whitespace();
        let rest = self.rest();
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        (place(start), place(self.at))
    }

    /// Reads attributes up to and with the `>`; whether a `/` stands right before it.
    fn attributes(&mut self, keep: bool) -> bool {
        let mut closed = false;
        loop {
            let rest = self.rest();
            let skipped = rest
                .iter()
                .position(|octet| !octet.is_ascii_whitespace() && *octet != b'/')
                .unwrap_or(rest.len());
            closed = (closed && skipped == 0)
                || rest.get(..skipped).is_some_and(|front| front.ends_with(b"/"));
            self.at += skipped;
            match self.rest() {
                [] => return closed,
                [b'>', ..] => {
                    self.at += 1;
                    return closed;
                }
                _ => {
                    closed = false;
                    let attribute = self.attribute();
                    if keep && self.attributes.len() < ATTRIBUTES_MAX {
                        self.attributes.push(attribute);
                    }
                }
            }
        }
    }

    fn attribute(&mut self) -> Attribute {
        let start = self.at;
        let rest = self.rest();
        let ends = |octet: &u8| matches!(octet, b'=' | b'>' | b'/') || octet.is_ascii_whitespace();
        // An `=` at the very front belongs to the name.
        let length = rest.iter().skip(1).position(ends).map_or(rest.len(), |at| at + 1);
        self.at += length;
        let name = (place(start), place(self.at));
        let before_equals = self.at;
        self.skip_space();
        if self.rest().first() != Some(&b'=') {
            self.at = before_equals;
            return Attribute { name, value: (name.1, name.1) };
        }
        self.at += 1;
        self.skip_space();
        Attribute { name, value: self.value() }
    }

    fn value(&mut self) -> (u32, u32) {
        let rest = self.rest();
        match rest {
            [quote @ (b'"' | b'\''), after @ ..] => {
                let length = memchr(*quote, after).unwrap_or(after.len());
                let start = self.at + 1;
                self.at = (start + length + 1).min(self.source.len());
                (place(start), place(start + length))
            }
            _ => {
                let ends = |octet: &u8| *octet == b'>' || octet.is_ascii_whitespace();
                let start = self.at;
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
                (place(start), place(self.at))
            }
        }
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        let space = rest.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
        self.at += space;
    }
}

/// Pages are cut long before their places leave 32 bits.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

const ATTRIBUTES_MAX: usize = 64;
