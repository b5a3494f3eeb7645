//! The audit log: entries in the transaction of what they tell, seals in batches soon after.

use clawback_core::audit::{Entry, seal};
use clawback_core::{Region, TenantId};
use rusqlite::{Connection, Row};

use super::codec::{
    all, change, first, from_json, get_id, get_json, get_millis, get_uint, int, json, millis,
};
use crate::backend::{AuditCheck, Result, Scope};
use crate::error::StoreError;
use crate::view::AuditRow;

/// Adds an entry at the end of its log.
pub(super) fn append(c: &Connection, scope: &Scope, entry: &Entry) -> Result<()> {
    let sql = "INSERT INTO audit (tenant, region, sequence, at, actor, action, target, details)
               SELECT ?1, ?2, COALESCE(MAX(sequence), 0) + 1, ?3, ?4, ?5, ?6, ?7
               FROM audit WHERE tenant = ?1 AND region = ?2";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let (actor, details) = (json(&entry.actor)?, entry.details.to_string());
    let row = (tenant, region, millis(entry.at), actor, &entry.action, &entry.target, details);
    change(c, sql, row)?;
    Ok(())
}

/// Seals up to `limit` entries of a region, each log in its order.
pub(super) fn seal_some(c: &Connection, region: &Region, limit: usize) -> Result<u64> {
    let sql = "SELECT * FROM audit WHERE region = ?1 AND seal IS NULL
               ORDER BY tenant, sequence LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let open = all(c, sql, (region.as_str(), limit), |row| {
        Ok((get_id(row, "tenant", TenantId::from_octets)?, get_uint(row, "sequence")?, entry(row)?))
    })?;
    let mut last: Option<(TenantId, [u8; 32])> = None;
    for (tenant, sequence, entry) in &open {
        let previous = match last {
            Some((of, previous)) if of == *tenant => previous,
            _ => seal_before(c, *tenant, region, *sequence)?,
        };
        let sealed = seal(&previous, *sequence, entry);
        let sql = "UPDATE audit SET seal = ?4
                   WHERE tenant = ?1 AND region = ?2 AND sequence = ?3 AND seal IS NULL";
        change(c, sql, (tenant.octets(), region.as_str(), int(*sequence), sealed))?;
        let sql = "INSERT INTO counters VALUES (?1, ?2, 'audit_sealed', ?3)
                   ON CONFLICT DO UPDATE SET value = ?3";
        change(c, sql, (tenant.octets(), region.as_str(), int(*sequence)))?;
        last = Some((*tenant, sealed));
    }
    Ok(u64::try_from(open.len()).unwrap_or(u64::MAX))
}

fn seal_before(
    c: &Connection,
    tenant: TenantId,
    region: &Region,
    sequence: u64,
) -> Result<[u8; 32]> {
    if sequence <= 1 {
        return Ok([0; 32]);
    }
    let sql = "SELECT seal FROM audit WHERE tenant = ?1 AND region = ?2 AND sequence = ?3";
    let key = (tenant.octets(), region.as_str(), int(sequence - 1));
    let found = first(c, sql, key, |row| Ok(row.get::<_, Option<[u8; 32]>>("seal")?))?;
    // A hole stays visible: what follows is sealed from nothing, and the check tells of it.
    Ok(found.flatten().unwrap_or([0; 32]))
}

/// Newest first.
pub(super) fn page(
    c: &Connection,
    scope: &Scope,
    limit: usize,
    before: Option<u64>,
) -> Result<Vec<AuditRow>> {
    let sql = "SELECT * FROM audit WHERE tenant = ?1 AND region = ?2 AND sequence < ?3
               ORDER BY sequence DESC LIMIT ?4";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let before = before.map_or(i64::MAX, int);
    all(c, sql, (tenant, region, before, limit), |row| {
        let seal: Option<[u8; 32]> = row.get("seal")?;
        let hex = |seal: [u8; 32]| seal.iter().map(|octet| format!("{octet:02x}")).collect();
        Ok(AuditRow {
            sequence: get_uint(row, "sequence")?,
            entry: entry(row)?,
            seal: seal.map(hex),
        })
    })
}

/// Entries that tell of one target, oldest first.
pub(super) fn of_target(c: &Connection, scope: &Scope, target: &str) -> Result<Vec<Entry>> {
    let sql = "SELECT * FROM audit WHERE tenant = ?1 AND region = ?2 AND target = ?3
               ORDER BY sequence LIMIT ?4";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    all(c, sql, (tenant, region, target, TIMELINE_MAX), entry)
}

/// Follows the chain from its first entry.
pub(super) fn verify(c: &Connection, scope: &Scope) -> Result<AuditCheck> {
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let sql = "SELECT value AS n FROM counters
               WHERE tenant = ?1 AND region = ?2 AND name = 'audit_sealed'";
    let meant = first(c, sql, (tenant, region), |row| get_uint(row, "n"))?.unwrap_or_default();
    let mut check = AuditCheck::default();
    let mut previous = [0; 32];
    let sql = "SELECT * FROM audit WHERE tenant = ?1 AND region = ?2 ORDER BY sequence";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((tenant, region))?;
    let mut next = 1;
    while let Some(row) = rows.next()? {
        let sequence = get_uint(row, "sequence")?;
        let sealed: Option<[u8; 32]> = row.get("seal")?;
        let Some(sealed) = sealed else {
            if sequence <= meant {
                check.broken_at.get_or_insert(sequence);
            }
            check.unsealed += 1;
            next = sequence + 1;
            continue;
        };
        // A row that cannot even be read was changed.
        let fits = entry(row).is_ok_and(|entry| seal(&previous, sequence, &entry) == sealed);
        if sequence != next || !fits || check.unsealed > 0 {
            check.broken_at.get_or_insert(next.min(sequence));
        }
        check.sealed += 1;
        previous = sealed;
        next = sequence + 1;
    }
    if check.broken_at.is_none() && check.sealed < meant {
        check.broken_at = Some(check.sealed + 1);
    }
    Ok(check)
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let details: String = row.get("details")?;
    Ok(Entry {
        at: get_millis(row, "at")?,
        actor: get_json(row, "actor")?,
        action: row.get("action")?,
        target: row.get("target")?,
        details: from_json(&details).map_err(|_| StoreError::Corrupt { what: "the audit log" })?,
    })
}

const TIMELINE_MAX: i64 = 1_000;
