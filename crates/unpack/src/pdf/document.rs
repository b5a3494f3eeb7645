//! The objects of a PDF, found by looking for them.
//!
//! The table at the end is not asked: it is what a hostile file breaks first, and what readers
//! rebuild when it is broken. Every object that stands in the file is read, those that an update
//! replaced too: the last of a number is the one that a reference means.

use std::collections::HashMap;

use crate::octets::{find, from, piece};
use crate::pdf::filter::{self, Decoded};
use crate::pdf::lock::Lock;
use crate::pdf::object::{Dict, Lexer, Value};

/// One object: a value, and octets behind it.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) number: u32,
    generation: u16,
    pub(crate) value: Value,
    stream: Option<(usize, usize)>,
    /// Objects within streams are unlocked with their stream.
    is_inner: bool,
}

/// A PDF, over its octets.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    octets: &'a [u8],
    pub(crate) objects: Vec<Object>,
    by_number: HashMap<u32, usize>,
    pub(crate) trailer: Dict,
    pub(crate) lock: Option<Lock>,
    /// Encrypted, and neither no password nor one of those given opens it.
    pub(crate) is_locked: bool,
    /// There are more objects than were read.
    pub(crate) is_cut: bool,
    left: std::cell::Cell<usize>,
}

impl<'a> Document<'a> {
    pub(crate) fn read(octets: &'a [u8], passwords: &[String]) -> Self {
        let mut document = Self {
            octets,
            objects: Vec::new(),
            by_number: HashMap::new(),
            trailer: Dict::default(),
            lock: None,
            is_locked: false,
            is_cut: false,
            left: std::cell::Cell::new(DECODED_MAX),
        };
        document.find_objects();
        document.find_trailers();
        document.unlock(passwords);
        document.open_object_streams();
        document
    }

    fn find_objects(&mut self) {
        let mut at = 0usize;
        while let Some(next) = find(from(self.octets, at), b"obj") {
            let place = at + next;
            at = place + 3;
            let Some((number, generation)) = object_head(piece(self.octets, 0, place)) else {
                continue;
            };
            if self.objects.len() >= OBJECTS_MAX {
                self.is_cut = true;
                return;
            }
            let mut lexer = Lexer::new(self.octets, at);
            let Some(value) = lexer.value() else { return };
            at = lexer.at.max(at);
            let mut stream = None;
            lexer.skip_space();
            if piece(self.octets, lexer.at, 6) == b"stream"
                && let Some(dict) = value.dict()
            {
                let start = stream_start(self.octets, lexer.at + 6);
                let len = stream_len(self.octets, start, dict);
                stream = Some((start, len));
                at = start + len;
            }
            self.push(Object { number, generation, value, stream, is_inner: false }, true);
        }
    }

    fn push(&mut self, object: Object, replaces: bool) {
        let place = self.objects.len();
        if replaces {
            self.by_number.insert(object.number, place);
        } else {
            self.by_number.entry(object.number).or_insert(place);
        }
        self.objects.push(object);
    }

    /// All trailers as one dictionary, the last of equal keys counting; also those of streams.
    fn find_trailers(&mut self) {
        for place in memchr::memmem::find_iter(self.octets, b"trailer").take(TRAILERS_MAX) {
            if let Some(Value::Dict(dict)) = Lexer::new(self.octets, place + 7).value() {
                self.trailer.0.extend(dict.0);
            }
        }
        for object in &self.objects {
            if let Some(dict) = object.value.dict().filter(|dict| dict.is("Type", "XRef")) {
                let kept = |key: &[u8]| matches!(key, b"Root" | b"Info" | b"Encrypt" | b"ID");
                let pairs = dict.0.iter().filter(|(key, _)| kept(key));
                self.trailer.0.extend(pairs.cloned());
            }
        }
    }

    fn unlock(&mut self, passwords: &[String]) {
        let Some(dict) = self.trailer.get("Encrypt").and_then(|value| self.resolve(value).dict())
        else {
            return;
        };
        let id = match self.trailer.get("ID").map(|value| self.resolve(value)) {
            Some(Value::List(list)) => {
                list.first().and_then(Value::text).unwrap_or_default().to_vec()
            }
            _ => Vec::new(),
        };
        let none = String::new();
        let words = std::iter::once(&none).chain(passwords).take(PASSWORDS_MAX);
        let lock = words.into_iter().find_map(|word| Lock::open(dict, &id, word.as_bytes()));
        self.is_locked = lock.is_none();
        let its_number = match self.trailer.get("Encrypt") {
            Some(Value::Reference(number)) => Some(*number),
            _ => None,
        };
        if let Some(lock) = &lock {
            for object in &mut self.objects {
                if Some(object.number) != its_number {
                    unlock_texts(&mut object.value, lock, object.number, object.generation);
                }
            }
        }
        self.lock = lock;
    }

    fn open_object_streams(&mut self) {
        let mut inner = Vec::new();
        for object in &self.objects {
            let Some(dict) = object.value.dict().filter(|dict| dict.is("Type", "ObjStm")) else {
                continue;
            };
            let Some(Decoded::Plain(body)) = self.decode(object) else { continue };
            let count = dict.get("N").map_or(0, Value::count).min(OBJECTS_MAX);
            let first = dict.get("First").map_or(0, Value::count);
            let mut head = Lexer::new(&body, 0);
            for _ in 0..count {
                let (Some(number), Some(place)) = (head.value(), head.value()) else { break };
                let mut lexer = Lexer::new(&body, first.saturating_add(place.count()));
                let value = lexer.value().unwrap_or_default();
                let number = u32::try_from(number.count()).unwrap_or_default();
                inner.push(Object { number, generation: 0, value, stream: None, is_inner: true });
                if inner.len() + self.objects.len() >= OBJECTS_MAX {
                    self.is_cut = true;
                    break;
                }
            }
        }
        for object in inner {
            if self.objects.len() < OBJECTS_MAX {
                self.push(object, false);
            }
        }
    }

    pub(crate) fn object(&self, number: u32) -> Option<&Object> {
        self.objects.get(*self.by_number.get(&number)?)
    }

    /// What a reference means. A chain of references is followed a few steps.
    pub(crate) fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        let mut value = value;
        for _ in 0..REFERENCES_MAX {
            let Value::Reference(number) = value else { return value };
            let Some(object) = self.object(*number) else { return &NULL };
            value = &object.value;
        }
        &NULL
    }

    pub(crate) fn get<'v>(&'v self, dict: &'v Dict, key: &str) -> &'v Value {
        dict.get(key).map_or(&NULL, |value| self.resolve(value))
    }

    /// What the stream of an object gives; `None` where there is none, or no more is decoded.
    pub(crate) fn decode(&self, object: &Object) -> Option<Decoded> {
        let (start, len) = object.stream?;
        let dict = object.value.dict()?;
        let packed = piece(self.octets, start, len);
        let unlocked;
        let packed = match &self.lock {
            Some(lock) if !object.is_inner && !dict.is("Type", "XRef") => {
                unlocked = lock.unlock_stream(packed, object.number, object.generation);
                &unlocked
            }
            _ => packed,
        };
        let left = self.left.get();
        let resolved = self.with_resolved_filters(dict);
        let decoded = filter::decode(packed, &resolved, left.min(STREAM_MAX));
        let (Decoded::Plain(octets) | Decoded::Picture(octets, _)) = &decoded;
        self.left.set(left.saturating_sub(octets.len()));
        (left > 0).then_some(decoded)
    }

    /// The octets of the stream that a value refers to.
    pub(crate) fn stream_of(&self, value: &Value) -> Option<Vec<u8>> {
        let Value::Reference(number) = value else { return None };
        match self.decode(self.object(*number)?)? {
            Decoded::Plain(octets) | Decoded::Picture(octets, _) => Some(octets),
        }
    }

    fn with_resolved_filters(&self, dict: &Dict) -> Dict {
        let keys = ["Filter", "F", "DecodeParms", "DP"];
        let pair = |key: &str| {
            let value = self.resolve(dict.get(key)?);
            let value = match value {
                Value::List(list) => {
                    Value::List(list.iter().map(|item| self.resolve(item).clone()).collect())
                }
                other => other.clone(),
            };
            Some((key.as_bytes().to_vec(), value))
        };
        Dict(keys.iter().filter_map(|key| pair(key)).collect())
    }
}

/// `12 0` at the end of what stands in front of `obj`.
fn object_head(before: &[u8]) -> Option<(u32, u16)> {
    let tail = from(before, before.len().saturating_sub(24));
    let mut words = tail.split(|octet| !octet.is_ascii_digit()).rev();
    let last = tail.last()?;
    if !last.is_ascii_whitespace() && !last.is_ascii_digit() {
        return None;
    }
    let mut next = || {
        let word = words.by_ref().find(|word| !word.is_empty())?;
        std::str::from_utf8(word).ok()?.parse::<u32>().ok()
    };
    let generation = next()?;
    Some((next()?, u16::try_from(generation).ok()?))
}

fn stream_start(octets: &[u8], at: usize) -> usize {
    match piece(octets, at, 2) {
        b"\r\n" => at + 2,
        [b'\n' | b'\r', ..] => at + 1,
        _ => at,
    }
}

/// The stated length where the end stands there; else up to the end that is found.
fn stream_len(octets: &[u8], start: usize, dict: &Dict) -> usize {
    if let Some(Value::Number(_)) = dict.get("Length") {
        let len = dict.get("Length").map_or(0, Value::count);
        let end = start.saturating_add(len);
        let tail = piece(octets, end, 20).trim_ascii_start();
        if tail.starts_with(b"endstream") {
            return len;
        }
    }
    let rest = from(octets, start);
    let end = find(rest, b"endstream").or_else(|| find(rest, b"endobj")).unwrap_or(rest.len());
    let body = piece(rest, 0, end);
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body).len()
}

/// Values do not nest deeper than the reader lets them.
fn unlock_texts(value: &mut Value, lock: &Lock, number: u32, generation: u16) {
    match value {
        Value::Text(text) => *text = lock.unlock_text(text, number, generation),
        Value::List(list) => {
            list.iter_mut().for_each(|item| unlock_texts(item, lock, number, generation));
        }
        Value::Dict(dict) => {
            dict.0.iter_mut().for_each(|(_, item)| unlock_texts(item, lock, number, generation));
        }
        _ => {}
    }
}

static NULL: Value = Value::Null;
/// Objects of one file.
const OBJECTS_MAX: usize = 100_000;
/// Octets that the streams of one file may give, each decoding counted.
const DECODED_MAX: usize = 64 * 1024 * 1024;
/// Octets of one stream.
const STREAM_MAX: usize = 16 * 1024 * 1024;
/// References to references.
const REFERENCES_MAX: usize = 8;
/// One an update.
const TRAILERS_MAX: usize = 100;
/// Words that are tried on a locked file; the newest lock costs a hundred hashes each.
const PASSWORDS_MAX: usize = 50;
