//! A page that cannot be: what it says, to whom, and the way on.

use axum::http::StatusCode;

use super::world::World;

const NOBODYS: &str = "00000000000000000000000000000000";

#[tokio::test]
async fn a_failure_keeps_the_navigation_of_who_is_signed_in_and_says_what_to_do() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let rows = [
        (format!("/messages/{NOBODYS}"), "No such message", "href=\"/trace?range=all\""),
        ("/messages/nonsense".to_owned(), "No such message", "href=\"/trace?range=all\""),
        (format!("/jobs/{NOBODYS}"), "No such job", "href=\"/jobs\""),
        ("/nothing".to_owned(), "Nothing is here", "href=\"/\""),
        ("/trace?after=nonsense".to_owned(), "cannot be read", "href=\"/\""),
    ];
    for (path, says, way) in rows {
        let answer = browser.get(&path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        let main = answer.body.split("<main").nth(1).unwrap();
        assert!(main.contains(says) && main.contains(way), "{path}: {main}");
        assert!(answer.body.contains("aria-label=\"Main\""), "{path}: the navigation");
        assert!(answer.body.contains("Dana Reyes"), "{path}: who is signed in");
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path}: one heading");
    }
}

#[tokio::test]
async fn a_stranger_is_shown_nobodys_navigation() {
    let world = World::new().await;
    let mut browser = world.browser();
    let answer = browser.get("/nothing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("Nothing is here") && answer.body.contains("href=\"/\""));
    assert!(!answer.body.contains("Tenant 1") && !answer.body.contains("aria-label=\"Main\""));
}

#[tokio::test]
async fn a_mistyped_address_is_no_use_of_a_session() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    for _ in 0..3 {
        world.clock.forward(std::time::Duration::from_secs(14 * 60));
        browser.get("/nothing").await;
    }
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}
