//! A Google Workspace as far as mail needs it: one request from its octets to its answer.
//!
//! The order is: token, path, scope, whose mailbox, planned fault, concurrency, quota, and only
//! then the query and the work. What the real service is documented to refuse is refused with the
//! same status and reason. There are no threads, no history and no batches of HTTP: nobody who
//! takes mail back needs them.

mod account;
mod directory;
mod error;
mod journal;
pub(crate) mod labels;
mod messages;
mod modify;
mod query;
mod quota;
mod route;
mod token;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use serde_json::Value;

pub use self::account::ServiceAccount;
use self::error::GoogleError;
pub use self::journal::{Copy, copy};
use self::query::Query;
pub(crate) use self::quota::Quotas;
use self::quota::units;
use self::route::{Resource, Route, Work};
use self::token::Claims;
use crate::config::{Fault, UserKind};
use crate::operations::{By, Operation, OperationKind};
use crate::serve::Cut;
use crate::throttle::{Admission, Running, Throttle};
use crate::world::{Tenant, World};

/// What only a Google Workspace does one way or another; can be changed while it runs.
#[derive(Clone, Debug)]
pub struct GoogleBehaviour {
    /// The scopes that the administrator delegated to the service account.
    pub delegated: BTreeSet<String>,
    /// Addresses of those who may read the directory.
    pub admins: BTreeSet<String>,
    /// Addresses of people who are suspended: nobody gets a token in their name.
    pub suspended: BTreeSet<String>,
    /// Quota units that one user has each minute.
    pub user_units: u32,
    /// Quota units that the whole project has each minute.
    pub project_units: u32,
    /// Whether a quota that is used up answers 403, as the documents say, or 429.
    pub quota_is_forbidden: bool,
    /// Whether `untrash` brings the Inbox label back; nobody promises it.
    pub untrash_adds_inbox: bool,
    /// Whether `modify` takes the label of the Trash off.
    pub modify_untrashes: bool,
    /// Whether header fields are shown decoded.
    pub headers_decoded: bool,
}

impl Default for GoogleBehaviour {
    fn default() -> Self {
        let all = [scope::FULL, scope::MODIFY, scope::USER_READONLY, scope::MEMBER_READONLY];
        Self {
            delegated: all.map(str::to_owned).into_iter().collect(),
            admins: BTreeSet::from(["admin@gsuite.example".to_owned()]),
            suspended: BTreeSet::new(),
            user_units: 15_000,
            project_units: 1_200_000,
            quota_is_forbidden: true,
            untrash_adds_inbox: false,
            modify_untrashes: true,
            headers_decoded: true,
        }
    }
}

/// The scopes that anything here asks about.
pub mod scope {
    /// Everything, including to delete for ever.
    pub const FULL: &str = "https://mail.google.com/";
    /// Everything but to delete for ever.
    pub const MODIFY: &str = "https://www.googleapis.com/auth/gmail.modify";
    /// To read everything.
    pub const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
    /// To read header fields.
    pub const METADATA: &str = "https://www.googleapis.com/auth/gmail.metadata";
    /// To put messages into a mailbox.
    pub const INSERT: &str = "https://www.googleapis.com/auth/gmail.insert";
    /// To manage labels.
    pub const LABELS: &str = "https://www.googleapis.com/auth/gmail.labels";
    /// To change users.
    pub const USER: &str = "https://www.googleapis.com/auth/admin.directory.user";
    /// To read users.
    pub const USER_READONLY: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly";
    /// To read aliases of users.
    pub const ALIAS_READONLY: &str =
        "https://www.googleapis.com/auth/admin.directory.user.alias.readonly";
    /// To change groups.
    pub const GROUP: &str = "https://www.googleapis.com/auth/admin.directory.group";
    /// To read groups.
    pub const GROUP_READONLY: &str =
        "https://www.googleapis.com/auth/admin.directory.group.readonly";
    /// To read who is in a group.
    pub const MEMBER_READONLY: &str =
        "https://www.googleapis.com/auth/admin.directory.group.member.readonly";
}

/// Everything a Google Workspace answers.
pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/token", post(token::issue))
        .route("/gmail/{*path}", any(handle))
        .route("/upload/{*path}", any(handle))
        .route("/admin/{*path}", any(handle))
}

/// One request, read whole.
pub(crate) struct Call {
    query: String,
    headers: HeaderMap,
    body: Bytes,
    claims: Claims,
}

/// What becomes of a request.
enum Outcome {
    Answered(Response),
    Cut,
}

async fn handle(State(world): State<World>, request: Request) -> Response {
    let cut = request.extensions().get::<ConnectInfo<Cut>>().map(|info| info.0.clone());
    match answer(&world, request).await {
        Ok(Outcome::Answered(response)) => response,
        Ok(Outcome::Cut) => {
            if let Some(cut) = cut {
                cut.now();
            }
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Err(error) => {
            // What is malformed is the client's doing, whatever the world is like.
            if matches!(error.status.as_u16(), 405 | 413) {
                world.tenant().mistake("", "a request that no interface has", world.now());
            }
            error.into_response()
        }
    }
}

async fn answer(world: &World, request: Request) -> Result<Outcome, GoogleError> {
    let (parts, body) = request.into_parts();
    let claims = token::verify(world, &parts.headers)?;
    let route = Route::read(&parts.method, parts.uri.path())?;
    let body = axum::body::to_bytes(body, BODY_MAX).await.map_err(|_| {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        GoogleError::new(status, "uploadTooLarge", "INVALID_ARGUMENT", "Request Too Large")
    })?;
    let query = parts.uri.query().unwrap_or("").to_owned();
    let call = Call { query, headers: parts.headers, body, claims };
    let (work, mailbox) = open(world, &call, &route)?;
    let fault = world.tenant().fault(work.on());
    match fault {
        Some(Fault::CutBefore) => return Ok(Outcome::Cut),
        Some(Fault::Timeout504Before) => {
            return Err(GoogleError::backend(StatusCode::GATEWAY_TIMEOUT, None));
        }
        Some(Fault::Status429 { retry_after }) => {
            return Err(throttled(world, mailbox.as_deref(), retry_after));
        }
        Some(Fault::Status503 { retry_after }) => {
            return Err(GoogleError::backend(StatusCode::SERVICE_UNAVAILABLE, retry_after));
        }
        _ => {}
    }
    let _running = match mailbox.as_deref() {
        Some(user_id) => Some(admit(world, user_id, work).await?),
        None => None,
    };
    let worked = perform(world, &call, &route, mailbox.as_deref());
    match fault {
        Some(Fault::CutAfter) => Ok(Outcome::Cut),
        Some(Fault::Timeout504After) => {
            Err(GoogleError::backend(StatusCode::GATEWAY_TIMEOUT, None))
        }
        Some(Fault::MalformedBody) => Ok(Outcome::Answered(halved(worked?).await)),
        _ => worked.map(Outcome::Answered),
    }
}

/// Finds the mailbox that a request is about, if any, and whether the token may.
fn open(world: &World, call: &Call, route: &Route) -> Result<(Work, Option<String>), GoogleError> {
    let claims = &call.claims;
    let tenant = world.tenant();
    let (user, work) = match route {
        Route::Directory(resource) => {
            if !claims.has_one_of(resource.scopes()) {
                return Err(GoogleError::no_scope());
            }
            let subject = claims.sub.to_ascii_lowercase();
            return match tenant.behaviour.google.admins.contains(&subject) {
                true => Ok((Work::Directory, None)),
                false => Err(GoogleError::not_an_admin()),
            };
        }
        Route::Mail { user, work, .. } => (user, *work),
    };
    if !claims.has_one_of(work.scopes()) {
        return Err(GoogleError::no_scope());
    }
    if user != "me" && !user.eq_ignore_ascii_case(&claims.sub) {
        return Err(GoogleError::not_delegated(user));
    }
    let found = tenant.users.iter().find(|it| token::is_subject(it, &claims.sub));
    let found = found.ok_or_else(GoogleError::no_gmail)?;
    match found.kind {
        UserKind::Cloud | UserKind::Shared => Ok((work, Some(found.id.clone()))),
        UserKind::NoMailbox | UserKind::OnPremises => Err(GoogleError::no_gmail()),
    }
}

/// Lets a request in at a mailbox and waits as long as its answer takes.
async fn admit(world: &World, user_id: &str, work: Work) -> Result<Running, GoogleError> {
    let (running, latency) = {
        let now = world.now();
        let mut tenant = world.tenant();
        let behaviour = tenant.behaviour.clone();
        let wait = behaviour.retry_after_seconds;
        let latency = tenant.random.within(&behaviour.latency_ms);
        note_impatience(&mut tenant, user_id, now);
        let throttle =
            tenant.throttles.entry(user_id.to_owned()).or_insert_with(|| Throttle::new(now));
        let admission = throttle.admit(now, &behaviour);
        if admission != Admission::Admitted {
            throttle.tell_to_wait(now, wait);
            return Err(GoogleError::too_many(wait));
        }
        let running = Running { world: world.clone(), user_id: user_id.to_owned() };
        let taken = tenant.quotas.take(user_id, units(work), now, &behaviour.google, wait);
        if let Err(error) = taken {
            if let Some(throttle) = tenant.throttles.get_mut(user_id) {
                throttle.tell_to_wait(now, wait);
            }
            // Its end takes the lock again.
            drop(tenant);
            drop(running);
            return Err(error);
        }
        (running, latency)
    };
    world.in_flight_changed();
    world.until_released().await;
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    Ok(running)
}

fn note_impatience(tenant: &mut Tenant, user_id: &str, now: jiff::Timestamp) {
    if tenant.throttles.get(user_id).is_some_and(|throttle| throttle.is_early(now)) {
        tenant.record(Operation {
            at: now,
            user_id: user_id.to_owned(),
            item: String::new(),
            by: By::Application,
            kind: OperationKind::Impatient,
        });
    }
}

fn throttled(world: &World, user_id: Option<&str>, retry_after: Option<u32>) -> GoogleError {
    if let Some(user_id) = user_id {
        let now = world.now();
        let mut tenant = world.tenant();
        note_impatience(&mut tenant, user_id, now);
        let throttle =
            tenant.throttles.entry(user_id.to_owned()).or_insert_with(|| Throttle::new(now));
        throttle.tell_to_wait(now, retry_after);
    }
    GoogleError::too_many(retry_after)
}

fn perform(
    world: &World,
    call: &Call,
    route: &Route,
    mailbox: Option<&str>,
) -> Result<Response, GoogleError> {
    let now = world.now();
    let mut tenant = world.tenant();
    let (message, work, user_id) = match (route, mailbox) {
        (Route::Mail { message, work, .. }, Some(user_id)) => (message, *work, user_id),
        (Route::Directory(resource), _) => {
            return match resource {
                Resource::User(key) => directory::user(world, &tenant, call, key),
                Resource::Users => directory::users(world, &tenant, call),
                Resource::Aliases(key) => directory::aliases(&tenant, call, key),
                Resource::Group(key) => directory::group(&tenant, call, key),
                Resource::Groups => directory::groups(&tenant, call),
                Resource::Members(key) => directory::members(&tenant, call, key),
            };
        }
        (Route::Mail { .. }, None) => return Err(GoogleError::no_gmail()),
    };
    let at = messages::Place { user_id, now };
    let worked = match work {
        Work::Profile => messages::profile(&tenant, call, &at),
        Work::Labels => messages::labels(&tenant, call, &at),
        Work::List => messages::list(&tenant, call, &at),
        Work::Get => messages::one(&tenant, call, &at, message),
        Work::Insert => messages::insert(&mut tenant, call, &at, world),
        Work::Modify => modify::modify(&mut tenant, call, &at, message),
        Work::Trash => modify::trash(&mut tenant, call, &at, message),
        Work::Untrash => modify::untrash(&mut tenant, call, &at, message),
        Work::Delete => modify::delete(&mut tenant, call, &at, message),
        Work::BatchModify => modify::batch_modify(&mut tenant, call, &at),
        Work::BatchDelete => modify::batch_delete(&mut tenant, call, &at),
        Work::Directory => Err(GoogleError::no_path()),
    };
    let moves = matches!(work, Work::Modify | Work::Trash | Work::Untrash | Work::Delete);
    if let Err(error) = &worked {
        let (user_id, item) = (user_id.to_owned(), message.clone());
        if error.status == StatusCode::BAD_REQUEST {
            tenant.mistake(&user_id, "an argument that is not valid", now);
        } else if moves {
            let kind = OperationKind::Refused;
            tenant.record(Operation { at: now, user_id, item, by: By::Application, kind });
        }
    }
    worked
}

/// A JSON answer in the service's own content type.
fn json(status: StatusCode, body: &Value) -> Response {
    let octets = serde_json::to_vec(body).unwrap_or_default();
    let mut response = (status, octets).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// The same answer with half its body.
async fn halved(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let octets = axum::body::to_bytes(body, BODY_MAX).await.unwrap_or_default();
    let half = octets.slice(..octets.len() / 2);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(half))
}

const JSON: &str = "application/json; charset=UTF-8";
/// Gmail takes messages of 36,700,160 octets, which base64 makes a third longer.
const BODY_MAX: usize = 64 * 1024 * 1024;
