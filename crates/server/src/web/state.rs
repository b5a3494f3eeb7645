//! What every handler needs: handed in once, cheap to clone.

use std::sync::Arc;

use clawback_core::{Clock, Entropy, Region, TenantId, UnixMillis};
use clawback_store::view::Overview;
use clawback_store::{Control, Store, TenantStore};
use tokio::sync::Notify;
use url::Url;

use super::attempts::Attempts;
use super::audit::Walks;
use super::authorize::Pending;
use super::checks::Checks;
use super::error::WebError;
use super::kept::Kept;
use super::range::Range;
use crate::providers::Providers;

/// What the dashboard runs on.
#[derive(Clone)]
pub(crate) struct WebState {
    /// Where everything is.
    pub(crate) store: Store,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Where session tokens come from.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The address operators use; `https` makes cookies and headers strict.
    pub(crate) public_url: Option<Url>,
    /// The region whose mail the pages show.
    pub(crate) region: Region,
    /// The program's version, for the foot of the page.
    pub(crate) version: &'static str,
    /// Who tried to sign in how often.
    pub(super) attempts: Arc<Attempts>,
    /// Passwords being checked.
    pub(super) checks: Checks,
    /// Numbers of overviews that take long to count.
    pub(super) overviews: Arc<Kept<Overview>>,
    /// How many reports were kept for review, where that takes long to count.
    pub(super) reviews: Arc<Kept<u64>>,
    /// Who reaches the mailboxes of which tenant.
    pub(crate) providers: Arc<Providers>,
    /// Rung when an operator ordered something of a job.
    pub(super) ordered: Arc<Notify>,
    /// Questions that are out at a sign-in service.
    pub(super) pending: Arc<Pending>,
    /// When each tenant's whole audit log was last checked.
    pub(super) walks: Arc<Walks>,
}

impl WebState {
    /// A dashboard over `store`.
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        region: Region,
        public_url: Option<Url>,
        (providers, ordered): (Arc<Providers>, Arc<Notify>),
    ) -> Self {
        Self {
            store,
            clock,
            entropy,
            public_url,
            region,
            version: env!("CARGO_PKG_VERSION"),
            attempts: Arc::default(),
            checks: Checks::default(),
            overviews: Arc::default(),
            reviews: Arc::default(),
            providers,
            ordered,
            pending: Arc::default(),
            walks: Arc::default(),
        }
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    pub(super) fn control(&self) -> Control {
        self.store.control()
    }

    pub(super) fn tenant(&self, tenant: TenantId) -> TenantStore {
        self.store.tenant(tenant, &self.region)
    }

    /// A tenant's overview of a range, which may be some seconds old where it takes long.
    pub(super) async fn overview(
        &self,
        tenant: TenantId,
        range: Range,
    ) -> Result<Overview, WebError> {
        let (now, records) = (self.now(), self.tenant(tenant));
        let count = async { records.overview(range.span(now), range.steps().0).await };
        Ok(self.overviews.get((tenant, range), now, count).await?)
    }

    /// Whether operators come by `https`, so that cookies and headers may insist on it.
    pub(super) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}
