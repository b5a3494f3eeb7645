//! Working out operations that give values: fields, lists, numbers, calls.

use crate::compare::{arithmetic, same};
use crate::eval::{Machine, Truth};
use crate::functions::{RegexMatch, named_groups};
use crate::literals::Room;
use crate::program::{Memo, NodeId, Op, PatternId, PreparedId, RegexUse, SetEntry, SetId};
use crate::syntax::Arithmetic;
use crate::types::{Arguments, Body, Function};
use crate::value::{Text, Value};

impl Machine<'_> {
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

    pub(crate) fn value_op(&mut self, op: &Op) -> Value {
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
            Op::Set(set) => {
                self.program.set(*set).map_or(Value::Null, |entry| Value::Set(entry.set.clone()))
            }
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
            Op::Call { function, arguments } => self.call(function.0, arguments, None),
            Op::CallPrepared { function, arguments, prepared } => {
                self.call(function.0, arguments, Some(*prepared))
            }
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

    fn entries_in(&mut self, set: SetId, text: NodeId, fold: bool) -> Value {
        let Some(entry) = self.program.set(set) else { return Value::Null };
        // Without a text no entry stands in it: a filter keeps what is true alone.
        let Some(text) = self.inner_text(text) else { return Value::list([]) };
        self.entries_of(entry, &text, fold, usize::MAX).map_or(Value::Null, Value::texts)
    }

    /// The entries of a searched list that stand in a text, at most so many.
    pub(crate) fn entries_of<'e>(
        &mut self,
        entry: &'e SetEntry,
        text: &Text,
        fold: bool,
        most: usize,
    ) -> Option<Vec<&'e str>> {
        if !entry.is_long() {
            if !self.spend(entry.set.len() as u64 / 16) {
                return None;
            }
            let mut places: Vec<u32> = Vec::new();
            if !entry.literals.is_empty() {
                self.reading(Room::Words, text, |hits| {
                    hits.among(&entry.literals, |place| places.push(place));
                });
            }
            for (place, lower) in &entry.short {
                if self.find(text.lower(), lower) {
                    places.push(*place);
                }
            }
            places.sort_unstable();
            let found = places.into_iter().filter_map(|place| entry.set.get(place as usize));
            let found = found.filter(|one| fold || self.find(text.as_str(), one));
            return Some(found.take(most).collect());
        }
        if !self.spend(text.as_str().len() as u64 / 8) {
            return None;
        }
        let places = entry.search(text.lower());
        let found = places.into_iter().filter_map(|place| entry.set.get(place));
        let found = found.filter(|one| fold || text.as_str().contains(one));
        Some(found.take(most).collect())
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

    fn call(
        &mut self,
        function: &'static Function,
        arguments: &[NodeId],
        prepared: Option<PreparedId>,
    ) -> Value {
        let values: Vec<Value> = arguments.iter().map(|argument| self.value(*argument)).collect();
        let required = function.parameters.iter().zip(&values);
        let missing = required.into_iter().any(|(known, value)| !known.optional && value.is_null());
        let octets: u64 =
            values.iter().filter_map(Value::as_str).map(|text| text.len() as u64).sum();
        if missing || !self.spend(1 + octets / 16) {
            return Value::Null;
        }
        let given = Arguments { values: &values };
        match function.body {
            Body::Native(body) => body(self.host, &given),
            Body::Prepared(prepare, body) => {
                if let Some(ready) = prepared.and_then(|id| self.program.prepared(id)) {
                    return body(self.host, &given, ready);
                }
                let rest = values.get(1..).unwrap_or_default();
                let texts: Vec<&str> = rest.iter().filter_map(Value::as_str).collect();
                body(self.host, &given, &prepare(&texts))
            }
            Body::Unsupported => Value::Null,
        }
    }
}

fn truth_value(truth: Truth) -> Value {
    truth.map_or(Value::Null, Value::Bool)
}

const MATCHES_MAX: usize = 1_000;
