//! `cargo xtask bench`: a table of rates, each beside a yardstick taken in the same run.
//!
//! Machines differ and change; the ratio to the yardstick is what can be compared. Needs a folder
//! of mail: `--corpus`, else `CLAWBACK_CORPUS`, else mail of our own making is written.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Deserialize;

use crate::step;

/// What `bench` measures on.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A folder of .eml files; `CLAWBACK_CORPUS` in the environment says the same.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Only rows whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    row: String,
}

/// One row of the table.
struct Row {
    name: &'static str,
    measure: fn(&Bench) -> anyhow::Result<Pair>,
}

/// What the rows share.
struct Bench {
    corpus: PathBuf,
    /// Where programs of the release profile are.
    release: PathBuf,
}

/// A rate of ours and its yardstick.
struct Pair {
    ours: Rate,
    yardstick: Rate,
}

/// So many things in so much time.
#[derive(Clone, Debug)]
struct Rate {
    what: String,
    count: u64,
    seconds: f64,
}

/// What an example program prints as its last line.
#[derive(Deserialize)]
struct Printed {
    #[serde(alias = "messages")]
    count: u64,
    seconds: f64,
}

const ROWS: &[Row] = &[
    Row { name: "scan, all rules", measure: scan },
    Row { name: "segments, append", measure: append },
];

/// Builds the product, measures each row, prints the table.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let build = ["build", "--release", "--ignore-rust-version", "--package", "clawback"];
    step::run(&mut step::cargo(&build)?)?;
    let release = crate::root()?.join("target").join("release");
    let bench = Bench { corpus: corpus(options)?, release };
    let mut table = format!("{:<18} {:<44} {:<44} ratio\n", "", "ours", "yardstick");
    for row in ROWS.iter().filter(|row| row.name.contains(&options.row)) {
        println!("\n=== {}", row.name);
        let line = match (row.measure)(&bench) {
            Ok(pair) => pair.line(row.name),
            Err(error) => format!("{:<18} not measured: {error:#}", row.name),
        };
        table.push_str(&line);
        table.push('\n');
    }
    println!("\n{table}");
    Ok(())
}

impl Pair {
    fn line(&self, name: &str) -> String {
        let ratio = self.ours.per_second() / self.yardstick.per_second().max(f64::MIN_POSITIVE);
        format!("{name:<18} {:<44} {:<44} {ratio:.3}", self.ours.shown(), self.yardstick.shown())
    }
}

impl Rate {
    fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate for a person")]
        let count = self.count as f64;
        count / self.seconds.max(0.000_001)
    }

    fn shown(&self) -> String {
        format!("{:.0}/s {}", self.per_second(), self.what)
    }
}

/// Takes every file of the folder through unwrap, parse, detect and judge, on all cores.
fn scan(bench: &Bench) -> anyhow::Result<Pair> {
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
    let ours = Rate::new("messages, all cores", count, took);
    let printed = example("clawback-mail", "parse_rate", &[&bench.corpus])?;
    Ok(Pair { ours, yardstick: printed.rate("mail-parser alone, one core") })
}

/// Appends messages from parallel sessions, each answered when it is durable.
fn append(bench: &Bench) -> anyhow::Result<Pair> {
    let example_file = crate::root()?.join("crates/store/examples/append_rate.rs");
    if !example_file.exists() {
        bail!("the store has no example that measures it");
    }
    let printed = example("clawback-store", "append_rate", &[])?;
    let yardstick = synced_files(&bench.release.join("bench-files"))?;
    Ok(Pair { ours: printed.rate("messages of 75 KB, durable"), yardstick })
}

/// The plainest way to be durable: one file at a time, synced.
fn synced_files(folder: &Path) -> anyhow::Result<Rate> {
    fs::create_dir_all(folder)?;
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
    Ok(Rate::new("files of 75 KB, synced one by one", count, took))
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

/// The folder of mail to measure on.
fn corpus(options: &Options) -> anyhow::Result<PathBuf> {
    let given = options.corpus.clone().or_else(|| std::env::var_os(CORPUS).map(PathBuf::from));
    if let Some(folder) = given {
        if !folder.is_dir() {
            bail!("{} is no folder", folder.display());
        }
        return Ok(folder);
    }
    let folder = crate::root()?.join("target").join("bench-mail");
    if !folder.is_dir() {
        let run = ["run", "--release", "--ignore-rust-version", "--package", "clawback-sim"];
        let mut command = step::cargo(&run)?;
        command.args(["--example", "mail_set", "--"]).arg(&folder).arg(MESSAGES.to_string());
        step::run(&mut command)?;
    }
    println!("no corpus was given: {MESSAGES} messages of our own making are used");
    Ok(folder)
}

impl Rate {
    fn new(what: &str, count: usize, took: Duration) -> Self {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Self { what: what.to_owned(), count, seconds: took.as_secs_f64() }
    }
}

impl Printed {
    fn rate(&self, what: &str) -> Rate {
        Rate { what: what.to_owned(), count: self.count, seconds: self.seconds }
    }
}

const CORPUS: &str = "CLAWBACK_CORPUS";
const FILE_OCTETS: usize = 75 * 1024;
const MESSAGES: usize = 10_000;
const YARDSTICK_TIME: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_both_rates_and_their_ratio() {
        let rate = |what: &str, count| Rate::new(what, count, Duration::from_secs(2));
        let pair = Pair { ours: rate("messages", 100), yardstick: rate("files", 200) };
        let line = pair.line("a row");
        assert!(line.starts_with("a row "), "{line}");
        assert!(line.contains("50/s messages") && line.contains("100/s files"), "{line}");
        assert!(line.ends_with(" 0.500"), "{line}");
    }

    #[test]
    fn a_line_of_an_example_is_read() {
        let printed: Printed =
            serde_json::from_str("{\"messages\":3,\"octets\":9,\"seconds\":1.5}").unwrap();
        assert!((printed.rate("x").per_second() - 2.0).abs() < 0.001);
    }
}
