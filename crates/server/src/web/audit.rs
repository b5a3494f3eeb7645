//! The audit log: who did what, newest first, and whether it is what was sealed.
//!
//! A check of the newest entries is cheap and a link. One of the whole log reads every entry there
//! is: it is asked for by a form, runs one at a time, and once a minute for a tenant.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{Html, IntoResponse, Response};
use clawback_core::audit::seal;
use clawback_core::{TenantId, UnixMillis};
use clawback_store::view::AuditRow;
use serde::Deserialize;

use super::assets;
use super::details as d;
use super::error::WebError;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    before: Option<String>,
    verify: Option<String>,
}

#[derive(Template)]
#[template(path = "audit.html")]
pub(super) struct AuditPage {
    pub(super) shell: Shell,
    pub(super) rows: Vec<AuditRow>,
    pub(super) before: Option<u64>,
    /// What a check of the chain found, where one was asked for.
    pub(super) check: Option<Check>,
}

/// What a check of the chain found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Check {
    /// Everything that was looked at is as it was sealed.
    Intact {
        /// Entries looked at.
        entries: u64,
        /// Whether that was the whole log.
        whole: bool,
    },
    /// Something was changed or is missing.
    Broken {
        /// The first entry that is not what was sealed.
        at: u64,
        /// Entries looked at.
        entries: u64,
    },
    /// Not now: the whole log was checked a moment ago, or is being checked.
    Later,
}

/// When each tenant's whole log was last asked to be checked.
#[derive(Debug, Default)]
pub(super) struct Walks {
    last: Mutex<HashMap<TenantId, UnixMillis>>,
    running: tokio::sync::Mutex<()>,
}

impl Walks {
    fn is_due(&self, tenant: TenantId, now: UnixMillis) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, at| now.since(*at) < WALK_EVERY);
        if last.len() >= WALKS_MAX || last.contains_key(&tenant) {
            return false;
        }
        last.insert(tenant, now);
        true
    }
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let check = match asked.verify {
        Some(_) => Some(newest(&tenant.audit(NEWEST_MAX, None).await?)),
        None => None,
    };
    let before = asked.before.and_then(|text| text.parse().ok());
    page(&state, shell, before, check).await
}

/// Checks the whole log, where its turn has come.
pub(super) async fn check_all(
    State(state): State<WebState>,
    shell: Shell,
) -> Result<Response, WebError> {
    let tenant = shell.operator.tenant();
    let Ok(_alone) = state.walks.running.try_lock() else {
        return page(&state, shell, None, Some(Check::Later)).await;
    };
    if !state.walks.is_due(tenant, shell.now) {
        return page(&state, shell, None, Some(Check::Later)).await;
    }
    let found = state.tenant(tenant).verify_audit().await?;
    let check = match found.broken_at {
        None => Check::Intact { entries: found.sealed, whole: true },
        Some(at) => Check::Broken { at, entries: found.sealed },
    };
    page(&state, shell, None, Some(check)).await
}

async fn page(
    state: &WebState,
    shell: Shell,
    before: Option<u64>,
    check: Option<Check>,
) -> Result<Response, WebError> {
    let rows = state.tenant(shell.operator.tenant()).audit(ROWS, before).await?;
    let page = Html(AuditPage { shell, rows, before, check }.render()?);
    Ok(match check {
        Some(Check::Later) => {
            let wait = [(RETRY_AFTER, WALK_EVERY.as_secs().to_string())];
            (StatusCode::TOO_MANY_REQUESTS, wait, page).into_response()
        }
        _ => page.into_response(),
    })
}

/// Follows the chain through the newest entries, given newest first. The oldest of them, where it
/// is not the log's first, is taken as it is: it is what the others hang on.
fn newest(rows: &[AuditRow]) -> Check {
    let mut entries = 0;
    let mut before: Option<(u64, Option<[u8; 32]>)> = None;
    for row in rows.iter().rev() {
        let sealed = row.seal.as_deref().map(digits);
        let fits = match (&before, sealed) {
            (None, _) if row.sequence > 1 => true,
            (Some((place, _)), _) if place + 1 != row.sequence => false,
            (_, None) => true,
            // Sealed after one that is not: somebody unsealed it.
            (Some((_, None)), Some(_)) => false,
            (before, Some(sealed)) => {
                let previous = before.and_then(|(_, seal)| seal).unwrap_or_default();
                entries += 1;
                sealed == Some(seal(&previous, row.sequence, &row.entry))
            }
        };
        if !fits {
            return Check::Broken { at: row.sequence, entries };
        }
        before = Some((row.sequence, sealed.flatten()));
    }
    Check::Intact { entries, whole: false }
}

fn digits(seal: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    hex::decode_to_slice(seal, &mut octets).ok()?;
    Some(octets)
}

impl AuditPage {
    /// Where the next page begins.
    fn older(&self) -> Option<u64> {
        let last = self.rows.last().filter(|_| self.rows.len() == ROWS)?;
        (last.sequence > 1).then_some(last.sequence)
    }

    /// The first digits of a seal: enough to compare by eye.
    fn short(&self, seal: &str) -> String {
        seal.chars().take(12).collect()
    }

    /// The page about what an entry is about, where there is one.
    fn about(&self, row: &AuditRow) -> Option<String> {
        let target = &row.entry.target;
        let is_id = target.len() == 32 && target.bytes().all(|byte| byte.is_ascii_hexdigit());
        match row.entry.action.split('.').next() {
            Some("message" | "retraction" | "copy") if is_id => Some(format!("/messages/{target}")),
            Some("job") if is_id => Some(format!("/jobs/{target}")),
            _ => None,
        }
    }
}

const NEWEST_MAX: usize = 1_000;
const ROWS: usize = 50;
/// A whole log has millions of entries after a year.
const WALK_EVERY: Duration = Duration::from_secs(60);
const WALKS_MAX: usize = 1_000;
/// Which entry of the navigation this page belongs to.
const HERE: &str = "audit";

#[cfg(test)]
mod tests {
    use clawback_core::audit::{Actor, Entry};

    use super::*;

    /// A log from `first` on, newest first, sealed but for its newest entry.
    fn log(first: u64, last: u64) -> Vec<AuditRow> {
        let mut previous = [if first == 1 { 0 } else { 7 }; 32];
        let sealed = |sequence: u64| {
            let entry = Entry {
                at: UnixMillis(sequence),
                actor: Actor::system("test"),
                action: "a".into(),
                target: "t".into(),
                details: serde_json::Value::Null,
            };
            previous = seal(&previous, sequence, &entry);
            let seal = (sequence < last).then(|| hex::encode(previous));
            AuditRow { sequence, entry, seal }
        };
        let mut rows: Vec<AuditRow> = (first..=last).map(sealed).collect();
        rows.reverse();
        rows
    }

    #[test]
    fn the_newest_entries_are_followed_from_the_oldest_of_them() {
        assert_eq!(newest(&[]), Check::Intact { entries: 0, whole: false });
        assert_eq!(newest(&log(1, 9)), Check::Intact { entries: 8, whole: false });
        assert_eq!(newest(&log(5, 9)), Check::Intact { entries: 3, whole: false });
    }

    #[test]
    fn whatever_was_done_to_one_of_them_shows() {
        type Change = fn(&mut Vec<AuditRow>);
        let changes: [(&str, u64, Change); 5] = [
            ("another action", 5, |rows| rows[4].entry.action = "b".into()),
            ("another seal", 5, |rows| rows[4].seal = Some("00".repeat(32))),
            ("no seal", 6, |rows| rows[4].seal = None),
            ("no digits", 5, |rows| rows[4].seal = Some("zz".into())),
            ("missing", 6, |rows| drop(rows.remove(4))),
        ];
        for (what, at, change) in changes {
            let mut rows = log(1, 9);
            change(&mut rows);
            let found = newest(&rows);
            assert!(
                matches!(found, Check::Broken { at: place, .. } if place == at),
                "{what}: {found:?}"
            );
        }
    }

    #[test]
    fn a_whole_check_comes_once_a_minute_for_each_tenant() {
        let walks = Walks::default();
        let (one, other) = (TenantId::from_octets([1; 16]), TenantId::from_octets([2; 16]));
        let now = UnixMillis(1_000_000);
        assert!(walks.is_due(one, now) && walks.is_due(other, now));
        assert!(!walks.is_due(one, now.after(WALK_EVERY - Duration::from_millis(1))));
        assert!(walks.is_due(one, now.after(WALK_EVERY)));
    }
}
