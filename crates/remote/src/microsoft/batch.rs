//! Several questions in one request, each with an answer of its own.
//!
//! Only questions go together, never changes: of a batch that brings no answer nobody knows which
//! of its items were carried out. Each item has its own status and its own time to wait; one that
//! is missing, or that came twice, was not answered. The service counts items one by one and runs
//! four at once, so a batch takes as many places as that.
// spec: graph:json-batching

use std::collections::HashMap;
use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::call::{Ask, CLIENT_REQUEST_ID, Caller, IMMUTABLE_IDS, PREFER, request_id};
use super::token::Token;
use crate::client::{Answer, Intent};
use crate::error::{Cause, ProviderError};
use crate::gate::{Area, Pass};

impl Caller {
    /// Asks several things at once; gives an answer for each, in the order of the questions, good
    /// or not, as for one that is asked alone.
    pub(crate) async fn ask_together(
        &self,
        area: Area<'_>,
        urls: &[Url],
    ) -> Vec<Result<Answer, ProviderError>> {
        let turn = async {
            let token = self.tokens.get().await?;
            let pass = self.gates.enter_with(area, urls.len().min(AT_ONCE)).await?;
            Ok((pass, token))
        };
        match turn.await {
            Ok((pass, token)) => self.together(area, urls, pass, token).await,
            Err(error) => urls.iter().map(|_| Err(error)).collect(),
        }
    }

    /// The same for who has its turn already.
    pub(super) async fn together(
        &self,
        area: Area<'_>,
        urls: &[Url],
        pass: Pass,
        token: Arc<Token>,
    ) -> Vec<Result<Answer, ProviderError>> {
        let questions: Vec<Ask<'_>> = urls.iter().map(|url| question(area, url.clone())).collect();
        if let [alone] = questions.as_slice() {
            return vec![self.exchange(alone, &pass, token).await];
        }
        let answers = match self.batch(area, urls, &pass, &token).await {
            Ok(answers) => answers,
            Err(error) => return urls.iter().map(|_| Err(error)).collect(),
        };
        let mut heeded = Vec::with_capacity(urls.len());
        for (question, answer) in questions.iter().zip(answers) {
            heeded.push(match answer {
                // Whether it is the token, a question that is asked alone finds out.
                Some(answer) if answer.status == StatusCode::UNAUTHORIZED => None,
                Some(answer) => Some(self.heed(question, &pass, answer, &token).await),
                None => Some(Err(ProviderError::Malformed { what: "batch" })),
            });
        }
        drop(pass);
        let mut answers = Vec::with_capacity(urls.len());
        for (question, answer) in questions.iter().zip(heeded) {
            answers.push(match answer {
                Some(answer) => answer,
                None => self.answer(question).await,
            });
        }
        answers
    }

    /// Sends a batch; gives what came for each item.
    async fn batch(
        &self,
        area: Area<'_>,
        urls: &[Url],
        pass: &Pass,
        token: &Arc<Token>,
    ) -> Result<Vec<Option<Answer>>, ProviderError> {
        let items: Result<Vec<Value>, _> =
            urls.iter().enumerate().map(|(at, url)| self.item(at, url)).collect();
        let body = json!({ "requests": items? });
        let url = Url::parse(&format!("{}{PATH}", self.root.as_str()));
        let url = url.map_err(|_| ProviderError::Failed(Cause::Unreadable))?;
        let (intent, method) = (Intent::Read, Method::POST);
        let ask = Ask { area, intent, method, url, body: Some(&body) };
        let (mut answer, token) = self.sent(&ask, Arc::clone(token)).await?;
        // That a batch was taken says nothing of what it asks about.
        if !answer.status.is_success() {
            answer = self.heed(&ask, pass, answer, &token).await?;
        }
        let answers: Answers = self.read_from(answer, "batch")?;
        let mut by_id: HashMap<String, Option<Answer>> = HashMap::new();
        for response in answers.responses {
            let (id, answer) = response.read();
            // A second answer makes the first one worthless.
            by_id.entry(id).and_modify(|known| *known = None).or_insert(answer);
        }
        Ok((0..urls.len()).map(|at| by_id.remove(&at.to_string()).flatten()).collect())
    }

    fn item(&self, at: usize, url: &Url) -> Result<Value, ProviderError> {
        let below = url.as_str().strip_prefix(self.root.as_str());
        let below = below.and_then(|below| below.strip_prefix(VERSION));
        let below = below.ok_or(ProviderError::Failed(Cause::Unreadable))?;
        let headers = json!({
            PREFER: IMMUTABLE_IDS,
            CLIENT_REQUEST_ID: request_id(&*self.entropy),
        });
        Ok(json!({ "id": at.to_string(), "method": "GET", "url": below, "headers": headers }))
    }
}

fn question(area: Area<'_>, url: Url) -> Ask<'_> {
    Ask { area, intent: Intent::Read, method: Method::GET, url, body: None }
}

#[derive(Deserialize)]
struct Answers {
    responses: Vec<Response>,
}

#[derive(Deserialize)]
struct Response {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Option<HashMap<String, Value>>,
    #[serde(default)]
    body: Value,
}

impl Response {
    /// The answer as one that came alone; none where its status is no status.
    fn read(self) -> (String, Option<Answer>) {
        let Ok(status) = StatusCode::from_u16(self.status) else { return (self.id, None) };
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.unwrap_or_default() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let name = HeaderName::from_bytes(name.as_bytes()).ok();
            if let Some((name, value)) = name.zip(HeaderValue::from_str(&text).ok()) {
                headers.insert(name, value);
            }
        }
        let body = serde_json::to_vec(&self.body).map_err(|_| Cause::Unreadable);
        (self.id, Some(Answer { status, headers, body }))
    }
}

/// Items that the service runs at once.
pub(super) const AT_ONCE: usize = 4;
/// Items that a batch may have.
pub(super) const ITEMS_MAX: usize = 20;
const VERSION: &str = "/v1.0";
/// A path in which the dollar sign is not to be escaped.
const PATH: &str = "/v1.0/$batch";
