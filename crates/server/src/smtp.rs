//! The journal listener: sockets and TLS around the SMTP session of `clawback-mail`.
//!
//! The session decides what is said; this file carries octets, keeps time, and stores. It answers
//! a message with 250 only with the store's proof in hand: [`Session::stored`] takes nothing else.
//! Every connection has a time limit, and there is a limit on connections and on memory.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clawback_core::tenant::JournalAddress;
use clawback_mail::address::Address;
use clawback_mail::smtp::{Reply, Routing, Session, Settings, Step, Transaction, Trouble};
use clawback_store::{Committed, Envelope, Incoming, LargeMessage, Store, StoreError};
use metrics::{counter, histogram};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::directory::Directory;

/// What all connections of a listener share.
pub(crate) struct Receiver {
    /// How sessions behave.
    pub(crate) settings: Settings,
    /// For STARTTLS.
    pub(crate) tls: TlsAcceptor,
    /// Whose address is it.
    pub(crate) directory: Arc<Directory>,
    /// Where mail goes.
    pub(crate) store: Store,
    /// Octets collected in memory right now, over all connections.
    pub(crate) collecting: AtomicUsize,
}

impl Receiver {
    /// Takes connections until `stop`; returns when the last of them is done.
    pub(crate) async fn listen(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let tasks = TaskTracker::new();
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            let Ok((socket, peer)) = accepted else {
                // Out of file descriptors, most often: give the open ones time to end.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
                counter!("clawback_smtp_refused_connections_total").increment(1);
                let word = Session::<Committed>::new(self.settings.clone()).shutting_down();
                tasks.spawn(refuse(socket, word));
                continue;
            };
            let (receiver, stop) = (Arc::clone(&self), stop.clone());
            tasks.spawn(async move {
                receiver.serve(socket, peer, stop).await;
                drop(permit);
            });
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn serve(
        self: Arc<Self>,
        mut socket: TcpStream,
        peer: SocketAddr,
        stop: CancellationToken,
    ) {
        let _ = socket.set_nodelay(true);
        let session = Session::new(self.settings.clone());
        let mut talk = Conversation {
            peer: peer.ip(),
            began: Instant::now(),
            collected: Collected::Nothing,
            charged: 0,
            route: None,
            stop,
            session,
            receiver: Arc::clone(&self),
        };
        let greeting = talk.session.greeting().to_line();
        if socket.write_all(greeting.as_bytes()).await.is_err() {
            return;
        }
        if talk.run(&mut socket).await == End::StartTls {
            let Ok(Ok(mut encrypted)) = timeout(HANDSHAKE_TIME_MAX, self.tls.accept(socket)).await
            else {
                counter!("clawback_smtp_tls_failures_total").increment(1);
                return;
            };
            talk.session.tls_started();
            talk.run(&mut encrypted).await;
            let _ = encrypted.shutdown().await;
        }
    }
}

/// How a run of the conversation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Closed,
    StartTls,
}

/// What was collected of the message under way.
enum Collected {
    Nothing,
    Memory(Vec<u8>),
    Streaming(Box<LargeMessage>),
    /// It cannot be stored; the rest is read and thrown away.
    Lost(Trouble),
}

/// One connection.
struct Conversation {
    peer: IpAddr,
    began: Instant,
    session: Session<Committed>,
    collected: Collected,
    /// How much of the shared memory budget `collected` holds.
    charged: usize,
    /// Whose the message under way is: that of its first recipient.
    route: Option<JournalAddress>,
    stop: CancellationToken,
    receiver: Arc<Receiver>,
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.uncharge();
    }
}

impl Conversation {
    async fn run<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> End {
        let mut buffer = vec![0; READ_OCTETS];
        let mut out = Vec::new();
        let mut read = 0;
        loop {
            let input = buffer.get(..read).unwrap_or_default();
            let end = self.take(input, &mut out).await;
            if write_all(stream, &mut out).await.is_err() {
                return End::Closed;
            }
            if let Some(end) = end {
                return end;
            }
            read = match self.read(stream, &mut buffer).await {
                Ok(0) => return End::Closed,
                Ok(read) => read,
                Err(last_word) => {
                    out.extend_from_slice(last_word.to_line().as_bytes());
                    let _ = write_all(stream, &mut out).await;
                    return End::Closed;
                }
            };
        }
    }

    /// Reads what the peer sends next; the error is what to say before closing.
    async fn read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        buffer: &mut [u8],
    ) -> Result<usize, Reply> {
        if self.began.elapsed() > SESSION_TIME_MAX {
            return Err(self.session.timed_out());
        }
        let in_message = !matches!(self.collected, Collected::Nothing);
        let reading = timeout(IDLE_TIME_MAX, stream.read(buffer));
        tokio::select! {
            biased;
            // A message under way is finished first: its sender need not send it again.
            () = self.stop.cancelled(), if !in_message => Err(self.session.shutting_down()),
            read = reading => match read {
                Ok(read) => Ok(read.unwrap_or(0)),
                Err(_) => Err(self.session.timed_out()),
            },
        }
    }

    /// Gives octets to the session and does what it says, until it wants more.
    async fn take(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Option<End> {
        loop {
            let (used, step) = self.session.receive(input);
            input = input.get(used..).unwrap_or_default();
            let reply = match step {
                Step::More => return None,
                Step::Send(reply) => reply,
                Step::Route(address) => {
                    let routing = self.route(&address);
                    self.session.routed(routing)
                }
                Step::Body(octets) => {
                    self.collect(&octets).await;
                    continue;
                }
                Step::Discard(reply) => {
                    self.forget().await;
                    reply
                }
                Step::Store(transaction) => {
                    let outcome = self.store(transaction).await;
                    self.session.stored(outcome)
                }
                Step::StartTls(reply) => {
                    out.extend_from_slice(reply.to_line().as_bytes());
                    return Some(End::StartTls);
                }
                Step::Close(reply) => {
                    self.forget().await;
                    out.extend_from_slice(reply.to_line().as_bytes());
                    return Some(End::Closed);
                }
            };
            out.extend_from_slice(reply.to_line().as_bytes());
        }
    }

    fn route(&mut self, address: &Address) -> Routing {
        if self.session.transaction().is_none_or(|begun| begun.recipients.is_empty()) {
            self.route = None;
        }
        let Some(found) = self.receiver.directory.find(address) else {
            counter!("clawback_smtp_unknown_recipients_total").increment(1);
            return Routing::Unknown;
        };
        match &self.route {
            None => {
                self.route = Some(found);
                Routing::Accepted
            }
            // spec: rfc3463#3.6 — one transaction, one tenant.
            Some(first) if (first.tenant, &first.region) == (found.tenant, &found.region) => {
                Routing::Accepted
            }
            Some(_) => Routing::OtherTenant,
        }
    }

    /// Keeps a small message in memory; a large one goes to a segment of its own as it comes.
    async fn collect(&mut self, octets: &[u8]) {
        match std::mem::replace(&mut self.collected, Collected::Nothing) {
            Collected::Nothing => {
                self.charge(octets.len());
                self.collected = Collected::Memory(octets.to_vec());
            }
            Collected::Memory(mut kept) => {
                kept.extend_from_slice(octets);
                self.charge(octets.len());
                self.collected = if self.is_large(kept.len()) {
                    self.spill(kept).await
                } else {
                    Collected::Memory(kept)
                };
            }
            Collected::Streaming(mut large) => {
                self.collected = match large.write(octets).await {
                    Ok(()) => Collected::Streaming(large),
                    Err(error) => {
                        large.abort().await;
                        Collected::Lost(trouble(&error))
                    }
                };
            }
            lost @ Collected::Lost(_) => self.collected = lost,
        }
    }

    fn is_large(&self, octets: usize) -> bool {
        let tight = self.receiver.collecting.load(Ordering::Relaxed) > COLLECTING_OCTETS_MAX;
        octets > LARGE_OCTETS || (tight && octets > LARGE_OCTETS_TIGHT)
    }

    async fn spill(&mut self, kept: Vec<u8>) -> Collected {
        self.uncharge();
        let Some(route) = &self.route else { return Collected::Lost(Trouble::Storage) };
        let region = self.receiver.store.region(&route.region);
        let Some(begun) = self.session.transaction() else {
            return Collected::Lost(Trouble::Storage);
        };
        let envelope = self.envelope(begun);
        let mut large = match region.stream(route.tenant, envelope).await {
            Ok(large) => Box::new(large),
            Err(error) => return Collected::Lost(trouble(&error)),
        };
        match large.write(&kept).await {
            Ok(()) => Collected::Streaming(large),
            Err(error) => {
                large.abort().await;
                Collected::Lost(trouble(&error))
            }
        }
    }

    async fn store(&mut self, transaction: Transaction) -> Result<Committed, Trouble> {
        let began = Instant::now();
        let collected = std::mem::replace(&mut self.collected, Collected::Nothing);
        let route = self.route.take().ok_or(Trouble::Storage)?;
        let envelope = self.envelope(&transaction);
        let region = self.receiver.store.region(&route.region);
        let append = |octets: Vec<u8>| {
            region.append(Incoming { tenant: route.tenant, envelope, octets: octets.into() })
        };
        let stored = match collected {
            Collected::Lost(trouble) => Err(trouble),
            Collected::Streaming(large) => large.finish().await.map_err(|error| trouble(&error)),
            Collected::Nothing => append(Vec::new()).await.map_err(|error| trouble(&error)),
            Collected::Memory(octets) => append(octets).await.map_err(|error| trouble(&error)),
        };
        self.uncharge();
        match &stored {
            Ok(_) => counter!("clawback_received_total").increment(1),
            Err(_) => counter!("clawback_smtp_deferred_total").increment(1),
        }
        histogram!("clawback_receive_seconds").record(began.elapsed().as_secs_f64());
        stored
    }

    fn envelope(&self, transaction: &Transaction) -> Envelope {
        Envelope {
            mail_from: transaction.mail_from_raw.clone(),
            recipients: transaction.recipients.iter().map(ToString::to_string).collect(),
            helo: transaction.helo.clone(),
            peer: self.peer.to_string(),
            tls: transaction.tls.then(|| "starttls".to_owned()),
            faults: Vec::new(),
        }
    }

    async fn forget(&mut self) {
        if let Collected::Streaming(large) =
            std::mem::replace(&mut self.collected, Collected::Nothing)
        {
            large.abort().await;
        }
        self.uncharge();
    }

    fn charge(&mut self, octets: usize) {
        self.charged += octets;
        self.receiver.collecting.fetch_add(octets, Ordering::Relaxed);
    }

    fn uncharge(&mut self) {
        self.receiver.collecting.fetch_sub(self.charged, Ordering::Relaxed);
        self.charged = 0;
    }
}

async fn write_all<S: AsyncWrite + Unpin>(
    stream: &mut S,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    let writing = async {
        stream.write_all(out).await?;
        stream.flush().await
    };
    let written = timeout(IDLE_TIME_MAX, writing).await;
    out.clear();
    written.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

/// Tells a peer beyond the limit to come back later.
async fn refuse(mut socket: TcpStream, word: Reply) {
    let line = word.to_line();
    let _ = timeout(REFUSAL_TIME_MAX, socket.write_all(line.as_bytes())).await;
}

fn trouble(error: &StoreError) -> Trouble {
    tracing::error!(%error, "a message could not be stored; its sender will try again");
    match error {
        StoreError::Full => Trouble::NoRoom,
        _ => Trouble::Storage,
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Memory for messages being collected; beyond it, messages stream to disk sooner.
const COLLECTING_OCTETS_MAX: usize = 64 * 1024 * 1024;
const CONNECTIONS_MAX: usize = 512;
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(30);
// spec: rfc5321#4.5.3.2.7
const IDLE_TIME_MAX: Duration = Duration::from_secs(300);
const LARGE_OCTETS: usize = 4 * 1024 * 1024;
const LARGE_OCTETS_TIGHT: usize = 256 * 1024;
const READ_OCTETS: usize = 32 * 1024;
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);
/// Exchange keeps connections open for long; nobody needs one for a day.
const SESSION_TIME_MAX: Duration = Duration::from_secs(3_600);
