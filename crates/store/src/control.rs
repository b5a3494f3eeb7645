//! The control records: tenants, their addresses, people, lists and intel. They hold no mail.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::tenant::{JournalAddress, ListEntry, Tenant};
use clawback_core::{Clock, OperatorId, TenantId, UnixMillis};

use crate::backend::{Backend, IntelRow, NewOperator, Result, SessionLimits, StoredOperator};

/// The control records.
#[derive(Clone)]
pub struct Control {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Control {
    /// Every tenant, by name.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        self.backend.tenants().await
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>> {
        self.backend.tenant(tenant).await
    }

    /// Adds a tenant; one that is there is a conflict.
    pub async fn create_tenant(&self, tenant: &Tenant, actor: &Actor) -> Result<()> {
        self.backend.put_tenant(tenant.clone(), None, actor.clone(), self.clock.now()).await
    }

    /// Changes a tenant from what its caller saw; one that somebody else has changed since, or that
    /// names a directory which is another tenant's, is a conflict; one that is not there is not
    /// found.
    pub async fn update_tenant(
        &self,
        before: &Tenant,
        after: &Tenant,
        actor: &Actor,
    ) -> Result<()> {
        let (before, after) = (Some(before.clone()), after.clone());
        self.backend.put_tenant(after, before, actor.clone(), self.clock.now()).await
    }

    /// The Microsoft directory a tenant authorised us in.
    pub async fn microsoft_connection(&self, tenant: TenantId) -> Result<Option<String>> {
        Ok(self.backend.tenant(tenant).await?.and_then(|tenant| tenant.microsoft_tenant))
    }

    /// Every journaling address.
    pub async fn journal_addresses(&self) -> Result<Vec<JournalAddress>> {
        self.backend.journal_addresses().await
    }

    /// Adds a journaling address; one that is somebody's is a conflict.
    pub async fn add_journal_address(&self, entry: &JournalAddress, actor: &Actor) -> Result<()> {
        self.backend.add_journal_address(entry.clone(), actor.clone(), self.clock.now()).await
    }

    /// Adds an operator; an address that is taken is a conflict.
    pub async fn create_operator(&self, operator: NewOperator, actor: &Actor) -> Result<()> {
        self.backend.add_operator(operator, actor.clone(), self.clock.now()).await
    }

    /// Who signs in with this address.
    pub async fn operator_by_email(&self, email: &str) -> Result<Option<StoredOperator>> {
        self.backend.operator_by_email(email.trim().to_lowercase()).await
    }

    /// How many operators there are.
    pub async fn operators_count(&self) -> Result<u64> {
        self.backend.operators_count().await
    }

    /// Gives an operator another password and ends their sessions.
    pub async fn set_password_hash(&self, operator: OperatorId, hash: &str) -> Result<()> {
        self.backend.set_password(operator, hash.to_owned()).await
    }

    /// Begins a session; of its token only the SHA-256 is stored.
    pub async fn create_session(
        &self,
        token_digest: &[u8; 32],
        operator: OperatorId,
        now: UnixMillis,
    ) -> Result<()> {
        self.backend.add_session(*token_digest, operator, now).await
    }

    /// Whose session this is, unless it was idle or open for too long.
    pub async fn find_session(
        &self,
        token_digest: &[u8; 32],
        now: UnixMillis,
        idle_max: Duration,
        absolute_max: Duration,
    ) -> Result<Option<StoredOperator>> {
        let limits = SessionLimits { idle: idle_max, absolute: absolute_max };
        self.backend.find_session(*token_digest, now, limits).await
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, token_digest: &[u8; 32], now: UnixMillis) -> Result<()> {
        self.backend.touch_session(*token_digest, now).await
    }

    /// Ends a session.
    pub async fn delete_session(&self, token_digest: &[u8; 32]) -> Result<()> {
        self.backend.delete_session(*token_digest).await
    }

    /// A tenant's lists.
    pub async fn list_entries(&self, tenant: TenantId) -> Result<Vec<ListEntry>> {
        self.backend.list_entries(tenant).await
    }

    /// Adds an entry to a tenant's lists, or changes the one with its pattern.
    pub async fn put_list_entry(
        &self,
        tenant: TenantId,
        entry: &ListEntry,
        actor: &Actor,
    ) -> Result<()> {
        let now = self.clock.now();
        self.backend.put_list_entry(tenant, entry.clone(), actor.clone(), now).await
    }

    /// Removes the entry with this list and pattern.
    pub async fn remove_list_entry(
        &self,
        tenant: TenantId,
        entry: &ListEntry,
        actor: &Actor,
    ) -> Result<()> {
        let now = self.clock.now();
        self.backend.remove_list_entry(tenant, entry.clone(), actor.clone(), now).await
    }

    /// Adds indicators to the intel log. Answers with the log's last sequence.
    pub async fn import_intel(
        &self,
        source: &str,
        rows: Vec<IntelRow>,
        actor: &Actor,
    ) -> Result<u64> {
        let now = self.clock.now();
        self.backend.import_intel(source.to_owned(), rows, actor.clone(), now).await
    }

    /// The intel that holds.
    pub async fn intel(&self) -> Result<Vec<IntelRow>> {
        self.backend.intel().await
    }

    /// Notes that the root key with this fingerprint was backed up.
    pub async fn note_key_backup(&self, fingerprint: &str, actor: &Actor) -> Result<()> {
        let now = self.clock.now();
        self.backend.note_key_backup(fingerprint.to_owned(), actor.clone(), now).await
    }

    /// When the root key was backed up last, if ever.
    pub async fn key_backed_up(&self) -> Result<Option<UnixMillis>> {
        self.backend.key_backed_up().await
    }

    /// Versions of what messages are judged by: lists (with tenants and addresses), intel.
    pub async fn knowledge_versions(&self) -> Result<(u64, u64)> {
        self.backend.knowledge_versions().await
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Control")
    }
}
