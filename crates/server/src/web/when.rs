//! Moments and lengths of time as people read them. UTC everywhere; "now" comes in as a value.

use std::borrow::Borrow;

use askama::filters::Safe;
use clawback_core::UnixMillis;
use jiff::Timestamp;

/// A `<time>` with the moment to the second: `21 Jul 14:32:07`, the year where it is not this one.
pub(super) fn moment(at: impl Borrow<UnixMillis>, now: impl Borrow<UnixMillis>) -> Safe<String> {
    let (at, now) = (*at.borrow(), *now.borrow());
    let format = if same(at, now, "%Y") { "%-d %b %H:%M:%S" } else { "%-d %b %Y %H:%M" };
    tag(at, &print(at, format))
}

/// A `<time>` to the minute, for rows: `21 Jul 14:32`.
pub(super) fn minute(at: impl Borrow<UnixMillis>, now: impl Borrow<UnixMillis>) -> Safe<String> {
    let (at, now) = (*at.borrow(), *now.borrow());
    let format = if same(at, now, "%Y") { "%-d %b %H:%M" } else { "%-d %b %Y" };
    tag(at, &print(at, format))
}

/// A `<time>` with the clock alone, where the day stands beside it.
pub(super) fn clock(at: impl Borrow<UnixMillis>) -> Safe<String> {
    let at = *at.borrow();
    tag(at, &print(at, "%H:%M:%S"))
}

/// A `<time>` with day, month, year and clock.
pub(super) fn full(at: impl Borrow<UnixMillis>) -> Safe<String> {
    let at = *at.borrow();
    tag(at, &print(at, "%-d %b %Y, %H:%M:%S UTC"))
}

/// A `<time>` that says how long ago: `12 s ago`.
pub(super) fn ago(at: impl Borrow<UnixMillis>, now: impl Borrow<UnixMillis>) -> Safe<String> {
    let (at, now) = (*at.borrow(), *now.borrow());
    let since = now.since(at).as_millis();
    let since = u64::try_from(since).unwrap_or(u64::MAX);
    let text = if since < 1_000 { "just now".to_owned() } else { format!("{} ago", coarse(since)) };
    tag(at, &text)
}

/// A moment in a jiff format, UTC.
pub(super) fn print(at: UnixMillis, format: &str) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let timestamp = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    timestamp.strftime(format).to_string()
}

/// A length of time in the two units that matter: `38 s`, `2 m 14 s`, `3 h 05 m`.
pub(super) fn length(millis: impl Borrow<u64>) -> String {
    let millis = *millis.borrow();
    let seconds = millis / 1_000;
    match seconds {
        0 => format!("{millis} ms"),
        1..10 => format!("{seconds}.{} s", millis % 1_000 / 100),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {:02} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// A length of time in one unit: `12 s`, `5 min`, `3 h`, `2 d`.
pub(super) fn coarse(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A whole number with its thousands set apart: `184,206`.
pub(super) fn count(number: impl Borrow<u64>) -> String {
    let digits = number.borrow().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A length as a count.
pub(super) fn len(length: impl Borrow<usize>) -> u64 {
    u64::try_from(*length.borrow()).unwrap_or(u64::MAX)
}

/// A count with its noun: `1 message`, `23 messages`.
pub(super) fn counted(number: impl Borrow<u64>, one: &str, many: &str) -> String {
    let number = *number.borrow();
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Octets in the unit that fits: `11.8 kB`.
pub(super) fn size(octets: impl Borrow<u64>) -> String {
    match *octets.borrow() {
        octets @ 0..1_000 => format!("{octets} B"),
        octets @ 1_000..1_000_000 => format!("{}.{} kB", octets / 1_000, octets % 1_000 / 100),
        octets => format!("{}.{} MB", octets / 1_000_000, octets % 1_000_000 / 100_000),
    }
}

/// Nothing here needs escaping: digits and month names only.
fn tag(at: UnixMillis, text: &str) -> Safe<String> {
    let machine = print(at, "%Y-%m-%dT%H:%M:%S%.3fZ");
    let title = print(at, "%-d %B %Y, %H:%M:%S UTC");
    Safe(format!("<time datetime=\"{machine}\" title=\"{title}\">{text}</time>"))
}

fn same(one: UnixMillis, other: UnixMillis, format: &str) -> bool {
    print(one, format) == print(other, format)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis(1_784_635_200_000);

    #[test]
    fn length_table() {
        let rows = [
            (40, "40 ms"),
            (1_250, "1.2 s"),
            (38_000, "38 s"),
            (134_000, "2 m 14 s"),
            (11_100_000, "3 h 05 m"),
            (200_000_000, "2 d 7 h"),
        ];
        for (millis, meant) in rows {
            assert_eq!(length(millis), meant);
        }
    }

    #[test]
    fn count_table() {
        for (number, meant) in
            [(0_u64, "0"), (999, "999"), (1_000, "1,000"), (41_800_000, "41,800,000")]
        {
            assert_eq!(count(number), meant);
        }
    }

    #[test]
    fn a_moment_names_its_year_only_when_it_is_another() {
        assert_eq!(print(NOON, "%-d %b %Y %H:%M"), "21 Jul 2026 12:00");
        assert!(moment(NOON, NOON).0.contains(">21 Jul 12:00:00<"));
        let next_year = UnixMillis(NOON.0 + 300 * 86_400_000);
        assert!(moment(NOON, next_year).0.contains(">21 Jul 2026 12:00<"));
        assert!(ago(NOON, UnixMillis(NOON.0 + 125_000)).0.contains(">2 min ago<"));
    }

    #[test]
    fn a_moment_no_calendar_holds_is_printed_all_the_same() {
        assert!(!print(UnixMillis(u64::MAX), "%Y").is_empty());
    }
}
