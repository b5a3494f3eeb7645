//! Sends journal reports over SMTP as Exchange does: TLS required, one connection kept, 4xx
//! retried.
//!
//! A refusal (5xx) is final and counted. A connection that breaks before the reply is a retry with
//! the same report, so the receiver sees the same report id again.

use std::time::Duration;

use lettre::address::{AddressError, Envelope};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;

/// Where reports go and how the sender shows itself.
#[derive(Clone, Debug)]
pub struct JournalerConfig {
    /// The receiver, as `host:port`.
    pub server: String,
    /// The name its certificate must bear.
    pub tls_name: String,
    /// The only root that its certificate may come from, in PEM.
    pub root_pem: Vec<u8>,
    /// What the sender calls itself.
    pub hello: String,
    /// The address that undeliverable reports would go back to.
    pub mail_from: String,
    /// The journaling address.
    pub recipient: String,
    /// How often one report is tried before it is given up.
    pub tries_max: u32,
    /// How long the first wait before a new try is; each further one is twice as long, up to 30 s.
    pub first_wait: Duration,
}

/// What became of the reports so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct JournalCounts {
    /// Taken with 250.
    pub accepted: u64,
    /// Connections made.
    pub connections: u64,
    /// Tries that ended with 4xx or a broken connection.
    pub deferred: u64,
    /// Given up: refused with 5xx, or tried too often.
    pub failed: u64,
}

/// Why a report was not sent.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The sender's or the journaling address is none.
    #[error("an address of the journal envelope is not valid")]
    Address(#[from] AddressError),
    /// There is neither sender nor recipient.
    #[error("the journal envelope is not valid")]
    Envelope(#[source] lettre::error::Error),
    /// Tried as often as allowed.
    #[error("the journaling address could not be reached after {tries} tries")]
    Exhausted {
        /// How often.
        tries: u32,
        /// The last failure.
        #[source]
        last: lettre::transport::smtp::Error,
    },
    /// The receiver will never take it.
    #[error("the journaling address refused the report")]
    Refused(#[source] lettre::transport::smtp::Error),
    /// The root certificate is not usable.
    #[error("the root certificate for the journaling address is not usable")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// A sender of journal reports with one connection.
pub struct Journaler {
    config: JournalerConfig,
    envelope: Envelope,
    tls: TlsParameters,
    connection: Option<AsyncSmtpConnection>,
    counts: JournalCounts,
}

impl Journaler {
    /// Makes a sender; it connects when the first report is sent.
    pub fn new(config: JournalerConfig) -> Result<Self, JournalError> {
        let sender = config.mail_from.parse()?;
        let recipient = config.recipient.parse()?;
        let envelope =
            Envelope::new(Some(sender), vec![recipient]).map_err(JournalError::Envelope)?;
        let root = Certificate::from_pem(&config.root_pem).map_err(JournalError::Tls)?;
        let tls = TlsParameters::builder(config.tls_name.clone())
            .certificate_store(CertificateStore::None)
            .add_root_certificate(root)
            .build_rustls()
            .map_err(JournalError::Tls)?;
        Ok(Self { config, envelope, tls, connection: None, counts: JournalCounts::default() })
    }

    /// What became of the reports so far.
    pub fn counts(&self) -> JournalCounts {
        self.counts
    }

    /// Sends one report and waits until it was taken, refused, or tried too often.
    pub async fn send(&mut self, report: &[u8]) -> Result<(), JournalError> {
        let mut wait = self.config.first_wait;
        let mut tries = 0;
        loop {
            let failure = match self.try_once(report).await {
                Ok(()) => {
                    self.counts.accepted += 1;
                    return Ok(());
                }
                Err(failure) => failure,
            };
            // Whatever failed, this connection's state is not known any more.
            self.connection = None;
            tries += 1;
            if failure.is_permanent() {
                self.counts.failed += 1;
                return Err(JournalError::Refused(failure));
            }
            self.counts.deferred += 1;
            if tries >= self.config.tries_max {
                self.counts.failed += 1;
                return Err(JournalError::Exhausted { tries, last: failure });
            }
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(WAIT_MAX);
        }
    }

    /// Ends the connection politely.
    pub async fn quit(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // The reports are safe with their 250; a lost goodbye loses nothing.
            let _said = connection.quit().await;
        }
    }

    async fn try_once(&mut self, report: &[u8]) -> Result<(), lettre::transport::smtp::Error> {
        // The client writes CRLF before the final dot itself.
        let report = report.strip_suffix(b"\r\n").unwrap_or(report);
        if self.connection.is_none() {
            self.connection = Some(self.connect().await?);
            self.counts.connections += 1;
        }
        if let Some(connection) = &mut self.connection {
            connection.send(&self.envelope, report).await?;
        }
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let hello = ClientId::Domain(self.config.hello.clone());
        let server = self.config.server.as_str();
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(TIMEOUT), &hello, None, None).await?;
        // Fails when the receiver does not offer STARTTLS: reports never go in the clear.
        connection.starttls(self.tls.clone(), &hello).await?;
        Ok(connection)
    }
}

const TIMEOUT: Duration = Duration::from_secs(30);
const WAIT_MAX: Duration = Duration::from_secs(30);
