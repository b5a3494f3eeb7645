//! What is wrong with the text of a rule, said so that its author can mend it.

use std::fmt::Write as _;

/// A part of the text of a rule, in octets.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Span {
    /// The first octet.
    pub start: usize,
    /// The octet after the last.
    pub end: usize,
}

/// One thing that is wrong with a rule.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What: what was expected and what stands there.
    pub message: String,
    /// What might be meant.
    pub hint: Option<String>,
}

impl Span {
    /// From the start of one to the end of another.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.start) }
    }
}

impl Diagnostic {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Its line and column in the rule's text, both from 1, columns in characters.
    #[must_use]
    pub fn line_column(&self, source: &str) -> (usize, usize) {
        let before = source.get(..source.floor_char_boundary(self.span.start)).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before.get(start..).unwrap_or_default().chars().count() + 1)
    }

    /// The message with its line of the rule and a caret below.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let (line, column) = self.line_column(source);
        let text = source.lines().nth(line - 1).unwrap_or_default().replace('\t', " ");
        let shown = source.get(self.span.start..self.span.end).unwrap_or_default();
        let first = shown.lines().next().unwrap_or_default();
        let room = text.chars().count().saturating_sub(column - 1);
        let carets = first.chars().count().clamp(1, room.max(1));
        let mut out = format!("line {line}, column {column}: {}\n", self.message);
        let _ = writeln!(out, "  | {text}");
        let _ = write!(out, "  | {}{}", " ".repeat(column - 1), "^".repeat(carets));
        if let Some(hint) = &self.hint {
            let _ = write!(out, "\n  = {hint}");
        }
        out
    }
}

/// The name among some that is nearest to a misspelt one, where one is near enough.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    let distances = known.into_iter().map(|other| (distance(name, other), other));
    distances.filter(|(distance, _)| *distance <= most).min().map(|(_, other)| other)
}

/// The Levenshtein distance in characters; of texts that are too long to compare, their length.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let count = one.chars().count();
    if count.saturating_mul(other.len()) > DISTANCE_STEPS_MAX {
        return count.max(other.len());
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, left) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (right, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let changed = diagonal + usize::from(left != *right);
            diagonal = *cell;
            *cell = changed.min(diagonal + 1).min(before + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(count)
}

/// Longer texts than a thousand characters each are not compared cell by cell.
const DISTANCE_STEPS_MAX: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_table() {
        let rows = [("", "", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("paypal", "paypa1", 1)];
        for (one, other, meant) in rows {
            assert_eq!(distance(one, other), meant, "{one} {other}");
            assert_eq!(distance(other, one), meant, "{other} {one}");
        }
    }

    #[test]
    fn a_caret_stands_below_what_is_wrong() {
        let source = "type.inbound\nand sendr.email";
        let wrong = Diagnostic::new(Span { start: 17, end: 22 }, "no field `sendr`")
            .hint("did you mean `sender`?");
        assert_eq!(
            wrong.render(source),
            "line 2, column 5: no field `sendr`\n  | and sendr.email\n  |     ^^^^^\n  \
             = did you mean `sender`?"
        );
    }

    #[test]
    fn near_names() {
        let known = ["icontains", "contains", "ilike"];
        assert_eq!(nearest("icontain", known), Some("icontains"));
        assert_eq!(nearest("levenshtein", known), None);
    }
}
