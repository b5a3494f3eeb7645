//! Admin consent: where an administrator is sent to grant what the app asks for, and what the
//! sign-in service says when it sends them back.
//!
//! What comes back proves nothing: whoever can send a browser somewhere can write it. The caller
//! compares the state with the one it gave out, and proves the tenant by a token of its own.
// spec: entra:v2-admin-consent

use clawback_core::Entropy;
use url::Url;

/// What an administrator is to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// Where people sign in, without a path.
    pub login_url: &'a Url,
    /// Where Graph is, without a path.
    pub graph_url: &'a Url,
    /// The app registration's client id.
    pub client_id: &'a str,
    /// The tenant, where it is known already.
    pub directory_id: Option<&'a str>,
    /// Where the administrator is sent back to: to the letter one that was registered.
    pub redirect_uri: &'a Url,
}

/// What the sign-in service said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Returned {
    /// What we gave along; the older form of an error lacks it.
    pub state: Option<String>,
    /// The tenant's directory id, to be proved; or why it was not granted.
    pub outcome: Result<String, ConsentError>,
}

/// Why nothing was granted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConsentError {
    /// The administrator declined, or closed the page.
    #[error("the consent was declined at Microsoft")]
    Declined,
    /// Whoever signed in may not consent for the organisation.
    #[error(
        "whoever signed in may not grant this: it takes a Global Administrator or a Privileged \
         Role Administrator"
    )]
    NotAllowed,
    /// Any other refusal, by the service's code.
    #[error("Microsoft refused the consent ({0})")]
    Refused(String),
    /// It has not the form of an answer.
    #[error("what came back from Microsoft could not be understood")]
    Unreadable,
}

impl Consent<'_> {
    /// The address to send the administrator to.
    ///
    /// `None` where the settings make no address.
    #[must_use]
    pub fn address(&self, state: &str) -> Option<Url> {
        let tenant = self.directory_id.unwrap_or(ANY_ORGANISATION);
        let mut url = self.login_url.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend([tenant, "v2.0", "adminconsent"]);
        // Application permissions are asked for in no other way than by this scope.
        let scope = format!("{}/.default", self.graph_url.as_str().trim_end_matches('/'));
        url.query_pairs_mut()
            .append_pair("client_id", self.client_id)
            .append_pair("scope", &scope)
            .append_pair("redirect_uri", self.redirect_uri.as_str())
            .append_pair("state", state);
        Some(url)
    }
}

impl Returned {
    /// Reads the query of the address that the administrator came back to.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let pairs = || url::form_urlencoded::parse(query.as_bytes()).take(PAIRS_MAX);
        let value = |name: &str| pairs().find(|(key, _)| key == name).map(|(_, value)| value);
        let state = value("state").map(std::borrow::Cow::into_owned);
        // `admin_consent=True` comes with errors too: the error is looked at first.
        if let Some(error) = value("error") {
            let description = value("error_description").unwrap_or_default();
            return Self { state, outcome: Err(refused(&error, &description)) };
        }
        let granted = value("admin_consent").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let tenant = value("tenant").filter(|id| granted && id.parse::<uuid::Uuid>().is_ok());
        let outcome = tenant.map(|id| id.to_ascii_lowercase()).ok_or(ConsentError::Unreadable);
        Self { state, outcome }
    }
}

/// What people write is not shown to others; a code is.
fn refused(error: &str, description: &str) -> ConsentError {
    let aadsts = description.find("AADSTS").and_then(|at| description.get(at..));
    let digits = |code: &&str| code.len() > 6;
    let code = aadsts.map(|text| {
        let end =
            text.bytes().skip(6).position(|b| !b.is_ascii_digit()).map_or(text.len(), |n| n + 6);
        text.get(..end.min(CODE_OCTETS_MAX)).unwrap_or_default()
    });
    let code = code.filter(digits);
    match (error, code) {
        (_, Some("AADSTS90094" | "AADSTS90095")) => ConsentError::NotAllowed,
        ("access_denied" | "permission_denied", _) | (_, Some("AADSTS65004")) => {
            ConsentError::Declined
        }
        (_, Some(code)) => ConsentError::Refused(code.to_owned()),
        (word, None) => {
            let fits = word.len() <= CODE_OCTETS_MAX;
            let is_word = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            match fits && is_word && !word.is_empty() {
                true => ConsentError::Refused(word.to_owned()),
                false => ConsentError::Unreadable,
            }
        }
    }
}

/// A state that nobody guesses.
#[must_use]
pub fn new_state(entropy: &dyn Entropy) -> String {
    let mut octets = [0; 32];
    entropy.fill(&mut octets);
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, octets)
}

/// The word for a tenant that is not known yet: `common` must not be used.
const ANY_ORGANISATION: &str = "organizations";
const CODE_OCTETS_MAX: usize = 40;
const PAIRS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_asks_for_all_that_was_registered() {
        let login_url = "https://login.corp.example".parse().unwrap();
        let graph_url = "https://graph.corp.example".parse().unwrap();
        let redirect_uri = "https://claw.corp.example/back?x=1".parse().unwrap();
        let consent = Consent {
            login_url: &login_url,
            graph_url: &graph_url,
            client_id: "app",
            directory_id: None,
            redirect_uri: &redirect_uri,
        };
        assert_eq!(
            consent.address("s&t").unwrap().as_str(),
            "https://login.corp.example/organizations/v2.0/adminconsent?client_id=app\
             &scope=https%3A%2F%2Fgraph.corp.example%2F.default\
             &redirect_uri=https%3A%2F%2Fclaw.corp.example%2Fback%3Fx%3D1&state=s%26t"
        );
        let known = Consent { directory_id: Some("corp.example"), ..consent };
        assert!(known.address("s").unwrap().path().starts_with("/corp.example/v2.0/"));
    }

    #[test]
    fn what_comes_back_table() {
        let id = "11c3a0f2-0000-4000-8000-00000000c1a3";
        let rows = [
            ("granted", format!("admin_consent=True&tenant={id}&state=s"), Ok(id.to_owned())),
            (
                "an error that says granted",
                format!(
                    "admin_consent=True&tenant={id}&error=consent_required&error_description=\
                         AADSTS65004%3a+declined%0d%0aTrace+ID&state=s"
                ),
                Err(ConsentError::Declined),
            ),
            (
                "the older form",
                "error=permission_denied&error_description=The+admin+canceled+the+request".into(),
                Err(ConsentError::Declined),
            ),
            (
                "no administrator",
                "error=x&error_description=AADSTS90094%3a+no&state=s".into(),
                Err(ConsentError::NotAllowed),
            ),
            (
                "another code",
                "error=x&error_description=AADSTS650052:+no&state=s".into(),
                Err(ConsentError::Refused("AADSTS650052".into())),
            ),
            (
                "what a stranger wrote",
                "error=<script>&error_description=call+us".into(),
                Err(ConsentError::Unreadable),
            ),
            ("no tenant", "admin_consent=True&state=s".into(), Err(ConsentError::Unreadable)),
            (
                "no id",
                "admin_consent=True&tenant=../x&state=s".into(),
                Err(ConsentError::Unreadable),
            ),
            ("not granted", format!("tenant={id}&state=s"), Err(ConsentError::Unreadable)),
            ("nothing", String::new(), Err(ConsentError::Unreadable)),
        ];
        for (rule, query, meant) in rows {
            assert_eq!(Returned::read(&query).outcome, meant, "{rule}");
        }
        assert_eq!(Returned::read("error=x&state=a%26b").state.as_deref(), Some("a&b"));
    }
}
