//! What a browser is shown when a page cannot be. Who runs the service reads the reason in the
//! log; a stranger learns nothing.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use clawback_store::error::StoreError;

use super::assets;
use super::marks as m;

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// A form or an address that cannot be read.
    #[error("the request cannot be read")]
    BadRequest,
    /// The request comes from another site's page.
    #[error("the request came from another site")]
    CrossSite,
    /// Ours to repair.
    #[error("the service failed")]
    Internal,
    /// Not there, or not this tenant's.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in; where to go afterwards.
    #[error("sign in first")]
    SignIn {
        /// The local address that was asked for.
        next: String,
    },
    /// Nobody is signed in, and the request is a script's.
    #[error("the session has ended")]
    SignedOut,
    /// It may work in a moment.
    #[error("the service is busy")]
    Unavailable,
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Unavailable(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "store unavailable");
                Self::Unavailable
            }
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "store failed");
                Self::Internal
            }
        }
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "page not rendered");
        Self::Internal
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::SignIn { next } => return Redirect::to(&sign_in_url(&next)).into_response(),
            Self::SignedOut => return StatusCode::UNAUTHORIZED.into_response(),
            Self::BadRequest => {
                (StatusCode::BAD_REQUEST, "This request cannot be read", "Go back and try again.")
            }
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "Not allowed",
                "The request came from a page that is not part of clawback. Nothing was changed.",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something failed on our side",
                "Nothing was changed. The service's log has the reason.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Nothing is here",
                "The address may be mistyped, or what was here may have passed its retention.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is busy",
                "Nothing was changed. Try again in a moment.",
            ),
        };
        let code = status.as_u16();
        match (ErrorPage { code, title, text }).render() {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => (status, title).into_response(),
        }
    }
}

/// `/login`, with where to go on afterwards where that is worth keeping.
fn sign_in_url(next: &str) -> String {
    if next == "/" {
        return "/login".to_owned();
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?next={next}")
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    code: u16,
    title: &'static str,
    text: &'static str,
}
