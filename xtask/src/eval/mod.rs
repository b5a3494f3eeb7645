//! `cargo xtask eval`: how well the judge does on a labelled collection, as one page of tables.
//!
//! The collection is not part of the project. Messages are shown without what betrays where they
//! come from, and authentication is given as a fact, in a matrix: a figure that holds in one column
//! only rests on that column. Nothing here is pooled over sources, and it judges nothing.

mod beside;
mod corpus;
mod ours;
mod peers;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use self::corpus::Corpus;
use self::ours::{ABLATIONS, Cost, Figures, Ours, Report, Share};
use crate::{machine, step};

/// What `eval` measures.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder with dev.tar.zst, dev.tsv and labels.tsv.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Which half, cut by campaign; what is tuned is tuned on a.
    #[arg(long, value_enum, default_value_t = Half::A)]
    half: Half,
    /// Measure this program instead of building a release.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Also measure rspamd and SpamAssassin where they are installed; needs root.
    #[arg(long)]
    with_comparators: bool,
    /// Install what is missing of them.
    #[arg(long, requires = "with_comparators")]
    install: bool,
    /// How many messages a source they are given, before a half is taken.
    #[arg(long, value_name = "N", default_value_t = 300)]
    sample: usize,
    /// Options for `clawback eval`, after two hyphens.
    #[arg(last = true, value_name = "OPTION")]
    options: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Half {
    A,
    B,
    All,
}

impl Half {
    fn word(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::All => "all",
        }
    }
}

/// Builds, measures every ablation, prints the tables.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let target = crate::root()?.join("target");
    let scratch = target.join("eval");
    let corpus = Corpus::open(options.corpus.as_deref(), &scratch)?;
    if options.install {
        machine::provide(machine::COMPARATORS)?;
    }
    let program = match &options.program {
        Some(program) => program.clone(),
        None => {
            let build = ["build", "--release", "--ignore-rust-version", "--package", "clawback"];
            step::run(&mut step::cargo(&build)?)?;
            target.join("release").join("clawback")
        }
    };
    let ours = Ours { program, options: options.options.clone(), half: options.half.word() };
    let mut reports = Vec::new();
    for ablation in ABLATIONS {
        println!("strip {}, authentication {}", ablation.strip, ablation.authentication);
        reports.push(ours.measure(&corpus, &corpus.list, ablation, &[])?);
    }
    let mut page = matrix(&reports, ours.half);
    if options.with_comparators {
        // A judge that reads the verdict of another filter would be measured by that.
        for strip in ["verdict", "headers"] {
            page += &beside::measure(&ours, &corpus, strip, options.sample, &scratch)?;
        }
    }
    println!("\n{page}");
    Ok(())
}

fn matrix(reports: &[Report], half: &str) -> String {
    let Some(first) = reports.first() else { return String::new() };
    let mut page = heading(first, half);
    for row in first.sources.iter().filter(|row| row.era.is_none()) {
        let of = |report: &Report| {
            let mut rows = report.sources.iter().filter(|other| other.era.is_none());
            let found = rows.find(|it| (&it.class, &it.source) == (&row.class, &row.source));
            found.map(|row| row.figures.clone())
        };
        let name = format!("{} {}", row.class, row.source);
        if matches!(row.class.as_str(), "ham" | "bulk") {
            page += &line(&format!("{name} alarm"), reports, of, |figures| &figures.alarm);
            if row.figures.spam.hits > 0.0 {
                page += &line(&format!("{name} SPAM"), reports, of, |figures| &figures.spam);
            }
        } else {
            page += &line(&format!("{name} caught"), reports, of, |figures| &figures.caught);
            let of_campaigns = |figures: &Figures| figures.caught_by_campaign.clone();
            page += &format!("{:>26}  {}\n", "by campaign", of_campaigns(&row.figures).shown);
        }
    }
    let modern = |report: &Report| Some(report.modern_ham.clone());
    page += &line("ham ≥ 2015, no list: alarm", reports, modern, |figures| &figures.alarm);
    for row in &first.labels {
        let of = |report: &Report| {
            let key = (&row.stratum, &row.label);
            let found = report.labels.iter().find(|it| (&it.stratum, &it.label) == key);
            found.map(|row| row.figures.clone())
        };
        let name = format!("{} {} caught", row.stratum, row.label);
        page += &line(&name, reports, of, |figures| &figures.caught);
    }
    for row in &first.strict {
        let of = |report: &Report| {
            let found = report.strict.iter().find(|it| it.stratum == row.stratum);
            found.map(|row| row.figures.clone())
        };
        page += &line(&format!("{} {EXACTLY}", row.stratum), reports, of, |figures| &figures.exact);
    }
    page += &cost(&first.cost);
    page
}

fn cost(cost: &Cost) -> String {
    format!(
        "{:.0} µs of processor time a message, median {:.0}, 99 % {:.0}; {:.1} % have files to \
         open and take {:.0} µs, the others {:.0}\n",
        cost.mean_us,
        cost.median_us,
        cost.p99_us,
        cost.with_files_share * 100.0,
        cost.with_files_mean_us,
        cost.without_files_mean_us
    )
}

fn heading(first: &Report, half: &str) -> String {
    let mut page = format!("half {half}, {} messages, {} failed\n", first.messages, first.failed);
    page += &format!("{:28}{:30}", "", "headers/as-found (95 %)");
    for ablation in ABLATIONS.iter().skip(1) {
        page += &format!("{:>18}", format!("{}/{}", ablation.strip, ablation.authentication));
    }
    page += &format!("{:>18}\n", "cheat baseline");
    page
}

/// A row: the share in every ablation, the interval with the first.
fn line(
    name: &str,
    reports: &[Report],
    of: impl Fn(&Report) -> Option<Figures>,
    share: fn(&Figures) -> &Share,
) -> String {
    let figures: Vec<Option<Figures>> = reports.iter().map(of).collect();
    let shares =
        figures.iter().map(|it| it.as_ref().map(|it| share(it).clone()).unwrap_or_default());
    let mut text = format!("{name:28}");
    for (at, share) in shares.enumerate() {
        if at == 0 {
            text += &format!("{:30}", share.shown);
        } else {
            text += &format!("{:>18}", share.short());
        }
    }
    let cheat = figures.first().and_then(Option::as_ref).map(|it| it.cheat.short());
    // The baseline catches and tells no kinds apart.
    let cheat = cheat.filter(|_| !name.ends_with(EXACTLY));
    text += &format!("{:>18}", cheat.unwrap_or_default());
    text.trim_end().to_owned() + "\n"
}

const EXACTLY: &str = "exactly";
