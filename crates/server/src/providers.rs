//! Who reaches the mailboxes of which tenant.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clawback_core::copy::Before;
use clawback_core::tenant::{GoogleWorkspace, Tenant};
use clawback_core::{Clock, Destination, Entropy, TenantId};
use clawback_mail::address::Address;
use clawback_remote::google::{Gmail, GoogleSettings};
use clawback_remote::microsoft::{Graph, GraphSettings};
use clawback_remote::{Found, MailboxProvider, MailboxRef, ProviderError, Relocated};
use clawback_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// The app registration that every tenant's connection goes through.
#[derive(Clone)]
pub(crate) struct App {
    /// Settings of a connection; the directory id is each tenant's own.
    pub(crate) template: GraphSettings,
}

/// The service account that every connection to Google goes through.
#[derive(Clone)]
pub(crate) struct GoogleApp {
    /// Settings of a connection; the administrator is each tenant's own.
    pub(crate) template: GoogleSettings,
}

/// What connections are made of.
#[derive(Clone, Default)]
pub(crate) struct Apps {
    /// For tenants at Microsoft.
    pub(crate) microsoft: Option<App>,
    /// For tenants at Google.
    pub(crate) google: Option<GoogleApp>,
}

/// A tenant's connection, whoever keeps its mailboxes.
#[derive(Clone)]
pub(crate) enum Connected {
    /// Google Workspace.
    Google(Arc<Gmail>),
    /// Microsoft 365.
    Microsoft(Arc<Graph>),
}

/// What a tenant is to be connected to.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Target {
    Google(GoogleWorkspace),
    Microsoft(String),
}

impl Target {
    /// A tenant that says both is at Google: that was said later.
    fn of(tenant: Tenant) -> Option<Self> {
        let google = tenant.google.map(Self::Google);
        google.or(tenant.microsoft_tenant.map(Self::Microsoft))
    }
}

/// A connection for each tenant that has one.
pub(crate) struct Providers {
    store: Store,
    apps: Apps,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    by_tenant: ArcSwap<HashMap<TenantId, (Target, Connected)>>,
}

impl Providers {
    /// No connection yet; `refresh` makes them.
    pub(crate) fn new(
        store: Store,
        apps: Apps,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { store, apps, clock, entropy, by_tenant: ArcSwap::default() }
    }

    /// Who reaches this tenant's mailboxes; `None` where nobody does.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<Connected> {
        self.by_tenant.load().get(&tenant).map(|(_, connected)| connected.clone())
    }

    /// The service account, where Google is set up.
    pub(crate) fn google(&self) -> Option<&GoogleApp> {
        self.apps.google.as_ref()
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
        let old = self.by_tenant.load_full();
        let mut new = HashMap::new();
        for tenant in self.store.control().tenants().await? {
            let id = tenant.id;
            let Some(target) = Target::of(tenant) else { continue };
            let known = old.get(&id).filter(|(known, _)| *known == target);
            let connected = match known {
                Some((_, connected)) => Some(connected.clone()),
                None => self.connect(&target),
            };
            if let Some(connected) = connected {
                new.insert(id, (target, connected));
            }
        }
        self.by_tenant.store(Arc::new(new));
        Ok(())
    }

    fn connect(&self, target: &Target) -> Option<Connected> {
        let clock = Arc::clone(&self.clock);
        let made = match target {
            Target::Google(workspace) => {
                let template = self.apps.google.as_ref()?.template.clone();
                let settings = GoogleSettings { admin: workspace.admin.clone(), ..template };
                let made = Gmail::new(settings, clock).map_err(|error| error.to_string());
                made.map(|gmail| Connected::Google(Arc::new(gmail)))
            }
            Target::Microsoft(directory) => {
                let template = self.apps.microsoft.as_ref()?.template.clone();
                let settings = GraphSettings { directory_id: directory.clone(), ..template };
                let made = Graph::new(settings, clock, Arc::clone(&self.entropy));
                made.map_err(|error| error.to_string())
                    .map(|graph| Connected::Microsoft(Arc::new(graph)))
            }
        };
        made.map_err(|error| tracing::error!(error, "a tenant's connection cannot be used")).ok()
    }
}

impl MailboxProvider for Connected {
    fn effective(&self, destination: Destination) -> Destination {
        match self {
            Self::Google(gmail) => gmail.effective(destination),
            Self::Microsoft(graph) => graph.effective(destination),
        }
    }

    async fn resolve(&self, address: &Address) -> Result<MailboxRef, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.resolve(address).await,
            Self::Microsoft(graph) => graph.resolve(address).await,
        }
    }

    async fn locate(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
    ) -> Result<Vec<Found>, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.locate(mailbox, message_id).await,
            Self::Microsoft(graph) => graph.locate(mailbox, message_id).await,
        }
    }

    async fn look(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Found>, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.look(mailbox, item_id).await,
            Self::Microsoft(graph) => graph.look(mailbox, item_id).await,
        }
    }

    async fn relocate(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        destination: Destination,
    ) -> Result<Relocated, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.relocate(mailbox, item_id, destination).await,
            Self::Microsoft(graph) => graph.relocate(mailbox, item_id, destination).await,
        }
    }

    async fn put_back(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.put_back(mailbox, item_id, before).await,
            Self::Microsoft(graph) => graph.put_back(mailbox, item_id, before).await,
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(5);
