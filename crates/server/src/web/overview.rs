//! The overview: what came in, what was taken back, and what needs a decision.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use clawback_core::Disposition;
use clawback_core::retraction::State as CopyState;
use clawback_store::view::Overview;
use serde::Deserialize;

use super::assets;
use super::charts::{self, Columns, Outcome};
use super::error::WebError;
use super::marks as m;
use super::notices::{self, Notice};
use super::range::Range;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    range: Option<String>,
    clean: Option<String>,
}

#[derive(Template)]
#[template(path = "overview.html")]
pub(super) struct OverviewPage {
    pub(super) shell: Shell,
    pub(super) range: Range,
    pub(super) with_clean: bool,
    pub(super) seen: Overview,
    pub(super) columns: Columns,
    pub(super) outcome: Outcome,
    /// Where journal reports are to be sent: shown until the first one came.
    pub(super) journal_addresses: Vec<String>,
    /// Whether no disposition is retracted at all.
    pub(super) watching_only: bool,
    /// What an operator should know first.
    pub(super) notices: Vec<Notice>,
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, WebError> {
    let range = match Range::named(asked.range.as_deref()) {
        Range::All => Range::Month,
        range => range,
    };
    let with_clean = asked.clean.is_some();
    let tenant = state.tenant(shell.operator.tenant());
    let seen = state.overview(shell.operator.tenant(), range).await?;
    let settings = tenant.settings().await?;
    let journal_addresses = if seen.processed_ever == 0 {
        journal_addresses(&state, &shell).await?
    } else {
        Vec::new()
    };
    let watching_only = notices::nothing_is_retracted(&settings);
    let notices = notices::gather(&state, &shell, range, &seen, &settings).await?;
    let columns = charts::columns(&seen.steps, &charted(with_clean));
    let outcome = charts::outcome(&seen.retractions, false);
    let page = OverviewPage {
        shell,
        range,
        with_clean,
        seen,
        columns,
        outcome,
        journal_addresses,
        watching_only,
        notices,
    };
    Ok(Html(page.render()?))
}

/// Where this tenant's reports come in.
pub(super) async fn journal_addresses(
    state: &WebState,
    shell: &Shell,
) -> Result<Vec<String>, WebError> {
    let tenant = shell.operator.tenant();
    let all = state.control().journal_addresses().await?;
    let ours = all.into_iter().filter(|entry| entry.tenant == tenant);
    Ok(ours.map(|entry| entry.address.to_string()).collect())
}

/// Clean mail would flatten everything else: it is drawn when asked for.
fn charted(with_clean: bool) -> Vec<Disposition> {
    let bad = Disposition::ALL.into_iter().filter(|d| *d != Disposition::Clean);
    bad.chain(with_clean.then_some(Disposition::Clean)).collect()
}

impl OverviewPage {
    fn processed(&self) -> u64 {
        self.seen.dispositions.iter().map(|(_, count)| *count).sum()
    }

    fn threats(&self) -> u64 {
        let harmless = [Disposition::Clean, Disposition::Unknown, Disposition::Bulk];
        let bad = self.seen.dispositions.iter().filter(|(d, _)| !harmless.contains(d));
        bad.map(|(_, count)| *count).sum()
    }

    fn retracted(&self) -> u64 {
        self.seen.retractions.of(CopyState::Retracted)
    }

    fn already_gone(&self) -> u64 {
        self.seen.retractions.of(CopyState::AlreadyGone)
    }

    fn failed(&self) -> u64 {
        self.seen.retractions.failed()
    }

    fn open(&self) -> u64 {
        m::open(&self.seen.retractions)
    }

    fn is_shown(&self, disposition: &Disposition) -> bool {
        self.with_clean || *disposition != Disposition::Clean
    }

    /// Five moments under the chart.
    fn axis(&self) -> Vec<String> {
        let format = self.range.steps().2;
        let span = self.range.span(self.shell.now);
        let length = span.to.0.saturating_sub(span.from.0);
        let at = |part: u64| clawback_core::UnixMillis(span.from.0 + length / 4 * part);
        (0..5).map(|part| w::print(at(part), format)).collect()
    }

    fn range_url(&self, range: &Range) -> String {
        url(*range, self.with_clean)
    }

    /// The same page, with clean mail in the chart or without it.
    fn clean_url(&self) -> String {
        url(self.range, !self.with_clean)
    }

    fn trace(&self, query: &str) -> String {
        super::trace::url(query, self.range, None)
    }
}
fn url(range: Range, with_clean: bool) -> String {
    format!("/?range={}{}", range.word(), if with_clean { "&clean" } else { "" })
}

/// Which entry of the navigation this page belongs to.
const HERE: &str = "overview";
