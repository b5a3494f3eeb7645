//! Comparing values, calculating with them, and matching wildcards.

use crate::eval::Truth;
use crate::syntax::{Arithmetic, Comparison};
use crate::value::Value;

/// Compares two values; null where one is null or they are of kinds that cannot be compared.
pub(crate) fn compare(how: Comparison, left: &Value, right: &Value) -> Truth {
    if let (Value::Text(left), Value::Text(right)) = (left, right) {
        return Some(match how {
            Comparison::Equal => left.as_str() == right.as_str(),
            Comparison::NotEqual => left.as_str() != right.as_str(),
            Comparison::Same => left.lower() == right.lower(),
            Comparison::NotSame => left.lower() != right.lower(),
            _ => ordered(how, left.as_str().cmp(right.as_str())),
        });
    }
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return left.partial_cmp(&right).map(|order| ordered(how, order));
    }
    match how {
        _ if left.is_null() || right.is_null() => None,
        Comparison::Equal => Some(same(left, right)),
        Comparison::NotEqual => Some(!same(left, right)),
        _ => None,
    }
}

pub(crate) fn ordered(how: Comparison, order: std::cmp::Ordering) -> bool {
    match how {
        Comparison::Equal | Comparison::Same => order.is_eq(),
        Comparison::NotEqual | Comparison::NotSame => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether two values are the same, fields and items included; null is the same as null here.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    same_within(left, right, SAME_DEPTH_MAX)
}

fn same_within(left: &Value, right: &Value, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left.as_str() == right.as_str(),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|(one, other)| same_within(one, other, depth - 1))
        }
        (Value::Record(left), Value::Record(right)) => {
            let kind = left.record_type();
            std::ptr::eq(kind, right.record_type())
                && (0..kind.fields.len())
                    .all(|at| same_within(&left.field(at), &right.field(at), depth - 1))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, one)| {
                    right.get(name).is_some_and(|other| same_within(one, other, depth - 1))
                })
        }
        (Value::Set(left), Value::Set(right)) => std::sync::Arc::ptr_eq(left, right),
        _ => match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => {
                left.partial_cmp(&right).is_some_and(std::cmp::Ordering::is_eq)
            }
            _ => false,
        },
    }
}

/// Whole numbers stay whole but for division; a division by nothing is null.
pub(crate) fn arithmetic(how: Arithmetic, left: &Value, right: &Value) -> Value {
    if let (Value::Text(left), Value::Text(right), Arithmetic::Plus) = (left, right, how) {
        return Value::text([left.as_str(), right.as_str()].concat());
    }
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        let whole = match how {
            Arithmetic::Plus => left.checked_add(*right),
            Arithmetic::Minus => left.checked_sub(*right),
            Arithmetic::Times => left.checked_mul(*right),
            Arithmetic::Remainder => left.checked_rem(*right),
            Arithmetic::Divide => None,
        };
        if how != Arithmetic::Divide {
            return whole.map_or(Value::Null, Value::Int);
        }
    }
    let (Some(left), Some(right)) = (left.as_number(), right.as_number()) else {
        return Value::Null;
    };
    let number = match how {
        Arithmetic::Plus => left + right,
        Arithmetic::Minus => left - right,
        Arithmetic::Times => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
    };
    if number.is_finite() { Value::Float(number) } else { Value::Null }
}

/// Whether a whole text matches a pattern of `*` (anything) and `?` (one character), in linear
/// space and without recursion.
pub(crate) fn like(text: &str, glob: &str) -> bool {
    let (text, glob) = (text.as_bytes(), glob.as_bytes());
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match glob.get(place) {
            Some(b'*') => {
                star = Some((place, at));
                place += 1;
                continue;
            }
            Some(b'?') => {
                at += 1;
                while text.get(at).is_some_and(|octet| octet & 0xc0 == 0x80) {
                    at += 1;
                }
                place += 1;
                continue;
            }
            Some(wanted) if text.get(at) == Some(wanted) => {
                at += 1;
                place += 1;
                continue;
            }
            _ => {}
        }
        let Some((back, from)) = star else { return false };
        // What stands after the star is looked for from the next place on.
        let next = match glob.get(back + 1) {
            Some(b'*' | b'?') | None => Some(from + 1),
            Some(wanted) => {
                let rest = text.get(from + 1..).unwrap_or_default();
                memchr::memchr(*wanted, rest).map(|found| from + 1 + found)
            }
        };
        let Some(next) = next else { return false };
        star = Some((back, next));
        at = next;
        place = back + 1;
    }
    glob.get(place..).unwrap_or_default().iter().all(|octet| *octet == b'*')
}

const SAME_DEPTH_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_table() {
        let rows = [
            ("abc", "abc", true),
            ("abc", "a*", true),
            ("abc", "*c", true),
            ("abc", "*b*", true),
            ("abc", "a?c", true),
            ("aéc", "a?c", true),
            ("abc", "a?", false),
            ("abc", "b*", false),
            ("", "*", true),
            ("", "?", false),
            ("aaab", "*a*b", true),
            ("abcabd", "*ab?", true),
            ("abc", "*?c", true),
            ("mississippi", "m*iss*ip*i", true),
            ("mississippi", "m*iss*ip*x", false),
        ];
        for (text, glob, meant) in rows {
            assert_eq!(like(text, glob), meant, "{text} like {glob}");
        }
    }
}
