//! Knowledge is swapped while mail comes in over real SMTP: every report is recorded once, and
//! each is judged by one whole set of rules and one whole state of the intel.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clawback_core::trace::{Query, Span};
use clawback_core::{Destination, Finding, UnixMillis, Verdict};
use clawback_sim::Behaviour;
use harness::{Installation, Running, Sim, journaler, mailbox, report_of, run, until};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_is_lost_or_judged_by_half_of_what_is_known() {
    let sim = Arc::new(Sim::start(Behaviour::default()).await);
    let installation = Installation::new(&sim).await;
    installation.send_bad_mail_to(Destination::NoAction).await;
    let dir = installation.dir.path();
    let config = std::fs::read_to_string(installation.config()).unwrap();
    let rules = "[rules]\nown_pack = false\nfolders = [\"rules\"]\n";
    std::fs::write(installation.config(), format!("{config}{rules}")).unwrap();
    for generation in 0..=SWAPS {
        write_pack(dir, generation);
    }
    publish(dir, 0);
    let before = intel_version(&installation).await;
    let running = Running::start(&installation).await;

    let (sent, enough) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
    let mut senders = Vec::new();
    for _ in 0..SENDERS {
        let (sim, sent, enough) = (Arc::clone(&sim), Arc::clone(&sent), enough.clone());
        let mut journaler = journaler(&installation, &running);
        senders.push(tokio::spawn(async move {
            let (to, from) = (mailbox(&sim), "ben@partner.example.org");
            while !enough.is_cancelled() {
                let number = sent.fetch_add(1, Ordering::SeqCst);
                let mail = mail(number, &to);
                let report = report_of(&sim, mail.as_bytes(), from, &to, number.into());
                journaler.send(&report).await.unwrap();
            }
        }));
    }
    for generation in 1..=SWAPS {
        let reached = sent.load(Ordering::SeqCst) + 40;
        until("mail comes in", async || sent.load(Ordering::SeqCst) >= reached).await;
        let swaps = running.metric("clawback_knowledge_swaps_total").await;
        publish(dir, generation);
        if generation % 2 == 0 {
            let feed = dir.join("more.txt");
            std::fs::write(&feed, format!("{}\n", lure(generation))).unwrap();
            run(dir, &["intel", "import", "--source", "more", feed.to_str().unwrap()]).await;
        }
        let pid = running.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().await.unwrap().success());
        until("what is known was swapped", async || {
            running.metric("clawback_knowledge_swaps_total").await > swaps
        })
        .await;
    }
    let some = sent.load(Ordering::SeqCst) + 40;
    until("mail comes in", async || sent.load(Ordering::SeqCst) >= some).await;
    enough.cancel();
    for sender in senders {
        sender.await.unwrap();
    }
    let total = sent.load(Ordering::SeqCst);
    until("all is recorded", async || {
        running.metric("clawback_recorded_total").await >= f64::from(total)
    })
    .await;
    assert!(running.stop().await);

    let all = verdicts(&installation).await;
    assert_eq!(all.len(), total as usize, "each once");
    assert!(total > 250, "several hundred");
    let numbers: BTreeSet<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(numbers.len(), all.len(), "each once");
    judged_by_whole_sets(all.iter().map(|(_, verdict)| verdict));
    let after = intel_version(&installation).await;
    for (_, verdict) in &all {
        assert!((before..=after).contains(&verdict.knowledge.intel), "{}", verdict.knowledge);
    }
}

/// Every verdict has all findings of one generation of rules and of one state of the intel, and
/// its version says which.
fn judged_by_whole_sets<'a>(all: impl Iterator<Item = &'a Verdict>) {
    let mut generations: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    let mut feeds: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
    for verdict in all {
        let parts = verdict.findings.iter().filter_map(|finding| {
            let (generation, rule) = finding.rule.strip_prefix("generation-")?.split_once('-')?;
            Some((generation.parse::<u32>().unwrap(), rule.to_owned()))
        });
        let parts: Vec<(u32, String)> = parts.collect();
        let generation = parts[0].0;
        assert!(parts.iter().all(|part| part.0 == generation), "{parts:?}");
        assert_eq!(parts.len(), RULES as usize, "all rules of generation {generation}");
        generations.entry(verdict.knowledge.rules.clone()).or_default().insert(generation);
        let listed = verdict.findings.iter().filter(|finding| finding.rule == "intel-domain");
        let listed = listed.flat_map(Finding::evidence).count();
        feeds.entry(verdict.knowledge.intel).or_default().insert(listed);
    }
    assert!(generations.len() > 3, "{generations:?}");
    assert!(generations.values().all(|of_version| of_version.len() == 1), "{generations:?}");
    assert!(feeds.len() > 1, "{feeds:?}");
    assert!(feeds.values().all(|of_version| of_version.len() == 1), "{feeds:?}");
    let listed: Vec<usize> = feeds.values().flatten().copied().collect();
    assert!(listed.is_sorted() && listed.first() < listed.last(), "more is known later: {feeds:?}");
}

/// A folder of rules that all find the same mail.
fn write_pack(dir: &Path, generation: u32) {
    let folder = dir.join(format!("generation-{generation}"));
    std::fs::create_dir(&folder).unwrap();
    for rule in 0..RULES {
        let text = format!(
            "name: \"rule {rule}\"\nseverity: low\n\
             source: 'sender.email.domain.domain == \"partner.example.org\" and length(subject.subject) != 1000{rule}'\n"
        );
        std::fs::write(folder.join(format!("generation-{generation}-{rule}.yml")), text).unwrap();
    }
}

/// Puts a folder into the place where rules are read, as people do who deploy: in one step.
fn publish(dir: &Path, generation: u32) {
    let (next, place) = (dir.join("next"), dir.join("rules"));
    std::os::unix::fs::symlink(dir.join(format!("generation-{generation}")), &next).unwrap();
    std::fs::rename(next, place).unwrap();
}

fn lure(generation: u32) -> String {
    format!("lure-{generation}.example")
}

/// A mail with a link to everything that will be on the feed.
fn mail(number: u32, to: &str) -> String {
    let links: String =
        (1..=SWAPS).map(|generation| format!("https://{}/\r\n", lure(generation))).collect();
    format!(
        "From: Ben Vogel <ben@partner.example.org>\r\nTo: {to}\r\nSubject: Minutes {number}\r\n\
         Message-ID: <swap-{number}@partner.example.org>\r\n\
         Date: Tue, 24 Nov 2026 08:12:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nThe minutes:\r\n{links}"
    )
}

async fn intel_version(installation: &Installation) -> u64 {
    installation.store().await.control().knowledge_versions().await.unwrap().1
}

/// The Message-ID and the verdict of every message that is recorded.
async fn verdicts(installation: &Installation) -> Vec<(String, Verdict)> {
    let records = installation.records().await;
    let ever = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX >> 1) };
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = records.trace(&Query::parse("").unwrap(), ever, next, 100).await.unwrap();
        for row in &page.rows {
            let detail = records.message(row.id).await.unwrap().unwrap();
            all.push((detail.message_id, detail.verdict));
        }
        next = page.next;
        if next.is_none() {
            return all;
        }
    }
}

const SWAPS: u32 = 6;
const RULES: u32 = 25;
const SENDERS: u32 = 3;
