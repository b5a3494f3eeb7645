//! Knowledge and a message in, findings and a verdict out.
//!
//! [`detect()`] asks every detector what it sees and returns findings, each with evidence a person
//! can look at. [`judge()`] makes one verdict of them by a small table and no score. Everything
//! that a message is judged by is a [`Knowledge`]: an immutable snapshot with a version. What each
//! rule means stands in the [`catalogue`].
//!
//! It promises: the same message, knowledge and facts give the same verdict; a finding never rests
//! on an answer that is missing; hostile mail costs bounded time.
//!
//! It deliberately looks nothing up, reads no clock and opens no attachment that could hang it:
//! what was looked up comes in as [`Facts`].

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod catalogue;
pub mod intel;

mod brands;
mod case;
mod detector;
mod domains;
mod fold;
mod judge;
mod knowledge;
mod lists;
pub mod model;
pub mod nlu;
pub mod pack;
mod registrations;
mod target;
#[cfg(test)]
mod testing;
mod thresholds;

pub use clawback_mql::{Answer, RuleState};

pub use case::{Facts, Subject};
pub use detector::{detect, unjudgeable};
pub use domains::is_shared as is_shared_domain;
pub use intel::{Intel, IntelEntry, LineError, intel_file};
pub use judge::judge;
pub use knowledge::{Knowledge, Organisation, Sources};
pub use registrations::Registrations;
pub use thresholds::Thresholds;

/// The version of the rules that are part of the program: changes whenever one of them does.
pub const RULES_VERSION: &str = "builtin-2";
