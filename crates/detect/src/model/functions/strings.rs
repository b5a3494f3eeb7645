//! Texts that are addresses, domains or pages, and characters that look like others.

use clawback_mql::{Arguments, Host, Value};
use unicode_security::confusable_detection::skeleton;

use crate::model::names::{Domain, EmailAddress};
use crate::model::page::{BodyHtml, Page, fold, is_invisible};
use crate::model::url::{Url, has_scheme};

/// `strings.parse_url(text, strict=…)`: strictly, only what has a scheme is an address.
pub(super) fn parse_url(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let text = arguments.text(0).unwrap_or_default().trim();
    let strict = arguments.get(1).as_bool().unwrap_or(false);
    if strict && !has_scheme(text) || text.contains(' ') && !text.contains("://") {
        return Value::Null;
    }
    Url::read(text).map_or(Value::Null, Url::value)
}

/// `strings.parse_domain(text)`.
pub(super) fn parse_domain(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let text = arguments.text(0).unwrap_or_default().trim();
    // A whole address has a host as well.
    if text.contains("://") {
        return Url::read(text).map_or(Value::Null, |url| Domain::value(url.host()));
    }
    if text.contains(char::is_whitespace) { Value::Null } else { Domain::value(text) }
}

/// `strings.parse_email(text)`; null for what has no `@`.
pub(super) fn parse_email(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let text = arguments.text(0).unwrap_or_default().trim();
    let address = text.rsplit_once('<').map_or(text, |(_, address)| address);
    if !address.contains('@') || address.contains(char::is_whitespace) {
        return Value::Null;
    }
    EmailAddress::value(address)
}

/// `strings.parse_html(text)`.
pub(super) fn parse_html(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    BodyHtml::of(Page::new(arguments.text(0).unwrap_or_default()))
}

/// `strings.replace_confusables(text)`: every character that looks like ASCII is that; what is not
/// seen is gone. The same text where nothing changes.
pub(super) fn replace_confusables(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let value = arguments.get(0);
    let Some(text) = value.as_str() else { return Value::Null };
    if text.is_ascii() {
        return value.clone();
    }
    let folded = fold(text);
    let folded = folded.as_deref().unwrap_or(text);
    let mut out = String::with_capacity(folded.len());
    let mut buffer = [0; 4];
    for character in folded.chars() {
        if character.is_ascii() {
            out.push(character);
        } else if is_invisible(character) {
        } else if character.is_whitespace() {
            out.push(' ');
        } else {
            let before = out.len();
            out.extend(skeleton(character.encode_utf8(&mut buffer)));
            if !out.get(before..).is_some_and(str::is_ascii) {
                out.truncate(before);
                out.push(character);
            }
        }
    }
    if out == text { value.clone() } else { Value::text(out) }
}
