//! Mailboxes in Google Workspace, through Gmail.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::copy::Before;
use clawback_core::{Clock, Destination};
use clawback_mail::address::Address;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::call::{Ask, Caller, Whose};
use super::directory::Directory;
use super::message::{Item, WANTED};
use super::pace::{Pace, Price};
use super::place::{INBOX, SPAM, TRASH, search};
use super::restore::INSERTED_OCTETS_MAX;
use super::settings::{GoogleError, GoogleSettings};
use super::token::{NoToken, Scope, Tokens};
use crate::client::{Endpoint, HttpClient, Intent, Limits};
use crate::error::{Cause, ProviderError};
use crate::gate::Gates;
use crate::provider::{Found, MailboxProvider, MailboxRef, Recreation, Relocated};

/// One tenant's connection to Google Workspace.
pub struct Gmail {
    pub(super) caller: Caller,
    root: Endpoint,
    pub(super) directory: Directory,
    question_timeout: Duration,
}

/// What a try of one scope showed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ScopeCheck {
    /// Which.
    pub scope: Scope,
    /// Whether it was delegated, or why nobody can tell.
    pub granted: Result<bool, ProviderError>,
}

impl Gmail {
    /// Makes a connection; nothing is sent before the first call.
    ///
    /// # Errors
    /// [`GoogleError`] where the settings cannot work, whatever the service says.
    pub fn new(settings: GoogleSettings, clock: Arc<dyn Clock>) -> Result<Self, GoogleError> {
        settings.check()?;
        let token = Endpoint::new(&settings.token_root()).map_err(GoogleError::Token)?;
        let root = Endpoint::new(&settings.gmail_url).map_err(GoogleError::Gmail)?;
        let people = Endpoint::new(&settings.directory_url).map_err(GoogleError::Directory)?;
        let limits =
            Limits { connect: settings.connect_timeout, request: settings.request_timeout };
        let http = HttpClient::new(&[&token, &root, &people], limits, Arc::clone(&clock));
        let http = http.ok_or(GoogleError::Tls)?;
        let (of_tokens, account) = (Arc::clone(&clock), settings.account);
        let tokens =
            Tokens::new(http.clone(), of_tokens, &token, account).ok_or(GoogleError::Tls)?;
        let gates = Gates::new(
            Arc::clone(&clock),
            settings.mailbox_requests_max,
            settings.requests_max,
            settings.queue_timeout,
        );
        let (user_units, project_units) = (settings.user_units, settings.project_units);
        let pace = Pace::new(Arc::clone(&clock), user_units, project_units, settings.queue_timeout);
        let caller = Caller { http, clock, gates, pace, tokens, admin: settings.admin };
        let (directory, question_timeout) = (Directory::new(people), settings.question_timeout);
        Ok(Self { caller, root, directory, question_timeout })
    }

    /// Tries every scope, one by one, in the administrator's name. Nothing is read or changed.
    pub async fn check(&self) -> Vec<ScopeCheck> {
        let mut checks = Vec::new();
        for scope in Scope::ALL {
            let proof = self.caller.tokens.prove(&self.caller.admin, scope).await;
            let granted = match proof {
                Ok(()) => Ok(true),
                Err(NoToken::NotDelegated) => Ok(false),
                Err(other) => Err(other.error()),
            };
            checks.push(ScopeCheck { scope, granted });
        }
        checks
    }

    pub(super) async fn in_time<T>(
        &self,
        question: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let answered = tokio::time::timeout(self.question_timeout, question).await;
        answered.unwrap_or(Err(ProviderError::Failed(Cause::Timeout)))
    }

    async fn seek(&self, subject: &str, message_id: &str) -> Result<Vec<Found>, ProviderError> {
        let (search, most) = match search(message_id) {
            Some(search) => (Some(search), ITEMS_MAX),
            None => (None, SCANNED_MAX),
        };
        let mut found = Vec::new();
        for id in self.list(subject, search.as_deref(), most).await? {
            let item = self.glance(subject, &id).await?;
            // A search may find more than was meant.
            found.extend(item.filter(|item| item.identity.message_id == message_id));
        }
        Ok(found)
    }

    /// The ids of what a search finds, or of the newest messages; in Spam and Trash too.
    // spec: gmail:users.messages.list
    async fn list(
        &self,
        subject: &str,
        search: Option<&str>,
        most: usize,
    ) -> Result<Vec<String>, ProviderError> {
        let (mut ids, mut token) = (Vec::new(), String::new());
        while ids.len() < most {
            let mut options = vec![("includeSpamTrash", "true"), ("maxResults", PAGE_ITEMS)];
            options.extend(search.map(|search| ("q", search)));
            if !token.is_empty() {
                options.push(("pageToken", token.as_str()));
            }
            let url = self.url(&["messages"], &options)?;
            let ask = Ask::question(Whose::Mailbox(subject), Scope::Modify, Price::List, url);
            let page: Page = self.caller.read(&ask, "messages").await?;
            ids.extend(page.messages.into_iter().map(|named| named.id));
            match page.next_page_token.filter(|next| *next != token) {
                Some(next) => token = next,
                None => break,
            }
        }
        ids.truncate(most);
        Ok(ids)
    }

    async fn glance(&self, subject: &str, item_id: &str) -> Result<Option<Found>, ProviderError> {
        let mut options = vec![("format", "metadata")];
        options.extend(WANTED.map(|name| ("metadataHeaders", name)));
        let path = ["messages", item_id];
        let url = self.url(&path, &options)?;
        let ask = Ask::question(Whose::Mailbox(subject), Scope::Modify, Price::Get, url);
        match self.caller.read::<Item>(&ask, "message").await {
            Ok(item) => Ok(Some(item.found())),
            Err(ProviderError::ItemGone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One change of one message, by the name of its action.
    pub(super) async fn act(
        &self,
        subject: &str,
        item_id: &str,
        action: &str,
        body: Option<&Value>,
    ) -> Result<Relocated, ProviderError> {
        let path = ["messages", item_id, action];
        let ask = Ask {
            whose: Whose::Mailbox(subject),
            scope: Scope::Modify,
            price: Price::Modify,
            intent: Intent::Write,
            method: Method::POST,
            url: self.url(&path, &[])?,
            body,
        };
        let shown: Changed = self.caller.change(&ask).await?;
        Ok(Relocated { item_id: Some(shown.id) })
    }

    // spec: gmail:users.messages.delete
    async fn delete(&self, subject: &str, item_id: &str) -> Result<Relocated, ProviderError> {
        let ask = Ask {
            whose: Whose::Mailbox(subject),
            scope: Scope::Full,
            price: Price::Delete,
            intent: Intent::Write,
            method: Method::DELETE,
            url: self.url(&["messages", item_id], &[])?,
            body: None,
        };
        self.caller.perform(&ask).await?;
        Ok(Relocated { item_id: None })
    }

    /// An address of something in a mailbox.
    pub(super) fn url(
        &self,
        rest: &[&str],
        options: &[(&str, &str)],
    ) -> Result<Url, ProviderError> {
        let path: Vec<&str> = V1.iter().chain(rest).copied().collect();
        self.root.address("", &path, options)
    }

    pub(super) async fn subject(&self, mailbox: &MailboxRef) -> Result<String, ProviderError> {
        self.in_time(self.directory.primary(&self.caller, mailbox)).await
    }
}

impl MailboxProvider for Gmail {
    /// Below Trash Gmail has nothing that a user could recover from.
    fn effective(&self, destination: Destination) -> Destination {
        match destination {
            Destination::SoftDelete => Destination::Trash,
            other => other,
        }
    }

    async fn resolve(&self, address: &Address) -> Result<MailboxRef, ProviderError> {
        self.in_time(self.directory.resolve(&self.caller, address)).await
    }

    async fn locate(
        &self,
        mailbox: &MailboxRef,
        message_id: &str,
    ) -> Result<Vec<Found>, ProviderError> {
        let message_id = bare(message_id);
        if message_id.is_empty() || message_id.len() > MESSAGE_ID_OCTETS_MAX {
            return Ok(Vec::new());
        }
        let subject = self.subject(mailbox).await?;
        let located = self.in_time(self.seek(&subject, message_id)).await;
        if located == Err(ProviderError::NoMailbox) {
            // Some address led here: it is looked up anew the next time.
            self.directory.forget(mailbox, &subject);
        }
        located
    }

    async fn look(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Found>, ProviderError> {
        let subject = self.subject(mailbox).await?;
        self.in_time(self.glance(&subject, item_id)).await
    }

    async fn relocate(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        destination: Destination,
    ) -> Result<Relocated, ProviderError> {
        if destination == Destination::NoAction {
            return Err(ProviderError::Unsupported(destination));
        }
        let subject = self.subject(mailbox).await?;
        match destination {
            Destination::HardDelete => self.delete(&subject, item_id).await,
            Destination::Inbox => {
                let (on, off) = (vec![INBOX.to_owned()], vec![SPAM.to_owned(), TRASH.to_owned()]);
                self.relabel(&subject, item_id, on, off).await
            }
            Destination::Junk => {
                let body = json!({ "addLabelIds": [SPAM], "removeLabelIds": [INBOX] });
                self.act(&subject, item_id, "modify", Some(&body)).await
            }
            _ => self.act(&subject, item_id, "trash", None).await,
        }
    }

    async fn put_back(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        self.restore(mailbox, item_id, before).await
    }

    async fn raw(
        &self,
        mailbox: &MailboxRef,
        item_id: &str,
    ) -> Result<Option<Vec<u8>>, ProviderError> {
        self.in_time(self.fetch(mailbox, item_id)).await
    }

    async fn recreate(
        &self,
        mailbox: &MailboxRef,
        raw: &[u8],
        before: &Before,
    ) -> Result<Relocated, ProviderError> {
        self.insert(mailbox, raw, before).await
    }

    fn recreation(&self) -> Recreation {
        Recreation { octets_max: INSERTED_OCTETS_MAX, is_draft: false }
    }

    async fn members(&self, address: &Address) -> Result<Option<Vec<Address>>, ProviderError> {
        self.in_time(self.directory.members(&self.caller, address)).await
    }
}

/// A Message-ID without its angle brackets.
fn bare(message_id: &str) -> &str {
    let text = message_id.trim();
    let text = text.strip_prefix('<').unwrap_or(text);
    text.strip_suffix('>').unwrap_or(text)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    /// Not there at all where nothing was found, but the estimate always is.
    #[serde(default)]
    messages: Vec<Named>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(rename = "resultSizeEstimate")]
    _estimate: u64,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// What a change answers with.
#[derive(Deserialize)]
pub(super) struct Changed {
    pub(super) id: String,
}

const V1: [&str; 4] = ["gmail", "v1", "users", "me"];
/// Standards allow a line of 998 octets; a longer id is no key that anybody could look up.
const MESSAGE_ID_OCTETS_MAX: usize = 998;
const PAGE_ITEMS: &str = "100";
/// Items with one id in one mailbox; what lies beyond is found when these are gone.
const ITEMS_MAX: usize = 250;
/// How many of the newest messages are looked at for an id that no search can say.
const SCANNED_MAX: usize = 50;
