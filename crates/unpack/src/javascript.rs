//! Scripts: which names, strings and words they are made of. A tokenizer; nothing is run.

use std::collections::HashSet;

use crate::text;

/// The pieces of a script, each once, in order of appearance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Javascript {
    /// Names: variables, functions, properties.
    pub identifiers: Vec<String>,
    /// Words of the language.
    pub keywords: Vec<String>,
    /// Regular expressions, with their slashes.
    pub regular_expressions: Vec<String>,
    /// Strings, their escapes resolved.
    pub strings: Vec<String>,
    /// The kinds of tokens that there are.
    pub tokens: Vec<String>,
}

/// Takes a script apart. Anything is one: what is no script gives few and odd pieces.
#[must_use]
pub fn scan(octets: &[u8]) -> Javascript {
    let decoded = text::decode(octets);
    let decoded = decoded.get(..floor(&decoded, SCRIPT_MAX)).unwrap_or_default();
    let mut scanner = Scanner {
        rest: decoded,
        before_value: true,
        found: Javascript::default(),
        seen: HashSet::new(),
    };
    for _ in 0..TOKENS_MAX {
        if !scanner.step() {
            break;
        }
    }
    scanner.found
}

struct Scanner<'a> {
    rest: &'a str,
    /// Whether a slash would begin a regular expression here.
    before_value: bool,
    found: Javascript,
    seen: HashSet<(Kind, String)>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Kind {
    Identifier,
    Keyword,
    Null,
    Boolean,
    Numeric,
    Punctuator,
    RegularExpression,
    String,
    Template,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Identifier => "Identifier",
            Self::Keyword => "Keyword",
            Self::Null => "Null",
            Self::Boolean => "Boolean",
            Self::Numeric => "Numeric",
            Self::Punctuator => "Punctuator",
            Self::RegularExpression => "RegularExpression",
            Self::String => "String",
            Self::Template => "Template",
        }
    }
}

impl<'a> Scanner<'a> {
    fn step(&mut self) -> bool {
        let rest =
            self.rest.trim_start_matches(|sign: char| sign.is_whitespace() || sign == '\u{feff}');
        self.rest = rest;
        let Some(first) = rest.chars().next() else { return false };
        if let Some(comment) = rest.strip_prefix("//") {
            self.rest = comment.find('\n').and_then(|at| comment.get(at..)).unwrap_or_default();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            self.rest = comment.find("*/").and_then(|at| comment.get(at + 2..)).unwrap_or_default();
        } else if rest.starts_with("<!--") || (rest.starts_with("-->") && self.before_value) {
            self.rest = rest.find('\n').and_then(|at| rest.get(at..)).unwrap_or_default();
        } else if matches!(first, '"' | '\'') {
            self.string(first);
        } else if first == '`' {
            self.template();
        } else if first.is_alphabetic() || matches!(first, '_' | '$' | '\\') {
            self.word();
        } else if first.is_ascii_digit() {
            let len = rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '.');
            self.take(len.unwrap_or(rest.len()), Kind::Numeric);
            self.before_value = false;
        } else if first == '/' && self.before_value && self.regular_expression() {
            self.before_value = false;
        } else {
            self.take(first.len_utf8(), Kind::Punctuator);
            self.before_value = !matches!(first, ')' | ']' | '}');
        }
        true
    }

    fn take(&mut self, len: usize, kind: Kind) -> &'a str {
        let (token, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.kind(kind);
        token
    }

    fn kind(&mut self, kind: Kind) {
        let name = kind.name();
        if !self.found.tokens.iter().any(|its| its == name) {
            self.found.tokens.push(name.to_owned());
        }
    }

    fn push(&mut self, kind: Kind, value: String) {
        let list = match kind {
            Kind::Identifier => &mut self.found.identifiers,
            Kind::Keyword | Kind::Null | Kind::Boolean => &mut self.found.keywords,
            Kind::RegularExpression => &mut self.found.regular_expressions,
            _ => &mut self.found.strings,
        };
        if list.len() < LIST_MAX && self.seen.insert((kind, value.clone())) {
            list.push(value);
        }
    }

    fn word(&mut self) {
        let is_part = |sign: char| {
            sign.is_alphanumeric() || matches!(sign, '_' | '$' | '\\' | '\u{200c}' | '\u{200d}')
        };
        let len = self.rest.find(|sign| !is_part(sign)).unwrap_or(self.rest.len());
        let word = self.rest.get(..len).unwrap_or_default();
        let kind = match word {
            "null" => Kind::Null,
            "true" | "false" => Kind::Boolean,
            _ if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => Kind::Identifier,
        };
        let word = self.take(len, kind);
        let name = if word.contains('\\') { unescape(word) } else { word.to_owned() };
        self.push(kind, cut(&name));
        self.before_value = kind == Kind::Keyword && word != "this" && word != "super";
    }

    fn string(&mut self, quote: char) {
        let inside = self.rest.get(1..).unwrap_or_default();
        let mut is_escaped = false;
        let end = inside.find(|sign: char| {
            let ends = !is_escaped && (sign == quote || sign == '\n');
            is_escaped = sign == '\\' && !is_escaped;
            ends
        });
        let len = end.unwrap_or(inside.len());
        let value = unescape(inside.get(..len).unwrap_or_default());
        self.take(len.saturating_add(2), Kind::String);
        self.push(Kind::String, cut(&value));
        self.before_value = false;
    }

    /// The text of a template; what stands in its holes is text, too.
    fn template(&mut self) {
        let inside = self.rest.get(1..).unwrap_or_default();
        let mut is_escaped = false;
        let end = inside.find(|sign: char| {
            let ends = !is_escaped && sign == '`';
            is_escaped = sign == '\\' && !is_escaped;
            ends
        });
        let len = end.unwrap_or(inside.len());
        let value = unescape(inside.get(..len).unwrap_or_default());
        self.take(len.saturating_add(2), Kind::Template);
        self.push(Kind::Template, cut(&value));
        self.before_value = false;
    }

    fn regular_expression(&mut self) -> bool {
        let inside = self.rest.get(1..).unwrap_or_default();
        let (mut is_escaped, mut in_class) = (false, false);
        let end = inside.find(|sign: char| {
            let ends = !is_escaped && (sign == '\n' || (sign == '/' && !in_class));
            match sign {
                '[' if !is_escaped => in_class = true,
                ']' if !is_escaped => in_class = false,
                _ => {}
            }
            is_escaped = sign == '\\' && !is_escaped;
            ends
        });
        let Some(end) =
            end.filter(|end| inside.get(*end..).is_some_and(|rest| rest.starts_with('/')))
        else {
            return false;
        };
        let tail = inside.get(end + 1..).unwrap_or_default();
        let flags = tail.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(tail.len());
        let token = self.take(end + 2 + flags, Kind::RegularExpression);
        self.push(Kind::RegularExpression, cut(token));
        true
    }
}

/// `\x41`, `\u0041`, `\u{41}`, `\n` and the like.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let Some(sign) = after.chars().next() else { break };
        let number = |digits: Option<&str>| {
            let code = u32::from_str_radix(digits?, 16).ok()?;
            Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
        };
        let braced = after.strip_prefix("u{").and_then(|inner| inner.split_once('}'));
        let (value, used) = match sign {
            'x' => (number(after.get(1..3)), 3),
            'u' => match braced {
                Some((digits, _)) => (number(Some(digits)), digits.len() + 3),
                None => (number(after.get(1..5)), 5),
            },
            'n' => (Some('\n'), 1),
            'r' => (Some('\r'), 1),
            't' => (Some('\t'), 1),
            '\n' => (None, 1),
            other => (Some(other), other.len_utf8()),
        };
        plain.extend(value);
        let used = if value.is_none() && sign != '\n' { 0 } else { used };
        rest = after.get(used..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

fn cut(text: &str) -> String {
    text.get(..floor(text, VALUE_MAX)).unwrap_or_default().to_owned()
}

fn floor(text: &str, max: usize) -> usize {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    end
}

/// Octets of a script that are read.
const SCRIPT_MAX: usize = 8 * 1024 * 1024;
/// Tokens of one script.
const TOKENS_MAX: usize = 2_000_000;
/// Pieces of one kind.
const LIST_MAX: usize = 20_000;
/// Octets of one piece.
const VALUE_MAX: usize = 256 * 1024;
const KEYWORDS: &[&str] = &[
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "let",
    "new",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_in_pieces() {
        let js = scan(
            br#"var a = unescape("%41"); // comment "no"
            document['wr\x69te'](`t`); /* 'no' */ if (a / 2 > 1) x = /[/"]+/g.test(y);"#,
        );
        assert_eq!(js.identifiers, ["a", "unescape", "document", "x", "test", "y"]);
        assert_eq!(js.strings, ["%41", "write", "t"]);
        assert_eq!(js.keywords, ["var", "if"]);
        assert_eq!(js.regular_expressions, ["/[/\"]+/g"]);
        assert!(js.tokens.contains(&"Numeric".to_owned()));
    }

    #[test]
    fn what_never_closes_ends_at_the_end() {
        for script in ["\"abc", "`abc", "/abc", "/* abc", "'\\", "\\u", "\"\\x4", "<!--"] {
            let _ = scan(script.as_bytes());
        }
        assert_eq!(scan(b"'a\\u{1F600}b'").strings, ["a\u{1f600}b"]);
    }
}
