//! Asks the judge about one message after another, on all cores, and takes the time of each.
//!
//! Time is processor time of the thread, and neither reading files nor taking out what betrays a
//! collection is in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use clawback_core::record::Recipient;
use clawback_core::{Disposition, Reach};
use clawback_detect::{Facts, Knowledge, Subject, detect};
use clawback_mail::address::Address;
use clawback_mail::message::{Authentication, Direction, Message};
use serde::Serialize;

use super::strip::CONSTANT;
use crate::examine::{Examined, examine};

/// What the judge made of a message.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) disposition: Disposition,
    /// The rule that decided.
    pub(super) rule: Option<String>,
    pub(super) subject: String,
    /// Whether files had to be opened for it.
    pub(super) has_files: bool,
    pub(super) cpu: Duration,
}

/// Judges mail as `scan` does: what is in a journal report is unwrapped first.
pub(super) fn own(octets: &[u8], knowledge: &Knowledge) -> Judged {
    let (examined, cpu) = timed(|| examine(octets, None, None, knowledge));
    let Examined { verdict, subject, summary, .. } = examined;
    let mut types = summary.attachments.iter().map(|line| line.found.as_str());
    Judged {
        disposition: verdict.disposition,
        rule: verdict.decided_by,
        subject,
        has_files: types.any(is_opened),
        cpu,
    }
}

/// Judges mail of a collection as mail that came from outside to a person of the organisation,
/// with what is stated of its sender given as a fact. `None` where the program failed on it.
pub(super) fn given(
    octets: &[u8],
    authentication: Option<Authentication>,
    knowledge: &Knowledge,
) -> Option<Judged> {
    let facts = Facts { authentication, ..Facts::default() };
    let judge = || {
        let raw: Arc<[u8]> = Arc::from(octets);
        let message = Arc::new(Message::parse(&raw));
        let recipients = recipients(&message);
        let direction = Some(Direction::Inbound);
        let subject = Subject {
            message: &message,
            raw: &raw,
            envelope_from: None,
            recipients: &recipients,
            direction,
        };
        let verdict = clawback_detect::judge(detect(&subject, knowledge, &facts), knowledge);
        (message, verdict)
    };
    let (judged, cpu) = timed(|| catch_unwind(AssertUnwindSafe(judge)));
    let (message, verdict) = judged.ok()?;
    Some(Judged {
        disposition: verdict.disposition,
        rule: verdict.decided_by,
        has_files: message.attachments.iter().any(|it| is_opened(it.found_type)),
        subject: message.subject.clone(),
        cpu,
    })
}

/// Whom a report would name: those of the header, and always the one person of the organisation.
fn recipients(message: &Message) -> Vec<Recipient> {
    let reached = |address: &Address, kind: &str| Recipient {
        written: address.to_string(),
        reach: if address.to_string() == CONSTANT { Reach::Internal } else { Reach::External },
        address: Some(address.clone()),
        kind: kind.to_owned(),
        via: None,
    };
    let to = message.to.iter().filter_map(|it| it.address.as_ref()).map(|it| reached(it, "to"));
    let cc = message.cc.iter().filter_map(|it| it.address.as_ref()).map(|it| reached(it, "cc"));
    let mut all: Vec<Recipient> = to.chain(cc).take(RECIPIENTS_MAX).collect();
    if !all.iter().any(|recipient| recipient.reach == Reach::Internal) {
        all.extend(Address::parse(CONSTANT).ok().map(|address| reached(&address, "bcc")));
    }
    all
}

/// Files inside which there is more to look at.
fn is_opened(found_type: &str) -> bool {
    found_type.starts_with("application/") || found_type.starts_with("image/")
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = thread_cpu();
    let done = work();
    (done, thread_cpu().saturating_sub(began))
}

/// Processor time that this thread has used.
fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}

/// Does the work for every item on so many threads; results in the order of the items.
pub(super) fn on_threads<T: Sync, R: Send>(
    items: &[T],
    threads: Option<usize>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let cores = || std::thread::available_parallelism().map_or(2, usize::from);
    let threads = threads.unwrap_or_else(cores).min(items.len());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results = std::sync::Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let take = || loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(item) = items.get(at) else { return };
                let result = work(item);
                if let Ok(mut results) = results.lock() {
                    results.push((at, result));
                }
            };
            let builder = std::thread::Builder::new().stack_size(STACK_OCTETS);
            if builder.spawn_scoped(scope, take).is_err() {
                break;
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What judging cost.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Cost {
    /// Messages a second of one core.
    pub(super) per_second_and_core: f64,
    pub(super) mean_us: f64,
    pub(super) median_us: f64,
    pub(super) p99_us: f64,
    pub(super) most_us: f64,
    /// The share of messages with files that are opened, and their mean; then that of the others.
    pub(super) with_files_share: f64,
    pub(super) with_files_mean_us: f64,
    pub(super) without_files_mean_us: f64,
}

impl Cost {
    /// The cost of messages, from the time of each and whether it has files.
    pub(super) fn of(times: &[(Duration, bool)]) -> Self {
        let micros = |(time, _): &(Duration, bool)| time.as_secs_f64() * 1e6;
        let mut sorted: Vec<f64> = times.iter().map(micros).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            sorted.get(sorted.len() * percent / 100).or(sorted.last()).copied().unwrap_or_default()
        };
        let mean = |some: &dyn Fn(bool) -> bool| {
            let of: Vec<f64> = times.iter().filter(|(_, has)| some(*has)).map(micros).collect();
            of.iter().sum::<f64>() / super::number(of.len().max(1))
        };
        let mean_us = mean(&|_| true);
        let with_files = times.iter().filter(|(_, has)| *has).count();
        Self {
            per_second_and_core: if mean_us > 0.0 { 1e6 / mean_us } else { 0.0 },
            mean_us,
            median_us: at(50),
            p99_us: at(99),
            most_us: sorted.last().copied().unwrap_or_default(),
            with_files_share: super::number(with_files) / super::number(times.len().max(1)),
            with_files_mean_us: mean(&|has| has),
            without_files_mean_us: mean(&|has| !has),
        }
    }

    /// One line for a person.
    pub(super) fn line(&self) -> String {
        format!(
            "{:.0} µs of processor time a message ({:.0}/s a core), median {:.0}, 99 % {:.0}, \
             most {:.0};\n{:.1} % have files to open and take {:.0} µs, the others {:.0}",
            self.mean_us,
            self.per_second_and_core,
            self.median_us,
            self.p99_us,
            self.most_us,
            self.with_files_share * 100.0,
            self.with_files_mean_us,
            self.without_files_mean_us
        )
    }
}

const RECIPIENTS_MAX: usize = 1_000;
/// Mail is nested by strangers: room for what our limits let through.
const STACK_OCTETS: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        let doubled = on_threads(&items, Some(3), |item| item * 2);
        assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert!(on_threads(&[], None, |item: &u32| *item).is_empty());
    }

    #[test]
    fn files_are_counted_apart() {
        let millis = Duration::from_millis;
        let cost = Cost::of(&[(millis(1), false), (millis(3), false), (millis(14), true)]);
        assert_eq!((cost.mean_us, cost.median_us, cost.most_us), (6_000.0, 3_000.0, 14_000.0));
        assert_eq!((cost.with_files_mean_us, cost.without_files_mean_us), (14_000.0, 2_000.0));
        assert_eq!(Cost::of(&[]).mean_us, 0.0);
    }

    #[test]
    fn mail_of_a_collection_reaches_a_person_of_the_organisation() {
        let message = Message::parse(b"To: a@b.example\n\nx");
        let kinds: Vec<(String, Reach)> =
            recipients(&message).into_iter().map(|it| (it.kind, it.reach)).collect();
        assert_eq!(kinds, [("to".into(), Reach::External), ("bcc".into(), Reach::Internal)]);
        let message = Message::parse(b"To: person@corp.example\n\nx");
        assert_eq!(recipients(&message).len(), 1);
    }
}
