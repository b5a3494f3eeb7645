//! Passwords of operators: Argon2id, slow on purpose, so only ever called off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use clawback_core::Entropy;

/// Why a password cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum PasswordError {
    /// The hashing itself failed; the message has no detail that concerns anybody else.
    #[error("the password could not be hashed")]
    Hash,
    /// Too long to be one.
    #[error("a password has at most {PASSWORD_OCTETS_MAX} octets")]
    TooLong,
    /// Too short to protect anything.
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters")]
    TooShort,
}

/// The text to store for a password. Takes tens of milliseconds and MiB.
///
/// # Errors
/// [`PasswordError`] where the password is too short or too long.
pub(crate) fn hash_password(
    password: &str,
    entropy: &dyn Entropy,
) -> Result<String, PasswordError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordError::TooShort);
    }
    if password.len() > PASSWORD_OCTETS_MAX {
        return Err(PasswordError::TooLong);
    }
    let mut salt = [0; SALT_OCTETS];
    entropy.fill(&mut salt);
    hash_with(password, &salt)
}

/// Whether a password is the one whose hash is stored. Where there is no hash, since nobody has
/// that address, the same work is done for nothing: the time says nothing either.
pub(crate) fn verify_password(password: &str, stored: Option<&str>) -> bool {
    let decoy = || hash_with("nobody's password", &[0; SALT_OCTETS]);
    if password.len() > PASSWORD_OCTETS_MAX {
        return false;
    }
    match stored {
        Some(stored) => PasswordHash::new(stored).is_ok_and(|hash| {
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        }),
        None => {
            let _ = decoy();
            false
        }
    }
}

fn hash_with(password: &str, salt: &[u8]) -> Result<String, PasswordError> {
    let hash: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hash.map(|hash| hash.to_string()).map_err(|_| PasswordError::Hash)
}

/// Longest password that is looked at.
pub(crate) const PASSWORD_OCTETS_MAX: usize = 1_024;
const PASSWORD_CHARS_MIN: usize = 12;
const SALT_OCTETS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, octets: &mut [u8]) {
            octets.fill(7);
        }
    }

    #[test]
    fn a_password_verifies_against_its_own_hash_alone() {
        let stored = hash_password("correct horse battery", &Counting).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify_password("correct horse battery", Some(&stored)));
        assert!(!verify_password("correct horse batterY", Some(&stored)));
        assert!(!verify_password("correct horse battery", Some("not a hash")));
        assert!(!verify_password("correct horse battery", None));
    }

    #[test]
    fn length_table() {
        assert_eq!(hash_password("short", &Counting), Err(PasswordError::TooShort));
        assert_eq!(hash_password(&"x".repeat(2_000), &Counting), Err(PasswordError::TooLong));
    }
}
