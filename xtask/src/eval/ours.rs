//! One run of `clawback eval`, and what it printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::corpus::Corpus;

/// The program, and what every run of it is told.
pub(super) struct Ours {
    pub(super) program: PathBuf,
    /// Options that are handed on as they are.
    pub(super) options: Vec<String>,
    pub(super) half: &'static str,
}

/// How messages are shown to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ablation {
    pub(super) strip: &'static str,
    pub(super) authentication: &'static str,
}

/// The first is what counts.
pub(super) const ABLATIONS: [Ablation; 6] = [
    Ablation { strip: "headers", authentication: "as-found" },
    Ablation { strip: "headers", authentication: "absent" },
    Ablation { strip: "headers", authentication: "pass" },
    Ablation { strip: "headers", authentication: "fail" },
    Ablation { strip: "verdict", authentication: "as-found" },
    Ablation { strip: "none", authentication: "as-found" },
];

/// What `clawback eval` prints, as far as it is needed here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Report {
    pub(super) messages: u64,
    pub(super) failed: u64,
    pub(super) cost: Cost,
    pub(super) sources: Vec<SourceRow>,
    pub(super) modern_ham: Figures,
    pub(super) labels: Vec<LabelRow>,
    pub(super) strict: Vec<StrictRow>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Cost {
    pub(super) per_second_and_core: f64,
    pub(super) mean_us: f64,
    pub(super) median_us: f64,
    pub(super) p99_us: f64,
    pub(super) with_files_share: f64,
    pub(super) with_files_mean_us: f64,
    pub(super) without_files_mean_us: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SourceRow {
    pub(super) class: String,
    pub(super) source: String,
    pub(super) era: Option<String>,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct LabelRow {
    pub(super) stratum: String,
    pub(super) label: String,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct StrictRow {
    pub(super) stratum: String,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Figures {
    pub(super) caught: Share,
    pub(super) caught_by_campaign: Share,
    pub(super) alarm: Share,
    pub(super) spam: Share,
    pub(super) exact: Share,
    pub(super) cheat: Share,
}

/// A share with its interval, as a person reads it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Share {
    pub(super) hits: f64,
    pub(super) of: f64,
    pub(super) shown: String,
}

impl Share {
    /// Without the interval.
    pub(super) fn short(&self) -> String {
        if self.of == 0.0 {
            return "-".to_owned();
        }
        format!("{:.0} {:.1} %", self.hits, self.hits / self.of * 100.0)
    }
}

impl Ours {
    /// Measures once; `more` are options of this run.
    pub(super) fn measure(
        &self,
        corpus: &Corpus,
        list: &Path,
        ablation: Ablation,
        more: &[&str],
    ) -> anyhow::Result<Report> {
        let mut command = Command::new(&self.program);
        command.args(["eval", "--format", "json", "--corpus"]).arg(&corpus.mail);
        command.arg("--list").arg(list).arg("--labels").arg(&corpus.labels);
        command.args(["--half", self.half, "--strip", ablation.strip]);
        command.args(["--authentication", ablation.authentication]);
        let output = command.args(&self.options).args(more).output().context("start clawback")?;
        // 2 says that files are missing or the program failed on some: the report says how many.
        if !matches!(output.status.code(), Some(0 | 2)) || output.stdout.is_empty() {
            bail!("clawback eval: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("what clawback eval printed")
    }
}
