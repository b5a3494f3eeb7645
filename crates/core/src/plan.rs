//! From a verdict and what is already planned to the copies that must be retracted.
//!
//! The store calls this inside its transaction, on what it sees under the message's lock, so that
//! neither a late fork nor a change of mind slips between.

use std::collections::BTreeSet;

use clawback_mail::address::Address;
use serde::{Deserialize, Serialize};

use crate::copy::{Copy, Folder, Order, Place, Reach};
use crate::id::{CopyId, JobId, MessageId};
use crate::job::{Job, OrderedBy, Selection};
use crate::policy::{AutoRetract, Destination};
use crate::record::{Arrival, Recipient};
use crate::retraction::Retraction;
use crate::time::UnixMillis;
use crate::verdict::{Disposition, Verdict};

/// What a transaction sees of a message when it plans.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The message.
    pub message: MessageId,
    /// How it came in.
    pub arrival: Arrival,
    /// What it is now.
    pub verdict: &'a Verdict,
    /// All recipients of all forks so far.
    pub recipients: &'a [Recipient],
    /// Who sent it, where that was inside the organisation.
    pub sender: Option<&'a Address>,
    /// The copies already known.
    pub copies: &'a [Copy],
    /// The settings that hold now.
    pub policy: &'a AutoRetract,
    /// What an operator decided about the message, whatever its verdict.
    pub decision: Option<Decision>,
    /// Whose copies go first: keys of their addresses.
    pub first: &'a BTreeSet<String>,
}

/// What an operator decided about a message: it holds for copies that come later, too.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Decision {
    /// The job by which it was decided.
    pub job: JobId,
    /// Where its copies go; [`Destination::Inbox`] leaves them where they are.
    pub destination: Destination,
}

/// How soon a copy's turn comes, beside what else is due.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rank {
    /// In its turn.
    #[default]
    Usual,
    /// Before the usual: somebody waits for it, or a person whom attackers look for would read it.
    First,
}

/// What is to be stored.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    /// The job that the orders belong to, where there are any.
    pub order: Option<(JobId, Destination)>,
    /// That job, where it is a new one.
    pub job: Option<Job>,
    /// New copies, with or without an order.
    pub new: Vec<Copy>,
    /// Known copies that come under the order.
    pub ordered: Vec<(CopyId, Order)>,
}

/// Plans the copies of a message: one for each mailbox of the tenant it reached, once.
#[must_use]
pub fn plan(seen: Seen<'_>, now: UnixMillis) -> Plan {
    let decided = seen.decision.map(|decision| match decision.destination {
        Destination::Inbox => Decision { destination: Destination::NoAction, ..decision },
        _ => decision,
    });
    let by_verdict = || {
        let destination = destination(&seen);
        Decision { job: JobId::derived(seen.message, destination.as_str()), destination }
    };
    let Decision { job: job_id, destination } = decided.unwrap_or_else(by_verdict);
    let order = |key: &str| {
        let rank = if seen.first.contains(key) { Rank::First } else { Rank::Usual };
        Order { job: job_id, destination, rank, retraction: Retraction::planned(now) }
    };
    let moves = destination != Destination::NoAction && seen.arrival.may_act();

    let mut plan = Plan::default();
    let known: BTreeSet<String> = seen.copies.iter().map(|copy| copy.mailbox.key()).collect();
    let sent = seen.sender.filter(|_| seen.policy.sent_copies).map(|sender| (sender, Reach::Sent));
    for (address, reach) in mailboxes(seen.recipients, sent) {
        let key = address.key();
        if known.contains(&key) {
            continue;
        }
        plan.new.push(Copy {
            id: CopyId::derived(seen.message, &key, 0),
            message: seen.message,
            mailbox: address.clone(),
            ordinal: 0,
            reach,
            folder: Folder::Unknown,
            place: Place::default(),
            order: (moves && is_ordered(reach)).then(|| order(&key)),
        });
    }
    if moves {
        let idle = |copy: &&Copy| is_ordered(copy.reach) && copy.order.is_none();
        let idle = seen.copies.iter().filter(idle);
        plan.ordered = idle.map(|copy| (copy.id, order(&copy.mailbox.key()))).collect();
    }
    if plan.new.iter().any(|copy| copy.order.is_some()) || !plan.ordered.is_empty() {
        plan.order = Some((job_id, destination));
        plan.job = decided.is_none().then(|| Job {
            id: job_id,
            by: OrderedBy::Policy,
            destination,
            reason: seen.verdict.disposition.to_string(),
            created: now,
            selection: Selection::Verdict,
        });
    }
    plan
}

fn destination(seen: &Seen<'_>) -> Destination {
    // A retraction has findings: a disposition nobody argued for moves nothing.
    let argued = seen.verdict.decided_by.is_some();
    let judged = !matches!(seen.verdict.disposition, Disposition::Unknown | Disposition::Clean);
    if argued && judged && seen.arrival.may_act() {
        seen.policy.destination(seen.verdict.disposition)
    } else {
        Destination::NoAction
    }
}

/// Whether a policy moves copies in such a mailbox.
fn is_ordered(reach: Reach) -> bool {
    matches!(reach, Reach::Internal | Reach::Sent)
}

/// Each mailbox once, however often the report names it; the sender's own last.
fn mailboxes<'a>(
    recipients: &'a [Recipient],
    sent: Option<(&'a Address, Reach)>,
) -> impl Iterator<Item = (&'a Address, Reach)> {
    let mut met = BTreeSet::new();
    recipients
        .iter()
        .filter_map(|recipient| Some((recipient.address.as_ref()?, recipient.reach)))
        .chain(sent)
        .filter(move |(address, _)| met.insert(address.key()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SegmentId;

    fn verdict(disposition: Disposition) -> Verdict {
        Verdict {
            disposition,
            attributes: Vec::new(),
            findings: Vec::new(),
            decided_by: Some("intel-url".into()),
            allowed_by: None,
            otherwise: None,
            knowledge: crate::verdict::KnowledgeVersion::default(),
        }
    }

    fn recipient(address: &str, reach: Reach) -> Recipient {
        let read = Address::parse(address).ok();
        let (kind, written) = ("recipient".to_owned(), address.to_owned());
        Recipient { written, address: read, kind, via: None, reach }
    }

    fn message() -> MessageId {
        MessageId::derived(SegmentId::new(UnixMillis(1), [0; 10]), 0)
    }

    fn policy() -> AutoRetract {
        AutoRetract::default().with(Disposition::Malicious, Destination::SoftDelete).unwrap()
    }

    fn plan_with(verdict: &Verdict, recipients: &[Recipient], copies: &[Copy]) -> Plan {
        plan_decided(verdict, recipients, copies, None)
    }

    fn plan_decided(
        verdict: &Verdict,
        recipients: &[Recipient],
        copies: &[Copy],
        decision: Option<Decision>,
    ) -> Plan {
        let policy = policy();
        let first = BTreeSet::from(["chief@corp.example".to_owned()]);
        let (message, arrival) = (message(), Arrival::JournalReport);
        let (policy, first) = (&policy, &first);
        let sender = None;
        let seen =
            Seen { message, arrival, verdict, recipients, sender, copies, policy, decision, first };
        plan(seen, UnixMillis(9))
    }

    #[test]
    fn a_protected_persons_copy_goes_first() {
        let recipients = [
            recipient("anna@corp.example", Reach::Internal),
            recipient("Chief@corp.example", Reach::Internal),
        ];
        let plan = plan_with(&verdict(Disposition::Malicious), &recipients, &[]);
        let ranks: Vec<Rank> =
            plan.new.iter().filter_map(|copy| Some(copy.order.as_ref()?.rank)).collect();
        assert_eq!(ranks, [Rank::Usual, Rank::First]);
    }

    #[test]
    fn what_an_operator_decided_holds_for_copies_that_come_later() {
        let recipients = [recipient("anna@corp.example", Reach::Internal)];
        let job = JobId::derived(message(), "by hand");
        let junk = Some(Decision { job, destination: Destination::Junk });
        let plan = plan_decided(&verdict(Disposition::Clean), &recipients, &[], junk);
        let order = plan.new[0].order.as_ref().unwrap();
        assert_eq!((order.job, order.destination), (job, Destination::Junk));
        assert_eq!((plan.order, plan.job), (Some((job, Destination::Junk)), None), "it is there");
        let back = Some(Decision { job, destination: Destination::Inbox });
        let plan = plan_decided(&verdict(Disposition::Malicious), &recipients, &[], back);
        assert_eq!((plan.order, plan.new[0].order.as_ref()), (None, None), "released");
    }

    #[test]
    fn a_mailbox_named_twice_is_one_copy_and_an_external_one_is_never_ordered() {
        let recipients = [
            recipient("anna@corp.example", Reach::Internal),
            recipient("Anna@corp.example", Reach::Internal),
            recipient("out@elsewhere.example.net", Reach::External),
        ];
        let plan = plan_with(&verdict(Disposition::Malicious), &recipients, &[]);
        assert_eq!(plan.new.len(), 2);
        assert_eq!(plan.new.iter().filter(|copy| copy.order.is_some()).count(), 1);
        assert!(plan.new[1].order.is_none(), "external");
    }

    #[test]
    fn a_late_fork_adds_only_its_own_mailboxes() {
        let verdict = verdict(Disposition::Malicious);
        let first = [recipient("anna@corp.example", Reach::Internal)];
        let earlier = plan_with(&verdict, &first, &[]);
        let both = [first[0].clone(), recipient("ben@corp.example", Reach::Internal)];
        let later = plan_with(&verdict, &both, &earlier.new);
        assert_eq!(later.new.len(), 1);
        assert_eq!(later.new[0].mailbox.key(), "ben@corp.example");
        assert!(later.ordered.is_empty(), "anna's copy has its order");
    }

    #[test]
    fn a_change_of_mind_orders_known_copies() {
        let recipients = [recipient("anna@corp.example", Reach::Internal)];
        let clean = plan_with(&verdict(Disposition::Clean), &recipients, &[]);
        assert!(clean.job.is_none() && clean.new[0].order.is_none());
        let bad = plan_with(&verdict(Disposition::Malicious), &recipients, &clean.new);
        assert_eq!(bad.ordered.len(), 1);
        assert!(bad.job.is_some());
    }

    #[test]
    fn no_finding_no_retraction() {
        let recipients = [recipient("anna@corp.example", Reach::Internal)];
        let unargued = Verdict { decided_by: None, ..verdict(Disposition::Malicious) };
        assert!(plan_with(&unargued, &recipients, &[]).job.is_none());
        let unknown = verdict(Disposition::Unknown);
        assert!(plan_with(&unknown, &recipients, &[]).job.is_none());
    }

    #[test]
    fn unexpected_mail_is_never_acted_on() {
        let recipients = [recipient("anna@corp.example", Reach::Internal)];
        let (verdict, policy) = (verdict(Disposition::Malicious), policy());
        for arrival in Arrival::ALL.into_iter().filter(|a| !a.may_act()) {
            let seen = Seen {
                message: message(),
                arrival,
                verdict: &verdict,
                recipients: &recipients,
                sender: None,
                copies: &[],
                policy: &policy,
                decision: None,
                first: &BTreeSet::new(),
            };
            assert!(plan(seen, UnixMillis(9)).job.is_none());
        }
    }
}
