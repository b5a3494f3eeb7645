//! A service account: its key file as the console hands it out, and the assertions it signs.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// A service account with its private key, which is never shown.
#[derive(Clone)]
pub struct ServiceAccount {
    email: String,
    client_id: String,
    key_id: String,
    key: Arc<RsaKeyPair>,
}

/// Why a file is no key file of a service account.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AccountError {
    /// Its address or its client id is missing, or has signs that none has.
    #[error("the key file names no service account: client_email and client_id are needed")]
    Names,
    /// It is no JSON, or JSON of something else.
    #[error("this is no key file of a service account: \"type\" must be \"service_account\"")]
    NotAKeyFile,
    /// The key in it is no RSA key that can sign.
    #[error("the private key in the key file cannot be used")]
    PrivateKey,
}

#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    private_key_id: String,
    #[serde(default)]
    private_key: String,
}

/// What an assertion says.
pub(crate) struct Claims<'a> {
    /// In whose name a token is asked for.
    pub(crate) subject: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) audience: &'a str,
    /// In seconds.
    pub(crate) issued: u64,
    /// In seconds.
    pub(crate) expires: u64,
}

impl ServiceAccount {
    /// Reads a key file. Where tokens come from is not taken from it: that is the configuration's.
    ///
    /// # Errors
    /// [`AccountError`], which says nothing of what the file holds.
    pub fn read(file: &Secret) -> Result<Self, AccountError> {
        let mut file: KeyFile =
            serde_json::from_str(file.expose()).map_err(|_| AccountError::NotAKeyFile)?;
        let private_key = Zeroizing::new(std::mem::take(&mut file.private_key));
        if file.kind != "service_account" {
            return Err(AccountError::NotAKeyFile);
        }
        let is_address = file.client_email.contains('@') && is_word(&file.client_email);
        if !is_address || !is_word(&file.client_id) {
            return Err(AccountError::Names);
        }
        let der = der(&private_key).ok_or(AccountError::PrivateKey)?;
        let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| AccountError::PrivateKey)?;
        Ok(Self {
            email: file.client_email,
            client_id: file.client_id,
            key_id: file.private_key_id,
            key: Arc::new(key),
        })
    }

    /// The numeric id that an administrator pastes.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Its address.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// A signed assertion; `None` where the key cannot sign.
    // spec: google:service-account
    pub(crate) fn assertion(&self, claims: &Claims<'_>) -> Option<Secret> {
        let head = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let payload = json!({
            "iss": self.email,
            "sub": claims.subject,
            "scope": claims.scope,
            "aud": claims.audience,
            "iat": claims.issued,
            "exp": claims.expires,
        });
        let coded = |part: serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let text = format!("{}.{}", coded(head), coded(payload));
        let mut signature = vec![0; self.key.public_modulus_len()];
        // This kind of signature needs no randomness; the interface asks for it all the same.
        let random = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).ok()?;
        Some(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

fn is_word(text: &str) -> bool {
    let fits = (1..=WORD_OCTETS_MAX).contains(&text.len());
    fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._@".contains(&b))
}

/// The octets of a private key in PEM.
fn der(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = pem.split_once(BEGIN)?;
    let (coded, _) = rest.split_once(END)?;
    let coded = Zeroizing::new(coded.split_whitespace().collect::<String>());
    STANDARD.decode(coded.as_bytes()).ok().map(Zeroizing::new)
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
const WORD_OCTETS_MAX: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_file_is_refused_and_not_repeated() {
        let file = |kind: &str, email: &str, key: &str| {
            json!({ "type": kind, "client_email": email, "client_id": "1", "private_key": key })
                .to_string()
        };
        let rows = [
            ("no JSON", "canary".to_owned(), AccountError::NotAKeyFile),
            ("a user's", file("authorized_user", "a@b", ""), AccountError::NotAKeyFile),
            ("no address", file("service_account", "canary", ""), AccountError::Names),
            ("no key", file("service_account", "a@b", "canary"), AccountError::PrivateKey),
            (
                "no octets of a key",
                file("service_account", "a@b", &format!("{BEGIN}\nY2FuYXJ5\n{END}\n")),
                AccountError::PrivateKey,
            ),
        ];
        for (what, text, meant) in rows {
            let error = ServiceAccount::read(&Secret::new(text)).unwrap_err();
            assert_eq!(error, meant, "{what}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{what}");
        }
    }
}
