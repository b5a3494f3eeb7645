//! Who is signed in. Having an [`Operator`] **is** the proof: it comes out of the extractor only.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum_extra::extract::cookie::CookieJar;
use clawback_core::audit::Actor;
use clawback_core::job::OrderedBy;
use clawback_core::{OperatorId, TenantId};

pub(crate) use super::password::hash_password;

use super::error::WebError;
use super::session::{self, Token};
use super::state::WebState;

/// A person who signed in.
#[derive(Clone)]
pub(crate) struct Operator {
    id: OperatorId,
    name: String,
    email: String,
    tenant: TenantId,
    session: [u8; 32],
}

impl Operator {
    /// Whose mail they work with.
    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Their name on pages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What they sign in with.
    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    /// What the store knows their session by.
    pub(super) fn session(&self) -> &[u8; 32] {
        &self.session
    }

    /// As a job names them.
    pub(crate) fn orders(&self) -> OrderedBy {
        OrderedBy::Operator { id: self.id, name: self.name.clone() }
    }

    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Operator { id: self.id, name: self.name.clone() }
    }
}

impl Operator {
    /// Whose session a request's cookie names. Does not count as use of it.
    pub(super) async fn of(
        headers: &HeaderMap,
        state: &WebState,
    ) -> Result<Option<Self>, WebError> {
        let jar = CookieJar::from_headers(headers);
        let Some(token) = Token::of(&jar, state.is_https()) else { return Ok(None) };
        let (control, now, digest) = (state.control(), state.now(), token.digest());
        let found =
            control.find_session(&digest, now, session::IDLE_MAX, session::ABSOLUTE_MAX).await?;
        Ok(found.map(|operator| Self {
            id: operator.id,
            name: operator.name,
            email: operator.email,
            tenant: operator.tenant,
            session: digest,
        }))
    }
}

impl FromRequestParts<WebState> for Operator {
    type Rejection = WebError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let live = parts.headers.contains_key(LIVE_HEADER);
        let nobody = || match (live, &parts.method) {
            (true, _) => WebError::SignedOut,
            (false, &Method::GET) => WebError::SignIn { next: parts.uri.to_string() },
            (false, _) => WebError::SignIn { next: "/".to_owned() },
        };
        let operator = Self::of(&parts.headers, state).await?.ok_or_else(nobody)?;
        // A page that only refreshes itself is no use by a person: it keeps no session alive.
        if !live {
            state.control().touch_session(&operator.session, state.now()).await?;
        }
        Ok(operator)
    }
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operator({})", self.id)
    }
}

/// Sent by our script when it refreshes the numbers of a page by itself.
pub(super) const LIVE_HEADER: &str = "x-clawback-live";
