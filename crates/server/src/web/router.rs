//! Which address leads where, and what every request passes on its way.

use std::any::Any;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::error::{self, WebError};
use super::state::WebState;
use super::{
    account, assets, audit, authorize, google, headers, jobs, message, orders, overview, retract,
    settings, trace,
};

/// The dashboard. Health and metrics are not its business.
pub(crate) fn router(state: WebState) -> Router {
    Router::new()
        .route("/", get(overview::show))
        .route("/login", get(account::form).post(account::sign_in))
        .route("/logout", post(account::sign_out))
        .route("/trace", get(trace::show))
        .route("/messages/{id}", get(message::show))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/{id}/undo", get(orders::ask).post(orders::undo))
        .route("/jobs/{id}/say/{word}", post(orders::say))
        .route("/jobs/{id}/files/{name}", get(orders::export))
        .route("/retract", get(retract::show).post(retract::order))
        .route("/settings/email/retract", get(settings::show).post(settings::save))
        .route("/settings/email/authorize", get(authorize::show))
        .route("/settings/email/authorize/check", post(authorize::check))
        .route("/settings/email/authorize/microsoft", post(authorize::begin))
        .route("/settings/email/authorize/probe", post(authorize::probe))
        .route("/settings/email/authorize/remove", post(authorize::remove))
        .route(authorize::BACK, get(authorize::finish))
        .route("/settings/email/google", get(google::show))
        .route("/settings/email/google/check", post(google::check))
        .route("/audit", get(audit::show))
        .route("/audit/check", post(audit::check_all))
        .merge(assets())
        .fallback(missing)
        .method_not_allowed_fallback(missing)
        .layer(DefaultBodyLimit::max(FORM_OCTETS_MAX))
        .layer(RequestBodyLimitLayer::new(FORM_OCTETS_MAX))
        .layer(same_site(&state).with_rejection_response(cross_site))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME_MAX))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(state.clone(), error::frame))
        .layer(middleware::from_fn_with_state(state.clone(), headers::protect))
        .with_state(state)
}

/// Stylesheet, scripts and icons, compressed. Nothing else is: pages hold what must stay secret (a
/// journaling address, other people's subjects) beside what a stranger chose (the subject of a mail
/// they sent, a search), and the length of a compressed answer tells whoever sees the traffic how
/// much the two have in common.
fn assets() -> Router<WebState> {
    let layer = CompressionLayer::new();
    Router::new().route("/assets/{name}", get(assets::serve)).layer(layer)
}

/// Unsafe methods from another site's page are refused by what the browser says of them, so that
/// no form needs a token. Behind a proxy that changes `Host`, the public address counts too.
fn same_site(state: &WebState) -> CsrfLayer {
    let origin = state.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    match origin.map(|origin| CsrfLayer::new().add_trusted_origin(origin)) {
        Some(Ok(layer)) => layer,
        Some(Err(_)) | None => CsrfLayer::new(),
    }
}

fn cross_site(_: ProtectionError) -> Response {
    WebError::CrossSite.into_response()
}

async fn missing() -> WebError {
    WebError::NotFound
}

/// The panic's text may hold what the request held: it goes nowhere.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a page panicked");
    WebError::Internal.into_response()
}

/// The largest form has a few dozen fields.
const FORM_OCTETS_MAX: usize = 64 * 1_024;
const REQUEST_TIME_MAX: Duration = Duration::from_secs(20);
