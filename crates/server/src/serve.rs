//! `clawback serve`: one node from a configuration file.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clawback_core::{Clock, Entropy, UnixMillis};
use clawback_remote::Secret;
use clawback_remote::google::{Gmail, GoogleSettings, ServiceAccount};
use clawback_remote::microsoft::{Credential, Graph, GraphSettings};
use clawback_store::{Records, RootKey, Settings, Store};

use crate::clock::{OsEntropy, SystemClock};
use crate::config::Config;
use crate::node::{self, Listeners, Node, Plan};
use crate::providers::{App, Apps, GoogleApp};
use crate::rules::Packs;
use crate::tls::{self, CertificateFiles, Current};
use crate::trust::Trust;

/// Runs until it is told to stop.
pub(crate) async fn run(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let (clock, entropy) = world();
    let _alone = node::take_folder(folder_of(&config.sqlite_path()?))?;
    let store = open_store(&config, &clock, &entropy).await?;
    if store.control().operators_count().await? == 0 {
        tracing::warn!("nobody can sign in yet: see `clawback operator add --help`");
    }
    if store.control().key_backed_up().await?.is_none() {
        tracing::warn!("the root key has no backup: see `clawback keys backup --help`");
    }
    let plan = plan(&config, store, clock, entropy)?;
    if let Some(Credential::Certificate(certificate)) =
        plan.apps.microsoft.as_ref().map(|app| &app.template.credential)
        && certificate.expires().since(plan.clock.now()).as_secs() < CERTIFICATE_WARN_DAYS * 86_400
    {
        let lasts = lasts(certificate.expires(), plan.clock.now());
        tracing::warn!("[microsoft] the certificate {lasts}");
    }
    if plan.apps.microsoft.is_none() && plan.apps.google.is_none() {
        tracing::warn!(
            "neither [microsoft] nor [google] is set up: mail is judged, and nothing can be \
             retracted"
        );
    }
    let listeners = Listeners {
        http: node::bind(config.http.listen, "the dashboard").await?,
        smtp: node::bind(config.smtp.listen, "journal reports").await?,
    };
    // Before anything is said: who reads it may stop us at once.
    let stopped = stop_signal()?;
    let node = Node::start(plan, listeners).await?;
    println!("dashboard http://{}", node.http);
    println!("smtp {}", node.smtp);
    stopped.await?;
    tracing::info!("stopping: finishing what is in hand");
    node.stop().await;
    Ok(())
}

/// Says whether a configuration works.
pub(crate) fn check(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let proof = config.microsoft_credential()?;
    if let (Some(chain), Some(key)) = (&config.smtp.tls_cert_file, &config.smtp.tls_key_file) {
        Current::from_files(&CertificateFiles { chain: chain.clone(), key: key.clone() })?;
    }
    if Trust::load(config.smtp.client_ca_file.as_deref())?.is_empty() {
        println!(
            "No certificate authority is known: install ca-certificates, or set client_ca_file,"
        );
        println!("before a tenant asks for its senders' certificates.");
    }
    Packs::of(&config)?.check()?;
    if let Some(app) = app(&config)? {
        let (clock, entropy) = world();
        // Each tenant has a directory of its own; any will do to try the rest.
        let settings = GraphSettings { directory_id: "corp.example".to_owned(), ..app.template };
        Graph::new(settings, clock, entropy).context("[microsoft]")?;
    }
    let google = google_app(&config)?;
    if let Some(google) = &google {
        // Each tenant has an administrator of its own; any will do to try the rest.
        let admin = "admin@corp.example".to_owned();
        let settings = GoogleSettings { admin, ..google.template.clone() };
        Gmail::new(settings, world().0).context("[google]")?;
    }
    println!("{} can be used.", path.display());
    println!("  dashboard        http://{}", config.http.listen);
    println!("  journal reports  {} as {}", config.smtp.listen, config.smtp.hostname);
    println!("  records          {}", config.store.url);
    println!("  raw mail         {}", config.segments.url);
    println!("  disk reserve     {} MiB", config.segments.reserve_mib);
    let packs: Vec<String> =
        config.rules.folders.iter().map(|folder| folder.display().to_string()).collect();
    let own = config.rules.own_pack.then(|| "clawback's own pack".to_owned());
    let packs: Vec<String> = own.into_iter().chain(packs).collect();
    println!(
        "  rules            {}",
        if packs.is_empty() { "none".into() } else { packs.join(", ") }
    );
    println!("  root key         {}", config.keys.root_key_file.display());
    let microsoft = match (&config.microsoft.client_id, &proof) {
        (Some(_), Some(_)) => config.microsoft.graph_url.to_string(),
        _ => "not set up: mail is judged, and nothing can be retracted".to_owned(),
    };
    println!("  Microsoft Graph  {microsoft}");
    if let Some(Credential::Certificate(certificate)) = &proof {
        println!("  its certificate  {}", lasts(certificate.expires(), SystemClock.now()));
    }
    let google = match &google {
        Some(google) => {
            let account = &google.template.account;
            format!("{} as client {}", config.google.gmail_url, account.client_id())
        }
        None => "not set up".to_owned(),
    };
    println!("  Gmail            {google}");
    Ok(())
}

/// How long a certificate still holds, in words.
pub(crate) fn lasts(expires: UnixMillis, now: UnixMillis) -> String {
    let days = expires.since(now).as_secs() / 86_400;
    match (expires > now, days) {
        (false, _) => "has run out: upload a new one to the app registration".to_owned(),
        (true, 0..CERTIFICATE_WARN_DAYS) => {
            format!("runs out in {days} days: upload the next one to the app registration")
        }
        (true, _) => format!("holds for {days} days"),
    }
}

/// The clock and the randomness of this process.
pub(crate) fn world() -> (Arc<dyn Clock>, Arc<dyn Entropy>) {
    (Arc::new(SystemClock), Arc::new(OsEntropy))
}

/// Opens the store that a configuration names.
pub(crate) async fn open_store(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Store> {
    let key = &config.keys.root_key_file;
    let root_key = RootKey::load_or_create(key, &**entropy)
        .with_context(|| format!("the root key {}", key.display()))?;
    let settings = Settings {
        records: Records::Sqlite(config.sqlite_path()?),
        segments_dir: config.segments_path()?,
        root_key,
        reserve_octets: config.segments.reserve_mib.saturating_mul(1 << 20),
    };
    let store = Store::open(settings, Arc::clone(clock), Arc::clone(entropy)).await;
    store.with_context(|| format!("open the store {}", config.store.url))
}

/// What a node is started with, from a configuration.
pub(crate) fn plan(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Plan> {
    let smtp = &config.smtp;
    let certificate = match (&smtp.tls_cert_file, &smtp.tls_key_file) {
        (Some(chain), Some(key)) => CertificateFiles { chain: chain.clone(), key: key.clone() },
        _ => {
            let folder = config.keys.root_key_file.parent().unwrap_or(Path::new("."));
            let files = CertificateFiles {
                chain: folder.join("smtp-self-signed.pem"),
                key: folder.join("smtp-self-signed.key"),
            };
            tls::make_self_signed(&files, &smtp.hostname)?;
            files
        }
    };
    Ok(Plan {
        store,
        clock,
        entropy,
        certificate,
        trust: Arc::new(Trust::load(smtp.client_ca_file.as_deref())?),
        hostname: smtp.hostname.clone(),
        require_tls: smtp.require_tls,
        message_octets_max: smtp.max_message_mib * 1024 * 1024,
        public_url: config.http.public_url.clone(),
        apps: Apps { microsoft: app(config)?, google: google_app(config)? },
        packs: Packs::of(config)?,
    })
}

/// The folder a file lies in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn app(config: &Config) -> anyhow::Result<Option<App>> {
    let microsoft = &config.microsoft;
    let (client_id, credential) = match (&microsoft.client_id, config.microsoft_credential()?) {
        (Some(client_id), Some(credential)) => (client_id, credential),
        (None, None) => return Ok(None),
        (Some(_), None) => anyhow::bail!(
            "[microsoft] has a client_id and nothing that proves it: set client_secret_file, \
             client_secret, certificate_file with key_file, or federated_token_file"
        ),
        (None, Some(_)) => anyhow::bail!(
            "[microsoft] has a credential and no client_id: it is the application id of the app \
             registration"
        ),
    };
    let template = GraphSettings {
        login_url: microsoft.login_url.clone(),
        graph_url: microsoft.graph_url.clone(),
        requests_max: microsoft.requests_at_once,
        client_id: client_id.clone(),
        credential,
        directory_id: String::new(),
        ..GraphSettings::default()
    };
    Ok(Some(App { template }))
}

fn google_app(config: &Config) -> anyhow::Result<Option<GoogleApp>> {
    let google = &config.google;
    let Some(file) = config.service_account()? else { return Ok(None) };
    let account = ServiceAccount::read(&Secret::new(file)).context("[google]")?;
    let template = GoogleSettings {
        token_url: google.token_url.clone(),
        gmail_url: google.gmail_url.clone(),
        directory_url: google.directory_url.clone(),
        user_units: google.units_per_user,
        ..GoogleSettings::new(account)
    };
    Ok(Some(GoogleApp { template }))
}

/// Listens from now on for Ctrl-C and SIGTERM; what it returns waits for one of them.
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = anyhow::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for Ctrl-C")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
    })
}

/// Whoever renews a certificate needs some weeks.
const CERTIFICATE_WARN_DAYS: u64 = 30;
