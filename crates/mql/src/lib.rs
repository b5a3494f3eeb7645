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

mod literals;
mod set;
mod types;
mod value;

pub use set::Set;
pub use types::{
    Arguments, Body, Cost, Field, Function, Host, Library, Parameter, RecordType, Ty, field_name,
};
pub use value::{List, Record, Text, Value};
