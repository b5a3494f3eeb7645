//! Carrying rules out over one message.
//!
//! Truth has three values, as in SQL: null is "not known". A comparison or a call with null is
//! null; `and`, `or` and `not` are Kleene's; a rule fires on true alone. What is the same in the
//! whole message is worked out once. Steps are counted, and when they are used up everything is
//! null until the next rule begins: a rule can be cut short, but not unseen.

use std::cell::OnceCell;

use crate::functions::{RegexMatch, named_groups};
use crate::literals::LiteralId;
use crate::program::{Match, Memo, Needle, NodeId, Op, PatternId, Program, RegexUse};
use crate::syntax::{Arithmetic, Comparison};
use crate::types::{Arguments, Body, Host};
use crate::value::{Text, Value};

/// True, false, or not known.
pub(crate) type Truth = Option<bool>;

/// One message under examination.
pub(crate) struct Machine<'m> {
    pub(crate) program: &'m Program,
    pub(crate) host: &'m dyn Host,
    message: OnceCell<Value>,
    /// The items of the iterations around, innermost last.
    pub(crate) items: Vec<Value>,
    truths: Vec<Option<Truth>>,
    values: Vec<Option<Value>>,
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
            truths: vec![None; program.truths],
            values: vec![None; program.values],
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
                if let Some(Some(known)) = self.truths.get(slot) {
                    return *known;
                }
                let truth = self.test_op(&node.op);
                if !self.exhausted
                    && let Some(place) = self.truths.get_mut(slot)
                {
                    *place = Some(truth);
                }
                truth
            }
            Memo::Value(_) => self.value(id).as_bool(),
        }
    }

    fn test_op(&mut self, op: &Op) -> Truth {
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
                Some(self.find_needle(*how, *fold, text, self.program.needles(*needles)).is_some())
            }
            Op::MatchValues { how, fold, text, needles } => {
                self.match_values(*how, *fold, *text, needles)
            }
            Op::Regex { how: RegexUse::Contains, text, patterns } => {
                let value = self.value(*text);
                self.find_pattern(value.as_text()?, patterns).map(|found| found.is_some())
            }
            Op::SetInText { set, text, fold, keep: false } => {
                let (set, text) = (self.program.set(*set)?.clone(), self.inner_text(*text)?);
                if !self.spend(set.len() as u64 / 8) {
                    return None;
                }
                Some(set.iter().any(|entry| self.entry_in(entry, &text, *fold)))
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
                for (at, entry) in set.iter().enumerate() {
                    if !one(self, at, Value::text(entry)) {
                        break;
                    }
                }
            }
            _ => return false,
        }
        true
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
        needles: &'n [Needle],
    ) -> Option<&'n Needle> {
        needles.iter().find(|needle| self.holds(how, fold, text, needle))
    }

    fn holds(&mut self, how: Match, fold: bool, text: &Text, needle: &Needle) -> bool {
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

    fn find(&mut self, hay: &str, wanted: &str) -> bool {
        self.spend(hay.len() as u64 / 256)
            && memchr::memmem::find(hay.as_bytes(), wanted.as_bytes()).is_some()
    }

    /// Whether a literal of the rule set stands in a text, case ignored. The text is read for all
    /// literals when it is asked for the first.
    pub(crate) fn stands(&mut self, literal: LiteralId, text: &Text) -> bool {
        let literals = &self.program.literals;
        if text.known_hits().is_none() {
            self.spend(text.as_str().len() as u64 / 32);
        }
        let hits = text.hits(|| literals.search(text.lower()));
        if literals.found(hits) {
            return hits.has(literal);
        }
        // The text was read for another rule set: it is read again, and that is not remembered.
        literals.search(text.lower()).has(literal)
    }

    /// Whether an entry of a searched list stands in a text.
    fn entry_in(&mut self, entry: &str, text: &Text, fold: bool) -> bool {
        let lower = crate::fold::folded(entry);
        let lower = lower.as_deref().unwrap_or(entry);
        match self.program.literals.find(lower) {
            Some(literal) => {
                self.stands(literal, text) && (fold || self.find(text.as_str(), entry))
            }
            None if fold => self.find(text.lower(), lower),
            None => self.find(text.as_str(), entry),
        }
    }

    /// A text that is worked out inside of an iteration whose item it does not use.
    fn inner_text(&mut self, text: NodeId) -> Option<Text> {
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
                Match::Contains => self.find(hay, wanted),
                Match::Like => self.spend(hay.len() as u64 / 16) && like(hay, wanted),
            };
            if found {
                return Some(true);
            }
        }
        any
    }

    /// Whether a pattern may match: the literals that it needs stand in the text.
    fn may_match(&mut self, id: PatternId, text: &Text) -> bool {
        let program = self.program;
        let Some(entry) = program.pattern(id) else { return false };
        entry.required.iter().all(|group| group.iter().any(|literal| self.stands(*literal, text)))
    }

    /// The first pattern that matches, and where; `None` for a pattern that is too large.
    pub(crate) fn find_pattern(
        &mut self,
        text: &Text,
        patterns: &[PatternId],
    ) -> Option<Option<(PatternId, std::ops::Range<usize>)>> {
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
                Some(regex) if regex.is_match(text.as_str()) => {
                    let range = regex.find(text.as_str()).map(|found| found.range());
                    return Some(Some((*id, range.unwrap_or_default())));
                }
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(None)
    }

    /// The value of an operation.
    pub(crate) fn value(&mut self, id: NodeId) -> Value {
        let Some(node) = self.program.node(id) else { return Value::Null };
        match node.memo {
            Memo::No => self.value_op(&node.op),
            Memo::Truth(_) => truth_value(self.test(id)),
            Memo::Value(slot) => {
                let slot = slot as usize;
                if let Some(Some(known)) = self.values.get(slot) {
                    return known.clone();
                }
                let value = self.value_op(&node.op);
                if !self.exhausted
                    && let Some(place) = self.values.get_mut(slot)
                {
                    *place = Some(value.clone());
                }
                value
            }
        }
    }

    fn value_op(&mut self, op: &Op) -> Value {
        if crate::analysis::is_truth(op) {
            return truth_value(self.test_op(op));
        }
        if !self.spend(1) {
            return Value::Null;
        }
        match op {
            Op::Int(number) => Value::Int(*number),
            Op::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Op::Text(text) => Value::text(text.clone()),
            Op::Set(set) => self.program.set(*set).cloned().map_or(Value::Null, Value::Set),
            Op::TenantList { index, .. } => self.host.list(*index as usize),
            Op::Root { index, .. } => {
                let host = self.host;
                match self.message.get_or_init(|| host.message()) {
                    Value::Record(record) => record.field(*index as usize),
                    _ => Value::Null,
                }
            }
            Op::Item(level) => {
                let at = self.items.len().checked_sub(usize::from(*level));
                at.and_then(|at| self.items.get(at)).cloned().unwrap_or_default()
            }
            Op::Field { of, index, .. } => match self.value(*of) {
                Value::Record(record) => record.field(*index as usize),
                _ => Value::Null,
            },
            Op::Named { of, name } => self.value(*of).get(name),
            Op::Index { of, at } => self.index(*of, *at),
            Op::Arithmetic { how, left, right } => {
                let (left, right) = (self.value(*left), self.value(*right));
                arithmetic(*how, &left, &right)
            }
            Op::Negative(inner) => match self.value(*inner) {
                Value::Int(number) => Value::Int(number.saturating_neg()),
                Value::Float(number) => Value::Float(-number),
                _ => Value::Null,
            },
            Op::If { condition, yes, no } => match self.test(*condition) {
                Some(true) => self.value(*yes),
                Some(false) => self.value(*no),
                None => Value::Null,
            },
            Op::List(items) => {
                let values: Vec<Value> = items.iter().map(|item| self.value(*item)).collect();
                Value::list(values)
            }
            Op::Length(of) => self.length(*of),
            Op::Coalesce(items) => {
                let mut values = items.iter().map(|item| self.value(*item));
                values.find(|value| !value.is_null()).unwrap_or_default()
            }
            Op::Filter { list, test } => self.filter(*list, *test),
            Op::Map { list, of } => self.map(*list, *of),
            Op::Sum { list, of } => self.sum(*list, *of),
            Op::Ratio { list, test } => self.ratio(*list, *test),
            Op::Distinct { list, key } => self.distinct(*list, *key),
            Op::SetInText { set, text, fold, .. } => self.entries_in(*set, *text, *fold),
            Op::Regex { how, text, patterns } => self.regex(*how, *text, patterns),
            Op::Call { function, arguments } => self.call(function.0, arguments),
            _ => Value::Null,
        }
    }

    fn index(&mut self, of: NodeId, at: NodeId) -> Value {
        let (of, at) = (self.value(of), self.value(at));
        match (&of, &at) {
            (Value::List(items), Value::Int(at)) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let at = if *at < 0 { length.saturating_add(*at) } else { *at };
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                item.cloned().unwrap_or_default()
            }
            (Value::Map(map), Value::Text(name)) => {
                map.get(name.as_str()).cloned().unwrap_or_default()
            }
            _ => Value::Null,
        }
    }

    fn length(&mut self, of: NodeId) -> Value {
        match self.value(of) {
            Value::List(items) => Value::int(items.len()),
            Value::Map(map) => Value::int(map.len()),
            Value::Set(set) => Value::int(set.len()),
            Value::Text(text) => Value::int(text.characters()),
            _ => Value::Null,
        }
    }

    fn filter(&mut self, list: NodeId, test: NodeId) -> Value {
        let list = self.value(list);
        let mut kept = Vec::new();
        let is_list = self.each(&list, |this, _, item| {
            if this.test(test) == Some(true) {
                kept.push(item.clone());
            }
            true
        });
        if is_list { Value::list(kept) } else { Value::Null }
    }

    fn map(&mut self, list: NodeId, of: NodeId) -> Value {
        let list = self.value(list);
        let mut values = Vec::new();
        let is_list = self.each(&list, |this, _, _| {
            let value = this.value(of);
            values.push(value);
            true
        });
        if is_list { Value::list(values) } else { Value::Null }
    }

    fn sum(&mut self, list: NodeId, of: Option<NodeId>) -> Value {
        let list = self.value(list);
        let mut sum = Value::Int(0);
        let is_list = self.each(&list, |this, _, item| {
            let value = of.map_or_else(|| item.clone(), |of| this.value(of));
            sum = arithmetic(Arithmetic::Plus, &sum, &value);
            true
        });
        if is_list { sum } else { Value::Null }
    }

    fn ratio(&mut self, list: NodeId, test: NodeId) -> Value {
        let list = self.value(list);
        let (mut all, mut kept) = (0_u32, 0_u32);
        let is_list = self.each(&list, |this, _, _| {
            all += 1;
            kept += u32::from(this.test(test) == Some(true));
            true
        });
        match all {
            _ if !is_list => Value::Null,
            0 => Value::Float(0.0),
            _ => Value::Float(f64::from(kept) / f64::from(all)),
        }
    }

    fn distinct(&mut self, list: NodeId, key: Option<NodeId>) -> Value {
        let list = self.value(list);
        let mut seen: Vec<Value> = Vec::new();
        let mut texts = std::collections::HashSet::new();
        let mut kept = Vec::new();
        let is_list = self.each(&list, |this, _, item| {
            let value = key.map_or_else(|| item.clone(), |key| this.value(key));
            let is_new = match &value {
                Value::Text(text) => texts.insert(text.as_str().to_owned()),
                other => {
                    let steps = seen.len() as u64;
                    this.spend(steps) && !seen.iter().any(|one| same(one, other))
                }
            };
            if is_new {
                seen.push(value);
                kept.push(item.clone());
            }
            true
        });
        if is_list { Value::list(kept) } else { Value::Null }
    }

    fn entries_in(&mut self, set: crate::program::SetId, text: NodeId, fold: bool) -> Value {
        let Some(set) = self.program.set(set).cloned() else { return Value::Null };
        // Without a text no entry stands in it: a filter keeps what is true alone.
        let Some(text) = self.inner_text(text) else { return Value::list([]) };
        if !self.spend(set.len() as u64 / 8) {
            return Value::Null;
        }
        let kept: Vec<Value> =
            set.iter().filter(|entry| self.entry_in(entry, &text, fold)).map(Value::text).collect();
        Value::list(kept)
    }

    fn regex(&mut self, how: RegexUse, text: NodeId, patterns: &[PatternId]) -> Value {
        let value = self.value(text);
        let Some(text) = value.as_text() else { return Value::Null };
        let (mut count, mut found) = (0_usize, Vec::new());
        for id in patterns {
            if !self.may_match(*id, text) {
                continue;
            }
            if !self.spend(text.as_str().len() as u64 / 8) {
                return Value::Null;
            }
            let regex = self.program.pattern(*id).and_then(|entry| entry.pattern.regex());
            let Some(regex) = regex else { return Value::Null };
            if how == RegexUse::Count {
                count += regex.find_iter(text.as_str()).take(MATCHES_MAX).count();
                continue;
            }
            for captures in regex.captures_iter(text.as_str()).take(MATCHES_MAX) {
                let group = |at: usize| captures.get(at).map(|group| group.as_str());
                found.push(Value::record(RegexMatch {
                    full_match: Value::text_or_null(group(0)),
                    groups: Value::list(
                        (1..captures.len()).map(|at| Value::text_or_null(group(at))),
                    ),
                    named_groups: named_groups(regex, &captures),
                }));
            }
        }
        if how == RegexUse::Count { Value::int(count) } else { Value::list(found) }
    }

    fn call(&mut self, function: &'static crate::types::Function, arguments: &[NodeId]) -> Value {
        let Body::Native(body) = function.body else { return Value::Null };
        let values: Vec<Value> = arguments.iter().map(|argument| self.value(*argument)).collect();
        let required = function.parameters.iter().zip(&values);
        let missing = required.into_iter().any(|(known, value)| !known.optional && value.is_null());
        let octets: u64 =
            values.iter().filter_map(Value::as_str).map(|text| text.len() as u64).sum();
        if missing || !self.spend(1 + octets / 16) {
            return Value::Null;
        }
        body(self.host, &Arguments { values: &values })
    }
}

fn truth_value(truth: Truth) -> Value {
    truth.map_or(Value::Null, Value::Bool)
}

/// Compares two values; null where one is null or they are of kinds that cannot be compared.
pub(crate) fn compare(how: Comparison, left: &Value, right: &Value) -> Truth {
    if let (Value::Text(left), Value::Text(right)) = (left, right) {
        return Some(match how {
            Comparison::Equal => left.as_str() == right.as_str(),
            Comparison::NotEqual => left.as_str() != right.as_str(),
            Comparison::Same => left.lower() == right.lower(),
            Comparison::NotSame => left.lower() != right.lower(),
            _ => ordered(how, left.as_str().cmp(right.as_str())),
        });
    }
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return left.partial_cmp(&right).map(|order| ordered(how, order));
    }
    match how {
        _ if left.is_null() || right.is_null() => None,
        Comparison::Equal => Some(same(left, right)),
        Comparison::NotEqual => Some(!same(left, right)),
        _ => None,
    }
}

fn ordered(how: Comparison, order: std::cmp::Ordering) -> bool {
    match how {
        Comparison::Equal | Comparison::Same => order.is_eq(),
        Comparison::NotEqual | Comparison::NotSame => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether two values are the same, fields and items included; null is the same as null here.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    same_within(left, right, SAME_DEPTH_MAX)
}

fn same_within(left: &Value, right: &Value, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left.as_str() == right.as_str(),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|(one, other)| same_within(one, other, depth - 1))
        }
        (Value::Record(left), Value::Record(right)) => {
            let kind = left.record_type();
            std::ptr::eq(kind, right.record_type())
                && (0..kind.fields.len())
                    .all(|at| same_within(&left.field(at), &right.field(at), depth - 1))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, one)| {
                    right.get(name).is_some_and(|other| same_within(one, other, depth - 1))
                })
        }
        (Value::Set(left), Value::Set(right)) => std::sync::Arc::ptr_eq(left, right),
        _ => match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => {
                left.partial_cmp(&right).is_some_and(std::cmp::Ordering::is_eq)
            }
            _ => false,
        },
    }
}

/// Whole numbers stay whole but for division; a division by nothing is null.
fn arithmetic(how: Arithmetic, left: &Value, right: &Value) -> Value {
    if let (Value::Text(left), Value::Text(right), Arithmetic::Plus) = (left, right, how) {
        return Value::text([left.as_str(), right.as_str()].concat());
    }
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        let whole = match how {
            Arithmetic::Plus => left.checked_add(*right),
            Arithmetic::Minus => left.checked_sub(*right),
            Arithmetic::Times => left.checked_mul(*right),
            Arithmetic::Remainder => left.checked_rem(*right),
            Arithmetic::Divide => None,
        };
        if how != Arithmetic::Divide {
            return whole.map_or(Value::Null, Value::Int);
        }
    }
    let (Some(left), Some(right)) = (left.as_number(), right.as_number()) else {
        return Value::Null;
    };
    let number = match how {
        Arithmetic::Plus => left + right,
        Arithmetic::Minus => left - right,
        Arithmetic::Times => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
    };
    if number.is_finite() { Value::Float(number) } else { Value::Null }
}

/// Whether a whole text matches a pattern of `*` (anything) and `?` (one character), in linear
/// space and without recursion.
fn like(text: &str, glob: &str) -> bool {
    let (text, glob) = (text.as_bytes(), glob.as_bytes());
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match glob.get(place) {
            Some(b'*') => {
                star = Some((place, at));
                place += 1;
                continue;
            }
            Some(b'?') => {
                at += 1;
                while text.get(at).is_some_and(|octet| octet & 0xc0 == 0x80) {
                    at += 1;
                }
                place += 1;
                continue;
            }
            Some(wanted) if text.get(at) == Some(wanted) => {
                at += 1;
                place += 1;
                continue;
            }
            _ => {}
        }
        let Some((back, from)) = star else { return false };
        // What stands after the star is looked for from the next place on.
        let next = match glob.get(back + 1) {
            Some(b'*' | b'?') | None => Some(from + 1),
            Some(wanted) => {
                let rest = text.get(from + 1..).unwrap_or_default();
                memchr::memchr(*wanted, rest).map(|found| from + 1 + found)
            }
        };
        let Some(next) = next else { return false };
        star = Some((back, next));
        at = next;
        place = back + 1;
    }
    glob.get(place..).unwrap_or_default().iter().all(|octet| *octet == b'*')
}

const MATCHES_MAX: usize = 1_000;
const SAME_DEPTH_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_table() {
        let rows = [
            ("abc", "abc", true),
            ("abc", "a*", true),
            ("abc", "*c", true),
            ("abc", "*b*", true),
            ("abc", "a?c", true),
            ("aéc", "a?c", true),
            ("abc", "a?", false),
            ("abc", "b*", false),
            ("", "*", true),
            ("", "?", false),
            ("aaab", "*a*b", true),
            ("abcabd", "*ab?", true),
            ("abc", "*?c", true),
            ("mississippi", "m*iss*ip*i", true),
            ("mississippi", "m*iss*ip*x", false),
        ];
        for (text, glob, meant) in rows {
            assert_eq!(like(text, glob), meant, "{text} like {glob}");
        }
    }
}
