//! Where segment files are: `REGION/DAY/HOUR/ID.seg` in an object store.
//!
//! On a local disk a file is written under another name, synced, renamed, and its folder synced;
//! so is every folder that had to be made. All of that is `object_store`'s `with_fsync`.

use std::ops::Range;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use clawback_core::{Region, SegmentId, UnixMillis};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _};

use super::Location;
use super::format::{self, HEADER_OCTETS_MAX, IndexEntry, TRAILER_OCTETS, Trailer};
use crate::backend::Result;
use crate::error::StoreError;

pub(super) struct SegmentFiles {
    objects: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

impl SegmentFiles {
    pub(super) fn open(folder: &std::path::Path) -> Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::File::open(parent)?.sync_all()?;
        }
        let local = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(local), folder: folder.to_owned() })
    }

    /// Removes what was begun at `from` or later and never finished; answers how many files. For a
    /// time when nobody writes here.
    pub(super) async fn sweep(&self, region: &Region, from: UnixMillis) -> Result<u64> {
        let top = self.folder.join(region.as_str());
        let sweeping = tokio::task::spawn_blocking(move || sweep(&top, from));
        sweeping.await.map_err(StoreError::unavailable)?
    }

    /// Writes a whole segment; it is durable when this returns.
    pub(super) async fn put(&self, at: &Location, octets: Vec<u8>) -> Result<()> {
        self.objects.put(&path(at), octets.into()).await?;
        Ok(())
    }

    /// Begins a segment that is written piece by piece; durable when it is completed.
    pub(super) async fn begin(&self, at: &Location) -> Result<Box<dyn MultipartUpload>> {
        Ok(self.objects.put_multipart(&path(at)).await?)
    }

    /// A segment's index, without reading its entries.
    pub(super) async fn index(&self, at: &Location) -> Result<Vec<IndexEntry>> {
        let path = path(at);
        let size = self.objects.head(&path).await?.size;
        let damaged = || StoreError::Corrupt { what: "a segment file" };
        let trailer_at = size.checked_sub(TRAILER_OCTETS as u64).ok_or_else(damaged)?;
        let head = 0..size.min(HEADER_OCTETS_MAX as u64);
        let ends = self.objects.get_ranges(&path, &[head, trailer_at..size]).await?;
        let [head, tail] = ends.as_slice() else { return Err(damaged()) };
        let trailer = Trailer::read(tail)?;
        let index_at = trailer_at.checked_sub(trailer.index_octets).ok_or_else(damaged)?;
        let index = match trailer.index_octets {
            0 => Bytes::new(),
            _ => self.objects.get_range(&path, index_at..trailer_at).await?,
        };
        let (id, entries) = format::read_index(head, &index, &trailer, size)?;
        if id != at.id {
            return Err(damaged());
        }
        Ok(entries)
    }

    /// Some octets of a segment.
    pub(super) async fn range(&self, at: &Location, range: Range<u64>) -> Result<Bytes> {
        Ok(self.objects.get_range(&path(at), range).await?)
    }

    /// Some octets of a segment, several times.
    pub(super) async fn ranges(&self, at: &Location, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        Ok(self.objects.get_ranges(&path(at), ranges).await?)
    }

    /// Every segment of a region begun at `from` or later.
    pub(super) async fn list(&self, region: &Region, from: UnixMillis) -> Result<Vec<SegmentId>> {
        let mut found = Vec::new();
        let top = Path::from(region.as_str());
        for day in self.objects.list_with_delimiter(Some(&top)).await?.common_prefixes {
            if number(&day).is_none_or(|day| day < u64::from(from.day().0)) {
                continue;
            }
            for hour in self.objects.list_with_delimiter(Some(&day)).await?.common_prefixes {
                let hours = number(&day).unwrap_or(0) * 24 + number(&hour).unwrap_or(0);
                if hours < from.0 / HOUR_MILLIS {
                    continue;
                }
                let files = self.objects.list_with_delimiter(Some(&hour)).await?.objects;
                found.extend(files.iter().filter_map(|file| id(&file.location)));
            }
        }
        Ok(found)
    }
}

/// A file that is being written has the name of its segment, `#` and a number. It gets its own name
/// only when it is whole and synced, and 250 follows that: what has the other name was never
/// acknowledged, and whoever sent it has it still.
fn sweep(top: &std::path::Path, from: UnixMillis) -> Result<u64> {
    let mut removed = 0;
    for (day, days) in numbered(top)? {
        if days < u64::from(from.day().0) {
            continue;
        }
        for (hour, hours) in numbered(&day)? {
            if days * 24 + hours < from.0 / HOUR_MILLIS {
                continue;
            }
            for file in std::fs::read_dir(&hour)? {
                let file = file?;
                if file.file_name().to_str().is_some_and(is_unfinished) {
                    std::fs::remove_file(file.path())?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}

fn is_unfinished(name: &str) -> bool {
    name.split_once(".seg#").is_some_and(|(id, number)| {
        id.parse::<SegmentId>().is_ok() && number.bytes().all(|octet| octet.is_ascii_digit())
    })
}

/// The folders in a folder that have a number for a name.
fn numbered(folder: &std::path::Path) -> Result<Vec<(PathBuf, u64)>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let (Some(number), true) = (number, entry.file_type()?.is_dir()) {
            found.push((entry.path(), number));
        }
    }
    Ok(found)
}

fn path(at: &Location) -> Path {
    let began = at.began();
    let hour = began.0 / HOUR_MILLIS % 24;
    Path::from(format!("{}/{}/{hour:02}/{}.seg", at.region, began.day(), at.id))
}

fn number(path: &Path) -> Option<u64> {
    path.filename()?.parse().ok()
}

fn id(path: &Path) -> Option<SegmentId> {
    path.filename()?.strip_suffix(".seg")?.parse().ok()
}

const HOUR_MILLIS: u64 = 3_600_000;
