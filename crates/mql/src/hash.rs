//! A fast hash for lists that are loaded once and then only asked: nobody who sends mail chooses
//! what is in them, so nobody can make their entries collide.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// A set of texts that is only asked.
pub(crate) type Texts = HashSet<Box<str>, BuildHasherDefault<Fast>>;

/// Multiplies and rotates, eight octets at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fast(u64);

impl Fast {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Fast {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, octets: &[u8]) {
        let mut chunks = octets.chunks_exact(8);
        for chunk in &mut chunks {
            let word = <[u8; 8]>::try_from(chunk).map_or(0, u64::from_le_bytes);
            self.add(word);
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let word = rest.iter().fold(0_u64, |word, octet| (word << 8) | u64::from(*octet));
            self.add(word ^ ((rest.len() as u64) << 56));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_u8(&mut self, octet: u8) {
        self.add(u64::from(octet));
    }
}

/// Of a text by itself.
pub(crate) fn hash_of(text: &str) -> u64 {
    let mut hasher = Fast::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
