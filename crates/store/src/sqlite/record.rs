//! Recording a segment: one transaction, fenced by the claim, and twice is once.
//!
//! A message that is there already (a fork of it came earlier, or the sender repeated it) keeps its
//! id: recipients are united, a worse verdict wins and the old one goes to the history. What is to
//! be retracted is planned from what this transaction sees, with the settings that hold now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use clawback_core::audit::{Actor, Entry};
use clawback_core::plan::{Decision, Plan, Seen, plan};
use clawback_core::record::{Arrival, MessageRecord, Recipient, SegmentRecord};
use clawback_core::tenant::ProtectedPerson;
use clawback_core::{AutoRetract, Copy, MessageId, TenantId, UnixMillis, Verdict};
use clawback_mail::address::Address;
use rusqlite::{Connection, named_params};

use super::codec::{
    change, first, from_json, get_id, get_json, get_millis, get_uint, int, json, millis,
};
use super::counterparties::{Changes, ROWS_MAX};
use super::{audit, copies, indicators, jobs, labels, orders, recipients, tenant};
use crate::backend::{ClaimedSegment, Recorded, Result, Scope};
use crate::error::StoreError;

pub(super) fn record(
    c: &Connection,
    claim: &ClaimedSegment,
    segment: &SegmentRecord,
) -> Result<Recorded> {
    if let Some(earlier) = held(c, claim)? {
        return Ok(earlier);
    }
    let mut work =
        Recording { c, claim, at: segment.at, standing: HashMap::new(), history: BTreeMap::new() };
    let mut recorded = Recorded::default();
    let mut new = BTreeMap::<TenantId, u64>::new();
    for record in &segment.messages {
        let outcome = work.one(record)?;
        recorded.jobs += u64::from(outcome.ordered);
        if outcome.new {
            recorded.messages += 1;
            *new.entry(record.tenant).or_default() += 1;
        } else {
            recorded.merged += 1;
        }
    }
    for (tenant, changes) in std::mem::take(&mut work.history) {
        changes.store(c, &Scope { tenant, region: claim.region.clone() }, ROWS_MAX)?;
    }
    for (tenant, messages) in new {
        let sql = "INSERT INTO counters VALUES (?1, ?2, 'messages', ?3)
                   ON CONFLICT DO UPDATE SET value = value + ?3";
        change(c, sql, (tenant.octets(), claim.region.as_str(), int(messages)))?;
    }
    let sql = "UPDATE segments SET state = 'done', lease_until = 0, messages = ?3, merged = ?4,
               jobs = ?5 WHERE region = ?1 AND id = ?2";
    let (messages, merged, jobs) =
        (int(recorded.messages), int(recorded.merged), int(recorded.jobs));
    change(c, sql, (claim.region.as_str(), claim.id.octets(), messages, merged, jobs))?;
    Ok(recorded)
}

/// Whether the claim still holds; what was recorded, where this very claim did it already.
fn held(c: &Connection, claim: &ClaimedSegment) -> Result<Option<Recorded>> {
    let sql = "SELECT state, fence, messages, merged, jobs FROM segments
               WHERE region = ?1 AND id = ?2";
    let found = first(c, sql, (claim.region.as_str(), claim.id.octets()), |row| {
        let recorded = Recorded {
            messages: get_uint(row, "messages")?,
            merged: get_uint(row, "merged")?,
            jobs: get_uint(row, "jobs")?,
        };
        Ok((row.get::<_, String>("state")?, get_uint(row, "fence")?, recorded))
    })?;
    let (state, fence, recorded) = found.ok_or(StoreError::NotFound)?;
    match state.as_str() {
        _ if fence != claim.fence => Err(StoreError::Conflict),
        "open" => Ok(None),
        "done" => Ok(Some(recorded)),
        _ => Err(StoreError::Conflict),
    }
}

/// What recording one message brought.
struct Outcome {
    new: bool,
    ordered: bool,
}

/// What is in the records of a message that came before.
struct Known {
    id: MessageId,
    received: UnixMillis,
    judged: UnixMillis,
    arrival: Arrival,
    verdict: Verdict,
    decision: Option<Decision>,
}

/// One message with all that its plan depends on.
struct Planned<'a> {
    id: MessageId,
    received: UnixMillis,
    arrival: Arrival,
    verdict: &'a Verdict,
    recipients: &'a [Recipient],
    /// Who sent it, where that was inside the organisation.
    sender: Option<Address>,
    /// The copies that are there.
    copies: Vec<Copy>,
    /// What an operator decided about it.
    decision: Option<Decision>,
}

/// What holds for all messages of a tenant.
struct Standing {
    policy: AutoRetract,
    /// Whose copies go first.
    first: BTreeSet<String>,
}

impl Standing {
    fn read(c: &Connection, scope: &Scope) -> Result<Self> {
        let policy = tenant::settings(c, scope)?.auto_retract;
        let sql = "SELECT protected_people FROM tenants WHERE id = ?1";
        let people: Vec<ProtectedPerson> =
            first(c, sql, [scope.tenant.octets()], |row| get_json(row, "protected_people"))?
                .unwrap_or_default();
        let read = people.iter().filter_map(|person| Address::parse(&person.address).ok());
        Ok(Self { policy, first: read.map(|address| address.key()).collect() })
    }
}

struct Recording<'a> {
    c: &'a Connection,
    claim: &'a ClaimedSegment,
    at: UnixMillis,
    standing: HashMap<TenantId, Standing>,
    /// What the segment adds to the history of each tenant.
    history: BTreeMap<TenantId, Changes>,
}

impl Recording<'_> {
    fn one(&mut self, record: &MessageRecord) -> Result<Outcome> {
        let scope = Scope { tenant: record.tenant, region: self.claim.region.clone() };
        let sql = "INSERT INTO identities VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
        let row = (tenant, region, record.digest, record.id.octets());
        let new = change(self.c, sql, row)? > 0;
        let ordered = if new { self.add(&scope, record)? } else { self.merge(&scope, record)? };
        Ok(Outcome { new, ordered })
    }

    fn add(&mut self, scope: &Scope, record: &MessageRecord) -> Result<bool> {
        insert(self.c, self.claim, record, self.at)?;
        recipients::add(self.c, scope, record.id, &record.recipients, 0)?;
        labels::add(self.c, scope, record.id, record.received, &record.verdict)?;
        let (disposition, at) = (record.verdict.disposition, record.received);
        let history = self.history.entry(scope.tenant).or_default();
        history.add(&record.contact, disposition, &record.recipients, at);
        self.plan(
            scope,
            &Planned {
                id: record.id,
                received: record.received,
                arrival: record.arrival,
                verdict: &record.verdict,
                recipients: &record.recipients,
                sender: sender(record),
                copies: Vec::new(),
                decision: None,
            },
        )
    }

    fn merge(&mut self, scope: &Scope, record: &MessageRecord) -> Result<bool> {
        let known = known(self.c, scope, &record.digest)?;
        let mut all = recipients::of(self.c, scope, known.id)?;
        let key = |of: &Recipient| (recipients::key(of), of.kind.clone());
        let before = all.len();
        let mut met: HashSet<_> = all.iter().map(key).collect();
        for recipient in &record.recipients {
            if all.len() < RECIPIENTS_MAX && met.insert(key(recipient)) {
                all.push(recipient.clone());
            }
        }
        let new = all.get(before..).unwrap_or_default();
        recipients::add(self.c, scope, known.id, new, before)?;
        if !new.is_empty() {
            let sql = "UPDATE messages SET recipients = ?4
                       WHERE tenant = ?1 AND region = ?2 AND id = ?3";
            let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
            change(self.c, sql, (tenant, region, known.id.octets(), count))?;
        }
        let worse = record.verdict.disposition > known.verdict.disposition;
        let verdict = if worse { &record.verdict } else { &known.verdict };
        if worse {
            self.replace_verdict(scope, &known, record)?;
        }
        let dispositions = (known.verdict.disposition, verdict.disposition);
        let history = self.history.entry(scope.tenant).or_default();
        history.add_again(&record.contact, dispositions, new, record.received);
        self.plan(
            scope,
            &Planned {
                id: known.id,
                received: known.received,
                arrival: known.arrival,
                verdict,
                recipients: &all,
                sender: sender(record),
                copies: copies::of_message(self.c, scope, known.id)?,
                decision: known.decision,
            },
        )
    }

    fn replace_verdict(&self, scope: &Scope, known: &Known, by: &MessageRecord) -> Result<()> {
        let verdict = &by.verdict;
        let (tenant, region) = (scope.tenant.octets(), scope.region.as_str());
        let id = known.id.octets();
        let sql = "INSERT INTO verdicts
                   (tenant, region, message, ordinal, judged, verdict, gathered)
                   SELECT ?1, ?2, ?3, (SELECT count(*) FROM verdicts
                       WHERE tenant = ?1 AND region = ?2 AND message = ?3), ?4, ?5, gathered
                   FROM messages WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        change(self.c, sql, (tenant, region, id, millis(known.judged), json(&known.verdict)?))?;
        let sql = "UPDATE messages SET judged = ?4, disposition = ?5, decided_by = ?6, reason = ?7,
                   verdict = ?8, gathered = ?9
                   WHERE tenant = ?1 AND region = ?2 AND id = ?3";
        let (rule, reason) = reason(verdict);
        let (judged, word) = (millis(self.at), verdict.disposition.as_str());
        let gathered = json(&by.gathered)?;
        let row = (tenant, region, id, judged, word, rule, reason, json(verdict)?, gathered);
        change(self.c, sql, row)?;
        labels::replace(self.c, scope, known.id, known.received, verdict)
    }

    /// Plans under this transaction's view, and stores what follows.
    fn plan(&mut self, scope: &Scope, message: &Planned<'_>) -> Result<bool> {
        let standing = match self.standing.get(&scope.tenant) {
            Some(standing) => standing,
            None => {
                let read = Standing::read(self.c, scope)?;
                self.standing.entry(scope.tenant).or_insert(read)
            }
        };
        let seen = Seen {
            message: message.id,
            arrival: message.arrival,
            verdict: message.verdict,
            recipients: message.recipients,
            sender: message.sender.as_ref(),
            copies: &message.copies,
            policy: &standing.policy,
            decision: message.decision,
            first: &standing.first,
        };
        let plan = plan(seen, self.at);
        self.store(scope, message, &plan)
    }

    fn store(&self, scope: &Scope, message: &Planned<'_>, plan: &Plan) -> Result<bool> {
        if let Some(job) = &plan.job {
            jobs::add(self.c, scope, job)?;
        }
        copies::add(self.c, scope, message.received, &plan.new)?;
        for (copy, order) in &plan.ordered {
            let idle = message.copies.iter().find(|of| of.id == *copy && of.order.is_none());
            if idle.is_some() {
                orders::begin(self.c, scope, *copy, order, self.at)?;
            }
        }
        let Some((job, destination)) = plan.order else { return Ok(false) };
        let new = plan.new.iter().filter(|copy| copy.order.is_some()).count();
        let entry = Entry {
            at: self.at,
            actor: Actor::system("pipeline"),
            action: "retraction.ordered".to_owned(),
            target: message.id.to_string(),
            details: serde_json::json!({
                "job": job,
                "disposition": message.verdict.disposition,
                "destination": destination,
                "decided_by": message.verdict.decided_by,
                "copies": new + plan.ordered.len(),
            }),
        };
        audit::append(self.c, scope, &entry)?;
        Ok(true)
    }
}

/// Who sent a message inside the organisation.
fn sender(record: &MessageRecord) -> Option<Address> {
    let is_internal = record.summary.direction == "internal";
    is_internal.then(|| Address::parse(&record.summary.from_address).ok()).flatten()
}

fn known(c: &Connection, scope: &Scope, digest: &[u8; 32]) -> Result<Known> {
    let sql = "SELECT m.id, m.received, m.judged, m.arrival, m.verdict, m.decision
               FROM identities AS i JOIN messages AS m
               ON m.tenant = i.tenant AND m.region = i.region AND m.id = i.message
               WHERE i.tenant = ?1 AND i.region = ?2 AND i.digest = ?3";
    let key = (scope.tenant.octets(), scope.region.as_str(), digest);
    let found = first(c, sql, key, |row| {
        Ok(Known {
            id: get_id(row, "id", MessageId::from_octets)?,
            received: get_millis(row, "received")?,
            judged: get_millis(row, "judged")?,
            arrival: arrival(&row.get::<_, String>("arrival")?)?,
            verdict: get_json(row, "verdict")?,
            decision: match row.get::<_, Option<String>>("decision")? {
                Some(text) => Some(from_json(&text)?),
                None => None,
            },
        })
    })?;
    found.ok_or(StoreError::Corrupt { what: "an identity without its message" })
}

pub(super) fn arrival(word: &str) -> Result<Arrival> {
    let found = Arrival::ALL.into_iter().find(|arrival| arrival.as_str() == word);
    found.ok_or(StoreError::Corrupt { what: "how a message arrived" })
}

/// The rule that decided, and its title.
fn reason(verdict: &Verdict) -> (&str, &str) {
    let Some(rule) = verdict.decided_by.as_deref() else { return ("", "") };
    let finding = verdict.findings.iter().find(|finding| finding.rule == rule);
    (rule, finding.map_or(rule, |finding| finding.title.as_str()))
}

fn insert(
    c: &Connection,
    claim: &ClaimedSegment,
    record: &MessageRecord,
    at: UnixMillis,
) -> Result<()> {
    let summary = &record.summary;
    let (rule, reason) = reason(&record.verdict);
    let first_to = record.recipients.first().map_or("", |recipient| recipient.written.as_str());
    let count = |items: usize| i64::try_from(items).unwrap_or(i64::MAX);
    let html = summary.attachments.iter().any(|attachment| attachment.found.contains("html"));
    let mut statement = c.prepare_cached(INSERT_MESSAGE)?;
    let n = statement.insert(named_params! {
        ":tenant": record.tenant.octets(),
        ":region": claim.region.as_str(),
        ":id": record.id.octets(),
        ":received": millis(record.received),
        ":judged": millis(at),
        ":arrival": record.arrival.as_str(),
        ":segment": claim.id.octets(),
        ":place": record.place,
        ":message_id": record.identity.message_id,
        ":report_id": record.report_id,
        ":disposition": record.verdict.disposition.as_str(),
        ":decided_by": rule,
        ":reason": reason,
        ":from_name": summary.from_name,
        ":from_address": summary.from_address,
        ":subject": summary.subject,
        ":first_to": first_to,
        ":recipients": count(record.recipients.len()),
        ":attachments": count(summary.attachments.len()),
        ":links": count(summary.links.len()),
        ":html": html,
        ":identity": json(&record.identity)?,
        ":summary": json(summary)?,
        ":verdict": json(&record.verdict)?,
        ":defects": json(&record.defects)?,
        ":gathered": json(&record.gathered)?,
    })?;
    let sender = format!("{} {}", summary.from_name, summary.from_address);
    let sql = "INSERT INTO message_words (rowid, subject, sender) VALUES (?1, ?2, ?3)";
    change(c, sql, (n, &summary.subject, sender))?;
    indicators::add(c, n, record.tenant, &record.indicators)
}

const INSERT_MESSAGE: &str = "INSERT INTO messages (
        tenant, region, id, received, judged, arrival, segment, place, message_id, report_id,
        disposition, decided_by, reason, from_name, from_address, subject, first_to, recipients,
        attachments, links, html, identity, summary, verdict, defects, gathered)
    VALUES (
        :tenant, :region, :id, :received, :judged, :arrival, :segment, :place, :message_id,
        :report_id, :disposition, :decided_by, :reason, :from_name, :from_address, :subject,
        :first_to, :recipients, :attachments, :links, :html, :identity, :summary, :verdict,
        :defects, :gathered)";
/// Most recipients that the forks of one message add up to.
const RECIPIENTS_MAX: usize = 20_000;
