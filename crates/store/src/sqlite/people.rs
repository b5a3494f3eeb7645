//! Operators, their sessions, and wrong passwords.

use clawback_core::{OperatorId, TenantId, UnixMillis};
use rusqlite::{Connection, Row};

use super::codec::{change, first, get_id, get_millis, int, millis};
use super::control::taken_is_conflict;
use crate::backend::{NewOperator, Result, SessionLimits, StoredOperator};
use crate::error::StoreError;

pub(super) fn add_operator(c: &Connection, new: &NewOperator, now: UnixMillis) -> Result<()> {
    let sql = "INSERT INTO operators VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let email = new.email.trim().to_lowercase();
    let (id, tenant) = (new.id.octets(), new.tenant.octets());
    let row = (id, tenant, email, &new.name, &new.password_hash, millis(now));
    change(c, sql, row).map_err(taken_is_conflict)?;
    Ok(())
}

pub(super) fn by_email(c: &Connection, email: &str) -> Result<Option<StoredOperator>> {
    first(c, "SELECT * FROM operators WHERE email = ?1", [email], operator)
}

pub(super) fn set_password(c: &Connection, id: OperatorId, hash: &str) -> Result<()> {
    let sql = "UPDATE operators SET password_hash = ?2 WHERE id = ?1";
    if change(c, sql, (id.octets(), hash))? == 0 {
        return Err(StoreError::NotFound);
    }
    change(c, "DELETE FROM sessions WHERE operator = ?1", [id.octets()])?;
    Ok(())
}

pub(super) fn add_session(
    c: &Connection,
    digest: [u8; 32],
    operator: OperatorId,
    now: UnixMillis,
) -> Result<()> {
    let kept = millis(now).saturating_sub(int(SESSION_KEPT_MILLIS_MAX));
    change(c, "DELETE FROM sessions WHERE created < ?1", [kept])?;
    let sql = "INSERT INTO sessions VALUES (?1, ?2, ?3, ?3)";
    change(c, sql, (digest, operator.octets(), millis(now)))?;
    Ok(())
}

pub(super) fn find_session(
    c: &Connection,
    digest: [u8; 32],
    now: UnixMillis,
    limits: SessionLimits,
) -> Result<Option<StoredOperator>> {
    let sql = "SELECT o.*, s.created AS begun, s.used AS used
               FROM sessions AS s JOIN operators AS o ON o.id = s.operator
               WHERE s.digest = ?1";
    let found = first(c, sql, [digest], |row| {
        Ok((operator(row)?, get_millis(row, "begun")?, get_millis(row, "used")?))
    })?;
    Ok(found.and_then(|(operator, begun, used)| {
        let alive = now.since(begun) < limits.absolute && now.since(used) < limits.idle;
        alive.then_some(operator)
    }))
}

fn operator(row: &Row<'_>) -> Result<StoredOperator> {
    Ok(StoredOperator {
        id: get_id(row, "id", OperatorId::from_octets)?,
        tenant: get_id(row, "tenant", TenantId::from_octets)?,
        email: row.get("email")?,
        name: row.get("name")?,
        password_hash: row.get("password_hash")?,
    })
}

const SESSION_KEPT_MILLIS_MAX: u64 = 30 * 86_400_000;
