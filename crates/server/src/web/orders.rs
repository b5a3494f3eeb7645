//! What an operator says of a job: pause, go on, stop, try failures again, undo; and what became of
//! its copies, as files.

use std::io;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Form, Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use clawback_core::job::{Control, Job, Selection};
use clawback_core::retraction::State as CopyState;
use clawback_core::{Destination, JobId};
use clawback_store::TenantStore;
use clawback_store::error::StoreError;
use clawback_store::view::{JobCopy, JobRow};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;

use super::assets;
use super::error::WebError;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;
use crate::admin::random;

#[derive(Template)]
#[template(path = "undo.html")]
pub(super) struct UndoPage {
    pub(super) shell: Shell,
    pub(super) row: JobRow,
    /// The id of the job to be.
    pub(super) job: JobId,
}

/// A form that orders one thing.
#[derive(Debug, Deserialize)]
pub(super) struct Ordered {
    job: String,
}

/// Says something of a job.
pub(super) async fn say(
    State(state): State<WebState>,
    shell: Shell,
    Path((id, word)): Path<(String, String)>,
) -> Result<Redirect, WebError> {
    let id: JobId = id.parse().map_err(|_| WebError::NoSuchJob)?;
    let (tenant, actor) = (state.tenant(shell.operator.tenant()), shell.operator.actor());
    let said = match word.as_str() {
        "pause" => tenant.control_job(id, Control::Pause, &actor).await,
        "resume" => tenant.control_job(id, Control::Run, &actor).await,
        "cancel" => tenant.control_job(id, Control::Cancel, &actor).await,
        "retry" => tenant.retry_job(id, &actor).await,
        _ => return Err(WebError::NotFound),
    };
    said.map_err(moved_on)?;
    state.ordered.notify_one();
    Ok(Redirect::to(&format!("/jobs/{id}")))
}

/// What an undo would do.
pub(super) async fn ask(
    State(state): State<WebState>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Html<String>, WebError> {
    let row = read(&state.tenant(shell.operator.tenant()), &id).await?;
    if !can_undo(&row) {
        return Err(WebError::JobMovedOn);
    }
    let job = JobId::new(state.now(), random(&*state.entropy));
    Ok(Html(UndoPage { shell, row, job }.render()?))
}

/// Orders it.
pub(super) async fn undo(
    State(state): State<WebState>,
    shell: Shell,
    Path(id): Path<String>,
    Form(ordered): Form<Ordered>,
) -> Result<Redirect, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let row = read(&tenant, &id).await?;
    let id: JobId = ordered.job.parse().map_err(|_| WebError::BadRequest)?;
    // Sent again, it leads to the same job.
    if row.undone_by != Some(id) {
        if !can_undo(&row) {
            return Err(WebError::JobMovedOn);
        }
        let job = Job {
            id,
            by: shell.operator.orders(),
            destination: Destination::Inbox,
            reason: row.job.reason.clone(),
            created: state.now(),
            selection: Selection::Job { id: row.job.id },
        };
        tenant.order(job, &shell.operator.actor()).await.map_err(moved_on)?;
        state.ordered.notify_one();
    }
    Ok(Redirect::to(&format!("/jobs/{id}")))
}

/// Whether there is something that can be put back or withdrawn.
pub(super) fn can_undo(row: &JobRow) -> bool {
    let moved = row.tally.of(CopyState::Retracted) > 0 || m::open(&row.tally) > 0;
    !row.job.is_restoration() && row.undone_by.is_none() && (moved || row.is_selecting)
}

/// A file with every copy of a job.
pub(super) async fn export(
    State(state): State<WebState>,
    shell: Shell,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let row = read(&tenant, &id).await?;
    let (form, media) = match name.as_str() {
        "copies.csv" => (FileForm::Csv, "text/csv; charset=utf-8"),
        "copies.ndjson" => (FileForm::Lines, "application/x-ndjson"),
        _ => return Err(WebError::NotFound),
    };
    let id = row.job.id;
    let start = (tenant, Some(0_usize));
    let parts = stream::try_unfold(start, move |(tenant, from)| async move {
        let Some(from) = from else { return Ok(None) };
        let copies = tenant.job_copies(id, from, EXPORTED_A_STEP).await;
        let copies = copies.map_err(io::Error::other)?;
        let next = (copies.len() == EXPORTED_A_STEP).then(|| from + copies.len());
        let text = form.write(&copies, from == 0)?;
        Ok::<_, io::Error>(Some((text, (tenant, next))))
    });
    let named = format!("attachment; filename=\"job-{id}-{name}\"");
    let named = HeaderValue::from_str(&named).map_err(|_| WebError::Internal)?;
    let media = HeaderValue::from_static(media);
    let headers = [(CONTENT_TYPE, media), (CONTENT_DISPOSITION, named)];
    Ok((headers, Body::from_stream(parts)).into_response())
}

#[derive(Clone, Copy)]
enum FileForm {
    Csv,
    Lines,
}

impl FileForm {
    fn write(self, copies: &[JobCopy], is_first: bool) -> io::Result<Bytes> {
        let mut text = Vec::new();
        match self {
            Self::Lines => {
                for copy in copies {
                    serde_json::to_writer(&mut text, &object(copy)).map_err(io::Error::other)?;
                    text.push(b'\n');
                }
            }
            Self::Csv => {
                let mut rows = csv::Writer::from_writer(&mut text);
                if is_first {
                    rows.write_record(COLUMNS)?;
                }
                for copy in copies {
                    rows.write_record(record(copy))?;
                }
                rows.flush()?;
            }
        }
        Ok(text.into())
    }
}

/// A copy as one value.
fn object(copy: &JobCopy) -> serde_json::Value {
    let retraction = copy.retraction;
    json!({
        "mailbox": copy.mailbox,
        "message": copy.message,
        "copy": copy.copy,
        "destination": copy.destination,
        "state": retraction.state,
        "reason": retraction.reason,
        "explanation": retraction.reason.explanation(),
        "location": copy.folder,
        "recreated": copy.is_recreated,
        "unlike": copy.unlike,
        "tries": retraction.tries,
        "since": retraction.since,
        "steps": copy.steps,
    })
}

/// A copy as a row. A field that a spreadsheet would take for a formula begins with an apostrophe.
fn record(copy: &JobCopy) -> [String; 10] {
    let retraction = copy.retraction;
    let request = copy.steps.iter().rev().flat_map(|step| step.answers.iter().rev());
    let request = request.filter_map(|answer| answer.theirs.clone()).next().unwrap_or_default();
    let row = [
        copy.mailbox.clone(),
        copy.message.to_string(),
        copy.destination.to_string(),
        retraction.state.to_string(),
        retraction.reason.as_str().to_owned(),
        retraction.reason.explanation().to_owned(),
        copy.folder.to_string(),
        retraction.tries.to_string(),
        w::print(retraction.since, "%Y-%m-%dT%H:%M:%SZ"),
        request,
    ];
    row.map(|field| match field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{field}"),
        false => field,
    })
}

async fn read(tenant: &TenantStore, id: &str) -> Result<JobRow, WebError> {
    let id: JobId = id.parse().map_err(|_| WebError::NoSuchJob)?;
    tenant.job(id).await?.ok_or(WebError::NoSuchJob)
}

fn moved_on(error: StoreError) -> WebError {
    match error {
        StoreError::Conflict => WebError::JobMovedOn,
        StoreError::NotFound => WebError::NoSuchJob,
        error => error.into(),
    }
}

impl UndoPage {
    fn moved(&self) -> u64 {
        self.row.tally.of(CopyState::Retracted).saturating_sub(self.row.purged)
    }

    fn open(&self) -> u64 {
        m::open(&self.row.tally)
    }
}

const COLUMNS: [&str; 10] = [
    "mailbox",
    "message",
    "destination",
    "state",
    "reason",
    "explanation",
    "location",
    "tries",
    "since",
    "provider_request_id",
];
const EXPORTED_A_STEP: usize = 1_000;
/// Which entry of the navigation this page belongs to.
const HERE: &str = "jobs";
