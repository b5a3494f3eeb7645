//! The audit log: who did what, newest first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
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
pub(super) struct Check {
    /// Entries looked at.
    pub(super) entries: u64,
    /// The first entry that is not what was sealed.
    pub(super) broken: Option<u64>,
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let check = match asked.verify {
        Some(_) => {
            let found = tenant.verify_audit().await?;
            Some(Check { entries: found.sealed, broken: found.broken_at })
        }
        None => None,
    };
    let before = asked.before.and_then(|text| text.parse().ok());
    let rows = tenant.audit(ROWS, before).await?;
    Ok(Html(AuditPage { shell, rows, before, check }.render()?))
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

const ROWS: usize = 50;
/// Which entry of the navigation this page belongs to.
const HERE: &str = "audit";
