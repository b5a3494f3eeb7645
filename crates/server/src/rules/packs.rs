//! The rule packs of a node: clawback's own, which is part of the program, and those in folders.
//!
//! A change of any file makes a new compiled set. A file with a mistake is left out and told; where
//! nothing at all can be read any more, the last good set stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use clawback_detect::RuleState;
use clawback_detect::pack::{Pack, PackReport, PackSources};
use rust_embed::Embed;

use crate::rules::read::{files, pack_sources};

/// Where a node's rules come from.
#[derive(Clone, Debug)]
pub(crate) struct Packs {
    folders: Vec<PathBuf>,
    own: bool,
}

/// What there was in the folders when somebody looked: paths, sizes and times of change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fingerprint(Vec<(PathBuf, u64, Option<SystemTime>)>);

#[derive(Embed)]
#[folder = "../../rules"]
#[exclude = "messages/*"]
struct OwnPack;

impl Packs {
    /// Clawback's own pack where it is wanted, and those in folders.
    pub(crate) fn new(own: bool, folders: Vec<PathBuf>) -> Self {
        Self { folders, own }
    }

    /// What there is in the folders.
    pub(crate) fn fingerprint(&self) -> anyhow::Result<Fingerprint> {
        let mut all = Vec::new();
        for folder in &self.folders {
            for path in files(folder)? {
                let metadata = std::fs::metadata(&path)?;
                all.push((path, metadata.len(), metadata.modified().ok()));
            }
        }
        Ok(Fingerprint(all))
    }

    /// Reads and compiles everything.
    pub(crate) fn compile(&self) -> anyhow::Result<Arc<Pack>> {
        let mut sources = if self.own { own_pack() } else { PackSources::default() };
        let further = pack_sources(&self.folders)?;
        sources.rules.extend(further.rules);
        sources.lists.extend(further.lists);
        sources.yara.extend(further.yara);
        let (pack, report) = Pack::compile(&sources);
        for fault in &report.invalid {
            let (path, line, reason) = (&fault.path, fault.line, &fault.reason);
            tracing::warn!(path, line, reason, "a rule file has a mistake and is left out");
        }
        anyhow::ensure!(
            !pack.is_empty() || self.folders.is_empty(),
            "no rule could be read in {}",
            self.folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ")
        );
        let count = |state| PackReport::count(&pack, state);
        tracing::debug!(
            version = pack.version(),
            complete = count(RuleState::Complete),
            degraded = count(RuleState::Degraded),
            off = count(RuleState::Off),
            "rules compiled"
        );
        Ok(Arc::new(pack))
    }

    /// Whether a folder is there and can be read; for `check-config`.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for folder in &self.folders {
            files(folder).with_context(|| format!("[rules] folders: {}", folder.display()))?;
        }
        Ok(())
    }
}

/// The files of clawback's own pack.
fn own_pack() -> PackSources {
    let mut sources = PackSources::default();
    let mut names: Vec<_> = OwnPack::iter().collect();
    names.sort();
    for name in names {
        let Some(file) = OwnPack::get(&name) else { continue };
        let text = || String::from_utf8_lossy(&file.data).into_owned();
        let path = Path::new(name.as_ref());
        let is = |ending: &str| path.extension().is_some_and(|extension| extension == ending);
        if is("yml") {
            sources.rules.push((name.to_string(), text()));
        } else if is("yar") {
            sources.yara.push((name.to_string(), text()));
        } else if is("txt") && path.starts_with("lists") {
            sources.lists.push((name.to_string(), text()));
        }
    }
    sources
}
