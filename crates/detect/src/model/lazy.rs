//! Records: those that work each field out when it is first asked for, and those that are known as
//! a whole.

use std::any::Any;
use std::cell::OnceCell;

use clawback_mql::{Record, RecordType, Value};

/// What a lazy record is made of.
pub(crate) trait Fields: 'static {
    /// The type as rules see it.
    const TYPE: &'static RecordType;

    /// Works one field out; null for what is never known. Asked once for each field.
    fn compute(&self, name: &'static str) -> Value;
}

/// A record that remembers the fields it was asked for. What is never asked for costs nothing.
pub(crate) struct Lazy<F> {
    of: F,
    cells: OnceCell<Box<[OnceCell<Value>]>>,
}

impl<F: Fields> Lazy<F> {
    pub(crate) const fn new(of: F) -> Self {
        Self { of, cells: OnceCell::new() }
    }

    /// As a value.
    pub(crate) fn value(of: F) -> Value {
        Value::record(Self::new(of))
    }

    /// What it is made of.
    pub(crate) const fn of(&self) -> &F {
        &self.of
    }
}

impl<F: Fields> Record for Lazy<F> {
    fn record_type(&self) -> &'static RecordType {
        F::TYPE
    }

    fn field(&self, index: usize) -> Value {
        let Some(field) = F::TYPE.fields.get(index) else { return Value::Null };
        let cells =
            self.cells.get_or_init(|| F::TYPE.fields.iter().map(|_| OnceCell::new()).collect());
        cells
            .get(index)
            .map_or(Value::Null, |cell| cell.get_or_init(|| self.of.compute(field.name)).clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A record that is known as a whole.
struct Known {
    of: &'static RecordType,
    values: Box<[Value]>,
}

impl Record for Known {
    fn record_type(&self) -> &'static RecordType {
        self.of
    }

    fn field(&self, index: usize) -> Value {
        self.values.get(index).cloned().unwrap_or_default()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A record with the given fields, the others null.
pub(crate) fn known<const N: usize>(of: &'static RecordType, fields: [(&str, Value); N]) -> Value {
    known_of(of, fields)
}

/// A record with the given fields, the others null.
pub(crate) fn known_of<'a>(
    of: &'static RecordType,
    fields: impl IntoIterator<Item = (&'a str, Value)>,
) -> Value {
    let mut values: Box<[Value]> = of.fields.iter().map(|_| Value::Null).collect();
    let mut from = 0;
    for (name, value) in fields {
        // They mostly come in the order of the type.
        let rest = of.fields.get(from..).unwrap_or_default();
        let next = rest.iter().position(|field| field.name == name).map(|at| from + at);
        let at = next.or_else(|| of.position(name));
        from = at.map_or(from, |at| at + 1);
        debug_assert!(at.is_some(), "{} has no field {name}", of.name);
        if let Some(slot) = at.and_then(|at| values.get_mut(at)) {
            *slot = value;
        }
    }
    Value::record(Known { of, values })
}

/// What a value is made of, where it is a lazy record of that kind.
pub(crate) fn made_of<F: Fields>(value: &Value) -> Option<&F> {
    value.as_record::<Lazy<F>>().map(Lazy::of)
}
