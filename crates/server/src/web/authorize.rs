//! Authorisation: sending an administrator to Microsoft and back, what was granted, and whether it
//! works.
//!
//! Promises: an answer counts once, only in the session that asked for it, and only within a
//! quarter of an hour; which directory is connected is proved by the directory itself and never by
//! what a browser brings.

mod pending;

use askama::Template;
use axum::Form;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use clawback_core::tenant::Tenant;
use clawback_mail::address::Address;
use clawback_remote::microsoft::{Consent, ConsentError, Credential, Returned, new_state};
use clawback_remote::{Connection, MailboxProvider, ProviderError};
use clawback_store::StoreError;
use serde::Deserialize;
use url::Url;

pub(super) use self::pending::Pending;
use super::assets;
use super::error::WebError;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;
use crate::providers::{App, Checked, NotProved};
use crate::serve;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    authorized: Option<String>,
    removed: Option<String>,
}

/// What is said above the page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Note {
    /// It worked.
    Authorized,
    /// It did not, and why.
    Failed(String),
    /// A mailbox was tried: the address, and what came of it.
    Probed(String, Result<(), ProviderError>),
    /// The connection was taken away.
    Removed,
}

/// One permission and what it is for.
pub(super) struct Permission {
    name: &'static str,
    why: &'static str,
    without: &'static str,
    needed: bool,
}

#[derive(Template)]
#[template(path = "authorize.html")]
pub(super) struct AuthorizePage {
    pub(super) shell: Shell,
    pub(super) note: Option<Note>,
    /// The app registration, where there is one: client id and where people sign in.
    pub(super) app: Option<(String, String)>,
    /// How long the app's certificate still holds, where it proves itself by one.
    pub(super) certificate: Option<String>,
    /// Where Microsoft sends people back to; none where the public address is not known.
    pub(super) redirect: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) checked: Option<Checked>,
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let note = match (asked.authorized, asked.removed) {
        (Some(_), _) => Some(Note::Authorized),
        (None, Some(_)) => Some(Note::Removed),
        (None, None) => None,
    };
    page(&state, shell, &headers, note).await
}

/// Sends the administrator to Microsoft.
pub(super) async fn begin(
    State(state): State<WebState>,
    shell: Shell,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let tenant = tenant(&state, &shell).await?;
    let said = |text: &str| Some(Note::Failed(text.to_owned()));
    let Some(app) = state.providers.app() else {
        return page(&state, shell, &headers, said("There is no app registration yet.")).await;
    };
    let Some(redirect) = redirect_uri(&state, &headers) else {
        let text = "The address of this dashboard is not known: set public_url in [http].";
        return page(&state, shell, &headers, said(text)).await;
    };
    let consent = Consent {
        login_url: &app.template.login_url,
        graph_url: &app.template.graph_url,
        client_id: &app.template.client_id,
        directory_id: tenant.microsoft_tenant.as_deref(),
        redirect_uri: &redirect,
    };
    let word = new_state(&*state.entropy);
    let address = consent.address(&word).ok_or(WebError::Internal)?;
    state.pending.add(&word, *shell.operator.session(), state.now());
    Ok(Redirect::to(address.as_str()).into_response())
}

/// Where Microsoft sends the administrator back to.
pub(super) async fn finish(
    State(state): State<WebState>,
    shell: Shell,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let returned = Returned::read(&query.unwrap_or_default());
    let word = returned.state.unwrap_or_default();
    let asked = state.pending.take(&word, shell.operator.session(), state.now());
    // What somebody declined may come without a state; nothing follows from it.
    let outcome = match (asked, returned.outcome) {
        (_, Err(error @ (ConsentError::Declined | ConsentError::NotAllowed))) => {
            Err(format!("{error}. Nothing changed."))
        }
        (false, _) => {
            Err("This answer was not asked for here, was used already, or came too late. \
                           Nothing changed: authorise again."
                .to_owned())
        }
        (true, Err(error)) => Err(format!("{error}. Nothing changed.")),
        (true, Ok(directory)) => connect(&state, &shell, &directory).await?,
    };
    match outcome {
        Ok(()) => Ok(Redirect::to("/settings/email/authorize?authorized").into_response()),
        Err(text) => page(&state, shell, &headers, Some(Note::Failed(text))).await,
    }
}

/// Connects a tenant with a directory that proved to be its own.
async fn connect(
    state: &WebState,
    shell: &Shell,
    directory: &str,
) -> Result<Result<(), String>, WebError> {
    let tenant = tenant(state, shell).await?;
    if let Err(error) = state.providers.prove(&tenant, directory).await {
        let hint = match &error {
            NotProved::Provider(ProviderError::GrantRevoked) => {
                " A consent can take a minute to be known everywhere: authorise again then."
            }
            _ => "",
        };
        return Ok(Err(format!("Nothing changed: {error}.{hint}")));
    }
    // Proving took a while: what was changed meanwhile stays changed.
    for _ in 0..SAVES_MAX {
        let before = self::tenant(state, shell).await?;
        let after = Tenant { microsoft_tenant: Some(directory.to_owned()), ..before.clone() };
        if before.domains != tenant.domains {
            return Ok(Err("Nothing changed: the domains were changed meanwhile.".to_owned()));
        }
        match state.control().update_tenant(&before, &after, &shell.operator.actor()).await {
            Ok(()) => {
                state.providers.refresh().await?;
                state.providers.check(after.id).await;
                return Ok(Ok(()));
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Err("Nothing changed: that directory is connected with another organisation.".to_owned()))
}

/// Looks at the connection now.
pub(super) async fn check(
    State(state): State<WebState>,
    shell: Shell,
) -> Result<Redirect, WebError> {
    state.providers.check(shell.operator.tenant()).await;
    Ok(Redirect::to("/settings/email/authorize"))
}

/// The form that names a mailbox to try.
#[derive(Debug, Deserialize)]
pub(super) struct Probe {
    address: String,
}

/// Looks into one mailbox: with mailboxes granted one by one nothing else tells.
pub(super) async fn probe(
    State(state): State<WebState>,
    shell: Shell,
    headers: HeaderMap,
    Form(asked): Form<Probe>,
) -> Result<Response, WebError> {
    let Ok(address) = Address::parse(asked.address.trim()) else {
        let text = "That is no address of a mailbox.".to_owned();
        return page(&state, shell, &headers, Some(Note::Failed(text))).await;
    };
    let Some(provider) = state.providers.of(shell.operator.tenant()) else {
        let text = "There is no connection to try.".to_owned();
        return page(&state, shell, &headers, Some(Note::Failed(text))).await;
    };
    let found = match provider.resolve(&address).await {
        // A question about a message that nobody has is answered by whoever may read the mailbox.
        Ok(mailbox) => provider.locate(&mailbox, PROBE_ID).await.map(|_| ()),
        Err(error) => Err(error),
    };
    page(&state, shell, &headers, Some(Note::Probed(address.to_string(), found))).await
}

/// Forgets the connection. What was granted at Microsoft is taken away there.
pub(super) async fn remove(
    State(state): State<WebState>,
    shell: Shell,
) -> Result<Redirect, WebError> {
    let before = tenant(&state, &shell).await?;
    let after = Tenant { microsoft_tenant: None, ..before.clone() };
    state.control().update_tenant(&before, &after, &shell.operator.actor()).await?;
    state.providers.refresh().await?;
    Ok(Redirect::to("/settings/email/authorize?removed"))
}

async fn tenant(state: &WebState, shell: &Shell) -> Result<Tenant, WebError> {
    state.control().tenant(shell.operator.tenant()).await?.ok_or(WebError::NotFound)
}

async fn page(
    state: &WebState,
    shell: Shell,
    headers: &HeaderMap,
    note: Option<Note>,
) -> Result<Response, WebError> {
    let tenant = tenant(state, &shell).await?;
    let app = state.providers.app();
    let host = |app: &App| app.template.login_url.host_str().unwrap_or_default().to_owned();
    let certificate = app.and_then(|app| match &app.template.credential {
        Credential::Certificate(own) => Some(serve::lasts(own.expires(), state.clock.now())),
        Credential::Federated(_) | Credential::Secret(_) => None,
    });
    let status = match &note {
        Some(Note::Failed(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let page = AuthorizePage {
        checked: state.providers.checked(tenant.id),
        directory: tenant.microsoft_tenant,
        app: app.map(|app| (app.template.client_id.clone(), host(app))),
        certificate,
        redirect: redirect_uri(state, headers).map(String::from),
        note,
        shell,
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// Where people come back to: below the public address, or at this machine where there is none.
fn redirect_uri(state: &WebState, headers: &HeaderMap) -> Option<Url> {
    if let Some(url) = &state.public_url {
        return url.join(BACK).ok();
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let url = Url::parse(&format!("http://{host}")).ok()?;
    let here = match url.host()? {
        url::Host::Ipv4(ip) => ip.is_loopback(),
        url::Host::Ipv6(ip) => ip.is_loopback(),
        url::Host::Domain(name) => name == "localhost",
    };
    url.join(BACK).ok().filter(|_| here)
}

impl AuthorizePage {
    fn found(&self) -> Option<&Result<Connection, ProviderError>> {
        self.checked.as_ref().map(|checked| &checked.found)
    }

    fn is_lost(&self) -> bool {
        matches!(self.found(), Some(Err(ProviderError::GrantRevoked)))
    }

    fn connection(&self) -> Option<&Connection> {
        self.found().and_then(|found| found.as_ref().ok())
    }

    fn grants(&self, permission: &Permission) -> Option<bool> {
        self.connection().map(|it| it.roles.iter().any(|role| role == permission.name))
    }

    /// Whether mailboxes are granted one by one, or not at all: the token does not tell.
    fn mail_is_unsaid(&self) -> bool {
        self.connection().is_some_and(|it| !it.roles.iter().any(|role| role == MAIL))
    }
}

const MAIL: &str = "Mail.ReadWrite";
/// The least that clawback needs, and what more it can use.
const PERMISSIONS: [Permission; 4] = [
    Permission {
        name: MAIL,
        why: "Find, move and delete messages in mailboxes",
        without: "Nothing is retracted, unless mailboxes are granted by Exchange RBAC",
        needed: true,
    },
    Permission {
        name: "User.Read.All",
        why: "Match envelope addresses and aliases to mailboxes",
        without: "No mailbox is found",
        needed: true,
    },
    Permission {
        name: "Organization.Read.All",
        why: "Prove that the directory is yours, by its domains",
        without: "A directory cannot be connected from this page",
        needed: true,
    },
    Permission {
        name: "GroupMember.Read.All",
        why: "Expand distribution lists that a report did not expand",
        without: "Copies that only such a list names are not found",
        needed: false,
    },
];
/// The path that the app registration knows as its redirect address.
pub(super) const BACK: &str = "/auth/microsoft";
/// Tries to save over what others change meanwhile.
const SAVES_MAX: usize = 3;
/// An id that no message has.
const PROBE_ID: &str = "probe@clawback.invalid";
/// Which entry of the navigation this page belongs to.
const HERE: &str = "authorize";
