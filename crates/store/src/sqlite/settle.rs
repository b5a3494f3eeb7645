//! Carries out on copies what was ordered of a job: in steps, so that a job of any size holds
//! nobody up, and so that a restart goes on where it ended.

use clawback_core::audit::{Actor, Entry};
use clawback_core::job::{Control, Job, OrderedBy, Selection};
use clawback_core::plan::{Decision, Rank};
use clawback_core::retraction::{Event, Schedule, State};
use clawback_core::trace::{Query, Span};
use clawback_core::{CopyId, JobId, MessageId, Reach, Region, Retraction, TenantId, UnixMillis};
use rusqlite::Connection;
use serde_json::json;

use super::codec::{all, change, first, from_json, get_id, get_millis, get_word, json, millis};
use super::orders::{self, Given, Standing};
use super::{audit, jobs, trace};
use crate::backend::{Result, Scope};
use crate::error::StoreError;
use crate::view::Cursor;

/// Jobs of which something is to be carried out, those ordered first at the front.
pub(super) fn pending(c: &Connection, region: &Region) -> Result<Vec<(Scope, JobId)>> {
    let sql = "SELECT tenant, id FROM jobs WHERE region = ?1 AND pending = 1
               ORDER BY tenant, created LIMIT ?2";
    all(c, sql, (region.as_str(), JOBS_MAX), |row| {
        let tenant = get_id(row, "tenant", TenantId::from_octets)?;
        let scope = Scope { tenant, region: region.clone() };
        Ok((scope, get_id(row, "id", JobId::from_octets)?))
    })
}

/// What the choice of a job's copies begins with: read before the step that gives the orders,
/// since a query may take its time.
pub(super) fn choose(
    c: &Connection,
    scope: &Scope,
    id: JobId,
    now: UnixMillis,
) -> Result<Option<Chosen>> {
    let Some(at) = Progress::read(c, scope, id)? else { return Ok(None) };
    if !at.is_selecting || at.control != Control::Run {
        return Ok(None);
    }
    let from = at.selected.clone();
    let Selection::Found { query, from: since, to } = &at.job.selection else {
        return Ok(None);
    };
    let read = Query::parse(query).map_err(|_| StoreError::Corrupt { what: "a job's query" })?;
    let after: Option<Cursor> = from_json(&from)?;
    let span = Span { from: *since, to: *to };
    let found = trace::ids(c, scope, &read, span, (after, MESSAGES_A_STEP), now)?;
    Ok(Some(Chosen { from, found }))
}

/// Messages that a job's query found.
pub(super) struct Chosen {
    from: String,
    found: Vec<Cursor>,
}

/// How far a job is, beside its copies.
struct Progress {
    job: Job,
    control: Control,
    is_selecting: bool,
    selected: String,
    retried: UnixMillis,
}

impl Progress {
    fn read(c: &Connection, scope: &Scope, id: JobId) -> Result<Option<Self>> {
        let sql = "SELECT * FROM jobs WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        let key = (scope.tenant.octets(), scope.region.as_str(), id.octets());
        first(c, sql, key, |row| {
            Ok(Self {
                job: jobs::read(row)?,
                control: get_word(row, "control")?,
                is_selecting: row.get("selecting")?,
                selected: row.get("selected")?,
                retried: get_millis(row, "retried")?,
            })
        })
    }
}

/// Carries out one step of a job; whether there is more to do at once.
pub(super) fn step(
    c: &Connection,
    scope: &Scope,
    id: JobId,
    chosen: Option<Chosen>,
    now: UnixMillis,
) -> Result<bool> {
    let Some(at) = Progress::read(c, scope, id)? else { return Ok(false) };
    let work = Work { c, scope, at: &at, now };
    let more = match at.control {
        Control::Cancel => work.cancel()?,
        Control::Pause => work.sweep(RESTING, Event::Pause, "")?,
        Control::Run => work.go_on(chosen)?,
    };
    if !more {
        let sql = "UPDATE jobs SET pending = 0 WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        change(c, sql, (scope.tenant.octets(), scope.region.as_str(), id.octets()))?;
    }
    Ok(more)
}

struct Work<'a> {
    c: &'a Connection,
    scope: &'a Scope,
    at: &'a Progress,
    now: UnixMillis,
}

impl Work<'_> {
    fn go_on(&self, chosen: Option<Chosen>) -> Result<bool> {
        let paused = "state = 'held' AND reason = 'paused'";
        if self.sweep(paused, Event::Resume, "")? || self.retry()? {
            return Ok(true);
        }
        if !self.at.is_selecting {
            return Ok(false);
        }
        match &self.at.job.selection {
            Selection::Verdict => self.selected("null", true),
            Selection::Messages { ids } => self.messages(ids),
            Selection::Found { .. } => self.found(chosen),
            Selection::Job { id } => self.copies_of(*id),
        }
    }

    /// Tells copies that rest an event; whether there may be more of them.
    fn sweep(&self, what: &str, event: Event, action: &str) -> Result<bool> {
        let sql = format!(
            "tenant = ?1 AND region = ?2 AND job = ?3 AND {what} AND lease_until <= ?4 LIMIT ?5"
        );
        let (tenant, region) = (self.scope.tenant.octets(), self.scope.region.as_str());
        let key = (tenant, region, self.at.job.id.octets(), millis(self.now), COPIES_A_STEP);
        let found = orders::standing(self.c, &sql, key)?;
        for standing in &found {
            let Some(order) = &standing.copy.order else { continue };
            let next = order.retraction.on(event, self.now, &Schedule::default());
            orders::set(self.c, self.scope, standing.copy.id, next)?;
            if !action.is_empty() {
                self.tell_end(standing, next, action)?;
            }
            if next.state.is_final() {
                orders::follow(self.c, self.scope, standing.copy.id, self.now)?;
            }
        }
        Ok(is_full(&found))
    }

    fn cancel(&self) -> Result<bool> {
        if self.at.is_selecting {
            self.selected("null", true)?;
        }
        let sql = "SELECT id FROM copies WHERE tenant = ?1 AND region = ?2 AND next_job = ?3
                   LIMIT ?4";
        let (tenant, region) = (self.scope.tenant.octets(), self.scope.region.as_str());
        let key = (tenant, region, self.at.job.id.octets(), COPIES_A_STEP);
        let beside = all(self.c, sql, key, |row| get_id(row, "id", CopyId::from_octets))?;
        for copy in &beside {
            orders::drop_next(self.c, self.scope, *copy, self.now)?;
        }
        let swept = self.sweep(OPEN, Event::Cancel, "copy.cancelled")?;
        Ok(swept || is_full(&beside))
    }

    /// What failed before it was to be tried again gets a new order under the same job.
    fn retry(&self) -> Result<bool> {
        let sql = "tenant = ?1 AND region = ?2 AND job = ?3 AND since < ?4
                   AND state IN ('not_found', 'refused', 'abandoned') LIMIT ?5";
        let (tenant, region) = (self.scope.tenant.octets(), self.scope.region.as_str());
        let retried = millis(self.at.retried);
        let key = (tenant, region, self.at.job.id.octets(), retried, COPIES_A_STEP);
        let found = orders::standing(self.c, sql, key)?;
        let since = self.now.max(self.at.retried);
        let again = Retraction { since, ..Retraction::planned(self.now) };
        for standing in &found {
            orders::set(self.c, self.scope, standing.copy.id, again)?;
        }
        Ok(is_full(&found))
    }

    fn messages(&self, ids: &[MessageId]) -> Result<bool> {
        let done: usize = from_json::<Option<usize>>(&self.at.selected)?.unwrap_or_default();
        let some: Vec<MessageId> = ids.iter().skip(done).take(MESSAGES_A_STEP).copied().collect();
        let rank = if ids.len() <= BY_HAND_MAX { Rank::First } else { Rank::Usual };
        for message in &some {
            self.message(*message, rank)?;
        }
        let done = done.saturating_add(some.len());
        self.selected(&done.to_string(), done >= ids.len())
    }

    fn found(&self, chosen: Option<Chosen>) -> Result<bool> {
        // It was read from where another step has been since: the next one reads anew.
        let Some(chosen) = chosen.filter(|chosen| chosen.from == self.at.selected) else {
            return Ok(true);
        };
        for cursor in &chosen.found {
            self.message(cursor.id, Rank::Usual)?;
        }
        let ends = chosen.found.len() < MESSAGES_A_STEP;
        self.selected(&json(&chosen.found.last())?, ends)
    }

    /// Orders every copy of one message.
    fn message(&self, message: MessageId, rank: Rank) -> Result<()> {
        let sql = "tenant = ?1 AND region = ?2 AND message = ?3";
        let key = (self.scope.tenant.octets(), self.scope.region.as_str(), message.octets());
        let mut ordered = 0_u64;
        for standing in orders::standing(self.c, sql, key)? {
            if standing.copy.reach != Reach::External {
                ordered += u64::from(self.give(&standing, rank)?);
            }
        }
        self.decide(message)?;
        self.tell(message, ordered)
    }

    /// Orders some copies of another job; what another order took over since stays as it is.
    fn copies_of(&self, other: JobId) -> Result<bool> {
        let after: Option<CopyId> = from_json(&self.at.selected)?;
        let after = after.map(|copy| copy.octets());
        let after: &[u8] = after.as_ref().map_or(&[], |octets| octets.as_slice());
        let sql = "tenant = ?1 AND region = ?2 AND (job = ?3 OR next_job = ?3) AND id > ?4
                   ORDER BY id LIMIT ?5";
        let (tenant, region) = (self.scope.tenant.octets(), self.scope.region.as_str());
        let key = (tenant, region, other.octets(), after, COPIES_A_STEP);
        let found = orders::standing(self.c, sql, key)?;
        let mut ordered: Vec<(MessageId, u64)> = Vec::new();
        for standing in &found {
            let given = u64::from(self.give(standing, Rank::Usual)?);
            let message = standing.copy.message;
            match ordered.iter_mut().find(|(of, _)| *of == message) {
                Some((_, copies)) => *copies += given,
                None => ordered.push((message, given)),
            }
        }
        for (message, copies) in ordered {
            if self.decide(message)? {
                self.tell(message, copies)?;
            }
        }
        let last = found.last().map(|standing| standing.copy.id);
        self.selected(&json(&last)?, !is_full(&found))
    }

    fn give(&self, standing: &Standing, rank: Rank) -> Result<bool> {
        let Job { id: job, destination, .. } = self.at.job;
        orders::give(self.c, self.scope, standing, Given { job, destination, rank }, self.now)
    }

    /// What was decided holds for copies that come later; whether it is new.
    fn decide(&self, message: MessageId) -> Result<bool> {
        let decision = Decision { job: self.at.job.id, destination: self.at.job.destination };
        let sql = "UPDATE messages SET decision = ?4
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND decision IS NOT ?4";
        let (tenant, region) = (self.scope.tenant.octets(), self.scope.region.as_str());
        Ok(change(self.c, sql, (tenant, region, message.octets(), json(&decision)?))? > 0)
    }

    fn tell(&self, message: MessageId, copies: u64) -> Result<()> {
        let job = &self.at.job;
        let action = if job.is_restoration() { "restoration" } else { "retraction" };
        let entry = Entry {
            at: self.now,
            actor: actor(job),
            action: format!("{action}.ordered"),
            target: message.to_string(),
            details: json!({
                "job": job.id,
                "destination": job.destination,
                "copies": copies,
            }),
        };
        audit::append(self.c, self.scope, &entry)
    }

    fn tell_end(&self, standing: &Standing, ended: Retraction, action: &str) -> Result<()> {
        if ended.state != State::Cancelled {
            return Ok(());
        }
        let entry = Entry {
            at: self.now,
            actor: Actor::system("response"),
            action: action.to_owned(),
            target: standing.copy.message.to_string(),
            details: json!({
                "copy": standing.copy.id,
                "job": self.at.job.id,
                "destination": self.at.job.destination,
                "tries": ended.tries,
            }),
        };
        audit::append(self.c, self.scope, &entry)
    }

    /// Notes how far the choice is; whether it goes on.
    fn selected(&self, upto: &str, ends: bool) -> Result<bool> {
        let sql = "UPDATE jobs SET selected = ?4, selecting = ?5
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        let (tenant, region) = (self.scope.tenant.octets(), self.scope.region.as_str());
        change(self.c, sql, (tenant, region, self.at.job.id.octets(), upto, !ends))?;
        Ok(!ends)
    }
}

/// Who a job's entries in the log are by.
fn actor(job: &Job) -> Actor {
    match &job.by {
        OrderedBy::Policy => Actor::system("pipeline"),
        OrderedBy::Operator { id, name } => Actor::Operator { id: *id, name: name.clone() },
    }
}

/// Whether a step found as much as it asked for.
fn is_full<T>(found: &[T]) -> bool {
    i64::try_from(found.len()).is_ok_and(|found| found >= COPIES_A_STEP)
}

/// Orders that can be paused.
const RESTING: &str =
    "(state IN ('planned', 'waiting') OR (state = 'held' AND reason <> 'paused'))";
/// Orders that can be withdrawn.
const OPEN: &str = "state IN ('planned', 'waiting', 'held')";
const COPIES_A_STEP: i64 = 256;
const MESSAGES_A_STEP: usize = 64;
const JOBS_MAX: i64 = 64;
/// An order about this many messages is one that somebody chose by hand and waits for.
const BY_HAND_MAX: usize = 100;
