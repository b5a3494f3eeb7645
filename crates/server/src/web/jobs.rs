//! Retraction jobs: every order, how far it is, and each copy it concerns.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use clawback_core::JobId;
use clawback_core::copy::Order;
use clawback_core::job::{Job, OrderedBy};
use clawback_store::view::{JobCopy, JobRow};
use serde::Deserialize;

use super::assets;
use super::charts::{self, Outcome};
use super::error::WebError;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;

#[derive(Template)]
#[template(path = "jobs.html")]
pub(super) struct JobsPage {
    pub(super) shell: Shell,
    pub(super) jobs: Vec<JobRow>,
}

#[derive(Template)]
#[template(path = "job.html")]
pub(super) struct JobPage {
    pub(super) shell: Shell,
    pub(super) id: JobId,
    pub(super) row: JobRow,
    /// Those of this page.
    pub(super) copies: Vec<JobCopy>,
    pub(super) page: Pages,
    pub(super) outcome: Outcome,
}

/// What the address of a job says beside its id.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    page: Option<String>,
}

/// Where in a list a page is. Pages count from one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pages {
    this: usize,
    last: usize,
    from: usize,
    all: usize,
}

impl Pages {
    /// The page that was asked for, or the nearest there is.
    fn of(all: usize, asked: Option<&str>) -> Self {
        let last = all.div_ceil(COPIES_A_PAGE).max(1);
        let this = asked.and_then(|word| word.parse().ok()).unwrap_or(1_usize).clamp(1, last);
        Self { this, last, from: (this - 1) * COPIES_A_PAGE, all }
    }
}

/// The newest orders.
pub(super) async fn list(
    State(state): State<WebState>,
    shell: Shell,
) -> Result<Html<String>, WebError> {
    let jobs = state.tenant(shell.operator.tenant()).jobs(JOBS_MAX).await?;
    Ok(Html(JobsPage { shell, jobs }.render()?))
}

/// One order with its copies, trouble first.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, WebError> {
    let id: JobId = id.parse().map_err(|_| WebError::NoSuchJob)?;
    let tenant = state.tenant(shell.operator.tenant());
    let row = tenant.job(id).await?.ok_or(WebError::NoSuchJob)?;
    let mut copies = tenant.job_copies(id).await?;
    copies.sort_by_key(|copy| trouble(copy).0);
    let outcome = charts::outcome(&row.tally);
    let page = Pages::of(copies.len(), asked.page.as_deref());
    let copies = copies.into_iter().skip(page.from).take(COPIES_A_PAGE).collect();
    Ok(Html(JobPage { shell, id, row, copies, page, outcome }.render()?))
}

fn trouble(copy: &JobCopy) -> (u8, &'static str) {
    match m::state_words(copy.retraction.state) {
        (m::Tone::Bad, word) => (0, word),
        (m::Tone::Warn, word) => (1, word),
        (m::Tone::Run, word) => (2, word),
        (m::Tone::Off, word) => (3, word),
        (m::Tone::Ok, word) => (4, word),
    }
}

fn by(job: &Job) -> &str {
    match &job.by {
        OrderedBy::Policy => "Auto-retract",
        OrderedBy::Operator { name, .. } => name,
    }
}

impl JobsPage {
    fn outcome(&self, row: &JobRow) -> Outcome {
        charts::outcome(&row.tally)
    }

    fn state(&self, row: &JobRow) -> m::Status {
        m::job(row.tally.job_state())
    }
}

impl JobPage {
    fn state(&self, copy: &JobCopy) -> m::Status {
        m::retraction(&Order {
            job: copy.job,
            destination: copy.destination,
            retraction: copy.retraction,
        })
    }

    /// `101–200 of 340`.
    fn shown(&self) -> String {
        let Pages { from, all, .. } = self.page;
        format!("{}–{} of {all}", from + 1, from + self.copies.len())
    }

    fn page_url(&self, page: &usize) -> String {
        format!("/jobs/{}?page={page}", self.id)
    }

    fn before(&self) -> Option<usize> {
        (self.page.this > 1).then(|| self.page.this - 1)
    }

    fn after(&self) -> Option<usize> {
        (self.page.this < self.page.last).then_some(self.page.this + 1)
    }
}

const COPIES_A_PAGE: usize = 100;
const JOBS_MAX: usize = 200;
/// Which entry of the navigation this page belongs to.
const HERE: &str = "jobs";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_table() {
        let rows = [
            (0, None, (1, 1, 0)),
            (100, Some("2"), (1, 1, 0)),
            (101, Some("2"), (2, 2, 100)),
            (340, Some("4"), (4, 4, 300)),
            (340, Some("99"), (4, 4, 300)),
            (340, Some("0"), (1, 4, 0)),
            (340, Some("x"), (1, 4, 0)),
        ];
        for (all, asked, (this, last, from)) in rows {
            assert_eq!(Pages::of(all, asked), Pages { this, last, from, all }, "{all} {asked:?}");
        }
    }
}
