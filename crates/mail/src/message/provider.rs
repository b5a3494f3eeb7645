//! What the receiving provider stated about a message, believed only where it stands above the
//! provider's own receiving hop: everything below that hop was written by the sender.
//!
//! Microsoft's Authentication-Results have no authserv-id, Google's have one. Nothing here is
//! verified by cryptography; it is the provider's word, inside a copy that came from the provider.

use std::net::IpAddr;

use crate::address::Domain;
use crate::message::Header;

/// What the provider stated about who sent a message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Authentication {
    /// SPF of the reverse path.
    pub spf: Outcome,
    /// The best DKIM signature.
    pub dkim: Outcome,
    /// DMARC of the From domain.
    pub dmarc: Outcome,
    /// Microsoft's composite result.
    pub compauth: Outcome,
    /// Microsoft's reason for the composite result.
    pub compauth_reason: Option<u16>,
    /// The domain that SPF looked at.
    pub mail_from_domain: Option<Domain>,
    /// The domain that signed.
    pub dkim_domain: Option<Domain>,
    /// The From domain that DMARC looked at.
    pub header_from: Option<Domain>,
}

/// The result of one method. What was not stated is not a failure.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Outcome {
    /// Nothing was stated.
    #[default]
    Unstated,
    /// No policy or no signature.
    None,
    /// It passed.
    Pass,
    /// No policy, and Microsoft guessed that it would pass.
    BestGuessPass,
    /// The policy says nothing.
    Neutral,
    /// A failure on the way; it might pass at another time.
    TempError,
    /// The policy or the signature cannot be read.
    PermError,
    /// It probably failed.
    SoftFail,
    /// It failed.
    Fail,
}

impl Outcome {
    /// The word for it, as in `Authentication-Results`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unstated => "unstated",
            Self::None => "none",
            Self::Pass => "pass",
            Self::BestGuessPass => "bestguesspass",
            Self::Neutral => "neutral",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
            Self::SoftFail => "softfail",
            Self::Fail => "fail",
        }
    }

    fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "pass" | "softpass" => Self::Pass,
            "bestguesspass" => Self::BestGuessPass,
            "fail" | "hardfail" => Self::Fail,
            "softfail" => Self::SoftFail,
            "neutral" => Self::Neutral,
            "temperror" | "error" => Self::TempError,
            "permerror" | "policy" => Self::PermError,
            "none" => Self::None,
            _ => Self::Unstated,
        }
    }
}

/// Whose receiving hop a message shows.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Provider {
    /// Google Workspace.
    Google,
    /// Microsoft 365.
    Microsoft,
}

/// Which way a message went, in the provider's eyes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From outside.
    Inbound,
    /// Inside the organisation.
    Internal,
    /// Sent by the organisation; where to is not said.
    Originating,
    /// To the outside.
    Outbound,
}

impl Direction {
    /// The provider's short word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "INB",
            Self::Internal => "INT",
            Self::Originating => "ORG",
            Self::Outbound => "OUT",
        }
    }
}

/// What the provider wrote into a message besides.
///
/// Without a receiving hop (mail inside the organisation) these are taken as stated: the provider
/// strips them from what comes from outside, so they may be believed in a report of one's own
/// tenant and nowhere else.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProviderFacts {
    /// Whose receiving hop there is.
    pub provider: Option<Provider>,
    /// The address from which the provider received it, past known gateways.
    pub client_ip: Option<IpAddr>,
    /// Microsoft's own id of the message.
    pub network_message_id: Option<String>,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// The tenant for which it was received.
    pub tenant_id: Option<String>,
    /// `Internal`, `Anonymous` or `Partner`.
    pub auth_as: Option<String>,
    /// Microsoft's spam confidence level, -1 to 9.
    pub scl: Option<i8>,
    /// Microsoft's category of the message: `PHSH`, `SPM`, `NONE` and so on.
    pub category: Option<String>,
    /// Google's own marks, where its administrator has them added: spam, phishing.
    pub google_marks: Option<(bool, bool)>,
}

/// Reads both from the header fields in their order.
pub(crate) fn read(headers: &[Header]) -> (Authentication, ProviderFacts) {
    let hop = receiving_hop(headers);
    let authentication = believed_at(headers, hop)
        .and_then(|at| headers.get(at))
        .map(|header| parse_results(&header.value))
        .unwrap_or_default();
    let facts = match hop {
        Some((Provider::Google, at)) => google_facts(headers, at),
        Some((Provider::Microsoft, at)) => microsoft_facts(headers, Some(at)),
        None => microsoft_facts(headers, None),
    };
    (authentication, facts)
}

/// Which field states the results that are believed: the one that the provider's own hop added.
pub(crate) fn believed(headers: &[Header]) -> Option<usize> {
    believed_at(headers, receiving_hop(headers))
}

fn believed_at(headers: &[Header], hop: Option<(Provider, usize)>) -> Option<usize> {
    let results = |header: &Header| is(header, "Authentication-Results");
    match hop? {
        (Provider::Microsoft, at) => headers.iter().take(at).position(results),
        (Provider::Google, at) => {
            let by_google = |header: &Header| results(header) && is_by_google(&header.value);
            google_block(headers, at).position(by_google).map(|below| at + 1 + below)
        }
    }
}

fn is(header: &Header, name: &str) -> bool {
    header.name.trim().eq_ignore_ascii_case(name)
}

/// The topmost trace field that the provider's outer servers write.
fn receiving_hop(headers: &[Header]) -> Option<(Provider, usize)> {
    headers.iter().enumerate().filter(|(_, header)| is(header, "Received")).find_map(
        |(at, header)| {
            let by = word_after(&header.value, "by")?.to_ascii_lowercase();
            if by == "mx.google.com" {
                return Some((Provider::Google, at));
            }
            let is_microsoft = by.ends_with(".mail.protection.outlook.com")
                && header.value.contains("via Frontend Transport");
            is_microsoft.then_some((Provider::Microsoft, at))
        },
    )
}

/// The word after a keyword of a Received field, comments left out.
fn word_after(received: &str, keyword: &str) -> Option<String> {
    let plain = without_comments(received);
    let mut words = plain.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case(keyword));
    words.nth(1).map(|word| word.trim_matches([';', ',']).to_owned())
}

/// What Google adds stands below its Received field, up to the next one.
fn google_block(headers: &[Header], at: usize) -> impl Iterator<Item = &Header> {
    headers.iter().skip(at + 1).take_while(|header| !is(header, "Received"))
}

fn is_by_google(results: &str) -> bool {
    without_comments(results).split(';').next().is_some_and(|id| id.trim() == "mx.google.com")
}

/// Reads one Authentication-Results value. Where a method is stated twice the worse counts, since
/// a sender can smuggle words into what is quoted; of DKIM signatures the best does.
// spec: rfc8601#2.2
fn parse_results(value: &str) -> Authentication {
    let mut results = Authentication::default();
    let plain = without_comments(value);
    for pair in plain.split([';', ' ', '\t']).filter_map(|word| word.split_once('=')) {
        let (name, value) = (pair.0.to_ascii_lowercase(), pair.1);
        let outcome = Outcome::parse(value);
        let domain = || Domain::parse(value.rsplit('@').next().unwrap_or_default()).ok();
        match name.as_str() {
            "spf" => results.spf = results.spf.max(outcome),
            "dmarc" => results.dmarc = results.dmarc.max(outcome),
            "compauth" => results.compauth = results.compauth.max(outcome),
            "dkim" if results.dkim != Outcome::Pass => results.dkim = outcome,
            "reason" if results.compauth_reason.is_none() => {
                results.compauth_reason = value.parse().ok();
            }
            "smtp.mailfrom" if results.mail_from_domain.is_none() => {
                results.mail_from_domain = domain();
            }
            "header.d" | "header.i" if results.dkim_domain.is_none() => {
                results.dkim_domain = domain();
            }
            "header.from" if results.header_from.is_none() => results.header_from = domain(),
            _ => {}
        }
    }
    results
}

/// Leaves out comments, and the spaces inside quotes, so that neither yields a word of its own.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0u32;
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                out.push(' ');
            }
            ' ' | '\t' | ';' | '=' if quoted => out.push('_'),
            _ if depth == 0 => out.push(character),
            _ => {}
        }
    }
    out
}

fn google_facts(headers: &[Header], at: usize) -> ProviderFacts {
    let mark = |name| {
        let value = headers.iter().take(at).find(|header| is(header, name))?;
        Some(value.value.trim() == "1")
    };
    let marks = match (mark("X-Gm-Spam"), mark("X-Gm-Phishy")) {
        (None, None) => None,
        (spam, phishy) => Some((spam.unwrap_or(false), phishy.unwrap_or(false))),
    };
    let from_hop = headers.get(at).and_then(|header| bracketed_ip(&header.value));
    let spf = google_block(headers, at).find(|header| is(header, "Received-SPF"));
    ProviderFacts {
        provider: Some(Provider::Google),
        client_ip: from_hop.or_else(|| spf.and_then(|header| client_ip_of_spf(&header.value))),
        direction: Some(Direction::Inbound),
        google_marks: marks,
        ..ProviderFacts::default()
    }
}

fn microsoft_facts(headers: &[Header], hop: Option<usize>) -> ProviderFacts {
    let first = |name: &str| {
        let header = headers.iter().find(|header| is(header, name))?;
        Some(header.value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let organisation = |name: &str| first(&format!("X-MS-Exchange-Organization-{name}"));
    let report = first("X-Forefront-Antispam-Report").filter(|_| hop.is_some());
    let report_value = |key| report.as_deref().and_then(|report| keyed(report, key));
    let above = |name: &str| {
        headers.iter().take(hop.unwrap_or(0)).find(|header| is(header, name)).map(|h| &h.value)
    };
    let client_ip = first("X-MS-Exchange-ExternalOriginalInternetSender")
        .or_else(|| first("X-MS-Exchange-SkipListedInternetSender"))
        .as_deref()
        .and_then(ip_among)
        .or_else(|| organisation("OriginalClientIPAddress").as_deref().and_then(ip_among))
        .or_else(|| organisation("ConnectingIP").as_deref().and_then(ip_among))
        .or_else(|| report_value("CIP").as_deref().and_then(ip_among))
        .or_else(|| above("Received-SPF").and_then(|value| client_ip_of_spf(value)))
        .or_else(|| {
            hop.and_then(|at| headers.get(at)).and_then(|header| bracketed_ip(&header.value))
        });
    let tenant_id = organisation("Id").or_else(|| {
        let attributed = first("X-EOPTenantAttributedMessage")?;
        attributed.split(':').next().map(str::to_owned)
    });
    let direction = report_value("DIR")
        .as_deref()
        .and_then(direction_of)
        .or_else(|| organisation("MessageDirectionality").as_deref().and_then(direction_of));
    let scl = organisation("SCL").or_else(|| report_value("SCL"));
    ProviderFacts {
        provider: hop.map(|_| Provider::Microsoft),
        client_ip,
        network_message_id: organisation("Network-Message-Id"),
        direction,
        tenant_id,
        auth_as: organisation("AuthAs"),
        scl: scl.and_then(|scl| scl.parse().ok()),
        category: report_value("CAT"),
        google_marks: None,
    }
}

/// A value of a `key:value;` list; values may hold colons.
fn keyed(list: &str, key: &str) -> Option<String> {
    let pairs = list.split(';').filter_map(|pair| pair.trim().split_once(':'));
    let mut values =
        pairs.filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, v)| v.trim());
    values.next().filter(|value| !value.is_empty()).map(str::to_owned)
}

fn direction_of(text: &str) -> Option<Direction> {
    match text.trim().to_ascii_uppercase().as_str() {
        "INB" | "INCOMING" => Some(Direction::Inbound),
        "INT" => Some(Direction::Internal),
        "ORIGINATING" => Some(Direction::Originating),
        "OUT" => Some(Direction::Outbound),
        _ => None,
    }
}

/// The first word of a text that is an IP address.
fn ip_among(text: &str) -> Option<IpAddr> {
    text.split(['[', ']', '(', ')', ';', ',', '=', ' ', '\t']).find_map(|word| word.parse().ok())
}

/// The address in the `from` half of a Received field.
fn bracketed_ip(received: &str) -> Option<IpAddr> {
    let from = received.split(" by ").next().unwrap_or_default();
    ip_among(from)
}

fn client_ip_of_spf(value: &str) -> Option<IpAddr> {
    let (_, after) = value.split_once("client-ip=")?;
    after.split([';', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP: &str = "from mx.a.example (192.0.2.7) by DB8.mail.protection.outlook.com \
                       (10.0.0.1) with Microsoft SMTP Server id 15 via Frontend Transport; x";

    fn headers(fields: &[(&str, &str)]) -> Vec<Header> {
        fields
            .iter()
            .map(|(name, value)| Header { name: (*name).into(), value: (*value).into() })
            .collect()
    }

    #[test]
    fn microsoft_states_results_without_an_authserv_id() {
        let (results, facts) = read(&headers(&[
            (
                "Authentication-Results",
                "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=a.example; \
              dkim=fail (x) header.d=b.example;dmarc=bestguesspass action=none \
              header.from=a.example;compauth=pass reason=109",
            ),
            ("Received", HOP),
        ]));
        assert_eq!(results.spf, Outcome::Pass);
        assert_eq!(results.dkim, Outcome::Fail);
        assert_eq!(results.dmarc, Outcome::BestGuessPass);
        assert_eq!((results.compauth, results.compauth_reason), (Outcome::Pass, Some(109)));
        assert_eq!(results.dkim_domain.unwrap().as_str(), "b.example");
        assert_eq!(facts.client_ip, "192.0.2.7".parse().ok());
    }

    #[test]
    fn what_stands_below_the_receiving_hop_is_the_senders() {
        let forged = ("Authentication-Results", "spf=pass;dkim=pass;dmarc=pass");
        let (results, _) = read(&headers(&[("Received", HOP), forged]));
        assert_eq!(results, Authentication::default());
        let (results, _) = read(&headers(&[forged]));
        assert_eq!(results, Authentication::default());
    }

    #[test]
    fn words_quoted_from_the_sender_state_nothing() {
        let rows = [
            "mx.google.com; spf=pass (domain of \"a dmarc=pass\"@e.example) smtp.mailfrom=\"a dmarc=pass\"@e.example; dmarc=fail header.from=b.example",
            "mx.google.com; spf=pass (domain of a) ; dmarc=pass (b@e.example); dmarc=fail header.from=b.example",
        ];
        for row in rows {
            let (results, _) = read(&headers(&[
                ("Received", "from a (a. [192.0.2.7]) by mx.google.com with ESMTPS id 1"),
                ("Authentication-Results", row),
            ]));
            assert_eq!(results.dmarc, Outcome::Fail, "{row}");
        }
    }

    #[test]
    fn google_mail_is_not_believed_about_microsoft() {
        let (_, facts) = read(&headers(&[
            ("X-Gm-Spam", "1"),
            ("Received", "from a (a. [192.0.2.7]) by mx.google.com with ESMTPS id 1"),
            ("X-MS-Exchange-Organization-AuthAs", "Internal"),
        ]));
        assert_eq!((facts.auth_as, facts.provider), (None, Some(Provider::Google)));
        assert_eq!(facts.client_ip, "192.0.2.7".parse().ok());
        assert_eq!(facts.google_marks, Some((true, false)));
    }

    #[test]
    fn the_address_behind_a_gateway_wins() {
        let (_, facts) = read(&headers(&[
            ("X-MS-Exchange-SkipListedInternetSender", "ip=[2001:db8::7];domain=a.example"),
            ("X-Forefront-Antispam-Report", "CIP:192.0.2.9;SCL:5;CAT:PHSH;DIR:INB;"),
            ("Received", HOP),
        ]));
        assert_eq!(facts.client_ip, "2001:db8::7".parse().ok());
        assert_eq!((facts.scl, facts.category.as_deref()), (Some(5), Some("PHSH")));
        assert_eq!(facts.direction, Some(Direction::Inbound));
    }

    #[test]
    fn ipv6_in_the_antispam_report_keeps_its_colons() {
        assert_eq!(keyed("CIP:2001:db8::1;SCL:1", "cip").as_deref(), Some("2001:db8::1"));
    }

    #[test]
    fn internal_mail_states_no_failure() {
        let (results, facts) = read(&headers(&[
            ("Received", "from DB8.prod.outlook.com ([fe80::1]) by DB8.prod.outlook.com with mapi"),
            ("X-MS-Exchange-Organization-AuthAs", "Internal"),
        ]));
        assert_eq!(results.spf, Outcome::Unstated);
        assert_eq!(facts.auth_as.as_deref(), Some("Internal"));
    }
}
