//! The entries of the directory, each found by any of its names without a look at the others.

use std::collections::HashMap;
use std::ops::Deref;

use crate::config::User;

/// Everybody in the directory, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct People {
    all: Vec<User>,
    /// Ids and principal names in lower case; the first who has one keeps it.
    by_name: HashMap<String, usize>,
    /// Proxy addresses with their schemes, in lower case.
    by_proxy: HashMap<String, Vec<usize>>,
}

impl People {
    pub(crate) fn of(all: Vec<User>) -> Self {
        let mut people = Self::default();
        all.into_iter().for_each(|user| people.push(user));
        people
    }

    /// Adds somebody; replaces who has the same id.
    pub(crate) fn add(&mut self, user: User) {
        let is_known = self.named(&user.id).is_some();
        if is_known {
            let mut all = std::mem::take(&mut self.all);
            all.retain(|other| other.id != user.id);
            *self = Self::of(all);
        }
        self.push(user);
    }

    /// Who has this id or principal name.
    pub(crate) fn named(&self, id_or_upn: &str) -> Option<&User> {
        self.all.get(*self.by_name.get(&id_or_upn.to_ascii_lowercase())?)
    }

    /// Who receives mail for this address.
    pub(crate) fn receiving(&self, address: &str) -> Option<&User> {
        self.with_proxy(&format!("smtp:{address}")).into_iter().next()
    }

    /// Everybody with this proxy address.
    pub(crate) fn with_proxy(&self, proxy: &str) -> Vec<&User> {
        let found = self.by_proxy.get(&proxy.to_ascii_lowercase());
        found.into_iter().flatten().filter_map(|at| self.all.get(*at)).collect()
    }

    fn push(&mut self, user: User) {
        let at = self.all.len();
        for name in [&user.id, &user.upn] {
            self.by_name.entry(name.to_ascii_lowercase()).or_insert(at);
        }
        for proxy in &user.proxy_addresses {
            let of_proxy = self.by_proxy.entry(proxy.to_ascii_lowercase()).or_default();
            if !of_proxy.contains(&at) {
                of_proxy.push(at);
            }
        }
        self.all.push(user);
    }
}

impl Deref for People {
    type Target = [User];

    fn deref(&self) -> &[User] {
        &self.all
    }
}
