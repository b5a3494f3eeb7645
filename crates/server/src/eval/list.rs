//! The list of a labelled collection: what each message is said to be, and which half it is in.
//!
//! Halves are cut by campaign, so that what was tuned on one half has not seen the other.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use clap::ValueEnum;
use clawback_core::Disposition;
use serde::Serialize;

/// What a message is, in the words of where it came from.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// Mail that was wanted.
    Ham,
    /// Newsletters and marketing.
    Bulk,
    /// Junk.
    Spam,
    /// Phishing, fraud, malware.
    Malicious,
}

impl Class {
    const ALL: [Self; 4] = [Self::Ham, Self::Bulk, Self::Spam, Self::Malicious];

    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Bulk => "bulk",
            Self::Spam => "spam",
            Self::Malicious => "malicious",
        }
    }

    /// Whether such mail is to be caught, rather than to be left alone.
    pub(super) fn is_bad(self) -> bool {
        matches!(self, Self::Spam | Self::Malicious)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which half of a collection is measured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Half {
    /// The half that may be looked at.
    A,
    /// The half that nobody looks at.
    B,
    /// Both.
    #[default]
    All,
}

impl Half {
    /// The half of a campaign.
    fn of(group: &str) -> Self {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(group.as_bytes());
        let first_digit = digest.first().copied().unwrap_or_default() >> 4;
        if first_digit.is_multiple_of(2) { Self::A } else { Self::B }
    }

    /// Whether a campaign is in it.
    fn holds(self, group: &str) -> bool {
        self == Self::All || Self::of(group) == self
    }
}

/// What a person read a message as.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Label {
    /// What it is.
    Read(Disposition),
    /// The person could not say.
    Unclear,
}

impl Label {
    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Read(disposition) => disposition.as_str(),
            Self::Unclear => "UNCLEAR",
        }
    }
}

/// One message of the list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) class: Class,
    pub(super) source: String,
    pub(super) group: String,
    pub(super) year: Option<u32>,
    /// What the provider's own filter said; at most 1 is mail that it delivered.
    pub(super) scl: Option<i32>,
    pub(super) label: Option<Label>,
}

impl Entry {
    /// Whether the provider delivered it to the inbox.
    pub(super) fn was_delivered(&self) -> bool {
        self.scl.is_some_and(|scl| scl <= SCL_DELIVERED_MAX)
    }

    /// The years it is counted under.
    pub(super) fn era(&self) -> String {
        match self.year {
            None => "undated".to_owned(),
            Some(..=2004) => "1990-04".to_owned(),
            Some(2005..=2014) => "2005-14".to_owned(),
            Some(2015..=2021) => "2015-21".to_owned(),
            Some(year) => year.to_string(),
        }
    }
}

/// Reads the list, with the labels where there are some; only what lies in the half.
pub(super) fn read(list: &Path, labels: Option<&Path>, half: Half) -> anyhow::Result<Vec<Entry>> {
    let open =
        |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
    let labels = match labels {
        Some(path) => parse_labels(&open(path)?).with_context(|| path.display().to_string())?,
        None => BTreeMap::new(),
    };
    let text = open(list)?;
    parse(&text, &labels, half).with_context(|| list.display().to_string())
}

fn parse(text: &str, labels: &BTreeMap<String, Label>, half: Half) -> anyhow::Result<Vec<Entry>> {
    let table = Table::read(text, &["path", "class", "source", "group"])?;
    let mut entries = Vec::new();
    for row in &table.rows {
        let cell = |name: &str| table.column(name).and_then(|at| row.get(at)).copied();
        let [path, class, source, group] =
            ["path", "class", "source", "group"].map(|name| cell(name).unwrap_or_default());
        if !half.holds(group) {
            continue;
        }
        let known = Class::ALL.into_iter().find(|known| known.as_str() == class);
        entries.push(Entry {
            path: path.to_owned(),
            class: known.with_context(|| format!("{path}: no class is called `{class}`"))?,
            source: source.to_owned(),
            group: group.to_owned(),
            year: cell("year").and_then(|year| year.parse().ok()),
            scl: cell("scl").and_then(|scl| scl.parse().ok()),
            label: labels.get(path).copied(),
        });
    }
    Ok(entries)
}

fn parse_labels(text: &str) -> anyhow::Result<BTreeMap<String, Label>> {
    let table = Table::read(text, &["path", "label"])?;
    let mut labels = BTreeMap::new();
    for row in &table.rows {
        let cell = |name: &str| table.column(name).and_then(|at| row.get(at)).copied();
        let (path, word) = (cell("path").unwrap_or_default(), cell("label").unwrap_or_default());
        let label = if word == Label::Unclear.as_str() {
            Label::Unclear
        } else {
            let read = word.parse().ok().with_context(|| format!("{path}: no label `{word}`"))?;
            Label::Read(read)
        };
        labels.insert(path.to_owned(), label);
    }
    Ok(labels)
}

/// Columns by their names: a tab between two.
struct Table<'a> {
    columns: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

impl<'a> Table<'a> {
    fn read(text: &'a str, needed: &[&str]) -> anyhow::Result<Self> {
        let cells = |line: &'a str| line.split('\t').map(str::trim_end).collect::<Vec<_>>();
        let mut lines = text.lines();
        let columns = lines.next().map(cells).unwrap_or_default();
        for name in needed {
            anyhow::ensure!(columns.contains(name), "its first line names no column `{name}`");
        }
        Ok(Self { columns, rows: lines.map(cells).collect() })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| *column == name)
    }
}

/// From 5 on Microsoft takes mail for junk; what it delivers has 1, 0 or -1.
const SCL_DELIVERED_MAX: i32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "path\tclass\tsource\tsha256\tgroup\tyear\tscl\n\
        a.eml\tham\tlists\t00\tone\t2019\t\n\
        b.eml\tmalicious\tpot\t01\ttwo\t2023\t5\n\
        c.eml\tmalicious\tpot\t02\ttwo\t\t-1\n";

    #[test]
    fn a_list_is_read_with_its_labels() {
        let labels = parse_labels("id\tpath\tlabel\nx\tb.eml\tSPAM\ny\tc.eml\tUNCLEAR\n").unwrap();
        let entries = parse(LIST, &labels, Half::All).unwrap();
        assert_eq!(entries.len(), 3);
        let [ham, junk, inbox] = entries.as_slice() else { panic!("three") };
        assert_eq!((ham.class, ham.year, ham.scl, ham.label), (Class::Ham, Some(2019), None, None));
        assert_eq!(junk.label, Some(Label::Read(Disposition::Spam)));
        assert!(!junk.was_delivered() && inbox.was_delivered() && !ham.was_delivered());
        assert_eq!(inbox.label, Some(Label::Unclear));
        assert_eq!([ham.era(), junk.era(), inbox.era()], ["2015-21", "2023", "undated"]);
    }

    #[test]
    fn a_list_that_says_something_else_is_refused() {
        let none = BTreeMap::new();
        assert!(parse("path\tclass\n", &none, Half::All).is_err());
        assert!(parse("path\tclass\tsource\tgroup\nx\tnice\ty\tz\n", &none, Half::All).is_err());
        assert!(parse_labels("path\tlabel\nx\tnice\n").is_err());
    }

    #[test]
    fn a_campaign_is_in_one_half_and_all_of_it() {
        // sha256("one") begins with 7, sha256("two") with 3, sha256("three") with 8.
        let rows = [("one", Half::B), ("two", Half::B), ("three", Half::A)];
        for (group, half) in rows {
            assert_eq!(Half::of(group), half, "{group}");
        }
        let none = BTreeMap::new();
        let [a, b, all] = [Half::A, Half::B, Half::All].map(|h| parse(LIST, &none, h).unwrap());
        assert_eq!(a.len() + b.len(), all.len());
        assert!(a.iter().all(|one| b.iter().all(|other| one.group != other.group)));
    }
}
