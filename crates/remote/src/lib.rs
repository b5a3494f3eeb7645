//! Other people's machines: Microsoft Graph, Gmail, and what else clawback asks over a network.
//!
//! Only this crate opens connections to machines we do not run. It promises three things. What it
//! reports is what is known: a change that may or may not have been carried out is
//! [`ProviderError::Unanswered`], never a failure and never a success. It repeats no change by
//! itself. And no error text or log line of it holds a token, an address, a subject or a body.
//!
//! It deliberately keeps no state that a restart would miss: tokens, resolved addresses and folder
//! ids are caches. When to try again is its caller's business.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod cache;
mod client;
pub mod error;
mod gate;
pub mod google;
mod heard;
pub mod microsoft;
pub mod provider;
mod secret;
mod width;

pub use client::EndpointError;
pub use error::{Cause, Owner, ProviderError, Retry};
pub use heard::{Heard, heard};
pub use provider::{
    Connection, Found, MEMBERS_MAX, MailboxProvider, MailboxRef, RAW_OCTETS_MAX, Recreation,
    Relocated,
};
pub use secret::Secret;
