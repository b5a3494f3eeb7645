//! The text of a rule to tokens, each with its place.

use crate::diagnostic::{Diagnostic, Span};

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'s> {
    pub(crate) kind: Kind<'s>,
    pub(crate) span: Span,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind<'s> {
    /// One or more dots in a row.
    Dots(usize),
    End,
    Float(f64),
    Int(i64),
    /// `$name`, without the sign.
    List(&'s str),
    /// An operator or a bracket.
    Symbol(&'static str),
    Text(Box<str>),
    /// A name or a keyword.
    Word(&'s str),
}

/// Reads all tokens; the last one is [`Kind::End`].
pub(crate) fn tokens(source: &str) -> Result<Vec<Token<'_>>, Diagnostic> {
    if source.len() > SOURCE_OCTETS_MAX {
        let span = Span { start: SOURCE_OCTETS_MAX, end: SOURCE_OCTETS_MAX };
        return Err(Diagnostic::new(span, format!("longer than {SOURCE_OCTETS_MAX} octets")));
    }
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let is_end = token.kind == Kind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Token<'s>, Diagnostic> {
        self.skip_space()?;
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(Token { kind: Kind::End, span: Span { start, end: start } });
        };
        let kind = match first {
            '"' => self.escaped()?,
            '\'' => self.raw()?,
            '.' => {
                let dots = rest.bytes().take_while(|octet| *octet == b'.').count();
                self.at += dots;
                Kind::Dots(dots)
            }
            '$' => {
                self.at += 1;
                let name = self.word();
                if name.is_empty() {
                    let span = Span { start, end: self.at };
                    return Err(Diagnostic::new(span, "expected the name of a list after `$`"));
                }
                Kind::List(name)
            }
            '0'..='9' => self.number()?,
            _ if is_word(first) => Kind::Word(self.word()),
            _ => self.symbol(first)?,
        };
        Ok(Token { kind, span: Span { start, end: self.at } })
    }

    fn skip_space(&mut self) -> Result<(), Diagnostic> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                let Some(end) = trimmed.find("*/") else {
                    let span = Span { start: self.at, end: self.at + 2 };
                    return Err(Diagnostic::new(span, "this comment is never closed by `*/`"));
                };
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|c| !is_word(c) && !char::is_ascii_digit(&c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn number(&mut self) -> Result<Kind<'s>, Diagnostic> {
        let (start, rest) = (self.at, self.rest());
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let fraction =
            rest.get(whole..).and_then(|after| after.strip_prefix('.')).map_or(0, digits);
        let length = if fraction > 0 { whole + 1 + fraction } else { whole };
        self.at += length;
        let text = rest.get(..length).unwrap_or_default();
        let kind = if fraction > 0 {
            text.parse().ok().map(Kind::Float)
        } else {
            text.parse().ok().map(Kind::Int)
        };
        let span = Span { start, end: self.at };
        kind.ok_or_else(|| Diagnostic::new(span, "this number is too large"))
    }

    fn raw(&mut self) -> Result<Kind<'s>, Diagnostic> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('\'') else { return Err(self.unclosed(start, "'")) };
            text.push_str(rest.get(..end).unwrap_or_default());
            self.at += end + 1;
            if !self.rest().starts_with('\'') {
                return Ok(Kind::Text(text.into()));
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn escaped(&mut self) -> Result<Kind<'s>, Diagnostic> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(['"', '\\']) else { return Err(self.unclosed(start, "\"")) };
            text.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            if self.rest().starts_with('"') {
                self.at += 1;
                return Ok(Kind::Text(text.into()));
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Diagnostic> {
        let start = self.at;
        let escaped = self.rest().chars().nth(1);
        self.at += 1 + escaped.map_or(0, char::len_utf8);
        let plain = match escaped {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(same @ ('"' | '\'' | '\\')) => same,
            Some('u' | 'U' | 'x') => return self.code_point(start),
            _ => {
                let span = Span { start, end: self.at };
                let unknown = self.source.get(start..self.at).unwrap_or_default();
                return Err(Diagnostic::new(span, format!("unknown escape `{unknown}`")).hint(
                    "write \\\\ for a backslash, or use single quotes: nothing is escaped in them",
                ));
            }
        };
        Ok(plain)
    }

    /// `\u00e9` or `\u{1f600}`, two to eight digits.
    fn code_point(&mut self, start: usize) -> Result<char, Diagnostic> {
        let braced = self.rest().starts_with('{');
        self.at += usize::from(braced);
        let is_short = self.source.get(start..).is_some_and(|text| text.starts_with("\\x"));
        let most = if braced {
            8
        } else if is_short {
            2
        } else {
            4
        };
        let long = self.source.get(start..).is_some_and(|text| text.starts_with("\\U"));
        let most = if long && !braced { 8 } else { most };
        let rest = self.rest();
        let count = rest.bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
        let value = rest.get(..count).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += count;
        let closed = !braced || self.rest().starts_with('}');
        self.at += usize::from(braced && closed);
        let span = Span { start, end: self.at };
        let character = value.and_then(char::from_u32).filter(|_| closed && count >= 2);
        character.ok_or_else(|| {
            Diagnostic::new(span, "expected a code point in hexadecimal")
                .hint("\\u00e9 or \\u{1f600}")
        })
    }

    fn unclosed(&self, start: usize, quote: &str) -> Diagnostic {
        let span = Span { start, end: start + 1 };
        Diagnostic::new(span, format!("this text is never closed by {quote}"))
    }

    fn symbol(&mut self, first: char) -> Result<Kind<'s>, Diagnostic> {
        let rest = self.rest();
        let known = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        let Some(symbol) = known else {
            let span = Span { start: self.at, end: self.at + first.len_utf8() };
            let found = Diagnostic::new(span, format!("`{first}` means nothing here"));
            return Err(match first {
                '=' => found.hint("`==` compares, `=~` compares without regard to case"),
                '&' | '|' => found.hint("write `and` or `or`"),
                '!' => found.hint("write `not`"),
                _ => found,
            });
        };
        self.at += symbol.len();
        Ok(Kind::Symbol(symbol))
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_ascii_alphabetic()
}

/// Longer ones first.
const SYMBOLS: [&str; 23] = [
    "==", "=~", "!=", "!~", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", "+", "-", "*", "/",
    "%", "?", ":", "~", ";",
];
/// A hundred times the longest rule seen.
const SOURCE_OCTETS_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<Kind<'_>> {
        tokens(source).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn token_table() {
        use Kind::{Dots, End, Float, Int, List, Symbol, Text, Word};
        let text = |text: &str| Text(text.into());
        let rows = [
            (
                "words and dots",
                "a._b ..c",
                vec![Word("a"), Dots(1), Word("_b"), Dots(2), Word("c")],
            ),
            ("numbers", "12 0.5", vec![Int(12), Float(0.5)]),
            ("a number and an item", "1 .x", vec![Int(1), Dots(1), Word("x")]),
            ("list", "$org_domains", vec![List("org_domains")]),
            ("escapes", r#""a\n\"\\\u00e9\u{1f600}""#, vec![text("a\n\"\\é😀")]),
            ("nothing is escaped", r"'a\n''b'", vec![text(r"a\n'b")]),
            ("comments", "a // b\n /* c \n */ d", vec![Word("a"), Word("d")]),
            (
                "longest symbol",
                "a=~b<=c",
                vec![Word("a"), Symbol("=~"), Word("b"), Symbol("<="), Word("c")],
            ),
        ];
        for (rule, source, mut meant) in rows {
            meant.push(End);
            assert_eq!(kinds(source), meant, "{rule}");
        }
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        let rows = [
            ("\"abc", 0, "never closed"),
            ("a == 'abc", 5, "never closed"),
            ("a /* b", 2, "never closed"),
            ("a \"\\d\"", 3, "unknown escape"),
            ("a && b", 2, "means nothing"),
            ("99999999999999999999", 0, "too large"),
            ("a in $", 5, "name of a list"),
        ];
        for (source, at, message) in rows {
            let wrong = tokens(source).unwrap_err();
            assert!(wrong.message.contains(message), "{source}: {wrong}");
            assert_eq!(wrong.span.start, at, "{source}");
        }
    }
}
