//! The program ends at every step of a copy, and ends there again: what is left to do is done once.
//!
//! Each way of a copy is gone once to count its steps; then once for each step with an end before
//! and one behind the moment at which it is stored, twice in a row. What the mailbox looks like
//! afterwards is what it looks like without any of that, and no change was asked for twice.

use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::job::{Job, OrderedBy, Selection};
use clawback_core::retraction::{Schedule, State};
use clawback_core::tenant::Tenant;
use clawback_core::trace::{Query, Span};
use clawback_core::{
    Clock, Copy, Destination, Entropy, JobId, MessageId, OperatorId, Region, TenantId, UnixMillis,
};
use clawback_mail::address::Domain;
use clawback_remote::Secret;
use clawback_remote::microsoft::GraphSettings;
use clawback_sim::journal::{Recipient, Report, report};
use clawback_sim::{
    By, Config as SimConfig, Delivery, Fault, Folder, ItemView, On, OperationKind, Organisation,
    World,
};
use clawback_store::{Envelope, Incoming, Records, RootKey, Settings, Store};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Originals, Responder, Room};
use crate::config::Config;
use crate::knowledge::KnowledgeBase;
use crate::pipeline::{Line, process};
use crate::providers::{App, Apps, Providers};
use crate::rules::Packs;

/// Where the program ends: at the step with this number, if it gets there.
struct Fuse {
    steps: AtomicUsize,
    at: usize,
    blown: Notify,
}

tokio::task_local! {
    static FUSE: Arc<Fuse>;
}

/// A moment at which the program may end: then nothing after it happens.
pub(super) async fn step() {
    let Ok(fuse) = FUSE.try_with(Arc::clone) else { return };
    if fuse.steps.fetch_add(1, Ordering::SeqCst) == fuse.at {
        fuse.blown.notify_one();
        pending::<()>().await;
    }
}

/// The time, which a test turns, and octets that never repeat.
#[derive(Default)]
struct Hand {
    ahead: AtomicU64,
    octets: AtomicU64,
}

impl Clock for Hand {
    #[expect(clippy::disallowed_methods, reason = "the simulated service has the machine's clock")]
    fn now(&self) -> UnixMillis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = u64::try_from(since.as_millis()).unwrap();
        UnixMillis(now + self.ahead.load(Ordering::SeqCst))
    }
}

impl Entropy for Hand {
    fn fill(&self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            let next = self.octets.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// A tenant, its mailboxes, and one message in one of them.
struct Bench {
    _dir: tempfile::TempDir,
    store: Store,
    hand: Arc<Hand>,
    world: World,
    apps: Apps,
    tenant: TenantId,
    message: MessageId,
    is_slow: bool,
    _stop: tokio_util::sync::DropGuard,
}

impl Bench {
    async fn new() -> Self {
        let (dir, hand) = (tempfile::tempdir().unwrap(), Arc::new(Hand::default()));
        let config = SimConfig::example();
        let world = World::new(config.clone());
        Organisation::example().users().into_iter().for_each(|user| world.add_user(user));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let stop = CancellationToken::new();
        let until = stop.clone().cancelled_owned();
        tokio::spawn(clawback_sim::serve(listener, world.clone(), until));
        let template = GraphSettings {
            login_url: root.clone(),
            graph_url: root,
            client_id: config.client_id.clone(),
            credential: Secret::new(config.client_secret.clone()).into(),
            ..GraphSettings::default()
        };
        let apps = Apps { microsoft: Some(App { template }), ..Apps::default() };
        let store = open(dir.path(), &hand).await;
        let domains = vec![Domain::parse("corp.example").unwrap()];
        let tenant = Tenant {
            microsoft_tenant: Some(config.tenant_id.clone()),
            ..Tenant::new(TenantId::from_octets([1; 16]), "Example Corp".into(), domains)
        };
        store.control().create_tenant(&tenant, &Actor::system("test")).await.unwrap();
        let mut bench = Self {
            _dir: dir,
            store,
            hand,
            world,
            apps,
            tenant: tenant.id,
            message: MessageId::from_octets([0; 16]),
            is_slow: false,
            _stop: stop.drop_guard(),
        };
        bench.message = bench.receive(&config).await;
        bench
    }

    /// The message arrives in its mailbox; its octets.
    fn deliver(&self) -> String {
        let to = self.world.users()[0].mail.clone().unwrap();
        let raw = format!(
            "From: Ben <ben@partner.example.org>\r\nTo: {to}\r\nSubject: Minutes\r\n\
             Message-ID: <minutes@partner.example.org>\r\nDate: {}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain\r\n\r\nThe minutes of our meeting of Monday, as agreed, are \
             below. Please tell me by Friday whether anything is missing.\r\n",
            self.moment().strftime("%a, %d %b %Y %H:%M:%S +0000"),
        );
        let recipients = vec![to];
        self.world.deliver(&Delivery { raw: raw.clone().into_bytes(), recipients });
        raw
    }

    /// The message arrives, and the report of it.
    async fn receive(&self, config: &SimConfig) -> MessageId {
        let to = self.world.users()[0].mail.clone().unwrap();
        let raw = self.deliver();
        let octets = report(&Report {
            original: raw.as_bytes(),
            mail_from: "ben@partner.example.org",
            recipients: &[Recipient::plain(&to)],
            tenant_domain: "corp.example",
            tenant_id: &config.tenant_id,
            id: uuid::Uuid::from_u128(1),
            at: self.moment(),
        });
        let (region, packs) = (self.store.region(&Region::global()), "[rules]\nown_pack = false\n");
        let packs = Packs::of(&Config::parse(packs).unwrap()).unwrap();
        let knowledge = KnowledgeBase::load(self.store.clone(), packs, Arc::default()).await;
        let line = Line {
            store: self.store.clone(),
            region: Region::global(),
            knowledge: Arc::new(knowledge.unwrap()),
            clock: Arc::clone(&self.hand) as _,
            large: Semaphore::new(1),
        };
        let (tenant, envelope) = (self.tenant, Envelope::default());
        region.append(Incoming { tenant, envelope, octets: octets.into() }).await.unwrap();
        let claim = loop {
            match region.claim_segment("test", Duration::from_secs(60)).await.unwrap() {
                Some(claim) => break claim,
                None => region.notified().await,
            }
        };
        process(&line, &claim).await.unwrap();
        let ever = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX >> 1) };
        let records = self.store.tenant(tenant, &Region::global());
        records.trace(&Query::parse("").unwrap(), ever, None, 9).await.unwrap().rows[0].id
    }

    fn moment(&self) -> jiff::Timestamp {
        let now = i64::try_from(self.hand.now().0).unwrap();
        jiff::Timestamp::from_millisecond(now).unwrap()
    }

    async fn order(&self, number: u8, destination: Destination, selection: Selection) -> JobId {
        let id = JobId::from_octets([number; 16]);
        let by = OrderedBy::Operator { id: OperatorId::from_octets([7; 16]), name: "Olga".into() };
        let (reason, created) = ("test".to_owned(), self.hand.now());
        let job = Job { id, by, destination, reason, created, selection };
        let records = self.store.tenant(self.tenant, &Region::global());
        records.order(job, &Actor::system("test")).await.unwrap();
        while self.store.region(&Region::global()).settle_jobs().await.unwrap() {}
        id
    }

    /// Runs until every order is at its end, or until the step with this number. How many steps
    /// it took.
    async fn run(&self, at: usize) -> usize {
        let region = self.store.region(&Region::global());
        region.recover_claims(self.hand.now()).await.unwrap();
        let responder = self.responder().await;
        let fuse = Arc::new(Fuse { steps: AtomicUsize::new(0), at, blown: Notify::new() });
        let working = FUSE.scope(Arc::clone(&fuse), async {
            for _ in 0..ROUNDS_MAX {
                let now = self.hand.now();
                let claimed = region.claim_copies(8, Duration::from_secs(120), now).await.unwrap();
                if claimed.is_empty() && self.is_at_rest().await {
                    return;
                }
                match claimed.is_empty() {
                    // Who is told to wait by the service really has to.
                    true if self.is_slow => tokio::time::sleep(Duration::from_millis(100)).await,
                    true => _ = self.hand.ahead.fetch_add(2_000, Ordering::SeqCst),
                    false => {}
                }
                for copy in claimed {
                    responder.attend(copy).await;
                }
            }
            panic!("it does not come to rest");
        });
        tokio::select! {
            () = Box::pin(working) => {}
            () = fuse.blown.notified() => {}
        }
        fuse.steps.load(Ordering::SeqCst)
    }

    async fn responder(&self) -> Responder {
        let (clock, entropy) = (Arc::clone(&self.hand) as _, Arc::clone(&self.hand) as _);
        let providers = Providers::new(self.store.clone(), self.apps.clone(), clock, entropy);
        providers.refresh().await.unwrap();
        Responder {
            store: self.store.clone(),
            region: Region::global(),
            providers: Arc::new(providers),
            clock: Arc::clone(&self.hand) as _,
            schedule: Schedule::default(),
            originals: Originals::default(),
            hint: Arc::default(),
            room: Room::default(),
        }
    }

    async fn copies(&self) -> Vec<Copy> {
        let records = self.store.tenant(self.tenant, &Region::global());
        records.message(self.message).await.unwrap().unwrap().copies
    }

    async fn states(&self) -> Vec<State> {
        let copies = self.copies().await;
        let orders = copies.iter().filter_map(|copy| copy.order.as_ref());
        orders.map(|order| order.retraction.state).collect()
    }

    async fn is_at_rest(&self) -> bool {
        self.states().await.iter().all(|state| state.is_final())
    }

    fn items(&self) -> Vec<ItemView> {
        self.world.items(&self.world.users()[0].id)
    }

    /// Where the items lie, and with which marks.
    fn mailbox(&self) -> Vec<(Folder, bool, String)> {
        let items = self.items().into_iter();
        let mut all: Vec<_> = items.map(|it| (it.folder, it.is_read, it.flag)).collect();
        all.sort();
        all
    }

    /// Changes that our application made.
    fn changes(&self) -> usize {
        let operations = self.world.journal_of_operations();
        let ours = operations.iter().filter(|one| one.by == By::Application);
        let counts = |kind: &OperationKind| {
            use OperationKind::{Delivered, Moved, PermanentlyDeleted, Refused};
            matches!(kind, Delivered | Moved { .. } | PermanentlyDeleted { .. } | Refused)
        };
        ours.filter(|one| counts(&one.kind)).count()
    }
}

async fn open(dir: &Path, hand: &Arc<Hand>) -> Store {
    let settings = Settings {
        records: Records::Sqlite(dir.join("clawback.db")),
        segments_dir: dir.join("segments"),
        root_key: RootKey::load_or_create(&dir.join("root.key"), &**hand).unwrap(),
        reserve_octets: 0,
    };
    Store::open(settings, Arc::clone(hand) as _, Arc::clone(hand) as _).await.unwrap()
}

/// One way of a copy: how its mailbox is brought to where it begins, and what is ordered.
struct Way {
    name: &'static str,
    /// Retracted before, and so to be put back.
    first: Option<Destination>,
    destination: Destination,
    /// What the provider does the first time.
    fault: Option<Fault>,
}

const WAYS: [Way; 8] = [
    Way { name: "junk", first: None, destination: Destination::Junk, fault: None },
    Way { name: "soft delete", first: None, destination: Destination::SoftDelete, fault: None },
    Way { name: "hard delete", first: None, destination: Destination::HardDelete, fault: None },
    Way {
        name: "throttled",
        first: None,
        destination: Destination::Trash,
        fault: Some(Fault::Status429 { retry_after: Some(1) }),
    },
    Way {
        name: "cut after the effect",
        first: None,
        destination: Destination::Trash,
        fault: Some(Fault::CutAfter),
    },
    Way {
        name: "put back",
        first: Some(Destination::Trash),
        destination: Destination::Inbox,
        fault: None,
    },
    Way {
        name: "put back, cut after the effect",
        first: Some(Destination::SoftDelete),
        destination: Destination::Inbox,
        fault: Some(Fault::CutAfter),
    },
    Way {
        name: "made again",
        first: Some(Destination::HardDelete),
        destination: Destination::Inbox,
        fault: None,
    },
];

impl Way {
    /// A mailbox where the way begins.
    async fn begin(&self) -> Bench {
        let mut bench = Bench::new().await;
        bench.is_slow = matches!(self.fault, Some(Fault::Status429 { .. }));
        let user = bench.world.users()[0].id.clone();
        let item = bench.items()[0].immutable_id.clone();
        bench.world.owner_flags(&user, &item, "flagged").unwrap();
        let ids = vec![bench.message];
        match self.first {
            Some(first) => {
                let job = bench.order(1, first, Selection::Messages { ids }).await;
                bench.run(usize::MAX).await;
                bench.order(2, self.destination, Selection::Job { id: job }).await;
            }
            None => {
                bench.order(1, self.destination, Selection::Messages { ids }).await;
            }
        }
        if let Some(fault) = &self.fault {
            bench.world.fail_next_on(On::Move, *fault);
        }
        bench
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_comes_to_the_same_end_wherever_the_program_ends_twice() {
    for way in WAYS {
        let bench = way.begin().await;
        let before = bench.changes();
        let steps = bench.run(usize::MAX).await;
        let (end, states) = (bench.mailbox(), bench.states().await);
        let changes = bench.changes() - before;
        assert!(steps >= 6, "{}: asked, moved and verified, with two moments each", way.name);
        assert_eq!(states, [State::Retracted], "{}", way.name);
        assert_eq!(changes, 1, "{}", way.name);
        for at in 0..steps {
            let bench = way.begin().await;
            let before = bench.changes();
            for _ in 0..2 {
                bench.run(at).await;
            }
            bench.run(usize::MAX).await;
            let told = format!("{}, ended twice at step {at} of {steps}", way.name);
            assert_eq!(bench.mailbox(), end, "{told}");
            assert_eq!(bench.changes() - before, changes, "{told}");
            assert!(bench.is_at_rest().await, "{told}");
            let mut complaints = bench.world.complaints();
            // A wait that ended with the program before it was stored is known to nobody.
            complaints.retain(|one| at != 2 || one.kind != OperationKind::Impatient);
            assert!(complaints.is_empty(), "{told}: {complaints:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shows_later_follows_and_what_its_owner_put_back_stays() {
    let bench = Bench::new().await;
    let ids = vec![bench.message];
    bench.order(1, Destination::SoftDelete, Selection::Messages { ids }).await;
    bench.run(usize::MAX).await;
    assert_eq!(bench.mailbox().len(), 1);
    // A copy that a rule made, or that an index did not show.
    bench.deliver();
    let responder = bench.responder().await;
    assert!(!responder.sweep_some().await, "not yet");
    bench.hand.ahead.fetch_add(61_000, Ordering::SeqCst);
    assert!(responder.sweep_some().await);
    bench.run(usize::MAX).await;
    let folders = || bench.mailbox().iter().map(|(folder, ..)| *folder).collect::<Vec<_>>();
    assert_eq!(folders(), [Folder::Deletions, Folder::Deletions]);
    assert_eq!(bench.states().await, [State::Retracted, State::Retracted]);

    let (user, item) = (bench.world.users()[0].id.clone(), bench.items()[0].immutable_id.clone());
    bench.world.owner_moves(&user, &item, Folder::Inbox).unwrap();
    bench.hand.ahead.fetch_add(900_000, Ordering::SeqCst);
    assert!(responder.sweep_some().await);
    bench.run(usize::MAX).await;
    let mut now = folders();
    now.sort();
    assert_eq!(now, [Folder::Deletions, Folder::Inbox], "it is theirs");
    let copies = bench.copies().await;
    let open: Vec<&Copy> = copies.iter().filter(|copy| copy.folder.is_open()).collect();
    assert_eq!(open.len(), 1, "and it is seen");
    assert!(open[0].place.checked.is_some());
    for hours in [4, 20] {
        bench.hand.ahead.fetch_add(hours * 3_600_000, Ordering::SeqCst);
        assert!(responder.sweep_some().await);
    }
    bench.hand.ahead.fetch_add(90 * 3_600_000, Ordering::SeqCst);
    assert!(!responder.sweep_some().await, "that was the last");
}

/// Claims until everything must have come to rest.
const ROUNDS_MAX: usize = 400;
