//! One request to Google, from the wait for its turn to what its answer means.
//!
//! A change is sent once; only a refused token, which means that nothing was done, lets it be sent
//! again. A question is asked twice where no connection came. Gmail takes no id of a request from
//! its client, so none is sent.

use std::sync::Arc;

use clawback_core::Clock;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH};
use reqwest::{Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::pace::{Pace, Price};
use super::refusal::refusal;
use super::token::{NoToken, Scope, Token, Tokens};
use crate::client::{Answer, HttpClient, Intent};
use crate::error::{Cause, ProviderError};
use crate::gate::{Area, Gates, Pass};

/// Calls Google for one tenant.
pub(crate) struct Caller {
    pub(crate) http: HttpClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gates: Gates,
    pub(crate) pace: Pace,
    pub(crate) tokens: Tokens,
    /// In whose name the directory is read.
    pub(crate) admin: String,
}

/// In whose name a request is sent, and what it is counted against.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    /// The administrator's, about people.
    Directory,
    /// The owner's of this mailbox, by its primary address.
    Mailbox(&'a str),
}

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) whose: Whose<'a>,
    pub(crate) scope: Scope,
    pub(crate) price: Price,
    pub(crate) intent: Intent,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<&'a Value>,
}

impl<'a> Ask<'a> {
    /// A question.
    pub(crate) fn question(whose: Whose<'a>, scope: Scope, price: Price, url: Url) -> Self {
        let (intent, method) = (Intent::Read, Method::GET);
        Self { whose, scope, price, intent, method, url, body: None }
    }
}

impl Caller {
    /// Asks, and reads the answer as JSON of a known shape.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        ask: &Ask<'_>,
        what: &'static str,
    ) -> Result<T, ProviderError> {
        let answer = self.perform(ask).await?;
        let body = answer.body.map_err(ProviderError::Failed)?;
        serde_json::from_slice(&body).map_err(|_| ProviderError::Malformed { what })
    }

    /// Changes something, and reads the answer as JSON of a known shape. One that cannot be read
    /// leaves open what happened.
    pub(crate) async fn change<T: DeserializeOwned>(
        &self,
        ask: &Ask<'_>,
    ) -> Result<T, ProviderError> {
        let answer = self.perform(ask).await?;
        let body = answer.body.map_err(ProviderError::Unanswered)?;
        serde_json::from_slice(&body).map_err(|_| ProviderError::Unanswered(Cause::Unreadable))
    }

    /// Sends one request and gives its answer, if it is a good one.
    pub(crate) async fn perform(&self, ask: &Ask<'_>) -> Result<Answer, ProviderError> {
        let subject = match ask.whose {
            Whose::Directory => self.admin.as_str(),
            Whose::Mailbox(address) => address,
        };
        let area = match ask.whose {
            Whose::Directory => Area::Directory,
            Whose::Mailbox(address) => Area::Mailbox(address),
        };
        let mut token = self.token(ask.whose, subject, ask.scope).await?;
        self.pace.enter(subject, ask.price).await?;
        let pass = self.gates.enter(area).await?;
        let mut answer = self.send(ask, &token).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            self.tokens.reject(subject, ask.scope, &token).await;
            token = self.token(ask.whose, subject, ask.scope).await?;
            answer = self.send(ask, &token).await?;
        }
        if answer.status.is_success() {
            self.gates.went_well(&pass);
            self.pace.went_well(subject);
            return Ok(answer);
        }
        if answer.status == StatusCode::UNAUTHORIZED {
            self.tokens.reject(subject, ask.scope, &token).await;
        }
        Err(self.refused(ask, subject, &pass, &answer))
    }

    fn refused(&self, ask: &Ask<'_>, subject: &str, pass: &Pass, answer: &Answer) -> ProviderError {
        tracing::debug!(status = answer.status.as_u16(), "Google refused a request");
        match refusal(answer, ask.intent, self.clock.now()) {
            ProviderError::Throttled { wait } => {
                let backoff = self.pace.strike(subject);
                let wait = wait.unwrap_or(backoff);
                self.gates.was_throttled(pass, Some(wait));
                ProviderError::Throttled { wait: Some(wait) }
            }
            error => error,
        }
    }

    /// A token in somebody's name.
    ///
    /// The service says in one word only that there is none: for a bad key and for a person who is
    /// suspended or unknown. Where the administrator gets one, the key is good, and it is the
    /// person.
    async fn token(
        &self,
        whose: Whose<'_>,
        subject: &str,
        scope: Scope,
    ) -> Result<Arc<Token>, ProviderError> {
        let none = match self.tokens.get(subject, scope).await {
            Ok(token) => return Ok(token),
            Err(none) => none,
        };
        let is_somebody_else = matches!(whose, Whose::Mailbox(_)) && subject != self.admin;
        if none == NoToken::Grant && is_somebody_else {
            return Err(match self.tokens.get(&self.admin, Scope::Users).await {
                Ok(_) | Err(NoToken::NotDelegated) => ProviderError::NoMailbox,
                Err(other) => other.error(),
            });
        }
        Err(none.error())
    }

    async fn send(&self, ask: &Ask<'_>, token: &Token) -> Result<Answer, ProviderError> {
        Box::pin(self.http.ask(ask.intent, || self.request(ask, token))).await
    }

    fn request(&self, ask: &Ask<'_>, token: &Token) -> Result<Request, ProviderError> {
        let unsendable = ProviderError::Failed(Cause::Unreadable);
        let mut request = self
            .http
            .request(ask.method.clone(), ask.url.clone())
            .header(AUTHORIZATION, token.header().ok_or(unsendable)?);
        request = match ask.body {
            Some(body) => request.json(body),
            // Without it, a front end answers 411 to a change that has no body.
            None if ask.intent == Intent::Write => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        request.build().map_err(|_| unsendable)
    }
}
