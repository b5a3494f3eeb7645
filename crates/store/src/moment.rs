//! Moments as people write them in a query: a date, a date with a time in UTC, or an age.

use clawback_core::UnixMillis;

/// Reads `2026-09-15`, `2026-09-15T08:00Z` or an age as `2h`; `None` where it is none of them.
pub(crate) fn read(text: &str, now: UnixMillis) -> Option<UnixMillis> {
    let text = text.trim();
    if text.len() > WRITTEN_OCTETS_MAX || !text.is_ascii() {
        return None;
    }
    age(text, now).or_else(|| date(text))
}

fn age(text: &str, now: UnixMillis) -> Option<UnixMillis> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    let millis = digits(number)?.saturating_mul(seconds).saturating_mul(1_000);
    Some(UnixMillis(now.0.saturating_sub(millis)))
}

fn date(text: &str) -> Option<UnixMillis> {
    let (date, time) = text.split_once(['T', 't']).unwrap_or((text, "00:00"));
    let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let mut time = time.split(':');
    let (hour, minute) = (time.next()?, time.next()?);
    let second = time.next().unwrap_or("0");
    if date.next().is_some() || time.next().is_some() {
        return None;
    }
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let (hour, minute, second) = (digits(hour)?, digits(minute)?, digits(second)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days_since_1970(year, month, day)? * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(UnixMillis(seconds * 1_000))
}

/// The day of a moment, as `2026-09-15`.
pub(crate) fn write_day(at: UnixMillis) -> String {
    // As below, a year begins in March.
    let days = u64::from(at.day().0) + DAYS_TO_1970;
    let era_day = days % DAYS_OF_400_YEARS;
    let year_of_era = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + days / DAYS_OF_400_YEARS * 400 + u64::from(month >= 10);
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days from 1970-01-01 in the Gregorian calendar.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let leap_century = !year.is_multiple_of(100) || year.is_multiple_of(400);
    let is_leap = year.is_multiple_of(4) && leap_century;
    let in_month = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1970..=YEAR_MAX).contains(&year) || !(1..=in_month).contains(&day) {
        return None;
    }
    // A year begins in March here, so that the leap day is its last.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years / 4 - years / 100 + years / 400;
    (days + (months * 153 + 2) / 5 + day - 1).checked_sub(DAYS_TO_1970)
}

fn digits(text: &str) -> Option<u64> {
    let fits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

const DAYS_OF_400_YEARS: u64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: u64 = 719_468;
const WRITTEN_OCTETS_MAX: usize = 32;
const YEAR_MAX: u64 = 9_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_written_is_read_as_the_same() {
        for day in (0..60_000).step_by(7).chain(19_700..20_200) {
            let at = UnixMillis(day * 86_400_000);
            assert_eq!(read(&write_day(at), at), Some(at), "{day}");
        }
    }

    #[test]
    fn read_table() {
        let now = UnixMillis(10_000_000_000);
        let rows: &[(&str, Option<u64>)] = &[
            ("2h", Some(10_000_000_000 - 7_200_000)),
            ("1w", Some(10_000_000_000 - 7 * 86_400_000)),
            ("99999999999w", Some(0)),
            ("1970-01-01", Some(0)),
            ("2000-03-01", Some(951_868_800_000)),
            ("2026-09-15", Some(1_789_430_400_000)),
            ("2026-09-15T08:00Z", Some(1_789_459_200_000)),
            ("2026-09-15T08:00:05", Some(1_789_459_205_000)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-09-15T24:00Z", None),
            ("1969-12-31", None),
            ("yesterday", None),
            ("h", None),
            ("", None),
            ("2026-09", None),
        ];
        for (text, meant) in rows {
            assert_eq!(read(text, now).map(|at| at.0), *meant, "{text}");
        }
    }
}
