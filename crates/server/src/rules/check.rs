//! `clawback rules check`: reads, checks and compiles every rule, and says what became of each.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clawback_detect::RuleState;
use clawback_detect::pack::{Pack, PackReport, PackRule, RuleFault};
use serde::Serialize;

use crate::cli::Format;
use crate::rules::pack_sources;

/// What is printed as JSON.
#[derive(Serialize)]
struct Checked<'p> {
    files: usize,
    complete: usize,
    degraded: Vec<Lacking<'p>>,
    off: Vec<Lacking<'p>>,
    invalid: Vec<Invalid<'p>>,
    missing_lists: &'p std::collections::BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct Lacking<'p> {
    file: &'p str,
    constructs: &'p [String],
}

#[derive(Serialize)]
struct Invalid<'p> {
    file: &'p str,
    line: usize,
    column: usize,
    reason: &'p str,
}

/// Checks the rules of folders. Exit code 1 where a file is wrong.
pub(crate) fn run(dirs: &[PathBuf], lists: &[PathBuf], format: Format) -> anyhow::Result<ExitCode> {
    let mut sources = pack_sources(dirs)?;
    sources.lists.extend(pack_sources(lists)?.lists);
    let began = Instant::now();
    let (pack, report) = Pack::compile(&sources);
    let took = began.elapsed();
    let files = sources.rules.len() - report.without_rule;
    let lacking = |state| {
        let all = pack.rules().iter().filter(move |rule| rule.compiled.state == state);
        all.map(lacking).collect::<Vec<_>>()
    };
    let checked = Checked {
        files,
        complete: PackReport::count(&pack, RuleState::Complete),
        degraded: lacking(RuleState::Degraded),
        off: lacking(RuleState::Off),
        invalid: report.invalid.iter().map(invalid).collect(),
        missing_lists: &report.missing_lists,
    };
    let mut out = std::io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{}", serde_json::to_string(&checked)?)?,
        Format::Human => {
            print(&mut out, &checked, &report.invalid)?;
            let made = pack.statistics();
            writeln!(
                out,
                "\ncompiled in {:.2} s: {} operations, {} literals, {} patterns",
                took.as_secs_f64(),
                made.operations,
                made.literals,
                made.patterns
            )?;
        }
    }
    if files == 0 {
        eprintln!("clawback: no rule file was found in what was given");
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::from(u8::from(!report.invalid.is_empty())))
}

fn lacking(rule: &PackRule) -> Lacking<'_> {
    Lacking { file: &rule.file.path, constructs: &rule.compiled.unsupported }
}

fn invalid(fault: &RuleFault) -> Invalid<'_> {
    Invalid { file: &fault.path, line: fault.line, column: fault.column, reason: &fault.reason }
}

fn print(
    out: &mut impl std::io::Write,
    checked: &Checked<'_>,
    faults: &[RuleFault],
) -> std::io::Result<()> {
    for fault in faults {
        writeln!(out, "{}:{}:{}: {}", fault.path, fault.line, fault.column, fault.reason)?;
        // The first line of the drawing says the same once more.
        for line in fault.drawn.lines().skip(1) {
            writeln!(out, "    {line}")?;
        }
    }
    for (title, rules) in [
        (
            "degraded: part of them is never asked, and they say SUSPICIOUS at most",
            &checked.degraded,
        ),
        ("off: without what is missing they can never be true", &checked.off),
    ] {
        if !rules.is_empty() {
            writeln!(out, "\n{title}")?;
        }
        for rule in rules {
            let why = match rule.constructs {
                [] => "it can never be true".to_owned(),
                constructs => constructs.join(", "),
            };
            writeln!(out, "  {}  {why}", rule.file)?;
        }
    }
    if !checked.missing_lists.is_empty() {
        writeln!(out, "\nlists that are not there; asking them gives null")?;
    }
    for (name, rules) in checked.missing_lists {
        writeln!(out, "  ${name}  in {rules} rules")?;
    }
    let Checked { files, complete, degraded, off, invalid, .. } = checked;
    writeln!(
        out,
        "\n{files} rules: {complete} complete, {} degraded, {} off",
        degraded.len(),
        off.len()
    )?;
    let mut wrong: Vec<&str> = invalid.iter().map(|one| one.file).collect();
    wrong.dedup();
    if !wrong.is_empty() {
        writeln!(out, "{} files with mistakes, which are left out", wrong.len())?;
    }
    Ok(())
}
