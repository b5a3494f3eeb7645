//! The trace language: one for the page, the API and the command line.
//!
//! `from: to: subject: disposition: attribute: in: is: has: url: domain: hash: ip: message-id:
//! id: campaign: rule: reported: before: after:`. A space is AND, a comma inside a key is OR, `-`
//! negates, `"…"` holds words together. Words without a key match subject and sender.

use crate::time::UnixMillis;

/// A parsed query: every term must hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Query {
    /// The terms, in the order written.
    pub terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// Whether it must *not* hold.
    pub negated: bool,
    /// What is looked at; `None` for subject and sender.
    pub key: Option<Key>,
    /// Any of these; at least one.
    pub any_of: Vec<String>,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What a term looks at.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Key { $($(#[$doc])* $name),+ }

        impl Key {
            /// Every key.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word before the colon.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

keys! {
    /// Later than a date, `2026-09-15` or `2026-09-15T08:00Z`, or an age, `2h`.
    After = "after",
    /// A label beside the disposition.
    Attribute = "attribute",
    /// Earlier than a date or an age.
    Before = "before",
    /// Messages alike.
    Campaign = "campaign",
    /// What it is.
    Disposition = "disposition",
    /// A domain in it: sender, link.
    Domain = "domain",
    /// The sender's address or name.
    From = "from",
    /// `link`, `attachment`, `html`, `qr`.
    Has = "has",
    /// SHA-256 of an attachment.
    Hash = "hash",
    /// Our id of the message.
    Id = "id",
    /// Where a copy lies now: `inbox`, `junk`, `trash`, `soft_deleted`, `purged`. A copy in one of
    /// the tenant's mailboxes that nobody looked up yet counts as `inbox`, and is `unknown` too.
    In = "in",
    /// The sending address.
    Ip = "ip",
    /// `retracted`, `restored`, `failed`, `reported`, `read`, `held`; `unverified` where the source
    /// of its report did not pass the checks.
    Is = "is",
    /// The Message-ID.
    MessageId = "message-id",
    /// Who reported it: `user`, `team`.
    Reported = "reported",
    /// A rule that found something.
    Rule = "rule",
    /// Words of the subject.
    Subject = "subject",
    /// A recipient's address.
    To = "to",
    /// A link's target, or the start of one.
    Url = "url",
}

/// Why a query cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum QueryError {
    /// A key without a value.
    #[error("“{0}:” needs a value")]
    NoValue(String),
    /// Longer than [`QUERY_OCTETS_MAX`].
    #[error("the query is longer than {QUERY_OCTETS_MAX} octets")]
    TooLong,
    /// More than [`TERMS_MAX`] terms.
    #[error("the query has more than {TERMS_MAX} terms")]
    TooManyTerms,
    /// A quotation mark without its partner.
    #[error("a quotation mark is not closed")]
    UnclosedQuote,
    /// A key that does not exist.
    #[error("“{written}:” is not a key{}", .nearest.map(|key| format!("; did you mean “{}:”?", key.as_str())).unwrap_or_default())]
    UnknownKey {
        /// As written.
        written: String,
        /// The nearest key there is.
        nearest: Option<Key>,
    },
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// [`QueryError`], fit to be shown to who wrote it.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > QUERY_OCTETS_MAX {
            return Err(QueryError::TooLong);
        }
        let mut terms = Vec::new();
        for word in words(text)? {
            if terms.len() == TERMS_MAX {
                return Err(QueryError::TooManyTerms);
            }
            terms.push(term(&word)?);
        }
        Ok(Self { terms })
    }
}

/// Splits at white space outside quotation marks; the marks stay in.
fn words(text: &str) -> Result<Vec<String>, QueryError> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for char in text.chars() {
        match char {
            '"' => {
                quoted = !quoted;
                word.push(char);
            }
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if quoted {
        return Err(QueryError::UnclosedQuote);
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

fn term(word: &str) -> Result<Term, QueryError> {
    let (negated, word) = match word.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, word),
    };
    let plain = || Term { negated, key: None, any_of: vec![word.replace('"', "")] };
    let Some((key, values)) = word.split_once(':') else { return Ok(plain()) };
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if !is_key || values.starts_with("//") {
        return Ok(plain());
    }
    let key = read_key(key)?;
    let any_of = alternatives(values);
    if any_of.is_empty() {
        return Err(QueryError::NoValue(key.as_str().to_owned()));
    }
    Ok(Term { negated, key: Some(key), any_of })
}

fn alternatives(values: &str) -> Vec<String> {
    let (mut all, mut one, mut quoted) = (Vec::new(), String::new(), false);
    for char in values.chars() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut one)),
            c => one.push(c),
        }
    }
    all.push(one);
    all.retain(|value| !value.trim().is_empty());
    all
}

fn read_key(written: &str) -> Result<Key, QueryError> {
    let written = written.to_ascii_lowercase();
    if let Some(key) = Key::ALL.iter().find(|key| key.as_str() == written) {
        return Ok(*key);
    }
    let nearest = Key::ALL
        .iter()
        .map(|key| (distance(&written, key.as_str()), *key))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2)
        .map(|(_, key)| key);
    Err(QueryError::UnknownKey { written, nearest })
}

/// Edits from one word to another; for words short enough that its cost does not matter.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (b, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(a != *b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            left = here;
            *cell = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// A span of time a query is asked for: from, to (exclusive).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// Received at this moment or later.
    pub from: UnixMillis,
    /// Received before this moment.
    pub to: UnixMillis,
}

/// Longest query.
pub const QUERY_OCTETS_MAX: usize = 2_000;
/// Most terms of a query.
pub const TERMS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn one(negated: bool, key: Option<Key>, any_of: &[&str]) -> Term {
        Term { negated, key, any_of: any_of.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn parse_table() {
        let rows: &[(&str, &[Term])] = &[
            ("", &[]),
            ("invoice", &[one(false, None, &["invoice"])]),
            ("\"your invoice\"", &[one(false, None, &["your invoice"])]),
            ("from:a@b.example", &[one(false, Some(Key::From), &["a@b.example"])]),
            ("-disposition:SPAM,bulk", &[one(true, Some(Key::Disposition), &["SPAM", "bulk"])]),
            ("subject:\"a, b\",c", &[one(false, Some(Key::Subject), &["a, b", "c"])]),
            ("https://x.example/", &[one(false, None, &["https://x.example/"])]),
            (
                "Message-ID:<x@y> is:retracted",
                &[
                    one(false, Some(Key::MessageId), &["<x@y>"]),
                    one(false, Some(Key::Is), &["retracted"]),
                ],
            ),
        ];
        for (text, meant) in rows {
            assert_eq!(Query::parse(text).unwrap().terms, *meant, "{text}");
        }
    }

    #[test]
    fn errors_say_what_to_do() {
        let error = Query::parse("sbject:x").unwrap_err();
        assert_eq!(error.to_string(), "“sbject:” is not a key; did you mean “subject:”?");
        assert_eq!(Query::parse("from:").unwrap_err(), QueryError::NoValue("from".into()));
        assert_eq!(Query::parse("\"a").unwrap_err(), QueryError::UnclosedQuote);
        assert_eq!(Query::parse(&"a ".repeat(41)).unwrap_err(), QueryError::TooManyTerms);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            if let Ok(query) = Query::parse(&text) {
                assert!(query.terms.iter().all(|term| !term.any_of.is_empty()));
            }
        }
    }
}
