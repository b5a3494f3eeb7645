//! Sends journal reports over SMTP as Exchange does: TLS required, one connection kept, 4xx
//! retried.
//!
//! A refusal (5xx) is final and counted. A connection that breaks before the reply is a retry with
//! the same report, so the receiver sees the same report id again.

use std::time::Duration;

use crate::smtp::{SmtpClient, SmtpEnvelope, SmtpError, SmtpTls, prepare};

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
    /// Tried as often as allowed.
    #[error("the journaling address could not be reached after {tries} tries")]
    Exhausted {
        /// How often.
        tries: u32,
        /// The last failure.
        #[source]
        last: SmtpError,
    },
    /// The receiver will never take it.
    #[error("the journaling address refused the report")]
    Refused(#[source] SmtpError),
    /// The root certificate is not usable.
    #[error("the root certificate for the journaling address is not usable")]
    Tls(#[source] SmtpError),
}

/// A sender of journal reports with one connection.
pub struct Journaler {
    config: JournalerConfig,
    envelope: SmtpEnvelope,
    tls: SmtpTls,
    connection: Option<SmtpClient>,
    counts: JournalCounts,
}

impl Journaler {
    /// Makes a sender; it connects when the first report is sent.
    pub fn new(config: JournalerConfig) -> Result<Self, JournalError> {
        let envelope = SmtpEnvelope::new(&config.mail_from, &config.recipient);
        let tls = SmtpTls::new(&config.root_pem, &config.tls_name).map_err(JournalError::Tls)?;
        Ok(Self { config, envelope, tls, connection: None, counts: JournalCounts::default() })
    }

    /// What became of the reports so far.
    pub fn counts(&self) -> JournalCounts {
        self.counts
    }

    /// Sends one report and waits until it was taken, refused, or tried too often.
    pub async fn send(&mut self, report: &[u8]) -> Result<(), JournalError> {
        let wire = prepare(report);
        let mut wait = self.config.first_wait;
        let mut tries = 0;
        loop {
            let failure = match self.try_once(&wire).await {
                Ok(()) => {
                    self.counts.accepted += 1;
                    return Ok(());
                }
                Err(failure) => failure,
            };
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
        if let Some(connection) = self.connection.take() {
            // The reports are safe with their 250; a lost goodbye loses nothing.
            let _said = connection.quit().await;
        }
    }

    async fn try_once(&mut self, wire: &[u8]) -> Result<(), SmtpError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let JournalerConfig { server, hello, .. } = &self.config;
                // Fails when the receiver does not offer STARTTLS: reports never go in the clear.
                let made = SmtpClient::connect(server, hello, Some(&self.tls)).await?;
                self.counts.connections += 1;
                made
            }
        };
        // Dropped where this fails: its state is not known any more.
        connection.send(&self.envelope, &[wire]).await?;
        self.connection = Some(connection);
        Ok(())
    }
}

const WAIT_MAX: Duration = Duration::from_secs(30);
