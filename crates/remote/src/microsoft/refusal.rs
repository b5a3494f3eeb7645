//! What an answer that is no success means.
//!
//! Decided on the HTTP status first and on the error code where the status is not enough. The
//! message is for people and may quote addresses: nothing is decided on it but how far throttling
//! reaches.
// spec: graph:errors

use clawback_core::UnixMillis;
use serde_json::Value;

use crate::client::{Answer, Intent, retry_after};
use crate::error::{Cause, ProviderError};
use crate::gate::Reach;

/// The error codes that tell more than the status does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    BadRequest,
    FolderNotFound,
    ItemNotFound,
    MailboxNotEnabled,
    NoSuchUser,
}

/// What an answer with another status than a good one means.
pub(crate) fn refusal(answer: &Answer, intent: Intent, now: UnixMillis) -> ProviderError {
    let status = answer.status;
    let wait = retry_after(&answer.headers, now);
    let failed = ProviderError::Failed(Cause::Status(status.as_u16()));
    match status.as_u16() {
        401 => ProviderError::GrantRevoked,
        403 => ProviderError::AccessDenied,
        404 => match code(answer) {
            Some(Code::FolderNotFound) => ProviderError::NoFolder,
            Some(Code::ItemNotFound) => ProviderError::ItemGone,
            Some(Code::MailboxNotEnabled) => ProviderError::OnPremises,
            Some(Code::NoSuchUser) => ProviderError::NoMailbox,
            _ => failed,
        },
        // Some proxy gave up; what it passed on may have been carried out.
        408 => intent.unclear(Cause::Status(408)),
        429 => ProviderError::Throttled { wait },
        503 | 509 if wait.is_some() => ProviderError::Throttled { wait },
        other if status.is_server_error() => intent.unclear(Cause::Status(other)),
        _ => failed,
    }
}

/// How far throttling reaches.
///
/// No document says how to tell; this is an assumption from answers that people have shown. The
/// code `ApplicationThrottled` comes with a text that names the limit, and where that is a
/// mailbox's, it is about the mailbox. Everything else is about what was asked.
pub(crate) fn reach(answer: &Answer) -> Reach {
    let body: Option<Value> =
        answer.body.as_ref().ok().and_then(|it| serde_json::from_slice(it).ok());
    let error = body.as_ref().and_then(|body| body.get("error"));
    let text = |name: &str| error.and_then(|error| error.get(name)).and_then(Value::as_str);
    let is_throttled = text("code").is_some_and(|it| it.eq_ignore_ascii_case(APPLICATION));
    match is_throttled && !text("message").unwrap_or_default().contains("Mailbox") {
        true => Reach::Application,
        false => Reach::Area,
    }
}

/// The most specific code that we know, of the error and what is nested in it.
pub(crate) fn code(answer: &Answer) -> Option<Code> {
    let body: Value = serde_json::from_slice(answer.body.as_ref().ok()?).ok()?;
    let mut error = body.get("error");
    let mut known = None;
    for _ in 0..NESTED_MAX {
        let Some(inner) = error else { break };
        known = inner.get("code").and_then(Value::as_str).and_then(read).or(known);
        error = inner.get("innerError").or_else(|| inner.get("innererror"));
    }
    known
}

/// Codes are compared without case, which has been seen to vary.
fn read(code: &str) -> Option<Code> {
    let known = CODES.iter().find(|(name, _)| name.eq_ignore_ascii_case(code));
    known.map(|(_, code)| *code)
}

const CODES: [(&str, Code); 9] = [
    ("BadRequest", Code::BadRequest),
    ("ErrorFolderNotFound", Code::FolderNotFound),
    ("ErrorInvalidUser", Code::NoSuchUser),
    ("ErrorItemNotFound", Code::ItemNotFound),
    ("ErrorNonExistentMailbox", Code::NoSuchUser),
    ("MailboxNotEnabledForRESTAPI", Code::MailboxNotEnabled),
    ("MailboxNotSupportedForRESTAPI", Code::MailboxNotEnabled),
    ("Request_ResourceNotFound", Code::NoSuchUser),
    ("ResourceNotFound", Code::NoSuchUser),
];
const APPLICATION: &str = "ApplicationThrottled";
const NESTED_MAX: usize = 8;

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

    fn coded(code: &str) -> String {
        format!(r#"{{"error":{{"code":"{code}","message":"","innerError":{{"code":"x"}}}}}}"#)
    }

    #[test]
    fn refusal_table() {
        use Intent::{Read, Write};
        let seven = ProviderError::Throttled { wait: Some(Duration::from_secs(7)) };
        let failed = |status| ProviderError::Failed(Cause::Status(status));
        let unclear = |status| ProviderError::Unanswered(Cause::Status(status));
        type Row = (&'static str, u16, Option<&'static str>, &'static str, Intent, ProviderError);
        let rows: &[Row] = &[
            ("item", 404, None, "ErrorItemNotFound", Write, ProviderError::ItemGone),
            ("folder", 404, None, "ErrorFolderNotFound", Write, ProviderError::NoFolder),
            ("case", 404, None, "erroritemnotfound", Read, ProviderError::ItemGone),
            ("no user", 404, None, "ErrorInvalidUser", Read, ProviderError::NoMailbox),
            (
                "on-premises",
                404,
                None,
                "MailboxNotEnabledForRESTAPI",
                Read,
                ProviderError::OnPremises,
            ),
            ("another 404", 404, None, "UnknownError", Write, failed(404)),
            ("a code with another status", 400, None, "ErrorItemNotFound", Write, failed(400)),
            ("throttled", 429, Some("7"), "", Write, seven),
            (
                "throttled without a wait",
                429,
                None,
                "",
                Write,
                ProviderError::Throttled { wait: None },
            ),
            ("unavailable with a wait", 503, Some("7"), "", Write, seven),
            ("unavailable, write", 503, None, "", Write, unclear(503)),
            ("unavailable, read", 503, None, "", Read, failed(503)),
            ("timed out, write", 504, Some("7"), "", Write, unclear(504)),
            ("broken, write", 500, None, "ErrorItemNotFound", Write, unclear(500)),
            ("denied", 403, None, "ErrorAccessDenied", Read, ProviderError::AccessDenied),
            ("conflict", 409, None, "", Write, failed(409)),
            ("redirect", 302, None, "", Write, failed(302)),
        ];
        for (rule, status, wait, code, intent, meant) in rows {
            let got = refusal(&answer(*status, *wait, &coded(code)), *intent, UnixMillis(0));
            assert_eq!(got, *meant, "{rule}");
        }
    }

    #[test]
    fn only_what_is_said_of_the_application_reaches_everything() {
        let said = |code: &str, message: &str| {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
            reach(&answer(429, None, &body))
        };
        let of_mailbox = "Application is over its MailboxConcurrency limit.";
        assert_eq!(said("ApplicationThrottled", "Too much."), Reach::Application);
        assert_eq!(said("applicationthrottled", ""), Reach::Application);
        assert_eq!(said("ApplicationThrottled", of_mailbox), Reach::Area);
        assert_eq!(said("TooManyRequests", "Please retry again later."), Reach::Area);
        assert_eq!(reach(&answer(429, None, "")), Reach::Area);
    }

    #[test]
    fn the_most_specific_known_code_counts() {
        let body = r#"{"error":{"code":"BadRequest","innererror":{"code":"ErrorItemNotFound",
            "innerError":{"code":"Whatever"}}}}"#;
        assert_eq!(code(&answer(404, None, body)), Some(Code::ItemNotFound));
        let deep = format!("{}1{}", r#"{"error":"#.repeat(100), "}".repeat(100));
        for body in ["", "[]", "null", r#"{"error":"x"}"#, r#"{"error":{"code":7}}"#, &deep] {
            assert_eq!(code(&answer(404, None, body)), None, "{body}");
        }
    }
}
