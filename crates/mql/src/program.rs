//! Compiled rules: one store of operations for all rules of a set, in which equal expressions are
//! one, so that what a thousand rules ask is worked out once a message.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use aho_corasick::AhoCorasick;

use crate::literals::{Gathering, LiteralId, Literals, Room};
use crate::needs::{Column, Need, Seeker};
use crate::pattern::Pattern;
use crate::set::Set;
use crate::syntax::{Arithmetic, Comparison};
use crate::types::{Function, Prepared};

/// One operation of the store.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct NodeId(u32);

/// What an operation does. Names stand here only for people.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Op {
    All {
        list: NodeId,
        test: NodeId,
    },
    And(Box<[NodeId]>),
    Any {
        list: NodeId,
        test: NodeId,
    },
    Arithmetic {
        how: Arithmetic,
        left: NodeId,
        right: NodeId,
    },
    AtLeast {
        count: NodeId,
        of: Box<[NodeId]>,
    },
    Bool(bool),
    Call {
        function: FunctionRef,
        arguments: Box<[NodeId]>,
    },
    /// A call whose arguments after the first were prepared.
    CallPrepared {
        function: FunctionRef,
        arguments: Box<[NodeId]>,
        prepared: PreparedId,
    },
    Coalesce(Box<[NodeId]>),
    Compare {
        how: Comparison,
        left: NodeId,
        right: NodeId,
    },
    Distinct {
        list: NodeId,
        key: Option<NodeId>,
    },
    Field {
        of: NodeId,
        index: u16,
        name: &'static str,
    },
    Filter {
        list: NodeId,
        test: NodeId,
    },
    /// A number, as its bits.
    Float(u64),
    If {
        condition: NodeId,
        yes: NodeId,
        no: NodeId,
    },
    In {
        needle: NodeId,
        hay: NodeId,
        fold: bool,
    },
    /// Membership in texts that the rule itself lists.
    InTexts {
        needle: NodeId,
        texts: TextsId,
        fold: bool,
    },
    Index {
        of: NodeId,
        at: NodeId,
    },
    Int(i64),
    IsNull(NodeId),
    /// The item of an iteration: 1 is the innermost.
    Item(u8),
    Length(NodeId),
    List(Box<[NodeId]>),
    Map {
        list: NodeId,
        of: NodeId,
    },
    Match {
        how: Match,
        fold: bool,
        text: NodeId,
        needles: NeedlesId,
    },
    /// With needles that the message gives.
    MatchValues {
        how: Match,
        fold: bool,
        text: NodeId,
        needles: Box<[NodeId]>,
    },
    /// A value of a map, or of a record whose type is not known.
    Named {
        of: NodeId,
        name: Box<str>,
    },
    Negative(NodeId),
    Not(NodeId),
    Null,
    Or(Box<[NodeId]>),
    Ratio {
        list: NodeId,
        test: NodeId,
    },
    Regex {
        how: RegexUse,
        text: NodeId,
        patterns: Box<[PatternId]>,
    },
    /// A field of the message.
    Root {
        index: u16,
        name: &'static str,
    },
    /// A list that is the same for every message.
    Set(SetId),
    /// A text against one of the rule's own, in lower case, without regard to case.
    SameText {
        of: NodeId,
        lower: Box<str>,
    },
    /// `any` or `filter` over a list that is the same for every message, testing whether its items
    /// stand in a text; the text is worked out inside of the iteration.
    SetInText {
        set: SetId,
        text: NodeId,
        fold: bool,
        keep: bool,
    },
    Sum {
        list: NodeId,
        of: Option<NodeId>,
    },
    /// A list that the host knows: by tenant, or by message.
    TenantList {
        index: u16,
        name: Box<str>,
    },
    Text(Box<str>),
}

/// How a text is held against others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Match {
    Contains,
    EndsWith,
    /// With `*` and `?`.
    Like,
    StartsWith,
}

/// What is wanted of a regular expression.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum RegexUse {
    /// Whether one stands in the text, or is the whole text: the pattern itself says which.
    Contains,
    Count,
    Extract,
}

/// A declared function; two are equal where they are the same one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FunctionRef(pub(crate) &'static Function);

impl PartialEq for FunctionRef {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for FunctionRef {}

impl std::hash::Hash for FunctionRef {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

/// An operation and what is known of it beforehand.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    /// How many iterations around it it speaks of; 0 for what is the same in the whole message.
    pub(crate) free: u8,
    /// About how many steps it takes.
    pub(crate) cost: u32,
    pub(crate) can: Possible,
    /// How often other operations refer to it.
    pub(crate) uses: u32,
    pub(crate) memo: Memo,
    /// What must stand in the message for it to be true, where that is known.
    pub(crate) need: Option<Box<Need>>,
}

/// Where the value of an operation is remembered while one message is judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Memo {
    No,
    Truth(u32),
    Value(u32),
}

/// What an operation can come to, whatever the message; "true" is any value for what is no truth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Possible {
    pub(crate) yes: bool,
    pub(crate) no: bool,
    pub(crate) null: bool,
}

impl Possible {
    pub(crate) const ANY: Self = Self { yes: true, no: true, null: true };
    pub(crate) const NULL: Self = Self { yes: false, no: false, null: true };

    pub(crate) fn only_null(self) -> bool {
        !self.yes && !self.no
    }

    /// Of something that is null where one of these is.
    pub(crate) fn strict(parts: &[Self]) -> Self {
        if parts.iter().any(|part| part.only_null()) { Self::NULL } else { Self::ANY }
    }
}

/// A list of texts that a rule holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct TextsId(u32);

/// Texts to look for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct NeedlesId(u32);

/// A regular expression.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct PatternId(u32);

/// What a function made of a rule's own texts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct PreparedId(u32);

/// A list that was loaded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct SetId(u32);

/// A text to look for.
#[derive(Debug)]
pub(crate) struct Needle {
    pub(crate) text: Box<str>,
    pub(crate) lower: Box<str>,
    /// What must stand in the text, in lower case, for this to be found.
    pub(crate) literal: Option<LiteralId>,
}

/// A pattern with the places of its literals.
#[derive(Debug)]
pub(crate) struct PatternEntry {
    pub(crate) pattern: Pattern,
    pub(crate) required: Box<[Box<[LiteralId]>]>,
}

/// A list that was loaded.
#[derive(Debug)]
pub(crate) struct SetEntry {
    pub(crate) set: Arc<Set>,
    /// The entries in lower case and their places among the literals, where the list is searched.
    pub(crate) searched: Vec<(Box<str>, Option<LiteralId>)>,
    /// Made when a long list is first looked for in a text.
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl SetEntry {
    /// Whether the entries are too many to be literals of the rule set, which every text is read
    /// for.
    pub(crate) fn is_long(&self) -> bool {
        self.set.len() > SEARCHED_SET_MAX
    }

    /// The places of the entries that stand in a text, both in lower case, in the list's order.
    pub(crate) fn search(&self, lower: &str) -> Vec<usize> {
        let build = || {
            let entries = self.set.iter().map(crate::fold::fold);
            AhoCorasick::new(entries.map(str::into_string)).ok()
        };
        let Some(automaton) = self.automaton.get_or_init(build) else { return Vec::new() };
        let found = automaton.find_overlapping_iter(lower);
        let mut places: Vec<usize> = found.map(|found| found.pattern().as_usize()).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// The store while rules are added.
#[derive(Debug)]
pub(crate) struct Builder {
    pub(crate) nodes: Vec<Node>,
    ids: HashMap<Op, NodeId>,
    texts: Store<Vec<Box<str>>, Arc<Set>>,
    needles: Store<Wanted, Box<[Needle]>>,
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

/// The store when all rules are in.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Box<[Node]>,
    pub(crate) texts: Vec<Arc<Set>>,
    pub(crate) needles: Vec<Box<[Needle]>>,
    pub(crate) patterns: Vec<PatternEntry>,
    pub(crate) sets: Vec<SetEntry>,
    prepared: Vec<Prepared>,
    pub(crate) columns: Box<[Column]>,
    pub(crate) pages: Arc<Literals>,
    pub(crate) words: Arc<Literals>,
    pub(crate) truths: usize,
    pub(crate) values: usize,
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
        self.nodes.push(Node {
            op: op.clone(),
            free: facts.free,
            cost: facts.cost,
            can: facts.can,
            uses: 0,
            memo: Memo::No,
            need: None,
        });
        self.ids.insert(op, id);
        id
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    pub(crate) fn needle_list(&self, id: NeedlesId) -> Option<&[Needle]> {
        self.needles.all.get(id.0 as usize).map(AsRef::as_ref)
    }

    /// The literals that a pattern needs: one of each group.
    pub(crate) fn required(&self, id: PatternId) -> Option<&[Box<[LiteralId]>]> {
        self.patterns.all.get(id.0 as usize).map(|entry| &*entry.required)
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
        let entry =
            || SetEntry { set: Arc::clone(set), searched: Vec::new(), automaton: OnceLock::new() };
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
        if entry.is_long() || !entry.searched.is_empty() {
            return;
        }
        let literals = &mut self.words;
        let place = |text: &str| {
            let lower = crate::fold::fold(text);
            let literal = literals.add(&lower);
            (lower, literal)
        };
        entry.searched = entry.set.iter().map(place).collect();
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
            Ok::<_, ()>(texts.iter().map(|text| needle(text)).collect())
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
                let ids: Option<Box<[LiteralId]>> =
                    group.iter().map(|literal| literals.add(literal)).collect();
                required.extend(ids);
            }
            Ok::<_, String>(PatternEntry { pattern, required: required.into() })
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
    pub(crate) fn finish(mut self, rules: &[NodeId]) -> Program {
        let (needs, columns) = self.needs(rules);
        for (id, need) in needs {
            if let Some(node) = self.nodes.get_mut(id.0 as usize) {
                node.need = Some(Box::new(need));
            }
        }
        let (mut truths, mut values) = (0, 0);
        let mut nodes = self.nodes;
        for node in &mut nodes {
            let worth_it = node.free == 0 && node.uses > 1 && node.cost >= MEMO_COST_MIN;
            if !worth_it {
                continue;
            }
            node.memo = if crate::analysis::is_truth(&node.op) {
                truths += 1;
                Memo::Truth(truths - 1)
            } else {
                values += 1;
                Memo::Value(values - 1)
            };
        }
        Program {
            nodes: nodes.into(),
            texts: self.texts.all,
            needles: self.needles.all,
            patterns: self.patterns.all,
            sets: self.sets.all,
            prepared: self.prepared.all,
            columns: columns.into(),
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

impl Program {
    pub(crate) fn literals(&self, room: Room) -> &Arc<Literals> {
        match room {
            Room::Page => &self.pages,
            Room::Words => &self.words,
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// What must stand in the message for an operation to be true, where that is known.
    pub(crate) fn need(&self, id: NodeId) -> Option<&Need> {
        self.node(id).and_then(|node| node.need.as_deref())
    }

    pub(crate) fn texts(&self, id: TextsId) -> Option<&Set> {
        self.texts.get(id.0 as usize).map(AsRef::as_ref)
    }

    pub(crate) fn needles(&self, id: NeedlesId) -> &[Needle] {
        self.needles.get(id.0 as usize).map_or(&[], AsRef::as_ref)
    }

    pub(crate) fn pattern(&self, id: PatternId) -> Option<&PatternEntry> {
        self.patterns.get(id.0 as usize)
    }

    pub(crate) fn prepared(&self, id: PreparedId) -> Option<&Prepared> {
        self.prepared.get(id.0 as usize)
    }

    pub(crate) fn set(&self, id: SetId) -> Option<&SetEntry> {
        self.sets.get(id.0 as usize)
    }
}

const SEARCHED_SET_MAX: usize = 2_000;
/// Below this, working a value out again costs no more than remembering it.
const MEMO_COST_MIN: u32 = 3;
