//! What would be two where one must be: a second process on one folder, a tenant, a domain or an
//! operator that is there already. Each is refused with words, and changes nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use clawback_sim::Behaviour;
use harness::{CLAWBACK, EMAIL, HOSTNAME, Installation, Running, Sim};
use tokio::process::Command;

/// Runs a command that must fail, and answers with what it said.
async fn refused(installation: &Installation, args: &[&str]) -> String {
    let mut command = Command::new(CLAWBACK);
    command.args(args).arg("--config").arg(installation.config()).kill_on_drop(true);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), command.output()).await;
    let out = ended.unwrap_or_else(|_| panic!("{args:?} runs on")).unwrap();
    assert!(!out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stdout));
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_one_processs_alone_until_it_ends_however_it_ends() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let first = Running::start(&installation).await;
    let said = refused(&installation, &["serve"]).await;
    assert!(said.contains("another clawback runs on") && said.contains("stop it first"), "{said}");
    first.kill().await;
    Running::start(&installation).await.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_already_is_refused_and_stays_as_it_was() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let control = installation.store().await.control();
    let before = control.tenants().await.unwrap();
    let tenant = |name: &'static str, domain: &'static str| {
        ["tenant", "add", "--name", name, "--domain", domain, "--journal-domain", HOSTNAME]
    };
    for (name, domain) in [
        ("Example Corp", "other.example"),
        ("Other Corp", "corp.example"),
        ("Other Corp", "CORP.example"),
    ] {
        let said = refused(&installation, &tenant(name, domain)).await;
        assert!(said.contains("already"), "{name} {domain}: {said}");
    }
    let operator =
        ["operator", "add", "--email", EMAIL, "--name", "Kim", "--tenant", "Example Corp"];
    let said = refused(&installation, &operator).await;
    assert!(said.contains("already"), "{said}");
    assert_eq!(control.tenants().await.unwrap(), before);
    assert_eq!(control.operator_by_email(EMAIL).await.unwrap().unwrap().name, "Dana Reyes");
}
