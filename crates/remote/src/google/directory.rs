//! People and groups: from an address to its mailbox.
// spec: google:directory

use std::sync::Arc;
use std::time::Duration;

use clawback_mail::address::Address;
use serde::Deserialize;

use super::call::{Ask, Caller, Whose};
use super::pace::Price;
use super::token::Scope;
use crate::cache::Cache;
use crate::client::Endpoint;
use crate::error::ProviderError;
use crate::provider::{MEMBERS_MAX, MailboxRef};

/// What is known of the people of one organisation.
///
/// A mailbox is named by its owner's number, which stays; a token needs the primary address of
/// today, which may change.
pub(crate) struct Directory {
    root: Endpoint,
    groups: Cache<String, Option<Arc<[Address]>>>,
    mailboxes: Cache<String, MailboxRef>,
    primaries: Cache<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    primary_email: String,
    #[serde(default)]
    is_mailbox_setup: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    #[serde(default)]
    members: Vec<Member>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(default)]
    email: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl Directory {
    pub(crate) fn new(root: Endpoint) -> Self {
        Self {
            root,
            groups: Cache::new(GROUPS_MAX, KEEP),
            mailboxes: Cache::new(ADDRESSES_MAX, KEEP),
            primaries: Cache::new(ADDRESSES_MAX, KEEP),
        }
    }

    /// The mailbox that receives mail for an address, or for it without its `+tag`.
    pub(crate) async fn resolve(
        &self,
        caller: &Caller,
        address: &Address,
    ) -> Result<MailboxRef, ProviderError> {
        let key = address.key();
        if let Some(mailbox) = self.mailboxes.get(&key, caller.clock.now()) {
            return Ok(mailbox);
        }
        let untagged = key.rsplit_once('@').and_then(|(local, domain)| {
            let (local, _) = local.split_once('+')?;
            (!local.is_empty()).then(|| format!("{local}@{domain}"))
        });
        for key in [Some(key.clone()), untagged].into_iter().flatten() {
            let Some(user) = self.user(caller, &key).await? else { continue };
            if user.is_mailbox_setup == Some(false) {
                return Err(ProviderError::NoMailbox);
            }
            let (mailbox, now) = (MailboxRef::new(user.id.clone()), caller.clock.now());
            self.primaries.put(user.id, user.primary_email, now);
            self.mailboxes.put(address.key(), mailbox.clone(), now);
            return Ok(mailbox);
        }
        Err(ProviderError::NoMailbox)
    }

    /// The primary address of a mailbox's owner.
    pub(crate) async fn primary(
        &self,
        caller: &Caller,
        mailbox: &MailboxRef,
    ) -> Result<String, ProviderError> {
        let id = mailbox.id().to_owned();
        if let Some(primary) = self.primaries.get(&id, caller.clock.now()) {
            return Ok(primary);
        }
        let user = self.user(caller, &id).await?.ok_or(ProviderError::NoMailbox)?;
        self.primaries.put(id, user.primary_email.clone(), caller.clock.now());
        Ok(user.primary_email)
    }

    /// Forgets what led to a mailbox that is none.
    pub(crate) fn forget(&self, mailbox: &MailboxRef, primary: &str) {
        self.mailboxes.retain(|known| known != mailbox);
        self.primaries.retain(|known| known != primary);
    }

    /// The people in a group and in the groups in it; `None` where no group has the address.
    pub(crate) async fn members(
        &self,
        caller: &Caller,
        group: &Address,
    ) -> Result<Option<Vec<Address>>, ProviderError> {
        let key = group.key();
        if let Some(known) = self.groups.get(&key, caller.clock.now()) {
            return Ok(known.map(|members| members.to_vec()));
        }
        let members = self.people(caller, &key).await?;
        if members.as_ref().is_none_or(|all| all.len() <= MEMBERS_KEPT_MAX) {
            let kept = members.as_deref().map(Arc::from);
            self.groups.put(key, kept, caller.clock.now());
        }
        Ok(members)
    }

    async fn people(
        &self,
        caller: &Caller,
        group: &str,
    ) -> Result<Option<Vec<Address>>, ProviderError> {
        let path = ["admin", "directory", "v1", "groups", group, "members"];
        let (mut all, mut token) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let mut options = vec![("includeDerivedMembership", "true"), ("maxResults", "200")];
            if !token.is_empty() {
                options.push(("pageToken", token.as_str()));
            }
            let url = self.root.address("", &path, &options)?;
            let ask = Ask::question(Whose::Directory, Scope::Members, Price::Free, url);
            let page: Members = match caller.read(&ask, "members").await {
                Err(ProviderError::ItemGone) => return Ok(None),
                read => read?,
            };
            let people = page.members.into_iter().filter(|it| it.kind.as_deref() != Some("GROUP"));
            all.extend(people.filter_map(|it| Address::parse(&it.email?).ok()));
            if all.len() > MEMBERS_MAX {
                return Err(ProviderError::TooManyMembers);
            }
            match page.next_page_token {
                Some(next) => token = next,
                None => return Ok(Some(all)),
            }
        }
        Err(ProviderError::TooManyMembers)
    }

    /// A user by address, alias or number.
    async fn user(&self, caller: &Caller, key: &str) -> Result<Option<User>, ProviderError> {
        let url = self.root.address("", &["admin", "directory", "v1", "users", key], &[])?;
        let ask = Ask::question(Whose::Directory, Scope::Users, Price::Free, url);
        match caller.read(&ask, "user").await {
            Ok(user) => Ok(Some(user)),
            Err(ProviderError::ItemGone) => Ok(None),
            // The one who asks is no administrator, or may not read users.
            Err(ProviderError::AccessDenied) => Err(ProviderError::GrantRevoked),
            Err(error) => Err(error),
        }
    }
}

/// Some 200 octets each: 20 MB where all of them are in use.
const ADDRESSES_MAX: usize = 50_000;
const KEEP: Duration = Duration::from_secs(3_600);
const GROUPS_MAX: usize = 1_000;
/// A larger group is asked for each time: at some hundred octets each, those kept are at most
/// 100 MB, and rarely more than one.
const MEMBERS_KEPT_MAX: usize = 1_000;
/// Twice what so many members need, since a page may be short.
const PAGES_MAX: usize = 200;
