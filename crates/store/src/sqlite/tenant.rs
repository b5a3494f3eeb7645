//! What one tenant reads and changes in one region, in SQLite.

use async_trait::async_trait;
use clawback_core::audit::{Actor, Entry};
use clawback_core::job::{Control, Job};
use clawback_core::tenant::Settings;
use clawback_core::trace::{Query, Span};
use clawback_core::{AutoRetract, JobId, MessageId, SegmentId, UnixMillis};
use rusqlite::Connection;

use super::codec::{
    change, changed, first, get_id, get_json, get_small, get_uint, int, json, json_value,
};
use super::{Sqlite, audit, detail, jobs, overview, trace};
use crate::backend::{AuditCheck, RawPlace, Result, Scope, TenantRecords};
use crate::error::StoreError;
use crate::view::{AuditRow, Cursor, JobCopy, JobRow, MessageDetail, Overview, Survey, TracePage};

#[async_trait]
impl TenantRecords for Sqlite {
    async fn settings(&self, scope: Scope) -> Result<Settings> {
        self.readers.run(move |c| settings(c, &scope)).await
    }

    async fn save_auto_retract(
        &self,
        scope: Scope,
        seen: u64,
        policy: AutoRetract,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<Settings> {
        self.writer.run(move |c| save(c, &scope, seen, policy, actor, now)).await
    }

    async fn overview(&self, scope: Scope, span: Span, steps: usize) -> Result<Overview> {
        self.readers.run(move |c| overview::overview(c, &scope, span, steps)).await
    }

    async fn trace(
        &self,
        scope: Scope,
        query: Query,
        span: Span,
        page: (Option<Cursor>, usize),
        now: UnixMillis,
    ) -> Result<TracePage> {
        self.readers.run(move |c| trace::trace(c, &scope, &query, span, page, now)).await
    }

    async fn message(&self, scope: Scope, id: MessageId) -> Result<Option<MessageDetail>> {
        self.readers.run(move |c| detail::detail(c, &scope, id)).await
    }

    async fn raw_place(&self, scope: Scope, id: MessageId) -> Result<Option<RawPlace>> {
        let sql = "SELECT segment, place FROM messages
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        self.readers
            .run(move |c| {
                let key = (scope.tenant.octets(), scope.region.as_str(), id.octets());
                first(c, sql, key, |row| {
                    let segment = get_id(row, "segment", SegmentId::from_octets)?;
                    Ok(RawPlace { segment, place: get_small(row, "place")? })
                })
            })
            .await
    }

    async fn job(&self, scope: Scope, id: JobId) -> Result<Option<JobRow>> {
        self.readers.run(move |c| jobs::one(c, &scope, id)).await
    }

    async fn jobs(&self, scope: Scope, limit: usize) -> Result<Vec<JobRow>> {
        self.readers.run(move |c| jobs::page(c, &scope, limit)).await
    }

    async fn survey(&self, scope: Scope, ids: Vec<MessageId>) -> Result<Survey> {
        self.readers.run(move |c| jobs::survey(c, &scope, &ids)).await
    }

    async fn job_copies(
        &self,
        scope: Scope,
        job: JobId,
        page: (usize, usize),
    ) -> Result<Vec<JobCopy>> {
        self.readers.run(move |c| jobs::copies(c, &scope, job, page)).await
    }

    async fn order(&self, scope: Scope, job: Job, actor: Actor, now: UnixMillis) -> Result<bool> {
        self.writer.run(move |c| jobs::order(c, &scope, &job, actor, now)).await
    }

    async fn control_job(
        &self,
        scope: Scope,
        job: JobId,
        control: (Control, Actor),
        now: UnixMillis,
    ) -> Result<()> {
        self.writer.run(move |c| jobs::control(c, &scope, job, control, now)).await
    }

    async fn retry_job(
        &self,
        scope: Scope,
        job: JobId,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer.run(move |c| jobs::retry(c, &scope, job, actor, now)).await
    }

    async fn audit(
        &self,
        scope: Scope,
        limit: usize,
        before: Option<u64>,
    ) -> Result<Vec<AuditRow>> {
        self.readers.run(move |c| audit::page(c, &scope, limit, before)).await
    }

    async fn note(&self, scope: Scope, entry: Entry) -> Result<()> {
        self.writer.run(move |c| audit::append(c, &scope, &entry)).await
    }

    async fn verify_audit(&self, scope: Scope) -> Result<AuditCheck> {
        self.readers.run(move |c| audit::verify(c, &scope)).await
    }
}

/// The settings that hold: those of a tenant that never chose, where nothing is stored.
pub(super) fn settings(c: &Connection, scope: &Scope) -> Result<Settings> {
    let sql = "SELECT version, auto_retract FROM settings WHERE tenant = ?1";
    let stored = first(c, sql, [scope.tenant.octets()], |row| {
        Ok(Settings {
            version: get_uint(row, "version")?,
            auto_retract: get_json(row, "auto_retract")?,
        })
    })?;
    Ok(stored.unwrap_or(Settings { version: 0, auto_retract: AutoRetract::default() }))
}

fn save(
    c: &Connection,
    scope: &Scope,
    seen: u64,
    policy: AutoRetract,
    actor: Actor,
    now: UnixMillis,
) -> Result<Settings> {
    let old = settings(c, scope)?;
    if old.version != seen {
        return Err(StoreError::Conflict);
    }
    let new = Settings { version: seen + 1, auto_retract: policy };
    let sql = "INSERT INTO settings VALUES (?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET version = ?2, auto_retract = ?3";
    change(c, sql, (scope.tenant.octets(), int(new.version), json(&new.auto_retract)?))?;
    let (was, is) = changed(json_value(&old.auto_retract)?, json_value(&new.auto_retract)?);
    let entry = Entry {
        at: now,
        actor,
        action: "settings.auto_retract.changed".to_owned(),
        target: "auto_retract".to_owned(),
        details: serde_json::json!({
            "old": was,
            "new": is,
            "version": new.version,
        }),
    };
    audit::append(c, scope, &entry)?;
    Ok(new)
}
