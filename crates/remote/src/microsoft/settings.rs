//! What a connection to one tenant is made of.

use std::time::Duration;

use url::Url;

use super::credential::Credential;
use crate::client::EndpointError;

/// What a connection to one tenant is made of.
#[derive(Clone, Debug)]
pub struct GraphSettings {
    /// Where tokens come from, without a path.
    pub login_url: Url,
    /// Where Graph is, without a path.
    pub graph_url: Url,
    /// The app registration's client id.
    pub client_id: String,
    /// How the app proves that it is the app.
    pub credential: Credential,
    /// The tenant's directory id, or one of its domains.
    pub directory_id: String,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long one request may take, connection included.
    pub request_timeout: Duration,
    /// How long a request may wait for its turn here.
    pub queue_timeout: Duration,
    /// How long one question may take in all, with its pages.
    pub question_timeout: Duration,
    /// How many requests about one mailbox may run at once.
    pub mailbox_requests_max: usize,
    /// How many requests may run at once over all mailboxes of the tenant.
    pub requests_max: usize,
}

impl Default for GraphSettings {
    /// The global cloud; whose tenant and whose app is still to be filled in.
    fn default() -> Self {
        Self {
            login_url: known("https://login.microsoftonline.com"),
            graph_url: known("https://graph.microsoft.com"),
            client_id: String::new(),
            credential: Credential::default(),
            directory_id: String::new(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(20),
            queue_timeout: Duration::from_secs(15),
            question_timeout: Duration::from_secs(75),
            mailbox_requests_max: MAILBOX_REQUESTS_MAX,
            requests_max: REQUESTS_MAX,
        }
    }
}

impl GraphSettings {
    /// Refuses what cannot work, before anything is sent anywhere.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let is_word = |text: &str, max: usize| {
            let fits = (1..=max).contains(&text.len());
            fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        };
        if !is_word(&self.client_id, WORD_OCTETS_MAX) {
            return Err(SettingsError::ClientId);
        }
        let is_dots = self.directory_id.bytes().all(|b| b == b'.');
        if is_dots || !is_word(&self.directory_id, WORD_OCTETS_MAX) {
            return Err(SettingsError::DirectoryId);
        }
        if self.mailbox_requests_max == 0 || self.requests_max == 0 {
            return Err(SettingsError::NoRequests);
        }
        Ok(())
    }
}

#[expect(clippy::expect_used, reason = "only called with the constants above")]
fn known(url: &str) -> Url {
    url.parse().expect("a URL")
}

/// Why a connection cannot be made of these settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// The client id is no client id.
    #[error("the client id must be the application id of the app registration")]
    ClientId,
    /// The directory id is neither an id nor a domain.
    #[error("the directory id must be the tenant's id or one of its domains")]
    DirectoryId,
    /// The address of Graph is no good.
    #[error("graph_url {0}")]
    Graph(EndpointError),
    /// The address of the sign-in service is no good.
    #[error("login_url {0}")]
    Login(EndpointError),
    /// A limit of zero requests at once.
    #[error("at least one request at once must be allowed")]
    NoRequests,
    /// The machine has no root certificates, or its TLS cannot be set up.
    #[error("TLS could not be set up; are root certificates installed?")]
    Tls,
}

/// The documented limit of an app at one mailbox.
// spec: graph:throttling-limits
const MAILBOX_REQUESTS_MAX: usize = 4;
const REQUESTS_MAX: usize = 64;
const WORD_OCTETS_MAX: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_table() {
        let good = GraphSettings {
            client_id: "c1a3b4c0-0000-4000-8000-00000000c1a3".to_owned(),
            directory_id: "corp.example".to_owned(),
            ..GraphSettings::default()
        };
        let directory = |text: &str| GraphSettings { directory_id: text.into(), ..good.clone() };
        let rows = [
            ("a domain", good.clone(), Ok(())),
            ("no directory", directory(""), Err(SettingsError::DirectoryId)),
            ("a path", directory("a/../b"), Err(SettingsError::DirectoryId)),
            ("dots", directory(".."), Err(SettingsError::DirectoryId)),
            (
                "no client",
                GraphSettings { client_id: String::new(), ..good.clone() },
                Err(SettingsError::ClientId),
            ),
            (
                "no requests",
                GraphSettings { requests_max: 0, ..good.clone() },
                Err(SettingsError::NoRequests),
            ),
        ];
        for (rule, settings, meant) in rows {
            assert_eq!(settings.check(), meant, "{rule}");
        }
    }
}
