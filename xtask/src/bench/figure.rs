//! Figures of several runs, and lines of the table they stand in.

use std::fmt;

/// The same thing measured several times.
#[derive(Clone, Debug, Default)]
pub(super) struct Series(Vec<f64>);

impl Series {
    pub(super) fn one(value: f64) -> Self {
        Self(vec![value])
    }

    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(super) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        if sorted.len().is_multiple_of(2) {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        } else {
            at(middle)
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: f64| {
            let decimals = usize::from(value.abs() < 100.0) + usize::from(value.abs() < 10.0);
            format!("{value:.decimals$}")
        };
        f.write_str(&shown(self.median()))?;
        if self.0.len() > 1 {
            let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
            let most = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            write!(f, " ({}–{})", shown(least), shown(most))?;
        }
        Ok(())
    }
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) unit: &'static str,
    pub(super) ours: Series,
    /// What it is held against, and what that is.
    pub(super) yardstick: Option<(Series, &'static str)>,
    /// What we want it to be, in words.
    pub(super) goal: Option<&'static str>,
}

impl Line {
    pub(super) fn new(what: impl Into<String>, unit: &'static str, ours: Series) -> Self {
        Self { what: what.into(), unit, ours, yardstick: None, goal: None }
    }

    pub(super) fn beside(self, yardstick: Series, what: &'static str) -> Self {
        Self { yardstick: Some((yardstick, what)), ..self }
    }

    pub(super) fn goal(self, goal: &'static str) -> Self {
        Self { goal: Some(goal), ..self }
    }

    fn ratio(&self) -> Option<f64> {
        let (yardstick, _) = self.yardstick.as_ref()?;
        Some(self.ours.median() / yardstick.median())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ours = format!("{} {}", self.ours, self.unit);
        let beside = self.yardstick.as_ref().map(|(value, what)| format!("{value} {what}"));
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let (beside, goal) = (beside.unwrap_or_default(), self.goal.unwrap_or_default());
        let line = format!("{:<44} {ours:<30} {ratio:>6}  {beside:<42} {goal}", self.what);
        f.write_str(line.trim_end())
    }
}

/// The heading over lines.
pub(super) fn heading() -> String {
    format!(
        "{:<44} {:<30} {:>6}  {:<42} goal\n",
        "median (least–most)", "ours", "ratio", "yardstick of this run"
    )
}

/// A count as a figure.
pub(crate) fn number(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
    let number = count as f64;
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_shows_its_median_and_its_spread() {
        let mut series = Series::one(300.4);
        assert_eq!(series.to_string(), "300");
        series.push(100.0);
        assert_eq!(series.to_string(), "200 (100–300)");
        series.push(9.123);
        assert_eq!(series.to_string(), "100 (9.12–300)");
    }

    #[test]
    fn a_line_shows_both_rates_and_their_ratio() {
        let line = Line::new("a row", "/s", Series::one(50.0));
        let line = line.beside(Series::one(100.0), "/s Postfix").goal("≥ 2").to_string();
        assert!(line.starts_with("a row "), "{line}");
        assert!(line.contains("50.0 /s") && line.contains(" 0.50 "), "{line}");
        assert!(line.ends_with("≥ 2") && line.contains("100 /s Postfix"), "{line}");
    }
}
