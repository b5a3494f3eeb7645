//! Everything a message of one tenant is judged by, compiled once.
//!
//! A snapshot never changes; new lists or intel make a new one. Intel is the large part and the
//! same for every tenant, so snapshots share it. Compiling never fails: what cannot be read is
//! left out and can be asked for.

use std::sync::Arc;

use clawback_core::tenant::{ListEntry, ListKind, ProtectedPerson};
use clawback_core::verdict::KnowledgeVersion;
use clawback_mail::address::{Address, Domain};

use crate::fold::name_key;
use crate::intel::Intel;
use crate::lists::{Matched, Senders};
use crate::pack::Pack;
use crate::registrations::Registrations;
use crate::thresholds::Thresholds;

/// What a snapshot is compiled from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The version that verdicts will name.
    pub version: KnowledgeVersion,
    /// Who the tenant is.
    pub organisation: Organisation,
    /// The lists its team keeps.
    pub lists: Vec<ListEntry>,
    /// What somebody says is bad; shared between tenants.
    pub intel: Arc<Intel>,
    /// Compiled rules; shared between tenants.
    pub pack: Arc<Pack>,
    /// When domains were registered; shared between tenants.
    pub registrations: Arc<Registrations>,
    /// From what on the built-in checks speak.
    pub thresholds: Thresholds,
}

/// Who the tenant is: what others pretend to be.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    /// Domains whose mailboxes are its own.
    pub domains: Vec<Domain>,
    /// People others like to pretend to be.
    pub protected_people: Vec<ProtectedPerson>,
    /// Domains of partners: their look-alikes are watched for.
    pub trusted_domains: Vec<Domain>,
}

/// One immutable snapshot of everything a message is judged by.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    version: KnowledgeVersion,
    own: Vec<Domain>,
    trusted: Vec<Domain>,
    people: Vec<Person>,
    allow: Senders,
    block: Senders,
    exempt: Senders,
    trusted_senders: Senders,
    intel: Arc<Intel>,
    pack: Arc<Pack>,
    registrations: Arc<Registrations>,
    thresholds: Thresholds,
    unreadable: Vec<String>,
}

/// One protected person, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) address: Option<Address>,
}

impl Knowledge {
    /// Compiles a snapshot.
    #[must_use]
    pub fn compile(sources: Sources) -> Self {
        let Sources { version, organisation, lists, intel, pack, registrations, thresholds } =
            sources;
        let mut trusted = organisation.trusted_domains;
        let (mut allow, mut block) = (Senders::default(), Senders::default());
        let (mut exempt, mut trusted_senders) = (Senders::default(), Senders::default());
        let mut unreadable = Vec::new();
        for entry in &lists {
            let read = match entry.list {
                ListKind::Allow => allow.add(entry),
                ListKind::Block => block.add(entry),
                ListKind::ExemptRecipient => exempt.add(entry),
                ListKind::TrustedSender => trusted_senders.add(entry),
                ListKind::TrustedDomain => {
                    Domain::parse(&entry.pattern).map(|domain| trusted.push(domain)).is_ok()
                }
            };
            if !read {
                unreadable.push(entry.pattern.clone());
            }
        }
        trusted.sort_unstable();
        trusted.dedup();
        let people = organisation.protected_people.iter().filter_map(Person::read).collect();
        Self {
            version,
            own: organisation.domains,
            trusted,
            people,
            allow,
            block,
            exempt,
            trusted_senders,
            intel,
            pack,
            registrations,
            thresholds,
            unreadable,
        }
    }

    /// The version that verdicts by this snapshot name.
    #[must_use]
    pub fn version(&self) -> &KnowledgeVersion {
        &self.version
    }

    /// List patterns that are neither an address nor a domain, and so match nothing.
    #[must_use]
    pub fn unreadable_patterns(&self) -> &[String] {
        &self.unreadable
    }

    /// When domains were registered.
    #[must_use]
    pub fn registrations(&self) -> &Registrations {
        &self.registrations
    }

    pub(crate) fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Whether a domain is one of the organisation's own, or lies below one.
    pub(crate) fn is_own(&self, domain: &Domain) -> bool {
        self.own.iter().any(|own| domain.is_within(own))
    }

    /// Whether a domain is the organisation's own or a trusted partner's, or lies below one.
    pub(crate) fn is_own_or_trusted(&self, domain: &Domain) -> bool {
        self.is_own(domain) || self.trusted.iter().any(|trusted| domain.is_within(trusted))
    }

    /// The domains whose look-alikes are watched for.
    pub(crate) fn watched_domains(&self) -> impl Iterator<Item = &Domain> {
        self.own.iter().chain(&self.trusted)
    }

    pub(crate) fn own_domains(&self) -> &[Domain] {
        &self.own
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    pub(crate) fn allowed(&self, sender: &Address) -> Option<Matched<'_>> {
        self.allow.find(sender)
    }

    pub(crate) fn blocked(&self, sender: &Address) -> Option<Matched<'_>> {
        self.block.find(sender)
    }

    /// Whether a recipient is on the list of those whose copies no policy moves.
    #[must_use]
    pub fn exempts(&self, recipient: &Address) -> bool {
        self.exempt.find(recipient).is_some()
    }

    pub(crate) fn trusted_sender(&self, sender: &Address) -> Option<Matched<'_>> {
        self.trusted_senders.find(sender)
    }

    pub(crate) fn pack(&self) -> &Pack {
        &self.pack
    }

    pub(crate) fn intel(&self) -> &Intel {
        &self.intel
    }
}

impl Person {
    /// As it stands in the tenant's list.
    pub(crate) fn listed(&self) -> ProtectedPerson {
        let address = self.address.as_ref().map(ToString::to_string).unwrap_or_default();
        ProtectedPerson { name: self.name.clone(), address }
    }

    /// One word alone ("Anna") is shared by too many people to be protected.
    fn read(person: &ProtectedPerson) -> Option<Self> {
        let is_full_name = person.name.split_whitespace().count() >= 2;
        let key = name_key(&person.name);
        (is_full_name && !key.is_empty()).then(|| Self {
            name: person.name.clone(),
            key,
            address: Address::parse(&person.address).ok(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_cannot_be_read_is_told_and_matches_nothing() {
        let entry = |list, pattern: &str| ListEntry {
            list,
            pattern: pattern.into(),
            verify_sender: false,
            note: String::new(),
        };
        let knowledge = Knowledge::compile(Sources {
            lists: vec![
                entry(ListKind::Block, "not a sender"),
                entry(ListKind::TrustedDomain, "partner.example.com"),
            ],
            ..Sources::default()
        });
        assert_eq!(knowledge.unreadable_patterns(), ["not a sender"]);
        let below = Domain::parse("mail.partner.example.com").unwrap();
        assert!(knowledge.is_own_or_trusted(&below));
        assert!(!knowledge.is_own(&below));
    }
}
