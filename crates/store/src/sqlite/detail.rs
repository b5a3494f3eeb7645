//! Everything about one message, read at one moment.

use clawback_core::audit::Actor;
use clawback_core::history::Gathered;
use clawback_core::identity::Identity;
use clawback_core::{CopyId, MessageId, SegmentId, UnixMillis, Verdict};
use rusqlite::Connection;
use serde_json::json;

use super::codec::{all, first, from_json, get_id, get_json, get_millis};
use super::record::arrival;
use super::{audit, copies, recipients};
use crate::backend::{Result, Scope};
use crate::view::{MessageDetail, TimelineEntry};

pub(super) fn detail(
    c: &Connection,
    scope: &Scope,
    id: MessageId,
) -> Result<Option<MessageDetail>> {
    let sql = "SELECT * FROM messages WHERE tenant = ?1 AND region = ?2 AND id = ?3";
    let key = (scope.tenant.octets(), scope.region.as_str(), id.octets());
    let found = first(c, sql, key, |row| {
        let identity: Identity = get_json(row, "identity")?;
        Ok(MessageDetail {
            id,
            received: get_millis(row, "received")?,
            judged: get_millis(row, "judged")?,
            arrival: arrival(&row.get::<_, String>("arrival")?)?,
            message_id: identity.message_id,
            sent: identity.sent,
            summary: get_json(row, "summary")?,
            recipients: Vec::new(),
            copies: Vec::new(),
            steps: Vec::new(),
            decision: match row.get::<_, Option<String>>("decision")? {
                Some(text) => Some(from_json(&text)?),
                None => None,
            },
            verdict: get_json(row, "verdict")?,
            defects: get_json(row, "defects")?,
            gathered: match row.get::<_, Option<String>>("gathered")? {
                Some(text) => from_json(&text)?,
                None => Gathered::default(),
            },
            segment: get_id(row, "segment", SegmentId::from_octets)?,
            timeline: Vec::new(),
        })
    })?;
    let Some(mut found) = found else { return Ok(None) };
    found.recipients = recipients::of(c, scope, id)?;
    found.copies = copies::of_message(c, scope, id)?;
    let sql = "SELECT id, steps FROM copies
               WHERE tenant = ?1 AND region = ?2 AND message = ?3 AND steps <> '[]'";
    found.steps = all(c, sql, key, |row| {
        Ok((get_id(row, "id", CopyId::from_octets)?, get_json(row, "steps")?))
    })?;
    found.timeline = timeline(c, scope, &found)?;
    Ok(Some(found))
}

fn timeline(c: &Connection, scope: &Scope, of: &MessageDetail) -> Result<Vec<TimelineEntry>> {
    let sql = "SELECT judged, verdict FROM verdicts
               WHERE tenant = ?1 AND region = ?2 AND message = ?3 ORDER BY ordinal";
    let key = (scope.tenant.octets(), scope.region.as_str(), of.id.octets());
    let earlier: Vec<(UnixMillis, Verdict)> =
        all(c, sql, key, |row| Ok((get_millis(row, "judged")?, get_json(row, "verdict")?)))?;
    let mut timeline = vec![TimelineEntry {
        at: of.received,
        action: "message.received".to_owned(),
        actor: "receive".to_owned(),
        details: json!({ "arrival": of.arrival }),
    }];
    let now = (of.judged, &of.verdict);
    let verdicts = earlier.iter().map(|(at, verdict)| (*at, verdict)).chain([now]);
    let mut before: Option<&Verdict> = None;
    for (at, verdict) in verdicts {
        let action = if before.is_some() { "verdict.changed" } else { "message.recorded" };
        timeline.push(TimelineEntry {
            at,
            action: action.to_owned(),
            actor: "pipeline".to_owned(),
            details: json!({
                "disposition": verdict.disposition,
                "before": before.map(|verdict| verdict.disposition),
                "decided_by": verdict.decided_by,
                "knowledge": verdict.knowledge,
            }),
        });
        before = Some(verdict);
    }
    let told = audit::of_target(c, scope, &of.id.to_string())?;
    timeline.extend(told.into_iter().map(|entry| TimelineEntry {
        at: entry.at,
        action: entry.action,
        actor: Actor::name(&entry.actor).to_owned(),
        details: entry.details,
    }));
    timeline.sort_by_key(|entry| entry.at);
    Ok(timeline)
}
