//! A simulated tenant of either kind with its connection, and one clock in hand for both.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use clawback_core::{Destination, Entropy, Folder, UnixMillis};
use clawback_mail::address::Address;
use clawback_remote::google::{Gmail, GoogleSettings, ServiceAccount};
use clawback_remote::microsoft::{Graph, GraphSettings};
use clawback_remote::{MailboxProvider, MailboxRef, Secret};
use clawback_sim::{
    By, Clock, ClockHand, Config, Delivery, Folder as SimFolder, ItemView, OperationKind, User,
    UserKind, World,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One tenant and who reaches it.
pub(crate) struct Tenant<P> {
    pub(crate) provider: P,
    pub(crate) world: World,
    pub(crate) hand: ClockHand,
    domain: &'static str,
    _stop: oneshot::Sender<()>,
}

const GOOGLE: &str = "gsuite.example";
pub(crate) const ANNA: &str = "101";
pub(crate) const MESSAGE_ID: &str = "20260915081200.4711+a'b@shop.example.net";

impl<P: MailboxProvider> Tenant<P> {
    pub(crate) fn address(&self, local: &str) -> Address {
        Address::parse(&format!("{local}@{}", self.domain)).unwrap()
    }

    pub(crate) async fn anna(&self) -> MailboxRef {
        self.provider.resolve(&self.address("anna")).await.unwrap()
    }

    /// Anna's mailbox with one message in it; gives the item's id.
    pub(crate) async fn with_message(&self) -> (MailboxRef, String) {
        let mailbox = self.anna().await;
        (mailbox, self.deliver(MESSAGE_ID))
    }

    /// Delivers a message to Anna; gives the item's id.
    pub(crate) fn deliver(&self, message_id: &str) -> String {
        self.put(self.raw(message_id, "Please see the invoice."))
    }

    /// Delivers a message with this text to Anna; gives the item's id.
    pub(crate) fn deliver_raw(&self, text: &str) -> String {
        self.put(self.raw("large@shop.example.net", text))
    }

    fn put(&self, raw: Vec<u8>) -> String {
        let recipients = vec![self.address("anna").to_string()];
        self.world.deliver(&Delivery { raw, recipients }).pop().unwrap().immutable_id
    }

    /// The octets of a message to Anna.
    pub(crate) fn raw(&self, message_id: &str, text: &str) -> Vec<u8> {
        let to = self.address("anna").to_string();
        format!(
            "From: Shop Billing <Billing@shop.example.net>\r\nTo: Anna Berg <{to}>\r\n\
             Subject: =?utf-8?q?Your_r=C3=A9sum=C3=A9?=\r\nMessage-ID: <{message_id}>\r\n\
             Date: Tue, 15 Sep 2026 08:11:00 +0000\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain\r\n\r\n{text}\r\n"
        )
        .into_bytes()
    }

    /// Anna reads an item, marks it and sorts it.
    pub(crate) fn owner_sorts(&self, item: &str) {
        self.world.owner_reads(ANNA, item).unwrap();
        if self.domain == GOOGLE {
            let own = self.world.owner_makes_label(ANNA, "Invoices").unwrap();
            self.world.owner_labels(ANNA, item, &["STARRED", &own], &[]).unwrap();
        } else {
            let folder = self.world.owner_makes_folder(ANNA, "Invoices").unwrap();
            self.world.owner_moves(ANNA, item, folder).unwrap();
            self.world.owner_flags(ANNA, item, "flagged").unwrap();
            self.world.owner_categorises(ANNA, item, &["Red category", "Blue category"]).unwrap();
        }
    }

    /// Anna does the opposite, wherever the item lies.
    pub(crate) fn owner_unsorts(&self, item: &str) {
        self.world.owner_unreads(ANNA, item).unwrap();
        if self.domain == GOOGLE {
            let other = self.world.owner_makes_label(ANNA, "Other").unwrap();
            self.world.owner_labels(ANNA, item, &[&other], &["STARRED"]).unwrap();
        } else {
            self.world.owner_flags(ANNA, item, "complete").unwrap();
            self.world.owner_categorises(ANNA, item, &["Green category"]).unwrap();
        }
    }

    /// The one item of Anna's mailbox.
    pub(crate) fn item(&self) -> ItemView {
        self.world.items(ANNA).remove(0)
    }

    /// Where the service has an item that was sent there, and where we see it.
    pub(crate) fn place(&self, destination: Destination) -> (SimFolder, Folder) {
        match self.provider.effective(destination) {
            Destination::Inbox | Destination::NoAction => (SimFolder::Inbox, Folder::Inbox),
            Destination::Junk => (SimFolder::JunkEmail, Folder::Junk),
            Destination::Trash => (SimFolder::DeletedItems, Folder::Trash),
            Destination::SoftDelete => (SimFolder::Deletions, Folder::SoftDeleted),
            Destination::HardDelete => (SimFolder::Purges, Folder::Purged),
        }
    }

    /// How often our application moved or deleted something.
    pub(crate) fn changes(&self) -> usize {
        let counts = |kind: &OperationKind| {
            matches!(kind, OperationKind::Moved { .. } | OperationKind::PermanentlyDeleted { .. })
        };
        let log = self.world.journal_of_operations();
        log.iter().filter(|it| it.by == By::Application && counts(&it.kind)).count()
    }
}

pub(crate) async fn microsoft() -> Tenant<Graph> {
    let (clock, hand) = clock();
    let config = Config { clock: clock.clone(), ..Config::example() };
    let (world, root, stop) = serve(config).await;
    let config = world.config();
    let settings = GraphSettings {
        login_url: root.parse().unwrap(),
        graph_url: root.parse().unwrap(),
        client_id: config.client_id.clone(),
        credential: Secret::new(config.client_secret.clone()).into(),
        directory_id: config.tenant_id.clone(),
        request_timeout: Duration::from_secs(5),
        ..GraphSettings::default()
    };
    let entropy = Arc::new(Counter::default());
    let provider = Graph::new(settings, Arc::new(Time(clock)), entropy).unwrap();
    Tenant { provider, world, hand, domain: "corp.example", _stop: stop }
}

pub(crate) async fn google() -> Tenant<Gmail> {
    let (clock, hand) = clock();
    let account = clawback_sim::ServiceAccount::generate().unwrap();
    let config = Config { clock: clock.clone(), ..Config::google(account.clone()) };
    let (world, root, stop) = serve(config).await;
    let file = Secret::new(account.key_file(&format!("{root}/token")));
    let settings = GoogleSettings {
        token_url: format!("{root}/token").parse().unwrap(),
        gmail_url: root.parse().unwrap(),
        directory_url: root.parse().unwrap(),
        admin: "admin@gsuite.example".to_owned(),
        request_timeout: Duration::from_secs(5),
        ..GoogleSettings::new(ServiceAccount::read(&file).unwrap())
    };
    let provider = Gmail::new(settings, Arc::new(Time(clock))).unwrap();
    Tenant { provider, world, hand, domain: GOOGLE, _stop: stop }
}

fn clock() -> (Clock, ClockHand) {
    Clock::by_hand("2026-09-15T08:12:00Z".parse().unwrap())
}

async fn serve(config: Config) -> (World, String, oneshot::Sender<()>) {
    let domain = config.verified_domains[0].clone();
    let world = World::new(config);
    users(&domain).into_iter().for_each(|user| world.add_user(user));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(clawback_sim::serve(listener, world.clone(), async {
        stopped.await.ok();
    }));
    (world, root, stop)
}

fn users(domain: &str) -> Vec<User> {
    let user = |id: &str, local: &str| User::cloud(id, &format!("{local}@{domain}"), local);
    let mut anna = user(ANNA, "anna");
    anna.proxy_addresses.push(format!("smtp:a.o'berg@{domain}"));
    let mut none = user("103", "none");
    none.kind = UserKind::NoMailbox;
    vec![user("100", "admin"), anna, user("102", "ben"), none]
}

/// The simulated world's clock, as our clock.
struct Time(Clock);

impl clawback_core::Clock for Time {
    fn now(&self) -> UnixMillis {
        UnixMillis(u64::try_from(self.0.now().as_millisecond()).unwrap())
    }
}

#[derive(Default)]
struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, octets: &mut [u8]) {
        octets.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}
