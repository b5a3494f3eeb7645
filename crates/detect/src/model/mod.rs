//! The message data model: a message as rules see it.
//!
//! [`Model`] is a message with what is known about it; [`LIBRARY`] declares its fields and the
//! functions that know mail. `docs/data-model.md` says what each part means where that is not
//! obvious.
//!
//! It promises that every field is worked out at most once for a message, and only when somebody
//! asks for it; that any message yields values, never a panic; and that the same message and
//! context give the same values. It looks nothing up: what it does not know is null.

mod context;
mod functions;
mod lazy;
mod lists;
mod types;

pub use lists::TENANT_LISTS;

pub use context::{Context, Prevalence, Profile, Profiles, Registration};

use clawback_mql::Library;

/// The fields of a message and the functions that know mail.
pub const LIBRARY: Library = Library {
    message: &types::mail::MESSAGE,
    functions: &[functions::STRINGS, functions::FILES, functions::RECORDS, functions::UNSUPPORTED],
};

/// Fields that are part of the model and that this program never fills, by the name of their
/// record's type: rules that read one are told apart from rules that find nothing.
pub const UNSUPPORTED_FIELDS: &[(&str, &str)] = &[
    ("Scan", "macho"),
    ("Scan", "ocr"),
    ("External", "spam"),
    ("External", "spam_folder"),
    ("External", "thread_id"),
];

/// A message and what is known about it.
#[derive(Debug)]
pub struct Model;
