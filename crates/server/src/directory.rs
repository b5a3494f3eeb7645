//! Whose journaling address is it: every address the control store knows, in memory.
//!
//! RCPT is answered from here, so that a stranger's guesses cost no query.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use clawback_core::tenant::JournalAddress;
use clawback_mail::address::Address;

/// The journaling addresses, swapped whole when they change.
#[derive(Debug, Default)]
pub(crate) struct Directory(ArcSwap<HashMap<String, JournalAddress>>);

impl Directory {
    /// Takes over what the control store says now.
    pub(crate) fn replace(&self, addresses: Vec<JournalAddress>) {
        let by_key = addresses.into_iter().map(|entry| (entry.address.key(), entry)).collect();
        self.0.store(std::sync::Arc::new(by_key));
    }

    /// Whose address it is; `None` for a stranger's guess.
    pub(crate) fn find(&self, address: &Address) -> Option<JournalAddress> {
        self.0.load().get(&address.key()).cloned()
    }
}
