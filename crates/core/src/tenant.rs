//! A customer organisation: its domains, its people, and what it decided.

use clawback_mail::address::{Address, Domain};
use serde::{Deserialize, Serialize};

use crate::copy::Reach;
use crate::id::{Region, TenantId};
use crate::policy::AutoRetract;
use crate::source::SourceRules;

/// A customer organisation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name on pages.
    pub name: String,
    /// Domains whose mailboxes are its own.
    pub domains: Vec<Domain>,
    /// The Microsoft directory it authorised us in.
    pub microsoft_tenant: Option<String>,
    /// The Google Workspace it authorised us in.
    pub google: Option<GoogleWorkspace>,
    /// People others like to pretend to be: display name and real address.
    pub protected_people: Vec<ProtectedPerson>,
    /// Where its reports may come from.
    pub sources: SourceRules,
    /// Most octets of raw mail that are kept for it; beyond them its mail stays with its senders.
    pub quota_octets: Option<u64>,
}

impl Tenant {
    /// A tenant with its name and domains, and nothing else said.
    #[must_use]
    pub fn new(id: TenantId, name: String, domains: Vec<Domain>) -> Self {
        Self {
            id,
            name,
            domains,
            microsoft_tenant: None,
            google: None,
            protected_people: Vec::new(),
            sources: SourceRules::default(),
            quota_octets: None,
        }
    }

    /// Whether an address is one of its own mailboxes.
    #[must_use]
    pub fn reach(&self, address: &Address) -> Reach {
        if self.domains.iter().any(|domain| domain == address.domain()) {
            Reach::Internal
        } else {
            Reach::External
        }
    }
}

/// A Google Workspace that trusts our service account.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GoogleWorkspace {
    /// The administrator in whose name its directory is read.
    pub admin: String,
}

/// One entry of the impersonation registry.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProtectedPerson {
    /// The display name as it is usually written.
    pub name: String,
    /// The real address.
    pub address: String,
}

/// A kind of list a tenant keeps.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// Senders (address or domain) whose mail is not judged spam, spoof or bulk.
    Allow,
    /// Senders (address or domain) whose mail is MALICIOUS here.
    Block,
    /// Recipients (address or domain) whose copies no policy moves: phishing mailboxes, teams that
    /// study attacks.
    ExemptRecipient,
    /// Domains whose look-alikes are watched for and which are never look-alikes themselves.
    TrustedDomain,
    /// Senders (address or domain) whose mail is CLEAN here whatever is found, such as phishing
    /// simulations. Intel, the block list and what the rest would have said stay in the verdict.
    TrustedSender,
}

impl ListKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Allow, Self::Block, Self::ExemptRecipient, Self::TrustedDomain, Self::TrustedSender];

    /// The word in the store and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
            Self::ExemptRecipient => "exempt_recipient",
            Self::TrustedDomain => "trusted_domain",
            Self::TrustedSender => "trusted_sender",
        }
    }
}

/// One entry of a list.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ListEntry {
    /// Which list.
    pub list: ListKind,
    /// An address or a domain.
    pub pattern: String,
    /// Whether an entry that allows holds only for a sender who is verified: DMARC passed, or SPF
    /// or DKIM passed for the author's own domain.
    pub verify_sender: bool,
    /// Why it is there.
    pub note: String,
}

/// A journaling address of a tenant: what RCPT says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JournalAddress {
    /// The address, with a local part nobody can guess.
    pub address: Address,
    /// Whose mail comes in there.
    pub tenant: TenantId,
    /// Where it is processed.
    pub region: Region,
}

/// Settings a tenant's team changes on pages, with the version they saw.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Grows by one with each change: a save that saw an older one is refused.
    pub version: u64,
    /// Where mail goes, by disposition.
    pub auto_retract: AutoRetract,
}
