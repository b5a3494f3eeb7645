//! Judges a folder of mail and prints what it made of each source.
//!
//! `corpus_table FOLDER LIST.tsv [--with-provider] [--labels LABELS.tsv] [--show CLASS] [--rule
//! ID]`
//!
//! The list names `path`, `class`, `source` and more in its first columns. Unless told otherwise
//! the mailbox provider's own verdict is taken out first, so that ours is measured and not theirs;
//! what it states of authentication stays. `--assume none|fail|pass` gives that result to messages
//! that state none, since old mail states none and new mail does. `--show ham` prints each message
//! of that class that came out worse than BULK, with what decided; `--rule` prints those that one
//! rule decided.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "an example is a program: it reads files")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use clawback_core::verdict::{Disposition, Verdict};
use clawback_detect::{Facts, Knowledge, Sources, Subject, detect, judge};
use clawback_mail::message::{Authentication, Message, Outcome};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, list, options @ ..] = arguments.as_slice() else {
        eprintln!("usage: corpus_table FOLDER LIST.tsv [--with-provider] [--labels LABELS.tsv]");
        std::process::exit(2);
    };
    let option = |name: &str| {
        let at = options.iter().position(|option| option == name)?;
        options.get(at + 1).cloned()
    };
    let with_provider = options.iter().any(|option| option == "--with-provider");
    let (show, rule) = (option("--show"), option("--rule"));
    let labels = option("--labels").map(|path| read_labels(&path)).unwrap_or_default();

    let mut table = Table::default();
    let mut by_label = Table::default();
    let mut deciding: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let knowledge = Knowledge::compile(Sources::default());
    let facts = Facts { authentication: option("--assume").map(|word| assumed(&word)) };
    let (mut parsing, mut judging, mut count) = (0.0, 0.0, 0_u32);
    for line in std::fs::read_to_string(list).expect("the list").lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (path, class, source) = (columns[0], columns[1], columns[2]);
        let Ok(raw) = std::fs::read(Path::new(folder).join(path)) else { continue };
        let raw = if with_provider { raw } else { without_provider_verdict(&raw) };
        let start = Instant::now();
        let message = Message::parse(&raw);
        parsing += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let verdict = judged(&message, &knowledge, &facts);
        judging += start.elapsed().as_secs_f64();
        count += 1;

        let era = columns.get(5).and_then(|y| y.parse::<u32>().ok()).unwrap_or_default();
        let inbox = columns.get(6).and_then(|scl| scl.parse::<i32>().ok()).is_some_and(|s| s <= 1);
        table.add(&format!("{class} {source}"), verdict.disposition);
        if source == "phishing_pot" {
            table.add(&format!("{class} {source} {era}"), verdict.disposition);
            if inbox {
                table.add(&format!("{class} {source} (left in the inbox)"), verdict.disposition);
            }
        }
        if let Some(label) = labels.get(path) {
            by_label.add(&format!("read as {label}"), verdict.disposition);
        }
        if let Some(rule) = &verdict.decided_by {
            *deciding.entry(rule.clone()).or_default().entry(class.to_owned()).or_default() += 1;
        }
        let is_shown = show.as_deref() == Some(class) && verdict.disposition > Disposition::Bulk;
        if is_shown || (rule.is_some() && rule == verdict.decided_by) {
            print_verdict(path, &message, &verdict);
        }
    }
    table.print();
    by_label.print();
    println!("\ndecided by");
    for (rule, classes) in deciding {
        println!("  {rule:32} {classes:?}");
    }
    let each = |seconds: f64| seconds * 1e6 / f64::from(count.max(1));
    println!(
        "\n{count} messages, {:.0} µs parsing, {:.0} µs judging each",
        each(parsing),
        each(judging)
    );
}

fn judged(message: &Message, knowledge: &Knowledge, facts: &Facts) -> Verdict {
    let subject = Subject { message, raw, envelope_from: None, recipients: &[], direction: None };
    judge(detect(&subject, knowledge, facts), knowledge)
}

fn assumed(word: &str) -> Authentication {
    let outcome = match word {
        "none" => Outcome::None,
        "fail" => Outcome::Fail,
        _ => Outcome::Pass,
    };
    Authentication { spf: outcome, dkim: outcome, dmarc: outcome, ..Authentication::default() }
}

fn print_verdict(path: &str, message: &Message, verdict: &Verdict) {
    let from = message.from.first();
    let from = from.map(|m| format!("{} <{}>", m.name, m.raw)).unwrap_or_default();
    println!("{} {path}\n    from {from}\n    subject {}", verdict.disposition, message.subject);
    if let Some(finding) = verdict.findings.first() {
        println!("    {}", finding.rule);
        for evidence in finding.evidence() {
            let quote: String = evidence.quote.chars().take(160).collect();
            println!("      {}: {quote} ({})", evidence.place, evidence.note);
        }
    }
}

/// Takes the header fields out in which the mailbox provider tells its own verdict.
fn without_provider_verdict(raw: &[u8]) -> Vec<u8> {
    const NAMES: [&[u8]; 5] = [
        b"x-ms-exchange-organization-scl",
        b"x-forefront-antispam-report",
        b"x-microsoft-antispam",
        b"x-gm-spam",
        b"x-gm-phishy",
    ];
    let mut out = Vec::with_capacity(raw.len());
    let (mut in_header, mut skipping) = (true, false);
    for line in raw.split_inclusive(|octet| *octet == b'\n') {
        if in_header {
            let lower = line.to_ascii_lowercase();
            if line.trim_ascii().is_empty() {
                in_header = false;
                skipping = false;
            } else if !(line.starts_with(b" ") || line.starts_with(b"\t")) {
                skipping = NAMES.iter().any(|name| lower.starts_with(name));
            }
            if skipping {
                continue;
            }
        }
        out.extend_from_slice(line);
    }
    out
}

fn read_labels(path: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).expect("the labels");
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|row| (row[1].to_owned(), row[3].to_owned())).collect()
}

#[derive(Default)]
struct Table(BTreeMap<String, BTreeMap<Disposition, usize>>);

impl Table {
    fn add(&mut self, row: &str, disposition: Disposition) {
        *self.0.entry(row.to_owned()).or_default().entry(disposition).or_default() += 1;
    }

    fn print(&self) {
        if self.0.is_empty() {
            return;
        }
        println!(
            "\n{:44} {:>6}{}",
            "",
            "all",
            Disposition::ALL.map(|d| format!("{:>11}", d.as_str())).concat()
        );
        for (row, counts) in &self.0 {
            let all: usize = counts.values().sum();
            let cells = Disposition::ALL.map(|d| format!("{:>11}", counts.get(&d).unwrap_or(&0)));
            println!("{row:44} {all:>6}{}", cells.concat());
        }
    }
}
