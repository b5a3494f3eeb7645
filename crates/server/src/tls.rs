//! The certificate of the SMTP listener: from files, reloaded when they change, or self-signed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_util::sync::CancellationToken;

use crate::trust::AnyCertificate;

/// Where a certificate comes from.
#[derive(Clone, Debug)]
pub(crate) struct CertificateFiles {
    /// The chain, PEM, leaf first.
    pub(crate) chain: PathBuf,
    /// The key, PEM.
    pub(crate) key: PathBuf,
}

/// The current certificate: swapped whole, so that a handshake sees one or the other.
pub(crate) struct Current(ArcSwap<CertifiedKey>);

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current(…)")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Current {
    /// The certificate in these files.
    pub(crate) fn from_files(files: &CertificateFiles) -> anyhow::Result<Self> {
        Ok(Self(ArcSwap::from_pointee(load(files)?)))
    }

    /// Looks at the files now and then; a pair that cannot be used leaves the old one in place.
    pub(crate) async fn keep_fresh(
        self: Arc<Self>,
        files: CertificateFiles,
        stop: CancellationToken,
    ) {
        let mut seen = stamps(&files);
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            let now = stamps(&files);
            if now == seen {
                continue;
            }
            seen = now;
            match load(&files) {
                Ok(fresh) => {
                    self.0.store(Arc::new(fresh));
                    tracing::info!("the SMTP certificate was reloaded");
                }
                Err(error) => tracing::error!(%error, "the new SMTP certificate cannot be used"),
            }
        }
    }
}

/// What the listener needs for STARTTLS.
pub(crate) fn server_config(current: Arc<Current>) -> anyhow::Result<Arc<ServerConfig>> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS 1.2 and 1.3")?
        .with_client_cert_verifier(AnyCertificate::verifier())
        .with_cert_resolver(current);
    Ok(Arc::new(config))
}

/// Makes a self-signed ECDSA certificate for `hostname` where the files are not there yet.
pub(crate) fn make_self_signed(files: &CertificateFiles, hostname: &str) -> anyhow::Result<()> {
    if files.chain.exists() && files.key.exists() {
        return Ok(());
    }
    let names = vec![hostname.to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).context("self-signed certificate")?;
    write_private(&files.key, made.signing_key.serialize_pem().as_bytes())?;
    std::fs::write(&files.chain, made.cert.pem())
        .with_context(|| format!("write {}", files.chain.display()))
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, octets: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("open {}", path.display()))?;
    file.write_all(octets).with_context(|| format!("write {}", path.display()))
}

fn load(files: &CertificateFiles) -> anyhow::Result<CertifiedKey> {
    let chain = CertificateDer::pem_file_iter(&files.chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("read the certificates in {}", files.chain.display()))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate", files.chain.display());
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .with_context(|| format!("read the private key in {}", files.key.display()))?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .context("the certificate and the key do not belong together")
}

fn stamps(files: &CertificateFiles) -> [Option<SystemTime>; 2] {
    [&files.chain, &files.key]
        .map(|path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok())
}

const LOOK_EVERY: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn files(dir: &Path) -> CertificateFiles {
        CertificateFiles { chain: dir.join("cert.pem"), key: dir.join("key.pem") }
    }

    #[test]
    fn a_self_signed_pair_is_made_once_and_loads() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let files = files(dir.path());
        make_self_signed(&files, "mx.corp.example").unwrap();
        let first = std::fs::read(&files.chain).unwrap();
        make_self_signed(&files, "mx.corp.example").unwrap();
        assert_eq!(std::fs::read(&files.chain).unwrap(), first);
        assert!(Current::from_files(&files).is_ok());
        let mode = std::fs::metadata(&files.key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        make_self_signed(&files(one.path()), "mx.corp.example").unwrap();
        make_self_signed(&files(other.path()), "mx.corp.example").unwrap();
        std::fs::copy(other.path().join("key.pem"), one.path().join("key.pem")).unwrap();
        assert!(Current::from_files(&files(one.path())).is_err());
    }
}
