//! Microsoft Graph v1.0 as far as mail needs it: one request from its octets to its answer.
//!
//! The order is: token, path, permission, mailbox, planned fault, throttling, and only then the
//! query and the work. Every answer bears a `request-id`, refusals too. What a batch holds goes the
//! same way, item by item.
//!
//! A path is split before it is unescaped, so an id with a bare `/` or `+` in it is malformed.

mod actions;
mod admission;
mod batch;
mod directory;
mod error;
mod folders;
mod groups;
mod messages;
mod route;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::time::Instant;

use self::admission::Arrival;
use self::error::{GraphError, RequestIds};
use self::route::{Resource, Route, Work};
use crate::config::{Fault, Permission, UserKind};
use crate::ids::IdType;
use crate::operations::{By, Operation, OperationKind};
use crate::serve::Cut;
use crate::token::{self, Claims};
use crate::world::World;

/// One request, read whole.
pub(crate) struct Call {
    method: Method,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    root: String,
    arrival: Arrival,
}

impl Call {
    /// Which ids the client asked for with `Prefer`.
    // spec: graph:outlook-immutable-id
    fn id_type(&self) -> IdType {
        let asks = |value: &HeaderValue| {
            let Ok(text) = value.to_str() else { return false };
            text.split([',', ';'])
                .any(|preference| preference.trim().eq_ignore_ascii_case("IdType=\"ImmutableId\""))
        };
        match self.headers.get_all(PREFER).iter().any(asks) {
            true => IdType::Immutable,
            false => IdType::Regular,
        }
    }
}

/// What becomes of a request.
enum Outcome {
    Answered(Response),
    Cut,
}

/// The root of the service as the client of this request should write it.
pub(crate) fn graph_root(world: &World, headers: &HeaderMap) -> String {
    if let Some(root) = &world.config().graph_root {
        return root.clone();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// Answers one request to `/v1.0/…`.
pub(crate) async fn handle(State(world): State<World>, request: Request) -> Response {
    let began = Instant::now();
    let cut = request.extensions().get::<ConnectInfo<Cut>>().map(|info| info.0.clone());
    let (parts, body) = request.into_parts();
    let root = graph_root(&world, &parts.headers);
    let ids = RequestIds::of(&world, &parts.headers);
    let number = note_round_trip(&world, &parts.headers);
    let arrival = Arrival { at: world.now(), began, number };
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        let error = GraphError::new(StatusCode::PAYLOAD_TOO_LARGE, "BadRequest", "Too large.");
        return ids.stamp(error.into_response(&world, &ids, &root));
    };
    let call = Call {
        method: parts.method,
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body,
        root,
        arrival,
    };
    let outcome = match parts.uri.path() {
        batch::PATH => batch::answer(&world, &call).await,
        path => answer(&world, &call, path).await,
    };
    let response = match outcome {
        Ok(Outcome::Answered(response)) => response,
        Ok(Outcome::Cut) => {
            if let Some(cut) = cut {
                cut.now();
            }
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Err(error) => error.into_response(&world, &ids, &call.root),
    };
    ids.stamp(response)
}

/// Counts a request as it comes over the wire; gives its number.
fn note_round_trip(world: &World, headers: &HeaderMap) -> u64 {
    let mut tenant = world.tenant();
    tenant.traffic.round_trips += 1;
    // Nothing refuses such a request; but nobody could find out later what became of it.
    if !headers.contains_key(error::CLIENT_REQUEST_ID) {
        tenant.mistake("", "a request without client-request-id", world.now());
    }
    tenant.traffic.round_trips
}

async fn answer(world: &World, call: &Call, path: &str) -> Result<Outcome, GraphError> {
    let claims = token::verify(world, &call.headers).map_err(GraphError::unauthenticated)?;
    let route = Route::read(&call.method, path)?;
    let on = route.work.on();
    world.tenant().traffic.called(on);
    let mailbox = open(world, &claims, &route)?;
    let fault = {
        let mut tenant = world.tenant();
        let fault = tenant.fault(on);
        if let Some(fault) = fault {
            *tenant.traffic.faults.entry(fault.name()).or_default() += 1;
        }
        fault
    };
    match fault {
        Some(Fault::CutBefore) => return Ok(Outcome::Cut),
        Some(Fault::Timeout504Before) => return Err(GraphError::timeout()),
        _ => {}
    }
    if let Some(refused) =
        fault.and_then(|fault| admission::refused(world, call, mailbox.as_deref(), fault))
    {
        return Err(refused);
    }
    let _admitted = admission::admit(world, call, mailbox.as_deref()).await?;
    let worked = work(world, call, &route, mailbox.as_deref());
    match fault {
        Some(Fault::CutAfter) => Ok(Outcome::Cut),
        Some(Fault::Timeout504After) => Err(GraphError::timeout()),
        Some(Fault::MalformedBody) => Ok(Outcome::Answered(halved(worked?).await)),
        _ => worked.map(Outcome::Answered),
    }
}

/// Finds the mailbox that a request is about, if any, and whether the token may.
fn open(world: &World, claims: &Claims, route: &Route) -> Result<Option<String>, GraphError> {
    let may = |permission| claims.grants(permission);
    let may_read = may(Permission::MailReadWrite) || may(Permission::MailRead);
    let Some(user) = &route.user else {
        let permission = match route.resource {
            Resource::Organization => Permission::OrganizationReadAll,
            Resource::Groups | Resource::Group(_) | Resource::Members(..) => {
                Permission::GroupMemberReadAll
            }
            _ => Permission::UserReadAll,
        };
        return if may(permission) { Ok(None) } else { Err(GraphError::directory_denied()) };
    };
    if route.resource == Resource::User {
        return match may(Permission::UserReadAll) {
            true => Ok(None),
            false => Err(GraphError::directory_denied()),
        };
    }
    let allowed = if route.work.writes() { may(Permission::MailReadWrite) } else { may_read };
    if !allowed {
        return Err(GraphError::access_denied(
            "Access is denied. Check credentials and try again.",
        ));
    }
    let tenant = world.tenant();
    let user = tenant.user(user).ok_or_else(|| GraphError::no_such_user(user))?;
    match user.kind {
        UserKind::NoMailbox => Err(GraphError::no_mailbox()),
        UserKind::OnPremises => Err(GraphError::on_premises()),
        UserKind::Cloud | UserKind::Shared => {
            if tenant.behaviour.denied_mailboxes.contains(&user.id) {
                return Err(GraphError::access_denied("Access to OData is disabled."));
            }
            Ok(Some(user.id.clone()))
        }
    }
}

fn work(
    world: &World,
    call: &Call,
    route: &Route,
    mailbox: Option<&str>,
) -> Result<Response, GraphError> {
    let now = world.now();
    let mut tenant = world.tenant();
    let Some(user_id) = mailbox else {
        return match &route.resource {
            Resource::Organization => directory::organization(world, call),
            Resource::User => directory::user(&tenant, call, route.user.as_deref().unwrap_or("")),
            Resource::Groups => groups::list(&tenant, call),
            Resource::Group(id) => groups::one(&tenant, call, id),
            Resource::Members(id, members) => groups::members(&tenant, call, id, *members),
            _ => directory::users(&tenant, call),
        };
    };
    let at = messages::Place { user_id, now };
    let worked = match (&route.resource, route.work) {
        (Resource::Folders, _) => folders::list(&tenant, call, &at),
        (Resource::Folder(folder), _) => folders::one(&tenant, call, &at, folder),
        (Resource::Messages(folder), Work::Create) => {
            actions::create(&mut tenant, call, &at, folder.as_ref(), world)
        }
        (Resource::Messages(folder), _) => messages::list(&tenant, call, &at, folder.as_ref()),
        (Resource::Message(id), Work::Get) => messages::one(&tenant, call, &at, id),
        (Resource::Message(id), Work::GetValue) => messages::value(world, &tenant, call, &at, id),
        (Resource::Message(id), Work::Move) => actions::relocate(&mut tenant, call, &at, id),
        (Resource::Message(id), Work::Patch) => actions::patch(&mut tenant, call, &at, id),
        (Resource::Message(id), Work::PermanentDelete) => {
            actions::permanent_delete(&mut tenant, call, &at, id)
        }
        (Resource::Message(id), Work::Delete) => actions::delete(&mut tenant, call, &at, id),
        _ => Err(GraphError::no_segment("messages")),
    };
    if let (Err(_), Resource::Message(id)) = (&worked, &route.resource)
        && matches!(route.work, Work::Move | Work::PermanentDelete | Work::Delete)
    {
        let (user_id, item) = (user_id.to_owned(), id.text.clone());
        let kind = OperationKind::Refused;
        tenant.record(Operation { at: now, user_id, item, by: By::Application, kind });
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
    let octets = axum::body::to_bytes(body, HALVED_MAX).await.unwrap_or_default();
    let half = octets.slice(..octets.len() / 2);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(half))
}

const PREFER: HeaderName = HeaderName::from_static("prefer");
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const BODY_MAX: usize = 4 * 1024 * 1024;
const HALVED_MAX: usize = 256 * 1024 * 1024;
