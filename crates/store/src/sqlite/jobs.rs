//! Orders, and what has become of them: derived from their copies.

use clawback_core::audit::{Actor, Entry};
use clawback_core::job::{Control, Job, JobState, Selection, Tally};
use clawback_core::retraction::State;
use clawback_core::{Destination, JobId, MessageId, UnixMillis};
use rusqlite::{Connection, Row};
use serde_json::json;

use super::audit;
use super::codec::{
    all, change, first, from_json, get_id, get_json, get_millis, get_retraction, get_uint,
    get_word, json, millis,
};
use crate::backend::{Result, Scope};
use crate::error::StoreError;
use crate::view::{JobCopy, JobRow, Survey};

/// Adds an order whose copies are planned already; one that is there stays as it is.
pub(super) fn add(c: &Connection, scope: &Scope, job: &Job) -> Result<bool> {
    let sql = "INSERT INTO jobs (tenant, region, id, ordered_by, destination, reason, created,
                   selection)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let (tenant, region, id) = (scope.tenant.octets(), scope.region.as_str(), job.id.octets());
    let (by, to, selection) = (json(&job.by)?, job.destination.as_str(), json(&job.selection)?);
    let created = millis(job.created);
    let row = (tenant, region, id, by, to, &job.reason, created, selection);
    Ok(change(c, sql, row)? > 0)
}

/// Takes an order whose copies are looked up after; whether it is a new one.
pub(super) fn order(
    c: &Connection,
    scope: &Scope,
    job: &Job,
    actor: Actor,
    now: UnixMillis,
) -> Result<bool> {
    if !add(c, scope, job)? {
        return Ok(false);
    }
    let (tenant, region, id) = (scope.tenant.octets(), scope.region.as_str(), job.id.octets());
    let sql = "UPDATE jobs SET selecting = 1, pending = 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    change(c, sql, (tenant, region, id))?;
    if let Selection::Job { id: other } = job.selection {
        // What it has not begun shall not begin.
        let sql = "UPDATE jobs SET undone_by = ?4, control = 'cancel', pending = 1
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND undone_by IS NULL";
        if change(c, sql, (tenant, region, other.octets(), id))? == 0 {
            return Err(StoreError::Conflict);
        }
    }
    let (messages, of) = match &job.selection {
        Selection::Messages { ids } => (Some(ids.len()), "messages"),
        Selection::Job { .. } => (None, "job"),
        Selection::Found { .. } => (None, "query"),
        Selection::Verdict => (None, "verdict"),
    };
    let details = json!({
        "destination": job.destination,
        "reason": job.reason,
        "of": of,
        "messages": messages,
    });
    tell(c, scope, job.id, actor, "job.ordered", details, now)?;
    Ok(true)
}

/// Notes what an operator says of a job; it is carried out in steps.
pub(super) fn control(
    c: &Connection,
    scope: &Scope,
    id: JobId,
    (control, actor): (Control, Actor),
    now: UnixMillis,
) -> Result<()> {
    let row = one(c, scope, id)?.ok_or(StoreError::NotFound)?;
    let may = match (row.state(), control) {
        (JobState::Queued | JobState::Running, Control::Pause | Control::Cancel)
        | (JobState::Paused, Control::Run | Control::Cancel) => row.control != Control::Cancel,
        _ => false,
    };
    if !may {
        return Err(StoreError::Conflict);
    }
    let sql = "UPDATE jobs SET control = ?4, pending = 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    change(c, sql, (tenant, region, id.octets(), control.as_str()))?;
    let action = match control {
        Control::Run => "job.resumed",
        Control::Pause => "job.paused",
        Control::Cancel => "job.cancelled",
    };
    tell(c, scope, id, actor, action, json!({}), now)
}

/// Has what failed tried again.
pub(super) fn retry(
    c: &Connection,
    scope: &Scope,
    id: JobId,
    actor: Actor,
    now: UnixMillis,
) -> Result<()> {
    let row = one(c, scope, id)?.ok_or(StoreError::NotFound)?;
    if row.tally.failed() == 0 || row.undone_by.is_some() {
        return Err(StoreError::Conflict);
    }
    // What failed within this very moment counts, too.
    let sql = "UPDATE jobs SET control = 'run', retried = ?4, pending = 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    change(c, sql, (tenant, region, id.octets(), millis(now) + 1))?;
    tell(c, scope, id, actor, "job.retried", json!({ "copies": row.tally.failed() }), now)
}

fn tell(
    c: &Connection,
    scope: &Scope,
    job: JobId,
    actor: Actor,
    action: &str,
    details: serde_json::Value,
    at: UnixMillis,
) -> Result<()> {
    let (action, target) = (action.to_owned(), job.to_string());
    audit::append(c, scope, &Entry { at, actor, action, target, details })
}

/// One order.
pub(super) fn one(c: &Connection, scope: &Scope, id: JobId) -> Result<Option<JobRow>> {
    let sql = "SELECT * FROM jobs WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let key = (scope.tenant.octets(), scope.region.as_str(), id.octets());
    first(c, sql, key, head)?.map(|head| counted(c, scope, head)).transpose()
}

/// The newest orders.
pub(super) fn page(c: &Connection, scope: &Scope, limit: usize) -> Result<Vec<JobRow>> {
    let sql = "SELECT * FROM jobs WHERE tenant = ?1 AND region = ?2
               ORDER BY created DESC, id DESC LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let jobs = all(c, sql, (scope.tenant.octets(), scope.region.as_str(), limit), head)?;
    jobs.into_iter().map(|head| counted(c, scope, head)).collect()
}

/// A job without what its copies say.
fn head(row: &Row<'_>) -> Result<JobRow> {
    let undone_by: Option<[u8; 16]> = row.get("undone_by")?;
    Ok(JobRow {
        job: read(row)?,
        control: get_word(row, "control")?,
        is_selecting: row.get("selecting")?,
        undone_by: undone_by.map(JobId::from_octets),
        tally: Tally::default(),
        purged: 0,
        subject: String::new(),
        messages: 0,
    })
}

fn counted(c: &Connection, scope: &Scope, head: JobRow) -> Result<JobRow> {
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let key = (tenant, region, head.job.id.octets());
    let sql = "SELECT state, count(*) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND job = ?3 GROUP BY state
               UNION ALL
               SELECT state, count(*) AS n FROM past_orders
               WHERE tenant = ?1 AND region = ?2 AND job = ?3 GROUP BY state
               UNION ALL
               SELECT 'planned', count(*) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND next_job = ?3";
    let tally = tally(all(c, sql, key, state_count)?);
    let sql = "SELECT min(message) AS id, count(DISTINCT message) AS n FROM (
                   SELECT message FROM copies WHERE tenant = ?1 AND region = ?2 AND job = ?3
                   UNION ALL
                   SELECT message FROM past_orders
                   WHERE tenant = ?1 AND region = ?2 AND job = ?3
                   UNION ALL
                   SELECT message FROM copies
                   WHERE tenant = ?1 AND region = ?2 AND next_job = ?3)";
    let messages =
        first(c, sql, key, |row| Ok((row.get::<_, Option<[u8; 16]>>("id")?, get_uint(row, "n")?)))?;
    let (message, messages) = messages.unwrap_or_default();
    let sql = "SELECT subject FROM messages WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let subject = first(c, sql, (tenant, region, message), |row| Ok(row.get("subject")?))?;
    let sql = "SELECT count(*) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND job = ?3 AND state = 'retracted'
               AND json_extract(place, '$.is_purged')";
    let purged = match head.job.destination {
        Destination::HardDelete => first(c, sql, key, |row| get_uint(row, "n"))?,
        _ => None,
    };
    let (subject, purged) = (subject.unwrap_or_default(), purged.unwrap_or_default());
    Ok(JobRow { tally, purged, subject, messages, ..head })
}

/// What an order about some messages would find.
pub(super) fn survey(c: &Connection, scope: &Scope, ids: &[MessageId]) -> Result<Survey> {
    let sql = "SELECT count(DISTINCT m.id) AS messages,
                   coalesce(sum(c.reach <> 'external'), 0) AS copies,
                   coalesce(sum(c.reach = 'external'), 0) AS outside,
                   coalesce(sum(c.state = 'retracted' AND c.destination <> 'inbox'), 0)
                       AS retracted,
                   coalesce(sum(c.state IN ('planned', 'asked', 'uncertain', 'waiting', 'held',
                       'moved')), 0) AS under_way
               FROM messages AS m LEFT JOIN copies AS c
               ON c.tenant = m.tenant AND c.region = m.region AND c.message = m.id
               WHERE m.tenant = ?1 AND m.region = ?2 AND m.id = ?3";
    let mut all = Survey::default();
    for id in ids {
        let key = (scope.tenant.octets(), scope.region.as_str(), id.octets());
        let found = first(c, sql, key, |row| {
            Ok(Survey {
                messages: get_uint(row, "messages")?,
                copies: get_uint(row, "copies")?,
                retracted: get_uint(row, "retracted")?,
                under_way: get_uint(row, "under_way")?,
                outside: get_uint(row, "outside")?,
            })
        })?;
        let found = found.unwrap_or_default();
        all.messages += found.messages;
        all.copies += found.copies;
        all.retracted += found.retracted;
        all.under_way += found.under_way;
        all.outside += found.outside;
    }
    Ok(all)
}

/// The copies under an order, in trouble first: those that are under it now, those that a later
/// order took over, and those that wait for an earlier one to end.
pub(super) fn copies(
    c: &Connection,
    scope: &Scope,
    job: JobId,
    (from, limit): (usize, usize),
) -> Result<Vec<JobCopy>> {
    let number = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let key = (tenant, region, job.octets(), number(limit), number(from));
    let sql = format!("{COPIES} ORDER BY trouble, mailbox_key, ordinal, id LIMIT ?4 OFFSET ?5");
    let found = all(c, &sql, key, |row| {
        let Some((destination, retraction)) = get_retraction(row)? else { return Ok(None) };
        let place: clawback_core::copy::Place = get_json(row, "place")?;
        Ok(Some(JobCopy {
            copy: get_id(row, "id", clawback_core::CopyId::from_octets)?,
            job,
            message: get_id(row, "message", MessageId::from_octets)?,
            mailbox: row.get("mailbox")?,
            reach: get_word(row, "reach")?,
            destination,
            retraction,
            folder: get_word(row, "folder")?,
            before: place.before,
            is_recreated: place.is_recreated,
            unlike: place.unlike,
            steps: from_json(&row.get::<_, String>("steps")?)?,
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

pub(super) fn read(row: &Row<'_>) -> Result<Job> {
    Ok(Job {
        id: get_id(row, "id", JobId::from_octets)?,
        by: get_json(row, "ordered_by")?,
        destination: get_word(row, "destination")?,
        reason: row.get("reason")?,
        created: get_millis(row, "created")?,
        selection: get_json(row, "selection")?,
    })
}

const COPIES: &str = "
    SELECT *, CASE WHEN state IN ('not_found', 'refused', 'abandoned') THEN 0
                   WHEN state IN ('waiting', 'held', 'uncertain') THEN 1
                   WHEN state IN ('planned', 'asked', 'moved') THEN 2
                   WHEN state IN ('already_gone', 'cancelled') THEN 3 ELSE 4 END AS trouble
    FROM (
        SELECT id, message, mailbox, mailbox_key, ordinal, reach, folder, place, destination,
               state, reason, tries, looks, failures, due, since, steps
        FROM copies WHERE tenant = ?1 AND region = ?2 AND job = ?3
        UNION ALL
        SELECT c.id, c.message, c.mailbox, c.mailbox_key, c.ordinal, c.reach, c.folder, c.place,
               p.destination, p.state, p.reason, p.tries, p.looks, p.failures, p.due, p.since,
               p.steps
        FROM past_orders AS p JOIN copies AS c
        ON c.tenant = p.tenant AND c.region = p.region AND c.id = p.copy
        WHERE p.tenant = ?1 AND p.region = ?2 AND p.job = ?3
        UNION ALL
        SELECT id, message, mailbox, mailbox_key, ordinal, reach, folder, place, next_destination,
               'planned', 'none', 0, 0, 0, due, since, '[]'
        FROM copies WHERE tenant = ?1 AND region = ?2 AND next_job = ?3)";
