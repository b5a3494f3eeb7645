//! Types as the checker works them out.

use std::fmt;
use std::sync::Arc;

use crate::types::{RecordType, Ty};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Not known before the message is there.
    Any,
    Bool,
    Float,
    Int,
    List(Arc<Self>),
    Map(Arc<Self>),
    Record(&'static RecordType),
    /// A named list of texts.
    Set,
    Text,
}

impl From<Ty> for Type {
    fn from(declared: Ty) -> Self {
        match declared {
            Ty::Any => Self::Any,
            Ty::Bool => Self::Bool,
            Ty::Float => Self::Float,
            Ty::Int => Self::Int,
            Ty::List(inner) => Self::list(Self::from(*inner)),
            Ty::Map(inner) => Self::Map(Arc::new(Self::from(*inner))),
            Ty::Record(record) => Self::Record(record),
            Ty::Text => Self::Text,
        }
    }
}

impl Type {
    pub(crate) fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    /// Whether a value of the other type may stand where this one is wanted.
    pub(crate) fn takes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) | (Self::Float, Self::Int) => true,
            (Self::List(one), Self::List(other)) => one.takes(other),
            (Self::List(one), Self::Set) => one.takes(&Self::Text),
            (Self::Map(one), Self::Map(other)) => one.takes(other),
            _ => self == other,
        }
    }

    /// Whether values of the two types can be equal.
    pub(crate) fn compares_with(&self, other: &Self) -> bool {
        self.takes(other) || other.takes(self)
    }

    /// Whether one value can be less than another.
    pub(crate) fn is_ordered(&self) -> bool {
        matches!(self, Self::Any | Self::Float | Self::Int | Self::Text)
    }

    /// The type of what is either the one or the other.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        match (self, other) {
            _ if self == other => self.clone(),
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            (Self::List(one), Self::List(other)) => Self::list(one.joined(other)),
            _ => Self::Any,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("a value of unknown type"),
            Self::Bool => f.write_str("true or false"),
            Self::Float | Self::Int => f.write_str("a number"),
            Self::List(_) => f.write_str("a list"),
            Self::Map(_) => f.write_str("a map"),
            Self::Record(record) => write!(f, "a {}", record.name),
            Self::Set => f.write_str("a list of texts"),
            Self::Text => f.write_str("a text"),
        }
    }
}
