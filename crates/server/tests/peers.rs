//! Senders others wrote talk to the journal listener: what a strict one would stumble over shows.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use clawback_core::UnixMillis;
use clawback_core::trace::{Query, Span};
use clawback_sim::Behaviour;
use harness::{Installation, Running, Sim, ham, report_of, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

/// Whether a program of Debian is there; with `CLAWBACK_PEERS=required` it must be.
fn is_there(program: &str) -> bool {
    let there = std::path::Path::new("/usr/bin").join(program).exists();
    let required = std::env::var("CLAWBACK_PEERS").is_ok_and(|value| value == "required");
    assert!(there || !required, "install {program}");
    if !there {
        eprintln!("skipped: no /usr/bin/{program}");
    }
    there
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_delivers_a_report_over_starttls() {
    if !is_there("swaks") {
        return;
    }
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let to = harness::mailbox(&sim);
    let report = report_of(&sim, &ham("swaks-1", &to), "ben@partner.example.org", &to, 5);
    let file = installation.dir.path().join("report.eml");
    std::fs::write(&file, &report).unwrap();
    let out = Command::new("swaks")
        .args(["--server", &running.smtp.to_string(), "--tls", "--from", "ndr@corp.example"])
        .args(["--to", &installation.journal_address])
        .arg("--data")
        .arg(format!("@{}", file.display()))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}");
    assert!(said.contains("250 2.0.0"), "{said}");
    let records = installation.records().await;
    let query = Query::parse("message-id:swaks-1@partner.example.org").unwrap();
    let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
    until("it is recorded", async || {
        records.trace(&query, span, None, 5).await.unwrap().rows.len() == 1
    })
    .await;
    assert!(running.stop().await);
}

/// Sends lines in the clear and returns everything that was said.
async fn say(running: &Running, lines: &str) -> String {
    let mut socket = TcpStream::connect(running.smtp).await.unwrap();
    socket.write_all(lines.as_bytes()).await.unwrap();
    let mut said = String::new();
    let _ =
        tokio::time::timeout(std::time::Duration::from_secs(10), socket.read_to_string(&mut said))
            .await;
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_nowhere() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let clear = say(&running, "EHLO x\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n").await;
    assert!(clear.contains("530 5.7.0"), "no mail in the clear: {clear}");
    let injected = say(&running, "EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@b.example>\r\n").await;
    let replies = injected.lines().filter(|line| line.starts_with("250 2.1.0")).count();
    assert_eq!(replies, 0, "what came before TLS is forgotten: {injected}");
    let health = reqwest::get(format!("http://{}/healthz", running.http)).await.unwrap();
    assert_eq!(health.status(), 200);
    let metrics = reqwest::get(format!("http://{}/metrics", running.http)).await.unwrap();
    assert!(metrics.text().await.unwrap().contains("clawback_segment_lag"));
    assert!(running.stop().await);
}
