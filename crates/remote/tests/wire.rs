//! What leaves on the wire, and what is made of answers that no honest service gives.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clawback_core::Destination;
use clawback_remote::microsoft::{Graph, GraphSettings, SettingsError};
use clawback_remote::{Cause, EndpointError, MailboxProvider, MailboxRef, ProviderError, Secret};
use clawback_sim::Clock;
use support::fake::{Fake, Reply, message, reply};
use support::{address, settings};

const ROLES: [&str; 2] = ["Mail.ReadWrite", "User.Read.All"];

fn mailbox() -> MailboxRef {
    MailboxRef::new("a-anna")
}

async fn trash(graph: &Graph) -> ProviderError {
    graph.relocate(&mailbox(), "AA/b+c==", Destination::Trash).await.unwrap_err()
}

fn clock() -> Clock {
    Clock::by_hand("2026-09-15T08:12:00Z".parse().unwrap()).0
}

#[tokio::test]
async fn a_move_says_all_that_the_service_requires() {
    let fake = Fake::start(&ROLES, |_| reply(201, "", &message("AA/b+c=="))).await;
    let graph = fake.graph();
    graph.relocate(&mailbox(), "AA/b+c==", Destination::SoftDelete).await.unwrap();
    graph.relocate(&mailbox(), "AA/b+c==", Destination::HardDelete).await.unwrap();
    let seen = fake.seen();
    let first = seen[0].to_ascii_lowercase();
    for line in [
        "post /v1.0/users/a%2danna/messages/aa%2fb%2bc%3d%3d/move http/1.1\r\n",
        "\r\nauthorization: bearer e30.",
        "\r\nprefer: idtype=\"immutableid\"\r\n",
        "\r\ncontent-type: application/json\r\n",
        "\r\n\r\n{\"destinationid\":\"recoverableitemsdeletions\"}",
    ] {
        assert!(first.contains(line), "{line} in {first}");
    }
    let second = seen[1].to_ascii_lowercase();
    assert!(
        second.starts_with("post /v1.0/users/a%2danna/messages/aa%2fb%2bc%3d%3d/permanentdelete ")
    );
    assert!(second.contains("\r\ncontent-length: 0\r\n"), "{second}");
    let id = |request: &str| {
        let line = request.lines().find_map(|line| line.strip_prefix("client-request-id: "));
        line.unwrap().to_owned()
    };
    assert_ne!(id(&first), id(&second), "each request has an id of its own");
}

#[tokio::test]
async fn a_change_that_no_connection_came_for_was_surely_not_made() {
    let fake = Fake::start(&ROLES, |_| Reply::Silence).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let graph_url = format!("http://{}", nobody.local_addr().unwrap()).parse().unwrap();
    drop(nobody);
    let graph = support::graph(GraphSettings { graph_url, ..settings(&fake.root) }, &clock());
    assert_eq!(trash(&graph).await, ProviderError::Failed(Cause::Connect));
    let looked = graph.look(&mailbox(), "AA").await;
    assert_eq!(looked, Err(ProviderError::Failed(Cause::Connect)));
}

#[tokio::test]
async fn a_silent_service_is_not_waited_for_forever() {
    let fake = Fake::start(&ROLES, |_| Reply::Silence).await;
    let short = Duration::from_millis(100);
    let graph = GraphSettings { request_timeout: short, ..settings(&fake.root) };
    let graph = support::graph(graph, &clock());
    assert_eq!(trash(&graph).await, ProviderError::Unanswered(Cause::Timeout));
    let looked = graph.look(&mailbox(), "AA").await;
    assert_eq!(looked, Err(ProviderError::Failed(Cause::Timeout)));
    assert_eq!(fake.seen().len(), 2, "neither was sent twice");
}

#[tokio::test]
async fn a_call_does_not_queue_forever() {
    let fake = Fake::start(&ROLES, |_| Reply::Silence).await;
    let graph = GraphSettings {
        mailbox_requests_max: 1,
        queue_timeout: Duration::from_millis(50),
        request_timeout: Duration::from_millis(500),
        ..settings(&fake.root)
    };
    let graph = support::graph(graph, &clock());
    let (one, two) = tokio::join!(trash(&graph), trash(&graph));
    let meant = [ProviderError::Unanswered(Cause::Timeout), ProviderError::Failed(Cause::Busy)];
    assert_eq!([one, two], meant);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_cut_off() {
    let huge = format!(r#"{{"id":"a","parentFolderId":"{}"}}"#, "x".repeat(5_000_000));
    let fake = Fake::start(&ROLES, move |request| match request.starts_with("POST") {
        true => reply(201, "", &huge),
        false => reply(200, "", &huge),
    })
    .await;
    let graph = fake.graph();
    assert_eq!(trash(&graph).await, ProviderError::Unanswered(Cause::TooLarge));
    let looked = graph.look(&mailbox(), "AA").await;
    assert_eq!(looked, Err(ProviderError::Failed(Cause::TooLarge)));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_foreign_link_neither() {
    let elsewhere = Fake::start(&ROLES, |_| reply(200, "", r#"{"value":[]}"#)).await;
    let root = elsewhere.root.clone();
    let fake = Fake::start(&ROLES, move |request| match request.starts_with("POST") {
        true => reply(307, &format!("Location: {root}/v1.0/x\r\n"), ""),
        false => reply(200, "", &format!(r#"{{"value":[],"@odata.nextLink":"{root}/v1.0/next"}}"#)),
    })
    .await;
    let graph = fake.graph();
    assert_eq!(trash(&graph).await, ProviderError::Failed(Cause::Status(307)));
    let found = graph.find(&mailbox(), "a@shop.example.net", Destination::SoftDelete).await;
    assert_eq!(found, Err(ProviderError::Malformed { what: "link to the next page" }));
    assert_eq!(elsewhere.seen(), [""; 0], "our token went nowhere else");
}

#[tokio::test]
async fn pages_without_end_are_read_to_a_limit() {
    let fake = Fake::start(&ROLES, |request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let next = format!(r#""@odata.nextLink":"http://{host}/v1.0/users/a-anna/messages""#);
        reply(200, "", &format!(r#"{{"value":[{}],{next}}}"#, message("a")))
    })
    .await;
    let id = "a@shop.example.net";
    let found = fake.graph().find(&mailbox(), id, Destination::SoftDelete).await.unwrap();
    assert_eq!((found.len(), fake.seen().len()), (20, 20));
}

#[tokio::test]
async fn where_mailboxes_are_granted_one_by_one_a_refusal_is_about_the_mailbox() {
    let fake = Fake::start(&["User.Read.All"], |request| match request.contains("/a%2Danna/") {
        true => reply(201, "", &message("a")),
        false => reply(403, "", r#"{"error":{"code":"ErrorAccessDenied"}}"#),
    })
    .await;
    let graph = fake.graph();
    let other = MailboxRef::new("ben");
    let refused = graph.relocate(&other, "a", Destination::Junk).await;
    assert_eq!(refused, Err(ProviderError::GrantRevoked), "no mailbox ever worked");
    graph.relocate(&mailbox(), "a", Destination::Junk).await.unwrap();
    let refused = graph.relocate(&other, "a", Destination::Junk).await;
    assert_eq!(refused, Err(ProviderError::AccessDenied));
}

#[tokio::test]
async fn odd_answers_are_errors_and_no_panic() {
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "{\"value\":null}",
        "{\"value\":[null]}",
        "{\"value\":[{}]}",
        "{\"id\":7}",
        "\u{0}\u{1}",
        "{\"value\":[],\"@odata.nextLink\":\"\"}",
        "{\"value\":[],\"@odata.nextLink\":\"file:///etc/passwd\"}",
    ];
    for body in bodies {
        let fake = Fake::start(&ROLES, move |_| reply(200, "", body)).await;
        let graph = fake.graph();
        let found = graph.locate(&mailbox(), "a@shop.example.net").await;
        assert!(matches!(found, Err(ProviderError::Malformed { .. })), "{body}: {found:?}");
        let looked = graph.look(&mailbox(), "a").await;
        assert!(matches!(looked, Err(ProviderError::Malformed { .. })), "{body}: {looked:?}");
        assert_eq!(trash(&graph).await, ProviderError::Unanswered(Cause::Unreadable), "{body}");
    }
}

#[tokio::test]
async fn an_endpoint_that_would_send_secrets_in_the_clear_is_refused() {
    let refused = |settings: GraphSettings| {
        let clock = Arc::new(support::Time(clock()));
        Graph::new(settings, clock, Arc::new(support::Counter::default())).err()
    };
    let plain: url::Url = "http://graph.corp.example".parse().unwrap();
    let good = settings("https://graph.corp.example");
    let graph = GraphSettings { graph_url: plain.clone(), ..good.clone() };
    assert_eq!(refused(graph), Some(SettingsError::Graph(EndpointError::NotEncrypted)));
    let login = GraphSettings { login_url: plain, ..good.clone() };
    assert_eq!(refused(login), Some(SettingsError::Login(EndpointError::NotEncrypted)));
    assert_eq!(refused(settings("http://127.0.0.1:9")), None);
}

/// Whatever the service writes, and whatever we ask: nothing of it is in an error or in the log.
#[tokio::test]
async fn errors_and_logs_hold_nothing_of_what_was_said() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _default = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log is read");
    for status in [200, 201, 302, 400, 401, 403, 404, 409, 429, 500, 503, 504] {
        let fake = Fake::start(&ROLES, move |_| {
            let body = r#"{"error":{"code":"canary-code","message":"canary-message"}}"#;
            reply(status, "request-id: canary-id\r\nRetry-After: canary\r\n", body)
        })
        .await;
        let credential = Secret::new("canary-secret".to_owned());
        let settings = GraphSettings { credential: credential.into(), ..settings(&fake.root) };
        assert!(!format!("{settings:?}").contains("canary"));
        let graph = support::graph(settings, &clock());
        let canary = address("canary@canary.example");
        let errors = [
            graph.resolve(&canary).await.err(),
            graph.locate(&MailboxRef::new("canary"), "canary@canary.example").await.err(),
            graph.look(&MailboxRef::new("canary"), "canary").await.err(),
            graph.relocate(&MailboxRef::new("canary"), "canary", Destination::Junk).await.err(),
            graph.check().await.err(),
        ];
        for error in errors.into_iter().flatten() {
            let texts = format!("{error} {error:?}");
            assert!(!texts.contains("canary"), "{status}: {texts}");
        }
    }
    let log = log.text();
    assert!(log.contains("the log is read"), "{log}");
    let ours: Vec<_> = log.lines().filter(|line| line.contains("canary")).collect();
    assert_eq!(ours, [""; 0]);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(octets)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
