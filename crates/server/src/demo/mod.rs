//! `clawback demo`: everything at once, on loopback, in one folder.
//!
//! A real clawback (the same node that `serve` runs), a simulated Microsoft 365, a simulated Google
//! Workspace with a tenant of its own, and a stream of mail of our own making: each message is put
//! into simulated mailboxes and journaled over real SMTP with STARTTLS. Nothing here is real, and
//! nothing leaves the machine.

mod suite;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clawback_core::audit::Actor;
use clawback_core::source::SourceRules;
use clawback_core::tenant::{ProtectedPerson, Tenant};
use clawback_core::trace::Span;
use clawback_core::{
    AutoRetract, Clock, Destination, Disposition, Entropy, Region, TenantId, UnixMillis,
};
use clawback_mail::address::{Address, Domain};
use clawback_remote::Secret;
use clawback_remote::microsoft::GraphSettings;
use clawback_sim::{
    Behaviour, Config as SimConfig, Delivery, Journaler, JournalerConfig, MailStream, Organisation,
    World,
};
use clawback_store::{Records, RootKey, Settings, Store};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::admin;
use crate::cli::{DemoArgs, SimArgs};
use crate::node::{Listeners, Node, Plan, private_folder, take_folder};
use crate::providers::{App, Apps};
use crate::rules::Packs;
use crate::serve::{stop_signal, world};
use crate::tls::{self, CertificateFiles};
use crate::trust::Trust;

/// Runs until Ctrl-C.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let (clock, entropy) = world();
    private_folder(&args.dir)?;
    let _alone = take_folder(&args.dir)?;
    let behaviour = if args.no_delays { Behaviour::default() } else { Behaviour::lifelike() };
    let state_file = args.dir.join("mailboxes.json");
    let (sim, _) = sim_world(Some(state_file), behaviour.clone(), &*entropy)?;
    let sim_listener = bind_or_free(args.sim, "the simulated mailboxes").await?;
    let sim_address = sim_listener.local_addr()?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(clawback_sim::serve(
        sim_listener,
        sim.clone(),
        stop.clone().cancelled_owned(),
    ));
    let google = suite::world(Some(args.dir.join("mailboxes-google.json")), behaviour, &*entropy)?;
    let google_listener = bind_or_free(args.google, "the simulated Google").await?;
    let google_address = google_listener.local_addr()?;
    let ended = stop.clone().cancelled_owned();
    let serving_google = tokio::spawn(clawback_sim::serve(google_listener, google.clone(), ended));

    let store = open(&args.dir, &clock, &entropy).await?;
    let house = set_up(&args.dir, &store, &*clock, &*entropy, &sim).await?;
    let suite_house = suite::set_up(&args.dir, &store, &*clock, &*entropy, &house.password).await?;
    let listeners = Listeners {
        http: bind_or_free(args.http, "the dashboard").await?,
        smtp: bind_or_free(args.smtp, "journal reports").await?,
    };
    let mut plan = plan(&args.dir, store.clone(), &clock, &entropy, &sim, sim_address)?;
    plan.apps.google = Some(suite::app(&google, google_address)?);
    let certificate = plan.certificate.clone();
    let stopped = stop_signal()?;
    let node = Node::start(plan, listeners).await?;
    say_where(&args, &node, sim_address, google_address, &house);

    let sender = MailSender {
        world: sim.clone(),
        journaler: journaler(&node, &certificate, &house.journal_address)?,
        stream: stream(&*clock, &*entropy, Organisation::example()),
        pace: Duration::from_millis(args.pace),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    };
    let sending = tokio::spawn(sender.run(stop.clone()));
    let sender = suite::MailSender {
        world: google,
        journaler: journaler(&node, &certificate, &suite_house.journal_address)?,
        stream: stream(&*clock, &*entropy, Organisation::suite()),
        key: suite_house.key,
        pace: Duration::from_millis(args.pace.saturating_mul(GOOGLE_SLOWER)),
        clock: Arc::clone(&clock),
    };
    let sending_google = tokio::spawn(sender.run(stop.clone()));
    let telling = tokio::spawn(tell(store, house.tenant, clock, stop.clone()));
    stopped.await?;
    println!("\nStopping: finishing what is in hand.");
    stop.cancel();
    let _ = tokio::join!(sending, sending_google, telling);
    node.stop().await;
    let _ = tokio::join!(serving, serving_google);
    println!("Stopped. Start it again on {} and it goes on.", args.dir.display());
    Ok(())
}

/// Runs the simulated services alone, with the people of the demo.
pub(crate) async fn run_sim(args: SimArgs) -> anyhow::Result<()> {
    let address = args.http;
    let (_, entropy) = world();
    let (sim, config) = sim_world(None, Behaviour::lifelike(), &*entropy)?;
    let listener = bind_or_free(address, "the simulated mailboxes").await?;
    println!("Simulated Microsoft 365 on http://{}/", listener.local_addr()?);
    println!("  directory id   {}", config.tenant_id);
    println!("  client id      {}", config.client_id);
    println!("  client secret  {}", config.client_secret);
    let google = suite::world(None, Behaviour::lifelike(), &*entropy)?;
    let google_listener = bind_or_free(args.google, "the simulated Google").await?;
    let google_address = google_listener.local_addr()?;
    println!("Simulated Google Workspace on http://{google_address}/");
    println!("  administrator  admin@gsuite.example");
    if let Some(path) = &args.key_file {
        let token_uri = format!("http://{google_address}/token");
        let file = google.key_file(&token_uri).unwrap_or_default();
        tls::write_private(path, file.as_bytes())?;
        println!("  key file       {}", path.display());
    }
    let stop = CancellationToken::new();
    let ended = || stop.clone().cancelled_owned();
    let serving = tokio::spawn(clawback_sim::serve(listener, sim, ended()));
    let serving_google = tokio::spawn(clawback_sim::serve(google_listener, google, ended()));
    stop_signal()?.await?;
    stop.cancel();
    let _ = tokio::join!(serving, serving_google);
    Ok(())
}

fn sim_world(
    state_file: Option<std::path::PathBuf>,
    behaviour: Behaviour,
    entropy: &dyn Entropy,
) -> anyhow::Result<(World, SimConfig)> {
    let config = SimConfig { behaviour, state_file, seed: seed(entropy), ..SimConfig::example() };
    let world = World::load(config.clone()).context("the simulated mailboxes")?;
    if world.users().is_empty() {
        for user in Organisation::example().users() {
            world.add_user(user);
        }
    }
    Ok((world, config))
}

async fn open(
    dir: &Path,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Store> {
    let root_key = RootKey::load_or_create(&dir.join("root.key"), &**entropy)?;
    let settings = Settings {
        records: Records::Sqlite(dir.join("clawback.db")),
        segments_dir: dir.join("segments"),
        root_key,
        reserve_octets: 0,
    };
    let store = Store::open(settings, Arc::clone(clock), Arc::clone(entropy)).await;
    store.with_context(|| format!("open the store in {}", dir.display()))
}

/// What was set up on the first start, and is read back on later ones.
struct House {
    tenant: TenantId,
    journal_address: Address,
    email: String,
    password: String,
}

async fn set_up(
    dir: &Path,
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    sim: &World,
) -> anyhow::Result<House> {
    let control = store.control();
    let email = OPERATOR_EMAIL.to_owned();
    let secret = dir.join("sign-in.txt");
    let tenants = control.tenants().await?;
    let ours = tenants.iter().find(|tenant| tenant.google.is_none());
    let addresses = control.journal_addresses().await?.into_iter();
    if let Some(known) = addresses.into_iter().find(|it| Some(it.tenant) == ours.map(|it| it.id)) {
        let password = std::fs::read_to_string(&secret)
            .with_context(|| format!("read {}", secret.display()))?;
        let password = password.trim().to_owned();
        return Ok(House { tenant: known.tenant, journal_address: known.address, email, password });
    }
    let (tenant, journal_domain) = example_tenant(clock, entropy, sim)?;
    let id = tenant.id;
    let journal_address = admin::add_tenant(store, entropy, tenant, &journal_domain).await?;
    let world = store.tenant(id, &Region::global());
    let seen = world.settings().await?.version;
    world.save_auto_retract(seen, first_policy()?, &Actor::system("demo")).await?;
    admin::import_intel(store, "demo feed", clawback_sim::stream::intel_list()).await?;
    let password = admin::password(entropy);
    tls::write_private(&secret, format!("{password}\n").as_bytes())?;
    admin::add_operator(store, clock, entropy, id, &email, "Dana Reyes", &password).await?;
    Ok(House { tenant: id, journal_address, email, password })
}

fn example_tenant(
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    sim: &World,
) -> anyhow::Result<(Tenant, Domain)> {
    let config = sim.config();
    let domains = config.verified_domains.iter().map(|domain| Domain::parse(domain));
    let people = Organisation::example().protected_names();
    let tenant = Tenant {
        id: TenantId::new(clock.now(), admin::random(entropy)),
        name: config.organisation.clone(),
        domains: domains.collect::<Result<_, _>>().context("the simulated domains")?,
        microsoft_tenant: Some(config.tenant_id.clone()),
        google: None,
        protected_people: people
            .into_iter()
            .map(|(name, address)| ProtectedPerson { name, address })
            .collect(),
        sources: SourceRules {
            networks: LOOPBACK.iter().filter_map(|network| network.parse().ok()).collect(),
            originator_orgs: config.verified_domains.iter().take(1).cloned().collect(),
            ..SourceRules::default()
        },
        quota_octets: None,
    };
    Ok((tenant, Domain::parse(JOURNAL_DOMAIN).context("the journaling domain")?))
}

/// One disposition for each destination, so that each of them can be seen.
fn first_policy() -> anyhow::Result<AutoRetract> {
    Ok(AutoRetract::default()
        .with(Disposition::Malicious, Destination::HardDelete)?
        .with(Disposition::Spoof, Destination::SoftDelete)?
        .with(Disposition::Suspicious, Destination::Trash)?
        .with(Disposition::Spam, Destination::Junk)?)
}

fn plan(
    dir: &Path,
    store: Store,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    sim: &World,
    sim_address: SocketAddr,
) -> anyhow::Result<Plan> {
    let certificate = CertificateFiles { chain: dir.join("smtp.pem"), key: dir.join("smtp.key") };
    tls::make_self_signed(&certificate, HOSTNAME)?;
    let url: url::Url = format!("http://{sim_address}").parse().context("the simulated address")?;
    let config = sim.config();
    let template = GraphSettings {
        login_url: url.clone(),
        graph_url: url,
        client_id: config.client_id.clone(),
        credential: Secret::new(config.client_secret.clone()).into(),
        directory_id: config.tenant_id.clone(),
        ..GraphSettings::default()
    };
    Ok(Plan {
        store,
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        certificate,
        trust: Arc::new(Trust::load(None)?),
        hostname: HOSTNAME.to_owned(),
        require_tls: true,
        message_octets_max: MESSAGE_OCTETS_MAX,
        public_url: None,
        apps: Apps { microsoft: Some(App { template }), google: None },
        packs: Packs::new(true, Vec::new()),
    })
}

fn say_where(args: &DemoArgs, node: &Node, sim: SocketAddr, google: SocketAddr, house: &House) {
    println!("clawback demo: all of it is on this machine, and nothing in it is real.\n");
    println!("  mailboxes  http://{sim}/     watch a phish appear and vanish");
    println!("  dashboard  http://{}/     sign in as {}", node.http, house.email);
    println!("                                       password  {}", house.password);
    println!("  at Google  http://{google}/     the second tenant's mailboxes;");
    println!("                                       sign in as {}", suite::OPERATOR_EMAIL);
    println!("  journal    {} (SMTP with STARTTLS)", node.smtp);
    println!("  folder     {}\n", args.dir.display());
    println!("Ctrl-C stops it; started again on the same folder, it goes on.\n");
}

fn journaler(
    node: &Node,
    certificate: &CertificateFiles,
    recipient: &Address,
) -> anyhow::Result<Journaler> {
    let config = JournalerConfig {
        server: node.smtp.to_string(),
        tls_name: HOSTNAME.to_owned(),
        root_pem: std::fs::read(&certificate.chain)?,
        hello: "mail.corp.example".to_owned(),
        mail_from: "journal-ndr@corp.example".to_owned(),
        recipient: recipient.to_string(),
        tries_max: JOURNAL_TRIES_MAX,
        first_wait: Duration::from_millis(200),
    };
    Journaler::new(config).context("the journal sender")
}

/// The salt makes the message ids of this start unlike those of any other.
fn stream(clock: &dyn Clock, entropy: &dyn Entropy, organisation: Organisation) -> MailStream {
    MailStream::new(seed(entropy), &clock.now().0.to_string(), organisation)
}

fn seed(entropy: &dyn Entropy) -> u64 {
    let mut octets = [0; 8];
    entropy.fill(&mut octets);
    u64::from_be_bytes(octets)
}

fn timestamp(clock: &dyn Clock) -> Timestamp {
    let millis = i64::try_from(clock.now().0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// Makes mail: into the simulated mailboxes, and journaled over SMTP.
struct MailSender {
    world: World,
    journaler: Journaler,
    stream: MailStream,
    pace: Duration,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl MailSender {
    async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(self.pace)).await.is_some() {
            let now = timestamp(&*self.clock);
            let mail = self.stream.next_mail(now);
            let delivery = Delivery { raw: mail.raw.clone(), recipients: mail.recipients.clone() };
            self.world.deliver(&delivery);
            for report in self.reports(&mail, now) {
                if let Err(error) = self.journaler.send(&report).await {
                    tracing::error!(%error, "a journal report was not taken");
                }
            }
        }
        self.journaler.quit().await;
    }

    fn reports(&self, mail: &clawback_sim::DemoMail, at: Timestamp) -> Vec<Vec<u8>> {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let id = uuid::Builder::from_random_bytes(random).into_uuid();
        let config = self.world.config();
        let domain = config.verified_domains.first().map_or("corp.example", String::as_str);
        clawback_sim::journal::forks(mail, domain, &config.tenant_id, &[id], at)
    }
}

/// One line now and then: how far it is.
async fn tell(store: Store, tenant: TenantId, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let records = store.tenant(tenant, &Region::global());
    while stop.run_until_cancelled(tokio::time::sleep(TELL_EVERY)).await.is_some() {
        let span = Span { from: UnixMillis(0), to: clock.now().after(Duration::from_secs(1)) };
        let Ok(overview) = records.overview(span, 1).await else { continue };
        let state = clawback_core::retraction::State::Retracted;
        let p50 = overview.time_to_retract.p50.unwrap_or_default();
        println!(
            "{} messages judged · {} copies retracted and verified (half of them within {:.1} s)",
            overview.processed_ever,
            overview.retractions.of(state),
            Duration::from_millis(p50).as_secs_f64(),
        );
    }
}

/// Listens where asked, or on a free port where another program has that one.
async fn bind_or_free(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            eprintln!("{address} is taken by another program; {what} gets a free port");
            crate::node::bind(SocketAddr::new(address.ip(), 0), what).await
        }
        Err(_) => crate::node::bind(address, what).await,
        Ok(listener) => Ok(listener),
    }
}

/// The second tenant gets less mail: the first is what most look at.
const GOOGLE_SLOWER: u64 = 3;
const HOSTNAME: &str = "journal.clawback.example";
const JOURNAL_DOMAIN: &str = "journal.clawback.example";
const JOURNAL_TRIES_MAX: u32 = 8;
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];
const MESSAGE_OCTETS_MAX: u64 = 160 * 1024 * 1024;
const OPERATOR_EMAIL: &str = "dana.reyes@corp.example";
const TELL_EVERY: Duration = Duration::from_secs(10);
