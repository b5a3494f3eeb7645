//! Guessing a password leads nowhere, and guessing somebody else's locks nobody out but oneself.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;

use super::world::{Browser, EMAIL, PASSWORD, World};
use crate::web::attempts::{Attempts, Limits};

const WRONG: &str = "wrong horse battery";

async fn guess(browser: &mut Browser, times: usize) {
    for _ in 0..times {
        browser.sign_in(EMAIL, WRONG).await;
    }
}

#[tokio::test]
async fn after_too_many_tries_an_address_waits_there_and_is_told_so() {
    let world = World::new().await;
    let mut browser = world.browser();
    guess(&mut browser, 5).await;
    let locked = browser.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(locked.body.contains("tried again in 11 minutes"), "{}", locked.body);
    assert_eq!(locked.header("retry-after"), "660");
    let mut elsewhere = browser.another("192.0.2.11");
    assert_eq!(elsewhere.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
    world.clock.forward(Duration::from_secs(601));
    assert_eq!(browser.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_signed_in_before_is_not_locked_out_by_others_behind_the_same_address() {
    let world = World::new().await;
    let mut dana = world.signed_in().await;
    dana.post("/logout", &[]).await;
    let mut stranger = dana.another(&dana.peer);
    guess(&mut stranger, 6).await;
    let locked = stranger.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(dana.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
    // A cookie that is not ours opens nothing.
    stranger.device = dana.device.replace('0', "1");
    let locked = stranger.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    // And a known browser in wrong hands has as many tries as any other.
    guess(&mut dana, 5).await;
    let locked = dana.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_new_password_makes_a_known_browser_a_stranger() {
    let world = World::new().await;
    let mut dana = world.signed_in().await;
    let control = world.store.control();
    let operator = control.operator_by_email(EMAIL).await.unwrap().unwrap();
    let hash = crate::web::operator::hash_password("another horse battery", &world.entropy());
    control.set_password_hash(operator.id, &hash.unwrap()).await.unwrap();
    let mut stranger = dana.another(&dana.peer);
    guess(&mut stranger, 5).await;
    let locked = dana.sign_in(EMAIL, "another horse battery").await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn tries_at_the_same_moment_are_no_more_than_tries_one_after_another() {
    let world = World::new().await;
    let browser = world.browser();
    let tries = (0..12).map(|_| {
        let mut one = browser.another("192.0.2.12");
        async move { one.sign_in(EMAIL, WRONG).await.status }
    });
    let answers = futures_util::future::join_all(tries).await;
    let looked_at = answers.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count();
    assert!(looked_at <= 5, "{answers:?}");
}

#[tokio::test]
async fn a_crowd_of_strangers_is_turned_away_and_a_known_browser_is_not() {
    let world = World::new().await;
    let state = world.state();
    let mut dana = World::browser_of(state.clone());
    dana.sign_in(EMAIL, PASSWORD).await;
    state.checks.crowd(false);
    let mut stranger = dana.another("192.0.2.12");
    for _ in 0..10 {
        let busy = stranger.sign_in(EMAIL, PASSWORD).await;
        assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE, "and never locked by it");
        assert_eq!(busy.header("retry-after"), "5");
    }
    assert_eq!(dana.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_address_tried_from_everywhere_answers_strangers_slowly_and_still_lets_them_in() {
    let world = World::new().await;
    let mut state = world.state();
    let step = Duration::from_millis(300);
    let limits = Limits { free_tries: 1, step, wait: step, ..Limits::default() };
    state.attempts = Arc::new(Attempts::with(limits));
    let mut dana = World::browser_of(state);
    assert_eq!(dana.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
    guess(&mut dana.another("192.0.2.12"), 1).await;
    let mut stranger = dana.another("192.0.2.13");
    let began = tokio::time::Instant::now();
    assert_eq!(stranger.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert!(began.elapsed() >= step, "{:?}", began.elapsed());
}
