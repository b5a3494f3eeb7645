//! Charts as SVG, drawn on the server: widths are presentation attributes, so that no style
//! stands in a page. Every chart carries its numbers as text for who cannot see it.

use std::fmt::Write as _;

use askama::filters::Safe;
use clawback_core::Disposition;
use clawback_core::job::Tally;
use clawback_core::retraction::State;
use clawback_store::view::OverviewStep;

use super::marks;
use super::when;

/// Stacked columns of a span: what there was of each disposition in each step.
pub(super) struct Columns {
    /// The drawing.
    pub(super) svg: Safe<String>,
    /// The numbers beside it, highest first.
    pub(super) scale: Vec<String>,
}

/// Draws the steps; dispositions not in `shown` are left out.
pub(super) fn columns(steps: &[OverviewStep], shown: &[Disposition]) -> Columns {
    let visible = |step: &OverviewStep| -> Vec<(Disposition, u64)> {
        let each = Disposition::ALL.into_iter().zip(step.counts);
        each.filter(|(disposition, _)| shown.contains(disposition)).collect()
    };
    let sum = |step: &OverviewStep| visible(step).iter().map(|(_, n)| *n).sum::<u64>();
    let top = round_up(steps.iter().map(sum).max().unwrap_or(0));
    let mut svg = grid();
    let width = 100.0 / as_f64(steps.len().max(1));
    for (place, step) in steps.iter().enumerate() {
        let x = as_f64(place) * width + width * 0.12;
        let mut y = 100.0;
        for (disposition, count) in visible(step).into_iter().rev().filter(|(_, n)| *n > 0) {
            let height = 100.0 * as_f64(count) / as_f64(top);
            y -= height;
            let fill = marks::mark(disposition).fill;
            let _ = write!(
                svg,
                "<rect class=\"{fill}\" x=\"{x:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{height:.2}\"/>",
                width * 0.76,
            );
        }
    }
    let scale = (0..=4_u64).rev().map(|quarter| when::count(top * quarter / 4)).collect();
    Columns { svg: Safe(svg), scale }
}

fn grid() -> String {
    [0, 25, 50, 75, 100].into_iter().fold(String::new(), |mut svg, y| {
        let _ = write!(svg, "<line class=\"g-line\" x1=\"0\" x2=\"100\" y1=\"{y}\" y2=\"{y}\"/>");
        svg
    })
}

/// The next number whose quarters are whole.
fn round_up(number: u64) -> u64 {
    let mut step = 4;
    while step * 10 < number {
        step *= 10;
    }
    number.div_ceil(step).max(1).saturating_mul(step)
}

/// What became of ordered copies, in five kinds that add up to all of them.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// How many there are.
    pub(super) total: u64,
    /// The kinds that occur, in order.
    pub(super) parts: Vec<Part>,
}

/// One kind of outcome.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its words.
    pub(super) name: &'static str,
    /// The class of its legend.
    pub(super) class: &'static str,
    /// The class that fills it.
    pub(super) fill: &'static str,
    /// Copies.
    pub(super) count: u64,
    /// Where it begins, of 100.
    pub(super) from: f64,
    /// How long it is, of 100.
    pub(super) width: f64,
}

/// Sums a tally up for a bar. Every state is in exactly one part.
pub(super) fn outcome(tally: &Tally, is_restoration: bool) -> Outcome {
    use State::{
        Abandoned, AlreadyGone, Asked, Cancelled, Held, Moved, NotFound, Planned, Refused,
        Retracted, Uncertain, Waiting,
    };
    let (done, was_done) = match is_restoration {
        true => ("Restored", "Back already"),
        false => ("Retracted", "Already gone"),
    };
    let kinds: [(&str, &str, &str, &[State]); 6] = [
        (done, "d-cln", "f-cln", &[Retracted]),
        (was_done, "d-off", "f-mute", &[AlreadyGone]),
        ("Failed", "d-mal", "f-mal", &[NotFound, Refused, Abandoned]),
        ("In progress", "d-run", "f-acc stripe", &[Planned, Asked, Moved]),
        ("Waiting", "d-sus", "f-sus", &[Waiting, Held, Uncertain]),
        ("Cancelled", "d-wait", "f-line", &[Cancelled]),
    ];
    let total = tally.total();
    let mut from = 0.0;
    let mut parts = Vec::new();
    for (name, class, fill, states) in kinds {
        let count = tally.any_of(states);
        let width = 100.0 * as_f64(count) / as_f64(total.max(1));
        if count > 0 {
            parts.push(Part { name, class, fill, count, from, width });
        }
        from += width;
    }
    Outcome { total, parts }
}

impl Outcome {
    /// The numbers in a sentence.
    pub(super) fn sentence(&self) -> String {
        let parts = self.parts.iter().map(|p| format!("{} {}", when::count(p.count), p.name));
        format!("{}, of {}", parts.collect::<Vec<_>>().join(", "), when::count(self.total))
    }

    /// The bar.
    pub(super) fn bar(&self) -> Safe<String> {
        let mut svg = format!(
            "<svg class=\"bar lg\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-label=\"{}\">",
            self.sentence(),
        );
        for part in &self.parts {
            let _ = write!(
                svg,
                "<rect class=\"{}\" x=\"{:.2}\" y=\"0\" width=\"{:.2}\" height=\"4\"/>",
                part.fill, part.from, part.width,
            );
        }
        svg.push_str("</svg>");
        Safe(svg)
    }
}

/// Counts are far below what an f64 holds exactly; where not, a picture may be a hair off.
#[expect(clippy::as_conversions, reason = "there is no lossless way, and none is needed")]
#[expect(clippy::cast_precision_loss, reason = "a picture")]
fn as_f64(number: impl TryInto<u64>) -> f64 {
    number.try_into().unwrap_or(u64::MAX) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_in_exactly_one_part() {
        let mut tally = Tally::default();
        for state in State::ALL {
            tally.add(state, 1);
        }
        let outcome = outcome(&tally, false);
        let all: u64 = outcome.parts.iter().map(|part| part.count).sum();
        assert_eq!(all, tally.total());
    }

    #[test]
    fn the_scale_has_whole_quarters_and_holds_the_highest_column() {
        for number in [0, 1, 3, 4, 41, 99, 124, 1_001, 73_456] {
            let top = round_up(number);
            assert!(top >= number && top.is_multiple_of(4), "{number}: {top}");
        }
    }

    #[test]
    fn what_is_not_shown_is_not_drawn() {
        let mut step = OverviewStep::default();
        if let Some(clean) = step.counts.get_mut(5) {
            *clean = 1_000;
        }
        let svg = columns(&[step], &Disposition::RETRACTABLE).svg.0;
        assert!(!svg.contains("<rect"));
    }
}
