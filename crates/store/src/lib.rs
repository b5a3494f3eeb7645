//! Durable storage: raw mail in sealed segments, and everything that follows from it in records.
//!
//! It promises that a [`Committed`] exists only after the octets are on disk; that a segment is
//! recorded in one transaction, and twice means once; that `Asked` is stored before a caller may
//! act on it; and that every query names its tenant and its region, because there is no way to a
//! query but [`RegionStore`] and [`TenantStore`].
//!
//! It deliberately does not judge, does not parse mail, and talks to no machine but its own disk.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod backend;
mod control;
pub mod error;
mod key;
mod moment;
mod region;
mod room;
mod segment;
mod sqlite;
mod store;
mod tenant;
pub mod view;

pub use backend::{
    Advance, AuditCheck, ClaimedCopy, ClaimedSegment, IntelRow, Known, NewOperator, Question,
    Recorded, Scope, SegmentLag, StoredOperator, Sweep,
};
pub use control::Control;
pub use error::StoreError;
pub use key::RootKey;
pub use region::RegionStore;
pub use segment::{Committed, Envelope, Incoming, LargeMessage, SegmentReader, StoredMail};
pub use store::{Records, Settings, Store};
pub use tenant::TenantStore;
