//! Batches, over HTTP, and what an application may do at once in all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;

use clawback_sim::{Behaviour, Fault, Folder, On, OperationKind};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{ANNA, BEN, MESSAGE_ID, Sim, code, escape, read};

async fn batch(sim: &Sim, requests: &Value) -> (StatusCode, Value) {
    let body = json!({ "requests": requests });
    let request = sim.request(Method::POST, "/$batch").json(&body);
    read(request.send().await.expect("an answer")).await
}

fn get(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}

/// The answer to one item.
fn of<'a>(body: &'a Value, id: &str) -> &'a Value {
    let responses = body["responses"].as_array().expect("responses");
    responses.iter().find(|it| it["id"] == id).unwrap_or_else(|| panic!("no {id} in {body}"))
}

fn mistakes(sim: &Sim) -> BTreeSet<&'static str> {
    let all = sim.world.complaints().into_iter();
    all.filter_map(|it| match it.kind {
        OperationKind::Mistake(what) => Some(what),
        _ => None,
    })
    .collect()
}

#[tokio::test]
async fn each_item_is_a_request_of_its_own() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let path = format!("/users/{ANNA}/messages/{}/move", escape(&id));
    let to = json!({ "destinationId": "junkemail" });
    let kind = json!({ "Content-Type": "application/json" });
    let (status, body) = batch(
        &sim,
        &json!([
            get("1", &format!("/users/{ANNA}/messages?$select=id")),
            get("2", "/users/nobody/messages"),
            { "id": "3", "method": "POST", "url": path, "headers": kind, "body": to },
            { "id": "4", "method": "POST", "url": path, "body": to },
            { "id": "5", "method": "POST", "url": "/$batch" },
        ]),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let statuses = ["1", "2", "3", "4", "5"].map(|id| of(&body, id)["status"].as_u64().unwrap());
    assert_eq!(statuses, [200, 404, 201, 400, 400]);
    assert_eq!(code(&of(&body, "2")["body"]), "ErrorInvalidUser");
    assert!(of(&body, "4")["body"]["error"]["message"].to_string().contains("Content-Type"));
    assert!(of(&body, "1")["headers"]["Request-Id"].is_string());
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::JunkEmail);
    let traffic = sim.world.traffic();
    assert_eq!((traffic.round_trips, traffic.batches), (1, 1));
    assert_eq!(traffic.calls_in_all(), 3, "what could be understood");
}

#[tokio::test]
async fn immutable_ids_are_asked_for_item_by_item() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    let url = format!("/users/{ANNA}/messages?$select=id");
    let prefer = json!({ "Prefer": "IdType=\"ImmutableId\"" });
    let body = json!({ "requests": [
        get("plain", &url), { "id": "lasting", "method": "GET", "url": url, "headers": prefer },
    ] });
    let request = sim.request(Method::POST, "/$batch").json(&body);
    let request = request.header(support::IMMUTABLE.0, support::IMMUTABLE.1);
    let (_, body) = read(request.send().await.expect("an answer")).await;
    let id = |of: &Value| of["body"]["value"][0]["id"].as_str().unwrap().to_owned();
    let item = sim.world.items(ANNA).remove(0);
    assert_eq!(id(of(&body, "plain")), item.id);
    assert_eq!(id(of(&body, "lasting")), item.immutable_id);
}

#[tokio::test]
async fn a_batch_that_is_unclear_is_refused_whole() {
    let sim = Sim::start().await;
    let many: Vec<Value> = (0..21).map(|at| get(&at.to_string(), "/organization")).collect();
    let rows = [
        (json!(many), "MaximumValueExceeded"),
        (json!([get("a", "/organization"), get("A", "/organization")]), "BadRequest"),
        (json!([get("", "/organization")]), "BadRequest"),
        (json!([]), "BadRequest"),
        (
            json!([{ "id": "1", "method": "GET", "url": "/organization", "dependsOn": ["2"] }]),
            "BadRequest",
        ),
    ];
    for (requests, meant) in rows {
        let (status, body) = batch(&sim, &requests).await;
        assert_eq!((status.as_u16(), code(&body)), (400, meant), "{requests}");
    }
    assert_eq!(sim.world.traffic().calls_in_all(), 0);
}

#[tokio::test]
async fn one_item_is_throttled_and_the_others_are_not() {
    let sim = Sim::start().await;
    sim.world.fail_next_on(On::Get, Fault::Status429 { retry_after: Some(7) });
    let id = escape(&sim.deliver(MESSAGE_ID));
    let url = format!("/users/{ANNA}/messages/{id}");
    let items = json!([get("1", &url), get("2", "/users")]);
    let (status, body) = batch(&sim, &items).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (of(&body, "1")["status"].as_u64(), of(&body, "2")["status"].as_u64()),
        (Some(429), Some(200))
    );
    assert_eq!(of(&body, "1")["headers"]["Retry-After"], "7");
    let early = || sim.world.complaints().iter().any(|it| it.kind == OperationKind::Impatient);
    assert!(!early());
    sim.get(&url.replace("/v1.0", "")).await;
    assert!(early());
}

#[tokio::test]
async fn what_depends_on_a_failure_fails_and_what_depends_on_success_comes_after() {
    let sim = Sim::start().await;
    let id = escape(&sim.deliver(MESSAGE_ID));
    let kind = json!({ "Content-Type": "application/json" });
    let (_, body) = batch(
        &sim,
        &json!([
            { "id": "move", "method": "POST", "url": format!("/users/{ANNA}/messages/{id}/move"),
              "headers": kind, "body": { "destinationId": "deleteditems" } },
            { "id": "look", "method": "GET", "url": format!("/users/{ANNA}/messages"),
              "dependsOn": ["MOVE"] },
            { "id": "no", "method": "GET", "url": "/users/nobody", "dependsOn": ["look"] },
            { "id": "after no", "method": "GET", "url": "/users", "dependsOn": ["no"] },
        ]),
    )
    .await;
    let folder = &of(&body, "look")["body"]["value"][0]["parentFolderId"];
    let (_, trash) = sim.get(&format!("/users/{ANNA}/mailFolders/deleteditems")).await;
    assert_eq!(*folder, trash["id"]);
    assert_eq!(of(&body, "no")["status"], 404);
    assert_eq!(of(&body, "after no")["status"], 424);
}

#[tokio::test]
async fn four_items_of_a_batch_run_at_once_and_two_batches_get_in_each_others_way() {
    let sim = Sim::start().await;
    let url = format!("/users/{ANNA}/messages?$select=id");
    let six: Vec<Value> = (0..6).map(|at| get(&at.to_string(), &url)).collect();
    let held = sim.world.hold_requests();
    let body = json!({ "requests": six });
    let whole = tokio::spawn(sim.request(Method::POST, "/$batch").json(&body).send());
    sim.world.until_in_flight(ANNA, 4).await;
    let (_, body) = batch(&sim, &json!([get("1", &url), get("2", "/users")])).await;
    assert_eq!(of(&body, "1")["status"], 429, "the second is in the way of the first");
    assert_eq!(of(&body, "2")["status"], 200);
    drop(held);
    sim.hand.advance_ms(1_000);
    let (_, body) = read(whole.await.expect("a task").expect("an answer")).await;
    assert!((0..6).all(|at| of(&body, &at.to_string())["status"] == 200), "{body}");
    let meant = ["more requests to one mailbox at once than it bears"].into();
    assert_eq!(mistakes(&sim), meant);
}

#[tokio::test]
async fn an_item_that_is_cut_cuts_the_batch_and_one_without_a_body_is_missing() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let items = json!([get("1", &format!("/users/{ANNA}/messages")), get("2", "/users")]);
    sim.world.fail_next_on(On::List, Fault::MalformedBody);
    let (_, body) = batch(&sim, &items).await;
    let responses = body["responses"].as_array().unwrap();
    assert_eq!((responses.len(), &responses[0]["id"]), (1, &json!("2")));
    sim.world.fail_next_on(On::Move, Fault::CutAfter);
    let path = format!("/users/{ANNA}/messages/{}/move", escape(&id));
    let items = json!({ "requests": [{ "id": "1", "method": "POST", "url": path,
        "headers": { "Content-Type": "application/json" },
        "body": { "destinationId": "junkemail" } }] });
    assert!(sim.request(Method::POST, "/$batch").json(&items).send().await.is_err());
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::JunkEmail);
}

#[tokio::test]
async fn an_application_has_so_many_requests_at_once_in_all() {
    let sim = Sim::start_with(Behaviour { application_max: 2, ..Behaviour::default() }).await;
    let held = sim.world.hold_requests();
    let path = |user: &str| format!("/users/{user}/messages");
    let two: Vec<_> = [ANNA, BEN]
        .map(|user| tokio::spawn(sim.request(Method::GET, &path(user)).send()))
        .into_iter()
        .collect();
    sim.world.until_in_flight(ANNA, 1).await;
    sim.world.until_in_flight(BEN, 1).await;
    let (status, body) = sim.get("/users").await;
    assert_eq!((status.as_u16(), code(&body)), (429, "ApplicationThrottled"));
    assert!(!body["error"]["message"].to_string().contains("Mailbox"));
    drop(held);
    for request in two {
        request.await.expect("a task").expect("an answer");
    }
    assert!(mistakes(&sim).contains("more requests at once than the application may have"));
    // Its wait is over the whole application.
    sim.hand.advance_ms(500);
    sim.get("/users").await;
    assert!(sim.world.complaints().iter().any(|it| it.kind == OperationKind::Impatient));
    assert_eq!(sim.world.traffic().at_once_most, 2);
}

#[tokio::test]
async fn a_request_that_nobody_could_find_again_is_written_down() {
    let sim = Sim::start().await;
    sim.get("/users").await;
    assert!(mistakes(&sim).is_empty());
    let bare = sim.client.get(format!("{}/v1.0/users", sim.root)).bearer_auth(&sim.token);
    assert_eq!(bare.send().await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(mistakes(&sim), ["a request without client-request-id"].into());
}

#[tokio::test]
async fn chances_follow_from_the_seed_and_are_counted() {
    let chances = vec![
        (0.3, Fault::Status429 { retry_after: Some(0) }),
        (0.2, Fault::Status503 { retry_after: None }),
    ];
    let run = || async {
        let sim = Sim::start().await;
        sim.world.set_behaviour(Behaviour { chances: chances.clone(), ..Behaviour::default() });
        let mut statuses = Vec::new();
        for _ in 0..60 {
            statuses.push(sim.get("/users").await.0.as_u16());
        }
        (statuses, sim.world.traffic().faults)
    };
    let ((left, faults), (right, _)) = (run().await, run().await);
    assert_eq!(left, right);
    let count = |status: u16| left.iter().filter(|it| **it == status).count() as u64;
    assert_eq!((faults["429"], faults["503"]), (count(429), count(503)));
    assert!(count(200) > 20 && count(429) > count(503), "{left:?}");
}
