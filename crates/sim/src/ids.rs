//! The three kinds of identifiers that the service hands out, and how it reads them back.
//!
//! A regular item id names a mailbox, an item and how often the item was moved, so it dies with
//! each move. An immutable one leaves the moves out. A folder's id never changes. All are
//! case-sensitive, carry a checksum, and may contain `/`, `+` and `=`, which must be escaped in a
//! path.
//!
//! An immutable id in a request without `Prefer: IdType="ImmutableId"` is refused as malformed: the
//! documentation leaves this open, and a client that always sends the header is right either way.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::mailbox::Folder;

/// Which kind of item id a request asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IdType {
    Immutable,
    Regular,
}

/// What an id in a path names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Named {
    Folder(Folder),
    Item {
        serial: u64,
        /// How often it was moved; absent in an immutable id.
        moves: Option<u32>,
    },
}

/// Why an id in a path names nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IdError {
    Malformed,
    OtherMailbox,
}

/// The part of every id that stands for a mailbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct MailboxKey([u8; 8]);

impl MailboxKey {
    pub(crate) fn of(user_id: &str) -> Self {
        Self(first(&Sha256::digest(user_id.as_bytes())))
    }

    pub(crate) fn item(self, serial: u64, moves: u32, form: IdType) -> String {
        match form {
            IdType::Immutable => seal(IMMUTABLE, self, &serial.to_be_bytes()),
            IdType::Regular => {
                let mut rest = serial.to_be_bytes().to_vec();
                rest.extend_from_slice(&moves.to_be_bytes());
                seal(REGULAR, self, &rest)
            }
        }
    }

    pub(crate) fn folder(self, folder: Folder) -> String {
        seal(FOLDER, self, &[folder.code()])
    }

    /// Reads an id back, as a request of this type about this mailbox may write it.
    pub(crate) fn read(self, text: &str, form: IdType) -> Result<Named, IdError> {
        let (prefix, coded) = text.split_at_checked(PREFIX).ok_or(IdError::Malformed)?;
        let octets = STANDARD.decode(coded).map_err(|_| IdError::Malformed)?;
        let (check, content) = octets.split_at_checked(CHECK).ok_or(IdError::Malformed)?;
        if check != checksum(prefix, content) {
            return Err(IdError::Malformed);
        }
        let (mailbox, rest) = content.split_at_checked(8).ok_or(IdError::Malformed)?;
        let named = match (prefix, rest) {
            (FOLDER, [code]) => Named::Folder(Folder::from_code(*code).ok_or(IdError::Malformed)?),
            (IMMUTABLE, rest) if form == IdType::Immutable => {
                Named::Item { serial: number(rest).ok_or(IdError::Malformed)?, moves: None }
            }
            (REGULAR, rest) => {
                let (serial, moves) = rest.split_at_checked(8).ok_or(IdError::Malformed)?;
                let moves = moves.try_into().map_err(|_| IdError::Malformed)?;
                Named::Item {
                    serial: number(serial).ok_or(IdError::Malformed)?,
                    moves: Some(u32::from_be_bytes(moves)),
                }
            }
            _ => return Err(IdError::Malformed),
        };
        if mailbox == self.0 { Ok(named) } else { Err(IdError::OtherMailbox) }
    }
}

fn seal(prefix: &str, mailbox: MailboxKey, rest: &[u8]) -> String {
    let content = [&mailbox.0[..], rest].concat();
    let octets = [&checksum(prefix, &content)[..], &content].concat();
    format!("{prefix}{}", STANDARD.encode(octets))
}

fn checksum(prefix: &str, content: &[u8]) -> [u8; CHECK] {
    first(&Sha256::new().chain_update(prefix).chain_update(content).finalize())
}

fn first<const N: usize>(octets: &[u8]) -> [u8; N] {
    octets.first_chunk::<N>().copied().unwrap_or([0; N])
}

fn number(octets: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(octets.try_into().ok()?))
}

const REGULAR: &str = "AAMkAG";
const IMMUTABLE: &str = "AAkALg";
const FOLDER: &str = "AQMkAD";
const PREFIX: usize = 6;
const CHECK: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: &str = "anna";

    #[test]
    fn a_regular_id_is_read_back_and_changes_with_each_move() {
        let key = MailboxKey::of(ANNA);
        let id = key.item(7, 0, IdType::Regular);
        assert_eq!(key.read(&id, IdType::Regular), Ok(Named::Item { serial: 7, moves: Some(0) }));
        assert_ne!(id, key.item(7, 1, IdType::Regular));
    }

    #[test]
    fn a_change_of_case_makes_an_id_malformed() {
        let key = MailboxKey::of(ANNA);
        let id = key.item(7, 0, IdType::Regular);
        for wrong in [id.to_lowercase(), id.to_uppercase(), id.replace('A', "a")] {
            assert_eq!(key.read(&wrong, IdType::Regular), Err(IdError::Malformed), "{wrong}");
        }
    }

    #[test]
    fn an_immutable_id_needs_the_header_and_its_own_mailbox() {
        let key = MailboxKey::of(ANNA);
        let id = key.item(7, 3, IdType::Immutable);
        assert_eq!(id, key.item(7, 4, IdType::Immutable));
        assert_eq!(key.read(&id, IdType::Regular), Err(IdError::Malformed));
        let other = MailboxKey::of("ben");
        assert_eq!(other.read(&id, IdType::Immutable), Err(IdError::OtherMailbox));
    }

    #[test]
    fn some_ids_need_escaping_in_a_path() {
        let key = MailboxKey::of(ANNA);
        let ids: Vec<_> = (0..50).map(|serial| key.item(serial, 0, IdType::Regular)).collect();
        assert!(ids.iter().any(|id| id.contains('/')));
        assert!(ids.iter().any(|id| id.contains('+')));
    }

    #[test]
    fn texts_of_strangers_never_panic() {
        let key = MailboxKey::of(ANNA);
        for text in ["", "A", "AAMkAG", "AAMkAGAAAA", "ÄÄÄÄÄÄÄ", "AAMkAG====", "inbox"] {
            assert_eq!(key.read(text, IdType::Immutable), Err(IdError::Malformed), "{text}");
        }
    }
}
