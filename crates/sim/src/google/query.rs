//! Options of a request: each known by its name, or the request is refused.

use super::error::GoogleError;

/// The options of one request, in order; some may repeat.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the options; one that the method does not have is refused.
    pub(crate) fn read(text: &str, allowed: &[&str]) -> Result<Self, GoogleError> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let is_known = |name: &str| allowed.contains(&name) || COMMON.contains(&name);
        match pairs.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => Err(GoogleError::invalid(format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query \
                 parameter."
            ))),
            None => Ok(Self(pairs)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn all<'q>(&'q self, name: &str) -> impl Iterator<Item = &'q str> {
        let found = self.0.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, GoogleError> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(bad_value(name, other)),
        }
    }

    /// How many of a page, and where it begins.
    pub(crate) fn page(&self, usual: usize, most: usize) -> Result<(usize, usize), GoogleError> {
        let count = match self.get("maxResults") {
            None => usual,
            Some(text) => match text.parse() {
                Ok(count) if count >= 1 => most.min(count),
                _ => return Err(bad_value("maxResults", text)),
            },
        };
        let begin = match self.get("pageToken") {
            None => 0,
            Some(token) => {
                let at = token.strip_prefix(PAGE).and_then(|at| at.parse().ok());
                at.ok_or_else(|| GoogleError::invalid("Invalid pageToken"))?
            }
        };
        Ok((count, begin))
    }
}

/// The token of the page that begins there.
pub(crate) fn page_token(begin: usize) -> String {
    format!("{PAGE}{begin}")
}

fn bad_value(name: &str, value: &str) -> GoogleError {
    GoogleError::invalid(format!("Invalid value at '{name}': \"{value}\""))
}

const COMMON: [&str; 2] = ["alt", "prettyPrint"];
const PAGE: &str = "p";
