//! Serving a world over HTTP, with connections that a fault can cut.
//!
//! While it serves, the mailboxes are kept in the state file about once a second, and once more
//! after the last request. A program that is killed loses what happened in its last second.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::routing::{any, get, post};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::world::World;
use crate::{consent, google, graph, page, token};

/// Serves the tenant until `shutdown` completes; gives the open requests a moment to end.
pub async fn serve(
    listener: TcpListener,
    world: World,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, mut stopped) = watch::channel(false);
    let (end, ended) = watch::channel(false);
    let keeper = tokio::spawn(keep(world.clone(), ended));
    let service = world.router().into_make_service_with_connect_info::<Cut>();
    let server = axum::serve(CutListener(listener), service).with_graceful_shutdown(async move {
        // An error means that the sender is gone, which is also the end.
        let _told = stopped.wait_for(|stop| *stop).await;
    });
    let server = tokio::spawn(server.into_future());
    let abort = server.abort_handle();
    shutdown.await;
    stop.send_replace(true);
    let served = tokio::time::timeout(DRAIN, server).await;
    abort.abort();
    end.send_replace(true);
    if keeper.await.is_err() {
        tracing::warn!("the simulated mailboxes were not kept at the end");
    }
    match served {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(io::Error::other(error)),
        Err(_) => Ok(()),
    }
}

impl World {
    /// Everything that the tenant answers: sign-in, its provider's interfaces and the page that
    /// shows the mailboxes.
    pub fn router(&self) -> Router {
        let routes = match self.config().service.is_google() {
            true => google::routes(),
            false => Router::new()
                .route("/{tenant}/oauth2/v2.0/token", post(token::issue))
                .route("/{tenant}/adminconsent", get(consent::show))
                .route("/{tenant}/adminconsent/{decision}", post(consent::decide_older))
                .route("/{tenant}/v2.0/adminconsent", get(consent::show))
                .route("/{tenant}/v2.0/adminconsent/{decision}", post(consent::decide))
                .route("/v1.0/{*path}", any(graph::handle)),
        };
        routes.merge(page::routes()).with_state(self.clone())
    }
}

async fn keep(world: World, mut ended: watch::Receiver<bool>) {
    loop {
        let end = tokio::time::timeout(KEEP_EVERY, ended.wait_for(|end| *end)).await.is_ok();
        let keeping = world.clone();
        let kept = tokio::task::spawn_blocking(move || keeping.save()).await;
        if !matches!(kept, Ok(Ok(()))) {
            tracing::warn!("the simulated mailboxes cannot be kept in their state file");
        }
        if end {
            return;
        }
    }
}

/// Cuts the connection a request came by: nothing is written to it from then on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(crate) fn now(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, CutListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CutListener>) -> Self {
        stream.remote_addr().clone()
    }
}

struct CutListener(TcpListener);

impl Listener for CutListener {
    type Io = CutStream;
    type Addr = Cut;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        let cut = Cut::default();
        (CutStream { stream, cut: cut.clone() }, cut)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Cut::default())
    }
}

struct CutStream {
    stream: TcpStream,
    cut: Cut,
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.cut.0.load(Ordering::SeqCst) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

const KEEP_EVERY: Duration = Duration::from_secs(1);
const DRAIN: Duration = Duration::from_secs(3);
