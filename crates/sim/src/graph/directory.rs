//! The organisation and its users.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

use super::error::GraphError;
use super::{Call, json as answer};
use crate::config::{User, UserKind};
use crate::odata::{Kind, Query, QueryError, UNSUPPORTED, Value};
use crate::world::{Tenant, World};

/// `GET /organization`
pub(crate) fn organization(world: &World, call: &Call) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$select"])?;
    let config = world.config();
    let domains = config.verified_domains.iter().enumerate().map(|(at, name)| {
        json!({ "name": name, "isDefault": at == 0, "isInitial": at == 0, "type": "Managed",
            "capabilities": "Email, OfficeCommunicationsOnline" })
    });
    let whole = json!({
        "id": config.tenant_id,
        "displayName": config.organisation,
        "tenantType": "AAD",
        "verifiedDomains": domains.collect::<Vec<_>>(),
    });
    let names = ["id", "displayName", "tenantType", "verifiedDomains"];
    let select = query.select(&names, "microsoft.graph.organization")?;
    let one = selected(&whole, select.as_deref());
    let context = format!("{}/v1.0/$metadata#organization", call.root);
    Ok(answer(StatusCode::OK, &json!({ "@odata.context": context, "value": [one] })))
}

/// `GET /users`
pub(crate) fn users(tenant: &Tenant, call: &Call) -> Result<Response, GraphError> {
    let allowed = ["$count", "$filter", "$select", "$skip", "$top"];
    let query = Query::read(&call.query, &allowed)?;
    let select = query.select(PROPERTIES, TYPE)?;
    let top = query.count("$top", 1, TOP_MAX)?.unwrap_or(TOP);
    let skip = query.count("$skip", 0, usize::MAX)?.unwrap_or(0);
    let filter = query.filter(FILTERABLE, TYPE)?;
    let eventual = is_eventual(&call.headers);
    let counted = query.flag("$count")? && eventual;
    if filter.as_ref().is_some_and(crate::odata::Filter::has_not_equal) && !(counted && eventual) {
        let message = "Operator: 'NotEqualsMatch' is not supported without ConsistencyLevel.";
        return Err(QueryError::new(UNSUPPORTED, message).into());
    }
    let known = filter.as_ref().and_then(|filter| filter.one_of("proxyAddresses"));
    let candidates = match known {
        Some(proxy) => tenant.users.with_proxy(proxy),
        None => tenant.users.iter().collect(),
    };
    let found: Vec<&User> = candidates
        .into_iter()
        .filter(|user| {
            let value_of = |property: &str| value_of(user, property);
            filter.as_ref().is_none_or(|it| it.matches(&value_of, str::eq_ignore_ascii_case))
        })
        .collect();
    let page = found.iter().skip(skip).take(top);
    let mut body = json!({
        "@odata.context": format!("{}/v1.0/$metadata#users", call.root),
        "value": page.map(|user| user_json(user, select.as_deref())).collect::<Vec<_>>(),
    });
    if counted {
        set(&mut body, "@odata.count", json!(found.len()));
    }
    if found.len() > skip.saturating_add(top) {
        let next = query.with_skip(skip.saturating_add(top));
        set(&mut body, "@odata.nextLink", json!(format!("{}/v1.0/users?{next}", call.root)));
    }
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /users/{id or principal name}`
pub(crate) fn user(tenant: &Tenant, call: &Call, name: &str) -> Result<Response, GraphError> {
    let query = Query::read(&call.query, &["$select"])?;
    let select = query.select(PROPERTIES, TYPE)?;
    let user = tenant.user(name).ok_or_else(|| {
        let message = format!(
            "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
        );
        GraphError::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    })?;
    let mut body = user_json(user, select.as_deref());
    let context = format!("{}/v1.0/$metadata#users/$entity", call.root);
    set(&mut body, "@odata.context", json!(context));
    Ok(answer(StatusCode::OK, &body))
}

/// What an answer shows of a resource: what was selected, or all of it.
pub(crate) fn selected(whole: &Json, select: Option<&[String]>) -> Json {
    let (Json::Object(all), Some(names)) = (whole, select) else { return whole.clone() };
    let kept = names.iter().filter_map(|name| Some((name.clone(), all.get(name)?.clone())));
    Json::Object(kept.collect::<Map<_, _>>())
}

pub(crate) fn set(object: &mut Json, name: &str, value: Json) {
    if let Json::Object(map) = object {
        map.insert(name.to_owned(), value);
    }
}

/// A user. Addresses beside the primary one are shown only when they are selected.
pub(crate) fn user_json(user: &User, select: Option<&[String]>) -> Json {
    let whole = json!({
        "id": user.id,
        "accountEnabled": user.kind != UserKind::Shared,
        "businessPhones": [],
        "displayName": user.display_name,
        "givenName": null,
        "jobTitle": null,
        "mail": user.mail,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "proxyAddresses": user.proxy_addresses,
        "surname": null,
        "userPrincipalName": user.upn,
        "userType": "Member",
    });
    let by_default: Vec<String>;
    let names = match select {
        Some(names) => names,
        None => {
            by_default = DEFAULT.iter().map(|name| (*name).to_owned()).collect();
            &by_default
        }
    };
    selected(&whole, Some(names))
}

fn value_of(user: &User, property: &str) -> Option<Value> {
    match property {
        "displayName" => Some(Value::Text(user.display_name.clone())),
        "id" => Some(Value::Text(user.id.clone())),
        "mail" => user.mail.clone().map(Value::Text),
        "proxyAddresses" => Some(Value::Texts(user.proxy_addresses.clone())),
        "userPrincipalName" => Some(Value::Text(user.upn.clone())),
        _ => None,
    }
}

/// Whether the client accepts the answer of an index that lags, which some queries need.
pub(crate) fn is_eventual(headers: &HeaderMap) -> bool {
    let level = headers.get("ConsistencyLevel").and_then(|value| value.to_str().ok());
    level.is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
}

const TYPE: &str = "microsoft.graph.user";
const FILTERABLE: &[(&str, Kind)] = &[
    ("displayName", Kind::Text),
    ("id", Kind::Text),
    ("mail", Kind::Text),
    ("proxyAddresses", Kind::Texts),
    ("userPrincipalName", Kind::Text),
];
pub(crate) const PROPERTIES: &[&str] = &[
    "accountEnabled",
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "proxyAddresses",
    "surname",
    "userPrincipalName",
    "userType",
];
const DEFAULT: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];
const TOP: usize = 100;
const TOP_MAX: usize = 999;
