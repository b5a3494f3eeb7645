//! One connection: octets to the session and back, and what the session asks for in between.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::source::SourceFault;
use clawback_mail::address::Address;
use clawback_mail::smtp::{Reply, Routing, Session, Step, Transaction, Trouble};
use clawback_store::{Committed, Envelope};
use metrics::{counter, histogram};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::body::{Body, Cover, has_room};
use super::origin::{Origin, Passage, passage};
use super::{CONNECTIONS_MAX, Receiver};
use crate::directory::Route;

/// How a run of the conversation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Closed,
    StartTls,
}

/// One connection.
pub(super) struct Conversation {
    origin: Origin,
    began: Instant,
    session: Session<Committed>,
    body: Body,
    /// Whose the message under way is: that of its first recipient, with what it did not pass.
    route: Option<(Route, Vec<SourceFault>)>,
    /// Whether it began a message at all.
    useful: bool,
    room: Arc<Semaphore>,
    stop: CancellationToken,
    receiver: Arc<Receiver>,
}

impl Conversation {
    pub(super) fn new(
        receiver: Arc<Receiver>,
        origin: Origin,
        room: Arc<Semaphore>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            origin,
            began: Instant::now(),
            session: Session::new(receiver.settings.clone()),
            body: Body::new(Arc::clone(&receiver)),
            route: None,
            useful: false,
            room,
            stop,
            receiver,
        }
    }

    /// What is sent before anything is read.
    pub(super) fn greeting(&self) -> Reply {
        self.session.greeting()
    }

    /// The handshake succeeded, and the client's verified certificate carries these names.
    pub(super) fn tls_started(&mut self, names: Vec<String>) {
        self.origin.names = names;
        self.session.tls_started();
    }

    /// Talks until the connection ends or is to be encrypted.
    pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> End {
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
        let limit = if self.useful { SESSION_TIME_MAX } else { USELESS_TIME_MAX };
        if self.began.elapsed() > limit {
            return Err(self.session.timed_out());
        }
        let reading = timeout(self.patience(), stream.read(buffer));
        tokio::select! {
            biased;
            // A message under way is finished first: its sender need not send it again.
            () = self.stop.cancelled(), if !self.body.is_begun() => {
                Err(self.session.shutting_down())
            }
            read = reading => match read {
                Ok(read) => Ok(read.unwrap_or(0)),
                Err(_) => Err(self.session.timed_out()),
            },
        }
    }

    /// How long a peer may say nothing. One that never began a message gets less of it, and little
    /// when connections run out: half-open ones are how a stranger locks others out.
    fn patience(&self) -> Duration {
        match self.useful {
            true => IDLE_TIME_MAX,
            false if self.room.available_permits() < CONNECTIONS_MAX / 4 => IDLE_CROWDED_TIME_MAX,
            false => IDLE_USELESS_TIME_MAX,
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
                    let Self { body, session, route, origin, .. } = self;
                    body.collect(&octets, || cover(route.as_ref(), session.transaction(), origin))
                        .await;
                    continue;
                }
                Step::Discard(reply) => {
                    self.body.forget().await;
                    reply
                }
                Step::Store(transaction) => {
                    let outcome = self.store(&transaction).await;
                    self.session.stored(outcome)
                }
                Step::StartTls(reply) => {
                    out.extend_from_slice(reply.to_line().as_bytes());
                    return Some(End::StartTls);
                }
                Step::Close(reply) => {
                    self.body.forget().await;
                    out.extend_from_slice(reply.to_line().as_bytes());
                    return Some(End::Closed);
                }
            };
            out.extend_from_slice(reply.to_line().as_bytes());
        }
    }

    /// Decides about one recipient: whose it is, whether it may come from here, whether there is
    /// room.
    fn route(&mut self, address: &Address) -> Routing {
        if self.session.transaction().is_none_or(|begun| begun.recipients.is_empty()) {
            self.route = None;
        }
        let Some(found) = self.receiver.directory.find(address) else {
            counter!("clawback_smtp_unknown_recipients_total").increment(1);
            return Routing::Unknown;
        };
        if let Some((first, _)) = &self.route {
            // spec: rfc3463#3.6 — one transaction, one tenant.
            let same = (first.tenant, &first.region) == (found.tenant, &found.region);
            return if same { Routing::Accepted } else { Routing::OtherTenant };
        }
        let sources = &found.rules.sources;
        let faults = sources.connection(self.origin.peer, &self.origin.names);
        let Passage::Kept(faults) = passage(sources, faults) else {
            return Routing::WrongSource;
        };
        let now = self.receiver.clock.now();
        if !faults.is_empty() && !self.receiver.review.has_room(found.tenant, now) {
            return Routing::Busy;
        }
        if !has_room(&self.receiver, &found, 1) {
            counter!("clawback_smtp_no_room_total").increment(1);
            return Routing::NoRoom;
        }
        self.useful = true;
        self.route = Some((found, faults));
        Routing::Accepted
    }

    async fn store(&mut self, transaction: &Transaction) -> Result<Committed, Trouble> {
        let began = Instant::now();
        let route = self.route.take();
        let cover = cover(route.as_ref(), Some(transaction), &self.origin);
        let stored = self.body.store(cover).await;
        match &stored {
            Ok(_) => counter!("clawback_received_total").increment(1),
            Err(Trouble::WrongSource | Trouble::TooLarge) => {
                counter!("clawback_smtp_refused_total").increment(1);
            }
            Err(_) => counter!("clawback_smtp_deferred_total").increment(1),
        }
        histogram!("clawback_receive_seconds").record(began.elapsed().as_secs_f64());
        stored
    }
}

/// What is known of the message under way without its octets.
fn cover<'a>(
    route: Option<&'a (Route, Vec<SourceFault>)>,
    transaction: Option<&Transaction>,
    origin: &Origin,
) -> Cover<'a> {
    let mut envelope = Envelope {
        peer: origin.peer.to_string(),
        client_names: origin.names.clone(),
        faults: route.map(|(_, faults)| faults.clone()).unwrap_or_default(),
        ..Envelope::default()
    };
    if let Some(transaction) = transaction {
        envelope.mail_from.clone_from(&transaction.mail_from_raw);
        envelope.recipients = transaction.recipients.iter().map(ToString::to_string).collect();
        envelope.helo.clone_from(&transaction.helo);
        envelope.tls = transaction.tls.then(|| "starttls".to_owned());
    }
    Cover { route: route.map(|(route, _)| route), envelope }
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

const IDLE_CROWDED_TIME_MAX: Duration = Duration::from_secs(10);
// spec: rfc5321#4.5.3.2.7
const IDLE_TIME_MAX: Duration = Duration::from_secs(300);
/// Less than the standard asks for, before a message was begun.
const IDLE_USELESS_TIME_MAX: Duration = Duration::from_secs(60);
const READ_OCTETS: usize = 32 * 1024;
/// From the connection to the first recipient that was accepted, however busy the peer seems.
const USELESS_TIME_MAX: Duration = Duration::from_secs(120);
/// Exchange keeps connections open for long; nobody needs one for a day.
const SESSION_TIME_MAX: Duration = Duration::from_secs(3_600);
