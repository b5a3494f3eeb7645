//! The journal sender against a small receiver: STARTTLS, octets unaltered, 4xx retried.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clawback_sim::journal::{Recipient, Report, report};
use clawback_sim::{JournalError, Journaler, JournalerConfig};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const NAME: &str = "journal.clawback.example";

/// What a receiver was given, and what it is to answer after DATA; 250 when nothing is planned.
#[derive(Default)]
struct Receiver {
    messages: Vec<Vec<u8>>,
    envelopes: Vec<String>,
    answers: VecDeque<&'static str>,
}

struct Running {
    address: SocketAddr,
    root_pem: Vec<u8>,
    state: Arc<Mutex<Receiver>>,
}

async fn receiver(offers_tls: bool) -> Running {
    let certified = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a key");
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let chain = vec![CertificateDer::from(certified.cert.der().to_vec())];
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let state = Arc::new(Mutex::new(Receiver::default()));
    let shared = Arc::clone(&state);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let talking = talk(stream, acceptor.clone(), Arc::clone(&shared), offers_tls);
            tokio::spawn(talking);
        }
    });
    Running { address, root_pem: certified.cert.pem().into_bytes(), state }
}

async fn talk(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    state: Arc<Mutex<Receiver>>,
    offers_tls: bool,
) -> Option<()> {
    let mut plain = BufStream::new(stream);
    say(&mut plain, "220 ready").await?;
    let offer = if offers_tls { "250-hello\r\n250 STARTTLS" } else { "250 hello" };
    loop {
        match line(&mut plain).await?.as_str() {
            command if command.starts_with("EHLO") => say(&mut plain, offer).await?,
            "STARTTLS" if offers_tls => break,
            _ => say(&mut plain, "530 5.7.0 TLS first").await?,
        }
    }
    say(&mut plain, "220 go ahead").await?;
    let mut secure = BufStream::new(acceptor.accept(plain.into_inner()).await.ok()?);
    loop {
        let command = line(&mut secure).await?;
        match command.split([' ', ':']).next().unwrap_or("") {
            "EHLO" => say(&mut secure, "250-hello\r\n250-8BITMIME\r\n250 SMTPUTF8").await?,
            "MAIL" | "RCPT" => {
                state.lock().expect("a lock").envelopes.push(command);
                say(&mut secure, "250 ok").await?;
            }
            "DATA" => {
                say(&mut secure, "354 go ahead").await?;
                let message = data(&mut secure).await?;
                let answer = {
                    let mut state = state.lock().expect("a lock");
                    state.messages.push(message);
                    state.answers.pop_front().unwrap_or("250 2.0.0 taken")
                };
                say(&mut secure, answer).await?;
            }
            _ => say(&mut secure, "221 bye").await?,
        }
    }
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> Option<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

async fn data(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await.ok().filter(|read| *read > 0)?;
        if line == b".\r\n" {
            return Some(message);
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn journaler(running: &Running, tls_name: &str) -> Journaler {
    let config = JournalerConfig {
        server: running.address.to_string(),
        tls_name: tls_name.to_owned(),
        root_pem: running.root_pem.clone(),
        hello: "mail-db8eur05on2073.outbound.protection.example".to_owned(),
        mail_from: "journal.ndr@corp.example".to_owned(),
        recipient: "k3y@journal.clawback.example".to_owned(),
        tries_max: 3,
        first_wait: Duration::from_millis(1),
    };
    Journaler::new(config).expect("a sender")
}

fn sample() -> Vec<u8> {
    report(&Report {
        original: include_bytes!("data/original.eml"),
        mail_from: "bounce@shop.example",
        recipients: &[Recipient::plain("anna@corp.example")],
        tenant_domain: "corp.example",
        tenant_id: "7d1c2a5e-0b44-4c1f-9a77-2f6f1f0c9d10",
        id: uuid::Uuid::from_u128(7),
        at: "2026-09-15T08:12:07Z".parse().expect("a time"),
    })
}

#[tokio::test]
async fn reports_arrive_octet_for_octet_over_one_connection() {
    let running = receiver(true).await;
    let mut journaler = journaler(&running, NAME);
    let bare = b"Subject: no line end\r\n\r\n.dot\r\nend".to_vec();
    for message in [&sample(), &sample(), &bare] {
        journaler.send(message).await.expect("taken");
    }
    let counts = journaler.counts();
    assert_eq!((counts.accepted, counts.connections, counts.deferred), (3, 1, 0));
    let state = running.state.lock().expect("a lock");
    assert!(state.messages[0] == sample() && state.messages[1] == sample());
    assert_eq!(state.messages[2], [&bare[..], b"\r\n"].concat());
    assert!(state.envelopes[0].starts_with("MAIL FROM:<journal.ndr@corp.example>"));
    assert_eq!(state.envelopes[1], "RCPT TO:<k3y@journal.clawback.example>");
}

#[tokio::test]
async fn a_deferred_report_is_sent_again_and_a_refused_one_is_not() {
    let running = receiver(true).await;
    let mut journaler = journaler(&running, NAME);
    running.state.lock().expect("a lock").answers.extend(["451 4.3.0 later", "250 2.0.0 taken"]);
    journaler.send(&sample()).await.expect("taken at the second try");
    running.state.lock().expect("a lock").answers.push_back("550 5.7.1 never");
    let refused = journaler.send(&sample()).await;
    assert!(matches!(refused, Err(JournalError::Refused(_))), "{refused:?}");
    running.state.lock().expect("a lock").answers.extend(["451 4.3.0 later"; 3]);
    let exhausted = journaler.send(&sample()).await;
    assert!(matches!(exhausted, Err(JournalError::Exhausted { tries: 3, .. })), "{exhausted:?}");
    let counts = journaler.counts();
    assert_eq!((counts.accepted, counts.deferred, counts.failed), (1, 4, 2));
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_or_to_another_name() {
    let clear = receiver(false).await;
    assert!(journaler(&clear, NAME).send(&sample()).await.is_err());
    let other = receiver(true).await;
    assert!(journaler(&other, "elsewhere.example").send(&sample()).await.is_err());
    for running in [clear, other] {
        assert!(running.state.lock().expect("a lock").messages.is_empty());
    }
}
