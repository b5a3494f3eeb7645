//! What a record store must do: the one interface that SQLite carries out, and PostgreSQL can.
//!
//! Every method names a [`Scope`] or a region; what belongs to the control store (tenants,
//! operators, sessions, lists, intel) holds no mail. All SQL stays behind this trait.

use std::time::Duration;

use async_trait::async_trait;
use clawback_core::audit::{Actor, Entry};
use clawback_core::copy::{Copy, Folder, Place, Step};
use clawback_core::history::{Counterparty, Gathered, History};
use clawback_core::identity::Identity;
use clawback_core::job::{Control, Job};
use clawback_core::record::{Arrival, SegmentRecord};
use clawback_core::tenant::{JournalAddress, ListEntry, Settings, Tenant};
use clawback_core::time::Day;
use clawback_core::trace::{Query, Span};
use clawback_core::{
    AutoRetract, Disposition, JobId, MessageId, OperatorId, Region, Retraction, SegmentId,
    TenantId, UnixMillis,
};
use clawback_mail::indicator::Indicator;

use crate::error::StoreError;
use crate::view::{AuditRow, Cursor, JobCopy, JobRow, MessageDetail, Overview, Survey, TracePage};

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// Whose records, and where.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Scope {
    /// The tenant.
    pub tenant: TenantId,
    /// The region.
    pub region: Region,
}

/// A segment in a worker's hand until its lease ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClaimedSegment {
    /// The segment.
    pub id: SegmentId,
    /// Its region.
    pub region: Region,
    /// Grows with each claim: what an earlier claimant still does has no effect.
    pub fence: u64,
    /// How often it was claimed before, and no record followed.
    pub attempts: u32,
    /// Places of mails that ended the program again and again: not to be judged any more.
    pub given_up: Vec<u32>,
}

/// What a recorded segment brought.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Recorded {
    /// New messages.
    pub messages: u64,
    /// Forks merged into messages that were there.
    pub merged: u64,
    /// Orders given.
    pub jobs: u64,
}

/// What is asked about one message before it is judged.
#[derive(Clone, Eq, PartialEq)]
pub struct Question {
    /// Whose message it is.
    pub tenant: TenantId,
    /// What makes it the same as another.
    pub digest: [u8; 32],
    /// Addresses and domains, as [`clawback_core::history::keys`] makes them.
    pub keys: Vec<String>,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Question({}, {} keys)", self.tenant, self.keys.len())
    }
}

/// What the records say to a [`Question`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// What was gathered for this very message, where it is recorded already: by now the records
    /// speak of the message itself.
    pub before: Option<Gathered>,
    /// How far back the tenant's records go.
    pub history: History,
    /// What is recorded under each key, in the order of the question.
    pub counterparties: Vec<Option<Counterparty>>,
}

/// A copy in a worker's hand until its lease ends.
#[derive(Clone, Debug)]
pub struct ClaimedCopy {
    /// Whose, and where.
    pub scope: Scope,
    /// The copy, with its order.
    pub copy: Copy,
    /// What is compared with the live item.
    pub identity: Identity,
    /// When the message was received.
    pub received: UnixMillis,
    /// What the message is.
    pub disposition: Disposition,
    /// How it came in.
    pub arrival: Arrival,
    /// Grows with each claim.
    pub fence: u64,
}

/// What became of a claimed copy.
#[derive(Clone, Debug)]
pub struct Advance {
    /// Its new state.
    pub retraction: Retraction,
    /// Where it lies now, if that was seen.
    pub folder: Option<Folder>,
    /// Where it is at the provider, if that was learnt.
    pub place: Option<Place>,
    /// What is kept of the step.
    pub step: Option<Step>,
    /// When all folders of the mailbox are looked through again.
    pub sweep: Option<UnixMillis>,
    /// Whether the claim ends with this.
    pub release: bool,
    /// What the audit log says of it, in the same transaction.
    pub audit: Option<Entry>,
}

impl Advance {
    /// A new state, and nothing else.
    #[must_use]
    pub fn to(retraction: Retraction) -> Self {
        Self {
            retraction,
            folder: None,
            place: None,
            step: None,
            sweep: None,
            release: false,
            audit: None,
        }
    }
}

/// A copy whose mailbox is to be looked through again.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The copy, as if it were claimed; nothing can be advanced with it.
    pub copy: ClaimedCopy,
    /// How often its mailbox was looked through before.
    pub sweeps: usize,
    /// All that is known of the message in this mailbox, this copy too.
    pub known: Vec<Copy>,
    /// Until when it is in hand.
    pub until: UnixMillis,
}

/// Segments that are durable and not recorded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SegmentLag {
    /// How many wait or are being worked on.
    pub segments: u64,
    /// When the oldest of them was begun.
    pub oldest: Option<UnixMillis>,
    /// Files that were found damaged; they are kept.
    pub damaged: u64,
}

/// What a check of the audit log found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AuditCheck {
    /// Sealed entries that were checked.
    pub sealed: u64,
    /// Entries that have no seal yet.
    pub unsealed: u64,
    /// The first entry that is not what was sealed, or is missing.
    pub broken_at: Option<u64>,
}

/// An operator to be added.
#[derive(Clone)]
pub struct NewOperator {
    /// Their id.
    pub id: OperatorId,
    /// Whose mail they work with.
    pub tenant: TenantId,
    /// What they sign in with; compared without case.
    pub email: String,
    /// Their name on pages.
    pub name: String,
    /// The hash of their password, in PHC form.
    pub password_hash: String,
}

/// An operator as stored.
#[derive(Clone)]
pub struct StoredOperator {
    /// Their id.
    pub id: OperatorId,
    /// Whose mail they work with.
    pub tenant: TenantId,
    /// What they sign in with.
    pub email: String,
    /// Their name on pages.
    pub name: String,
    /// The hash of their password, in PHC form.
    pub password_hash: String,
}

macro_rules! quiet_debug {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.id)
            }
        }
    };
}
quiet_debug!(NewOperator);
quiet_debug!(StoredOperator);

/// One entry of the intel log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IntelRow {
    /// What is said to be bad.
    pub indicator: Indicator,
    /// Who says so.
    pub source: String,
    /// How sure they are, of 100.
    pub confidence: u8,
    /// What they say of it.
    pub note: String,
}

/// A segment that is durable.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) id: SegmentId,
    pub(crate) began: UnixMillis,
    pub(crate) entries: u32,
    pub(crate) octets: u64,
    pub(crate) used: Vec<DayUsage>,
    pub(crate) damaged: bool,
}

/// Octets of a tenant's raw mail of one day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayUsage {
    pub(crate) tenant: TenantId,
    pub(crate) day: Day,
    pub(crate) octets: u64,
}

/// Who claims a segment.
#[derive(Clone, Debug)]
pub(crate) struct Claimant {
    pub(crate) worker: String,
    /// Different in every run of the program.
    pub(crate) run: u64,
}

/// Where the raw octets of a message are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawPlace {
    pub(crate) segment: SegmentId,
    pub(crate) place: u32,
}

/// How long a session lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionLimits {
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
}

/// Everything a record store does.
#[async_trait]
pub(crate) trait Backend:
    ControlRecords + SegmentRecords + CopyRecords + TenantRecords
{
    /// Brings what is on disk into the form that is best copied.
    async fn settle(&self) -> Result<()>;
}

/// Tenants, people, lists, intel, keys: no mail.
#[async_trait]
pub(crate) trait ControlRecords: Send + Sync {
    async fn tenants(&self) -> Result<Vec<Tenant>>;
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>>;
    async fn put_tenant(
        &self,
        tenant: Tenant,
        over: Option<Tenant>,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn journal_addresses(&self) -> Result<Vec<JournalAddress>>;
    async fn add_journal_address(
        &self,
        entry: JournalAddress,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn add_operator(
        &self,
        operator: NewOperator,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn operator_by_email(&self, email: String) -> Result<Option<StoredOperator>>;
    async fn operators_count(&self) -> Result<u64>;
    async fn set_password(&self, operator: OperatorId, hash: String) -> Result<()>;
    async fn add_session(
        &self,
        digest: [u8; 32],
        operator: OperatorId,
        now: UnixMillis,
    ) -> Result<()>;
    async fn find_session(
        &self,
        digest: [u8; 32],
        now: UnixMillis,
        limits: SessionLimits,
    ) -> Result<Option<StoredOperator>>;
    async fn touch_session(&self, digest: [u8; 32], now: UnixMillis) -> Result<()>;
    async fn delete_session(&self, digest: [u8; 32]) -> Result<()>;
    async fn list_entries(&self, tenant: TenantId) -> Result<Vec<ListEntry>>;
    async fn put_list_entry(
        &self,
        tenant: TenantId,
        entry: ListEntry,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn remove_list_entry(
        &self,
        tenant: TenantId,
        entry: ListEntry,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn import_intel(
        &self,
        source: String,
        rows: Vec<IntelRow>,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<u64>;
    async fn intel(&self) -> Result<Vec<IntelRow>>;
    async fn knowledge_versions(&self) -> Result<(u64, u64)>;
    async fn data_key(&self, tenant: TenantId, day: Day) -> Result<Option<Vec<u8>>>;
    /// Stores a wrapped key unless there is one; answers with the one that is stored.
    async fn put_data_key(&self, tenant: TenantId, day: Day, wrapped: Vec<u8>) -> Result<Vec<u8>>;
    /// Stores what proves the root key unless there is one; answers with the one stored.
    async fn root_key_proof(&self, proof: Vec<u8>) -> Result<Vec<u8>>;
    async fn note_key_backup(
        &self,
        fingerprint: String,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn key_backed_up(&self) -> Result<Option<UnixMillis>>;
}

/// Durable segments on their way to records.
#[async_trait]
pub(crate) trait SegmentRecords: Send + Sync {
    /// Makes segments known and counts what they use; those that are known stay as they are.
    /// Answers with those that were new.
    async fn register(
        &self,
        region: Region,
        segments: Vec<Registration>,
    ) -> Result<Vec<Registration>>;
    /// Octets of raw mail by region and tenant, as far as segments are known.
    async fn usage(&self) -> Result<Vec<(Region, TenantId, u64)>>;
    async fn known_segments(&self, region: Region, ids: Vec<SegmentId>) -> Result<Vec<SegmentId>>;
    /// Everything begun earlier than this is known.
    async fn adopted_until(&self, region: Region) -> Result<UnixMillis>;
    async fn set_adopted_until(&self, region: Region, until: UnixMillis) -> Result<()>;
    async fn claim_segment(
        &self,
        region: Region,
        claimant: Claimant,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Option<ClaimedSegment>>;
    /// Notes which mail of a segment is judged next.
    async fn trying(&self, segment: ClaimedSegment, place: u32) -> Result<()>;
    async fn mark_damaged(&self, segment: ClaimedSegment) -> Result<()>;
    /// Answers each question, in order, from one view of one moment.
    async fn known(&self, region: Region, questions: Vec<Question>) -> Result<Vec<Known>>;
    async fn record(&self, claim: ClaimedSegment, record: SegmentRecord) -> Result<Recorded>;
    async fn lag(&self, region: Region) -> Result<SegmentLag>;
}

/// Copies on their way out of mailboxes, and the audit log of a region.
#[async_trait]
pub(crate) trait CopyRecords: Send + Sync {
    async fn claim_copies(
        &self,
        region: Region,
        limit: usize,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Vec<ClaimedCopy>>;
    async fn advance(&self, claim: ClaimedCopy, advance: Advance) -> Result<()>;
    async fn add_copies(&self, scope: Scope, message: MessageId, copies: Vec<Copy>) -> Result<()>;
    async fn recover_claims(&self, region: Region, now: UnixMillis) -> Result<u64>;
    /// Takes copies whose mailboxes are to be looked through, until a moment.
    async fn claim_sweeps(
        &self,
        region: Region,
        limit: usize,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Vec<Sweep>>;
    /// Stores what was seen: of known copies where they lie, and new ones; when to look again.
    async fn swept(
        &self,
        sweep: Sweep,
        seen: Vec<Copy>,
        new: Vec<Copy>,
        next: Option<UnixMillis>,
    ) -> Result<()>;
    /// Carries out a step of each job that has something to be carried out; whether there is more.
    async fn settle_jobs(&self, region: Region, now: UnixMillis) -> Result<bool>;
    async fn seal_audit(&self, region: Region, limit: usize) -> Result<u64>;
}

/// What one tenant reads and changes in one region.
#[async_trait]
pub(crate) trait TenantRecords: Send + Sync {
    async fn settings(&self, scope: Scope) -> Result<Settings>;
    async fn save_auto_retract(
        &self,
        scope: Scope,
        seen: u64,
        policy: AutoRetract,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<Settings>;
    async fn overview(&self, scope: Scope, span: Span, steps: usize) -> Result<Overview>;
    async fn trace(
        &self,
        scope: Scope,
        query: Query,
        span: Span,
        page: (Option<Cursor>, usize),
        now: UnixMillis,
    ) -> Result<TracePage>;
    async fn message(&self, scope: Scope, id: MessageId) -> Result<Option<MessageDetail>>;
    async fn raw_place(&self, scope: Scope, id: MessageId) -> Result<Option<RawPlace>>;
    async fn job(&self, scope: Scope, id: JobId) -> Result<Option<JobRow>>;
    async fn jobs(&self, scope: Scope, limit: usize) -> Result<Vec<JobRow>>;
    async fn survey(&self, scope: Scope, ids: Vec<MessageId>) -> Result<Survey>;
    async fn job_copies(
        &self,
        scope: Scope,
        job: JobId,
        page: (usize, usize),
    ) -> Result<Vec<JobCopy>>;
    async fn order(&self, scope: Scope, job: Job, actor: Actor, now: UnixMillis) -> Result<bool>;
    async fn control_job(
        &self,
        scope: Scope,
        job: JobId,
        control: (Control, Actor),
        now: UnixMillis,
    ) -> Result<()>;
    async fn retry_job(
        &self,
        scope: Scope,
        job: JobId,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()>;
    async fn audit(&self, scope: Scope, limit: usize, before: Option<u64>)
    -> Result<Vec<AuditRow>>;
    async fn note(&self, scope: Scope, entry: Entry) -> Result<()>;
    async fn verify_audit(&self, scope: Scope) -> Result<AuditCheck>;
}
