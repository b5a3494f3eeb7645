//! Links that gateways rewrite: what stands inside.
//!
//! Only wrappers that carry their target in themselves are opened; nothing is fetched.

use url::Url;

/// The target inside a rewritten link, through several layers; the link itself where it is none.
pub(crate) fn unwrap(url: Url) -> Url {
    let mut url = url;
    for _ in 0..LAYERS_MAX {
        match inner(&url) {
            Some(target) => url = target,
            None => break,
        }
    }
    url
}

fn inner(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let is = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    let parameter = |names: &[&str]| {
        let found = url.query_pairs().find(|(name, _)| names.contains(&name.as_ref()))?;
        web(&found.1)
    };
    if is("safelinks.protection.outlook.com") {
        return parameter(&["url"]);
    }
    if is("urldefense.proofpoint.com") || is("urldefense.com") {
        return proofpoint(url);
    }
    if is("linkprotect.cudasvc.com") {
        return parameter(&["a"]);
    }
    let is_google = host.starts_with("www.google.") || host == "google.com";
    if is_google && url.path() == "/url" {
        return parameter(&["q", "url"]);
    }
    if is("youtube.com") && url.path() == "/redirect" {
        return parameter(&["q"]);
    }
    if (host == "deref-web.de" || host == "deref-gmx.net") && url.path().ends_with("/dereferrer/") {
        return parameter(&["redirectUrl"]);
    }
    if (is("facebook.com") || is("instagram.com")) && url.path() == "/l.php" {
        return parameter(&["u"]);
    }
    None
}

/// Version 3 puts the target between `__` marks, version 2 into `u` with its own escapes.
fn proofpoint(url: &Url) -> Option<Url> {
    if let Some((_, rest)) = url.as_str().split_once("/v3/__") {
        let target = rest.split_once("__;").map_or(rest, |(target, _)| target);
        return web(target);
    }
    let (_, value) = url.query_pairs().find(|(name, _)| name == "u")?;
    let escaped = value.replace('_', "/").replace('-', "%");
    web(&percent_decode(&escaped))
}

/// The query of a URL is decoded as a form would be, without taking `+` for a space.
fn percent_decode(text: &str) -> String {
    let text = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn web(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

const LAYERS_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwrap_table() {
        let safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Flure.example%2Fa%3Fb%3D1&data=x";
        let rows = [
            ("Safe Links", safe, "https://lure.example/a?b=1"),
            (
                "Proofpoint 2",
                "https://urldefense.proofpoint.com/v2/url?u=https-3A__lure.example_a&d=x",
                "https://lure.example/a",
            ),
            (
                "Proofpoint 3",
                "https://urldefense.com/v3/__https://lure.example/a__;!!x",
                "https://lure.example/a",
            ),
            (
                "Google",
                "https://www.google.com/url?q=https://lure.example/&sa=D",
                "https://lure.example/",
            ),
            (
                "layers",
                "https://www.google.com/url?q=https://www.google.com/url?q%3Dhttps://lure.example/",
                "https://lure.example/",
            ),
            (
                "a look-alike of a wrapper",
                "https://notsafelinks.protection.outlook.com.lure.example/?url=https://a.example/",
                "https://notsafelinks.protection.outlook.com.lure.example/?url=https://a.example/",
            ),
            (
                "script inside",
                "https://www.google.com/url?q=javascript:x",
                "https://www.google.com/url?q=javascript:x",
            ),
            ("plain", "https://shop.example.net/x", "https://shop.example.net/x"),
        ];
        for (rule, url, meant) in rows {
            assert_eq!(unwrap(Url::parse(url).unwrap()).as_str(), meant, "{rule}");
        }
    }
}
