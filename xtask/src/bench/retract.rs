//! From received to verified gone, in the demo: with a simulated provider that answers at once, and
//! with one whose delays are those a person would see.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use super::Bench;
use super::figure::{Line, Series, number};
use crate::step;

/// What the example program prints.
#[derive(Deserialize)]
struct Times {
    count: u64,
    p50_ms: f64,
    p99_ms: f64,
}

pub(super) fn times(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (what, more) in [
        ("received to verified, no simulated delays", &["--no-delays"][..]),
        ("received to verified, the demo's delays*", &[]),
    ] {
        let (mut p50, mut p99, mut count) = (Series::default(), Series::default(), 0);
        for _ in 0..bench.runs {
            let times = demo(bench, more)?;
            p50.push(times.p50_ms);
            p99.push(times.p99_ms);
            count += times.count;
        }
        println!("{what}: {count} copies");
        lines.push(Line::new(format!("{what}, p50"), "ms", p50));
        lines.push(Line::new(format!("{what}, p99"), "ms", p99));
    }
    println!(
        "* a message is there after 300 to 1500 ms, found 50 to 600 ms later, and each answer \
         takes 15 to 70 ms"
    );
    Ok(lines)
}

/// Lets the demo run for a while and reads what it recorded.
fn demo(bench: &Bench, more: &[&str]) -> anyhow::Result<Times> {
    let folder = bench.fresh_folder("demo")?;
    let log = File::create(bench.scratch.join("demo.log"))?;
    let mut command = Command::new(bench.release.join("clawback"));
    let free = "127.0.0.1:0";
    command.args(["demo", "--http", free, "--smtp", free, "--sim", free, "--pace", "50"]);
    command.arg("--dir").arg(&folder).args(more);
    let mut child = command.stdout(Stdio::null()).stderr(log).spawn().context("start the demo")?;
    std::thread::sleep(DEMO_TIME);
    interrupt(&mut child)?;
    let run = ["run", "--release", "--ignore-rust-version", "--package", "clawback-store"];
    let mut example = step::cargo(&run)?;
    example.args(["--example", "retract_times", "--"]).arg(&folder);
    let printed = step::output(&mut example)?;
    let times: Times =
        serde_json::from_str(printed.trim()).context("what retract_times printed")?;
    anyhow::ensure!(number(times.count) > 0.0, "nothing was retracted");
    Ok(times)
}

fn interrupt(child: &mut Child) -> anyhow::Result<()> {
    step::output(Command::new("kill").args(["-INT", &child.id().to_string()]))?;
    child.wait().context("wait for the demo")?;
    Ok(())
}

const DEMO_TIME: Duration = Duration::from_secs(20);
