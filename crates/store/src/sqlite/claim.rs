//! Taking copies into a worker's hand, for a while and under a fence.

use std::time::Duration;

use clawback_core::copy::Copy;
use clawback_core::{Region, UnixMillis};
use rusqlite::{Connection, Row};

use super::codec::{first, get_json, get_millis, get_uint, get_word, lease_end, millis};
use super::copies;
use super::record::arrival;
use super::turns::{Candidate, InHand, OPEN};
use crate::backend::{ClaimedCopy, Result, Scope};
use crate::error::StoreError;

/// Whether something was asked under a lease that ended.
pub(super) fn any_lapsed(c: &Connection, region: &Region, now: UnixMillis) -> Result<bool> {
    let sql = "SELECT 1 FROM copies WHERE region = ?1 AND state = 'asked' AND lease_until <= ?2";
    Ok(first(c, sql, (region.as_str(), millis(now)), |_| Ok(()))?.is_some())
}

/// Takes those candidates that are still free and due.
pub(super) fn take(
    c: &Connection,
    region: &Region,
    candidates: &[Candidate],
    lease: Duration,
    now: UnixMillis,
) -> Result<Vec<ClaimedCopy>> {
    let mut hand = InHand::read(c, region, now)?;
    let mut taken = Vec::with_capacity(candidates.len());
    for copy in candidates {
        if hand.admit(copy)
            && let Some(claimed) = take_one(c, region, copy, lease, now)?
        {
            taken.push(claimed);
        }
    }
    Ok(taken)
}

fn take_one(
    c: &Connection,
    region: &Region,
    due: &Candidate,
    lease: Duration,
    now: UnixMillis,
) -> Result<Option<ClaimedCopy>> {
    let (tenant, region_name) = (due.tenant.octets(), region.as_str());
    let sql = format!(
        "UPDATE copies SET lease_until = ?4, fence = fence + 1
         WHERE tenant = ?1 AND region = ?2 AND id = ?3 AND due <= ?5 AND lease_until <= ?5
         AND {OPEN} RETURNING *"
    );
    let key = (tenant, region_name, due.id.octets(), lease_end(now, lease), millis(now));
    let read = |row: &Row<'_>| Ok((copies::read(row)?, get_uint(row, "fence")?));
    let claimed: Option<(Copy, u64)> = first(c, &sql, key, read)?;
    let Some((copy, fence)) = claimed else { return Ok(None) };
    claimed_copy(c, &Scope { tenant: due.tenant, region: region.clone() }, copy, fence).map(Some)
}

/// A copy with what of its message is needed to act on it.
pub(super) fn claimed_copy(
    c: &Connection,
    scope: &Scope,
    copy: Copy,
    fence: u64,
) -> Result<ClaimedCopy> {
    let sql = "SELECT identity, received, disposition, arrival FROM messages
               WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let key = (scope.tenant.octets(), scope.region.as_str(), copy.message.octets());
    let message = first(c, sql, key, |row| {
        Ok(ClaimedCopy {
            scope: scope.clone(),
            copy,
            identity: get_json(row, "identity")?,
            received: get_millis(row, "received")?,
            disposition: get_word(row, "disposition")?,
            arrival: arrival(&row.get::<_, String>("arrival")?)?,
            fence,
        })
    })?;
    message.ok_or(StoreError::Corrupt { what: "a copy without its message" })
}
