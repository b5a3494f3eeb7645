//! Who reaches the mailboxes of which tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use clawback_core::copy::Before;
use clawback_core::tenant::{GoogleWorkspace, Tenant};
use clawback_core::{Clock, Destination, Entropy, TenantId, UnixMillis};
use clawback_mail::address::Address;
use clawback_remote::google::{Gmail, GoogleSettings};
use clawback_remote::microsoft::{Graph, GraphSettings};
use clawback_remote::{
    Connection, Found, MailboxProvider, MailboxRef, ProviderError, Recreation, Relocated,
};
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
    checked: Mutex<HashMap<TenantId, Checked>>,
}

impl Providers {
    /// No connection yet; `refresh` makes them.
    pub(crate) fn new(
        store: Store,
        apps: Apps,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            store,
            apps,
            clock,
            entropy,
            by_tenant: ArcSwap::default(),
            checked: Mutex::default(),
        }
    }

    /// Who reaches this tenant's mailboxes; `None` where nobody does.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<Connected> {
        self.by_tenant.load().get(&tenant).map(|(_, connected)| connected.clone())
    }

    /// The service account, where Google is set up.
    pub(crate) fn google(&self) -> Option<&GoogleApp> {
        self.apps.google.as_ref()
    }

    /// The app registration, where Microsoft is set up.
    pub(crate) fn app(&self) -> Option<&App> {
        self.apps.microsoft.as_ref()
    }

    /// What the last look at a tenant's connection found.
    pub(crate) fn checked(&self, tenant: TenantId) -> Option<Checked> {
        self.all_checked().get(&tenant).cloned()
    }

    /// Looks at a tenant's connection now; `None` where it has none.
    pub(crate) async fn check(&self, tenant: TenantId) -> Option<Checked> {
        let found = self.of(tenant)?.check().await;
        let checked = Checked { found, at: self.clock.now() };
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
        let app = self.app().ok_or(NotProved::NoApp)?;
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
        // What was found of another directory says nothing of this one.
        self.all_checked().retain(|tenant, _| {
            let target = |all: &HashMap<TenantId, (Target, Connected)>| {
                all.get(tenant).map(|(target, _)| target.clone())
            };
            target(&new).is_some() && target(&new) == target(&old)
        });
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

impl Connected {
    /// Tries the connection: what it is connected to, and what was granted.
    pub(crate) async fn check(&self) -> Result<Connection, ProviderError> {
        let gmail = match self {
            Self::Google(gmail) => gmail,
            Self::Microsoft(graph) => return graph.check().await,
        };
        let scopes = gmail.check().await;
        let granted = scopes.iter().filter(|it| it.granted == Ok(true));
        let roles: Vec<String> = granted.map(|it| it.scope.url().to_owned()).collect();
        let failure = scopes.iter().find_map(|it| it.granted.as_ref().err().copied());
        match (roles.is_empty(), failure) {
            (true, Some(error)) => Err(error),
            (true, None) => Err(ProviderError::GrantRevoked),
            (false, _) => Ok(Connection {
                directory_id: None,
                organisation: None,
                domains: Vec::new(),
                roles,
            }),
        }
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

    async fn find(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
        meant: Destination,
    ) -> Result<Vec<Found>, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.find(mailbox, message_id, meant).await,
            Self::Microsoft(graph) => graph.find(mailbox, message_id, meant).await,
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

    async fn see(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        meant: Destination,
    ) -> Result<Option<Found>, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.see(mailbox, item_id, meant).await,
            Self::Microsoft(graph) => graph.see(mailbox, item_id, meant).await,
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

    async fn raw(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Vec<u8>>, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.raw(mailbox, item_id).await,
            Self::Microsoft(graph) => graph.raw(mailbox, item_id).await,
        }
    }

    async fn recreate(
        &self,
        mailbox: &MailboxRef,
        raw: &[u8],
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.recreate(mailbox, raw, before).await,
            Self::Microsoft(graph) => graph.recreate(mailbox, raw, before).await,
        }
    }

    fn recreation(&self) -> Recreation {
        match self {
            Self::Google(gmail) => gmail.recreation(),
            Self::Microsoft(graph) => graph.recreation(),
        }
    }

    async fn members(&self, address: &Address) -> Result<Option<Vec<Address>>, ProviderError> {
        match self {
            Self::Google(gmail) => gmail.members(address).await,
            Self::Microsoft(graph) => graph.members(address).await,
        }
    }
}

const CHECK_EVERY: Duration = Duration::from_secs(300);
const CONSENT_PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
const LOOK_EVERY: Duration = Duration::from_secs(5);
