//! Brings the schema up to date: forward only, each step once, checked against what was applied.

use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest as _, Sha256};

use crate::backend::Result;
use crate::error::StoreError;

const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/sqlite/0001_records.sql"),
    include_str!("../../../../migrations/sqlite/0002_sources.sql"),
    include_str!("../../../../migrations/sqlite/0003_history.sql"),
    include_str!("../../../../migrations/sqlite/0004_google.sql"),
    include_str!("../../../../migrations/sqlite/0005_orders.sql"),
];

pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
            version  INTEGER NOT NULL PRIMARY KEY,
            checksum BLOB NOT NULL
        ) STRICT",
    )?;
    let sql = "SELECT COALESCE(MAX(version), 0) FROM migrations";
    let found: u32 = transaction.query_row(sql, [], |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::SchemaNewer { found, known });
    }
    for (version, text) in (1_u32..).zip(MIGRATIONS) {
        let checksum: [u8; 32] = Sha256::digest(text).into();
        if version > found {
            transaction.execute_batch(text)?;
            let sql = "INSERT INTO migrations (version, checksum) VALUES (?1, ?2)";
            transaction.execute(sql, (version, checksum))?;
            continue;
        }
        let sql = "SELECT checksum FROM migrations WHERE version = ?1";
        let applied: [u8; 32] = transaction.query_row(sql, [version], |row| row.get(0))?;
        if applied != checksum {
            return Err(StoreError::Corrupt { what: "the schema is not one of ours" });
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_made_once_and_a_newer_one_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        connection.execute("INSERT INTO migrations VALUES (99, x'00')", []).unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(matches!(refused, StoreError::SchemaNewer { found: 99, known: 5 }), "{refused}");
    }

    #[test]
    fn a_schema_of_before_is_brought_up_to_date_with_its_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        let [first, ..] = MIGRATIONS else { panic!("there is a first") };
        connection.execute_batch(first).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE migrations (version INTEGER NOT NULL PRIMARY KEY, checksum BLOB NOT NULL);
                 INSERT INTO tenants VALUES (zeroblob(16), 'One', '[]', NULL, '[]', 5);
                 INSERT INTO segments (region, id, state, entries, octets, began)
                     VALUES ('global', x'01', 'open', 1, 10, 5);
                 INSERT INTO messages VALUES (3, x'000000000000000000000000000000ab', 'global', x'02',
                     5, 5, 'journal_report', x'01', 0, '', NULL, 'CLEAN', '', '', '', '', '', '',
                     0, 0, 0, 0, '', '', '', '');
                 INSERT INTO indicators VALUES
                     (x'000000000000000000000000000000ab', 'global', 7, -2, 0, x'02'),
                     (x'000000000000000000000000000000ab', 'global', 3, 17, 0, x'02');",
            )
            .unwrap();
        let checksum: [u8; 32] = Sha256::digest(first).into();
        connection.execute("INSERT INTO migrations VALUES (1, ?1)", [checksum]).unwrap();
        migrate(&mut connection).unwrap();
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(one("SELECT count(*) FROM tenants WHERE sources = '{}'"), 1);
        assert_eq!(one("SELECT count(*) FROM segments WHERE attempts = 0 AND trial IS NULL"), 1);
        let blank = "SELECT count(*) FROM messages WHERE gathered IS NULL";
        assert_eq!((one(blank), one("SELECT count(*) FROM counterparties")), (1, 0));
        for word in ["00000000000000ab7fffffffffffffffe", "00000000000000ab30000000000000011"] {
            let sql = format!("SELECT rowid FROM observed WHERE observed MATCH '\"{word}\"'");
            assert_eq!(one(&sql), 3, "{word}");
        }
    }

    #[test]
    fn a_schema_that_was_changed_by_hand_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.execute("UPDATE migrations SET checksum = zeroblob(32)", []).unwrap();
        assert!(matches!(migrate(&mut connection), Err(StoreError::Corrupt { .. })));
    }
}
