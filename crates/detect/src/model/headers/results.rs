//! Results of authentication as a server states them: what RFC 8601 says, and what Microsoft and
//! Google make of it.

use clawback_mql::Value;

use super::spf::domain_or_null;
use crate::model::ip;
use crate::model::lazy::known;
use crate::model::names::Domain;
use crate::model::types::mail::{AUTH_RESULTS, COMP_AUTH, DMARC, SIGNATURE, SPF};

/// The fields that state such results.
pub(super) const FIELDS: [&str; 6] = [
    "Authentication-Results",
    "X-Original-Authentication-Results",
    "Authentication-Results-Original",
    "X-MS-Exchange-Authentication-Results",
    "X-Agari-Authentication-Results",
    "ARC-Authentication-Results",
];

/// One method with its result.
#[derive(Debug, Default)]
struct Method {
    name: String,
    result: String,
    comment: String,
    /// `header.from`, `smtp.mailfrom`, `action`, `reason` and so on.
    properties: Vec<(String, String)>,
}

/// Everything that one field states.
#[derive(Debug, Default)]
pub(super) struct Results {
    server: String,
    instance: String,
    methods: Vec<Method>,
}

impl Results {
    // spec: rfc8601#2.2
    pub(super) fn read(text: &str) -> Self {
        let mut results = Self::default();
        for (place, segment) in segments(text).enumerate() {
            let (words, comment) = words_and_comment(&segment);
            let mut pairs = words.iter().filter_map(|word| word.split_once('='));
            let Some((name, result)) = pairs.next() else {
                if place < 2 && results.server.is_empty() {
                    results.server = words.first().cloned().unwrap_or_default();
                }
                continue;
            };
            let name = name.to_ascii_lowercase();
            if name == "i" {
                results.instance = result.to_owned();
                continue;
            }
            // `mx.example 1 spf=pass`: no semicolon after the name.
            let properties =
                pairs.map(|(n, v)| (n.to_ascii_lowercase(), v.trim_matches('"').to_owned()));
            let properties = properties.take(PROPERTIES_MAX).collect();
            let result = result.to_ascii_lowercase();
            results.methods.push(Method { name, result, comment, properties });
            if results.methods.len() >= METHODS_MAX {
                break;
            }
        }
        results
    }

    fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// The verdict of DKIM as a whole: the best of the signatures.
    fn dkim(&self) -> Option<&str> {
        let mut all = self.methods.iter().filter(|method| method.name == "dkim");
        let first = all.clone().next()?;
        Some(all.find(|method| method.result == "pass").unwrap_or(first).result.as_str())
    }

    pub(super) fn spf_details(&self) -> Value {
        let Some(spf) = self.method("spf") else { return Value::Null };
        let designator = spf.property("smtp.mailfrom").or_else(|| spf.property("smtp.helo"));
        known(
            &SPF,
            [
                ("client_ip", ip::first_in(&spf.comment)),
                ("description", Value::filled(&spf.comment)),
                ("designator", Value::text_or_null(designator)),
                ("helo", domain_or_null(spf.property("smtp.helo"))),
                ("server", Domain::value(&self.server)),
                ("verdict", Value::text(spf.result.as_str())),
            ],
        )
    }

    pub(super) fn dmarc_details(&self) -> Value {
        let Some(dmarc) = self.method("dmarc") else { return Value::Null };
        // Google states the policy in its comment: `(p=REJECT sp=REJECT dis=NONE)`.
        let commented = |name: &str| {
            let pairs = dmarc.comment.split_whitespace().filter_map(|word| word.split_once('='));
            let mut found = pairs.filter(|(n, _)| n.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.to_ascii_lowercase())
        };
        let either =
            |name: &str| dmarc.property(name).map(str::to_owned).or_else(|| commented(name));
        let policy = either("policy.published-domain-policy").or_else(|| either("p"));
        known(
            &DMARC,
            [
                ("action", Value::text_or_null(dmarc.property("action"))),
                ("disposition", Value::text_or_null(either("dis"))),
                ("from", domain_or_null(dmarc.property("header.from"))),
                ("policy", Value::text_or_null(policy)),
                ("sub_policy", Value::text_or_null(either("sp"))),
                ("verdict", Value::text(dmarc.result.as_str())),
                ("version", Value::text_or_null(either("v"))),
            ],
        )
    }

    fn signatures(&self) -> Value {
        let dkim = self.methods.iter().filter(|method| method.name == "dkim");
        Value::list(dkim.map(|dkim| {
            let identity = dkim.property("header.i").map(|i| i.rsplit('@').next().unwrap_or(i));
            let domain = dkim.property("header.d").or(identity);
            known(
                &SIGNATURE,
                [
                    ("algorithm", Value::text_or_null(dkim.property("header.a"))),
                    ("domain", Value::text_or_null(domain)),
                    ("selector", Value::text_or_null(dkim.property("header.s"))),
                    ("signature", Value::text_or_null(dkim.property("header.b"))),
                    ("type", Value::text("dkim")),
                ],
            )
        }))
    }

    fn compauth(&self) -> Value {
        let Some(compauth) = self.method("compauth") else { return Value::Null };
        known(
            &COMP_AUTH,
            [
                ("reason", Value::text_or_null(compauth.property("reason"))),
                ("verdict", Value::text(compauth.result.as_str())),
            ],
        )
    }
}

impl Method {
    fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(found, _)| found == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }
}

/// The record of a field.
pub(super) fn value(name: &str, text: &str) -> Value {
    let results = Results::read(text);
    let verdict = |name: &str| Value::text_or_null(results.method(name).map(|m| m.result.as_str()));
    known(
        &AUTH_RESULTS,
        [
            ("compauth", results.compauth()),
            ("dkim", Value::text_or_null(results.dkim())),
            ("dkim_details", results.signatures()),
            ("dmarc", verdict("dmarc")),
            ("dmarc_details", results.dmarc_details()),
            ("instance", Value::filled(&results.instance)),
            ("server", Domain::value(&results.server)),
            ("spf", verdict("spf")),
            ("spf_details", results.spf_details()),
            ("type", Value::text(name.trim())),
        ],
    )
}

/// What stands between semicolons that are in no comment and in no quotes.
fn segments(text: &str) -> impl Iterator<Item = String> {
    let text = text.get(..VALUE_OCTETS_MAX).unwrap_or(text);
    let mut segments = vec![String::new()];
    let (mut depth, mut quoted) = (0_u32, false);
    for character in text.chars() {
        match character {
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted => depth = depth.saturating_sub(1),
            ';' if depth == 0 && !quoted => {
                segments.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = segments.last_mut() {
            last.push(character);
        }
    }
    segments.into_iter()
}

/// The words outside of comments, quoted ones whole, and the first comment.
fn words_and_comment(segment: &str) -> (Vec<String>, String) {
    let (mut words, mut comment) = (vec![String::new()], String::new());
    let (mut depth, mut quoted, mut comments) = (0_u32, false, 0_u32);
    for character in segment.chars() {
        match character {
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => {
                depth = depth.saturating_add(1);
                if depth == 1 {
                    comments = comments.saturating_add(1);
                    continue;
                }
            }
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    words.push(String::new());
                    continue;
                }
            }
            _ => {}
        }
        if depth > 0 {
            if comments == 1 {
                comment.push(character);
            }
        } else if character.is_whitespace() && !quoted {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    words.retain(|word| !word.is_empty());
    (words, comment)
}

const METHODS_MAX: usize = 50;
const PROPERTIES_MAX: usize = 20;
const VALUE_OCTETS_MAX: usize = 16 * 1024;
