//! The service account that a Google Workspace trusts: its names, its key, its key file.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// A service account with a key of its own, made anew for each world.
#[derive(Clone)]
pub struct ServiceAccount {
    /// Its address, which its assertions are issued by.
    pub email: String,
    /// The numeric id that an administrator pastes.
    pub client_id: String,
    /// The id of its key.
    pub key_id: String,
    keys: Arc<Keys>,
}

struct Keys {
    private: Vec<u8>,
    public: Vec<u8>,
}

impl ServiceAccount {
    /// An account with a fresh key; `None` where this machine cannot make one.
    pub fn generate() -> Option<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let private: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        let keys = Keys {
            private: private.as_ref().to_vec(),
            public: pair.public_key().as_ref().to_vec(),
        };
        Some(Self {
            email: "clawback@example-project.iam.gserviceaccount.example".to_owned(),
            client_id: "104711000000000000001".to_owned(),
            key_id: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            keys: Arc::new(keys),
        })
    }

    /// The key file as the console hands it out, with where tokens come from.
    pub fn key_file(&self, token_uri: &str) -> String {
        let coded = STANDARD.encode(&self.keys.private);
        let mut pem = format!("-----BEGIN {KEY}-----\n");
        for (at, octet) in coded.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(octet);
        }
        pem.push_str(&format!("\n-----END {KEY}-----\n"));
        let file = json!({
            "type": "service_account",
            "project_id": "example-project",
            "private_key_id": self.key_id,
            "private_key": pem,
            "client_email": self.email,
            "client_id": self.client_id,
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        });
        format!("{file:#}")
    }

    /// Whether this account signed a text.
    pub(crate) fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.keys.public);
        key.verify(text, signature).is_ok()
    }

    /// A secret of this world's own, which nobody else can make tokens with.
    pub(crate) fn secret(&self) -> &[u8] {
        &self.keys.private
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("email", &self.email).finish_non_exhaustive()
    }
}

const KEY: &str = "PRIVATE KEY";
