//! Words that were planted in mail and in secrets are looked for where they must not be: in logs,
//! in answers, and secrets in anything that lies on disk.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::path::{Path, PathBuf};

use clawback_sim::{Behaviour, Fault, Folder};
use harness::dashboard::Dashboard;
use harness::{Installation, Running, Sim, deliver, journaler, until};

/// In the subject, in the text, as the name of a file, as sender and as somebody's name.
const IN_MAIL: [&str; 5] = ["zq4subject", "zq4body", "zq4file", "zq4sender", "zq4name"];

fn mail(to: &str) -> Vec<u8> {
    format!(
        "From: zq4name <zq4sender@portal-check.example.net>\r\nTo: {to}\r\n\
         Subject: zq4subject\r\nMessage-ID: <canary@portal-check.example.net>\r\n\
         Date: Tue, 15 Sep 2026 08:11:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         zq4body {}\r\n--b\r\nContent-Type: text/html; name=zq4file.html\r\n\
         Content-Disposition: attachment; filename=zq4file.html\r\n\r\n<p>zq4body</p>\r\n--b--\r\n",
        harness::LURE
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_words_are_nowhere_they_must_not_be() {
    // Every kind of trouble has its own lines in a log.
    let behaviour = Behaviour {
        fault_rate: 0.3,
        faults: vec![
            Fault::CutAfter,
            Fault::MalformedBody,
            Fault::Status429 { retry_after: Some(0) },
            Fault::Status503 { retry_after: Some(0) },
        ],
        ..Behaviour::default()
    };
    let sim = Sim::start(behaviour).await;
    let installation = Installation::new(&sim).await;
    let log = installation.dir.path().join("log.txt");
    let running = Running::start_logging(&installation, &log).await;
    let mut journaler = journaler(&installation, &running);
    let dashboard = Dashboard::open(&installation, &running).await;
    let to = harness::mailbox(&sim);
    let report = deliver(&sim, &mail(&to), "zq4sender@portal-check.example.net", &to, 1);
    journaler.send(&report).await.unwrap();
    until("it is recorded", async || dashboard.message("zq4subject").await.is_some()).await;
    let user = sim.world.users()[0].id.clone();
    until("it is gone", async || sim.world.items(&user)[0].folder == Folder::Deletions).await;
    let message = dashboard.message("zq4subject").await.unwrap();
    let mut answers = Vec::new();
    for path in ["/", "/trace", "/jobs", "/audit", "/settings/email/authorize", "/metrics"] {
        answers.push((path.to_owned(), dashboard.get(path).await));
    }
    let path = format!("/messages/{message}");
    answers.push((path.clone(), dashboard.get(&path).await));
    // What an operator does wrong, and what a stranger tries.
    let wrong = dashboard.post("/login", &[("email", "a@b.example"), ("password", "zq4wrong")]);
    let _refused = wrong.await;
    let _refused = dashboard.post("/retract", &[("id", "zq4body")]).await;
    assert!(running.stop().await);

    let config = sim.world.config();
    let session = dashboard.session().to_owned();
    let secrets = [
        ("the client secret", config.client_secret.as_str()),
        ("the password", installation.password.as_str()),
        ("the session", session.as_str()),
        ("a wrong password", "zq4wrong"),
        // How every token of the simulated service begins.
        ("a token", "eyJ"),
    ];
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("DEBUG") && said.len() > 2_000, "nothing was logged: {said}");
    for word in IN_MAIL.iter().chain(&[to.as_str(), "canary@portal-check.example.net"]) {
        assert!(!said.contains(word), "{word} in the log: {}", around(&said, word));
    }
    for (what, secret) in secrets {
        assert!(!said.contains(secret), "{what} in the log: {}", around(&said, secret));
        for (path, answer) in &answers {
            assert!(!answer.contains(secret), "{what} in {path}");
        }
        for file in files(installation.dir.path()) {
            if file.ends_with("secret") || file.ends_with("root.key") {
                continue;
            }
            let octets = std::fs::read(&file).unwrap();
            let is_in = octets.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_in, "{what} in {}", file.display());
        }
    }
    let metrics = &answers.iter().find(|(path, _)| path == "/metrics").unwrap().1;
    for word in IN_MAIL {
        assert!(!metrics.contains(word), "{word} in the metrics");
    }
    for file in files(&installation.dir.path().join("segments")) {
        let octets = std::fs::read(&file).unwrap();
        for word in IN_MAIL {
            let is_in = octets.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!is_in, "{word} in the clear in {}", file.display());
        }
    }
    // What a mail says is not in the records; what names it is.
    let records = installation.dir.path().join("clawback.db");
    let octets = std::fs::read(records).unwrap();
    let has = |word: &str| octets.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(has("zq4subject") && !has("zq4body"), "the text of a mail in the records");
}

fn around(text: &str, word: &str) -> String {
    let at = text.find(word).unwrap_or_default();
    let from = text.floor_char_boundary(at.saturating_sub(200));
    text[from..text.floor_char_boundary(at + word.len() + 80)].to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push(path),
        }
    }
    all
}
