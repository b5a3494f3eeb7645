//! Values of a PDF, read from octets.
//!
//! Nesting has a limit, and so has everything that is later done with a value: none of it can
//! overflow the stack.

use crate::octets::{from, piece};

/// A value. What is broken is `Null`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Self>),
    Dict(Dict),
    /// Another object, by its number.
    Reference(u32),
    /// A word of another kind: an operator, `endobj`.
    Word(Vec<u8>),
}

/// A dictionary, in the order of the file. The last of equal keys counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dict(pub(crate) Vec<(Vec<u8>, Value)>);

impl Dict {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(its, _)| its == key.as_bytes()).map(|(_, value)| value)
    }

    pub(crate) fn name(&self, key: &str) -> Option<&[u8]> {
        match self.get(key)? {
            Value::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is(&self, key: &str, name: &str) -> bool {
        self.name(key) == Some(name.as_bytes())
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.number()
    }
}

impl Value {
    pub(crate) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The number as a count; what is none is nothing.
    pub(crate) fn count(&self) -> usize {
        self.number().map_or(0, whole)
    }

    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A number as a count or a place: below nothing is nothing.
pub(crate) fn whole(number: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let whole = number as usize;
    whole
}

/// Reads values one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    octets: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(octets: &'a [u8], at: usize) -> Self {
        Self { octets, at }
    }

    fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    pub(crate) fn skip_space(&mut self) {
        while let Some(octet) = self.peek() {
            match octet {
                0 | 9 | 10 | 12 | 13 | 32 => self.at += 1,
                b'%' => {
                    let rest = from(self.octets, self.at);
                    let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
                    self.at += end.unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// The next value; `None` at the end.
    pub(crate) fn value(&mut self) -> Option<Value> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        let octet = self.peek()?;
        Some(match octet {
            b'/' => Value::Name(self.name()),
            b'(' => Value::Text(self.text()),
            b'<' if self.octets.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                self.dict(depth)
            }
            b'<' => Value::Text(self.hex()),
            b'[' => {
                self.at += 1;
                self.list(depth)
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            b']' | b')' | b'{' | b'}' => {
                self.at += 1;
                Value::Word(vec![octet])
            }
            b'>' => {
                self.at += if self.octets.get(self.at + 1) == Some(&b'>') { 2 } else { 1 };
                Value::Word(b">>".to_vec())
            }
            _ => match self.word() {
                b"true" => Value::Bool(true),
                b"false" => Value::Bool(false),
                b"null" => Value::Null,
                word => Value::Word(word.to_vec()),
            },
        })
    }

    /// A deeper list is read as a flat one: its values are not lost, and no stack is used.
    fn list(&mut self, depth: usize) -> Value {
        let mut list: Vec<Value> = Vec::new();
        if depth >= NESTING_MAX {
            return Value::Null;
        }
        while list.len() < ITEMS_MAX {
            match self.nested(depth + 1) {
                None => break,
                Some(Value::Word(word)) if word == b"]" => break,
                Some(Value::Word(word)) if word == b"R" => {
                    list.pop();
                    if let Some(last) = list.last_mut() {
                        *last = reference(last);
                    }
                }
                Some(Value::Word(word)) if word == b"endobj" || word == b"stream" => {
                    self.at -= word.len();
                    break;
                }
                Some(value) => list.push(value),
            }
        }
        Value::List(list)
    }

    fn dict(&mut self, depth: usize) -> Value {
        if depth >= NESTING_MAX {
            return Value::Null;
        }
        let mut dict = Dict::default();
        let mut key: Option<Vec<u8>> = None;
        let mut pending: Vec<Value> = Vec::new();
        while dict.0.len() < ITEMS_MAX && pending.len() < ITEMS_MAX {
            let value = self.nested(depth + 1);
            match value {
                Some(Value::Word(word)) if word == b"R" => {
                    pending.pop();
                    if let Some(last) = pending.last_mut() {
                        *last = reference(last);
                    }
                    continue;
                }
                Some(Value::Word(word)) if word == b"endobj" || word == b"stream" => {
                    self.at -= word.len();
                    break;
                }
                Some(Value::Word(word)) if word == b">>" => break,
                None => break,
                // A name in the place of a key; where one has no value yet, it is the value.
                Some(Value::Name(name)) if key.is_none() || !pending.is_empty() => {
                    if let Some(key) = key.replace(name) {
                        dict.0.push((key, pending.drain(..).next().unwrap_or_default()));
                    }
                    pending.clear();
                }
                Some(value) => pending.push(value),
            }
        }
        if let Some(key) = key {
            dict.0.push((key, pending.into_iter().next().unwrap_or_default()));
        }
        Value::Dict(dict)
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        let word = self.word();
        if !word.contains(&b'#') {
            return word.to_vec();
        }
        let mut name = Vec::with_capacity(word.len());
        let mut at = 0usize;
        while let Some(octet) = word.get(at).copied() {
            let pair = std::str::from_utf8(piece(word, at + 1, 2)).ok();
            let value =
                pair.filter(|_| octet == b'#').and_then(|two| u8::from_str_radix(two, 16).ok());
            name.push(value.unwrap_or(octet));
            at += if value.is_some() { 3 } else { 1 };
        }
        name
    }

    fn word(&mut self) -> &'a [u8] {
        let rest = from(self.octets, self.at);
        let len = rest.iter().position(|octet| is_end(*octet)).unwrap_or(rest.len());
        self.at += len;
        piece(rest, 0, len)
    }

    fn number(&mut self) -> Value {
        let rest = from(self.octets, self.at);
        let is_digit = |octet: &u8| octet.is_ascii_digit() || matches!(octet, b'+' | b'-' | b'.');
        let len = rest.iter().position(|octet| !is_digit(octet)).unwrap_or(rest.len());
        self.at += len.max(1);
        let text = std::str::from_utf8(piece(rest, 0, len)).unwrap_or_default();
        let number = text.parse().or_else(|_| text.trim_start_matches(['+', '-']).parse());
        Value::Number(number.unwrap_or_default())
    }

    fn text(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut text = Vec::new();
        let mut depth = 1usize;
        while let Some(octet) = self.peek() {
            self.at += 1;
            match octet {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escaped(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(octet);
        }
        text
    }

    fn escaped(&mut self, text: &mut Vec<u8>) {
        let Some(octet) = self.peek() else { return };
        self.at += 1;
        match octet {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut code = u32::from(octet - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push(code.to_le_bytes()[0]);
            }
            _ => text.push(octet),
        }
    }

    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let rest = from(self.octets, self.at);
        let len = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at += len + 1;
        unhex(piece(rest, 0, len))
    }
}

/// Hexadecimal digits, everything else set aside.
pub(crate) fn unhex(octets: &[u8]) -> Vec<u8> {
    let digits = octets.iter().filter_map(|octet| char::from(*octet).to_digit(16));
    let digits: Vec<u8> = digits.filter_map(|digit| u8::try_from(digit).ok()).collect();
    let pair = |two: &[u8]| {
        let high = two.first().copied().unwrap_or_default();
        high << 4 | two.get(1).copied().unwrap_or_default()
    };
    digits.chunks(2).map(pair).collect()
}

fn reference(value: &Value) -> Value {
    match value.number() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        Some(number) => Value::Reference(number as u32),
        None => Value::Null,
    }
}

fn is_end(octet: u8) -> bool {
    matches!(
        octet,
        0 | 9
            | 10
            | 12
            | 13
            | 32
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}

/// How deep lists and dictionaries are followed. Real files seldom pass six.
pub(crate) const NESTING_MAX: usize = 40;
/// Values of one list, keys of one dictionary.
const ITEMS_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Lexer::new(text.as_bytes(), 0).value().unwrap()
    }

    #[test]
    fn values_as_written() {
        let Value::Dict(dict) = value("<</A 1 0 R/B[1 2 0 R -3.5]/C#20D(x\\(\\051y)/E<4 1>/F/G>>")
        else {
            panic!("a dictionary")
        };
        assert_eq!(dict.get("A"), Some(&Value::Reference(1)));
        let list = vec![Value::Number(1.0), Value::Reference(2), Value::Number(-3.5)];
        assert_eq!(dict.get("B"), Some(&Value::List(list)));
        assert_eq!(dict.get("C D").unwrap().text(), Some(b"x()y".as_slice()));
        assert_eq!(dict.get("E").unwrap().text(), Some(b"A".as_slice()));
        assert!(dict.is("F", "G"));
    }

    #[test]
    fn a_hundred_thousand_brackets_use_no_stack() {
        for open in ["[", "<<", "<</A", "[<</B["] {
            let deep = open.repeat(100_000);
            let mut lexer = Lexer::new(deep.as_bytes(), 0);
            while lexer.value().is_some() {}
            assert!(lexer.at >= deep.len());
        }
    }

    #[test]
    fn what_never_closes_ends_at_the_end() {
        for text in ["(abc", "<41", "<</A (b", "[1 2", "/", "<", "(\\"] {
            let mut lexer = Lexer::new(text.as_bytes(), 0);
            let mut count = 0;
            while lexer.value().is_some() {
                count += 1;
                assert!(count < 10, "{text}");
            }
        }
    }
}
