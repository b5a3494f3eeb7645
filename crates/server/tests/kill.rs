//! Cuts the power at random moments: what got its 250 is recorded exactly once, what should be
//! gone is gone, and nothing was moved twice.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clawback_core::retraction::State;
use clawback_core::trace::{Query, Span};
use clawback_core::{Disposition, UnixMillis};
use clawback_sim::{Behaviour, By, Folder, OperationKind};
use harness::{Installation, Running, Sim, deliver, ham, journaler, phish, until};

/// Few enough for CI; `CLAWBACK_KILL_ROUNDS=200` is the soak.
const ROUNDS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_recorded_once_and_moved_once() {
    let rounds = std::env::var("CLAWBACK_KILL_ROUNDS").ok().and_then(|n| n.parse().ok());
    let behaviour =
        Behaviour { arrival_delay_ms: 0..=300, latency_ms: 1..=20, ..Behaviour::default() };
    let sim = Sim::start(behaviour).await;
    let installation = Installation::new(&sim).await;
    let mut mail = Mailer::default();
    for round in 0..rounds.unwrap_or(ROUNDS) {
        let running = Running::start(&installation).await;
        // From "before the first byte" to "in the middle of retractions".
        let life = Duration::from_millis(30 + (round * 7_919) % 900);
        let _ =
            tokio::time::timeout(life, mail.send_without_end(&sim, &installation, &running)).await;
        running.kill().await;
    }
    let running = Running::start(&installation).await;
    until("every bad copy is out of its inbox", async || {
        let folders = mail.folders(&sim);
        mail.acknowledged
            .iter()
            .filter(|id| id.starts_with("bad"))
            .all(|id| folders.get(id) == Some(&Folder::Deletions))
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(running.stop().await, "stops cleanly");

    assert!(mail.acknowledged.len() > 20, "only {} got through", mail.acknowledged.len());
    check_records(&installation, &mail).await;
    check_moves(&sim, &mail);
}

/// Every acknowledged message is there exactly once, and judged right.
async fn check_records(installation: &Installation, mail: &Mailer) {
    let records = installation.records().await;
    let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
    for id in &mail.acknowledged {
        let query = Query::parse(&format!("message-id:{id}@{}", Mailer::domain(id))).unwrap();
        let page = records.trace(&query, span, None, 10).await.unwrap();
        assert_eq!(page.rows.len(), 1, "{id} is recorded {} times", page.rows.len());
        let row = &page.rows[0];
        let bad = id.starts_with("bad");
        let meant = if bad { Disposition::Malicious } else { Disposition::Clean };
        assert_eq!(row.disposition, meant, "{id}");
        assert_eq!(row.tally.of(State::Retracted), u64::from(bad), "{id}: {:?}", row.tally);
    }
    let check = records.verify_audit().await.unwrap();
    assert_eq!(check.broken_at, None, "{check:?}");
}

/// No item was moved twice, and no good one at all.
fn check_moves(sim: &Sim, mail: &Mailer) {
    let mut moves: BTreeMap<String, u32> = BTreeMap::new();
    for operation in sim.world.journal_of_operations() {
        let moved = matches!(
            operation.kind,
            OperationKind::Moved { .. } | OperationKind::PermanentlyDeleted { .. }
        );
        if moved && operation.by == By::Application {
            *moves.entry(operation.item.clone()).or_default() += 1;
        }
    }
    let twice: Vec<_> = moves.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "moved twice: {twice:?}");
    let folders = mail.folders(sim);
    let good: BTreeSet<&String> = folders.keys().filter(|id| id.starts_with("good")).collect();
    for id in good {
        assert_eq!(folders.get(id), Some(&Folder::Inbox), "{id} was moved");
    }
}

#[derive(Default)]
struct Mailer {
    sent: u64,
    acknowledged: Vec<String>,
}

impl Mailer {
    fn domain(id: &str) -> &'static str {
        if id.starts_with("bad") { "portal-check.example.net" } else { "partner.example.org" }
    }

    async fn send_without_end(
        &mut self,
        sim: &Sim,
        installation: &Installation,
        running: &Running,
    ) {
        let mut journaler = journaler(installation, running);
        loop {
            self.sent += 1;
            let bad = self.sent.is_multiple_of(3);
            let id = format!("{}-{}", if bad { "bad" } else { "good" }, self.sent);
            let to = harness::mailbox(sim);
            let raw = if bad { phish(&id, &to) } else { ham(&id, &to) };
            let from = format!("bounce@{}", Self::domain(&id));
            let report = deliver(sim, &raw, &from, &to, u128::from(self.sent));
            if journaler.send(&report).await.is_ok() {
                self.acknowledged.push(id);
            }
        }
    }

    /// Where each message lies, by the local part of its id.
    fn folders(&self, sim: &Sim) -> BTreeMap<String, Folder> {
        let user = &sim.world.users()[0].id;
        let name = |id: &str| id.trim_start_matches('<').split('@').next().unwrap().to_owned();
        let items = sim.world.items(user).into_iter();
        items.map(|item| (name(&item.internet_message_id), item.folder)).collect()
    }
}
