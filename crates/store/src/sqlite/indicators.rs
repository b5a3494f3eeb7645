//! The index from what is observable to the messages it was observed in.
//!
//! Rows are inserted sorted, a segment at a time: neighbours go to the same pages.

use clawback_core::Region;
use clawback_core::record::MessageRecord;
use clawback_mail::indicator::{Indicator, IndicatorKind};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::codec::change;
use crate::backend::Result;

/// Adds the indicators of new messages.
pub(super) fn add(c: &Connection, region: &Region, messages: &[&MessageRecord]) -> Result<()> {
    let mut rows = Vec::new();
    for record in messages {
        let (tenant, day, id) = (record.tenant.octets(), record.received.day(), record.id.octets());
        for indicator in &record.indicators {
            rows.push((tenant, kind(indicator.kind), value(indicator), day.0, id));
        }
    }
    rows.sort_unstable();
    rows.dedup();
    let sql = "INSERT INTO indicators VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    for (tenant, kind, value, day, message) in rows {
        change(c, sql, (tenant, region.as_str(), kind, value, day, message))?;
    }
    Ok(())
}

/// The number of a kind in the index: never given to another.
pub(super) fn kind(kind: IndicatorKind) -> i64 {
    match kind {
        IndicatorKind::Address => 1,
        IndicatorKind::Domain => 2,
        IndicatorKind::Host => 3,
        IndicatorKind::Ip => 4,
        IndicatorKind::Sha256 => 5,
        IndicatorKind::SubjectKey => 6,
        IndicatorKind::Url => 7,
    }
}

/// Eight octets of the hash of an indicator's text: what the index compares.
pub(super) fn value(indicator: &Indicator) -> i64 {
    let digest: [u8; 32] = Sha256::digest(indicator.value.as_bytes()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
