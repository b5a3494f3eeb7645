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

use std::process::Stdio;
use std::time::Duration;

use clawback_core::Destination;
use clawback_sim::{Behaviour, Folder};
use fantoccini::{Client, ClientBuilder, Locator};
use harness::{EMAIL, Installation, Running, Sim, deliver, ham, journaler, phish, until};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::process::{Child, Command};

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
    type_into(page, "#email", EMAIL).await;
    type_into(page, "#password", "not the password").await;
    press(page, "main form button").await;
    assert!(text(page, "main").await.contains("wrong"), "a wrong password is told");
    type_into(page, "#email", EMAIL).await;
    type_into(page, "#password", &installation.password).await;
    press(page, "main form button").await;

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
    let shown = text(page, "main").await;
    for part in ["intel", "evil-login[.]example", "Retracted"] {
        assert!(shown.contains(part), "the message page lacks {part}: {shown}");
    }
    browser.stop().await;
    assert!(running.stop().await);
}

async fn text(page: &Client, selector: &str) -> String {
    page.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
}

async fn type_into(page: &Client, selector: &str, words: &str) {
    let field = page.find(Locator::Css(selector)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(words).await.unwrap();
}

async fn press(page: &Client, selector: &str) {
    page.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
}

/// Debian's Chromium, headless, driven by its chromedriver.
struct Browser {
    client: Client,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// `None`, said aloud, where there is no browser; with `CLAWBACK_BROWSER=required` that fails.
    async fn start() -> Option<Self> {
        let required = std::env::var("CLAWBACK_BROWSER").is_ok_and(|value| value == "required");
        if !std::path::Path::new("/usr/bin/chromedriver").exists() {
            assert!(!required, "install chromium and chromium-driver");
            eprintln!("skipped: no /usr/bin/chromedriver (install chromium-driver)");
            return None;
        }
        let port = {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let driver = Command::new("/usr/bin/chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let profile = tempfile::tempdir().unwrap();
        let mut capabilities = serde_json::Map::new();
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--window-size=1440,1000".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        capabilities.insert("goog:chromeOptions".into(), serde_json::json!({ "args": arguments }));
        for _ in 0..100 {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
                return Some(Self { client, driver, _profile: profile });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("chromedriver does not answer");
    }

    async fn stop(mut self) {
        let _ = self.client.close().await;
        let _ = self.driver.kill().await;
    }
}
