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
use crate::heard::{self, Heard};

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
        let parts = match turn.await {
            Ok((pass, token)) => self.together(area, urls, pass, token).await,
            Err(error) => return urls.iter().map(|_| Err(error)).collect(),
        };
        let told = parts.into_iter().map(|part| {
            part.heard.into_iter().for_each(heard::note);
            part.answer
        });
        told.collect()
    }

    /// The same for who has its turn already. What is heard of a part is for whom it is told to.
    pub(super) async fn together(
        &self,
        area: Area<'_>,
        urls: &[Url],
        pass: Pass,
        token: Arc<Token>,
    ) -> Vec<Part> {
        let questions: Vec<Ask<'_>> = urls.iter().map(|url| question(area, url.clone())).collect();
        if let [alone] = questions.as_slice() {
            return vec![Part::of(self.exchange(alone, &pass, token).await)];
        }
        let came = match self.batch(area, urls, &pass, &token).await {
            Ok(came) => came,
            Err(error) => return urls.iter().map(|_| Part::of(Err(error))).collect(),
        };
        let (mut parts, mut alone) = (Vec::with_capacity(urls.len()), Vec::new());
        for (at, (question, came)) in questions.iter().zip(came).enumerate() {
            let Some((answer, heard)) = came else {
                parts.push(Part::of(Err(ProviderError::Malformed { what: "batch" })));
                continue;
            };
            // Whether it is the token, a question that is asked alone finds out.
            if answer.status == StatusCode::UNAUTHORIZED {
                alone.push((at, question));
            }
            let answer = self.heed(question, &pass, answer, &token).await;
            parts.push(Part { answer, heard: Some(heard) });
        }
        drop(pass);
        for (at, question) in alone {
            let answer = self.answer(question).await;
            if let Some(part) = parts.get_mut(at) {
                part.answer = answer;
            }
        }
        parts
    }

    /// Sends a batch; gives what came for each item.
    async fn batch(
        &self,
        area: Area<'_>,
        urls: &[Url],
        pass: &Pass,
        token: &Arc<Token>,
    ) -> Result<Vec<Option<(Answer, Heard)>>, ProviderError> {
        let (sent, mut items, mut ids) = (self.clock.now(), Vec::new(), Vec::new());
        for (at, url) in urls.iter().enumerate() {
            let id = request_id(&*self.entropy);
            items.push(self.item(at, url, &id)?);
            ids.push(id);
        }
        let body = json!({ "requests": items });
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
        let came = urls.iter().zip(ids).enumerate().map(|(at, (url, id))| {
            let answer = by_id.remove(&at.to_string()).flatten()?;
            let heard = Heard::part(url.path(), id, &answer, sent);
            Some((answer, heard))
        });
        Ok(came.collect())
    }

    fn item(&self, at: usize, url: &Url, id: &str) -> Result<Value, ProviderError> {
        let below = url.as_str().strip_prefix(self.root.as_str());
        let below = below.and_then(|below| below.strip_prefix(VERSION));
        let below = below.ok_or(ProviderError::Failed(Cause::Unreadable))?;
        let headers = json!({ PREFER: IMMUTABLE_IDS, CLIENT_REQUEST_ID: id });
        Ok(json!({ "id": at.to_string(), "method": "GET", "url": below, "headers": headers }))
    }
}

/// One question of several, answered.
pub(super) struct Part {
    pub(super) answer: Result<Answer, ProviderError>,
    pub(super) heard: Option<Heard>,
}

impl Part {
    fn of(answer: Result<Answer, ProviderError>) -> Self {
        Self { answer, heard: None }
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
