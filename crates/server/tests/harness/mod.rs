//! A real clawback process against the simulated Microsoft 365, for tests.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod browser;
pub(crate) mod dashboard;
pub(crate) mod postfix;
pub(crate) mod sender;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::{Clock, Destination, Disposition, Entropy, Region, UnixMillis};
use clawback_sim::journal::Recipient;
use clawback_sim::{
    Behaviour, Config as SimConfig, Delivery, Journaler, JournalerConfig, Organisation, World,
};
use clawback_store::{Records, RootKey, Settings, Store, TenantStore};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// The binary under test.
pub(crate) const CLAWBACK: &str = env!("CARGO_BIN_EXE_clawback");
/// The name in the SMTP certificate.
pub(crate) const HOSTNAME: &str = "journal.clawback.example";

/// A simulated tenant that outlives the clawback processes of a test.
pub(crate) struct Sim {
    pub(crate) world: World,
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
}

impl Sim {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let world = World::new(SimConfig { behaviour, ..SimConfig::example() });
        for user in Organisation::example().users() {
            world.add_user(user);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = clawback_sim::serve(listener, world.clone(), stop.clone().cancelled_owned());
        tokio::spawn(serving);
        Self { world, address, stop }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The machine's clock.
pub(crate) struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "a test process has a clock of its own")]
    fn now(&self) -> UnixMillis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        UnixMillis(u64::try_from(since.as_millis()).unwrap())
    }
}

/// Tests only open stores; whatever needs real randomness runs in the binary.
struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, octets: &mut [u8]) {
        octets.fill(7);
    }
}

/// A folder with a configuration, a tenant and an operator in it.
pub(crate) struct Installation {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) journal_address: String,
    pub(crate) password: String,
}

pub(crate) const EMAIL: &str = "dana.reyes@corp.example";

impl Installation {
    pub(crate) async fn new(sim: &Sim) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = sim.world.config();
        let text = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n\
             [smtp]\nlisten = \"127.0.0.1:0\"\nhostname = \"{HOSTNAME}\"\n\
             [microsoft]\nclient_id = \"{}\"\nclient_secret_file = \"secret\"\n\
             login_url = \"http://{addr}\"\ngraph_url = \"http://{addr}\"\n",
            config.client_id,
            addr = sim.address,
        );
        std::fs::write(dir.path().join("clawback.toml"), text).unwrap();
        std::fs::write(dir.path().join("secret"), &config.client_secret).unwrap();
        let tenant = config.tenant_id.clone();
        let out = run(
            dir.path(),
            &[
                "tenant",
                "add",
                "--name",
                "Example Corp",
                "--domain",
                "corp.example",
                "--journal-domain",
                HOSTNAME,
                "--microsoft-tenant",
                &tenant,
            ],
        )
        .await;
        let journal_address = out.lines().last().unwrap().trim().to_owned();
        let out = run(
            dir.path(),
            &[
                "operator",
                "add",
                "--email",
                EMAIL,
                "--name",
                "Dana Reyes",
                "--tenant",
                "Example Corp",
            ],
        )
        .await;
        let password = out.lines().last().unwrap().trim().to_owned();
        let feed = dir.path().join("feed.txt");
        std::fs::write(&feed, clawback_sim::stream::intel_list()).unwrap();
        run(dir.path(), &["intel", "import", "--source", "demo feed", feed.to_str().unwrap()])
            .await;
        let installation = Self { dir, journal_address, password };
        installation.send_bad_mail_to(Destination::SoftDelete).await;
        installation
    }

    /// Opens the store of an installation whose clawback does not run.
    pub(crate) async fn store(&self) -> Store {
        let dir = self.dir.path();
        let root_key = RootKey::load_or_create(&dir.join("root.key"), &Fixed).unwrap();
        let settings = Settings {
            records: Records::Sqlite(dir.join("clawback.db")),
            segments_dir: dir.join("segments"),
            root_key,
            reserve_octets: 0,
        };
        Store::open(settings, Arc::new(Now), Arc::new(Fixed)).await.unwrap()
    }

    /// The records of its only tenant.
    pub(crate) async fn records(&self) -> TenantStore {
        let store = self.store().await;
        let tenant = store.control().tenants().await.unwrap().remove(0);
        store.tenant(tenant.id, &Region::global())
    }

    /// Sets where MALICIOUS mail goes.
    pub(crate) async fn send_bad_mail_to(&self, destination: Destination) {
        let records = self.records().await;
        let seen = records.settings().await.unwrap();
        let policy = seen.auto_retract.with(Disposition::Malicious, destination).unwrap();
        let actor = Actor::system("test");
        records.save_auto_retract(seen.version, policy, &actor).await.unwrap();
    }

    /// Lets it take mail at this address from its next start on: where a sender knows it.
    pub(crate) fn take_mail_at(&self, smtp: SocketAddr) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        let any = "[smtp]\nlisten = \"127.0.0.1:0\"";
        assert!(text.contains(any), "{text}");
        let fixed = text.replace(any, &format!("[smtp]\nlisten = \"{smtp}\""));
        std::fs::write(self.config(), fixed).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("clawback.toml")
    }
}

/// Runs a command of the binary to its end; `--config` is added.
pub(crate) async fn run(dir: &Path, args: &[&str]) -> String {
    let config = dir.join("clawback.toml");
    let out = Command::new(CLAWBACK).args(args).arg("--config").arg(config).output().await;
    let out = out.unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{args:?}: {said}");
    String::from_utf8(out.stdout).unwrap()
}

/// A running `clawback serve`.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) smtp: SocketAddr,
}

impl Running {
    pub(crate) async fn start(installation: &Installation) -> Self {
        Self::started(Command::new(CLAWBACK).stderr(Stdio::inherit()), installation).await
    }

    /// With everything it has to say in a file.
    pub(crate) async fn start_logging(installation: &Installation, log: &Path) -> Self {
        let file = std::fs::File::create(log).unwrap();
        Self::started(
            Command::new(CLAWBACK).env("CLAWBACK_LOG", "trace").stderr(file),
            installation,
        )
        .await
    }

    async fn started(command: &mut Command, installation: &Installation) -> Self {
        let mut child = command
            .args(["serve", "--config"])
            .arg(installation.config())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut http, mut smtp) = (None, None);
        while http.is_none() || smtp.is_none() {
            let line = lines.next_line().await.unwrap().expect("serve ended at start");
            if let Some(url) = line.strip_prefix("dashboard http://") {
                http = Some(url.parse().unwrap());
            }
            if let Some(address) = line.strip_prefix("smtp ") {
                smtp = Some(address.parse().unwrap());
            }
        }
        Self { child, http: http.unwrap(), smtp: smtp.unwrap() }
    }

    /// One of its metrics, over all labels.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let metrics = reqwest::get(format!("http://{}/metrics", self.http)).await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let of_name = metrics.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
        of_name.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    }

    /// One of its metrics, with its labels as they are written; 0 where there is none yet.
    pub(crate) async fn sample(&self, name: &str) -> f64 {
        let metrics = reqwest::get(format!("http://{}/metrics", self.http)).await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let mut values = metrics.lines().filter_map(|line| line.rsplit_once(' '));
        let value = values.find(|(known, _)| *known == name);
        value.map_or(0.0, |(_, value)| value.parse().unwrap())
    }

    /// As a power cut: no signal that could be handled.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// As Ctrl-C; says whether it ended with success.
    pub(crate) async fn stop(mut self) -> bool {
        let pid = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
        self.child.wait().await.unwrap().success()
    }
}

/// A sender that journals as Exchange does.
pub(crate) fn journaler(installation: &Installation, running: &Running) -> Journaler {
    let root = std::fs::read(installation.dir.path().join("smtp-self-signed.pem")).unwrap();
    Journaler::new(JournalerConfig {
        server: running.smtp.to_string(),
        tls_name: HOSTNAME.to_owned(),
        root_pem: root,
        hello: "mail.corp.example".to_owned(),
        mail_from: "journal-ndr@corp.example".to_owned(),
        recipient: installation.journal_address.clone(),
        tries_max: 1,
        first_wait: Duration::from_millis(20),
    })
    .unwrap()
}

/// Waits until `done` says so, and fails after a minute.
pub(crate) async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let began = std::time::Instant::now();
    while !done().await {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A phish that a demo feed knows, to one mailbox.
pub(crate) fn phish(id: &str, to: &str) -> Vec<u8> {
    format!(
        "From: Account Team <support@portal-check.example.net>\r\nTo: {to}\r\n\
         Subject: Your mailbox will be closed {id}\r\nMessage-ID: <{id}@portal-check.example.net>\r\n\
         Date: Tue, 24 Nov 2026 08:12:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n\
         <p>Please <a href=\"{LURE}{id}\">keep your mailbox</a>.</p>\r\n"
    )
    .into_bytes()
}

/// A harmless message to one mailbox.
pub(crate) fn ham(id: &str, to: &str) -> Vec<u8> {
    format!(
        "From: Ben Vogel <ben@partner.example.org>\r\nTo: {to}\r\n\
         Subject: Minutes of Tuesday {id}\r\nMessage-ID: <{id}@partner.example.org>\r\n\
         Date: Tue, 24 Nov 2026 08:12:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nThe minutes are below. See you soon.\r\n"
    )
    .into_bytes()
}

/// Where the phish leads: on the feed.
pub(crate) const LURE: &str = "https://evil-login.example/";

/// Puts a message into a mailbox and builds its journal report.
pub(crate) fn deliver(sim: &Sim, raw: &[u8], mail_from: &str, to: &str, report: u128) -> Vec<u8> {
    sim.world.deliver(&Delivery { raw: raw.to_vec(), recipients: vec![to.to_owned()] });
    report_of(sim, raw, mail_from, to, report)
}

/// The journal report of a message.
pub(crate) fn report_of(sim: &Sim, raw: &[u8], mail_from: &str, to: &str, report: u128) -> Vec<u8> {
    clawback_sim::journal::report(&clawback_sim::journal::Report {
        original: raw,
        mail_from,
        recipients: &[Recipient::plain(to)],
        tenant_domain: "corp.example",
        tenant_id: &sim.world.config().tenant_id,
        id: uuid::Uuid::from_u128(report),
        at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
    })
}

/// The address of the first person's mailbox.
pub(crate) fn mailbox(sim: &Sim) -> String {
    sim.world.users()[0].mail.clone().unwrap()
}
