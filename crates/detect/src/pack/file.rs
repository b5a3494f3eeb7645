//! One rule file: YAML around the text of a rule.
//!
//! The keys are those that public rules use, and a few of our own. What is wrong is told with its
//! line in the file.

use clawback_core::verdict::{Attribute, Disposition, Severity};
use clawback_mql::Diagnostic;
use serde::Deserialize;

/// A rule as its file says it.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Where it was read, for people.
    pub path: String,
    /// Its short name: the name of its file.
    pub name: String,
    /// What it is about, for people.
    pub title: String,
    /// What it sees, and what good mail may look like it.
    pub description: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Whether it only informs.
    pub informs: bool,
    /// What it is meant to find.
    pub attack_types: Vec<String>,
    /// How those who attack do it.
    pub tactics: Vec<String>,
    /// How it finds it.
    pub detection_methods: Vec<String>,
    /// Where more is written about it.
    pub references: Vec<String>,
    /// The text of the rule.
    pub source: String,
    /// What it makes of a message, where the file itself says so.
    pub disposition: Option<Disposition>,
    /// Labels it adds.
    pub attributes: Vec<Attribute>,
    /// The messages it must and must not match, beside the file or below the pack.
    pub tests: RuleTests,
    /// Where the text of the rule begins: its first line in the file, from 1, and how far it is
    /// indented.
    place: (usize, usize),
}

/// The messages that a rule names for its test.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTests {
    /// It must be true of these.
    #[serde(default, rename = "match")]
    pub matching: Vec<String>,
    /// It must not be true of these.
    #[serde(default, rename = "no_match")]
    pub silent: Vec<String>,
}

/// What is wrong with a rule file, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleFault {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
    /// The line and what is wrong with it, drawn for a terminal; empty where there is no line.
    pub drawn: String,
}

/// The keys of the file. Others are let pass: rules of others carry what their tools need.
#[derive(Debug, Deserialize)]
struct Keys {
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    severity: Option<String>,
    source: Option<String>,
    #[serde(default)]
    attack_types: Option<Vec<String>>,
    #[serde(default)]
    tactics_and_techniques: Option<Vec<String>>,
    #[serde(default)]
    detection_methods: Option<Vec<String>>,
    #[serde(default)]
    references: Option<Vec<String>>,
    #[serde(default)]
    disposition: Option<String>,
    #[serde(default)]
    attributes: Option<Vec<Attribute>>,
    #[serde(default)]
    tests: Option<RuleTests>,
}

impl RuleFile {
    /// Reads a file. `None` for YAML that holds no rule, as packs have for other purposes.
    ///
    /// # Errors
    ///
    /// What is wrong with it, short of the text of the rule.
    pub fn read(path: &str, text: &str) -> Result<Option<Self>, RuleFault> {
        let fault = |line, column, reason: String| RuleFault {
            path: path.to_owned(),
            line,
            column,
            reason,
            drawn: String::new(),
        };
        if text.len() > FILE_OCTETS_MAX {
            return Err(fault(1, 1, format!("larger than {FILE_OCTETS_MAX} octets")));
        }
        let keys: Keys = serde_saphyr::from_str(text).map_err(|wrong| {
            let place = wrong.location();
            let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
            let (line, column) =
                place.map_or((1, 1), |place| (at(place.line()), at(place.column())));
            let told = wrong.to_string();
            let reason = told.lines().next().unwrap_or_default().trim_start_matches("error: ");
            fault(line, column, reason.to_owned())
        })?;
        let Some(source) = keys.source else { return Ok(None) };
        let line_of = |key: &str| {
            text.lines().position(|line| line.starts_with(key)).map_or(1, |line| line + 1)
        };
        let severity = match keys.severity.as_deref() {
            None => Severity::Medium,
            Some(word) => severity(word).ok_or_else(|| {
                let known = "critical, high, medium, low or informational";
                fault(line_of("severity"), 1, format!("severity is {known}, not `{word}`"))
            })?,
        };
        let disposition = match keys.disposition.as_deref() {
            None => None,
            Some(word) => Some(word.parse().ok().filter(may_be_said).ok_or_else(|| {
                let known = "MALICIOUS, SUSPICIOUS, SPOOF, SPAM or BULK";
                fault(line_of("disposition"), 1, format!("disposition is {known}, not `{word}`"))
            })?),
        };
        let stem = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let informs = keys.kind.as_deref().is_some_and(|kind| kind != "rule");
        Ok(Some(Self {
            path: path.to_owned(),
            name: stem.to_owned(),
            title: keys.name.unwrap_or_else(|| stem.to_owned()),
            description: keys.description.unwrap_or_default(),
            severity,
            informs,
            attack_types: keys.attack_types.unwrap_or_default(),
            tactics: keys.tactics_and_techniques.unwrap_or_default(),
            detection_methods: keys.detection_methods.unwrap_or_default(),
            references: keys.references.unwrap_or_default(),
            disposition,
            attributes: keys.attributes.unwrap_or_default(),
            tests: keys.tests.unwrap_or_default(),
            place: place_of_source(text),
            source,
        }))
    }

    /// What is wrong with the text of the rule, at its place in the file.
    pub(crate) fn fault(&self, wrong: &Diagnostic) -> RuleFault {
        let (line, column) = wrong.line_column(&self.source);
        let (first, indent) = self.place;
        let reason = match &wrong.hint {
            Some(hint) => format!("{} ({hint})", wrong.message),
            None => wrong.message.clone(),
        };
        RuleFault {
            path: self.path.clone(),
            line: first + line - 1,
            column: indent + column,
            reason,
            drawn: wrong.render(&self.source),
        }
    }
}

fn severity(word: &str) -> Option<Severity> {
    Some(match word {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        "low" => Severity::Low,
        "info" | "informational" => Severity::Info,
        _ => return None,
    })
}

fn may_be_said(disposition: &Disposition) -> bool {
    Disposition::RETRACTABLE.contains(disposition)
}

/// Where the block of `source: |` begins, and how far it is indented.
fn place_of_source(text: &str) -> (usize, usize) {
    let Some(key) = text.lines().position(|line| line.starts_with("source:")) else {
        return (1, 0);
    };
    let is_block = text.lines().nth(key).is_some_and(|line| line.contains(['|', '>']));
    let first = if is_block { key + 1 } else { key };
    let block = text.lines().skip(first).find(|line| !line.trim().is_empty());
    let indent = block.map_or(0, |line| line.len() - line.trim_start().len());
    (first + 1, if is_block { indent } else { "source: ".len() })
}

const FILE_OCTETS_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "name: \"A name\"\nseverity: high\nsource: |\n  type.inbound\n  and x\n\
                        attack_types:\n  - Spam\ntags: [a]\ntests:\n  match: [a.eml]\n";

    #[test]
    fn a_file_is_read() {
        let rule = RuleFile::read("a/b/some-rule.yml", FILE).unwrap().unwrap();
        assert_eq!((rule.name.as_str(), rule.title.as_str()), ("some-rule", "A name"));
        assert_eq!(rule.severity, Severity::High);
        assert_eq!(rule.source, "type.inbound\nand x\n");
        assert_eq!(rule.tests.matching, ["a.eml"]);
        assert_eq!(rule.place, (4, 2));
    }

    #[test]
    fn what_is_no_rule_is_left_alone() {
        assert!(RuleFile::read("a.yml", "name: x\n").unwrap().is_none());
    }

    #[test]
    fn mistakes_have_a_line() {
        let rows = [
            ("severity: grave\nsource: 'true'\n", 1, "critical"),
            ("source: 'true'\ndisposition: CLEAN\n", 2, "MALICIOUS"),
            ("source: 'true'\nattack_types: [\n", 2, ""),
            ("source: 'true'\ntests:\n  matches: [a]\n", 3, "matches"),
        ];
        for (text, line, reason) in rows {
            let fault = RuleFile::read("a.yml", text).unwrap_err();
            assert!(fault.reason.contains(reason), "{text}: {fault:?}");
            assert!(fault.line.abs_diff(line) <= 1, "{text}: {fault:?}");
        }
    }
}
