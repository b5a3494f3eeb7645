//! The data keys: one a tenant and day, stored wrapped before the first octet is sealed with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use clawback_core::time::Day;
use clawback_core::{Entropy, TenantId};

use crate::backend::{Backend, Result};
use crate::error::StoreError;
use crate::key::{DataKey, RootKey};

pub(super) struct DataKeys {
    root: RootKey,
    backend: Arc<dyn Backend>,
    entropy: Arc<dyn Entropy>,
    known: Mutex<HashMap<(TenantId, Day), DataKey>>,
}

impl DataKeys {
    pub(super) fn new(root: RootKey, backend: Arc<dyn Backend>, entropy: Arc<dyn Entropy>) -> Self {
        Self { root, backend, entropy, known: Mutex::default() }
    }

    /// The key to seal with: made, and durably stored, where there is none.
    pub(super) async fn for_sealing(&self, tenant: TenantId, day: Day) -> Result<DataKey> {
        if let Some(key) = self.cached(tenant, day) {
            return Ok(key);
        }
        let stored = match self.backend.data_key(tenant, day).await? {
            Some(wrapped) => wrapped,
            None => {
                let made = DataKey::new(&*self.entropy);
                let wrapped = self.root.wrap(tenant, day, &made, &*self.entropy)?;
                // Another may have been faster: the stored one counts.
                self.backend.put_data_key(tenant, day, wrapped).await?
            }
        };
        self.keep(tenant, day, &stored)
    }

    /// The key to open with.
    pub(super) async fn for_opening(&self, tenant: TenantId, day: Day) -> Result<DataKey> {
        if let Some(key) = self.cached(tenant, day) {
            return Ok(key);
        }
        let wrapped = self.backend.data_key(tenant, day).await?;
        let wrapped = wrapped.ok_or(StoreError::Corrupt { what: "the day's key is gone" })?;
        self.keep(tenant, day, &wrapped)
    }

    fn cached(&self, tenant: TenantId, day: Day) -> Option<DataKey> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(tenant, day)).cloned()
    }

    fn keep(&self, tenant: TenantId, day: Day, wrapped: &[u8]) -> Result<DataKey> {
        let key = self.root.unwrap(tenant, day, wrapped)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEYS_CACHED_MAX {
            known.clear();
        }
        known.insert((tenant, day), key.clone());
        Ok(key)
    }
}

const KEYS_CACHED_MAX: usize = 4_096;
