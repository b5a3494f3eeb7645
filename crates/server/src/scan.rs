//! `clawback scan`: judges mail in files, offline.
//!
//! Promises: whatever the mail is, it ends; what cannot be read is said on standard error and
//! makes the exit code 2, and everything else is still judged. Results come in the order of the
//! input.

use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clawback_core::Disposition;
use clawback_core::verdict::KnowledgeVersion;
use clawback_detect::{Intel, Knowledge, Organisation, Sources};
use clawback_mail::address::Domain;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{Format, KnowledgeArgs, ScanArgs};
use crate::examine::{Examined, examine};
use crate::rules::Packs;

pub(crate) mod input;
mod output;

use input::{Input, Mail};
pub(crate) use output::plain;

/// Judges everything the paths name.
pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<ExitCode> {
    let knowledge = knowledge(&args.knowledge)?;
    let (files, mut unusable) = input::files(&args.paths);
    let mut tally = Tally::default();
    let progress = progress(files.len(), args.format);
    let out = std::io::stdout();
    let mut out = std::io::BufWriter::with_capacity(OUT_OCTETS, out.lock());
    let began = Instant::now();
    for batch in files.chunks(BATCH_FILES) {
        for outcome in judge_batch(batch, &knowledge) {
            progress.inc(1);
            match outcome {
                Ok(results) => {
                    for result in &results {
                        tally.add(result);
                        output::write(&mut out, args.format, result)?;
                    }
                }
                Err(error) => {
                    unusable += 1;
                    progress.suspend(|| eprintln!("clawback: {error:#}"));
                }
            }
        }
    }
    out.flush()?;
    progress.finish_and_clear();
    if args.format == Format::Human {
        tally.print(&mut out, began.elapsed())?;
        out.flush()?;
    }
    let code = if unusable > 0 || tally.messages == 0 { 2 } else { 0 };
    if tally.messages == 0 {
        eprintln!("clawback: no mail was found in what was given");
    }
    Ok(ExitCode::from(code))
}

/// One judged message.
pub(crate) struct Scanned {
    /// Where it was.
    pub(crate) path: String,
    /// What it was.
    pub(crate) examined: Examined,
    /// How long that took.
    pub(crate) elapsed: Duration,
}

/// Compiles what the arguments name.
pub(crate) fn knowledge(args: &KnowledgeArgs) -> anyhow::Result<Arc<Knowledge>> {
    let mut entries = Vec::new();
    for path in &args.intel {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("--intel {}", path.display()))?;
        let source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (some, errors) = clawback_detect::intel_file(&text, &source);
        for error in errors {
            eprintln!("clawback: {}: line {}: {}", path.display(), error.line, error.reason);
        }
        anyhow::ensure!(!some.is_empty(), "--intel {}: no indicator in it", path.display());
        entries.extend(some);
    }
    let read = |text: &String| Domain::parse(text).with_context(|| format!("--org-domain {text}"));
    let domains = args.org_domain.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    let loaded = Packs::new(!args.no_own_pack, args.rules.clone()).compile()?;
    let rules = format!("{}+{}", clawback_detect::RULES_VERSION, loaded.pack.version());
    Ok(Arc::new(Knowledge::compile(Sources {
        version: KnowledgeVersion { rules, lists: 0, intel: entries.len() as u64 },
        organisation: Organisation { domains, ..Organisation::default() },
        lists: Vec::new(),
        intel: Arc::new(Intel::compile(entries)),
        pack: loaded.pack,
        ..Sources::default()
    })))
}

type Outcome = anyhow::Result<Vec<Scanned>>;

/// Judges a batch of files on all cores; results in the order of the files.
fn judge_batch(files: &[Input], knowledge: &Arc<Knowledge>) -> Vec<Outcome> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(files.len());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results = std::sync::Mutex::new(Vec::with_capacity(files.len()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let work = || {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(file) = files.get(at) else { return };
                    let outcome = judge_file(file, knowledge);
                    if let Ok(mut results) = results.lock() {
                        results.push((at, outcome));
                    }
                }
            };
            let spawned =
                std::thread::Builder::new().stack_size(STACK_OCTETS).spawn_scoped(scope, work);
            if spawned.is_err() {
                break;
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, outcome)| outcome).collect()
}

fn judge_file(file: &Input, knowledge: &Arc<Knowledge>) -> Outcome {
    let mails = file.read()?;
    let judge = |mail: Mail| {
        let began = Instant::now();
        let examined = examine(&mail.octets, None, None, knowledge);
        Scanned { path: mail.path, examined, elapsed: began.elapsed() }
    };
    Ok(mails.into_iter().map(judge).collect())
}

fn progress(files: usize, format: Format) -> ProgressBar {
    // Results on the same terminal would scroll through the bar.
    let shown = std::io::stderr().is_terminal()
        && (format == Format::Json || !std::io::stdout().is_terminal());
    if !shown || files < 2 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    let style = "{bar:40} {pos}/{len} files · {per_sec} · {eta} left";
    bar.with_style(ProgressStyle::with_template(style).unwrap_or(ProgressStyle::default_bar()))
}

/// What was found so far.
#[derive(Default)]
struct Tally {
    messages: u64,
    by_disposition: std::collections::BTreeMap<Disposition, u64>,
}

impl Tally {
    fn add(&mut self, result: &Scanned) {
        self.messages += 1;
        *self.by_disposition.entry(result.examined.verdict.disposition).or_default() += 1;
    }

    fn print(&self, out: &mut impl Write, took: Duration) -> std::io::Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "a rate for a person")]
        let rate = self.messages as f64 / took.as_secs_f64().max(0.001);
        writeln!(out, "\n{} messages in {:.1} s ({rate:.0}/s)", self.messages, took.as_secs_f64())?;
        for (disposition, count) in self.by_disposition.iter().rev() {
            writeln!(out, "{:>12}  {count}", disposition.as_str())?;
        }
        Ok(())
    }
}

const BATCH_FILES: usize = 256;
const OUT_OCTETS: usize = 64 * 1024;
const STACK_OCTETS: usize = 8 * 1024 * 1024;
