//! What the records say about those behind the messages that are judged next: one view of one
//! moment for all of them.

use std::collections::{BTreeMap, HashMap};

use clawback_core::history::{Counterparty, Depth, Gathered, History};
use clawback_core::{MessageId, UnixMillis};
use rusqlite::Connection;

use super::{class, kind, row};
use crate::backend::{Known, Question, Result, Scope};
use crate::sqlite::codec::{all, first, from_json, get_id, get_uint};

pub(crate) fn read(c: &Connection, questions: &[(Scope, Question)]) -> Result<Vec<Known>> {
    let mut of_tenants = HashMap::new();
    let mut answers = Vec::with_capacity(questions.len());
    for (scope, question) in questions {
        let of_tenant = match of_tenants.get(scope) {
            Some(known) => known,
            None => of_tenants.entry(scope.clone()).or_insert(OfTenant::read(c, scope)?),
        };
        let counterparties = question.keys.iter().map(|key| one(c, scope, key, of_tenant));
        answers.push(Known {
            before: before(c, scope, &question.digest)?,
            history: of_tenant.history,
            counterparties: counterparties.collect::<Result<_>>()?,
        });
    }
    Ok(answers)
}

/// What was gathered for a message that is recorded already.
fn before(c: &Connection, scope: &Scope, digest: &[u8; 32]) -> Result<Option<Gathered>> {
    let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
    let sql = "SELECT message FROM identities WHERE tenant = ?1 AND region = ?2 AND digest = ?3";
    let found = first(c, sql, (tenant, region, digest), |row| {
        get_id(row, "message", MessageId::from_octets)
    })?;
    let Some(id) = found else { return Ok(None) };
    let sql = "SELECT gathered FROM messages WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let text = first(c, sql, (tenant, region, id.octets()), |row| {
        Ok(row.get::<_, Option<String>>("gathered")?)
    })?;
    text.flatten().map_or(Ok(Some(Gathered::default())), |text| from_json(&text).map(Some))
}

fn one(c: &Connection, scope: &Scope, key: &str, of: &OfTenant) -> Result<Option<Counterparty>> {
    let found = row(c, scope, key)?;
    Ok(found.map(|row| Counterparty {
        first_heard: (row.heard_days > 0).then_some(row.first_heard),
        days: row.heard_days,
        bad: row.bad,
        benign: row.benign,
        written_days: row.written_days,
        seldom: of.is_seldom(key, row.heard_days),
    }))
}

/// What all senders of a tenant are compared with.
#[derive(Default)]
struct OfTenant {
    history: History,
    /// By kind: class, and how many senders are in it.
    classes: BTreeMap<String, Vec<(u32, u64)>>,
}

impl OfTenant {
    fn read(c: &Connection, scope: &Scope) -> Result<Self> {
        let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
        let sql = "SELECT * FROM histories WHERE tenant = ?1 AND region = ?2";
        let history = first(c, sql, (tenant, region), |row| {
            let depth = |messages, began, days| {
                let messages = get_uint(row, messages)?;
                let began = UnixMillis(get_uint(row, began)?);
                let began = (messages > 0).then_some(began);
                Result::Ok(Depth { began, days: get_uint(row, days)?, messages })
            };
            Ok(History {
                heard: depth("heard", "heard_began", "heard_days")?,
                wrote: depth("wrote", "wrote_began", "wrote_days")?,
            })
        })?;
        let sql = "SELECT kind, class, senders FROM sender_classes
                   WHERE tenant = ?1 AND region = ?2 AND senders > 0";
        let mut classes = BTreeMap::<String, Vec<(u32, u64)>>::new();
        let rows = all(c, sql, (tenant, region), |row| {
            Ok((row.get::<_, String>("kind")?, row.get("class")?, get_uint(row, "senders")?))
        })?;
        for (kind, class, senders) in rows {
            classes.entry(kind).or_default().push((class, senders));
        }
        Ok(Self { history: history.unwrap_or_default(), classes })
    }

    /// Whether fewer than half of all senders of its kind were heard of on fewer days; of those
    /// that are alike, half count as fewer.
    fn is_seldom(&self, key: &str, days: u64) -> bool {
        let Some(own) = class(days) else { return true };
        let of_kind = self.classes.get(kind(key)).map(Vec::as_slice).unwrap_or_default();
        let (mut fewer, mut all) = (0, 0);
        for (class, senders) in of_kind {
            all += 2 * senders;
            fewer += match class.cmp(&own) {
                std::cmp::Ordering::Less => 2 * senders,
                std::cmp::Ordering::Equal => *senders,
                std::cmp::Ordering::Greater => 0,
            };
        }
        2 * fewer < all
    }
}
