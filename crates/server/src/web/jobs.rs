//! Retraction jobs: every order, how far it is, and each copy it concerns.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use clawback_core::JobId;
use clawback_core::copy::Order;
use clawback_core::job::{Job, OrderedBy, Tally};
use clawback_store::view::{JobCopy, JobRow};

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
    /// The order, where it is among the newest ones.
    pub(super) row: Option<JobRow>,
    pub(super) copies: Vec<JobCopy>,
    pub(super) outcome: Outcome,
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
) -> Result<Html<String>, WebError> {
    let id: JobId = id.parse().map_err(|_| WebError::NotFound)?;
    let tenant = state.tenant(shell.operator.tenant());
    let mut copies = tenant.job_copies(id).await?;
    if copies.is_empty() {
        return Err(WebError::NotFound);
    }
    copies.sort_by_key(|copy| trouble(copy).0);
    let row = tenant.jobs(JOBS_MAX).await?.into_iter().find(|row| row.job.id == id);
    let mut tally = Tally::default();
    for copy in &copies {
        tally.add(copy.retraction.state, 1);
    }
    let outcome = charts::outcome(&tally);
    Ok(Html(JobPage { shell, id, row, copies, outcome }.render()?))
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
}

const JOBS_MAX: usize = 200;
/// Which entry of the navigation this page belongs to.
const HERE: &str = "jobs";
