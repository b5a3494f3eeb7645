//! One request to Graph, from the wait for its turn to what its answer means.
//!
//! Every request bears the token, asks for immutable ids, and has an id of its own that the
//! service's support can find. A change is sent once; only a refused token, which means that
//! nothing was done, lets it be sent again. A question is asked twice where no connection came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clawback_core::{Clock, Entropy};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::refusal::{reach, refusal};
use super::token::{Token, Tokens};
use crate::client::{Answer, Endpoint, HttpClient, Intent};
use crate::error::{Cause, ProviderError};
use crate::gate::{Area, Gates, Pass};

/// Calls Graph for one tenant.
pub(crate) struct Caller {
    pub(crate) http: HttpClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) gates: Gates,
    pub(crate) root: Endpoint,
    pub(crate) tokens: Tokens,
    /// Whether a mailbox answered to a token without the role for mail: then mailboxes are
    /// granted one by one, and a refusal is about the mailbox.
    pub(crate) grants_by_mailbox: AtomicBool,
}

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) area: Area<'a>,
    pub(crate) intent: Intent,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// What is sent with it: a text as it is, anything else as JSON.
    pub(crate) body: Option<&'a Value>,
}

impl Caller {
    /// Asks, and reads the answer as JSON of a known shape.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        area: Area<'_>,
        url: Url,
        what: &'static str,
    ) -> Result<T, ProviderError> {
        let ask = Ask { area, intent: Intent::Read, method: Method::GET, url, body: None };
        self.read_from(self.answer(&ask).await?, what)
    }

    /// Reads the answer to a question as JSON of a known shape.
    pub(crate) fn read_from<T: DeserializeOwned>(
        &self,
        answer: Answer,
        what: &'static str,
    ) -> Result<T, ProviderError> {
        if !answer.status.is_success() {
            return Err(refusal(&answer, Intent::Read, self.clock.now()));
        }
        let body = answer.body.map_err(ProviderError::Failed)?;
        // A good status with half a body has been seen outside.
        serde_json::from_slice(&body).map_err(|_| ProviderError::Malformed { what })
    }

    /// Sends one request and gives its answer, if it is a good one.
    pub(crate) async fn perform(&self, ask: &Ask<'_>) -> Result<Answer, ProviderError> {
        let answer = self.answer(ask).await?;
        match answer.status.is_success() {
            true => Ok(answer),
            false => Err(refusal(&answer, ask.intent, self.clock.now())),
        }
    }

    /// Sends one request and gives its answer, good or not, except what concerns every request:
    /// the token, the permission and the pace.
    pub(crate) async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, ProviderError> {
        let token = self.tokens.get().await?;
        let pass = self.gates.enter(ask.area).await?;
        self.exchange(ask, &pass, token).await
    }

    /// The same for who has its turn already.
    pub(super) async fn exchange(
        &self,
        ask: &Ask<'_>,
        pass: &Pass,
        token: Arc<Token>,
    ) -> Result<Answer, ProviderError> {
        let (answer, token) = self.sent(ask, token).await?;
        self.heed(ask, pass, answer, &token).await
    }

    /// Sends a request, and again where its token was refused; gives the token that was taken.
    pub(super) async fn sent(
        &self,
        ask: &Ask<'_>,
        token: Arc<Token>,
    ) -> Result<(Answer, Arc<Token>), ProviderError> {
        let answer = self.send(ask, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok((answer, token));
        }
        self.tokens.reject(&token).await;
        let token = self.tokens.get().await?;
        Ok((self.send(ask, &token).await?, token))
    }

    /// Takes from an answer what concerns every request: the token, the permission and the pace.
    pub(super) async fn heed(
        &self,
        ask: &Ask<'_>,
        pass: &Pass,
        answer: Answer,
        token: &Arc<Token>,
    ) -> Result<Answer, ProviderError> {
        match answer.status {
            StatusCode::UNAUTHORIZED => {
                self.tokens.reject(token).await;
                Err(ProviderError::GrantRevoked)
            }
            StatusCode::FORBIDDEN => {
                self.tokens.doubt(token).await;
                Err(self.denied(ask.area, token))
            }
            _ => {
                self.note(ask, pass, &answer, token);
                Ok(answer)
            }
        }
    }

    /// Whether a refusal is about this one thing or about everything.
    // spec: graph:permissions-reference
    fn denied(&self, area: Area<'_>, token: &Token) -> ProviderError {
        let has_one_of = |names: &[&str]| token.roles().iter().any(|r| names.contains(&r.as_str()));
        let is_granted = match area {
            Area::Directory => has_one_of(&DIRECTORY_ROLES),
            Area::Organisation => !token.roles().is_empty(),
            Area::Mailbox(_) => {
                has_one_of(&MAIL_ROLES) || self.grants_by_mailbox.load(Ordering::Relaxed)
            }
        };
        match is_granted {
            true => ProviderError::AccessDenied,
            false => ProviderError::GrantRevoked,
        }
    }

    /// Learns from an answer how fast to go and how mailboxes are granted.
    fn note(&self, ask: &Ask<'_>, pass: &Pass, answer: &Answer, token: &Token) {
        if answer.status.is_success() {
            self.gates.went_well(pass);
            let by_role = token.roles().iter().any(|role| MAIL_ROLES.contains(&role.as_str()));
            if !by_role && matches!(ask.area, Area::Mailbox(_)) {
                self.grants_by_mailbox.store(true, Ordering::Relaxed);
            }
            return;
        }
        let error = refusal(answer, ask.intent, self.clock.now());
        if let ProviderError::Throttled { wait } = error {
            self.gates.throttled(pass, reach(answer), wait);
        }
        tracing::debug!(
            status = answer.status.as_u16(),
            request = their_id(&answer.headers),
            "Graph refused a request"
        );
    }

    async fn send(&self, ask: &Ask<'_>, token: &Token) -> Result<Answer, ProviderError> {
        Box::pin(self.http.ask(ask.intent, || self.request(ask, token))).await
    }

    fn request(&self, ask: &Ask<'_>, token: &Token) -> Result<Request, ProviderError> {
        let unsendable = ProviderError::Failed(Cause::Unreadable);
        let mut request = self
            .http
            .request(ask.method.clone(), ask.url.clone())
            .header(AUTHORIZATION, token.header().ok_or(unsendable)?)
            .header(PREFER, IMMUTABLE_IDS)
            .header(CLIENT_REQUEST_ID, request_id(&*self.entropy));
        if needs_eventual(&ask.url) {
            request = request.header(CONSISTENCY_LEVEL, "eventual");
        }
        request = match ask.body {
            Some(Value::String(text)) => {
                request.header(CONTENT_TYPE, "text/plain").body(text.clone())
            }
            Some(body) => request.json(body),
            // Without it, a front end answers 411 to a change that has no body.
            None if ask.intent == Intent::Write => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        request.build().map_err(|_| unsendable)
    }
}

/// Whether a question is one that only the index answers, which has to be asked for by a field.
// spec: graph:aad-advanced-queries
fn needs_eventual(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| name == "$count" && value == "true")
}

/// An id for a request of ours, which the service repeats in its answer.
pub(crate) fn request_id(entropy: &dyn Entropy) -> String {
    let mut octets = [0; 16];
    entropy.fill(&mut octets);
    uuid::Builder::from_random_bytes(octets).into_uuid().to_string()
}

/// The service's id of a request, where it has the form of one: nothing else gets into a log.
fn their_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    text.parse().ok().map(|id: uuid::Uuid| id.to_string())
}

pub(super) const PREFER: &str = "Prefer";
const CONSISTENCY_LEVEL: &str = "ConsistencyLevel";
// spec: graph:outlook-immutable-id
pub(super) const IMMUTABLE_IDS: &str = "IdType=\"ImmutableId\"";
pub(crate) const CLIENT_REQUEST_ID: &str = "client-request-id";
const REQUEST_ID: &str = "request-id";
const MAIL_ROLES: [&str; 1] = ["Mail.ReadWrite"];
const DIRECTORY_ROLES: [&str; 4] =
    ["Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "User.ReadWrite.All"];
