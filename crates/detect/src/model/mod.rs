//! The message data model: a message as rules see it.
//!
//! [`Model`] is a message with what is known about it; [`LIBRARY`] declares its fields and the
//! functions that know mail. `docs/data-model.md` says what each part means where that is not
//! obvious.
//!
//! It promises that every field is worked out at most once for a message, and only when somebody
//! asks for it; that any message yields values, never a panic; and that the same message and
//! context give the same values. It looks nothing up: what it does not know is null.

mod attachment;
mod body;
mod context;
mod exploded;
mod functions;
mod headers;
mod ip;
mod lazy;
mod link;
mod lists;
mod message;
mod names;
mod page;
mod scan;
mod source;
mod subject;
mod types;
mod url;
mod xpath;

pub use lists::{ImportantPerson, TENANT_LISTS};

pub use context::{Context, Prevalence, Profile, Profiles, Registration};

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use clawback_mail::message::Message;
use clawback_mql::{Host, Library, Value};

pub(crate) use self::exploded::FileDefect;
pub(crate) use self::url::unwrap;

use self::functions::Readings;
use self::lazy::Lazy;
use self::message::MessageFields;
use self::source::Source;

/// A message and what is known about it, for rules to ask.
pub struct Model {
    source: Rc<Source>,
    message: Value,
    readings: Readings,
}

impl Model {
    /// Of a message, the octets that it was read from, and what is known about it.
    #[must_use]
    pub fn new(message: Arc<Message>, raw: Arc<[u8]>, context: Arc<Context>) -> Self {
        let source = Source::new(message, raw, context, 0);
        let message = Lazy::value(MessageFields(Rc::clone(&source)));
        Self { source, message, readings: Readings::default() }
    }

    /// What went wrong in attached files that rules looked into.
    pub(crate) fn file_defects(&self) -> Vec<FileDefect> {
        exploded::defects(&self.message)
    }

    /// What is known beside the message.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.source.context
    }
}

impl Host for Model {
    fn message(&self) -> Value {
        self.message.clone()
    }

    fn list(&self, index: usize) -> Value {
        lists::list(self, index)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<model of {:?}>", self.source.message)
    }
}

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
