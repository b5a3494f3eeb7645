//! Orders, and what has become of them: derived from their copies.

use clawback_core::job::{Job, Tally};
use clawback_core::retraction::State;
use clawback_core::{JobId, MessageId};
use rusqlite::{Connection, Row};

use super::codec::{
    all, change, first, get_id, get_json, get_millis, get_retraction, get_uint, get_word, json,
    millis,
};
use crate::backend::{Result, Scope};
use crate::view::{JobCopy, JobRow};

/// Adds an order; one that is there stays as it is.
pub(super) fn add(c: &Connection, scope: &Scope, job: &Job) -> Result<()> {
    let sql = "INSERT INTO jobs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    let (tenant, region, id) = (scope.tenant.octets(), scope.region.as_str(), job.id.octets());
    let (by, destination) = (json(&job.by)?, job.destination.as_str());
    change(c, sql, (tenant, region, id, by, destination, &job.reason, millis(job.created)))?;
    Ok(())
}

/// One order.
pub(super) fn one(c: &Connection, scope: &Scope, id: JobId) -> Result<Option<JobRow>> {
    let sql = "SELECT * FROM jobs WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let key = (scope.tenant.octets(), scope.region.as_str(), id.octets());
    first(c, sql, key, job)?.map(|job| row(c, scope, job)).transpose()
}

/// The newest orders.
pub(super) fn page(c: &Connection, scope: &Scope, limit: usize) -> Result<Vec<JobRow>> {
    let sql = "SELECT * FROM jobs WHERE tenant = ?1 AND region = ?2
               ORDER BY created DESC, id DESC LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let jobs = all(c, sql, (scope.tenant.octets(), scope.region.as_str(), limit), job)?;
    jobs.into_iter().map(|job| row(c, scope, job)).collect()
}

fn row(c: &Connection, scope: &Scope, job: Job) -> Result<JobRow> {
    let (tenant, region, id) = (scope.tenant.octets(), scope.region.as_str(), job.id.octets());
    let sql = "SELECT state, count(*) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND job = ?3 GROUP BY state";
    let tally = tally(all(c, sql, (tenant, region, id), state_count)?);
    let sql = "SELECT min(message) AS id, count(DISTINCT message) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND job = ?3";
    let messages = first(c, sql, (tenant, region, id), |row| {
        Ok((row.get::<_, Option<[u8; 16]>>("id")?, get_uint(row, "n")?))
    })?;
    let (message, messages) = messages.unwrap_or_default();
    let sql = "SELECT subject FROM messages WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let subject = first(c, sql, (tenant, region, message), |row| Ok(row.get("subject")?))?;
    Ok(JobRow { job, tally, subject: subject.unwrap_or_default(), messages })
}

/// The copies under an order.
pub(super) fn copies(c: &Connection, scope: &Scope, job: JobId) -> Result<Vec<JobCopy>> {
    let sql = "SELECT * FROM copies WHERE tenant = ?1 AND region = ?2 AND job = ?3
               ORDER BY mailbox_key, ordinal, id LIMIT ?4";
    let key = (scope.tenant.octets(), scope.region.as_str(), job.octets(), COPIES_MAX);
    let found = all(c, sql, key, |row| {
        let copy = super::copies::read(row)?;
        let Some((destination, retraction)) = get_retraction(row)? else { return Ok(None) };
        Ok(Some(JobCopy {
            copy: copy.id,
            job,
            message: get_id(row, "message", MessageId::from_octets)?,
            mailbox: row.get("mailbox")?,
            reach: copy.reach,
            destination,
            retraction,
            folder: copy.folder,
            before: copy.place.before,
        }))
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// Copies by state.
pub(super) fn tally(counts: Vec<(State, u64)>) -> Tally {
    let mut tally = Tally::default();
    for (state, copies) in counts {
        tally.add(state, copies);
    }
    tally
}

pub(super) fn state_count(row: &Row<'_>) -> Result<(State, u64)> {
    Ok((get_word(row, "state")?, get_uint(row, "n")?))
}

fn job(row: &Row<'_>) -> Result<Job> {
    Ok(Job {
        id: get_id(row, "id", JobId::from_octets)?,
        by: get_json(row, "ordered_by")?,
        destination: get_word(row, "destination")?,
        reason: row.get("reason")?,
        created: get_millis(row, "created")?,
    })
}

const COPIES_MAX: i64 = 10_000;
