//! Every literal of a rule set in one automaton: a text is read once, whoever asks.
//!
//! Literals are kept in lower case and looked for in lower case. That a literal stands in a text
//! is exact for what ignores case; for what does not it is necessary, not enough.

use std::collections::HashMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// The literals of one rule set.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    room: Room,
    ids: HashMap<Box<str>, u32>,
    automaton: Option<AhoCorasick>,
}

/// One literal of the set.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct LiteralId {
    pub(crate) room: Room,
    index: u32,
}

/// Which texts a literal is looked for in. Pages are long, and few rules read their source: with an
/// automaton of their own, they are read for little.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Room {
    /// The source of pages.
    Page,
    /// All other texts.
    #[default]
    Words,
}

/// Which literals stand in one text.
#[derive(Debug)]
pub(crate) struct Hits {
    of: usize,
    words: Box<[u64]>,
}

/// Gathers literals while rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    room: Room,
    ids: HashMap<Box<str>, u32>,
}

impl Gathering {
    pub(crate) fn new(room: Room) -> Self {
        Self { room, ids: HashMap::new() }
    }

    /// A literal, given in lower case; `None` for one that is too short to be worth a place: it
    /// would be found everywhere.
    pub(crate) fn add(&mut self, lower: &str) -> Option<LiteralId> {
        if lower.len() < LITERAL_OCTETS_MIN {
            return None;
        }
        if let Some(id) = self.ids.get(lower) {
            return Some(LiteralId { room: self.room, index: *id });
        }
        let next = u32::try_from(self.ids.len()).ok().filter(|_| self.ids.len() < LITERALS_MAX)?;
        self.ids.insert(lower.into(), next);
        Some(LiteralId { room: self.room, index: next })
    }

    pub(crate) fn finish(self) -> Arc<Literals> {
        let mut ordered: Vec<(&str, u32)> =
            self.ids.iter().map(|(text, id)| (text.as_ref(), *id)).collect();
        ordered.sort_unstable_by_key(|(_, id)| *id);
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(ordered.iter().map(|(text, _)| text))
            .ok();
        Arc::new(Literals { room: self.room, ids: self.ids, automaton })
    }
}

impl Literals {
    /// The id of a text, given in lower case, where it is one of the literals.
    pub(crate) fn find(&self, lower: &str) -> Option<LiteralId> {
        let index = *self.ids.get(lower)?;
        Some(LiteralId { room: self.room, index })
    }

    /// Reads a text, given in lower case, once.
    pub(crate) fn search(&self, lower: &str) -> Hits {
        let mut words = vec![0_u64; self.ids.len().div_ceil(64)].into_boxed_slice();
        if let Some(automaton) = &self.automaton {
            for found in automaton.find_overlapping_iter(lower) {
                let id = found.pattern().as_usize();
                if let Some(word) = words.get_mut(id / 64) {
                    *word |= 1 << (id % 64);
                }
            }
        }
        Hits { of: self.identity(), words }
    }

    /// Whether hits were found with this set.
    pub(crate) fn found(&self, hits: &Hits) -> bool {
        hits.of == self.identity()
    }

    /// How many octets the automaton takes.
    pub(crate) fn octets(&self) -> usize {
        self.automaton.as_ref().map_or(0, AhoCorasick::memory_usage)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// A number that tells this set from others.
    pub(crate) fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl Hits {
    /// Whether a literal stands in the text.
    pub(crate) fn has(&self, id: LiteralId) -> bool {
        let index = id.index as usize;
        self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}

const LITERAL_OCTETS_MIN: usize = 3;
const LITERALS_MAX: usize = 200_000;
