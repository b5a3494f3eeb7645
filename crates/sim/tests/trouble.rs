//! Throttling and faults, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use clawback_sim::{Behaviour, Fault, Folder, On, OperationKind};
use reqwest::header::RETRY_AFTER;
use reqwest::{Method, StatusCode};
use support::{ANNA, BEN, MESSAGE_ID, Sim, code, read};

#[tokio::test]
async fn a_fifth_request_at_once_is_throttled_and_other_mailboxes_are_not() {
    let sim = Sim::start().await;
    let path = format!("/users/{ANNA}/messages");
    let held = sim.world.hold_requests();
    let four: Vec<_> =
        (0..4).map(|_| tokio::spawn(sim.request(Method::GET, &path).send())).collect();
    sim.world.until_in_flight(ANNA, 4).await;

    let response = sim.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(response.headers().get(RETRY_AFTER).expect("a time to wait"), "1");
    let (status, body) = read(response).await;
    assert_eq!((status.as_u16(), code(&body)), (429, "ApplicationThrottled"));

    let other = sim.request(Method::GET, &format!("/users/{BEN}/messages")).send();
    let other = tokio::spawn(other);
    sim.world.until_in_flight(BEN, 1).await;
    drop(held);
    for request in four.into_iter().chain([other]) {
        assert_eq!(request.await.expect("a task").expect("an answer").status(), StatusCode::OK);
    }
    assert_eq!(sim.get(&path).await.0, StatusCode::OK);
}

#[tokio::test]
async fn too_many_requests_in_ten_minutes_are_throttled_until_the_window_ends() {
    let sim = Sim::start_with(Behaviour { window_max: 3, ..Behaviour::default() }).await;
    let path = format!("/users/{ANNA}/messages");
    for wanted in [200, 200, 200, 429] {
        assert_eq!(sim.get(&path).await.0.as_u16(), wanted);
    }
    sim.hand.advance_ms(600_000);
    assert_eq!(sim.get(&path).await.0, StatusCode::OK);
}

#[tokio::test]
async fn coming_back_too_early_is_written_down() {
    let sim = Sim::start().await;
    let path = format!("/users/{ANNA}/messages");
    let impatient = || {
        let operations = sim.world.journal_of_operations();
        operations.iter().filter(|it| it.kind == OperationKind::Impatient).count()
    };
    sim.world.fail_next(Fault::Status429 { retry_after: Some(10) });
    assert_eq!(sim.get(&path).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(impatient(), 0);
    sim.get(&path).await;
    assert_eq!(impatient(), 1);
    sim.hand.advance_ms(10_000);
    sim.get(&path).await;
    assert_eq!(impatient(), 1);
}

#[tokio::test]
async fn retry_after_may_be_missing() {
    let sim = Sim::start().await;
    for (fault, status) in [
        (Fault::Status429 { retry_after: None }, 429),
        (Fault::Status503 { retry_after: None }, 503),
    ] {
        sim.world.fail_next(fault);
        let request = sim.request(Method::GET, &format!("/users/{ANNA}/messages"));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), status);
        assert!(!response.headers().contains_key(RETRY_AFTER));
        assert!(response.headers().contains_key("request-id"));
    }
}

#[tokio::test]
async fn a_connection_cut_before_the_work_leaves_the_message_where_it_was() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    sim.world.fail_next_on(On::Move, Fault::CutBefore);
    assert!(sim.moving(&id, "junkemail").send().await.is_err());
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::Inbox);
    assert_eq!(sim.move_to(&id, "junkemail").await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn a_connection_cut_after_the_work_has_moved_the_message() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    sim.world.fail_next_on(On::Move, Fault::CutAfter);
    assert!(sim.moving(&id, "junkemail").send().await.is_err());
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::JunkEmail);
    assert_eq!(sim.move_to(&id, "junkemail").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_timeout_may_have_done_the_work() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    sim.world.fail_next_on(On::PermanentDelete, Fault::Timeout504After);
    assert_eq!(sim.permanently_delete(&id).await, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::Purges);
}

#[tokio::test]
async fn a_timeout_may_have_done_nothing() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    sim.world.fail_next_on(On::Move, Fault::Timeout504Before);
    assert_eq!(sim.move_to(&id, "junkemail").await.0, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::Inbox);
}

#[tokio::test]
async fn a_service_that_is_away_may_say_for_how_long() {
    let sim = Sim::start().await;
    sim.world.fail_next(Fault::Status503 { retry_after: Some(7) });
    let request = sim.request(Method::GET, &format!("/users/{ANNA}/messages"));
    let response = request.send().await.expect("an answer");
    assert_eq!(
        (response.status().as_u16(), &response.headers()[RETRY_AFTER]),
        (503, &"7".parse().unwrap())
    );
}

#[tokio::test]
async fn a_good_status_may_come_with_a_broken_body() {
    let sim = Sim::start().await;
    sim.world.fail_next_on(On::List, Fault::MalformedBody);
    let request = sim.request(Method::GET, &format!("/users/{ANNA}/messages"));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.json::<serde_json::Value>().await.is_err());
}

#[tokio::test]
async fn random_faults_follow_from_the_seed() {
    let faults = vec![Fault::Status503 { retry_after: Some(1) }];
    let behaviour = Behaviour { fault_rate: 0.5, faults, ..Behaviour::default() };
    let (left, right) = (statuses(behaviour.clone()).await, statuses(behaviour).await);
    assert_eq!(left, right);
    assert!(left.contains(&200) && left.contains(&503), "{left:?}");
}

async fn statuses(behaviour: Behaviour) -> Vec<u16> {
    let mut sim = Sim::start().await;
    sim.token = sim.fresh_token().await;
    sim.world.set_behaviour(behaviour);
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(sim.get(&format!("/users/{ANNA}/messages")).await.0.as_u16());
    }
    statuses
}

#[tokio::test]
async fn the_clients_request_id_comes_back() {
    let sim = Sim::start().await;
    let given = "11111111-2222-4333-8444-555555555555";
    let url = format!("{}/v1.0/nothing", sim.root);
    let request = sim.client.get(url).bearer_auth(&sim.token).header("client-request-id", given);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers().get("client-request-id").expect("an id"), given);
    let (_, body) = read(response).await;
    assert_eq!(body["error"]["innerError"]["client-request-id"], given);
}
