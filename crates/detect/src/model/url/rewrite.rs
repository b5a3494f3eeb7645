//! Links that gateways, mailers and redirecting pages rewrite: what stands inside.
//!
//! Only wrappers that carry their target in themselves are opened; nothing is fetched. Of wrappers
//! that show no more than the target's domain (Mimecast, INKY) that domain is taken. Names are
//! those of the data model's `rewrite.encoders` where it has one.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::parts::{Parts, percent_decode};

/// A wrapper that has its target in a parameter of its query.
struct InParameter {
    encoder: &'static str,
    /// At this domain or below it; any where empty.
    domain: &'static str,
    /// What the path begins with, without regard to case.
    path: &'static str,
    parameters: &'static [&'static str],
}

const fn at(
    encoder: &'static str,
    domain: &'static str,
    path: &'static str,
    parameters: &'static [&'static str],
) -> InParameter {
    InParameter { encoder, domain, path, parameters }
}

/// A wrapper with a way of its own.
type Own = (&'static str, fn(&Parts) -> Option<String>);

/// The target inside a rewritten link, and what rewrote it.
pub(crate) fn inner(parts: &Parts) -> Option<(&'static str, Parts)> {
    if !matches!(parts.scheme.as_str(), "http" | "https") {
        return None;
    }
    if let Some(found) = by_parameter(parts) {
        return Some(found);
    }
    OWN.iter().find_map(|(encoder, open)| Some((*encoder, web(&open(parts)?)?)))
}

fn by_parameter(parts: &Parts) -> Option<(&'static str, Parts)> {
    let query = parts.query()?;
    // Every target has a dot, and hardly any other parameter does.
    if !query.contains(['.', '%']) {
        return None;
    }
    let starts = |path: &str| {
        parts.path().get(..path.len()).is_some_and(|front| front.eq_ignore_ascii_case(path))
    };
    let mut rules = IN_PARAMETER
        .iter()
        .filter(|rule| (rule.domain.is_empty() || parts.is_at(rule.domain)) && starts(rule.path));
    rules.find_map(|rule| {
        let value = rule.parameters.iter().find_map(|name| parts.parameter(name))?;
        Some((rule.encoder, web(&value)?))
    })
}

fn web(text: &str) -> Option<Parts> {
    let text = text.trim();
    // A target is percent-encoded once more where the wrapper was itself wrapped.
    let text = match text.get(..8).is_some_and(|front| front.to_ascii_lowercase().contains("%3a")) {
        true => percent_decode(text),
        false => Cow::Borrowed(text),
    };
    let fixed = match text.split_once(":/") {
        Some((scheme @ ("http" | "https"), rest)) if !rest.starts_with('/') => {
            Cow::Owned(format!("{scheme}://{rest}"))
        }
        _ => text,
    };
    Parts::read(&fixed).filter(|parts| matches!(parts.scheme.as_str(), "http" | "https"))
}

const IN_PARAMETER: &[InParameter] = &[
    at("azure_safelink", "safelinks.protection.outlook.com", "", &["url"]),
    at("azure_safelink", "safelinks.protection.office365.us", "", &["url"]),
    at("azure_safelink", "statics.teams.cdn.office.net", "/evergreen-assets/safelinks", &["url"]),
    at("azurecomm", "emails.azure.net", "/redirect", &["destination"]),
    at("barracuda", "linkprotect.cudasvc.com", "/", &["a"]),
    at("fireeye", "fireeye.com", "/", &["u"]),
    at("trend_micro", "trendmicro.com", "/", &["url"]),
    at("fortimail", "", "/fmlurlsvc/", &["url"]),
    at("titanhq", "titanhq.com", "/", &["url"]),
    at("esvalabs", "esvalabs.com", "/", &["u"]),
    at("edgepilot", "link.edgepilot.com", "/s/", &["u"]),
    at("zix", "link.zixcentral.com", "/u/", &["u"]),
    at("exclaimer", "exclaimer.net", "/", &["url"]),
    at("facebook", "facebook.com", "/l.php", &["u"]),
    at("facebook", "facebook.com", "/flx/warn", &["u"]),
    at("instagram", "instagram.com", "/l.php", &["u"]),
    at("instagram", "l.instagram.com", "/", &["u"]),
    at("linkedin", "linkedin.com", "/safety/go", &["url"]),
    at("linkedin", "linkedin.com", "/redir/", &["url"]),
    at("youtube", "youtube.com", "/redirect", &["q"]),
    at("youtube_set_sid", "accounts.youtube.com", "/accounts/SetSID", &["continue"]),
    at("google_adservices", "googleadservices.com", "/", &["adurl"]),
    at("doubleclick", "doubleclick.net", "/", &["adurl"]),
    at("google_meet_redirect", "meet.google.com", "/linkredirect", &["dest"]),
    at("google_notifications", "notifications.googleapis.com", "/email/redirect", &["r"]),
    at("google_translate_open_redirect", "translate.google.com", "/", &["u"]),
    at("google_travel_redirect", "google.com", "/travel/clk", &["pcurl"]),
    at("google_tag_manager", "googletagmanager.com", "/", &["url", "u"]),
    at("deref_mail", "deref-gmx.net", "/", &["redirectUrl"]),
    at("deref_mail", "deref-web.de", "/", &["redirectUrl"]),
    at("deref_mail", "deref-mail.com", "/", &["redirectUrl"]),
    at("squarespace", "squarespace-mail.com", "/r", &["u"]),
    at("branch_io", "app.link", "/", &["$desktop_url", "$fallback_url", "$original_url"]),
    at("ppcprotect", "ppcprotect.com", "/", &["lpurl", "url"]),
    at("indeed_open_redirect", "indeed.com", "/", &["dest", "target", "continueUrl"]),
    at("duckduckgo", "duckduckgo.com", "/l/", &["uddg"]),
    at("slack", "slack-redir.net", "/link", &["url"]),
    at("vk", "vk.com", "/away.php", &["to"]),
    at("generic_desturl", "", "/", &["desturl", "destUrl", "DestURL", "destURL"]),
];

const OWN: &[Own] = &[
    ("proofpoint", proofpoint),
    ("google_open_redirect", google_redirect),
    ("google_amp", google_amp),
    ("google_amp_project", amp_project),
    ("google_translate_open_redirect", translated_host),
    ("google_user_content", google_user_content),
    ("bing_open_redirect", bing),
    ("cisco", cisco),
    ("sophos", sophos),
    ("checkpoint", checkpoint),
    ("yahoo", yahoo),
    ("href_li", href_li),
    ("doubleclick", doubleclick_tail),
    ("aws_ses", aws_ses),
    ("postmark", postmark),
    ("mailjet", mailjet),
    ("convertkit", convertkit),
    ("mandrill", mandrill),
    ("monday_tracker", monday),
    ("microsoft_dynamics", dynamics),
    ("wix", wix),
    ("mimecast", mimecast),
    ("inky", inky),
];

/// Version 1 has the target as it is, version 2 with escapes of its own, version 3 between marks.
fn proofpoint(parts: &Parts) -> Option<String> {
    if !(parts.is_at("urldefense.proofpoint.com")
        || parts.is_at("urldefense.com")
        || parts.is_at("urldefense.us"))
    {
        return None;
    }
    if let Some((_, rest)) = parts.whole.split_once("/v3/__") {
        return Some(proofpoint_3(rest));
    }
    let value = raw_parameter(parts, "u")?;
    if parts.path().starts_with("/v1") {
        return Some(percent_decode(value).into_owned());
    }
    let escaped = value.replace('_', "/").replace('-', "%");
    Some(percent_decode(&escaped).into_owned())
}

/// `*` stands for one octet of what is encoded behind the target, `**x` for a run of them.
fn proofpoint_3(rest: &str) -> String {
    let (target, tail) = rest.rsplit_once("__;").unwrap_or((rest, ""));
    let encoded = tail.split("!!").next().unwrap_or_default();
    let octets = base64(encoded).unwrap_or_default();
    let replaced = String::from_utf8_lossy(&octets).into_owned();
    let mut replaced = replaced.chars();
    let mut out = String::with_capacity(target.len());
    let mut characters = target.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '*' {
            out.push(character);
            continue;
        }
        let run = characters.next_if_eq(&'*').and_then(|_| characters.next());
        let length = run.map_or(1, run_length);
        let before = out.len();
        out.extend(replaced.by_ref().take(length));
        if out.len() == before {
            out.push('*');
        }
    }
    out
}

/// `A` is two, and so on through the alphabet of base64.
fn run_length(mark: char) -> usize {
    let alphabet = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']);
    alphabet.into_iter().position(|character| character == mark).map_or(1, |place| place + 2)
}

fn google_redirect(parts: &Parts) -> Option<String> {
    if !(is_google(&parts.host) && matches!(parts.path(), "/url" | "/url/" | "/local_url")) {
        return None;
    }
    ["q", "url"].iter().find_map(|name| parts.parameter(name)).map(Cow::into_owned)
}

fn is_google(host: &str) -> bool {
    let rest = host.strip_prefix("www.").unwrap_or(host);
    rest.strip_prefix("google.").is_some_and(|tld| tld.len() <= 6)
        || rest == "maps.google.com"
        || rest == "images.google.com"
}

fn google_amp(parts: &Parts) -> Option<String> {
    let rest = parts.path().strip_prefix("/amp/").filter(|_| is_google(&parts.host))?;
    Some(amp_target(rest, parts))
}

fn amp_project(parts: &Parts) -> Option<String> {
    if !parts.is_at("cdn.ampproject.org") {
        return None;
    }
    let path = parts.path();
    let rest = ["/c/", "/v/", "/i/", "/wp/"].iter().find_map(|front| path.strip_prefix(front))?;
    Some(amp_target(rest, parts))
}

fn amp_target(rest: &str, parts: &Parts) -> String {
    let (scheme, rest) = match rest.strip_prefix("s/") {
        Some(rest) => ("https", rest),
        None => ("http", rest),
    };
    with_query(format!("{scheme}://{}", percent_decode(rest)), parts)
}

fn with_query(target: String, parts: &Parts) -> String {
    match parts.query() {
        Some(query) if !target.contains('?') => format!("{target}?{query}"),
        _ => target,
    }
}

/// `lure-example.translate.goog` is `lure.example`; two hyphens stand for one.
fn translated_host(parts: &Parts) -> Option<String> {
    let name = parts.host.strip_suffix(".translate.goog")?;
    let host = name.replace("--", "\u{1}").replace('-', ".").replace('\u{1}', "-");
    Some(format!("https://{host}{}", parts.path()))
}

fn google_user_content(parts: &Parts) -> Option<String> {
    let fragment = parts.fragment().filter(|_| parts.is_at("googleusercontent.com"))?;
    fragment.starts_with("http").then(|| fragment.to_owned())
}

fn bing(parts: &Parts) -> Option<String> {
    if !parts.is_at("bing.com") || !parts.path().starts_with("/ck/") {
        return None;
    }
    let value = parts.parameter("u")?;
    base64_text(value.strip_prefix("a1")?)
}

/// `/id/https%3A%2F%2F…`.
fn cisco(parts: &Parts) -> Option<String> {
    let path = parts.path().strip_prefix('/').filter(|_| parts.is_at("secure-web.cisco.com"))?;
    let (_, target) = path.split_once('/')?;
    Some(percent_decode(target).into_owned())
}

fn sophos(parts: &Parts) -> Option<String> {
    if !parts.is_at("protection.sophos.com") {
        return None;
    }
    base64_text(&parts.parameter("u")?)
}

/// `/v2/___https://…___.token`, and the same of Avanan, which it bought.
fn checkpoint(parts: &Parts) -> Option<String> {
    if !(parts.is_at("protect.checkpoint.com") || parts.is_at("avanan.click")) {
        return None;
    }
    let (_, rest) = parts.whole.split_once("___")?;
    let (target, _) = rest.split_once("___")?;
    Some(target.to_owned())
}

/// `/RU=https%3a%2f%2f…/RK=2/…`.
fn yahoo(parts: &Parts) -> Option<String> {
    let path = parts.path();
    let (_, rest) = path.split_once("/RU=").filter(|_| parts.is_at("yahoo.com"))?;
    Some(percent_decode(rest.split('/').next()?).into_owned())
}

fn href_li(parts: &Parts) -> Option<String> {
    (parts.host == "href.li").then(|| parts.query().map(str::to_owned)).flatten()
}

/// Clicks of campaigns have the target as the whole query.
fn doubleclick_tail(parts: &Parts) -> Option<String> {
    let query = parts.query().filter(|_| parts.is_at("doubleclick.net"))?;
    let at = query.find("http")?;
    query.get(at..).map(|target| percent_decode(target).into_owned())
}

/// `/L0/https:%2F%2Flure.example%2Fx/1/…`.
fn aws_ses(parts: &Parts) -> Option<String> {
    let rest = parts.path().strip_prefix("/L0/").filter(|_| parts.is_at("awstrack.me"))?;
    Some(percent_decode(rest.split('/').next()?).into_owned())
}

/// `/3s/lure.example%2Fx/…`.
fn postmark(parts: &Parts) -> Option<String> {
    let path = parts.path();
    let rest = path.strip_prefix("/3s/").or_else(|| path.strip_prefix("/3ts/"))?;
    let target = rest.split('/').next().filter(|_| parts.is_at("pstmrk.it"))?;
    Some(percent_decode(target).into_owned())
}

/// `/lnk/id/number/signature/base64`.
fn mailjet(parts: &Parts) -> Option<String> {
    let last = parts.path().rsplit('/').next().filter(|_| parts.path().starts_with("/lnk/"))?;
    base64_text(last).filter(|target| target.starts_with("http"))
}

fn convertkit(parts: &Parts) -> Option<String> {
    let is_host = parts.host.contains("convertkit-mail") || parts.host.contains("kit-mail");
    let last = parts.path().rsplit('/').next().filter(|_| is_host)?;
    base64_text(last).filter(|target| target.starts_with("http"))
}

/// JSON inside JSON inside base64.
fn mandrill(parts: &Parts) -> Option<String> {
    if !parts.is_at("mandrillapp.com") {
        return None;
    }
    let text = base64_text(&parts.parameter("p")?)?;
    json_value(&text.replace("\\\"", "\""), "url")
}

/// A signed token whose middle part is JSON.
fn monday(parts: &Parts) -> Option<String> {
    if !parts.is_at("monday.com") {
        return None;
    }
    let token = parts.parameter("token")?;
    json_value(&base64_text(token.split('.').nth(1)?)?, "originalUrl")
}

fn dynamics(parts: &Parts) -> Option<String> {
    if !parts.is_at("dynamics.com") {
        return None;
    }
    let target = json_value(&parts.parameter("target")?, "TargetUrl")?;
    Some(percent_decode(&target).into_owned())
}

fn wix(parts: &Parts) -> Option<String> {
    if !(parts.is_at("wix.com") && parts.path().starts_with("/so/")) {
        return None;
    }
    let value = parts.parameter("w")?;
    let text =
        value.split('.').find_map(|part| base64_text(part).filter(|t| t.contains("\"u\"")))?;
    json_value(&text, "u")
}

/// The target itself is known to the service alone.
fn mimecast(parts: &Parts) -> Option<String> {
    let is_host = parts.is_at("mimecastprotect.com") || parts.is_at("mimecast.com");
    is_host.then(|| parts.parameter("domain").map(Cow::into_owned)).flatten()
}

fn inky(parts: &Parts) -> Option<String> {
    let is_link = parts.is_at("inky.com") && parts.path().starts_with("/link");
    is_link.then(|| parts.parameter("domain").map(Cow::into_owned)).flatten()
}

/// A parameter as it is written.
fn raw_parameter<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let pairs = parts.query()?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name).map(|p| p.1)
}

/// The text of a JSON string by its name, wherever it stands.
fn json_value(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\"{name}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let value = rest.split('"').next()?;
    Some(value.replace("\\\\/", "/").replace("\\/", "/").replace("\\u0026", "&"))
}

/// Base64 of either alphabet, padded or not.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let engine = if text.contains(['-', '_']) { &URL_LENIENT } else { &LENIENT };
    engine.decode(text).ok()
}

fn base64_text(text: &str) -> Option<String> {
    String::from_utf8(base64(text)?).ok()
}

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const URL_LENIENT: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

#[cfg(test)]
mod tests;
