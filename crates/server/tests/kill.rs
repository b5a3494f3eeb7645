//! Cuts the power at random moments: what got its 250 is recorded exactly once, what should be
//! gone is gone, and no call to move anything was sent twice; also while the provider fails.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use clawback_core::retraction::State;
use clawback_core::trace::{Query, Span};
use clawback_core::{Disposition, UnixMillis};
use clawback_sim::{Behaviour, By, Fault, Folder, OperationKind};
use clawback_store::TenantStore;
use clawback_store::view::TraceRow;
use futures_util::future::join_all;
use harness::{Installation, Running, Sim, deliver, ham, journaler, phish};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_recorded_once_and_moved_once() {
    let behaviour =
        Behaviour { arrival_delay_ms: 0..=300, latency_ms: 1..=20, ..Behaviour::default() };
    torment(behaviour, 1, rounds(ROUNDS)).await;
}

/// The same while every sixth request to the provider meets a fault, from several senders at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_moved_once_by_a_provider_that_fails() {
    let behaviour = Behaviour {
        arrival_delay_ms: 0..=300,
        index_delay_ms: 0..=100,
        latency_ms: 1..=20,
        fault_rate: 0.16,
        faults: vec![
            Fault::CutAfter,
            Fault::CutBefore,
            Fault::MalformedBody,
            Fault::Status429 { retry_after: Some(0) },
            Fault::Status503 { retry_after: Some(0) },
            Fault::Timeout504After,
        ],
        ..Behaviour::default()
    };
    torment(behaviour, 4, rounds(ROUNDS_WITH_FAULTS)).await;
}

/// Few enough for CI; `cargo xtask soak` asks for more.
fn rounds(few: u64) -> u64 {
    std::env::var("CLAWBACK_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(few)
}

/// Sends, kills and starts again; then lets everything come to rest, and checks.
async fn torment(behaviour: Behaviour, senders: usize, rounds: u64) {
    let sim = Sim::start(behaviour.clone()).await;
    let installation = Installation::new(&sim).await;
    let mail = Mailer::default();
    for round in 0..rounds {
        let running = Running::start(&installation).await;
        // From "before the first byte" to "in the middle of retractions".
        let life = Duration::from_millis(30 + (round * 7_919) % 900);
        let sending = (0..senders).map(|_| mail.send_without_end(&sim, &installation, &running));
        let _ = tokio::time::timeout(life, join_all(sending)).await;
        running.kill().await;
    }
    sim.world.set_behaviour(Behaviour { fault_rate: 0.0, ..behaviour });
    let running = Running::start(&installation).await;
    let acknowledged = mail.acknowledged.borrow().clone();
    let records = installation.records().await;
    // Nothing is due any more: a second move would have been asked for by now.
    let mut rest: Vec<&String> = acknowledged.iter().filter(|id| id.starts_with("bad")).collect();
    let (began, each) = (std::time::Instant::now(), Duration::from_secs(1) / AT_LEAST_A_SECOND);
    let limit = REST_TIME_MAX + each * u32::try_from(rest.len()).unwrap();
    while let Some(id) = rest.last() {
        let rows = rows_of(&records, id).await;
        if rows.iter().any(|row| row.tally.of(State::Retracted) == 1) {
            rest.pop();
            continue;
        }
        if began.elapsed() > limit {
            for id in &rest {
                eprintln!("{id}: {}", told(&records, id).await);
            }
            panic!("not retracted: {} of {}", rest.len(), acknowledged.len());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(running.stop().await, "stops cleanly");

    assert!(acknowledged.len() > 20, "only {} got through", acknowledged.len());
    println!("{} acknowledged in {rounds} rounds", acknowledged.len());
    check_records(&records, &acknowledged).await;
    check_moves(&sim, &acknowledged);
}

async fn rows_of(records: &TenantStore, id: &str) -> Vec<TraceRow> {
    let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
    let query = Query::parse(&format!("message-id:{id}@{}", Mailer::domain(id))).unwrap();
    records.trace(&query, span, None, 10).await.unwrap().rows
}

/// What is known of a message's copies and what happened to them, for a person.
async fn told(records: &TenantStore, id: &str) -> String {
    let mut text = String::new();
    for row in rows_of(records, id).await {
        let detail = records.message(row.id).await.unwrap().unwrap();
        for copy in &detail.copies {
            text.push_str(&format!("{:?} ", copy.order.as_ref().map(|order| &order.retraction)));
        }
        for entry in &detail.timeline {
            text.push_str(&format!("\n    {} {}", entry.at.0, entry.action));
        }
    }
    text
}

/// Every acknowledged message is there exactly once, and judged right.
async fn check_records(records: &TenantStore, acknowledged: &[String]) {
    for id in acknowledged {
        let rows = rows_of(records, id).await;
        assert_eq!(rows.len(), 1, "{id} is recorded {} times", rows.len());
        let row = &rows[0];
        let bad = id.starts_with("bad");
        let meant = if bad { Disposition::Malicious } else { Disposition::Clean };
        assert_eq!(row.disposition, meant, "{id}");
        assert_eq!(row.tally.of(State::Retracted), u64::from(bad), "{id}: {:?}", row.tally);
    }
    let check = records.verify_audit().await.unwrap();
    assert_eq!(check.broken_at, None, "{check:?}");
}

/// Every bad item is where it should be; nothing was asked to move twice, and no good one at all.
fn check_moves(sim: &Sim, acknowledged: &[String]) {
    let mut calls: BTreeMap<String, Vec<OperationKind>> = BTreeMap::new();
    for operation in sim.world.journal_of_operations() {
        let moves = matches!(
            operation.kind,
            OperationKind::Moved { .. }
                | OperationKind::PermanentlyDeleted { .. }
                | OperationKind::Refused
        );
        if moves && operation.by == By::Application {
            calls.entry(operation.item.clone()).or_default().push(operation.kind);
        }
    }
    let twice: Vec<_> = calls.iter().filter(|(_, calls)| calls.len() > 1).collect();
    assert!(twice.is_empty(), "asked for twice: {twice:?}");
    let refused = calls.values().flatten().filter(|kind| **kind == OperationKind::Refused).count();
    assert_eq!(refused, 0, "asked for what is not there");
    let folders = Mailer::folders(sim);
    for id in acknowledged.iter().filter(|id| id.starts_with("bad")) {
        assert_eq!(folders.get(id), Some(&Folder::Deletions), "{id}");
    }
    for (id, folder) in folders.iter().filter(|(id, _)| id.starts_with("good")) {
        assert_eq!(*folder, Folder::Inbox, "{id} was moved");
    }
}

/// Puts mail into mailboxes and journals it, and notes what got its 250.
#[derive(Default)]
struct Mailer {
    sent: Cell<u64>,
    acknowledged: RefCell<Vec<String>>,
}

impl Mailer {
    fn domain(id: &str) -> &'static str {
        if id.starts_with("bad") { "portal-check.example.net" } else { "partner.example.org" }
    }

    async fn send_without_end(&self, sim: &Sim, installation: &Installation, running: &Running) {
        let mut journaler = journaler(installation, running);
        let people = sim.world.users();
        loop {
            let number = self.sent.get() + 1;
            self.sent.set(number);
            let bad = number.is_multiple_of(3);
            let id = format!("{}-{number}", if bad { "bad" } else { "good" });
            let person = &people[usize::try_from(number).unwrap() % MAILBOXES];
            let to = person.mail.clone().unwrap();
            let raw = if bad { phish(&id, &to) } else { ham(&id, &to) };
            let from = format!("bounce@{}", Self::domain(&id));
            let report = deliver(sim, &raw, &from, &to, u128::from(number));
            if journaler.send(&report).await.is_ok() {
                self.acknowledged.borrow_mut().push(id);
            }
        }
    }

    /// Where each message lies, by the local part of its id.
    fn folders(sim: &Sim) -> BTreeMap<String, Folder> {
        let name = |id: &str| id.trim_start_matches('<').split('@').next().unwrap().to_owned();
        let people = sim.world.users().into_iter().take(MAILBOXES);
        let items = people.flat_map(|person| sim.world.items(&person.id));
        items.map(|item| (name(&item.internet_message_id), item.folder)).collect()
    }
}

/// Retractions of a slow machine that does much else; the simulated answers take their time.
const AT_LEAST_A_SECOND: u32 = 4;
const MAILBOXES: usize = 3;
/// Faults put copies off by the schedule of retries.
const REST_TIME_MAX: Duration = Duration::from_secs(120);
const ROUNDS: u64 = 20;
const ROUNDS_WITH_FAULTS: u64 = 10;
