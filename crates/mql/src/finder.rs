//! Finds which of many literals stand in a text.
//!
//! A table of transitions for ten thousand literals is a hundred times what a processor has at
//! hand, and every octet of a text waits for memory. So one window of four octets is taken from
//! each literal, the one that is rarest in mail; what the windows are is kept in a table that stays
//! at hand, and only where one of them stands in a text the literals are compared that it was taken
//! from. Steps do not depend on each other, and most octets cost one look.
//!
//! It promises to find every literal, and time that is linear in the text: a window is shared by
//! few literals, and those that would share it with more are looked for one by one.

/// Literals that are looked for together.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    /// By the last three octets of a window, a bit for what stands before them; all bits where a
    /// literal is only three octets long.
    filter: Filter,
    /// Where the candidates of each place of the filter begin.
    starts: Box<[u32]>,
    candidates: Box<[Candidate]>,
    /// All literals, one after the other.
    octets: Box<[u8]>,
    /// What is looked for by itself.
    alone: Box<[(u32, Box<str>)]>,
}

/// A literal, and where in it its window is.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    window: u32,
    literal: u32,
    /// Where among all octets it begins.
    at: u32,
    length: u16,
    /// How much of it stands up to the end of the window.
    upto: u16,
}

impl Candidate {
    /// Which octets of its window count.
    const fn mask(self) -> u32 {
        if self.length == 3 { SHORT_MASK } else { u32::MAX }
    }
}

impl Finder {
    /// Of literals, whose places are their numbers. None may be shorter than three octets.
    pub(crate) fn new(literals: &[&str]) -> Self {
        let rarity = Rarity::of(literals);
        let mut octets = Vec::new();
        let mut taken = std::collections::HashMap::new();
        let mut candidates: Vec<Candidate> = Vec::with_capacity(literals.len());
        let mut alone = Vec::new();
        for (literal, text) in (0..).zip(literals) {
            let windows = Window::all_of(text.as_bytes());
            let room = |it: &Window| taken.get(&it.octets).is_none_or(|count| *count < SHARED_MAX);
            let rarest = windows.filter(room).min_by_key(|window| rarity.of_window(window));
            let length = u16::try_from(text.len()).ok();
            let (Some(window), Some(length)) = (rarest, length) else {
                alone.push((literal, Box::from(*text)));
                continue;
            };
            *taken.entry(window.octets).or_insert(0_usize) += 1;
            let (window, upto) = (window.octets, window.upto);
            candidates.push(Candidate { window, literal, at: 0, length, upto });
        }
        candidates.sort_by_key(|it| (place(it.window), it.literal));
        // Those that are compared together lie together.
        for candidate in &mut candidates {
            candidate.at = number(octets.len());
            let text = literals.get(candidate.literal as usize).copied().unwrap_or_default();
            octets.extend_from_slice(text.as_bytes());
        }
        let mut filter = Filter::default();
        let mut starts = vec![0_u32; PLACES + 1];
        for candidate in &candidates {
            let place = place(candidate.window);
            if let Some(word) = filter.0.get_mut(place) {
                let is_short = candidate.mask() != u32::MAX;
                *word |= if is_short { u32::MAX } else { 1 << bit(candidate.window) };
            }
            if let Some(count) = starts.get_mut(place + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self {
            filter,
            starts: starts.into(),
            candidates: candidates.into(),
            octets: octets.into(),
            alone: alone.into(),
        }
    }

    /// Tells of every literal that stands in a text, some of them more than once.
    pub(crate) fn search(&self, text: &str, mut found: impl FnMut(u32)) {
        if self.candidates.is_empty() {
            return self.search_alone(text, &mut found);
        }
        let octets = text.as_bytes();
        let filter = &*self.filter.0;
        let mut window = 0_u32;
        for (at, octet) in octets.iter().enumerate() {
            window = (window << 8) | u32::from(*octet);
            #[expect(clippy::indexing_slicing, reason = "a hash is shifted to be such a place")]
            let word = filter[place(window)];
            if (word >> bit(window)) & 1 != 0 {
                self.compare(octets, at, window, &mut found);
            }
        }
        self.search_alone(text, &mut found);
    }

    fn compare(&self, octets: &[u8], at: usize, window: u32, found: &mut impl FnMut(u32)) {
        let place = place(window);
        let start = self.starts.get(place).copied().unwrap_or_default() as usize;
        let end = self.starts.get(place + 1).copied().unwrap_or_default() as usize;
        for candidate in self.candidates.get(start..end).unwrap_or_default() {
            if candidate.window != window & candidate.mask() {
                continue;
            }
            // Of a short one that is all there is.
            if candidate.length <= 4 {
                found(candidate.literal);
                continue;
            }
            let Some(from) = (at + 1).checked_sub(usize::from(candidate.upto)) else { continue };
            let stands = octets.get(from..from + usize::from(candidate.length));
            let first = candidate.at as usize;
            let meant = self.octets.get(first..first + usize::from(candidate.length));
            if stands == meant && meant.is_some() {
                found(candidate.literal);
            }
        }
    }

    fn search_alone(&self, text: &str, found: &mut impl FnMut(u32)) {
        for (literal, meant) in &self.alone {
            if memchr::memmem::find(text.as_bytes(), meant.as_bytes()).is_some() {
                found(*literal);
            }
        }
    }

    /// How many octets it takes.
    pub(crate) fn memory(&self) -> usize {
        size_of_val(&*self.filter.0)
            + size_of_val(&*self.starts)
            + size_of_val(&*self.candidates)
            + self.octets.len()
    }
}

/// Which windows there are.
#[derive(Debug)]
struct Filter(Box<[u32; PLACES]>);

impl Default for Filter {
    fn default() -> Self {
        Self(Box::new([0; PLACES]))
    }
}

/// A part of a literal by which it is found.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// The octets, the last one lowest.
    octets: u32,
    upto: u16,
}

impl Window {
    /// Every stretch of four octets; of a literal of three that literal.
    fn all_of(literal: &[u8]) -> impl Iterator<Item = Self> + '_ {
        let short = <[u8; 3]>::try_from(literal)
            .ok()
            .map(|[a, b, c]| Self { octets: u32::from_be_bytes([0, a, b, c]), upto: 3 });
        let long = (4..).zip(literal.windows(4)).filter_map(|(upto, octets)| {
            let octets = u32::from_be_bytes(<[u8; 4]>::try_from(octets).ok()?);
            Some(Self { octets, upto })
        });
        short.into_iter().chain(long)
    }
}

/// How rare windows are, in the literals themselves and by the letters they have.
#[derive(Debug)]
struct Rarity(std::collections::HashMap<u32, u32>);

impl Rarity {
    fn of(literals: &[&str]) -> Self {
        let mut counts = std::collections::HashMap::new();
        for window in literals.iter().flat_map(|literal| Window::all_of(literal.as_bytes())) {
            *counts.entry(window.octets).or_insert(0) += 1;
        }
        Self(counts)
    }

    /// The lower the rarer. Letters alone say how often a window stands in mail, but for those that
    /// words of one kind have in common.
    fn of_window(&self, window: &Window) -> u32 {
        let often = self.0.get(&window.octets).copied().unwrap_or(1);
        let letters: u32 = window.octets.to_be_bytes().iter().map(|octet| commonness(*octet)).sum();
        letters + 4 * often.checked_ilog2().unwrap_or_default()
    }
}

/// How common an octet is in mail, as four times the logarithm of its share.
const fn commonness(octet: u8) -> u32 {
    match octet {
        b' ' | b'e' => 30,
        b't' | b'a' | b'o' | b'i' | b'n' => 28,
        b's' | b'r' | b'h' => 26,
        b'd' | b'l' | b'c' | b'u' | b'm' => 23,
        b'p' | b'f' | b'g' | b'w' | b'y' | b'b' | b'.' | b'/' => 20,
        b'v' | b'k' | b'-' | b'=' | b'0'..=b'9' => 16,
        b'x' | b'j' | b'q' | b'z' | b':' | b',' | b'"' | b'\'' | b'<' | b'>' | b'\n' => 12,
        _ => 6,
    }
}

/// Where in the filter a window is looked up: by its last three octets, since the first one falls
/// out of the product.
const fn place(window: u32) -> usize {
    (window.wrapping_mul(SPREAD << 8) >> (u32::BITS - PLACES_BITS)) as usize
}

/// Which bit stands for what is before those three: letters differ in their low bits.
const fn bit(window: u32) -> u32 {
    (window >> 24) & 31
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

const SPREAD: u32 = 0x9e37_79b1;
/// Of a literal of three octets what stands before it does not count.
const SHORT_MASK: u32 = u32::MAX >> 8;
/// A filter of 64 KiB.
const PLACES_BITS: u32 = 14;
const PLACES: usize = 1 << PLACES_BITS;
/// How many literals one window may stand for: each is compared wherever it stands.
const SHARED_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(literals: &[&str], text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        Finder::new(literals).search(text, |literal| found.push(literal));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn literals_are_found_wherever_they_stand() {
        let literals = ["abc", "abcd", "bcd", "password", "your password", "wor", "ä€"];
        let rows: &[(&str, &str, &[u32])] = &[
            ("nothing", "", &[]),
            ("shorter than any", "ab", &[]),
            ("all of it", "abc", &[0]),
            ("in each other", "abcd", &[0, 1, 2]),
            ("at the end", "your password", &[3, 4, 5]),
            ("cut", "our passwor", &[5]),
            ("not ASCII", "xä€x", &[6]),
        ];
        for (rule, text, meant) in rows {
            assert_eq!(found(&literals, text), *meant, "{rule}");
        }
        assert!(found(&[], "abc").is_empty());
    }

    #[test]
    fn a_window_stands_for_few() {
        let literals: Vec<String> = (0..500).map(|at| "aaaa".repeat(at + 1)).collect();
        let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
        assert_eq!(found(&literals, &"a".repeat(90)).len(), 22);
    }

    proptest::proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(
            literals in proptest::collection::hash_set("[abc]{3,6}|[a-e]{3,4}|\\PC{3,5}", 0..60),
            text in "[a-e]{0,80}\\PC{0,10}[abc]{0,20}",
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            let plain: Vec<u32> =
                (0..).zip(&literals).filter(|(_, it)| text.contains(**it)).map(|(at, _)| at).collect();
            assert_eq!(found(&literals, &text), plain);
        }
    }
}
