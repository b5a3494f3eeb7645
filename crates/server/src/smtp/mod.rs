//! The journal listener: sockets and TLS around the SMTP session of `clawback-mail`.
//!
//! The session decides what is said; these files carry octets, keep time, look at where a
//! connection comes from, and store. A message is answered with 250 only with the store's proof in
//! hand. Every connection has a time limit; there is a limit on connections, on those of one peer,
//! and on memory.

mod body;
mod conversation;
mod origin;
mod peers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use clawback_core::Clock;
use clawback_mail::smtp::{Reply, Session, Settings};
use clawback_store::{Committed, Store};
use metrics::counter;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::directory::Directory;
use crate::trust::Trust;
use conversation::{Conversation, End};
use origin::Origin;
use peers::Peers;

pub(crate) use origin::{Review, is_sound};

/// What all connections of a listener share.
pub(crate) struct Receiver {
    /// How sessions behave.
    pub(crate) settings: Settings,
    /// For STARTTLS.
    pub(crate) tls: TlsAcceptor,
    /// Whose signature under a client's certificate counts.
    pub(crate) trust: Arc<Trust>,
    /// Whose address is it.
    pub(crate) directory: Arc<Directory>,
    /// Where mail goes.
    pub(crate) store: Store,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What was kept for review lately.
    pub(crate) review: Review,
    /// Octets collected in memory right now, over all connections.
    pub(crate) collecting: AtomicUsize,
}

impl Receiver {
    /// Takes connections until `stop`; returns when the last of them is done.
    pub(crate) async fn listen(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let peers = Peers::default();
        let tasks = TaskTracker::new();
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            let Ok((socket, peer)) = accepted else {
                // Out of file descriptors, most often: give the open ones time to end.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let place = peers.enter(peer.ip());
            let (Some(place), Ok(permit)) = (place, Arc::clone(&room).try_acquire_owned()) else {
                counter!("clawback_smtp_refused_connections_total").increment(1);
                let word = Session::<Committed>::new(self.settings.clone()).shutting_down();
                tasks.spawn(refuse(socket, word));
                continue;
            };
            let (receiver, stop, room) = (Arc::clone(&self), stop.clone(), Arc::clone(&room));
            tasks.spawn(async move {
                receiver.serve(socket, peer, room, stop).await;
                drop((place, permit));
            });
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn serve(
        self: Arc<Self>,
        mut socket: TcpStream,
        peer: SocketAddr,
        room: Arc<Semaphore>,
        stop: CancellationToken,
    ) {
        let _ = socket.set_nodelay(true);
        let mut talk = Conversation::new(Arc::clone(&self), Origin::of(peer.ip()), room, stop);
        let greeting = talk.greeting().to_line();
        if socket.write_all(greeting.as_bytes()).await.is_err() {
            return;
        }
        if talk.run(&mut socket).await == End::StartTls {
            let Ok(Ok(mut encrypted)) = timeout(HANDSHAKE_TIME_MAX, self.tls.accept(socket)).await
            else {
                counter!("clawback_smtp_tls_failures_total").increment(1);
                return;
            };
            let shown = encrypted.get_ref().1.peer_certificates().unwrap_or_default();
            talk.tls_started(self.trust.names(shown, self.clock.now()));
            talk.run(&mut encrypted).await;
            let _ = encrypted.shutdown().await;
        }
    }
}

/// Tells a peer beyond the limit to come back later.
async fn refuse(mut socket: TcpStream, word: Reply) {
    let line = word.to_line();
    let _ = timeout(REFUSAL_TIME_MAX, socket.write_all(line.as_bytes())).await;
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const CONNECTIONS_MAX: usize = 512;
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(30);
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);
