//! Every literal of a rule set in one search: a text is read once, whoever asks.
//!
//! Literals are kept in lower case and looked for in lower case. That a literal stands in a text
//! is exact for what ignores case; for what does not it is necessary, not enough.

use std::collections::HashMap;
use std::sync::Arc;

use crate::finder::Finder;
use crate::value::Text;

/// The literals of one rule set.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    room: Room,
    ids: HashMap<Box<str>, u32>,
    finder: Finder,
}

/// One literal of the set.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct LiteralId {
    pub(crate) room: Room,
    pub(crate) index: u32,
}

/// Which texts a literal is looked for in. Pages are long, and few rules read their source: with a
/// search of their own, they are read for little.
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
    found: Found,
}

#[derive(Debug)]
enum Found {
    /// The places of those found, in order: most texts are short.
    Few(Box<[u32]>),
    /// A bit for each that there is.
    Many(Box<[u64]>),
}

/// Which literals stand in any of several texts.
#[derive(Debug, Default)]
pub(crate) struct Gathered([Vec<u64>; 2]);

impl Gathered {
    /// Adds those of one text.
    pub(crate) fn add(&mut self, text: &Text, literals: &Literals) {
        let bits = self.bits(literals.room);
        if bits.is_empty() {
            bits.resize(literals.len().div_ceil(64), 0);
        }
        let hits = text.hits(literals.room, || literals.search(text.lower()));
        if literals.found(hits) {
            hits.add_to(bits);
        } else {
            literals.search(text.lower()).add_to(bits);
        }
    }

    /// Whether one of these literals stands in one of the texts.
    pub(crate) fn has_any(&mut self, room: Room, literals: &[u32]) -> bool {
        let bits = self.bits(room);
        literals.iter().any(|literal| has_bit(bits, *literal))
    }

    fn bits(&mut self, room: Room) -> &mut Vec<u64> {
        let [pages, words] = &mut self.0;
        match room {
            Room::Page => pages,
            Room::Words => words,
        }
    }
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
        let texts: Vec<&str> = ordered.into_iter().map(|(text, _)| text).collect();
        let finder = Finder::new(&texts);
        Arc::new(Literals { room: self.room, ids: self.ids, finder })
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
        let found = if lower.len() < SHORT_OCTETS {
            let mut few = Vec::new();
            self.finder.search(lower, |place| few.push(place));
            few.sort_unstable();
            few.dedup();
            Found::Few(few.into())
        } else {
            let mut bits = vec![0_u64; self.ids.len().div_ceil(64)];
            self.finder.search(lower, |place| set_bit(&mut bits, place));
            Found::Many(bits.into())
        };
        Hits { of: self.identity(), found }
    }

    /// Whether hits were found with this set.
    pub(crate) fn found(&self, hits: &Hits) -> bool {
        hits.of == self.identity()
    }

    /// How many octets the search takes.
    pub(crate) fn octets(&self) -> usize {
        self.finder.memory()
    }

    /// Which texts they are looked for in.
    pub(crate) fn room(&self) -> Room {
        self.room
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
    pub(crate) fn has(&self, literal: u32) -> bool {
        match &self.found {
            Found::Few(few) => few.binary_search(&literal).is_ok(),
            Found::Many(bits) => has_bit(bits, literal),
        }
    }

    /// The place of the first of these literals that stands in the text.
    pub(crate) fn first_of(&self, literals: &[u32]) -> Option<usize> {
        match &self.found {
            Found::Few(few) if few.is_empty() => None,
            _ => literals.iter().position(|literal| self.has(*literal)),
        }
    }

    /// Whether one of these literals, given in order, stands in the text.
    pub(crate) fn has_any(&self, sorted: &[u32]) -> bool {
        match &self.found {
            Found::Few(few) if few.len() < sorted.len() => {
                few.iter().any(|literal| sorted.binary_search(literal).is_ok())
            }
            Found::Few(few) => sorted.iter().any(|literal| few.binary_search(literal).is_ok()),
            Found::Many(bits) => sorted.iter().any(|literal| has_bit(bits, *literal)),
        }
    }

    /// Tells of what belongs to each literal that stands in the text; pairs are sorted.
    pub(crate) fn among(&self, pairs: &[(u32, u32)], mut tell: impl FnMut(u32)) {
        match &self.found {
            Found::Few(few) => {
                for literal in few {
                    let first = pairs.partition_point(|(other, _)| other < literal);
                    let same = pairs.get(first..).unwrap_or_default().iter();
                    same.take_while(|(other, _)| other == literal).for_each(|(_, of)| tell(*of));
                }
            }
            Found::Many(bits) => {
                let standing = pairs.iter().filter(|(literal, _)| has_bit(bits, *literal));
                standing.for_each(|(_, of)| tell(*of));
            }
        }
    }

    fn add_to(&self, bits: &mut [u64]) {
        match &self.found {
            Found::Few(few) => few.iter().for_each(|place| set_bit(bits, *place)),
            Found::Many(many) => bits.iter_mut().zip(many).for_each(|(all, one)| *all |= one),
        }
    }
}

fn has_bit(bits: &[u64], place: u32) -> bool {
    bits.get(place as usize / 64).is_some_and(|word| word & (1 << (place % 64)) != 0)
}

fn set_bit(bits: &mut [u64], place: u32) {
    if let Some(word) = bits.get_mut(place as usize / 64) {
        *word |= 1 << (place % 64);
    }
}

/// Below this a bit for each literal takes more room than those found.
const SHORT_OCTETS: usize = 2_000;

const LITERAL_OCTETS_MIN: usize = 3;
const LITERALS_MAX: usize = 200_000;
