//! Types: what the checker knows before a rule has seen a message.
//!
//! A data model and its functions are declared with these as constants, by whoever has a model.

use std::any::Any;
use std::fmt;

use crate::value::Value;

/// The declared type of a field, a parameter or a result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ty {
    /// Not known before: parsed from the message.
    Any,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text. Times are texts too, as RFC 3339 in UTC, so that they compare as they should.
    Text,
    /// Several of one type.
    List(&'static Self),
    /// Named fields.
    Record(&'static RecordType),
    /// Values of one type by names that come from the message.
    Map(&'static Self),
}

/// The type of a record.
#[derive(Debug, Eq, PartialEq)]
pub struct RecordType {
    /// Its name, for people.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// One field of a record.
#[derive(Debug, Eq, PartialEq)]
pub struct Field {
    /// Its name in rules.
    pub name: &'static str,
    /// Its type.
    pub ty: Ty,
}

impl RecordType {
    /// Where a field is, by its name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// The name in rules of a field whose Rust name has an underscore at its end because it would be
/// a keyword: `type_` is `type`.
#[must_use]
pub const fn field_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [front @ .., b'_'] => match std::str::from_utf8(front) {
            Ok(front) => front,
            Err(_) => name,
        },
        _ => name,
    }
}

/// What a rule can speak of: the message's fields and the functions that need the message.
#[derive(Debug)]
pub struct Library {
    /// The type of a message.
    pub message: &'static RecordType,
    /// The functions, beside those of the language itself.
    pub functions: &'static [&'static [Function]],
}

/// A function that a data model adds to the language.
pub struct Function {
    /// Its name with its module: `strings.parse_url`.
    pub name: &'static str,
    /// What it takes, in order.
    pub parameters: &'static [Parameter],
    /// The type of further arguments, where it takes any number.
    pub rest: Option<Ty>,
    /// What it gives.
    pub result: Ty,
    /// What it costs: what is dear is asked last.
    pub cost: Cost,
    /// What it does.
    pub body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a function does.
#[derive(Clone, Copy)]
pub enum Body {
    /// Works it out. It is not called with a null for a parameter that is neither optional nor
    /// named: the result is null then.
    Native(fn(&dyn Host, &Arguments<'_>) -> Value),
    /// As [`Body::Native`], with something made of the texts that follow the first argument: once,
    /// when the rule is compiled, where the rule itself holds them.
    Prepared(fn(&[&str]) -> Prepared, fn(&dyn Host, &Arguments<'_>, &Prepared) -> Value),
    /// Is part of the language but not of this program: null, and rules that use it say so.
    Unsupported,
}

/// What a function made of the texts after its first argument.
pub type Prepared = Box<dyn Any + Send + Sync>;

/// One parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, for `name=value`.
    pub name: &'static str,
    /// Its type.
    pub ty: Ty,
    /// Whether it may be left out.
    pub optional: bool,
}

impl Parameter {
    /// One that must be given.
    pub const fn required(name: &'static str, ty: Ty) -> Self {
        Self { name, ty, optional: false }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str, ty: Ty) -> Self {
        Self { name, ty, optional: true }
    }
}

/// What a function costs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Cost {
    /// Below a microsecond.
    Low,
    /// Reads a text once.
    Text,
    /// Takes a file or a page apart.
    High,
}

/// What a function is called with.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    /// The parameters in order, null for those left out, and then the further arguments.
    pub values: &'a [Value],
}

impl Arguments<'_> {
    /// One argument; null where it was left out.
    pub fn get(&self, index: usize) -> &Value {
        const NULL: &Value = &Value::Null;
        self.values.get(index).unwrap_or(NULL)
    }

    /// One argument as text.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.get(index).as_str()
    }
}

/// The message that is judged, as far as functions need it.
pub trait Host {
    /// The message as a record of the library's type.
    fn message(&self) -> Value;

    /// One of the lists that are known by tenant or by message, by its place among the names that
    /// rules were checked with; null where it is not known.
    fn list(&self, _index: usize) -> Value {
        Value::Null
    }

    /// For functions that know who hosts them.
    fn as_any(&self) -> &dyn Any;
}
