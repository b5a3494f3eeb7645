//! Signing in and out.
//!
//! Promises: a wrong address and a wrong password look and last alike; after too many tries an
//! address waits, and is told so; a sign-in always makes a new session, so that nobody can hand
//! somebody a session they know.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use clawback_core::audit::{Actor, Entry};
use clawback_store::StoredOperator;
use serde::Deserialize;

use super::assets;
use super::error::WebError;
use super::marks as m;
use super::password::{PASSWORD_OCTETS_MAX, verify_password};
use super::session::{self, Token};
use super::shell;
use super::state::WebState;

#[derive(Template)]
#[template(path = "login.html")]
pub(super) struct LoginPage<'a> {
    pub(super) theme: &'static str,
    pub(super) host: &'a str,
    pub(super) version: &'static str,
    pub(super) email: &'a str,
    pub(super) next: &'a str,
    pub(super) trouble: Option<Trouble>,
}

/// Why a sign-in did not succeed, as far as a stranger may know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Trouble {
    /// Too many wrong tries for this address.
    Locked,
    /// The session was ended by time.
    Ended,
    /// Address or password: which of them is not said.
    Wrong,
}

/// Where to go on, and why one is here.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Arrival {
    next: Option<String>,
    ended: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
    next: Option<String>,
}

/// The form.
pub(super) async fn form(
    State(state): State<WebState>,
    jar: CookieJar,
    headers: HeaderMap,
    Query(arrival): Query<Arrival>,
) -> Result<Response, WebError> {
    let trouble = arrival.ended.map(|_| Trouble::Ended);
    let next = arrival.next.unwrap_or_default();
    page(&state, &jar, &headers, "", local(&next), trouble)
}

/// Checks credentials; a session where they hold.
pub(super) async fn sign_in(
    State(state): State<WebState>,
    jar: CookieJar,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, WebError> {
    let control = state.control();
    let email = credentials.email.trim().to_lowercase();
    let next = credentials.next.unwrap_or_default();
    let now = state.now();
    if email.len() > EMAIL_OCTETS_MAX || credentials.password.len() > PASSWORD_OCTETS_MAX {
        return page(&state, &jar, &headers, "", local(&next), Some(Trouble::Wrong));
    }
    if !control.login_allowed(&email, now).await? {
        return page(&state, &jar, &headers, &email, local(&next), Some(Trouble::Locked));
    }
    let operator = control.operator_by_email(&email).await?;
    let stored = operator.as_ref().map(|operator| operator.password_hash.clone());
    let right = check(&state, credentials.password, stored).await?;
    let known = operator.clone();
    let (Some(operator), true) = (operator, right) else {
        control.login_failed(&email, now).await?;
        if let Some(known) = &known {
            // Whoever tried, it is not said that it was they.
            note(&state, known, Actor::system("sign-in"), "operator.sign_in_failed").await?;
        }
        return page(&state, &jar, &headers, &email, local(&next), Some(Trouble::Wrong));
    };
    if let Some(old) = Token::of(&jar, state.is_https()) {
        control.delete_session(&old.digest()).await?;
    }
    let token = Token::new(state.entropy.as_ref());
    control.create_session(&token.digest(), operator.id, now).await?;
    let actor = Actor::Operator { id: operator.id, name: operator.name.clone() };
    note(&state, &operator, actor, "operator.signed_in").await?;
    let jar = jar.add(token.cookie(state.is_https()));
    Ok((jar, Redirect::to(local(&next))).into_response())
}

/// Ends the session, on the server too.
pub(super) async fn sign_out(
    State(state): State<WebState>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    if let Some(token) = Token::of(&jar, state.is_https()) {
        state.control().delete_session(&token.digest()).await?;
    }
    let jar = jar.add(session::removal(state.is_https()));
    Ok((jar, Redirect::to("/login")).into_response())
}

/// Tells the audit log of the operator's tenant.
async fn note(
    state: &WebState,
    operator: &StoredOperator,
    actor: Actor,
    action: &str,
) -> Result<(), WebError> {
    let entry = Entry {
        at: state.now(),
        actor,
        action: action.to_owned(),
        target: operator.id.to_string(),
        details: serde_json::Value::Null,
    };
    Ok(state.tenant(operator.tenant).note(entry).await?)
}

/// A few at a time, and never on a thread that serves others.
async fn check(
    state: &WebState,
    password: String,
    stored: Option<String>,
) -> Result<bool, WebError> {
    let permit = state.password_checks.clone().acquire_owned().await;
    let permit = permit.map_err(|_| WebError::Unavailable)?;
    let work = tokio::task::spawn_blocking(move || {
        let right = verify_password(&password, stored.as_deref());
        drop(permit);
        right
    });
    work.await.map_err(|_| WebError::Internal)
}

fn page(
    state: &WebState,
    jar: &CookieJar,
    headers: &HeaderMap,
    email: &str,
    next: &str,
    trouble: Option<Trouble>,
) -> Result<Response, WebError> {
    let asked = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = state.public_url.as_ref().and_then(|url| url.host_str()).unwrap_or(asked);
    let theme = shell::theme(jar);
    let page = LoginPage { theme, host, version: state.version, email, next, trouble };
    let status = match trouble {
        None | Some(Trouble::Ended) => StatusCode::OK,
        Some(Trouble::Wrong) => StatusCode::UNAUTHORIZED,
        Some(Trouble::Locked) => StatusCode::TOO_MANY_REQUESTS,
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// A path of ours, or the overview: a sign-in never sends anybody to another site.
fn local(next: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let ours = next.starts_with('/') && !next.starts_with("//") && next.bytes().all(plain);
    if ours && next.len() <= NEXT_OCTETS_MAX { next } else { "/" }
}

const EMAIL_OCTETS_MAX: usize = 320;
const NEXT_OCTETS_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_our_own_pages_only() {
        assert_eq!(local("/trace?q=is:failed"), "/trace?q=is:failed");
        for next in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil"] {
            assert_eq!(local(next), "/", "{next}");
        }
    }
}
