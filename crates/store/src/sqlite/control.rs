//! Tenants, addresses, lists, intel and keys in SQLite.

use std::collections::HashMap;

use async_trait::async_trait;
use clawback_core::audit::{Actor, Entry};
use clawback_core::tenant::{JournalAddress, ListEntry, ListKind, Tenant};
use clawback_core::time::Day;
use clawback_core::{OperatorId, Region, TenantId, UnixMillis};
use clawback_mail::address::{Address, Domain};
use clawback_mail::indicator::{Indicator, IndicatorKind};
use rusqlite::{Connection, Row};

use super::codec::{
    all, change, changed, first, get_id, get_json, get_small, get_uint, int, is_taken, json, millis,
};
use super::{Sqlite, audit, people};
use crate::backend::{
    ControlRecords, IntelRow, NewOperator, Result, Scope, SessionLimits, StoredOperator,
};
use crate::error::StoreError;

#[async_trait]
impl ControlRecords for Sqlite {
    async fn tenants(&self) -> Result<Vec<Tenant>> {
        self.readers
            .run(|c| all(c, "SELECT * FROM tenants ORDER BY name, id", [], read_tenant))
            .await
    }

    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>> {
        let sql = "SELECT * FROM tenants WHERE id = ?1";
        self.readers.run(move |c| first(c, sql, [id.octets()], read_tenant)).await
    }

    async fn put_tenant(
        &self,
        tenant: Tenant,
        over: Option<Tenant>,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer.run(move |c| put_tenant(c, &tenant, over.as_ref(), actor, now)).await
    }

    async fn journal_addresses(&self) -> Result<Vec<JournalAddress>> {
        let sql = "SELECT address, tenant, region FROM journal_addresses ORDER BY address_key";
        self.readers.run(|c| all(c, sql, [], journal_address)).await
    }

    async fn add_journal_address(
        &self,
        entry: JournalAddress,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer.run(move |c| add_journal_address(c, &entry, actor, now)).await
    }

    async fn add_operator(
        &self,
        operator: NewOperator,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer
            .run(move |c| {
                people::add_operator(c, &operator, now)?;
                let entry = Entry {
                    at: now,
                    actor,
                    action: "operator.added".to_owned(),
                    target: operator.id.to_string(),
                    details: serde_json::json!({ "name": operator.name, "email": operator.email }),
                };
                audit::append(c, &global(operator.tenant), &entry)
            })
            .await
    }

    async fn operator_by_email(&self, email: String) -> Result<Option<StoredOperator>> {
        self.readers.run(move |c| people::by_email(c, &email)).await
    }

    async fn operators_count(&self) -> Result<u64> {
        let sql = "SELECT count(*) AS n FROM operators";
        let count = self.readers.run(|c| first(c, sql, [], |row| get_uint(row, "n"))).await?;
        Ok(count.unwrap_or_default())
    }

    async fn set_password(&self, operator: OperatorId, hash: String) -> Result<()> {
        self.writer.run(move |c| people::set_password(c, operator, &hash)).await
    }

    async fn add_session(
        &self,
        digest: [u8; 32],
        operator: OperatorId,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer.run(move |c| people::add_session(c, digest, operator, now)).await
    }

    async fn find_session(
        &self,
        digest: [u8; 32],
        now: UnixMillis,
        limits: SessionLimits,
    ) -> Result<Option<StoredOperator>> {
        self.readers.run(move |c| people::find_session(c, digest, now, limits)).await
    }

    async fn touch_session(&self, digest: [u8; 32], now: UnixMillis) -> Result<()> {
        let sql = "UPDATE sessions SET used = max(used, ?2) WHERE digest = ?1";
        self.writer.run(move |c| change(c, sql, (digest, millis(now))).map(|_| ())).await
    }

    async fn delete_session(&self, digest: [u8; 32]) -> Result<()> {
        let sql = "DELETE FROM sessions WHERE digest = ?1";
        self.writer.run(move |c| change(c, sql, [digest]).map(|_| ())).await
    }

    async fn list_entries(&self, tenant: TenantId) -> Result<Vec<ListEntry>> {
        let sql = "SELECT list, pattern, verify_sender, note FROM list_entries
                   WHERE tenant = ?1 ORDER BY list, pattern";
        self.readers.run(move |c| all(c, sql, [tenant.octets()], list_entry)).await
    }

    async fn put_list_entry(
        &self,
        tenant: TenantId,
        entry: ListEntry,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer
            .run(move |c| {
                let sql = "INSERT INTO list_entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                           ON CONFLICT DO UPDATE SET verify_sender = ?4, note = ?5";
                let (list, verify) = (entry.list.as_str(), entry.verify_sender);
                let row = (tenant.octets(), list, &entry.pattern, verify, &entry.note, millis(now));
                change(c, sql, row)?;
                lists_changed(c, tenant, "list.entry.put", &entry, actor, now)
            })
            .await
    }

    async fn remove_list_entry(
        &self,
        tenant: TenantId,
        entry: ListEntry,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer
            .run(move |c| {
                let sql =
                    "DELETE FROM list_entries WHERE tenant = ?1 AND list = ?2 AND pattern = ?3";
                let row = (tenant.octets(), entry.list.as_str(), &entry.pattern);
                if change(c, sql, row)? == 0 {
                    return Err(StoreError::NotFound);
                }
                lists_changed(c, tenant, "list.entry.removed", &entry, actor, now)
            })
            .await
    }

    async fn import_intel(
        &self,
        source: String,
        rows: Vec<IntelRow>,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<u64> {
        let (mut last, count) = (None, rows.len());
        let mut rows = rows.into_iter();
        // Not all at once: other writers get their turn.
        loop {
            let some: Vec<IntelRow> = rows.by_ref().take(INTEL_AT_ONCE_MAX).collect();
            if some.is_empty() {
                break;
            }
            let source = source.clone();
            last = Some(self.writer.run(move |c| add_intel(c, &source, &some, now)).await?);
        }
        let entry = Entry {
            at: now,
            actor,
            action: "intel.imported".to_owned(),
            target: source,
            details: serde_json::json!({ "indicators": count }),
        };
        self.writer.run(move |c| note_everywhere(c, &entry)).await?;
        match last {
            Some(sequence) => Ok(sequence),
            None => Ok(self.knowledge_versions().await?.1),
        }
    }

    async fn intel(&self) -> Result<Vec<IntelRow>> {
        let sql = "SELECT kind, value, source, confidence, note FROM intel ORDER BY sequence";
        self.readers.run(|c| all(c, sql, [], intel_row)).await
    }

    async fn knowledge_versions(&self) -> Result<(u64, u64)> {
        let sql = "SELECT name, value FROM versions";
        let read = |row: &Row<'_>| Ok((row.get::<_, String>("name")?, get_uint(row, "value")?));
        let versions = self.readers.run(move |c| all(c, sql, [], read)).await?;
        let versions: HashMap<String, u64> = versions.into_iter().collect();
        let of = |name: &str| versions.get(name).copied().unwrap_or_default();
        Ok((of("lists"), of("intel")))
    }

    async fn data_key(&self, tenant: TenantId, day: Day) -> Result<Option<Vec<u8>>> {
        self.readers.run(move |c| data_key(c, tenant, day)).await
    }

    async fn put_data_key(&self, tenant: TenantId, day: Day, wrapped: Vec<u8>) -> Result<Vec<u8>> {
        self.writer
            .run(move |c| {
                let sql = "INSERT INTO data_keys VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
                change(c, sql, (tenant.octets(), day.0, wrapped))?;
                data_key(c, tenant, day)?.ok_or(StoreError::NotFound)
            })
            .await
    }

    async fn root_key_proof(&self, proof: Vec<u8>) -> Result<Vec<u8>> {
        self.writer
            .run(move |c| {
                let sql = "INSERT INTO meta VALUES ('root_key_proof', ?1) ON CONFLICT DO NOTHING";
                change(c, sql, [proof])?;
                let sql = "SELECT value FROM meta WHERE name = 'root_key_proof'";
                first(c, sql, [], |row| Ok(row.get("value")?))?.ok_or(StoreError::NotFound)
            })
            .await
    }

    async fn note_key_backup(
        &self,
        fingerprint: String,
        actor: Actor,
        now: UnixMillis,
    ) -> Result<()> {
        self.writer.run(move |c| note_key_backup(c, &fingerprint, actor, now)).await
    }

    async fn key_backed_up(&self) -> Result<Option<UnixMillis>> {
        let sql = "SELECT value FROM meta WHERE name = ?1";
        let read = |row: &Row<'_>| Ok(UnixMillis(u64::from_be_bytes(row.get("value")?)));
        self.readers.run(move |c| first(c, sql, [KEY_BACKUP], read)).await
    }
}

/// The root key belongs to no tenant, and opens the mail of each: each one's log tells of it.
fn note_key_backup(c: &Connection, fingerprint: &str, actor: Actor, now: UnixMillis) -> Result<()> {
    let sql = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
    change(c, sql, (KEY_BACKUP, now.0.to_be_bytes()))?;
    let entry = Entry {
        at: now,
        actor,
        action: "root_key.backed_up".to_owned(),
        target: "root_key".to_owned(),
        details: serde_json::json!({ "fingerprint": fingerprint }),
    };
    note_everywhere(c, &entry)
}

/// What concerns every tenant stands in the log of each.
fn note_everywhere(c: &Connection, entry: &Entry) -> Result<()> {
    let read = |row: &Row<'_>| get_id(row, "id", TenantId::from_octets);
    for tenant in all(c, "SELECT id FROM tenants ORDER BY id", [], read)? {
        audit::append(c, &global(tenant), entry)?;
    }
    Ok(())
}

fn data_key(c: &Connection, tenant: TenantId, day: Day) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT wrapped FROM data_keys WHERE tenant = ?1 AND day = ?2";
    first(c, sql, (tenant.octets(), day.0), |row| Ok(row.get("wrapped")?))
}

fn put_tenant(
    c: &Connection,
    tenant: &Tenant,
    over: Option<&Tenant>,
    actor: Actor,
    now: UnixMillis,
) -> Result<()> {
    let domains: Vec<String> = tenant.domains.iter().map(ToString::to_string).collect();
    let (domains, people) = (json(&domains)?, json(&tenant.protected_people)?);
    let microsoft = &tenant.microsoft_tenant;
    let (sources, quota) = (json(&tenant.sources)?, tenant.quota_octets.map(int));
    let (id, name) = (tenant.id.octets(), &tenant.name);
    let google = tenant.google.as_ref().map(json).transpose()?;
    let row = (id, name, domains, microsoft, people, millis(now), sources, quota, google);
    let (action, details) = if let Some(before) = over {
        let sql = "SELECT * FROM tenants WHERE id = ?1";
        let old = first(c, sql, [id], read_tenant)?.ok_or(StoreError::NotFound)?;
        // What somebody else changed meanwhile is not undone by who did not see it.
        if old != *before || is_connected_elsewhere(c, tenant, &old)? {
            return Err(StoreError::Conflict);
        }
        let sql = "UPDATE tenants SET name = ?2, domains = ?3, microsoft_tenant = ?4,
                   protected_people = ?5, sources = ?7, quota_octets = ?8, google = ?9
                   WHERE id = ?1 AND ?6 >= 0";
        change(c, sql, row)?;
        let (old, new) = changed(told(&old), told(tenant));
        ("tenant.changed", serde_json::json!({ "old": old, "new": new }))
    } else {
        let sql = "INSERT INTO tenants (id, name, domains, microsoft_tenant, protected_people,
                   created, sources, quota_octets, google)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let added = change(c, sql, row);
        added.map_err(taken_is_conflict)?;
        ("tenant.created", told(tenant))
    };
    let target = tenant.id.to_string();
    let entry = Entry { at: now, actor, action: action.to_owned(), target, details };
    bump(c, "lists")?;
    audit::append(c, &global(tenant.id), &entry)
}

/// Whether a directory that a tenant is to be connected with is another's.
fn is_connected_elsewhere(c: &Connection, tenant: &Tenant, old: &Tenant) -> Result<bool> {
    let directory = tenant
        .microsoft_tenant
        .as_ref()
        .filter(|_| tenant.microsoft_tenant != old.microsoft_tenant);
    let Some(directory) = directory else { return Ok(false) };
    let sql = "SELECT 1 AS one FROM tenants
               WHERE id <> ?1 AND lower(microsoft_tenant) = lower(?2) LIMIT 1";
    let row = (tenant.id.octets(), directory);
    Ok(first(c, sql, row, |row| Ok(row.get::<_, i64>("one")?))?.is_some())
}

/// What the log tells of a tenant. Of people it says how many.
fn told(tenant: &Tenant) -> serde_json::Value {
    serde_json::json!({
        "name": tenant.name,
        "domains": tenant.domains.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "microsoft": tenant.microsoft_tenant,
        "google": tenant.google,
        "protected_people": tenant.protected_people.len(),
        "sources": tenant.sources,
        "quota_octets": tenant.quota_octets,
    })
}

fn add_journal_address(
    c: &Connection,
    entry: &JournalAddress,
    actor: Actor,
    now: UnixMillis,
) -> Result<()> {
    let sql = "INSERT INTO journal_addresses VALUES (?1, ?2, ?3, ?4)";
    let (key, address) = (entry.address.key(), entry.address.to_string());
    let row = (key, address, entry.tenant.octets(), entry.region.as_str());
    change(c, sql, row).map_err(taken_is_conflict)?;
    bump(c, "lists")?;
    // The address itself is a secret of its kind: the log says where, not which.
    let logged = Entry {
        at: now,
        actor,
        action: "journal_address.added".to_owned(),
        target: entry.tenant.to_string(),
        details: serde_json::json!({ "region": entry.region }),
    };
    audit::append(c, &global(entry.tenant), &logged)
}

fn lists_changed(
    c: &Connection,
    tenant: TenantId,
    action: &str,
    entry: &ListEntry,
    actor: Actor,
    now: UnixMillis,
) -> Result<()> {
    bump(c, "lists")?;
    let details = serde_json::json!({
        "list": entry.list,
        "pattern": entry.pattern,
        "verify_sender": entry.verify_sender,
    });
    let target = entry.list.as_str().to_owned();
    let entry = Entry { at: now, actor, action: action.to_owned(), target, details };
    audit::append(c, &global(tenant), &entry)
}

fn add_intel(c: &Connection, source: &str, rows: &[IntelRow], now: UnixMillis) -> Result<u64> {
    let sql = "SELECT value AS n FROM versions WHERE name = 'intel'";
    let mut sequence = first(c, sql, [], |row| get_uint(row, "n"))?.unwrap_or_default();
    for row in rows {
        let (kind, value) = (row.indicator.kind.as_str(), &row.indicator.value);
        let source = if row.source.is_empty() { source } else { &row.source };
        // What is known and unchanged makes no new version: a feed pulled again is no news.
        let sql = "INSERT INTO intel VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (kind, value, source) DO UPDATE
                   SET sequence = ?1, confidence = ?5, note = ?6
                   WHERE confidence <> ?5 OR note <> ?6";
        let (next, confidence) = (int(sequence + 1), i64::from(row.confidence));
        let new = (next, kind, value, source, confidence, &row.note, millis(now));
        if change(c, sql, new)? > 0 {
            sequence += 1;
        }
    }
    change(c, "UPDATE versions SET value = ?1 WHERE name = 'intel'", [int(sequence)])?;
    Ok(sequence)
}

pub(super) fn bump(c: &Connection, version: &str) -> Result<()> {
    change(c, "UPDATE versions SET value = value + 1 WHERE name = ?1", [version])?;
    Ok(())
}

pub(super) fn taken_is_conflict(error: StoreError) -> StoreError {
    if is_taken(&error) { StoreError::Conflict } else { error }
}

/// The control records of a tenant are told of in the log of its first region.
fn global(tenant: TenantId) -> Scope {
    Scope { tenant, region: Region::global() }
}

fn read_tenant(row: &Row<'_>) -> Result<Tenant> {
    let domains: Vec<String> = get_json(row, "domains")?;
    let read = |text: &String| Domain::parse(text).ok();
    Ok(Tenant {
        id: get_id(row, "id", TenantId::from_octets)?,
        name: row.get("name")?,
        domains: domains.iter().filter_map(read).collect(),
        microsoft_tenant: row.get("microsoft_tenant")?,
        google: match row.get::<_, Option<String>>("google")? {
            Some(_) => Some(get_json(row, "google")?),
            None => None,
        },
        protected_people: get_json(row, "protected_people")?,
        sources: get_json(row, "sources")?,
        quota_octets: row
            .get::<_, Option<i64>>("quota_octets")?
            .and_then(|octets| u64::try_from(octets).ok()),
    })
}

fn journal_address(row: &Row<'_>) -> Result<JournalAddress> {
    let damaged = || StoreError::Corrupt { what: "a journaling address" };
    let (address, region): (String, String) = (row.get("address")?, row.get("region")?);
    Ok(JournalAddress {
        address: Address::parse(&address).map_err(|_| damaged())?,
        tenant: get_id(row, "tenant", TenantId::from_octets)?,
        region: Region::parse(&region).map_err(|_| damaged())?,
    })
}

fn list_entry(row: &Row<'_>) -> Result<ListEntry> {
    let word: String = row.get("list")?;
    let list = ListKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    Ok(ListEntry {
        list: list.ok_or(StoreError::Corrupt { what: "a list's name" })?,
        pattern: row.get("pattern")?,
        verify_sender: row.get("verify_sender")?,
        note: row.get("note")?,
    })
}

fn intel_row(row: &Row<'_>) -> Result<IntelRow> {
    let kind = IndicatorKind::parse(&row.get::<_, String>("kind")?);
    let kind = kind.ok_or(StoreError::Corrupt { what: "an indicator's kind" })?;
    Ok(IntelRow {
        indicator: Indicator { kind, value: row.get("value")? },
        source: row.get("source")?,
        confidence: get_small(row, "confidence")?,
        note: row.get("note")?,
    })
}

const INTEL_AT_ONCE_MAX: usize = 2_000;
const KEY_BACKUP: &str = "root_key_backup";
