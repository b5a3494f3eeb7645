//! Operators, their sessions, and wrong passwords.

use clawback_core::{OperatorId, TenantId, UnixMillis};
use rusqlite::{Connection, Row};

use super::codec::{change, first, get_id, get_millis, get_uint, int, millis};
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
    // Whoever signs in has the right password: earlier tries are forgotten.
    let sql = "DELETE FROM logins WHERE email = (SELECT email FROM operators WHERE id = ?1)";
    change(c, sql, [operator.octets()])?;
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

pub(super) fn login_failed(c: &Connection, email: &str, now: UnixMillis) -> Result<()> {
    let rested = millis(now).saturating_sub(int(REST_MILLIS));
    change(c, "DELETE FROM logins WHERE last <= ?1", [rested])?;
    let sql = "INSERT INTO logins VALUES (?1, 1, ?2)
               ON CONFLICT (email) DO UPDATE SET failures = failures + 1, last = ?2";
    change(c, sql, (email, millis(now)))?;
    Ok(())
}

pub(super) fn login_allowed(c: &Connection, email: &str, now: UnixMillis) -> Result<bool> {
    let sql = "SELECT failures, last FROM logins WHERE email = ?1";
    let tries =
        first(c, sql, [email], |row| Ok((get_uint(row, "failures")?, get_millis(row, "last")?)))?;
    let Some((failures, last)) = tries else { return Ok(true) };
    Ok(failures < TRIES_MAX || now.0 >= last.0.saturating_add(REST_MILLIS))
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

/// How long an address rests after too many wrong passwords.
const REST_MILLIS: u64 = 10 * 60 * 1_000;
const SESSION_KEPT_MILLIS_MAX: u64 = 30 * 86_400_000;
const TRIES_MAX: u64 = 5;
