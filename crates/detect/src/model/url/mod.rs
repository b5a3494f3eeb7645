//! Web addresses as rules see them, rewrites undone.

mod parts;
mod rewrite;

use std::collections::BTreeMap;

use clawback_mql::{RecordType, Text, Value};

use crate::model::ip;
use crate::model::lazy::{Fields, Lazy, known};
use crate::model::names::Domain;
use crate::model::types::mail::{REWRITE, URL};

pub(crate) use self::parts::{Parts, has_scheme, join};
pub(crate) use self::rewrite::base64;

/// The target inside a rewritten link, through several layers; the link itself where it is none.
pub(crate) fn unwrap(url: url::Url) -> url::Url {
    let Some(mut parts) = Parts::read(url.as_str()) else { return url };
    let mut opened = None;
    for _ in 0..LAYERS_MAX {
        let Some((_, target)) = rewrite::inner(&parts) else { break };
        opened = url::Url::parse(&target.whole).ok();
        parts = target;
    }
    opened.unwrap_or(url)
}

/// A web address.
pub(crate) struct Url {
    parts: Parts,
    /// As it stood in the message, and what rewrote it, the outermost first.
    rewritten: Option<(Text, Vec<&'static str>)>,
}

impl Url {
    /// Reads an address and opens what gateways wrapped around it; `None` for what is no address.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = Parts::read(text)?;
        let mut encoders = Vec::new();
        let mut original = None;
        while encoders.len() < LAYERS_MAX {
            let Some((encoder, target)) = rewrite::inner(&parts) else { break };
            encoders.push(encoder);
            let wrapped = std::mem::replace(&mut parts, target);
            original.get_or_insert_with(|| Text::new(wrapped.whole));
        }
        Some(Self { parts, rewritten: original.map(|original| (original, encoders)) })
    }

    /// As a value.
    pub(crate) fn value(self) -> Value {
        Lazy::value(self)
    }

    /// The host.
    pub(crate) fn host(&self) -> &str {
        &self.parts.host
    }

    fn ip(&self) -> Value {
        let host = &self.parts.host;
        if let Some((ip, form)) = ip::host_v4(host) {
            return ip::written(ip.into(), form.map(|form| (host.as_str(), form)));
        }
        host.parse::<std::net::Ipv6Addr>().map_or(Value::Null, |ip| ip::value(ip.into()))
    }

    fn rewrite(&self) -> Value {
        let Some((original, encoders)) = &self.rewritten else { return Value::Null };
        let encoders = Value::texts(encoders.iter().copied());
        known(&REWRITE, [("encoders", encoders), ("original", Value::Text(original.clone()))])
    }
}

impl Fields for Url {
    const TYPE: &'static RecordType = &URL;

    fn compute(&self, name: &'static str) -> Value {
        let parts = &self.parts;
        let optional = |text: Option<&str>| Value::text_or_null(text);
        match name {
            "domain" => Domain::value(&parts.host),
            "fragment" => optional(parts.fragment()),
            "ip" => self.ip(),
            "password" => optional(parts.password.as_deref()),
            "path" => Value::filled(parts.path()),
            "port" => parts.port.map_or(Value::Null, Value::int),
            "query_params" => optional(parts.query()),
            "query_params_decoded" => decoded(parts),
            "rewrite" => self.rewrite(),
            "scheme" => Value::filled(&parts.scheme),
            "url" => Value::text(parts.whole.as_str()),
            "username" => optional(parts.username.as_deref()),
            _ => Value::Null,
        }
    }
}

fn decoded(parts: &Parts) -> Value {
    let mut by_name: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, value) in parts.parameters() {
        by_name.entry(name.into_owned()).or_default().push(Value::text(value.into_owned()));
    }
    let lists = by_name.into_iter().map(|(name, values)| (name, Value::list(values)));
    Value::Map(std::rc::Rc::new(lists.collect()))
}

const LAYERS_MAX: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_undone_and_named() {
        let inner =
            "https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Flure.example%252Fa";
        let url = format!("https://eur01.safelinks.protection.outlook.com/?url={inner}&data=x");
        let value = Url::read(&url).unwrap().value();
        assert_eq!(value.get("url").as_str(), Some("https://lure.example/a"));
        let rewrite = value.get("rewrite");
        assert_eq!(rewrite.get("original").as_str(), Some(url.as_str()));
        let encoders = rewrite.get("encoders");
        let encoders: Vec<_> =
            encoders.as_list().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(encoders, ["azure_safelink", "google_open_redirect"]);
    }

    #[test]
    fn fields() {
        let url =
            Url::read("https://u:p@login.lure.example:8443/a%20b?x=1&x=%32&y#f").unwrap().value();
        let text = |name| url.get(name).as_str().unwrap_or("-").to_owned();
        let names = ["scheme", "username", "password", "path", "query_params", "fragment"];
        assert_eq!(names.map(text), ["https", "u", "p", "/a%20b", "x=1&x=%32&y", "f"]);
        assert_eq!(url.get("domain").get("root_domain").as_str(), Some("lure.example"));
        assert_eq!(url.get("port").as_int(), Some(8443));
        assert!(url.get("rewrite").is_null() && url.get("ip").is_null());
        let x = url.get("query_params_decoded").get("x");
        let x: Vec<_> = x.as_list().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(x, ["1", "2"]);
    }

    #[test]
    fn hosts_that_are_addresses() {
        let ip = |url: &str| Url::read(url).unwrap().value().get("ip");
        assert_eq!(ip("http://0300.0.02.01/x").get("ip").as_str(), Some("192.0.2.1"));
        assert_eq!(ip("http://[2001:db8::1]/x").get("ip").as_str(), Some("2001:db8::1"));
        let domain = Url::read("http://192.0.2.1/").unwrap().value().get("domain");
        assert_eq!(domain.get("domain").as_str(), Some("192.0.2.1"));
        assert!(domain.get("root_domain").is_null());
    }
}
