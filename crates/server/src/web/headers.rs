//! What a browser is told with every answer, so that a page stays what we made of it.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::state::WebState;

/// Puts the headers on every answer, whatever made it.
pub(super) async fn protect(
    State(state): State<WebState>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    if let Some(policy) = with_sign_in(&state) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    keep_from_caches(headers);
    if state.is_https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}

/// The policy where the answer to a form of ours leads to a sign-in service.
fn with_sign_in(state: &WebState) -> Option<HeaderValue> {
    let login = state.providers.app()?.template.login_url.origin().ascii_serialization();
    let forms = format!("form-action 'self' {login};");
    HeaderValue::try_from(CSP.replace("form-action 'self';", &forms)).ok()
}

/// An asset says itself that it may be kept; everything else is somebody's own.
fn keep_from_caches(headers: &mut HeaderMap) {
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// No script and no style but our own files; no frame, no plug-in, no form to elsewhere.
pub(super) const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, CSP),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

const HSTS: &str = "max-age=63072000; includeSubDomains";
