//! Segments: files of sealed mail, written once and never changed.
//!
//! The form of a file is in `docs/segment-format.md`. A segment is the unit of group commit, of
//! work and of retention. What is in one is readable only with the data key of its tenant and day.

mod adopt;
mod appender;
mod files;
mod format;
mod keys;
mod large;
mod open;
mod read;
mod seal;
mod usage;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use clawback_core::source::SourceFault;
use clawback_core::{Clock, Entropy, MessageId, Region, SegmentId, TenantId, UnixMillis};
use serde::{Deserialize, Serialize};

pub(crate) use appender::RegionSegments;
pub use large::LargeMessage;
pub use read::SegmentReader;

use crate::backend::{Backend, Result};
use crate::error::StoreError;
use crate::key::RootKey;
use crate::room::Room;
use files::SegmentFiles;
use keys::DataKeys;
use usage::Usage;

/// What the SMTP conversation said about a mail.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Envelope {
    /// MAIL FROM, as written.
    pub mail_from: String,
    /// RCPT TO, as written.
    pub recipients: Vec<String>,
    /// The name the client gave itself.
    pub helo: String,
    /// The client's address.
    pub peer: String,
    /// How the connection was protected, if it was.
    pub tls: Option<String>,
    /// The names in the client's verified certificate.
    #[serde(default)]
    pub client_names: Vec<String>,
    /// What it did not pass of its tenant's rules for sources.
    #[serde(default)]
    pub faults: Vec<SourceFault>,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Envelope(<redacted>, {} recipients)", self.recipients.len())
    }
}

/// A mail to be stored.
#[derive(Clone)]
pub struct Incoming {
    /// Whose.
    pub tenant: TenantId,
    /// How it came.
    pub envelope: Envelope,
    /// What came.
    pub octets: Bytes,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Incoming({}, <redacted {} octets>)", self.tenant, self.octets.len())
    }
}

/// A mail as it was stored.
#[derive(Clone)]
pub struct StoredMail {
    /// Its place in its segment.
    pub place: u32,
    /// Whose.
    pub tenant: TenantId,
    /// How it came.
    pub envelope: Envelope,
    /// When its last octet was received.
    pub received: UnixMillis,
    /// What came; empty where it is damaged.
    pub octets: Bytes,
    /// Why it cannot be opened, in plain words: to be recorded as a defect.
    pub damage: Option<&'static str>,
}

impl std::fmt::Debug for StoredMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let octets = self.octets.len();
        write!(f, "StoredMail({}, {}, <redacted {octets} octets>)", self.place, self.tenant)
    }
}

/// The proof that a mail's octets are on disk. Only this crate can make one.
#[derive(Debug, Eq, PartialEq)]
pub struct Committed {
    segment: SegmentId,
    place: u32,
}

impl Committed {
    /// The segment it is in.
    #[must_use]
    pub fn segment(&self) -> SegmentId {
        self.segment
    }

    /// Its place there.
    #[must_use]
    pub fn place(&self) -> u32 {
        self.place
    }

    /// The id it will be recorded under, unless it is a fork of an earlier message.
    #[must_use]
    pub fn message(&self) -> MessageId {
        MessageId::derived(self.segment, self.place)
    }
}

/// The segments of all regions.
pub(crate) struct Segments {
    files: SegmentFiles,
    keys: DataKeys,
    backend: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    usage: Usage,
    room: Arc<Room>,
    /// Different in every run of the program: what an earlier run left is told apart by it.
    pub(crate) run: u64,
}

impl Segments {
    pub(crate) async fn open(
        folder: PathBuf,
        root_key: RootKey,
        backend: Arc<dyn Backend>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        room: Arc<Room>,
    ) -> Result<Self> {
        let usage = Usage::new(backend.usage().await?);
        let files = SegmentFiles::open(&folder)?;
        let keys = DataKeys::new(root_key, Arc::clone(&backend), Arc::clone(&entropy));
        let mut run = [0; 8];
        entropy.fill(&mut run);
        let run = u64::from_be_bytes(run) >> 1;
        Ok(Self { files, keys, backend, clock, entropy, usage, room, run })
    }

    /// Octets of a tenant's raw mail in a region, sealed, as they lie on disk.
    pub(crate) fn usage(&self, region: &Region, tenant: TenantId) -> u64 {
        self.usage.of(region, tenant)
    }

    /// Whether raw mail may be taken; refuses below the reserve.
    fn check_room(&self) -> Result<()> {
        if self.room.is_there() { Ok(()) } else { Err(StoreError::Full) }
    }

    /// A new segment's id, and when it was begun.
    fn new_id(&self) -> (SegmentId, UnixMillis) {
        let (now, mut random) = (self.clock.now(), [0; 10]);
        self.entropy.fill(&mut random);
        (SegmentId::new(now, random), now)
    }
}

/// Where a segment is, and whose region that is.
#[derive(Clone, Debug)]
struct Location {
    region: Region,
    id: SegmentId,
}

impl Location {
    /// When the segment was begun: its id says so.
    fn began(&self) -> UnixMillis {
        began(self.id)
    }
}

fn began(id: SegmentId) -> UnixMillis {
    let [a, b, c, d, e, f, ..] = id.octets();
    UnixMillis(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
}
