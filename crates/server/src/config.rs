//! `clawback.toml`: what belongs to a process and its infrastructure.
//!
//! Read once into valid values. Unknown keys are errors that name the nearest known one; secrets
//! come only from a file or the environment. What a tenant or operator changes lives in the store.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clawback_core::trace::distance;
use serde::Deserialize;
use url::Url;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The Google service account.
    pub(crate) google: Google,
    /// The dashboard.
    pub(crate) http: Http,
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
    /// Where tokens come from.
    pub(crate) login_url: Url,
    /// Where Graph is.
    pub(crate) graph_url: Url,
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
        Self { folders: Vec::new(), own_pack: true }
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
            login_url: url("https://login.microsoftonline.com"),
            graph_url: url("https://graph.microsoft.com"),
        }
    }
}

/// What is wrong with a configuration, fit to be shown to an operator.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct ConfigError(String);

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

    /// The client secret, from where the file says it is; `None` where Microsoft is not set up.
    pub(crate) fn client_secret(&self) -> Result<Option<String>, ConfigError> {
        let microsoft = &self.microsoft;
        if let Some(path) = &microsoft.client_secret_file {
            let text = std::fs::read_to_string(path).map_err(|error| {
                ConfigError(format!("[microsoft] client_secret_file {}: {error}", path.display()))
            })?;
            return Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        let Some(name) = microsoft.client_secret.as_deref().and_then(|s| s.strip_prefix("env:"))
        else {
            return Ok(None);
        };
        let value = std::env::var(name).map_err(|_| {
            ConfigError(format!("[microsoft] client_secret: the environment has no {name}"))
        })?;
        Ok(Some(value))
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
        let secret = self.microsoft.client_secret.as_deref();
        if secret.is_some_and(|secret| !secret.starts_with("env:")) {
            return Err(ConfigError(
                "[microsoft] client_secret must be \"env:NAME\", or use client_secret_file: \
                 secrets do not stand in this file"
                    .into(),
            ));
        }
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
            &mut google.service_account_file,
        ];
        for file in files.into_iter().flatten() {
            *file = folder.join(&*file);
        }
    }
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
        assert_eq!(config.client_secret().unwrap(), None);
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
    fn a_certificate_without_its_key_is_refused() {
        assert!(Config::parse("[smtp]\ntls_cert_file = \"a.pem\"").is_err());
    }
}
