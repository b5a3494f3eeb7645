//! The page on which an administrator grants what an application asks for.
//!
//! It checks what the real one checks before it shows anything: the application, the scope that
//! application permissions need, and an address to return to that was registered. A refusal stays
//! on this page; only a decision leads back.
// spec: entra:v2-admin-consent

use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use url::Url;

use crate::page::{escape, page};
use crate::world::World;

/// What an administrator is asked.
struct Asked {
    redirect: Url,
    state: String,
}

/// `GET /{tenant}/v2.0/adminconsent`, and the older one without the version in its path
pub(crate) async fn show(
    State(world): State<World>,
    Path(tenant): Path<String>,
    OriginalUri(uri): OriginalUri,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let is_older = !uri.path().contains("/v2.0/");
    let asked = match read(&world, &tenant, &query, is_older) {
        Ok(asked) => asked,
        Err(code) => return refused(code),
    };
    let permissions: String = {
        let tenant = world.tenant();
        let all = tenant.behaviour.permissions.iter();
        all.map(|it| format!("<li>{}</li>", it.name())).collect()
    };
    let back = asked.redirect.origin().ascii_serialization();
    let query = escape(&query);
    let mut response = page(&format!(
        "<header><h1>Permissions requested <span>{}</span></h1><p>Nothing here is real. \
         Accepting grants clawback, in this simulated organisation:</p></header>\
         <main class=\"message\"><ul>{permissions}</ul>\
         <form method=\"post\" action=\"adminconsent/accept?{query}\"><button id=\"accept\">Accept\
         </button></form><form method=\"post\" action=\"adminconsent/cancel?{query}\">\
         <button id=\"cancel\">Cancel</button></form></main>",
        escape(&world.config().organisation),
    ));
    let policy = format!("default-src 'none'; style-src 'self'; form-action 'self' {back}");
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// `POST /{tenant}/v2.0/adminconsent/{decision}`
pub(crate) async fn decide(
    State(world): State<World>,
    Path((tenant, decision)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let mut asked = match read(&world, &tenant, &query, false) {
        Ok(asked) => asked,
        Err(code) => return refused(code),
    };
    let mut back = asked.redirect.query_pairs_mut();
    // It is there on errors too.
    back.append_pair("admin_consent", "True");
    if decision == "accept" {
        world.tenant().behaviour.consent = true;
        back.append_pair("tenant", &world.config().tenant_id);
    } else {
        back.append_pair("error", "consent_required").append_pair(
            "error_description",
            "AADSTS65004: The resource owner or authorization server denied the request.\r\n\
             Trace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333",
        );
    }
    back.append_pair("state", &asked.state);
    drop(back);
    Redirect::to(asked.redirect.as_str()).into_response()
}

/// `POST /{tenant}/adminconsent/{decision}`: a refusal has another word, and no state.
pub(crate) async fn decide_older(
    State(world): State<World>,
    Path((tenant, decision)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let mut asked = match read(&world, &tenant, &query.unwrap_or_default(), true) {
        Ok(asked) => asked,
        Err(code) => return refused(code),
    };
    let mut back = asked.redirect.query_pairs_mut();
    if decision == "accept" {
        world.tenant().behaviour.consent = true;
        back.append_pair("admin_consent", "True")
            .append_pair("tenant", &world.config().tenant_id)
            .append_pair("state", &asked.state);
    } else {
        back.append_pair("error", "permission_denied")
            .append_pair("error_description", "The admin canceled the request");
    }
    drop(back);
    Redirect::to(asked.redirect.as_str()).into_response()
}

/// Reads what is asked; the older page takes any tenant and asks for all that was registered.
fn read(world: &World, tenant: &str, query: &str, is_older: bool) -> Result<Asked, &'static str> {
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let config = world.config();
    let is_any = tenant == "organizations" || (is_older && tenant == "common");
    let is_known = is_any || tenant.eq_ignore_ascii_case(&config.tenant_id);
    if !is_known {
        return Err("AADSTS90002: Tenant not found.");
    }
    let client = value("client_id").ok_or("AADSTS900144: 'client_id' is missing.")?;
    if !client.eq_ignore_ascii_case(&config.client_id) {
        return Err("AADSTS700016: Application not found in the directory.");
    }
    let scope = value("scope").filter(|_| !is_older);
    if !is_older && !scope.ok_or("AADSTS900144: 'scope' is missing.")?.ends_with("/.default") {
        return Err("AADSTS70011: The scope grants no application permissions.");
    }
    let redirect = value("redirect_uri").ok_or("AADSTS900144: 'redirect_uri' is missing.")?;
    let redirect = Url::parse(&redirect).ok();
    // Registered is what leads to this machine: nobody else is at home here.
    let here = redirect.filter(|url| {
        let is_loopback = matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback())
            || url.host_str() == Some("localhost");
        is_loopback && url.path() == "/auth/microsoft"
    });
    let redirect = here.ok_or("AADSTS50011: The redirect URI is not registered.")?;
    Ok(Asked { redirect, state: value("state").unwrap_or_default() })
}

fn refused(code: &str) -> Response {
    let body = page(&format!("<main><h1>Sign in</h1><p>{}</p></main>", escape(code)));
    (StatusCode::BAD_REQUEST, body).into_response()
}
