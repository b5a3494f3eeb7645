//! The store of operations while rules are added: equal expressions become one operation, and what
//! rules look for is gathered for the automata.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use crate::literals::{Gathering, Room};
use crate::needs::{Column, Gates, Need, Seeker};
use crate::pattern::Pattern;
use crate::program::{
    Known, Match, Memo, Needle, Needles, NeedlesId, Node, NodeId, Op, PatternEntry, PatternId,
    PreparedId, Program, Required, SetEntry, SetId, TextsId,
};
use crate::set::Set;
use crate::types::{Function, Prepared};

/// The store while rules are added.
#[derive(Debug)]
pub(crate) struct Builder {
    pub(crate) nodes: Vec<Known>,
    ids: HashMap<Op, NodeId>,
    texts: Store<Vec<Box<str>>, Arc<Set>>,
    needles: Store<Wanted, Needles>,
    patterns: Store<(Box<str>, bool, bool, Room), PatternEntry>,
    sets: Store<Box<str>, SetEntry>,
    prepared: Store<(&'static str, Vec<Box<str>>), Prepared>,
    pages: Gathering,
    words: Gathering,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            ids: HashMap::new(),
            texts: Store::default(),
            needles: Store::default(),
            patterns: Store::default(),
            sets: Store::default(),
            prepared: Store::default(),
            pages: Gathering::new(Room::Page),
            words: Gathering::new(Room::Words),
        }
    }
}

/// What is looked for, how, whether case is ignored, and in which texts.
type Wanted = (Vec<Box<str>>, Match, bool, Room);

/// Things by what they are made of, each once.
#[derive(Debug)]
struct Store<K, T> {
    ids: HashMap<K, u32>,
    all: Vec<T>,
}

impl<K, T> Default for Store<K, T> {
    fn default() -> Self {
        Self { ids: HashMap::new(), all: Vec::new() }
    }
}

impl<K: Eq + std::hash::Hash, T> Store<K, T> {
    fn add<E>(&mut self, key: K, make: impl FnOnce(&K) -> Result<T, E>) -> Result<u32, E> {
        if let Some(id) = self.ids.get(&key) {
            return Ok(*id);
        }
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(make(&key)?);
        self.ids.insert(key, id);
        Ok(id)
    }
}

impl Builder {
    /// The operation; the same id for the same one.
    pub(crate) fn add(&mut self, op: Op) -> NodeId {
        if let Some(id) = self.ids.get(&op) {
            return *id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let facts = crate::analysis::Facts::of(self, &op);
        for (part, is_body) in crate::analysis::scoped_parts(&op) {
            if let Some(node) = self.nodes.get_mut(part.0 as usize) {
                // What speaks of an item is asked for each of them.
                node.uses += if is_body || facts.free > 0 { 2 } else { 1 };
            }
        }
        self.nodes.push(Known {
            op: op.clone(),
            free: facts.free,
            cost: facts.cost,
            can: facts.can,
            uses: 0,
        });
        self.ids.insert(op, id);
        id
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Known> {
        self.nodes.get(id.0 as usize)
    }

    pub(crate) fn needle_list(&self, id: NeedlesId) -> Option<&Needles> {
        self.needles.all.get(id.0 as usize)
    }

    pub(crate) fn pattern_entry(&self, id: PatternId) -> Option<&PatternEntry> {
        self.patterns.all.get(id.0 as usize)
    }

    pub(crate) fn text_list(&self, id: TextsId) -> Option<&Arc<Set>> {
        self.texts.all.get(id.0 as usize)
    }

    /// Which literals a text is read for.
    pub(crate) fn room(&self, text: NodeId) -> Room {
        let name = |id: NodeId| match self.node(id).map(|node| &node.op) {
            Some(Op::Field { of, name, .. }) => Some((*of, *name)),
            _ => None,
        };
        match name(text) {
            Some((of, "raw")) if name(of).is_some_and(|(_, name)| name == "html") => Room::Page,
            _ => Room::Words,
        }
    }

    /// That a rule begins here.
    pub(crate) fn use_as_rule(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.uses += 1;
        }
    }

    pub(crate) fn texts(&mut self, texts: Vec<Box<str>>) -> TextsId {
        let made = self.texts.add(texts, |texts| Ok::<_, ()>(Set::new(texts.iter().cloned())));
        TextsId(made.unwrap_or(u32::MAX))
    }

    pub(crate) fn set(&mut self, name: &str, set: &Arc<Set>) -> SetId {
        let entry = || SetEntry {
            set: Arc::clone(set),
            literals: Vec::new(),
            short: Vec::new(),
            automaton: OnceLock::new(),
        };
        SetId(self.sets.add(name.into(), |_| Ok::<_, ()>(entry())).unwrap_or(u32::MAX))
    }

    /// What a function makes of texts, once for all calls with the same ones.
    pub(crate) fn prepared(
        &mut self,
        function: &'static Function,
        texts: Vec<Box<str>>,
        prepare: fn(&[&str]) -> Prepared,
    ) -> PreparedId {
        let made = self.prepared.add((function.name, texts), |(_, texts)| {
            let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            Ok::<_, ()>(prepare(&texts))
        });
        PreparedId(made.unwrap_or(u32::MAX))
    }

    /// A list whose entries are looked for in texts.
    pub(crate) fn searched_set(&mut self, id: SetId) {
        let Some(entry) = self.sets.all.get_mut(id.0 as usize) else { return };
        if entry.is_long() || entry.literals.len() + entry.short.len() > 0 {
            return;
        }
        for (place, text) in (0..).zip(entry.set.iter()) {
            let lower = crate::fold::fold(text);
            match self.words.add(&lower) {
                Some(literal) => entry.literals.push((literal.index, place)),
                None => entry.short.push((place, lower)),
            }
        }
        entry.literals.sort_unstable();
    }

    pub(crate) fn needles(
        &mut self,
        texts: Vec<Box<str>>,
        how: Match,
        fold: bool,
        room: Room,
    ) -> NeedlesId {
        let literals = match room {
            Room::Page => &mut self.pages,
            Room::Words => &mut self.words,
        };
        let made = self.needles.add((texts, how, fold, room), |(texts, how, _, _)| {
            let mut needle = |text: &str| {
                let lower = crate::fold::fold(text);
                let literal = match how {
                    Match::Like => longest_part(&lower).and_then(|part| literals.add(part)),
                    _ => literals.add(&lower),
                };
                Needle { text: text.into(), lower, literal }
            };
            Ok::<_, ()>(Needles::new(texts.iter().map(|text| needle(text)).collect()))
        });
        NeedlesId(made.unwrap_or(u32::MAX))
    }

    /// A pattern; the error is in words for the rule's author.
    pub(crate) fn pattern(
        &mut self,
        source: &str,
        fold: bool,
        whole: bool,
        room: Room,
    ) -> Result<PatternId, String> {
        let literals = match room {
            Room::Page => &mut self.pages,
            Room::Words => &mut self.words,
        };
        let made = self.patterns.add((source.into(), fold, whole, room), |_| {
            let pattern = Pattern::parse(source, fold, whole)?;
            let mut required = Vec::new();
            for group in &pattern.required {
                let all = group.iter().map(|literal| literals.add(literal).map(|it| it.index));
                let ids: Option<Box<[u32]>> = all.collect();
                required.extend(ids);
            }
            Ok::<_, String>(PatternEntry { pattern, required: required.into(), room })
        });
        made.map(PatternId)
    }

    /// Whether a pattern has literals by which most texts are passed over.
    pub(crate) fn is_cheap(&self, id: PatternId) -> bool {
        self.patterns.all.get(id.0 as usize).is_some_and(|entry| !entry.required.is_empty())
    }

    pub(crate) fn set_len(&self, id: SetId) -> usize {
        self.sets.all.get(id.0 as usize).map_or(0, |entry| entry.set.len())
    }

    /// What the rules and their searches in lists need, and the columns that are asked for it.
    fn needs(&self, rules: &[NodeId]) -> (Vec<(NodeId, Need)>, Vec<Column>) {
        let mut seeker = Seeker::new(self);
        let searches = (0..).map(NodeId).zip(&self.nodes);
        let searches = searches.filter(|(_, it)| it.free == 0 && matches!(it.op, Op::Any { .. }));
        let all: BTreeSet<NodeId> =
            searches.map(|(id, _)| id).chain(rules.iter().copied()).collect();
        let found = all.into_iter().filter_map(|id| seeker.of(id).map(|need| (id, need))).collect();
        (found, seeker.columns)
    }

    /// Ends the adding: gives out the places where values are remembered.
    pub(crate) fn finish(self, rules: &[NodeId]) -> Program {
        let (needs, columns) = self.needs(rules);
        let mut gates = Gates::default();
        let mut begins = HashMap::new();
        for (id, need) in needs {
            begins.insert(id, gates.add(&need, &self));
        }
        let (mut truths, mut values) = (0, 0);
        let mut memo = |node: &Known| {
            let worth_it = node.free == 0 && node.uses > 1 && node.cost >= MEMO_COST_MIN;
            if !worth_it {
                return Memo::No;
            }
            if crate::analysis::is_truth(&node.op) {
                truths += 1;
                Memo::Truth(truths - 1)
            } else {
                values += 1;
                Memo::Value(values - 1)
            }
        };
        let nodes = (0..).map(NodeId).zip(self.nodes);
        let nodes = nodes
            .map(|(id, known)| {
                let (memo, gate) = (memo(&known), begins.get(&id).copied());
                Node { op: known.op, memo, gate }
            })
            .collect();
        Program {
            nodes,
            texts: self.texts.all,
            needles: self.needles.all,
            required: Required::of(&self.patterns.all),
            patterns: self.patterns.all,
            sets: self.sets.all,
            prepared: self.prepared.all,
            columns: columns.into(),
            gates,
            pages: self.pages.finish(),
            words: self.words.finish(),
            truths: truths as usize,
            values: values as usize,
        }
    }
}

/// The longest stretch of a wildcard pattern that has no wildcard.
fn longest_part(glob: &str) -> Option<&str> {
    glob.split(['*', '?']).max_by_key(|part| part.len()).filter(|part| !part.is_empty())
}

/// Below this, working a value out again costs no more than remembering it.
const MEMO_COST_MIN: u32 = 3;
