//! What pages and the API read: plain values, already narrowed to one tenant and region.

use clawback_core::copy::{Before, Folder, Reach, Step, Unlike};
use clawback_core::history::Gathered;
use clawback_core::job::{Control, Job, JobState, Tally};
use clawback_core::plan::Decision;
use clawback_core::record::{Arrival, Recipient, Summary};
use clawback_core::retraction::Retraction;
use clawback_core::{
    Copy, CopyId, Destination, Disposition, JobId, MessageId, SegmentId, UnixMillis, Verdict,
};
use serde::{Deserialize, Serialize};

/// Numbers for the overview page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Overview {
    /// Messages recorded since set-up.
    pub processed_ever: u64,
    /// Messages recorded in the span, by disposition, worst first; every disposition is there.
    pub dispositions: Vec<(Disposition, u64)>,
    /// The span in equal steps, oldest first, for the chart.
    pub steps: Vec<OverviewStep>,
    /// Copies ordered in the span, by state now.
    pub retractions: Tally,
    /// Received → verified of copies retracted in the span, in milliseconds.
    pub time_to_retract: Percentiles,
    /// Mailboxes that most bad mail of the span was sent to, most first, ten at most.
    pub targets: Vec<(String, u64)>,
    /// When the newest message was received.
    pub newest: Option<UnixMillis>,
}

/// One step of the overview's chart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OverviewStep {
    /// Where it begins.
    pub from: UnixMillis,
    /// Messages by disposition, in the order of [`Disposition::ALL`].
    pub counts: [u64; Disposition::ALL.len()],
}

/// Two points of a distribution; `None` where there is nothing to measure.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Percentiles {
    /// Half are at most this, in milliseconds.
    pub p50: Option<u64>,
    /// Nineteen of twenty are at most this, in milliseconds.
    pub p95: Option<u64>,
    /// How many were measured.
    pub count: u64,
}

/// One row of the mail trace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TraceRow {
    /// The message.
    pub id: MessageId,
    /// When it was received.
    pub received: UnixMillis,
    /// How it came in.
    pub arrival: Arrival,
    /// What it is.
    pub disposition: Disposition,
    /// The rule that decided, and its title; empty where nothing spoke.
    pub reason: String,
    /// Display name of the sender.
    pub from_name: String,
    /// Address of the sender.
    pub from_address: String,
    /// Subject.
    pub subject: String,
    /// The first recipient.
    pub to: String,
    /// How many recipients there are.
    pub recipients: u64,
    /// Attachments.
    pub attachments: u64,
    /// Links.
    pub links: u64,
    /// Its copies by where they lie now.
    pub folders: Vec<(Folder, u64)>,
    /// Its copies that are under an order, by state.
    pub tally: Tally,
}

/// A page of the mail trace.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TracePage {
    /// Newest first.
    pub rows: Vec<TraceRow>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// How many messages match in the span, by disposition, counted up to a limit.
    pub counts: Vec<(Disposition, u64)>,
}

/// A place in a list that is ordered newest first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cursor {
    /// Received at this moment …
    pub received: UnixMillis,
    /// … and before this id.
    pub id: MessageId,
}

/// Everything about one message but its raw octets.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageDetail {
    /// Its id.
    pub id: MessageId,
    /// When it was received.
    pub received: UnixMillis,
    /// When its verdict was recorded.
    pub judged: UnixMillis,
    /// How it came in.
    pub arrival: Arrival,
    /// Its Message-ID, without angle brackets.
    pub message_id: String,
    /// When it says it was sent.
    pub sent: Option<UnixMillis>,
    /// What a page shows.
    pub summary: Summary,
    /// Whom it reached.
    pub recipients: Vec<Recipient>,
    /// Its copies.
    pub copies: Vec<Copy>,
    /// What each copy has gone through under its present order, with the provider's answers.
    pub steps: Vec<(CopyId, Vec<Step>)>,
    /// What an operator decided about it, whatever its verdict.
    pub decision: Option<Decision>,
    /// What we think of it now.
    pub verdict: Verdict,
    /// Ways in which it was badly formed.
    pub defects: Vec<String>,
    /// What was looked up for it before it got this verdict.
    pub gathered: Gathered,
    /// Where its raw octets are.
    pub segment: SegmentId,
    /// What happened to it, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

/// One thing that happened to a message.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// When.
    pub at: UnixMillis,
    /// What, as in the audit log: `message.recorded`, `retraction.ordered`, `copy.retracted`, ….
    pub action: String,
    /// By whom.
    pub actor: String,
    /// What else there is to say.
    pub details: serde_json::Value,
}

/// One row of the list of jobs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JobRow {
    /// The order.
    pub job: Job,
    /// What an operator said of it since.
    pub control: Control,
    /// Whether some of its copies are still to be looked up.
    pub is_selecting: bool,
    /// The job that undid it.
    pub undone_by: Option<JobId>,
    /// Its copies by state.
    pub tally: Tally,
    /// Of those that are out, how many were deleted for good.
    pub purged: u64,
    /// The subject of its first message.
    pub subject: String,
    /// Messages concerned.
    pub messages: u64,
}

/// What an order about some messages would find.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Survey {
    /// Messages that are there.
    pub messages: u64,
    /// Their copies in the tenant's mailboxes.
    pub copies: u64,
    /// Of these, how many were taken out already.
    pub retracted: u64,
    /// Of these, how many have an order that is under way.
    pub under_way: u64,
    /// Their copies outside: never retractable.
    pub outside: u64,
}

impl JobRow {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> JobState {
        clawback_core::job::state(&self.tally, self.control, self.is_selecting)
    }
}

/// One copy of a job, as its page and the API show it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JobCopy {
    /// The copy.
    pub copy: CopyId,
    /// Its job.
    pub job: JobId,
    /// Its message.
    pub message: MessageId,
    /// The mailbox.
    pub mailbox: String,
    /// Whether we may reach it.
    pub reach: Reach,
    /// Where it shall go.
    pub destination: Destination,
    /// How far it is.
    pub retraction: Retraction,
    /// Where it lies.
    pub folder: Folder,
    /// What it was like before.
    pub before: Option<Before>,
    /// Whether the item was made again from our copy.
    pub is_recreated: bool,
    /// In what it differs from the journaled message, where that kept it from being deleted for
    /// good.
    pub unlike: Option<Unlike>,
    /// What it has gone through under this order.
    pub steps: Vec<Step>,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its place in the log.
    pub sequence: u64,
    /// The entry.
    pub entry: clawback_core::audit::Entry,
    /// Its seal, in hexadecimal digits, once it has one.
    pub seal: Option<String>,
}
