//! What is known beside the message: given as values, never looked up here.

use std::collections::BTreeMap;
use std::sync::Arc;

use clawback_core::tenant::ProtectedPerson;
use clawback_mail::address::{Address, Domain};
use clawback_mail::message::{Authentication, Direction};
use clawback_unpack::yara::Compiled;

/// What is known about a message that does not stand in it.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The organisation's own domains; what lies below them is its own as well.
    pub org_domains: Vec<Domain>,
    /// People of the organisation whom others like to pretend to be.
    pub people: Vec<ProtectedPerson>,
    /// Whom the message reached, as the report or the envelope states; empty where nothing does.
    pub recipients: Vec<Address>,
    /// Which way it went, where somebody trustworthy states it.
    pub direction: Option<Direction>,
    /// Authentication found by ourselves: it wins over what the provider states in the message.
    pub authentication: Option<Authentication>,
    /// What our own records say about the sender.
    pub profiles: Profiles,
    /// When domains were registered, by registrable domain in lower case.
    pub registrations: BTreeMap<Box<str>, Registration>,
    /// The compiled rules that files are scanned with; without them no file matches any.
    pub yara: Option<Arc<Compiled>>,
    /// When the message came in, in seconds since 1970, UTC.
    pub received_at: Option<i64>,
}

/// What our own records say about who sent a message; `None` where there are no records.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// By address, or by domain where the domain is one organisation's.
    pub sender: Option<Profile>,
    /// By address.
    pub sender_email: Option<Profile>,
    /// By domain.
    pub sender_domain: Option<Profile>,
    /// By the address that replies go to.
    pub reply_to: Option<Profile>,
    /// By the domain that replies go to.
    pub reply_to_domain: Option<Profile>,
}

/// What is recorded about one sender.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profile {
    /// How much mail came from it, compared with others.
    pub prevalence: Prevalence,
    /// Whether somebody of the organisation wrote to it before; `None` where that is not known.
    pub solicited: Option<bool>,
    /// Whether mail of it was found to be spam or worse.
    pub any_messages_malicious_or_spam: bool,
    /// Whether mail of it was found to be harmless.
    pub any_messages_benign: bool,
    /// Days since its first message.
    pub days_known: f64,
    /// Whether its authentication failed on this message.
    pub auth_failed: bool,
}

/// How much mail came from a sender.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Prevalence {
    /// None before.
    #[default]
    New,
    /// Far less than from others.
    Outlier,
    /// Little.
    Rare,
    /// Some.
    Uncommon,
    /// Much.
    Common,
}

impl Prevalence {
    /// The word in rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Outlier => "outlier",
            Self::Rare => "rare",
            Self::Uncommon => "uncommon",
            Self::Common => "common",
        }
    }
}

/// What is known about the registration of a domain.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// Days since it was registered.
    pub days_old: Option<f64>,
    /// When it was registered, in seconds since 1970, UTC.
    pub created_at: Option<i64>,
    /// Who registered it for its owner.
    pub registrar: Option<String>,
}
