//! Retract settings: where mail of each disposition goes. Read-only until Edit; a save that saw
//! an older version is refused and both versions are shown; Hard Delete asks to be acknowledged.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use clawback_core::tenant::Settings;
use clawback_core::{AutoRetract, Destination, Disposition};
use clawback_store::error::StoreError;
use serde::Deserialize;

use super::assets;
use super::error::WebError;
use super::marks as m;
use super::range::Range;
use super::shell::Shell;
use super::state::WebState;
use super::when as w;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    edit: Option<String>,
    saved: Option<usize>,
}

/// Why the page is shown as it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum View {
    /// Somebody else saved in between.
    Conflict,
    /// The form, ready to be changed.
    Edit,
    /// Hard Delete was chosen and not acknowledged.
    NotAcknowledged,
    /// The settings as they are.
    Read,
    /// A save succeeded.
    Saved,
}

#[derive(Template)]
#[template(path = "retract_settings.html")]
pub(super) struct SettingsPage {
    pub(super) shell: Shell,
    pub(super) view: View,
    /// What holds now.
    pub(super) saved: Settings,
    /// What the form shows.
    pub(super) chosen: AutoRetract,
    /// Messages of the last seven days, by disposition.
    pub(super) week: Vec<(Disposition, u64)>,
    /// How many choices a save changed.
    pub(super) changed: usize,
}

/// The page.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let saved = state.tenant(shell.operator.tenant()).settings().await?;
    let view = match (asked.edit, asked.saved) {
        (Some(_), _) => View::Edit,
        (None, Some(_)) => View::Saved,
        (None, None) => View::Read,
    };
    let changed = asked.saved.unwrap_or_default();
    let chosen = saved.auto_retract.clone();
    page(&state, shell, view, saved, chosen, changed).await
}

/// Saves what the form says, if nobody else saved since it was shown.
pub(super) async fn save(
    State(state): State<WebState>,
    shell: Shell,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let tenant = state.tenant(shell.operator.tenant());
    let seen = fields.get("version").and_then(|version| version.parse().ok());
    let seen: u64 = seen.ok_or(WebError::BadRequest)?;
    let chosen = read(&fields)?;
    let saved = tenant.settings().await?;
    if saved.version != seen {
        return page(&state, shell, View::Conflict, saved, chosen, 0).await;
    }
    let hard = chosen.choices().any(|(_, destination)| destination == Destination::HardDelete);
    if hard && !fields.contains_key("acknowledge") {
        return page(&state, shell, View::NotAcknowledged, saved, chosen, 0).await;
    }
    let sent = usize::from(saved.auto_retract.sent_copies != chosen.sent_copies);
    let changed = differences(&saved.auto_retract, &chosen).len() + sent;
    match tenant.save_auto_retract(seen, chosen.clone(), &shell.operator.actor()).await {
        Ok(_) => {
            Ok(Redirect::to(&format!("/settings/email/retract?saved={changed}")).into_response())
        }
        Err(StoreError::Conflict) => {
            let saved = tenant.settings().await?;
            page(&state, shell, View::Conflict, saved, chosen, 0).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Every disposition must be answered, with a destination a policy may choose.
fn read(fields: &BTreeMap<String, String>) -> Result<AutoRetract, WebError> {
    let sent_copies = fields.contains_key("sent_copies");
    let mut start = AutoRetract::default();
    start.sent_copies = sent_copies;
    Disposition::RETRACTABLE.into_iter().try_fold(start, |policy, disposition| {
        let field = fields.get(disposition.as_str()).ok_or(WebError::BadRequest)?;
        let destination = field.parse().map_err(|_| WebError::BadRequest)?;
        policy.with(disposition, destination).map_err(|_| WebError::BadRequest)
    })
}

/// What one version says and the other does not: disposition, one, other.
fn differences(
    one: &AutoRetract,
    other: &AutoRetract,
) -> Vec<(Disposition, Destination, Destination)> {
    let pairs = one.choices().zip(other.choices());
    pairs.filter(|(a, b)| a.1 != b.1).map(|(a, b)| (a.0, a.1, b.1)).collect()
}

async fn page(
    state: &WebState,
    shell: Shell,
    view: View,
    saved: Settings,
    chosen: AutoRetract,
    changed: usize,
) -> Result<Response, WebError> {
    let week = state.overview(shell.operator.tenant(), Range::Week).await?.dispositions;
    let status = match view {
        View::Conflict => StatusCode::CONFLICT,
        View::NotAcknowledged => StatusCode::UNPROCESSABLE_ENTITY,
        View::Edit | View::Read | View::Saved => StatusCode::OK,
    };
    let page = SettingsPage { shell, view, saved, chosen, week, changed };
    Ok((status, Html(page.render()?)).into_response())
}

impl SettingsPage {
    fn at_google(&self) -> bool {
        self.shell.is_at_google
    }

    fn editing(&self) -> bool {
        matches!(self.view, View::Conflict | View::Edit | View::NotAcknowledged)
    }

    fn is_chosen(&self, disposition: &Disposition, destination: &Destination) -> bool {
        self.chosen.destination(*disposition) == *destination
    }

    fn keeps(&self, disposition: &Disposition) -> bool {
        self.chosen.destination(*disposition) == self.was(disposition)
    }

    fn was(&self, disposition: &Disposition) -> Destination {
        self.saved.auto_retract.destination(*disposition)
    }

    fn differences(&self) -> Vec<(Disposition, Destination, Destination)> {
        differences(&self.saved.auto_retract, &self.chosen)
    }

    fn in_week(&self, disposition: &Disposition) -> u64 {
        self.week.iter().find(|(d, _)| d == disposition).map_or(0, |(_, count)| *count)
    }

    /// Messages of the week by where the settings that hold now send them.
    fn week_by_destination(&self) -> Vec<(Destination, u64)> {
        let sum = |destination: Destination| {
            let choices = self.saved.auto_retract.choices().filter(|(_, d)| *d == destination);
            (destination, choices.map(|(disposition, _)| self.in_week(&disposition)).sum())
        };
        Destination::POLICY.into_iter().map(sum).collect()
    }
}

/// A destination as the owner of the mailbox reads it.
fn name(destination: impl Borrow<Destination>, is_at_google: bool) -> &'static str {
    match destination.borrow() {
        Destination::Junk if is_at_google => "Spam",
        destination => destination.label(),
    }
}

/// What a destination means to the owner of the mailbox.
fn meaning(destination: impl Borrow<Destination>, is_at_google: bool) -> &'static str {
    match destination.borrow() {
        Destination::Junk if is_at_google => "30 days, user recoverable",
        Destination::Trash if is_at_google => "30 days, user recoverable",
        Destination::SoftDelete if is_at_google => "is Trash at Gmail",
        Destination::HardDelete if is_at_google => "deleted for ever",
        Destination::Inbox => "back where it was",
        Destination::NoAction => "leave it",
        Destination::Junk => "spam folder",
        Destination::Trash => "deleted items",
        Destination::SoftDelete => "user recoverable",
        Destination::HardDelete => "admin recoverable",
    }
}

/// Which entry of the navigation this page belongs to.
const HERE: &str = "settings";

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(with: &[(&str, &str)]) -> BTreeMap<String, String> {
        let all = Disposition::RETRACTABLE.map(|d| (d.as_str(), "no_action"));
        all.iter().chain(with).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_form_answers_for_every_disposition_or_is_refused() {
        let chosen = read(&fields(&[("SPAM", "junk")])).unwrap();
        assert_eq!(chosen.destination(Disposition::Spam), Destination::Junk);
        assert!(read(&BTreeMap::new()).is_err());
        assert!(read(&fields(&[("SPAM", "inbox")])).is_err(), "no policy restores");
        assert!(read(&fields(&[("SPAM", "moon")])).is_err());
    }

    #[test]
    fn differences_name_both_sides() {
        let one = read(&fields(&[])).unwrap();
        let other = read(&fields(&[("BULK", "trash")])).unwrap();
        let meant = [(Disposition::Bulk, Destination::NoAction, Destination::Trash)];
        assert_eq!(differences(&one, &other), meant);
        assert!(differences(&one, &one).is_empty());
    }
}
