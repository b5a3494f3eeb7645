//! When domains were registered, from a feed's file: one domain a line with its date.
//!
//! ```text
//! # domain,created
//! shop.example,2026-11-20
//! ```
//!
//! Tabs, commas and semicolons divide, and not spaces. A date may be followed by a time, which is
//! not read: a day is as exact as feeds are. What cannot be read is told and left out. A million
//! domains take some tens of MiB.

use std::cmp::Ordering;

use crate::intel::LineError;

/// The days on which domains were registered.
#[derive(Clone, Debug, Default)]
pub struct Registrations {
    /// All names, one behind the other.
    names: String,
    /// Where each begins, and its day since 1970; in the order of the names.
    rows: Vec<(u32, u32)>,
}

impl Registrations {
    /// Reads a file's text: what it says, and the lines that say nothing.
    #[must_use]
    pub fn read(text: &str) -> (Self, Vec<LineError>) {
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || found.len() >= DOMAINS_MAX {
                continue;
            }
            match row(line) {
                Some(row) => found.push(row),
                // The first line may name the columns.
                None if at == 0 => {}
                None if faults.len() < FAULTS_MAX => {
                    let reason = "it is no domain with a date: shop.example, a tab, 2026-11-20";
                    faults.push(LineError { line: at + 1, reason: reason.to_owned() });
                }
                None => {}
            }
        }
        // Of a domain that was registered anew the last date holds.
        found.sort_unstable_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
        found.dedup_by(|later, kept| later.0 == kept.0);
        let mut all = Self::default();
        for (name, day) in found {
            let Ok(start) = u32::try_from(all.names.len()) else { break };
            all.names.push_str(&name);
            all.rows.push((start, day));
        }
        (all, faults)
    }

    /// When a domain was registered, in seconds since 1970, UTC: the start of that day.
    #[must_use]
    pub fn created(&self, domain: &str) -> Option<i64> {
        let (mut low, mut high) = (0, self.rows.len());
        while low < high {
            let middle = low.midpoint(high);
            let (name, day) = self.row(middle)?;
            match name.cmp(domain) {
                Ordering::Equal => return Some(i64::from(day) * DAY_SECONDS),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// How many domains there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn row(&self, place: usize) -> Option<(&str, u32)> {
        let (start, day) = *self.rows.get(place)?;
        let end = self.rows.get(place + 1).map_or(self.names.len(), |row| row.0 as usize);
        Some((self.names.get(start as usize..end)?, day))
    }
}

fn row(line: &str) -> Option<(Box<str>, u32)> {
    let mut columns = line.split(['\t', ',', ';']).map(|column| column.trim().trim_matches('"'));
    let (name, date) = (columns.next()?, columns.next()?);
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    let is_domain = name.len() <= DOMAIN_OCTETS_MAX
        && name.bytes().all(plain)
        && name.split('.').count() >= 2
        && name.split('.').all(|label| !label.is_empty());
    is_domain.then_some((name.into(), day(date)?))
}

/// The day since 1970 of `2026-11-20`, whatever follows it.
fn day(date: &str) -> Option<u32> {
    let number = |from: usize, to: usize| date.get(from..to)?.parse::<u32>().ok();
    let dashes = date.get(4..5)? == "-" && date.get(7..8)? == "-";
    let ends = date.get(10..11).is_none_or(|next| next == "T" || next == " ");
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let holds = dashes && ends && year >= 1970 && (1..=12).contains(&month);
    if !holds || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    days.checked_sub(DAYS_TO_1970)
}

/// More than all domains that are registered in some months.
const DOMAINS_MAX: usize = 20_000_000;
const DOMAIN_OCTETS_MAX: usize = 253;
/// Lines that are told as wrong.
const FAULTS_MAX: usize = 20;
const DAY_SECONDS: i64 = 86_400;
/// From March of the year 0 to the first of January 1970.
const DAYS_TO_1970: u32 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let rows = [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2000-03-01", Some(11_017)),
            ("2026-11-20T08:12:00Z", Some(20_777)),
            ("2026-11-20 08:12", Some(20_777)),
            ("1969-12-31", None),
            ("2026-13-01", None),
            ("20.11.2026", None),
            ("2026-11-200", None),
            ("", None),
        ];
        for (date, meant) in rows {
            assert_eq!(day(date), meant, "{date}");
        }
    }

    #[test]
    fn a_file_is_read_and_its_faults_are_told() {
        let text = "domain,created\nShop.example,2026-11-20\n# by hand\n\nb.example\t2020-01-01T00:00:00Z\n\
                    nothing\nb.example;2024-01-01;somebody\na..example,2026-11-20\n";
        let (all, faults) = Registrations::read(text);
        assert_eq!(all.len(), 2);
        assert_eq!(all.created("shop.example"), Some(20_777 * DAY_SECONDS));
        assert_eq!(all.created("b.example"), Some(19_723 * DAY_SECONDS), "registered anew");
        for absent in ["", "a.example", "c.example", "shop.exampl", "shop.example.x", "z"] {
            assert_eq!(all.created(absent), None, "{absent}");
        }
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [6, 8]);
    }
}
