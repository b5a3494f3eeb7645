//! What a full disk, a used-up quota and a lost key mean: senders wait, and nothing is lost.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::os::unix::fs::PermissionsExt as _;

use clawback_sim::Behaviour;
use harness::sender::sender;
use harness::{CLAWBACK, Installation, Running, Sim, ham, mailbox, report_of, run, until};
use tokio::process::Command;

/// Sends a report, and says what the last word was where it was not taken.
async fn refusal(installation: &Installation, running: &Running, report: &[u8]) -> Option<String> {
    let mut sender = sender(installation, running, None).await;
    let (recipient, stored) = sender.send(&installation.journal_address, report).await;
    let last = stored.unwrap_or(recipient);
    (!last.starts_with("250")).then_some(last)
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_quota_a_tenants_mail_waits_with_its_senders() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let store = installation.store().await;
    let control = store.control();
    let before = control.tenants().await.unwrap().remove(0);
    let tenant = clawback_core::tenant::Tenant { quota_octets: Some(20_000), ..before.clone() };
    let actor = clawback_core::audit::Actor::system("test");
    control.update_tenant(&before, &tenant, &actor).await.unwrap();
    drop((store, control));
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let mut noise = 7_u32;
    let (mut taken, mut last) = (0, None);
    while last.is_none() && taken < 100 {
        let mut mail = ham(&format!("quota-{taken}"), &to);
        // What does not compress counts.
        for _ in 0..400 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            mail.extend_from_slice(format!("{noise:x}\r\n").as_bytes());
        }
        let report = report_of(&sim, &mail, "ben@partner.example.org", &to, taken);
        last = refusal(&installation, &running, &report).await;
        taken += u128::from(last.is_none());
    }
    let last = last.expect("there is a limit");
    assert!(last.contains("452"), "{last}");
    assert!((5..=40).contains(&taken), "{taken}");
    run(
        installation.dir.path(),
        &["tenant", "set", "--tenant", "Example Corp", "--quota-gib", "1"],
    )
    .await;
    let report = report_of(&sim, &ham("quota-x", &to), "ben@partner.example.org", &to, 999);
    until("more is allowed", async || refusal(&installation, &running, &report).await.is_none())
        .await;
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reserve_of_the_disk_is_not_given_to_mail() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let config = std::fs::read_to_string(installation.config()).unwrap();
    let all = format!("{config}[segments]\nreserve_mib = 1000000000\n");
    std::fs::write(installation.config(), all).unwrap();
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let report = report_of(&sim, &ham("full-1", &to), "ben@partner.example.org", &to, 1);
    let last = refusal(&installation, &running, &report).await.expect("no room");
    assert!(last.contains("452"), "{last}");
    assert!(running.stop().await);
    std::fs::write(installation.config(), config).unwrap();
    let running = Running::start(&installation).await;
    assert_eq!(refusal(&installation, &running, &report).await, None);
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_key_is_backed_up_once_and_the_copy_works() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let dir = installation.dir.path();
    let beside = Command::new(CLAWBACK)
        .args(["keys", "backup", "--to", dir.join("copy.key").to_str().unwrap(), "--config"])
        .arg(installation.config())
        .output()
        .await
        .unwrap();
    assert!(!beside.status.success(), "a copy beside the key is no backup");
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.key");
    let to = copy.to_str().unwrap();
    assert!(run(dir, &["keys", "show"]).await.contains("never"));
    let said = run(dir, &["keys", "backup", "--to", to]).await;
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let shown = run(dir, &["keys", "show"]).await;
    assert!(!shown.contains("never"), "{shown}");
    let fingerprint = shown.lines().next().unwrap().split_whitespace().last().unwrap();
    assert!(said.contains(fingerprint), "{said}");
    let key = std::fs::read_to_string(dir.join("root.key")).unwrap();
    assert!(!said.contains(key.trim()) && !shown.contains(key.trim()), "only the file holds it");

    let again = Command::new(CLAWBACK)
        .args(["keys", "backup", "--to", to, "--config"])
        .arg(installation.config())
        .output()
        .await
        .unwrap();
    assert!(!again.status.success(), "a file that is there is left alone");
    std::fs::remove_file(dir.join("root.key")).unwrap();
    std::fs::copy(&copy, dir.join("root.key")).unwrap();
    let running = Running::start(&installation).await;
    assert!(running.stop().await);
    std::fs::remove_file(dir.join("root.key")).unwrap();
    let lost = Command::new(CLAWBACK)
        .args(["keys", "show", "--config"])
        .arg(installation.config())
        .output()
        .await
        .unwrap();
    assert!(!lost.status.success(), "another key is not taken for the first one");
}
