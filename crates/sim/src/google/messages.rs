//! Reading messages: lists with their search, single ones in their formats; and inserting.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::error::GoogleError;
use super::query::page_token;
use super::{Call, Query, json as answer, labels as label, scope};
use crate::content::Content;
use crate::mailbox::{Folder, Item, Mailbox};
use crate::operations::By;
use crate::rendering;
use crate::world::{Put, Tenant, World};

/// Which mailbox a request is about, and when.
pub(crate) struct Place<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) now: Timestamp,
}

impl Place<'_> {
    pub(crate) fn mailbox<'t>(&self, tenant: &'t Tenant) -> Result<&'t Mailbox, GoogleError> {
        tenant.mailboxes.get(self.user_id).ok_or_else(GoogleError::no_gmail)
    }

    /// Whether this request can reach an item at all.
    fn sees(&self, item: &Item) -> bool {
        item.is_visible(self.now) && item.folder != Folder::Purges
    }

    /// The item that an id names, where this request can reach it.
    pub(crate) fn find<'t>(&self, tenant: &'t Tenant, id: &str) -> Result<&'t Item, GoogleError> {
        let serial = label::serial_of(id);
        let serial = serial.ok_or_else(|| GoogleError::invalid("Invalid id value"))?;
        let item = self.mailbox(tenant)?.get(serial).filter(|item| self.sees(item));
        item.ok_or_else(GoogleError::no_message)
    }
}

/// `GET …/profile`
pub(crate) fn profile(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let count = at.mailbox(tenant)?.newest_first().filter(|item| at.sees(item)).count();
    let body = json!({
        "emailAddress": call.claims.sub, "messagesTotal": count, "threadsTotal": count,
        "historyId": tenant.serial.to_string(),
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `GET …/labels`
pub(crate) fn labels(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let all = label::all(at.mailbox(tenant)?).into_iter();
    let all = all.map(|(id, name, kind)| json!({ "id": id, "name": name, "type": kind }));
    Ok(answer(StatusCode::OK, &json!({ "labels": all.collect::<Vec<_>>() })))
}

/// `GET …/messages`
// spec: gmail:users.messages.list
pub(crate) fn list(tenant: &Tenant, call: &Call, at: &Place<'_>) -> Result<Response, GoogleError> {
    let allowed = ["includeSpamTrash", "labelIds", "maxResults", "pageToken", "q"];
    let query = Query::read(&call.query, &allowed)?;
    let mailbox = at.mailbox(tenant)?;
    let (count, begin) = query.page(PAGE, PAGE_MAX)?;
    let all = query.flag("includeSpamTrash")?;
    let wanted: Vec<&str> = query.all("labelIds").collect();
    let search = query.get("q").filter(|text| !text.trim().is_empty());
    let reads_text = [scope::FULL, scope::MODIFY, scope::READONLY];
    if search.is_some() && !call.claims.has_one_of(&reads_text) {
        return Err(GoogleError::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "PERMISSION_DENIED",
            "Metadata scope does not support 'q' parameter",
        ));
    }
    let (id, anywhere) = search.map(read_search).transpose()?.unwrap_or_default();
    let is_hidden = |item: &Item| {
        let hidden = [label::SPAM, label::TRASH];
        hidden.iter().any(|it| item.labels.contains(*it) && !wanted.contains(it))
    };
    let found: Vec<&Item> = mailbox
        .newest_first()
        .filter(|item| at.sees(item))
        .filter(|item| all || anywhere || !is_hidden(item))
        .filter(|item| wanted.iter().all(|it| item.labels.contains(*it)))
        .filter(|item| search.is_none() || item.indexed_from <= at.now)
        .filter(|item| id.as_deref().is_none_or(|id| has_id(item, id)))
        .collect();
    let page: Vec<Json> = found.iter().skip(begin).take(count).map(|item| short(item)).collect();
    let mut body = json!({ "resultSizeEstimate": found.len() });
    if !page.is_empty() {
        super::directory::set(&mut body, "messages", json!(page));
    }
    if found.len() > begin.saturating_add(count) {
        let next = page_token(begin.saturating_add(count));
        super::directory::set(&mut body, "nextPageToken", json!(next));
    }
    Ok(answer(StatusCode::OK, &body))
}

/// A search: for one Message-ID, and whether Spam and Trash are meant too. The real service knows
/// many more words; a client that uses one of them here is told so.
fn read_search(text: &str) -> Result<(Option<String>, bool), GoogleError> {
    let (mut id, mut anywhere) = (None, false);
    for word in words(text) {
        match word.split_once(':') {
            Some(("rfc822msgid", it)) if !it.is_empty() && id.is_none() => id = Some(it.to_owned()),
            Some(("in", "anywhere")) => anywhere = true,
            _ => return Err(GoogleError::invalid("a search that is not simulated")),
        }
    }
    Ok((id, anywhere))
}

/// The words of a search; quotes keep what belongs together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' | '(' | ')' | '{' | '}' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// A search does not mind brackets and case: what is found need not be what was meant.
fn has_id(item: &Item, wanted: &str) -> bool {
    let bare = |text: &str| text.trim_matches(['<', '>']).to_lowercase();
    !item.content.message_id.is_empty() && bare(&item.content.message_id) == bare(wanted)
}

/// `GET …/messages/{id}`
// spec: gmail:users.messages.get
pub(crate) fn one(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &str,
) -> Result<Response, GoogleError> {
    let query = Query::read(&call.query, &["format", "metadataHeaders"])?;
    let item = at.find(tenant, id)?;
    let reads_text = call.claims.has_one_of(&[scope::FULL, scope::MODIFY, scope::READONLY]);
    let mut body = outline(item);
    match query.get("format").unwrap_or("full") {
        "minimal" => {}
        "metadata" => {
            let wanted: Vec<&str> = query.all("metadataHeaders").collect();
            let decoded = tenant.behaviour.google.headers_decoded;
            let payload = json!({
                "mimeType": "text/plain", "headers": headers(&item.content, &wanted, decoded),
            });
            super::directory::set(&mut body, "payload", payload);
        }
        "full" | "raw" if !reads_text => return Err(GoogleError::no_scope()),
        "full" => {
            let content = &item.content;
            let text = URL_SAFE.encode(&content.body);
            let payload = json!({
                "mimeType": if content.is_html { "text/html" } else { "text/plain" },
                "headers": headers(content, &[], tenant.behaviour.google.headers_decoded),
                "body": { "size": content.body.len(), "data": text },
            });
            super::directory::set(&mut body, "payload", payload);
        }
        "raw" => {
            let raw = match item.is_made || !tenant.behaviour.alter_bodies {
                true => item.content.raw.clone(),
                false => rendering::google(item, &call.claims.sub),
            };
            super::directory::set(&mut body, "raw", json!(URL_SAFE.encode(&raw)));
        }
        other => return Err(GoogleError::invalid(format!("Invalid value at 'format': {other}"))),
    }
    Ok(answer(StatusCode::OK, &body))
}

/// The header fields that are asked for, or all of them.
fn headers(content: &Content, wanted: &[&str], decoded: bool) -> Vec<Json> {
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|it| it.eq_ignore_ascii_case(name));
    let shown = content.headers.iter().filter(|(name, _)| is_wanted(name));
    shown
        .map(|(name, value)| {
            let value = match name.eq_ignore_ascii_case("subject") && decoded {
                true => content.subject.clone(),
                false => value.split("\r\n").collect::<String>(),
            };
            json!({ "name": name, "value": value })
        })
        .collect()
}

/// `POST …/messages`, with the message in JSON or as itself
// spec: gmail:users.messages.insert
pub(crate) fn insert(
    tenant: &mut Tenant,
    call: &Call,
    at: &Place<'_>,
    world: &World,
) -> Result<Response, GoogleError> {
    let allowed = ["deleted", "internalDateSource", "neverMarkSpam", "uploadType"];
    let query = Query::read(&call.query, &allowed)?;
    let by_header = match query.get("internalDateSource") {
        None | Some("receivedTime") => false,
        Some("dateHeader") => true,
        Some(_) => return Err(GoogleError::invalid("Invalid value at 'internalDateSource'")),
    };
    let (raw, labels) = match query.get("uploadType") {
        Some("media") => {
            let kind = call.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
            if kind != Some("message/rfc822") {
                return Err(GoogleError::invalid("Media type is not supported."));
            }
            (call.body.to_vec(), Vec::new())
        }
        Some(_) => return Err(GoogleError::invalid("Invalid value at 'uploadType'")),
        None => {
            let body = super::modify::object(call)?;
            let raw = body.get("raw").and_then(Json::as_str).unwrap_or_default();
            let raw = URL_SAFE_NO_PAD.decode(raw.trim_end_matches('='));
            let raw = raw.map_err(|_| GoogleError::invalid("Invalid value at 'message.raw'"))?;
            (raw, super::modify::texts(&body, "labelIds")?)
        }
    };
    super::modify::known(at.mailbox(tenant)?, &labels)?;
    let content = Arc::new(Content::read(raw));
    if content.headers.is_empty() {
        return Err(GoogleError::invalid("'raw' RFC822 payload message string required"));
    }
    let received = content.sent.filter(|_| by_header).unwrap_or(at.now);
    let (labels, draft_in, by) = (Some(labels), None, By::Application);
    let put = Put { content: &content, received, labels, draft_in, by };
    let items_max = world.config().items_per_mailbox_max;
    let id = tenant.put(at.user_id, put, at.now, items_max).ok_or_else(GoogleError::no_gmail)?;
    let item = at.find(tenant, &id)?;
    Ok(answer(StatusCode::OK, &with_labels(item)))
}

/// What a list shows of a message.
fn short(item: &Item) -> Json {
    let id = label::message_id(item.serial);
    json!({ "id": id, "threadId": id })
}

/// What a change answers with.
pub(crate) fn with_labels(item: &Item) -> Json {
    let id = label::message_id(item.serial);
    json!({ "id": id, "threadId": id, "labelIds": item.labels })
}

fn outline(item: &Item) -> Json {
    let id = label::message_id(item.serial);
    json!({
        "id": id,
        "threadId": id,
        "labelIds": item.labels,
        "snippet": item.content.preview,
        "historyId": (item.serial * 1_000 + u64::from(item.changes)).to_string(),
        "internalDate": item.received.as_millisecond().to_string(),
        "sizeEstimate": item.content.raw.len(),
    })
}

const PAGE: usize = 100;
const PAGE_MAX: usize = 500;
