//! The dashboard: pages that a security team works with, rendered on the server.
//!
//! Promises: every page works without a script; text out of mail is always escaped, isolated and
//! never a link; nobody sees another tenant's data, which is "not found" like what never was; no
//! page runs a script or a style that is not ours (`headers`).
//!
//! Does not: hold state beside the store, open connections, or decide anything about mail.

mod account;
mod assets;
mod attempts;
mod audit;
mod authorize;
mod charts;
mod checks;
mod details;
mod device;
mod error;
mod google;
mod headers;
mod jobs;
mod kept;
mod known;
mod marks;
mod message;
mod notices;
pub(crate) mod operator;
mod orders;
mod overview;
mod password;
mod range;
mod retract;
mod router;
mod session;
mod settings;
mod shell;
mod state;
mod text;
mod trace;
mod when;

#[cfg(test)]
mod tests;

pub(crate) use router::router;
pub(crate) use state::WebState;
