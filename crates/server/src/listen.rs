//! The dashboard's socket with limits: so many connections at once, and none that says nothing.
//!
//! Without them a stranger with a thousand half-open connections would take every file descriptor
//! of the process, and with them the store and the journal listener.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// A listener that waits with the next connection until there is room for it.
pub(crate) struct Limited {
    listener: TcpListener,
    room: Arc<Semaphore>,
    silence: Duration,
}

/// What the listener allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at once.
    pub(crate) connections: usize,
    /// How long a peer may say nothing.
    pub(crate) silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: CONNECTIONS_MAX, silence: SILENCE_MAX }
    }
}

impl Limited {
    /// Limits a listener.
    pub(crate) fn new(listener: TcpListener, limits: Limits) -> Self {
        let room = Arc::new(Semaphore::new(limits.connections));
        Self { listener, room, silence: limits.silence }
    }
}

impl Listener for Limited {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let Ok(permit) = Arc::clone(&self.room).acquire_owned().await else {
                std::future::pending::<()>().await;
                continue;
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let silence =
                        Silence { most: self.silence, end: Box::pin(sleep(self.silence)) };
                    return (Connection { stream, silence, _permit: permit }, peer);
                }
                // Out of descriptors, most often: give the open ones time to end.
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends when its peer says nothing for too long.
pub(crate) struct Connection {
    stream: TcpStream,
    silence: Silence,
    _permit: OwnedSemaphorePermit,
}

struct Silence {
    most: Duration,
    end: Pin<Box<Sleep>>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            let end = Instant::now() + self.silence.most;
            self.silence.end.as_mut().reset(end);
            return read;
        }
        match self.silence.end.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const CONNECTIONS_MAX: usize = 256;
/// A browser that keeps a connection open asks again within seconds, or opens another.
const SILENCE_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::JoinHandle;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    async fn serving(limits: Limits) -> (SocketAddr, JoinHandle<io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/", get(async || "here"));
        let serving = axum::serve(Limited::new(listener, limits), routes).into_future();
        (address, tokio::spawn(serving))
    }

    async fn ask(stream: &mut TcpStream) {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: corp.example\r\n\r\n").await.unwrap();
    }

    /// Reads until the body of the one page is there.
    async fn answered(stream: &mut TcpStream) {
        let mut seen = Vec::new();
        while !seen.ends_with(b"here") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "closed");
        }
    }

    #[tokio::test]
    async fn one_connection_too_many_waits_for_room_and_is_served_then() {
        let limits = Limits { connections: 2, silence: PATIENCE };
        let (address, serving) = serving(limits).await;
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            ask(&mut stream).await;
            answered(&mut stream).await;
            open.push(stream);
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        ask(&mut third).await;
        // The first two are still answered, and the third is not, though it asked before.
        for stream in &mut open {
            ask(stream).await;
            answered(stream).await;
        }
        let mut octet = [0];
        let early = third.try_read(&mut octet).map_err(|error| error.kind());
        assert_eq!(early, Err(io::ErrorKind::WouldBlock));
        drop(open.pop());
        tokio::time::timeout(PATIENCE, answered(&mut third)).await.expect("there is room");
        serving.abort();
    }

    #[tokio::test]
    async fn who_says_nothing_is_closed_and_makes_room() {
        let limits = Limits { connections: 1, silence: Duration::from_millis(50) };
        let (address, serving) = serving(limits).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HT").await.unwrap();
        let mut octets = Vec::new();
        for (who, stream) in [("silent", &mut silent), ("slow", &mut slow)] {
            let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut octets)).await;
            let _ = closed.unwrap_or_else(|_| panic!("{who} stays open"));
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        ask(&mut third).await;
        tokio::time::timeout(PATIENCE, answered(&mut third)).await.expect("there is room");
        serving.abort();
    }

    #[test]
    fn the_limits_leave_descriptors_for_store_and_mail() {
        let Limits { connections, silence } = Limits::default();
        assert!(connections <= 512, "the usual limit of a process is 1,024 descriptors");
        assert!(silence <= Duration::from_secs(60));
    }
}
