//! Certificates of the application: what was registered, and statements that their keys signed.
// spec: entra:certificate-credentials

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use x509_parser::pem::Pem;

/// A certificate that was uploaded to the app registration.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    der: Vec<u8>,
    public_key: Vec<u8>,
}

/// What a statement says.
#[derive(Deserialize)]
struct Statement {
    aud: String,
    exp: i64,
    iss: String,
    jti: String,
    nbf: i64,
    sub: String,
}

/// Why a statement is not believed: the service's number and words.
pub(crate) type Disbelief = (u32, &'static str);

/// Who should have made a statement, to whom, and when it is read.
pub(crate) struct Expected<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) now: i64,
}

impl Registered {
    /// Reads a certificate from its PEM.
    pub(crate) fn read(pem: &str) -> Option<Self> {
        let block = Pem::iter_from_buffer(pem.as_bytes()).find_map(Result::ok)?;
        let parsed = block.parse_x509().ok()?;
        let public_key = parsed.public_key().subject_public_key.data.to_vec();
        Some(Self { der: block.contents.clone(), public_key })
    }

    fn is_named(&self, head: &Value) -> bool {
        let names = |member: &str, algorithm| {
            let named = head.get(member).and_then(Value::as_str);
            let own = URL_SAFE_NO_PAD.encode(digest(algorithm, &self.der));
            named.is_some_and(|named| named == own)
        };
        names("x5t#S256", &SHA256) || names("x5t", &SHA1_FOR_LEGACY_USE_ONLY)
    }
}

/// Whether one of the registered certificates signed what is said.
pub(crate) fn believe(
    jwt: &str,
    registered: &[Registered],
    expected: &Expected<'_>,
) -> Result<(), Disbelief> {
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).ok();
    let (text, signature) = jwt.rsplit_once('.').ok_or(MALFORMED)?;
    let (head, payload) = text.split_once('.').ok_or(MALFORMED)?;
    let head = json(head).ok_or(MALFORMED)?;
    let certificate = registered.iter().find(|it| it.is_named(&head)).ok_or(UNKNOWN_KEY)?;
    let algorithm: &dyn VerificationAlgorithm = match head.get("alg").and_then(Value::as_str) {
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(UNKNOWN_KEY),
    };
    let signature = decoded(signature).ok_or(MALFORMED)?;
    let key = UnparsedPublicKey::new(algorithm, &certificate.public_key);
    key.verify(text.as_bytes(), &signature).map_err(|_| UNKNOWN_KEY)?;
    let statement = decoded(payload).and_then(|octets| serde_json::from_slice(&octets).ok());
    let statement: Statement = statement.ok_or(MALFORMED)?;
    let is_own = |name: &str| name.eq_ignore_ascii_case(expected.client_id);
    match () {
        () if statement.aud != expected.audience => Err(AUDIENCE),
        () if statement.jti.is_empty() => Err(MALFORMED),
        () if !is_own(&statement.iss) || !is_own(&statement.sub) => Err(ISSUER),
        () if statement.exp <= expected.now || statement.nbf > expected.now + SKEW => Err(TIME),
        () => Ok(()),
    }
}

const MALFORMED: Disbelief = (50_027, "JWT token is invalid or malformed.");
const UNKNOWN_KEY: Disbelief = (
    700_027,
    "The certificate with identifier used to sign the client assertion is not registered on application.",
);
const AUDIENCE: Disbelief =
    (700_023, "Client assertion audience claim does not match Realm issuer.");
const ISSUER: Disbelief =
    (700_021, "Client assertion application identifier doesn't match 'client_id' parameter.");
const TIME: Disbelief = (700_024, "Client assertion is not within its valid time range.");
const SKEW: i64 = 300;

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
    use serde_json::json;

    use super::*;

    const AUDIENCE_HERE: &str = "http://localhost:1/t/oauth2/v2.0/token";
    const NOW: i64 = 1_789_459_920;

    struct Holder {
        key: RsaKeyPair,
        registered: Registered,
    }

    fn holder() -> Holder {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let pem = params.self_signed(&pair).unwrap().pem();
        let key = RsaKeyPair::from_pkcs8(&pair.serialize_der()).unwrap();
        Holder { key, registered: Registered::read(&pem).unwrap() }
    }

    fn coded(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
    }

    fn signed(
        by: &Holder,
        padding: &'static dyn RsaEncoding,
        head: &Value,
        says: &Value,
    ) -> String {
        let text = format!("{}.{}", coded(head), coded(says));
        let mut signature = vec![0; by.key.public_modulus_len()];
        by.key.sign(padding, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn statements_table() {
        let (own, other) = (holder(), holder());
        let named = |algorithm: &str, of: &Holder| {
            let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &of.registered.der));
            json!({ "alg": algorithm, "typ": "JWT", "x5t#S256": thumbprint })
        };
        let older = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &own.registered.der));
        let older = json!({ "alg": "RS256", "x5t": older });
        let says = json!({
            "aud": AUDIENCE_HERE, "exp": NOW + 600, "iss": "app", "jti": "once", "nbf": NOW,
            "sub": "app",
        });
        let with = |member: &str, value: Value| {
            let mut changed = says.clone();
            changed[member] = value;
            changed
        };
        let (pss, pkcs1) = (&RSA_PSS_SHA256, &RSA_PKCS1_SHA256);
        let head = named("PS256", &own);
        let good = signed(&own, pss, &head, &says);
        let (text, signature) = good.rsplit_once('.').unwrap();
        let tampered = format!("{}.{signature}", text.replace('.', ".e"));
        let rows = [
            ("as it should be", good.clone(), Ok(())),
            ("the older algorithm", signed(&own, pkcs1, &named("RS256", &own), &says), Ok(())),
            ("the older thumbprint", signed(&own, pkcs1, &older, &says), Ok(())),
            ("another padding", signed(&own, pkcs1, &head, &says), Err(UNKNOWN_KEY)),
            ("no algorithm", signed(&own, pss, &named("none", &own), &says), Err(UNKNOWN_KEY)),
            ("another key", signed(&other, pss, &head, &says), Err(UNKNOWN_KEY)),
            (
                "not registered",
                signed(&other, pss, &named("PS256", &other), &says),
                Err(UNKNOWN_KEY),
            ),
            ("changed on the way", tampered, Err(UNKNOWN_KEY)),
            ("to somebody else", signed(&own, pss, &head, &with("aud", json!("x"))), Err(AUDIENCE)),
            ("of somebody else", signed(&own, pss, &head, &with("iss", json!("x"))), Err(ISSUER)),
            (
                "about somebody else",
                signed(&own, pss, &head, &with("sub", json!("x"))),
                Err(ISSUER),
            ),
            ("over", signed(&own, pss, &head, &with("exp", json!(NOW))), Err(TIME)),
            ("not yet", signed(&own, pss, &head, &with("nbf", json!(NOW + 301))), Err(TIME)),
            ("no id", signed(&own, pss, &head, &with("jti", json!(""))), Err(MALFORMED)),
            ("no statement", "a.b.c".to_owned(), Err(MALFORMED)),
            ("nothing", String::new(), Err(MALFORMED)),
        ];
        let expected = Expected { client_id: "APP", audience: AUDIENCE_HERE, now: NOW };
        for (rule, jwt, meant) in rows {
            let got = believe(&jwt, std::slice::from_ref(&own.registered), &expected);
            assert_eq!(got, meant, "{rule}");
        }
    }
}
