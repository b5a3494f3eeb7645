//! `clawback eval`: measures the judge on mail whose nature is known, or on one's own.
//!
//! It promises to say how many messages stand behind every share and how sure that makes it, and
//! to send nothing anywhere. It writes only where a file or folder to write is named.

mod judge;
mod labelled;
mod list;
mod own;
mod proportion;
mod show;
mod strip;
mod tally;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use crate::cli::{Format, KnowledgeArgs};
use crate::scan;

use labelled::Stated;
use list::{Class, Half};
use proportion::Proportion;
use strip::Strip;

/// `clawback eval`
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Folders, Maildirs or mbox files of one's own mail.
    #[arg(long, value_name = "DIR", num_args = 1.., required_unless_present = "corpus", conflicts_with = "corpus")]
    maildir: Vec<PathBuf>,
    /// What all of that mail is: says how much of it came out wrong.
    #[arg(long, value_enum, value_name = "CLASS", conflicts_with = "corpus")]
    class: Option<Class>,
    /// How many of the messages to look at are shown.
    #[arg(long, value_name = "N", default_value_t = 20)]
    examples: usize,
    /// How results are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    knowledge: KnowledgeArgs,
    /// How many threads judge; as many as there are cores unless it is said.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    labelled: CorpusArgs,
}

/// What a labelled collection is, and how it is shown to the judge.
#[derive(Debug, Default, Args)]
pub(crate) struct CorpusArgs {
    /// The folder of a labelled collection.
    #[arg(long, value_name = "DIR", requires = "list")]
    corpus: Option<PathBuf>,
    /// What each message in it is: tab-separated, with the columns path, class, source, group and,
    /// where known, year and scl.
    #[arg(long, value_name = "FILE", requires = "corpus")]
    list: Option<PathBuf>,
    /// What a person read some of them as: tab-separated, with the columns path and label.
    #[arg(long, value_name = "FILE", requires = "corpus")]
    labels: Option<PathBuf>,
    /// Which half of it, cut by campaign; both unless it is said.
    #[arg(long, value_enum, requires = "corpus")]
    half: Option<Half>,
    /// What is taken out of each message before it is judged.
    #[arg(long, value_enum, default_value_t = Strip::Headers)]
    strip: Strip,
    /// What the judge is told about each message's sender.
    #[arg(long, value_enum, default_value_t = Stated::AsFound)]
    authentication: Stated,
    /// Write the messages that came out wrong to this file; only with --half a or b.
    #[arg(long, value_name = "FILE", requires = "half")]
    errors: Option<PathBuf>,
    /// Write each message as it was judged to this folder, for other programs to be measured on.
    #[arg(long, value_name = "DIR", requires = "corpus")]
    export: Option<PathBuf>,
}

impl CorpusArgs {
    fn half(&self) -> Half {
        self.half.unwrap_or_default()
    }
}

/// Measures what the arguments name.
pub(crate) fn run(args: &EvalArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let code = if args.labelled.corpus.is_some() {
        if args.labelled.errors.is_some() && args.labelled.half() == Half::All {
            anyhow::bail!(
                "--errors shows single messages: say of which half, --half a or --half b"
            );
        }
        let mut judged_by = args.knowledge.clone();
        judged_by.org_domain.push(OWN_DOMAIN.to_owned());
        let knowledge = scan::knowledge(&judged_by)?;
        let report = labelled::run(&args.labelled, args.threads, &knowledge)?;
        match args.format {
            Format::Human => show::write(&mut out, &report)?,
            Format::Json => writeln!(out, "{}", serde_json::to_string(&report)?)?,
        }
        u8::from(report.missing + report.failed > 0) * 2
    } else {
        let knowledge = scan::knowledge(&args.knowledge)?;
        let report = own::run(args, &knowledge);
        anyhow::ensure!(report.messages > 0, "no mail was found in what was given");
        match args.format {
            Format::Human => own::write(&mut out, &report)?,
            Format::Json => writeln!(out, "{}", serde_json::to_string(&report)?)?,
        }
        u8::from(report.unreadable > 0) * 2
    };
    out.flush().context("standard output")?;
    Ok(ExitCode::from(code))
}

/// A count as a figure.
fn number(count: usize) -> f64 {
    proportion::number(count as u64)
}

/// The domain of the one person to whom all mail of a collection is made to go.
const OWN_DOMAIN: &str = "corp.example";

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: EvalArgs,
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let rows = [
            ("eval --maildir a b --class ham", true),
            ("eval --corpus c --list l --labels x --half a --errors e", true),
            ("eval --corpus c --list l --strip none --authentication fail", true),
            ("eval", false),
            ("eval --maildir a --corpus c --list l", false),
            ("eval --corpus c", false),
            ("eval --corpus c --list l --class ham", false),
            ("eval --corpus c --list l --errors e", false),
            ("eval --maildir a --half a", false),
        ];
        for (line, meant) in rows {
            assert_eq!(Line::try_parse_from(line.split(' ')).is_ok(), meant, "{line}");
        }
    }

    #[test]
    fn single_messages_of_both_halves_at_once_are_not_shown() {
        let line = "eval --corpus c --list l --half all --errors e";
        let line = Line::try_parse_from(line.split(' ')).unwrap();
        assert!(run(&line.args).unwrap_err().to_string().contains("--half a"));
    }
}
