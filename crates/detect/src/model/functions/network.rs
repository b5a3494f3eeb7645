//! What was gathered and given as values: ages of domains, histories of senders; and whether an
//! address lies in a network.

use std::net::IpAddr;

use clawback_mail::message::Moment;
use clawback_mql::{Arguments, Host, Value};

use crate::model::lazy::{known, made_of};
use crate::model::names::Domain;
use crate::model::types::answers::{PROFILE, WHOIS};
use crate::model::url::Url;
use crate::model::{Model, Profile, Profiles};

/// `beta.ip_in(ip, network, …)`.
pub(super) fn ip_in(_: &dyn Host, arguments: &Arguments<'_>) -> Value {
    let given = arguments.get(0);
    let text = if given.as_text().is_some() { given.clone() } else { given.get("ip") };
    let Some(ip) = text.as_str().and_then(|text| text.parse::<IpAddr>().ok()) else {
        return Value::Null;
    };
    let networks = arguments.values.get(1..).unwrap_or_default();
    Value::Bool(networks.iter().filter_map(Value::as_str).any(|network| lies_in(ip, network)))
}

fn lies_in(ip: IpAddr, network: &str) -> bool {
    let (base, length) = network.trim().split_once('/').unwrap_or((network.trim(), "128"));
    let Some(length) = length.parse::<u32>().ok() else { return false };
    match (ip, base.parse::<IpAddr>()) {
        (IpAddr::V4(ip), Ok(IpAddr::V4(base))) => {
            let shift = 32_u32.saturating_sub(length);
            let front = |ip: u32| ip.checked_shr(shift).unwrap_or(0);
            front(ip.to_bits()) == front(base.to_bits())
        }
        (IpAddr::V6(ip), Ok(IpAddr::V6(base))) => {
            let shift = 128_u32.saturating_sub(length);
            let front = |ip: u128| ip.checked_shr(shift).unwrap_or(0);
            front(ip.to_bits()) == front(base.to_bits())
        }
        _ => false,
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
            ("solicited", Value::Bool(found.solicited)),
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
            ("one address", "192.0.2.9", "192.0.2.9", true),
            ("everything", "192.0.2.9", "0.0.0.0/0", true),
            ("longer", "2001:db8::9", "2001:db8::/32", true),
            ("another kind", "192.0.2.9", "2001:db8::/32", false),
            ("words", "192.0.2.9", "here", false),
        ];
        for (rule, ip, network, meant) in rows {
            assert_eq!(lies_in(ip.parse().unwrap(), network), meant, "{rule}");
        }
    }
}
