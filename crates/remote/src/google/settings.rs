//! What a connection to one Google Workspace is made of.

use std::time::Duration;

use clawback_mail::address::Address;
use url::Url;

use super::account::{AccountError, ServiceAccount};
use crate::client::EndpointError;

/// What a connection to one Google Workspace is made of.
#[derive(Clone, Debug)]
pub struct GoogleSettings {
    /// Where tokens come from: the host alone, or with the path `/token`.
    pub token_url: Url,
    /// Where Gmail is, without a path.
    pub gmail_url: Url,
    /// Where the directory is, without a path.
    pub directory_url: Url,
    /// Who asks.
    pub account: ServiceAccount,
    /// The administrator in whose name the directory is read.
    pub admin: String,
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
    /// Quota units that one user has each minute.
    pub user_units: u64,
    /// Quota units of the project that this connection may use each minute.
    pub project_units: u64,
}

impl GoogleSettings {
    /// Google's own addresses; in whose name the directory is read is still to be filled in.
    #[must_use]
    pub fn new(account: ServiceAccount) -> Self {
        Self {
            token_url: known("https://oauth2.googleapis.com/token"),
            gmail_url: known("https://gmail.googleapis.com"),
            directory_url: known("https://admin.googleapis.com"),
            account,
            admin: String::new(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(20),
            queue_timeout: Duration::from_secs(15),
            question_timeout: Duration::from_secs(75),
            mailbox_requests_max: MAILBOX_REQUESTS_MAX,
            requests_max: REQUESTS_MAX,
            user_units: USER_UNITS,
            project_units: PROJECT_UNITS,
        }
    }

    /// Refuses what cannot work, before anything is sent anywhere.
    pub(crate) fn check(&self) -> Result<(), GoogleError> {
        if Address::parse(&self.admin).is_err() {
            return Err(GoogleError::Admin);
        }
        let limits = [self.mailbox_requests_max, self.requests_max];
        if limits.contains(&0) || self.user_units < UNITS_MIN || self.project_units < UNITS_MIN {
            return Err(GoogleError::NoRequests);
        }
        Ok(())
    }

    /// The root of the token service.
    pub(crate) fn token_root(&self) -> Url {
        let mut root = self.token_url.clone();
        if root.path() == TOKEN_PATH {
            root.set_path("/");
        }
        root
    }
}

#[expect(clippy::expect_used, reason = "only called with the constants above")]
fn known(url: &str) -> Url {
    url.parse().expect("a URL")
}

/// Why a connection cannot be made of these settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GoogleError {
    /// The key file is no good.
    #[error("{0}")]
    Account(#[from] AccountError),
    /// Nobody is named in whose name the directory is read.
    #[error("the administrator must be an address of the Google Workspace")]
    Admin,
    /// The address of the directory is no good.
    #[error("directory_url {0}")]
    Directory(EndpointError),
    /// The address of Gmail is no good.
    #[error("gmail_url {0}")]
    Gmail(EndpointError),
    /// A limit under which nothing could ever be asked.
    #[error("at least one request at once, and the units it costs, must be allowed")]
    NoRequests,
    /// The machine has no root certificates, or its TLS cannot be set up.
    #[error("TLS could not be set up; are root certificates installed?")]
    Tls,
    /// The address of the token service is no good.
    #[error("token_url {0}")]
    Token(EndpointError),
}

pub(crate) const TOKEN_PATH: &str = "/token";
/// No number is published; this many have not been refused elsewhere.
const MAILBOX_REQUESTS_MAX: usize = 4;
const REQUESTS_MAX: usize = 64;
/// What projects made since May 2026 have; older ones have 15,000.
// spec: gmail:quota
const USER_UNITS: u64 = 6_000;
const PROJECT_UNITS: u64 = 1_200_000;
/// The dearest request must fit into the burst that is allowed.
const UNITS_MIN: u64 = 400;
