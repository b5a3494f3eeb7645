//! Google authorization: what an administrator pastes into the Admin console, and a try of each
//! scope that says which is missing and what that costs.
//!
//! Nothing is kept of a try: what is shown is what Google said a moment ago.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use clawback_core::audit::Entry;
use clawback_core::source::COPY_KEY_FIELD;
use clawback_remote::google::{Scope, ScopeCheck};

use super::assets;
use super::error::WebError;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;
use super::when as w;
use crate::providers::Connected;

/// What keeps a connection from being tried, or that there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stand {
    /// No service account is in the configuration.
    NotSetUp,
    /// This organisation's mail is not at Google, as far as was said.
    Elsewhere,
    /// It can be tried.
    Ready,
}

#[derive(Template)]
#[template(path = "google.html")]
struct GooglePage {
    shell: Shell,
    stand: Stand,
    /// The numeric id of the service account.
    client_id: String,
    /// In whose name the directory is read.
    admin: String,
    /// Whether the routing rule has a key.
    has_key: bool,
    /// What a try just now showed.
    checks: Vec<ScopeCheck>,
}

/// The page, with nothing tried.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
) -> Result<Html<String>, WebError> {
    Ok(Html(page(&state, shell).await?.render()?))
}

/// Tries every scope and shows what Google said.
pub(super) async fn check(
    State(state): State<WebState>,
    shell: Shell,
) -> Result<Html<String>, WebError> {
    let mut page = page(&state, shell).await?;
    let tenant = page.shell.operator.tenant();
    let connected = state.providers.of(tenant);
    if let Some(Connected::Google(gmail)) = connected {
        page.checks = gmail.check().await;
        let granted = page.checks.iter().filter(|check| check.granted == Ok(true));
        let entry = Entry {
            at: state.now(),
            actor: page.shell.operator.actor(),
            action: "connection.checked".to_owned(),
            target: tenant.to_string(),
            details: serde_json::json!({
                "provider": "google",
                "delegated": granted.map(|check| check.scope.url()).collect::<Vec<_>>(),
            }),
        };
        state.tenant(tenant).note(entry).await?;
    }
    Ok(Html(page.render()?))
}

async fn page(state: &WebState, shell: Shell) -> Result<GooglePage, WebError> {
    let tenant = state.control().tenant(shell.operator.tenant()).await?;
    let tenant = tenant.ok_or(WebError::NotFound)?;
    let google = state.providers.google();
    let account = google.map(|google| google.template.account.client_id().to_owned());
    let stand = match (&account, &tenant.google) {
        (None, _) => Stand::NotSetUp,
        (_, None) => Stand::Elsewhere,
        _ => Stand::Ready,
    };
    Ok(GooglePage {
        shell,
        stand,
        client_id: account.unwrap_or_default(),
        admin: tenant.google.map(|google| google.admin).unwrap_or_default(),
        has_key: tenant.sources.copy_key_sha256.is_some(),
        checks: Vec::new(),
    })
}

impl GooglePage {
    /// All scopes as they are pasted.
    fn pasted(&self) -> String {
        Scope::ALL.map(Scope::url).join(",")
    }

    fn result(&self, scope: &Scope) -> Option<&ScopeCheck> {
        self.checks.iter().find(|check| check.scope == *scope)
    }

    fn missing(&self) -> usize {
        self.checks.iter().filter(|check| check.granted != Ok(true)).count()
    }

    fn field(&self) -> &'static str {
        COPY_KEY_FIELD
    }
}

/// What a scope is for.
fn purpose(scope: &Scope) -> &'static str {
    match scope {
        Scope::Full => "Delete messages for ever, for Hard Delete alone",
        Scope::Members => "Expand groups, so every copy is found",
        Scope::Modify => "Find, label and put back messages in mailboxes",
        Scope::Users => "Match addresses and aliases to mailboxes",
    }
}

/// Which entry of the navigation this page belongs to.
const HERE: &str = "authorize";
