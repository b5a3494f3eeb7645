//! Values: what an expression of a rule is while it is evaluated.
//!
//! Cloning one is cheap. A text remembers what was worked out about it (its lower case, which
//! literals of a rule set stand in it), so that a thousand rules ask once. `Debug` never shows the
//! content of mail.

use std::any::Any;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::fold::folded;
use crate::literals::{Hits, LiteralId, Literals, Room};
use crate::set::Set;
use crate::types::RecordType;

/// What an expression is worth.
#[derive(Clone, Default)]
pub enum Value {
    /// Nothing is known. Comparing it, or giving it to a function, is null again.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Text),
    /// Several values.
    List(List),
    /// Named fields of a known type.
    Record(Rc<dyn Record>),
    /// Values by name, where the names come from the message.
    Map(Rc<BTreeMap<String, Self>>),
    /// A named list of texts: `$org_domains`.
    Set(Arc<Set>),
}

/// Several values.
pub type List = Rc<[Value]>;

/// Named fields of a known type. An implementation may work its fields out when asked for them,
/// and should then remember them.
pub trait Record: Any {
    /// The type: the fields' names and types, in the order that [`Record::field`] counts them.
    fn record_type(&self) -> &'static RecordType;

    /// One field; null for an index that is none.
    fn field(&self, index: usize) -> Value;

    /// For functions that know a record's origin.
    fn as_any(&self) -> &dyn Any;
}

/// A text, shared.
#[derive(Clone)]
pub struct Text(Rc<Inner>);

struct Inner {
    text: Box<str>,
    /// `None` where it is the text itself.
    lower: OnceCell<Option<Box<str>>>,
    characters: OnceCell<usize>,
    /// The literals of pages, and of all other texts.
    hits: [OnceCell<Hits>; 2],
    /// Which literal of a rule set it is, and of which set.
    literal: OnceCell<(usize, Option<LiteralId>)>,
}

impl Text {
    /// A text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(Rc::new(Inner {
            text: text.into(),
            lower: OnceCell::new(),
            characters: OnceCell::new(),
            hits: [OnceCell::new(), OnceCell::new()],
            literal: OnceCell::new(),
        }))
    }

    /// The text as it is.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The text in lower case: what comparisons without regard to case compare.
    pub fn lower(&self) -> &str {
        self.0.lower.get_or_init(|| folded(&self.0.text)).as_deref().unwrap_or(&self.0.text)
    }

    /// How many characters (code points) it has.
    pub fn characters(&self) -> usize {
        *self.0.characters.get_or_init(|| self.0.text.chars().count())
    }

    /// The remembered literals, for the rule set that asks first.
    pub(crate) fn hits(&self, room: Room, find: impl FnOnce() -> Hits) -> &Hits {
        self.cell(room).get_or_init(find)
    }

    /// The remembered literals, where somebody has looked already.
    pub(crate) fn known_hits(&self, room: Room) -> Option<&Hits> {
        self.cell(room).get()
    }

    fn cell(&self, room: Room) -> &OnceCell<Hits> {
        let [pages, words] = &self.0.hits;
        match room {
            Room::Page => pages,
            Room::Words => words,
        }
    }

    /// Which literal of a rule set it is.
    pub(crate) fn literal(&self, literals: &Literals) -> Option<LiteralId> {
        let find = || (literals.identity(), literals.find(self.lower()));
        let (of, known) = *self.0.literal.get_or_init(find);
        if of == literals.identity() { known } else { literals.find(self.lower()) }
    }

    /// Whether two are the same one in memory.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(Text::new(text))
    }

    /// A text, or null for none.
    pub fn text_or_null(text: Option<impl Into<Box<str>>>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    /// A text, or null for an empty one.
    pub fn filled(text: &str) -> Self {
        if text.is_empty() { Self::Null } else { Self::text(text) }
    }

    /// A whole number; one that is beyond 64 bits is the largest.
    pub fn int(number: impl TryInto<i64>) -> Self {
        Self::Int(number.try_into().unwrap_or(i64::MAX))
    }

    /// Several values.
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// Several texts.
    pub fn texts<T: Into<Box<str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::list(texts.into_iter().map(Self::text))
    }

    /// A record.
    pub fn record(record: impl Record) -> Self {
        Self::Record(Rc::new(record))
    }

    /// A record, or null for none.
    pub fn record_or_null(record: Option<impl Record>) -> Self {
        record.map_or(Self::Null, Self::record)
    }

    /// Whether nothing is known.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    /// The truth, where it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The whole number, where it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "counts and sizes are small")]
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The items, where it is a list.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The record of this Rust type, where it is one.
    pub fn as_record<R: Record>(&self) -> Option<&R> {
        match self {
            Self::Record(record) => record.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// A field by its name, for tests and for evidence; rules use its index.
    pub fn get(&self, name: &str) -> Self {
        match self {
            Self::Record(record) => {
                record.record_type().position(name).map_or(Self::Null, |index| record.field(index))
            }
            Self::Map(map) => map.get(name).cloned().unwrap_or_default(),
            _ => Self::Null,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => fmt::Debug::fmt(text, f),
            Self::List(list) => write!(f, "<list of {}>", list.len()),
            Self::Record(record) => write!(f, "<{}>", record.record_type().name),
            Self::Map(map) => write!(f, "<map of {}>", map.len()),
            Self::Set(set) => write!(f, "<set of {}>", set.len()),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<text of {} octets>", self.0.text.len())
    }
}

/// Declares records whose fields are all worked out beforehand: a struct of [`Value`]s that derives
/// `Clone` and `Default`, its [`RecordType`] as the constant `TYPE`, and [`Record`] for it.
///
/// ```
/// use clawback_mql::{Ty, Value, record};
/// record! {
///     /// A domain name.
///     pub struct Domain = "Domain" {
///         /// The whole name.
///         domain: Ty::Text,
///         /// Whether it can exist.
///         valid: Ty::Bool,
///     }
/// }
/// let domain = Domain { domain: Value::text("a.example"), valid: Value::Bool(true) };
/// assert_eq!(Value::record(domain).get("domain").as_str(), Some("a.example"));
/// ```
#[macro_export]
macro_rules! record {
    ($($(#[$doc:meta])* $vis:vis struct $name:ident = $shown:literal {
        $($(#[$field_doc:meta])* $field:ident: $ty:expr),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        $vis struct $name {
            $($(#[$field_doc])* pub $field: $crate::Value,)*
        }

        impl $name {
            /// The type of these records.
            pub const TYPE: &'static $crate::RecordType = {
                static TYPE: $crate::RecordType = $crate::RecordType {
                    name: $shown,
                    fields: &[$($crate::Field { name: $crate::field_name(stringify!($field)), ty: $ty },)*],
                };
                &TYPE
            };
        }

        impl $crate::Record for $name {
            fn record_type(&self) -> &'static $crate::RecordType {
                Self::TYPE
            }

            fn field(&self, index: usize) -> $crate::Value {
                let fields = [$(&self.$field,)*];
                fields.get(index).map_or($crate::Value::Null, |value| (*value).clone())
            }

            fn as_any(&self) -> &dyn ::std::any::Any {
                self
            }
        }
    )*};
}
