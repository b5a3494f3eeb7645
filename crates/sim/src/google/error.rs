//! What Google says when it refuses: status, reason and message, in the form its interfaces share.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

/// One refusal.
// spec: gmail:handle-errors
#[derive(Debug)]
pub(crate) struct GoogleError {
    pub(crate) status: StatusCode,
    reason: &'static str,
    rpc: &'static str,
    message: String,
    retry_after: Option<u32>,
}

impl GoogleError {
    pub(crate) fn new(
        status: StatusCode,
        reason: &'static str,
        rpc: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, reason, rpc, message: message.into(), retry_after: None }
    }

    pub(crate) fn backend(status: StatusCode, retry_after: Option<u32>) -> Self {
        let error = Self::new(status, "backendError", "UNAVAILABLE", "Backend Error");
        Self { retry_after, ..error }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalidArgument", "INVALID_ARGUMENT", message)
    }

    pub(crate) fn no_gmail() -> Self {
        let (status, reason) = (StatusCode::BAD_REQUEST, "failedPrecondition");
        Self::new(status, reason, "FAILED_PRECONDITION", "Mail service not enabled")
    }

    pub(crate) fn no_scope() -> Self {
        let message = "Request had insufficient authentication scopes.";
        Self::new(StatusCode::FORBIDDEN, "insufficientPermissions", "PERMISSION_DENIED", message)
    }

    pub(crate) fn not_delegated(subject: &str) -> Self {
        let message = format!("Delegation denied for {subject}");
        Self::new(StatusCode::FORBIDDEN, "forbidden", "PERMISSION_DENIED", message)
    }

    pub(crate) fn not_an_admin() -> Self {
        let message = "Not Authorized to access this resource/api";
        Self::new(StatusCode::FORBIDDEN, "forbidden", "PERMISSION_DENIED", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", "NOT_FOUND", message)
    }

    pub(crate) fn no_message() -> Self {
        Self::not_found("Requested entity was not found.")
    }

    pub(crate) fn no_path() -> Self {
        Self::not_found("Not Found")
    }

    pub(crate) fn no_method() -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(status, "httpMethodNotAllowed", "UNIMPLEMENTED", "Method not allowed")
    }

    pub(crate) fn too_many(retry_after: Option<u32>) -> Self {
        let message = "Too many concurrent requests for user.";
        let status = StatusCode::TOO_MANY_REQUESTS;
        let error = Self::new(status, "rateLimitExceeded", "RESOURCE_EXHAUSTED", message);
        Self { retry_after, ..error }
    }

    pub(crate) fn over_quota(
        status: StatusCode,
        reason: &'static str,
        retry_after: Option<u32>,
    ) -> Self {
        let message = "Quota exceeded for quota metric 'Queries'.";
        let error = Self::new(status, reason, "RESOURCE_EXHAUSTED", message);
        Self { retry_after, ..error }
    }

    pub(crate) fn unauthenticated() -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access \
                       token, login cookie or other valid authentication credential.";
        Self::new(StatusCode::UNAUTHORIZED, "authError", "UNAUTHENTICATED", message)
    }

    /// The answer in full.
    pub(crate) fn into_response(self) -> Response {
        let body = json!({ "error": {
            "code": self.status.as_u16(),
            "message": self.message,
            "errors": [{
                "message": self.message, "domain": "global", "reason": self.reason,
            }],
            "status": self.rpc,
        }});
        let mut response = super::json(self.status, &body);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge =
                HeaderValue::from_static("Bearer realm=\"https://accounts.google.com/\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
