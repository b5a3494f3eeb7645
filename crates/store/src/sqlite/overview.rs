//! Numbers for the overview. Counts of messages come from an index, those of copies from states.

use clawback_core::trace::Span;
use clawback_core::{Disposition, UnixMillis};
use rusqlite::Connection;

use super::codec::{all, first, get_small, get_uint, get_word, int, millis};
use super::jobs;
use crate::backend::{Result, Scope};
use crate::view::{Overview, OverviewStep, Percentiles};

pub(super) fn overview(
    c: &Connection,
    scope: &Scope,
    span: Span,
    steps: usize,
) -> Result<Overview> {
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let sql = "SELECT value AS n FROM counters
               WHERE tenant = ?1 AND region = ?2 AND name = 'messages'";
    let ever = first(c, sql, (tenant, region), |row| get_uint(row, "n"))?;
    let (dispositions, steps) = messages(c, scope, span, steps)?;
    let within = (tenant, region, millis(span.from), millis(span.to));
    let sql = "SELECT state, count(*) AS n FROM copies WHERE tenant = ?1 AND region = ?2
               AND received >= ?3 AND received < ?4 AND job IS NOT NULL
               AND destination <> 'inbox' GROUP BY state";
    let retractions = jobs::tally(all(c, sql, within, jobs::state_count)?);
    let sql = "SELECT received FROM messages WHERE tenant = ?1 AND region = ?2
               ORDER BY received DESC, id DESC LIMIT 1";
    let newest = first(c, sql, (tenant, region), |row| get_uint(row, "received"))?;
    Ok(Overview {
        processed_ever: ever.unwrap_or_default(),
        dispositions,
        steps,
        retractions,
        time_to_retract: time_to_retract(c, scope, span)?,
        targets: targets(c, scope, span)?,
        newest: newest.map(UnixMillis),
    })
}

type Counts = (Vec<(Disposition, u64)>, Vec<OverviewStep>);

fn messages(c: &Connection, scope: &Scope, span: Span, steps: usize) -> Result<Counts> {
    let steps = u64::try_from(steps).unwrap_or(1).max(1);
    let width = span.to.0.saturating_sub(span.from.0).div_ceil(steps).max(1);
    let sql = "SELECT (received - ?3) / ?5 AS step, disposition, count(*) AS n FROM messages
               WHERE tenant = ?1 AND region = ?2 AND received >= ?3 AND received < ?4
               GROUP BY step, disposition";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let key = (tenant, region, millis(span.from), millis(span.to), int(width));
    let counts: Vec<(usize, Disposition, u64)> = all(c, sql, key, |row| {
        Ok((get_small(row, "step")?, get_word(row, "disposition")?, get_uint(row, "n")?))
    })?;
    let step = |at: u64| OverviewStep {
        from: UnixMillis(span.from.0.saturating_add(at.saturating_mul(width))),
        counts: [0; Disposition::ALL.len()],
    };
    let mut chart: Vec<OverviewStep> = (0..steps).map(step).collect();
    let mut sums = Disposition::ALL.map(|disposition| (disposition, 0));
    for (at, disposition, n) in counts {
        let place = Disposition::ALL.iter().position(|one| *one == disposition).unwrap_or(0);
        if let Some((_, sum)) = sums.get_mut(place) {
            *sum += n;
        }
        if let Some(count) = chart.get_mut(at).and_then(|step| step.counts.get_mut(place)) {
            *count += n;
        }
    }
    Ok((sums.to_vec(), chart))
}

fn time_to_retract(c: &Connection, scope: &Scope, span: Span) -> Result<Percentiles> {
    let sql = "SELECT max(since - received, 0) AS took FROM copies
               WHERE tenant = ?1 AND region = ?2 AND received >= ?3 AND received < ?4
               AND state = 'retracted' AND job IS NOT NULL AND destination <> 'inbox'
               ORDER BY received DESC LIMIT ?5";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let key = (tenant, region, millis(span.from), millis(span.to), MEASURED_MAX);
    let mut took: Vec<u64> = all(c, sql, key, |row| get_uint(row, "took"))?;
    took.sort_unstable();
    let count = took.len();
    let at = |of_hundred: usize| {
        let place = (count * of_hundred).div_ceil(100).checked_sub(1)?;
        took.get(place).copied()
    };
    Ok(Percentiles { p50: at(50), p95: at(95), count: u64::try_from(count).unwrap_or(u64::MAX) })
}

fn targets(c: &Connection, scope: &Scope, span: Span) -> Result<Vec<(String, u64)>> {
    // CROSS: the messages of the span first. Left to itself SQLite walks every recipient there is.
    let sql = "SELECT r.address_key AS mailbox, count(DISTINCT m.id) AS n
               FROM messages AS m CROSS JOIN recipients AS r
               ON r.tenant = m.tenant AND r.region = m.region AND r.message = m.id
               WHERE m.tenant = ?1 AND m.region = ?2 AND m.received >= ?3 AND m.received < ?4
               AND m.disposition IN ('MALICIOUS', 'SPOOF', 'SUSPICIOUS') AND r.reach = 'internal'
               GROUP BY r.address_key ORDER BY n DESC, mailbox LIMIT 10";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let key = (tenant, region, millis(span.from), millis(span.to));
    all(c, sql, key, |row| Ok((row.get("mailbox")?, get_uint(row, "n")?)))
}

/// Copies that are measured, newest first.
const MEASURED_MAX: i64 = 100_000;
