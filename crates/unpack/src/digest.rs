//! What identifies a file, and how much its octets look like noise.

use sha2::Digest;

/// The digests of a file, in lower hexadecimal.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hashes {
    /// MD5: for lists that have no other.
    pub md5: String,
    /// SHA-1.
    pub sha1: String,
    /// SHA-256.
    pub sha256: String,
}

/// All digests at once.
#[must_use]
pub fn hashes(octets: &[u8]) -> Hashes {
    Hashes {
        md5: hex(&md5::Md5::digest(octets)),
        sha1: hex(&sha1::Sha1::digest(octets)),
        sha256: hex(&sha2::Sha256::digest(octets)),
    }
}

/// Shannon's entropy in bits an octet: 0 for one octet repeated, 8 for noise.
#[must_use]
pub fn entropy(octets: &[u8]) -> f64 {
    let mut counts = [0u64; 256];
    for octet in octets {
        if let Some(count) = counts.get_mut(usize::from(*octet)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a file has fewer than 2^52 octets")]
    let share = |count: u64| count as f64 / octets.len() as f64;
    let used = counts.iter().copied().filter(|count| *count > 0).map(share);
    used.map(|share| -share * share.log2()).sum::<f64>().max(0.0)
}

pub(crate) fn hex(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        let _ = write!(text, "{octet:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_nothing_and_abc() {
        assert_eq!(hashes(b"").md5, "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hashes(b"abc").sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(hashes(b"abc").sha256.starts_with("ba7816bf8f01cfea"));
    }

    #[test]
    fn entropy_of_the_ends() {
        assert!(entropy(b"") == 0.0 && entropy(&[7; 100]) == 0.0);
        let all: Vec<u8> = (0..=255).collect();
        assert!((entropy(&all) - 8.0).abs() < 1e-9);
    }
}
