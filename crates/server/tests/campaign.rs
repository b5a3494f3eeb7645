//! One bad message in many mailboxes, behind a provider with limits and faults: taken out of all of
//! them and verified, nothing else touched, and nothing asked that a correct client does not ask.
//!
//! `cargo xtask bench --row campaign` runs this with twenty thousand mailboxes and reads the line
//! of JSON that it prints: `CLAWBACK_CAMPAIGN` says how many. Nothing here is about time.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking, and prints figures for people"
)]

mod harness;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clawback_core::UnixMillis;
use clawback_core::retraction::State;
use clawback_core::trace::{Query, Span};
use clawback_sim::journal::{Recipient, Report, report};
use clawback_sim::{Behaviour, Delivery, Fault, Folder, ItemView, User};
use clawback_store::view::TraceRow;
use harness::dashboard::Dashboard;
use harness::{Installation, Running, Sim, journaler, phish};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_taken_back_whole_and_nothing_else() {
    let asked = std::env::var("CLAWBACK_CAMPAIGN").ok();
    let mailboxes = asked.and_then(|count| count.parse().ok()).unwrap_or(MAILBOXES);
    let sim = Sim::start(Behaviour { latency_ms: 0..=0, ..Behaviour::default() }).await;
    let installation = Installation::new(&sim).await;
    let campaign = Campaign::begin(&sim, mailboxes);
    let before = campaign.state(&sim);
    sim.world.set_behaviour(limits());

    let running = Running::start(&installation).await;
    let began = Instant::now();
    campaign.journal(&sim, &installation, &running).await;
    let taken = began.elapsed();
    until_all(&running, RETRACTED, mailboxes).await;
    let seconds = began.elapsed().as_secs_f64();
    let process = Process::of(&running);
    let (left, touched) = campaign.differences(&before, &campaign.state(&sim));
    let mut told = told(&sim, seconds, taken, mailboxes, &process);
    let traffic = sim.world.traffic();

    let began = Instant::now();
    assert_eq!(undo_all(&installation, &running).await, mailboxes, "verified, copy by copy");
    until_all(&running, RESTORED, mailboxes).await;
    told["undo_seconds"] = json!(began.elapsed().as_secs_f64());
    told["undo_calls"] = json!(sim.world.traffic().calls_in_all() - traffic.calls_in_all());
    println!("{told}");
    assert!(running.stop().await, "stops cleanly");
    assert_eq!(campaign.changes(&before, &campaign.state(&sim)), Vec::<String>::new(), "undone");

    assert_eq!(left, Vec::<String>::new(), "still in reach");
    assert_eq!(touched, Vec::<String>::new(), "touched and should not be");
    let complaints = sim.world.complaints();
    assert_eq!(complaints, Vec::new(), "what a correct client does not ask");
    let jobs = installation.records().await.jobs(10).await.unwrap();
    let undo = jobs.iter().find(|row| row.job.is_restoration()).unwrap();
    assert_eq!(undo.tally.of(State::Retracted), mailboxes, "put back: {:?}", undo.tally);
    assert!(traffic.faults_in_all() > 0, "{traffic:?}");
    assert!(traffic.at_once_most <= AT_ONCE_MAX, "{traffic:?}");
    // What failed is asked again; what may have been done is looked at first.
    let calls = traffic.calls_in_all() as f64 / mailboxes as f64;
    assert!(calls < CALLS_A_COPY * 1.15, "{calls} calls a copy: {traffic:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_provider_asked_for_outlives_a_restart() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let campaign = Campaign::begin(&sim, FEW);
    let throttled = (0.15, Fault::Status429 { retry_after: Some(3) });
    sim.world.set_behaviour(Behaviour { chances: vec![throttled], ..Behaviour::default() });
    let running = Running::start(&installation).await;
    campaign.journal(&sim, &installation, &running).await;
    until_all(&running, RETRACTED, 1).await;
    assert!(running.stop().await, "stops cleanly");
    let waiting = row(&installation).await.tally.of(State::Waiting);
    assert!(waiting > 0, "nobody was asked to wait");

    sim.world.set_behaviour(Behaviour::default());
    let running = Running::start(&installation).await;
    until_all(&running, RETRACTED, 1).await;
    assert!(running.stop().await, "stops cleanly");
    assert_eq!(sim.world.complaints(), Vec::new(), "nobody came back too early");
}

/// What the provider allows, and how often it fails.
fn limits() -> Behaviour {
    Behaviour {
        latency_ms: LATENCY_MS..=LATENCY_MS,
        application_max: AT_ONCE_MAX,
        chances: vec![
            (0.02, Fault::Status429 { retry_after: Some(1) }),
            (0.01, Fault::Status503 { retry_after: None }),
            (0.005, Fault::CutAfter),
        ],
        ..Behaviour::default()
    }
}

/// The figures, for a table.
fn told(sim: &Sim, seconds: f64, taken: Duration, mailboxes: u64, process: &Process) -> Value {
    let traffic = sim.world.traffic();
    let perfect = CALLS_A_COPY * mailboxes as f64 * LATENCY_MS as f64 / 1e3 / AT_ONCE_MAX as f64;
    json!({
        "campaign": mailboxes,
        "seconds": seconds,
        "last_250_seconds": taken.as_secs_f64(),
        "perfect_seconds": perfect,
        "calls": traffic.calls_in_all(),
        "round_trips": traffic.round_trips,
        "faults": traffic.faults,
        "at_once_most": traffic.at_once_most,
        "complaints": sim.world.complaints().len(),
        "peak_mib": process.peak_mib,
        "cpu_seconds": process.cpu_seconds,
    })
}

/// Who got the message, and what else lies in their mailboxes.
struct Campaign {
    people: Vec<(String, String)>,
    raw: Vec<u8>,
    /// By the lasting ids of their items, whose.
    bad: BTreeMap<String, usize>,
}

impl Campaign {
    /// Everybody has other mail and the bad one; some have read it, flagged it or filed it, and
    /// every tenth has a message of somebody else with the same id.
    fn begin(sim: &Sim, mailboxes: u64) -> Self {
        let people: Vec<(String, String)> = (0..mailboxes)
            .map(|at| {
                let id = uuid::Uuid::from_u128(0xc1a3_0000 + u128::from(at)).to_string();
                (id, format!("person{at}@corp.example"))
            })
            .collect();
        for (id, address) in &people {
            sim.world.add_user(User::cloud(id, address, "Somebody"));
        }
        let raw = phish("campaign", "everybody@corp.example");
        let everybody: Vec<String> = people.iter().map(|(_, address)| address.clone()).collect();
        let other = harness::ham("minutes", "everybody@corp.example");
        sim.world.deliver(&Delivery { raw: other, recipients: everybody.clone() });
        let same_id = like_another("campaign");
        let some = everybody.iter().step_by(10).cloned().collect();
        sim.world.deliver(&Delivery { raw: same_id, recipients: some });
        let delivered = sim.world.deliver(&Delivery { raw: raw.clone(), recipients: everybody });
        let mut bad = BTreeMap::new();
        for (at, copy) in delivered.into_iter().enumerate() {
            if at % 3 == 0 {
                sim.world.owner_reads(&copy.user_id, &copy.immutable_id).unwrap();
            }
            if at % 5 == 0 {
                sim.world.owner_flags(&copy.user_id, &copy.immutable_id, "flagged").unwrap();
                let red = ["Red category"];
                sim.world.owner_categorises(&copy.user_id, &copy.immutable_id, &red).unwrap();
            }
            if at % 7 == 0 {
                let archive = Folder::Archive;
                sim.world.owner_moves(&copy.user_id, &copy.immutable_id, archive).unwrap();
            }
            bad.insert(copy.immutable_id, at);
        }
        assert_eq!(bad.len(), people.len());
        Self { people, raw, bad }
    }

    /// The whole state of every mailbox.
    fn state(&self, sim: &Sim) -> BTreeMap<String, Vec<ItemView>> {
        let of = |(id, _): &(String, String)| (id.clone(), sim.world.items(id));
        self.people.iter().map(of).collect()
    }

    /// Which bad items are not where they should be, and which other items are not as they were.
    fn differences(
        &self,
        before: &BTreeMap<String, Vec<ItemView>>,
        after: &BTreeMap<String, Vec<ItemView>>,
    ) -> (Vec<String>, Vec<String>) {
        let (mut left, mut touched) = (Vec::new(), Vec::new());
        for (person, items) in after {
            let was = &before[person];
            if was.len() != items.len() {
                touched.push(format!("{person} has another number of items"));
            }
            for (was, item) in was.iter().zip(items) {
                let bad = self.bad.contains_key(&item.immutable_id);
                if bad && (item.folder != Folder::Deletions || item.moves != was.moves + 1) {
                    left.push(format!("{person}: {item:?}"));
                } else if !bad && item != was {
                    touched.push(format!("{person}: {item:?}"));
                }
            }
        }
        (left, touched)
    }

    /// What is not as it was, apart from an id that dies with each move and the count of moves.
    fn changes(
        &self,
        before: &BTreeMap<String, Vec<ItemView>>,
        after: &BTreeMap<String, Vec<ItemView>>,
    ) -> Vec<String> {
        let lasting = |items: &Vec<ItemView>| -> Vec<ItemView> {
            let lasting =
                |item: &ItemView| ItemView { id: String::new(), moves: 0, ..item.clone() };
            items.iter().map(lasting).collect()
        };
        let differs = |(person, items): &(&String, &Vec<ItemView>)| {
            before.get(*person).map(lasting) != Some(lasting(items))
        };
        after.iter().filter(differs).map(|(person, _)| person.clone()).collect()
    }

    /// Journals the message as Exchange does: several reports that share out the recipients.
    async fn journal(&self, sim: &Sim, installation: &Installation, running: &Running) {
        let mut sender = journaler(installation, running);
        let recipients: Vec<Recipient> =
            self.people.iter().map(|(_, address)| Recipient::plain(address)).collect();
        for (number, some) in (1_u128..).zip(recipients.chunks(RECIPIENTS_A_REPORT)) {
            let report = report(&Report {
                original: &self.raw,
                mail_from: "bounce@portal-check.example.net",
                recipients: some,
                tenant_domain: "corp.example",
                tenant_id: &sim.world.config().tenant_id,
                id: uuid::Uuid::from_u128(number),
                at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
            });
            sender.send(&report).await.unwrap();
        }
        sender.quit().await;
    }
}

/// Undoes every job, as an operator does; says how many copies they had retracted.
async fn undo_all(installation: &Installation, running: &Running) -> u64 {
    let dashboard = Dashboard::open(installation, running).await;
    let page = dashboard.get("/jobs").await;
    let jobs: Vec<&str> =
        page.split("data-href=\"").skip(1).filter_map(|row| row.split('"').next()).collect();
    assert!(!jobs.is_empty(), "{page}");
    let mut retracted = 0;
    for job in jobs {
        let copies = dashboard.copies(job).await;
        retracted += copies.iter().filter(|copy| copy["state"] == "retracted").count();
        dashboard.undo(job).await;
    }
    u64::try_from(retracted).unwrap()
}

/// A harmless message whose Message-ID is that of the bad one.
fn like_another(id: &str) -> Vec<u8> {
    let harmless = String::from_utf8(harness::ham(id, "everybody@corp.example")).unwrap();
    let its = format!("<{id}@partner.example.org>");
    assert!(harmless.contains(&its));
    harmless.replace(&its, &format!("<{id}@portal-check.example.net>")).into_bytes()
}

/// Waits until a metric counts so many copies; where it stands still for long, that is a failure.
async fn until_all(running: &Running, name: &str, copies: u64) {
    let (mut seen, mut since) = (0.0, Instant::now());
    loop {
        let now = running.sample(name).await;
        if now >= copies as f64 {
            return;
        }
        if now > seen {
            (seen, since) = (now, Instant::now());
        }
        assert!(since.elapsed() < STILL_MAX, "{seen} of {copies}, and no more");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The message as the trace shows it, once the node does not run.
async fn row(installation: &Installation) -> TraceRow {
    let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
    let query = Query::parse("message-id:campaign@portal-check.example.net").unwrap();
    let mut rows = installation.records().await.trace(&query, span, None, 10).await.unwrap().rows;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// What the kernel says of the node.
struct Process {
    peak_mib: f64,
    cpu_seconds: f64,
}

impl Process {
    fn of(running: &Running) -> Self {
        let of = |name: &str| {
            let pid = running.child.id().unwrap();
            std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default()
        };
        let (status, stat) = (of("status"), of("stat"));
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().trim_end_matches("kB").trim().parse().ok());
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok());
        Self {
            peak_mib: peak.unwrap_or(0.0) / 1_024.0,
            cpu_seconds: (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0,
        }
    }
}

const AT_ONCE_MAX: usize = 64;
/// To resolve, to find, to move, to verify.
const CALLS_A_COPY: f64 = 4.0;
const FEW: u64 = 120;
const LATENCY_MS: u64 = 50;
const MAILBOXES: u64 = 300;
const RESTORED: &str = "clawback_restorations_total{state=\"retracted\"}";
const RETRACTED: &str = "clawback_retractions_total{state=\"retracted\"}";
/// A report names no more than this.
const RECIPIENTS_A_REPORT: usize = 1_000;
const STILL_MAX: Duration = Duration::from_secs(120);
