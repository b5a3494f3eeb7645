//! Certificates that sending servers show: asked for, never demanded.
//!
//! The handshake takes any certificate, as long as the client proves to have its key; a sender
//! whose certificate nobody signed can still deliver to tenants that do not ask for one. Whether
//! an authority signed it, and for which names, is found out afterwards.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clawback_core::UnixMillis;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage};

/// The authorities whose signature under a client's certificate counts.
#[derive(Debug)]
pub(crate) struct Trust {
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trust {
    /// The authorities in a file, or those that the system trusts.
    pub(crate) fn load(authorities: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        match authorities {
            Some(path) => {
                let read = CertificateDer::pem_file_iter(path)
                    .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                    .with_context(|| format!("read the authorities in {}", path.display()))?;
                let (known, _) = roots.add_parsable_certificates(read);
                anyhow::ensure!(known > 0, "{} holds no certificate authority", path.display());
            }
            None => {
                let system = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(system.certs);
            }
        }
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        Ok(Self { roots, algorithms })
    }

    /// Whether it knows any authority.
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// The names in a client's certificate; none where no authority we trust signed it.
    pub(crate) fn names(&self, chain: &[CertificateDer<'_>], now: UnixMillis) -> Vec<String> {
        let Some((leaf, intermediates)) = chain.split_first() else { return Vec::new() };
        let Ok(leaf) = EndEntityCert::try_from(leaf) else { return Vec::new() };
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now.0));
        // Public authorities no longer sign for client use: a server's certificate does as well.
        let signed = [KeyUsage::client_auth(), KeyUsage::server_auth()].into_iter().any(|usage| {
            let path = leaf.verify_for_usage(
                self.algorithms.all,
                &self.roots.roots,
                intermediates,
                now,
                usage,
                None,
                None,
            );
            path.is_ok()
        });
        match signed {
            true => leaf.valid_dns_names().take(NAMES_MAX).map(str::to_lowercase).collect(),
            false => Vec::new(),
        }
    }
}

/// Asks for a certificate and takes any that the client has the key of.
#[derive(Debug)]
pub(crate) struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    /// To be given to the TLS library.
    pub(crate) fn verifier() -> Arc<dyn ClientCertVerifier> {
        Arc::new(Self(aws_lc_rs::default_provider().signature_verification_algorithms))
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    /// It proves nothing yet: [`Trust::names`] says what it is worth.
    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

const NAMES_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    /// 2027 and 2060: certificates of rcgen hold from 1975 to 4096.
    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn authority() -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    fn leaf(name: &str, issuer: &CertifiedIssuer<'_, KeyPair>) -> CertificateDer<'static> {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der().clone()
    }

    #[test]
    fn names_count_only_under_a_trusted_signature() {
        let (ours, theirs) = (authority(), authority());
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("authorities.pem");
        std::fs::write(&file, ours.pem()).unwrap();
        let trust = Trust::load(Some(&file)).unwrap();
        assert!(!trust.is_empty());
        let good = leaf("Mail.exchange.example", &ours);
        assert_eq!(trust.names(&[good], NOW), ["mail.exchange.example"]);
        let strangers = leaf("mail.exchange.example", &theirs);
        assert!(trust.names(&[strangers.clone(), theirs.der().clone()], NOW).is_empty());
        assert!(trust.names(&[], NOW).is_empty());
        assert!(trust.names(&[CertificateDer::from(vec![1, 2, 3])], NOW).is_empty());
        let expired = UnixMillis(100_000_000_000_000);
        assert!(trust.names(&[leaf("mail.exchange.example", &ours)], expired).is_empty());
    }

    #[test]
    fn a_file_without_authorities_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("authorities.pem");
        std::fs::write(&file, "nothing").unwrap();
        assert!(Trust::load(Some(&file)).is_err());
        assert!(Trust::load(Some(&dir.path().join("none.pem"))).is_err());
    }
}
