//! Compiled rules: one store of operations for all rules of a set, in which equal expressions are
//! one, so that what a thousand rules ask is worked out once a message.

use std::sync::{Arc, OnceLock};

use aho_corasick::AhoCorasick;

use crate::literals::{LiteralId, Literals, Room};
use crate::needs::{Column, Gates};
use crate::pattern::Pattern;
use crate::set::Set;
use crate::syntax::{Arithmetic, Comparison};
use crate::types::{Function, Prepared};

/// One operation of the store.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct NodeId(pub(crate) u32);

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

/// An operation and how it is carried out: all that is needed for that, and no more.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) memo: Memo,
    /// Where among the gates is what must stand in the message for it to be true, where that is
    /// known.
    pub(crate) gate: Option<u32>,
}

/// An operation and what is known of it while rules are added.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) op: Op,
    /// How many iterations around it it speaks of; 0 for what is the same in the whole message.
    pub(crate) free: u8,
    /// About how many steps it takes.
    pub(crate) cost: u32,
    pub(crate) can: Possible,
    /// How often other operations refer to it.
    pub(crate) uses: u32,
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
pub(crate) struct TextsId(pub(crate) u32);

/// Texts to look for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct NeedlesId(pub(crate) u32);

/// A regular expression.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct PatternId(pub(crate) u32);

/// What a function made of a rule's own texts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct PreparedId(pub(crate) u32);

/// A list that was loaded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct SetId(pub(crate) u32);

/// A text to look for.
#[derive(Debug)]
pub(crate) struct Needle {
    pub(crate) text: Box<str>,
    pub(crate) lower: Box<str>,
    /// What must stand in the text, in lower case, for this to be found.
    pub(crate) literal: Option<LiteralId>,
}

/// Texts to look for, one of which is enough.
#[derive(Debug)]
pub(crate) struct Needles {
    pub(crate) all: Box<[Needle]>,
    /// The literals of all of them, where each has one.
    pub(crate) literals: Option<(Room, Box<[u32]>)>,
}

impl Needles {
    pub(crate) fn new(all: Box<[Needle]>) -> Self {
        let literals: Option<Box<[u32]>> =
            all.iter().map(|needle| needle.literal.map(|literal| literal.index)).collect();
        let room = all.first().and_then(|needle| needle.literal).map(|literal| literal.room);
        Self { all, literals: room.zip(literals) }
    }
}

/// A pattern with the places of its literals.
#[derive(Debug)]
pub(crate) struct PatternEntry {
    pub(crate) pattern: Pattern,
    pub(crate) required: Box<[Box<[u32]>]>,
    pub(crate) room: Room,
}

/// The literals that patterns need, side by side: most patterns are passed over by them, and
/// nothing else of those is looked at.
#[derive(Debug, Default)]
pub(crate) struct Required {
    /// Where those of each pattern begin and end, and which texts they are looked for in.
    places: Vec<(u32, u32, Room)>,
    /// Groups in order, each with how many there are in front.
    groups: Vec<u32>,
}

impl Required {
    pub(crate) fn of(patterns: &[PatternEntry]) -> Self {
        let mut required = Self::default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        for entry in patterns {
            let start = number(required.groups.len());
            // What is soonest told is asked first.
            let mut groups: Vec<Vec<u32>> =
                entry.required.iter().map(|group| group.to_vec()).collect();
            groups.sort_by_key(Vec::len);
            for mut group in groups {
                group.sort_unstable();
                required.groups.push(number(group.len()));
                required.groups.extend(group);
            }
            required.places.push((start, number(required.groups.len()), entry.room));
        }
        required
    }

    /// The groups of a pattern, at least one literal of each of which stands in what matches.
    pub(crate) fn of_pattern(&self, id: PatternId) -> (Room, impl Iterator<Item = &[u32]>) {
        let place = self.places.get(id.0 as usize).copied();
        let (start, end, room) = place.unwrap_or_default();
        let mut rest = self.groups.get(start as usize..end as usize).unwrap_or_default();
        let next = move || {
            let (count, after) = rest.split_first()?;
            let (group, after) = after.split_at_checked(*count as usize)?;
            rest = after;
            Some(group)
        };
        (room, std::iter::from_fn(next))
    }
}

/// A list that was loaded.
#[derive(Debug)]
pub(crate) struct SetEntry {
    pub(crate) set: Arc<Set>,
    /// Where the list is searched, the entries' literals with their places, sorted.
    pub(crate) literals: Vec<(u32, u32)>,
    /// The places of entries that are too short to be literals, and those in lower case.
    pub(crate) short: Vec<(u32, Box<str>)>,
    /// Made when a long list is first looked for in a text.
    pub(crate) automaton: OnceLock<Option<AhoCorasick>>,
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

/// The store when all rules are in.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Box<[Node]>,
    pub(crate) texts: Vec<Arc<Set>>,
    pub(crate) needles: Vec<Needles>,
    pub(crate) patterns: Vec<PatternEntry>,
    pub(crate) required: Required,
    pub(crate) sets: Vec<SetEntry>,
    pub(crate) prepared: Vec<Prepared>,
    pub(crate) columns: Box<[Column]>,
    pub(crate) gates: Gates,
    pub(crate) pages: Arc<Literals>,
    pub(crate) words: Arc<Literals>,
    pub(crate) truths: usize,
    pub(crate) values: usize,
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
    pub(crate) fn gate(&self, id: NodeId) -> Option<u32> {
        self.node(id).and_then(|node| node.gate)
    }

    pub(crate) fn texts(&self, id: TextsId) -> Option<&Set> {
        self.texts.get(id.0 as usize).map(AsRef::as_ref)
    }

    pub(crate) fn needles(&self, id: NeedlesId) -> Option<&Needles> {
        self.needles.get(id.0 as usize)
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
