//! What was gathered and given as values: ages of domains, histories of senders; and whether an
//! address lies in a network.

use std::net::IpAddr;

use clawback_mail::message::Moment;
use clawback_mql::{Arguments, Host, Prepared, Value};

use crate::model::lazy::{known, made_of};
use crate::model::names::Domain;
use crate::model::types::answers::{PROFILE, WHOIS};
use crate::model::url::Url;
use crate::model::{Model, Profile, Profiles};

/// What `beta.ip_in` was given to look in.
pub(super) fn networks(texts: &[&str]) -> Prepared {
    Box::new(Networks::new(texts.iter().filter_map(|text| range(text)).collect()))
}

/// `beta.ip_in(ip, network, …)`.
pub(super) fn ip_in(_: &dyn Host, arguments: &Arguments<'_>, networks: &Prepared) -> Value {
    let given = arguments.get(0);
    let text = if given.as_text().is_some() { given.clone() } else { given.get("ip") };
    let Some(ip) = text.as_str().and_then(|text| text.parse::<IpAddr>().ok()) else {
        return Value::Null;
    };
    let networks = networks.downcast_ref::<Networks>();
    Value::Bool(networks.is_some_and(|networks| networks.contains(ip)))
}

/// Networks as ranges of numbers that do not overlap, in order, those of version 4 in the place
/// that version 6 has for them.
struct Networks(Box<[(u128, u128)]>);

impl Networks {
    fn new(mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let joins = next.0 <= kept.1;
            kept.1 = if joins { kept.1.max(next.1) } else { kept.1 };
            joins
        });
        Self(ranges.into())
    }

    fn contains(&self, ip: IpAddr) -> bool {
        let ip = number(ip);
        let after = self.0.partition_point(|(first, _)| *first <= ip);
        let before = after.checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|(_, last)| ip <= *last)
    }
}

/// The first and the last address of a network; one address is a network of one.
fn range(network: &str) -> Option<(u128, u128)> {
    let network = network.trim();
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, Some(length.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let base: IpAddr = base.parse().ok()?;
    let width = if base.is_ipv4() { 32 } else { 128 };
    let host = width - length.unwrap_or(width).min(width);
    let mask = u128::MAX.checked_shr(128 - host).unwrap_or(0);
    let first = number(base) & !mask;
    Some((first, first | mask))
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// `network.whois(domain)`: what was given beforehand; of a domain that nothing is known about
/// only its name.
pub(super) fn whois(host: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let given = arguments.get(0);
    let domain = match given {
        Value::Text(text) => Domain::value(text.as_str()),
        _ if made_of::<Url>(given).is_some() => given.get("domain"),
        _ => given.clone(),
    };
    let root = domain.get("root_domain");
    let Some(name) = root.as_str() else { return Value::Null };
    let model = host.as_any().downcast_ref::<Model>();
    let found = model.and_then(|model| model.context().registrations.get(name));
    let Some(found) = found else { return known(&WHOIS, [("root_domain", root.clone())]) };
    let created = found.created_at.map(|seconds| Moment::utc(seconds).rfc3339());
    known(
        &WHOIS,
        [
            ("created_at", Value::text_or_null(created)),
            ("days_old", found.days_old.map_or(Value::Null, Value::Float)),
            ("found", Value::Bool(true)),
            ("registrar_name", Value::text_or_null(found.registrar.as_deref())),
            ("root_domain", root.clone()),
        ],
    )
}

fn profile(host: &dyn Host, of: fn(&Profiles) -> Option<Profile>) -> Value {
    let model = host.as_any().downcast_ref::<Model>();
    let Some(found) = model.and_then(|model| of(&model.context().profiles)) else {
        return Value::Null;
    };
    known(
        &PROFILE,
        [
            ("any_messages_benign", Value::Bool(found.any_messages_benign)),
            ("any_messages_malicious_or_spam", Value::Bool(found.any_messages_malicious_or_spam)),
            ("auth_failed", Value::Bool(found.auth_failed)),
            ("days_known", Value::Float(found.days_known)),
            ("prevalence", Value::text(found.prevalence.as_str())),
            ("solicited", found.solicited.map_or(Value::Null, Value::Bool)),
        ],
    )
}

/// `profile.by_sender()`.
pub(super) fn by_sender(host: &dyn Host, _: &Arguments<'_>) -> Value {
    profile(host, |profiles| profiles.sender)
}

/// `profile.by_sender_email()`.
pub(super) fn by_sender_email(host: &dyn Host, _: &Arguments<'_>) -> Value {
    profile(host, |profiles| profiles.sender_email)
}

/// `profile.by_sender_domain()`.
pub(super) fn by_sender_domain(host: &dyn Host, _: &Arguments<'_>) -> Value {
    profile(host, |profiles| profiles.sender_domain)
}

/// `beta.profile.by_reply_to()`.
pub(super) fn by_reply_to(host: &dyn Host, _: &Arguments<'_>) -> Value {
    profile(host, |profiles| profiles.reply_to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let rows = [
            ("inside", "192.0.2.9", "192.0.2.0/24", true),
            ("outside", "192.0.3.9", "192.0.2.0/24", false),
            ("first", "192.0.2.0", "192.0.2.7/24", true),
            ("last", "192.0.2.255", "192.0.2.0/24", true),
            ("after", "192.0.3.0", "192.0.2.0/24", false),
            ("one address", "192.0.2.9", "192.0.2.9", true),
            ("its neighbour", "192.0.2.8", "192.0.2.9", false),
            ("everything of the other kind", "2001:db8::9", "0.0.0.0/0", false),
            ("no length", "192.0.2.9", "192.0.2.0/x", false),
            ("everything", "192.0.2.9", "0.0.0.0/0", true),
            ("longer", "2001:db8::9", "2001:db8::/32", true),
            ("another kind", "192.0.2.9", "2001:db8::/32", false),
            ("words", "192.0.2.9", "here", false),
        ];
        for (rule, ip, network, meant) in rows {
            let networks = Networks::new(range(network).into_iter().collect());
            assert_eq!(networks.contains(ip.parse().unwrap()), meant, "{rule}");
        }
    }

    #[test]
    fn networks_that_overlap_are_one() {
        let given = ["192.0.2.128/25", "192.0.2.0/24", "192.0.2.7", "198.51.100.0/24"];
        let networks = Networks::new(given.iter().filter_map(|text| range(text)).collect());
        assert_eq!(networks.0.len(), 2);
        assert!(networks.contains("192.0.2.200".parse().unwrap()));
        assert!(networks.contains("198.51.100.1".parse().unwrap()));
        assert!(!networks.contains("198.51.99.1".parse().unwrap()));
    }
}
