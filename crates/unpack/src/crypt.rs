//! The ciphers that archives and documents are locked with; only unlocking.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::octets::{from, piece};

/// The old cipher of zip files. Weak, and still what most mail that is locked uses.
#[derive(Debug)]
pub(crate) struct ZipCrypto {
    keys: [u32; 3],
}

impl ZipCrypto {
    pub(crate) fn new(password: &[u8]) -> Self {
        let mut cipher = Self { keys: [0x1234_5678, 0x2345_6789, 0x3456_7890] };
        for octet in password {
            cipher.update(*octet);
        }
        cipher
    }

    fn update(&mut self, octet: u8) {
        let [one, two, three] = &mut self.keys;
        *one = crc32_step(*one, octet);
        *two = two.wrapping_add(*one & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        *three = crc32_step(*three, two.to_be_bytes()[0]);
    }

    pub(crate) fn unlock(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(octets.len());
        for octet in octets {
            let [_, _, three] = self.keys;
            let key = (three | 2) & 0xffff;
            let [_, stream, _, _] = key.wrapping_mul(key ^ 1).to_le_bytes();
            let clear = octet ^ stream;
            self.update(clear);
            plain.push(clear);
        }
        plain
    }
}

const fn crc32_step(crc: u32, octet: u8) -> u32 {
    let mut value = (crc ^ octet as u32) & 0xff;
    let mut bit = 0;
    while bit < 8 {
        value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
        bit += 1;
    }
    value ^ (crc >> 8)
}

/// The key that WinZip makes of a password; 1,000 rounds by the format.
pub(crate) fn pbkdf2_sha1(password: &[u8], salt: &[u8], len: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(len);
    let Ok(keyed) = Hmac::<Sha1>::new_from_slice(password) else { return key };
    for block in 1u32.. {
        if key.len() >= len {
            break;
        }
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&block.to_be_bytes());
        let mut last = mac.finalize().into_bytes();
        let mut sum = last;
        for _ in 1..1000 {
            let mut mac = keyed.clone();
            mac.update(&last);
            last = mac.finalize().into_bytes();
            for (into, octet) in sum.iter_mut().zip(&last) {
                *into ^= octet;
            }
        }
        key.extend_from_slice(&sum);
    }
    key.truncate(len);
    key
}

/// AES in the counter mode of zip files: the counter begins at one and counts from its low end.
pub(crate) fn aes_ctr(key: &[u8], octets: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes::new(key)?;
    let mut plain = Vec::with_capacity(octets.len());
    for (count, chunk) in (1u128..).zip(octets.chunks(BLOCK)) {
        let stream = cipher.lock(count.to_le_bytes());
        plain.extend(chunk.iter().zip(stream).map(|(octet, stream)| octet ^ stream));
    }
    Some(plain)
}

/// AES in chained blocks. With `padded`, the last block says how many of its octets do not count.
pub(crate) fn aes_cbc(key: &[u8], iv: &[u8], octets: &[u8], padded: bool) -> Option<Vec<u8>> {
    let cipher = Aes::new(key)?;
    let mut last: [u8; BLOCK] = iv.try_into().ok()?;
    let mut plain = Vec::with_capacity(octets.len());
    for chunk in octets.chunks_exact(BLOCK) {
        let block: [u8; BLOCK] = chunk.try_into().ok()?;
        let clear = cipher.unlock(block);
        plain.extend(clear.iter().zip(last).map(|(octet, last)| octet ^ last));
        last = block;
    }
    if padded {
        let pad = plain.last().map_or(0, |last| usize::from(*last));
        if (1..=BLOCK).contains(&pad) {
            plain.truncate(plain.len().saturating_sub(pad));
        }
    }
    Some(plain)
}

/// AES in chained blocks the other way: one kind of PDF makes its key by locking.
pub(crate) fn aes_cbc_lock(key: &[u8], iv: &[u8], octets: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes::new(key)?;
    let mut last: [u8; BLOCK] = iv.try_into().ok()?;
    let mut locked = Vec::with_capacity(octets.len());
    for chunk in octets.chunks_exact(BLOCK) {
        let mut block: [u8; BLOCK] = chunk.try_into().ok()?;
        for (octet, last) in block.iter_mut().zip(last) {
            *octet ^= last;
        }
        last = cipher.lock(block);
        locked.extend_from_slice(&last);
    }
    Some(locked)
}

/// RC4: PDF and old Office.
pub(crate) fn rc4(key: &[u8], octets: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|at| u8::try_from(at).unwrap_or_default());
    let get = |state: &[u8; 256], at: u8| state.get(usize::from(at)).copied().unwrap_or_default();
    let mut j = 0u8;
    for at in 0..=255u8 {
        let of_key = key.get(usize::from(at) % key.len().max(1)).copied().unwrap_or_default();
        j = j.wrapping_add(get(&state, at)).wrapping_add(of_key);
        state.swap(usize::from(at), usize::from(j));
    }
    let (mut i, mut j) = (0u8, 0u8);
    let mut plain = Vec::with_capacity(octets.len());
    for octet in octets {
        i = i.wrapping_add(1);
        j = j.wrapping_add(get(&state, i));
        state.swap(usize::from(i), usize::from(j));
        let at = get(&state, i).wrapping_add(get(&state, j));
        plain.push(octet ^ get(&state, at));
    }
    plain
}

/// An initial vector in front of what it locks.
pub(crate) fn aes_cbc_prefixed(key: &[u8], octets: &[u8]) -> Option<Vec<u8>> {
    aes_cbc(key, piece(octets, 0, BLOCK), from(octets, BLOCK), true)
}

enum Aes {
    Short(aes::Aes128),
    Middle(aes::Aes192),
    Long(aes::Aes256),
}

impl Aes {
    fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Short(aes::Aes128::new_from_slice(key).ok()?),
            24 => Self::Middle(aes::Aes192::new_from_slice(key).ok()?),
            32 => Self::Long(aes::Aes256::new_from_slice(key).ok()?),
            _ => return None,
        })
    }

    fn lock(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = block.into();
        match self {
            Self::Short(cipher) => cipher.encrypt_block(&mut block),
            Self::Middle(cipher) => cipher.encrypt_block(&mut block),
            Self::Long(cipher) => cipher.encrypt_block(&mut block),
        }
        block.into()
    }

    fn unlock(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = block.into();
        match self {
            Self::Short(cipher) => cipher.decrypt_block(&mut block),
            Self::Middle(cipher) => cipher.decrypt_block(&mut block),
            Self::Long(cipher) => cipher.decrypt_block(&mut block),
        }
        block.into()
    }
}

const BLOCK: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        // RFC 6229 begins so for a key of 40 bits.
        assert_eq!(rc4(&[1, 2, 3, 4, 5], &[0; 4]), [0xb2, 0x39, 0x63, 0x05]);
        // FIPS 197, appendix B.
        let key: Vec<u8> = (0..16).collect();
        let plain: [u8; 16] = std::array::from_fn(|at| u8::try_from(at * 0x11).unwrap());
        let locked = aes_cbc_lock(&key, &[0; 16], &plain).unwrap();
        assert_eq!(&locked[..4], [0x69, 0xc4, 0xe0, 0xd8]);
        assert_eq!(aes_cbc(&key, &[0; 16], &locked, false).unwrap(), plain);
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert_eq!(aes_ctr(&[0; 5], b"x"), None);
        assert_eq!(aes_cbc(&[0; 16], &[0; 3], b"x", false), None);
    }
}
