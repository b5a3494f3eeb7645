//! Every page in a real browser: on a desk and on a phone, with keys alone, and with a console that
//! has nothing to complain about. The names hold `dashboard_shows`, by which they are chosen.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use clawback_core::{Destination, Disposition};
use clawback_sim::{Behaviour, Folder};
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use harness::browser::{Browser, follow, press, sign_in, text};
use harness::{Installation, Running, Sim, deliver, ham, journaler, phish, until};

/// A dashboard with one retracted phish and one good mail, and somebody signed in.
struct Desk {
    browser: Browser,
    url: String,
    installation: Installation,
    running: Running,
    _sim: Sim,
}

impl Desk {
    async fn new() -> Option<Self> {
        let browser = Browser::start().await?;
        let sim = Sim::start(Behaviour::default()).await;
        let installation = Installation::new(&sim).await;
        let running = Running::start(&installation).await;
        let mut journaler = journaler(&installation, &running);
        let to = harness::mailbox(&sim);
        let good = ham("good-1", &to);
        let report = deliver(&sim, &good, "ben@partner.example.org", &to, 2);
        journaler.send(&report).await.unwrap();
        // As wide as a stranger can make it: nothing of it may push a page apart.
        let wide = format!("bad-1-{}", "w".repeat(200));
        let report = deliver(&sim, &phish(&wide, &to), "a@portal-check.example.net", &to, 1);
        journaler.send(&report).await.unwrap();
        until("the phish is gone", async || {
            let user = &sim.world.users()[0].id;
            sim.world.items(user).iter().any(|item| item.folder == Folder::Deletions)
        })
        .await;
        let url = format!("http://{}", running.http);
        browser.client.goto(&format!("{url}/login")).await.unwrap();
        sign_in(&browser.client, &installation.password).await;
        Some(Self { browser, url, installation, running, _sim: sim })
    }

    fn page(&self) -> &Client {
        &self.browser.client
    }

    async fn go(&self, path: &str) {
        self.page().goto(&format!("{}{path}", self.url)).await.unwrap();
    }

    /// The first address on a page that begins so.
    async fn link(&self, path: &str, begin: &str) -> String {
        self.go(path).await;
        let selector = format!("main a[href^=\"{begin}\"]");
        let link = self.page().find(Locator::Css(&selector)).await.unwrap();
        link.attr("href").await.unwrap().unwrap()
    }

    async fn keys(&self, keys: &str) {
        self.page().active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    async fn says(&self, script: &str) -> serde_json::Value {
        self.page().execute(&format!("return {script};"), Vec::new()).await.unwrap()
    }

    async fn at(&self, path: &str) {
        until(&format!("the browser is at {path}"), async || {
            self.page().current_url().await.unwrap().path() == path
        })
        .await;
    }

    async fn stop(self) {
        self.browser.stop().await;
        assert!(self.running.stop().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_the_dashboard_shows_fits_a_phone_and_the_console_stays_silent() {
    let Some(desk) = Desk::new().await else { return };
    let message = desk.link("/trace", "/messages/").await;
    let job = desk.link("/jobs", "/jobs/").await;
    let settings = "/settings/email/retract";
    let edit = format!("{settings}?edit");
    let paths = [
        "/",
        "/?range=30d&clean",
        "/trace",
        "/trace?q=subject:nothing",
        "/trace?q=form:x",
        &message,
        "/jobs",
        &job,
        settings,
        &edit,
        "/audit",
        "/audit?verify",
        "/login",
    ];
    for (width, height, is_phone) in [(1_440, 1_000, false), (390, 844, true)] {
        desk.browser.resize(width, height, is_phone).await;
        for path in paths {
            desk.go(path).await;
            let width_of = "[document.documentElement.scrollWidth, innerWidth]";
            let widths = desk.says(width_of).await;
            let (content, window) = (widths[0].as_u64().unwrap(), widths[1].as_u64().unwrap());
            assert_eq!(window, u64::from(width), "{path}");
            assert!(content <= window, "{path}: {content} px wide in {window}");
            let complaints = desk.browser.complaints().await;
            assert!(complaints.is_empty(), "{path} at {width}: {complaints:?}");
        }
        // Told as an error by the browser, since it is one: only its looks are looked at.
        desk.go("/messages/nonsense").await;
        assert!(text(desk.page(), "main").await.contains("No such message"));
        assert!(desk.says("document.documentElement.scrollWidth <= innerWidth").await == true);
        desk.browser.complaints().await;
    }
    // The navigation is a drawer here, and opens.
    desk.go("/").await;
    press(desk.page(), "[data-nav-toggle]").await;
    press(desk.page(), "nav a[href=\"/trace\"]").await;
    desk.at("/trace").await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_alone_reach_what_the_dashboard_shows() {
    let Some(desk) = Desk::new().await else { return };
    desk.go("/").await;
    desk.keys(&Key::Tab).await;
    assert_eq!(desk.says("document.activeElement.className").await, "skip", "the first stop");
    desk.keys(&Key::Enter).await;
    assert_eq!(desk.says("location.hash").await, "#main");
    desk.keys("gt").await;
    desk.at("/trace").await;
    desk.keys("?").await;
    assert_eq!(desk.says("document.querySelector('#shortcuts').open").await, true);
    desk.keys(&Key::Escape).await;
    assert_eq!(desk.says("document.querySelector('#shortcuts').open").await, false);
    desk.keys("/").await;
    assert_eq!(desk.says("document.activeElement.id").await, "q");
    desk.keys("subject:mailbox").await;
    desk.keys(&Key::Enter).await;
    until("one message is found", async || {
        desk.says("document.querySelectorAll('table[data-rows] tbody tr').length").await == 1
    })
    .await;
    desk.keys("j").await;
    assert!(desk.says("document.querySelector('tr.cursor') !== null").await == true);
    desk.keys("o").await;
    until("the message is open", async || {
        desk.page().current_url().await.unwrap().path().starts_with("/messages/")
    })
    .await;
    let focus = "getComputedStyle(document.activeElement).outlineStyle";
    desk.keys(&Key::Tab).await;
    assert_ne!(desk.says(focus).await, "none", "where one is can be seen");
    let complaints = desk.browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:?}");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_change_hold_and_the_dashboard_shows_them() {
    let Some(desk) = Desk::new().await else { return };
    desk.go("/").await;
    let shown = text(desk.page(), "main").await;
    for part in ["Messages processed", "Copies retracted", "Anybody who knows the journaling"] {
        assert!(shown.contains(part), "the overview lacks {part}: {shown}");
    }
    until("the overview counts both messages by itself", async || {
        desk.says("document.querySelector('.kpi .v').textContent").await == "2"
    })
    .await;
    desk.go("/settings/email/retract").await;
    assert_eq!(desk.says("document.querySelector('fieldset').disabled").await, true);
    follow(desk.page(), "main a[href$=\"?edit\"]").await;
    let spam = "input[name=SPAM][value=no_action]";
    let chosen = desk.page().find(Locator::Css(spam)).await.unwrap();
    chosen.send_keys(" ").await.unwrap();
    chosen.send_keys(&Key::Right).await.unwrap();
    let changes = text(desk.page(), "[data-changes]").await;
    assert!(changes.contains("Spam → Junk Email"), "{changes}");
    follow(desk.page(), ".savebar button").await;
    let shown = text(desk.page(), "main").await;
    assert!(shown.contains("settings updated") && shown.contains("1 choice changed"), "{shown}");
    press(desk.page(), "[data-dismiss]").await;
    assert!(!text(desk.page(), "main").await.contains("settings updated"));
    desk.go("/audit").await;
    let audit = text(desk.page(), "main").await;
    assert!(audit.contains("SPAM No Action → Junk Email"), "{audit}");
    let complaints = desk.browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:?}");
    let Desk { browser, installation, running, .. } = desk;
    browser.stop().await;
    assert!(running.stop().await);
    let settings = installation.records().await.settings().await.unwrap();
    assert_eq!(settings.auto_retract.destination(Disposition::Spam), Destination::Junk);
}
