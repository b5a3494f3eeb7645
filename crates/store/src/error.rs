//! Why storage did not do what was asked.

use std::time::Duration;

use clawback_core::trace::Key;

/// Why storage did not do what was asked.
///
/// The text is fit for an operator and never holds an address, a subject or a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the caller saw has changed since, or its claim is another's by now.
    #[error("it was changed by somebody else meanwhile")]
    Conflict,
    /// Something on disk does not have the form it was written in.
    #[error("stored data cannot be read: {what}")]
    Corrupt {
        /// Which data, in plain words.
        what: &'static str,
    },
    /// The disk has no room left.
    #[error("there is no room left on the disk")]
    Full,
    /// There is no such thing in this tenant and region.
    #[error("not found")]
    NotFound,
    /// The root key's file is not for its owner alone, or holds no key.
    #[error("the root key cannot be used: {what}")]
    RootKey {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The records were written by a newer program.
    #[error("the records have schema {found}, and this program knows {known}: use a newer program")]
    SchemaNewer {
        /// The schema found.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// Storage did not answer, or answered with an error of its own.
    #[error("storage is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A search for something that is not recorded.
    #[error("nothing is recorded yet that “{}:” could find", .key.as_str())]
    Unsupported {
        /// The key of the search.
        key: Key,
    },
    /// A search with a value that its key does not have.
    #[error("“{}:” has no such value", .key.as_str())]
    UnsupportedValue {
        /// The key of the search.
        key: Key,
    },
    /// The root key is not the one that this store was made with.
    #[error("the root key is not the one this store was made with: its raw mail cannot be opened")]
    WrongRootKey,
}

/// Whether the same call may be made again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retry {
    /// After a while.
    After(Duration),
    /// After reading anew what the call was based on.
    AfterReading,
    /// Not without a person's help.
    Never,
}

/// Whose move it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Owner {
    /// Who called: with other values it would work.
    Caller,
    /// Who runs this machine.
    Operator,
    /// We, the makers.
    Us,
}

impl StoreError {
    /// Whether the same call may be made again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Conflict => Retry::AfterReading,
            Self::Full => Retry::After(PAUSE_FULL),
            Self::Unavailable(_) => Retry::After(PAUSE),
            _ => Retry::Never,
        }
    }

    /// Whose move it is.
    #[must_use]
    pub fn owner(&self) -> Owner {
        match self {
            Self::Conflict
            | Self::NotFound
            | Self::Unsupported { .. }
            | Self::UnsupportedValue { .. } => Owner::Caller,
            Self::Corrupt { .. } => Owner::Us,
            _ => Owner::Operator,
        }
    }

    pub(crate) fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::unavailable(error),
        }
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::NotFound;
        }
        let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(cause) = inner {
            let full = cause.downcast_ref::<std::io::Error>().is_some_and(|io| {
                matches!(
                    io.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                )
            });
            if full {
                return Self::Full;
            }
            inner = cause.source();
        }
        Self::unavailable(error)
    }
}

const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_FULL: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[derive(Debug, thiserror::Error)]
    #[error("opening")]
    struct Opening(#[source] std::io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("copying")]
    struct Copying(#[source] Opening);

    #[test]
    fn a_full_disk_is_told_apart_however_deep_it_is_told() {
        let generic = |kind: ErrorKind| {
            let source = Box::new(Copying(Opening(kind.into())));
            object_store::Error::Generic { store: "local", source }
        };
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(StoreError::from(std::io::Error::from(kind)), StoreError::Full));
            assert!(matches!(StoreError::from(generic(kind)), StoreError::Full), "{kind}");
        }
        let other = StoreError::from(generic(ErrorKind::TimedOut));
        assert!(matches!(other, StoreError::Unavailable(_)), "{other:?}");
        assert_eq!(other.retry(), Retry::After(PAUSE));
        assert_eq!(StoreError::Full.retry(), Retry::After(PAUSE_FULL));
    }
}
