//! Parts of the line alone: judging files, and segments on disk.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Bench;
use super::figure::{Line, Series, number};
use crate::step;

/// What an example program prints as its last line.
#[derive(Deserialize)]
struct Printed {
    #[serde(alias = "messages")]
    count: u64,
    seconds: f64,
}

impl Printed {
    fn per_second(&self) -> f64 {
        number(self.count) / self.seconds
    }
}

/// Takes every file of the folder through unwrap, parse, detect and judge, on all cores.
pub(super) fn scan(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (mut ours, mut yardstick) = (Series::default(), Series::default());
    for _ in 0..bench.runs {
        ours.push(scan_once(bench)?);
        yardstick.push(example("clawback-mail", "parse_rate", &[&bench.corpus])?.per_second());
    }
    let line = Line::new("scan, all rules, all cores", "/s", ours);
    Ok(vec![line.beside(yardstick, "/s mail-parser alone, one core")])
}

fn scan_once(bench: &Bench) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut command = Command::new(bench.release.join("clawback"));
    command.args(["scan", "--format", "json"]).arg(&bench.corpus);
    let output = command.stderr(Stdio::null()).output().context("start clawback scan")?;
    let took = began.elapsed();
    // 2 says that something in the folder was no mail, which a folder may hold.
    if !matches!(output.status.code(), Some(0 | 2)) {
        bail!("clawback scan ended with {}", output.status);
    }
    let count = output.stdout.iter().filter(|octet| **octet == b'\n').count();
    if count == 0 {
        bail!("clawback scan found no mail in {}", bench.corpus.display());
    }
    Ok(number(u64::try_from(count)?) / took.as_secs_f64())
}

/// Appends messages from parallel sessions, each answered when it is durable.
pub(super) fn append(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (mut ours, mut yardstick) = (Series::default(), Series::default());
    for _ in 0..bench.runs {
        ours.push(
            example("clawback-store", "append_rate", &[&bench.fresh_folder("append")?])?
                .per_second(),
        );
        yardstick.push(synced_files(&bench.fresh_folder("files")?)?);
    }
    let line = Line::new("segments, append 75 KB, 20 at once", "/s", ours);
    Ok(vec![line.beside(yardstick, "/s files synced one by one")])
}

/// The plainest way to be durable: one file at a time, synced.
fn synced_files(folder: &Path) -> anyhow::Result<f64> {
    let content = vec![b'x'; FILE_OCTETS];
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < YARDSTICK_TIME {
        let mut file = File::create(folder.join(format!("{count}")))?;
        file.write_all(&content)?;
        file.sync_all()?;
        count += 1;
    }
    let took = began.elapsed();
    fs::remove_dir_all(folder)?;
    Ok(number(count) / took.as_secs_f64())
}

fn example(package: &str, name: &str, arguments: &[&Path]) -> anyhow::Result<Printed> {
    let run = ["run", "--release", "--ignore-rust-version", "--package", package, "--example"];
    let mut command = step::cargo(&run)?;
    command.args([name, "--"]).args(arguments);
    let printed = step::output(&mut command)?;
    print!("{printed}");
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| {
        format!("the last line of {name} is not {{\"count\":…,\"seconds\":…}}: {last}")
    })
}

const FILE_OCTETS: usize = 75 * 1_000;
const YARDSTICK_TIME: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_an_example_is_read() {
        let printed: Printed =
            serde_json::from_str("{\"messages\":3,\"octets\":9,\"seconds\":1.5}").unwrap();
        assert!((printed.per_second() - 2.0).abs() < 0.001);
    }
}
