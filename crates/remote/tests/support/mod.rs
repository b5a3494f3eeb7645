//! A simulated tenant on a free port, the client under test, and one clock in hand for both.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub(crate) mod fake;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use clawback_core::{Entropy, UnixMillis};
use clawback_mail::address::Address;
use clawback_remote::microsoft::{Graph, GraphSettings};
use clawback_remote::{MailboxProvider, MailboxRef, Secret};
use clawback_sim::{
    Behaviour, By, Clock, ClockHand, Config, Delivery, OperationKind, User, UserKind, World,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) struct Sim {
    pub(crate) world: World,
    pub(crate) root: String,
    pub(crate) hand: ClockHand,
    pub(crate) clock: Clock,
    stop: Option<oneshot::Sender<()>>,
}

pub(crate) const ANNA: &str = "a-anna";
pub(crate) const BEN: &str = "a-ben";
pub(crate) const ANNAS: &str = "anna@corp.example";
pub(crate) const MESSAGE_ID: &str = "20260915081200.4711+a'b@shop.example.net";

impl Sim {
    pub(crate) async fn start() -> Self {
        Self::start_with(Behaviour::default()).await
    }

    pub(crate) async fn start_with(behaviour: Behaviour) -> Self {
        let (clock, hand) = Clock::by_hand("2026-09-15T08:12:00Z".parse().unwrap());
        let config = Config { behaviour, clock: clock.clone(), ..Config::example() };
        let world = World::new(config);
        users().into_iter().for_each(|user| world.add_user(user));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served = clawback_sim::serve(listener, world.clone(), async {
            stopped.await.ok();
        });
        tokio::spawn(served);
        Self { world, root, hand, clock, stop: Some(stop) }
    }

    pub(crate) fn settings(&self) -> GraphSettings {
        let config = self.world.config();
        GraphSettings {
            client_id: config.client_id.clone(),
            credential: Secret::new(config.client_secret.clone()).into(),
            directory_id: config.tenant_id.clone(),
            ..settings(&self.root)
        }
    }

    pub(crate) fn graph(&self) -> Graph {
        self.graph_with(self.settings())
    }

    pub(crate) fn graph_with(&self, settings: GraphSettings) -> Graph {
        graph(settings, &self.clock)
    }

    /// A client, and Anna's mailbox with one message in it; gives the item's immutable id.
    pub(crate) async fn with_message(&self) -> (Graph, MailboxRef, String) {
        let graph = self.graph();
        let mailbox = graph.resolve(&address(ANNAS)).await.unwrap();
        let item = self.deliver(MESSAGE_ID);
        (graph, mailbox, item)
    }

    /// Delivers a message to Anna; gives the item's immutable id.
    pub(crate) fn deliver(&self, message_id: &str) -> String {
        let raw = format!(
            "From: Shop Billing <Billing@shop.example.net>\r\nTo: Anna Berg <anna@corp.example>\r\n\
             Subject: Your invoice 4711\r\nMessage-ID: <{message_id}>\r\n\
             Date: Tue, 15 Sep 2026 08:11:00 +0000\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain\r\n\r\nPlease see the invoice.\r\n"
        );
        let delivery = Delivery { raw: raw.into_bytes(), recipients: vec![ANNAS.to_owned()] };
        self.world.deliver(&delivery).pop().unwrap().immutable_id
    }

    /// How often our application moved or purged something.
    pub(crate) fn changes(&self) -> usize {
        let counts = |kind: &OperationKind| {
            matches!(kind, OperationKind::Moved { .. } | OperationKind::PermanentlyDeleted { .. })
        };
        let log = self.world.journal_of_operations();
        log.iter().filter(|it| it.by == By::Application && counts(&it.kind)).count()
    }

    /// How often our application came back before it was allowed to.
    pub(crate) fn impatience(&self) -> usize {
        let log = self.world.journal_of_operations();
        log.iter().filter(|it| it.kind == OperationKind::Impatient).count()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
    }
}

/// Settings for a service at this root, with limits short enough for a test.
pub(crate) fn settings(root: &str) -> GraphSettings {
    GraphSettings {
        login_url: root.parse().unwrap(),
        graph_url: root.parse().unwrap(),
        client_id: "c1a3".to_owned(),
        credential: Secret::new("a-secret".to_owned()).into(),
        directory_id: "corp.example".to_owned(),
        request_timeout: Duration::from_secs(5),
        ..GraphSettings::default()
    }
}

pub(crate) fn graph(settings: GraphSettings, clock: &Clock) -> Graph {
    let clock = Arc::new(Time(clock.clone()));
    Graph::new(settings, clock, Arc::new(Counter::default())).unwrap()
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// The simulated world's clock, as our clock.
pub(crate) struct Time(pub(crate) Clock);

impl clawback_core::Clock for Time {
    fn now(&self) -> UnixMillis {
        UnixMillis(u64::try_from(self.0.now().as_millisecond()).unwrap())
    }
}

#[derive(Default)]
pub(crate) struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, octets: &mut [u8]) {
        octets.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

fn users() -> Vec<User> {
    let mut anna = User::cloud(ANNA, ANNAS, "Anna Berg");
    anna.upn = "u4711@corp.example".to_owned();
    anna.proxy_addresses.push("smtp:a.o'berg@corp.example".to_owned());
    let mut shared = User::cloud("a-office", "office@corp.example", "Front Office");
    shared.kind = UserKind::Shared;
    let mut old = User::cloud("a-old", "old@corp.example", "On Premises");
    old.kind = UserKind::OnPremises;
    let mut none = User::cloud("a-none", "none@corp.example", "No Mailbox");
    none.kind = UserKind::NoMailbox;
    vec![anna, User::cloud(BEN, "ben@corp.example", "Ben Okafor"), shared, old, none]
}
