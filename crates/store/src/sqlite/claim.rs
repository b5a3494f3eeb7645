//! Which copies are due, and whose turn it is: every mailbox gets one before any gets two.

use std::collections::HashMap;
use std::time::Duration;

use clawback_core::copy::Copy;
use clawback_core::{CopyId, MessageId, Region, TenantId, UnixMillis};
use rusqlite::{Connection, Row};

use super::codec::{
    all, first, get_id, get_json, get_millis, get_uint, get_word, lease_end, millis,
};
use super::copies;
use crate::backend::{ClaimedCopy, Result, Scope};
use crate::error::StoreError;

/// A copy that is due.
struct Due {
    tenant: TenantId,
    id: CopyId,
    mailbox: String,
    message: MessageId,
    /// How many of its mailbox come before it.
    turn: usize,
}

/// Whether anything is due, or was asked under a lease that ended.
pub(super) fn any_due(c: &Connection, region: &Region, now: UnixMillis) -> Result<bool> {
    let key = (region.as_str(), millis(now));
    let sql = format!("SELECT 1 FROM copies WHERE {DUE} LIMIT 1");
    if first(c, &sql, key, |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    let sql = "SELECT 1 FROM copies WHERE region = ?1 AND state = 'asked' AND lease_until <= ?2";
    Ok(first(c, sql, key, |_| Ok(()))?.is_some())
}

pub(super) fn claim(
    c: &Connection,
    region: &Region,
    limit: usize,
    lease: Duration,
    now: UnixMillis,
) -> Result<Vec<ClaimedCopy>> {
    copies::recover(c, region, now, now)?;
    let mut taken = in_hand(c, region, now)?;
    let sql = format!(
        "SELECT tenant, id, mailbox_key, message FROM copies WHERE {DUE} ORDER BY due LIMIT ?3"
    );
    let mut due = all(c, &sql, (region.as_str(), millis(now), CANDIDATES_MAX), |row| {
        Ok(Due {
            tenant: get_id(row, "tenant", TenantId::from_octets)?,
            id: get_id(row, "id", CopyId::from_octets)?,
            mailbox: row.get("mailbox_key")?,
            message: get_id(row, "message", MessageId::from_octets)?,
            turn: 0,
        })
    })?;
    for copy in &mut due {
        let turn = taken.entry((copy.tenant, copy.mailbox.clone())).or_default();
        copy.turn = *turn;
        *turn += 1;
    }
    due.retain(|copy| copy.turn < OF_ONE_MAILBOX_MAX);
    due.sort_by_key(|copy| copy.turn);
    due.truncate(limit);
    due.iter().map(|copy| take(c, region, copy, lease, now)).collect()
}

/// How many copies of each mailbox are in a worker's hand.
fn in_hand(
    c: &Connection,
    region: &Region,
    now: UnixMillis,
) -> Result<HashMap<(TenantId, String), usize>> {
    let sql = "SELECT tenant, mailbox_key, count(*) AS n FROM copies
               WHERE region = ?1 AND lease_until > ?2 GROUP BY tenant, mailbox_key";
    let counts = all(c, sql, (region.as_str(), millis(now)), |row| {
        let key = (get_id(row, "tenant", TenantId::from_octets)?, row.get("mailbox_key")?);
        Ok((key, usize::try_from(get_uint(row, "n")?).unwrap_or(usize::MAX)))
    })?;
    Ok(counts.into_iter().collect())
}

fn take(
    c: &Connection,
    region: &Region,
    due: &Due,
    lease: Duration,
    now: UnixMillis,
) -> Result<ClaimedCopy> {
    let (tenant, region_name) = (due.tenant.octets(), region.as_str());
    let sql = "UPDATE copies SET lease_until = ?4, fence = fence + 1
               WHERE tenant = ?1 AND region = ?2 AND id = ?3 RETURNING *";
    let key = (tenant, region_name, due.id.octets(), lease_end(now, lease));
    let read = |row: &Row<'_>| Ok((copies::read(row)?, get_uint(row, "fence")?));
    let (copy, fence): (Copy, u64) = first(c, sql, key, read)?.ok_or(StoreError::NotFound)?;
    let sql = "SELECT identity, received, disposition FROM messages
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let message = first(c, sql, (tenant, region_name, due.message.octets()), |row| {
        let received = get_millis(row, "received")?;
        Ok((get_json(row, "identity")?, received, get_word(row, "disposition")?))
    })?;
    let (identity, received, disposition) =
        message.ok_or(StoreError::Corrupt { what: "a copy without its message" })?;
    let scope = Scope { tenant: due.tenant, region: region.clone() };
    Ok(ClaimedCopy { scope, copy, identity, received, disposition, fence })
}

const DUE: &str = "region = ?1 AND due <= ?2 AND lease_until <= ?2
    AND state IN ('planned', 'waiting', 'held', 'uncertain', 'moved')";
/// Due copies looked at in one go, longest due first.
const CANDIDATES_MAX: i64 = 4_096;
/// The provider answers more than four at a time of one mailbox with "too many".
const OF_ONE_MAILBOX_MAX: usize = 4;
