//! `POST /$batch`: up to twenty requests in one.
//!
//! Each item is a request of its own: it is counted, throttled and failed as one that came alone,
//! and bears headers of its own. The answers come in any order. Up to four items run at once. An
//! item whose connection would be cut cuts that of the batch, and one whose body would be halved
//! is missing from the answer.
// spec: graph:json-batching

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::error::{GraphError, RequestIds};
use super::{Call, Outcome};
use crate::config::{Fault, On};
use crate::token;
use crate::world::World;

/// Where batches go.
pub(crate) const PATH: &str = "/v1.0/$batch";

/// One request of a batch.
struct Item {
    id: String,
    after: BTreeSet<String>,
    request: Result<(Call, String), GraphError>,
}

/// What became of one request.
enum Done {
    Answered(Json),
    Cut,
    Lost,
}

/// Answers a batch.
pub(crate) async fn answer(world: &World, call: &Call) -> Result<Outcome, GraphError> {
    token::verify(world, &call.headers).map_err(GraphError::unauthenticated)?;
    if call.method != Method::POST {
        return Err(GraphError::method_not_allowed());
    }
    let items = read(call)?;
    let fault = {
        let mut tenant = world.tenant();
        tenant.traffic.batches += 1;
        tenant.fault(On::Batch)
    };
    match fault {
        Some(Fault::CutBefore) => return Ok(Outcome::Cut),
        Some(Fault::Status429 { retry_after }) => return Err(GraphError::too_many(retry_after)),
        Some(Fault::Status503 { retry_after }) => return Err(GraphError::unavailable(retry_after)),
        _ => {}
    }
    let done = run(world, items).await;
    let is_cut = fault == Some(Fault::CutAfter) || done.iter().any(|it| matches!(it, Done::Cut));
    if is_cut {
        return Ok(Outcome::Cut);
    }
    let mut answers: Vec<Json> = done
        .into_iter()
        .filter_map(|done| if let Done::Answered(answer) = done { Some(answer) } else { None })
        .collect();
    world.tenant().random.shuffle(&mut answers);
    if fault == Some(Fault::Timeout504After) {
        return Err(GraphError::timeout());
    }
    let response = super::json(StatusCode::OK, &json!({ "responses": answers }));
    Ok(Outcome::Answered(match fault {
        Some(Fault::MalformedBody) => super::halved(response).await,
        _ => response,
    }))
}

/// Runs what may run, four at once, each after those it depends on.
async fn run(world: &World, items: Vec<Item>) -> Vec<Done> {
    let (mut waiting, mut running) = (items, JoinSet::new());
    let (mut statuses, mut done) = (HashMap::<String, StatusCode>::new(), Vec::new());
    loop {
        while running.len() < AT_ONCE_MAX {
            let is_ready = |item: &Item| item.after.iter().all(|id| statuses.contains_key(id));
            let Some(at) = waiting.iter().position(is_ready) else { break };
            let item = waiting.remove(at);
            let has_failed = |id: &String| statuses.get(id).is_none_or(|it| !it.is_success());
            let request = match item.after.iter().any(has_failed) {
                true => Err(GraphError::dependency()),
                false => item.request,
            };
            running.spawn(one(world.clone(), item.id, request));
        }
        // Nothing runs and nothing is ready: what is left waits for itself.
        let Some(ended) = running.join_next().await else { break };
        let Ok((id, status, outcome)) = ended else { continue };
        statuses.insert(id.to_ascii_lowercase(), status);
        done.push(outcome);
    }
    done
}

async fn one(
    world: World,
    id: String,
    request: Result<(Call, String), GraphError>,
) -> (String, StatusCode, Done) {
    let (call, path) = match request {
        Ok((mut call, path)) => {
            call.arrival.began = Instant::now();
            (call, path)
        }
        Err(error) => {
            let ids = RequestIds::of(&world, &HeaderMap::new());
            let response = ids.stamp(error.into_response(&world, &ids, ""));
            let (status, answer) = told(&id, response).await;
            return (id, status, answer.map_or(Done::Lost, Done::Answered));
        }
    };
    let ids = RequestIds::of(&world, &call.headers);
    let response = match super::answer(&world, &call, &path).await {
        Ok(Outcome::Answered(response)) => response,
        Ok(Outcome::Cut) => return (id, StatusCode::GATEWAY_TIMEOUT, Done::Cut),
        Err(error) => error.into_response(&world, &ids, &call.root),
    };
    let (status, answer) = told(&id, ids.stamp(response)).await;
    (id, status, answer.map_or(Done::Lost, Done::Answered))
}

/// An answer as it stands in the answer of the batch; none where its body is no good.
async fn told(id: &str, response: Response) -> (StatusCode, Option<Json>) {
    let (parts, body) = response.into_parts();
    let octets = axum::body::to_bytes(body, BODY_MAX).await.unwrap_or_default();
    let is_json = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("application/json")));
    let body = match (octets.is_empty(), is_json) {
        (true, _) => Some(Json::Null),
        (false, true) => serde_json::from_slice(&octets).ok(),
        (false, false) => Some(Json::String(STANDARD.encode(&octets))),
    };
    let headers: BTreeMap<String, &str> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((titled(name), value.to_str().ok()?)))
        .collect();
    let answer = body.map(|body| {
        let mut answer = json!({ "id": id, "status": parts.status.as_u16(), "headers": headers });
        if !body.is_null() {
            super::directory::set(&mut answer, "body", body);
        }
        answer
    });
    (parts.status, answer)
}

/// `retry-after` as `Retry-After`: names in a batch are text, and are not compared by HTTP.
fn titled(name: &HeaderName) -> String {
    let mut starts = true;
    let letter = |letter: char| {
        let shown = if starts { letter.to_ascii_uppercase() } else { letter };
        starts = letter == '-';
        shown
    };
    name.as_str().chars().map(letter).collect()
}

/// The items of a batch. What is wrong with one item is told in its place; what makes the whole
/// unclear refuses the whole.
fn read(call: &Call) -> Result<Vec<Item>, GraphError> {
    let bad = |message: &str| GraphError::bad_request(message);
    let body: Json = serde_json::from_slice(&call.body)
        .map_err(|_| bad("Unable to read JSON request payload."))?;
    let requests = body.get("requests").and_then(Json::as_array);
    let requests = requests.ok_or_else(|| bad("Invalid batch payload format."))?;
    if requests.len() > ITEMS_MAX {
        let message = "Number of batch request steps exceeds the maximum value of 20.";
        return Err(GraphError::new(StatusCode::BAD_REQUEST, "MaximumValueExceeded", message));
    }
    if requests.is_empty() {
        return Err(bad("Invalid batch payload format."));
    }
    let (mut items, mut ids) = (Vec::new(), BTreeSet::new());
    for request in requests {
        let request = request.as_object().ok_or_else(|| bad("Invalid batch payload format."))?;
        let id = request.get("id").and_then(Json::as_str).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| bad("Request 'id' must be a non-empty string."))?;
        if !ids.insert(id.to_ascii_lowercase()) {
            return Err(bad(&format!("Duplicate request id '{id}' found in batch.")));
        }
        let after = dependencies(request, &ids, id)?;
        items.push(Item { id: id.to_owned(), after, request: item(call, request) });
    }
    Ok(items)
}

/// What an item waits for: items that stand before it.
fn dependencies(
    request: &Map<String, Json>,
    known: &BTreeSet<String>,
    id: &str,
) -> Result<BTreeSet<String>, GraphError> {
    let Some(named) = request.get("dependsOn") else { return Ok(BTreeSet::new()) };
    let bad = || GraphError::bad_request("Invalid 'dependsOn' of a request in the batch.");
    let mut after = BTreeSet::new();
    for name in named.as_array().ok_or_else(bad)? {
        let name = name.as_str().ok_or_else(bad)?.to_ascii_lowercase();
        if !known.contains(&name) || name.eq_ignore_ascii_case(id) {
            return Err(bad());
        }
        after.insert(name);
    }
    Ok(after)
}

/// One item as a request, and its path.
fn item(batch: &Call, request: &Map<String, Json>) -> Result<(Call, String), GraphError> {
    let text = |name: &str| request.get(name).and_then(Json::as_str);
    let method = text("method").and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    let method = method.ok_or_else(|| GraphError::bad_request("Invalid request method."))?;
    let url = text("url").filter(|url| url.starts_with('/') && !url.starts_with("/$batch"));
    let url = url.ok_or_else(|| GraphError::bad_request("Invalid request URL."))?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers = HeaderMap::new();
    for (name, value) in request.get("headers").and_then(Json::as_object).into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let pair = name.zip(value);
        let (name, value) = pair.ok_or_else(|| GraphError::bad_request("Invalid header."))?;
        headers.append(name, value);
    }
    let body = request.get("body").filter(|body| !body.is_null());
    if body.is_some() && !headers.contains_key(header::CONTENT_TYPE) {
        let message =
            "Write requests (excluding DELETE) must contain the Content-Type header declaration.";
        return Err(GraphError::bad_request(message));
    }
    if !headers.contains_key(header::AUTHORIZATION)
        && let Some(token) = batch.headers.get(header::AUTHORIZATION)
    {
        headers.insert(header::AUTHORIZATION, token.clone());
    }
    let body = body.map(|body| serde_json::to_vec(body).unwrap_or_default());
    let call = Call {
        method,
        query: query.to_owned(),
        headers,
        body: Bytes::from(body.unwrap_or_default()),
        root: batch.root.clone(),
        arrival: batch.arrival,
    };
    Ok((call, format!("/v1.0{path}")))
}

const AT_ONCE_MAX: usize = 4;
const BODY_MAX: usize = 64 * 1024 * 1024;
const ITEMS_MAX: usize = 20;
