//! Copies in mailboxes, and how far their orders are.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clawback_core::copy::{Copy, Order};
use clawback_core::plan::Rank;
use clawback_core::retraction::{Reason, State};
use clawback_core::{CopyId, JobId, MessageId, Region, UnixMillis};
use clawback_mail::address::Address;
use rusqlite::{Connection, Row, params};

use super::codec::{
    all, change, first, get_id, get_json, get_millis, get_retraction, get_small, get_word, int,
    json, millis,
};
use super::{Sqlite, audit, claim, orders, settle, sweeps};
use crate::backend::{Advance, ClaimedCopy, CopyRecords, Result, Scope, Sweep};
use crate::error::StoreError;

#[async_trait]
impl CopyRecords for Sqlite {
    async fn claim_copies(
        &self,
        region: Region,
        limit: usize,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Vec<ClaimedCopy>> {
        // Nothing due is the usual answer: it costs no write.
        let here = region.clone();
        if self.readers.run(move |c| claim::any_lapsed(c, &here, now)).await? {
            let here = region.clone();
            self.writer.run(move |c| recover(c, &here, now, now)).await?;
        }
        let (here, turns) = (region.clone(), Arc::clone(&self.turns));
        let due = self.readers.run(move |c| turns.next(c, &here, limit, now)).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.writer.run(move |c| claim::take(c, &region, &due, lease, now)).await
    }

    async fn advance(&self, claim: ClaimedCopy, advance: Advance) -> Result<()> {
        self.writer.run(move |c| store(c, &claim, &advance)).await
    }

    async fn add_copies(&self, scope: Scope, message: MessageId, copies: Vec<Copy>) -> Result<()> {
        self.writer
            .run(move |c| {
                let sql = "SELECT received FROM messages
                           WHERE tenant = ?1 AND region = ?2 AND id = ?3";
                let key = (scope.tenant.octets(), scope.region.as_str(), message.octets());
                let received = first(c, sql, key, |row| get_millis(row, "received"))?;
                let received = received.ok_or(StoreError::NotFound)?;
                if copies.iter().any(|copy| copy.message != message) {
                    return Err(StoreError::NotFound);
                }
                add(c, &scope, received, &copies)
            })
            .await
    }

    async fn recover_claims(&self, region: Region, now: UnixMillis) -> Result<u64> {
        self.writer
            .run(move |c| {
                // Every claim of before is void: whoever held one is gone.
                let sql = "UPDATE copies SET lease_until = 0, fence = fence + 1
                           WHERE region = ?1 AND lease_until > 0";
                change(c, sql, [region.as_str()])?;
                let sql = "UPDATE segments SET lease_until = 0, fence = fence + 1
                           WHERE region = ?1 AND state = 'open' AND lease_until > 0";
                change(c, sql, [region.as_str()])?;
                recover(c, &region, UnixMillis(u64::MAX), now)
            })
            .await
    }

    async fn claim_sweeps(
        &self,
        region: Region,
        limit: usize,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Vec<Sweep>> {
        let here = region.clone();
        if !self.readers.run(move |c| sweeps::any(c, &here, now)).await? {
            return Ok(Vec::new());
        }
        self.writer.run(move |c| sweeps::claim(c, &region, limit, lease, now)).await
    }

    async fn swept(
        &self,
        sweep: Sweep,
        seen: Vec<Copy>,
        new: Vec<Copy>,
        next: Option<UnixMillis>,
    ) -> Result<()> {
        self.writer.run(move |c| sweeps::store(c, &sweep, &seen, &new, next)).await
    }

    async fn settle_jobs(&self, region: Region, now: UnixMillis) -> Result<bool> {
        let jobs = self.readers.run(move |c| settle::pending(c, &region)).await?;
        let mut more = false;
        for (scope, job) in jobs {
            let of = scope.clone();
            let chosen = self.readers.run(move |c| settle::choose(c, &of, job, now)).await?;
            more |= self.writer.run(move |c| settle::step(c, &scope, job, chosen, now)).await?;
        }
        Ok(more)
    }

    async fn seal_audit(&self, region: Region, limit: usize) -> Result<u64> {
        let here = region.clone();
        let sql = "SELECT 1 FROM audit WHERE region = ?1 AND seal IS NULL LIMIT 1";
        let any = self.readers.run(move |c| first(c, sql, [here.as_str()], |_| Ok(()))).await?;
        if any.is_none() {
            return Ok(0);
        }
        self.writer.run(move |c| audit::seal_some(c, &region, limit)).await
    }
}

/// What was asked under a lease that ended before `ended` is uncertain.
pub(super) fn recover(
    c: &Connection,
    region: &Region,
    ended: UnixMillis,
    now: UnixMillis,
) -> Result<u64> {
    let sql = "UPDATE copies SET state = ?4, reason = ?5, due = ?3, since = ?3,
               lease_until = 0, fence = fence + 1
               WHERE region = ?1 AND state = 'asked' AND lease_until <= ?2";
    let (state, reason) = (State::Uncertain.as_str(), Reason::ProviderFailed.as_str());
    let row = (region.as_str(), millis(ended), millis(now), state, reason);
    Ok(u64::try_from(change(c, sql, row)?).unwrap_or(u64::MAX))
}

/// Adds copies; those that are there stay as they are.
pub(super) fn add(
    c: &Connection,
    scope: &Scope,
    received: UnixMillis,
    copies: &[Copy],
) -> Result<()> {
    let sql = "INSERT INTO copies (tenant, region, id, message, received, mailbox, mailbox_key,
                   ordinal, reach, folder, place, job, destination, state, reason, tries, looks,
                   failures, due, since, rank)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                   ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT DO NOTHING";
    for copy in copies {
        let order = copy.order.as_ref();
        let state = order.map(|order| order.retraction);
        let row = params![
            scope.tenant.octets(),
            scope.region.as_str(),
            copy.id.octets(),
            copy.message.octets(),
            millis(received),
            copy.mailbox.to_string(),
            copy.mailbox.key(),
            copy.ordinal,
            copy.reach.as_str(),
            copy.folder.as_str(),
            json(&copy.place)?,
            order.map(|order| order.job.octets()),
            order.map(|order| order.destination.as_str()),
            state.map(|state| state.state.as_str()),
            state.map(|state| state.reason.as_str()),
            state.map_or(0, |state| state.tries),
            state.map_or(0, |state| state.looks),
            state.map_or(0, |state| state.failures),
            state.map_or(0, |state| millis(state.due)),
            state.map_or(0, |state| millis(state.since)),
            order.is_some_and(|order| orders::rank(order.rank)),
        ];
        change(c, sql, row)?;
    }
    Ok(())
}

fn store(c: &Connection, claim: &ClaimedCopy, advance: &Advance) -> Result<()> {
    let sql = "UPDATE copies SET state = ?5, reason = ?6, tries = ?7, looks = ?8, failures = ?9,
                   due = ?10, since = ?11, folder = COALESCE(?12, folder),
                   place = COALESCE(?13, place),
                   lease_until = CASE WHEN ?14 THEN 0 ELSE lease_until END,
                   steps = CASE WHEN ?15 IS NULL THEN steps
                       WHEN json_array_length(steps) < ?16 THEN json_insert(steps, '$[#]', json(?15))
                       ELSE json_insert(json_remove(steps, '$[0]'), '$[#]', json(?15)) END,
                   sweep_due = COALESCE(?17, sweep_due),
                   sweeps = CASE WHEN ?17 IS NULL THEN sweeps ELSE 0 END
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND fence = ?4 AND lease_until > 0";
    let state = &advance.retraction;
    let row = params![
        claim.scope.tenant.octets(),
        claim.scope.region.as_str(),
        claim.copy.id.octets(),
        int(claim.fence),
        state.state.as_str(),
        state.reason.as_str(),
        state.tries,
        state.looks,
        state.failures,
        millis(state.due),
        millis(state.since),
        advance.folder.map(clawback_core::Folder::as_str),
        advance.place.as_ref().map(json).transpose()?,
        advance.release,
        advance.step.as_ref().map(json).transpose()?,
        STEPS_MAX,
        advance.sweep.map(millis),
    ];
    if change(c, sql, row)? == 0 {
        return Err(StoreError::Conflict);
    }
    if let Some(entry) = &advance.audit {
        audit::append(c, &claim.scope, entry)?;
    }
    if state.state.is_final() {
        return orders::follow(c, &claim.scope, claim.copy.id, state.since);
    }
    match &claim.copy.order {
        // Its operator may have stopped the job while the copy was in hand.
        Some(order) if advance.release => orders::wake(c, &claim.scope, order.job),
        _ => Ok(()),
    }
}

/// The copies of a message.
pub(super) fn of_message(c: &Connection, scope: &Scope, message: MessageId) -> Result<Vec<Copy>> {
    let sql = "SELECT * FROM copies WHERE tenant = ?1 AND region = ?2 AND message = ?3
               ORDER BY mailbox_key, ordinal, id";
    all(c, sql, (scope.tenant.octets(), scope.region.as_str(), message.octets()), read)
}

pub(super) fn read(row: &Row<'_>) -> Result<Copy> {
    let mailbox: String = row.get("mailbox")?;
    let job: Option<[u8; 16]> = row.get("job")?;
    let order = match (job, get_retraction(row)?) {
        (Some(job), Some((destination, retraction))) => {
            let rank = if row.get("rank")? { Rank::First } else { Rank::Usual };
            Some(Order { job: JobId::from_octets(job), destination, rank, retraction })
        }
        _ => None,
    };
    Ok(Copy {
        id: get_id(row, "id", CopyId::from_octets)?,
        message: get_id(row, "message", MessageId::from_octets)?,
        mailbox: Address::parse(&mailbox)
            .map_err(|_| StoreError::Corrupt { what: "a copy's mailbox" })?,
        ordinal: get_small(row, "ordinal")?,
        reach: get_word(row, "reach")?,
        folder: get_word(row, "folder")?,
        place: get_json(row, "place")?,
        order,
    })
}

/// Steps of a copy that are kept, the latest: what retries for a day takes fewer.
const STEPS_MAX: i64 = 64;
