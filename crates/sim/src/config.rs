//! What a simulated tenant is made of, and how it misbehaves.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::clock::Clock;
use crate::google::{GoogleBehaviour, ServiceAccount};
use crate::mailbox::Folder;

/// What a [`World`](crate::World) is made of when it begins.
#[derive(Clone)]
pub struct Config {
    /// Whose mailboxes they are.
    pub service: Service,
    /// The tenant's id, a GUID in lower case.
    pub tenant_id: String,
    /// The organisation's name as its directory shows it.
    pub organisation: String,
    /// Mail domains of the tenant; the first is the default one.
    pub verified_domains: Vec<String>,
    /// The id of the one application that is registered.
    pub client_id: String,
    /// The one secret of that application.
    pub client_secret: String,
    /// How the service behaves at first.
    pub behaviour: Behaviour,
    /// Where the mailboxes are kept over a restart; nowhere when absent.
    pub state_file: Option<PathBuf>,
    /// From what everything that looks random follows.
    pub seed: u64,
    /// What time it is.
    pub clock: Clock,
    /// The root of the service as clients write it, without a slash at the end.
    ///
    /// When absent it is `http://` and the `Host` of each request, which is right on loopback.
    pub graph_root: Option<String>,
    /// How many items a mailbox holds before its oldest is dropped.
    pub items_per_mailbox_max: usize,
}

impl Config {
    /// The tenant of Example Corp, as the demo and most tests use it.
    pub fn example() -> Self {
        Self {
            service: Service::Microsoft,
            tenant_id: "7d1c2a5e-0b44-4c1f-9a77-2f6f1f0c9d10".to_owned(),
            organisation: "Example Corp".to_owned(),
            verified_domains: vec!["corp.example".to_owned()],
            client_id: "c1a3b4c0-0000-4000-8000-00000000c1a3".to_owned(),
            client_secret: "not-a-secret-on-loopback".to_owned(),
            behaviour: Behaviour::default(),
            state_file: None,
            seed: 1,
            clock: Clock::system(),
            graph_root: None,
            items_per_mailbox_max: ITEMS_PER_MAILBOX_MAX,
        }
    }

    /// The same company's cousin at Google, `gsuite.example`, with this service account.
    pub fn google(account: ServiceAccount) -> Self {
        Self {
            service: Service::Google(account),
            tenant_id: "C01example".to_owned(),
            organisation: "Example Suite".to_owned(),
            verified_domains: vec!["gsuite.example".to_owned()],
            ..Self::example()
        }
    }
}

/// Whose mailboxes a world has.
#[derive(Clone, Debug)]
pub enum Service {
    /// A Google Workspace, reached through this service account.
    Google(ServiceAccount),
    /// A Microsoft 365.
    Microsoft,
}

impl Service {
    pub(crate) fn is_google(&self) -> bool {
        matches!(self, Self::Google(_))
    }

    pub(crate) fn account(&self) -> Option<&ServiceAccount> {
        match self {
            Self::Google(account) => Some(account),
            Self::Microsoft => None,
        }
    }

    /// The name on the page that shows the mailboxes.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Google(_) => "Google Workspace",
            Self::Microsoft => "Microsoft 365",
        }
    }
}

/// How the simulated service behaves; can be changed while it runs.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// How long after its delivery a message appears in a mailbox, in milliseconds.
    pub arrival_delay_ms: RangeInclusive<u64>,
    /// How long after its appearance a message is found by `$filter`, in milliseconds.
    pub index_delay_ms: RangeInclusive<u64>,
    /// How long an answer takes, in milliseconds: Graph's about anything, Gmail's about a mailbox.
    pub latency_ms: RangeInclusive<u64>,
    /// How many requests to one mailbox may run at once.
    pub concurrent_max: usize,
    /// How many requests of the application Graph lets run at once, over all mailboxes and the
    /// directory.
    pub application_max: usize,
    /// How many requests to one mailbox are allowed in ten minutes.
    pub window_max: u32,
    /// What `Retry-After` says when the service itself throttles; absent leaves the header out.
    pub retry_after_seconds: Option<u32>,
    /// Whether the octets of a message are rendered anew when they are asked for, as the service
    /// does it, or come as they were delivered.
    pub alter_bodies: bool,
    /// What Exchange writes above mail from outside; nothing when absent.
    pub banner: Option<String>,
    /// Whether error codes are written in another case and with more specific ones inside.
    pub odd_codes: bool,
    /// Whether Exchange leads links through a page of its own.
    pub safe_links: bool,
    /// Whether the tenant's administrator has consented to the application.
    pub consent: bool,
    /// What the administrator granted; goes into tokens that are issued from now on.
    pub permissions: BTreeSet<Permission>,
    /// Ids of users whose mailboxes a policy keeps from the application.
    pub denied_mailboxes: BTreeSet<String>,
    /// Whether `permanentDelete` exists; it does not in national clouds.
    pub permanent_delete: bool,
    /// Where `DELETE` puts a message; the real service does not document it.
    pub delete_target: Folder,
    /// How long a token is good, in seconds.
    pub token_seconds: u32,
    /// The share of requests, 0.0 to 1.0, that meet one of `faults`.
    pub fault_rate: f64,
    /// What happens to that share of requests, one of these each.
    pub faults: Vec<Fault>,
    /// Further faults, each with the share of requests that meets it.
    pub chances: Vec<(f64, Fault)>,
    /// What only a Google Workspace has.
    pub google: GoogleBehaviour,
}

impl Default for Behaviour {
    /// A service without delays and without faults, as tests want it.
    fn default() -> Self {
        Self {
            arrival_delay_ms: 0..=0,
            index_delay_ms: 0..=0,
            latency_ms: 0..=0,
            concurrent_max: CONCURRENT_MAX,
            application_max: usize::MAX,
            window_max: WINDOW_MAX,
            retry_after_seconds: Some(RETRY_AFTER_SECONDS),
            alter_bodies: true,
            banner: None,
            odd_codes: false,
            safe_links: false,
            consent: true,
            permissions: BTreeSet::from([
                Permission::GroupMemberReadAll,
                Permission::MailReadWrite,
                Permission::OrganizationReadAll,
                Permission::UserReadAll,
            ]),
            denied_mailboxes: BTreeSet::new(),
            permanent_delete: true,
            delete_target: Folder::Deletions,
            token_seconds: TOKEN_SECONDS,
            fault_rate: 0.0,
            faults: Vec::new(),
            chances: Vec::new(),
            google: GoogleBehaviour::default(),
        }
    }
}

impl Behaviour {
    /// A service with the delays a person would see, and no faults, as the demo wants it.
    pub fn lifelike() -> Self {
        Self {
            arrival_delay_ms: 300..=1_500,
            index_delay_ms: 50..=600,
            latency_ms: 15..=70,
            ..Self::default()
        }
    }
}

/// What can go wrong with one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The request is carried out, and the connection is cut instead of an answer.
    CutAfter,
    /// The connection is cut and nothing was done.
    CutBefore,
    /// The request is carried out, and half of a body comes back with its usual status.
    MalformedBody,
    /// Too many requests; nothing was done.
    Status429 {
        /// The seconds in `Retry-After`; absent leaves the header out.
        retry_after: Option<u32>,
    },
    /// Service unavailable; nothing was done.
    Status503 {
        /// The seconds in `Retry-After`; absent leaves the header out.
        retry_after: Option<u32>,
    },
    /// The request is carried out, and the answer says it took too long.
    Timeout504After,
    /// The answer says it took too long, and nothing was done.
    Timeout504Before,
}

impl Fault {
    /// A word for tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CutAfter => "cut after",
            Self::CutBefore => "cut before",
            Self::MalformedBody => "malformed",
            Self::Status429 { .. } => "429",
            Self::Status503 { .. } => "503",
            Self::Timeout504After => "504 after",
            Self::Timeout504Before => "504 before",
        }
    }
}

/// Which request a planned fault waits for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum On {
    /// Any Graph request.
    Any,
    /// A batch as a whole, not what it holds.
    Batch,
    /// A directory request: organisation or users.
    Directory,
    /// A request for one message.
    Get,
    /// A message that the application puts into a mailbox.
    Insert,
    /// A list of messages.
    List,
    /// A move, or a change of labels.
    Move,
    /// A change of a message's properties.
    Patch,
    /// A permanent delete.
    PermanentDelete,
    /// A request for a token.
    Token,
}

/// An application permission that an administrator can grant.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Permission {
    /// Read who is in groups.
    GroupMemberReadAll,
    /// Read mail of every mailbox.
    MailRead,
    /// Read and change mail of every mailbox.
    MailReadWrite,
    /// Read the organisation's name and domains.
    OrganizationReadAll,
    /// Read every user's full profile.
    UserReadAll,
}

impl Permission {
    /// The permission's name as it stands in the `roles` of a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::GroupMemberReadAll => "GroupMember.Read.All",
            Self::MailRead => "Mail.Read",
            Self::MailReadWrite => "Mail.ReadWrite",
            Self::OrganizationReadAll => "Organization.Read.All",
            Self::UserReadAll => "User.Read.All",
        }
    }
}

/// One entry of the directory.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct User {
    /// The object id, a GUID.
    pub id: String,
    /// The user principal name, which need not be an address that receives mail.
    pub upn: String,
    /// The primary address, when there is one.
    pub mail: Option<String>,
    /// Every address, as `SMTP:` for the primary one and `smtp:` for the others.
    pub proxy_addresses: Vec<String>,
    /// The name people see.
    pub display_name: String,
    /// What kind of mailbox there is.
    pub kind: UserKind,
}

impl User {
    /// A user with a mailbox in the cloud whose principal name is the primary address.
    pub fn cloud(id: &str, address: &str, display_name: &str) -> Self {
        Self {
            id: id.to_owned(),
            upn: address.to_owned(),
            mail: Some(address.to_owned()),
            proxy_addresses: vec![format!("SMTP:{address}")],
            display_name: display_name.to_owned(),
            kind: UserKind::Cloud,
        }
    }

    /// Whether mail to this address reaches this user.
    pub(crate) fn receives(&self, address: &str) -> bool {
        let is_it = |proxy: &String| {
            proxy.split_once(':').is_some_and(|(scheme, proxied)| {
                scheme.eq_ignore_ascii_case("smtp") && proxied.eq_ignore_ascii_case(address)
            })
        };
        self.proxy_addresses.iter().any(is_it)
    }

    pub(crate) fn has_mailbox(&self) -> bool {
        matches!(self.kind, UserKind::Cloud | UserKind::Shared)
    }
}

/// A list of people, which has an address and no mailbox.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct Group {
    /// Its address.
    pub address: String,
    /// Further addresses.
    pub aliases: Vec<String>,
    /// Addresses of people, of other groups, and of anybody outside.
    pub members: Vec<String>,
}

impl Group {
    /// Whether mail to this address goes to this group.
    pub(crate) fn receives(&self, address: &str) -> bool {
        let mut all = self.aliases.iter().chain([&self.address]);
        all.any(|known| known.eq_ignore_ascii_case(address))
    }
}

/// What kind of mailbox a user has.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub enum UserKind {
    /// A mailbox in the cloud.
    Cloud,
    /// None at all.
    NoMailbox,
    /// A mailbox on the organisation's own server, out of reach of the service.
    OnPremises,
    /// A shared mailbox: an account that nobody signs in to, with a mailbox that works.
    Shared,
}

const CONCURRENT_MAX: usize = 4;
const ITEMS_PER_MAILBOX_MAX: usize = 10_000;
const RETRY_AFTER_SECONDS: u32 = 1;
const TOKEN_SECONDS: u32 = 3_599;
const WINDOW_MAX: u32 = 10_000;
