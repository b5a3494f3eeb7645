//! Words that the trace finds messages by: attributes, and rules that found something.

use std::collections::BTreeSet;

use clawback_core::{MessageId, UnixMillis, Verdict};
use rusqlite::Connection;

use super::codec::{change, millis};
use crate::backend::{Result, Scope};

/// Replaces the labels of a message by those of another verdict.
pub(super) fn replace(
    c: &Connection,
    scope: &Scope,
    message: MessageId,
    received: UnixMillis,
    verdict: &Verdict,
) -> Result<()> {
    let (tenant, region, id) = (scope.tenant.octets(), scope.region.as_str(), message.octets());
    let sql = "DELETE FROM message_labels WHERE tenant = ?1 AND region = ?2 AND message = ?3";
    change(c, sql, (tenant, region, id))?;
    add(c, scope, message, received, verdict)
}

/// Adds the labels of a message's verdict.
pub(super) fn add(
    c: &Connection,
    scope: &Scope,
    message: MessageId,
    received: UnixMillis,
    verdict: &Verdict,
) -> Result<()> {
    let (tenant, region, id) = (scope.tenant.octets(), scope.region.as_str(), message.octets());
    let attributes = verdict.attributes.iter().map(|of| (ATTRIBUTE, of.as_str().to_owned()));
    let rules = verdict.findings.iter().map(|of| (RULE, of.rule.to_lowercase()));
    let labels: BTreeSet<(&str, String)> = attributes.chain(rules).take(LABELS_MAX).collect();
    let sql = "INSERT INTO message_labels VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    for (kind, label) in labels {
        change(c, sql, (tenant, region, kind, label, millis(received), id))?;
    }
    Ok(())
}

pub(super) const ATTRIBUTE: &str = "attribute";
pub(super) const RULE: &str = "rule";
const LABELS_MAX: usize = 500;
