//! Carrying rules out over one message.
//!
//! Truth has three values, as in SQL: null is "not known". A comparison or a call with null is
//! null; `and`, `or` and `not` are Kleene's; a rule fires on true alone. What is the same in the
//! whole message is worked out once. Steps are counted, and when they are used up everything is
//! null until the next rule begins: a rule can be cut short, but not unseen.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::compare::{compare, like, ordered};
use crate::holds::ColumnTexts;
use crate::literals::{Hits, LiteralId, Room};
use crate::program::{Match, Memo, Needle, Needles, NodeId, Op, PatternId, Program, RegexUse};
use crate::set::Set;
use crate::syntax::Comparison;
use crate::types::Host;
use crate::value::{List, Text, Value};

/// True, false, or not known.
pub(crate) type Truth = Option<bool>;

/// What is remembered of a truth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TruthSlot {
    /// Nothing yet.
    Open,
    True,
    False,
    Null,
    /// False or null: nobody asked which.
    NotTrue,
}

impl From<Truth> for TruthSlot {
    fn from(truth: Truth) -> Self {
        match truth {
            Some(true) => Self::True,
            Some(false) => Self::False,
            None => Self::Null,
        }
    }
}

/// One message under examination.
pub(crate) struct Machine<'m> {
    pub(crate) program: &'m Program,
    pub(crate) host: &'m dyn Host,
    pub(crate) message: OnceCell<Value>,
    /// The items of the iterations around, innermost last.
    pub(crate) items: Vec<Value>,
    pub(crate) truths: Vec<TruthSlot>,
    pub(crate) values: Vec<Option<Value>>,
    /// What was asked of columns, and what they said.
    pub(crate) answers: Vec<Option<bool>>,
    /// The columns that were read.
    pub(crate) columns: Vec<Option<Box<ColumnTexts>>>,
    /// The entries of the lists that were gone through; the list is kept, so that its address
    /// stays its own.
    entries: HashMap<usize, (Arc<Set>, List)>,
    /// Steps that the rule at hand may still take.
    pub(crate) left: u64,
    /// Whether the rule at hand ran out of steps.
    pub(crate) exhausted: bool,
}

impl<'m> Machine<'m> {
    pub(crate) fn new(program: &'m Program, host: &'m dyn Host) -> Self {
        Self {
            program,
            host,
            message: OnceCell::new(),
            items: Vec::new(),
            truths: vec![TruthSlot::Open; program.truths],
            values: vec![None; program.values],
            answers: vec![None; program.gates.questions.len()],
            columns: program.columns.iter().map(|_| None).collect(),
            entries: HashMap::new(),
            left: 0,
            exhausted: false,
        }
    }

    /// Takes steps; false where none are left.
    pub(crate) fn spend(&mut self, steps: u64) -> bool {
        if self.left >= steps {
            self.left -= steps;
            return !self.exhausted;
        }
        self.left = 0;
        self.exhausted = true;
        false
    }

    /// Whether an operation is true.
    pub(crate) fn test(&mut self, id: NodeId) -> Truth {
        let node = self.program.node(id)?;
        match node.memo {
            Memo::No => self.test_op(&node.op),
            Memo::Truth(slot) => {
                let slot = slot as usize;
                match self.truths.get(slot) {
                    Some(TruthSlot::True) => return Some(true),
                    Some(TruthSlot::False) => return Some(false),
                    Some(TruthSlot::Null) => return None,
                    Some(TruthSlot::NotTrue | TruthSlot::Open) | None => {}
                }
                let truth = self.test_op(&node.op);
                if !self.exhausted
                    && let Some(place) = self.truths.get_mut(slot)
                {
                    *place = truth.into();
                }
                truth
            }
            Memo::Value(_) => self.value(id).as_bool(),
        }
    }

    pub(crate) fn test_op(&mut self, op: &Op) -> Truth {
        if !self.spend(1) {
            return None;
        }
        match op {
            Op::Bool(truth) => Some(*truth),
            Op::Null => None,
            Op::And(items) => self.every(items),
            Op::Or(items) => self.some(items),
            Op::Not(inner) => self.test(*inner).map(|truth| !truth),
            Op::AtLeast { count, of } => self.at_least(*count, of),
            Op::IsNull(inner) => Some(self.value(*inner).is_null()),
            Op::SameText { of, lower } => {
                let value = self.value(*of);
                value.as_text().map(|text| text.lower() == &**lower)
            }
            Op::Compare { how, left, right } => self.compare(*how, *left, *right),
            Op::In { needle, hay, fold } => self.membership(*needle, *hay, *fold),
            Op::InTexts { needle, texts, fold } => {
                let value = self.value(*needle);
                let (text, texts) = (value.as_text()?, self.program.texts(*texts)?);
                Some(if *fold {
                    texts.contains_lower(text.lower())
                } else {
                    texts.contains(text.as_str())
                })
            }
            Op::Any { list, test } => self.any(*list, *test),
            Op::All { list, test } => self.all(*list, *test),
            Op::Match { how, fold, text, needles } => {
                let value = self.value(*text);
                let text = value.as_text()?;
                let needles = self.program.needles(*needles)?;
                Some(self.find_needle(*how, *fold, text, needles).is_some())
            }
            Op::MatchValues { how, fold, text, needles } => {
                self.match_values(*how, *fold, *text, needles)
            }
            Op::Regex { how: RegexUse::Contains, text, patterns } => {
                let value = self.value(*text);
                self.matching(value.as_text()?, patterns).map(|found| found.is_some())
            }
            Op::SetInText { set, text, fold, keep: false } => {
                let (entry, text) = (self.program.set(*set)?, self.inner_text(*text)?);
                Some(!self.entries_of(entry, &text, *fold, 1)?.is_empty())
            }
            _ => self.value_op(op).as_bool(),
        }
    }

    fn every(&mut self, items: &[NodeId]) -> Truth {
        let mut all = Some(true);
        for item in items {
            match self.test(*item) {
                Some(false) => return Some(false),
                None => all = None,
                Some(true) => {}
            }
        }
        all
    }

    fn some(&mut self, items: &[NodeId]) -> Truth {
        let mut any = Some(false);
        for item in items {
            match self.test(*item) {
                Some(true) => return Some(true),
                None => any = None,
                Some(false) => {}
            }
        }
        any
    }

    fn at_least(&mut self, count: NodeId, items: &[NodeId]) -> Truth {
        let wanted = self.value(count).as_int()?;
        let (mut sure, mut open) = (0_i64, i64::try_from(items.len()).unwrap_or(i64::MAX));
        for item in items {
            if sure >= wanted {
                return Some(true);
            }
            if open + sure < wanted {
                return Some(false);
            }
            match self.test(*item) {
                Some(true) => {
                    sure += 1;
                    open -= 1;
                }
                Some(false) => open -= 1,
                None => {}
            }
        }
        if sure >= wanted {
            return Some(true);
        }
        // What is left open is null: it might have been enough.
        (open + sure < wanted).then_some(false)
    }

    fn compare(&mut self, how: Comparison, left: NodeId, right: NodeId) -> Truth {
        // A text of the rule itself needs no value of its own.
        if let Some(Op::Text(literal)) = self.program.node(right).map(|node| &node.op) {
            let value = self.value(left);
            let text = value.as_text()?;
            return Some(match how {
                Comparison::Equal => text.as_str() == &**literal,
                Comparison::NotEqual => text.as_str() != &**literal,
                Comparison::Same => text.lower() == &*crate::fold::fold(literal),
                Comparison::NotSame => text.lower() != &*crate::fold::fold(literal),
                _ => ordered(how, text.as_str().cmp(literal)),
            });
        }
        let (left, right) = (self.value(left), self.value(right));
        compare(how, &left, &right)
    }

    fn membership(&mut self, needle: NodeId, hay: NodeId, fold: bool) -> Truth {
        let needle = self.value(needle);
        if needle.is_null() {
            return None;
        }
        match self.value(hay) {
            Value::Set(set) => {
                let text = needle.as_text()?;
                Some(if fold {
                    set.contains_lower(text.lower())
                } else {
                    set.contains(text.as_str())
                })
            }
            Value::List(items) => {
                let how = if fold { Comparison::Same } else { Comparison::Equal };
                if !self.spend(items.len() as u64) {
                    return None;
                }
                let mut found = Some(false);
                for item in items.iter() {
                    match compare(how, &needle, item) {
                        Some(true) => return Some(true),
                        None => found = None,
                        Some(false) => {}
                    }
                }
                found
            }
            _ => None,
        }
    }

    /// Calls for each item of a list, until told to stop; false where it is no list.
    pub(crate) fn each(
        &mut self,
        list: &Value,
        mut call: impl FnMut(&mut Self, usize, &Value) -> bool,
    ) -> bool {
        let mut one = |this: &mut Self, at: usize, item: Value| {
            this.items.push(item.clone());
            let goes_on = call(this, at, &item);
            this.items.pop();
            goes_on && !this.exhausted
        };
        match list {
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if !one(self, at, item.clone()) {
                        break;
                    }
                }
            }
            Value::Set(set) => {
                let items = self.items_of(set);
                for (at, item) in items.iter().enumerate() {
                    if !one(self, at, item.clone()) {
                        break;
                    }
                }
            }
            _ => return false,
        }
        true
    }

    /// The entries of a list as values, which remember what was worked out about them.
    fn items_of(&mut self, set: &Arc<Set>) -> List {
        let key = Arc::as_ptr(set).addr();
        let known = self.entries.entry(key).or_insert_with(|| {
            let items = set.iter().map(Value::text).collect();
            (Arc::clone(set), items)
        });
        Rc::clone(&known.1)
    }

    fn any(&mut self, list: NodeId, test: NodeId) -> Truth {
        let list = self.value(list);
        let mut any = Some(false);
        let is_list = self.each(&list, |this, _, _| match this.test(test) {
            Some(true) => {
                any = Some(true);
                false
            }
            None => {
                any = None;
                true
            }
            Some(false) => true,
        });
        if is_list && !self.exhausted { any } else { None }
    }

    fn all(&mut self, list: NodeId, test: NodeId) -> Truth {
        let list = self.value(list);
        let mut all = Some(true);
        let is_list = self.each(&list, |this, _, _| match this.test(test) {
            Some(false) => {
                all = Some(false);
                false
            }
            None => {
                all = None;
                true
            }
            Some(true) => true,
        });
        if is_list && !self.exhausted { all } else { None }
    }

    /// The first needle that is found.
    pub(crate) fn find_needle<'n>(
        &mut self,
        how: Match,
        fold: bool,
        text: &Text,
        needles: &'n Needles,
    ) -> Option<&'n Needle> {
        let mut first = 0;
        if matches!(how, Match::Contains | Match::Like)
            && let Some((room, literals)) = &needles.literals
        {
            first = self.reading(*room, text, |hits| hits.first_of(literals))?;
        }
        let mut may = needles.all.get(first..).unwrap_or_default().iter();
        may.find(|needle| self.matches(how, fold, text, needle))
    }

    fn matches(&mut self, how: Match, fold: bool, text: &Text, needle: &Needle) -> bool {
        let (hay, wanted) =
            if fold { (text.lower(), &*needle.lower) } else { (text.as_str(), &*needle.text) };
        match how {
            Match::StartsWith => hay.starts_with(wanted),
            Match::EndsWith => hay.ends_with(wanted),
            Match::Contains => match needle.literal {
                Some(literal) => self.stands(literal, text) && (fold || self.find(hay, wanted)),
                None => self.find(hay, wanted),
            },
            Match::Like => {
                let may = needle.literal.is_none_or(|literal| self.stands(literal, text));
                may && self.spend(hay.len() as u64 / 16) && like(hay, wanted)
            }
        }
    }

    pub(crate) fn find(&mut self, hay: &str, wanted: &str) -> bool {
        self.spend(hay.len() as u64 / 256)
            && memchr::memmem::find(hay.as_bytes(), wanted.as_bytes()).is_some()
    }

    /// Whether a literal of the rule set stands in a text, case ignored. The text is read for all
    /// literals when it is asked for the first.
    pub(crate) fn stands(&mut self, literal: LiteralId, text: &Text) -> bool {
        self.reading(literal.room, text, |hits| hits.has(literal.index))
    }

    /// Asks which literals stand in a text. It is read when that is first asked.
    pub(crate) fn reading<R>(
        &mut self,
        room: Room,
        text: &Text,
        ask: impl FnOnce(&Hits) -> R,
    ) -> R {
        let literals = self.program.literals(room);
        if text.known_hits(room).is_none() {
            self.spend(text.as_str().len() as u64 / 32);
        }
        let hits = text.hits(room, || literals.search(text.lower()));
        if literals.found(hits) {
            return ask(hits);
        }
        // The text was read for another rule set: it is read again, and that is not remembered.
        ask(&literals.search(text.lower()))
    }

    /// A text that is worked out inside of an iteration whose item it does not use.
    pub(crate) fn inner_text(&mut self, text: NodeId) -> Option<Text> {
        self.items.push(Value::Null);
        let value = self.value(text);
        self.items.pop();
        value.as_text().cloned()
    }

    fn match_values(&mut self, how: Match, fold: bool, text: NodeId, needles: &[NodeId]) -> Truth {
        let value = self.value(text);
        let text = value.as_text()?;
        let mut any = Some(false);
        for needle in needles {
            let needle = self.value(*needle);
            let Some(needle) = needle.as_text() else {
                any = None;
                continue;
            };
            let (hay, wanted) = if fold {
                (text.lower(), needle.lower())
            } else {
                (text.as_str(), needle.as_str())
            };
            let found = match how {
                Match::StartsWith => hay.starts_with(wanted),
                Match::EndsWith => hay.ends_with(wanted),
                Match::Contains => match needle.literal(&self.program.words) {
                    Some(literal) => self.stands(literal, text) && (fold || self.find(hay, wanted)),
                    None => self.find(hay, wanted),
                },
                Match::Like => self.spend(hay.len() as u64 / 16) && like(hay, wanted),
            };
            if found {
                return Some(true);
            }
        }
        any
    }

    /// Whether a pattern may match: the literals that it needs stand in the text.
    pub(crate) fn may_match(&mut self, id: PatternId, text: &Text) -> bool {
        let (room, groups) = self.program.required.of_pattern(id);
        let mut groups = groups.peekable();
        groups.peek().is_none()
            || self.reading(room, text, |hits| groups.all(|group| hits.has_any(group)))
    }

    /// The first pattern that matches; `None` for a pattern that is too large.
    pub(crate) fn matching(
        &mut self,
        text: &Text,
        patterns: &[PatternId],
    ) -> Option<Option<PatternId>> {
        let mut known = true;
        for id in patterns {
            if !self.may_match(*id, text) {
                continue;
            }
            if !self.spend(text.as_str().len() as u64 / 16) {
                return None;
            }
            let regex = self.program.pattern(*id).and_then(|entry| entry.pattern.regex());
            match regex {
                Some(regex) if regex.is_match(text.as_str()) => return Some(Some(*id)),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(None)
    }
}
