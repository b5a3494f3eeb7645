//! How the system's allocator is set before long work begins.
//!
//! Left to itself glibc learns from the first large mail to keep all that is smaller in its arenas,
//! and gives little of it back: a hundred mails of 40 MiB then cost three times the memory. It
//! takes other settings from the environment only, and only at the start of a program; so the
//! program starts itself once more, under the same process id. Elsewhere the settings mean nothing.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Starts this program anew with its allocator set; comes back where that was done already, where
/// somebody chose settings of their own, or where it cannot be done.
pub(crate) fn set() {
    if SETTINGS.iter().any(|(name, _)| std::env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = Command::new(program).args(std::env::args_os().skip(1)).envs(SETTINGS).exec();
    tracing::warn!(%error, "the allocator could not be set: large mail costs more memory");
}

/// From this size on memory is asked of the system, and given back when it is free.
const SETTINGS: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "1048576"), ("MALLOC_TRIM_THRESHOLD_", "4194304")];
