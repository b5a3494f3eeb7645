//! Measures on mail that one has: what became of it, which rules decided, and what to look at.
//!
//! It reads the files and nothing else, writes nothing and sends nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use clawback_core::Disposition;
use clawback_detect::Knowledge;
use serde::Serialize;

use super::judge::{self, Cost, Judged};
use super::list::Class;
use super::tally::{is_alarm, is_caught};
use super::{EvalArgs, Proportion, number};
use crate::scan::input::{self, Input};
use crate::scan::plain;

/// The result of a run, as it is printed.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) messages: usize,
    /// Files and folders that could not be read.
    pub(super) unreadable: u64,
    seconds: f64,
    messages_per_second: f64,
    cost: Cost,
    dispositions: BTreeMap<&'static str, u64>,
    errors: Vec<ErrorRow>,
    rules: Vec<RuleRow>,
    examples: Vec<Example>,
}

/// A way to be wrong about mail of the stated class.
#[derive(Debug, Serialize)]
struct ErrorRow {
    what: &'static str,
    share: Proportion,
}

/// How often a rule decided, and for what.
#[derive(Debug, Serialize)]
struct RuleRow {
    rule: String,
    disposition: &'static str,
    decided: u64,
}

/// A message to look at.
#[derive(Debug, Serialize)]
struct Example {
    path: String,
    disposition: &'static str,
    rule: Option<String>,
    subject: String,
}

/// Judges everything in the folders.
pub(super) fn run(args: &EvalArgs, knowledge: &Knowledge) -> Report {
    let (files, mut unreadable) = input::files(&args.maildir);
    let files: Vec<Input> = files.into_iter().filter(is_mail).collect();
    let began = Instant::now();
    let work = |file: &Input| match file.read() {
        Ok(mails) => {
            let judged = |mail: input::Mail| (mail.path, judge::own(&mail.octets, knowledge));
            mails.into_iter().map(judged).collect::<Vec<_>>()
        }
        Err(error) => {
            eprintln!("clawback: {error:#}");
            Vec::new()
        }
    };
    let results = judge::on_threads(&files, args.threads, work);
    let seconds = began.elapsed().as_secs_f64();
    // An mbox file without a message and a file that cannot be read leave nothing to count.
    unreadable += results.iter().filter(|mails| mails.is_empty()).count() as u64;
    let results: Vec<(String, Judged)> = results.into_iter().flatten().collect();
    report(&results, unreadable, seconds, args)
}

/// What a Maildir keeps beside its mail is no mail, nor is what is not yet wholly written.
fn is_mail(file: &Input) -> bool {
    let Input::File(path) = file else { return true };
    let Some(folder) = path.parent() else { return true };
    let is_maildir = |folder: &Path| folder.join("cur").is_dir() && folder.join("new").is_dir();
    let is_tmp = folder.ends_with("tmp") && folder.parent().is_some_and(is_maildir);
    !is_maildir(folder) && !is_tmp
}

fn report(results: &[(String, Judged)], unreadable: u64, seconds: f64, args: &EvalArgs) -> Report {
    let mut dispositions = BTreeMap::new();
    let mut rules: BTreeMap<(&str, Disposition), u64> = BTreeMap::new();
    for (_, judged) in results {
        *dispositions.entry(judged.disposition.as_str()).or_default() += 1;
        if let Some(rule) = &judged.rule {
            *rules.entry((rule.as_str(), judged.disposition)).or_default() += 1;
        }
    }
    let mut rules: Vec<((&str, Disposition), u64)> = rules.into_iter().collect();
    rules.sort_by_key(|((rule, disposition), count)| {
        (std::cmp::Reverse(*disposition), std::cmp::Reverse(*count), *rule)
    });
    let times: Vec<_> = results.iter().map(|(_, it)| (it.cpu, it.has_files)).collect();
    Report {
        messages: results.len(),
        unreadable,
        seconds,
        messages_per_second: number(results.len()) / seconds.max(0.001),
        cost: Cost::of(&times),
        errors: args.class.map(|class| errors(results, class)).unwrap_or_default(),
        dispositions,
        rules: rules
            .into_iter()
            .map(|((rule, disposition), decided)| RuleRow {
                rule: rule.to_owned(),
                disposition: disposition.as_str(),
                decided,
            })
            .collect(),
        examples: examples(results, args.class, args.examples),
    }
}

fn errors(results: &[(String, Judged)], class: Class) -> Vec<ErrorRow> {
    let share = |what: &'static str, is: &dyn Fn(Disposition) -> bool| {
        let hits = results.iter().filter(|(_, judged)| is(judged.disposition)).count();
        ErrorRow { what, share: Proportion::new(hits as u64, results.len() as u64) }
    };
    if class.is_bad() {
        return vec![share("not caught", &|it| !is_caught(it))];
    }
    vec![
        share("false alarm: MALICIOUS, SUSPICIOUS or SPOOF", &is_alarm),
        share("taken for SPAM", &|it| it == Disposition::Spam),
    ]
}

/// The worst of what is not known to be bad; the best of what is.
fn examples(results: &[(String, Judged)], class: Option<Class>, most: usize) -> Vec<Example> {
    let is_bad = class.is_some_and(Class::is_bad);
    let is_shown = |judged: &Judged| is_caught(judged.disposition) != is_bad;
    let mut shown: Vec<&(String, Judged)> =
        results.iter().filter(|(_, judged)| is_shown(judged)).collect();
    shown.sort_by_key(|(_, judged)| std::cmp::Reverse(judged.disposition));
    let example = |(path, judged): &(String, Judged)| Example {
        path: path.clone(),
        disposition: judged.disposition.as_str(),
        rule: judged.rule.clone(),
        subject: judged.subject.clone(),
    };
    shown.into_iter().take(most).map(example).collect()
}

/// Writes the report for a person.
pub(super) fn write(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    writeln!(
        out,
        "{} messages in {:.1} s ({:.0}/s), {} files unreadable",
        report.messages, report.seconds, report.messages_per_second, report.unreadable
    )?;
    writeln!(out, "{}\n", report.cost.line())?;
    for disposition in Disposition::ALL {
        let count = report.dispositions.get(disposition.as_str()).copied().unwrap_or_default();
        let share = Proportion::new(count, report.messages as u64);
        writeln!(out, "{:>12}  {share}", disposition.as_str())?;
    }
    for row in &report.errors {
        writeln!(out, "\n{}: {}", row.what, row.share)?;
    }
    if !report.rules.is_empty() {
        writeln!(out, "\ndecided by")?;
    }
    for row in &report.rules {
        writeln!(out, "{:>8}  {:<12}{}", row.decided, row.disposition, row.rule)?;
    }
    if !report.examples.is_empty() {
        writeln!(out, "\nto look at")?;
    }
    for example in &report.examples {
        let rule = example.rule.as_deref().unwrap_or("-");
        writeln!(out, "{:<12}{rule:<36}{}", example.disposition, plain(&example.path))?;
        writeln!(out, "{:<12}{}", "", plain(&example.subject))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(disposition: Disposition) -> (String, Judged) {
        let judged = Judged {
            disposition,
            rule: None,
            subject: String::new(),
            has_files: false,
            cpu: std::time::Duration::ZERO,
        };
        (disposition.as_str().to_owned(), judged)
    }

    #[test]
    fn what_counts_as_an_error_depends_on_what_the_mail_is() {
        let results = Disposition::ALL.map(judged);
        let rows: [(Class, &[f64]); 4] = [
            (Class::Ham, &[3.0 / 7.0, 1.0 / 7.0]),
            (Class::Bulk, &[3.0 / 7.0, 1.0 / 7.0]),
            (Class::Spam, &[3.0 / 7.0]),
            (Class::Malicious, &[3.0 / 7.0]),
        ];
        for (class, meant) in rows {
            let got = errors(&results, class);
            let rates: Vec<f64> = got.iter().filter_map(|row| row.share.rate()).collect();
            assert_eq!(rates, meant, "{class}");
        }
    }

    #[test]
    fn the_worst_errors_come_first() {
        let mut results = Disposition::ALL.map(judged);
        results.reverse();
        let paths = |class, most| -> Vec<String> {
            examples(&results, class, most).into_iter().map(|example| example.path).collect()
        };
        assert_eq!(paths(Some(Class::Ham), 2), ["MALICIOUS", "SPOOF"]);
        assert_eq!(paths(None, 9), ["MALICIOUS", "SPOOF", "SUSPICIOUS", "SPAM"]);
        assert_eq!(paths(Some(Class::Malicious), 9), ["BULK", "CLEAN", "UNKNOWN"]);
    }
}
