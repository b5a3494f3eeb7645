//! The token endpoint: a signed assertion in, an access token for one person out.
//!
//! A token holds what it is good for, sealed with a digest that only this program can make; to a
//! client it is opaque, as outside. It stays good until it expires, whatever is revoked meanwhile.
// spec: google:service-account

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::GoogleError;
use crate::config::{Fault, On, User};
use crate::graph::graph_root;
use crate::world::World;

/// What a token is good for.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Claims {
    /// In whose name.
    pub(crate) sub: String,
    scopes: Vec<String>,
    exp: i64,
}

impl Claims {
    pub(crate) fn has_one_of(&self, scopes: &[&str]) -> bool {
        self.scopes.iter().any(|scope| scopes.contains(&scope.as_str()))
    }
}

/// Whether a token may be had in somebody's name by this address: the primary one.
pub(crate) fn is_subject(user: &User, address: &str) -> bool {
    user.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(address))
}

/// Reads the token that a request bears.
pub(crate) fn verify(world: &World, headers: &HeaderMap) -> Result<Claims, GoogleError> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let sealed = token.and_then(|token| token.strip_prefix(PREFIX)?.rsplit_once('.'));
    let claims = sealed
        .filter(|(content, mark)| *mark == seal(world, content))
        .and_then(|(content, _)| URL_SAFE_NO_PAD.decode(content).ok())
        .and_then(|octets| serde_json::from_slice::<Claims>(&octets).ok());
    claims
        .filter(|claims| claims.exp > world.now().as_second())
        .ok_or_else(GoogleError::unauthenticated)
}

/// `POST /token`
pub(crate) async fn issue(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = world.tenant().fault(On::Token);
    if let Some(fault) = fault {
        return faulty(fault);
    }
    match granted(&world, &headers, &body) {
        Ok(claims) => {
            let seconds = world.behaviour().token_seconds;
            let content = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
            let token = format!("{PREFIX}{content}.{}", seal(&world, &content));
            let body = json!({
                "access_token": token, "expires_in": seconds, "token_type": "Bearer",
            });
            super::json(StatusCode::OK, &body)
        }
        Err(refusal) => {
            let body = json!({
                "error": refusal.error, "error_description": refusal.description,
            });
            super::json(refusal.status, &body)
        }
    }
}

/// Why no token is given.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

fn refused(error: &'static str, description: &'static str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, error, description }
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    scope: String,
    aud: String,
    iat: i64,
    exp: i64,
    #[serde(default)]
    sub: Option<String>,
}

fn granted(world: &World, headers: &HeaderMap, body: &[u8]) -> Result<Claims, Refusal> {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let get = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, it)| it.as_str());
    if get("grant_type") != Some(GRANT) {
        return Err(refused("unsupported_grant_type", "Invalid grant_type."));
    }
    let jwt = get("assertion").unwrap_or_default();
    let assertion = signed(world, jwt)?;
    // Google's own clients name the real one, wherever they are told to ask.
    let here = format!("{}/token", graph_root(world, headers));
    if assertion.aud != here && assertion.aud != AUDIENCE {
        return Err(refused("invalid_grant", "Invalid JWT: Failed audience check."));
    }
    let now = world.now().as_second();
    let life = assertion.exp.saturating_sub(assertion.iat);
    let is_current = assertion.iat <= now + SKEW && assertion.exp > now;
    if !is_current || !(1..=LIFE_MAX).contains(&life) {
        return Err(refused(
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
             timeframe. Check your iat and exp values in the JWT claim.",
        ));
    }
    let scopes: Vec<String> = assertion.scope.split(' ').map(str::to_owned).collect();
    if scopes.iter().all(String::is_empty) {
        return Err(refused("invalid_scope", "Empty or missing scope not allowed."));
    }
    let tenant = world.tenant();
    let google = &tenant.behaviour.google;
    if !tenant.behaviour.consent || !scopes.iter().all(|scope| google.delegated.contains(scope)) {
        return Err(Refusal {
            status: StatusCode::UNAUTHORIZED,
            error: "unauthorized_client",
            description: "Client is unauthorized to retrieve access tokens using this method, or \
                          client not authorized for any of the scopes requested.",
        });
    }
    let sub = assertion.sub.unwrap_or_default();
    let is_known = tenant.users.iter().any(|user| is_subject(user, &sub))
        || google.admins.contains(&sub.to_ascii_lowercase());
    if !is_known || google.suspended.contains(&sub.to_ascii_lowercase()) {
        return Err(refused("invalid_grant", "Invalid email or User ID"));
    }
    let exp = now.saturating_add(i64::from(tenant.behaviour.token_seconds));
    Ok(Claims { sub, scopes, exp })
}

/// The claims of an assertion that the service account signed.
fn signed(world: &World, jwt: &str) -> Result<Assertion, Refusal> {
    let bad = refused("invalid_grant", "Invalid JWT Signature.");
    let account = world.config().service.account();
    let (Some(account), Some((text, signature))) = (account, jwt.rsplit_once('.')) else {
        return Err(bad);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let (head, payload) = text.split_once('.').unwrap_or_default();
    let head: Option<Value> = decoded(head).and_then(|octets| serde_json::from_slice(&octets).ok());
    let head = head.unwrap_or_default();
    let kid = head.get("kid").and_then(Value::as_str);
    let is_ours = head.get("alg").and_then(Value::as_str) == Some("RS256")
        && kid.is_none_or(|kid| kid == account.key_id);
    let verified =
        decoded(signature).is_some_and(|signature| account.signed(text.as_bytes(), &signature));
    if !is_ours || !verified {
        return Err(bad);
    }
    let claims = decoded(payload).and_then(|octets| serde_json::from_slice(&octets).ok());
    let assertion: Assertion = claims.ok_or_else(|| refused("invalid_grant", "Bad Request"))?;
    match assertion.iss == account.email {
        true => Ok(assertion),
        false => Err(refused("invalid_grant", "Invalid grant: account not found")),
    }
}

fn seal(world: &World, content: &str) -> String {
    let secret = world.config().service.account().map(super::account::ServiceAccount::secret);
    let digest = Sha256::new()
        .chain_update(secret.unwrap_or_default())
        .chain_update([0])
        .chain_update(content)
        .finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

fn faulty(fault: Fault) -> Response {
    let (status, wait) = match fault {
        Fault::Status429 { retry_after } => (StatusCode::TOO_MANY_REQUESTS, retry_after),
        Fault::Status503 { retry_after } => (StatusCode::SERVICE_UNAVAILABLE, retry_after),
        Fault::MalformedBody => return (StatusCode::OK, "{\"access_token\":").into_response(),
        Fault::CutAfter | Fault::CutBefore | Fault::Timeout504After | Fault::Timeout504Before => {
            (StatusCode::GATEWAY_TIMEOUT, None)
        }
    };
    let body = json!({ "error": "internal_failure", "error_description": "Backend Error" });
    let mut response = super::json(status, &body);
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PREFIX: &str = "ya29.";
const SKEW: i64 = 300;
const LIFE_MAX: i64 = 3_600;
