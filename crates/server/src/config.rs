//! `clawback.toml`: what belongs to a process and its infrastructure.
//!
//! Read once into valid values. Unknown keys are errors that name the nearest known one; secrets
//! come only from a file or the environment. What a tenant or operator changes lives in the store.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clawback_core::trace::distance;
use clawback_remote::Secret;
use clawback_remote::microsoft::{Certificate, Credential};
use serde::Deserialize;
use url::Url;

mod judge;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The Google service account.
    pub(crate) google: Google,
    /// The dashboard.
    pub(crate) http: Http,
    /// What checks and rules make of a message.
    pub(crate) judge: Judge,
    /// Keys.
    pub(crate) keys: Keys,
    /// The Microsoft app registration.
    pub(crate) microsoft: Microsoft,
    /// What mail is judged by, beside lists and intel.
    pub(crate) rules: Rules,
    /// Raw mail.
    pub(crate) segments: Segments,
    /// The journal listener.
    pub(crate) smtp: Smtp,
    /// Records.
    pub(crate) store: Store,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// Where the dashboard listens. Put a TLS proxy before it, or keep it on loopback.
    pub(crate) listen: SocketAddr,
    /// The address in the operators' browsers; cookies are `Secure` where it is https.
    pub(crate) public_url: Option<Url>,
}

/// `[smtp]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Smtp {
    /// Where journal reports come in.
    pub(crate) listen: SocketAddr,
    /// The name in the greeting: what the certificate is for.
    pub(crate) hostname: String,
    /// The certificate chain, PEM. Without it a self-signed one is made at start.
    pub(crate) tls_cert_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub(crate) tls_key_file: Option<PathBuf>,
    /// The authorities, PEM, whose signature under a sending server's certificate counts. Without
    /// it those that the system trusts.
    pub(crate) client_ca_file: Option<PathBuf>,
    /// Whether mail is refused before STARTTLS.
    pub(crate) require_tls: bool,
    /// The largest message taken.
    pub(crate) max_message_mib: u64,
}

/// `[store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// `sqlite:PATH`.
    pub(crate) url: String,
}

/// `[segments]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Segments {
    /// `file:PATH`.
    pub(crate) url: String,
    /// Space of the disk that is left free: below it senders are told to wait.
    pub(crate) reserve_mib: u64,
}

/// `[keys]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    /// The root key; made on first start, readable by its owner alone. Losing it loses raw mail.
    pub(crate) root_key_file: PathBuf,
}

/// `[rules]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Folders of further rule packs.
    pub(crate) folders: Vec<PathBuf>,
    /// Whether clawback's own pack is used.
    pub(crate) own_pack: bool,
    /// A file that says when domains were registered.
    pub(crate) domain_ages_file: Option<PathBuf>,
}

/// `[judge]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Judge {
    /// Below this confidence of an intel entry, in percent, a message is only SUSPICIOUS.
    pub(crate) intel_confidence: u8,
    /// Domains registered fewer days before a message are new.
    pub(crate) new_domain_days: u32,
    /// From this SCL of Exchange on a message is SPAM.
    pub(crate) spam_level: i8,
    /// What a rule of critical severity makes of a message, where its file says nothing else.
    pub(crate) critical: String,
    /// As `critical`.
    pub(crate) high: String,
    /// As `critical`.
    pub(crate) medium: String,
    /// As `critical`.
    pub(crate) low: String,
}

/// `[microsoft]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Microsoft {
    /// The application (client) id of the app registration.
    pub(crate) client_id: Option<String>,
    /// `env:NAME`: the client secret in the environment.
    pub(crate) client_secret: Option<String>,
    /// A file that holds the client secret.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// A certificate that was uploaded to the app registration, instead of a secret.
    pub(crate) certificate_file: Option<PathBuf>,
    /// The certificate's key.
    pub(crate) key_file: Option<PathBuf>,
    /// A file with a token of another identity provider that the app registration trusts.
    pub(crate) federated_token_file: Option<PathBuf>,
    /// Where tokens come from.
    pub(crate) login_url: Url,
    /// Where Graph is.
    pub(crate) graph_url: Url,
    /// How many requests may run at once for one tenant, at most.
    pub(crate) requests_at_once: usize,
}

/// `[google]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Google {
    /// The key file of the service account, as the console hands it out.
    pub(crate) service_account_file: Option<PathBuf>,
    /// Where tokens come from.
    pub(crate) token_url: Url,
    /// Where Gmail is.
    pub(crate) gmail_url: Url,
    /// Where the directory is.
    pub(crate) directory_url: Url,
    /// Quota units a minute that Google allows each user: what the project's quotas page says.
    pub(crate) units_per_user: u64,
}

impl Default for Google {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "constant addresses, read by a test")]
        let url = |text: &str| Url::parse(text).expect("a constant URL");
        Self {
            service_account_file: None,
            token_url: url("https://oauth2.googleapis.com/token"),
            gmail_url: url("https://gmail.googleapis.com"),
            directory_url: url("https://admin.googleapis.com"),
            units_per_user: UNITS_PER_USER_DEFAULT,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8480)), public_url: None }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { folders: Vec::new(), own_pack: true, domain_ages_file: None }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 25)),
            hostname: "journal.clawback.example".to_owned(),
            tls_cert_file: None,
            tls_key_file: None,
            client_ca_file: None,
            require_tls: true,
            max_message_mib: MESSAGE_MIB_DEFAULT,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "sqlite:clawback.db".to_owned() }
    }
}

impl Default for Segments {
    fn default() -> Self {
        Self { url: "file:segments".to_owned(), reserve_mib: RESERVE_MIB_DEFAULT }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { root_key_file: PathBuf::from("root.key") }
    }
}

impl Default for Microsoft {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "constant addresses, read by a test")]
        let url = |text: &str| Url::parse(text).expect("a constant URL");
        Self {
            client_id: None,
            client_secret: None,
            client_secret_file: None,
            certificate_file: None,
            key_file: None,
            federated_token_file: None,
            login_url: url("https://login.microsoftonline.com"),
            graph_url: url("https://graph.microsoft.com"),
            requests_at_once: REQUESTS_AT_ONCE,
        }
    }
}

/// What is wrong with a configuration, fit to be shown to an operator.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct ConfigError(pub(crate) String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a file; relative paths in it are relative to its folder.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("{}: {error}", path.display())))?;
        let mut config = Self::parse(&text)
            .map_err(|error| ConfigError(format!("{}: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.rebase(folder);
        Ok(config)
    }

    /// Reads the text of a file.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self =
            toml::from_str(text).map_err(|error| ConfigError(explain(&error, text)))?;
        config.check()?;
        Ok(config)
    }

    /// The SQLite file of `[store] url`.
    pub(crate) fn sqlite_path(&self) -> Result<PathBuf, ConfigError> {
        let path = self.store.url.strip_prefix("sqlite:").filter(|path| !path.is_empty());
        path.map(PathBuf::from).ok_or_else(|| {
            ConfigError("[store] url must be \"sqlite:PATH\"; other engines come later".into())
        })
    }

    /// The folder of `[segments] url`.
    pub(crate) fn segments_path(&self) -> Result<PathBuf, ConfigError> {
        let path = self.segments.url.strip_prefix("file:").filter(|path| !path.is_empty());
        path.map(PathBuf::from).ok_or_else(|| {
            ConfigError("[segments] url must be \"file:PATH\"; S3 comes later".into())
        })
    }

    /// How the app proves that it is the app, from where the file says it is; `None` where
    /// Microsoft is not set up.
    pub(crate) fn microsoft_credential(&self) -> Result<Option<Credential>, ConfigError> {
        let microsoft = &self.microsoft;
        if let (Some(certificate), Some(key)) = (&microsoft.certificate_file, &microsoft.key_file) {
            let chain = read_file("[microsoft] certificate_file", certificate)?;
            let key = Secret::new(read_file("[microsoft] key_file", key)?);
            let read = Certificate::read(&chain, &key)
                .map_err(|error| ConfigError(format!("[microsoft] {error}")))?;
            return Ok(Some(Credential::Certificate(Arc::new(read))));
        }
        if let Some(path) = &microsoft.federated_token_file {
            return Ok(Some(Credential::Federated(path.clone())));
        }
        let secret = match (&microsoft.client_secret_file, &microsoft.client_secret) {
            (Some(path), _) => read_file("[microsoft] client_secret_file", path)?,
            (None, Some(named)) => {
                let name = named.strip_prefix("env:").unwrap_or_default();
                std::env::var(name).map_err(|_| {
                    ConfigError(format!("[microsoft] client_secret: the environment has no {name}"))
                })?
            }
            (None, None) => return Ok(None),
        };
        let secret = secret.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(ConfigError("[microsoft] the client secret is empty".into()));
        }
        Ok(Some(Secret::new(secret.to_owned()).into()))
    }

    /// What the key file of the service account holds; `None` where Google is not set up.
    pub(crate) fn service_account(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.google.service_account_file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(format!("[google] service_account_file {}: {error}", path.display()))
        })?;
        Ok(Some(text))
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.smtp.tls_cert_file.is_some() != self.smtp.tls_key_file.is_some() {
            return Err(ConfigError("[smtp] tls_cert_file and tls_key_file go together".into()));
        }
        if !(1..=MESSAGE_MIB_MAX).contains(&self.smtp.max_message_mib) {
            return Err(ConfigError(format!("[smtp] max_message_mib is 1 to {MESSAGE_MIB_MAX}")));
        }
        let microsoft = &self.microsoft;
        if !(1..=REQUESTS_AT_ONCE_MAX).contains(&microsoft.requests_at_once) {
            let range = format!("1 to {REQUESTS_AT_ONCE_MAX}");
            return Err(ConfigError(format!("[microsoft] requests_at_once is {range}")));
        }
        if microsoft.certificate_file.is_some() != microsoft.key_file.is_some() {
            return Err(ConfigError(
                "[microsoft] certificate_file and key_file go together".into(),
            ));
        }
        let ways = [
            microsoft.client_secret.is_some(),
            microsoft.client_secret_file.is_some(),
            microsoft.certificate_file.is_some(),
            microsoft.federated_token_file.is_some(),
        ];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(ConfigError(
                "[microsoft] one way to prove the app is enough: client_secret, \
                 client_secret_file, certificate_file with key_file, or federated_token_file"
                    .into(),
            ));
        }
        let secret = microsoft.client_secret.as_deref();
        if secret.is_some_and(|secret| !secret.starts_with("env:")) {
            return Err(ConfigError(
                "[microsoft] client_secret must be \"env:NAME\", or use client_secret_file: \
                 secrets do not stand in this file"
                    .into(),
            ));
        }
        self.judge.thresholds()?;
        self.sqlite_path()?;
        self.segments_path()?;
        Ok(())
    }

    fn rebase(&mut self, folder: &Path) {
        for (url, scheme) in [(&mut self.store.url, "sqlite:"), (&mut self.segments.url, "file:")] {
            if let Some(path) = url.strip_prefix(scheme) {
                *url = format!("{scheme}{}", folder.join(path).display());
            }
        }
        if let Some(file) = &mut self.rules.domain_ages_file {
            *file = folder.join(&*file);
        }
        for pack in &mut self.rules.folders {
            *pack = folder.join(&*pack);
        }
        self.keys.root_key_file = folder.join(&self.keys.root_key_file);
        let smtp = &mut self.smtp;
        let (microsoft, google) = (&mut self.microsoft, &mut self.google);
        let files = [
            &mut smtp.tls_cert_file,
            &mut smtp.tls_key_file,
            &mut smtp.client_ca_file,
            &mut microsoft.client_secret_file,
            &mut microsoft.certificate_file,
            &mut microsoft.key_file,
            &mut microsoft.federated_token_file,
            &mut google.service_account_file,
        ];
        for file in files.into_iter().flatten() {
            *file = folder.join(&*file);
        }
    }
}

fn read_file(key: &str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("{key} {}: {error}", path.display())))
}

/// What is wrong and where, with the nearest known key; never the line itself, which may hold a
/// secret under a misspelled key.
fn explain(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let message = error.message();
    let said = format!("line {line}: {message}");
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (Some(unknown), true) = (quoted.next(), message.contains("unknown field")) else {
        return said;
    };
    let nearest = quoted.min_by_key(|known| distance(unknown, known));
    match nearest.filter(|known| distance(unknown, known) <= unknown.len().div_ceil(2)) {
        Some(known) => format!("{said}\ndid you mean `{known}`?"),
        None => said,
    }
}

/// What projects made since May 2026 have; older ones have 15,000.
const UNITS_PER_USER_DEFAULT: u64 = 6_000;
/// Exchange Online allows 150 MB inside the service.
const REQUESTS_AT_ONCE: usize = 64;
const REQUESTS_AT_ONCE_MAX: usize = 256;
const MESSAGE_MIB_DEFAULT: u64 = 160;
const MESSAGE_MIB_MAX: u64 = 1_024;
/// Room for what must still be recorded when no more mail is taken.
const RESERVE_MIB_DEFAULT: u64 = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_a_working_one() {
        let config = Config::parse("").unwrap();
        assert!(config.smtp.require_tls, "every default is the safe one");
        assert!(config.http.listen.ip().is_loopback());
        assert!(config.microsoft_credential().unwrap().is_none());
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = Config::parse("[smtp]\nhostnam = \"x\"").unwrap_err().to_string();
        assert!(error.contains("did you mean `hostname`?"), "{error}");
        assert!(error.contains("line 2"), "{error}");
        let error = Config::parse("[google]\nservice_acount_file = \"x\"").unwrap_err().to_string();
        assert!(error.contains("did you mean `service_account_file`?"), "{error}");
    }

    #[test]
    fn a_secret_in_the_file_is_refused_and_not_repeated() {
        let error = Config::parse("[microsoft]\nclient_secret = \"hunter2\"").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = Config::parse("[microsoft]\nclient_secrt = \"hunter2\"").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_threshold_that_cannot_hold_is_named_with_what_can() {
        let rows = [
            ("intel_confidence = 101", "[judge] intel_confidence is 1 to 100"),
            ("spam_level = 0", "[judge] spam_level is 1 to 9"),
            ("new_domain_days = 5000", "[judge] new_domain_days is 0 to 3650"),
            ("high = \"BAD\"", "[judge] high is MALICIOUS, SUSPICIOUS, SPAM, BULK or none"),
            ("medium = \"UNKNOWN\"", "[judge] medium is MALICIOUS, SUSPICIOUS, SPAM, BULK or none"),
            ("hihg = \"SPAM\"", "did you mean `high`?"),
        ];
        for (line, meant) in rows {
            let error = Config::parse(&format!("[judge]\n{line}")).unwrap_err().to_string();
            assert!(error.contains(meant), "{line}: {error}");
        }
        let set = Config::parse("[judge]\nhigh = \"none\"\nlow = \"SPAM\"").unwrap();
        assert_eq!(set.judge.thresholds().unwrap().version(), "high=none,low=SPAM");
        assert_eq!(Config::parse("").unwrap().judge.thresholds().unwrap().version(), "");
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        assert!(Config::parse("[smtp]\ntls_cert_file = \"a.pem\"").is_err());
    }
}
