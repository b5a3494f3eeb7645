//! The access token of one tenant: fetched once for all who wait, and again before it runs out.
//!
//! A token proves less than it seems: it may have been issued without any role, and one issued
//! before a permission was granted lacks it. What it says about roles is taken as a hint.
// spec: entra:v2-oauth2-client-creds-grant-flow

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clawback_core::{Clock, Entropy, UnixMillis};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::call::{CLIENT_REQUEST_ID, request_id};
use super::credential::{Claimant, Credential};
use super::settings::GraphSettings;
use crate::client::retry_after;
use crate::client::{Answer, Endpoint, HttpClient, NoAnswer};
use crate::error::{Cause, ProviderError};
use crate::secret::Secret;

/// Gives tokens to those who call Graph.
pub(crate) struct Tokens {
    http: HttpClient,
    clock: Arc<dyn Clock>,
    url: Url,
    scope: String,
    client_id: String,
    credential: Credential,
    entropy: Arc<dyn Entropy>,
    fetches: AtomicU64,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<Arc<Token>>,
    refresh_from: UnixMillis,
    failure: Option<ProviderError>,
    not_before: UnixMillis,
}

/// One access token.
#[derive(Debug)]
pub(crate) struct Token {
    bearer: Secret,
    expires: UnixMillis,
    issued: UnixMillis,
    roles: Vec<String>,
}

impl Token {
    /// The value of the `Authorization` field.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.bearer.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The roles it claims.
    pub(crate) fn roles(&self) -> &[String] {
        &self.roles
    }
}

impl Tokens {
    pub(crate) fn new(
        http: HttpClient,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        login: &Endpoint,
        graph: &Endpoint,
        settings: &GraphSettings,
    ) -> Option<Self> {
        let url = format!("{}/{}/oauth2/v2.0/token", login.as_str(), settings.directory_id);
        Some(Self {
            http,
            clock,
            entropy,
            url: Url::parse(&url).ok()?,
            scope: format!("{}/.default", graph.as_str()),
            client_id: settings.client_id.clone(),
            credential: settings.credential.clone(),
            fetches: AtomicU64::new(0),
            held: Mutex::default(),
        })
    }

    /// A token that is good for a while.
    ///
    /// Whoever waited while another fetched gets what that one got, be it an error.
    pub(crate) async fn get(&self) -> Result<Arc<Token>, ProviderError> {
        let seen = self.fetches.load(Ordering::SeqCst);
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        if let Some(token) = &held.token
            && now < held.refresh_from
        {
            return Ok(Arc::clone(token));
        }
        if let Some(failure) = held.failure
            && self.fetches.load(Ordering::SeqCst) != seen
        {
            return Err(failure);
        }
        if now < held.not_before {
            let wait = held.not_before.since(now);
            return held.usable(now).ok_or(ProviderError::Throttled { wait: Some(wait) });
        }
        let fetched = self.fetch(now).await;
        self.fetches.fetch_add(1, Ordering::SeqCst);
        held.take(fetched, now)
    }

    /// Forgets a token that was refused.
    pub(crate) async fn reject(&self, token: &Arc<Token>) {
        let mut held = self.held.lock().await;
        if held.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            held.token = None;
        }
    }

    /// Forgets a token that may lack what was granted since it was issued.
    pub(crate) async fn doubt(&self, token: &Arc<Token>) {
        if self.clock.now().since(token.issued) >= DOUBT_AFTER {
            self.reject(token).await;
        }
    }

    async fn fetch(&self, now: UnixMillis) -> Result<Arc<Token>, ProviderError> {
        let who = Claimant {
            client_id: &self.client_id,
            token_url: self.url.as_str(),
            now,
            id: request_id(&*self.entropy),
        };
        let proof = self.credential.fields(&who).await?;
        let mut form = vec![
            ("client_id", self.client_id.as_str()),
            ("grant_type", "client_credentials"),
            ("scope", &self.scope),
        ];
        form.extend(proof.iter().map(|(name, value)| (*name, value.expose())));
        let request = self.http.request(Method::POST, self.url.clone()).form(&form);
        let request = request.header(CLIENT_REQUEST_ID, who.id.as_str());
        let request = request.build().map_err(|_| ProviderError::Failed(Cause::Unreadable))?;
        let answer = self.http.send(request).await.map_err(|none| match none {
            NoAnswer::MaybeSent(cause) | NoAnswer::NotSent(cause) => ProviderError::Failed(cause),
        })?;
        match answer.status.is_success() {
            true => granted(&answer, now),
            false => Err(refused(&answer, now)),
        }
    }
}

impl Held {
    fn take(
        &mut self,
        fetched: Result<Arc<Token>, ProviderError>,
        now: UnixMillis,
    ) -> Result<Arc<Token>, ProviderError> {
        match fetched {
            Ok(token) => {
                let life = token.expires.since(now);
                let early = REFRESH_BEFORE.min(life / 2);
                self.refresh_from = now.after(life.saturating_sub(early));
                self.failure = None;
                self.token = Some(Arc::clone(&token));
                Ok(token)
            }
            Err(error) => {
                self.failure = Some(error);
                if let ProviderError::Throttled { wait: Some(wait) } = error {
                    self.not_before = now.after(wait);
                }
                if error == ProviderError::GrantRevoked {
                    self.token = None;
                }
                let usable = self.usable(now);
                self.refresh_from = now.after(REFRESH_RETRY);
                usable.ok_or(error)
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
    let bearer = Secret::new(granted.access_token);
    let life = Duration::from_secs(granted.expires_in).min(LIFE_MAX);
    let roles = roles(bearer.expose());
    let token = Token { bearer, expires: now.after(life), issued: now, roles };
    match token.header() {
        Some(_) => Ok(Arc::new(token)),
        None => Err(malformed),
    }
}

/// The roles in the payload of a token that has the usual form; none where it has another.
fn roles(token: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Payload {
        #[serde(default)]
        roles: Vec<String>,
    }
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let payload: Option<Payload> = payload.and_then(|it| serde_json::from_slice(&it).ok());
    let mut roles = payload.map(|payload| payload.roles).unwrap_or_default();
    roles.truncate(ROLES_MAX);
    roles
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
}

// spec: entra:reference-error-codes
fn refused(answer: &Answer, now: UnixMillis) -> ProviderError {
    let status = answer.status.as_u16();
    let wait = retry_after(&answer.headers, now);
    if status == 429 {
        return ProviderError::Throttled { wait };
    }
    let body: Option<Refused> =
        answer.body.as_ref().ok().and_then(|body| serde_json::from_slice(body).ok());
    let refused = body.unwrap_or_default();
    let passes = refused.error == "temporarily_unavailable"
        || refused.error_codes.iter().any(|code| TRANSIENT.contains(code));
    if passes || answer.status.is_server_error() {
        return match wait {
            Some(_) => ProviderError::Throttled { wait },
            None => ProviderError::Failed(Cause::Status(status)),
        };
    }
    let is_ours = refused.error.is_empty() || refused.error_codes.contains(&MISSING_PARAMETER);
    if is_ours || !matches!(status, 400 | 401 | 403) {
        return ProviderError::Failed(Cause::Status(status));
    }
    let code = refused.error_codes.first().copied().unwrap_or_default();
    tracing::warn!(aadsts = code, "the provider refused a token");
    ProviderError::GrantRevoked
}

/// The service itself says that these pass.
const TRANSIENT: [u32; 4] = [90_006, 90_024, 90_033, 90_055];
const MISSING_PARAMETER: u32 = 900_144;
/// A token this young is not fetched again because of a refusal: a fresh one would be the same.
const DOUBT_AFTER: Duration = Duration::from_secs(60);
const REFRESH_BEFORE: Duration = Duration::from_secs(300);
/// How soon a refresh that failed is tried again while the old token still works.
const REFRESH_RETRY: Duration = Duration::from_secs(30);
/// A token that runs out on the way is of no use.
const LAST_USE_BEFORE: Duration = Duration::from_secs(30);
const LIFE_MAX: Duration = Duration::from_secs(86_400);
const ROLES_MAX: usize = 256;
