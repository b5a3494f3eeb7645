//! The span of time a page looks at, as its address names it: `?range=24h`.

use std::time::Duration;

use clawback_core::UnixMillis;
use clawback_core::trace::Span;

/// How far a page looks back.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) enum Range {
    /// One hour.
    Hour,
    /// One day.
    #[default]
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
    /// Everything that is kept.
    All,
}

impl Range {
    /// Every range.
    pub(super) const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::All];
    /// Those that a chart can show.
    pub(super) const CHARTED: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The range an address names; the day where it names none that exists.
    pub(super) fn named(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|range| Some(range.word()) == word).unwrap_or_default()
    }

    /// Its word in an address.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::All => "all",
        }
    }

    /// Its words on a page.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Hour => "Last hour",
            Self::Day => "Last 24 hours",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
            Self::All => "Everything kept",
        }
    }

    /// Its words inside a sentence.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::Hour => "in the last hour",
            Self::Day => "in the last 24 hours",
            Self::Week => "in the last 7 days",
            Self::Month => "in the last 30 days",
            Self::All => "in what is kept",
        }
    }

    /// From then to now, this moment included.
    pub(super) fn span(self, now: UnixMillis) -> Span {
        let from = self.length().map_or(0, |length| {
            now.0.saturating_sub(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
        });
        Span { from: UnixMillis(from), to: now.after(Duration::from_secs(1)) }
    }

    /// Steps of its chart, and how its axis writes a moment.
    pub(super) fn steps(self) -> (usize, &'static str, &'static str) {
        match self {
            Self::Hour => (30, "2-minute steps", "%H:%M"),
            Self::Day => (48, "half-hour steps", "%H:%M"),
            Self::Week => (56, "3-hour steps", "%-d %b"),
            Self::Month | Self::All => (60, "12-hour steps", "%-d %b"),
        }
    }

    fn length(self) -> Option<Duration> {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 24 * 7,
            Self::Month => 24 * 30,
            Self::All => return None,
        };
        Some(Duration::from_secs(hours * 3_600))
    }
}
