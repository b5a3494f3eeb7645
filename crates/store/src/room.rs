//! Whether there is room for raw mail: a part of the disk is kept for the records.
//!
//! Looks at the file systems once a second on a thread of its own, and answers from memory. Below
//! the reserve raw mail is refused; what must go on then (recording, retracting, the audit log)
//! has the reserve to go on with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The file systems of segments and records.
#[derive(Debug)]
pub(crate) struct Room {
    folders: Vec<PathBuf>,
    reserve: u64,
    free: AtomicU64,
}

impl Room {
    /// Looks once, and then every second for as long as it is used.
    pub(crate) async fn watch(folders: Vec<PathBuf>, reserve: u64) -> Arc<Self> {
        let room = Arc::new(Self { folders, reserve, free: AtomicU64::new(UNKNOWN) });
        Arc::clone(&room).look().await;
        let watched = Arc::downgrade(&room);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Some(room) = watched.upgrade() else { return };
                room.look().await;
            }
        });
        room
    }

    /// Octets that are free where least are; `None` where no file system says.
    pub(crate) fn free(&self) -> Option<u64> {
        Some(self.free.load(Ordering::Relaxed)).filter(|free| *free != UNKNOWN)
    }

    /// Whether raw mail may be taken. Where nothing is known, a write that fails will tell.
    pub(crate) fn is_there(&self) -> bool {
        self.free().is_none_or(|free| free >= self.reserve)
    }

    async fn look(self: Arc<Self>) {
        let looking = tokio::task::spawn_blocking(move || {
            let free = self.folders.iter().filter_map(|folder| {
                let found = rustix::fs::statvfs(folder).ok()?;
                Some(found.f_bavail.saturating_mul(found.f_frsize))
            });
            self.free.store(free.min().unwrap_or(UNKNOWN), Ordering::Relaxed);
        });
        if looking.await.is_err() {
            tracing::debug!("the free room of the disk could not be looked up");
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
const UNKNOWN: u64 = u64::MAX;
