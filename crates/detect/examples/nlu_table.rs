//! Classifies a folder of mail and prints how often each intent and topic was found in each source.
//!
//! `nlu_table FOLDER LIST.tsv LABELS.tsv a|b|all [--show INTENT] [--topic TOPIC] [--missed TAG]
//! [--time]`
//!
//! The list names path, class, source, digest and campaign group. Halves are told by the campaign
//! group's SHA-256, so that no campaign is in both: phrases were chosen on half a. The labels name
//! path, label and tags; mail with labels is counted by tag, the rest by source. `--show` prints
//! what has an intent at medium or more, `--missed` labelled malicious mail of a tag that has none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "an example is a program: it reads files")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use clawback_detect::nlu::{
    Classification, Confidence, SUPPORTED_INTENTS, SUPPORTED_TOPICS, classify,
};
use clawback_mail::message::Message;
use sha2::{Digest, Sha256};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, list, labels, half, options @ ..] = arguments.as_slice() else {
        eprintln!("usage: nlu_table FOLDER LIST.tsv LABELS.tsv a|b|all [--show INTENT] [--time]");
        std::process::exit(2);
    };
    let option = |name: &str| {
        let at = options.iter().position(|option| option == name)?;
        options.get(at + 1).cloned()
    };
    let (show, missed, topic) = (option("--show"), option("--missed"), option("--topic"));
    let only = option("--source");
    let labels = read_labels(labels);
    let mut table = Table::default();
    let (mut seconds, mut octets, mut slowest) = (0.0_f64, 0, 0.0_f64);
    for line in std::fs::read_to_string(list).expect("the list").lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (path, class, source, group) = (columns[0], columns[1], columns[2], columns[4]);
        let in_a = Sha256::digest(group.as_bytes())[0] >> 4 & 1 == 0;
        if (half == "a" && !in_a) || (half == "b" && in_a) {
            continue;
        }
        let rows = rows(class, source, labels.get(path));
        if only.as_ref().is_some_and(|only| !rows.contains(only)) {
            continue;
        }
        let Ok(raw) = std::fs::read(Path::new(folder).join(path)) else { continue };
        let message = Message::parse(&raw);
        let text = message.visible_text();
        let start = Instant::now();
        let classification = classify(text, Some(&message.subject));
        let took = start.elapsed().as_secs_f64();
        seconds += took;
        octets += text.len();
        slowest = slowest.max(took);
        for row in &rows {
            table.add(row, group, &classification);
        }
        let says = |name: &String| {
            classification
                .intents
                .iter()
                .any(|(intent, sure)| intent.as_str() == name && *sure >= Confidence::Medium)
        };
        let about = |name: &String| {
            classification
                .topics
                .iter()
                .any(|(topic, sure)| topic.as_str() == name && *sure >= Confidence::Medium)
        };
        let lacks = |tag: &String| {
            rows.iter().any(|row| row == &format!("MALICIOUS {tag}"))
                && !classification
                    .intents
                    .iter()
                    .any(|(i, sure)| *sure >= Confidence::Medium && i.as_str() != "benign")
        };
        if show.as_ref().is_some_and(says)
            || topic.as_ref().is_some_and(about)
            || missed.as_ref().is_some_and(lacks)
        {
            let start: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let start: String = start.chars().take(300).collect();
            println!(
                "{rows:?} {path}\n  {}\n  {:?}\n  {start}",
                message.subject, classification.intents
            );
        }
    }
    table.print();
    println!(
        "\n{:.0} µs each on average, {:.1} MB/s, slowest {:.0} µs",
        seconds * 1e6 / table.messages.max(1) as f64,
        octets as f64 / seconds / 1e6,
        slowest * 1e6
    );
}

/// Which rows of the table a message belongs to.
fn rows(class: &str, source: &str, label: Option<&(String, Vec<String>)>) -> Vec<String> {
    let Some((label, tags)) = label else { return vec![format!("{class} {source}")] };
    let known = ["credential", "callback", "advance_fee", "extortion", "prize", "crypto"];
    let tags = tags.iter().filter(|tag| label == "MALICIOUS" && known.contains(&tag.as_str()));
    let mut rows: Vec<String> = tags.map(|tag| format!("{label} {tag}")).collect();
    rows.push(label.clone());
    rows
}

fn read_labels(path: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let text = std::fs::read_to_string(path).expect("the labels");
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let tags = |row: &str| row.split(',').map(str::to_owned).collect();
    rows.map(|row| (row[1].to_owned(), (row[3].to_owned(), tags(row[5])))).collect()
}

#[derive(Default)]
struct Table {
    /// For each row: how many messages, of how many campaigns, and what was found how often at
    /// medium or more, and at high.
    rows: BTreeMap<String, Row>,
    messages: usize,
}

#[derive(Default)]
struct Row {
    messages: usize,
    groups: std::collections::BTreeSet<String>,
    found: BTreeMap<&'static str, (usize, usize)>,
    /// How many messages have an entity of a kind.
    entities: BTreeMap<&'static str, usize>,
}

impl Table {
    fn add(&mut self, row: &str, group: &str, classification: &Classification) {
        let row = self.rows.entry(row.to_owned()).or_default();
        row.messages += 1;
        row.groups.insert(group.to_owned());
        self.messages += 1;
        let intents = classification.intents.iter().map(|(intent, sure)| (intent.as_str(), *sure));
        let topics = classification.topics.iter().map(|(topic, sure)| (topic.as_str(), *sure));
        for (name, sure) in intents.chain(topics) {
            let (medium, high) = row.found.entry(name).or_default();
            *medium += usize::from(sure >= Confidence::Medium);
            *high += usize::from(sure >= Confidence::High);
        }
        let mut kinds: Vec<&str> =
            classification.entities.iter().map(|(kind, _)| kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *row.entities.entry(kind).or_default() += 1;
        }
        let any = classification
            .intents
            .iter()
            .any(|(intent, sure)| *sure >= Confidence::Medium && intent.as_str() != "benign");
        row.found.entry("any but benign").or_default().0 += usize::from(any);
    }

    fn print(&self) {
        let intents = SUPPORTED_INTENTS.iter().map(|intent| intent.as_str());
        for name in intents.chain(["any but benign"]) {
            println!("\n{name}: at medium or more, at high; 95 % Wilson");
            for (label, row) in &self.rows {
                let (medium, high) = row.found.get(name).copied().unwrap_or_default();
                if medium == 0 && !label.starts_with("ham") && !label.starts_with("MAL") {
                    continue;
                }
                let (n, groups) = (row.messages, row.groups.len());
                println!(
                    "  {label:24} n={n:<5} groups={groups:<5} {}   {}",
                    share(medium, n),
                    share(high, n)
                );
            }
        }
        println!("\nentities: messages in a hundred that have one");
        for (label, row) in &self.rows {
            let share = |(kind, count): (&&str, &usize)| {
                format!("{kind} {:.0}", *count as f64 * 100.0 / row.messages as f64)
            };
            let shares: Vec<String> = row.entities.iter().map(share).collect();
            println!("  {label:24} {}", shares.join(", "));
        }
        println!("\ntopics at medium or more (high), of each row");
        for topic in SUPPORTED_TOPICS {
            let cells = self.rows.iter().filter_map(|(label, row)| {
                let (medium, high) = row.found.get(topic.as_str()).copied()?;
                (medium > 0).then(|| format!("{label} {medium}({high})/{}", row.messages))
            });
            println!("  {:44} {}", topic.as_str(), cells.collect::<Vec<_>>().join(", "));
        }
    }
}

fn share(count: usize, of: usize) -> String {
    let (n, p) = (of as f64, count as f64 / of.max(1) as f64);
    let z = 1.96_f64;
    let middle = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + z * z / n);
    let (low, top) = ((middle - spread).max(0.0) * scale, (middle + spread) * scale);
    format!("{count:>5} {:5.1} % ({low:.1}–{top:.1})", p * 100.0)
}
