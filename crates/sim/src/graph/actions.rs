//! Changing messages: move, permanent delete, delete, and their properties.
//!
//! A move makes a new item id, also into the folder where the message already lies; the old id is
//! not found from then on. A permanent delete puts the message out of this interface's reach.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::Call;
use super::error::GraphError;
use super::folders;
use super::messages::{Place, whole};
use super::route::Id;
use crate::content::Content;
use crate::ids::IdType;
use crate::mailbox::{Folder, Item, Marks};
use crate::odata::Query;
use crate::operations::{By, Operation, OperationKind};
use crate::world::{Put, Tenant, World};

/// `POST …/messages/{id}/move`
// spec: graph:message-move
pub(crate) fn relocate(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    Query::read(&call.query, &[])?;
    let body = object(call)?;
    let destination = match body.get("destinationId").or_else(|| body.get("DestinationId")) {
        Some(Json::String(destination)) if body.len() == 1 => destination,
        _ => {
            let message = "The value of the parameter 'DestinationId' is empty or missing.";
            let status = StatusCode::BAD_REQUEST;
            return Err(GraphError::new(status, "ErrorInvalidRequest", message));
        }
    };
    let serial = at.find(tenant, call, id)?;
    let to = folders::named(at.mailbox(tenant)?, destination)?;
    change(tenant, at, serial, |item| {
        let from = item.folder;
        item.relocate(to, at.now);
        OperationKind::Moved { from, to }
    })?;
    whole(tenant, call, at, serial, StatusCode::CREATED, None)
}

/// `POST …/messages`, with the MIME of a message: makes a draft.
///
/// What the service takes out of it is not documented; here it is every field that its own
/// transport writes, so that nobody relies on them.
// spec: graph:user-post-messages
pub(crate) fn create(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    folder: Option<&Id>,
    world: &World,
) -> Result<Response, GraphError> {
    Query::read(&call.query, &[])?;
    media_type(call, "text/plain")?;
    let invalid = |code| {
        let message = "Invalid base64 string for MIME content.";
        GraphError::new(StatusCode::BAD_REQUEST, code, message)
    };
    let raw = STANDARD.decode(call.body.trim_ascii());
    let raw = raw.map_err(|_| invalid("ErrorMimeContentInvalidBase64String"))?;
    let content = Content::read(without_transport_fields(&raw));
    if content.headers.is_empty() {
        return Err(invalid("ErrorMimeContentInvalid"));
    }
    let mailbox = at.mailbox(tenant)?;
    let folder = folder.map_or(Ok(Folder::Drafts), |id| folders::named(mailbox, &id.text))?;
    let put = Put {
        content: &Arc::new(content),
        received: at.now,
        labels: None,
        draft_in: Some(folder),
        by: By::Application,
    };
    tenant.put(at.user_id, put, at.now, world.config().items_per_mailbox_max);
    whole(tenant, call, at, tenant.serial, StatusCode::CREATED, None)
}

fn without_transport_fields(raw: &[u8]) -> Vec<u8> {
    let (mut out, mut in_header, mut dropping) = (Vec::with_capacity(raw.len()), true, false);
    for line in raw.split_inclusive(|octet| *octet == b'\n') {
        in_header &= !line.trim_ascii().is_empty();
        if in_header {
            let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
            let name = line.get(..TRANSPORT.len()).unwrap_or_default();
            dropping = if is_folded { dropping } else { name.eq_ignore_ascii_case(TRANSPORT) };
        }
        if !(in_header && dropping) {
            out.extend_from_slice(line);
        }
    }
    out
}

/// `POST …/messages/{id}/permanentDelete`
// spec: graph:message-permanentdelete
pub(crate) fn permanent_delete(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    Query::read(&call.query, &[])?;
    if !tenant.behaviour.permanent_delete {
        return Err(GraphError::no_segment("permanentDelete"));
    }
    let serial = at.find(tenant, call, id)?;
    change(tenant, at, serial, |item| {
        let from = item.folder;
        item.relocate(Folder::Purges, at.now);
        OperationKind::PermanentlyDeleted { from }
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE …/messages/{id}`
pub(crate) fn delete(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    Query::read(&call.query, &[])?;
    let serial = at.find(tenant, call, id)?;
    unchanged_since(tenant, call, at, serial)?;
    let to = tenant.behaviour.delete_target;
    let lies_in = at.mailbox(tenant)?.get(serial).map(|item| item.folder);
    if lies_in == Some(Folder::Deletions) {
        let status = StatusCode::BAD_REQUEST;
        return Err(GraphError::new(
            status,
            "ErrorCannotDeleteObject",
            "Object cannot be deleted.",
        ));
    }
    change(tenant, at, serial, |item| {
        let from = item.folder;
        item.relocate(to, at.now);
        OperationKind::Moved { from, to }
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `PATCH …/messages/{id}`
// spec: graph:message-update
pub(crate) fn patch(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    Query::read(&call.query, &[])?;
    let body = object(call)?;
    let serial = at.find(tenant, call, id)?;
    unchanged_since(tenant, call, at, serial)?;
    let item = at.mailbox(tenant)?.get(serial).ok_or_else(GraphError::item_not_found)?;
    let marks = marked(item.marks.clone(), &body)?;
    change(tenant, at, serial, |item| {
        item.marks = marks;
        item.touch(at.now);
        OperationKind::Patched
    })?;
    whole(tenant, call, at, serial, StatusCode::OK, None)
}

/// Whether a request that writes says that its body is of this type.
fn media_type(call: &Call, wanted: &str) -> Result<(), GraphError> {
    let Some(kind) = call.headers.get(header::CONTENT_TYPE) else {
        let message =
            "Write requests (excluding DELETE) must contain the Content-Type header declaration.";
        return Err(GraphError::bad_request(message));
    };
    let kind = kind.to_str().unwrap_or("").split(';').next().unwrap_or("").trim();
    if !kind.eq_ignore_ascii_case(wanted) {
        let message = format!("The media type '{kind}' is not supported.");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(GraphError::new(status, "UnsupportedMediaType", message));
    }
    Ok(())
}

/// The JSON object of a request that writes.
fn object(call: &Call) -> Result<Map<String, Json>, GraphError> {
    media_type(call, "application/json")?;
    match serde_json::from_slice(&call.body) {
        Ok(Json::Object(mut map)) => {
            // Microsoft's own client says of each object what it is.
            map.retain(|name, _| !name.starts_with("@odata."));
            Ok(map)
        }
        _ => Err(GraphError::bad_request("Unable to read JSON request payload.")),
    }
}

/// The marks with what a request sets; all of it or an error.
fn marked(mut marks: Marks, body: &Map<String, Json>) -> Result<Marks, GraphError> {
    for (name, value) in body {
        let is_valid = match (name.as_str(), value) {
            ("isRead", Json::Bool(is_read)) => {
                marks.is_read = *is_read;
                true
            }
            ("categories", Json::Array(list)) => {
                let names = list.iter().map(|name| name.as_str().map(str::to_owned));
                let names: Option<Vec<_>> = names.collect();
                let fits = names.as_ref().is_some_and(|names| names.len() <= CATEGORIES_MAX);
                marks.categories = names.unwrap_or_default();
                fits
            }
            ("flag", Json::Object(flag)) => {
                let status = flag.get("flagStatus").and_then(Json::as_str);
                let said = flag.iter().filter(|(name, _)| !name.starts_with("@odata."));
                marks.flag = said.map(|(name, it)| (name.clone(), it.clone())).collect();
                status.is_some_and(|status| FLAGS.contains(&status))
            }
            ("importance", Json::String(text)) => {
                marks.importance = text.clone();
                ["low", "normal", "high"].contains(&text.as_str())
            }
            ("inferenceClassification", Json::String(text)) => {
                marks.inference = text.clone();
                ["focused", "other"].contains(&text.as_str())
            }
            (name, _) if DRAFT_ONLY.contains(&name) => {
                let message = "Update operation is invalid for property of a sent message.";
                let status = StatusCode::BAD_REQUEST;
                let code = "ErrorInvalidPropertyUpdateSentMessage";
                return Err(GraphError::new(status, code, message));
            }
            (name, _) if !MARKS.contains(&name) => {
                let message = format!(
                    "The property '{name}' does not exist on type 'Microsoft.OutlookServices.Message'."
                );
                return Err(GraphError::bad_request(message));
            }
            _ => false,
        };
        if !is_valid {
            let message = format!("Cannot convert the value of '{name}' to its type.");
            return Err(GraphError::bad_request(message));
        }
    }
    Ok(marks)
}

/// Refuses when the client's `If-Match` is about an older state.
fn unchanged_since(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    serial: u64,
) -> Result<(), GraphError> {
    let Some(wanted) = call.headers.get(header::IF_MATCH) else { return Ok(()) };
    let item = at.mailbox(tenant)?.get(serial).ok_or_else(GraphError::item_not_found)?;
    if wanted == "*" || wanted.as_bytes() == item.etag().as_bytes() {
        return Ok(());
    }
    let message = "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.";
    Err(GraphError::new(StatusCode::PRECONDITION_FAILED, "ErrorIrresolvableConflict", message))
}

/// Does one thing to an item, and writes down that it was done.
fn change(
    tenant: &mut Tenant,
    at: &Place<'_>,
    serial: u64,
    act: impl FnOnce(&mut Item) -> OperationKind,
) -> Result<(), GraphError> {
    let mailbox = tenant.mailboxes.get_mut(at.user_id).ok_or_else(GraphError::no_mailbox)?;
    let key = mailbox.key;
    let item = mailbox.get_mut(serial).ok_or_else(GraphError::item_not_found)?;
    let kind = act(item);
    let item = key.item(item.serial, item.moves, IdType::Immutable);
    let user_id = at.user_id.to_owned();
    tenant.record(Operation { at: at.now, user_id, item, by: By::Application, kind });
    Ok(())
}

const TRANSPORT: &[u8] = b"X-MS-Exchange-Organization-";
const MARKS: &[&str] = &["categories", "flag", "importance", "inferenceClassification", "isRead"];
const DRAFT_ONLY: &[&str] = &["body", "from", "internetMessageId", "replyTo", "sender", "subject"];
const FLAGS: &[&str] = &["complete", "flagged", "notFlagged"];
const CATEGORIES_MAX: usize = 100;
