//! The index from what is observable to the messages it was observed in: one word an indicator.
//!
//! A word is found in every message that has it, of a tenant's own; the query that asks for it
//! still names tenant and region, as every query does.

use clawback_core::TenantId;
use clawback_mail::indicator::{Indicator, IndicatorKind};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::codec::change;
use crate::backend::Result;

/// Adds the indicators of the message in row `n`.
pub(super) fn add(
    c: &Connection,
    n: i64,
    tenant: TenantId,
    indicators: &[Indicator],
) -> Result<()> {
    if indicators.is_empty() {
        return Ok(());
    }
    let mut words = String::with_capacity(indicators.len() * WORD_OCTETS);
    for indicator in indicators {
        words.push_str(&word(tenant, indicator));
        words.push(' ');
    }
    change(c, "INSERT INTO observed (rowid, words) VALUES (?1, ?2)", (n, words))?;
    Ok(())
}

/// The word of an indicator in a tenant's messages.
pub(super) fn word(tenant: TenantId, indicator: &Indicator) -> String {
    let [.., a, b, c, d, e, f, g, h] = tenant.octets();
    let tenant = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    format!("{tenant:016x}{}{:016x}", kind(indicator.kind), value(indicator))
}

/// The number of a kind in the index: never given to another.
fn kind(kind: IndicatorKind) -> u8 {
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
fn value(indicator: &Indicator) -> u64 {
    let digest: [u8; 32] = Sha256::digest(indicator.value.as_bytes()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

const WORD_OCTETS: usize = 16 + 1 + 16 + 1;
