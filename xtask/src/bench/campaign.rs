//! One bad message in many mailboxes, behind a provider with limits and faults, until all of it is
//! verified gone; beside the time of a client that makes four calls a copy and never waits in vain.
//!
//! The test of the same name does it and fails where anything else than time is not as it should
//! be: a copy left, another item touched, a complaint of the simulated provider.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use super::Bench;
use super::figure::{Line, Series, number};
use crate::step;

/// What the test prints.
#[derive(Debug, Deserialize)]
struct Told {
    campaign: u64,
    seconds: f64,
    last_250_seconds: f64,
    perfect_seconds: f64,
    calls: u64,
    round_trips: u64,
    faults: BTreeMap<String, u64>,
    at_once_most: u64,
    complaints: u64,
    peak_mib: f64,
    cpu_seconds: f64,
}

pub(super) fn taken_back(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let mut all = Vec::new();
    for _ in 0..bench.runs {
        all.push(run(bench.mailboxes)?);
    }
    let series = |of: fn(&Told) -> f64| {
        let mut series = Series::default();
        all.iter().for_each(|told| series.push(of(told)));
        series
    };
    let what = format!("campaign, {} mailboxes, verified gone", bench.mailboxes);
    let perfect = series(|told| told.perfect_seconds);
    Ok(vec![
        Line::new(what, "s", series(|told| told.seconds))
            .beside(perfect, "s of a perfect client")
            .goal("ratio ≤ 1.15"),
        Line::new("  of it until the last 250", "s", series(|told| told.last_250_seconds)),
        Line::new("  calls a copy", "", series(|told| told.a_copy(number(told.calls))))
            .goal("4 and what faults cost"),
        Line::new("  round trips a copy", "", series(|told| told.a_copy(number(told.round_trips)))),
        Line::new("  faults met", "", series(|told| number(told.faults.values().sum()))),
        Line::new("  calls at once, most", "", series(|told| number(told.at_once_most)))
            .goal("64, which is allowed"),
        Line::new("  complaints of the provider", "", series(|told| number(told.complaints)))
            .goal("0"),
        Line::new(
            "  processor of the node a copy",
            "ms",
            series(|told| told.a_copy(told.cpu_seconds * 1e3)),
        ),
        Line::new("  peak memory of the node", "MiB", series(|told| told.peak_mib)),
    ])
}

impl Told {
    fn a_copy(&self, figure: f64) -> f64 {
        figure / number(self.campaign)
    }
}

fn run(mailboxes: u32) -> anyhow::Result<Told> {
    let test = ["test", "--release", "--ignore-rust-version", "--package", "clawback", "--test"];
    let mut command: Command = step::cargo(&test)?;
    command.args(["campaign", "--", "--nocapture"]);
    let printed = step::output(command.env("CLAWBACK_CAMPAIGN", mailboxes.to_string()))?;
    let line = printed.lines().find(|line| line.starts_with("{\"")).context("its line of JSON")?;
    println!("{line}");
    serde_json::from_str(line).context("what the campaign printed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_test_is_read() {
        let told: Told = serde_json::from_str(
            r#"{"campaign":300,"seconds":7.4,"last_250_seconds":0.1,"perfect_seconds":0.9,
            "calls":1261,"round_trips":1105,"faults":{"429":19},"at_once_most":64,
            "complaints":0,"peak_mib":110.0,"cpu_seconds":2.5}"#,
        )
        .unwrap();
        assert!((told.a_copy(number(told.calls)) - 4.2).abs() < 0.01);
    }
}
