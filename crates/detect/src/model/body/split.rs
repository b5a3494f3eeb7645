//! A text taken apart into what its author wrote and what is quoted below, newest first.
//!
//! How deep a line is quoted is known beforehand: by `>` marks in plain text, by quoting elements
//! in pages. What is quoted without marks is found by its introduction.

use super::markers::{self, Lines, Marker};
use super::quotes::Quotes;

/// One line of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) depth: usize,
}

/// One message of a conversation, as lines.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) preamble: Vec<usize>,
    pub(super) body: Vec<usize>,
}

/// A text with its lines and pieces; the first piece is the newest.
pub(super) struct Split {
    pub(super) lines: Vec<Line>,
    pub(super) pieces: Vec<Piece>,
}

impl Split {
    /// Takes a plain text apart.
    pub(super) fn plain(text: &str) -> Self {
        let marked = text.lines().filter(|line| line.starts_with('>')).take(2).count();
        let line = |(start, end): (usize, usize)| {
            let whole = text.get(start..end).unwrap_or_default();
            let (depth, skipped) = if marked > 1 { quote_marks(whole) } else { (0, 0) };
            trimmed(text, start + skipped, end, depth)
        };
        Self::of(text, line_places(text).map(line).collect(), &Quotes::default())
    }

    /// Takes what is seen of a page apart.
    pub(super) fn page(text: &str, quotes: &Quotes) -> Self {
        let line = |(start, end)| trimmed(text, start, end, quotes.depth(start));
        Self::of(text, line_places(text).map(line).collect(), quotes)
    }

    fn of(text: &str, lines: Vec<Line>, quotes: &Quotes) -> Self {
        let mut work = Work {
            text,
            lines: &lines,
            quotes,
            pieces: vec![Piece::default()],
            stack: vec![0],
            pending: None,
            resumed: Vec::new(),
        };
        let mut at = 0;
        while at < lines.len() {
            at += work.step(at);
        }
        let pieces = work.pieces;
        Self { lines, pieces }
    }

    /// Whether nothing is quoted.
    pub(super) fn is_whole(&self) -> bool {
        self.pieces.len() == 1
    }
}

struct Work<'a> {
    text: &'a str,
    lines: &'a [Line],
    quotes: &'a Quotes,
    pieces: Vec<Piece>,
    /// The piece that lines of each depth belong to.
    stack: Vec<usize>,
    /// Lines that introduce what is quoted next.
    pending: Option<Vec<usize>>,
    /// Where a quotation goes on after words in between: depth, piece around it, piece.
    resumed: Vec<(usize, usize, usize)>,
}

/// The lines from one on, as long as they are quoted equally deep.
struct Rest<'a> {
    text: &'a str,
    lines: &'a [Line],
}

impl Lines for Rest<'_> {
    fn ahead(&self, by: usize) -> Option<&str> {
        let line = self.lines.get(by)?;
        let text = self.text.get(line.start..line.end)?;
        let same = self.lines.first().is_some_and(|first| first.depth == line.depth);
        (same || text.is_empty()).then_some(text)
    }
}

impl Work<'_> {
    /// Places the next line or lines; how many it were.
    fn step(&mut self, at: usize) -> usize {
        let Some(line) = self.lines.get(at).copied() else { return 1 };
        if line.start == line.end {
            let top = self.top();
            if let Some(piece) = self.pieces.get_mut(top).filter(|piece| !piece.body.is_empty()) {
                piece.body.push(at);
            }
            return 1;
        }
        self.leave(line.depth);
        self.enter(line.depth);
        match self.marker(at) {
            Some((marker, count)) => {
                self.introduce(marker, at, count, line.depth);
                count
            }
            None => {
                let top = self.top();
                if let Some(piece) = self.pieces.get_mut(top) {
                    piece.body.push(at);
                }
                1
            }
        }
    }

    fn marker(&self, at: usize) -> Option<(Marker, usize)> {
        let rest = Rest { text: self.text, lines: self.lines.get(at..)? };
        let start = rest.lines.first()?.start;
        let found = self.quotes.introduction(start).map(|(end, is_block)| {
            let count = rest.lines.iter().take_while(|line| line.start < end).count().max(1);
            if is_block { Marker::Block(count) } else { Marker::Wrote(count) }
        });
        let marker = found.or_else(|| markers::at(&rest))?;
        let (Marker::Block(count) | Marker::Wrote(count)) = marker;
        Some((marker, count))
    }

    fn introduce(&mut self, marker: Marker, at: usize, count: usize, depth: usize) {
        let lines: Vec<usize> = (at..at + count).collect();
        let next = self.lines.get(at + count..).unwrap_or_default();
        let deeper =
            next.iter().find(|line| line.start != line.end).is_some_and(|line| line.depth > depth);
        if deeper && (matches!(marker, Marker::Wrote(_)) || count == 1) {
            self.pending = Some(lines);
            return;
        }
        let top = self.top();
        let reuse = self.pieces.get_mut(top).filter(|piece| top != 0 && piece.body.is_empty());
        match reuse {
            Some(piece) => piece.preamble.extend(lines),
            None => {
                let new = self.add(lines);
                if let Some(last) = self.stack.last_mut() {
                    *last = new;
                }
            }
        }
    }

    fn top(&self) -> usize {
        self.stack.last().copied().unwrap_or(0)
    }

    fn add(&mut self, preamble: Vec<usize>) -> usize {
        if self.pieces.len() >= PIECES_MAX {
            return self.pieces.len() - 1;
        }
        self.pieces.push(Piece { preamble, body: Vec::new() });
        self.pieces.len() - 1
    }

    fn leave(&mut self, depth: usize) {
        while self.stack.len() > depth + 1 {
            let level = self.stack.len() - 1;
            let Some(piece) = self.stack.pop() else { return };
            let around = self.top();
            self.resumed.retain(|(other, _, _)| *other != level);
            self.resumed.push((level, around, piece));
        }
    }

    fn enter(&mut self, depth: usize) {
        while self.stack.len() < depth + 1 {
            let around = self.top();
            let level = self.stack.len();
            let is_empty =
                self.pieces.get(around).is_some_and(|piece| around != 0 && piece.body.is_empty());
            let pending = self.pending.take();
            let resumed = self.resumed.iter().find(|(other, a, _)| (*other, *a) == (level, around));
            let piece = match (pending, resumed) {
                (Some(preamble), _) if is_empty => {
                    if let Some(piece) = self.pieces.get_mut(around) {
                        piece.preamble.extend(preamble);
                    }
                    around
                }
                (Some(preamble), _) => self.add(preamble),
                (None, _) if is_empty => around,
                (None, Some((_, _, piece))) => *piece,
                (None, None) => self.add(Vec::new()),
            };
            self.stack.push(piece);
        }
    }
}

fn line_places(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = text.get(start..)?;
        let length = memchr::memchr(b'\n', rest.as_bytes());
        next = length.map(|length| start + length + 1);
        Some((start, start + length.unwrap_or(rest.len())))
    })
    .take(LINES_MAX)
}

fn trimmed(text: &str, start: usize, end: usize, depth: usize) -> Line {
    let whole = text.get(start..end).unwrap_or_default();
    let front = whole.trim_start();
    let start = end - front.len();
    Line { start, end: start + front.trim_end().len(), depth: depth.min(DEPTH_MAX) }
}

/// How many `>` stand in front, and how long they are.
fn quote_marks(line: &str) -> (usize, usize) {
    let mut depth = 0;
    let mut skipped = 0;
    for (at, octet) in line.bytes().enumerate() {
        match octet {
            b'>' => {
                depth += 1;
                skipped = at + 1;
            }
            b' ' => {}
            _ => break,
        }
    }
    (depth, skipped)
}

const DEPTH_MAX: usize = 30;
const LINES_MAX: usize = 50_000;
const PIECES_MAX: usize = 100;
