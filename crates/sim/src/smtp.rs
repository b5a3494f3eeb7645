//! An SMTP client: what everything in this crate that sends mail is made of.
//!
//! It writes octets that were prepared beforehand and pipelines where the server offers it, so that
//! a load generator takes little from what it measures. A reply is read whole, within a limit. It
//! keeps one connection, tries nothing again, and does not sign in.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Why something was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The connection was lost or never made.
    #[error("the connection to the server failed")]
    Broken(#[from] io::Error),
    /// The server does not offer STARTTLS.
    #[error("the server does not offer STARTTLS")]
    NoTls,
    /// The server said no.
    #[error("the server answered {code}")]
    Refused {
        /// Its reply code.
        code: u16,
    },
    /// The server took too long.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The server's name or the root certificate is not usable.
    #[error("the server's name or the root certificate is not usable")]
    Tls,
}

impl SmtpError {
    /// Whether the server will never take it.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused { code: 500..=599 })
    }
}

/// How a client knows its server.
#[derive(Clone)]
pub struct SmtpTls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl SmtpTls {
    /// Trusts the certificates of one root, in PEM, for one name.
    pub fn new(root_pem: &[u8], name: &str) -> Result<Self, SmtpError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(root_pem) {
            let certificate = certificate.map_err(|_| SmtpError::Tls)?;
            roots.add(certificate).map_err(|_| SmtpError::Tls)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| SmtpError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).map_err(|_| SmtpError::Tls)?;
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }
}

/// The commands before a message's octets.
#[derive(Clone, Debug)]
pub struct SmtpEnvelope {
    commands: [String; 3],
}

impl SmtpEnvelope {
    /// An envelope for one recipient.
    pub fn new(mail_from: &str, recipient: &str) -> Self {
        let mail = format!("MAIL FROM:<{mail_from}>\r\n");
        Self { commands: [mail, format!("RCPT TO:<{recipient}>\r\n"), "DATA\r\n".to_owned()] }
    }
}

/// A message as it goes over the wire: dots doubled, and the end written.
// spec: rfc5321#4.5.2
pub fn prepare(message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(message.len() + message.len() / 64 + END.len());
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    if !wire.ends_with(b"\r\n") {
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(END);
    wire
}

enum Stream {
    Clear(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
    /// Between the two, or broken.
    Gone,
}

/// A connection that is ready for mail.
pub struct SmtpClient {
    stream: Stream,
    /// What was read and is not used yet.
    input: Vec<u8>,
    pipelining: bool,
}

impl SmtpClient {
    /// Connects and says hello; with `tls`, nothing but hello is said in the clear.
    pub async fn connect(
        server: &str,
        hello: &str,
        tls: Option<&SmtpTls>,
    ) -> Result<Self, SmtpError> {
        let opening = async {
            let socket = TcpStream::connect(server).await?;
            socket.set_nodelay(true)?;
            let stream = Stream::Clear(socket);
            let mut client = Self { stream, input: Vec::new(), pipelining: false };
            client.reply().await?;
            let offers = client.hello(hello).await?;
            if let Some(tls) = tls {
                if !offers.starttls {
                    return Err(SmtpError::NoTls);
                }
                client.start_tls(tls).await?;
                client.hello(hello).await?;
            }
            Ok(client)
        };
        within(CONNECT_TIME_MAX, opening).await
    }

    /// Sends one message, whose octets were prepared and may come in parts, and waits for its
    /// reply. After an error the connection is of no use any more.
    pub async fn send(&mut self, envelope: &SmtpEnvelope, wire: &[&[u8]]) -> Result<(), SmtpError> {
        within(REPLY_TIME_MAX, self.transaction(envelope, wire)).await
    }

    /// Ends the connection politely.
    pub async fn quit(mut self) -> Result<(), SmtpError> {
        within(CONNECT_TIME_MAX, async {
            self.write(b"QUIT\r\n").await?;
            self.reply().await?;
            Ok(())
        })
        .await
    }

    async fn transaction(
        &mut self,
        envelope: &SmtpEnvelope,
        wire: &[&[u8]],
    ) -> Result<(), SmtpError> {
        if self.pipelining {
            self.write(envelope.commands.concat().as_bytes()).await?;
            for _ in &envelope.commands {
                self.reply().await?;
            }
        } else {
            for command in &envelope.commands {
                self.write(command.as_bytes()).await?;
                self.reply().await?;
            }
        }
        for part in wire {
            self.write(part).await?;
        }
        self.reply().await?;
        Ok(())
    }

    async fn hello(&mut self, hello: &str) -> Result<Offers, SmtpError> {
        self.write(format!("EHLO {hello}\r\n").as_bytes()).await?;
        let offers = self.reply().await?;
        self.pipelining = offers.pipelining;
        Ok(offers)
    }

    async fn start_tls(&mut self, tls: &SmtpTls) -> Result<(), SmtpError> {
        self.write(b"STARTTLS\r\n").await?;
        self.reply().await?;
        let Stream::Clear(socket) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Err(SmtpError::NoTls);
        };
        let encrypted = tls.connector.connect(tls.name.clone(), socket).await?;
        self.stream = Stream::Encrypted(Box::new(encrypted));
        // What came before is nobody's word.
        self.input.clear();
        Ok(())
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), SmtpError> {
        match &mut self.stream {
            Stream::Clear(stream) => stream.write_all(octets).await?,
            Stream::Encrypted(stream) => {
                stream.write_all(octets).await?;
                stream.flush().await?;
            }
            Stream::Gone => return Err(io::Error::from(io::ErrorKind::NotConnected).into()),
        }
        Ok(())
    }

    /// Reads one reply; anything but 2xx and 3xx is an error.
    async fn reply(&mut self) -> Result<Offers, SmtpError> {
        let mut offers = Offers::default();
        loop {
            let line = self.line().await?;
            let code = line.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
            if !(200..400).contains(&code) {
                return Err(SmtpError::Refused { code });
            }
            let word = line.get(4..).unwrap_or_default();
            offers.pipelining |= word.eq_ignore_ascii_case("PIPELINING");
            offers.starttls |= word.eq_ignore_ascii_case("STARTTLS");
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(offers);
            }
        }
    }

    async fn line(&mut self) -> Result<String, SmtpError> {
        loop {
            if let Some(end) = self.input.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.input.len() > REPLY_OCTETS_MAX {
                return Err(io::Error::from(io::ErrorKind::InvalidData).into());
            }
            let mut some = [0; 1_024];
            let read = match &mut self.stream {
                Stream::Clear(stream) => stream.read(&mut some).await?,
                Stream::Encrypted(stream) => stream.read(&mut some).await?,
                Stream::Gone => 0,
            };
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.input.extend_from_slice(some.get(..read).unwrap_or_default());
        }
    }
}

/// What a reply to EHLO offers.
#[derive(Clone, Copy, Debug, Default)]
struct Offers {
    pipelining: bool,
    starttls: bool,
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, SmtpError> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(SmtpError::TimedOut))
}

const CONNECT_TIME_MAX: Duration = Duration::from_secs(30);
const END: &[u8] = b".\r\n";
const REPLY_OCTETS_MAX: usize = 64 * 1_024;
// spec: rfc5321#4.5.3.2.6
const REPLY_TIME_MAX: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prepared_octets_table() {
        let rows: &[(&str, &[u8], &[u8])] = &[
            ("as it is", b"a\r\n", b"a\r\n.\r\n"),
            ("a line end is added", b"a", b"a\r\n.\r\n"),
            ("a dot at the beginning", b".a\r\n.\r\nb.\r\n", b"..a\r\n..\r\nb.\r\n.\r\n"),
            ("nothing at all", b"", b"\r\n.\r\n"),
        ];
        for (rule, message, wire) in rows {
            assert_eq!(prepare(message), *wire, "{rule}");
        }
    }
}
