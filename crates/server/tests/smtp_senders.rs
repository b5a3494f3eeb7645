//! Senders that others wrote bring journal reports: a real Postfix and swaks, over STARTTLS. What
//! they were told is taken arrives exactly once, and what was put off is brought again.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use clawback_core::UnixMillis;
use clawback_core::trace::{Query, Span};
use clawback_sim::{Behaviour, SmtpClient, SmtpEnvelope, prepare};
use clawback_store::TenantStore;
use harness::postfix::{Postfix, Then};
use harness::{Installation, Running, Sim, ham, journaler, report_of, until};
use tokio::process::Command;

/// A sender that is not there is skipped; with `CLAWBACK_PEERS=required` it must be there.
fn may_skip(name: &str, there: bool) -> bool {
    let required = std::env::var("CLAWBACK_PEERS").is_ok_and(|value| value == "required");
    assert!(there || !required, "install {name}, and run the tests as root");
    if !there {
        eprintln!("skipped: no {name}, or no root to run it");
    }
    !there
}

/// A clawback, and reports to bring to it.
struct Scene {
    sim: Sim,
    installation: Installation,
    records: TenantStore,
}

impl Scene {
    async fn new() -> Self {
        let sim = Sim::start(Behaviour::default()).await;
        let installation = Installation::new(&sim).await;
        let records = installation.records().await;
        Self { sim, installation, records }
    }

    fn report(&self, id: &str, number: u128) -> Vec<u8> {
        let to = harness::mailbox(&self.sim);
        report_of(&self.sim, &ham(id, &to), "ben@partner.example.org", &to, number)
    }

    /// How many messages of this id are recorded.
    async fn recorded(&self, id: &str) -> usize {
        let query = Query::parse(&format!("message-id:{id}@partner.example.org")).unwrap();
        let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
        self.records.trace(&query, span, None, 5).await.unwrap().rows.len()
    }

    async fn until_recorded(&self, ids: &[String]) {
        for id in ids {
            until(&format!("{id} is recorded"), async || self.recorded(id).await > 0).await;
            assert_eq!(self.recorded(id).await, 1, "{id}");
        }
    }

    /// A Postfix that relays to this clawback.
    fn postfix(&self, to: SocketAddr) -> (tempfile::TempDir, Postfix) {
        let folder = tempfile::tempdir().unwrap();
        let postfix = Postfix::start(folder.path(), Then::Relay(to), None).unwrap();
        (folder, postfix)
    }

    /// Gives a report to Postfix as programs on its machine do.
    fn sendmail(&self, postfix: &Postfix, report: &[u8]) {
        let mut sendmail = postfix.command("sendmail");
        sendmail.args(["-i", "-f", "journal-ndr@corp.example", &self.installation.journal_address]);
        let mut child = sendmail.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(report).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Gives a report to Postfix as a server does.
    async fn submit(&self, postfix: &Postfix, report: &[u8]) {
        let server = postfix.smtp.to_string();
        let mut client = SmtpClient::connect(&server, "mail.corp.example", None).await.unwrap();
        let to = &self.installation.journal_address;
        let envelope = SmtpEnvelope::new("journal-ndr@corp.example", to);
        client.send(&envelope, &[&prepare(report)]).await.unwrap();
        client.quit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postfix_relays_reports_over_tls_and_each_arrives_once() {
    if may_skip("postfix", Postfix::is_there()) {
        return;
    }
    let scene = Scene::new().await;
    let running = Running::start(&scene.installation).await;
    let (_folder, postfix) = scene.postfix(running.smtp);
    let mut ids = Vec::new();
    for number in 1..=20 {
        let id = format!("relayed-{number}");
        let report = scene.report(&id, number);
        if number % 2 == 0 {
            scene.sendmail(&postfix, &report);
        } else {
            scene.submit(&postfix, &report).await;
        }
        ids.push(id);
    }
    until("Postfix was told 250 twenty times", async || sent(&postfix) == 20).await;
    scene.until_recorded(&ids).await;
    let taken = running.metric("clawback_received_total").await;
    assert!((taken - 20.0).abs() < 0.5, "{taken} taken for twenty");
    let log = postfix.log();
    assert!(log.contains("TLS connection established to 127.0.0.1"), "{log}");
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn postfix_brings_again_what_met_a_clawback_that_was_down() {
    if may_skip("postfix", Postfix::is_there()) {
        return;
    }
    let scene = Scene::new().await;
    let running = Running::start(&scene.installation).await;
    let smtp = running.smtp;
    scene.installation.take_mail_at(smtp);
    let (_folder, postfix) = scene.postfix(smtp);
    scene.sendmail(&postfix, &scene.report("before", 1));
    until("Postfix was told 250", async || sent(&postfix) == 1).await;
    assert!(running.stop().await);
    scene.sendmail(&postfix, &scene.report("meanwhile", 2));
    until("Postfix put it off", async || postfix.log().contains("status=deferred")).await;
    assert_eq!(scene.recorded("meanwhile").await, 0);
    let running = Running::start(&scene.installation).await;
    assert!(postfix.command("postqueue").arg("-f").status().unwrap().success());
    scene.until_recorded(&["before".to_owned(), "meanwhile".to_owned()]).await;
    until("Postfix was told 250 again", async || sent(&postfix) == 2).await;
    assert!(running.stop().await);
}

/// How many messages Postfix was told are taken.
fn sent(postfix: &Postfix) -> usize {
    let log = postfix.log();
    log.lines().filter(|line| line.contains("status=sent (250 2.")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_delivers_reports_over_starttls_with_and_without_pipelining() {
    if may_skip("swaks", Path::new("/usr/bin/swaks").exists()) {
        return;
    }
    let scene = Scene::new().await;
    let running = Running::start(&scene.installation).await;
    let mut ids = Vec::new();
    for (number, more) in (1..).zip([&[][..], &["--pipeline"]]) {
        let id = format!("swaks-{number}");
        let file = scene.installation.dir.path().join("report.eml");
        std::fs::write(&file, scene.report(&id, number)).unwrap();
        let out = Command::new("swaks")
            .args(["--server", &running.smtp.to_string(), "--tls", "--from", "ndr@corp.example"])
            .args(["--to", &scene.installation.journal_address])
            .args(more)
            .arg("--data")
            .arg(format!("@{}", file.display()))
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success(), "{said}");
        assert!(said.contains("250 2.0.0"), "{said}");
        ids.push(id);
    }
    scene.until_recorded(&ids).await;
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_forty_mib_arrives() {
    let scene = Scene::new().await;
    let running = Running::start(&scene.installation).await;
    let to = harness::mailbox(&scene.sim);
    let line = format!("{}\r\n", "A".repeat(76));
    let mut raw = ham("large-1", &to);
    raw.extend(line.repeat(LARGE_OCTETS / line.len()).into_bytes());
    let report = report_of(&scene.sim, &raw, "ben@partner.example.org", &to, 1);
    journaler(&scene.installation, &running).send(&report).await.unwrap();
    scene.until_recorded(&["large-1".to_owned()]).await;
    assert!(running.stop().await);
}

const LARGE_OCTETS: usize = 40 * 1_024 * 1_024;
