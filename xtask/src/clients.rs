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
    let (mut sim, address) = start(&root, &key_file)?;
    let script = root.join("crates/sim/tests/clients/google_client.py");
    let mut client = Command::new(python);
    client.arg(script).arg(&key_file).arg(&address);
    let done = step::run(&mut client);
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

/// The simulated services, and where the one of Google answers.
fn start(root: &Path, key_file: &Path) -> anyhow::Result<(Child, String)> {
    let program = root.join("target/debug/clawback");
    let free = "127.0.0.1:0";
    let mut sim = Command::new(program)
        .args(["sim", "--http", free, "--google", free, "--key-file"])
        .arg(key_file)
        .stdout(Stdio::piped())
        .spawn()
        .context("start the simulated services")?;
    let said = sim.stdout.take().context("what the simulated services say")?;
    let mut address = None;
    for line in BufReader::new(said).lines() {
        let line = line?;
        if let Some((_, url)) = line.split_once("Google Workspace on ") {
            address = Some(url.trim().trim_end_matches('/').to_owned());
        }
        // The key is written by the time its file is told.
        if line.contains("key file") {
            break;
        }
    }
    let Some(address) = address else {
        sim.kill().ok();
        bail!("the simulated services did not say where they are");
    };
    Ok((sim, address))
}

/// Versions that this was written against; newer ones are welcome.
const PACKAGES: [&str; 2] = ["google-api-python-client>=2.202", "google-auth>=2.63"];
