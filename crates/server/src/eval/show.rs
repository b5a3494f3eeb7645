//! Tables for a person.

use std::fmt::Write as _;
use std::io::Write;

use clap::ValueEnum;

use super::labelled::{Report, SourceRow};
use super::list::Class;
use super::tally::Figures;

/// Writes the whole report.
pub(super) fn write(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    writeln!(
        out,
        "half {}, strip {}, authentication {}: {} messages ({} not there, {} failed), {:.1} s, {:.0}/s",
        word(&report.half),
        word(&report.strip),
        word(&report.authentication),
        report.messages,
        report.missing,
        report.failed,
        report.seconds,
        report.messages_per_second
    )?;
    writeln!(out, "{}\n", report.cost.line())?;
    for class in [Class::Ham, Class::Bulk, Class::Spam, Class::Malicious] {
        let rows = report.sources.iter().filter(|row| row.class == class);
        out.write_all(sources(class, rows).as_bytes())?;
    }
    let modern = line("ham since 2015, no list", &report.modern_ham, Class::Ham);
    writeln!(out, "{modern}\n")?;
    out.write_all(labels(report).as_bytes())?;
    writeln!(
        out,
        "{:44}{:>10}{:>10}{:>10}{:>10}",
        "decided by", "ham", "bulk", "spam", "malicious"
    )?;
    for row in &report.rules {
        let of = |class| row.decided.get(&class).copied().unwrap_or_default();
        writeln!(
            out,
            "{:44}{:>10}{:>10}{:>10}{:>10}",
            row.rule,
            of(Class::Ham),
            of(Class::Bulk),
            of(Class::Spam),
            of(Class::Malicious)
        )?;
    }
    Ok(())
}

fn sources<'a>(class: Class, rows: impl Iterator<Item = &'a SourceRow>) -> String {
    let mut text = heading(class);
    for row in rows {
        let name = match &row.era {
            Some(era) => format!("  {} {era}", row.source),
            None => row.source.clone(),
        };
        let _ = writeln!(text, "{}", line(&name, &row.figures, class));
    }
    text.push('\n');
    text
}

fn heading(class: Class) -> String {
    let (first, second) = if class.is_bad() {
        ("caught (95 %)", "by campaign")
    } else {
        ("false alarm (95 %)", "taken for SPAM")
    };
    format!("{class:24}{}  {first:32}{second:32}{:32}\n", columns(), "cheat baseline")
}

/// The shares in a line are those that are errors, or that are not, of its class.
fn line(name: &str, figures: &Figures, class: Class) -> String {
    let (first, second) = if class.is_bad() {
        (figures.caught, figures.caught_by_campaign)
    } else {
        (figures.alarm, figures.spam)
    };
    let text = format!("{name:24}{}  {first:32}{second:32}{}", counts(figures), figures.cheat);
    text.trim_end().to_owned()
}

fn columns() -> String {
    ["n", "MALIC", "SPOOF", "SUSP", "SPAM", "BULK", "CLEAN", "UNKN"]
        .map(|name| format!("{name:>6}"))
        .concat()
}

fn counts(figures: &Figures) -> String {
    let mut text = format!("{:>6}", figures.messages);
    for (_, count) in figures.dispositions {
        let _ = write!(text, "{count:>6}");
    }
    text
}

fn labels(report: &Report) -> String {
    if report.labels.is_empty() {
        return String::new();
    }
    let (caught, exact) = ("caught (95 %)", "exact");
    let mut text =
        format!("{:24}{}  {caught:32}{:32}{exact:32}\n", "read as", columns(), "by campaign");
    for row in &report.labels {
        let figures = &row.figures;
        let name = format!("{} {}", row.stratum, row.label);
        let shares =
            format!("{:32}{:32}{}", figures.caught, figures.caught_by_campaign, figures.exact);
        let _ = writeln!(text, "{name:24}{}  {shares}", counts(figures));
    }
    for row in &report.strict {
        let (figures, name) = (&row.figures, row.stratum);
        let _ = writeln!(
            text,
            "{name}: exactly as read {}; by campaign {}",
            figures.exact, figures.exact_by_campaign
        );
    }
    text.push('\n');
    text
}

/// The word of an option's value.
fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
