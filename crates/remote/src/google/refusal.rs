//! What an answer that is no success means.
//!
//! Decided on the HTTP status first and on the reason where the status is not enough; never on the
//! message, which is for people and may quote addresses.
// spec: gmail:handle-errors

use clawback_core::UnixMillis;
use serde_json::Value;

use crate::client::Answer;
use crate::client::{Intent, retry_after};
use crate::error::{Cause, ProviderError};

/// What an answer with another status than a good one means.
pub(crate) fn refusal(answer: &Answer, intent: Intent, now: UnixMillis) -> ProviderError {
    let status = answer.status;
    let wait = retry_after(&answer.headers, now);
    let failed = ProviderError::Failed(Cause::Status(status.as_u16()));
    let reasons = reasons(answer);
    let is_one_of = |known: &[&str]| {
        reasons.iter().any(|reason| known.iter().any(|it| it.eq_ignore_ascii_case(reason)))
    };
    match status.as_u16() {
        // The user has no Gmail: it is turned off, or there never was a licence.
        400 if is_one_of(&["failedPrecondition"]) => ProviderError::NoMailbox,
        401 => ProviderError::GrantRevoked,
        403 if is_one_of(&RATES) => ProviderError::Throttled { wait },
        403 if is_one_of(&GRANTS) => ProviderError::GrantRevoked,
        403 => ProviderError::AccessDenied,
        404 if is_one_of(&["notFound"]) => ProviderError::ItemGone,
        408 => intent.unclear(Cause::Status(408)),
        429 => ProviderError::Throttled { wait },
        other if status.is_server_error() => intent.unclear(Cause::Status(other)),
        _ => failed,
    }
}

/// The reasons that an error names, in the older form and in the newer one.
fn reasons(answer: &Answer) -> Vec<String> {
    let body = answer.body.as_ref().ok();
    let body: Option<Value> = body.and_then(|body| serde_json::from_slice(body).ok());
    let body = body.unwrap_or_default();
    let all = ["/error/errors", "/error/details"];
    let lists = all.iter().filter_map(|at| body.pointer(at)?.as_array());
    let named = lists.flatten().take(REASONS_MAX).filter_map(|it| it.get("reason")?.as_str());
    named.map(str::to_owned).collect()
}

const RATES: [&str; 5] = [
    "concurrentLimitExceeded",
    "dailyLimitExceeded",
    "quotaExceeded",
    "rateLimitExceeded",
    "userRateLimitExceeded",
];
/// A scope that was not delegated, or an interface that is turned off in the project.
const GRANTS: [&str; 5] = [
    "accessNotConfigured",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "insufficientPermissions",
    "SERVICE_DISABLED",
    "insufficientScope",
];
const REASONS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, RETRY_AFTER};

    use super::*;

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, text.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: Ok(body.as_bytes().to_vec()) }
    }

    fn because(reason: &str) -> String {
        format!(r#"{{"error":{{"code":1,"message":"m","errors":[{{"reason":"{reason}"}}]}}}}"#)
    }

    #[test]
    fn refusal_table() {
        use Intent::{Read, Write};
        let seven = ProviderError::Throttled { wait: Some(Duration::from_secs(7)) };
        let slow = ProviderError::Throttled { wait: None };
        let failed = |status| ProviderError::Failed(Cause::Status(status));
        let unclear = |status| ProviderError::Unanswered(Cause::Status(status));
        type Row = (&'static str, u16, Option<&'static str>, &'static str, Intent, ProviderError);
        let rows: &[Row] = &[
            ("bad request", 400, None, "badRequest", Write, failed(400)),
            ("bad argument", 400, None, "invalidArgument", Read, failed(400)),
            ("no Gmail", 400, None, "failedPrecondition", Read, ProviderError::NoMailbox),
            ("no token", 401, None, "authError", Write, ProviderError::GrantRevoked),
            ("a day's quota", 403, None, "dailyLimitExceeded", Write, slow),
            ("a user's quota", 403, Some("7"), "userRateLimitExceeded", Read, seven),
            ("the project's quota", 403, None, "rateLimitExceeded", Write, slow),
            ("no scope", 403, None, "insufficientPermissions", Read, ProviderError::GrantRevoked),
            ("turned off", 403, None, "accessNotConfigured", Read, ProviderError::GrantRevoked),
            ("policy", 403, None, "domainPolicy", Read, ProviderError::AccessDenied),
            ("delegation denied", 403, None, "forbidden", Write, ProviderError::AccessDenied),
            ("no message", 404, None, "notFound", Write, ProviderError::ItemGone),
            ("another 404", 404, None, "", Write, failed(404)),
            ("too many at once", 429, None, "rateLimitExceeded", Write, slow),
            ("throttled", 429, Some("7"), "", Write, seven),
            ("backend, write", 500, None, "backendError", Write, unclear(500)),
            ("backend, read", 500, None, "backendError", Read, failed(500)),
            ("bad gateway", 502, None, "", Write, unclear(502)),
            ("unavailable with a wait, write", 503, Some("7"), "", Write, unclear(503)),
            ("timed out", 504, None, "notFound", Write, unclear(504)),
            ("conflict", 409, None, "", Write, failed(409)),
            ("redirect", 302, None, "", Write, failed(302)),
        ];
        for (rule, status, wait, reason, intent, meant) in rows {
            let got = refusal(&answer(*status, *wait, &because(reason)), *intent, UnixMillis(0));
            assert_eq!(got, *meant, "{rule}");
        }
    }

    #[test]
    fn a_reason_is_found_in_either_form_and_nothing_else_is_taken_for_one() {
        let newer = r#"{"error":{"details":[{"@type":"x"},{"reason":"RATE_LIMIT"},{"reason":7}]}}"#;
        assert_eq!(reasons(&answer(403, None, newer)), ["RATE_LIMIT"]);
        for body in ["", "[]", r#"{"error":"x"}"#, r#"{"error":{"errors":{}}}"#] {
            assert!(reasons(&answer(403, None, body)).is_empty(), "{body}");
        }
    }
}
