//! How `scan` shows what it found: for a person, or one JSON object a line.

use std::io::Write;

use serde::Serialize;

use super::Scanned;
use crate::cli::Format;

/// One line of JSON: names that others rely on.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    kind: &'static str,
    message_id: Option<&'a str>,
    from: &'a str,
    subject: &'a str,
    disposition: &'static str,
    attributes: Vec<&'static str>,
    findings: Vec<FindingLine<'a>>,
    indicators: Vec<IndicatorLine<'a>>,
    defects: &'a [String],
    elapsed_us: u128,
}

#[derive(Serialize)]
struct FindingLine<'a> {
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    disposition: Option<&'static str>,
    evidence: Vec<&'a clawback_core::Evidence>,
}

#[derive(Serialize)]
struct IndicatorLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    value: &'a str,
}

/// Writes one result.
pub(super) fn write(out: &mut impl Write, format: Format, result: &Scanned) -> anyhow::Result<()> {
    match format {
        Format::Json => {
            serde_json::to_writer(&mut *out, &line(result))?;
            out.write_all(b"\n")?;
        }
        Format::Human => human(out, result)?,
    }
    Ok(())
}

fn line(result: &Scanned) -> Line<'_> {
    let examined = &result.examined;
    let verdict = &examined.verdict;
    Line {
        path: &result.path,
        kind: examined.kind,
        message_id: examined.message_id.as_deref(),
        from: &examined.from,
        subject: &examined.subject,
        disposition: verdict.disposition.as_str(),
        attributes: verdict.attributes.iter().map(|a| a.as_str()).collect(),
        findings: verdict
            .findings
            .iter()
            .map(|found| FindingLine {
                rule: &found.rule,
                title: &found.title,
                severity: found.severity.as_str(),
                disposition: found.disposition.map(clawback_core::Disposition::as_str),
                evidence: found.evidence().collect(),
            })
            .collect(),
        indicators: examined
            .indicators
            .iter()
            .map(|found| IndicatorLine { kind: found.kind.as_str(), value: &found.value })
            .collect(),
        defects: &examined.defects,
        elapsed_us: result.elapsed.as_micros(),
    }
}

fn human(out: &mut impl Write, result: &Scanned) -> std::io::Result<()> {
    let examined = &result.examined;
    let verdict = &examined.verdict;
    writeln!(out, "{:<10} {}", verdict.disposition.as_str(), plain(&result.path))?;
    writeln!(out, "           {} · {}", plain(&examined.from), plain(&examined.subject))?;
    for finding in &verdict.findings {
        let decided = verdict.decided_by.as_deref() == Some(&finding.rule);
        let mark = if decided { '*' } else { '-' };
        writeln!(out, "         {mark} {} [{}]", finding.title, finding.rule)?;
        for evidence in finding.evidence() {
            let note = if evidence.note.is_empty() {
                String::new()
            } else {
                format!(" ({})", plain(&evidence.note))
            };
            writeln!(
                out,
                "             {}: {}{note}",
                plain(&evidence.place),
                plain(&evidence.quote)
            )?;
        }
    }
    Ok(())
}

/// Mail is written by strangers: what could steer a terminal is shown, not sent.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidi(c) { '\u{fffd}' } else { c }).collect()
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered_by_mail() {
        assert_eq!(plain("a\x1b[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
