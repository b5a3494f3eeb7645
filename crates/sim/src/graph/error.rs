//! What the service says when it refuses: status, code, message, and the headers that go with them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::clock::graph_time;
use crate::odata::QueryError;
use crate::token::TokenError;
use crate::world::World;

/// One refusal.
#[derive(Debug)]
pub(crate) struct GraphError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<u32>,
}

impl GraphError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    pub(crate) fn access_denied(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "ErrorAccessDenied", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn dependency() -> Self {
        let message = "A request that this one depends on failed.";
        Self::new(StatusCode::FAILED_DEPENDENCY, "FailedDependency", message)
    }

    pub(crate) fn directory_denied() -> Self {
        let message = "Insufficient privileges to complete the operation.";
        Self::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
    }

    pub(crate) fn item_not_found() -> Self {
        let message = "The specified object was not found in the store.";
        Self::new(StatusCode::NOT_FOUND, "ErrorItemNotFound", message)
    }

    pub(crate) fn malformed_id() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ErrorInvalidIdMalformed", "Id is malformed.")
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "Specified HTTP method is not allowed for the request target.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message)
    }

    pub(crate) fn no_mailbox() -> Self {
        let message = "Resource could not be discovered.";
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    pub(crate) fn no_segment(segment: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    pub(crate) fn no_such_user(user: &str) -> Self {
        let message = format!("The requested user '{user}' is invalid.");
        Self::new(StatusCode::NOT_FOUND, "ErrorInvalidUser", message)
    }

    pub(crate) fn on_premises() -> Self {
        let message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
        Self::new(StatusCode::NOT_FOUND, "MailboxNotEnabledForRESTAPI", message)
    }

    pub(crate) fn over_limit(limit: &str, retry_after: Option<u32>) -> Self {
        let message = format!("Application is over its {limit} limit.");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "ApplicationThrottled", message);
        Self { retry_after, ..error }
    }

    pub(crate) fn timeout() -> Self {
        let message = "The request timed out.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "UnknownError", message)
    }

    pub(crate) fn too_many(retry_after: Option<u32>) -> Self {
        let message = "Please retry again later.";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message);
        Self { retry_after, ..error }
    }

    pub(crate) fn unauthenticated(error: TokenError) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", error.message())
    }

    pub(crate) fn unavailable(retry_after: Option<u32>) -> Self {
        let message = "The service is temporarily unavailable.";
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message);
        Self { retry_after, ..error }
    }

    /// The answer in full.
    pub(crate) fn into_response(self, world: &World, ids: &RequestIds, root: &str) -> Response {
        let mut inner = json!({
            "date": graph_time(world.now()).trim_end_matches('Z'),
            "request-id": ids.request,
            "client-request-id": ids.client,
        });
        let is_odd = world.tenant().behaviour.odd_codes;
        let code = if is_odd { "UnknownError" } else { self.code };
        if is_odd {
            let specific = json!(self.code.to_ascii_lowercase());
            super::directory::set(&mut inner, "code", specific);
        }
        let body = json!({ "error": {
            "code": code,
            "message": self.message,
            if is_odd { "innererror" } else { "innerError" }: inner,
        }});
        let mut response = super::json(self.status, &body);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = format!(
                "Bearer realm=\"\", authorization_uri=\"{root}/common/oauth2/authorize\", client_id=\"{RESOURCE}\""
            );
            if let Ok(challenge) = HeaderValue::try_from(challenge) {
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
        }
        response
    }
}

impl From<QueryError> for GraphError {
    fn from(error: QueryError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.code, error.message)
    }
}

/// The two ids of one request: ours, and the client's where it gave one.
pub(crate) struct RequestIds {
    request: String,
    client: String,
}

impl RequestIds {
    pub(crate) fn of(world: &World, headers: &HeaderMap) -> Self {
        let mut tenant = world.tenant();
        let id = uuid::Uuid::from_u64_pair(tenant.random.next(), tenant.random.next());
        let given = headers.get(CLIENT_REQUEST_ID).and_then(|value| value.to_str().ok());
        let given = given.filter(|text| text.len() <= CLIENT_ID_MAX);
        let request = id.to_string();
        Self { client: given.map_or_else(|| request.clone(), str::to_owned), request }
    }

    /// Puts the ids on an answer.
    pub(crate) fn stamp(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        for (name, value) in [(REQUEST_ID, &self.request), (CLIENT_REQUEST_ID, &self.client)] {
            if let Ok(value) = HeaderValue::try_from(value.as_str()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

pub(super) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const RESOURCE: &str = "00000003-0000-0000-c000-000000000000";
const CLIENT_ID_MAX: usize = 128;
