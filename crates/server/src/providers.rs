//! Who reaches the mailboxes of which tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use clawback_core::tenant::Tenant;
use clawback_core::{Clock, Entropy, TenantId, UnixMillis};
use clawback_remote::microsoft::{Graph, GraphSettings};
use clawback_remote::{Connection, ProviderError};
use clawback_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// The app registration that every tenant's connection goes through.
#[derive(Clone)]
pub(crate) struct App {
    /// Settings of a connection; the directory id is each tenant's own.
    pub(crate) template: GraphSettings,
}

/// What a look at a connection found.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    /// When.
    pub(crate) at: UnixMillis,
    /// What it is connected to, or why it is not.
    pub(crate) found: Result<Connection, ProviderError>,
}

/// Why a directory cannot be a tenant's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum NotProved {
    /// There is no app registration to connect by.
    #[error("this installation has no app registration")]
    NoApp,
    /// The provider did not answer as it should.
    #[error("{0}")]
    Provider(ProviderError),
    /// The directory does not say who it is.
    #[error(
        "the directory may not be read: grant Organization.Read.All, so that its domains can be compared with this organisation's"
    )]
    Unread,
    /// The directory's domains are not the tenant's.
    #[error("that directory has none of this organisation's domains")]
    OtherDomains,
}

/// A connection for each tenant that has one.
pub(crate) struct Providers {
    store: Store,
    app: Option<App>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    by_tenant: ArcSwap<HashMap<TenantId, (String, Arc<Graph>)>>,
    checked: Mutex<HashMap<TenantId, Checked>>,
}

impl Providers {
    /// No connection yet; `refresh` makes them.
    pub(crate) fn new(
        store: Store,
        app: Option<App>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            store,
            app,
            clock,
            entropy,
            by_tenant: ArcSwap::default(),
            checked: Mutex::default(),
        }
    }

    /// Who reaches this tenant's mailboxes; `None` where nobody does.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<Arc<Graph>> {
        self.by_tenant.load().get(&tenant).map(|(_, graph)| Arc::clone(graph))
    }

    /// The app registration that connections go through.
    pub(crate) fn app(&self) -> Option<&App> {
        self.app.as_ref()
    }

    /// What the last look at a tenant's connection found.
    pub(crate) fn checked(&self, tenant: TenantId) -> Option<Checked> {
        self.all_checked().get(&tenant).cloned()
    }

    /// Looks at a tenant's connection now; `None` where it has none.
    pub(crate) async fn check(&self, tenant: TenantId) -> Option<Checked> {
        let graph = self.of(tenant)?;
        let checked = Checked { found: graph.check().await, at: self.clock.now() };
        self.all_checked().insert(tenant, checked.clone());
        Some(checked)
    }

    /// Takes note that a provider no longer lets us in, as soon as anybody was told so.
    pub(crate) fn note_lost(&self, tenant: TenantId) {
        let found = Err(ProviderError::GrantRevoked);
        self.all_checked().insert(tenant, Checked { at: self.clock.now(), found });
    }

    /// Proves that a directory is a tenant's: it gives our app a token, says itself who it is, and
    /// has a domain of the tenant's. Its id alone proves nothing: whoever signed in can write any.
    pub(crate) async fn prove(
        &self,
        tenant: &Tenant,
        directory: &str,
    ) -> Result<Connection, NotProved> {
        let app = self.app.as_ref().ok_or(NotProved::NoApp)?;
        let settings = GraphSettings { directory_id: directory.to_owned(), ..app.template.clone() };
        let graph = Graph::new(settings, Arc::clone(&self.clock), Arc::clone(&self.entropy));
        let graph = graph.map_err(|_| NotProved::NoApp)?;
        let mut found = graph.check().await;
        // A consent of a second ago is not known everywhere yet.
        for pause in CONSENT_PAUSES {
            if !matches!(found, Err(ProviderError::GrantRevoked)) {
                break;
            }
            tokio::time::sleep(pause).await;
            found = graph.check().await;
        }
        let connection = found.map_err(NotProved::Provider)?;
        let said = connection.directory_id.as_deref().ok_or(NotProved::Unread)?;
        let is_it = said.eq_ignore_ascii_case(directory);
        let shares = |domain: &String| {
            tenant.domains.iter().any(|own| own.to_string().eq_ignore_ascii_case(domain))
        };
        match is_it && connection.domains.iter().any(shares) {
            true => Ok(connection),
            false => Err(NotProved::OtherDomains),
        }
    }

    /// Looks now and then whether tenants were connected or left, and whether connections hold.
    pub(crate) async fn keep_fresh(self: Arc<Self>, stop: CancellationToken) {
        let mut checks_at = self.clock.now();
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "connections could not be read; going on as before");
            }
            if self.clock.now() >= checks_at {
                self.check_all(&stop).await;
                checks_at = self.clock.now().after(CHECK_EVERY);
            }
        }
    }

    async fn check_all(&self, stop: &CancellationToken) {
        let tenants: Vec<TenantId> = self.by_tenant.load().keys().copied().collect();
        for tenant in tenants {
            let Some(checked) = stop.run_until_cancelled(self.check(tenant)).await else { return };
            if let Some(Checked { found: Err(error), .. }) = checked {
                tracing::warn!(%tenant, %error, "a connection does not work");
            }
        }
    }

    fn all_checked(&self) -> MutexGuard<'_, HashMap<TenantId, Checked>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
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
        // What was found of another directory says nothing of this one.
        self.all_checked().retain(|tenant, _| {
            let directory = |all: &HashMap<TenantId, (String, Arc<Graph>)>| {
                all.get(tenant).map(|(directory, _)| directory.clone())
            };
            directory(&new).is_some() && directory(&new) == directory(&old)
        });
        self.by_tenant.store(Arc::new(new));
        Ok(())
    }
}

const CHECK_EVERY: Duration = Duration::from_secs(300);
const CONSENT_PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
const LOOK_EVERY: Duration = Duration::from_secs(5);
