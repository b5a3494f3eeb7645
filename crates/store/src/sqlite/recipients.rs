//! Whom a message reached, according to all its reports.

use clawback_core::MessageId;
use clawback_core::record::Recipient;
use clawback_mail::address::Address;
use rusqlite::Connection;

use super::codec::{all, change, get_word};
use crate::backend::{Result, Scope};

/// What makes two recipients the same: the mailbox, or the text where it is no address.
pub(super) fn key(recipient: &Recipient) -> String {
    match &recipient.address {
        Some(address) => address.key(),
        None => recipient.written.to_lowercase(),
    }
}

/// Adds recipients after the `before` that are there.
pub(super) fn add(
    c: &Connection,
    scope: &Scope,
    message: MessageId,
    new: &[Recipient],
    before: usize,
) -> Result<()> {
    let sql = "INSERT INTO recipients VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
               ON CONFLICT DO NOTHING";
    let first = i64::try_from(before).unwrap_or(i64::MAX);
    for (ordinal, recipient) in (first..).zip(new) {
        let address = recipient.address.as_ref().map(ToString::to_string);
        let row = rusqlite::params![
            scope.tenant.octets(),
            scope.region.as_str(),
            message.octets(),
            ordinal,
            key(recipient),
            recipient.written,
            address,
            recipient.kind,
            recipient.via,
            recipient.reach.as_str(),
        ];
        change(c, sql, row)?;
    }
    Ok(())
}

/// The recipients of a message, in the order in which they were reported.
pub(super) fn of(c: &Connection, scope: &Scope, message: MessageId) -> Result<Vec<Recipient>> {
    let sql = "SELECT written, address, kind, via, reach FROM recipients
               WHERE tenant = ?1 AND region = ?2 AND message = ?3 ORDER BY ordinal";
    all(c, sql, (scope.tenant.octets(), scope.region.as_str(), message.octets()), |row| {
        let address: Option<String> = row.get("address")?;
        Ok(Recipient {
            written: row.get("written")?,
            address: address.and_then(|text| Address::parse(&text).ok()),
            kind: row.get("kind")?,
            via: row.get("via")?,
            reach: get_word(row, "reach")?,
        })
    })
}
