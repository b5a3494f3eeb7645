//! Why a rule fired: it is carried out once more, and the leaves that made it true are written
//! down, each with its place in the message and what stands there.

use std::collections::HashMap;

use crate::eval::{Machine, Truth};
use crate::program::{NodeId, Op, RegexUse};
use crate::value::{List, Text, Value};

/// One leaf that made a rule true.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    /// Where in the message: `body.links[2].href_url.url`.
    pub place: String,
    /// What stands there, around what was found.
    pub quote: String,
    /// What was asked of it.
    pub note: String,
}

/// The leaves of a rule that is true.
pub(crate) fn explain(machine: &mut Machine<'_>, root: NodeId) -> Vec<Reason> {
    if machine.test(root) != Some(true) {
        return Vec::new();
    }
    let mut trace = Trace {
        machine,
        lists: Vec::new(),
        reasons: Vec::new(),
        weights: Vec::new(),
        visits: 0,
        truths: HashMap::new(),
        values: HashMap::new(),
    };
    trace.leaf_of(root, true);
    let Trace { reasons, weights, .. } = trace;
    let mut ranked: Vec<(u8, Reason)> = weights.into_iter().zip(reasons).collect();
    // The sort is stable: among equals the rule's own order stays.
    ranked.sort_by_key(|(weight, _)| *weight);
    let told = |most: u8| ranked.iter().filter(|(weight, _)| *weight <= most).count();
    // What is not there, and what every message has, is told only where there is nothing else.
    let kept = [0, WEIGHT_ASIDE].into_iter().map(told).find(|count| *count > 0).unwrap_or(1);
    ranked.truncate(kept.min(REASONS_MAX));
    ranked.into_iter().map(|(_, reason)| reason).collect()
}

struct Trace<'t, 'm> {
    machine: &'t mut Machine<'m>,
    /// The lists of the iterations around and the item's index in each, for places.
    lists: Vec<(String, usize)>,
    reasons: Vec<Reason>,
    weights: Vec<u8>,
    visits: usize,
    /// What was worked out already of the whole message: each level asks again what the one above
    /// it asked.
    truths: HashMap<NodeId, Truth>,
    values: HashMap<NodeId, Value>,
}

impl Trace<'_, '_> {
    fn test(&mut self, id: NodeId) -> Truth {
        if !self.machine.items.is_empty() {
            return self.machine.test(id);
        }
        let known = self.truths.get(&id).copied();
        known.unwrap_or_else(|| {
            let truth = self.machine.test(id);
            self.truths.insert(id, truth);
            truth
        })
    }

    fn value(&mut self, id: NodeId) -> Value {
        if !self.machine.items.is_empty() {
            return self.machine.value(id);
        }
        let known = self.values.get(&id).cloned();
        known.unwrap_or_else(|| {
            let value = self.machine.value(id);
            self.values.insert(id, value.clone());
            value
        })
    }

    /// Goes down to what makes an operation come to `wanted`.
    fn leaf_of(&mut self, id: NodeId, wanted: bool) {
        self.visits += 1;
        if self.visits > VISITS_MAX || self.reasons.len() >= COLLECTED_MAX {
            return;
        }
        let program = self.machine.program;
        let Some(node) = program.node(id) else { return };
        match &node.op {
            Op::And(items) | Op::Or(items) => {
                let all = matches!(node.op, Op::And(_)) == wanted;
                for item in items {
                    if self.test(*item) == Some(wanted) {
                        self.leaf_of(*item, wanted);
                        if !all && !wanted {
                            return;
                        }
                    }
                }
            }
            Op::Not(inner) => self.leaf_of(*inner, !wanted),
            Op::AtLeast { of, .. } => {
                for item in of {
                    if self.test(*item) == Some(wanted) {
                        self.leaf_of(*item, wanted);
                    }
                }
            }
            Op::Any { list, test } if wanted => self.items_of(*list, *test, true),
            Op::All { list, test } if !wanted => self.items_of(*list, *test, false),
            Op::Any { list, .. } | Op::All { list, .. } => {
                let place = self.place(*list);
                let count = match self.value(*list) {
                    Value::List(items) => items.len(),
                    Value::Set(set) => set.len(),
                    _ => 0,
                };
                let note = if wanted { "holds for every item" } else { "holds for no item" };
                self.add(WEIGHT_ASIDE, place, &format!("{count} items"), note.to_owned());
            }
            Op::Coalesce(items) => {
                let first = items.iter().find(|item| !self.value(**item).is_null());
                if let Some(first) = first {
                    self.leaf_of(*first, wanted);
                }
            }
            op => self.leaf(op, id, wanted),
        }
    }

    /// The first items of a list for which a test comes to `wanted`.
    fn items_of(&mut self, list: NodeId, test: NodeId, wanted: bool) {
        let place = self.place(list);
        let items = match self.value(list) {
            Value::List(items) => items.to_vec(),
            Value::Set(set) => set.iter().map(Value::text).collect(),
            _ => return,
        };
        let mut told = 0;
        for (at, item) in items.into_iter().enumerate() {
            self.machine.items.push(item);
            self.lists.push((place.clone(), at));
            if self.test(test) == Some(wanted) {
                self.leaf_of(test, wanted);
                told += 1;
            }
            self.lists.pop();
            self.machine.items.pop();
            if told >= ITEMS_MAX {
                return;
            }
        }
    }

    fn leaf(&mut self, op: &Op, id: NodeId, wanted: bool) {
        // What is not there is worth less to a reader than what is.
        let weight = if wanted { 0 } else { WEIGHT_ASIDE };
        match op {
            Op::Match { .. } | Op::Regex { how: RegexUse::Contains, .. } | Op::SetInText { .. } => {
                self.text_leaf(op, weight);
            }
            Op::SameText { of, lower } => {
                let (place, quote) = (self.place(*of), self.shown(*of));
                let is = if wanted { "is" } else { "is not" };
                self.add(weight, place, &quote, format!("{is} “{}”, in whatever case", cut(lower)));
            }
            Op::InTexts { needle, .. }
            | Op::In { needle, .. }
            | Op::MatchValues { text: needle, .. } => {
                let place = self.place(*needle);
                let quote = self.shown(*needle);
                let note = self.asked(op, wanted);
                self.add(weight, place, &quote, note);
            }
            Op::Compare { how, left, right } => {
                let place = self.place(*left);
                let counted = self.counted(*left);
                let quote = match &counted {
                    Some(items) => items.len().to_string(),
                    None => self.shown(*left),
                };
                let against = self.shown(*right);
                let holds = if wanted { "is" } else { "is not" };
                let note = format!("{holds} {} {}", how.as_str(), cut(&against));
                let texts = counted.as_deref().map(texts_of).filter(|texts| !texts.is_empty());
                if let (Some(texts), Some(of)) = (texts, self.length_of(*left)) {
                    let place = self.place(of);
                    self.add(weight, place, &texts, format!("found {quote}, {note}"));
                    return;
                }
                // How many links or letters there are only says which mail a rule looks at.
                let program = self.machine.program;
                let is_size =
                    program.node(*left).is_some_and(|node| matches!(node.op, Op::Length(_)));
                self.add(if is_size { WEIGHT_ASIDE } else { weight }, place, &quote, note);
            }
            Op::IsNull(inner) => {
                let (place, quote) = (self.place(*inner), self.shown(*inner));
                let note = if wanted { "is not there" } else { "is there" };
                // Of an item it is what was looked for; of the message most mail has it.
                let weight = if wanted || self.lists.is_empty() { WEIGHT_ASIDE } else { 0 };
                self.add(weight, place, &quote, note.to_owned());
            }
            Op::Bool(_) => {}
            _ => {
                let place = self.place(id);
                let weight = if place.starts_with("type.") { WEIGHT_ALWAYS } else { WEIGHT_ASIDE };
                self.add(weight, place, if wanted { "true" } else { "false" }, String::new());
            }
        }
    }

    /// What was found in a text, and where.
    fn text_leaf(&mut self, op: &Op, weight: u8) {
        let program = self.machine.program;
        match op {
            Op::Match { how, fold, text, needles } => {
                let Value::Text(value) = self.value(*text) else { return };
                let Some(needles) = program.needles(*needles) else { return };
                let found = self.machine.find_needle(*how, *fold, &value, needles);
                let place = self.place(*text);
                match found {
                    Some(needle) => {
                        let hay = if *fold { value.lower() } else { value.as_str() };
                        let wanted = if *fold { &needle.lower } else { &needle.text };
                        let at = hay.find(&**wanted).unwrap_or(0);
                        let quote = around(&value, at, wanted.len());
                        self.add(weight, place, &quote, format!("has “{}”", needle.text));
                    }
                    None => self.add(
                        weight,
                        place,
                        &around(&value, 0, 0),
                        "has none of the texts looked for".to_owned(),
                    ),
                }
            }
            Op::Regex { how: RegexUse::Contains, text, patterns } => {
                let Value::Text(value) = self.value(*text) else { return };
                let place = self.place(*text);
                if let Some(Some(pattern)) = self.machine.matching(&value, patterns) {
                    let regex = program.pattern(pattern).and_then(|entry| entry.pattern.regex());
                    let found = regex.and_then(|regex| regex.find(value.as_str()));
                    let range = found.map(|found| found.range()).unwrap_or_default();
                    let quote = around(&value, range.start, range.len());
                    let source = program.pattern(pattern).map_or("", |entry| &entry.pattern.source);
                    self.add(weight, place, &quote, format!("matches /{}/", cut(source)));
                } else {
                    self.add(
                        weight,
                        place,
                        &around(&value, 0, 0),
                        "matches none of the patterns".to_owned(),
                    );
                }
            }
            Op::SetInText { set, text, fold, .. } => {
                self.machine.items.push(Value::Null);
                let value = self.value(*text);
                let place = self.place(*text);
                self.machine.items.pop();
                let (Value::Text(value), Some(entry)) = (value, program.set(*set)) else { return };
                let found = self.machine.entries_of(entry, &value, *fold, 3).unwrap_or_default();
                for entry in found {
                    let hay = if *fold { value.lower() } else { value.as_str() };
                    let wanted = if *fold { crate::fold::fold(entry) } else { entry.into() };
                    let at = hay.find(&*wanted).unwrap_or(0);
                    let quote = around(&value, at, wanted.len());
                    self.add(weight, place.clone(), &quote, format!("has “{entry}”"));
                }
            }
            _ => {}
        }
    }

    /// What a length is the length of.
    fn length_of(&self, id: NodeId) -> Option<NodeId> {
        match self.machine.program.node(id)?.op {
            Op::Length(of) => Some(of),
            _ => None,
        }
    }

    /// What `length(filter(…))` counted.
    fn counted(&mut self, id: NodeId) -> Option<List> {
        let of = self.length_of(id)?;
        self.value(of).as_list().cloned()
    }

    fn asked(&mut self, op: &Op, wanted: bool) -> String {
        let not = if wanted { "" } else { "not " };
        match op {
            Op::In { hay, .. } => match self.machine.program.node(*hay).map(|node| &node.op) {
                Some(Op::TenantList { name, .. }) => format!("is {not}in ${name}"),
                Some(Op::Set(_)) => format!("is {not}in the list"),
                _ => format!("is {not}one of those"),
            },
            Op::MatchValues { needles, .. } => {
                let needles: Vec<String> =
                    needles.iter().map(|needle| self.shown(*needle)).collect();
                format!("{not}held against “{}”", cut(&needles.join("”, “")))
            }
            _ => format!("is {not}one of those"),
        }
    }

    fn add(&mut self, weight: u8, place: String, quote: &str, note: String) {
        // The same words for the same reason are told once, wherever else they stand.
        let is_told = |reason: &Reason| reason.quote == quote && reason.note == note;
        if quote.is_empty() || !self.reasons.iter().any(is_told) {
            self.reasons.push(Reason { place, quote: quote.to_owned(), note });
            self.weights.push(weight);
        }
    }

    /// A value for people.
    fn shown(&mut self, id: NodeId) -> String {
        match self.value(id) {
            Value::Null => "nothing".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => format!("{number:.3}"),
            Value::Text(text) => around(&text, 0, 0),
            Value::List(items) => format!("{} items", items.len()),
            Value::Record(record) => record.record_type().name.to_owned(),
            Value::Map(map) => format!("{} values", map.len()),
            Value::Set(set) => format!("{} entries", set.len()),
        }
    }

    /// Where in the message an operation looks.
    fn place(&mut self, id: NodeId) -> String {
        let mut out = String::new();
        self.write_place(id, &mut out, 0);
        cut(&out).to_owned()
    }

    fn write_place(&mut self, id: NodeId, out: &mut String, depth: usize) {
        let program = self.machine.program;
        let Some(node) = program.node(id) else { return };
        if depth > PLACE_DEPTH_MAX {
            out.push('…');
            return;
        }
        let deeper = depth + 1;
        match &node.op {
            Op::Root { name, .. } => out.push_str(name),
            Op::Field { of, name, .. } => {
                self.write_place(*of, out, deeper);
                out.push('.');
                out.push_str(name);
            }
            Op::Named { of, name } => {
                self.write_place(*of, out, deeper);
                out.push('.');
                out.push_str(name);
            }
            Op::Index { of, at } => {
                self.write_place(*of, out, deeper);
                out.push('[');
                let at = self.shown(*at);
                out.push_str(&at);
                out.push(']');
            }
            Op::Item(level) => {
                let at = self.lists.len().checked_sub(usize::from(*level));
                match at.and_then(|at| self.lists.get(at)) {
                    Some((list, index)) => {
                        out.push_str(&format!("{list}[{index}]"));
                    }
                    None => out.push('.'),
                }
            }
            Op::Call { function, arguments } | Op::CallPrepared { function, arguments, .. } => {
                let name = function.0.name;
                // What only joins or folds texts is no place: the texts are.
                if TRANSPARENT.contains(&name) {
                    self.write_texts(arguments, out, deeper);
                    return;
                }
                out.push_str(name);
                out.push('(');
                if let Some(first) = arguments.first() {
                    self.write_place(*first, out, deeper);
                }
                out.push(')');
            }
            op => self.write_made(op, out, deeper),
        }
    }

    /// The places of the arguments that come from the message.
    fn write_texts(&mut self, arguments: &[NodeId], out: &mut String, depth: usize) {
        let program = self.machine.program;
        let start = out.len();
        for argument in arguments {
            if program.node(*argument).is_some_and(|node| matches!(node.op, Op::Text(_))) {
                continue;
            }
            if out.len() > start {
                out.push_str(", ");
            }
            self.write_place(*argument, out, depth);
        }
    }

    /// Where what was worked out of something came from.
    fn write_made(&mut self, op: &Op, out: &mut String, deeper: usize) {
        match op {
            Op::Length(of) => {
                out.push_str("length(");
                self.write_place(*of, out, deeper);
                out.push(')');
            }
            Op::Filter { list, .. } | Op::Map { list, .. } | Op::Distinct { list, .. } => {
                self.write_place(*list, out, deeper);
            }
            Op::SetInText { text, .. } | Op::Regex { text, .. } | Op::Match { text, .. } => {
                self.write_place(*text, out, deeper);
            }
            Op::Coalesce(items) => {
                if let Some(first) = items.first() {
                    self.write_place(*first, out, deeper);
                }
            }
            Op::Arithmetic { left, right, .. } => {
                self.write_place(*left, out, deeper);
                out.push_str(", ");
                self.write_place(*right, out, deeper);
            }
            Op::TenantList { name, .. } => {
                out.push('$');
                out.push_str(name);
            }
            Op::List(_) => out.push_str("texts"),
            Op::Set(_) => out.push_str("list"),
            _ => out.push_str("message"),
        }
    }
}

/// Items that are texts, side by side.
fn texts_of(items: &[Value]) -> String {
    let texts: Vec<&str> = items.iter().filter_map(Value::as_str).take(5).collect();
    texts.join(" · ")
}

/// A part of a text around what was found in it, on one line.
fn around(text: &Text, at: usize, length: usize) -> String {
    let text = text.as_str();
    let start = text.floor_char_boundary(at.saturating_sub(QUOTE_BEFORE));
    let end = text.ceil_char_boundary(
        at.saturating_add(length.min(QUOTE_OCTETS_MAX)).saturating_add(QUOTE_AFTER).min(text.len()),
    );
    let part = text.get(start..end).unwrap_or_default();
    let words: Vec<&str> = part.split_whitespace().collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if end < text.len() { "…" } else { "" };
    format!("{before}{}{after}", words.join(" "))
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(NOTE_OCTETS_MAX)).unwrap_or(text)
}

/// Says that something is not there, or is there at all.
const WEIGHT_ASIDE: u8 = 1;
/// True of most messages.
const WEIGHT_ALWAYS: u8 = 2;
const COLLECTED_MAX: usize = 64;
const ITEMS_MAX: usize = 2;
const NOTE_OCTETS_MAX: usize = 200;
const PLACE_DEPTH_MAX: usize = 12;
const QUOTE_AFTER: usize = 60;
const QUOTE_BEFORE: usize = 40;
const QUOTE_OCTETS_MAX: usize = 200;
const REASONS_MAX: usize = 8;
/// Functions that make one text of texts.
const TRANSPARENT: [&str; 2] = ["strings.concat", "strings.replace_confusables"];
const VISITS_MAX: usize = 5_000;
