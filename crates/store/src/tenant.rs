//! What one tenant's operators read and change in one region.

use std::sync::Arc;

use bytes::Bytes;
use clawback_core::audit::{Actor, Entry};
use clawback_core::job::{Control, Job};
use clawback_core::tenant::Settings;
use clawback_core::trace::{Query, Span};
use clawback_core::{AutoRetract, Clock, JobId, MessageId};

use crate::backend::{AuditCheck, Backend, Result, Scope};
use crate::segment::Segments;
use crate::view::{AuditRow, Cursor, JobCopy, JobRow, MessageDetail, Overview, Survey, TracePage};

/// One tenant's records in one region. Another tenant's are not found, like those that never were.
#[derive(Clone)]
pub struct TenantStore {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) segments: Arc<Segments>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
}

impl TenantStore {
    /// The settings that hold now.
    pub async fn settings(&self) -> Result<Settings> {
        self.backend.settings(self.scope.clone()).await
    }

    /// Saves where mail goes. A version that is no longer the newest is a conflict.
    pub async fn save_auto_retract(
        &self,
        seen_version: u64,
        policy: AutoRetract,
        actor: &Actor,
    ) -> Result<Settings> {
        let (scope, now) = (self.scope.clone(), self.clock.now());
        self.backend.save_auto_retract(scope, seen_version, policy, actor.clone(), now).await
    }

    /// Numbers for the overview, with the span in `steps` equal steps.
    pub async fn overview(&self, span: Span, steps: usize) -> Result<Overview> {
        self.backend.overview(self.scope.clone(), span, steps.clamp(1, STEPS_MAX)).await
    }

    /// A page of the messages that match, newest first.
    pub async fn trace(
        &self,
        query: &Query,
        span: Span,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<TracePage> {
        let page = (after, limit.clamp(1, PAGE_MAX));
        let (scope, now) = (self.scope.clone(), self.clock.now());
        self.backend.trace(scope, query.clone(), span, page, now).await
    }

    /// Everything about one message.
    pub async fn message(&self, id: MessageId) -> Result<Option<MessageDetail>> {
        self.backend.message(self.scope.clone(), id).await
    }

    /// The octets as they were received: the journal report with the original in it.
    pub async fn raw(&self, id: MessageId) -> Result<Option<Bytes>> {
        let Some(at) = self.backend.raw_place(self.scope.clone(), id).await? else {
            return Ok(None);
        };
        let mail = self.segments.read_one(&self.scope.region, at.segment, at.place).await?;
        // The segment is shared; the entry must be this tenant's.
        Ok(mail.filter(|mail| mail.tenant == self.scope.tenant).map(|mail| mail.octets))
    }

    /// The newest jobs.
    pub async fn jobs(&self, limit: usize) -> Result<Vec<JobRow>> {
        self.backend.jobs(self.scope.clone(), limit.clamp(1, PAGE_MAX)).await
    }

    /// One job.
    pub async fn job(&self, id: JobId) -> Result<Option<JobRow>> {
        self.backend.job(self.scope.clone(), id).await
    }

    /// What an order about these messages would find; those beyond a thousand are not looked at.
    pub async fn survey(&self, ids: &[MessageId]) -> Result<Survey> {
        let ids = ids.iter().take(PAGE_MAX).copied().collect();
        self.backend.survey(self.scope.clone(), ids).await
    }

    /// Copies of a job, in trouble first: at most `limit`, after the first `from`.
    pub async fn job_copies(&self, job: JobId, from: usize, limit: usize) -> Result<Vec<JobCopy>> {
        let page = (from, limit.clamp(1, PAGE_MAX));
        self.backend.job_copies(self.scope.clone(), job, page).await
    }

    /// Gives an order; its copies are looked up after. Whether it is a new one: the same id again
    /// changes nothing.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] where it undoes a job that is undone already.
    pub async fn order(&self, job: Job, actor: &Actor) -> Result<bool> {
        let (scope, now) = (self.scope.clone(), self.clock.now());
        self.backend.order(scope, job, actor.clone(), now).await
    }

    /// Pauses a job, lets it go on, or withdraws what of it has not begun.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] where the job is past that.
    pub async fn control_job(&self, job: JobId, control: Control, actor: &Actor) -> Result<()> {
        let (scope, now) = (self.scope.clone(), self.clock.now());
        self.backend.control_job(scope, job, (control, actor.clone()), now).await
    }

    /// Has the copies of a job that failed tried again.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] where none failed, or the job was undone.
    pub async fn retry_job(&self, job: JobId, actor: &Actor) -> Result<()> {
        let (scope, now) = (self.scope.clone(), self.clock.now());
        self.backend.retry_job(scope, job, actor.clone(), now).await
    }

    /// The audit log, newest first.
    pub async fn audit(&self, limit: usize, before: Option<u64>) -> Result<Vec<AuditRow>> {
        self.backend.audit(self.scope.clone(), limit.clamp(1, PAGE_MAX), before).await
    }

    /// Adds an entry to the audit log for what changes no record: a sign-in.
    pub async fn note(&self, entry: Entry) -> Result<()> {
        self.backend.note(self.scope.clone(), entry).await
    }

    /// Checks the audit log against its seals.
    pub async fn verify_audit(&self) -> Result<AuditCheck> {
        self.backend.verify_audit(self.scope.clone()).await
    }
}

impl std::fmt::Debug for TenantStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TenantStore({}, {})", self.scope.tenant, self.scope.region)
    }
}

const PAGE_MAX: usize = 1_000;
const STEPS_MAX: usize = 1_000;
