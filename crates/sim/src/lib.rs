//! A Microsoft 365 tenant, or a Google Workspace, that exists only on loopback, for `clawback
//! demo`, `clawback sim` and tests.
//!
//! It promises strictness: what the real service is documented to refuse, it refuses, with the same
//! status and error code, so that a client that works here has been told about the world outside.
//! Beside the tenant it makes mail ([`MailStream`]) and journals it over SMTP ([`Journaler`]).
//!
//! It does not judge mail, keeps no secret, and must never listen on anything but loopback.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod assertion;
mod clock;
mod config;
mod consent;
mod content;
pub mod google;
mod graph;
mod ids;
pub mod journal;
mod journaler;
mod mailbox;
mod odata;
mod operations;
mod page;
mod people;
mod random;
mod rendering;
mod serve;
mod smtp;
mod state;
pub mod stream;
mod throttle;
mod token;
mod traffic;
mod world;

pub use clock::{Clock, ClockHand};
pub use config::{Behaviour, Config, Fault, Group, On, Permission, Service, User, UserKind};
pub use google::{GoogleBehaviour, ServiceAccount};
pub use journaler::{JournalCounts, JournalError, Journaler, JournalerConfig};
pub use mailbox::{Folder, ItemView};
pub use operations::{By, Operation, OperationKind};
pub use serve::serve;
pub use smtp::{SmtpClient, SmtpEnvelope, SmtpError, SmtpTls, prepare};
pub use state::StateError;
pub use stream::{DemoMail, MailStream, Organisation};
pub use traffic::Traffic;
pub use world::{Delivered, Delivery, Held, OwnerError, World};
