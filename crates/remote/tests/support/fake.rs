//! A service that says what a test tells it to, octet by octet, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clawback_remote::microsoft::Graph;
use clawback_sim::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Fake {
    pub(crate) root: String,
    seen: Arc<Mutex<Vec<String>>>,
}

/// What the service does about a request.
pub(crate) enum Reply {
    /// Sends these octets and ends the connection.
    Send(Vec<u8>),
    /// Says nothing until the client gives up.
    Silence,
}

impl Fake {
    /// Answers what is no request for a token by `script`, which is given the whole request.
    pub(crate) async fn start(
        roles: &[&str],
        script: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, token, script) = (Arc::clone(&seen), token(roles), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, token, script) = (Arc::clone(&log), token.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    converse(stream, |request| {
                        let line = request.lines().next().unwrap_or_default();
                        if line.contains("/oauth2/v2.0/token") {
                            return reply(200, "", &token);
                        }
                        log.lock().unwrap().push(request.to_owned());
                        script(request)
                    })
                    .await
                });
            }
        });
        Self { root, seen }
    }

    /// A client of this service.
    pub(crate) fn graph(&self) -> Graph {
        let (clock, _) = Clock::by_hand("2026-09-15T08:12:00Z".parse().unwrap());
        super::graph(super::settings(&self.root), &clock)
    }

    /// The requests so far, without those for tokens.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer with a JSON body. `headers` are whole lines.
pub(crate) fn reply(status: u16, headers: &str, body: &str) -> Reply {
    let octets = format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    Reply::Send(octets.into_bytes())
}

/// A message as a list or a look shows it.
pub(crate) fn message(id: &str) -> String {
    format!(r#"{{"id":"{id}","parentFolderId":"inbox-id","subject":"Hello"}}"#)
}

fn token(roles: &[&str]) -> String {
    let payload = serde_json::json!({ "roles": roles }).to_string();
    let payload = URL_SAFE_NO_PAD.encode(payload);
    format!(r#"{{"access_token":"e30.{payload}.canary-token","expires_in":3599}}"#)
}

async fn converse(mut stream: TcpStream, answer: impl Fn(&str) -> Reply) {
    let mut request = Vec::new();
    let mut chunk = [0; 4_096];
    while !is_whole(&request) {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(n) => request.extend_from_slice(&chunk[..n]),
        }
    }
    match answer(&String::from_utf8_lossy(&request)) {
        Reply::Send(octets) => {
            stream.write_all(&octets).await.ok();
            stream.shutdown().await.ok();
        }
        // Ends when the client closes its side.
        Reply::Silence => while stream.read(&mut chunk).await.is_ok_and(|n| n > 0) {},
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |text| text.trim().parse().unwrap());
    body.len() >= length
}
