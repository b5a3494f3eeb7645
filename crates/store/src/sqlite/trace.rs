//! The mail trace: the messages that match a query, newest first, a page at a time.

use clawback_core::trace::{Query, Span};
use clawback_core::{Disposition, Folder, MessageId, UnixMillis};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::codec::{all, get_id, get_millis, get_uint, get_word, millis};
use super::jobs;
use super::record::arrival;
use super::search::{Condition, condition};
use crate::backend::{Result, Scope};
use crate::view::{Cursor, TracePage, TraceRow};

pub(super) fn trace(
    c: &Connection,
    scope: &Scope,
    query: &Query,
    span: Span,
    (after, limit): (Option<Cursor>, usize),
    now: UnixMillis,
) -> Result<TracePage> {
    let mut wanted = wanted(scope, query, span, now)?;
    let counts = counts(c, &wanted)?;
    wanted.and_after(after);
    let sql = format!(
        "SELECT m.* FROM messages AS m WHERE {} ORDER BY m.received DESC, m.id DESC LIMIT {}",
        wanted.sql,
        limit.saturating_add(1),
    );
    let mut rows = all(c, &sql, params_from_iter(&wanted.values), row)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    for row in &mut rows {
        look_up_copies(c, scope, row)?;
    }
    let last = rows.last().map(|row| Cursor { received: row.received, id: row.id });
    Ok(TracePage { next: last.filter(|_| more), rows, counts })
}

/// The messages that match, newest first, without anything about them.
pub(super) fn ids(
    c: &Connection,
    scope: &Scope,
    query: &Query,
    span: Span,
    (after, limit): (Option<Cursor>, usize),
    now: UnixMillis,
) -> Result<Vec<Cursor>> {
    let mut wanted = wanted(scope, query, span, now)?;
    wanted.and_after(after);
    let sql = format!(
        "SELECT m.id, m.received FROM messages AS m WHERE {}
         ORDER BY m.received DESC, m.id DESC LIMIT {limit}",
        wanted.sql,
    );
    all(c, &sql, params_from_iter(&wanted.values), |row| {
        let id = get_id(row, "id", MessageId::from_octets)?;
        Ok(Cursor { received: get_millis(row, "received")?, id })
    })
}

fn wanted(scope: &Scope, query: &Query, span: Span, now: UnixMillis) -> Result<Condition> {
    let mut wanted = Condition::new(
        "m.tenant = ? AND m.region = ? AND m.received >= ? AND m.received < ?",
        [
            Value::Blob(scope.tenant.octets().to_vec()),
            Value::Text(scope.region.to_string()),
            Value::Integer(millis(span.from)),
            Value::Integer(millis(span.to)),
        ],
    );
    for term in &query.terms {
        wanted.and(condition(scope, term, now)?);
    }
    Ok(wanted)
}

impl Condition {
    /// And comes after a place in the list.
    fn and_after(&mut self, after: Option<Cursor>) {
        let Some(Cursor { received, id }) = after else { return };
        self.and(Self::new(
            "(m.received, m.id) < (?, ?)",
            [Value::Integer(millis(received)), Value::Blob(id.octets().to_vec())],
        ));
    }
}

fn counts(c: &Connection, wanted: &Condition) -> Result<Vec<(Disposition, u64)>> {
    let sql = format!(
        "SELECT disposition, count(*) AS n FROM
         (SELECT m.disposition FROM messages AS m WHERE {} LIMIT {COUNTED_MAX})
         GROUP BY disposition",
        wanted.sql
    );
    let mut counts: Vec<(Disposition, u64)> =
        all(c, &sql, params_from_iter(&wanted.values), |row| {
            Ok((get_word(row, "disposition")?, get_uint(row, "n")?))
        })?;
    counts.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(counts)
}

fn row(row: &Row<'_>) -> Result<TraceRow> {
    Ok(TraceRow {
        id: get_id(row, "id", MessageId::from_octets)?,
        received: get_millis(row, "received")?,
        arrival: arrival(&row.get::<_, String>("arrival")?)?,
        disposition: get_word(row, "disposition")?,
        reason: row.get("reason")?,
        from_name: row.get("from_name")?,
        from_address: row.get("from_address")?,
        subject: row.get("subject")?,
        to: row.get("first_to")?,
        recipients: get_uint(row, "recipients")?,
        attachments: get_uint(row, "attachments")?,
        links: get_uint(row, "links")?,
        folders: Vec::new(),
        tally: jobs::tally(Vec::new()),
    })
}

fn look_up_copies(c: &Connection, scope: &Scope, row: &mut TraceRow) -> Result<()> {
    let key = (scope.tenant.octets(), scope.region.as_str(), row.id.octets());
    let sql = "SELECT folder, count(*) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND message = ?3 GROUP BY folder";
    let mut folders: Vec<(Folder, u64)> =
        all(c, sql, key, |row| Ok((get_word(row, "folder")?, get_uint(row, "n")?)))?;
    folders.sort_by_key(|(folder, _)| *folder);
    row.folders = folders;
    let sql = "SELECT state, count(*) AS n FROM copies
               WHERE tenant = ?1 AND region = ?2 AND message = ?3 AND job IS NOT NULL
               AND destination <> 'inbox' GROUP BY state";
    row.tally = jobs::tally(all(c, sql, key, jobs::state_count)?);
    Ok(())
}

/// Matches counted by disposition; what goes beyond is "and more".
const COUNTED_MAX: i64 = 10_000;
