//! A Postfix of its own in one folder: free port, own queue and log, gone when it is dropped.
//!
//! Uses the standard library alone, since `cargo xtask bench` takes it for its yardstick too. It
//! needs Debian's postfix and root, and touches nothing of an installation that is there.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What becomes of mail that it accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    /// It is thrown away, by a delivery of its own.
    Discard,
    /// It stays in the queue for ever.
    Hold,
    /// It goes to this smart host, over TLS or not at all.
    Relay(SocketAddr),
}

/// A running instance.
pub(crate) struct Postfix {
    folder: PathBuf,
    /// Where it takes mail.
    pub(crate) smtp: SocketAddr,
}

impl Postfix {
    /// Whether this machine has what it needs.
    pub(crate) fn is_there() -> bool {
        let is_root = || fs::metadata("/proc/self").is_ok_and(|of| owner(&of) == 0);
        Path::new("/usr/sbin/postfix").exists() && is_root()
    }

    /// Starts one in a folder that is there and empty; returns when it takes mail. With a key and
    /// its certificate in PEM, it offers STARTTLS.
    pub(crate) fn start(folder: &Path, then: Then, tls: Option<&str>) -> io::Result<Self> {
        let smtp = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        // Its daemons are another user and must reach what is theirs.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        for name in ["etc", "queue", "data"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let (user, group) = ids("postfix")?;
        chown(folder.join("data"), Some(user), Some(group))?;
        let mut main = main_cf(folder, then);
        if let Some(pem) = tls {
            let file = folder.join("etc/tls.pem");
            fs::write(&file, pem)?;
            main.push_str("smtpd_tls_security_level = may\nsmtpd_tls_chain_files = ");
            main.push_str(&format!("{}\n", file.display()));
        }
        fs::write(folder.join("etc/main.cf"), main)?;
        fs::write(folder.join("etc/master.cf"), master_cf(smtp))?;
        let postfix = Self { folder: folder.to_owned(), smtp };
        postfix.control("postfix", &["start"])?;
        let began = Instant::now();
        while TcpStream::connect(smtp).is_err() {
            if began.elapsed() > START_TIME_MAX {
                return Err(io::Error::other(postfix.log()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(postfix)
    }

    /// Runs one of its commands on this instance.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(Path::new("/usr/sbin").join(program));
        // `sendmail` alone spells it otherwise.
        let option = if program == "sendmail" { "-C" } else { "-c" };
        command.arg(option).arg(self.folder.join("etc"));
        command
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("mail.log")).unwrap_or_default()
    }

    /// The process that all its others come from.
    pub(crate) fn master(&self) -> Option<u32> {
        let pid = fs::read_to_string(self.folder.join("queue/pid/master.pid")).ok()?;
        pid.trim().parse().ok()
    }

    fn control(&self, program: &str, arguments: &[&str]) -> io::Result<()> {
        let mut command = Command::new(Path::new("/usr/sbin").join(program));
        command.arg("-c").arg(self.folder.join("etc")).args(arguments);
        let out = command.stdin(Stdio::null()).output()?;
        if out.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        Err(io::Error::other(format!("{said}{}", self.log())))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // Where this fails there is nobody left to tell.
        let _stopped = self.control("postfix", &["abort"]);
    }
}

fn main_cf(folder: &Path, then: Then) -> String {
    let folder = folder.display();
    let delivery = match then {
        Then::Discard => "default_transport = discard:bench\n".to_owned(),
        Then::Hold => "default_transport = discard:bench\n\
                       smtpd_recipient_restrictions = static:HOLD, permit_mynetworks, reject\n"
            .to_owned(),
        Then::Relay(to) => format!(
            "relayhost = [{}]:{}\n\
             smtp_tls_security_level = encrypt\nsmtp_tls_loglevel = 1\n\
             smtp_tls_session_cache_database =\n\
             minimal_backoff_time = 1s\nmaximal_backoff_time = 2s\nqueue_run_delay = 1s\n",
            to.ip(),
            to.port()
        ),
    };
    format!(
        // Without the pause for mail that comes faster than it goes: the rate is what is asked for.
        "compatibility_level = 3.6\nin_flow_delay = 0\n\
         queue_directory = {folder}/queue\ndata_directory = {folder}/data\n\
         maillog_file_prefixes = {folder}\nmaillog_file = {folder}/mail.log\n\
         myhostname = mail.corp.example\nmyorigin = corp.example\nmydestination =\n\
         mynetworks = 127.0.0.0/8\ninet_interfaces = loopback-only\ninet_protocols = ipv4\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\n\
         smtpd_peername_lookup = no\nsmtp_host_lookup = native\nsmtp_dns_support_level = disabled\n\
         default_process_limit = 200\nmessage_size_limit = 167772160\nmailbox_size_limit = 0\n\
         alias_maps =\nalias_database =\nlocal_recipient_maps =\n{delivery}"
    )
}

fn master_cf(smtp: SocketAddr) -> String {
    let mut text = format!("{smtp} inet n - n - 200 smtpd\n");
    for (name, private, wakeup, limit, program) in SERVICES {
        let kind = if *name == "postlog" { "unix-dgram" } else { "unix" };
        text.push_str(&format!("{name} {kind} {private} - n {wakeup} {limit} {program}\n"));
    }
    text
}

fn owner(of: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(of)
}

/// The numbers of a user and its group.
fn ids(name: &str) -> io::Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    for user in fields {
        if let [found, _, user, group, ..] = user[..]
            && found == name
        {
            let number = |text: &str| text.parse().map_err(io::Error::other);
            return Ok((number(user)?, number(group)?));
        }
    }
    Err(io::Error::other(format!("there is no user {name}")))
}

const START_TIME_MAX: Duration = Duration::from_secs(20);
/// Name, whether private, seconds between wakings, processes at most, program.
const SERVICES: &[(&str, &str, &str, &str, &str)] = &[
    ("pickup", "n", "1", "1", "pickup"),
    ("cleanup", "n", "-", "0", "cleanup"),
    ("qmgr", "n", "1", "1", "qmgr"),
    ("tlsmgr", "-", "-", "1", "tlsmgr"),
    ("rewrite", "-", "-", "-", "trivial-rewrite"),
    ("bounce", "-", "-", "0", "bounce"),
    ("defer", "-", "-", "0", "bounce"),
    ("trace", "-", "-", "0", "bounce"),
    ("verify", "-", "-", "1", "verify"),
    ("flush", "n", "-", "0", "flush"),
    ("smtp", "-", "-", "-", "smtp"),
    ("relay", "-", "-", "-", "smtp"),
    ("showq", "n", "-", "-", "showq"),
    ("error", "-", "-", "-", "error"),
    ("retry", "-", "-", "-", "error"),
    ("discard", "-", "-", "-", "discard"),
    ("anvil", "-", "-", "1", "anvil"),
    ("scache", "-", "-", "1", "scache"),
    ("postlog", "n", "-", "1", "postlogd"),
];
