//! Durable segments in SQLite: known, claimed, done.

use std::time::Duration;

use async_trait::async_trait;
use clawback_core::record::SegmentRecord;
use clawback_core::{Region, SegmentId, UnixMillis};
use rusqlite::Connection;

use super::codec::{all, change, first, get_id, get_millis, get_uint, int, lease_end, millis};
use super::{Sqlite, record};
use crate::backend::{ClaimedSegment, Recorded, Registration, Result, SegmentLag, SegmentRecords};
use crate::error::StoreError;

#[async_trait]
impl SegmentRecords for Sqlite {
    async fn register(&self, region: Region, segments: Vec<Registration>) -> Result<u64> {
        self.writer
            .run(move |c| {
                let sql = "INSERT INTO segments (region, id, state, entries, octets, began)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
                let mut new = 0;
                for segment in &segments {
                    let state = if segment.damaged { "damaged" } else { "open" };
                    let (id, entries) = (segment.id.octets(), segment.entries);
                    let (octets, began) = (int(segment.octets), millis(segment.began));
                    let row = (region.as_str(), id, state, entries, octets, began);
                    new += u64::from(change(c, sql, row)? > 0);
                }
                Ok(new)
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
        worker: String,
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
        self.writer.run(move |c| claim(c, region, &worker, now, lease)).await
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

fn claim(
    c: &Connection,
    region: Region,
    worker: &str,
    now: UnixMillis,
    lease: Duration,
) -> Result<Option<ClaimedSegment>> {
    let free = all(c, CLAIMABLE, (region.as_str(), millis(now)), |row| {
        get_id(row, "id", SegmentId::from_octets)
    })?;
    let Some(id) = free.into_iter().next() else { return Ok(None) };
    let sql = "UPDATE segments SET worker = ?3, lease_until = ?4, fence = fence + 1
               WHERE region = ?1 AND id = ?2 RETURNING fence";
    let row = (region.as_str(), id.octets(), worker, lease_end(now, lease));
    let fence = first(c, sql, row, |row| get_uint(row, "fence"))?.ok_or(StoreError::Conflict)?;
    Ok(Some(ClaimedSegment { id, region, fence }))
}

fn adopted(region: &Region) -> String {
    format!("adopted_until {region}")
}

const CLAIMABLE: &str = "SELECT id FROM segments
    WHERE region = ?1 AND state = 'open' AND lease_until <= ?2 ORDER BY id LIMIT 1";
