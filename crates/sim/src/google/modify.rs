//! Changing messages: labels, Trash, and deleting for ever.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json};

use super::error::GoogleError;
use super::messages::{Place, with_labels};
use super::{Call, Query, json as answer, labels};
use crate::mailbox::{Folder, Mailbox};
use crate::operations::{By, Operation, OperationKind};
use crate::world::Tenant;

/// Labels to put on and to take off.
#[derive(Default)]
struct Change {
    add: Vec<String>,
    remove: Vec<String>,
}

/// `POST …/messages/{id}/modify`
// spec: gmail:users.messages.modify
pub(crate) fn modify(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &str,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let body = object(call)?;
    let change = change(tenant, at, &body)?;
    at.find(tenant, id)?;
    relabel(tenant, at, id, &change)
}

/// `POST …/messages/{id}/trash`
// spec: gmail:users.messages.trash
pub(crate) fn trash(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &str,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    at.find(tenant, id)?;
    let change = Change { add: owned(&[labels::TRASH]), remove: owned(&[labels::INBOX]) };
    relabel(tenant, at, id, &change)
}

/// `POST …/messages/{id}/untrash`
// spec: gmail:users.messages.untrash
pub(crate) fn untrash(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &str,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let was_there = at.find(tenant, id)?.labels.contains(labels::TRASH);
    let with_inbox = was_there && tenant.behaviour.google.untrash_adds_inbox;
    let add = if with_inbox { owned(&[labels::INBOX]) } else { Vec::new() };
    relabel(tenant, at, id, &Change { add, remove: owned(&[labels::TRASH]) })
}

/// `DELETE …/messages/{id}`
// spec: gmail:users.messages.delete
pub(crate) fn delete(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &str,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    at.find(tenant, id)?;
    remove(tenant, at, id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST …/messages/batchModify`
pub(crate) fn batch_modify(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let mut body = object(call)?;
    let ids = ids(&mut body)?;
    let change = change(tenant, at, &body)?;
    for id in ids {
        if at.find(tenant, &id).is_ok() {
            let _shown = relabel(tenant, at, &id, &change)?;
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST …/messages/batchDelete`: nobody is told what was not there.
pub(crate) fn batch_delete(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let mut body = object(call)?;
    let ids = ids(&mut body)?;
    if !body.is_empty() {
        return Err(GoogleError::invalid("Unknown name in the body"));
    }
    for id in ids {
        if at.find(tenant, &id).is_ok() {
            remove(tenant, at, &id);
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The JSON object of a request that writes.
pub(crate) fn object(call: &Call) -> Result<Map<String, Json>, GoogleError> {
    let kind = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = kind.is_some_and(|kind| {
        kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json")
    });
    if !is_json {
        return Err(GoogleError::invalid("Content-Type must be application/json"));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Json::Object(map)) => Ok(map),
        _ => Err(GoogleError::invalid("Invalid JSON payload received.")),
    }
}

/// A list of texts in a body.
pub(crate) fn texts(body: &Map<String, Json>, name: &str) -> Result<Vec<String>, GoogleError> {
    let bad = || GoogleError::invalid(format!("Invalid value at '{name}'"));
    let Some(list) = body.get(name) else { return Ok(Vec::new()) };
    let texts = list.as_array().ok_or_else(bad)?.iter();
    texts.map(|it| it.as_str().map(str::to_owned).ok_or_else(bad)).collect()
}

/// Whether every label is one that may be put on and taken off here.
pub(crate) fn known(mailbox: &Mailbox, all: &[String]) -> Result<(), GoogleError> {
    match all.iter().find(|label| !labels::is_applicable(mailbox, label)) {
        Some(label) => Err(GoogleError::invalid(format!("Invalid label: {label}"))),
        None => Ok(()),
    }
}

fn ids(body: &mut Map<String, Json>) -> Result<Vec<String>, GoogleError> {
    let ids = texts(body, "ids")?;
    body.remove("ids");
    match ids.len() {
        0 => Err(GoogleError::invalid("No message ids specified.")),
        1..=BATCH_MAX => Ok(ids),
        _ => Err(GoogleError::invalid("Too many message ids.")),
    }
}

fn change(
    tenant: &Tenant,
    at: &Place<'_>,
    body: &Map<String, Json>,
) -> Result<Change, GoogleError> {
    let (add, remove) = (texts(body, "addLabelIds")?, texts(body, "removeLabelIds")?);
    if body.keys().any(|name| name != "addLabelIds" && name != "removeLabelIds") {
        return Err(GoogleError::invalid("Invalid JSON payload received. Unknown name."));
    }
    if add.is_empty() && remove.is_empty() {
        return Err(GoogleError::invalid("No label add or removes specified"));
    }
    if add.len() > LABELS_MAX || remove.len() > LABELS_MAX {
        return Err(GoogleError::invalid("Too many labels."));
    }
    if add.iter().any(|label| remove.contains(label)) {
        return Err(GoogleError::invalid("Cannot both add and remove the same label"));
    }
    let mailbox = at.mailbox(tenant)?;
    known(mailbox, &add)?;
    known(mailbox, &remove)?;
    let untrashes = remove.iter().any(|label| label == labels::TRASH);
    if untrashes && !tenant.behaviour.google.modify_untrashes {
        return Err(GoogleError::invalid("Invalid label: TRASH"));
    }
    Ok(Change { add, remove })
}

fn relabel(
    tenant: &mut Tenant,
    at: &Place<'_>,
    id: &str,
    change: &Change,
) -> Result<Response, GoogleError> {
    let serial = at.find(tenant, id)?.serial;
    let mailbox = tenant.mailboxes.get_mut(at.user_id).ok_or_else(GoogleError::no_gmail)?;
    let item = mailbox.get_mut(serial).ok_or_else(GoogleError::no_message)?;
    let from = item.folder;
    item.relabel(&change.add, &change.remove, at.now);
    let kind = match item.folder {
        to if to != from => {
            item.moves = item.moves.saturating_add(1);
            OperationKind::Moved { from, to }
        }
        _ => OperationKind::Patched,
    };
    let shown = with_labels(item);
    record(tenant, at, id, kind);
    Ok(answer(StatusCode::OK, &shown))
}

fn remove(tenant: &mut Tenant, at: &Place<'_>, id: &str) {
    let serial = labels::serial_of(id);
    let mailbox = tenant.mailboxes.get_mut(at.user_id);
    let item = mailbox.zip(serial).and_then(|(mailbox, serial)| mailbox.get_mut(serial));
    if let Some(item) = item {
        let from = item.folder;
        item.relocate(Folder::Purges, at.now);
        record(tenant, at, id, OperationKind::PermanentlyDeleted { from });
    }
}

fn record(tenant: &mut Tenant, at: &Place<'_>, id: &str, kind: OperationKind) {
    tenant.record(Operation {
        at: at.now,
        user_id: at.user_id.to_owned(),
        item: id.to_owned(),
        by: By::Application,
        kind,
    });
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|label| (*label).to_owned()).collect()
}

const BATCH_MAX: usize = 1_000;
const LABELS_MAX: usize = 100;
