//! What must stand somewhere in a message for one item of a list to pass a test: known when a rule
//! is compiled, and asked before the list is gone through.
//!
//! A thousand rules go through the same links and the same header fields, nearly all in vain. All
//! texts that one of them looks at (the host names of all links, say) are a column; a column is
//! read once a message, and a rule whose words do not stand in its columns does not go through the
//! list at all. A need is necessary, never enough: what passes it is worked out as ever.

use crate::analysis;
use std::collections::HashMap;

use crate::builder::Builder;
use crate::hash::hash_of;
use crate::literals::Room;
use crate::program::{NeedlesId, NodeId, Op, PatternId, SetId, TextsId};
use crate::syntax::Comparison;

/// What must hold for a test to be true.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    /// Each of them.
    All(Box<[Self]>),
    /// At least one of them.
    Any(Box<[Self]>),
    /// One of the column's texts is one of these, case ignored.
    AmongTexts(ColumnId, TextsId),
    /// One of the column's texts is in a list, case ignored.
    AmongSet(ColumnId, SetId),
    /// One of the column's texts is this one, in lower case.
    Is(ColumnId, Box<str>),
    /// One of these literals of the rule set stands in one of the column's texts.
    Stands(ColumnId, Room, Box<[u32]>),
}

/// One column of the program.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct ColumnId(pub(crate) u32);

/// Lists, each found in the items of the one before it, and the text that is looked at in each
/// item of the last.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Column {
    pub(crate) lists: Box<[NodeId]>,
    pub(crate) text: NodeId,
}

/// Finds needs, and gathers the columns that they speak of.
pub(crate) struct Seeker<'b> {
    pub(crate) builder: &'b Builder,
    pub(crate) columns: Vec<Column>,
    lists: Vec<NodeId>,
}

impl<'b> Seeker<'b> {
    pub(crate) fn new(builder: &'b Builder) -> Self {
        Self { builder, columns: Vec::new(), lists: Vec::new() }
    }

    fn of_any(&mut self, list: NodeId, test: NodeId) -> Option<Need> {
        if !self.is_ready(list) || self.lists.len() >= LISTS_MAX {
            return None;
        }
        self.lists.push(list);
        let need = self.of(test);
        self.lists.pop();
        need
    }

    /// What a test needs; `None` where nothing is known.
    pub(crate) fn of(&mut self, test: NodeId) -> Option<Need> {
        let builder = self.builder;
        match &builder.node(test)?.op {
            Op::And(items) => {
                let needs: Box<[Need]> = items.iter().filter_map(|item| self.of(*item)).collect();
                match &*needs {
                    [] => None,
                    [one] => Some(one.clone()),
                    _ => Some(Need::All(needs)),
                }
            }
            Op::Or(items) => {
                let needs: Option<Box<[Need]>> = items.iter().map(|item| self.of(*item)).collect();
                needs.map(Need::Any)
            }
            Op::Any { list, test } => self.of_any(*list, *test),
            Op::SameText { of, lower } => Some(Need::Is(self.column(*of)?, lower.clone())),
            Op::Compare { how: Comparison::Equal | Comparison::Same, left, right } => {
                let Op::Text(text) = &builder.node(*right)?.op else { return None };
                Some(Need::Is(self.column(*left)?, crate::fold::fold(text)))
            }
            Op::InTexts { needle, texts, .. } => {
                Some(Need::AmongTexts(self.column(*needle)?, *texts))
            }
            Op::In { needle, hay, .. } => match builder.node(*hay)?.op {
                Op::Set(set) => Some(Need::AmongSet(self.column(*needle)?, set)),
                _ => None,
            },
            Op::Match { text, needles, .. } => {
                let column = self.column(*text)?;
                self.of_needles(column, *needles)
            }
            Op::Regex { text, patterns, .. } if analysis::is_truth(&builder.node(test)?.op) => {
                let column = self.column(*text)?;
                let needs: Option<Box<[Need]>> =
                    patterns.iter().map(|id| self.of_pattern(column, *id)).collect();
                needs.map(Need::Any)
            }
            _ => None,
        }
    }

    fn of_needles(&self, column: ColumnId, needles: NeedlesId) -> Option<Need> {
        let (room, literals) = self.builder.needle_list(needles)?.literals.as_ref()?;
        Some(Need::Stands(column, *room, literals.clone()))
    }

    fn of_pattern(&self, column: ColumnId, pattern: PatternId) -> Option<Need> {
        let entry = self.builder.pattern_entry(pattern)?;
        let any_of = |group: &[u32]| Need::Stands(column, entry.room, group.into());
        let groups = !entry.required.is_empty();
        groups.then(|| Need::All(entry.required.iter().map(|group| any_of(group)).collect()))
    }

    /// The column of a text that every item has at hand.
    fn column(&mut self, text: NodeId) -> Option<ColumnId> {
        if !self.is_ready(text) {
            return None;
        }
        let column = Column { lists: self.lists.as_slice().into(), text };
        let place = self.columns.iter().position(|known| *known == column);
        let place = place.unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        });
        u32::try_from(place).ok().map(ColumnId)
    }

    /// Whether something is at hand: a field of what is at hand, and nothing that takes files or
    /// texts apart.
    fn is_ready(&self, id: NodeId) -> bool {
        match self.builder.node(id).map(|node| &node.op) {
            Some(Op::Root { .. } | Op::Item(_)) => true,
            Some(Op::Field { of, .. } | Op::Named { of, .. }) => self.is_ready(*of),
            _ => false,
        }
    }
}

/// What is asked of one column.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Asked {
    /// Whether one of its texts is in a list.
    AmongSet(ColumnId, SetId),
    AmongTexts(ColumnId, TextsId),
    /// Whether one of its texts has one of these hashes.
    Is(ColumnId, u32, u32),
    /// Whether one of these literals stands in one of its texts.
    Stands(ColumnId, Room, u32, u32),
}

/// All needs, as questions that lead from one to the next: what a thousand rules ask of each
/// message lies side by side. Equal questions are one, and answered once.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    pub(crate) questions: Vec<Asked>,
    steps: Vec<Step>,
    hashes: Vec<u64>,
    literals: Vec<u32>,
    known: HashMap<Asked, u32>,
    /// Where lists of hashes and literals begin that stand there already.
    hashes_known: HashMap<Box<[u64]>, u32>,
    literals_known: HashMap<Box<[u32]>, u32>,
}

/// A question, and where to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) question: u32,
    pub(crate) yes: u32,
    pub(crate) no: u32,
}

impl Gates {
    /// Adds a need; where it begins.
    pub(crate) fn add(&mut self, need: &Need, builder: &Builder) -> u32 {
        self.lead(need, builder, MET, UNMET)
    }

    pub(crate) fn step(&self, at: u32) -> Option<Step> {
        self.steps.get(at as usize).copied()
    }

    pub(crate) fn hashes(&self, start: u32, end: u32) -> &[u64] {
        self.hashes.get(start as usize..end as usize).unwrap_or_default()
    }

    pub(crate) fn literals(&self, start: u32, end: u32) -> &[u32] {
        self.literals.get(start as usize..end as usize).unwrap_or_default()
    }

    fn lead(&mut self, need: &Need, builder: &Builder, yes: u32, no: u32) -> u32 {
        let asked = match need {
            Need::All(needs) => {
                return needs.iter().rev().fold(yes, |yes, need| self.lead(need, builder, yes, no));
            }
            Need::Any(needs) => {
                return needs.iter().rev().fold(no, |no, need| self.lead(need, builder, yes, no));
            }
            Need::AmongSet(column, set) => Asked::AmongSet(*column, *set),
            Need::AmongTexts(column, texts) => match builder.text_list(*texts) {
                Some(set) if set.len() <= HASHED_MAX => {
                    let hash = |text: &str| hash_of(&crate::fold::fold(text));
                    self.among(*column, set.iter().map(hash).collect())
                }
                _ => Asked::AmongTexts(*column, *texts),
            },
            Need::Is(column, lower) => self.among(*column, [hash_of(lower)].into()),
            Need::Stands(column, room, literals) => {
                let all = &mut self.literals;
                let start = *self.literals_known.entry(literals.clone()).or_insert_with(|| {
                    all.extend(literals);
                    number(all.len() - literals.len())
                });
                Asked::Stands(*column, *room, start, start + number(literals.len()))
            }
        };
        let questions = &mut self.questions;
        let question = *self.known.entry(asked).or_insert_with(|| {
            questions.push(asked);
            number(questions.len() - 1)
        });
        self.steps.push(Step { question, yes, no });
        number(self.steps.len() - 1)
    }

    fn among(&mut self, column: ColumnId, hashes: Box<[u64]>) -> Asked {
        let all = &mut self.hashes;
        let length = number(hashes.len());
        let start = *self.hashes_known.entry(hashes).or_insert_with_key(|hashes| {
            all.extend(hashes);
            number(all.len() - hashes.len())
        });
        Asked::Is(column, start, start + length)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Where a need that is met leads to.
pub(crate) const MET: u32 = u32::MAX;
/// Where a need that is not met leads to.
const UNMET: u32 = u32::MAX - 1;
/// Texts whose hashes are looked up one by one; of more the column's texts are.
const HASHED_MAX: usize = 8;
/// Lists within lists that are gone through for a column.
const LISTS_MAX: usize = 3;
