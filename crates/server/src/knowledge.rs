//! What messages are judged by, compiled from the control store and swapped whole when it changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clawback_core::TenantId;
use clawback_core::tenant::Tenant;
use clawback_core::verdict::KnowledgeVersion;
use clawback_detect::{Intel, Knowledge, Organisation, RULES_VERSION, Sources};
use clawback_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::directory::Directory;

/// A tenant and what its mail is judged by.
#[derive(Debug)]
pub(crate) struct TenantKnowledge {
    /// The tenant; `None` where it was deleted while its mail was on the way.
    pub(crate) tenant: Option<Tenant>,
    /// Its knowledge.
    pub(crate) knowledge: Knowledge,
}

/// The knowledge of every tenant.
pub(crate) struct KnowledgeBase {
    store: Store,
    directory: Arc<Directory>,
    by_tenant: ArcSwap<HashMap<TenantId, Arc<TenantKnowledge>>>,
    nobody: Arc<TenantKnowledge>,
    seen: tokio::sync::Mutex<Seen>,
}

/// What the compiled knowledge was made of.
#[derive(Default)]
struct Seen {
    versions: Option<(u64, u64)>,
    intel: Option<(u64, Arc<Intel>)>,
}

impl KnowledgeBase {
    /// Compiles what the control store holds.
    pub(crate) async fn load(store: Store, directory: Arc<Directory>) -> Result<Self, StoreError> {
        let nobody = TenantKnowledge { tenant: None, knowledge: Knowledge::default() };
        let base = Self {
            store,
            directory,
            by_tenant: ArcSwap::default(),
            nobody: Arc::new(nobody),
            seen: tokio::sync::Mutex::default(),
        };
        base.refresh().await?;
        Ok(base)
    }

    /// What a tenant's mail is judged by now.
    pub(crate) fn of(&self, tenant: TenantId) -> Arc<TenantKnowledge> {
        self.by_tenant.load().get(&tenant).map_or_else(|| Arc::clone(&self.nobody), Arc::clone)
    }

    /// Looks now and then whether the control store changed.
    pub(crate) async fn keep_fresh(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "the control store could not be read; going on as before");
            }
        }
    }

    /// Compiles anew where lists, tenants, addresses or intel changed.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        let control = self.store.control();
        let (lists, intel) = control.knowledge_versions().await?;
        if seen.versions == Some((lists, intel)) {
            return Ok(());
        }
        let tenants = control.tenants().await?;
        self.directory.replace(control.journal_addresses().await?, &tenants);
        let indicators = match &seen.intel {
            Some((version, compiled)) if *version == intel => Arc::clone(compiled),
            _ => Arc::new(Intel::compile(control.intel().await?.into_iter().map(entry))),
        };
        seen.intel = Some((intel, Arc::clone(&indicators)));
        let version = KnowledgeVersion { rules: RULES_VERSION.to_owned(), lists, intel };
        let mut by_tenant = HashMap::new();
        for tenant in tenants {
            let sources = Sources {
                version: version.clone(),
                organisation: Organisation {
                    domains: tenant.domains.clone(),
                    protected_people: tenant.protected_people.clone(),
                    trusted_domains: Vec::new(),
                },
                lists: control.list_entries(tenant.id).await?,
                intel: Arc::clone(&indicators),
            };
            let knowledge = Knowledge::compile(sources);
            let id = tenant.id;
            by_tenant.insert(id, Arc::new(TenantKnowledge { tenant: Some(tenant), knowledge }));
        }
        self.by_tenant.store(Arc::new(by_tenant));
        seen.versions = Some((lists, intel));
        Ok(())
    }
}

fn entry(row: clawback_store::IntelRow) -> clawback_detect::IntelEntry {
    clawback_detect::IntelEntry {
        indicator: row.indicator,
        source: row.source,
        confidence: row.confidence,
        note: row.note,
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(2);
