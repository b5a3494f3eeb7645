//! The domain of clawback: what a tenant, a verdict, a policy, a copy and its retraction are.
//!
//! Pure: no I/O, no clock, no randomness, no logging. What happens in the world comes in as a
//! value; what shall happen goes out as a value.
#![cfg_attr(
    test,
    allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)
)]

pub mod audit;
pub mod copy;
pub mod history;
pub mod id;
pub mod identity;
pub mod job;
pub mod plan;
pub mod policy;
pub mod record;
pub mod retraction;
mod schedule;
pub mod source;
pub mod tenant;
pub mod time;
pub mod trace;
pub mod verdict;

pub use copy::{Copy, Folder, Reach};
pub use id::{CopyId, JobId, MessageId, OperatorId, Region, SegmentId, TenantId};
pub use policy::{AutoRetract, Destination};
pub use retraction::Retraction;
pub use time::{Clock, Entropy, UnixMillis};
pub use verdict::{Attribute, Disposition, Evidence, Finding, Severity, Verdict};
