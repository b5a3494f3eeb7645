//! Intel files: a plain list with one indicator a line, or CSV with a header.
//!
//! Reading never fails as a whole: each line that cannot be read is told with its reason, and the
//! others count. What kind an indicator is, is taken from the `type` column or the name of the
//! value's column, else guessed from its form.

use clawback_mail::address::Domain;
use clawback_mail::indicator::{Indicator, IndicatorKind, normalise};
use csv::StringRecord;

use super::IntelEntry;

/// A line that could not be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineError {
    /// Which line, from 1.
    pub line: usize,
    /// Why, in plain words.
    pub reason: String,
}

/// Reads an intel file; `source` names who says so where the file does not.
#[must_use]
pub fn intel_file(text: &str, source: &str) -> (Vec<IntelEntry>, Vec<LineError>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !is_comment(line)).unwrap_or_default();
    let mut found = Found::default();
    match Columns::read(first) {
        Some(columns) => read_csv(text, source, &columns, &mut found),
        None => read_list(text, source, &mut found),
    }
    (found.entries, found.errors)
}

#[derive(Default)]
struct Found {
    entries: Vec<IntelEntry>,
    errors: Vec<LineError>,
}

impl Found {
    /// Takes a line's result; `false` where the file is at its limit.
    fn take(&mut self, line: usize, read: Result<IntelEntry, String>) -> bool {
        if self.entries.len() >= FILE_ENTRIES_MAX {
            let reason = format!("the file has more than {FILE_ENTRIES_MAX} entries");
            self.errors.push(LineError { line, reason });
            return false;
        }
        match read {
            Ok(entry) => self.entries.push(entry),
            Err(reason) if self.errors.len() < ERRORS_MAX => {
                self.errors.push(LineError { line, reason });
            }
            Err(_) => {}
        }
        true
    }
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn read_list(text: &str, source: &str, found: &mut Found) {
    for (number, line) in (1..).zip(text.lines()) {
        if is_comment(line) {
            continue;
        }
        // A fragment of a URL has no space before its mark, a comment has.
        let value = line.split_once(" #").map_or(line, |(value, _)| value).trim();
        let read = guess(value).ok_or_else(|| UNREADABLE.to_owned()).map(|indicator| IntelEntry {
            indicator,
            source: source.to_owned(),
            confidence: CONFIDENCE_DEFAULT,
            note: String::new(),
        });
        if !found.take(number, read) {
            return;
        }
    }
}

/// Which column holds what.
struct Columns {
    value: usize,
    /// What the name of the value's column says about its kind.
    value_kind: Option<IndicatorKind>,
    kind: Option<usize>,
    source: Option<usize>,
    confidence: Option<usize>,
    note: Option<usize>,
}

impl Columns {
    /// Reads a header; `None` where the line is none.
    fn read(line: &str) -> Option<Self> {
        let names: Vec<String> = line
            .split(',')
            .map(|name| name.trim().trim_matches('"').trim().to_ascii_lowercase())
            .collect();
        let find = |wanted: &[&str]| {
            wanted.iter().find_map(|word| names.iter().position(|name| name == word))
        };
        let value = find(&[
            "value",
            "indicator",
            "ioc",
            "ioc_value",
            "url",
            "host",
            "domain",
            "sha256",
            "sha256_hash",
            "ip",
            "ip_address",
            "address",
            "email",
            "sender",
            "subject",
        ])?;
        let kind = find(&["type", "kind", "indicator_type", "ioc_type"]);
        Some(Self {
            value,
            value_kind: names.get(value).and_then(|name| kind_of_word(name)),
            kind,
            source: find(&["source", "feed", "provider", "reporter"]),
            confidence: find(&["confidence", "confidence_level", "score"]),
            note: find(&["description", "note", "comment", "threat", "malware", "title"]),
        })
    }
}

fn read_csv(text: &str, source: &str, columns: &Columns, found: &mut Found) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut is_header = true;
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) if std::mem::take(&mut is_header) => {}
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                if !found.take(line, read_record(&record, source, columns)) {
                    return;
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                if !found.take(line, Err("not readable as CSV".to_owned())) {
                    return;
                }
            }
        }
    }
}

fn read_record(
    record: &StringRecord,
    source: &str,
    columns: &Columns,
) -> Result<IntelEntry, String> {
    let cell = |column: Option<usize>| {
        column.and_then(|column| record.get(column)).filter(|cell| !cell.is_empty())
    };
    let value = cell(Some(columns.value)).ok_or("no value")?;
    let kind = match cell(columns.kind) {
        Some(word) => kind_of_word(&word.to_ascii_lowercase()),
        None => columns.value_kind,
    };
    let indicator = match kind {
        Some(kind) => normalise(kind, value),
        None => guess(value),
    };
    let confidence = match cell(columns.confidence) {
        Some(word) => confidence(word).ok_or("confidence is not a number from 0 to 100")?,
        None => CONFIDENCE_DEFAULT,
    };
    Ok(IntelEntry {
        indicator: indicator.ok_or(UNREADABLE)?,
        source: cell(columns.source).unwrap_or(source).to_owned(),
        confidence,
        note: cell(columns.note).unwrap_or_default().to_owned(),
    })
}

fn confidence(word: &str) -> Option<u8> {
    match word.to_ascii_lowercase().as_str() {
        "low" => Some(30),
        "medium" => Some(60),
        "high" => Some(90),
        number => number.trim_end_matches('%').parse().ok().filter(|confidence| *confidence <= 100),
    }
}

/// The kind that a feed's word for it stands for.
fn kind_of_word(word: &str) -> Option<IndicatorKind> {
    Some(match word {
        "url" | "uri" => IndicatorKind::Url,
        "host" | "hostname" | "fqdn" => IndicatorKind::Host,
        "domain" | "domain-name" => IndicatorKind::Domain,
        "address" | "email" | "email-src" | "email-addr" | "sender" => IndicatorKind::Address,
        "ip" | "ipv4" | "ipv6" | "ip_address" | "ip-src" | "ip-dst" | "ipv4-addr" => {
            IndicatorKind::Ip
        }
        "sha256" | "sha256_hash" | "hash" => IndicatorKind::Sha256,
        "subject" | "subject_key" | "email-subject" => IndicatorKind::SubjectKey,
        _ => return None,
    })
}

/// What a text without a kind is: most particular form first.
///
/// A bare name stands for all below it where somebody can register it, else for one host.
fn guess(text: &str) -> Option<Indicator> {
    let exact = [IndicatorKind::Sha256, IndicatorKind::Ip];
    if let Some(found) = exact.into_iter().find_map(|kind| normalise(kind, text)) {
        return Some(found);
    }
    let has_path = text.contains('/');
    if !has_path && (text.contains('@') || text.contains("[at]")) {
        return normalise(IndicatorKind::Address, text);
    }
    if has_path {
        return normalise(IndicatorKind::Url, text).filter(|_| !text.contains(' '));
    }
    let domain = normalise(IndicatorKind::Domain, text)?;
    let is_registrable = Domain::parse(&domain.value).is_ok_and(|d| d.registrable() == d);
    if is_registrable { Some(domain) } else { normalise(IndicatorKind::Host, text) }
}

const UNREADABLE: &str = "not a URL, host, domain, address, IP or SHA-256";
/// What an entry counts whose file does not say: its owner chose to load the file.
const CONFIDENCE_DEFAULT: u8 = 80;
/// More errors than this tell nothing new.
const ERRORS_MAX: usize = 1_000;
/// Most entries of one file.
const FILE_ENTRIES_MAX: usize = 5_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn values(entries: &[IntelEntry]) -> Vec<(&'static str, &str)> {
        entries.iter().map(|e| (e.indicator.kind.as_str(), e.indicator.value.as_str())).collect()
    }

    #[test]
    fn a_plain_list_is_read_line_by_line() {
        let digest = "0f".repeat(32);
        let text = format!(
            "# our feed\n\nhxxps://Lure[.]example/kit?a=1 # seen today\nlure.example\n\
             www.lure.example\n192.0.2.7\n{digest}\nbad@lure[.]example\nwhat is this\n"
        );
        let (entries, errors) = intel_file(&text, "own list");
        assert_eq!(
            values(&entries),
            [
                ("url", "https://lure.example/kit?a=1"),
                ("domain", "lure.example"),
                ("host", "www.lure.example"),
                ("ip", "192.0.2.7"),
                ("sha256", digest.as_str()),
                ("address", "bad@lure.example"),
            ]
        );
        assert!(entries.iter().all(|entry| entry.source == "own list"));
        assert_eq!(errors, [LineError { line: 9, reason: UNREADABLE.into() }]);
    }

    #[test]
    fn csv_columns_are_found_by_name_in_any_order() {
        let text = "confidence,type,indicator,source,description\n\
                    95,domain,lure.example,partner,\"kit, first seen\"\n\
                    high,url,hxxp://a.example/x,,\n\
                    200,url,http://b.example/x,,\n\
                    50,ip,not-an-ip,,\n";
        let (entries, errors) = intel_file(text, "file");
        assert_eq!(values(&entries), [("domain", "lure.example"), ("url", "http://a.example/x")]);
        assert_eq!((entries[0].confidence, entries[0].source.as_str()), (95, "partner"));
        assert_eq!(entries[0].note, "kit, first seen");
        assert_eq!((entries[1].confidence, entries[1].source.as_str()), (90, "file"));
        assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn the_value_column_may_be_named_by_its_kind() {
        let text = "url,threat\nhttp://a.example/x,kit\n";
        assert_eq!(intel_file(text, "f").0[0].note, "kit");
        assert_eq!(intel_file("", "f"), (vec![], vec![]));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|\n|,|\"){0,300}", header in proptest::bool::ANY) {
            let text = if header { format!("type,value\n{text}") } else { text };
            let (entries, errors) = intel_file(&text, "f");
            assert!(entries.len() + errors.len() <= text.lines().count() + 1);
        }
    }
}
