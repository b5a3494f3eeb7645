//! A sender that says what it is told, and hears what is said.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{HOSTNAME, Installation, Running};

/// A client's certificate and its key.
pub(crate) type ClientCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A sender that says what it is told, over STARTTLS.
pub(crate) struct Sender<S>(pub(crate) BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Sender<S> {
    /// Sends a line and returns the last line of the reply.
    pub(crate) async fn say(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.hear().await
    }

    pub(crate) async fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).await.unwrap() > 0, "the server hung up");
            if line.as_bytes().get(3) == Some(&b' ') {
                return line.trim_end().to_owned();
            }
        }
    }

    /// The reply to RCPT, and to the end of DATA where it came so far.
    pub(crate) async fn send(&mut self, to: &str, report: &[u8]) -> (String, Option<String>) {
        self.say("MAIL FROM:<ndr@corp.example>").await;
        let recipient = self.say(&format!("RCPT TO:<{to}>")).await;
        if !recipient.starts_with("250") {
            self.say("RSET").await;
            return (recipient, None);
        }
        assert!(self.say("DATA").await.starts_with("354"));
        self.0.get_mut().write_all(report).await.unwrap();
        self.0.get_mut().write_all(b"\r\n.\r\n").await.unwrap();
        (recipient, Some(self.hear().await))
    }
}

/// Connects over STARTTLS, with a certificate or without.
pub(crate) async fn sender(
    installation: &Installation,
    running: &Running,
    certificate: Option<ClientCertificate>,
) -> Sender<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    let file = installation.dir.path().join("smtp-self-signed.pem");
    roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match certificate {
        Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
        None => config.with_no_client_auth(),
    };
    let mut plain = Sender(BufReader::new(TcpStream::connect(running.smtp).await.unwrap()));
    plain.hear().await;
    plain.say("EHLO mail.corp.example").await;
    assert!(plain.say("STARTTLS").await.starts_with("220"));
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(HOSTNAME).unwrap();
    let encrypted = connector.connect(name, plain.0.into_inner()).await.unwrap();
    let mut sender = Sender(BufReader::new(encrypted));
    sender.say("EHLO mail.corp.example").await;
    sender
}
