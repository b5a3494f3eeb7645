//! Every page with real records: what it shows, whose, and what it changes.

use std::time::Duration;

use axum::http::StatusCode;
use clawback_core::history::Gathered;
use clawback_core::{Destination, Disposition, Region};

use super::world::{World, recipient};
use crate::web::assets;
use crate::web::headers::CSP;

const SETTINGS: &str = "/settings/email/retract";

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_a_page_ours() {
    let world = World::new().await;
    let id = world.recorded(world.tenant, |_| {}).await;
    let mut browser = world.signed_in().await;
    let message = format!("/messages/{id}");
    let paths =
        ["/", "/trace", &message, "/jobs", "/audit", SETTINGS, "/login", "/nothing", "/messages/x"];
    for path in paths {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("content-security-policy"), CSP, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("strict-transport-security").is_empty(), "{path}");
        assert!(!answer.body.contains(" style=") && !answer.body.contains("<style"), "{path}");
        assert!(!answer.body.contains(" onclick") && !answer.body.contains("<script>"), "{path}");
        assert_eq!(answer.body.matches("<h1").count(), 1, "{path}: one heading");
    }
}

#[tokio::test]
async fn assets_may_be_kept_for_good_and_have_no_other_name() {
    let world = World::new().await;
    let mut browser = world.browser();
    for name in ["clawback.css", "clawback.js", "icons.svg", "favicon.svg"] {
        let answer = browser.get(assets::url(name)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert!(answer.header("cache-control").contains("immutable"), "{name}");
        let plain = browser.get(&format!("/assets/{name}")).await;
        assert_eq!(plain.status, StatusCode::NOT_FOUND, "{name}");
        assert_eq!(plain.header("cache-control"), "no-store", "{name}");
    }
}

#[tokio::test]
async fn nothing_yet_says_what_will_appear() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    assert!(browser.get("/").await.body.contains("No journal reports so far"));
    assert!(browser.get("/trace").await.body.contains("No journal reports so far"));
    assert!(browser.get("/jobs").await.body.contains("No retraction was ordered yet"));
}

#[tokio::test]
async fn another_tenants_message_is_not_found_like_one_that_never_was() {
    let world = World::new().await;
    let other = world.add_tenant(2, "other.example", "kim@other.example").await;
    let theirs = world.recorded(other, |record| record.summary.subject = "Theirs".into()).await;
    let mut browser = world.signed_in().await;
    let foreign = browser.get(&format!("/messages/{theirs}")).await;
    let never = browser.get("/messages/00000000000000000000000000000000").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!((foreign.status, &foreign.body), (never.status, &never.body));
    for path in ["/", "/trace?range=all", "/jobs", "/audit"] {
        assert!(!browser.get(path).await.body.contains("Theirs"), "{path}");
    }
}

#[tokio::test]
async fn a_message_says_what_decided_and_where_its_copies_are() {
    let world = World::new().await;
    let id = world.recorded(world.tenant, |_| {}).await;
    let page = world.signed_in().await.get(&format!("/messages/{id}")).await.body;
    assert!(page.contains("decided by <bdi>intel-url</bdi>"));
    assert!(page.contains("hxxps://lure.example/pay") && !page.contains("https://lure.example"));
    assert!(page.contains("anna@corp.example"));
    assert!(page.contains("1 of 1 copy can still be opened."));
    assert!(page.contains("Auto-retract is No Action for MALICIOUS."));
    assert!(page.contains("What was known then") && page.contains("Nothing of its senders"));
}

#[tokio::test]
async fn a_message_shows_what_was_known_when_it_was_judged() {
    let world = World::new().await;
    let gathered = Gathered {
        received_at: Some(1_795_000_000),
        registered: [("<b>shop.example".to_owned(), 1_794_614_400)].into(),
        ..Gathered::default()
    };
    let id = world.recorded(world.tenant, |record| record.gathered = gathered).await;
    let page = world.signed_in().await.get(&format!("/messages/{id}")).await.body;
    assert!(page.contains("shop[.]example") && !page.contains("<b>shop"), "untrusted, defanged");
    assert!(page.contains("registered 2026-11-14, 4 days before"));
}

#[tokio::test]
async fn the_trace_turns_its_pages_without_losing_or_repeating_a_row() {
    let world = World::new().await;
    let mut all = Vec::new();
    for number in 0..60 {
        let subject = format!("Mail {number:02}.");
        all.push(world.recorded(world.tenant, |r| r.summary.subject = subject).await.to_string());
        world.clock.forward(Duration::from_secs(1));
    }
    let mut browser = world.signed_in().await;
    let first = browser.get("/trace").await.body;
    let older = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = browser.get(&older.replace("&amp;", "&").replace("&#38;", "&")).await.body;
    let on = |page: &str, id: &String| page.contains(&format!("data-key=\"{id}\""));
    for id in &all {
        assert!(on(&first, id) != on(&second, id), "{id} is on exactly one page");
    }
    assert!(on(&first, all.last().unwrap()), "newest first");
    assert!(first.contains("60 messages") && !second.contains("rel=\"next\""));
}

#[tokio::test]
async fn a_search_that_cannot_be_read_says_why() {
    let world = World::new().await;
    world.recorded(world.tenant, |_| {}).await;
    let mut browser = world.signed_in().await;
    let page = browser.get("/trace?q=form:anna").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("did you mean “from:”?"));
    assert!(browser.get("/trace?q=subject:invoice").await.body.contains("1 message<"));
    assert!(browser.get("/trace?q=subject:nonsense").await.body.contains("No message matches"));
    assert_eq!(browser.get("/trace?after=nonsense").await.status, StatusCode::BAD_REQUEST);
}

fn form<'a>(version: &'a str, malicious: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("version", version),
        ("MALICIOUS", malicious),
        ("SUSPICIOUS", "junk"),
        ("SPOOF", "trash"),
        ("SPAM", "no_action"),
        ("BULK", "no_action"),
    ]
}

async fn version(world: &World) -> String {
    let tenant = world.store.tenant(world.tenant, &Region::global());
    tenant.settings().await.unwrap().version.to_string()
}

async fn malicious(world: &World) -> Destination {
    let tenant = world.store.tenant(world.tenant, &Region::global());
    tenant.settings().await.unwrap().auto_retract.destination(Disposition::Malicious)
}

#[tokio::test]
async fn settings_are_saved_said_to_be_and_hold_for_the_next_message() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    assert!(browser.get(SETTINGS).await.body.contains(" disabled"), "read-only until Edit");
    let saved = browser.post(SETTINGS, &form(&version(&world).await, "soft_delete")).await;
    assert_eq!(saved.location(), "/settings/email/retract?saved=3");
    assert!(browser.get(saved.location()).await.body.contains("3 choices changed."));
    assert_eq!(malicious(&world).await, Destination::SoftDelete);
    let id = world.recorded(world.tenant, |_| {}).await;
    let page = browser.get(&format!("/messages/{id}")).await.body;
    assert!(page.contains("to Soft Delete") && page.contains("Queued"));
    let jobs = browser.get("/jobs").await.body;
    let job = jobs.split("data-href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(browser.get(&job).await.body.contains("anna@corp.example"));
    let audit = browser.get("/audit").await.body;
    assert!(audit.contains("settings.auto_retract.changed") && audit.contains("Dana Reyes"));
    assert!(audit.contains(&format!("href=\"/messages/{id}\"")), "leads to what it is about");
    assert!(audit.contains("MALICIOUS No Action → Soft Delete"), "what changed");
    assert!(!audit.contains("SPAM"), "and nothing else");
}

#[tokio::test]
async fn the_audit_log_is_checked_in_part_by_a_link_and_whole_by_a_form_once_a_minute() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let sealed = world.store.region(&Region::global()).seal_audit(1_000).await.unwrap();
    assert!(sealed > 0);
    let newest = browser.get("/audit?verify").await;
    assert!(newest.body.contains("The newest entries are intact."));
    assert!(newest.body.contains(&format!("{sealed} sealed entr")), "how many");
    assert_eq!(browser.get("/audit/check").await.status, StatusCode::NOT_FOUND, "only by POST");
    let whole = browser.post("/audit/check", &[]).await;
    assert!(whole.body.contains("The chain is intact."));
    assert!(whole.body.contains(&format!("{sealed} sealed entr")), "how many");
    let again = browser.post("/audit/check", &[]).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(again.header("retry-after"), "60");
    assert!(again.body.contains("once a minute"));
    world.clock.forward(Duration::from_secs(61));
    assert_eq!(browser.post("/audit/check", &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn assets_are_compressed_and_pages_never_are() {
    let world = World::new().await;
    world.recorded(world.tenant, |_| {}).await;
    let mut browser = world.signed_in().await;
    let accepts = [("accept-encoding", "gzip, br")];
    let css = assets::url("clawback.css");
    let answer = browser.get_with(css, &accepts).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert!(answer.header("vary").contains("accept-encoding"));
    let tag = answer.header("etag").to_owned();
    let known = browser.get_with(css, &[("if-none-match", &*tag)]).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let changed = browser.get_with(css, &[("if-none-match", "W/\"other\"")]).await;
    assert_eq!(changed.status, StatusCode::OK);
    for path in ["/", "/trace?q=invoice", "/audit", SETTINGS, "/login", "/nothing"] {
        let answer = browser.get_with(path, &accepts).await;
        assert_eq!(answer.header("content-encoding"), "", "{path}");
    }
}

#[tokio::test]
async fn the_copies_of_a_job_come_a_hundred_a_page_and_none_is_lost() {
    let world = World::new().await;
    let tenant = world.store.tenant(world.tenant, &Region::global());
    let settings = tenant.settings().await.unwrap();
    let policy = settings.auto_retract.with(Disposition::Malicious, Destination::Trash).unwrap();
    let actor = clawback_core::audit::Actor::system("test");
    tenant.save_auto_retract(settings.version, policy, &actor).await.unwrap();
    let address = |number: usize| format!("m{number:03}@corp.example");
    let many = (0..130).map(|number| recipient(&address(number))).collect();
    world.recorded(world.tenant, |record| record.recipients = many).await;
    let mut browser = world.signed_in().await;
    let jobs = browser.get("/jobs").await.body;
    let job = jobs.split("data-href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let first = browser.get(&job).await.body;
    assert!(first.contains("1–100 of 130") && first.contains("130 copies"));
    let second = browser.get(&format!("{job}?page=2")).await.body;
    assert!(second.contains("101–130 of 130") && !second.contains("rel=\"next\""));
    for number in 0..130 {
        let address = address(number);
        assert!(first.contains(&address) != second.contains(&address), "{address}");
    }
}

#[tokio::test]
async fn a_save_that_saw_an_older_version_is_refused_and_shows_both() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let seen = version(&world).await;
    browser.post(SETTINGS, &form(&seen, "junk")).await;
    let refused = browser.post(SETTINGS, &form(&seen, "trash")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("theirs <b>Junk Email</b>, yours <b>Trash</b>"));
    assert_eq!(malicious(&world).await, Destination::Junk);
}

#[tokio::test]
async fn hard_delete_needs_its_acknowledgement() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let seen = version(&world).await;
    let refused = browser.post(SETTINGS, &form(&seen, "hard_delete")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(malicious(&world).await, Destination::NoAction);
    let mut with = form(&seen, "hard_delete");
    with.push(("acknowledge", "yes"));
    assert_eq!(browser.post(SETTINGS, &with).await.status, StatusCode::SEE_OTHER);
    assert_eq!(malicious(&world).await, Destination::HardDelete);
}

#[tokio::test]
async fn a_form_that_is_not_ours_is_refused() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let seen = version(&world).await;
    for fields in [form(&seen, "inbox"), form("x", "junk"), vec![("version", seen.as_str())]] {
        assert_eq!(browser.post(SETTINGS, &fields).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(malicious(&world).await, Destination::NoAction);
}
