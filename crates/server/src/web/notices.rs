//! What an operator should know before anything else, as a list on the overview: worst first.
//!
//! One function a question; each answers with at most one notice. Asking is cheap, or it is not
//! asked here: the page asks again every few seconds.

use clawback_core::retraction::State as CopyState;
use clawback_core::tenant::{Settings, Tenant};
use clawback_core::trace::Query;
use clawback_core::{Destination, UnixMillis};
use clawback_store::view::Overview;

use super::error::WebError;
use super::range::Range;
use super::shell::Shell;
use super::state::WebState;
use super::trace;
use super::when as w;
use crate::sources;

/// One thing an operator should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Notice {
    /// How it looks, and where in the list it stands.
    pub(super) severity: Severity,
    /// What is the matter.
    pub(super) title: String,
    /// What it means.
    pub(super) text: String,
    /// A command to copy; empty where none helps.
    pub(super) command: String,
    /// What to do at the dashboard: its words, and where it leads.
    pub(super) link: Option<(&'static str, String)>,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Severity {
    /// Something does not work.
    Bad,
    /// Something wants a look.
    Warn,
    /// Good to know.
    Info,
}

impl Severity {
    /// The class of its note.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Warn => "warn",
        }
    }

    /// Its icon.
    pub(super) fn icon(self) -> &'static str {
        match self {
            Self::Bad => "badc",
            Self::Info => "info",
            Self::Warn => "alert",
        }
    }
}

/// Everything there is to say now.
pub(super) async fn gather(
    state: &WebState,
    shell: &Shell,
    range: Range,
    seen: &Overview,
    settings: &Settings,
) -> Result<Vec<Notice>, WebError> {
    let control = state.control();
    let tenant = control.tenant(shell.operator.tenant()).await?.ok_or(WebError::NotFound)?;
    let here = state.store.region(&state.region);
    let found = [
        no_room(here.has_room()),
        quota(&tenant, here.usage(tenant.id)),
        failed(seen, range),
        held(seen, range),
        unverified(state, shell).await?,
        no_source_rules(&tenant),
        no_key_backup(control.key_backed_up().await?),
        only_watching(seen, settings),
    ];
    let mut notices: Vec<Notice> = found.into_iter().flatten().collect();
    notices.sort_by_key(|notice| notice.severity);
    Ok(notices)
}

fn failed(seen: &Overview, range: Range) -> Option<Notice> {
    let count = seen.retractions.failed();
    (count > 0).then(|| Notice {
        severity: Severity::Warn,
        title: format!("{} a look.", w::counted(count, "retraction needs", "retractions need")),
        text: "The copies are not where they should be; the reason stands beside each.".to_owned(),
        command: String::new(),
        link: Some(("Review failures", trace::url("is:failed", range, None))),
    })
}

fn held(seen: &Overview, range: Range) -> Option<Notice> {
    let count = seen.retractions.of(CopyState::Held);
    (count > 0).then(|| Notice {
        severity: Severity::Warn,
        title: format!("{} held.", w::counted(count, "retraction is", "retractions are")),
        text: "They wait until something outside changes, such as a lost consent.".to_owned(),
        command: String::new(),
        link: Some(("Show them", trace::url("is:held", range, None))),
    })
}

/// Whether the disk takes no mail any more.
fn no_room(has_room: bool) -> Option<Notice> {
    (!has_room).then(|| Notice {
        severity: Severity::Bad,
        title: "The disk is full down to its reserve.".to_owned(),
        text:
            "No report is taken until there is room; senders are told to wait, and try again for \
               a day or two."
                .to_owned(),
        command: String::new(),
        link: None,
    })
}

/// Whether a tenant has used up what is kept for it, or nearly so.
fn quota(tenant: &Tenant, used: u64) -> Option<Notice> {
    let most = tenant.quota_octets?;
    let (severity, title) = match used {
        used if used >= most => (Severity::Bad, "The quota of raw mail is used up."),
        used if used >= most / 10 * 9 => (Severity::Warn, "The quota of raw mail is nearly used."),
        _ => return None,
    };
    Some(Notice {
        severity,
        title: title.to_owned(),
        text: format!(
            "{} of {} are kept. Beyond the quota no mail is taken; senders keep their reports and \
             try again, Exchange Online for a day or more.",
            w::size(used),
            w::size(most)
        ),
        command: String::new(),
        link: None,
    })
}

/// Reports that did not pass the checks of their source, of the last day.
async fn unverified(state: &WebState, shell: &Shell) -> Result<Option<Notice>, WebError> {
    let query = Query::parse(UNVERIFIED).map_err(|_| WebError::Internal)?;
    let tenant = shell.operator.tenant();
    let count = async {
        let span = Range::Day.span(shell.now);
        let found = state.tenant(tenant).trace(&query, span, None, 1).await?;
        Ok::<u64, WebError>(found.counts.iter().map(|(_, count)| *count).sum())
    };
    let count = state.reviews.get((tenant, Range::Day), shell.now, count).await?;
    Ok((count > 0).then(|| Notice {
        severity: Severity::Warn,
        title: format!("{} kept for review.", w::counted(count, "report was", "reports were")),
        text: "In the last 24 hours mail came to the journaling address that did not pass the \
               checks of its source. Nothing is done to it."
            .to_owned(),
        command: String::new(),
        link: Some(("Review", trace::url(UNVERIFIED, Range::Day, None))),
    }))
}

fn no_source_rules(tenant: &Tenant) -> Option<Notice> {
    sources::is_open(tenant).then(|| Notice {
        severity: Severity::Warn,
        title: "Anybody who knows the journaling address can send reports to it.".to_owned(),
        text: "Say where yours come from, on the machine that clawback runs on. When nothing good \
               is kept for review any more, set the mode to enforce."
            .to_owned(),
        command: sources::command(tenant),
        link: None,
    })
}

fn no_key_backup(backed_up: Option<UnixMillis>) -> Option<Notice> {
    backed_up.is_none().then(|| Notice {
        severity: Severity::Warn,
        title: "The root key has no backup.".to_owned(),
        text: "Without it the raw mail is lost. Copy it, on the machine that clawback runs on, to \
               where a thief of that machine does not find it."
            .to_owned(),
        command: "clawback keys backup --to /media/elsewhere/clawback-root.key".to_owned(),
        link: None,
    })
}

fn only_watching(seen: &Overview, settings: &Settings) -> Option<Notice> {
    let watches = nothing_is_retracted(settings) && seen.processed_ever > 0;
    watches.then(|| Notice {
        severity: Severity::Info,
        title: "clawback is only watching.".to_owned(),
        text: "Auto-retract is No Action for every disposition: bad mail is found and stays where \
               it is."
            .to_owned(),
        command: String::new(),
        link: Some(("Choose what happens", "/settings/email/retract?edit".to_owned())),
    })
}

/// Whether no disposition has a destination.
pub(super) fn nothing_is_retracted(settings: &Settings) -> bool {
    settings.auto_retract.choices().all(|(_, chosen)| chosen == Destination::NoAction)
}

/// The trace's word for reports that did not pass the checks of their source.
const UNVERIFIED: &str = "is:unverified";

#[cfg(test)]
mod tests {
    use clawback_core::TenantId;

    use super::*;

    #[test]
    fn what_stops_the_mail_is_told_as_bad_and_before_it_does_as_a_warning() {
        let (id, name) = (TenantId::from_octets([1; 16]), "Example Corp".to_owned());
        let mut tenant = Tenant::new(id, name, Vec::new());
        tenant.quota_octets = Some(1_000);
        let told = |tenant: &Tenant, used| quota(tenant, used).map(|notice| notice.severity);
        assert_eq!(told(&tenant, 899), None);
        assert_eq!(told(&tenant, 900), Some(Severity::Warn));
        assert_eq!(told(&tenant, 1_000), Some(Severity::Bad));
        tenant.quota_octets = None;
        assert_eq!(told(&tenant, u64::MAX), None);
        assert_eq!(no_room(false).map(|notice| notice.severity), Some(Severity::Bad));
        assert!(no_room(true).is_none());
        assert!(Severity::Bad < Severity::Warn && Severity::Warn < Severity::Info, "worst first");
    }
}
