//! One message: what it is and why, where each of its copies is, and what happened to it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use clawback_core::record::{Arrival, Recipient};
use clawback_core::retraction::State as CopyState;
use clawback_core::source::SourceFault;
use clawback_core::verdict::Finding;
use clawback_core::{Copy, Destination, Disposition, MessageId, Reach, UnixMillis};
use clawback_store::view::MessageDetail;

use super::assets;
use super::details as d;
use super::error::WebError;
use super::known as kn;
use super::marks as m;
use super::shell::Shell;
use super::state::WebState;
use super::text as t;
use super::when as w;
use crate::examine::SOURCE_DEFECT;

#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct MessagePage {
    pub(super) shell: Shell,
    pub(super) message: MessageDetail,
    /// Where the settings send mail of this disposition now.
    pub(super) policy: Destination,
    /// Places of recipients, by the keys of their addresses.
    pub(super) by_key: HashMap<String, usize>,
}

/// One answer of an authentication check, as the provider stated it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Check {
    name: String,
    result: String,
    tone: &'static str,
    icon: &'static str,
}

/// Something that a report's source did not pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Doubt<'a> {
    /// What, in words.
    why: &'static str,
    /// What was there instead; empty where there is nothing to show.
    shown: &'a str,
}

impl<'a> Doubt<'a> {
    /// Reads a defect that tells of one: `source: network (192.0.2.7:25)`.
    fn read(defect: &'a str) -> Option<Self> {
        let told = defect.strip_prefix(SOURCE_DEFECT)?;
        let (word, shown) = told.split_once(" (").unwrap_or((told, ""));
        let fault = SourceFault::ALL.into_iter().find(|fault| fault.as_str() == word)?;
        Some(Self { why: fault.explanation(), shown: shown.strip_suffix(')').unwrap_or(shown) })
    }
}

/// The page. Another tenant's message is not found.
pub(super) async fn show(
    State(state): State<WebState>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Html<String>, WebError> {
    let id: MessageId = id.parse().map_err(|_| WebError::NoSuchMessage)?;
    let tenant = state.tenant(shell.operator.tenant());
    let message = tenant.message(id).await?.ok_or(WebError::NoSuchMessage)?;
    let policy = tenant.settings().await?.auto_retract.destination(message.verdict.disposition);
    let keys = message.recipients.iter().enumerate();
    let keys = keys.filter_map(|(place, of)| Some((of.address.as_ref()?.key(), place)));
    // Whoever is named twice is shown as first named.
    let by_key = keys.collect::<Vec<_>>().into_iter().rev().collect();
    Ok(Html(MessagePage { shell, message, policy, by_key }.render()?))
}

impl MessagePage {
    fn subject(&self) -> &str {
        let subject = self.message.summary.subject.trim();
        if subject.is_empty() { "(no subject)" } else { subject }
    }

    fn decides(&self, finding: &Finding) -> bool {
        self.message.verdict.decided_by.as_deref() == Some(finding.rule.as_str())
    }

    /// Copies of ours that their owner may still open, though the message is bad.
    fn reachable(&self) -> usize {
        let bad = !matches!(
            self.message.verdict.disposition,
            Disposition::Clean | Disposition::Unknown | Disposition::Bulk
        );
        if bad { self.ours().filter(|copy| is_open(copy)).count() } else { 0 }
    }

    fn ours(&self) -> impl Iterator<Item = &Copy> {
        let is_ours = |copy: &&Copy| matches!(copy.reach, Reach::Internal | Reach::Sent);
        self.message.copies.iter().filter(is_ours)
    }

    /// What there is to know of the copies that can still be opened.
    fn reachable_note(&self) -> String {
        let orders = || self.ours().filter_map(|copy| copy.order.as_ref());
        if orders().any(|order| !order.retraction.state.is_final()) {
            return "The retraction is under way; this page follows it.".to_owned();
        }
        if orders().next().is_some() {
            return "The retraction ended without them; the reason stands beside each copy."
                .to_owned();
        }
        let disposition = self.message.verdict.disposition;
        if !self.message.arrival.may_act() {
            return "It did not come in as a journal report of delivered mail, so nothing acts on it."
                .to_owned();
        }
        match self.policy {
            Destination::NoAction => format!("Auto-retract is No Action for {disposition}."),
            policy => format!(
                "Auto-retract was changed to {} after this message was judged.",
                policy.label()
            ),
        }
    }

    /// Why a report was kept for review, where it was.
    fn source_faults(&self) -> Vec<Doubt<'_>> {
        self.message.defects.iter().filter_map(|defect| Doubt::read(defect)).collect()
    }

    /// What is wrong with the message itself.
    fn defects(&self) -> impl Iterator<Item = &String> {
        self.message.defects.iter().filter(|defect| Doubt::read(defect).is_none())
    }

    fn recipient(&self, copy: &Copy) -> Option<&Recipient> {
        self.message.recipients.get(*self.by_key.get(&copy.mailbox.key())?)
    }

    /// The copies that the page has room for; a job has them all.
    fn shown(&self) -> &[Copy] {
        self.message.copies.get(..COPIES_MAX).unwrap_or(&self.message.copies)
    }

    /// The trace of everything that carries an attachment.
    fn hash_url(&self, sha256: &str) -> String {
        super::trace::url(&format!("hash:{sha256}"), super::range::Range::All, None)
    }

    fn short(&self, sha256: &str) -> String {
        sha256.chars().take(12).chain(['…']).collect()
    }

    fn checks(&self) -> Vec<Check> {
        checks(&self.message.summary.authentication)
    }

    fn arrival(&self) -> &'static str {
        match self.message.arrival {
            Arrival::JournalReport => "Journal report",
            Arrival::RoutedCopy => "Copy by this organisation's routing rule",
            Arrival::PlainCopy => "Plain copy: nothing shows who made it, never acted on",
            Arrival::NoOriginal => "Journal report without its original",
            Arrival::Unexpected => "Not a report: kept, never acted on",
            Arrival::Unverified => "Report of doubtful source: kept for review, never acted on",
        }
    }

    fn judged_after(&self) -> String {
        let since = self.message.judged.since(self.message.received).as_millis();
        w::length(u64::try_from(since).unwrap_or(u64::MAX))
    }

    /// Whether a step of the timeline is the first of its day.
    fn new_day(&self, place: &usize) -> bool {
        let at = |place: usize| self.message.timeline.get(place).map(|step| step.at.day());
        place.checked_sub(1).is_none_or(|before| at(before) != at(*place))
    }

    fn day(&self, at: &UnixMillis) -> String {
        w::print(*at, "%-d %B %Y")
    }
}

fn is_open(copy: &Copy) -> bool {
    match &copy.order {
        None => copy.folder <= clawback_core::Folder::Other,
        Some(order) => {
            let ended =
                matches!(order.retraction.state, CopyState::Retracted | CopyState::AlreadyGone);
            !ended || copy.folder.is_open()
        }
    }
}

/// `spf=pass dkim=none` as rows. What has no `=` is left to the raw line below them.
fn checks(authentication: &str) -> Vec<Check> {
    let words = authentication.split([' ', ';']).filter_map(|word| word.split_once('='));
    let known = words.filter(|(name, _)| CHECKS.contains(&name.to_ascii_lowercase().as_str()));
    known
        .take(CHECKS_MAX)
        .map(|(name, result)| {
            let result = result.to_ascii_lowercase();
            let (tone, icon) = match result.as_str() {
                "pass" | "bestguesspass" => ("ok", "okc"),
                "fail" | "permerror" | "reject" => ("bad", "badc"),
                _ => ("warn", "alert"),
            };
            Check { name: name.to_uppercase(), result, tone, icon }
        })
        .collect()
}

const CHECKS: [&str; 5] = ["spf", "dkim", "dmarc", "arc", "compauth"];
const CHECKS_MAX: usize = 12;
const COPIES_MAX: usize = 500;

/// Which entry of the navigation this page belongs to.
const HERE: &str = "trace";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_read_from_what_the_provider_stated() {
        let got = checks("spf=fail; dkim=none dmarc=Pass header.from=a.example rubbish");
        let short: Vec<_> = got.iter().map(|c| (c.name.as_str(), c.tone)).collect();
        assert_eq!(short, [("SPF", "bad"), ("DKIM", "warn"), ("DMARC", "ok")]);
        assert!(checks("").is_empty());
        assert_eq!(checks(&"spf=pass ".repeat(1_000)).len(), CHECKS_MAX);
    }
}
