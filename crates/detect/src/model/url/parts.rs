//! The parts of a web address, told apart as browsers do.

use std::borrow::Cow;

/// A web address and where its parts are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Parts {
    /// The whole, without what browsers drop.
    pub(crate) whole: String,
    pub(crate) scheme: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    /// In lower case, decoded; empty where there is none.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    path: (usize, usize),
    query: Option<(usize, usize)>,
    fragment: Option<(usize, usize)>,
}

impl Parts {
    /// Reads an address; `None` for what is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let cleaned = clean(text);
        let text = cleaned.as_ref();
        if text.is_empty() || text.len() > URL_OCTETS_MAX {
            return None;
        }
        if let Some((scheme, rest)) = scheme_of(text) {
            return if is_web(&scheme) || scheme == "ftp" || rest.starts_with("//") {
                Self::with_authority(scheme, rest)
            } else {
                Some(Self::opaque(scheme, rest))
            };
        }
        // Mail programs take these for web addresses where a browser would not.
        let slashed = text.starts_with("//") || text.starts_with("\\\\");
        if slashed || has_host_in_front(text) {
            let rest = text.trim_start_matches(['/', '\\']);
            return Self::with_authority("http".into(), rest);
        }
        None
    }

    /// `scheme://authority/path?query#fragment`; how many slashes there are does not matter.
    fn with_authority(scheme: String, rest: &str) -> Option<Self> {
        let special = is_web(&scheme) || scheme == "ftp";
        let is_slash = |c: char| c == '/' || (special && c == '\\');
        let rest = rest.trim_start_matches(is_slash);
        let end = rest.find(|c| is_slash(c) || c == '?' || c == '#').unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end)?;
        let (user, host) =
            authority.rsplit_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
        let (host, port) = split_port(host);
        let host = decode_host(host);
        if host.is_empty() && special {
            return None;
        }
        let mut parts =
            Self { port: port.or_else(|| default_port(&scheme)), host, ..Self::default() };
        if let Some(user) = user {
            let (name, password) = user.split_once(':').map_or((user, None), |(n, p)| (n, Some(p)));
            parts.username = Some(percent_decode(name).into_owned());
            parts.password = password.map(|password| percent_decode(password).into_owned());
        }
        parts.whole = format!("{scheme}://{authority}");
        parts.scheme = scheme;
        parts.tail(tail, special);
        Some(parts)
    }

    /// `scheme:path?query`, as of `mailto`.
    fn opaque(scheme: String, rest: &str) -> Self {
        let mut parts = Self { whole: format!("{scheme}:"), scheme, ..Self::default() };
        parts.tail(rest, false);
        parts
    }

    /// Path, query and fragment.
    fn tail(&mut self, tail: &str, special: bool) {
        let start = self.whole.len();
        let query = tail.find(['?', '#']).unwrap_or(tail.len());
        let (path, rest) = tail.split_at_checked(query).unwrap_or((tail, ""));
        if special && path.contains('\\') {
            self.whole.push_str(&path.replace('\\', "/"));
        } else {
            self.whole.push_str(path);
        }
        self.whole.push_str(rest);
        self.path = (start, start + query);
        let end = self.whole.len();
        let hash = rest.find('#').map(|at| start + query + at);
        if rest.starts_with('?') {
            self.query = Some((start + query + 1, hash.unwrap_or(end)));
        }
        self.fragment = hash.map(|at| (at + 1, end));
    }

    pub(crate) fn path(&self) -> &str {
        self.slice(self.path)
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.query.map(|place| self.slice(place))
    }

    pub(crate) fn fragment(&self) -> Option<&str> {
        self.fragment.map(|place| self.slice(place))
    }

    fn slice(&self, (start, end): (usize, usize)) -> &str {
        self.whole.get(start..end).unwrap_or_default()
    }

    /// The parameters of the query, decoded, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        pairs(self.query().unwrap_or_default())
    }

    /// The first parameter of a name.
    pub(crate) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Whether the host is a domain or lies below it.
    pub(crate) fn is_at(&self, domain: &str) -> bool {
        let front = self.host.strip_suffix(domain);
        front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
    }
}

/// Joins a relative address to that of its page.
pub(crate) fn join(base: &str, relative: &str) -> Option<String> {
    let base = url::Url::parse(base).ok()?;
    base.join(clean(relative).as_ref()).ok().map(Into::into)
}

/// Whether a text begins with a scheme.
pub(crate) fn has_scheme(text: &str) -> bool {
    scheme_of(&clean(text)).is_some()
}

/// The parameters of a query, decoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pairs = query.split('&').flat_map(|pair| pair.split("amp;"));
    let filled = pairs.filter(|pair| !pair.is_empty()).take(PARAMETERS_MAX);
    filled.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decode(name), form_decode(value))
    })
}

fn form_decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        return Cow::Owned(percent_decode(&text.replace('+', " ")).into_owned());
    }
    percent_decode(text)
}

/// Undoes `%41`; what is no UTF-8 then is replaced.
pub(crate) fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let decoded = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(h, l)| h * 16 + l),
            _ => None,
        };
        out.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Without white space around it, and without the tabs and line ends that browsers drop.
fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if text.bytes().any(|octet| matches!(octet, b'\t' | b'\n' | b'\r')) {
        return Cow::Owned(text.replace(['\t', '\n', '\r'], ""));
    }
    Cow::Borrowed(text)
}

fn scheme_of(text: &str) -> Option<(String, &str)> {
    let colon =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))?;
    let (scheme, rest) = text.split_at_checked(colon)?;
    let rest = rest.strip_prefix(':')?;
    let starts = scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    // `corp.example:8080` is a host and its port.
    let is_port = scheme.contains('.') && rest.bytes().next().is_some_and(|o| o.is_ascii_digit());
    (starts && !is_port).then(|| (scheme.to_ascii_lowercase(), rest))
}

fn is_web(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// Whether a text without a scheme begins with the name of a host.
fn has_host_in_front(text: &str) -> bool {
    let host = text.split(['/', '?', '#', ':', '\\']).next().unwrap_or_default();
    if host.contains(['@', ' ']) || !host.contains('.') {
        return false;
    }
    if host.get(..4).is_some_and(|front| front.eq_ignore_ascii_case("www.")) {
        return true;
    }
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let lower = host.to_lowercase();
    let suffix = psl::suffix(lower.as_bytes());
    suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() < host.len())
        || lower.ends_with(".example")
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((front, port)) if !port.ends_with(']') && port.bytes().all(|o| o.is_ascii_digit()) => {
            (front, port.parse().ok())
        }
        _ => (host, None),
    }
}

fn decode_host(host: &str) -> String {
    let host = percent_decode(host.trim_matches(['[', ']']));
    let host = host.trim_end_matches('.');
    if host.is_ascii() {
        return host.to_ascii_lowercase();
    }
    idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase())
}

const PARAMETERS_MAX: usize = 500;
const URL_OCTETS_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let rows = [
            (
                "all",
                "HTTPS://anna:s%20e@Shop.Example:8443/a/b?x=1&y#top",
                Some("https anna s e shop.example 8443 /a/b x=1&y top"),
            ),
            ("short", "http://a.example", Some("http - - a.example 80  - -")),
            (
                "user hides host",
                "https://bank.example@lure.example/x",
                Some("https bank.example - lure.example 443 /x - -"),
            ),
            ("backslashes", "http:\\\\lure.example\\x", Some("http - - lure.example 80 /x - -")),
            ("one slash", "https:/lure.example/x", Some("https - - lure.example 443 /x - -")),
            ("tab inside", "ht\ttps://lure.exam\nple/", Some("https - - lure.example 443 / - -")),
            ("no scheme", "a.example/x", Some("http - - a.example 80 /x - -")),
            ("host and port", "a.example:8080/x", Some("http - - a.example 8080 /x - -")),
            ("protocol-relative", "//a.example/x", Some("http - - a.example 80 /x - -")),
            ("encoded host", "http://lure%2eexample/", Some("http - - lure.example 80 / - -")),
            ("full-width host", "http://lure。example/", Some("http - - lure.example 80 / - -")),
            ("mail", "mailto:a@b.example?subject=x", Some("mailto - -  - a@b.example subject=x -")),
            ("unknown scheme", "ttp://a.example/", Some("ttp - - a.example - / - -")),
            ("script", "javascript:alert(1)", Some("javascript - -  - alert(1) - -")),
            ("words", "click here", None),
            ("no host", "https:///", None),
            ("relative", "index.html", None),
        ];
        for (rule, text, meant) in rows {
            let got = Parts::read(text).map(|parts| {
                let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
                let port = parts.port.map(|port| port.to_string());
                [
                    parts.scheme.clone(),
                    or(parts.username.as_deref()),
                    or(parts.password.as_deref()),
                    parts.host.clone(),
                    or(port.as_deref()),
                    parts.path().to_owned(),
                    or(parts.query()),
                    or(parts.fragment()),
                ]
                .join(" ")
            });
            assert_eq!(got.as_deref(), meant, "{rule}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(https?://)?\\PC{0,100}") {
            if let Some(parts) = Parts::read(&text) {
                let _ = (parts.path(), parts.query(), parts.fragment(), parts.parameters().count());
            }
        }
    }
}
