//! What a browser is shown when a page cannot be. Who runs the service reads the reason in the
//! log; a stranger learns nothing; who is signed in keeps the navigation and is told the way on.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use clawback_store::error::StoreError;

use super::assets;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// A form or an address that cannot be read.
    #[error("the request cannot be read")]
    BadRequest,
    /// The request comes from another site's page.
    #[error("the request came from another site")]
    CrossSite,
    /// What was asked for no longer fits how things are.
    #[error("the job is past that")]
    JobMovedOn,
    /// Ours to repair.
    #[error("the service failed")]
    Internal,
    /// No such job, or not this tenant's.
    #[error("no such job")]
    NoSuchJob,
    /// No such message, or not this tenant's.
    #[error("no such message")]
    NoSuchMessage,
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

/// What a page about a failure says. Rides on its answer, so that [`frame`] can put it into the
/// shell of whoever is signed in.
#[derive(Clone, Copy, Debug)]
struct Failure {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
    /// The way on: its words, and where it leads.
    way: (&'static str, &'static str),
}

impl WebError {
    fn failure(&self) -> Failure {
        let (status, title, text) = match self {
            Self::BadRequest | Self::SignIn { .. } | Self::SignedOut => {
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
            Self::JobMovedOn => (
                StatusCode::CONFLICT,
                "The job is past that",
                "It went on, ended or was undone since the page was shown. Nothing was changed.",
            ),
            Self::NoSuchJob => (
                StatusCode::NOT_FOUND,
                "No such job",
                "The address may be cut short, or the job may have passed its retention. The list \
                 of jobs has every one that is kept.",
            ),
            Self::NoSuchMessage => (
                StatusCode::NOT_FOUND,
                "No such message",
                "The address may be cut short, or the message may have passed its retention. Search \
                 everything kept by subject, sender, message-id: or id: to find it.",
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
        let way = match self {
            Self::NoSuchJob | Self::JobMovedOn => ("Retraction jobs", "/jobs"),
            Self::NoSuchMessage => ("Search everything kept", "/trace?range=all"),
            _ => ("Overview", "/"),
        };
        Failure { status, title, text, way }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { next } => return Redirect::to(&sign_in_url(&next)).into_response(),
            Self::SignedOut => return StatusCode::UNAUTHORIZED.into_response(),
            _ => {}
        }
        let failure = self.failure();
        let mut response = match (ErrorPage { failure }).render() {
            Ok(page) => (failure.status, Html(page)).into_response(),
            Err(_) => (failure.status, failure.title).into_response(),
        };
        if failure.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response.extensions_mut().insert(failure);
        response
    }
}

/// Puts a failure into the page of whoever is signed in: navigation, and where they are.
pub(super) async fn frame(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let asked = request.headers().clone();
    let response = next.run(request).await;
    let Some(failure) = response.extensions().get::<Failure>().copied() else { return response };
    // A store that does not answer is asked for nothing more.
    if failure.status == StatusCode::SERVICE_UNAVAILABLE {
        return response;
    }
    let Ok(Some(shell)) = Shell::of(&asked, &state).await else { return response };
    match (FailurePage { shell, failure }).render() {
        Ok(page) => (failure.status, Html(page)).into_response(),
        Err(_) => response,
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

/// For nobody we know.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    failure: Failure,
}

/// For somebody who is signed in.
#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    shell: Shell,
    failure: Failure,
}

/// Which entry of the navigation this page belongs to: none.
const HERE: &str = "";
const RETRY_SECONDS: &str = "5";
