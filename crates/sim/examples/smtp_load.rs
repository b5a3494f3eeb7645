//! A load generator: sends journal reports in parallel sessions, as cheaply as it can, and prints
//! what came of it as JSON.
//!
//! `smtp_load --server ADDR --to ADDRESS [--root PEM --name HOST] [--sessions N] [--new-session]`
//! with mail to send: `--folder DIR [--count N]` sends each file of a folder once, `--size OCTETS`
//! with `--seconds S` or `--count N` sends invented mail. It runs on one thread, prepares its
//! octets before it starts its clock, and says how much processor time it took itself: it shares
//! the machine with what it measures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::cast_precision_loss)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use clawback_sim::journal::{Recipient, Report, report};
use clawback_sim::{Organisation, SmtpClient, SmtpEnvelope, SmtpError, SmtpTls, prepare};
use jiff::Timestamp;
use uuid::Uuid;

fn main() {
    let options = Options::read();
    let mail = options.mail();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, run(options, mail));
}

struct Options(HashMap<String, String>);

impl Options {
    fn read() -> Self {
        let mut given = HashMap::new();
        let mut words = std::env::args().skip(1).peekable();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").expect("options begin with --").to_owned();
            let value = words.next_if(|next| !next.starts_with("--")).unwrap_or_default();
            given.insert(name, value);
        }
        Self(given)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.text(name).map(|value| value.parse().unwrap_or_else(|_| panic!("--{name} {value}")))
    }

    fn mail(&self) -> Mail {
        match (self.text("folder"), self.number("size")) {
            (Some(folder), None) => Mail::of_folder(Path::new(folder), self.number("count")),
            (None, Some(size)) => Mail::invented(size),
            _ => panic!("one of --folder and --size"),
        }
    }

    fn tls(&self) -> Option<SmtpTls> {
        let root = std::fs::read(self.text("root")?).expect("the root certificate");
        Some(SmtpTls::new(&root, self.text("name").expect("--name")).expect("TLS"))
    }
}

/// What is sent: octets as they go over the wire.
enum Mail {
    /// Each of these once.
    Each(Vec<Vec<u8>>),
    /// The same again and again; only the marks in its head differ.
    Again { head: Vec<u8>, marks: Vec<usize>, tail: Vec<u8> },
}

impl Mail {
    fn of_folder(folder: &Path, count: Option<usize>) -> Self {
        let mut files = Vec::new();
        find(folder, &mut files);
        files.sort();
        // Neighbours are often of one campaign and one size: spread them.
        files.sort_by_key(|file| {
            let text = file.to_string_lossy();
            text.bytes()
                .fold(17_u64, |sum, octet| (sum ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3))
        });
        files.truncate(count.unwrap_or(usize::MAX));
        let people = Organisation::example().users();
        let wire = (1_u128..).zip(&files).map(|(number, file)| {
            let original = with_crlf(&std::fs::read(file).expect("a file of mail"));
            let person = &people[usize::try_from(number).unwrap() % people.len()];
            wrap(&original, person.mail.as_deref().unwrap_or("anna@corp.example"), number)
        });
        Self::Each(wire.collect())
    }

    fn invented(size: usize) -> Self {
        let head = format!(
            "From: Ben Vogel <ben@partner.example.org>\r\nTo: anna@corp.example\r\n\
             Subject: Minutes {MARK}\r\nMessage-ID: <{MARK}@partner.example.org>\r\n\
             Date: Tue, 24 Nov 2026 08:12:00 +0000\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nThe plan is attached.\r\n\r\n--b\r\n\
             Content-Type: application/octet-stream; name=\"plan.bin\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        );
        let mut original = head.into_bytes();
        original.reserve(size);
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        while original.len() + 600 < size {
            for _ in 0..76 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                original.push(LETTERS[usize::try_from(state % 64).unwrap()]);
            }
            original.extend_from_slice(b"\r\n");
        }
        original.extend_from_slice(b"\r\n--b--\r\n");
        let wire = wrap(&original, "anna@corp.example", 1);
        let (head, tail) = wire.split_at(wire.len().min(HEAD_OCTETS));
        // The report's own id stands in its boundary too, which must not change.
        let id = format!("{}@", Uuid::from_u128(1));
        let mut marks = places(head, MARK.as_bytes());
        let (digits, whole) = (MARK_OCTETS + 1, id.len());
        marks.extend(places(head, id.as_bytes()).iter().map(|at| at + whole - digits));
        Self::Again { head: head.to_vec(), marks, tail: tail.to_vec() }
    }

    fn octets_of(&self, number: usize) -> usize {
        match self {
            Self::Each(all) => all[number].len(),
            Self::Again { head, tail, .. } => head.len() + tail.len(),
        }
    }
}

fn places(octets: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = octets.windows(wanted.len()).enumerate();
    windows.filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).expect("a folder").collect();
    for entry in entries.drain(..) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "eml") {
            files.push(path);
        }
    }
}

/// Files are kept with the line ends of their system; on the wire there is one kind.
fn with_crlf(file: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(file.len() + file.len() / 32);
    for line in file.split(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        out.extend(line.iter().map(|octet| if *octet == b'\r' { b' ' } else { *octet }));
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn wrap(original: &[u8], to: &str, number: u128) -> Vec<u8> {
    prepare(&report(&Report {
        original,
        mail_from: "bounce@partner.example.org",
        recipients: &[Recipient::plain(to)],
        tenant_domain: "corp.example",
        tenant_id: "7d1c2a5e-0b44-4c1f-9a77-2f6f1f0c9d10",
        id: Uuid::from_u128(number),
        at: Timestamp::from_second(1_795_000_000).unwrap(),
    }))
}

/// What all sessions share.
struct Load {
    options: Options,
    mail: Mail,
    tls: Option<SmtpTls>,
    next: Cell<usize>,
    count: Cell<usize>,
    octets: Cell<usize>,
    failed: Cell<usize>,
    connections: Cell<usize>,
    waits: RefCell<Vec<Duration>>,
    until: Option<Instant>,
}

async fn run(options: Options, mail: Mail) {
    let tls = options.tls();
    let began = Instant::now();
    let cpu = cpu_ms();
    let seconds = options.number("seconds").and_then(|seconds| u64::try_from(seconds).ok());
    let load = Rc::new(Load {
        until: seconds.map(|seconds| began + Duration::from_secs(seconds)),
        options,
        mail,
        tls,
        next: Cell::default(),
        count: Cell::default(),
        octets: Cell::default(),
        failed: Cell::default(),
        connections: Cell::default(),
        waits: RefCell::default(),
    });
    let sessions = load.options.number("sessions").unwrap_or(20);
    let running: Vec<_> = (0..sessions)
        .map(|_| {
            let load = Rc::clone(&load);
            tokio::task::spawn_local(async move { load.session().await })
        })
        .collect();
    let mut error = None;
    for session in running {
        error = session.await.unwrap().err().or(error);
    }
    let took = began.elapsed().as_secs_f64();
    if let Some(error) = error {
        eprintln!("smtp_load: a session ended early: {error}");
    }
    load.print(took, cpu_ms().saturating_sub(cpu));
}

impl Load {
    async fn session(&self) -> Result<(), SmtpError> {
        let server = self.options.text("server").expect("--server");
        let to = self.options.text("to").expect("--to");
        let envelope = SmtpEnvelope::new("journal-ndr@corp.example", to);
        let mut client = None;
        while let Some(number) = self.next_number() {
            let mut connected = match client.take() {
                Some(client) => client,
                None => {
                    self.connections.set(self.connections.get() + 1);
                    SmtpClient::connect(server, "mail.corp.example", self.tls.as_ref()).await?
                }
            };
            let began = Instant::now();
            let sent = match &self.mail {
                Mail::Each(all) => connected.send(&envelope, &[&all[number]]).await,
                Mail::Again { head, marks, tail } => {
                    let mut head = head.clone();
                    let mark = format!("{:0MARK_OCTETS$x}", number + 1);
                    marks.iter().for_each(|at| {
                        head[*at..*at + MARK_OCTETS].copy_from_slice(mark.as_bytes());
                    });
                    connected.send(&envelope, &[&head, tail]).await
                }
            };
            if let Err(error) = sent {
                self.failed.set(self.failed.get() + 1);
                if matches!(error, SmtpError::Refused { .. }) {
                    continue;
                }
                return Err(error);
            }
            self.waits.borrow_mut().push(began.elapsed());
            self.count.set(self.count.get() + 1);
            self.octets.set(self.octets.get() + self.mail.octets_of(number));
            if self.options.text("new-session").is_some() {
                let _said = connected.quit().await;
            } else {
                client = Some(connected);
            }
        }
        if let Some(client) = client {
            let _said = client.quit().await;
        }
        Ok(())
    }

    fn next_number(&self) -> Option<usize> {
        let number = self.next.replace(self.next.get() + 1);
        let end = match &self.mail {
            Mail::Each(all) => all.len(),
            Mail::Again { .. } => self.options.number("count").unwrap_or(usize::MAX),
        };
        let in_time = self.until.is_none_or(|until| Instant::now() < until);
        (number < end && in_time).then_some(number)
    }

    fn print(&self, seconds: f64, cpu_ms: u64) {
        let mut waits = self.waits.borrow_mut();
        waits.sort();
        let at = |of_hundred: usize| {
            let wait = waits.get(waits.len().saturating_sub(1) * of_hundred / 100);
            wait.map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
        };
        println!(
            "{{\"count\":{},\"seconds\":{seconds:.3},\"octets\":{},\"failed\":{},\
             \"connections\":{},\"cpu_ms\":{cpu_ms},\"p50_ms\":{:.2},\"p99_ms\":{:.2}}}",
            self.count.get(),
            self.octets.get(),
            self.failed.get(),
            self.connections.get(),
            at(50),
            at(99),
        );
    }
}

/// User and system time of this process so far; ticks are a hundredth of a second on Linux.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after_name.split(' ').skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

const HEAD_OCTETS: usize = 8 * 1_024;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Stands where each message gets its own number; as long as the last group of a UUID.
const MARK: &str = "m0000000rk12";
const MARK_OCTETS: usize = 12;
