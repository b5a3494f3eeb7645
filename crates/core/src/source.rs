//! Where a tenant's journal reports may come from, and what was wrong with one that came from
//! elsewhere.
//!
//! A report is a trigger, not an authority; these rules keep strangers from pulling it. Every one
//! of them can be left out: an empty list asks for nothing.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a tenant asks of the source of its reports.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceRules {
    /// What becomes of mail that does not pass.
    pub mode: SourceMode,
    /// Networks that connections come from.
    pub networks: Vec<IpNet>,
    /// Names, one of which the client's verified certificate carries.
    pub client_names: Vec<String>,
    /// What the report's `X-OriginatorOrg` says: one of these, and once.
    pub originator_orgs: Vec<String>,
    /// SHA-256, in hex, of the key that this organisation's routing rule adds to each copy it
    /// sends; without one, no plain copy is acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_key_sha256: Option<String>,
}

/// What becomes of mail that does not pass its tenant's rules.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceMode {
    /// It is refused.
    #[default]
    Enforce,
    /// It is kept for review, up to a limit, and never acted on.
    Learning,
}

impl SourceMode {
    /// The word in the store and on pages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Learning => "learning",
        }
    }
}

/// Something that a report did not pass.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFault {
    /// A person's mail carries what this carries; a report does not.
    ByPerson,
    /// The client showed no certificate with one of the tenant's names that a known authority
    /// signed.
    ClientCertificate,
    /// The connection came from outside the tenant's networks.
    Network,
    /// It does not have the shape that Exchange gives a report.
    NotGenerated,
    /// `X-OriginatorOrg` is missing, or names another organisation.
    OriginatorOrg,
    /// A report of Exchange, of mail that is not kept there.
    OtherProvider,
    /// `X-OriginatorOrg` stands there more than once.
    OriginatorOrgRepeated,
    /// Its outer header names another original than its report part.
    ParentDiffers,
}

impl SourceFault {
    /// Every fault.
    pub const ALL: [Self; 8] = [
        Self::ByPerson,
        Self::ClientCertificate,
        Self::Network,
        Self::NotGenerated,
        Self::OriginatorOrg,
        Self::OriginatorOrgRepeated,
        Self::OtherProvider,
        Self::ParentDiffers,
    ];

    /// The word in records and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByPerson => "by_person",
            Self::ClientCertificate => "client_certificate",
            Self::Network => "network",
            Self::NotGenerated => "not_generated",
            Self::OriginatorOrg => "originator_org",
            Self::OriginatorOrgRepeated => "originator_org_repeated",
            Self::OtherProvider => "other_provider",
            Self::ParentDiffers => "parent_differs",
        }
    }

    /// What an operator is told.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::ByPerson => "its header has fields that a person's mail has and a report has not",
            Self::ClientCertificate => {
                "the sending server showed no trusted certificate with a name of this tenant's rules"
            }
            Self::Network => "it came from an address outside this tenant's networks",
            Self::NotGenerated => "its header does not have the shape that Exchange gives a report",
            Self::OriginatorOrg => "its X-OriginatorOrg is missing or names another organisation",
            Self::OriginatorOrgRepeated => "it has more than one X-OriginatorOrg",
            Self::OtherProvider => {
                "it is a report of Exchange, and this tenant's mail is at Google"
            }
            Self::ParentDiffers => "its header names another original than its report part",
        }
    }
}

impl SourceRules {
    /// Whether anything is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.client_names.is_empty() && self.originator_orgs.is_empty()
    }

    /// What is wrong with a connection: its address, and the names in its verified certificate.
    #[must_use]
    pub fn connection(&self, peer: IpAddr, names: &[String]) -> Vec<SourceFault> {
        let peer = peer.to_canonical();
        let mut faults = Vec::new();
        if !self.networks.is_empty() && !self.networks.iter().any(|net| net.contains(&peer)) {
            faults.push(SourceFault::Network);
        }
        let known = |name: &String| self.client_names.iter().any(|rule| carries(name, rule));
        if !self.client_names.is_empty() && !names.iter().any(known) {
            faults.push(SourceFault::ClientCertificate);
        }
        faults
    }

    /// Whether a copy that carries these keys was made by the organisation's own routing rule.
    ///
    /// Any of them will do: a sender who writes one too has not taken the rule's away.
    #[must_use]
    pub fn made_copy<'a>(&self, mut keys: impl Iterator<Item = &'a str>) -> bool {
        let Some(known) = &self.copy_key_sha256 else { return false };
        keys.any(|key| copy_key_digest(key).eq_ignore_ascii_case(known))
    }

    /// What is wrong with the binding of a report to its tenant: every `X-OriginatorOrg` it has.
    #[must_use]
    pub fn binding(&self, originator_orgs: &[String]) -> Vec<SourceFault> {
        if self.originator_orgs.is_empty() {
            return Vec::new();
        }
        let pinned =
            |org: &String| self.originator_orgs.iter().any(|rule| rule.eq_ignore_ascii_case(org));
        let mut faults = Vec::new();
        if originator_orgs.is_empty() || !originator_orgs.iter().all(pinned) {
            faults.push(SourceFault::OriginatorOrg);
        }
        if originator_orgs.len() > 1 {
            faults.push(SourceFault::OriginatorOrgRepeated);
        }
        faults
    }
}

/// What is kept of the key of a routing rule: the key has many random bits, so a plain hash does.
#[must_use]
pub fn copy_key_digest(key: &str) -> String {
    let digest = Sha256::digest(key.trim());
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The field in which a routing rule brings its key.
pub const COPY_KEY_FIELD: &str = "X-Clawback-Key";

/// Whether a certificate that carries `name` satisfies a rule. A wildcard stands for one label.
fn carries(name: &str, rule: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(domain) => rule
            .split_once('.')
            .is_some_and(|(host, rest)| !host.is_empty() && rest.eq_ignore_ascii_case(domain)),
        None => name.eq_ignore_ascii_case(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> SourceRules {
        SourceRules {
            mode: SourceMode::Enforce,
            networks: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            client_names: vec!["mail.exchange.example".to_owned()],
            originator_orgs: vec!["corp.example".to_owned()],
            copy_key_sha256: None,
        }
    }

    #[test]
    fn a_connection_needs_its_network_and_its_certificate() {
        let names = vec!["mail.exchange.example".to_owned()];
        let check = |peer: &str, names: &[String]| rules().connection(peer.parse().unwrap(), names);
        assert_eq!(check("192.0.2.7", &names), []);
        assert_eq!(check("::ffff:192.0.2.7", &names), [], "the same address over IPv6");
        assert_eq!(check("2001:db8::1", &["*.exchange.example".to_owned()]), []);
        assert_eq!(check("198.51.100.1", &names), [SourceFault::Network]);
        assert_eq!(check("192.0.2.7", &[]), [SourceFault::ClientCertificate]);
        let other = ["*.mail.exchange.example".to_owned(), "exchange.example".to_owned()];
        assert_eq!(check("192.0.2.7", &other), [SourceFault::ClientCertificate]);
    }

    #[test]
    fn a_report_is_bound_by_one_right_originator() {
        let check = |orgs: &[&str]| {
            rules().binding(&orgs.iter().map(|org| (*org).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(check(&["Corp.Example"]), []);
        assert_eq!(check(&[]), [SourceFault::OriginatorOrg]);
        assert_eq!(check(&["other.example"]), [SourceFault::OriginatorOrg]);
        assert_eq!(check(&["corp.example", "corp.example"]), [SourceFault::OriginatorOrgRepeated]);
        assert_eq!(
            check(&["corp.example", "other.example"]),
            [SourceFault::OriginatorOrg, SourceFault::OriginatorOrgRepeated]
        );
    }

    #[test]
    fn a_copy_is_the_rules_own_when_it_carries_the_key() {
        let made = |rules: &SourceRules, keys: &[&str]| rules.made_copy(keys.iter().copied());
        assert!(!made(&SourceRules::default(), &["k", ""]), "without a key nothing is");
        let copy_key_sha256 = Some(copy_key_digest("key-1"));
        let rules = SourceRules { copy_key_sha256, ..SourceRules::default() };
        assert!(made(&rules, &[" key-1 "]));
        assert!(made(&rules, &["a sender's", "key-1"]));
        assert!(!made(&rules, &["key-2", ""]) && !made(&rules, &[]));
    }

    #[test]
    fn no_rules_ask_for_nothing() {
        let rules = SourceRules::default();
        assert!(rules.is_empty());
        assert_eq!(rules.connection("203.0.113.1".parse().unwrap(), &[]), []);
        assert_eq!(rules.binding(&[]), []);
    }

    #[test]
    fn every_fault_has_a_word_that_reads_back() {
        for fault in SourceFault::ALL {
            let word = serde_json::to_string(&fault).unwrap();
            assert_eq!(word.trim_matches('"'), fault.as_str());
        }
    }
}
