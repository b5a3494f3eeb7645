//! What must stand somewhere in a message for one item of a list to pass a test: known when a rule
//! is compiled, and asked before the list is gone through.
//!
//! A thousand rules go through the same links and the same header fields, nearly all in vain. All
//! texts that one of them looks at (the host names of all links, say) are a column; a column is
//! read once a message, and a rule whose words do not stand in its columns does not go through the
//! list at all. A need is necessary, never enough: what passes it is worked out as ever.

use crate::analysis;
use crate::builder::Builder;
use crate::literals::LiteralId;
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
    /// A literal of the rule set stands in one of the column's texts.
    Stands(ColumnId, LiteralId),
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
        let needles = self.builder.needle_list(needles)?;
        let needs: Option<Box<[Need]>> =
            needles.iter().map(|it| Some(Need::Stands(column, it.literal?))).collect();
        needs.map(Need::Any)
    }

    fn of_pattern(&self, column: ColumnId, pattern: PatternId) -> Option<Need> {
        let required = self.builder.required(pattern).filter(|groups| !groups.is_empty())?;
        let any_of = |group: &[LiteralId]| {
            Need::Any(group.iter().map(|literal| Need::Stands(column, *literal)).collect())
        };
        Some(Need::All(required.iter().map(|group| any_of(group)).collect()))
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

/// Lists within lists that are gone through for a column.
const LISTS_MAX: usize = 3;
