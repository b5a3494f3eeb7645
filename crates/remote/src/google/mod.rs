//! Google Workspace: sign-in by a service account with domain-wide delegation, mail through Gmail
//! v1, people through the Directory API.
//!
//! The facts this rests on are cited where they are used, as `gmail:` and `google:` (names of
//! guides, pages and methods). What no document says is behind a function of its own that says so.

mod account;
mod call;
mod directory;
mod gmail;
mod message;
mod pace;
mod place;
mod refusal;
mod restore;
mod settings;
mod token;

pub use account::{AccountError, ServiceAccount};
pub use gmail::{Gmail, ScopeCheck};
pub(crate) use place::is_labelled_as;
pub use settings::{GoogleError, GoogleSettings};
pub use token::Scope;
