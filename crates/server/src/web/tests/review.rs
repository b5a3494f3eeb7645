//! Reports of doubtful source, and what else an operator is told first.

use clawback_core::record::Arrival;
use clawback_core::source::SourceFault;

use super::world::World;
#[tokio::test]
async fn a_message_kept_for_review_says_why_and_that_nothing_is_done() {
    let world = World::new().await;
    let id = world
        .recorded(world.tenant, |record| {
            record.arrival = Arrival::Unverified;
            record.defects = vec!["source: network (192.0.2.99:41000)".into(), "no date".into()];
        })
        .await;
    let page = world.signed_in().await.get(&format!("/messages/{id}")).await.body;
    assert!(page.contains("Kept for review"));
    let why = SourceFault::Network.explanation().replace('\'', "&#39;");
    assert!(page.contains(&why) && page.contains("192.0.2.99:41000"), "{page}");
    assert!(page.contains("no date") && !page.contains("source: n"), "one thing in one place");
    let other = world.recorded(world.tenant, |_| {}).await;
    let page = world.signed_in().await.get(&format!("/messages/{other}")).await.body;
    assert!(!page.contains("Kept for review"));
}

#[tokio::test]
async fn unverified_reports_are_marked_in_the_trace_and_told_on_the_overview() {
    let world = World::new().await;
    let good = world.recorded(world.tenant, |_| {}).await;
    let bad = world.recorded(world.tenant, |r| r.arrival = Arrival::Unverified).await;
    let mut browser = world.signed_in().await;
    let trace = browser.get("/trace").await.body;
    let row = |id| {
        trace
            .split(&format!("data-key=\"{id}\""))
            .nth(1)
            .unwrap()
            .split("</tr>")
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(row(bad).contains(">Unverified<") && !row(good).contains(">Unverified<"));
    let overview = browser.get("/").await.body;
    assert!(overview.contains("1 report was kept for review."));
    assert!(overview.contains("/trace?range=24h&#38;q=is%3Aunverified"));
}

#[tokio::test]
async fn a_tenant_without_source_rules_is_told_the_command_that_makes_some() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    let page = browser.get("/").await.body;
    assert!(page.contains("Anybody who knows the journaling address"));
    assert!(page.contains("clawback tenant set --tenant &#39;Tenant 1&#39;"), "{page}");
    let control = world.store.control();
    let before = control.tenant(world.tenant).await.unwrap().unwrap();
    let mut tenant = before.clone();
    tenant.sources.networks.push("192.0.2.0/24".parse().unwrap());
    let actor = clawback_core::audit::Actor::system("test");
    control.update_tenant(&before, &tenant, &actor).await.unwrap();
    assert!(!browser.get("/").await.body.contains("Anybody who knows"));
}

#[tokio::test]
async fn a_root_key_without_a_backup_is_told_until_there_is_one() {
    let world = World::new().await;
    let mut browser = world.signed_in().await;
    assert!(
        browser
            .get("/")
            .await
            .body
            .contains("clawback keys backup --to /media/elsewhere/clawback-root.key")
    );
    let actor = clawback_core::audit::Actor::system("test");
    world.store.control().note_key_backup("0f3a", &actor).await.unwrap();
    assert!(!browser.get("/").await.body.contains("keys backup"));
}
