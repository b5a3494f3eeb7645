//! How the app proves to the sign-in service that it is the app: by a secret, by a certificate
//! whose key signs a statement for each request, or by a token of another identity provider.
//!
//! A certificate is read whole before it is used: a key that is not its own, or a time that is
//! over, is told when the node starts and not when mail is to be taken back.
// spec: entra:certificate-credentials

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clawback_core::UnixMillis;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use x509_parser::pem::Pem;

use crate::error::{Cause, ProviderError};
use crate::secret::Secret;

/// How the app proves that it is the app.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A certificate that was uploaded to the app registration, with its key.
    Certificate(Arc<Certificate>),
    /// A file that holds a token of another identity provider, written anew before it runs out.
    Federated(PathBuf),
    /// A client secret.
    Secret(Secret),
}

impl Default for Credential {
    fn default() -> Self {
        Self::Secret(Secret::default())
    }
}

impl From<Secret> for Credential {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

/// A certificate with its key.
pub struct Certificate {
    key: EncodingKey,
    thumbprint: String,
    expires: UnixMillis,
}

impl fmt::Debug for Certificate {
    /// Tells nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// No certificate stands in the text.
    #[error("the certificate is not a PEM file with one certificate at its head")]
    Certificate,
    /// No key that we can sign with stands in the text.
    #[error("the key is not a PEM file with an RSA key without a password")]
    Key,
    /// The key belongs to another certificate.
    #[error("the key does not belong to the certificate")]
    OtherKey,
}

impl Certificate {
    /// Reads the texts of a certificate file and a key file.
    ///
    /// # Errors
    /// [`CertificateError`], which names the file that is wrong.
    pub fn read(certificate: &str, key: &Secret) -> Result<Self, CertificateError> {
        let wrong = CertificateError::Certificate;
        let mut blocks = Pem::iter_from_buffer(certificate.as_bytes());
        let block = blocks.find_map(Result::ok).filter(|block| block.label == "CERTIFICATE");
        let block = block.ok_or(wrong)?;
        let parsed = block.parse_x509().map_err(|_| wrong)?;
        let key = key.expose().as_bytes();
        let key = EncodingKey::from_rsa_pem(key).map_err(|_| CertificateError::Key)?;
        let public = DecodingKey::from_rsa_der(&parsed.public_key().subject_public_key.data);
        let signed = jsonwebtoken::crypto::sign(PROBE, &key, ALGORITHM);
        let signed = signed.map_err(|_| CertificateError::Key)?;
        let is_its_own = jsonwebtoken::crypto::verify(&signed, PROBE, &public, ALGORITHM);
        if !is_its_own.unwrap_or(false) {
            return Err(CertificateError::OtherKey);
        }
        let seconds = u64::try_from(parsed.validity().not_after.timestamp()).unwrap_or(0);
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(sha256(&block.contents)),
            expires: UnixMillis(seconds.saturating_mul(1_000)),
        })
    }

    /// From when on the sign-in service no longer takes it.
    #[must_use]
    pub fn expires(&self) -> UnixMillis {
        self.expires
    }

    /// A statement that whoever sends it holds the key, good for some minutes.
    fn statement(&self, who: &Claimant<'_>) -> Option<String> {
        let at = who.now.0 / 1_000;
        let claims = Claims {
            aud: who.token_url,
            exp: at + LIFE.as_secs(),
            iat: at,
            iss: who.client_id,
            jti: &who.id,
            nbf: at,
            sub: who.client_id,
        };
        let head = Header { x5t_s256: Some(self.thumbprint.clone()), ..Header::new(ALGORITHM) };
        jsonwebtoken::encode(&head, &claims, &self.key).ok()
    }
}

/// Who asks for a token, where, and when.
pub(crate) struct Claimant<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) token_url: &'a str,
    pub(crate) now: UnixMillis,
    /// Said once and never again.
    pub(crate) id: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    iat: u64,
    iss: &'a str,
    jti: &'a str,
    nbf: u64,
    sub: &'a str,
}

impl Credential {
    /// The fields of a token request that prove who asks.
    pub(crate) async fn fields(
        &self,
        who: &Claimant<'_>,
    ) -> Result<Vec<(&'static str, Secret)>, ProviderError> {
        let statement = match self {
            Self::Secret(secret) => return Ok(vec![("client_secret", secret.clone())]),
            Self::Certificate(certificate) => certificate.statement(who).map(Secret::new),
            Self::Federated(path) => federated(path).await,
        };
        let statement = statement.ok_or(ProviderError::Failed(Cause::Unreadable))?;
        Ok(vec![
            ("client_assertion_type", Secret::new(ASSERTION_TYPE.to_owned())),
            ("client_assertion", statement),
        ])
    }
}

/// The file is read for each request: whoever writes it writes it anew in time.
async fn federated(path: &std::path::Path) -> Option<Secret> {
    let text = match tokio::fs::read_to_string(path).await {
        Ok(text) => Secret::new(text.trim().to_owned()),
        Err(error) => {
            tracing::error!(path = %path.display(), %error, "the federated token cannot be read");
            return None;
        }
    };
    let fits = (1..=STATEMENT_OCTETS_MAX).contains(&text.expose().len());
    fits.then_some(text)
}

fn sha256(octets: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(octets).into()
}

const ALGORITHM: Algorithm = Algorithm::PS256;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Five to ten minutes are advised.
const LIFE: Duration = Duration::from_secs(600);
const PROBE: &[u8] = b"clawback";
const STATEMENT_OCTETS_MAX: usize = 64 * 1_024;

#[cfg(test)]
mod tests {
    use jsonwebtoken::Validation;
    use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
    use serde::Deserialize;

    use super::*;

    fn pair() -> (String, Secret, KeyPair) {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.not_after = date_time_ymd(2030, 1, 1);
        let certificate = params.self_signed(&key).unwrap().pem();
        (certificate, Secret::new(key.serialize_pem()), key)
    }

    #[derive(Deserialize)]
    struct Said {
        aud: String,
        exp: u64,
        iss: String,
        jti: String,
        nbf: u64,
        sub: String,
    }

    #[tokio::test]
    async fn a_certificate_signs_what_the_service_can_check() {
        let (certificate, key, pair) = pair();
        let read = Certificate::read(&certificate, &key).unwrap();
        assert_eq!(read.expires(), UnixMillis(1_893_456_000_000));
        let der = Pem::iter_from_buffer(certificate.as_bytes()).next().unwrap().unwrap().contents;
        let credential = Credential::Certificate(Arc::new(read));
        let now = UnixMillis(4_000_000_000_000);
        let who = Claimant {
            client_id: "app",
            token_url: "https://login.corp.example/t/oauth2/v2.0/token",
            now,
            id: "once".to_owned(),
        };
        let fields = credential.fields(&who).await.unwrap();
        assert_eq!(fields[0].1.expose(), ASSERTION_TYPE);
        let statement = fields[1].1.expose();
        let head = jsonwebtoken::decode_header(statement).unwrap();
        assert_eq!(head.alg, Algorithm::PS256);
        assert_eq!(head.x5t_s256.unwrap(), URL_SAFE_NO_PAD.encode(sha256(&der)));
        let mut rules = Validation::new(Algorithm::PS256);
        rules.set_audience(&[who.token_url]);
        let public = DecodingKey::from_rsa_der(pair.public_key_raw());
        let said = jsonwebtoken::decode::<Said>(statement, &public, &rules).unwrap().claims;
        assert_eq!(
            (said.iss.as_str(), said.sub.as_str(), said.jti.as_str()),
            ("app", "app", "once")
        );
        assert_eq!((said.aud.as_str(), said.nbf), (who.token_url, now.0 / 1_000));
        assert_eq!(said.exp - said.nbf, 600);
    }

    #[test]
    fn what_cannot_work_is_told_at_once() {
        let (certificate, key, _) = pair();
        let (_, other, _) = pair();
        let read = |certificate: &str, key: &Secret| Certificate::read(certificate, key).err();
        assert_eq!(read(&certificate, &other), Some(CertificateError::OtherKey));
        assert_eq!(read("", &key), Some(CertificateError::Certificate));
        assert_eq!(read(key.expose(), &key), Some(CertificateError::Certificate));
        let none = Secret::new(String::new());
        assert_eq!(read(&certificate, &none), Some(CertificateError::Key));
        let shown = format!("{:?}", Certificate::read(&certificate, &key).unwrap());
        assert!(!shown.contains("BEGIN"), "{shown}");
    }

    #[tokio::test]
    async fn a_federated_token_is_read_anew_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let credential = Credential::Federated(path.clone());
        let who =
            || Claimant { client_id: "a", token_url: "u", now: UnixMillis(0), id: String::new() };
        assert!(credential.fields(&who()).await.is_err(), "no file");
        for text in ["one", "two"] {
            std::fs::write(&path, format!("{text}\n")).unwrap();
            assert_eq!(credential.fields(&who()).await.unwrap()[1].1.expose(), text);
        }
    }
}
