//! Retraction jobs: every order, how far it is, and each copy it concerns.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use clawback_core::copy::Order;
use clawback_core::job::{Control, Job, JobState, OrderedBy, Selection};
use clawback_core::plan::Rank;
use clawback_core::{Destination, JobId};
use clawback_store::view::{JobCopy, JobRow};
use serde::Deserialize;

use super::assets;
use super::charts::{self, Outcome};
use super::error::WebError;
use super::marks as m;
use super::orders;
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
    let outcome = charts::outcome(&row.tally, row.job.is_restoration());
    let all = usize::try_from(row.tally.total()).unwrap_or(usize::MAX);
    let page = Pages::of(all, asked.page.as_deref());
    let copies = tenant.job_copies(id, page.from, COPIES_A_PAGE).await?;
    Ok(Html(JobPage { shell, id, row, copies, page, outcome }.render()?))
}

fn by(job: &Job) -> &str {
    match &job.by {
        OrderedBy::Policy => "Auto-retract",
        OrderedBy::Operator { name, .. } => name,
    }
}

impl JobsPage {
    fn outcome(&self, row: &JobRow) -> Outcome {
        charts::outcome(&row.tally, row.job.is_restoration())
    }

    fn state(&self, row: &JobRow) -> m::Status {
        state(row)
    }
}

/// How far a job is, in a word; one that was undone says so.
fn state(row: &JobRow) -> m::Status {
    match row.undone_by {
        Some(_) => m::Status { tone: m::Tone::Off, word: "Undone".into(), note: String::new() },
        None => m::job(row.state()),
    }
}

/// What a job is, as its title says it.
fn title(job: &Job) -> String {
    match job.is_restoration() {
        true => format!("Undo: {} → where it was", job.reason),
        false => format!("{} → {}", job.reason, job.destination.label()),
    }
}

impl JobPage {
    fn state(&self, copy: &JobCopy) -> m::Status {
        m::retraction(&Order {
            job: copy.job,
            destination: copy.destination,
            rank: Rank::Usual,
            retraction: copy.retraction,
        })
    }

    fn job_state(&self) -> m::Status {
        state(&self.row)
    }

    fn can_pause(&self) -> bool {
        matches!(self.row.state(), JobState::Queued | JobState::Running)
            && self.row.control == Control::Run
    }

    fn can_resume(&self) -> bool {
        self.row.state() == JobState::Paused
    }

    fn can_stop(&self) -> bool {
        self.can_pause() || self.can_resume()
    }

    fn can_retry(&self) -> bool {
        self.row.tally.failed() > 0 && self.row.undone_by.is_none()
    }

    fn can_undo(&self) -> bool {
        orders::can_undo(&self.row)
    }

    /// The provider's id of the last request about a copy: what its support asks for.
    fn request(&self, copy: &JobCopy) -> Option<String> {
        let answers = copy.steps.iter().rev().flat_map(|step| step.answers.iter().rev());
        answers.filter_map(|answer| answer.theirs.clone()).next()
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
