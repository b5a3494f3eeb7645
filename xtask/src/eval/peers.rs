//! rspamd and SpamAssassin, each with one worker, on a socket of its own and without a network.
//!
//! The network is taken away by the kernel, so nothing they are told or not told can bring it back.
//! What only the age of the mail or our own taking out of header fields makes them say is not
//! counted: it is no fault of theirs.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::bench::process;

/// Which program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Rspamd,
    SpamAssassin,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Rspamd, Self::SpamAssassin];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rspamd => "rspamd",
            Self::SpamAssassin => "SpamAssassin",
        }
    }
}

/// What it thinks of a message.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Opinion {
    Good,
    /// Come again later: it neither accepts nor calls it junk.
    Greylist,
    Junk,
}

/// A running one; gone when it is dropped.
pub(super) struct Peer {
    kind: Kind,
    child: Child,
    folder: PathBuf,
}

impl Peer {
    /// Starts it and waits until it answers.
    pub(super) fn start(kind: Kind) -> anyhow::Result<Self> {
        // Sockets have short names, and a worker that is another user must reach them.
        let name = format!("clawback-eval-{}-{}", kind.name(), std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777))?;
        let log = fs::File::create(folder.join("log"))?;
        let mut command = Command::new("unshare");
        command.arg("--net").args(arguments(kind, &folder)?);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
        let child = child.context("start unshare, which takes the network away; it needs root")?;
        let mut peer = Self { kind, child, folder };
        let began = Instant::now();
        loop {
            match peer.ask(PROBE) {
                Ok(_) => return Ok(peer),
                Err(error) if began.elapsed() > START_MAX => {
                    let said = fs::read_to_string(peer.folder.join("log")).unwrap_or_default();
                    return Err(error.context(format!("{} does not answer: {said}", kind.name())));
                }
                Err(_) => {}
            }
            if let Some(status) = peer.child.try_wait()? {
                let said = fs::read_to_string(peer.folder.join("log")).unwrap_or_default();
                bail!("{} ended with {status}: {said}", kind.name());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks about one message.
    pub(super) fn ask(&self, octets: &[u8]) -> anyhow::Result<Opinion> {
        let mut socket = UnixStream::connect(self.folder.join(SOCKET))?;
        socket.set_read_timeout(Some(ANSWER_MAX))?;
        let head = match self.kind {
            Kind::Rspamd => "POST /checkv2 HTTP/1.0\r\nContent-Length",
            Kind::SpamAssassin => "SYMBOLS SPAMC/1.5\r\nContent-length",
        };
        write!(socket, "{head}: {}\r\n\r\n", octets.len())?;
        socket.write_all(octets)?;
        if self.kind == Kind::SpamAssassin {
            socket.shutdown(Shutdown::Write)?;
        }
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let opinion = match self.kind {
            Kind::Rspamd => rspamd_opinion(&answer),
            Kind::SpamAssassin => spamassassin_opinion(&answer),
        };
        opinion.with_context(|| format!("{} answered: {answer:.200}", self.kind.name()))
    }

    /// Processor time so far, of all its processes, in milliseconds.
    pub(super) fn cpu_ms(&self) -> u64 {
        process::cpu_ms_with_children(self.child.id())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It stops its workers itself. Where this fails there is nobody left to tell.
        let _asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ended = self.child.wait();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

fn arguments(kind: Kind, folder: &Path) -> anyhow::Result<Vec<String>> {
    let at = |name: &str| folder.join(name).display().to_string();
    let line = match kind {
        Kind::Rspamd => {
            fs::write(folder.join("rspamd.conf"), rspamd_conf(folder))?;
            let folders = ["DBDIR", "RUNDIR", "LOGDIR"];
            let folders = folders.map(|name| format!("--var={name}={}", folder.display()));
            let first = ["rspamd", "--no-fork", "--insecure", "--user=root", "--group=root"];
            let first = first.map(str::to_owned).into_iter();
            first.chain([format!("--config={}", at("rspamd.conf"))]).chain(folders).collect()
        }
        Kind::SpamAssassin => {
            let scores = UNCOUNTED_SPAMASSASSIN.map(|name| format!("--cf=score {name} 0"));
            let first = ["spamd", "--local", "--nouser-config", "--min-children=1"];
            let first = first.iter().map(|word| (*word).to_owned());
            let own = [
                "--max-children=1".to_owned(),
                "--username=nobody".to_owned(),
                "--socketmode=0666".to_owned(),
                "--syslog=null".to_owned(),
                // It has seen no mail, and shall not learn from what it is measured on.
                "--cf=use_bayes 0".to_owned(),
                format!("--socketpath={}", at(SOCKET)),
                format!("--pidfile={}", at("pid")),
                format!("--helper-home-dir={}", folder.display()),
            ];
            first.chain(own).chain(scores).collect()
        }
    };
    Ok(line)
}

fn rspamd_conf(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        ".include \"$CONFDIR/common.conf\"\n\
         options {{\n  .include \"$CONFDIR/options.inc\"\n  pidfile = \"{folder}/pid\";\n\
         control_socket = \"{folder}/control mode=0600\";\n\
         dns {{ nameserver = []; timeout = 0.01s; retransmits = 1; }}\n}}\n\
         logging {{ type = \"file\"; filename = \"{folder}/rspamd.log\"; level = \"error\"; }}\n\
         worker \"normal\" {{ bind_socket = \"{folder}/{SOCKET} mode=0666\";\n\
         .include \"$CONFDIR/worker-normal.inc\"\n  count = 1; }}\n"
    )
}

/// From the score without what is not counted, by the thresholds it comes with.
fn rspamd_opinion(answer: &str) -> Option<Opinion> {
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let score = body.get("score")?.as_f64()?;
    let symbol = |name: &str| body.get("symbols")?.get(name)?.get("score")?.as_f64();
    let score = score - UNCOUNTED_RSPAMD.iter().filter_map(|name| symbol(name)).sum::<f64>();
    Some(match score {
        score if score >= RSPAMD_JUNK => Opinion::Junk,
        score if score >= RSPAMD_GREYLIST => Opinion::Greylist,
        _ => Opinion::Good,
    })
}

fn spamassassin_opinion(answer: &str) -> Option<Opinion> {
    let line = answer.lines().find_map(|line| line.strip_prefix("Spam: "))?;
    Some(if line.starts_with("True") { Opinion::Junk } else { Opinion::Good })
}

const SOCKET: &str = "socket";
const PROBE: &[u8] = b"From: a@corp.example\r\nSubject: are you there\r\n\r\nHello.\r\n";
/// rspamd compiles its expressions first.
const START_MAX: Duration = Duration::from_secs(90);
const ANSWER_MAX: Duration = Duration::from_secs(60);
const RSPAMD_GREYLIST: f64 = 4.0;
const RSPAMD_JUNK: f64 = 6.0;
const UNCOUNTED_RSPAMD: [&str; 5] =
    ["DATE_IN_PAST", "DATE_IN_FUTURE", "MISSING_DATE", "MISSING_MID", "INVALID_MSGID"];
const UNCOUNTED_SPAMASSASSIN: [&str; 8] = [
    "DATE_IN_PAST_03_06",
    "DATE_IN_PAST_06_12",
    "DATE_IN_PAST_12_24",
    "DATE_IN_PAST_24_48",
    "DATE_IN_PAST_96_XX",
    "MISSING_DATE",
    "MISSING_MID",
    "INVALID_DATE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_without_what_the_age_of_the_mail_made() {
        let rspamd = |score: f64, date: f64| {
            let symbols = format!("{{\"DATE_IN_PAST\":{{\"score\":{date}}}}}");
            let body = format!("{{\"score\":{score},\"symbols\":{symbols}}}");
            rspamd_opinion(&format!("HTTP/1.0 200 OK\r\n\r\n{body}"))
        };
        let rows = [
            (6.0, 0.0, Opinion::Junk),
            (6.0, 1.0, Opinion::Greylist),
            (4.5, 1.0, Opinion::Good),
            (20.0, 1.0, Opinion::Junk),
        ];
        for (score, date, meant) in rows {
            assert_eq!(rspamd(score, date), Some(meant), "{score} {date}");
        }
        assert_eq!(rspamd_opinion("HTTP/1.0 500 no\r\n\r\n"), None);
        let answer = "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 7.1 / 5.0\r\n\r\nA,B";
        assert_eq!(spamassassin_opinion(answer), Some(Opinion::Junk));
        assert_eq!(spamassassin_opinion("Spam: False ; 2 / 5"), Some(Opinion::Good));
        assert_eq!(spamassassin_opinion("SPAMD/1.0 76"), None);
    }
}
