//! The functions of the language that need no message: texts, numbers, lists, digests.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::distance;
use crate::record;
use crate::types::{Arguments, Body, Cost, Function, Host, Parameter, Ty};
use crate::value::Value;

record! {
    /// One match of a regular expression.
    pub struct RegexMatch = "RegexMatch" {
        /// The whole match.
        full_match: Ty::Text,
        /// The groups in order, null for one that took no part.
        groups: Ty::List(&Ty::Text),
        /// The groups that have names.
        named_groups: Ty::Map(&Ty::Text),
    }
}

const TEXT: Parameter = Parameter::required("source", Ty::Text);
const OTHER: Parameter = Parameter::required("other", Ty::Text);

/// Every function of the language that is called like any other.
pub(crate) static STANDARD: &[Function] = &[
    pure("strings.concat", &[TEXT], Some(Ty::Text), Ty::Text, concat),
    pure("strings.count", &[TEXT, OTHER], None, Ty::Int, |_, given| count(given, Case::Counts)),
    pure("strings.icount", &[TEXT, OTHER], None, Ty::Int, |_, given| count(given, Case::Ignored)),
    pure("strings.levenshtein", &[TEXT, OTHER], None, Ty::Int, |_, given| {
        levenshtein(given, Case::Counts)
    }),
    pure("strings.ilevenshtein", &[TEXT, OTHER], None, Ty::Int, |_, given| {
        levenshtein(given, Case::Ignored)
    }),
    pure("strings.decode_base64", &[TEXT], None, Ty::Text, |_, given| {
        Value::text_or_null(given.text(0).and_then(decoded))
    }),
    pure(
        "strings.scan_base64",
        &[
            TEXT,
            Parameter::optional("encodings", Ty::List(&Ty::Text)),
            Parameter::optional("format", Ty::Text),
            Parameter::optional("ignore_padding", Ty::Bool),
        ],
        None,
        Ty::List(&Ty::Text),
        |_, given| Value::texts(scan_base64(given.text(0).unwrap_or_default())),
    ),
    pure("hash.sha256", &[TEXT], None, Ty::Text, |_, given| {
        let digest = Sha256::digest(given.text(0).unwrap_or_default());
        Value::text(digest.iter().map(|octet| format!("{octet:02x}")).collect::<String>())
    }),
];

/// `flatten`, whose type the checker knows better.
pub(crate) static FLATTEN: &Function = {
    static FLATTEN: Function =
        pure("flatten", &[Parameter::required("lists", Ty::Any)], None, Ty::Any, flatten);
    &FLATTEN
};
/// `keys` of a map.
pub(crate) static KEYS: &Function = {
    static KEYS: Function = pure("keys", &[MAP], None, Ty::Any, |_, given| match given.get(0) {
        Value::Map(map) => Value::texts(map.keys().cloned()),
        _ => Value::Null,
    });
    &KEYS
};
/// `values` of a map.
pub(crate) static VALUES: &Function = {
    static VALUES: Function =
        pure("values", &[MAP], None, Ty::Any, |_, given| match given.get(0) {
            Value::Map(map) => Value::list(map.values().cloned()),
            _ => Value::Null,
        });
    &VALUES
};
const MAP: Parameter = Parameter::required("map", Ty::Any);

const fn pure(
    name: &'static str,
    parameters: &'static [Parameter],
    rest: Option<Ty>,
    result: Ty,
    body: fn(&dyn Host, &Arguments<'_>) -> Value,
) -> Function {
    Function { name, parameters, rest, result, cost: Cost::Text, body: Body::Native(body) }
}

#[derive(Clone, Copy)]
enum Case {
    Counts,
    Ignored,
}

/// Null where one of them is null.
fn concat(_: &dyn Host, given: &Arguments<'_>) -> Value {
    let texts: Option<Vec<&str>> = given.values.iter().map(Value::as_str).collect();
    Value::text_or_null(texts.map(|texts| texts.concat()))
}

fn count(given: &Arguments<'_>, case: Case) -> Value {
    let (Some(text), Some(part)) = (given.get(0).as_text(), given.get(1).as_text()) else {
        return Value::Null;
    };
    let (text, part) = match case {
        Case::Counts => (text.as_str(), part.as_str()),
        Case::Ignored => (text.lower(), part.lower()),
    };
    if part.is_empty() {
        return Value::Int(0);
    }
    Value::int(memchr::memmem::find_iter(text.as_bytes(), part.as_bytes()).count())
}

fn levenshtein(given: &Arguments<'_>, case: Case) -> Value {
    let (Some(one), Some(other)) = (given.get(0).as_text(), given.get(1).as_text()) else {
        return Value::Null;
    };
    Value::int(match case {
        Case::Counts => distance(one.as_str(), other.as_str()),
        Case::Ignored => distance(one.lower(), other.lower()),
    })
}

fn flatten(_: &dyn Host, given: &Arguments<'_>) -> Value {
    let Some(lists) = given.get(0).as_list() else { return Value::Null };
    let mut all = Vec::new();
    for item in lists.iter() {
        match item {
            Value::List(inner) => all.extend(inner.iter().cloned()),
            Value::Set(set) => all.extend(set.iter().map(Value::text)),
            Value::Null => {}
            other => all.push(other.clone()),
        }
        if all.len() > FLATTENED_MAX {
            break;
        }
    }
    all.truncate(FLATTENED_MAX);
    Value::list(all)
}

/// Decoded text, in either alphabet, with or without padding.
fn decoded(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let text = text.trim_end_matches('=');
    let engine = if text.contains(['-', '_']) { &URL_SAFE } else { &PLAIN };
    let octets = engine.decode(text).ok()?;
    String::from_utf8(octets).ok()
}

/// Every stretch that is base64 of readable text, decoded.
fn scan_base64(text: &str) -> Vec<String> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let mut found = Vec::new();
    // Padding ends a stretch; a slash may as well part two of them.
    for run in text.split(|c| !belongs(c)) {
        let candidates = std::iter::once(run).chain(run.split('/').filter(|part| *part != run));
        for candidate in candidates.filter(|part| part.len() >= BASE64_OCTETS_MIN) {
            if found.len() >= BASE64_FOUND_MAX {
                return found;
            }
            let readable = |text: &String| {
                text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\r' | '\n'))
            };
            found.extend(decoded(candidate).filter(readable));
        }
    }
    found
}

/// The map of a match's named groups.
pub(crate) fn named_groups(regex: &regex::Regex, captures: &regex::Captures<'_>) -> Value {
    let mut named = BTreeMap::new();
    for name in regex.capture_names().flatten() {
        let group = captures.name(name).map(|group| group.as_str());
        named.insert(name.to_owned(), Value::text_or_null(group));
    }
    Value::Map(std::rc::Rc::new(named))
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
static PLAIN: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
static URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Shorter ones are words.
const BASE64_OCTETS_MIN: usize = 8;
const BASE64_FOUND_MAX: usize = 200;
const FLATTENED_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_in_paths() {
        let hidden = PLAIN.encode("person@corp.example");
        let text = format!("https://a.example/x/{hidden}#y");
        assert!(scan_base64(&text).contains(&"person@corp.example".to_owned()));
        assert_eq!(decoded("aGk"), Some("hi".to_owned()));
        assert_eq!(decoded("aGk_"), decoded("aGk/"));
        assert_eq!(decoded("%%%"), None);
    }
}
