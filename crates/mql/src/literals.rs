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
    ids: HashMap<Box<str>, u32>,
    automaton: Option<AhoCorasick>,
}

/// One literal of the set.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct LiteralId(u32);

/// Which literals stand in one text.
#[derive(Debug)]
pub(crate) struct Hits {
    of: usize,
    words: Box<[u64]>,
}

/// Gathers literals while rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    ids: HashMap<Box<str>, u32>,
}

impl Gathering {
    /// A literal, given in lower case; `None` for one that is too short to be worth a place: it
    /// would be found everywhere.
    pub(crate) fn add(&mut self, lower: &str) -> Option<LiteralId> {
        if lower.len() < LITERAL_OCTETS_MIN {
            return None;
        }
        if let Some(id) = self.ids.get(lower) {
            return Some(LiteralId(*id));
        }
        let next = u32::try_from(self.ids.len()).ok().filter(|_| self.ids.len() < LITERALS_MAX)?;
        self.ids.insert(lower.into(), next);
        Some(LiteralId(next))
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
        Arc::new(Literals { ids: self.ids, automaton })
    }
}

impl Literals {
    /// The id of a text, given in lower case, where it is one of the literals.
    pub(crate) fn find(&self, lower: &str) -> Option<LiteralId> {
        self.ids.get(lower).copied().map(LiteralId)
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

    fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl Hits {
    /// Whether a literal stands in the text.
    pub(crate) fn has(&self, id: LiteralId) -> bool {
        let index = id.0 as usize;
        self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}

const LITERAL_OCTETS_MIN: usize = 3;
const LITERALS_MAX: usize = 200_000;
