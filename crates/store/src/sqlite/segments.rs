//! Durable segments in SQLite: known, claimed, done.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use clawback_core::record::SegmentRecord;
use clawback_core::{Region, SegmentId, TenantId, UnixMillis};
use rusqlite::Connection;

use super::codec::{
    all, change, first, get_id, get_json, get_millis, get_small, get_uint, int, json, lease_end,
    millis,
};
use super::{Sqlite, counterparties, record};
use crate::backend::{
    Claimant, ClaimedSegment, Known, Question, Recorded, Registration, Result, Scope, SegmentLag,
    SegmentRecords,
};
use crate::error::StoreError;

#[async_trait]
impl SegmentRecords for Sqlite {
    async fn register(
        &self,
        region: Region,
        segments: Vec<Registration>,
    ) -> Result<Vec<Registration>> {
        self.writer
            .run(move |c| {
                let sql = "INSERT INTO segments (region, id, state, entries, octets, began)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
                let mut new = Vec::new();
                for segment in segments {
                    let state = if segment.damaged { "damaged" } else { "open" };
                    let (id, entries) = (segment.id.octets(), segment.entries);
                    let (octets, began) = (int(segment.octets), millis(segment.began));
                    let row = (region.as_str(), id, state, entries, octets, began);
                    if change(c, sql, row)? > 0 {
                        use_more(c, &region, &segment)?;
                        new.push(segment);
                    }
                }
                Ok(new)
            })
            .await
    }

    async fn usage(&self) -> Result<Vec<(Region, TenantId, u64)>> {
        let sql = "SELECT region, tenant, sum(octets) AS n FROM raw_usage GROUP BY tenant, region";
        self.readers
            .run(move |c| {
                all(c, sql, [], |row| {
                    let region = Region::parse(&row.get::<_, String>("region")?)
                        .map_err(|_| StoreError::Corrupt { what: "the name of a region" })?;
                    let tenant = get_id(row, "tenant", TenantId::from_octets)?;
                    Ok((region, tenant, get_uint(row, "n")?))
                })
            })
            .await
    }

    async fn known_segments(&self, region: Region, ids: Vec<SegmentId>) -> Result<Vec<SegmentId>> {
        self.readers
            .run(move |c| {
                let sql = "SELECT 1 FROM segments WHERE region = ?1 AND id = ?2";
                let mut known = Vec::new();
                for id in ids {
                    if first(c, sql, (region.as_str(), id.octets()), |_| Ok(()))?.is_some() {
                        known.push(id);
                    }
                }
                Ok(known)
            })
            .await
    }

    async fn adopted_until(&self, region: Region) -> Result<UnixMillis> {
        let sql = "SELECT value FROM versions WHERE name = ?1";
        let name = adopted(&region);
        let found =
            self.readers.run(move |c| first(c, sql, [name], |row| get_millis(row, "value")));
        Ok(found.await?.unwrap_or_default())
    }

    async fn set_adopted_until(&self, region: Region, until: UnixMillis) -> Result<()> {
        let sql = "INSERT INTO versions VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET value = max(value, ?2)";
        let name = adopted(&region);
        self.writer.run(move |c| change(c, sql, (name, millis(until))).map(|_| ())).await
    }

    async fn claim_segment(
        &self,
        region: Region,
        claimant: Claimant,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Option<ClaimedSegment>> {
        // Nothing to do is the usual answer: it costs no write.
        let (here, sql) = (region.clone(), CLAIMABLE);
        let any = self.readers.run(move |c| {
            first(c, sql, (here.as_str(), millis(now)), |row| {
                get_id(row, "id", SegmentId::from_octets)
            })
        });
        if any.await?.is_none() {
            return Ok(None);
        }
        self.writer.run(move |c| claim(c, region, &claimant, now, lease)).await
    }

    async fn trying(&self, segment: ClaimedSegment, place: u32) -> Result<()> {
        let sql = "UPDATE segments SET trial = ?4
                   WHERE region = ?1 AND id = ?2 AND fence = ?3 AND state = 'open'";
        self.writer
            .run(move |c| {
                let (id, fence) = (segment.id.octets(), int(segment.fence));
                match change(c, sql, (segment.region.as_str(), id, fence, place))? {
                    0 => Err(StoreError::Conflict),
                    _ => Ok(()),
                }
            })
            .await
    }

    async fn mark_damaged(&self, segment: ClaimedSegment) -> Result<()> {
        let sql = "UPDATE segments SET state = 'damaged'
                   WHERE region = ?1 AND id = ?2 AND fence = ?3 AND state = 'open'";
        self.writer
            .run(move |c| {
                let (id, fence) = (segment.id.octets(), int(segment.fence));
                change(c, sql, (segment.region.as_str(), id, fence)).map(|_| ())
            })
            .await
    }

    async fn known(&self, region: Region, questions: Vec<Question>) -> Result<Vec<Known>> {
        let scoped = |question: Question| {
            (Scope { tenant: question.tenant, region: region.clone() }, question)
        };
        let questions: Vec<_> = questions.into_iter().map(scoped).collect();
        self.readers.run(move |c| counterparties::read(c, &questions)).await
    }

    async fn record(&self, claim: ClaimedSegment, segment: SegmentRecord) -> Result<Recorded> {
        self.writer.run(move |c| record::record(c, &claim, &segment)).await
    }

    async fn lag(&self, region: Region) -> Result<SegmentLag> {
        self.readers
            .run(move |c| {
                let sql = "SELECT count(*) AS n, min(began) AS oldest FROM segments
                           WHERE region = ?1 AND state = 'open'";
                let open = first(c, sql, [region.as_str()], |row| {
                    let oldest: Option<i64> = row.get("oldest")?;
                    let oldest = oldest.and_then(|began| u64::try_from(began).ok());
                    Ok((get_uint(row, "n")?, oldest.map(UnixMillis)))
                })?;
                let sql = "SELECT count(*) AS n FROM segments
                           WHERE region = ?1 AND state = 'damaged'";
                let damaged = first(c, sql, [region.as_str()], |row| get_uint(row, "n"))?;
                let (segments, oldest) = open.unwrap_or_default();
                Ok(SegmentLag { segments, oldest, damaged: damaged.unwrap_or_default() })
            })
            .await
    }
}

fn use_more(c: &Connection, region: &Region, segment: &Registration) -> Result<()> {
    let sql = "INSERT INTO raw_usage VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET octets = octets + ?4";
    for used in &segment.used {
        let (tenant, octets) = (used.tenant.octets(), int(used.octets));
        change(c, sql, (tenant, region.as_str(), used.day.0, octets))?;
    }
    Ok(())
}

fn claim(
    c: &Connection,
    region: Region,
    claimant: &Claimant,
    now: UnixMillis,
    lease: Duration,
) -> Result<Option<ClaimedSegment>> {
    let found = first(c, CLAIMABLE, (region.as_str(), millis(now)), |row| {
        let trial: Option<u32> = row.get("trial")?;
        let ended = get_uint(row, "run")? != claimant.run;
        let suspects: Suspects = get_json(row, "suspects")?;
        Ok((get_id(row, "id", SegmentId::from_octets)?, trial.filter(|_| ended), suspects))
    })?;
    let Some((id, died_under, mut suspects)) = found else { return Ok(None) };
    if let Some(place) = died_under {
        *suspects.entry(place).or_default() += 1;
    }
    let sql = "UPDATE segments SET worker = ?3, lease_until = ?4, fence = fence + 1, run = ?5,
               attempts = attempts + 1, trial = NULL, suspects = ?6
               WHERE region = ?1 AND id = ?2 RETURNING fence, attempts - 1 AS attempts";
    let (until, run) = (lease_end(now, lease), int(claimant.run));
    let row = (region.as_str(), id.octets(), &claimant.worker, until, run, json(&suspects)?);
    let claimed =
        first(c, sql, row, |row| Ok((get_uint(row, "fence")?, get_small(row, "attempts")?)));
    let (fence, attempts) = claimed?.ok_or(StoreError::Conflict)?;
    let guilty = |(place, deaths): (u32, u32)| (deaths >= DEATHS_MAX).then_some(place);
    let given_up = suspects.into_iter().filter_map(guilty).collect();
    Ok(Some(ClaimedSegment { id, region, fence, attempts, given_up }))
}

/// How often the program ended while a mail was judged, by place. Only an end of the program
/// counts: an error that the worker lived to see is no mail's fault.
type Suspects = BTreeMap<u32, u32>;

fn adopted(region: &Region) -> String {
    format!("adopted_until {region}")
}

const CLAIMABLE: &str = "SELECT id, run, trial, suspects FROM segments
    WHERE region = ?1 AND state = 'open' AND lease_until <= ?2 ORDER BY id LIMIT 1";
/// Once and twice may be chance (power, an operator's kill); the same mail three times is not.
const DEATHS_MAX: u32 = 3;
