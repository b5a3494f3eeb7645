//! JSON in a text, as values.

use std::collections::BTreeMap;
use std::rc::Rc;

use clawback_mql::{Arguments, Host, Value};
use serde_json::Value as Json;

/// `strings.parse_json(text)`; null for what is none.
pub(super) fn parse_json(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let text = arguments.text(0).unwrap_or_default();
    if text.len() > JSON_OCTETS_MAX {
        return Value::Null;
    }
    serde_json::from_str(text).map_or(Value::Null, value)
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => number.as_f64().map_or(Value::Null, Value::Float),
        },
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::list(items.into_iter().map(value)),
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(name, field)| (name, value(field)));
            Value::Map(Rc::new(fields.collect::<BTreeMap<_, _>>()))
        }
    }
}

const JSON_OCTETS_MAX: usize = 4 * 1024 * 1024;
