//! What a provider answered while something was done: kept with a copy, so that it can be told
//! later why a state was reached.
//!
//! Whoever wants to know wraps the work in [`heard`]; every request that the work makes, also for
//! tokens, is noted with its answer. Nothing of a body and no address of a page is kept: those
//! hold texts and addresses of people. What others ask at the same time is not heard, and neither
//! is what the work leaves to another task.

use std::borrow::Cow;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use clawback_core::{Clock, UnixMillis};
use percent_encoding::percent_decode_str;
use reqwest::header::HeaderMap;
use reqwest::{Method, Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::Answer;

/// One request that was sent to a provider, and what came back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Heard {
    /// What was asked for, in one word of ours.
    pub call: Cow<'static, str>,
    /// The HTTP status; absent where no answer came.
    pub status: Option<u16>,
    /// The provider's code for what went wrong, where it gave one that has the form of one.
    pub code: Option<String>,
    /// Our own id of the request; empty where the provider takes none.
    pub client_request_id: String,
    /// The provider's id of the request, which its support can find.
    pub request_id: Option<String>,
    /// When it was sent.
    pub at: UnixMillis,
}

tokio::task_local! {
    static EAR: Arc<Mutex<Vec<Heard>>>;
}

/// Does something and tells, beside what came of it, what the provider answered meanwhile: the
/// first `HEARD_MAX` requests, in the order in which they were sent.
pub async fn heard<F: Future>(work: F) -> (F::Output, Vec<Heard>) {
    let ear = Arc::default();
    let output = Box::pin(EAR.scope(Arc::clone(&ear), work)).await;
    let all = std::mem::take(&mut *ear.lock().unwrap_or_else(PoisonError::into_inner));
    (output, all)
}

/// Notes a part of an answer that is an answer of its own, as those of a batch are.
pub(crate) fn note(heard: Heard) {
    let _nobody_listens = EAR.try_with(|ear| push(ear, heard));
}

impl Heard {
    /// What was heard of one part of a batch: a question at this path.
    pub(crate) fn part(path: &str, id: String, answer: &Answer, at: UnixMillis) -> Self {
        let code = (!answer.status.is_success()).then_some(answer.body.as_ref().ok()).flatten();
        Self {
            call: Cow::Borrowed(name_of(&Method::GET, path)),
            status: Some(answer.status.as_u16()),
            code: code.and_then(|body| self::code(body)),
            client_request_id: id,
            request_id: REQUEST_IDS.iter().find_map(|name| field(&answer.headers, name)),
            at,
        }
    }
}

/// One request under way. Where it is dropped without an answer, that is what was heard.
pub(crate) struct Listening {
    ear: Option<Arc<Mutex<Vec<Heard>>>>,
    place: usize,
}

/// Begins to listen for the answer to a request.
pub(crate) fn listen(request: &Request, clock: &dyn Clock) -> Listening {
    let Ok(ear) = EAR.try_with(Arc::clone) else { return Listening { ear: None, place: 0 } };
    let place = push(
        &ear,
        Heard {
            call: Cow::Borrowed(name_of(request.method(), request.url().path())),
            status: None,
            code: None,
            client_request_id: field(request.headers(), "client-request-id").unwrap_or_default(),
            request_id: None,
            at: clock.now(),
        },
    );
    Listening { ear: Some(ear), place }
}

impl Listening {
    /// Writes down what came back.
    pub(crate) fn answered(self, answer: &Answer) {
        let Some(ear) = self.ear else { return };
        let mut all = ear.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(heard) = all.get_mut(self.place) else { return };
        heard.status = Some(answer.status.as_u16());
        heard.request_id = REQUEST_IDS.iter().find_map(|name| field(&answer.headers, name));
        if !answer.status.is_success() {
            heard.code = answer.body.as_ref().ok().and_then(|body| code(body));
        }
    }
}

/// Puts an entry in; gives its place, which is beyond the end where there is no room.
fn push(ear: &Mutex<Vec<Heard>>, heard: Heard) -> usize {
    let mut all = ear.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= HEARD_MAX {
        return usize::MAX;
    }
    all.push(heard);
    all.len() - 1
}

/// The word for a request: by the last words of its path that are the provider's and not an id.
fn name_of(method: &Method, path: &str) -> &'static str {
    let mut words = path.rsplit('/').map(|word| percent_decode_str(word).decode_utf8_lossy());
    let (last, parent) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let known = NAMES.iter().find(|(word, _)| word.eq_ignore_ascii_case(&last));
    match (known, parent.as_ref()) {
        (Some((_, "list")), _) if *method == Method::POST => "create",
        (Some((_, name)), _) => name,
        (None, "messages") => match method.as_str() {
            "DELETE" => "delete",
            "PATCH" => "mark",
            _ => "look",
        },
        (None, "mailFolders") => "folder",
        (None, "groups") => "group",
        (None, "users") => "user",
        (None, "transitiveMembers") => "members",
        (None, _) => "other",
    }
}

/// The code in an answer that is no success, in any of the forms that providers give it.
fn code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let aadsts = body.pointer("/error_codes/0").and_then(Value::as_u64);
    if let Some(number) = aadsts {
        return Some(format!("AADSTS{number}"));
    }
    let places = ["/error/errors/0/reason", "/error/code", "/error/status", "/error"];
    let texts = places.iter().filter_map(|at| body.pointer(at)?.as_str());
    texts.map(str::to_owned).find(|text| is_code(text))
}

fn field(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    is_code(text).then(|| text.to_owned())
}

/// Whether a text has the form of a code or an id: nothing that a person wrote gets further.
fn is_code(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    (1..=CODE_OCTETS_MAX).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The last word of a path, and what is said of it.
const NAMES: [(&str, &str); 17] = [
    ("$batch", "batch"),
    ("$value", "raw"),
    ("aliases", "user"),
    ("appRoleAssignments", "roles"),
    ("groups", "group"),
    ("labels", "labels"),
    ("members", "members"),
    ("messages", "list"),
    ("microsoft.graph.user", "members"),
    ("modify", "mark"),
    ("move", "move"),
    ("organization", "organisation"),
    ("permanentDelete", "delete"),
    ("token", "token"),
    ("trash", "trash"),
    ("untrash", "untrash"),
    ("users", "user"),
];
/// Where providers put their id of a request.
const REQUEST_IDS: [&str; 4] =
    ["request-id", "x-ms-request-id", "x-goog-request-id", "x-request-id"];
/// One step of a copy makes fewer than ten; what is beyond is a loop that somebody looks into.
const HEARD_MAX: usize = 64;
const CODE_OCTETS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> UnixMillis {
            UnixMillis(7)
        }
    }

    fn request(path: &str) -> Request {
        let url = format!("https://graph.corp.example{path}").parse().unwrap();
        let mut request = Request::new(Method::GET, url);
        request.headers_mut().insert("client-request-id", "11c3-a0".parse().unwrap());
        request
    }

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("request-id", "22d4-b1".parse().unwrap());
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: Ok(body.as_bytes().to_vec()) }
    }

    #[test]
    fn name_table() {
        let rows = [
            ("POST", "/v1.0/users/a/messages/AA%2F/move", "move"),
            ("POST", "/v1.0/users/a/messages/AA%2F/permanentDelete", "delete"),
            ("GET", "/v1.0/users/a/messages/AA%2F/%24value", "raw"),
            ("GET", "/v1.0/groups/a/transitiveMembers/microsoft%2Egraph%2Euser", "members"),
            ("GET", "/v1.0/users/a/messages/AA%2F", "look"),
            ("PATCH", "/v1.0/users/a/messages/AA%2F", "mark"),
            ("GET", "/v1.0/users/a/mailFolders/recoverableitemsdeletions/messages", "list"),
            ("POST", "/v1.0/users/a/mailFolders/AQ/messages", "create"),
            ("GET", "/v1.0/users/a/mailFolders/inbox", "folder"),
            ("GET", "/v1.0/users", "user"),
            ("GET", "/v1.0/groups", "group"),
            ("POST", "/v1.0/$batch", "batch"),
            ("POST", "/corp.example/oauth2/v2.0/token", "token"),
            ("DELETE", "/gmail/v1/users/me/messages/19a8", "delete"),
            ("POST", "/gmail/v1/users/me/messages/19a8/modify", "mark"),
            ("GET", "/admin/directory/v1/users/anna%40gsuite%2Eexample", "user"),
            ("GET", "/", "other"),
        ];
        for (method, path, meant) in rows {
            assert_eq!(name_of(&method.parse().unwrap(), path), meant, "{method} {path}");
        }
    }

    #[test]
    fn code_table() {
        let rows = [
            (r#"{"error":{"code":"ErrorItemNotFound","message":"x"}}"#, Some("ErrorItemNotFound")),
            (r#"{"error":"invalid_client","error_codes":[7000215]}"#, Some("AADSTS7000215")),
            (r#"{"error":"unauthorized_client"}"#, Some("unauthorized_client")),
            (r#"{"error":{"code":403,"errors":[{"reason":"forbidden"}]}}"#, Some("forbidden")),
            (r#"{"error":{"code":404,"status":"NOT_FOUND"}}"#, Some("NOT_FOUND")),
            (r#"{"error":{"code":"anna@corp.example is unknown"}}"#, None),
            ("no JSON", None),
        ];
        for (body, meant) in rows {
            assert_eq!(code(body.as_bytes()).as_deref(), meant, "{body}");
        }
    }

    #[tokio::test]
    async fn what_is_asked_is_heard_in_order_and_what_got_no_answer_too() {
        let work = async {
            let first = listen(&request("/v1.0/users/a/messages/x/move"), &Still);
            drop(listen(&request("/v1.0/users/a/messages/x"), &Still));
            first.answered(&answer(404, r#"{"error":{"code":"ErrorItemNotFound"}}"#));
            "done"
        };
        let (output, all) = heard(work).await;
        assert_eq!(output, "done");
        let first = Heard {
            call: "move".into(),
            status: Some(404),
            code: Some("ErrorItemNotFound".into()),
            client_request_id: "11c3-a0".into(),
            request_id: Some("22d4-b1".into()),
            at: UnixMillis(7),
        };
        let second = Heard {
            call: "look".into(),
            status: None,
            code: None,
            request_id: None,
            ..first.clone()
        };
        assert_eq!(all, [first.clone(), second]);
        let kept: Vec<Heard> = serde_json::from_str(&serde_json::to_string(&all).unwrap()).unwrap();
        assert_eq!(kept, all);
        // Nobody listens here, and that is no error.
        listen(&request("/"), &Still).answered(&answer(200, ""));
        note(first);
    }

    #[tokio::test]
    async fn there_is_room_for_so_many_and_no_more() {
        let work = async {
            for _ in 0..HEARD_MAX + 5 {
                listen(&request("/v1.0/users"), &Still).answered(&answer(200, ""));
            }
        };
        assert_eq!(heard(work).await.1.len(), HEARD_MAX);
    }
}
