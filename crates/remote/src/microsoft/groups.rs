//! Groups: from an address to the people whom mail to it reaches.
//!
//! Reports of Exchange name whom a group was expanded to; this is for those that do not. Dynamic
//! distribution groups are not in Graph, and neither are mailboxes that belong to groups.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use clawback_mail::address::Address;
use serde::Deserialize;

use super::call::Caller;
use super::graph::{Page, followed};
use super::place::{address, literal};
use crate::cache::Cache;
use crate::error::ProviderError;
use crate::gate::Area;
use crate::provider::MEMBERS_MAX;

/// What is known of the groups of one organisation: who is in one, or that an address is none's.
pub(crate) struct Groups {
    known: Cache<String, Option<Arc<[Address]>>>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
}

#[derive(Deserialize)]
struct Member {
    #[serde(default)]
    mail: Option<String>,
}

impl Groups {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(GROUPS_MAX, KEEP) }
    }

    /// The people in a group and in the groups in it; `None` where no group has the address.
    pub(crate) async fn members(
        &self,
        caller: &Caller,
        group: &Address,
    ) -> Result<Option<Vec<Address>>, ProviderError> {
        let key = group.key();
        if let Some(known) = self.known.get(&key, caller.clock.now()) {
            return Ok(known.map(|members| members.to_vec()));
        }
        let members = match group_id(caller, &key).await? {
            Some(id) => people(caller, &id).await?,
            None => None,
        };
        if members.as_ref().is_none_or(|all| all.len() <= MEMBERS_KEPT_MAX) {
            let kept = members.as_deref().map(Arc::from);
            self.known.put(key, kept, caller.clock.now());
        }
        Ok(members)
    }
}

/// The one group that has an address.
// spec: graph:group-list
async fn group_id(caller: &Caller, key: &str) -> Result<Option<String>, ProviderError> {
    let proxy = literal(&format!("smtp:{key}"));
    let filters =
        [format!("proxyAddresses/any(p:p eq {proxy})"), format!("mail eq {}", literal(key))];
    for filter in filters {
        let options = [("$filter", filter.as_str()), ("$select", "id")];
        let url = address(&caller.root, &["groups"], &options)?;
        let page: Page<Group> = caller.read(Area::Directory, url, "groups").await?;
        let mut groups = page.value.into_iter();
        // Two groups with one address: which one was meant is not for us to guess.
        if let (Some(group), None) = (groups.next(), groups.next()) {
            return Ok(Some(group.id));
        }
    }
    Ok(None)
}

/// Everybody in a group and in the groups in it who has an address; `None` where it is gone.
///
/// The list of one kind of members comes from an index that lags a little, and has to be asked for
/// with a count.
// spec: graph:group-list-transitivemembers
async fn people(caller: &Caller, group: &str) -> Result<Option<Vec<Address>>, ProviderError> {
    let path = ["groups", group, "transitiveMembers", "microsoft.graph.user"];
    let options = [("$select", "id,mail"), ("$count", "true"), ("$top", PAGE_ITEMS)];
    let mut next = Some(address(&caller.root, &path, &options)?);
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for _ in 0..PAGES_MAX {
        let Some(url) = next.take() else { return Ok(Some(all)) };
        let page: Page<Member> = match caller.read(Area::Directory, url, "members").await {
            Err(ProviderError::NoMailbox | ProviderError::ItemGone) => return Ok(None),
            read => read?,
        };
        let people = page.value.into_iter().filter_map(|it| Address::parse(&it.mail?).ok());
        all.extend(people.filter(|it| seen.insert(it.key())));
        if all.len() > MEMBERS_MAX {
            return Err(ProviderError::TooManyMembers);
        }
        next = page.next_link.map(|link| followed(caller, &link)).transpose()?;
    }
    Err(ProviderError::TooManyMembers)
}

const GROUPS_MAX: usize = 1_000;
const KEEP: Duration = Duration::from_secs(3_600);
/// A larger group is asked for each time: at some hundred octets each, those kept are at most
/// 100 MB, and rarely more than one.
const MEMBERS_KEPT_MAX: usize = 1_000;
const PAGE_ITEMS: &str = "999";
/// Twice what so many members need, since a page may be short.
const PAGES_MAX: usize = 42;
