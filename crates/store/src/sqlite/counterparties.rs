//! Whom a tenant exchanges mail with: added up in the transaction that records a segment, one row
//! an address and one a domain, however many messages of the segment concern it. A row is written
//! when it is new, on a new day, or for bad mail: a sender's second message of a day costs a look.
//!
//! Only a message that was not there before adds anything, so a segment that is recorded twice
//! counts once. Rows are limited: beyond the limit, walking over the keys a stretch at a time,
//! those go that were heard of on one day only and never written to, the oldest first. A flood of
//! invented addresses pushes out itself.

use std::collections::{BTreeMap, BTreeSet};

use clawback_core::UnixMillis;
use clawback_core::history::{Contact, is_bad, keys};
use clawback_core::record::Recipient;
use clawback_core::{Disposition, Reach};
use rusqlite::Connection;

use super::codec::{all, change, first, get_millis, get_uint, int, millis};
use crate::backend::{Result, Scope};

mod read;

pub(super) use read::read;

/// What one segment adds to the history of one tenant.
#[derive(Debug, Default)]
pub(super) struct Changes {
    by_key: BTreeMap<String, Change>,
    heard: Span,
    wrote: Span,
}

#[derive(Clone, Copy, Debug, Default)]
struct Change {
    heard: Span,
    bad: u64,
    wrote: Span,
}

/// Messages in one direction, and from when to when.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    messages: u64,
    from: UnixMillis,
    to: UnixMillis,
}

impl Span {
    fn add(&mut self, at: UnixMillis) {
        self.from = if self.messages == 0 { at } else { self.from.min(at) };
        self.to = self.to.max(at);
        self.messages += 1;
    }
}

impl Changes {
    /// Adds a message that was not there before.
    pub(super) fn add(
        &mut self,
        contact: &Contact,
        disposition: Disposition,
        recipients: &[Recipient],
        at: UnixMillis,
    ) {
        if let Some(author) = &contact.heard {
            self.heard.add(at);
            for key in keys(author) {
                let change = self.by_key.entry(key).or_default();
                change.heard.add(at);
                change.bad += u64::from(is_bad(disposition));
            }
        }
        if contact.wrote {
            self.wrote.add(at);
            self.wrote_to(recipients, at);
        }
    }

    /// Adds what another report of a message that was there brought.
    pub(super) fn add_again(
        &mut self,
        contact: &Contact,
        (before, now): (Disposition, Disposition),
        new: &[Recipient],
        at: UnixMillis,
    ) {
        if let Some(author) = contact.heard.as_ref().filter(|_| is_bad(now) && !is_bad(before)) {
            for key in keys(author) {
                self.by_key.entry(key).or_default().bad += 1;
            }
        }
        if contact.wrote {
            self.wrote_to(new, at);
        }
    }

    fn wrote_to(&mut self, recipients: &[Recipient], at: UnixMillis) {
        let outside = recipients.iter().filter(|recipient| recipient.reach == Reach::External);
        let addresses = outside.filter_map(|recipient| recipient.address.as_ref());
        let keys: BTreeSet<String> = addresses.take(WRITTEN_MAX).flat_map(keys).collect();
        for key in keys {
            self.by_key.entry(key).or_default().wrote.add(at);
        }
    }

    /// Stores it all; beyond `rows_max` rows of the tenant some of the others go.
    pub(super) fn store(self, c: &Connection, scope: &Scope, rows_max: u64) -> Result<()> {
        if self.by_key.is_empty() && self.heard.messages + self.wrote.messages == 0 {
            return Ok(());
        }
        let mut classes = BTreeMap::new();
        let mut new = 0_i64;
        for (key, change) in &self.by_key {
            new += i64::from(upsert(c, scope, key, change, &mut classes)?);
        }
        let rows = self.store_history(c, scope, new)?;
        if rows > rows_max {
            make_room(c, scope, rows - rows_max, rows_max, &mut classes)?;
        }
        store_classes(c, scope, &classes)
    }

    /// Answers how many rows the tenant has now.
    fn store_history(&self, c: &Connection, scope: &Scope, new: i64) -> Result<u64> {
        let (heard, wrote) = (self.heard, self.wrote);
        let row = rusqlite::params![
            scope.tenant.octets(),
            scope.region.as_str(),
            int(heard.messages),
            millis(heard.from),
            millis(heard.to),
            int(wrote.messages),
            millis(wrote.from),
            millis(wrote.to),
            new,
        ];
        let rows = first(c, UPSERT_HISTORY, row, |row| get_uint(row, "rows"))?;
        Ok(rows.unwrap_or_default())
    }
}

/// Changes of the numbers of senders, by kind and class.
type Classes = BTreeMap<(&'static str, u32), i64>;

/// What is in the records of one counterparty.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Row {
    first_heard: UnixMillis,
    last_heard: UnixMillis,
    heard_days: u64,
    last_written: UnixMillis,
    written_days: u64,
    bad: u64,
    benign: u64,
}

impl Row {
    /// The row with what a segment adds to it; the same where that is nothing new.
    fn with(mut self, change: &Change) -> Self {
        let (heard, wrote) = (change.heard, change.wrote);
        if heard.messages > 0 {
            if self.heard_days == 0 || heard.from.day() < self.first_heard.day() {
                self.first_heard = heard.from;
            }
            add_days(&mut self.heard_days, &mut self.last_heard, heard);
        }
        if wrote.messages > 0 {
            add_days(&mut self.written_days, &mut self.last_written, wrote);
        }
        self.bad += change.bad;
        self
    }
}

/// Counts the last day of a span where it is a later one than was counted last. Whoever is well
/// known is counted ever more sparsely: their next day says nothing new, and costs a write.
fn add_days(days: &mut u64, last: &mut UnixMillis, span: Span) {
    let (day, counted) = (u64::from(span.to.day().0), u64::from(last.day().0));
    if *days == 0 || day > counted + *days / DENSE_DAYS {
        *days += 1;
        *last = span.to;
    }
}

fn row(c: &Connection, scope: &Scope, key: &str) -> Result<Option<Row>> {
    let sql = "SELECT * FROM counterparties WHERE tenant = ?1 AND region = ?2 AND key = ?3";
    first(c, sql, (scope.tenant.octets(), scope.region.as_str(), key), |row| {
        Ok(Row {
            first_heard: get_millis(row, "first_heard")?,
            last_heard: get_millis(row, "last_heard")?,
            heard_days: get_uint(row, "heard_days")?,
            last_written: get_millis(row, "last_written")?,
            written_days: get_uint(row, "written_days")?,
            bad: get_uint(row, "bad")?,
            benign: get_uint(row, "benign")?,
        })
    })
}

/// Adds up one row; says whether it is new.
fn upsert(
    c: &Connection,
    scope: &Scope,
    key: &str,
    adds: &Change,
    classes: &mut Classes,
) -> Result<bool> {
    let found = row(c, scope, key)?;
    let before = found.unwrap_or_default();
    let now = before.with(adds);
    if found == Some(now) {
        return Ok(false);
    }
    let values = rusqlite::params![
        scope.tenant.octets(),
        scope.region.as_str(),
        key,
        millis(now.first_heard),
        millis(now.last_heard),
        int(now.heard_days),
        millis(now.last_written),
        int(now.written_days),
        int(now.bad),
    ];
    change(c, if found.is_some() { UPDATE } else { INSERT }, values)?;
    if class(before.heard_days) != class(now.heard_days) {
        reclass(classes, key, before.heard_days, -1);
        reclass(classes, key, now.heard_days, 1);
    }
    Ok(found.is_none())
}

fn reclass(classes: &mut Classes, key: &str, days: u64, by: i64) {
    if let Some(class) = class(days) {
        *classes.entry((kind(key), class)).or_default() += by;
    }
}

fn store_classes(c: &Connection, scope: &Scope, classes: &Classes) -> Result<()> {
    let sql = "INSERT INTO sender_classes VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET senders = senders + ?5";
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    for ((kind, class), by) in classes.iter().filter(|(_, by)| **by != 0) {
        change(c, sql, (tenant, region, kind, class, by))?;
    }
    Ok(())
}

/// Senders are compared by class: within one all are alike.
fn class(days: u64) -> Option<u32> {
    days.checked_ilog2()
}

fn kind(key: &str) -> &'static str {
    if key.contains('@') { ADDRESS } else { DOMAIN }
}

/// A row that may have to go.
struct Candidate {
    key: String,
    heard_days: u64,
    last: u64,
    stranger: bool,
}

/// Removes some of the next rows on the walk, so that in the end `excess` fewer are there.
fn make_room(
    c: &Connection,
    scope: &Scope,
    excess: u64,
    rows_max: u64,
    classes: &mut Classes,
) -> Result<()> {
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let sql = "SELECT walked FROM histories WHERE tenant = ?1 AND region = ?2";
    let walked = first(c, sql, (tenant, region), |row| Ok(row.get::<_, String>("walked")?))?;
    let wanted = excess.min(GONE_MAX);
    let sql = "SELECT key, heard_days, max(last_heard, last_written) AS last,
               written_days + benign = 0 AND heard_days <= 1 AS stranger FROM counterparties
               WHERE tenant = ?1 AND region = ?2 AND key > ?3 ORDER BY key LIMIT ?4";
    let from = (tenant, region, walked.unwrap_or_default(), int(wanted * LOOKED_AT));
    let mut seen = all(c, sql, from, |row| {
        Ok(Candidate {
            key: row.get("key")?,
            heard_days: get_uint(row, "heard_days")?,
            last: get_uint(row, "last")?,
            stranger: row.get("stranger")?,
        })
    })?;
    // At the end of the keys the walk begins anew.
    let ended = (seen.len() as u64) < wanted * LOOKED_AT;
    let walked = seen.last().filter(|_| !ended).map(|last| last.key.clone()).unwrap_or_default();
    seen.sort_by_key(|one| (!one.stranger, one.last));
    // People one knows are spared as long as the walk may still find strangers elsewhere.
    let hard = excess > rows_max / SLACK;
    let gone = seen.iter().take_while(|one| one.stranger || hard);
    let mut removed = 0_u64;
    for one in gone.take(usize::try_from(wanted).unwrap_or(usize::MAX)) {
        let sql = "DELETE FROM counterparties WHERE tenant = ?1 AND region = ?2 AND key = ?3";
        change(c, sql, (tenant, region, &one.key))?;
        reclass(classes, &one.key, one.heard_days, -1);
        removed += 1;
    }
    let sql =
        "UPDATE histories SET rows = rows - ?3, walked = ?4 WHERE tenant = ?1 AND region = ?2";
    change(c, sql, (tenant, region, int(removed), walked)).map(|_| ())
}

const INSERT: &str = "INSERT INTO counterparties (tenant, region, key, first_heard, last_heard,
        heard_days, last_written, written_days, bad) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const UPDATE: &str = "UPDATE counterparties SET first_heard = ?4, last_heard = ?5,
        heard_days = ?6, last_written = ?7, written_days = ?8, bad = ?9
    WHERE tenant = ?1 AND region = ?2 AND key = ?3";
const UPSERT_HISTORY: &str = "INSERT INTO histories (tenant, region, heard, heard_began,
        heard_last, heard_days, wrote, wrote_began, wrote_last, wrote_days, rows)
    VALUES (?1, ?2, ?3, ?4, ?5, ?3 > 0, ?6, ?7, ?8, ?6 > 0, ?9)
    ON CONFLICT DO UPDATE SET
        heard_began = CASE WHEN ?3 = 0 THEN heard_began WHEN heard = 0 THEN ?4
            ELSE min(heard_began, ?4) END,
        heard_days = heard_days + (?3 > 0 AND ?5 / 86400000 > heard_last / 86400000),
        heard_last = max(heard_last, ?5), heard = heard + ?3,
        wrote_began = CASE WHEN ?6 = 0 THEN wrote_began WHEN wrote = 0 THEN ?7
            ELSE min(wrote_began, ?7) END,
        wrote_days = wrote_days + (?6 > 0 AND ?8 / 86400000 > wrote_last / 86400000),
        wrote_last = max(wrote_last, ?8), wrote = wrote + ?6, rows = rows + ?9
    RETURNING rows";
const ADDRESS: &str = "address";
const DOMAIN: &str = "domain";
/// Most addresses and domains that are kept for a tenant in a region: some tens of MiB.
pub(super) const ROWS_MAX: u64 = 500_000;
/// Most rows that go with one segment: more than strangers can add with one.
const GONE_MAX: u64 = 1_024;
/// Rows looked at for each that goes.
const LOOKED_AT: u64 = 8;
/// Days that are counted one by one; as many more are counted every second day, and so on.
const DENSE_DAYS: u64 = 10;
/// This part of the limit may lie above it before people one knows go too.
const SLACK: u64 = 10;
/// Most recipients of one report that are counted as written to.
const WRITTEN_MAX: usize = 100;

#[cfg(test)]
mod tests;
