//! The load generator as a row starts it, and what it printed.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use super::Bench;
use super::figure::number;
use super::node::HOSTNAME;
use crate::step;

/// One run of the generator.
pub(super) struct Load(Command);

/// What came of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Sent {
    pub(super) count: u64,
    pub(super) seconds: f64,
    pub(super) octets: u64,
    pub(super) failed: u64,
    pub(super) connections: u64,
    pub(super) cpu_ms: u64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Load {
    pub(super) fn new(bench: &Bench, server: &str, to: &str, sessions: u32) -> Self {
        let mut command = Command::new(bench.release.join("examples").join("smtp_load"));
        command.args(["--server", server, "--to", to, "--sessions", &sessions.to_string()]);
        Self(command)
    }

    pub(super) fn tls(mut self, root: &Path) -> Self {
        self.0.arg("--root").arg(root).args(["--name", HOSTNAME]);
        self
    }

    pub(super) fn invented(mut self, octets: usize) -> Self {
        self.0.args(["--size", &octets.to_string()]);
        self
    }

    pub(super) fn folder(mut self, folder: &Path) -> Self {
        self.0.arg("--folder").arg(folder);
        self
    }

    pub(super) fn seconds(mut self, seconds: u64) -> Self {
        self.0.args(["--seconds", &seconds.to_string()]);
        self
    }

    pub(super) fn count(mut self, count: u64) -> Self {
        self.0.args(["--count", &count.to_string()]);
        self
    }

    pub(super) fn send(mut self) -> anyhow::Result<Sent> {
        let printed = step::output(&mut self.0)?;
        let sent: Sent = serde_json::from_str(&printed).context("what the generator printed")?;
        println!("{sent}");
        anyhow::ensure!(sent.failed == 0, "{} messages were not taken", sent.failed);
        Ok(sent)
    }
}

impl Sent {
    pub(super) fn per_second(&self) -> f64 {
        number(self.count) / self.seconds
    }

    /// Processor time of so many milliseconds, a message.
    pub(super) fn each(&self, cpu_ms: u64) -> f64 {
        number(cpu_ms) / number(self.count)
    }
}

impl std::fmt::Display for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} messages of {:.1} KB in {:.1} s over {} connections: {:.0}/s, p50 {:.1} ms, \
             p99 {:.1} ms, generator {:.2} ms a message",
            self.count,
            number(self.octets) / number(self.count) / 1e3,
            self.seconds,
            self.connections,
            self.per_second(),
            self.p50_ms,
            self.p99_ms,
            self.each(self.cpu_ms),
        )
    }
}
