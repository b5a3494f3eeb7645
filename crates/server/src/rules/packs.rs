//! The rule packs of a node: clawback's own, which is part of the program, and those in folders.
//!
//! A change of any file makes a new compiled set. A file with a mistake is left out and told; where
//! nothing at all can be read any more, the last good set stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use clawback_detect::pack::{Pack, PackReport, PackSources};
use clawback_detect::{Registrations, RuleState, Thresholds};
use rust_embed::Embed;

use crate::config::{Config, ConfigError};
use crate::rules::read::{files, pack_sources};

/// Where a node's rules come from.
#[derive(Clone, Debug)]
pub(crate) struct Packs {
    folders: Vec<PathBuf>,
    own: bool,
    /// The file that says when domains were registered.
    ages: Option<PathBuf>,
    pub(crate) thresholds: Thresholds,
}

/// What the files of a node come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loaded {
    /// The rules.
    pub(crate) pack: Arc<Pack>,
    /// When domains were registered.
    pub(crate) registrations: Arc<Registrations>,
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
        Self { folders, own, ages: None, thresholds: Thresholds::default() }
    }

    /// As a configuration says it.
    pub(crate) fn of(config: &Config) -> Result<Self, ConfigError> {
        let rules = &config.rules;
        Ok(Self {
            folders: rules.folders.clone(),
            own: rules.own_pack,
            ages: rules.domain_ages_file.clone(),
            thresholds: config.judge.thresholds()?,
        })
    }

    /// What there is in the folders.
    pub(crate) fn fingerprint(&self) -> anyhow::Result<Fingerprint> {
        let mut all = Vec::new();
        for folder in &self.folders {
            all.extend(files(folder)?);
        }
        all.extend(self.ages.clone());
        let seen = all.into_iter().map(|path| {
            let metadata = std::fs::metadata(&path).with_context(|| path.display().to_string())?;
            Ok((path, metadata.len(), metadata.modified().ok()))
        });
        seen.collect::<anyhow::Result<_>>().map(Fingerprint)
    }

    /// Reads and compiles everything.
    pub(crate) fn compile(&self) -> anyhow::Result<Loaded> {
        let registrations = Arc::new(self.registrations()?);
        Ok(Loaded { pack: self.pack()?, registrations })
    }

    /// When domains were registered, as the file says.
    fn registrations(&self) -> anyhow::Result<Registrations> {
        let Some(path) = &self.ages else { return Ok(Registrations::default()) };
        let of_file = || format!("[rules] domain_ages_file: {}", path.display());
        let octets = std::fs::metadata(path).with_context(of_file)?.len();
        anyhow::ensure!(
            octets <= AGES_OCTETS_MAX,
            "{} is larger than {AGES_OCTETS_MAX} octets",
            of_file()
        );
        let raw = std::fs::read(path).with_context(of_file)?;
        let (all, faults) = Registrations::read(&String::from_utf8_lossy(&raw));
        for fault in &faults {
            let (path, line, reason) = (path.display(), fault.line, &fault.reason);
            tracing::warn!(%path, line, reason, "a line about a domain is left out");
        }
        tracing::info!(domains = all.len(), "it is known when domains were registered");
        Ok(all)
    }

    fn pack(&self) -> anyhow::Result<Arc<Pack>> {
        let mut sources = if self.own { own_pack() } else { PackSources::default() };
        let further = pack_sources(&self.folders)?;
        sources.rules.extend(further.rules);
        sources.lists.extend(further.lists);
        sources.yara.extend(further.yara);
        let (pack, report) = Pack::compile_with(&sources, &self.thresholds);
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
        self.registrations().map(drop)
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

/// Some ten million domains.
const AGES_OCTETS_MAX: u64 = 256 * 1024 * 1024;
