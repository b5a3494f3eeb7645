//! The lock of PDFs that anyone may open: encrypted with no password, or with one of the mail's.
//!
//! Such files are common, since a filter that does not unlock them sees neither links nor text.

use md5::Digest;

use crate::crypt::{aes_cbc, aes_cbc_lock, aes_cbc_prefixed, rc4};
use crate::octets::{from, piece};
use crate::pdf::object::{Dict, Value};

/// An open lock.
#[derive(Debug)]
pub(crate) struct Lock {
    key: Vec<u8>,
    text: Cipher,
    stream: Cipher,
    /// As `Standard V4.4 (128-bit)`.
    pub(crate) name: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Cipher {
    None,
    Rc4,
    Aes,
    AesWide,
}

impl Lock {
    /// Opens it with a password; `None` when it is not that one, or the kind is not known.
    pub(crate) fn open(dict: &Dict, id: &[u8], password: &[u8]) -> Option<Self> {
        if !dict.is("Filter", "Standard") {
            return None;
        }
        let (version, revision) = (dict.get("V")?.count(), dict.get("R")?.count());
        let bits = dict.get("Length").map_or(40, Value::count);
        let len = match version {
            1 => 5,
            5 => 32,
            4 => 16,
            _ => (bits / 8).clamp(5, 16),
        };
        let cipher = |key: &str| match version {
            1 | 2 => Cipher::Rc4,
            _ => named_cipher(dict, key),
        };
        let name = format!("Standard V{version}.{revision} ({}-bit)", len * 8);
        let (text, stream) = (cipher("StrF"), cipher("StmF"));
        let key = if revision >= 5 {
            new_key(dict, revision, password)?
        } else {
            old_key(dict, revision, len, id, password)?
        };
        Some(Self { key, text, stream, name })
    }

    pub(crate) fn unlock_text(&self, octets: &[u8], number: u32, generation: u16) -> Vec<u8> {
        self.unlock(self.text, octets, number, generation)
    }

    pub(crate) fn unlock_stream(&self, octets: &[u8], number: u32, generation: u16) -> Vec<u8> {
        self.unlock(self.stream, octets, number, generation)
    }

    fn unlock(&self, cipher: Cipher, octets: &[u8], number: u32, generation: u16) -> Vec<u8> {
        let mut input = self.key.clone();
        input.extend_from_slice(piece(&number.to_le_bytes(), 0, 3));
        input.extend_from_slice(&generation.to_le_bytes());
        if cipher == Cipher::Aes {
            input.extend_from_slice(b"sAlT");
        }
        let digest = md5::Md5::digest(&input);
        let key = piece(&digest, 0, (self.key.len() + 5).min(16));
        match cipher {
            Cipher::None => octets.to_vec(),
            Cipher::Rc4 => rc4(key, octets),
            Cipher::Aes => aes_cbc_prefixed(key, octets).unwrap_or_default(),
            Cipher::AesWide => aes_cbc_prefixed(&self.key, octets).unwrap_or_default(),
        }
    }
}

fn named_cipher(dict: &Dict, key: &str) -> Cipher {
    let name = dict.name(key).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or("Identity");
    let filters = dict.get("CF").and_then(Value::dict);
    let filter = filters.and_then(|filters| filters.get(name)).and_then(Value::dict);
    match filter.and_then(|filter| filter.name("CFM")) {
        Some(b"V2") => Cipher::Rc4,
        Some(b"AESV2") => Cipher::Aes,
        Some(b"AESV3") => Cipher::AesWide,
        _ => Cipher::None,
    }
}

/// Revisions 2 to 4: MD5 over password, owner's entry, permissions and the file's id.
fn old_key(
    dict: &Dict,
    revision: usize,
    len: usize,
    id: &[u8],
    password: &[u8],
) -> Option<Vec<u8>> {
    let owner = dict.get("O")?.text()?;
    let user = dict.get("U")?.text()?;
    let mut padded = piece(password, 0, 32).to_vec();
    padded.extend_from_slice(piece(&PADDING, 0, 32 - padded.len()));
    let mut digest = md5::Md5::new();
    digest.update(&padded);
    digest.update(piece(owner, 0, 32));
    #[expect(clippy::cast_possible_truncation, reason = "permissions are 32 bits, signed or not")]
    let permissions = dict.number("P")? as i64 as u32;
    digest.update(permissions.to_le_bytes());
    digest.update(id);
    if revision >= 4 && dict.get("EncryptMetadata") == Some(&Value::Bool(false)) {
        digest.update([0xff; 4]);
    }
    let mut key = digest.finalize().to_vec();
    if revision >= 3 {
        for _ in 0..50 {
            key = md5::Md5::digest(piece(&key, 0, len)).to_vec();
        }
    }
    key.truncate(len);
    let is_right = if revision == 2 {
        rc4(&key, &PADDING) == piece(user, 0, 32)
    } else {
        let mut sum = md5::Md5::new();
        sum.update(PADDING);
        sum.update(id);
        let mut check = rc4(&key, &sum.finalize());
        for round in 1..=19u8 {
            let mixed: Vec<u8> = key.iter().map(|octet| octet ^ round).collect();
            check = rc4(&mixed, &check);
        }
        check == piece(user, 0, 16)
    };
    is_right.then_some(key)
}

/// Revisions 5 and 6: AES with 256 bits.
fn new_key(dict: &Dict, revision: usize, password: &[u8]) -> Option<Vec<u8>> {
    let (user, locked) = (dict.get("U")?.text()?, dict.get("UE")?.text()?);
    let (check, validation, salt) = (piece(user, 0, 32), piece(user, 32, 8), piece(user, 40, 8));
    let password = piece(password, 0, 127);
    if digest_of(revision, password, validation) != check {
        return None;
    }
    aes_cbc(&digest_of(revision, password, salt), &[0; 16], piece(locked, 0, 32), false)
}

fn digest_of(revision: usize, password: &[u8], salt: &[u8]) -> Vec<u8> {
    let mut first = sha2::Sha256::new();
    first.update(password);
    first.update(salt);
    let mut key = first.finalize().to_vec();
    if revision == 5 {
        return key;
    }
    // At least 64 rounds, and on until the last octet says so; the format bounds it by chance only.
    for round in 0..ROUNDS_MAX {
        let mut block = password.to_vec();
        block.extend_from_slice(&key);
        let block = block.repeat(64);
        let Some(locked) = aes_cbc_lock(piece(&key, 0, 16), piece(&key, 16, 16), &block) else {
            return key;
        };
        let sum: u32 = piece(&locked, 0, 16).iter().map(|octet| u32::from(*octet)).sum();
        key = match sum % 3 {
            0 => sha2::Sha256::digest(&locked).to_vec(),
            1 => sha2::Sha384::digest(&locked).to_vec(),
            _ => sha2::Sha512::digest(&locked).to_vec(),
        };
        let last =
            from(&locked, locked.len().saturating_sub(1)).first().copied().unwrap_or_default();
        if round >= 63 && u32::from(last) <= round.saturating_sub(31) {
            break;
        }
    }
    key.truncate(32);
    key
}

/// Rounds of the newest digest: by its rule it ends below 300.
const ROUNDS_MAX: u32 = 400;
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
    0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];
