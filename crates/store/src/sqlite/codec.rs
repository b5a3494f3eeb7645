//! Between values and columns: ids are blobs, times integers, words text, records JSON.

use std::str::FromStr;
use std::time::Duration;

use clawback_core::retraction::{Reason, Retraction, State};
use clawback_core::{Destination, UnixMillis};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::backend::Result;
use crate::error::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            // The file that readers and writer share could not grow.
            _ if extended(&error) == Some(SQLITE_IOERR_SHMSIZE) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { what: "the file of the records" }
            }
            _ => Self::unavailable(error),
        }
    }
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

/// Every row.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The first row, if there is one.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params, |row| Ok(read(row))).optional()?;
    found.transpose()
}

/// Changes rows; answers how many.
pub(super) fn change(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}

/// Whether an error says that a unique value is taken.
pub(super) fn is_taken(error: &StoreError) -> bool {
    let StoreError::Unavailable(source) = error else { return false };
    source
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code)
        .is_some_and(|code| code == ErrorCode::ConstraintViolation)
}

pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn millis(time: UnixMillis) -> i64 {
    int(time.0)
}

pub(super) fn lease_end(now: UnixMillis, lease: Duration) -> i64 {
    millis(now.after(lease))
}

pub(super) fn get_uint(row: &Row<'_>, column: &str) -> Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

pub(super) fn get_small<T: TryFrom<i64> + Default>(row: &Row<'_>, column: &str) -> Result<T> {
    Ok(T::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

pub(super) fn get_millis(row: &Row<'_>, column: &str) -> Result<UnixMillis> {
    Ok(UnixMillis(get_uint(row, column)?))
}

/// An id, by the function that makes one of sixteen octets.
pub(super) fn get_id<T>(row: &Row<'_>, column: &str, make: fn([u8; 16]) -> T) -> Result<T> {
    Ok(make(row.get(column)?))
}

/// A word of the domain.
pub(super) fn get_word<T: FromStr>(row: &Row<'_>, column: &str) -> Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| StoreError::Corrupt { what: "a word in the records" })
}

pub(super) fn get_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T> {
    let text: String = row.get(column)?;
    from_json(&text)
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt { what: "a value in the records" })
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(StoreError::unavailable)
}

pub(super) fn json_value<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(StoreError::unavailable)
}

/// Of two objects, the members that differ: what the audit log says of a change.
pub(super) fn changed(old: Value, new: Value) -> (Value, Value) {
    let (Value::Object(mut old), Value::Object(mut new)) = (old, new) else {
        return (Value::Null, Value::Null);
    };
    let same: Vec<String> = old
        .iter()
        .filter(|(name, was)| new.get(*name) == Some(*was))
        .map(|(n, _)| n.clone())
        .collect();
    for name in same {
        old.remove(&name);
        new.remove(&name);
    }
    (Value::Object(old), Value::Object(new))
}

/// A copy's state, where it is under an order.
pub(super) fn get_retraction(row: &Row<'_>) -> Result<Option<(Destination, Retraction)>> {
    let Some(state) = row.get::<_, Option<String>>("state")? else { return Ok(None) };
    let unknown = |_| StoreError::Corrupt { what: "a copy's state" };
    let state: State = state.parse().map_err(unknown)?;
    let reason: Reason = row.get::<_, String>("reason")?.parse().map_err(unknown)?;
    let retraction = Retraction {
        state,
        reason,
        tries: get_small(row, "tries")?,
        looks: get_small(row, "looks")?,
        failures: get_small(row, "failures")?,
        due: get_millis(row, "due")?,
        since: get_millis(row, "since")?,
    };
    Ok(Some((get_word(row, "destination")?, retraction)))
}

const SQLITE_IOERR_SHMSIZE: i32 = rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
pub(super) const BUSY_TIME_MAX: Duration = Duration::from_secs(10);
