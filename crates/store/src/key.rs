//! The root key: what wraps every data key. Losing it loses the raw mail.
//!
//! Kept in a file for its owner alone, wiped from memory when dropped, never printed.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use clawback_core::time::Day;
use clawback_core::{Entropy, TenantId, UnixMillis};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::backend::Result;
use crate::error::StoreError;
use crate::moment;

/// The key that wraps the data keys.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RootKey([u8; KEY_OCTETS]);

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(<redacted>)")
    }
}

impl RootKey {
    /// Reads the key in `path`, or makes one there with mode 0600.
    ///
    /// # Errors
    /// [`StoreError::RootKey`] where others may read the file or it holds no key.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self> {
        match Self::load(path) {
            Err(StoreError::NotFound) => Self::create(path, entropy),
            loaded => loaded,
        }
    }

    fn load(path: &Path) -> Result<Self> {
        let mut file = std::fs::File::open(path)?;
        let mode = file.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(StoreError::RootKey {
                what: "its file can be read by others; take their permission away (chmod 600)",
            });
        }
        let mut text = Zeroizing::new(String::new());
        let limit = u64::try_from(TEXT_OCTETS_MAX).unwrap_or(u64::MAX);
        let wrong = StoreError::RootKey { what: "its file does not hold 64 hexadecimal digits" };
        if (&mut file).take(limit).read_to_string(&mut text).is_err() {
            return Err(wrong);
        }
        let mut lines = text.lines().map(str::trim);
        let mut key = lines.by_ref().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (Some(digits), None) = (key.next(), key.next()) else { return Err(wrong) };
        read_hex(digits).map(Self).ok_or(wrong)
    }

    /// What tells this key from another, and nothing about it: to be compared by people.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest: [u8; 32] =
            Sha256::new_with_prefix(FINGERPRINT).chain_update(self.0).finalize().into();
        let groups = digest
            .chunks(2)
            .take(4)
            .map(|pair| pair.iter().map(|octet| format!("{octet:02x}")).collect::<String>());
        groups.collect::<Vec<_>>().join("-")
    }

    /// Writes the key into a new file for its owner alone; it can be used in the place of the
    /// first one.
    ///
    /// # Errors
    /// [`StoreError::RootKey`] where there is a file of that name already: it is left as it is.
    pub fn backup(&self, path: &Path, now: UnixMillis) -> Result<()> {
        let (day, fingerprint) = (moment::write_day(now), self.fingerprint());
        let mut text = Zeroizing::new(String::with_capacity(TEXT_OCTETS_MAX));
        text.push_str(&format!("# clawback root key {fingerprint}, copied on {day}\n"));
        self.write_hex(&mut text);
        let opened =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = opened.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                StoreError::RootKey { what: "there is a file of the backup's name already" }
            }
            _ => error.into(),
        })?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written.and_then(|()| std::fs::File::open(folder_of(path))?.sync_all())
        {
            // Half a key is worse than none.
            std::fs::remove_file(path)?;
            return Err(error.into());
        }
        // What is kept for the worst day is read once on a good one.
        match Self::load(path)?.0 == self.0 {
            true => Ok(()),
            false => Err(StoreError::Corrupt { what: "the backup of the root key" }),
        }
    }

    fn write_hex(&self, text: &mut String) {
        for octet in self.0 {
            text.push_str(&format!("{octet:02x}"));
        }
        text.push('\n');
    }

    /// Written whole under another name first: a crash leaves no half key.
    fn create(path: &Path, entropy: &dyn Entropy) -> Result<Self> {
        let folder = folder_of(path);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut key = Self([0; KEY_OCTETS]);
        entropy.fill(&mut key.0);
        let mut text = Zeroizing::new(String::with_capacity(2 * KEY_OCTETS + 1));
        key.write_hex(&mut text);
        let mut mark = [0; 8];
        entropy.fill(&mut mark);
        let staged = folder.join(format!(".root-key-{:016x}", u64::from_be_bytes(mark)));
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A link fails where another process was faster; its key is the one that counts.
        let linked = std::fs::hard_link(&staged, path);
        std::fs::remove_file(&staged)?;
        std::fs::File::open(folder)?.sync_all()?;
        match linked {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(error.into()),
        }
    }

    /// Wraps a data key.
    pub(crate) fn wrap(
        &self,
        tenant: TenantId,
        day: Day,
        data_key: &DataKey,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>> {
        self.seal(&data_key.0, &wrap_context(tenant, day), entropy)
    }

    /// Unwraps a data key.
    pub(crate) fn unwrap(&self, tenant: TenantId, day: Day, wrapped: &[u8]) -> Result<DataKey> {
        let opened = Zeroizing::new(self.open(wrapped, &wrap_context(tenant, day))?);
        let octets = opened.as_slice().try_into();
        Ok(DataKey(octets.map_err(|_| StoreError::Corrupt { what: "a data key" })?))
    }

    /// Something that only this key opens.
    pub(crate) fn prove(&self, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        self.seal(PROOF, PROOF, entropy)
    }

    /// Whether a proof is this key's.
    pub(crate) fn check(&self, proof: &[u8]) -> Result<()> {
        self.open(proof, PROOF).map(|_| ())
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(self.0))
    }

    fn seal(&self, plain: &[u8], context: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_OCTETS];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: context };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| StoreError::Corrupt { what: "a key to be wrapped" })?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, wrapped: &[u8], context: &[u8]) -> Result<Vec<u8>> {
        let (nonce, sealed) = wrapped
            .split_first_chunk::<NONCE_OCTETS>()
            .ok_or(StoreError::Corrupt { what: "a wrapped key" })?;
        let payload = Payload { msg: sealed, aad: context };
        let opened = self.cipher().decrypt(&Nonce::from(*nonce), payload);
        opened.map_err(|_| StoreError::WrongRootKey)
    }
}

/// A tenant's key for the mail of one day.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct DataKey([u8; KEY_OCTETS]);

impl DataKey {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut key = Self([0; KEY_OCTETS]);
        entropy.fill(&mut key.0);
        key
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(<redacted>)")
    }
}

fn wrap_context(tenant: TenantId, day: Day) -> Vec<u8> {
    [b"clawback data key 1".as_slice(), &tenant.octets(), &day.0.to_be_bytes()].concat()
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn read_hex(text: &str) -> Option<[u8; KEY_OCTETS]> {
    let mut key = [0; KEY_OCTETS];
    if text.len() != 2 * KEY_OCTETS || !text.is_ascii() {
        return None;
    }
    for (octet, place) in key.iter_mut().zip((0..).step_by(2)) {
        *octet = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(key)
}

const FINGERPRINT: &[u8] = b"clawback root key fingerprint 1";
const KEY_OCTETS: usize = 32;
const NONCE_OCTETS: usize = 12;
const PROOF: &[u8] = b"clawback root key proof 1";
const TEXT_OCTETS_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, octets: &mut [u8]) {
            for octet in octets {
                *octet = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    fn entropy(start: u8) -> Counting {
        Counting(start.into())
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/root.key");
        let made = RootKey::load_or_create(&path, &entropy(1)).unwrap();
        let read = RootKey::load_or_create(&path, &entropy(99)).unwrap();
        assert_eq!(made.0, read.0);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(format!("{made:?}"), "RootKey(<redacted>)");
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("root.key");
        RootKey::load_or_create(&path, &entropy(1)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let refused = RootKey::load_or_create(&path, &entropy(1));
        assert!(matches!(refused, Err(StoreError::RootKey { .. })), "{refused:?}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "zz", &"0".repeat(63), &"é".repeat(32)] {
            std::fs::write(&path, text).unwrap();
            let refused = RootKey::load_or_create(&path, &entropy(1));
            assert!(matches!(refused, Err(StoreError::RootKey { .. })), "{text}");
        }
    }

    #[test]
    fn a_backup_is_the_key_for_its_owner_alone_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copy) = (dir.path().join("root.key"), dir.path().join("copy.key"));
        let key = RootKey::load_or_create(&path, &entropy(1)).unwrap();
        key.backup(&copy, UnixMillis(951_868_800_000)).unwrap();
        assert_eq!(RootKey::load_or_create(&copy, &entropy(9)).unwrap().0, key.0);
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&copy).unwrap();
        assert!(text.starts_with(&format!("# clawback root key {}", key.fingerprint())), "{text}");
        assert!(text.contains("2000-03-01"), "{text}");
        let refused = key.backup(&copy, UnixMillis(0));
        assert!(matches!(refused, Err(StoreError::RootKey { .. })), "{refused:?}");
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), text);
        assert!(key.backup(&dir.path().join("nowhere/copy.key"), UnixMillis(0)).is_err());
        let two = format!("{text}{}\n", "0".repeat(64));
        std::fs::write(&copy, two).unwrap();
        assert!(RootKey::load_or_create(&copy, &entropy(1)).is_err(), "two keys are none");
    }

    #[test]
    fn a_fingerprint_tells_keys_apart_and_does_not_tell_the_key() {
        let (one, other) = (RootKey([1; 32]).fingerprint(), RootKey([2; 32]).fingerprint());
        assert_ne!(one, other);
        assert_eq!(one.len(), 19);
        assert!(!one.contains("0101"), "{one}");
    }

    #[test]
    fn a_wrapped_key_opens_for_its_tenant_and_day_only() {
        let (root, other) = (RootKey([1; 32]), RootKey([2; 32]));
        let (tenant, day) = (TenantId::from_octets([3; 16]), Day(20_000));
        let key = DataKey::new(&entropy(7));
        let wrapped = root.wrap(tenant, day, &key, &entropy(9)).unwrap();
        assert_eq!(root.unwrap(tenant, day, &wrapped).unwrap().0, key.0);
        assert!(root.unwrap(tenant, Day(20_001), &wrapped).is_err());
        assert!(root.unwrap(TenantId::from_octets([4; 16]), day, &wrapped).is_err());
        assert!(matches!(other.unwrap(tenant, day, &wrapped), Err(StoreError::WrongRootKey)));
        assert!(root.unwrap(tenant, day, &wrapped[..5]).is_err());
    }
}
