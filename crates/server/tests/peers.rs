//! Strangers talk to the listeners: what they may not do they cannot, and what they may they can.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use clawback_sim::Behaviour;
use harness::{Installation, Running, Sim};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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
