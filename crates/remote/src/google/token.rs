//! Access tokens: one for each mailbox and set of scopes, fetched once for all who wait, and again
//! before it runs out.
//!
//! A token is asked for with as few scopes as its use needs: where one scope was not delegated,
//! what needs the others goes on.
// spec: google:service-account

use std::sync::Arc;
use std::time::Duration;

use clawback_core::{Clock, UnixMillis};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::account::{Claims, ServiceAccount};
use super::settings::TOKEN_PATH;
use crate::cache::Cache;
use crate::client::retry_after;
use crate::client::{Answer, Endpoint, HttpClient, NoAnswer};
use crate::error::{Cause, ProviderError};
use crate::secret::Secret;

/// What an administrator delegates, one by one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// To look messages up, to label them, to put them back.
    Modify,
    /// To find the mailbox of an address.
    Users,
    /// To find who is in a group.
    Members,
    /// To delete for ever.
    Full,
}

impl Scope {
    /// Every scope, the indispensable ones first.
    pub const ALL: [Self; 4] = [Self::Modify, Self::Users, Self::Members, Self::Full];

    /// The scope as it is pasted into the Admin console.
    // spec: gmail:scopes
    #[must_use]
    pub fn url(self) -> &'static str {
        match self {
            Self::Full => "https://mail.google.com/",
            Self::Members => {
                "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
            }
            Self::Modify => "https://www.googleapis.com/auth/gmail.modify",
            Self::Users => "https://www.googleapis.com/auth/admin.directory.user.readonly",
        }
    }

    /// What does not work without it.
    #[must_use]
    pub fn costs(self) -> &'static str {
        match self {
            Self::Full => "Hard Delete does not work; such orders wait until it is delegated.",
            Self::Members => "Mail to a group that Google did not expand stays with its members.",
            Self::Modify => "Nothing can be found or moved: no message is taken back.",
            Self::Users => "No address leads to its mailbox: no message is taken back.",
        }
    }
}

/// Gives tokens to those who call Google.
pub(crate) struct Tokens {
    http: HttpClient,
    clock: Arc<dyn Clock>,
    url: Url,
    account: ServiceAccount,
    cells: Cache<(String, Scope), Arc<Mutex<Held>>>,
}

#[derive(Debug, Default)]
pub(crate) struct Held {
    token: Option<Arc<Token>>,
    refresh_from: UnixMillis,
    failure: Option<NoToken>,
    not_before: UnixMillis,
}

/// One access token.
#[derive(Debug)]
pub(crate) struct Token {
    bearer: Secret,
    expires: UnixMillis,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoToken {
    /// The account, its key, its clock, or the one in whose name: the service says no more.
    Grant,
    /// The scope was not delegated to the account.
    NotDelegated,
    /// Something else.
    Other(ProviderError),
}

impl NoToken {
    /// What it means to whoever wanted to ask something.
    pub(crate) fn error(self) -> ProviderError {
        match self {
            Self::Grant | Self::NotDelegated => ProviderError::GrantRevoked,
            Self::Other(error) => error,
        }
    }
}

impl Token {
    /// The value of the `Authorization` field.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.bearer.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Tokens {
    pub(crate) fn new(
        http: HttpClient,
        clock: Arc<dyn Clock>,
        root: &Endpoint,
        account: ServiceAccount,
    ) -> Option<Self> {
        let url = Url::parse(&format!("{}{TOKEN_PATH}", root.as_str())).ok()?;
        Some(Self { http, clock, url, account, cells: Cache::new(TOKENS_MAX, KEEP) })
    }

    /// A token in somebody's name that is good for a while.
    pub(crate) async fn get(&self, subject: &str, scope: Scope) -> Result<Arc<Token>, NoToken> {
        let cell = self.cell(subject, scope);
        let mut held = cell.lock().await;
        let now = self.clock.now();
        if let Some(token) = &held.token
            && now < held.refresh_from
        {
            return Ok(Arc::clone(token));
        }
        if let Some(failure) = held.failure
            && now < held.not_before
        {
            return held.usable(now).ok_or(failure);
        }
        let fetched = self.fetch(subject, scope, now).await;
        held.take(fetched, now)
    }

    /// Forgets a token that was refused.
    pub(crate) async fn reject(&self, subject: &str, scope: Scope, token: &Arc<Token>) {
        let cell = self.cell(subject, scope);
        let mut held = cell.lock().await;
        if held.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            held.token = None;
        }
    }

    /// Asks anew whatever is remembered: for a check that somebody started by hand.
    pub(crate) async fn prove(&self, subject: &str, scope: Scope) -> Result<(), NoToken> {
        let now = self.clock.now();
        self.fetch(subject, scope, now).await.map(|_| ())
    }

    fn cell(&self, subject: &str, scope: Scope) -> Arc<Mutex<Held>> {
        self.cells.get_or_put((subject.to_owned(), scope), self.clock.now(), Arc::default)
    }

    async fn fetch(
        &self,
        subject: &str,
        scope: Scope,
        now: UnixMillis,
    ) -> Result<Arc<Token>, NoToken> {
        let unsendable = NoToken::Other(ProviderError::Failed(Cause::Unreadable));
        let issued = now.seconds().saturating_sub(SKEW_SECONDS);
        let claims = Claims {
            subject,
            scope: scope.url(),
            audience: self.url.as_str(),
            issued,
            expires: issued.saturating_add(LIFE_SECONDS),
        };
        let assertion = self.account.assertion(&claims).ok_or(unsendable)?;
        let form = [("grant_type", GRANT), ("assertion", assertion.expose())];
        let request = self.http.request(Method::POST, self.url.clone()).form(&form);
        let request = request.build().map_err(|_| unsendable)?;
        let answer = self.http.send(request).await.map_err(|none| match none {
            NoAnswer::MaybeSent(cause) | NoAnswer::NotSent(cause) => {
                NoToken::Other(ProviderError::Failed(cause))
            }
        })?;
        match answer.status.is_success() {
            true => granted(&answer, now).map_err(NoToken::Other),
            false => Err(refused(&answer, now)),
        }
    }
}

impl Held {
    fn take(
        &mut self,
        fetched: Result<Arc<Token>, NoToken>,
        now: UnixMillis,
    ) -> Result<Arc<Token>, NoToken> {
        match fetched {
            Ok(token) => {
                let life = token.expires.since(now);
                let early = REFRESH_BEFORE.min(life / 2);
                self.refresh_from = now.after(life.saturating_sub(early));
                self.failure = None;
                self.token = Some(Arc::clone(&token));
                Ok(token)
            }
            Err(failure) => {
                self.failure = Some(failure);
                let wait = match failure {
                    NoToken::Other(ProviderError::Throttled { wait: Some(wait) }) => wait,
                    _ => FAILURE_KEEP,
                };
                self.not_before = now.after(wait);
                if matches!(failure, NoToken::Grant | NoToken::NotDelegated) {
                    self.token = None;
                }
                self.usable(now).ok_or(failure)
            }
        }
    }

    /// The token, where it is due for a refresh and still good.
    fn usable(&self, now: UnixMillis) -> Option<Arc<Token>> {
        let token = self.token.as_ref();
        token.filter(|token| now.after(LAST_USE_BEFORE) < token.expires).map(Arc::clone)
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

fn granted(answer: &Answer, now: UnixMillis) -> Result<Arc<Token>, ProviderError> {
    let malformed = ProviderError::Malformed { what: "token" };
    let body = answer.body.as_ref().map_err(|cause| ProviderError::Failed(*cause))?;
    let granted: Granted = serde_json::from_slice(body).map_err(|_| malformed)?;
    let life = Duration::from_secs(granted.expires_in).min(KEEP);
    let token = Token { bearer: Secret::new(granted.access_token), expires: now.after(life) };
    match token.header() {
        Some(_) => Ok(Arc::new(token)),
        None => Err(malformed),
    }
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    error: String,
}

/// The texts beside the error are not documented, so only its word counts.
fn refused(answer: &Answer, now: UnixMillis) -> NoToken {
    let status = answer.status.as_u16();
    let wait = retry_after(&answer.headers, now);
    let failed = NoToken::Other(ProviderError::Failed(Cause::Status(status)));
    if status == 429 || (answer.status.is_server_error() && wait.is_some()) {
        return NoToken::Other(ProviderError::Throttled { wait });
    }
    if answer.status.is_server_error() {
        return failed;
    }
    let body: Option<Refused> =
        answer.body.as_ref().ok().and_then(|body| serde_json::from_slice(body).ok());
    let none = match body.unwrap_or_default().error.as_str() {
        "unauthorized_client" | "access_denied" => NoToken::NotDelegated,
        "invalid_grant" | "invalid_client" => NoToken::Grant,
        _ => return failed,
    };
    tracing::warn!(status, refusal = ?none, "the provider refused a token");
    none
}

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Our clock may be a little ahead of theirs.
const SKEW_SECONDS: u64 = 10;
const LIFE_SECONDS: u64 = 3_600;
/// Whoever asks again within this gets the same answer, and nothing is sent.
const FAILURE_KEEP: Duration = Duration::from_secs(5);
const REFRESH_BEFORE: Duration = Duration::from_secs(300);
/// A token that runs out on the way is of no use.
const LAST_USE_BEFORE: Duration = Duration::from_secs(30);
const KEEP: Duration = Duration::from_secs(LIFE_SECONDS);
/// Two for each of this many mailboxes that are worked on within an hour; about 2 KiB each.
const TOKENS_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn refusal_table() {
        let other = |error| NoToken::Other(error);
        let failed = |status| other(ProviderError::Failed(Cause::Status(status)));
        let rows = [
            (401, "unauthorized_client", NoToken::NotDelegated),
            (400, "invalid_grant", NoToken::Grant),
            (401, "invalid_client", NoToken::Grant),
            (400, "invalid_scope", failed(400)),
            (429, "rate_limit_exceeded", other(ProviderError::Throttled { wait: None })),
            (500, "internal_failure", failed(500)),
            (503, "invalid_grant", failed(503)),
        ];
        for (status, error, meant) in rows {
            let body = format!(r#"{{"error":"{error}","error_description":"x"}}"#).into_bytes();
            let status = StatusCode::from_u16(status).unwrap();
            let answer = Answer { status, headers: HeaderMap::new(), body: Ok(body) };
            assert_eq!(refused(&answer, UnixMillis(0)), meant, "{status} {error}");
        }
    }
}
