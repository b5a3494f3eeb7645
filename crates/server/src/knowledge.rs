//! What messages are judged by, compiled from the control store and swapped whole when it changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use clawback_core::TenantId;
use clawback_core::tenant::Tenant;
use clawback_core::verdict::KnowledgeVersion;
use clawback_detect::{Intel, Knowledge, Organisation, RULES_VERSION, Sources, Thresholds};
use clawback_store::{Store, StoreError};
use metrics::counter;
use tokio::signal::unix::Signal;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::directory::Directory;
use crate::rules::{Fingerprint, Loaded, Packs};

/// A tenant and what its mail is judged by.
#[derive(Debug)]
pub(crate) struct TenantKnowledge {
    /// The tenant; `None` where it was deleted while its mail was on the way.
    pub(crate) tenant: Option<Tenant>,
    /// Its knowledge.
    pub(crate) knowledge: Knowledge,
}

/// The knowledge of every tenant.
pub(crate) struct KnowledgeBase {
    store: Store,
    packs: Packs,
    directory: Arc<Directory>,
    by_tenant: ArcSwap<HashMap<TenantId, Arc<TenantKnowledge>>>,
    nobody: Arc<TenantKnowledge>,
    seen: tokio::sync::Mutex<Seen>,
}

/// What the compiled knowledge was made of.
#[derive(Default)]
struct Seen {
    versions: Option<(u64, u64)>,
    intel: Option<(u64, Arc<Intel>)>,
    loaded: Loaded,
    /// What the folders of rules held when the pack was compiled.
    files: Option<Fingerprint>,
    /// When somebody looked at the folders last.
    looked: Option<Instant>,
}

impl KnowledgeBase {
    /// Compiles what the control store holds.
    pub(crate) async fn load(
        store: Store,
        packs: Packs,
        directory: Arc<Directory>,
    ) -> anyhow::Result<Self> {
        let nobody = TenantKnowledge { tenant: None, knowledge: Knowledge::default() };
        let base = Self {
            store,
            packs,
            directory,
            by_tenant: ArcSwap::default(),
            nobody: Arc::new(nobody),
            seen: tokio::sync::Mutex::default(),
        };
        let compiled = base.compile_rules().await.context("compile the rules")?;
        base.use_rules(compiled).await;
        base.refresh().await.context("read the control store")?;
        Ok(base)
    }

    /// What a tenant's mail is judged by now.
    pub(crate) fn of(&self, tenant: TenantId) -> Arc<TenantKnowledge> {
        self.by_tenant.load().get(&tenant).map_or_else(|| Arc::clone(&self.nobody), Arc::clone)
    }

    /// Looks now and then whether the control store changed, and at the folders of rules also
    /// whenever it is asked to.
    pub(crate) async fn keep_fresh(self: Arc<Self>, mut asked: Signal, stop: CancellationToken) {
        let mut next = async || {
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = asked.recv() => self.seen.lock().await.looked = None,
            }
        };
        while stop.run_until_cancelled(next()).await.is_some() {
            if let Err(error) = self.refresh_rules().await {
                tracing::error!(error = format!("{error:#}"), "the rules stay as they were");
            }
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "the control store could not be read; going on as before");
            }
        }
    }

    /// Compiles the rules anew where a file changed, off the path of mail.
    async fn refresh_rules(&self) -> anyhow::Result<()> {
        {
            let mut seen = self.seen.lock().await;
            let is_due = seen.looked.is_none_or(|at| at.elapsed() >= LOOK_AT_FILES_EVERY);
            if !is_due {
                return Ok(());
            }
            seen.looked = Some(Instant::now());
        }
        let packs = self.packs.clone();
        let files = tokio::task::spawn_blocking(move || packs.fingerprint()).await??;
        if self.seen.lock().await.files.as_ref() == Some(&files) {
            return Ok(());
        }
        let compiled = self.compile_rules().await;
        // Files that cannot be compiled are not tried again until they change.
        self.seen.lock().await.files = Some(files);
        self.use_rules(compiled?).await;
        Ok(())
    }

    async fn compile_rules(&self) -> anyhow::Result<(Fingerprint, Loaded)> {
        let packs = self.packs.clone();
        tokio::task::spawn_blocking(move || whole(&packs)).await?
    }

    /// The next refresh gives every tenant the new rules.
    async fn use_rules(&self, (files, loaded): (Fingerprint, Loaded)) {
        let pack = &loaded.pack;
        tracing::info!(rules = pack.rules().len(), version = pack.version(), "rules are in use");
        let mut seen = self.seen.lock().await;
        (seen.loaded, seen.files, seen.versions) = (loaded, Some(files), None);
    }

    /// Compiles anew where lists, tenants, addresses or intel changed.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        let control = self.store.control();
        let (lists, intel) = control.knowledge_versions().await?;
        if seen.versions == Some((lists, intel)) {
            return Ok(());
        }
        let tenants = control.tenants().await?;
        self.directory.replace(control.journal_addresses().await?, &tenants);
        let indicators = match &seen.intel {
            Some((version, compiled)) if *version == intel => Arc::clone(compiled),
            _ => Arc::new(Intel::compile(control.intel().await?.into_iter().map(entry))),
        };
        seen.intel = Some((intel, Arc::clone(&indicators)));
        let thresholds = &self.packs.thresholds;
        let mut rules = format!("{RULES_VERSION}+{}", seen.loaded.pack.version());
        if *thresholds != Thresholds::default() {
            rules.push_str(&format!(" ({})", thresholds.version()));
        }
        let version = KnowledgeVersion { rules, lists, intel };
        let mut by_tenant = HashMap::new();
        for tenant in tenants {
            let sources = Sources {
                version: version.clone(),
                organisation: Organisation {
                    domains: tenant.domains.clone(),
                    protected_people: tenant.protected_people.clone(),
                    trusted_domains: Vec::new(),
                },
                lists: control.list_entries(tenant.id).await?,
                intel: Arc::clone(&indicators),
                pack: Arc::clone(&seen.loaded.pack),
                registrations: Arc::clone(&seen.loaded.registrations),
                thresholds: thresholds.clone(),
            };
            let knowledge = Knowledge::compile(sources);
            let id = tenant.id;
            by_tenant.insert(id, Arc::new(TenantKnowledge { tenant: Some(tenant), knowledge }));
        }
        self.by_tenant.store(Arc::new(by_tenant));
        counter!("clawback_knowledge_swaps_total").increment(1);
        seen.versions = Some((lists, intel));
        Ok(())
    }
}

/// Compiles what lay in the folders at one moment: while somebody writes there, half of it may be
/// old and half new.
fn whole(packs: &Packs) -> anyhow::Result<(Fingerprint, Loaded)> {
    for _ in 0..READS_MAX {
        let before = packs.fingerprint()?;
        let loaded = packs.compile()?;
        if packs.fingerprint()? == before {
            return Ok((before, loaded));
        }
    }
    anyhow::bail!("the folders of rules change all the time")
}

fn entry(row: clawback_store::IntelRow) -> clawback_detect::IntelEntry {
    clawback_detect::IntelEntry {
        indicator: row.indicator,
        source: row.source,
        confidence: row.confidence,
        note: row.note,
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(2);
const LOOK_AT_FILES_EVERY: Duration = Duration::from_secs(30);
/// How often files that change while they are read are read again at once.
const READS_MAX: usize = 5;
