//! The organisation's directory: people, their aliases, groups and who is in them.
// spec: google:directory

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::error::GoogleError;
use super::query::page_token;
use super::{Call, Query, json as answer};
use crate::config::{Group, User};
use crate::world::{Tenant, World};

/// `GET /users/{primary, alias or id}`
pub(crate) fn user(
    world: &World,
    tenant: &Tenant,
    call: &Call,
    key: &str,
) -> Result<Response, GoogleError> {
    Query::read(&call.query, &["projection", "viewType"])?;
    let user = find(tenant, key)?;
    Ok(answer(StatusCode::OK, &user_json(world, tenant, user)))
}

/// `GET /users`
pub(crate) fn users(world: &World, tenant: &Tenant, call: &Call) -> Result<Response, GoogleError> {
    let allowed = ["customer", "domain", "maxResults", "pageToken", "projection", "viewType"];
    let query = Query::read(&call.query, &allowed)?;
    if query.get("customer").is_none() && query.get("domain").is_none() {
        return Err(bad_request("Bad Request"));
    }
    let (count, begin) = query.page(USERS, USERS_MAX)?;
    let all = tenant.users.iter().map(|user| user_json(world, tenant, user)).collect();
    Ok(page("admin#directory#users", "users", all, count, begin))
}

/// `GET /users/{key}/aliases`
pub(crate) fn aliases(tenant: &Tenant, call: &Call, key: &str) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    let user = find(tenant, key)?;
    let primary = user.mail.clone().unwrap_or_default();
    let all = aliases_of(user).into_iter();
    let all: Vec<Json> = all
        .map(|alias| json!({ "alias": alias, "primaryEmail": primary, "id": user.id }))
        .collect();
    Ok(page("admin#directory#aliases", "aliases", all, usize::MAX, 0))
}

/// `GET /groups/{key}`
pub(crate) fn group(tenant: &Tenant, call: &Call, key: &str) -> Result<Response, GoogleError> {
    Query::read(&call.query, &[])?;
    Ok(answer(StatusCode::OK, &group_json(find_group(tenant, key)?)))
}

/// `GET /groups`
pub(crate) fn groups(tenant: &Tenant, call: &Call) -> Result<Response, GoogleError> {
    let allowed = ["customer", "domain", "maxResults", "pageToken", "userKey"];
    let query = Query::read(&call.query, &allowed)?;
    let (count, begin) = query.page(MEMBERS, MEMBERS)?;
    let all = tenant.groups.iter().map(group_json).collect();
    Ok(page("admin#directory#groups", "groups", all, count, begin))
}

/// `GET /groups/{key}/members`
pub(crate) fn members(tenant: &Tenant, call: &Call, key: &str) -> Result<Response, GoogleError> {
    let allowed = ["includeDerivedMembership", "maxResults", "pageToken", "roles"];
    let query = Query::read(&call.query, &allowed)?;
    let group = find_group(tenant, key)?;
    let (count, begin) = query.page(MEMBERS, MEMBERS)?;
    let derived = query.flag("includeDerivedMembership")?;
    let addresses = match derived {
        true => nested(tenant, group),
        false => group.members.clone(),
    };
    let more = addresses.len() > begin.saturating_add(count);
    let shown = addresses.iter().skip(begin).take(count);
    let shown = shown.map(|address| member_json(tenant, address)).collect();
    Ok(shown_page("admin#directory#members", "members", shown, more.then_some(begin + count)))
}

/// Everybody in a group, and in the groups in it; the groups themselves are listed too.
fn nested(tenant: &Tenant, group: &Group) -> Vec<String> {
    let (mut open, mut all) = (group.members.clone(), Vec::new());
    let mut seen = BTreeSet::new();
    while let Some(address) = open.pop() {
        if !seen.insert(address.to_ascii_lowercase()) {
            continue;
        }
        if let Some(inner) = tenant.groups.iter().find(|it| it.receives(&address)) {
            open.extend(inner.members.iter().cloned());
        }
        all.push(address);
    }
    all
}

fn find<'t>(tenant: &'t Tenant, key: &str) -> Result<&'t User, GoogleError> {
    let is_it = |user: &&User| user.id == key || user.receives(key);
    let found = tenant.users.iter().find(is_it);
    found.ok_or_else(|| GoogleError::not_found("Resource Not Found: userKey"))
}

fn find_group<'t>(tenant: &'t Tenant, key: &str) -> Result<&'t Group, GoogleError> {
    let found = tenant.groups.iter().find(|group| group.receives(key));
    found.ok_or_else(|| GoogleError::not_found("Resource Not Found: groupKey"))
}

fn aliases_of(user: &User) -> Vec<&str> {
    let primary = user.mail.as_deref().unwrap_or_default();
    let all = user.proxy_addresses.iter().filter_map(|proxy| proxy.split_once(':'));
    all.map(|(_, address)| address).filter(|it| !it.eq_ignore_ascii_case(primary)).collect()
}

fn user_json(world: &World, tenant: &Tenant, user: &User) -> Json {
    let primary = user.mail.clone().unwrap_or_default();
    let google = &tenant.behaviour.google;
    let mut shown = json!({
        "kind": "admin#directory#user",
        "id": user.id,
        "customerId": world.config().tenant_id,
        "primaryEmail": primary,
        "name": { "fullName": user.display_name },
        "isAdmin": google.admins.contains(&primary.to_ascii_lowercase()),
        "suspended": google.suspended.contains(&primary.to_ascii_lowercase()),
        "archived": false,
        "isMailboxSetup": user.has_mailbox(),
    });
    let aliases = aliases_of(user);
    if !aliases.is_empty() {
        set(&mut shown, "aliases", json!(aliases));
    }
    shown
}

fn group_json(group: &Group) -> Json {
    json!({
        "kind": "admin#directory#group", "id": group.address, "email": group.address,
        "directMembersCount": group.members.len().to_string(), "aliases": group.aliases,
    })
}

fn member_json(tenant: &Tenant, address: &str) -> Json {
    let user = tenant.users.iter().find(|user| user.receives(address));
    let is_group = tenant.groups.iter().any(|group| group.receives(address));
    let kind = if is_group { "GROUP" } else { "USER" };
    let mut shown = json!({
        "kind": "admin#directory#member", "email": address, "role": "MEMBER", "type": kind,
    });
    if let Some(user) = user {
        set(&mut shown, "id", json!(user.id));
        set(&mut shown, "status", json!("ACTIVE"));
    }
    shown
}

fn page(kind: &str, name: &str, all: Vec<Json>, count: usize, begin: usize) -> Response {
    let more = all.len() > begin.saturating_add(count);
    let page: Vec<Json> = all.into_iter().skip(begin).take(count).collect();
    shown_page(kind, name, page, more.then_some(begin.saturating_add(count)))
}

/// A page of what is shown of a list, and where the next one begins.
fn shown_page(kind: &str, name: &str, page: Vec<Json>, next: Option<usize>) -> Response {
    let mut body = json!({ "kind": kind });
    if !page.is_empty() {
        set(&mut body, name, json!(page));
    }
    if let Some(next) = next {
        set(&mut body, "nextPageToken", json!(page_token(next)));
    }
    answer(StatusCode::OK, &body)
}

pub(crate) fn set(object: &mut Json, name: &str, value: Json) {
    if let Json::Object(map) = object {
        map.insert(name.to_owned(), value);
    }
}

fn bad_request(message: &str) -> GoogleError {
    GoogleError::new(StatusCode::BAD_REQUEST, "badRequest", "INVALID_ARGUMENT", message)
}

const MEMBERS: usize = 200;
const USERS: usize = 100;
const USERS_MAX: usize = 500;
