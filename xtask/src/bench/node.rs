//! The release build of clawback in a folder of its own, and what it says about itself.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::{Bench, process};
use crate::step;

/// A running node with one tenant.
pub(super) struct Node {
    child: Child,
    folder: PathBuf,
    http: String,
    pub(super) smtp: String,
    pub(super) journal_address: String,
}

/// What a node is set up with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Setup {
    /// Whether mail is taken before STARTTLS.
    pub(super) in_the_clear: bool,
}

/// The name in its certificate.
pub(super) const HOSTNAME: &str = "journal.clawback.example";
/// Its tenant.
pub(super) const TENANT: &str = "Example Corp";

impl Node {
    /// Sets up a new one and starts it.
    pub(super) fn start(bench: &Bench, setup: Setup) -> anyhow::Result<Self> {
        let folder = bench.fresh_folder("node")?;
        fs::write(
            folder.join("clawback.toml"),
            format!(
                "[http]\nlisten = \"127.0.0.1:0\"\n[smtp]\nlisten = \"127.0.0.1:0\"\n\
                 hostname = \"{HOSTNAME}\"\nrequire_tls = {}\n",
                !setup.in_the_clear
            ),
        )?;
        let mut add = vec!["tenant", "add", "--name", TENANT, "--domain", "corp.example"];
        add.extend(["--journal-domain", HOSTNAME]);
        let said = command(bench, &folder, &add)?;
        let journal_address = said.lines().last().unwrap_or_default().trim().to_owned();
        let log = File::create(folder.join("log"))?;
        let mut serve = Command::new(bench.release.join("clawback"));
        serve.arg("serve").arg("--config").arg(folder.join("clawback.toml"));
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn().context("start serve")?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let (mut http, mut smtp) = (None, None);
        while http.is_none() || smtp.is_none() {
            let Some(line) = lines.next().transpose()? else { bail!("serve ended at its start") };
            http = line.strip_prefix("dashboard http://").map(str::to_owned).or(http);
            smtp = line.strip_prefix("smtp ").map(str::to_owned).or(smtp);
        }
        let (http, smtp) = (http.unwrap_or_default(), smtp.unwrap_or_default());
        Ok(Self { child, folder, http, smtp, journal_address })
    }

    /// The certificate that a client must trust.
    pub(super) fn root(&self) -> PathBuf {
        self.folder.join("smtp-self-signed.pem")
    }

    /// Its key and certificate, for another server to use.
    pub(super) fn key_and_certificate(&self) -> anyhow::Result<String> {
        let key = fs::read_to_string(self.folder.join("smtp-self-signed.key"))?;
        Ok(key + &fs::read_to_string(self.root())?)
    }

    pub(super) fn cpu_ms(&self) -> u64 {
        process::cpu_ms(self.child.id()).unwrap_or_default()
    }

    pub(super) fn peak_mib(&self) -> f64 {
        process::peak_mib(self.child.id()).unwrap_or(f64::NAN)
    }

    /// Waits until everything it took is recorded, and says how long that was.
    pub(super) fn until_recorded(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while self.metrics()?.sum("clawback_segment_lag") > 0.0 {
            if began.elapsed() > RECORD_TIME_MAX {
                bail!("not everything is recorded after {RECORD_TIME_MAX:?}");
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(began.elapsed())
    }

    pub(super) fn metrics(&self) -> anyhow::Result<Metrics> {
        let mut stream = TcpStream::connect(&self.http).context("its /metrics")?;
        let request = format!("GET /metrics HTTP/1.0\r\nHost: {}\r\n\r\n", self.http);
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
        Ok(Metrics::read(body))
    }

    /// Stops it as an operator would, and forgets its folder.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        step::output(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the node ended with {status}; see {}", self.folder.join("log").display());
        }
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It has ended already, except where a row failed.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn command(bench: &Bench, folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(bench.release.join("clawback"));
    step::output(command.args(arguments).arg("--config").arg(folder.join("clawback.toml")))
}

/// What `/metrics` said at one moment.
#[derive(Debug, Default)]
pub(super) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.rsplit_once(' '));
        let values = pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)));
        Self(values.collect())
    }

    /// One metric, over all its labels.
    pub(super) fn sum(&self, name: &str) -> f64 {
        let of_name = |full: &str| full.split('{').next() == Some(name);
        self.0.iter().filter(|(full, _)| of_name(full)).map(|(_, value)| value).sum()
    }

    /// The mean of a histogram in seconds, in milliseconds.
    pub(super) fn mean_ms(&self, histogram: &str) -> f64 {
        let count = self.sum(&format!("{histogram}_count"));
        self.sum(&format!("{histogram}_sum")) / count * 1e3
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(20);
const RECORD_TIME_MAX: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_over_their_labels() {
        let text = "# HELP x y\nx{a=\"1\"} 2\nx{a=\"2\"} 3\nxy 7\nh_sum 0.5\nh_count 10\n";
        let metrics = Metrics::read(text);
        assert!((metrics.sum("x") - 5.0).abs() < 1e-9);
        assert!((metrics.mean_ms("h") - 50.0).abs() < 1e-9);
    }
}
