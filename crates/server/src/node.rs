//! One running clawback: listeners and workers over one store, started and stopped together.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use clawback_core::retraction::Schedule;
use clawback_core::{Clock, Entropy, Region};
use clawback_mail::smtp::{Limits, Settings, TlsMode};
use clawback_store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::directory::Directory;
use crate::knowledge::KnowledgeBase;
use crate::listen::{self, Limited};
use crate::ops::{self, Ops};
use crate::pipeline::Line;
use crate::providers::{Apps, Providers};
use crate::respond::{Originals, Responder, Room, settle};
use crate::rules::Packs;
use crate::smtp::{Receiver, Review};
use crate::tls::{self, CertificateFiles, Current};
use crate::trust::Trust;
use crate::{web, worker};

/// What a node is started with.
pub(crate) struct Plan {
    /// Records and raw mail.
    pub(crate) store: Store,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Random octets.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The SMTP certificate.
    pub(crate) certificate: CertificateFiles,
    /// Whose signature under a sending server's certificate counts.
    pub(crate) trust: Arc<Trust>,
    /// The name in the SMTP greeting.
    pub(crate) hostname: String,
    /// Whether mail is refused before STARTTLS.
    pub(crate) require_tls: bool,
    /// The largest message taken, in octets.
    pub(crate) message_octets_max: u64,
    /// The dashboard's address in browsers.
    pub(crate) public_url: Option<Url>,
    /// What connections to mailboxes are made of.
    pub(crate) apps: Apps,
    /// Where rules come from.
    pub(crate) packs: Packs,
}

/// The two sockets of a node, already listening.
pub(crate) struct Listeners {
    /// Where the dashboard is.
    pub(crate) http: TcpListener,
    /// Where reports come in.
    pub(crate) smtp: TcpListener,
}

/// A running node.
pub(crate) struct Node {
    /// Where the dashboard listens.
    pub(crate) http: SocketAddr,
    /// Where reports come in.
    pub(crate) smtp: SocketAddr,
    store: Store,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Node {
    /// Starts everything; when it returns, both listeners answer.
    pub(crate) async fn start(plan: Plan, listeners: Listeners) -> anyhow::Result<Self> {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let store = plan.store.clone();
        let region = Region::global();
        let (http, smtp) = (listeners.http.local_addr()?, listeners.smtp.local_addr()?);

        // From now on SIGHUP does not end the program, but asks for a look at the rules.
        let asked = signal(SignalKind::hangup()).context("listen for SIGHUP")?;
        let directory = Arc::new(Directory::default());
        let (of, packs) = (plan.store.clone(), plan.packs.clone());
        let knowledge = Arc::new(KnowledgeBase::load(of, packs, Arc::clone(&directory)).await?);
        let (clock, entropy) = (Arc::clone(&plan.clock), Arc::clone(&plan.entropy));
        let providers = Providers::new(plan.store.clone(), plan.apps.clone(), clock, entropy);
        let providers = Arc::new(providers);
        providers.refresh().await.context("read the tenants' connections")?;
        let here = plan.store.region(&region);
        let now = plan.clock.now();
        let uncertain = here.recover_claims(now).await.context("read what was in hand")?;
        if uncertain > 0 {
            tracing::info!(uncertain, "copies asked for before the last stop will be looked up");
        }
        let adopted = here.adopt().await.context("scan the segments")?;
        if adopted > 0 {
            tracing::info!(adopted, "segments from before the last stop will be recorded now");
        }

        tasks.spawn(Arc::clone(&knowledge).keep_fresh(asked, stop.clone()));
        tasks.spawn(Arc::clone(&providers).keep_fresh(stop.clone()));
        let (orders, ordered) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        start_workers(&plan, &region, &knowledge, &providers, &orders, &stop, &tasks);
        tasks.spawn(settle(here, Arc::clone(&ordered), Arc::clone(&orders), stop.clone()));
        start_smtp(&plan, listeners.smtp, directory, &stop, &tasks)?;
        start_http(plan, listeners.http, region, (providers, ordered), &stop, &tasks)?;
        tasks.close();
        Ok(Self { http, smtp, store, stop, tasks })
    }

    /// Stops taking mail, finishes what is in hand, and returns when everything is stored.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(STOP_TIME_MAX, self.tasks.wait()).await.is_err() {
            tracing::warn!("some work did not end in time; it will be done at the next start");
        }
        if let Err(error) = self.store.settle().await {
            tracing::warn!(%error, "the records' log stays beside their file: copy both");
        }
    }
}

fn start_workers(
    plan: &Plan,
    region: &Region,
    knowledge: &Arc<KnowledgeBase>,
    providers: &Arc<Providers>,
    orders: &Arc<Notify>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let line = Line {
        store: plan.store.clone(),
        region: region.clone(),
        knowledge: Arc::clone(knowledge),
        clock: Arc::clone(&plan.clock),
        large: Semaphore::new(1),
    };
    let line = Arc::new(line);
    for _ in 0..worker::count() {
        tasks.spawn(worker::run(Arc::clone(&line), Arc::clone(orders), stop.clone()));
    }
    let responder = Responder {
        store: plan.store.clone(),
        region: region.clone(),
        providers: Arc::clone(providers),
        clock: Arc::clone(&plan.clock),
        schedule: Schedule::default(),
        originals: Originals::default(),
        hint: Arc::clone(orders),
        room: Room::default(),
    };
    let responder = Arc::new(responder);
    tasks.spawn(Arc::clone(&responder).run(stop.clone()));
    tasks.spawn(responder.sweep(stop.clone()));
    tasks.spawn(keep_house(plan.store.clone(), region.clone(), stop.clone()));
}

fn start_smtp(
    plan: &Plan,
    listener: TcpListener,
    directory: Arc<Directory>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let current = Arc::new(Current::from_files(&plan.certificate)?);
    let tls = TlsAcceptor::from(tls::server_config(Arc::clone(&current))?);
    tasks.spawn(current.keep_fresh(plan.certificate.clone(), stop.clone()));
    let limits = Limits { message_octets: plan.message_octets_max, ..Limits::default() };
    let mode = if plan.require_tls { TlsMode::Required } else { TlsMode::Offered };
    let receiver = Receiver {
        settings: Settings { hostname: plan.hostname.clone(), limits, tls: mode },
        tls,
        directory,
        trust: Arc::clone(&plan.trust),
        store: plan.store.clone(),
        clock: Arc::clone(&plan.clock),
        review: Review::default(),
        collecting: AtomicUsize::new(0),
    };
    tasks.spawn(Arc::new(receiver).listen(listener, stop.clone()));
    Ok(())
}

fn start_http(
    plan: Plan,
    listener: TcpListener,
    region: Region,
    (providers, ordered): (Arc<Providers>, Arc<Notify>),
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let ops =
        Ops { store: plan.store.clone(), region: region.clone(), metrics: ops::install_metrics()? };
    let Plan { store, clock, entropy, public_url, .. } = plan;
    let parts = (providers, ordered);
    let state = web::WebState::new(store, clock, entropy, region, public_url, parts);
    let routes = web::router(state).merge(ops::router(ops));
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let stop = stop.clone().cancelled_owned();
    // `tap_io` does nothing here; it is what lets handlers see the peer of any listener.
    let listener = Limited::new(listener, listen::Limits::default()).tap_io(|_| {});
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the dashboard stopped");
        }
    });
    Ok(())
}

/// Seals the audit log, and adopts what is durable and unknown.
async fn keep_house(store: Store, region: Region, stop: CancellationToken) {
    let region = store.region(&region);
    let mut rounds: u64 = 0;
    while stop.run_until_cancelled(tokio::time::sleep(SEAL_EVERY)).await.is_some() {
        if let Err(error) = region.seal_audit(SEAL_MAX).await {
            tracing::error!(%error, "the audit log could not be sealed");
        }
        rounds += 1;
        if rounds.is_multiple_of(ADOPT_EVERY_ROUNDS)
            && let Err(error) = region.adopt().await
        {
            tracing::error!(%error, "the segments could not be scanned");
        }
    }
}

/// Opens a listener with an error that says what to do.
pub(crate) async fn bind(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen for {what} on {address}: another program has it, or it needs root")
    })
}

/// Takes a folder for this process alone, as long as the file lives: two processes that move the
/// same copies would each undo what the other knows.
pub(crate) fn take_folder(folder: &Path) -> anyhow::Result<std::fs::File> {
    let path = folder.join("clawback.lock");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("open {}", path.display()))?;
    file.try_lock()
        .with_context(|| format!("another clawback runs on {}: stop it first", folder.display()))?;
    Ok(file)
}

/// Makes sure that a folder is there, for its owner alone.
pub(crate) fn private_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("make the folder {}", path.display()))
}

const ADOPT_EVERY_ROUNDS: u64 = 60;
const SEAL_EVERY: Duration = Duration::from_secs(1);
const SEAL_MAX: usize = 1_000;
const STOP_TIME_MAX: Duration = Duration::from_secs(20);
