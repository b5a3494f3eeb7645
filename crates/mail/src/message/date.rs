//! Points in time as header fields state them.

use mail_parser::DateTime;

/// A point in time, and the zone in which it was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// How far the writer's clock was ahead of UTC, in minutes.
    pub offset_minutes: i32,
}

impl Moment {
    /// Reads the date of a `Date` or `Received` field.
    // spec: rfc5322#3.3
    pub fn parse(text: &str) -> Option<Self> {
        let read = DateTime::parse_rfc822(text).filter(DateTime::is_valid)?;
        let minutes = i32::from(read.tz_hour) * 60 + i32::from(read.tz_minute);
        let offset_minutes = if read.tz_before_gmt { -minutes } else { minutes };
        Some(Self { seconds: read.to_timestamp(), offset_minutes })
    }

    /// A point in time in UTC.
    pub const fn utc(seconds: i64) -> Self {
        Self { seconds, offset_minutes: 0 }
    }

    /// As RFC 3339 in UTC: such texts compare as the times do.
    pub fn rfc3339(self) -> String {
        DateTime::from_timestamp(self.seconds).to_rfc3339()
    }

    /// The zone as in a header field: `+0200`.
    pub fn zone(self) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.abs();
        format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let rows = [
            ("plain", "Tue, 3 Mar 2026 10:00:00 +0200", Some(("2026-03-03T08:00:00Z", "+0200"))),
            ("west", "3 Mar 2026 23:30:00 -0530 (IST)", Some(("2026-03-04T05:00:00Z", "-0530"))),
            ("words", "yesterday", None),
        ];
        for (rule, text, meant) in rows {
            let moment = Moment::parse(text);
            let got = moment.map(|moment| (moment.rfc3339(), moment.zone()));
            let got = got.as_ref().map(|(time, zone)| (time.as_str(), zone.as_str()));
            assert_eq!(got, meant, "{rule}");
        }
    }
}
