//! Measures on a labelled collection: what became of each source, era, label and stratum.
//!
//! Never pooled: good mail there is of other years and other ways than bad mail, and one number for
//! all would measure that. Beside every share stands what a rule without any content would reach.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use clap::ValueEnum;
use clawback_core::Disposition;
use clawback_detect::Knowledge;
use clawback_mail::message::{Authentication, Message, Outcome};
use serde::Serialize;

use super::judge::{self, Cost, Judged};
use super::list::{self, Class, Entry, Half, Label};
use super::strip::{Strip, stripped};
use super::tally::{Figures, Tally, is_caught};
use super::{CorpusArgs, number};

/// What the judge is told about a message's sender.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stated {
    /// What the provider stated in the message, also where the field itself is removed.
    #[default]
    AsFound,
    /// Nothing.
    Absent,
    /// Everything passed, aligned with From.
    Pass,
    /// Everything failed.
    Fail,
}

impl Stated {
    fn of(self, original: &Message) -> Option<Authentication> {
        let domain = original.from.first().and_then(|from| from.address.as_ref());
        let domain = domain.map(|address| address.domain().clone());
        let all = |outcome| Authentication {
            spf: outcome,
            dkim: outcome,
            dmarc: outcome,
            header_from: domain.clone(),
            ..Authentication::default()
        };
        match self {
            Self::AsFound => Some(original.authentication.clone()),
            Self::Absent => None,
            Self::Pass => Some(Authentication {
                mail_from_domain: domain.clone(),
                dkim_domain: domain.clone(),
                ..all(Outcome::Pass)
            }),
            Self::Fail => Some(all(Outcome::Fail)),
        }
    }
}

/// The result of a run, as it is printed.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) half: Half,
    pub(super) strip: Strip,
    pub(super) authentication: Stated,
    pub(super) messages: u64,
    /// Messages of the list whose file could not be read.
    pub(super) missing: u64,
    /// Messages on which the program itself failed.
    pub(super) failed: u64,
    pub(super) seconds: f64,
    pub(super) messages_per_second: f64,
    pub(super) cost: Cost,
    pub(super) sources: Vec<SourceRow>,
    /// Good mail since 2015 that came through no list: the only one that is like today's.
    pub(super) modern_ham: Figures,
    pub(super) labels: Vec<LabelRow>,
    pub(super) strict: Vec<StrictRow>,
    pub(super) rules: Vec<RuleRow>,
}

/// One source, or one era of it.
#[derive(Debug, Serialize)]
pub(super) struct SourceRow {
    pub(super) class: Class,
    pub(super) source: String,
    /// None for the whole source.
    pub(super) era: Option<String>,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

/// One label in one stratum: a line of the confusion matrix.
#[derive(Debug, Serialize)]
pub(super) struct LabelRow {
    pub(super) stratum: &'static str,
    pub(super) label: &'static str,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

/// Everything in one stratum that a person could read.
#[derive(Debug, Serialize)]
pub(super) struct StrictRow {
    pub(super) stratum: &'static str,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

/// How often a rule decided, by class.
#[derive(Debug, Serialize)]
pub(super) struct RuleRow {
    pub(super) rule: String,
    pub(super) decided: BTreeMap<Class, u64>,
}

enum Seen {
    Missing,
    Failed,
    Judged { judged: Judged, cheat: bool, is_list: bool },
}

/// Judges the whole list and counts.
pub(super) fn run(
    args: &CorpusArgs,
    threads: Option<usize>,
    knowledge: &Knowledge,
) -> anyhow::Result<Report> {
    let (Some(folder), Some(list)) = (&args.corpus, &args.list) else {
        anyhow::bail!("a folder and its list are needed");
    };
    let entries = list::read(list, args.labels.as_deref(), args.half())?;
    anyhow::ensure!(!entries.is_empty(), "nothing in the list is in this half");
    let began = Instant::now();
    let outcomes =
        judge::on_threads(&entries, threads, |entry| one(entry, folder, args, knowledge));
    let seconds = began.elapsed().as_secs_f64();
    let mut count = Count::default();
    for (entry, outcome) in entries.iter().zip(outcomes) {
        count.add(entry, outcome);
    }
    anyhow::ensure!(count.messages > 0, "no message of the list is in {}", folder.display());
    if let Some(path) = &args.errors {
        write_errors(path, &count.wrong)?;
    }
    Ok(count.report(args, seconds))
}

fn one(entry: &Entry, folder: &Path, args: &CorpusArgs, knowledge: &Knowledge) -> Seen {
    let Ok(raw) = std::fs::read(folder.join(&entry.path)) else { return Seen::Missing };
    let original = Message::parse(&raw);
    let is_given = args.authentication != Stated::AsFound;
    let octets = stripped(&raw, args.strip, is_given);
    if let Some(folder) = &args.export
        && let Err(error) = export(&folder.join(&entry.path), &octets)
    {
        eprintln!("clawback: {error:#}");
    }
    let is_list = original.header("List-Id").is_some();
    let cheat = entry.year.is_some_and(|year| year >= CHEAT_YEAR) && !is_list;
    match judge::given(&octets, args.authentication.of(&original), knowledge) {
        Some(judged) => Seen::Judged { judged, cheat, is_list },
        None => Seen::Failed,
    }
}

fn export(path: &Path, octets: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    std::fs::write(path, octets).with_context(|| path.display().to_string())
}

/// One message that came out wrong.
struct Wrong {
    path: String,
    meant: &'static str,
    disposition: Disposition,
    rule: String,
}

fn write_errors(path: &Path, wrong: &[Wrong]) -> anyhow::Result<()> {
    let mut text = "path\tlabel\tdisposition\tdecided_by\n".to_owned();
    for it in wrong {
        text.push_str(&format!("{}\t{}\t{}\t{}\n", it.path, it.meant, it.disposition, it.rule));
    }
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

#[derive(Default)]
struct Count {
    messages: u64,
    missing: u64,
    failed: u64,
    times: Vec<(std::time::Duration, bool)>,
    sources: BTreeMap<(Class, String, Option<String>), Tally>,
    modern_ham: Tally,
    labels: BTreeMap<(&'static str, Label), Tally>,
    strict: BTreeMap<&'static str, Tally>,
    rules: BTreeMap<String, BTreeMap<Class, u64>>,
    wrong: Vec<Wrong>,
}

impl Count {
    fn add(&mut self, entry: &Entry, outcome: Seen) {
        let (judged, cheat, is_list) = match outcome {
            Seen::Missing => return self.missing += 1,
            Seen::Failed => return self.failed += 1,
            Seen::Judged { judged, cheat, is_list } => (judged, cheat, is_list),
        };
        let disposition = judged.disposition;
        self.messages += 1;
        self.times.push((judged.cpu, judged.has_files));
        let exact = entry.label == Some(Label::Read(disposition));
        let add = |tally: &mut Tally| tally.add(disposition, &entry.group, cheat, exact);
        for era in [None, Some(entry.era())] {
            add(self.sources.entry((entry.class, entry.source.clone(), era)).or_default());
        }
        if entry.class == Class::Ham && cheat && !is_list {
            add(&mut self.modern_ham);
        }
        if let Some(label) = entry.label {
            let stratum = if entry.was_delivered() { DELIVERED } else { REST };
            add(self.labels.entry((stratum, label)).or_default());
            if label != Label::Unclear {
                add(self.strict.entry(stratum).or_default());
            }
        }
        if let Some(rule) = &judged.rule {
            let decided = self.rules.entry(rule.clone()).or_default();
            *decided.entry(entry.class).or_default() += 1;
        }
        if is_wrong(entry, disposition) {
            self.wrong.push(Wrong {
                path: entry.path.clone(),
                meant: entry.label.map_or(entry.class.as_str(), Label::as_str),
                disposition,
                rule: judged.rule.unwrap_or_default(),
            });
        }
    }

    fn report(self, args: &CorpusArgs, seconds: f64) -> Report {
        let eras = |wanted: &(Class, String, Option<String>)| {
            self.sources.keys().filter(|(c, s, _)| (c, s) == (&wanted.0, &wanted.1)).count()
        };
        // A source of one era is not shown twice.
        let shown = self.sources.iter().filter(|(key, _)| key.2.is_none() || eras(key) > 2);
        let sources = shown.map(|((class, source, era), tally)| SourceRow {
            class: *class,
            source: source.clone(),
            era: era.clone(),
            figures: tally.figures(),
        });
        let labels = self.labels.iter().map(|((stratum, label), tally)| LabelRow {
            stratum,
            label: label.as_str(),
            figures: tally.figures(),
        });
        let strict = self.strict.iter();
        let strict = strict.map(|(stratum, it)| StrictRow { stratum, figures: it.figures() });
        let rules = self.rules.iter();
        let rules = rules.map(|(rule, it)| RuleRow { rule: rule.clone(), decided: it.clone() });
        Report {
            half: args.half(),
            strip: args.strip,
            authentication: args.authentication,
            messages: self.messages,
            missing: self.missing,
            failed: self.failed,
            seconds,
            messages_per_second: number(self.times.len()) / seconds.max(0.001),
            cost: Cost::of(&self.times),
            sources: sources.collect(),
            modern_ham: self.modern_ham.figures(),
            labels: labels.collect(),
            strict: strict.collect(),
            rules: rules.collect(),
        }
    }
}

/// A label is to be met exactly; a class only says whether a message is to be caught.
fn is_wrong(entry: &Entry, disposition: Disposition) -> bool {
    match entry.label {
        Some(Label::Read(read)) => read != disposition,
        Some(Label::Unclear) => false,
        None => entry.class.is_bad() != is_caught(disposition),
    }
}

/// Mail that the provider delivered, and everything else.
pub(super) const DELIVERED: &str = "delivered";
const REST: &str = "rest";
/// Collections of bad mail are newer than this, and those of good mail older or from lists.
const CHEAT_YEAR: u32 = 2015;

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, class: Class, label: Option<Label>, scl: i32) -> Entry {
        Entry {
            path: path.into(),
            class,
            source: "source".into(),
            group: "group".into(),
            year: Some(2023),
            scl: Some(scl),
            label,
        }
    }

    fn outcome(disposition: Disposition) -> Seen {
        let judged = Judged {
            disposition,
            rule: Some("a-rule".into()),
            subject: String::new(),
            has_files: false,
            cpu: std::time::Duration::from_millis(1),
        };
        Seen::Judged { judged, cheat: true, is_list: false }
    }

    #[test]
    fn the_confusion_matrix_has_a_line_for_each_label_and_stratum() {
        let malicious = Some(Label::Read(Disposition::Malicious));
        let mut count = Count::default();
        count.add(&entry("a", Class::Malicious, malicious, 1), outcome(Disposition::Malicious));
        count.add(&entry("b", Class::Malicious, malicious, 1), outcome(Disposition::Spam));
        count.add(&entry("c", Class::Malicious, malicious, 1), outcome(Disposition::Clean));
        count.add(&entry("d", Class::Malicious, malicious, 5), outcome(Disposition::Malicious));
        count.add(
            &entry("e", Class::Malicious, Some(Label::Unclear), 5),
            outcome(Disposition::Clean),
        );
        count.add(&entry("f", Class::Ham, None, 1), outcome(Disposition::Spoof));
        count.add(&entry("g", Class::Ham, None, 1), Seen::Failed);
        let wrong: Vec<&str> = count.wrong.iter().map(|wrong| wrong.path.as_str()).collect();
        assert_eq!(wrong, ["b", "c", "f"]);
        let report = count.report(&CorpusArgs::default(), 1.0);
        let rows: Vec<_> = report
            .labels
            .iter()
            .map(|row| (row.stratum, row.label, row.figures.messages))
            .collect();
        assert_eq!(
            rows,
            [("delivered", "MALICIOUS", 3), ("rest", "MALICIOUS", 1), ("rest", "UNCLEAR", 1)]
        );
        let [delivered, rest] = report.strict.as_slice() else { panic!("two strata") };
        assert_eq!(delivered.figures.exact.rate(), Some(1.0 / 3.0));
        assert_eq!(delivered.figures.caught.rate(), Some(2.0 / 3.0));
        assert_eq!(rest.figures.messages, 1, "what nobody could read is in no rate");
        assert_eq!((report.messages, report.failed), (6, 1));
        assert_eq!(report.modern_ham.alarm.rate(), Some(1.0));
    }

    #[test]
    fn authentication_is_what_it_is_said_to_be() {
        let original = Message::parse(b"From: a@bank.example\n\nx");
        assert_eq!(Stated::Absent.of(&original), None);
        let pass = Stated::Pass.of(&original).unwrap();
        assert_eq!(
            (pass.spf, pass.dkim, pass.dmarc),
            (Outcome::Pass, Outcome::Pass, Outcome::Pass)
        );
        assert_eq!(pass.dkim_domain, pass.header_from, "aligned");
        let fail = Stated::Fail.of(&original).unwrap();
        assert_eq!((fail.dmarc, fail.dkim_domain), (Outcome::Fail, None));
        let found = Stated::AsFound.of(&original).unwrap();
        assert_eq!(found, Authentication::default());
    }
}
