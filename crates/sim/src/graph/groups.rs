//! Groups and who is in them, also in the groups in them.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::directory::{self, is_eventual, selected, set, user_json};
use super::error::GraphError;
use super::route::Members;
use super::{Call, json as answer};
use crate::config::Group;
use crate::odata::{Kind, Query, QueryError, UNSUPPORTED, Value};
use crate::world::Tenant;

/// `GET /groups`
// spec: graph:group-list
pub(crate) fn list(tenant: &Tenant, call: &Call) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$count", "$filter", "$select", "$skip", "$top"])?;
    let select = query.select(PROPERTIES, TYPE)?;
    let filter = query.filter(FILTERABLE, TYPE)?;
    let found = tenant.groups.iter().filter(|group| {
        let value_of = |property: &str| value_of(group, property);
        filter.as_ref().is_none_or(|it| it.matches(&value_of, str::eq_ignore_ascii_case))
    });
    let all = found.map(|group| selected(&group_json(group), select.as_deref())).collect();
    let counted = query.flag("$count")? && is_eventual(&call.headers);
    page(call, &query, "groups", all, counted)
}

/// `GET /groups/{id}`
pub(crate) fn one(tenant: &Tenant, call: &Call, id: &str) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$select"])?;
    let select = query.select(PROPERTIES, TYPE)?;
    let mut body = selected(&group_json(find(tenant, id)?), select.as_deref());
    set(&mut body, "@odata.context", json!(format!("{}/v1.0/$metadata#groups/$entity", call.root)));
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /groups/{id}/members`, `…/transitiveMembers` and those of one kind
// spec: graph:group-list-transitivemembers
pub(crate) fn members(
    tenant: &Tenant,
    call: &Call,
    id: &str,
    which: Members,
) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$count", "$select", "$skip", "$top"])?;
    let select = query.select(directory::PROPERTIES, "microsoft.graph.directoryObject")?;
    let counted = query.flag("$count")? && is_eventual(&call.headers);
    if which == Members::TransitiveUsers && !counted {
        let message = "Request with $filter or cast query parameters needs ConsistencyLevel.";
        return Err(QueryError::new(UNSUPPORTED, message).into());
    }
    let group = find(tenant, id)?;
    let addresses = match which {
        Members::Direct => group.members.clone(),
        Members::Transitive | Members::TransitiveUsers => transitive(tenant, group),
    };
    let select = select.as_deref();
    let member = |address: &String| {
        if let Some(user) = tenant.users.iter().find(|user| user.receives(address)) {
            let mut shown = user_json(user, select);
            if which != Members::TransitiveUsers {
                set(&mut shown, "@odata.type", json!("#microsoft.graph.user"));
            }
            return Some(shown);
        }
        let group = tenant.groups.iter().find(|group| group.receives(address))?;
        let mut shown = selected(&group_json(group), select);
        set(&mut shown, "@odata.type", json!("#microsoft.graph.group"));
        (which != Members::TransitiveUsers).then_some(shown)
    };
    let all = addresses.iter().filter_map(member).collect();
    let path = match which {
        Members::Direct => "members",
        Members::Transitive => "transitiveMembers",
        Members::TransitiveUsers => "transitiveMembers/microsoft.graph.user",
    };
    page(call, &query, &format!("groups/{id}/{path}"), all, counted)
}

/// Everybody in a group and in the groups in it, each once, and those groups.
fn transitive(tenant: &Tenant, group: &Group) -> Vec<String> {
    let (mut open, mut all) = (group.members.clone(), Vec::new());
    let mut seen = BTreeSet::from([group.address.to_ascii_lowercase()]);
    while let Some(address) = open.pop() {
        if !seen.insert(address.to_ascii_lowercase()) {
            continue;
        }
        if let Some(inner) = tenant.groups.iter().find(|it| it.receives(&address)) {
            open.extend(inner.members.iter().cloned());
        }
        all.push(address);
    }
    all.sort();
    all
}

fn page(
    call: &Call,
    query: &Query,
    path: &str,
    all: Vec<Json>,
    counted: bool,
) -> Result<Response, GraphError> {
    let top = query.count("$top", 1, TOP_MAX)?.unwrap_or(TOP);
    let skip = query.count("$skip", 0, usize::MAX)?.unwrap_or(0);
    let count = all.len();
    let shown: Vec<Json> = all.into_iter().skip(skip).take(top).collect();
    let mut body = json!({
        "@odata.context": format!("{}/v1.0/$metadata#{path}", call.root),
        "value": shown,
    });
    if counted {
        set(&mut body, "@odata.count", json!(count));
    }
    if count > skip.saturating_add(top) {
        let next = query.with_skip(skip.saturating_add(top));
        set(&mut body, "@odata.nextLink", json!(format!("{}/v1.0/{path}?{next}", call.root)));
    }
    Ok(answer(StatusCode::OK, &body))
}

fn find<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Group, GraphError> {
    let found = tenant.groups.iter().find(|group| id_of(group).eq_ignore_ascii_case(id));
    found.ok_or_else(|| {
        let message = format!("Resource '{id}' does not exist.");
        GraphError::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    })
}

/// The object id of a group, which follows from its address.
fn id_of(group: &Group) -> String {
    let digest = Sha256::digest(group.address.to_ascii_lowercase());
    let octets = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(octets).into_uuid().to_string()
}

fn proxies(group: &Group) -> Vec<String> {
    let aliases = group.aliases.iter().map(|alias| format!("smtp:{alias}"));
    [format!("SMTP:{}", group.address)].into_iter().chain(aliases).collect()
}

fn group_json(group: &Group) -> Json {
    json!({
        "id": id_of(group),
        "displayName": group.address.split('@').next().unwrap_or_default(),
        "groupTypes": [],
        "mail": group.address,
        "mailEnabled": true,
        "proxyAddresses": proxies(group),
        "securityEnabled": false,
    })
}

fn value_of(group: &Group, property: &str) -> Option<Value> {
    match property {
        "id" => Some(Value::Text(id_of(group))),
        "mail" => Some(Value::Text(group.address.clone())),
        "proxyAddresses" => Some(Value::Texts(proxies(group))),
        _ => None,
    }
}

const TYPE: &str = "microsoft.graph.group";
const FILTERABLE: &[(&str, Kind)] =
    &[("id", Kind::Text), ("mail", Kind::Text), ("proxyAddresses", Kind::Texts)];
const PROPERTIES: &[&str] = &[
    "displayName",
    "groupTypes",
    "id",
    "mail",
    "mailEnabled",
    "proxyAddresses",
    "securityEnabled",
];
const TOP: usize = 100;
const TOP_MAX: usize = 999;
