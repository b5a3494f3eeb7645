//! The door: opens records and segments, and hands out the only ways to a query.

use std::collections::HashMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clawback_core::{Clock, Entropy, Region, TenantId};

use crate::backend::{Backend, Result, Scope};
use crate::control::Control;
use crate::error::StoreError;
use crate::key::RootKey;
use crate::region::RegionStore;
use crate::room::Room;
use crate::segment::{RegionSegments, Segments};
use crate::sqlite::Sqlite;
use crate::tenant::TenantStore;

/// Where everything is.
#[derive(Debug)]
pub struct Settings {
    /// The records.
    pub records: Records,
    /// The folder of the segments.
    pub segments_dir: PathBuf,
    /// What wraps the data keys.
    pub root_key: RootKey,
    /// Octets of the disk that raw mail leaves free, for the records to go on with.
    pub reserve_octets: u64,
}

/// Where records are kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Records {
    /// One SQLite file.
    Sqlite(PathBuf),
}

/// Everything that is stored. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Arc<dyn Backend>,
    segments: Arc<Segments>,
    clock: Arc<dyn Clock>,
    room: Arc<Room>,
    regions: Mutex<HashMap<Region, Arc<RegionSegments>>>,
}

impl Store {
    /// Opens the store; makes it where there is none.
    ///
    /// # Errors
    /// [`StoreError::WrongRootKey`], [`StoreError::SchemaNewer`], or what the disk says.
    pub async fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        let Records::Sqlite(path) = settings.records;
        let records = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let records = records.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let sqlite = tokio::task::spawn_blocking(move || Sqlite::open(&path)).await;
        let backend: Arc<dyn Backend> = Arc::new(sqlite.map_err(StoreError::unavailable)??);
        let proof = settings.root_key.prove(&*entropy)?;
        let proof = backend.root_key_proof(proof).await?;
        settings.root_key.check(&proof)?;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&settings.segments_dir)?;
        let folders = vec![settings.segments_dir.clone(), records];
        let room = Room::watch(folders, settings.reserve_octets).await;
        let segments = Segments::open(
            settings.segments_dir,
            settings.root_key,
            Arc::clone(&backend),
            Arc::clone(&clock),
            entropy,
            Arc::clone(&room),
        );
        let segments = Arc::new(segments.await?);
        let inner = Inner { backend, segments, clock, room, regions: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Before a stop: the records' file alone is then whole, and can be copied.
    pub async fn settle(&self) -> Result<()> {
        self.inner.backend.settle().await
    }

    /// Octets that are free on the disk of segments and records, where least are, as of the last
    /// second; `None` where the file system does not say.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        self.inner.room.free()
    }

    /// Tenants, operators, lists, intel.
    #[must_use]
    pub fn control(&self) -> Control {
        let (backend, clock) = (Arc::clone(&self.inner.backend), Arc::clone(&self.inner.clock));
        Control { backend, clock }
    }

    /// What a node does in one region. To be called inside a tokio runtime.
    #[must_use]
    pub fn region(&self, region: &Region) -> RegionStore {
        let mut regions = self.inner.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let here = regions.entry(region.clone()).or_insert_with(|| {
            RegionSegments::start(Arc::clone(&self.inner.segments), region.clone())
        });
        RegionStore {
            backend: Arc::clone(&self.inner.backend),
            segments: Arc::clone(&self.inner.segments),
            here: Arc::clone(here),
            clock: Arc::clone(&self.inner.clock),
            room: Arc::clone(&self.inner.room),
            region: region.clone(),
        }
    }

    /// One tenant's records in one region.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId, region: &Region) -> TenantStore {
        TenantStore {
            backend: Arc::clone(&self.inner.backend),
            segments: Arc::clone(&self.inner.segments),
            clock: Arc::clone(&self.inner.clock),
            scope: Scope { tenant, region: region.clone() },
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
