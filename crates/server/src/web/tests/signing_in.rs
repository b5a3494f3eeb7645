//! Signing in and out, and what a session and a foreign page may do.

use std::time::Duration;

use axum::http::StatusCode;

use super::world::{EMAIL, PASSWORD, World};
use crate::web::headers::CSP;

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in_and_is_led_back_to_it_afterwards() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in ["/", "/trace", "/jobs", "/audit", "/settings/email/retract", "/messages/00"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.location().starts_with("/login"), "{path}");
    }
    let asked = browser.get("/trace?q=is:failed").await;
    let form = browser.get(asked.location()).await;
    assert!(form.body.contains("value=\"/trace?q=is:failed\""));
    let fields = [("email", EMAIL), ("password", PASSWORD), ("next", "/trace?q=is:failed")];
    assert_eq!(browser.post("/login", &fields).await.location(), "/trace?q=is:failed");
    assert_eq!(browser.get("/trace?q=is:failed").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_address_and_a_wrong_password_are_answered_alike() {
    let world = World::new().await;
    let mut browser = world.browser();
    let password = browser.sign_in(EMAIL, "wrong horse battery").await;
    let address = browser.sign_in("nobody@corp.example", PASSWORD).await;
    assert_eq!(password.status, StatusCode::UNAUTHORIZED);
    assert_eq!(address.status, StatusCode::UNAUTHORIZED);
    assert_eq!(password.body.replace(EMAIL, ""), address.body.replace("nobody@corp.example", ""));
    assert!(browser.cookie.is_empty());
}

#[tokio::test]
async fn a_session_ends_unused_and_a_page_refreshing_itself_is_no_use() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    world.clock.forward(Duration::from_secs(20 * 60));
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    for _ in 0..2 {
        world.clock.forward(Duration::from_secs(14 * 60));
        assert_eq!(browser.get_with("/", &[("x-clawback-live", "1")]).await.status, StatusCode::OK);
    }
    world.clock.forward(Duration::from_secs(3 * 60));
    let live = browser.get_with("/", &[("x-clawback-live", "1")]).await;
    assert_eq!(live.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_in_use_ends_all_the_same() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    for _ in 0..35 {
        world.clock.forward(Duration::from_secs(20 * 60));
        assert_eq!(browser.get("/audit").await.status, StatusCode::OK);
    }
    world.clock.forward(Duration::from_secs(21 * 60));
    assert_eq!(browser.get("/audit").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_sign_in_makes_a_new_session_and_ends_the_one_before() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let before = browser.cookie.clone();
    browser.sign_in(EMAIL, PASSWORD).await;
    assert_ne!(browser.cookie, before);
    browser.cookie = before;
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let cookie = browser.cookie.clone();
    assert_eq!(browser.get("/logout").await.status, StatusCode::NOT_FOUND, "only by POST");
    assert_eq!(browser.post("/logout", &[]).await.location(), "/login");
    browser.cookie = cookie;
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_unsafe_request_from_another_site_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let rows: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    for headers in rows {
        let answer = browser.post_with("/logout", &[], headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(answer.header("content-security-policy"), CSP);
    }
    assert_eq!(browser.get("/").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn our_own_origin_is_ours_also_behind_a_proxy_that_changes_the_host() {
    let world = World::new().await;
    let mut browser = world.browser_at(Some("https://mail.corp.example/"));
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let headers = [("origin", "https://mail.corp.example"), ("host", "10.0.0.7:8080")];
    let answer = browser.post_with("/login", &fields, &headers).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    for name in ["__Host-clawback_session=", "__Host-clawback_device="] {
        let cookie = answer.cookie(name);
        assert!(cookie.contains("Secure") && cookie.contains("HttpOnly"), "{name}: {cookie}");
    }
    assert!(answer.header("strict-transport-security").contains("max-age"));
}

#[tokio::test]
async fn a_form_too_large_is_refused() {
    let world = World::new().await;
    let mut browser = world.browser();
    let answer = browser.sign_in(EMAIL, &"x".repeat(100_000)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
