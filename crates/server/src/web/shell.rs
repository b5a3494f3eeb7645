//! What surrounds every page: navigation, who is signed in, the theme.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum_extra::extract::cookie::CookieJar;
use clawback_core::UnixMillis;

use super::error::WebError;
use super::operator::Operator;
use super::state::WebState;

/// What surrounds a page. Comes with the proof that somebody is signed in.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    /// Who looks.
    pub(super) operator: Operator,
    /// The name of their organisation.
    pub(super) tenant: String,
    /// Whether its mailboxes are at Google.
    pub(super) is_at_google: bool,
    /// Its domains, as they stand in a sentence.
    pub(super) domains: String,
    /// `light`, `dark`, or empty for what the browser prefers.
    pub(super) theme: &'static str,
    /// The program's version.
    pub(super) version: &'static str,
    /// The region whose mail is shown.
    pub(super) region: String,
    /// When the page was made: every "ago" on it counts from here.
    pub(super) now: UnixMillis,
}

impl Shell {
    /// Two letters for a person without a picture.
    pub(super) fn initials(&self) -> String {
        initials(self.operator.name())
    }

    /// Two letters for an organisation.
    pub(super) fn tenant_initials(&self) -> String {
        initials(&self.tenant)
    }
}

impl Shell {
    /// What surrounds a page for whoever is signed in, if anybody is. No use of their session.
    pub(super) async fn of(
        headers: &HeaderMap,
        state: &WebState,
    ) -> Result<Option<Self>, WebError> {
        match Operator::of(headers, state).await? {
            Some(operator) => Self::around(operator, headers, state).await.map(Some),
            None => Ok(None),
        }
    }

    async fn around(
        operator: Operator,
        headers: &HeaderMap,
        state: &WebState,
    ) -> Result<Self, WebError> {
        let tenant = state.control().tenant(operator.tenant()).await?.ok_or(WebError::NotFound)?;
        let domains: Vec<String> = tenant.domains.iter().map(ToString::to_string).collect();
        let jar = CookieJar::from_headers(headers);
        Ok(Self {
            operator,
            tenant: tenant.name,
            is_at_google: tenant.google.is_some(),
            domains: domains.join(", "),
            theme: theme(&jar),
            version: state.version,
            region: state.region.to_string(),
            now: state.now(),
        })
    }
}

impl FromRequestParts<WebState> for Shell {
    type Rejection = WebError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let operator = Operator::from_request_parts(parts, state).await?;
        Self::around(operator, &parts.headers, state).await
    }
}

/// The theme a person chose, out of the two there are: a cookie is a stranger's text.
pub(super) fn theme(jar: &CookieJar) -> &'static str {
    match jar.get("clawback_theme").map(axum_extra::extract::cookie::Cookie::value) {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "",
    }
}

fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next();
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = words.iter().skip(1).next_back().and_then(|word| first(word));
    words
        .first()
        .and_then(|word| first(word))
        .into_iter()
        .chain(last)
        .collect::<String>()
        .to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_table() {
        let rows = [
            ("Dana Reyes", "DR"),
            ("Example Corp", "EC"),
            ("admin", "A"),
            ("", ""),
            ("a b c", "AC"),
        ];
        for (name, meant) in rows {
            assert_eq!(initials(name), meant);
        }
    }
}
