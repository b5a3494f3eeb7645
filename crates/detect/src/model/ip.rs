//! Addresses of machines.

use std::net::{IpAddr, Ipv4Addr};

use clawback_mql::Value;

use crate::model::lazy::known;
use crate::model::types::mail::{IP, IP_TRANSLATION};

/// An address as a record.
pub(crate) fn value(ip: IpAddr) -> Value {
    written(ip, None)
}

/// An address that was written in another form.
pub(crate) fn written(ip: IpAddr, form: Option<(&str, &'static str)>) -> Value {
    let mapped = match ip {
        IpAddr::V6(ip) => ip.to_ipv4_mapped(),
        IpAddr::V4(_) => None,
    };
    let canonical = mapped.map_or(ip, IpAddr::V4);
    let translation = match (mapped, form) {
        (Some(_), _) => known(
            &IP_TRANSLATION,
            [("original", Value::text(ip.to_string())), ("v4_to_v6", Value::Bool(true))],
        ),
        (None, Some((original, encoder))) => known(
            &IP_TRANSLATION,
            [
                ("encoders", Value::texts([encoder])),
                ("original", Value::text(original)),
                ("v4_to_v6", Value::Bool(false)),
            ],
        ),
        (None, None) => Value::Null,
    };
    known(
        &IP,
        [
            ("ip", Value::text(canonical.to_string())),
            ("translation", translation),
            ("version", Value::Int(if canonical.is_ipv4() { 4 } else { 6 })),
        ],
    )
}

/// The first address in a text, in brackets or not; null where there is none.
pub(crate) fn first_in(text: &str) -> Value {
    all_in(text).next().map_or(Value::Null, value)
}

/// The addresses that stand as words in a text.
pub(crate) fn all_in(text: &str) -> impl Iterator<Item = IpAddr> + '_ {
    let words = text.split(|c: char| {
        c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ',' | ';' | '=' | '<' | '>' | '"')
    });
    words.filter_map(|word| {
        let word = word.strip_prefix("IPv6:").unwrap_or(word).trim_end_matches(['.', ':']);
        let plausible = word.len() >= ADDRESS_OCTETS_MIN
            && word.bytes().any(|octet| matches!(octet, b'.' | b':'))
            && word.bytes().all(|octet| octet.is_ascii_hexdigit() || matches!(octet, b'.' | b':'));
        plausible.then(|| word.parse().ok()).flatten()
    })
}

/// An IPv4 address as browsers read a host: octal, hexadecimal and decimal parts, the last one
/// filling what is left. With how it was written, where not in the usual way.
// spec: whatwg-url#concept-ipv4-parser
pub(crate) fn host_v4(host: &str) -> Option<(Ipv4Addr, Option<&'static str>)> {
    if let Ok(ip) = host.parse() {
        return Some((ip, None));
    }
    let first = host.bytes().next()?;
    if !first.is_ascii_digit() {
        return None;
    }
    let mut form = "decimal";
    let mut numbers = [0_u64; 4];
    let parts = host.strip_suffix('.').unwrap_or(host).split('.');
    let mut count = 0;
    for part in parts {
        let (digits, radix) = match part.as_bytes() {
            [b'0', b'x' | b'X', ..] => (part.get(2..)?, 16),
            [b'0', _, ..] => (part.get(1..)?, 8),
            _ => (part, 10),
        };
        form = match radix {
            16 => "hex",
            8 if form != "hex" => "octal",
            _ => form,
        };
        let number = if digits.is_empty() { 0 } else { u64::from_str_radix(digits, radix).ok()? };
        *numbers.get_mut(count)? = number;
        count += 1;
    }
    let (last, front) = numbers.get(..count)?.split_last()?;
    if front.iter().any(|number| *number > 255)
        || *last >= 256_u64.pow(5 - u32::try_from(count).ok()?)
    {
        return None;
    }
    let front = front.iter().zip([24, 16, 8]).map(|(number, shift)| number << shift).sum::<u64>();
    let whole = u32::try_from(front + last).ok()?;
    Some((Ipv4Addr::from(whole), Some(form)))
}

const ADDRESS_OCTETS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let rows = [
            ("usual", "192.0.2.1", Some(("192.0.2.1", None))),
            ("octal", "0300.0.02.01", Some(("192.0.2.1", Some("octal")))),
            ("hexadecimal", "0xC0000201", Some(("192.0.2.1", Some("hex")))),
            ("decimal", "3221225985", Some(("192.0.2.1", Some("decimal")))),
            ("three parts", "192.0.513", Some(("192.0.2.1", Some("decimal")))),
            ("too large", "192.0.2.256", None),
            ("a name", "1and1.example", None),
            ("five parts", "1.2.3.4.5", None),
        ];
        for (rule, host, meant) in rows {
            let got = host_v4(host).map(|(ip, form)| (ip.to_string(), form));
            assert_eq!(got.as_ref().map(|(ip, form)| (ip.as_str(), *form)), meant, "{rule}");
        }
    }

    #[test]
    fn addresses_in_text() {
        let text = "from mx (mx. [198.51.100.7]) by x (IPv6:2001:db8::1) id 1.2.3; ::";
        let found: Vec<_> = all_in(text).map(|ip| ip.to_string()).collect();
        assert_eq!(found, ["198.51.100.7", "2001:db8::1"]);
        let mapped = value("::ffff:192.0.2.1".parse().unwrap());
        assert_eq!(mapped.get("ip").as_str(), Some("192.0.2.1"));
        assert_eq!(mapped.get("translation").get("v4_to_v6").as_bool(), Some(true));
    }
}
