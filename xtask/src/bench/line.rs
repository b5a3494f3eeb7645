//! The whole line: real mail journaled over STARTTLS, everything durable, until the last message is
//! recorded.

use super::Bench;
use super::figure::{Line, Series, number};
use super::load::Load;
use super::node::{Node, Setup};

pub(super) fn whole(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (mut rate, mut cpu, mut generator) =
        (Series::default(), Series::default(), Series::default());
    let (mut drain, mut memory) = (Series::default(), Series::default());
    let (mut receive, mut judge) = (Series::default(), Series::default());
    for _ in 0..bench.runs {
        let node = Node::start(bench, Setup::default())?;
        let before = node.cpu_ms();
        let load = Load::new(bench, &node.smtp, &node.journal_address, SESSIONS);
        let sent = load.folder(&bench.corpus).tls(&node.root()).send()?;
        let rest = node.until_recorded()?;
        rate.push(number(sent.count) / (sent.seconds + rest.as_secs_f64()));
        cpu.push(sent.each(node.cpu_ms() - before));
        generator.push(sent.each(sent.cpu_ms));
        drain.push(rest.as_secs_f64());
        memory.push(node.peak_mib());
        let metrics = node.metrics()?;
        receive.push(metrics.mean_ms("clawback_receive_seconds"));
        judge.push(metrics.mean_ms("clawback_judge_seconds"));
        node.stop()?;
    }
    Ok(vec![
        Line::new("whole line, corpus, STARTTLS, 20 sessions", "/s", rate).goal("≥ 1500"),
        Line::new("  of it after the last 250", "s", drain),
        Line::new("  processor of the node a message", "ms", cpu),
        Line::new("  processor of the generator a message", "ms", generator),
        Line::new("  last octet to durable, mean", "ms", receive),
        Line::new("  judge, mean (waiting for a core included)", "ms", judge),
        Line::new("  peak memory", "MiB", memory).goal("under 300"),
    ])
}

const SESSIONS: u32 = 20;
