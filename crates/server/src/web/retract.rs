//! Retracting by hand: chosen messages, or all that a search finds; a page that says what will
//! happen, and the order.
//!
//! The page carries the id of the job to be: sent twice, it is ordered once.

use askama::Template;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use clawback_core::job::{Job, Selection};
use clawback_core::trace::Query as TraceQuery;
use clawback_core::{Destination, JobId, MessageId};
use clawback_store::error::StoreError;
use clawback_store::view::Survey;
use url::form_urlencoded;

use super::assets;
use super::error::WebError;
use super::marks as m;
use super::range::Range;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;
use crate::admin::random;

/// What is to be retracted, as an address or a form says it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Wanted {
    ids: Vec<MessageId>,
    query: Option<(String, Range)>,
    job: Option<JobId>,
    destination: Option<Destination>,
    reason: String,
    is_acknowledged: bool,
}

/// Why the form is shown again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Trouble {
    /// It was not.
    None,
    /// No destination was chosen.
    NoDestination,
    /// Hard Delete was chosen and not acknowledged.
    NotAcknowledged,
}

#[derive(Template)]
#[template(path = "retract.html")]
pub(super) struct RetractPage {
    pub(super) shell: Shell,
    pub(super) wanted: Wanted,
    pub(super) trouble: Trouble,
    pub(super) job: JobId,
    /// What is known of chosen messages.
    pub(super) survey: Survey,
    /// How many messages a search finds; more than that where `more`.
    pub(super) found: u64,
    pub(super) more: bool,
}

impl Wanted {
    /// Reads `id=…&id=…` or `q=…&range=…`, and what a form adds.
    fn read(text: &[u8]) -> Result<Self, WebError> {
        let mut wanted = Self::default();
        let (mut query, mut range) = (None, None);
        for (name, value) in form_urlencoded::parse(text).take(FIELDS_MAX) {
            let bad = WebError::BadRequest;
            match name.as_ref() {
                "id" => wanted.ids.push(value.parse().map_err(|_| bad)?),
                "q" => query = Some(value.into_owned()),
                "range" => range = Some(Range::named(Some(&value))),
                "job" => wanted.job = Some(value.parse().map_err(|_| bad)?),
                "destination" => wanted.destination = Some(value.parse().map_err(|_| bad)?),
                "reason" => wanted.reason = value.chars().take(REASON_CHARS_MAX).collect(),
                "acknowledge" => wanted.is_acknowledged = true,
                _ => {}
            }
        }
        wanted.ids.sort_unstable();
        wanted.ids.dedup();
        wanted.ids.truncate(MESSAGES_MAX);
        wanted.query = query.map(|query| (query, range.unwrap_or_default()));
        match wanted.ids.is_empty() && wanted.query.is_none() {
            true => Err(WebError::BadRequest),
            false => Ok(wanted),
        }
    }
}

/// The form.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    RawQuery(asked): RawQuery,
) -> Result<Response, WebError> {
    let wanted = Wanted::read(asked.unwrap_or_default().as_bytes())?;
    page(&state, shell, wanted, Trouble::None).await
}

/// The order.
pub(super) async fn order(
    State(state): State<WebState>,
    shell: Shell,
    RawForm(form): RawForm,
) -> Result<Response, WebError> {
    let wanted = Wanted::read(&form)?;
    let Some(destination) = wanted.destination.filter(|to| CHOICES.contains(to)) else {
        return page(&state, shell, wanted, Trouble::NoDestination).await;
    };
    if destination == Destination::HardDelete && !wanted.is_acknowledged {
        return page(&state, shell, wanted, Trouble::NotAcknowledged).await;
    }
    let id = wanted.job.ok_or(WebError::BadRequest)?;
    let reason = match wanted.reason.trim() {
        "" => "By hand".to_owned(),
        reason => reason.to_owned(),
    };
    let selection = match &wanted.query {
        Some((query, range)) => {
            TraceQuery::parse(query).map_err(|_| WebError::BadRequest)?;
            let span = range.span(state.now());
            Selection::Found { query: query.clone(), from: span.from, to: span.to }
        }
        None => Selection::Messages { ids: wanted.ids },
    };
    let by = shell.operator.orders();
    let job = Job { id, by, destination, reason, created: state.now(), selection };
    let tenant = state.tenant(shell.operator.tenant());
    tenant.order(job, &shell.operator.actor()).await?;
    state.ordered.notify_one();
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

async fn page(
    state: &WebState,
    shell: Shell,
    wanted: Wanted,
    trouble: Trouble,
) -> Result<Response, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let (mut found, mut more) = (0, false);
    let mut survey = Survey::default();
    match &wanted.query {
        Some((query, range)) => {
            let query = TraceQuery::parse(query).map_err(|_| WebError::BadRequest)?;
            let page = tenant.trace(&query, range.span(state.now()), None, 1).await;
            let page = page.map_err(|error| match error {
                StoreError::Unsupported { .. } | StoreError::UnsupportedValue { .. } => {
                    WebError::BadRequest
                }
                error => error.into(),
            })?;
            found = page.counts.iter().map(|(_, count)| *count).sum();
            more = found >= COUNTED_MAX;
        }
        None => survey = tenant.survey(&wanted.ids).await?,
    }
    if wanted.query.is_none() && survey.messages == 0 {
        return Err(WebError::NoSuchMessage);
    }
    let job = wanted.job.unwrap_or_else(|| JobId::new(state.now(), random(&*state.entropy)));
    let status = match trouble {
        Trouble::None => StatusCode::OK,
        Trouble::NoDestination | Trouble::NotAcknowledged => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = RetractPage { shell, wanted, trouble, job, survey, found, more };
    Ok((status, Html(page.render()?)).into_response())
}

impl RetractPage {
    fn messages(&self) -> String {
        let count = if self.wanted.query.is_some() { self.found } else { self.survey.messages };
        let more = if self.more { "more than " } else { "" };
        format!("{more}{}", w::counted(count, "message", "messages"))
    }

    fn is_chosen(&self, destination: &Destination) -> bool {
        self.wanted.destination.unwrap_or(Destination::SoftDelete) == *destination
    }

    /// What a destination means at this tenant's provider: its words, and what can be undone.
    fn meaning(&self, destination: &Destination) -> (&'static str, &'static str, &'static str) {
        let at_google = self.shell.is_at_google;
        match (destination, at_google) {
            (Destination::Junk, false) => {
                ("Moves to Junk Email. The person can still open it.", "ok", "Undo")
            }
            (Destination::Junk, true) => {
                ("Moves to Spam. The person can still open it for 30 days.", "ok", "Undo 30 d")
            }
            (Destination::Trash, false) => {
                ("Moves to Deleted Items. The person can still open it.", "ok", "Undo")
            }
            (Destination::Trash, true) => {
                ("Moves to Trash, which Google empties after 30 days.", "ok", "Undo 30 d")
            }
            (Destination::SoftDelete, false) => (
                "Moves to Recoverable Items. The person can bring it back with Recover Deleted \
                 Items, for 14 days unless your retention says otherwise.",
                "ok",
                "Undo 14 d",
            ),
            (Destination::SoftDelete, true) => (
                "Google has no soft delete: it goes to Trash, which is emptied after 30 days.",
                "ok",
                "Undo 30 d",
            ),
            (Destination::HardDelete, false) => (
                "Moves to Purges. Only an administrator can get the item back, through eDiscovery. \
                 Where text or files differ from what was journaled, Soft Delete is done instead.",
                "bad",
                "Re-created only",
            ),
            (Destination::HardDelete, true) => (
                "Deletes for good, for administrators too. Where text or files differ from what was \
                 journaled, Trash is done instead.",
                "bad",
                "Re-created only",
            ),
            _ => ("", "", ""),
        }
    }
}

/// What a person may choose, mildest first.
const CHOICES: [Destination; 4] =
    [Destination::Junk, Destination::Trash, Destination::SoftDelete, Destination::HardDelete];
/// Messages chosen one by one.
const MESSAGES_MAX: usize = 1_000;
const FIELDS_MAX: usize = MESSAGES_MAX + 16;
const REASON_CHARS_MAX: usize = 200;
/// What the trace counts to.
const COUNTED_MAX: u64 = 10_000;
/// Which entry of the navigation this page belongs to.
const HERE: &str = "trace";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_table() {
        let one = "0".repeat(32);
        let read = |text: String| Wanted::read(text.as_bytes()).ok();
        let wanted = read(format!("id={one}&id={one}&destination=junk&reason=a%20b")).unwrap();
        assert_eq!((wanted.ids.len(), wanted.reason.as_str()), (1, "a b"), "each once");
        assert_eq!(wanted.destination, Some(Destination::Junk));
        let found = read("q=from%3Abad.example&range=7d".to_owned()).unwrap();
        assert_eq!(found.query.unwrap().0, "from:bad.example");
        for bad in ["", "id=x", "destination=junk", "id=&q"] {
            assert!(read(bad.to_owned()).is_none(), "{bad}");
        }
    }
}
