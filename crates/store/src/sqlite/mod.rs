//! Records in one SQLite file: all SQL of this dialect is in this folder.
//!
//! One thread writes, several requests in one transaction; readers have connections of their own
//! and never wait for it. A change that was answered is on disk (WAL, `synchronous = FULL`).

mod audit;
mod claim;
mod codec;
mod control;
mod copies;
mod counterparties;
mod detail;
mod indicators;
mod jobs;
mod labels;
mod migrate;
mod orders;
mod overview;
mod people;
mod readers;
mod recipients;
mod record;
mod search;
mod segments;
mod settle;
mod sweeps;
mod tenant;
mod trace;
mod turns;
mod writer;

use std::fs::OpenOptions;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use rusqlite::{Connection, OpenFlags};

use crate::backend::{Backend, Result};
use crate::error::StoreError;
use readers::Readers;
use turns::Turns;
use writer::Writer;

/// Records in a SQLite file.
pub(crate) struct Sqlite {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
    turns: Arc<Turns>,
}

impl Sqlite {
    /// Opens the file, makes it where there is none, and brings its schema up to date. Blocks.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // For its owner alone; the engine gives its log the same mode.
        OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let mut connection = connect(path, OpenFlags::default())?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        migrate::migrate(&mut connection)?;
        let readers = (0..READERS).map(|_| {
            let reader = connect(path, OpenFlags::default())?;
            reader.pragma_update(None, "query_only", true)?;
            reader.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
            Ok(reader)
        });
        let readers = Readers::new(readers.collect::<Result<_>>()?);
        let writer = Writer::start(connection)?;
        Ok(Self { path: path.to_owned(), writer, readers, turns: Arc::default() })
    }
}

#[async_trait]
impl Backend for Sqlite {
    /// Copies the log into the file: then the file alone is the records.
    async fn settle(&self) -> Result<()> {
        let path = self.path.clone();
        let settling = tokio::task::spawn_blocking(move || {
            let connection = connect(&path, OpenFlags::default())?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        });
        settling.await.map_err(StoreError::unavailable)?
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(codec::BUSY_TIME_MAX)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

const READERS: usize = 4;
const READER_CACHE_KIB: i64 = 16 * 1_024;
const STATEMENTS_MAX: usize = 128;
/// Pages in the log before they are copied into the file: fewer, larger copies sync less often.
const WAL_PAGES: i64 = 16_384;
const WRITER_CACHE_KIB: i64 = 64 * 1_024;
