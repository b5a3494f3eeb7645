//! Signing in and out.
//!
//! Promises: a wrong address and a wrong password look and last alike; after too many tries an
//! address waits where it was tried from, and is told so; a sign-in always makes a new session, so
//! that nobody can hand somebody a session they know.

use std::net::SocketAddr;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use clawback_core::audit::{Actor, Entry};
use clawback_store::StoredOperator;
use serde::Deserialize;

use super::assets;
use super::attempts::{PAIR_TRIES_MAX, Turn, Visitor};
use super::device::Device;
use super::error::WebError;
use super::marks as m;
use super::password::PASSWORD_OCTETS_MAX;
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
    /// Too many wrong tries from there; minutes until the next.
    Locked(u64),
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
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, WebError> {
    let email = credentials.email.trim().to_lowercase();
    let next = credentials.next.unwrap_or_default();
    let again =
        |email: &str, trouble| page(&state, &jar, &headers, email, local(&next), Some(trouble));
    if email.len() > EMAIL_OCTETS_MAX || credentials.password.len() > PASSWORD_OCTETS_MAX {
        return again("", Trouble::Wrong);
    }
    let operator = state.control().operator_by_email(&email).await?;
    let stored = operator.as_ref().map(|operator| operator.password_hash.clone());
    let https = state.is_https();
    let device = stored.as_deref().and_then(|hash| Device::of(&jar, https, hash));
    let visitor = match &device {
        Some(device) => Visitor::Known(device.number()),
        None => Visitor::Stranger(peer.ip()),
    };
    let (ticket, wait) = match state.attempts.begin(visitor, &email, state.now()) {
        Turn::Go(ticket, wait) => (ticket, wait),
        Turn::Locked(left) => return again(&email, Trouble::Locked(minutes(left))),
    };
    let right = async {
        state.checks.slow_down(wait).await?;
        state.checks.check(device.is_some(), credentials.password, stored).await
    };
    let right = right.await.inspect_err(|_| state.attempts.forget(&ticket))?;
    let Some(operator) = operator else { return again(&email, Trouble::Wrong) };
    if !right {
        // Whoever tried, it is not said that it was they.
        let somebody = Actor::system("sign-in");
        note(&state, &operator, somebody, "operator.sign_in_failed", peer).await?;
        return again(&email, Trouble::Wrong);
    }
    state.attempts.succeeded(&ticket);
    let jar = admit(&state, jar, &operator, device, peer).await?;
    Ok((jar, Redirect::to(local(&next))).into_response())
}

/// A session for an operator whose password was right, and a cookie by which their browser is
/// known the next time.
async fn admit(
    state: &WebState,
    jar: CookieJar,
    operator: &StoredOperator,
    device: Option<Device>,
    peer: SocketAddr,
) -> Result<CookieJar, WebError> {
    let (control, https) = (state.control(), state.is_https());
    if let Some(old) = Token::of(&jar, https) {
        control.delete_session(&old.digest()).await?;
    }
    let token = Token::new(state.entropy.as_ref());
    control.create_session(&token.digest(), operator.id, state.now()).await?;
    let actor = Actor::Operator { id: operator.id, name: operator.name.clone() };
    note(state, operator, actor, "operator.signed_in", peer).await?;
    let device = device.unwrap_or_else(|| Device::new(state.entropy.as_ref()));
    let jar = jar.add(token.cookie(https));
    Ok(match device.cookie(https, &operator.password_hash) {
        Some(cookie) => jar.add(cookie),
        None => jar,
    })
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
    peer: SocketAddr,
) -> Result<(), WebError> {
    let entry = Entry {
        at: state.now(),
        actor,
        action: action.to_owned(),
        target: operator.id.to_string(),
        details: serde_json::json!({ "from": peer.ip().to_canonical().to_string() }),
    };
    Ok(state.tenant(operator.tenant).note(entry).await?)
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
        Some(Trouble::Locked(_)) => StatusCode::TOO_MANY_REQUESTS,
    };
    let mut response = (status, Html(page.render()?)).into_response();
    if let Some(Trouble::Locked(minutes)) = trouble {
        response.headers_mut().insert(RETRY_AFTER, (minutes * 60).into());
    }
    Ok(response)
}

/// Whole minutes, one too many rather than one too few.
fn minutes(left: Duration) -> u64 {
    left.as_secs() / 60 + 1
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
