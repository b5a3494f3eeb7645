//! Message Query Language: the text of a rule to a checked, compiled program, and a program with a
//! message's data model to true, false or null.
//!
//! The language knows no mail: a data model and the functions that need one are declared by whoever
//! has them, as a [`Library`] of constants, and given to rules as a [`Host`].
//!
//! It promises that every rule ends: there are no loops but over what a message has, and steps and
//! memory are counted. Reaching a limit is told, never silent.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod analysis;
mod builder;
mod calls;
mod check;
mod compare;
mod diagnostic;
mod eval;
mod explain;
mod finder;
mod fold;
mod functions;
mod hash;
mod holds;
mod kind;
mod lexer;
mod literals;
mod needs;
mod parser;
mod pattern;
mod program;
mod rules;
mod set;
mod syntax;
mod types;
mod value;
mod values;

pub use check::{Environment, Purpose};
pub use diagnostic::{Diagnostic, Span};
pub use explain::Reason;
pub use functions::RegexMatch;
pub use rules::{Answer, Compiled, Compiler, Examination, RuleState, Rules, Statistics};
pub use set::Set;
pub use types::{
    Arguments, Body, Cost, Field, Function, Host, Library, Parameter, Prepared, RecordType, Ty,
    field_name,
};
pub use value::{List, Record, Text, Value};
