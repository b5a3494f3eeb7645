//! `cargo xtask bench`: a table of figures, each beside a yardstick taken in the same run.
//!
//! Machines differ and change; the ratio to the yardstick is what can be compared. Needs a folder
//! of mail: `--corpus`, else `CLAWBACK_CORPUS`, else mail of our own making is written. It judges
//! nothing: a goal stands beside its figure.

mod campaign;
pub(crate) mod figure;
mod line;
mod load;
mod node;
pub(crate) mod process;
mod rates;
mod retract;
mod smtp;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::bail;
use clap::Args;

use self::figure::{Line, Series, number};
use crate::postfix::Postfix;
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
    /// How often each row is measured.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// How many mailboxes a campaign is taken out of.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    mailboxes: u32,
    /// Also say how long a build takes that starts from nothing: many minutes.
    #[arg(long)]
    clean_build: bool,
}

/// One row of the table, or some that are measured together.
struct Row {
    name: &'static str,
    measure: fn(&Bench) -> anyhow::Result<Vec<Line>>,
}

/// What the rows share.
struct Bench {
    corpus: PathBuf,
    /// Where programs of the release profile are.
    release: PathBuf,
    /// A folder on the disk that is measured.
    scratch: PathBuf,
    runs: u32,
    mailboxes: u32,
}

const ROWS: &[Row] = &[
    Row { name: "scan", measure: rates::scan },
    Row { name: "segments", measure: rates::append },
    Row { name: "accept", measure: smtp::accept },
    Row { name: "accept-corpus", measure: smtp::accept_corpus },
    Row { name: "memory", measure: smtp::memory_large },
    Row { name: "line", measure: line::whole },
    Row { name: "retract", measure: retract::times },
    Row { name: "campaign", measure: campaign::taken_back },
    Row { name: "size", measure: size },
];

/// Builds the product, measures each row, prints the table.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let target = crate::root()?.join("target");
    let scratch = target.join("bench");
    let mut table = figure::heading();
    if options.clean_build {
        table.push_str(&format!("{}\n", clean_build(&scratch)?));
    }
    for what in [&["--package", "clawback"][..], &["--package", "clawback-sim", "--examples"]] {
        let mut build = step::cargo(&["build", "--release", "--ignore-rust-version"])?;
        step::run(build.args(what))?;
    }
    let release = target.join("release");
    let Options { runs, mailboxes, .. } = *options;
    let bench = Bench { corpus: corpus(options)?, release, scratch, runs, mailboxes };
    if !Postfix::is_there() {
        println!("no yardstick of Postfix: it needs Debian's postfix, and root to run it");
    }
    for row in ROWS.iter().filter(|row| row.name.contains(&options.row)) {
        println!("\n=== {}", row.name);
        match (row.measure)(&bench) {
            Ok(lines) => lines.iter().for_each(|line| table.push_str(&format!("{line}\n"))),
            Err(error) => table.push_str(&format!("{:<44} not measured: {error:#}\n", row.name)),
        }
    }
    // Left where a row failed, for a look at its log.
    fs::remove_dir_all(&bench.scratch).or_else(|_| fs::create_dir_all(&bench.scratch))?;
    println!("\n{table}");
    Ok(())
}

impl Bench {
    /// A folder with nothing in it.
    fn fresh_folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.scratch.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// How large the program is, as it is given to people.
fn size(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let octets = fs::metadata(bench.release.join("clawback"))?.len();
    Ok(vec![Line::new("the program's file", "MB", Series::one(number(octets) / 1e6))])
}

/// A release build into an empty folder, with everything downloaded already.
fn clean_build(scratch: &Path) -> anyhow::Result<Line> {
    let folder = scratch.join("clean-build");
    let build = ["build", "--release", "--ignore-rust-version", "--package", "clawback"];
    let mut command = step::cargo(&build)?;
    let began = Instant::now();
    step::run(command.env("CARGO_TARGET_DIR", &folder))?;
    let took = began.elapsed();
    fs::remove_dir_all(&folder)?;
    Ok(Line::new("clean release build", "s", Series::one(took.as_secs_f64())))
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

const CORPUS: &str = "CLAWBACK_CORPUS";
const MESSAGES: usize = 10_000;
