//! Octets and values of mail.
//!
//! This crate turns what arrives (an SMTP conversation, a MIME message, a journal report) into
//! values, and says nothing about whether they are good or bad.
//!
//! It promises three things. It touches nothing: no I/O, no clock, no randomness, no logging, no
//! threads. It always comes back: hostile octets yield a value and its defects, never a panic and
//! never an error. It stays small: every count has a limit named at the foot of its file.
//!
//! It deliberately does not judge, does not look anything up, and does not send mail.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod address;
pub mod indicator;
pub mod journal;
pub mod likeness;
pub mod message;
pub mod smtp;

/// Writes a `Debug` that tells the size of a value and none of its content.
macro_rules! redacted_debug {
    ($type:ty, $self_:ident => $octets:expr) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $self_ = self;
                let octets: usize = $octets;
                write!(f, "<redacted {octets} octets>")
            }
        }
    };
}
pub(crate) use redacted_debug;
