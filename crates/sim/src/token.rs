//! The token endpoint: client credentials in, an access token or an AADSTS error out.
//!
//! A token looks like a JWT and carries `roles`, `tid`, `appid` and `exp`; what stands for its
//! signature only this program can make. Tokens stay good until they expire, whatever is revoked
//! meanwhile, as outside.
// spec: entra:v2-oauth2-client-creds-grant-flow

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::assertion;
use crate::config::{Config, Fault, On, Permission};
use crate::graph::graph_root;
use crate::world::World;

/// What a token says, as far as anybody here asks.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) appid: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    pub(crate) tid: String,
}

impl Claims {
    pub(crate) fn grants(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role == permission.name())
    }
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenError {
    Expired,
    Malformed,
    Missing,
}

impl TokenError {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Expired => "Lifetime validation failed, the token is expired.",
            Self::Malformed => "CompactToken parsing failed with error code: 80049217",
            Self::Missing => "Access token is empty.",
        }
    }
}

/// Reads the token that a request bears.
pub(crate) fn verify(world: &World, headers: &HeaderMap) -> Result<Claims, TokenError> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.split_once(' '));
    let token = match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(TokenError::Missing),
    };
    let (content, mark) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    if mark != signature(world.config(), content) {
        return Err(TokenError::Malformed);
    }
    let (_, payload) = content.split_once('.').ok_or(TokenError::Malformed)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Malformed)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
    match claims.exp > world.now().as_second() {
        true => Ok(claims),
        false => Err(TokenError::Expired),
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`
pub(crate) async fn issue(
    State(world): State<World>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = world.tenant().fault(On::Token);
    if let Some(fault) = fault {
        return faulty(fault);
    }
    let form = Form::read(&headers, &body);
    match checked(&world, &tenant, &headers, &form) {
        Ok(audience) => granted(&world, audience),
        Err(refusal) => refusal.into_response(&world),
    }
}

fn granted(world: &World, aud: String) -> Response {
    let now = world.now().as_second();
    let tenant = world.tenant();
    let seconds = tenant.behaviour.token_seconds;
    let roles = tenant.behaviour.permissions.iter().map(|it| it.name().to_owned()).collect();
    drop(tenant);
    let config = world.config();
    let claims = Claims {
        aud,
        appid: config.client_id.clone(),
        exp: now.saturating_add(i64::from(seconds)),
        iat: now,
        roles,
        tid: config.tenant_id.clone(),
    };
    let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
    let content = format!("{head}.{payload}");
    let token = format!("{content}.{}", signature(config, &content));
    let body = json!({
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": token,
    });
    no_store(axum::Json(body).into_response())
}

fn signature(config: &Config, content: &str) -> String {
    let digest = Sha256::new()
        .chain_update(&config.tenant_id)
        .chain_update([0])
        .chain_update(&config.client_secret)
        .chain_update([0])
        .chain_update(content)
        .finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

/// The parameters of a form; those that repeat keep their first value.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = kind.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or("").trim();
            kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        match is_form {
            true => Self(url::form_urlencoded::parse(body).into_owned().collect()),
            false => Self(Vec::new()),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            let text = format!("The request body must contain the following parameter: '{name}'.");
            Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", 900_144, text)
        })
    }
}

/// Checks a request for a token, in the order the service does; gives the audience.
fn checked(
    world: &World,
    tenant: &str,
    headers: &HeaderMap,
    form: &Form,
) -> Result<String, Refusal> {
    let bad = StatusCode::BAD_REQUEST;
    let config = world.config();
    let grant = form.required("grant_type")?;
    if grant != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        return Err(Refusal::new(bad, "unsupported_grant_type", 70_003, text));
    }
    if ["common", "organizations", "consumers"].contains(&tenant) {
        let text = "The grant type is not supported over the /common or /consumers endpoints.";
        return Err(Refusal::new(bad, "invalid_request", 9_001_023, text));
    }
    let is_tenant = tenant.eq_ignore_ascii_case(&config.tenant_id)
        || config.verified_domains.iter().any(|domain| domain.eq_ignore_ascii_case(tenant));
    if !is_tenant {
        let text = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
        );
        return Err(Refusal::new(bad, "invalid_request", 90_002, text));
    }
    let (client_id, secret) = credentials(headers, form)?;
    let consent = world.tenant().behaviour.consent;
    if !consent || !client_id.eq_ignore_ascii_case(&config.client_id) {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{}'.",
            config.organisation
        );
        return Err(Refusal::new(bad, "unauthorized_client", 700_016, text));
    }
    let Some(secret) = secret else {
        let unauthorized = StatusCode::UNAUTHORIZED;
        let Some(statement) = form.get("client_assertion") else {
            let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            return Err(Refusal::new(unauthorized, "invalid_client", 7_000_218, text));
        };
        if form.required("client_assertion_type")? != ASSERTION_TYPE {
            let text = "The 'client_assertion_type' is not supported.";
            return Err(Refusal::new(bad, "invalid_request", 50_012, text));
        }
        let root = graph_root(world, headers);
        let audience = format!("{root}/{tenant}/oauth2/v2.0/token");
        let expected = assertion::Expected {
            client_id: &client_id,
            audience: &audience,
            now: world.now().as_second(),
        };
        let registered = world.tenant().certificates.clone();
        let believed = assertion::believe(statement, &registered, &expected);
        let refused = |(code, text)| Refusal::new(unauthorized, "invalid_client", code, text);
        believed.map_err(refused)?;
        return scope(world, headers, form);
    };
    if secret != config.client_secret {
        let text = "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, text));
    }
    scope(world, headers, form)
}

fn scope(world: &World, headers: &HeaderMap, form: &Form) -> Result<String, Refusal> {
    let bad = StatusCode::BAD_REQUEST;
    let scope = form.required("scope")?;
    let root = graph_root(world, headers);
    let invalid = |code, text: String| Refusal::new(bad, "invalid_scope", code, text);
    if scope.split_whitespace().count() > 1 {
        return Err(invalid(
            70_011,
            format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        ));
    }
    match scope.strip_suffix("/.default") {
        None => Err(invalid(
            70_011,
            format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        )),
        Some(resource) if resource == root => Ok(root),
        Some(resource) => {
            let text =
                format!("The resource principal named {resource} was not found in the tenant.");
            Err(Refusal::new(bad, "invalid_resource", 500_011, text))
        }
    }
}

/// The client id and, when there is one, the secret: from the body or from HTTP Basic.
fn credentials(headers: &HeaderMap, form: &Form) -> Result<(String, Option<String>), Refusal> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|coded| STANDARD.decode(coded.trim()).ok())
        .and_then(|octets| String::from_utf8(octets).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
        };
        return Ok((decoded(id), Some(decoded(secret))));
    }
    let id = form.required("client_id")?.to_owned();
    Ok((id, form.get("client_secret").map(str::to_owned)))
}

/// An answer that no token comes with.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    code: u32,
    text: String,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { status, error, code, text: text.into() }
    }

    fn into_response(self, world: &World) -> Response {
        let trace = uuid::Uuid::from_u64_pair(world.tenant().random.next(), u64::from(self.code));
        let at = world.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let description = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {trace} Timestamp: {at}",
            self.code, self.text
        );
        let body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": at,
            "trace_id": trace.to_string(),
            "correlation_id": trace.to_string(),
        });
        no_store((self.status, axum::Json(body)).into_response())
    }
}

/// A fault at the token endpoint; it has no change that a cut could follow.
fn faulty(fault: Fault) -> Response {
    let (status, wait) = match fault {
        Fault::MalformedBody => {
            return (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "{\"token_ty")
                .into_response();
        }
        Fault::Status429 { retry_after } => (StatusCode::TOO_MANY_REQUESTS, retry_after),
        Fault::Status503 { retry_after } => (StatusCode::SERVICE_UNAVAILABLE, retry_after),
        _ => (StatusCode::GATEWAY_TIMEOUT, None),
    };
    let mut response =
        (status, axum::Json(json!({ "error": "temporarily_unavailable" }))).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
