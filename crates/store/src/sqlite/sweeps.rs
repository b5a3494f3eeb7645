//! Mailboxes that are looked through again after a retraction, and what was seen there.

use std::time::Duration;

use clawback_core::{Copy, CopyId, Region, TenantId, UnixMillis};
use rusqlite::Connection;

use super::codec::{all, change, first, get_id, get_small, json, lease_end, millis};
use super::{claim, copies};
use crate::backend::{Result, Scope, Sweep};

/// Whether any is due.
pub(super) fn any(c: &Connection, region: &Region, now: UnixMillis) -> Result<bool> {
    let sql = "SELECT 1 FROM copies WHERE region = ?1 AND sweep_due > 0 AND sweep_due <= ?2
               LIMIT 1";
    Ok(first(c, sql, (region.as_str(), millis(now)), |_| Ok(()))?.is_some())
}

/// Takes those due longest: until the lease ends nobody else does.
pub(super) fn claim(
    c: &Connection,
    region: &Region,
    limit: usize,
    lease: Duration,
    now: UnixMillis,
) -> Result<Vec<Sweep>> {
    let sql = "SELECT * FROM copies WHERE region = ?1 AND sweep_due > 0 AND sweep_due <= ?2
               ORDER BY sweep_due LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due = all(c, sql, (region.as_str(), millis(now), limit), |row| {
        let tenant = get_id(row, "tenant", TenantId::from_octets)?;
        Ok((tenant, copies::read(row)?, get_small(row, "sweeps")?))
    })?;
    let until = lease_end(now, lease);
    let mut taken = Vec::with_capacity(due.len());
    for (tenant, copy, sweeps) in due {
        let scope = Scope { tenant, region: region.clone() };
        let sql = "UPDATE copies SET sweep_due = ?4
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        change(c, sql, (tenant.octets(), region.as_str(), copy.id.octets(), until))?;
        let known = of_mailbox(c, &scope, &copy)?;
        let copy = claim::claimed_copy(c, &scope, copy, 0)?;
        taken.push(Sweep { copy, sweeps, known, until: now.after(lease) });
    }
    Ok(taken)
}

/// The copies of a message in the mailbox of one of them. A message may have more copies than
/// anybody wants to read, so they are asked for by their ids, which follow from their ordinals.
fn of_mailbox(c: &Connection, scope: &Scope, one: &Copy) -> Result<Vec<Copy>> {
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let (mut known, key) = (vec![one.clone()], one.mailbox.key());
    for ordinal in 0..OF_MAILBOX_MAX {
        let id = CopyId::derived(one.message, &key, ordinal);
        if id == one.id {
            continue;
        }
        let sql = "SELECT * FROM copies WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        let found = first(c, sql, (tenant, region, id.octets()), copies::read)?;
        match found {
            Some(copy) => known.push(copy),
            None if ordinal < one.ordinal => {}
            // Ordinals have no gaps.
            None => break,
        }
    }
    known.sort_by_key(|copy| copy.ordinal);
    Ok(known)
}

/// Stores what was seen, unless a new order or another look came in between.
pub(super) fn store(
    c: &Connection,
    sweep: &Sweep,
    seen: &[Copy],
    new: &[Copy],
    next: Option<UnixMillis>,
) -> Result<()> {
    let scope = &sweep.copy.scope;
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let sql = "UPDATE copies SET sweep_due = ?5, sweeps = sweeps + 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND sweep_due = ?4";
    let (id, until) = (sweep.copy.copy.id.octets(), millis(sweep.until));
    let row = (tenant, region, id, until, next.map_or(0, millis));
    if change(c, sql, row)? == 0 {
        return Ok(());
    }
    for copy in seen {
        // What has an order under way is its worker's to tell of.
        let sql = "UPDATE copies SET folder = ?4, place = ?5
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3
                   AND state IN ('retracted', 'already_gone')";
        let (folder, place) = (copy.folder.as_str(), json(&copy.place)?);
        change(c, sql, (tenant, region, copy.id.octets(), folder, place))?;
    }
    copies::add(c, scope, sweep.copy.received, new)
}

/// Items with one id in one mailbox: as many as a provider is asked for.
const OF_MAILBOX_MAX: u32 = 1_000;
