//! Dates as mail programs write them above what they quote.

use clawback_mail::message::Moment;

use super::words::MONTHS;

/// The point in time that a text names, in seconds since 1970; `None` where it names none, or
/// where day and month cannot be told apart.
pub(super) fn date_in(text: &str) -> Option<i64> {
    if let Some(moment) = Moment::parse(text) {
        return Some(moment.seconds);
    }
    let lower = text.to_lowercase();
    let (year, month, day) = date(&lower)?;
    let minutes = time(&lower).unwrap_or(0);
    Some(days_since_1970(year, month, day) * 86_400 + minutes * 60)
}

fn date(text: &str) -> Option<(i64, i64, i64)> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '>' | '('))
        .filter(|w| !w.is_empty())
        .collect();
    if let Some(found) = words.iter().find_map(|word| numeric(word)) {
        return Some(found);
    }
    if let Some(found) = east_asian(text) {
        return Some(found);
    }
    // In some languages a day of the week has the front of a month: the last that fits is meant.
    let named = words.iter().enumerate().rev().filter_map(|(at, word)| Some((at, month(word)?)));
    named.into_iter().find_map(|(at, month)| {
        let around = words.get(at.saturating_sub(2)..(at + 4).min(words.len()))?;
        let numbers: Vec<i64> =
            around.iter().filter(|word| !word.contains(':')).filter_map(number).collect();
        let year = numbers.iter().copied().find(|number| (1980..2100).contains(number))?;
        let day = numbers.iter().copied().find(|number| (1..=31).contains(number))?;
        Some((year, month, day))
    })
}

fn number(word: &&str) -> Option<i64> {
    word.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

fn month(word: &str) -> Option<i64> {
    let begins = word.chars().next().is_some_and(char::is_alphabetic);
    let starts = |fronts: &&[&str]| fronts.iter().any(|front| word.starts_with(front));
    let at = MONTHS.iter().position(starts).filter(|_| begins)?;
    i64::try_from(at + 1).ok()
}

/// `2026-03-01`, `01.03.2026`, and `13/03/2026` where only one order is possible.
fn numeric(word: &str) -> Option<(i64, i64, i64)> {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let mark = word.chars().find(|c| matches!(c, '-' | '.' | '/'))?;
    let mut parts =
        word.split(mark).map(|part| part.get(..4.min(part.len())).and_then(|p| p.parse().ok()));
    let (first, second, third): (i64, i64, i64) = (parts.next()??, parts.next()??, parts.next()??);
    let is_year = |number: i64| (1980..2100).contains(&number);
    let (year, month, day) = match mark {
        _ if is_year(first) => (first, second, third),
        _ if !is_year(third) => return None,
        '.' => (third, second, first),
        _ if first > 12 => (third, second, first),
        _ if second > 12 => (third, first, second),
        _ if first == second => (third, first, second),
        _ => return None,
    };
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}

/// `2026年3月1日`.
fn east_asian(text: &str) -> Option<(i64, i64, i64)> {
    let (before, rest) = text.split_once(['年', '년'])?;
    let (month, rest) = rest.split_once(['月', '월'])?;
    let (day, _) = rest.split_once(['日', '일'])?;
    let digits = |text: &str| -> Option<i64> {
        let tail: String = text.chars().rev().take_while(char::is_ascii_digit).collect();
        tail.chars().rev().collect::<String>().parse().ok()
    };
    Some((digits(before)?, month.trim().parse().ok()?, day.trim().parse().ok()?))
}

/// Minutes since midnight.
fn time(text: &str) -> Option<i64> {
    let colon = text.match_indices(':').find_map(|(at, _)| {
        let before: String =
            text.get(..at)?.chars().rev().take_while(char::is_ascii_digit).collect();
        let hour: i64 = before.chars().rev().collect::<String>().parse().ok()?;
        let minute: i64 = text.get(at + 1..at + 3)?.parse().ok()?;
        (hour < 24 && minute < 60).then_some((hour, minute, text.get(at + 3..)?))
    })?;
    let (hour, minute, rest) = colon;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':').trim_start();
    let hour = match rest.get(..2) {
        Some("pm" | "p.") if hour < 12 => hour + 12,
        Some("am" | "a.") if hour == 12 => 0,
        _ => hour,
    };
    Some(hour * 60 + minute)
}

/// By the civil calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let rows = [
            ("a header field", "Tue, 3 Mar 2026 10:00:00 +0200", Some("2026-03-03T08:00:00Z")),
            ("Outlook", "Tuesday, March 3, 2026 10:00 PM", Some("2026-03-03T22:00:00Z")),
            ("Gmail", "Tue, Mar 3, 2026 at 12:05 AM", Some("2026-03-03T00:05:00Z")),
            ("German", "Dienstag, 3. März 2026 10:00", Some("2026-03-03T10:00:00Z")),
            ("French", "mardi 3 mars 2026 10:00", Some("2026-03-03T10:00:00Z")),
            ("Spanish", "martes, 3 de marzo de 2026 10:00", Some("2026-03-03T10:00:00Z")),
            ("dots", "03.03.2026 10:00", Some("2026-03-03T10:00:00Z")),
            ("ISO", "2026-03-03 10:00", Some("2026-03-03T10:00:00Z")),
            ("Japanese", "2026年3月3日(火) 10:00", Some("2026-03-03T10:00:00Z")),
            ("either order", "03/04/2026 10:00", None),
            ("one order", "30/04/2026 10:00", Some("2026-04-30T10:00:00Z")),
            ("words", "yesterday", None),
        ];
        for (rule, text, meant) in rows {
            let got = date_in(text).map(|seconds| Moment::utc(seconds).rfc3339());
            assert_eq!(got.as_deref(), meant, "{rule}");
        }
    }
}
