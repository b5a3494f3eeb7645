//! Which order a copy is under: what it was under before is kept, and what may not be replaced yet
//! is followed.
//!
//! An order that nothing was asked for ends when another takes its place. One that was asked for is
//! never replaced: the next waits beside it, and takes its place when it is at its end.

use clawback_core::copy::{Copy, Order};
use clawback_core::plan::Rank;
use clawback_core::retraction::{Event, Schedule, State};
use clawback_core::{CopyId, Destination, JobId, Retraction, UnixMillis};
use rusqlite::{Connection, Row, params};

use super::codec::{all, change, first, get_id, get_millis, get_word, millis};
use super::copies;
use crate::backend::{Result, Scope};
use crate::error::StoreError;

/// A copy, and what stands in the way of a new order.
pub(super) struct Standing {
    pub(super) copy: Copy,
    lease_until: UnixMillis,
    next: Option<JobId>,
}

/// An order to be given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) job: JobId,
    pub(super) destination: Destination,
    pub(super) rank: Rank,
}

impl Given {
    fn is_restoration(self) -> bool {
        self.destination == Destination::Inbox
    }
}

impl Standing {
    pub(super) fn read(row: &Row<'_>) -> Result<Self> {
        let next: Option<[u8; 16]> = row.get("next_job")?;
        Ok(Self {
            copy: copies::read(row)?,
            lease_until: get_millis(row, "lease_until")?,
            next: next.map(JobId::from_octets),
        })
    }

    /// Whether nobody has it in hand and nothing was asked that has no answer yet.
    pub(super) fn is_free(&self, now: UnixMillis) -> bool {
        let Some(order) = &self.copy.order else { return true };
        let rests = matches!(order.retraction.state, State::Planned | State::Waiting | State::Held);
        rests && self.lease_until <= now
    }
}

/// Puts a copy under an order; whether it will be carried out. Given twice, it is given once.
pub(super) fn give(
    c: &Connection,
    scope: &Scope,
    standing: &Standing,
    given: Given,
    now: UnixMillis,
) -> Result<bool> {
    let copy = &standing.copy;
    let Some(order) = &copy.order else {
        return if given.is_restoration() { Ok(false) } else { put(c, scope, copy.id, given, now) };
    };
    if order.job == given.job || standing.next == Some(given.job) {
        return Ok(false);
    }
    if order.retraction.state.is_final() {
        if given.is_restoration() && !has_moved(order) {
            return Ok(false);
        }
        archive(c, scope, copy.id, order.retraction)?;
        return put(c, scope, copy.id, given, now);
    }
    if !standing.is_free(now) {
        let sql = "UPDATE copies SET next_job = ?4, next_destination = ?5, rank = max(rank, ?6)
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        drop_next(c, scope, copy.id, now)?;
        let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
        let (job, to) = (given.job.octets(), given.destination.as_str());
        change(c, sql, (tenant, region, copy.id.octets(), job, to, rank(given.rank)))?;
        return Ok(true);
    }
    let ended = order.retraction.on(Event::Cancel, now, &Schedule::default());
    if given.is_restoration() {
        // Nothing was moved: it only must not be.
        set(c, scope, copy.id, ended)?;
        return Ok(false);
    }
    archive(c, scope, copy.id, ended)?;
    put(c, scope, copy.id, given, now)
}

/// Puts a copy that was under no order under one.
pub(super) fn begin(
    c: &Connection,
    scope: &Scope,
    copy: CopyId,
    order: &Order,
    now: UnixMillis,
) -> Result<bool> {
    let given = Given { job: order.job, destination: order.destination, rank: order.rank };
    put(c, scope, copy, given, now)
}

/// After an order has come to its end: the one that waited beside it takes its place.
pub(super) fn follow(c: &Connection, scope: &Scope, copy: CopyId, now: UnixMillis) -> Result<()> {
    let sql = "SELECT * FROM copies
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND next_job IS NOT NULL";
    let key = (scope.tenant.octets(), scope.region.as_str(), copy.octets());
    let waiting = first(c, sql, key, |row| {
        let next = Given {
            job: get_id(row, "next_job", JobId::from_octets)?,
            destination: get_word(row, "next_destination")?,
            rank: if row.get("rank")? { Rank::First } else { Rank::Usual },
        };
        Ok((copies::read(row)?, next))
    })?;
    let Some((Copy { order: Some(order), .. }, next)) = waiting else { return Ok(()) };
    if next.is_restoration() && !has_moved(&order) {
        return drop_next(c, scope, copy, now);
    }
    archive(c, scope, copy, order.retraction)?;
    put(c, scope, copy, next, now)?;
    // Whatever its operator said meanwhile is said to this copy, too.
    wake(c, scope, next.job)
}

/// The order beside the present one is withdrawn.
pub(super) fn drop_next(
    c: &Connection,
    scope: &Scope,
    copy: CopyId,
    now: UnixMillis,
) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO past_orders
               SELECT tenant, region, next_job, id, message, next_destination, ?4, 'none', 0, 0, 0,
                   ?5, ?5, '[]'
               FROM copies
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND next_job IS NOT NULL";
    let key = (scope.tenant.octets(), scope.region.as_str(), copy.octets());
    let (tenant, region, id) = key;
    if change(c, sql, (tenant, region, id, State::Cancelled.as_str(), millis(now)))? > 0 {
        let sql = "UPDATE copies SET next_job = NULL, next_destination = NULL
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        change(c, sql, key)?;
    }
    Ok(())
}

/// What a job's operator said is to be carried out on its copies once more.
pub(super) fn wake(c: &Connection, scope: &Scope, job: JobId) -> Result<()> {
    let sql = "UPDATE jobs SET pending = 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND control <> 'run'";
    change(c, sql, (scope.tenant.octets(), scope.region.as_str(), job.octets()))?;
    Ok(())
}

/// Sets how far a copy's order is, where nobody has the copy in hand.
pub(super) fn set(
    c: &Connection,
    scope: &Scope,
    copy: CopyId,
    retraction: Retraction,
) -> Result<()> {
    let sql = "UPDATE copies SET state = ?4, reason = ?5, tries = ?6, looks = ?7, failures = ?8,
                   due = ?9, since = ?10, lease_until = 0, fence = fence + 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let row = params![
        scope.tenant.octets(),
        scope.region.as_str(),
        copy.octets(),
        retraction.state.as_str(),
        retraction.reason.as_str(),
        retraction.tries,
        retraction.looks,
        retraction.failures,
        millis(retraction.due),
        millis(retraction.since),
    ];
    change(c, sql, row)?;
    Ok(())
}

/// Copies of which `what` is true, as far as `most`.
pub(super) fn standing(
    c: &Connection,
    what: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Standing>> {
    all(c, &format!("SELECT * FROM copies WHERE {what}"), values, Standing::read)
}

pub(super) fn rank(rank: Rank) -> bool {
    rank == Rank::First
}

/// Whether an order that ended did move the copy out of its owner's way.
fn has_moved(order: &Order) -> bool {
    order.retraction.state == State::Retracted && !order.is_restoration()
}

fn put(c: &Connection, scope: &Scope, copy: CopyId, given: Given, now: UnixMillis) -> Result<bool> {
    let sql = "UPDATE copies SET job = ?4, destination = ?5, rank = ?6, steps = '[]',
                   next_job = NULL, next_destination = NULL, sweep_due = 0
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let (job, to) = (given.job.octets(), given.destination.as_str());
    if change(c, sql, (tenant, region, copy.octets(), job, to, rank(given.rank)))? == 0 {
        return Err(StoreError::NotFound);
    }
    set(c, scope, copy, Retraction::planned(now))?;
    Ok(true)
}

/// Keeps the present order of a copy as it ended.
fn archive(c: &Connection, scope: &Scope, copy: CopyId, ended: Retraction) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO past_orders
               SELECT tenant, region, job, id, message, destination, ?4, ?5, tries, looks, failures,
                   due, ?6, steps
               FROM copies
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND job IS NOT NULL";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let (state, reason) = (ended.state.as_str(), ended.reason.as_str());
    change(c, sql, (tenant, region, copy.octets(), state, reason, millis(ended.since)))?;
    Ok(())
}
