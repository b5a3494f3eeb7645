//! The query part of a URL as OData reads it: which options, and what `$filter` means.
//!
//! Strict on purpose. An option that is unknown, doubled or without its `$` is an error, a quote
//! that is not doubled is an error, and `+` is a space, so that a client that forgot to escape a
//! message id finds nothing, as it would outside.

mod filter;

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use self::filter::Parser;
pub(crate) use self::filter::{Filter, Kind, Value};

/// The options of one request.
#[derive(Debug, Default)]
pub(crate) struct Query {
    options: BTreeMap<String, String>,
}

/// Why a query cannot be answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct QueryError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl QueryError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn filter(message: impl Into<String>) -> Self {
        Self::new("BadRequest", format!("Invalid filter clause: {}", message.into()))
    }
}

impl Query {
    /// Reads the query part of a URL; `allowed` are the options this resource knows.
    pub(crate) fn read(raw: &str, allowed: &[&str]) -> Result<Self, QueryError> {
        let mut options = BTreeMap::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if !allowed.contains(&name.as_str()) {
                let message = format!("The query parameter '{name}' is not supported.");
                return Err(QueryError::new(PARSE_URI, message));
            }
            if options.insert(name.clone(), value).is_some() {
                let message = format!("Query option '{name}' was specified more than once.");
                return Err(QueryError::new(PARSE_URI, message));
            }
        }
        Ok(Self { options })
    }

    pub(crate) fn get(&self, option: &str) -> Option<&str> {
        self.options.get(option).map(String::as_str)
    }

    /// The names in `$select`, when it is there.
    pub(crate) fn select(
        &self,
        known: &[&str],
        type_name: &str,
    ) -> Result<Option<Vec<String>>, QueryError> {
        let Some(list) = self.get("$select") else { return Ok(None) };
        let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
        for name in &names {
            if !known.contains(&name.as_str()) {
                return Err(no_property(name, type_name));
            }
        }
        Ok(Some(names))
    }

    /// A count such as `$top`, within its bounds.
    pub(crate) fn count(
        &self,
        option: &str,
        least: usize,
        most: usize,
    ) -> Result<Option<usize>, QueryError> {
        let Some(text) = self.get(option) else { return Ok(None) };
        let plain = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
        let number = text.parse().ok().filter(|number| plain && (least..=most).contains(number));
        number.map(Some).ok_or_else(|| {
            let message = format!(
                "Invalid value '{text}' for {option}. Must be between {least} and {most} inclusive."
            );
            QueryError::new("ErrorInvalidUrlQuery", message)
        })
    }

    /// Whether an option that is `true` or `false` is `true`.
    pub(crate) fn flag(&self, option: &str) -> Result<bool, QueryError> {
        match self.get(option) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(text) => {
                let message = format!("Invalid value '{text}' for {option}.");
                Err(QueryError::new(PARSE_URI, message))
            }
        }
    }

    /// The filter, when there is one; every property it names must be among those known.
    pub(crate) fn filter(
        &self,
        known: &[(&str, Kind)],
        type_name: &str,
    ) -> Result<Option<Filter>, QueryError> {
        let Some(text) = self.get("$filter") else { return Ok(None) };
        if text.len() > FILTER_MAX {
            return Err(QueryError::filter("The filter is too long."));
        }
        let filter = Parser::new(text)?.whole()?;
        filter.check(known, type_name)?;
        Ok(Some(filter))
    }

    /// This query with `$skip` set, as it goes into an `@odata.nextLink`.
    pub(crate) fn with_skip(&self, skip: usize) -> String {
        let skip = skip.to_string();
        let mut options: BTreeMap<&str, &str> =
            self.options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        options.insert("$skip", &skip);
        let pair =
            |(name, value): (&str, &str)| format!("{}={}", name.replace('$', "%24"), escape(value));
        options.into_iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

/// Escapes a text so that it is one segment or one value of a URL.
pub(crate) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(crate) fn no_property(name: &str, type_name: &str) -> QueryError {
    let message = format!("Could not find a property named '{name}' on type '{type_name}'.");
    QueryError::new(PARSE_URI, message)
}

fn decoded(text: &str) -> Result<String, QueryError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let not_utf8 = |_| QueryError::new(PARSE_URI, "The URL is not UTF-8.");
    decoded.map(std::borrow::Cow::into_owned).map_err(not_utf8)
}

pub(crate) const PARSE_URI: &str = "RequestBroker--ParseUri";
pub(crate) const UNSUPPORTED: &str = "Request_UnsupportedQuery";
const FILTER_MAX: usize = 8_192;
