//! `cargo xtask fuzz`: gives every parser octets that nobody thought of.
//!
//! The targets stand in `fuzz/`, a workspace of its own with libFuzzer. They are built with the
//! toolchain at hand: what libFuzzer needs of the compiler are flags that a stable one has, so
//! that nothing is to be installed but a C++ compiler. Inputs found on the way stay on this machine
//! for the next run; the seeds lie in the repository.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::{machine, step};

/// What is given to parsers, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How long each target runs.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Only these; all of them where none is named.
    targets: Vec<String>,
}

impl Options {
    /// Every target, for so long each.
    pub(crate) fn all_for(seconds: u32) -> Self {
        Self { seconds, targets: Vec::new() }
    }
}

/// Builds the targets and runs each, as many at a time as there are cores.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let folder = crate::root()?.join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).context("read fuzz/Cargo.toml")?;
    let chosen = choose(targets(&manifest)?, &options.targets)?;
    machine::provide(machine::FUZZ)?;
    let programs = build(&folder)?;
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    let mut failed = Vec::new();
    for some in chosen.chunks(at_once) {
        let runs: Vec<Fuzzing> = some
            .iter()
            .map(|target| Fuzzing::start(&folder, &programs, target, options.seconds))
            .collect::<anyhow::Result<_>>()?;
        for run in runs {
            failed.extend(run.finish()?);
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

/// The names of the programs in a manifest.
fn targets(manifest: &str) -> anyhow::Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse().context("fuzz/Cargo.toml")?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array);
    let names = programs.into_iter().flatten().filter_map(|program| program.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

fn choose(all: Vec<String>, named: &[String]) -> anyhow::Result<Vec<String>> {
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        bail!("there is no target {unknown}; there are: {}", all.join(" "));
    }
    Ok(if named.is_empty() { all } else { named.to_vec() })
}

/// Builds every target; the folder in which they are.
fn build(folder: &Path) -> anyhow::Result<PathBuf> {
    let host = host()?;
    let mut command = step::cargo(&["build", "--release", "--bins", "--ignore-rust-version"])?;
    command.arg("--manifest-path").arg(folder.join("Cargo.toml"));
    // With a target named, the flags are not those of build scripts and macros.
    command.args(["--target", &host]).arg("--target-dir").arg(folder.join("target"));
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", FLAGS.join(" "));
    step::run(&mut command)?;
    Ok(folder.join("target").join(host).join("release"))
}

fn host() -> anyhow::Result<String> {
    let version = step::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what it is for")?.to_owned())
}

/// One target that runs.
struct Fuzzing {
    target: String,
    log: PathBuf,
    child: Child,
}

impl Fuzzing {
    fn start(folder: &Path, programs: &Path, target: &str, seconds: u32) -> anyhow::Result<Self> {
        let found = folder.join("corpus").join(target);
        let artifacts = folder.join("artifacts").join(target);
        for folder in [&found, &artifacts] {
            fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        }
        let log = artifacts.join("log");
        let output = File::create(&log).with_context(|| format!("write {}", log.display()))?;
        let mut command = Command::new(programs.join(target));
        command
            .args(LIMITS)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(found)
            .arg(folder.join("seeds").join(target))
            .stdout(output.try_clone().context("share the log")?)
            .stderr(output);
        let child = command.spawn().with_context(|| format!("start target {target}"))?;
        Ok(Self { target: target.to_owned(), log, child })
    }

    /// Waits for its end; what is to be said where it found something.
    fn finish(mut self) -> anyhow::Result<Option<String>> {
        let status = self.child.wait().with_context(|| format!("wait for {}", self.target))?;
        let log = fs::read(&self.log).with_context(|| format!("read {}", self.log.display()))?;
        let log = String::from_utf8_lossy(&log);
        if status.success() {
            let summary = log.lines().rev().find(|line| line.contains("DONE")).unwrap_or_default();
            println!("{:>10}  {}", self.target, summary.trim());
            return Ok(None);
        }
        let file = reproducer(&log).unwrap_or("no file");
        println!("{:>10}  FOUND {file}", self.target);
        Ok(Some(format!("target {} ended with {status}: {file}\n{}", self.target, cause(&log))))
    }
}

/// The file with the octets that did it.
fn reproducer(log: &str) -> Option<&str> {
    log.lines().find_map(|line| Some(line.split_once("Test unit written to ")?.1.trim()))
}

/// The lines of a log that say what went wrong.
fn cause(log: &str) -> String {
    let from = log.lines().position(|line| line.contains("panicked at") || line.contains("ERROR:"));
    let lines = log.lines().skip(from.unwrap_or_default()).take(CAUSE_LINES_MAX);
    lines.map(|line| format!("  {line}\n")).collect()
}

const CAUSE_LINES_MAX: usize = 12;
/// Counters at every edge and every comparison, as libFuzzer reads them.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];
/// Ten seconds for some kilobytes is a hang, and two gigabytes are a bomb.
const LIMITS: &[&str] =
    &["-max_len=16384", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=0"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_those_of_the_manifest_and_each_has_seeds() {
        let folder = crate::root().unwrap().join("fuzz");
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let targets = targets(&manifest).unwrap();
        assert!(targets.contains(&"session".to_owned()));
        for target in &targets {
            assert!(folder.join("targets").join(format!("{target}.rs")).is_file(), "{target}");
            let mut seeds = fs::read_dir(folder.join("seeds").join(target)).unwrap();
            assert!(seeds.next().is_some(), "{target} has no seeds");
        }
        assert_eq!(fs::read_dir(folder.join("targets")).unwrap().count(), targets.len());
    }

    #[test]
    fn a_target_that_is_not_there_is_said_with_those_that_are() {
        let all = vec!["html".to_owned(), "session".to_owned()];
        assert_eq!(choose(all.clone(), &[]).unwrap(), all);
        assert_eq!(choose(all.clone(), &["html".to_owned()]).unwrap(), ["html"]);
        let error = choose(all, &["xml".to_owned()]).unwrap_err().to_string();
        assert_eq!(error, "there is no target xml; there are: html session");
    }

    #[test]
    fn what_was_found_is_told_with_its_file() {
        let log = "INFO: x\nthread 'a' panicked at targets/a.rs:1:2:\nbecause\n\
                   artifact_prefix='/f/'; Test unit written to /f/crash-1\nBase64: eA==\n";
        assert_eq!(reproducer(log), Some("/f/crash-1"));
        assert!(cause(log).starts_with("  thread 'a' panicked at targets/a.rs:1:2:\n  because\n"));
        assert_eq!(reproducer("nothing"), None);
    }
}
