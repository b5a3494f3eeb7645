//! Mail folders: the list its owner sees, and single ones by id or well-known name.
//!
//! Recoverable Items is reached by its well-known name only. Purges is not reached at all.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::error::GraphError;
use super::messages::Place;
use super::route::Id;
use super::{Call, json as answer};
use crate::ids::{IdError, IdType, Named};
use crate::mailbox::{Folder, Mailbox};
use crate::odata::Query;
use crate::world::Tenant;

/// `GET /users/{id}/mailFolders`
pub(crate) fn list(tenant: &Tenant, call: &Call, at: &Place<'_>) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$select", "$skip", "$top"])?;
    let select = query.select(PROPERTIES, TYPE)?;
    let top = query.count("$top", 1, TOP_MAX)?.unwrap_or(TOP);
    let skip = query.count("$skip", 0, usize::MAX)?.unwrap_or(0);
    let mailbox = at.mailbox(tenant)?;
    let own = mailbox.folders.keys().map(|number| Folder::Own(*number));
    let all = Folder::ALL.into_iter().filter(|folder| folder.is_listed()).chain(own);
    let listed: Vec<_> = all.collect();
    let shown = listed.iter().skip(skip).take(top);
    let shown = shown.map(|folder| folder_json(mailbox, *folder, at, select.as_deref()));
    let path = format!("/v1.0/users/{}/mailFolders", at.user_id);
    let mut body = json!({
        "@odata.context": format!("{}/v1.0/$metadata#users('{}')/mailFolders", call.root, at.user_id),
        "value": shown.collect::<Vec<_>>(),
    });
    if listed.len() > skip.saturating_add(top) {
        let next = query.with_skip(skip.saturating_add(top));
        let next = format!("{}{path}?{next}", call.root);
        super::directory::set(&mut body, "@odata.nextLink", json!(next));
    }
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /users/{id}/mailFolders/{id or well-known name}`
pub(crate) fn one(
    tenant: &Tenant,
    call: &Call,
    at: &Place<'_>,
    id: &Id,
) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$select"])?;
    let select = query.select(PROPERTIES, TYPE)?;
    let mailbox = at.mailbox(tenant)?;
    let folder = named(mailbox, &id.text)?;
    let mut body = folder_json(mailbox, folder, at, select.as_deref());
    let context =
        format!("{}/v1.0/$metadata#users('{}')/mailFolders/$entity", call.root, at.user_id);
    super::directory::set(&mut body, "@odata.context", json!(context));
    Ok(answer(StatusCode::OK, &body))
}

/// The folder that an id or a well-known name stands for.
pub(crate) fn named(mailbox: &Mailbox, text: &str) -> Result<Folder, GraphError> {
    if let Some(folder) = Folder::well_known(text) {
        return Ok(folder);
    }
    if EMPTY_HERE.iter().any(|name| name.eq_ignore_ascii_case(text)) {
        return Err(GraphError::item_not_found());
    }
    match mailbox.key.read(text, IdType::Immutable) {
        Ok(Named::Folder(Folder::Purges)) | Err(IdError::OtherMailbox) => {
            Err(GraphError::item_not_found())
        }
        Ok(Named::Folder(folder)) if !mailbox.has(folder) => Err(GraphError::item_not_found()),
        Ok(Named::Folder(folder)) => Ok(folder),
        Ok(Named::Item { .. }) | Err(IdError::Malformed) => Err(GraphError::malformed_id()),
    }
}

fn folder_json(
    mailbox: &Mailbox,
    folder: Folder,
    at: &Place<'_>,
    select: Option<&[String]>,
) -> Json {
    let items: Vec<_> = mailbox
        .newest_first()
        .filter(|item| item.folder == folder && item.is_visible(at.now))
        .collect();
    let octets: usize = items.iter().map(|item| item.content.raw.len()).sum();
    let name = match folder {
        Folder::Deletions => "Deletions",
        Folder::Own(number) => mailbox.folders.get(&number).map_or("", String::as_str),
        _ => folder.display_name(),
    };
    let whole = json!({
        "id": mailbox.key.folder(folder),
        "displayName": name,
        "parentFolderId": mailbox.key.folder(folder),
        "childFolderCount": 0,
        "unreadItemCount": items.iter().filter(|item| !item.marks.is_read).count(),
        "totalItemCount": items.len(),
        "sizeInBytes": octets,
        "isHidden": !folder.is_listed(),
    });
    let (Json::Object(all), Some(names)) = (&whole, select) else { return whole };
    let kept = all.iter().filter(|(name, _)| *name == "id" || names.contains(name));
    Json::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

const TYPE: &str = "microsoft.graph.mailFolder";
const PROPERTIES: &[&str] = &[
    "childFolderCount",
    "displayName",
    "id",
    "isHidden",
    "parentFolderId",
    "sizeInBytes",
    "totalItemCount",
    "unreadItemCount",
];
/// Names that are documented, for folders that these mailboxes do not have.
const EMPTY_HERE: &[&str] = &[
    "clutter",
    "conflicts",
    "conversationhistory",
    "localfailures",
    "msgfolderroot",
    "outbox",
    "scheduled",
    "searchfolders",
    "serverfailures",
    "syncissues",
];
const TOP: usize = 10;
const TOP_MAX: usize = 1_000;
