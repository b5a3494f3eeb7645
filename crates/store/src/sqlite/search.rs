//! From a term of the trace language to SQL. Values are always bound, never written into it.

use clawback_core::record::Arrival;
use clawback_core::retraction::State;
use clawback_core::trace::{Key, Term};
use clawback_core::{Disposition, Folder, MessageId, UnixMillis};
use clawback_mail::indicator::{IndicatorKind, normalise};
use rusqlite::types::Value;

use super::codec::millis;
use super::{indicators, labels};
use crate::backend::{Result, Scope};
use crate::error::StoreError;
use crate::moment;

/// A piece of SQL with the values it binds, in order.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Condition {
    pub(super) fn new(sql: &str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { sql: sql.to_owned(), values: values.into_iter().collect() }
    }

    fn never() -> Self {
        Self::new("0", [])
    }

    pub(super) fn and(&mut self, other: Self) {
        self.join(" AND ", other);
    }

    fn or(mut self, other: Self) -> Self {
        self.join(" OR ", other);
        self
    }

    fn join(&mut self, word: &str, other: Self) {
        self.sql.push_str(word);
        self.sql.push_str(&other.sql);
        self.values.extend(other.values);
    }
}

/// Every message is one of these or not: a term never is neither.
pub(super) fn condition(scope: &Scope, term: &Term, now: UnixMillis) -> Result<Condition> {
    let mut any: Option<Condition> = None;
    for value in term.any_of.iter().take(VALUES_MAX) {
        let one = one(scope, term.key, value, now)?;
        any = Some(match any {
            Some(any) => any.or(one),
            None => one,
        });
    }
    let mut any = any.unwrap_or_else(Condition::never);
    let not = if term.negated { "NOT " } else { "" };
    any.sql = format!("{not}({})", any.sql);
    Ok(any)
}

fn one(scope: &Scope, key: Option<Key>, value: &str, now: UnixMillis) -> Result<Condition> {
    let Some(key) = key else { return Ok(words("{subject sender}", value)) };
    let text = |sql: &str, value: String| Condition::new(sql, [Value::Text(value)]);
    Ok(match key {
        Key::Subject => words("{subject}", value),
        Key::From => words("{sender}", value),
        Key::To => to(scope, value),
        Key::Disposition => {
            let word: Disposition = value.parse().map_err(|_| no_such(key))?;
            text("m.disposition = ?", word.to_string())
        }
        Key::Attribute => label(scope, labels::ATTRIBUTE, value.to_uppercase()),
        Key::Rule => label(scope, labels::RULE, value.to_lowercase()),
        Key::In => {
            let folder: Folder = value.to_lowercase().parse().map_err(|_| no_such(key))?;
            // Where nobody looked, it is where the provider delivered it.
            let what = match folder {
                Folder::Inbox => {
                    "(c.folder = ? OR (c.folder = 'unknown' AND c.reach = 'internal'))"
                }
                _ => "c.folder = ?",
            };
            copies(scope, what, [Value::Text(folder.to_string())])
        }
        Key::Is if value.eq_ignore_ascii_case("unverified") => {
            text("m.arrival = ?", Arrival::Unverified.as_str().to_owned())
        }
        Key::Is if value.eq_ignore_ascii_case("restored") => {
            copies(scope, "c.state = 'retracted' AND c.destination = 'inbox'", [])
        }
        Key::Is => {
            let states = states(value).ok_or_else(|| no_such(key))?;
            let marks = vec!["?"; states.len()].join(", ");
            let values = states.iter().map(|state| Value::Text(state.to_string()));
            let what = format!("c.state IN ({marks}) AND c.destination <> 'inbox'");
            copies(scope, &what, values)
        }
        Key::Has => match value.to_lowercase().as_str() {
            "link" => Condition::new("m.links > 0", []),
            "attachment" => Condition::new("m.attachments > 0", []),
            "html" => Condition::new("m.html = 1", []),
            _ => return Err(no_such(key)),
        },
        Key::Url => observed(scope, &[IndicatorKind::Url], value).or(whole_host(scope, value)),
        Key::Domain => observed(scope, &[IndicatorKind::Domain, IndicatorKind::Host], value),
        Key::Hash => observed(scope, &[IndicatorKind::Sha256], value),
        Key::Ip => observed(scope, &[IndicatorKind::Ip], value),
        Key::MessageId => {
            let id = value.trim().trim_start_matches('<').trim_end_matches('>');
            text("m.message_id = ?", id.to_owned())
        }
        Key::Id => match value.trim().parse::<MessageId>() {
            Ok(id) => Condition::new("m.id = ?", [Value::Blob(id.octets().to_vec())]),
            Err(_) => Condition::never(),
        },
        Key::Before | Key::After => {
            let at = moment::read(value, now).ok_or_else(|| no_such(key))?;
            let sql = if key == Key::Before { "m.received < ?" } else { "m.received >= ?" };
            Condition::new(sql, [Value::Integer(millis(at))])
        }
        Key::Campaign | Key::Reported => return Err(StoreError::Unsupported { key }),
    })
}

fn no_such(key: Key) -> StoreError {
    StoreError::UnsupportedValue { key }
}

/// Words that stand beside each other in one of the columns; the last may go on.
fn words(columns: &str, value: &str) -> Condition {
    if !value.chars().any(char::is_alphanumeric) {
        return Condition::never();
    }
    let phrase = value.replace('"', "\"\"").replace('\0', " ");
    let wanted = format!("{columns} : \"{phrase}\" *");
    let sql = "m.n IN (SELECT rowid FROM message_words WHERE message_words MATCH ?)";
    Condition::new(sql, [Value::Text(wanted)])
}

/// A whole address or domain is looked up; anything else is sought in the addresses.
fn to(scope: &Scope, value: &str) -> Condition {
    let value = value.trim().to_lowercase();
    let whole = value.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.ends_with('.')
    });
    let mut values = of(scope);
    if whole {
        values.push(Value::Text(value));
        let sql = "m.id IN (SELECT message FROM recipients
                   WHERE tenant = ? AND region = ? AND address_key = ?)";
        return Condition::new(sql, values);
    }
    values.push(Value::Text(format!("%{}%", like(&value))));
    let sql = "EXISTS (SELECT 1 FROM recipients AS r
               WHERE r.tenant = ? AND r.region = ? AND r.message = m.id
               AND r.address_key LIKE ? ESCAPE '\\')";
    Condition::new(sql, values)
}

fn like(value: &str) -> String {
    value.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn label(scope: &Scope, kind: &str, label: String) -> Condition {
    let mut values = of(scope);
    values.extend([Value::Text(kind.to_owned()), Value::Text(label)]);
    let sql = "m.id IN (SELECT message FROM message_labels
               WHERE tenant = ? AND region = ? AND kind = ? AND label = ?)";
    Condition::new(sql, values)
}

fn copies(scope: &Scope, what: &str, more: impl IntoIterator<Item = Value>) -> Condition {
    let mut values = of(scope);
    values.extend(more);
    let sql = format!(
        "EXISTS (SELECT 1 FROM copies AS c
         WHERE c.tenant = ? AND c.region = ? AND c.message = m.id AND {what})"
    );
    Condition::new(&sql, values)
}

fn states(value: &str) -> Option<&'static [State]> {
    match value.to_lowercase().as_str() {
        "retracted" => Some(&[State::Retracted]),
        "failed" => Some(&[State::Refused, State::Abandoned, State::NotFound]),
        "held" => Some(&[State::Held]),
        _ => None,
    }
}

fn observed(scope: &Scope, kinds: &[IndicatorKind], value: &str) -> Condition {
    let mut any = Condition::never();
    for kind in kinds {
        let Some(indicator) = normalise(*kind, value) else { continue };
        let word = format!("\"{}\"", indicators::word(scope.tenant, &indicator));
        let sql = "m.n IN (SELECT rowid FROM observed WHERE observed MATCH ?)";
        any = any.or(Condition::new(sql, [Value::Text(word)]));
    }
    any
}

/// A URL without a path means everything on its host.
fn whole_host(scope: &Scope, value: &str) -> Condition {
    let Some(url) = normalise(IndicatorKind::Url, value) else { return Condition::never() };
    let rest = url.value.split_once("://").map_or("", |(_, rest)| rest);
    match rest.split_once('/') {
        Some((host, "")) => observed(scope, &[IndicatorKind::Host], host),
        _ => Condition::never(),
    }
}

fn of(scope: &Scope) -> Vec<Value> {
    vec![Value::Blob(scope.tenant.octets().to_vec()), Value::Text(scope.region.to_string())]
}

/// Most alternatives of one term.
const VALUES_MAX: usize = 50;
