//! What the demo's intelligence feed knows: hosts and a file that occur in the stream.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The demo's intelligence file: one indicator a line, `#` begins a comment.
pub fn intel_list() -> &'static str {
    &LIST
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(LISTED_FILE);
    let hash: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
    format!(
        "# Indicators of the demo. Every host is invented, and the file is harmless.\n\
         {}\n{hash}\n",
        LISTED_HOSTS.join("\n")
    )
});

/// Hosts that were seen in other people's phishing before.
pub(crate) const LISTED_HOSTS: &[&str] = &[
    "evil-login.example",
    "docs-share-secure.example",
    "account-review-center.example",
    "quick-parcel-track.example",
];

/// A file that was seen before. It stands for a loader and does nothing.
pub(crate) const LISTED_FILE: &[u8] =
    b"// Stands for a script that fetches and runs a program.\r\n\
// It belongs to the mail simulation, is harmless, and does nothing.\r\n\
var order = \"remittance\";\r\n";
