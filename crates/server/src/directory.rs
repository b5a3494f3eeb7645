//! Whose journaling address is it: every address the control store knows, in memory.
//!
//! RCPT is answered from here, so that a stranger's guesses cost no query.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use clawback_core::source::SourceRules;
use clawback_core::tenant::{JournalAddress, Tenant};
use clawback_core::{Region, TenantId};
use clawback_mail::address::Address;

/// Whose mail comes in at an address, and what is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The tenant.
    pub(crate) tenant: TenantId,
    /// Where it is processed.
    pub(crate) region: Region,
    /// What its tenant asks of it.
    pub(crate) rules: Arc<IntakeRules>,
}

/// What a tenant asks of mail before it is kept.
#[derive(Debug, Default)]
pub(crate) struct IntakeRules {
    /// Where it comes from.
    pub(crate) sources: SourceRules,
    /// Most octets kept; `None` where there is no limit.
    pub(crate) quota_octets: Option<u64>,
}

/// The journaling addresses, swapped whole when they change.
#[derive(Debug, Default)]
pub(crate) struct Directory(ArcSwap<HashMap<String, Route>>);

impl Directory {
    /// Takes over what the control store says now.
    pub(crate) fn replace(&self, addresses: Vec<JournalAddress>, tenants: &[Tenant]) {
        let rules: HashMap<TenantId, Arc<IntakeRules>> = tenants
            .iter()
            .map(|tenant| {
                let (sources, quota_octets) = (tenant.sources.clone(), tenant.quota_octets);
                (tenant.id, Arc::new(IntakeRules { sources, quota_octets }))
            })
            .collect();
        let route = |entry: JournalAddress| {
            // An address whose tenant is gone is nobody's.
            let rules = Arc::clone(rules.get(&entry.tenant)?);
            let (tenant, region) = (entry.tenant, entry.region);
            Some((entry.address.key(), Route { tenant, region, rules }))
        };
        self.0.store(Arc::new(addresses.into_iter().filter_map(route).collect()));
    }

    /// Whose address it is; `None` for a stranger's guess.
    pub(crate) fn find(&self, address: &Address) -> Option<Route> {
        self.0.load().get(&address.key()).cloned()
    }
}
