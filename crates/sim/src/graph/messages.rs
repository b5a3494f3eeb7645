//! Reading messages: lists with their filters and pages, single ones, and their MIME.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::directory::set;
use super::error::GraphError;
use super::folders;
use super::route::Id;
use super::{Call, json as answer};
use crate::clock::graph_time;
use crate::content::Mailbox as Address;
use crate::ids::{IdError, IdType, Named};
use crate::mailbox::{Folder, Item, Mailbox};
use crate::odata::{Filter, Kind, Query, QueryError, Value};
use crate::rendering;
use crate::world::{Tenant, World};

/// Which mailbox a request is about, and when.
pub(crate) struct Place<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) now: Timestamp,
}

impl Place<'_> {
    pub(crate) fn mailbox<'t>(&self, tenant: &'t Tenant) -> Result<&'t Mailbox, GraphError> {
        tenant.mailboxes.get(self.user_id).ok_or_else(GraphError::no_mailbox)
    }

    /// The serial number of the item that an id names, where this request can reach it.
    pub(crate) fn find(&self, tenant: &Tenant, call: &Call, id: &Id) -> Result<u64, GraphError> {
        let mailbox = self.mailbox(tenant)?;
        let named = match mailbox.key.read(&id.text, call.id_type()) {
            _ if id.has_bare_plus => return Err(GraphError::malformed_id()),
            Ok(named) => named,
            Err(IdError::Malformed) => return Err(GraphError::malformed_id()),
            Err(IdError::OtherMailbox) => return Err(GraphError::item_not_found()),
        };
        let Named::Item { serial, moves } = named else { return Err(GraphError::malformed_id()) };
        let reachable = |item: &&Item| {
            let is_current = moves.is_none_or(|moves| moves == item.moves);
            is_current && item.is_visible(self.now) && item.folder != Folder::Purges
        };
        let item = mailbox.get(serial).filter(reachable);
        item.map(|item| item.serial).ok_or_else(GraphError::item_not_found)
    }
}

/// `GET /users/{id}/messages`, or those of one folder
// spec: graph:user-list-messages
pub(crate) fn list(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    folder: Option<&Id>,
) -> Result<Response, GraphError> {
    let allowed = ["$count", "$filter", "$orderby", "$select", "$skip", "$top"];
    let query = Query::read(&call.query, &allowed)?;
    let mailbox = at.mailbox(tenant)?;
    let within = folder.map(|id| folders::named(mailbox, &id.text)).transpose()?;
    let select = query.select(PROPERTIES, TYPE)?;
    let top = query.count("$top", 1, TOP_MAX)?.unwrap_or(TOP);
    let skip = query.count("$skip", 0, usize::MAX)?.unwrap_or(0);
    let filter = query.filter(FILTERABLE, TYPE)?;
    let oldest_first = order(&query, filter.as_ref())?;

    let is_wanted = |item: &&Item| {
        let placed = within.map_or(item.folder.is_listed(), |folder| folder == item.folder);
        let found = filter.as_ref().is_none_or(|filter| {
            let value_of = |property: &str| value_of(mailbox, item, property);
            item.indexed_from <= at.now && filter.matches(&value_of, str::eq)
        });
        placed && item.is_visible(at.now) && found
    };
    let mut found: Vec<&Item> = mailbox.newest_first().filter(is_wanted).collect();
    if oldest_first {
        found.reverse();
    }
    let form = call.id_type();
    let page = found.iter().skip(skip).take(top);
    let page = page.map(|item| message_json(mailbox, item, form, select.as_deref()));
    let path = match folder {
        Some(id) => format!("mailFolders/{}/messages", crate::odata::escape(&id.text)),
        None => "messages".to_owned(),
    };
    let mut body = json!({
        "@odata.context": format!("{}/v1.0/$metadata#users('{}')/messages", call.root, at.user_id),
        "value": page.collect::<Vec<_>>(),
    });
    if query.flag("$count")? {
        set(&mut body, "@odata.count", json!(found.len()));
    }
    if found.len() > skip.saturating_add(top) {
        let next = query.with_skip(skip.saturating_add(top));
        let next = format!("{}/v1.0/users/{}/{path}?{next}", call.root, at.user_id);
        set(&mut body, "@odata.nextLink", json!(next));
    }
    Ok(answer(StatusCode::OK, &body))
}

/// `GET …/messages/{id}`
pub(crate) fn one(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$select"])?;
    let select = query.select(PROPERTIES, TYPE)?;
    let serial = at.find(tenant, call, id)?;
    whole(tenant, call, at, serial, StatusCode::OK, select.as_deref())
}

/// `GET …/messages/{id}/$value`
// spec: graph:message-get
pub(crate) fn value(
    world: &World,
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    Query::read(&call.query, &[])?;
    let serial = at.find(tenant, call, id)?;
    let item = at.mailbox(tenant)?.get(serial).ok_or_else(GraphError::item_not_found)?;
    let raw = rendering::exchange(item, &tenant.behaviour, &world.config().verified_domains);
    let mut response = raw.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}

/// An answer that is one message.
pub(crate) fn whole(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    serial: u64,
    status: StatusCode,
    select: Option<&[String]>,
) -> Result<Response, GraphError> {
    let mailbox = at.mailbox(tenant)?;
    let item = mailbox.get(serial).ok_or_else(GraphError::item_not_found)?;
    let mut body = message_json(mailbox, item, call.id_type(), select);
    let context = format!("{}/v1.0/$metadata#users('{}')/messages/$entity", call.root, at.user_id);
    set(&mut body, "@odata.context", json!(context));
    Ok(answer(status, &body))
}

/// Whether the oldest come first. What is ordered by must come first in the filter.
fn order(query: &Query, filter: Option<&Filter>) -> Result<bool, GraphError> {
    let Some(text) = query.get("$orderby") else { return Ok(false) };
    let (property, direction) = text.trim().split_once(' ').unwrap_or((text.trim(), "asc"));
    let descending = match direction.trim() {
        "asc" => false,
        "desc" => true,
        _ => return Err(GraphError::bad_request(format!("Syntax error in $orderby '{text}'."))),
    };
    if property != "receivedDateTime" {
        return Err(crate::odata::no_property(property, TYPE).into());
    }
    let leads = |filter: &Filter| filter.properties().first() == Some(&property);
    if filter.is_some_and(|filter| !leads(filter)) {
        let message = "The restriction or sort order is too complex for this operation.";
        return Err(QueryError::new("InefficientFilter", message).into());
    }
    Ok(!descending)
}

fn value_of(mailbox: &Mailbox, item: &Item, property: &str) -> Option<Value> {
    match property {
        "hasAttachments" => Some(Value::Boolean(item.content.has_attachments)),
        "internetMessageId" => Some(Value::Text(item.content.message_id.clone())),
        "isRead" => Some(Value::Boolean(item.marks.is_read)),
        "parentFolderId" => Some(Value::Text(mailbox.key.folder(item.folder))),
        "receivedDateTime" => Some(Value::Time(item.received)),
        "subject" => Some(Value::Text(item.content.subject.clone())),
        _ => None,
    }
}

/// A message. Its id and its etag are shown whatever was selected.
fn message_json(mailbox: &Mailbox, item: &Item, form: IdType, select: Option<&[String]>) -> Json {
    let is_shown = |name: &str| match select {
        Some(names) => name == "id" || names.iter().any(|selected| selected == name),
        None => name != "internetMessageHeaders",
    };
    let mut shown = json!({ "@odata.etag": item.etag() });
    for name in PROPERTIES.iter().filter(|name| is_shown(name)) {
        set(&mut shown, name, property(mailbox, item, form, name));
    }
    shown
}

fn property(mailbox: &Mailbox, item: &Item, form: IdType, name: &str) -> Json {
    let content = &item.content;
    match name {
        "bccRecipients" => json!([]),
        "body" => json!({
            "contentType": if content.is_html { "html" } else { "text" },
            "content": content.body,
        }),
        "bodyPreview" => json!(content.preview),
        "categories" => json!(item.marks.categories),
        "ccRecipients" => recipients(&content.cc),
        "changeKey" => json!(item.change_key()),
        "conversationId" => json!(format!("AAQkAG{}=", mailbox.key.folder(Folder::Inbox))),
        "createdDateTime" | "receivedDateTime" => json!(graph_time(item.received)),
        "flag" => item.marks.flag.clone(),
        "from" => content.from.as_ref().map_or(Json::Null, recipient),
        "hasAttachments" => json!(content.has_attachments),
        "id" => json!(mailbox.key.item(item.serial, item.moves, form)),
        "importance" => json!(item.marks.importance),
        "inferenceClassification" => json!(item.marks.inference),
        "internetMessageHeaders" => {
            let header = |(name, value): &(String, String)| json!({ "name": name, "value": value });
            json!(content.headers.iter().map(header).collect::<Vec<_>>())
        }
        "internetMessageId" => json!(content.message_id),
        "isDeliveryReceiptRequested" | "isReadReceiptRequested" => json!(false),
        "isDraft" => json!(item.is_made),
        "isRead" => json!(item.marks.is_read),
        "lastModifiedDateTime" => json!(graph_time(item.modified)),
        "parentFolderId" => json!(mailbox.key.folder(item.folder)),
        "replyTo" => recipients(&content.reply_to),
        "sender" => content.sender.as_ref().map_or(Json::Null, recipient),
        "sentDateTime" => json!(graph_time(content.sent.unwrap_or(item.received))),
        "subject" => json!(content.subject),
        "toRecipients" => recipients(&content.to),
        _ => Json::Null,
    }
}

fn recipients(list: &[Address]) -> Json {
    json!(list.iter().map(recipient).collect::<Vec<_>>())
}

fn recipient(address: &Address) -> Json {
    json!({ "emailAddress": { "name": address.name, "address": address.address } })
}

const TYPE: &str = "Microsoft.OutlookServices.Message";
const FILTERABLE: &[(&str, Kind)] = &[
    ("hasAttachments", Kind::Boolean),
    ("internetMessageId", Kind::Text),
    ("isRead", Kind::Boolean),
    ("parentFolderId", Kind::Text),
    ("receivedDateTime", Kind::Time),
    ("subject", Kind::Text),
];
const PROPERTIES: &[&str] = &[
    "bccRecipients",
    "body",
    "bodyPreview",
    "categories",
    "ccRecipients",
    "changeKey",
    "conversationId",
    "createdDateTime",
    "flag",
    "from",
    "hasAttachments",
    "id",
    "importance",
    "inferenceClassification",
    "internetMessageHeaders",
    "internetMessageId",
    "isDeliveryReceiptRequested",
    "isDraft",
    "isRead",
    "isReadReceiptRequested",
    "lastModifiedDateTime",
    "parentFolderId",
    "receivedDateTime",
    "replyTo",
    "sender",
    "sentDateTime",
    "subject",
    "toRecipients",
];
const TOP: usize = 10;
const TOP_MAX: usize = 1_000;
