//! Mailboxes in Microsoft 365, through Graph.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clawback_core::copy::Before;
use clawback_core::{Clock, Destination, Entropy};
use clawback_mail::address::Address;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::call::{Ask, Caller};
use super::folders::Folders;
use super::groups::Groups;
use super::item::{Item, bare};
use super::lookup::Lookups;
use super::place::{DELETIONS, address, folder_of, has_permanent_delete, literal};
use super::refusal::{Code, code, refusal};
use super::restore::RECREATED_OCTETS_MAX;
use super::settings::{GraphSettings, SettingsError};
use super::sight::Sight;
use super::token::Tokens;
use crate::cache::Cache;
use crate::client::{Answer, Endpoint, HttpClient, Intent, Limits};
use crate::error::{Cause, ProviderError};
use crate::gate::{Area, Gates};
use crate::provider::{Connection, Found, MailboxProvider, MailboxRef, Recreation, Relocated};

/// One tenant's connection to Microsoft 365.
pub struct Graph {
    pub(super) caller: Caller,
    folders: Folders,
    groups: Groups,
    lookups: Lookups,
    mailboxes: Cache<String, MailboxRef>,
    question_timeout: Duration,
}

impl Graph {
    /// Makes a connection; nothing is sent before the first call.
    ///
    /// # Errors
    /// [`SettingsError`] where the settings cannot work, whatever the service says.
    pub fn new(
        settings: GraphSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let login = Endpoint::new(&settings.login_url).map_err(SettingsError::Login)?;
        let root = Endpoint::new(&settings.graph_url).map_err(SettingsError::Graph)?;
        let limits =
            Limits { connect: settings.connect_timeout, request: settings.request_timeout };
        let http = HttpClient::new(&[&login, &root], limits, Arc::clone(&clock));
        let http = http.ok_or(SettingsError::Tls)?;
        let tokens = Tokens::new(
            http.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            &login,
            &root,
            &settings,
        )
        .ok_or(SettingsError::DirectoryId)?;
        let gates = Gates::new(
            Arc::clone(&clock),
            settings.mailbox_requests_max,
            settings.requests_max,
            settings.queue_timeout,
        );
        let grants_by_mailbox = AtomicBool::new(false);
        let caller = Caller { http, clock, entropy, gates, root, tokens, grants_by_mailbox };
        Ok(Self {
            caller,
            folders: Folders::new(),
            groups: Groups::new(),
            lookups: Lookups::new(),
            mailboxes: Cache::new(ADDRESSES_MAX, ADDRESS_KEEP),
            question_timeout: settings.question_timeout,
        })
    }

    /// Tries the connection: a token, and what the directory says about itself.
    ///
    /// # Errors
    /// [`ProviderError`]. That we may not read the organisation's name is no error.
    pub async fn check(&self) -> Result<Connection, ProviderError> {
        let token = self.caller.tokens.get().await?;
        let roles = token.roles().to_vec();
        let options = [("$select", "id,displayName,verifiedDomains")];
        let url = address(&self.caller.root, &["organization"], &options)?;
        let page = self.caller.read::<Page<Organization>>(Area::Organisation, url, "organisation");
        let organisation = match self.in_time(page).await {
            Ok(page) => page.value.into_iter().next(),
            Err(ProviderError::AccessDenied) => None,
            Err(error) => return Err(error),
        };
        let Some(organisation) = organisation else {
            let (directory_id, organisation) = (None, None);
            return Ok(Connection { directory_id, organisation, domains: Vec::new(), roles });
        };
        let domains = organisation.verified_domains.into_iter().map(|domain| domain.name);
        Ok(Connection {
            directory_id: Some(organisation.id),
            organisation: organisation.display_name,
            domains: domains.take(DOMAINS_MAX).collect(),
            roles,
        })
    }

    pub(super) async fn in_time<T>(
        &self,
        question: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let answered = tokio::time::timeout(self.question_timeout, question).await;
        answered.unwrap_or(Err(ProviderError::Failed(Cause::Timeout)))
    }

    /// The one user of whom a filter is true.
    // spec: graph:user-list
    async fn user(&self, filter: &str) -> Result<Option<MailboxRef>, ProviderError> {
        let options = [("$filter", filter), ("$select", "id")];
        let url = address(&self.caller.root, &["users"], &options)?;
        let answer = self.lookups.ask(&self.caller, url).await?;
        let page: Page<User> = self.caller.read_from(answer, "users")?;
        let mut users = page.value.into_iter();
        match (users.next(), users.next()) {
            (Some(user), None) => Ok(Some(MailboxRef::new(user.id))),
            // Two users with one address: whose mailbox it is, is not for us to guess.
            _ => Ok(None),
        }
    }

    /// The user who receives mail for an address, or for it without its `+tag`.
    async fn receiver(&self, address: &Address) -> Result<MailboxRef, ProviderError> {
        let key = address.key();
        let untagged = key.rsplit_once('@').and_then(|(local, domain)| {
            let (local, _) = local.split_once('+')?;
            (!local.is_empty()).then(|| format!("{local}@{domain}"))
        });
        for key in [Some(key), untagged].into_iter().flatten() {
            let proxy = literal(&format!("smtp:{key}"));
            let filters = [
                format!("proxyAddresses/any(p:p eq {proxy})"),
                format!("mail eq {}", literal(&key)),
                format!("userPrincipalName eq {}", literal(&key)),
            ];
            for filter in filters {
                if let Some(mailbox) = self.user(&filter).await? {
                    return Ok(mailbox);
                }
            }
        }
        Err(ProviderError::NoMailbox)
    }

    fn sight<'a>(&'a self, mailbox: &'a MailboxRef, meant: Option<Destination>) -> Sight<'a> {
        let (caller, folders) = (&self.caller, &self.folders);
        Sight { caller, folders, mailbox: mailbox.id(), meant }
    }

    async fn search(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
        meant: Option<Destination>,
    ) -> Result<Vec<Found>, ProviderError> {
        let message_id = bare(message_id);
        if message_id.is_empty() || message_id.len() > MESSAGE_ID_OCTETS_MAX {
            return Ok(Vec::new());
        }
        let found = self.in_time(Box::pin(self.sight(mailbox, meant).find(message_id))).await;
        if found == Err(ProviderError::NoMailbox) {
            // Some address led here: it is looked up anew the next time.
            self.mailboxes.retain(|known| known != mailbox);
        }
        found
    }

    // spec: graph:message-move
    pub(super) async fn move_to(
        &self,
        mailbox: &str,
        item_id: &str,
        folder: &str,
    ) -> Result<Item, ProviderError> {
        let path = ["users", mailbox, "messages", item_id, "move"];
        let ask = Ask {
            area: Area::Mailbox(mailbox),
            intent: Intent::Write,
            method: Method::POST,
            url: address(&self.caller.root, &path, &[])?,
            body: Some(&json!({ "destinationId": folder })),
        };
        let moved = changed(self.caller.perform(&ask).await?)?;
        if folder == DELETIONS {
            let now = self.caller.clock.now();
            self.folders.note_deletions(mailbox, &moved.parent_folder_id, now);
        }
        Ok(moved)
    }

    // spec: graph:message-permanentdelete
    async fn purge(&self, mailbox: &str, item_id: &str) -> Result<Relocated, ProviderError> {
        let unsupported = ProviderError::Unsupported(Destination::HardDelete);
        if !has_permanent_delete(self.caller.root.host()) {
            return Err(unsupported);
        }
        let path = ["users", mailbox, "messages", item_id, "permanentDelete"];
        let ask = Ask {
            area: Area::Mailbox(mailbox),
            intent: Intent::Write,
            method: Method::POST,
            url: address(&self.caller.root, &path, &[])?,
            body: None,
        };
        let answer = self.caller.answer(&ask).await?;
        if answer.status.is_success() {
            return Ok(Relocated { item_id: None });
        }
        // It has neither body nor options that could be bad: the action itself is unknown there.
        if answer.status.as_u16() == 400 && code(&answer) == Some(Code::BadRequest) {
            return Err(unsupported);
        }
        Err(refusal(&answer, Intent::Write, self.caller.clock.now()))
    }
}

impl MailboxProvider for Graph {
    async fn resolve(&self, address: &Address) -> Result<MailboxRef, ProviderError> {
        let key = address.key();
        if let Some(mailbox) = self.mailboxes.get(&key, self.caller.clock.now()) {
            return Ok(mailbox);
        }
        let mailbox = self.in_time(self.receiver(address)).await?;
        self.mailboxes.put(key, mailbox.clone(), self.caller.clock.now());
        Ok(mailbox)
    }

    async fn locate(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
    ) -> Result<Vec<Found>, ProviderError> {
        self.search(mailbox, message_id, None).await
    }

    async fn find(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
        meant: Destination,
    ) -> Result<Vec<Found>, ProviderError> {
        self.search(mailbox, message_id, Some(meant)).await
    }

    async fn look(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Found>, ProviderError> {
        self.in_time(Box::pin(self.sight(mailbox, None).look(item_id))).await
    }

    async fn see(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        meant: Destination,
    ) -> Result<Option<Found>, ProviderError> {
        self.in_time(Box::pin(self.sight(mailbox, Some(meant)).look(item_id))).await
    }

    async fn relocate(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        destination: Destination,
    ) -> Result<Relocated, ProviderError> {
        match destination {
            Destination::HardDelete => self.purge(mailbox.id(), item_id).await,
            _ => {
                let moved = self.move_to(mailbox.id(), item_id, folder_of(destination)?).await?;
                Ok(Relocated { item_id: Some(moved.id) })
            }
        }
    }

    async fn put_back(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        self.restore(mailbox.id(), item_id, before).await
    }

    async fn raw(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Vec<u8>>, ProviderError> {
        self.in_time(self.fetch(mailbox.id(), item_id)).await
    }

    async fn recreate(
        &self,
        mailbox: &MailboxRef,
        raw: &[u8],
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        self.create(mailbox.id(), raw, before).await
    }

    fn recreation(&self) -> Recreation {
        Recreation { octets_max: RECREATED_OCTETS_MAX, is_draft: true }
    }

    async fn members(&self, address: &Address) -> Result<Option<Vec<Address>>, ProviderError> {
        self.in_time(self.groups.members(&self.caller, address)).await
    }
}

/// The item that a change answers with. One that cannot be read leaves open what happened.
pub(super) fn changed(answer: Answer) -> Result<Item, ProviderError> {
    let body = answer.body.map_err(ProviderError::Unanswered)?;
    serde_json::from_slice(&body).map_err(|_| ProviderError::Unanswered(Cause::Unreadable))
}

/// A link to the next page is used whole; one that leads elsewhere would take our token there.
pub(super) fn followed(caller: &Caller, link: &str) -> Result<Url, ProviderError> {
    let url = Url::parse(link).ok().filter(|url| caller.root.has(url));
    url.ok_or(ProviderError::Malformed { what: "link to the next page" })
}

/// One page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) value: Vec<T>,
    #[serde(default, rename = "@odata.nextLink")]
    pub(super) next_link: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    verified_domains: Vec<Domain>,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
}

const ADDRESSES_MAX: usize = 50_000;
const ADDRESS_KEEP: Duration = Duration::from_secs(3_600);
const DOMAINS_MAX: usize = 5_000;
/// Standards allow a line of 998 octets; a longer id is no key that anybody could look up.
const MESSAGE_ID_OCTETS_MAX: usize = 998;
