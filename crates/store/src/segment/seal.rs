//! Sealing one entry in chunks, so that neither side needs all of it in memory.
//!
//! STREAM (BE32) over AES-256-GCM. The key is the entry's own: HKDF-SHA-256 of the data key, with
//! the segment as salt and the place as info; so the nonce may count from zero. Segment, place,
//! tenant and day are bound to every chunk; a chunk moved, cut off or swapped does not open.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::{Aes256Gcm, Key};
use clawback_core::time::Day;
use clawback_core::{SegmentId, TenantId};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::backend::Result;
use crate::error::StoreError;
use crate::key::DataKey;

/// What an entry is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) segment: SegmentId,
    pub(crate) place: u32,
    pub(crate) tenant: TenantId,
    pub(crate) day: Day,
}

impl Binding {
    fn associated(&self) -> Vec<u8> {
        [
            LABEL,
            self.segment.octets().as_slice(),
            &self.place.to_be_bytes(),
            &self.tenant.octets(),
            &self.day.0.to_be_bytes(),
        ]
        .concat()
    }

    fn key(&self, data_key: &DataKey) -> Result<Zeroizing<[u8; 32]>> {
        let salt = self.segment.octets();
        let info = [LABEL, self.place.to_be_bytes().as_slice()].concat();
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(&salt), data_key.octets())
            .expand(&info, key.as_mut_slice())
            .map_err(|_| StoreError::Corrupt { what: "an entry's key" })?;
        Ok(key)
    }
}

/// Seals one entry.
pub(crate) struct Sealer {
    stream: EncryptorBE32<Aes256Gcm>,
    associated: Vec<u8>,
    chunk: Vec<u8>,
}

impl Sealer {
    pub(crate) fn new(data_key: &DataKey, binding: &Binding) -> Result<Self> {
        let key = Key::<Aes256Gcm>::from(*binding.key(data_key)?);
        let stream = EncryptorBE32::new(&key, &NONCE_PREFIX.into());
        Ok(Self { stream, associated: binding.associated(), chunk: Vec::new() })
    }

    /// Takes more of the entry; appends to `out` what is sealed by now.
    pub(crate) fn push(&mut self, mut octets: &[u8], out: &mut Vec<u8>) -> Result<()> {
        while !octets.is_empty() {
            // A full chunk is sealed only when more comes: the last one is sealed as the last.
            if self.chunk.len() == CHUNK_OCTETS {
                let sealed = self.stream.encrypt_next_in_place(&self.associated, &mut self.chunk);
                sealed.map_err(|_| TOO_LONG)?;
                out.extend_from_slice(&self.chunk);
                self.chunk.clear();
            }
            let room = (CHUNK_OCTETS - self.chunk.len()).min(octets.len());
            let (now, later) = octets.split_at(room);
            self.chunk.extend_from_slice(now);
            octets = later;
        }
        Ok(())
    }

    /// Seals the last chunk.
    pub(crate) fn finish(self, out: &mut Vec<u8>) -> Result<()> {
        let Self { stream, associated, mut chunk } = self;
        stream.encrypt_last_in_place(&associated, &mut chunk).map_err(|_| TOO_LONG)?;
        out.extend_from_slice(&chunk);
        Ok(())
    }
}

/// Opens one sealed entry.
pub(crate) struct Unsealer {
    stream: DecryptorBE32<Aes256Gcm>,
    associated: Vec<u8>,
    chunk: Vec<u8>,
}

impl Unsealer {
    pub(crate) fn new(data_key: &DataKey, binding: &Binding) -> Result<Self> {
        let key = Key::<Aes256Gcm>::from(*binding.key(data_key)?);
        let stream = DecryptorBE32::new(&key, &NONCE_PREFIX.into());
        Ok(Self { stream, associated: binding.associated(), chunk: Vec::new() })
    }

    /// Takes more of the sealed entry; hands to `out` what is opened by now.
    pub(crate) fn push(&mut self, mut sealed: &[u8], out: Out<'_>) -> Result<()> {
        while !sealed.is_empty() {
            // A full chunk is opened only when more comes: the last one is opened as the last.
            if self.chunk.len() == SEALED_CHUNK_OCTETS {
                let opened = self.stream.decrypt_next_in_place(&self.associated, &mut self.chunk);
                opened.map_err(|_| NOT_OPENED)?;
                out(&self.chunk)?;
                self.chunk.clear();
            }
            let room = (SEALED_CHUNK_OCTETS - self.chunk.len()).min(sealed.len());
            let (now, later) = sealed.split_at(room);
            self.chunk.extend_from_slice(now);
            sealed = later;
        }
        Ok(())
    }

    /// Opens the last chunk.
    pub(crate) fn finish(self, out: Out<'_>) -> Result<()> {
        let Self { stream, associated, mut chunk } = self;
        stream.decrypt_last_in_place(&associated, &mut chunk).map_err(|_| NOT_OPENED)?;
        out(&chunk)
    }
}

/// Where opened octets go.
type Out<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

const CHUNK_OCTETS: usize = 64 * 1024;
const SEALED_CHUNK_OCTETS: usize = CHUNK_OCTETS + 16;
const LABEL: &[u8] = b"clawback segment entry 1";
const NONCE_PREFIX: [u8; 7] = [0; 7];
const NOT_OPENED: StoreError = StoreError::Corrupt { what: "a sealed entry" };
const TOO_LONG: StoreError = StoreError::Corrupt { what: "an entry too long to be sealed" };

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl clawback_core::Entropy for Fixed {
        fn fill(&self, octets: &mut [u8]) {
            octets.fill(5);
        }
    }

    fn binding() -> Binding {
        Binding {
            segment: SegmentId::from_octets([1; 16]),
            place: 3,
            tenant: TenantId::from_octets([2; 16]),
            day: Day(20_000),
        }
    }

    fn unseal(binding: &Binding, sealed: &[u8], pieces: usize) -> Result<Vec<u8>> {
        let mut unsealer = Unsealer::new(&DataKey::new(&Fixed), binding)?;
        let mut opened = Vec::new();
        let mut out = |octets: &[u8]| {
            opened.extend_from_slice(octets);
            Ok(())
        };
        for piece in sealed.chunks(pieces) {
            unsealer.push(piece, &mut out)?;
        }
        unsealer.finish(&mut out)?;
        Ok(opened)
    }

    fn sealed(plain: &[u8], pieces: usize) -> Vec<u8> {
        let mut sealer = Sealer::new(&DataKey::new(&Fixed), &binding()).unwrap();
        let mut out = Vec::new();
        for piece in plain.chunks(pieces) {
            sealer.push(piece, &mut out).unwrap();
        }
        sealer.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn what_was_sealed_in_any_pieces_opens_whole() {
        for length in [0, 1, CHUNK_OCTETS - 1, CHUNK_OCTETS, CHUNK_OCTETS + 1, 3 * CHUNK_OCTETS] {
            let plain: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            let whole = sealed(&plain, plain.len().max(1));
            assert_eq!(whole, sealed(&plain, 7_000), "{length}");
            for pieces in [1_000, SEALED_CHUNK_OCTETS, 1_000_000] {
                assert_eq!(unseal(&binding(), &whole, pieces).unwrap(), plain, "{length}");
            }
        }
    }

    #[test]
    fn a_change_a_cut_or_another_binding_does_not_open() {
        let whole = sealed(&vec![9; 2 * CHUNK_OCTETS + 5], 1_000);
        let refused = |binding: &Binding, octets: &[u8]| unseal(binding, octets, 5_000).is_err();
        for cut in [0, 10, SEALED_CHUNK_OCTETS, 2 * SEALED_CHUNK_OCTETS, whole.len() - 1] {
            assert!(refused(&binding(), &whole[..cut]), "cut at {cut}");
        }
        let mut changed = whole.clone();
        changed[SEALED_CHUNK_OCTETS + 4] ^= 1;
        assert!(refused(&binding(), &changed));
        let other = TenantId::from_octets([7; 16]);
        assert!(refused(&Binding { tenant: other, ..binding() }, &whole));
        assert!(refused(&Binding { place: 4, ..binding() }, &whole));
        assert!(refused(&Binding { day: Day(1), ..binding() }, &whole));
    }
}
