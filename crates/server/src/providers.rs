//! Who reaches the mailboxes of which tenant.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clawback_core::{Clock, Entropy, TenantId};
use clawback_remote::microsoft::{Graph, GraphSettings};
use clawback_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// The app registration that every tenant's connection goes through.
#[derive(Clone)]
pub(crate) struct App {
    /// Settings of a connection; the directory id is each tenant's own.
    pub(crate) template: GraphSettings,
}

/// A connection for each tenant that has one.
pub(crate) struct Providers {
    store: Store,
    app: Option<App>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    by_tenant: ArcSwap<HashMap<TenantId, (String, Arc<Graph>)>>,
}

impl Providers {
    /// No connection yet; `refresh` makes them.
    pub(crate) fn new(
        store: Store,
        app: Option<App>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { store, app, clock, entropy, by_tenant: ArcSwap::default() }
    }

    /// Who reaches this tenant's mailboxes; `None` where nobody does.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<Arc<Graph>> {
        self.by_tenant.load().get(&tenant).map(|(_, graph)| Arc::clone(graph))
    }

    /// Looks now and then whether tenants were connected or left.
    pub(crate) async fn keep_fresh(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "connections could not be read; going on as before");
            }
        }
    }

    /// Takes over the connections the control store knows.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let Some(app) = &self.app else { return Ok(()) };
        let old = self.by_tenant.load_full();
        let mut new = HashMap::new();
        for tenant in self.store.control().tenants().await? {
            let Some(directory) = tenant.microsoft_tenant else { continue };
            if let Some((known, graph)) = old.get(&tenant.id)
                && *known == directory
            {
                new.insert(tenant.id, (directory, Arc::clone(graph)));
                continue;
            }
            let settings =
                GraphSettings { directory_id: directory.clone(), ..app.template.clone() };
            match Graph::new(settings, Arc::clone(&self.clock), Arc::clone(&self.entropy)) {
                Ok(graph) => {
                    new.insert(tenant.id, (directory, Arc::new(graph)));
                }
                Err(error) => tracing::error!(%error, "a tenant's connection cannot be used"),
            }
        }
        self.by_tenant.store(Arc::new(new));
        Ok(())
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(5);
