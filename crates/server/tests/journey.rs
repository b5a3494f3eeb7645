//! The promise to people, over real sockets: a report comes in by SMTP, the phish is gone from the
//! mailbox, and the dashboard shows it in a real browser.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::time::Duration;

use clawback_core::Destination;
use clawback_sim::{Behaviour, Folder};
use fantoccini::Locator;
use harness::browser::{Browser, sign_in, text};
use harness::{Installation, Running, Sim, deliver, ham, journaler, phish, until};

fn folder(sim: &Sim, user: usize, id: &str) -> Option<Folder> {
    let user = &sim.world.users()[user].id;
    let items = sim.world.items(user);
    items.into_iter().find(|item| item.internet_message_id.contains(id)).map(|item| item.folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_destination_is_where_the_policy_says() {
    let sim = Sim::start(Behaviour { arrival_delay_ms: 0..=400, ..Behaviour::default() }).await;
    let installation = Installation::new(&sim).await;
    let to = harness::mailbox(&sim);
    let destinations = [
        (Destination::NoAction, Folder::Inbox),
        (Destination::Junk, Folder::JunkEmail),
        (Destination::Trash, Folder::DeletedItems),
        (Destination::SoftDelete, Folder::Deletions),
        (Destination::HardDelete, Folder::Purges),
    ];
    for (number, (destination, meant)) in (1..).zip(destinations) {
        installation.send_bad_mail_to(destination).await;
        let running = Running::start(&installation).await;
        let mut journaler = journaler(&installation, &running);
        let (bad, good) = (format!("bad-{number}"), format!("good-{number}"));
        let raw = phish(&bad, &to);
        let report = deliver(&sim, &raw, "a@portal-check.example.net", &to, number);
        journaler.send(&report).await.unwrap();
        let raw = ham(&good, &to);
        let report = deliver(&sim, &raw, "ben@partner.example.org", &to, 1_000 + number);
        journaler.send(&report).await.unwrap();
        until(&format!("{destination} is done"), async || folder(&sim, 0, &bad) == Some(meant))
            .await;
        until("the good one is there", async || folder(&sim, 0, &good) == Some(Folder::Inbox))
            .await;
        assert!(running.stop().await);
    }
}

/// Whoever forges a report can copy everything that names a mail but not what it says: what may be
/// the wrong one is never deleted for good.
#[tokio::test(flavor = "multi_thread")]
async fn what_says_something_else_than_was_journaled_is_never_deleted_for_good() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    installation.send_bad_mail_to(Destination::HardDelete).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let to = harness::mailbox(&sim);
    let id = b"X-MS-Exchange-Organization-Network-Message-Id: aaaa\r\n".as_slice();
    let good = [id, &ham("minutes", &to)].concat();
    deliver(&sim, &good, "ben@partner.example.org", &to, 1);
    let lure = format!("{}see you soon", harness::LURE);
    let body = String::from_utf8(good).unwrap().replace("See you soon", &lure);
    let forged = harness::report_of(&sim, body.as_bytes(), "ben@partner.example.org", &to, 2);
    journaler.send(&forged).await.unwrap();
    until("it was acted upon", async || folder(&sim, 0, "minutes") != Some(Folder::Inbox)).await;
    assert_eq!(folder(&sim, 0, "minutes"), Some(Folder::Deletions), "its owner can get it back");
    assert!(running.stop().await);
}

/// A stranger can copy every field of a good mail into a phish; the good one stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_good_mail_with_the_same_fields_is_never_taken_for_the_phish() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let to = harness::mailbox(&sim);
    let marked = |mark: &str, raw: &[u8]| {
        let id = format!("X-MS-Exchange-Organization-Network-Message-Id: {mark}\r\n");
        [id.as_bytes(), raw].concat()
    };
    let good = marked("aaaa", &ham("minutes", &to));
    deliver(&sim, &good, "ben@partner.example.org", &to, 1);
    let lure = format!("{}see you soon", harness::LURE);
    let body = String::from_utf8(ham("minutes", &to)).unwrap().replace("See you soon", &lure);
    // One twin that really arrived, and one report of mail that never did.
    let twin = marked("bbbb", body.as_bytes());
    let report = deliver(&sim, &twin, "ben@partner.example.org", &to, 2);
    journaler.send(&report).await.unwrap();
    let forged = harness::report_of(&sim, body.as_bytes(), "ben@partner.example.org", &to, 3);
    journaler.send(&forged).await.unwrap();
    let folders = || {
        let user = &sim.world.users()[0].id;
        let mut all: Vec<Folder> =
            sim.world.items(user).into_iter().map(|item| item.folder).collect();
        all.sort();
        all
    };
    until("the twin is gone", async || folders().contains(&Folder::Deletions)).await;
    let last = phish("last", &to);
    let report = deliver(&sim, &last, "a@portal-check.example.net", &to, 4);
    journaler.send(&report).await.unwrap();
    until("what came after is gone too", async || {
        folder(&sim, 0, "last") == Some(Folder::Deletions)
    })
    .await;
    assert_eq!(folders(), [Folder::Deletions, Folder::Deletions, Folder::Inbox]);
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_the_block_list_holds_for_mail_that_comes_after_it() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let to = harness::mailbox(&sim);
    let (dir, tenant) = (installation.dir.path(), ["--tenant", "Example Corp"]);
    let add = ["list", "add", tenant[0], tenant[1], "--list", "block", "partner.example.org"];
    harness::run(dir, &add).await;
    let shown = harness::run(dir, &["list", "show", tenant[0], tenant[1]]).await;
    assert!(shown.contains("partner.example.org"), "{shown}");
    // The running process takes it over within seconds; until then mail is judged as before.
    let mut number = 0;
    until("mail of the blocked sender is taken back", async || {
        number += 1;
        let id = format!("blocked-{number}");
        let raw = ham(&id, &to);
        let report = deliver(&sim, &raw, "ben@partner.example.org", &to, number);
        journaler.send(&report).await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
        folder(&sim, 0, &id) == Some(Folder::Deletions)
    })
    .await;
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phish_is_taken_back_and_the_dashboard_shows_it() {
    let Some(browser) = Browser::start().await else { return };
    let sim = Sim::start(Behaviour { arrival_delay_ms: 200..=600, ..Behaviour::default() }).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let to = harness::mailbox(&sim);
    let report = deliver(&sim, &phish("bad-1", &to), "a@portal-check.example.net", &to, 1);
    journaler.send(&report).await.unwrap();
    let report = deliver(&sim, &ham("good-1", &to), "ben@partner.example.org", &to, 2);
    journaler.send(&report).await.unwrap();
    until("the phish is gone", async || folder(&sim, 0, "bad-1") == Some(Folder::Deletions)).await;

    let page = &browser.client;
    let url = format!("http://{}/", running.http);
    page.goto(&url).await.unwrap();
    assert!(page.current_url().await.unwrap().path().contains("login"), "strangers sign in first");
    sign_in(page, "not the password").await;
    assert!(text(page, "main").await.contains("wrong"), "a wrong password is told");
    sign_in(page, &installation.password).await;

    page.goto(&format!("{url}trace")).await.unwrap();
    until("the trace shows both, and where they are", async || {
        page.refresh().await.unwrap();
        let shown = text(page, "main").await;
        shown.contains("bad-1") && shown.contains("good-1") && shown.contains("Recoverable Items")
    })
    .await;
    let shown = text(page, "main").await.to_uppercase();
    assert!(shown.contains("MALICIOUS") && shown.contains("CLEAN"), "{shown}");
    page.find(Locator::LinkText("Your mailbox will be closed bad-1"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    until("the message is open", async || {
        page.current_url().await.unwrap().path().starts_with("/messages/")
    })
    .await;
    let shown = text(page, "main").await;
    for part in ["intel", "evil-login[.]example", "Retracted"] {
        assert!(shown.contains(part), "the message page lacks {part}: {shown}");
    }
    browser.stop().await;
    assert!(running.stop().await);
}
