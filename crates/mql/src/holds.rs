//! Whether an operation is true, where nobody asks whether it is false or not known.
//!
//! A rule fires on true alone, so below `and`, `or`, `any` and "n of" null and false are the same,
//! and most lists need not be gone through: what is known of their columns tells. Gives the same
//! answer as [`Machine::test`], sooner.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;

use crate::eval::{Machine, TruthSlot};
use crate::hash::{Fast, hash_of};
use crate::literals::{Gathered, Literals, Room};
use crate::needs::{Asked, Column, ColumnId, MET};
use crate::program::{Memo, NodeId, Op};
use crate::set::Set;
use crate::value::{Text, Value};

/// What stands in the texts of a column.
#[derive(Debug, Default)]
pub(crate) struct ColumnTexts {
    /// One text of those that are the same but for case.
    texts: Vec<Text>,
    /// Of each hash of a text in lower case one of those texts. Two texts with one hash make a need
    /// look met that is not: then more is worked out, that is all.
    seen: HashMap<u64, Text, BuildHasherDefault<Fast>>,
    gathered: Gathered,
    /// Whether the literals of the texts were gathered: those of pages, and of all other texts.
    read: [bool; 2],
}

impl ColumnTexts {
    fn add(&mut self, text: &Text) {
        match self.seen.entry(hash_of(text.lower())) {
            Entry::Occupied(known) if known.get().lower() == text.lower() => return,
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => {
                place.insert(text.clone());
            }
        }
        self.texts.push(text.clone());
    }

    /// Gathers the literals of the texts, when they are first asked for.
    fn read(&mut self, literals: &Literals) {
        let [pages, words] = &mut self.read;
        let read = match literals.room() {
            Room::Page => pages,
            Room::Words => words,
        };
        if !std::mem::replace(read, true) {
            self.texts.iter().for_each(|text| self.gathered.add(text, literals));
        }
    }

    /// Whether one of the texts is in a list, case ignored.
    fn meets(&self, set: &Set) -> bool {
        self.texts.iter().any(|text| set.contains_lower(text.lower()))
    }
}

impl Machine<'_> {
    /// Whether an operation is true.
    pub(crate) fn holds(&mut self, id: NodeId) -> bool {
        let program = self.program;
        let Some(node) = program.node(id) else { return false };
        let Memo::Truth(slot) = node.memo else {
            return match &node.memo {
                Memo::No => self.holds_op(id, &node.op),
                _ => self.test(id) == Some(true),
            };
        };
        let slot = slot as usize;
        match self.truths.get(slot) {
            Some(TruthSlot::True) => return true,
            Some(TruthSlot::False | TruthSlot::Null | TruthSlot::NotTrue) => return false,
            Some(TruthSlot::Open) | None => {}
        }
        if !is_passed_on(&node.op) {
            return self.test(id) == Some(true);
        }
        let holds = self.holds_op(id, &node.op);
        if !self.exhausted
            && let Some(place) = self.truths.get_mut(slot)
        {
            *place = if holds { TruthSlot::True } else { TruthSlot::NotTrue };
        }
        holds
    }

    fn holds_op(&mut self, id: NodeId, op: &Op) -> bool {
        if !is_passed_on(op) {
            return self.test_op(op) == Some(true);
        }
        if !self.spend(1) {
            return false;
        }
        match op {
            Op::And(items) => items.iter().all(|item| self.holds(*item)),
            Op::Or(items) => items.iter().any(|item| self.holds(*item)),
            Op::AtLeast { count, of } => {
                let Some(wanted) = self.value(*count).as_int() else { return false };
                let (mut sure, mut open) = (0_i64, i64::try_from(of.len()).unwrap_or(i64::MAX));
                for item in of {
                    if sure >= wanted || sure.saturating_add(open) < wanted {
                        break;
                    }
                    open -= 1;
                    sure += i64::from(self.holds(*item));
                }
                sure >= wanted
            }
            Op::Any { list, test } => {
                let may = self.program.gate(id).is_none_or(|gate| self.may(gate));
                may && self.holds_any(*list, *test)
            }
            _ => false,
        }
    }

    fn holds_any(&mut self, list: NodeId, test: NodeId) -> bool {
        let list = self.value(list);
        let mut any = false;
        self.each(&list, |this, _, _| {
            any = this.holds(test);
            !any
        });
        any && !self.exhausted
    }

    /// Whether a need is met. Where steps run out it is: the rule is cut short soon enough.
    pub(crate) fn may(&mut self, gate: u32) -> bool {
        let program = self.program;
        let mut at = gate;
        while let Some(step) = program.gates.step(at) {
            let known = self.answers.get(step.question as usize).copied().flatten();
            let answer = known.unwrap_or_else(|| self.answer(step.question));
            at = if answer { step.yes } else { step.no };
        }
        at == MET
    }

    /// Answers a question about a column.
    fn answer(&mut self, question: u32) -> bool {
        let program = self.program;
        let Some(asked) = program.gates.questions.get(question as usize) else { return true };
        let answer = match *asked {
            Asked::AmongTexts(column, texts) => {
                program.texts(texts).zip(self.column(column)).map(|(set, it)| it.meets(set))
            }
            Asked::AmongSet(column, set) => {
                program.set(set).zip(self.column(column)).map(|(entry, it)| it.meets(&entry.set))
            }
            Asked::Is(column, start, end) => self.column(column).map(|column| {
                let hashes = program.gates.hashes(start, end);
                hashes.iter().any(|hash| column.seen.contains_key(hash))
            }),
            Asked::Stands(column, room, start, end) => self.column(column).map(|column| {
                column.read(program.literals(room));
                column.gathered.has_any(room, program.gates.literals(start, end))
            }),
        };
        if let Some(place) = self.answers.get_mut(question as usize) {
            *place = answer;
        }
        answer.unwrap_or(true)
    }

    /// A column, gone through when it is first asked for; `None` where steps ran out.
    fn column(&mut self, id: ColumnId) -> Option<&mut ColumnTexts> {
        let place = id.0 as usize;
        if self.columns.get(place)?.is_none() {
            let program = self.program;
            let column = program.columns.get(place)?;
            let mut found = ColumnTexts::default();
            self.gather(column, 0, &mut found);
            if self.exhausted {
                return None;
            }
            *self.columns.get_mut(place)? = Some(Box::new(found));
        }
        self.columns.get_mut(place)?.as_deref_mut()
    }

    fn gather(&mut self, column: &Column, depth: usize, found: &mut ColumnTexts) {
        let Some(list) = column.lists.get(depth) else {
            let value = self.value(column.text);
            let Some(text) = value.as_text() else { return };
            found.add(text);
            return;
        };
        let list: Value = self.value(*list);
        self.each(&list, |this, _, _| {
            this.gather(column, depth + 1, found);
            true
        });
    }
}

/// Whether being true follows from parts being true.
fn is_passed_on(op: &Op) -> bool {
    matches!(op, Op::And(_) | Op::Or(_) | Op::Any { .. } | Op::AtLeast { .. })
}
