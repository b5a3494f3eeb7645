//! Whose turn it is among due copies: tenants take turns, in a tenant messages, in a message
//! mailboxes; and of one message, what nobody looked at comes first. In a tenant, what has a rank
//! of its own comes before all that.
//!
//! However many copies one message has, and however much one mailbox got, everybody else is reached
//! soon: the walk steps from message to message, and one half of what it looks at begins where it
//! ended the last time, so that it comes round. It keeps nothing that a restart would have to know.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use clawback_core::plan::Rank;
use clawback_core::{CopyId, MessageId, Region, TenantId, UnixMillis};
use rusqlite::Connection;

use super::codec::{all, first, get_id, get_millis, get_uint, int, millis};
use super::orders::rank;
use crate::backend::Result;

/// A copy that may be claimed.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) tenant: TenantId,
    rank: Rank,
    pub(super) id: CopyId,
    pub(super) message: MessageId,
    pub(super) mailbox: String,
    due: UnixMillis,
}

/// How many copies are in workers' hands.
#[derive(Debug, Default)]
pub(super) struct InHand {
    tenants: HashMap<TenantId, usize>,
    messages: HashMap<(TenantId, MessageId), usize>,
    mailboxes: HashMap<(TenantId, String), usize>,
}

impl InHand {
    pub(super) fn read(c: &Connection, region: &Region, now: UnixMillis) -> Result<Self> {
        let sql = "SELECT tenant, message, mailbox_key, count(*) AS n FROM copies
                   WHERE region = ?1 AND lease_until > 0 AND lease_until > ?2 GROUP BY 1, 2, 3";
        let mut hand = Self::default();
        all(c, sql, (region.as_str(), millis(now)), |row| {
            let tenant = get_id(row, "tenant", TenantId::from_octets)?;
            let message = get_id(row, "message", MessageId::from_octets)?;
            let copies = usize::try_from(get_uint(row, "n")?).unwrap_or(usize::MAX);
            hand.take(tenant, message, row.get("mailbox_key")?, copies);
            Ok(())
        })?;
        Ok(hand)
    }

    fn take(&mut self, tenant: TenantId, message: MessageId, mailbox: String, copies: usize) {
        *self.tenants.entry(tenant).or_default() += copies;
        *self.messages.entry((tenant, message)).or_default() += copies;
        *self.mailboxes.entry((tenant, mailbox)).or_default() += copies;
    }

    /// Takes a copy, unless its mailbox has as many in hand as the provider bears.
    pub(super) fn admit(&mut self, copy: &Candidate) -> bool {
        let mailbox = self.mailboxes.entry((copy.tenant, copy.mailbox.clone())).or_default();
        *mailbox += 1;
        *mailbox <= OF_ONE_MAILBOX_MAX
    }

    /// The candidates in the order of their turns.
    fn order(&mut self, mut found: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
        // A turn of a message counts what it has in hand: a large one does not refill at once.
        let mut turns = Vec::with_capacity(found.len());
        for copy in found.drain(..) {
            let message = self.messages.entry((copy.tenant, copy.message)).or_default();
            let mailbox = self.mailboxes.entry((copy.tenant, copy.mailbox.clone())).or_default();
            if *mailbox < OF_ONE_MAILBOX_MAX {
                turns.push((*message, *mailbox, copy));
                *message += 1;
                *mailbox += 1;
            }
        }
        turns.sort_by_key(|(message, mailbox, copy)| {
            (Reverse(copy.rank), *message, *mailbox, copy.due)
        });
        let mut ordered: Vec<(usize, Candidate)> = Vec::with_capacity(turns.len());
        for (_, _, copy) in turns {
            let tenant = self.tenants.entry(copy.tenant).or_default();
            ordered.push((*tenant, copy));
            *tenant += 1;
        }
        ordered.sort_by_key(|(tenant, _)| *tenant);
        ordered.into_iter().take(limit).map(|(_, copy)| copy).collect()
    }
}

/// Where walks ended, a region, tenant and kind each: a hint that may be lost.
#[derive(Default)]
pub(super) struct Turns {
    ends: Mutex<HashMap<(Region, TenantId, Kind), At>>,
    tenants: Mutex<HashMap<Region, TenantId>>,
}

/// Copies that are walked through by themselves.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Kind {
    rank: Rank,
    /// Whether they were looked at before.
    looked: bool,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self { rank: Rank::First, looked: false },
        Self { rank: Rank::First, looked: true },
        Self { rank: Rank::Usual, looked: false },
        Self { rank: Rank::Usual, looked: true },
    ];
}

/// A message with copies due in one stretch of time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct At {
    stretch: i64,
    message: MessageId,
}

/// A walk through what is due in one region at one moment.
struct Walk<'a> {
    c: &'a Connection,
    region: &'a Region,
    now: UnixMillis,
}

impl Turns {
    /// Up to `limit` copies whose turn it is; whether any copy is due at all.
    pub(super) fn next(
        &self,
        c: &Connection,
        region: &Region,
        limit: usize,
        now: UnixMillis,
    ) -> Result<Vec<Candidate>> {
        let walk = Walk { c, region, now };
        let tenants = self.tenants(&walk)?;
        let share = (MESSAGES_MAX / tenants.len().max(1)).max(SHARE_MIN);
        let mut places = Vec::new();
        for tenant in tenants {
            for kind in Kind::ALL {
                let of_tenant = self.places(&walk, tenant, kind, share / 2)?;
                places.extend(of_tenant.into_iter().map(|at| (tenant, kind, at)));
            }
        }
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let of_each = (CANDIDATES_MAX / places.len()).max(OF_EACH_MIN).min(limit);
        let mut found = Vec::new();
        for (tenant, kind, at) in places {
            found.extend(walk.copies(tenant, kind, at, of_each)?);
        }
        Ok(InHand::read(c, region, now)?.order(found, limit))
    }

    /// The tenants with open copies; where there are many, as many as one claim can ask.
    fn tenants(&self, walk: &Walk<'_>) -> Result<Vec<TenantId>> {
        let mut ends = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        let mut after = ends.remove(walk.region);
        let begun_inside = after.is_some();
        while let Some(tenant) = walk.tenant_after(after)? {
            after = Some(tenant);
            found.push(tenant);
            if found.len() == TENANTS_MAX {
                ends.insert(walk.region.clone(), tenant);
                return Ok(found);
            }
        }
        // The round is over; the next begins with who was not asked in this one.
        if begun_inside && found.is_empty() {
            drop(ends);
            return self.tenants(walk);
        }
        Ok(found)
    }

    /// Messages with due copies: some of those due longest, and some further on, in turn.
    fn places(
        &self,
        walk: &Walk<'_>,
        tenant: TenantId,
        kind: Kind,
        share: usize,
    ) -> Result<Vec<At>> {
        let half = (share / 2).max(1);
        let (mut places, more) = walk.places(tenant, kind, None, half)?;
        let Some(last) = more else { return Ok(places) };
        let key = (walk.region.clone(), tenant, kind);
        let from = {
            let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            ends.get(&key).copied().unwrap_or(last).max(last)
        };
        let (further, end) = walk.places(tenant, kind, Some(from), half)?;
        places.extend(further);
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        match end {
            Some(end) => ends.insert(key, end),
            None => ends.remove(&key),
        };
        Ok(places)
    }
}

impl Walk<'_> {
    fn tenant_after(&self, after: Option<TenantId>) -> Result<Option<TenantId>> {
        let read = |row: &rusqlite::Row<'_>| get_id(row, "tenant", TenantId::from_octets);
        let sql = format!(
            "SELECT tenant FROM copies WHERE {OPEN} AND region = ?1 AND tenant > ?2
             ORDER BY tenant LIMIT 1"
        );
        // An empty blob comes before every id.
        let after = after.map(|tenant| tenant.octets());
        let after: &[u8] = after.as_ref().map_or(&[], |octets| octets.as_slice());
        first(self.c, &sql, (self.region.as_str(), after), read)
    }

    /// Up to `most` messages with due copies after a place; where it ended, if it did not see all.
    fn places(
        &self,
        tenant: TenantId,
        kind: Kind,
        mut after: Option<At>,
        most: usize,
    ) -> Result<(Vec<At>, Option<At>)> {
        let mut found = Vec::new();
        for _ in 0..STEPS_MAX {
            let Some((at, due)) = self.place_after(tenant, kind, after)? else {
                return Ok((found, None));
            };
            after = Some(at);
            if due <= self.now {
                found.push(at);
            }
            if found.len() == most {
                break;
            }
        }
        Ok((found, after))
    }

    /// The next message with open copies, in the same stretch or else in a later one that began;
    /// and when the first of them is due.
    ///
    /// Two questions, for one that compares both columns at once would walk through all copies of
    /// the message it comes from.
    fn place_after(
        &self,
        tenant: TenantId,
        kind: Kind,
        after: Option<At>,
    ) -> Result<Option<(At, UnixMillis)>> {
        let read = |row: &rusqlite::Row<'_>| {
            let message = get_id(row, "message", MessageId::from_octets)?;
            Ok((At { stretch: row.get("stretch")?, message }, get_millis(row, "due")?))
        };
        let (region, tenant) = (self.region.as_str(), tenant.octets());
        if let Some(at) = after {
            let sql = format!(
                "SELECT stretch, message, due FROM copies WHERE {OPEN} AND region = ?1
                 AND tenant = ?2 AND rank = ?3 AND looked = ?4 AND stretch = ?5 AND message > ?6
                 ORDER BY message, due LIMIT 1"
            );
            let message = at.message.octets();
            let key = (region, tenant, rank(kind.rank), kind.looked, at.stretch, message);
            if let Some(found) = first(self.c, &sql, key, read)? {
                return Ok(Some(found));
            }
        }
        let sql = format!(
            "SELECT stretch, message, due FROM copies WHERE {OPEN} AND region = ?1 AND tenant = ?2
             AND rank = ?3 AND looked = ?4 AND stretch > ?5 AND stretch <= ?6
             ORDER BY stretch, message, due LIMIT 1"
        );
        let from = after.map_or(i64::MIN, |at| at.stretch);
        let until = int(self.now.0 >> STRETCH_BITS);
        let key = (region, tenant, rank(kind.rank), kind.looked, from, until);
        first(self.c, &sql, key, read)
    }

    fn copies(&self, tenant: TenantId, kind: Kind, at: At, most: usize) -> Result<Vec<Candidate>> {
        let sql = format!(
            "SELECT id, mailbox_key, due FROM copies WHERE {OPEN} AND region = ?1 AND tenant = ?2
             AND rank = ?8 AND looked = ?3 AND stretch = ?4 AND message = ?5 AND due <= ?6
             AND lease_until <= ?6 ORDER BY due LIMIT ?7"
        );
        let (now, most) = (millis(self.now), i64::try_from(most).unwrap_or(i64::MAX));
        let (region, message) = (self.region.as_str(), at.message);
        let (of, octets) = (rank(kind.rank), message.octets());
        let key = (region, tenant.octets(), kind.looked, at.stretch, octets, now, most, of);
        all(self.c, &sql, key, |row| {
            let (id, due) = (get_id(row, "id", CopyId::from_octets)?, get_millis(row, "due")?);
            let mailbox = row.get("mailbox_key")?;
            Ok(Candidate { tenant, rank: kind.rank, id, message, mailbox, due })
        })
    }
}

/// Copies that a worker may take, apart from when.
pub(super) const OPEN: &str = "state IN ('planned', 'waiting', 'held', 'uncertain', 'moved')";
/// Copies looked at for one claim, about.
const CANDIDATES_MAX: usize = 512;
/// Messages looked at for one claim, over all tenants.
const MESSAGES_MAX: usize = 256;
/// The provider answers more than four at a time of one mailbox with "too many".
const OF_ONE_MAILBOX_MAX: usize = 4;
/// Copies of each message that are candidates, where there are many messages.
const OF_EACH_MIN: usize = 2;
/// Messages of one tenant looked at for one claim, at least.
const SHARE_MIN: usize = 16;
/// Steps from message to message: more than messages, for not all of a stretch are due yet.
const STEPS_MAX: usize = 2_048;
/// Milliseconds of a stretch, as the schema has them: 2^14.
const STRETCH_BITS: u32 = 14;
/// Tenants asked for one claim; others come next.
const TENANTS_MAX: usize = 256;
