//! Who may send reports: a stranger who learned the journaling address gets nothing moved.

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
use clawback_store::TenantStore;
use clawback_store::view::TraceRow;
use harness::sender::{ClientCertificate, Sender, sender};
use harness::{Installation, Running, Sim, deliver, mailbox, phish, until};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::BufReader;
use tokio::net::TcpStream;

async fn set(installation: &Installation, rules: &[&str]) {
    let args = [&["tenant", "set", "--tenant", "Example Corp"], rules].concat();
    harness::run(installation.dir.path(), &args).await;
}

async fn found(records: &TenantStore, query: &str) -> Vec<TraceRow> {
    let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
    records.trace(&Query::parse(query).unwrap(), span, None, 10).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_from_another_network_is_refused_before_its_data_and_learned_from_unmoved() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    set(&installation, &["--network", "192.0.2.0/24"]).await;
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let report = deliver(&sim, &phish("net-1", &to), "x@portal-check.example.net", &to, 1);
    let mut sender = sender(&installation, &running, None).await;
    let (recipient, _) = sender.send(&installation.journal_address, &report).await;
    assert!(recipient.starts_with("550 5.7.1"), "{recipient}");

    // What is changed holds for a clawback that runs.
    set(&installation, &["--mode", "learning"]).await;
    let mut stored = None;
    until("learning holds", async || {
        stored = sender.send(&installation.journal_address, &report).await.1;
        stored.is_some()
    })
    .await;
    assert!(stored.unwrap().starts_with("250"), "kept for review");
    let records = installation.records().await;
    until("it is recorded", async || {
        found(&records, "message-id:net-1@portal-check.example.net").await.len() == 1
    })
    .await;
    let row = found(&records, "message-id:net-1@portal-check.example.net").await.remove(0);
    let detail = records.message(row.id).await.unwrap().unwrap();
    assert_eq!(detail.arrival.as_str(), "unverified");
    assert!(detail.defects.iter().any(|line| line == "source: network (127.0.0.1)"));
    assert!(records.jobs(10).await.unwrap().is_empty(), "nothing is moved on its word");
    let letter = harness::ham("letter-1", &to);
    assert!(
        sender.send(&installation.journal_address, &letter).await.1.unwrap().starts_with("250")
    );
    until("mail that is no report is marked like it", async || {
        found(&records, "is:unverified").await.len() == 2
    })
    .await;

    // The same message from where it should come from is another matter.
    set(&installation, &["--network", "127.0.0.0/8", "--mode", "enforce"]).await;
    until("the right network passes", async || {
        let report =
            harness::report_of(&sim, &phish("net-1", &to), "x@portal-check.example.net", &to, 2);
        sender.send(&installation.journal_address, &report).await;
        found(&records, "message-id:net-1@portal-check.example.net").await.len() == 2
    })
    .await;
    until("its copy is ordered away", async || records.jobs(10).await.unwrap().len() == 1).await;
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_another_organisation_is_refused_after_its_data() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    set(&installation, &["--originator-org", "corp.example"]).await;
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let report = deliver(&sim, &phish("org-1", &to), "x@portal-check.example.net", &to, 1);
    let report = String::from_utf8(report).unwrap();
    assert!(report.contains("X-OriginatorOrg: corp.example"), "the sample has what is checked");
    let mut sender = sender(&installation, &running, None).await;
    let to = &installation.journal_address;
    let wrong = report.replace("X-OriginatorOrg: corp.example", "X-OriginatorOrg: other.example");
    let twice =
        report.replacen("X-OriginatorOrg:", "X-OriginatorOrg: corp.example\r\nX-OriginatorOrg:", 1);
    let none = report.replace("X-OriginatorOrg:", "X-Other:");
    for (forged, what) in [(wrong, "wrong"), (twice, "twice"), (none, "none")] {
        let (_, stored) = sender.send(to, forged.as_bytes()).await;
        assert!(stored.unwrap().starts_with("550 5.7.1"), "{what}");
    }
    let large = format!("{report}{}", "x".repeat(5 << 20).replace("xxxxxxxx", "xxxxxx\r\n"));
    let large = large.replace("X-OriginatorOrg: corp.example", "X-OriginatorOrg: other.example");
    let (_, stored) = sender.send(to, large.as_bytes()).await;
    assert!(stored.unwrap().starts_with("550 5.7.1"), "one that streams");
    let (_, stored) = sender.send(to, report.as_bytes()).await;
    assert!(stored.unwrap().starts_with("250"));
    let probe = "From: O365ConnectorValidation@corp.example\r\nSubject: Test\r\n\r\nhello\r\n";
    let (_, stored) = sender.send(to, probe.as_bytes()).await;
    assert!(stored.unwrap().starts_with("250"), "a provider's try of its connector");
    let records = installation.records().await;
    until("one was recorded", async || records.jobs(10).await.unwrap().len() == 1).await;
    assert_eq!(found(&records, "from:portal-check.example.net").await.len(), 1);
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_a_person_sent_is_kept_and_never_acted_on() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let records = installation.records().await;
    let mut sender = sender(&installation, &running, None).await;
    let report = deliver(&sim, &phish("hand-1", &to), "x@portal-check.example.net", &to, 1);
    let report = String::from_utf8(report).unwrap();
    let by_hand =
        format!("X-MS-Exchange-CrossTenant-UserPrincipalName: b@corp.example\r\n{report}");
    let (_, stored) = sender.send(&installation.journal_address, by_hand.as_bytes()).await;
    assert!(stored.unwrap().starts_with("250"));
    until("it is recorded", async || {
        found(&records, "message-id:hand-1@portal-check.example.net").await.len() == 1
    })
    .await;
    assert!(records.jobs(10).await.unwrap().is_empty());
    assert!(running.stop().await);
}

/// What came back undelivered, as its sender would wrap it.
fn returned(outer: &str, report: &str) -> String {
    format!(
        "{outer}Content-Type: multipart/report; boundary=\"b\"\r\nMIME-Version: 1.0\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nnot delivered\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\n{report}\r\n--b--\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn no_wrapping_hides_where_a_report_comes_from() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    set(&installation, &["--originator-org", "corp.example"]).await;
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let report = deliver(&sim, &phish("wrap-1", &to), "x@portal-check.example.net", &to, 1);
    let report = String::from_utf8(report).unwrap();
    let evil = report.replace("X-OriginatorOrg: corp.example", "X-OriginatorOrg: evil.example");
    let probe = "From: O365ConnectorValidation@evil.example\r\nX-OriginatorOrg: evil.example\r\n";
    let person =
        "X-OriginatorOrg: corp.example\r\nX-MS-Exchange-CrossTenant-MailboxType: HOSTED\r\n";
    let ours = "X-OriginatorOrg: corp.example\r\n";
    let mut sender = sender(&installation, &running, None).await;
    for (wrapped, what) in [
        (returned(probe, &report), "a probe around a report"),
        (returned(person, &report), "a person's mail around a report"),
        (returned(ours, &evil), "our own around another's report"),
    ] {
        let (_, stored) = sender.send(&installation.journal_address, wrapped.as_bytes()).await;
        assert!(stored.unwrap().starts_with("250"), "{what}");
    }
    let padding = "A: b\r\n".repeat(60_000);
    let padded = report.replacen("X-OriginatorOrg:", &format!("{padding}X-OriginatorOrg:"), 1);
    let (_, stored) = sender.send(&installation.journal_address, padded.as_bytes()).await;
    assert!(stored.unwrap().starts_with("550 5.7.1"), "no end of the header in sight");
    let records = installation.records().await;
    until("they are recorded", async || !found(&records, "is:unverified").await.is_empty()).await;
    let last = deliver(&sim, &phish("wrap-2", &to), "x@portal-check.example.net", &to, 2);
    let (_, stored) = sender.send(&installation.journal_address, &last).await;
    assert!(stored.unwrap().starts_with("250"));
    until("what came after is ordered away", async || !records.jobs(10).await.unwrap().is_empty())
        .await;
    assert_eq!(records.jobs(10).await.unwrap().len(), 1, "and nothing else is");
    assert!(running.stop().await);
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(issuer: &CertifiedIssuer<'_, KeyPair>) -> ClientCertificate {
    let params = CertificateParams::new(vec!["mail.exchange.example".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let signed = params.signed_by(&key, issuer).unwrap();
    (vec![signed.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_can_ask_for_its_senders_certificate() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    set(&installation, &["--client-name", "mail.exchange.example"]).await;
    let (ours, theirs) = (authority(), authority());
    let dir = installation.dir.path();
    std::fs::write(dir.join("authorities.pem"), ours.pem()).unwrap();
    let config = std::fs::read_to_string(installation.config()).unwrap();
    let config = config.replace("[smtp]\n", "[smtp]\nclient_ca_file = \"authorities.pem\"\n");
    std::fs::write(installation.config(), config).unwrap();
    let running = Running::start(&installation).await;
    let to = mailbox(&sim);
    let report = deliver(&sim, &phish("cert-1", &to), "x@portal-check.example.net", &to, 1);
    for (shown, what) in [(None, "none"), (Some(certificate(&theirs)), "a stranger's")] {
        let mut sender = sender(&installation, &running, shown).await;
        let (recipient, _) = sender.send(&installation.journal_address, &report).await;
        assert!(recipient.starts_with("550 5.7.1"), "{what}: {recipient}");
    }
    let mut sender = sender(&installation, &running, Some(certificate(&ours))).await;
    let (_, stored) = sender.send(&installation.journal_address, &report).await;
    assert!(stored.unwrap().starts_with("250"));
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_peer_cannot_take_all_connections() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut open = Vec::new();
    let refused = loop {
        let socket = TcpStream::connect(running.smtp).await.unwrap();
        let mut sender = Sender(BufReader::new(socket));
        let greeting = sender.hear().await;
        if !greeting.starts_with("220") {
            break greeting;
        }
        open.push(sender);
        assert!(open.len() < 300, "no limit");
    };
    assert!(refused.starts_with("421"), "{refused}");
    assert_eq!(open.len(), 128);
    open.pop();
    until("a place is free again", async || {
        let socket = TcpStream::connect(running.smtp).await.unwrap();
        Sender(BufReader::new(socket)).hear().await.starts_with("220")
    })
    .await;
    drop(open);
    assert!(running.stop().await);
}
