//! How fast mail is taken, durable, beside Postfix taking the same mail from the same generator;
//! and how much memory that needs.

use super::Bench;
use super::figure::{Line, Series};
use super::load::{Load, Sent};
use super::node::{Node, Setup};
use super::process;
use crate::postfix::{Postfix, Then};

/// Messages of 75 KB in the clear, sessions kept.
pub(super) fn accept(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for sessions in [20, 100] {
        let (mut ours, mut theirs) = (Taken::default(), Taken::default());
        for _ in 0..bench.runs {
            let setup = Setup { in_the_clear: true };
            let node = Node::start(bench, setup)?;
            let before = node.cpu_ms();
            let load = Load::new(bench, &node.smtp, &node.journal_address, sessions);
            let sent = load.invented(MESSAGE_OCTETS).seconds(SECONDS).send()?;
            ours.push(&sent, node.cpu_ms() - before, node.peak_mib());
            node.until_recorded()?;
            node.stop()?;
            if Postfix::is_there() {
                let folder = bench.fresh_folder("postfix")?;
                let postfix = Postfix::start(&folder, Then::Discard, None)?;
                let load = |bench| {
                    let to = "journal@corp.example";
                    Load::new(bench, &postfix.smtp.to_string(), to, sessions)
                };
                theirs.measure(&postfix, load(bench).invented(MESSAGE_OCTETS).seconds(SECONDS))?;
            }
        }
        lines.extend(ours.lines(&format!("accept 75 KB, {sessions} sessions"), &theirs));
    }
    Ok(lines)
}

/// Real mail as journal reports over STARTTLS, sessions kept.
pub(super) fn accept_corpus(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (mut ours, mut theirs) = (Taken::default(), Taken::default());
    for _ in 0..bench.runs {
        let node = Node::start(bench, Setup::default())?;
        let before = node.cpu_ms();
        let load = Load::new(bench, &node.smtp, &node.journal_address, SESSIONS);
        let sent = load.folder(&bench.corpus).tls(&node.root()).send()?;
        ours.push(&sent, node.cpu_ms() - before, node.peak_mib());
        node.until_recorded()?;
        if Postfix::is_there() {
            let folder = bench.fresh_folder("postfix")?;
            let pem = node.key_and_certificate()?;
            let postfix = Postfix::start(&folder, Then::Discard, Some(&pem))?;
            let server = postfix.smtp.to_string();
            let load = Load::new(bench, &server, "journal@corp.example", SESSIONS);
            theirs.measure(&postfix, load.folder(&bench.corpus).tls(&node.root()))?;
        }
        node.stop()?;
    }
    Ok(ours.lines("accept corpus, STARTTLS, 20 sessions", &theirs))
}

/// Memory while a hundred sessions send 40 MiB each.
pub(super) fn memory_large(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let node = Node::start(bench, Setup::default())?;
    let load = Load::new(bench, &node.smtp, &node.journal_address, 100);
    load.invented(LARGE_OCTETS).tls(&node.root()).count(100).send()?;
    let taking = Series::one(node.peak_mib());
    node.until_recorded()?;
    let judged = Series::one(node.peak_mib());
    node.stop()?;
    Ok(vec![
        Line::new("memory, 100 sessions of 40 MiB, until the last 250", "MiB", taking)
            .goal("under 300"),
        Line::new("memory, the same, until recorded", "MiB", judged).goal("under 300"),
    ])
}

/// What several runs against one server showed.
#[derive(Default)]
struct Taken {
    rate: Series,
    cpu: Series,
    memory: Series,
    generator: Series,
}

impl Taken {
    fn push(&mut self, sent: &Sent, cpu_ms: u64, peak_mib: f64) {
        self.rate.push(sent.per_second());
        self.cpu.push(sent.each(cpu_ms));
        self.generator.push(sent.each(sent.cpu_ms));
        self.memory.push(peak_mib);
    }

    fn measure(&mut self, postfix: &Postfix, load: Load) -> anyhow::Result<()> {
        let cpu = || postfix.master().map(process::cpu_ms_with_children).unwrap_or_default();
        let before = cpu();
        let sent = load.send()?;
        self.push(&sent, cpu().saturating_sub(before), f64::NAN);
        Ok(())
    }

    fn lines(self, what: &str, postfix: &Self) -> Vec<Line> {
        let beside = |line: Line, theirs: &Series, of: &'static str| {
            if Postfix::is_there() { line.beside(theirs.clone(), of) } else { line }
        };
        let rate = Line::new(format!("{what}, whole node"), "/s", self.rate).goal("ratio ≥ 2");
        let cpu = Line::new(format!("{what}, processor"), "ms", self.cpu);
        let generator = Line::new(format!("{what}, of the generator"), "ms", self.generator);
        let memory = Line::new(format!("{what}, peak memory"), "MiB", self.memory);
        vec![
            beside(rate, &postfix.rate, "/s Postfix, queued and synced"),
            beside(cpu, &postfix.cpu, "ms Postfix"),
            beside(generator, &postfix.generator, "ms with Postfix"),
            memory.goal("under 300"),
        ]
    }
}

const LARGE_OCTETS: usize = 40 * 1_024 * 1_024;
const MESSAGE_OCTETS: usize = 75_000;
const SECONDS: u64 = 6;
const SESSIONS: u32 = 20;
