//! A part of a whole with how sure one can be of it.
//!
//! The interval is Wilson's at 95 %: it stays within 0 and 1, and says something even where
//! nothing or everything was hit. A share without its count is never shown.

use std::fmt;

use serde::{Serialize, Serializer};

/// So many of so many. Hits may be broken: a campaign counts once, by the share of its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Proportion {
    hits: f64,
    of: f64,
}

impl Proportion {
    /// Counts.
    pub(super) fn new(hits: u64, of: u64) -> Self {
        Self { hits: number(hits), of: number(of) }
    }

    /// The same of shares: each counts once.
    pub(super) fn of_shares(shares: impl IntoIterator<Item = Self>) -> Self {
        let shares = shares.into_iter().filter_map(|share| share.rate());
        shares.fold(Self::default(), |all, rate| Self { hits: all.hits + rate, of: all.of + 1.0 })
    }

    /// The share; none of nothing.
    pub(super) fn rate(&self) -> Option<f64> {
        (self.of > 0.0).then(|| self.hits / self.of)
    }

    /// Between what the share lies, at 95 %.
    pub(super) fn interval(&self) -> Option<(f64, f64)> {
        let (rate, n) = (self.rate()?, self.of);
        let z2 = Z * Z;
        let middle = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z / (1.0 + z2 / n) * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).sqrt();
        Some(((middle - half).max(0.0), (middle + half).min(1.0)))
    }
}

impl fmt::Display for Proportion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(rate), Some((low, high))) = (self.rate(), self.interval()) else {
            return f.pad("-");
        };
        let percent = |share: f64| {
            let percent = share * 100.0;
            if percent >= 10.0 { format!("{percent:.0}") } else { format!("{percent:.1}") }
        };
        let hits = if self.hits.fract() == 0.0 {
            format!("{:.0}", self.hits)
        } else {
            format!("{:.1}", self.hits)
        };
        let interval = format!("{}–{}", percent(low), percent(high));
        f.pad(&format!("{hits}/{:.0} {:.1} % ({interval})", self.of, rate * 100.0))
    }
}

impl Serialize for Proportion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let interval = self.interval();
        let mut shown = serializer.serialize_struct("Proportion", 6)?;
        shown.serialize_field("hits", &self.hits)?;
        shown.serialize_field("of", &self.of)?;
        shown.serialize_field("rate", &self.rate())?;
        shown.serialize_field("low", &interval.map(|(low, _)| low))?;
        shown.serialize_field("high", &interval.map(|(_, high)| high))?;
        shown.serialize_field("shown", &self.to_string())?;
        shown.end()
    }
}

/// A count as a figure.
pub(super) fn number(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
    let number = count as f64;
    number
}

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_964;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // (hits, of, low, high), worked out by hand from the formula.
        let rows = [
            (0, 10, 0.0, 0.2775),
            (10, 10, 0.7225, 1.0),
            (1, 10, 0.0179, 0.4042),
            (50, 100, 0.4038, 0.5962),
            (3, 1_000, 0.0010, 0.0088),
        ];
        for (hits, of, low, high) in rows {
            let (got_low, got_high) = Proportion::new(hits, of).interval().unwrap();
            assert!((got_low - low).abs() < 0.0001, "{hits}/{of}: {got_low}");
            assert!((got_high - high).abs() < 0.0001, "{hits}/{of}: {got_high}");
        }
    }

    #[test]
    fn nothing_of_nothing_is_no_share() {
        assert_eq!(Proportion::new(0, 0).rate(), None);
        assert_eq!(Proportion::new(0, 0).to_string(), "-");
        assert_eq!(Proportion::of_shares([Proportion::new(0, 0)]).rate(), None);
    }

    #[test]
    fn a_campaign_counts_once_however_large_it_is() {
        let campaigns = [Proportion::new(0, 100), Proportion::new(1, 1), Proportion::new(1, 2)];
        assert_eq!(Proportion::of_shares(campaigns).rate(), Some(0.5));
        assert!(Proportion::of_shares(campaigns).to_string().starts_with("1.5/3 50.0 %"));
    }
}
