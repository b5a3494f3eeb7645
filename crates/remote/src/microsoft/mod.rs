//! Microsoft 365: sign-in by client credentials, and mail through Graph v1.0.
//!
//! The facts this rests on are cited where they are used, as `graph:` (pages of the Graph
//! documentation) and `entra:` (pages about sign-in).

mod batch;
mod call;
mod consent;
mod credential;
mod folders;
mod graph;
mod groups;
mod item;
mod lookup;
mod place;
mod refusal;
mod restore;
mod settings;
mod sight;
mod token;

pub use consent::{Consent, ConsentError, Returned, new_state};
pub use credential::{Certificate, CertificateError, Credential};
pub use graph::Graph;
pub use settings::{GraphSettings, SettingsError};
