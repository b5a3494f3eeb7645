//! What went wrong inside a file, as a value; and the fence round other people's parsers.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Something about a file that a reader of it should know: a limit reached, a lock, a break.
///
/// It is told beside what was found, and is itself evidence: honest files seldom have any.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Defect {
    /// The node of the tree that has it.
    pub node: usize,
    /// What it is.
    pub kind: DefectKind,
    /// The reader that met it: `zip`, `pdf`, `html`, ….
    pub reader: &'static str,
}

/// The kinds of [`Defect`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DefectKind {
    /// Files within files, deeper than is followed.
    DepthLimit,
    /// More entries than are listed.
    EntryLimit,
    /// A reader of other people's gave up in a way it should not.
    Failed,
    /// Encrypted, and none of the passwords opens it.
    Locked,
    /// Not what its format says; what could be read was.
    Malformed,
    /// More files in one tree than are kept.
    NodeLimit,
    /// More objects or steps than are read.
    ObjectLimit,
    /// A picture of more pixels than are decoded.
    PixelLimit,
    /// Far more comes out than went in: the rest is left packed.
    RatioLimit,
    /// More octets than one tree may hold.
    SizeLimit,
    /// A method that is not known here: what is within stays unread.
    Unsupported,
}

impl DefectKind {
    /// The name under which it is told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DepthLimit => "depth_limit",
            Self::EntryLimit => "entry_limit",
            Self::Failed => "failed",
            Self::Locked => "locked",
            Self::Malformed => "malformed",
            Self::NodeLimit => "node_limit",
            Self::ObjectLimit => "object_limit",
            Self::PixelLimit => "pixel_limit",
            Self::RatioLimit => "ratio_limit",
            Self::SizeLimit => "size_limit",
            Self::Unsupported => "unsupported",
        }
    }
}

/// Calls a parser of other people's. `None` when it panicked: one file must not cost the message.
///
/// The process's panic hook still runs and may print; a build with `panic = "abort"` has no fence.
pub(crate) fn fenced<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_behind_the_fence_is_a_missing_value() {
        assert_eq!(fenced(|| 1), Some(1));
        let none: Option<u8> = fenced(|| panic!("on purpose"));
        assert_eq!(none, None);
    }
}
