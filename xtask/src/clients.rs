//! Providers' own clients against the simulated services: what they can talk to without a
//! complaint is as strict as the real one, and no stricter.
//!
//! They are installed into a folder of their own below `target`. Where that is not possible it is
//! said, and counts as passed, except where `CI` is set.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use crate::step;

/// Installs the clients, starts the simulated services, and lets each client do its work.
pub(crate) fn run() -> anyhow::Result<()> {
    let root = crate::root()?;
    let folder = root.join("target/clients");
    let python = match install(&folder) {
        Ok(python) => python,
        Err(error) if std::env::var_os("CI").is_none() => {
            println!("skipped: the providers' clients cannot be installed here ({error:#})");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let build = ["build", "--package", "clawback", "--bin", "clawback", "--ignore-rust-version"];
    step::run(&mut step::cargo(&build)?)?;
    let key_file = folder.join(format!("key-{}.json", std::process::id()));
    let (mut sim, services) = start(&root, &key_file)?;
    let scripts = root.join("crates/sim/tests/clients");
    let mut google = Command::new(&python);
    google.arg(scripts.join("google_client.py")).arg(&key_file).arg(&services.google);
    let mut graph = Command::new(&python);
    graph.arg(scripts.join("graph_client.py")).args(&services.graph);
    let done = step::run(&mut google).and_then(|()| step::run(&mut graph));
    sim.kill().context("stop the simulated services")?;
    sim.wait().context("stop the simulated services")?;
    std::fs::remove_file(&key_file).context("remove the key")?;
    done
}

fn install(folder: &Path) -> anyhow::Result<PathBuf> {
    let python = folder.join("bin/python");
    if !python.exists() {
        step::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    step::run(Command::new(&python).args(pip).args(PACKAGES))?;
    Ok(python)
}

/// What the clients are told of the simulated services.
#[derive(Default)]
struct Services {
    /// Where the one of Google answers.
    google: String,
    /// Where the one of Microsoft answers, its directory, and the application with its secret.
    graph: [String; 4],
}

impl Services {
    /// Takes in one line of what the services say of themselves.
    fn read(&mut self, line: &str) {
        let [graph, directory, client, secret] = &mut self.graph;
        let said = [
            ("Google Workspace on ", &mut self.google),
            ("Microsoft 365 on ", graph),
            ("directory id ", directory),
            ("client id ", client),
            ("client secret ", secret),
        ];
        for (before, place) in said {
            if let Some((_, told)) = line.split_once(before) {
                told.trim().trim_end_matches('/').clone_into(place);
            }
        }
    }

    fn is_whole(&self) -> bool {
        !self.google.is_empty() && self.graph.iter().all(|it| !it.is_empty())
    }
}

/// The simulated services, and what they say of themselves.
fn start(root: &Path, key_file: &Path) -> anyhow::Result<(Child, Services)> {
    let program = root.join("target/debug/clawback");
    let free = "127.0.0.1:0";
    let mut sim = Command::new(program)
        .args(["sim", "--http", free, "--google", free, "--key-file"])
        .arg(key_file)
        .stdout(Stdio::piped())
        .spawn()
        .context("start the simulated services")?;
    let said = sim.stdout.take().context("what the simulated services say")?;
    let mut services = Services::default();
    for line in BufReader::new(said).lines() {
        let line = line?;
        services.read(&line);
        // The key is written by the time its file is told.
        if line.contains("key file") {
            break;
        }
    }
    if !services.is_whole() {
        sim.kill().ok();
        bail!("the simulated services did not say where they are");
    }
    Ok((sim, services))
}

/// Versions that this was written against; newer ones are welcome.
const PACKAGES: [&str; 4] =
    ["google-api-python-client>=2.202", "google-auth>=2.63", "msal>=1.39", "msgraph-sdk>=1.65"];
