//! Texts that are addresses, domains or pages, and characters that look like others.

use std::collections::HashMap;
use std::sync::LazyLock;

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

/// What looks like ASCII, and what it looks like. Worked out once: for each character of a page
/// that is not written in Latin letters it would take longer than all else that is asked of it.
static LOOKALIKES: LazyLock<HashMap<char, Box<str>>> = LazyLock::new(|| {
    let mut buffer = [0; 4];
    let mut ascii = |character: char| {
        let like: String = skeleton(character.encode_utf8(&mut buffer)).collect();
        like.is_ascii().then(|| (character, like.into()))
    };
    ('\u{80}'..=LOOKALIKES_LAST).filter_map(&mut ascii).collect()
});

/// The last character of the plane that mathematical letters and pictures are on.
const LOOKALIKES_LAST: char = '\u{1ffff}';

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
    for character in folded.chars() {
        if character.is_ascii() {
            out.push(character);
        } else if is_invisible(character) {
        } else if character.is_whitespace() {
            out.push(' ');
        } else {
            match LOOKALIKES.get(&character) {
                Some(ascii) => out.push_str(ascii),
                None => out.push(character),
            }
        }
    }
    if out == text { value.clone() } else { Value::text(out) }
}
