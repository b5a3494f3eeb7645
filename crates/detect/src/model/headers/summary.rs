//! What may be believed about who sent a message, in one word for SPF and one for DMARC.

use clawback_mail::address::Domain as Name;
use clawback_mail::message::{Authentication, Outcome};
use clawback_mql::Value;

use super::hops::Range;
use super::results::Results;
use crate::model::lazy::known;
use crate::model::names::Domain;
use crate::model::source::Source;
use crate::model::types::mail::{AUTH_SUMMARY, DMARC, DMARC_SUMMARY, SPF, SPF_SUMMARY};

/// The record. Results that were found by ourselves win; else those that the provider's own hop
/// states. What nobody stated is null, which is neither a pass nor a failure.
pub(super) fn value(source: &Source, hops: &[Range]) -> Value {
    let stated = &source.message.authentication;
    let (believed, at) = match &source.context.authentication {
        Some(found) => (found, None),
        None => (stated, source.message.believed_results()),
    };
    let results =
        at.and_then(|at| source.message.headers.get(at)).map(|header| Results::read(&header.value));
    let hop = at.and_then(|at| hops.iter().position(|range| range.contains(&at)));
    let hop = hop.map_or(Value::Null, Value::int);
    let details = |stated: Value, other: fn(&Authentication) -> Value| match stated {
        Value::Null => other(believed),
        stated => stated,
    };
    let spf = results.as_ref().map_or(Value::Null, Results::spf_details);
    let dmarc = results.as_ref().map_or(Value::Null, Results::dmarc_details);
    known(
        &AUTH_SUMMARY,
        [
            (
                "dmarc",
                known(
                    &DMARC_SUMMARY,
                    [
                        ("details", details(dmarc, dmarc_of)),
                        ("error", error(believed.dmarc)),
                        ("pass", pass(believed.dmarc)),
                        ("received_hop", hop.clone()),
                    ],
                ),
            ),
            (
                "spf",
                known(
                    &SPF_SUMMARY,
                    [
                        ("details", details(spf, spf_of)),
                        ("error", error(believed.spf)),
                        ("pass", pass(believed.spf)),
                        ("received_hop", hop),
                    ],
                ),
            ),
        ],
    )
}

/// A pass that Microsoft guessed counts: without a policy, the sender was in line with the domain.
fn pass(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Unstated => Value::Null,
        outcome => Value::Bool(matches!(outcome, Outcome::Pass | Outcome::BestGuessPass)),
    }
}

fn error(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Unstated => Value::Null,
        outcome => Value::Bool(matches!(outcome, Outcome::TempError | Outcome::PermError)),
    }
}

fn spf_of(found: &Authentication) -> Value {
    if found.spf == Outcome::Unstated {
        return Value::Null;
    }
    let designator = found.mail_from_domain.as_ref().map(Name::as_str);
    known(
        &SPF,
        [
            ("designator", Value::text_or_null(designator)),
            ("verdict", Value::text(found.spf.as_str())),
        ],
    )
}

fn dmarc_of(found: &Authentication) -> Value {
    if found.dmarc == Outcome::Unstated {
        return Value::Null;
    }
    let from = found.header_from.as_ref().map_or(Value::Null, |d| Domain::value(d.as_str()));
    known(&DMARC, [("from", from), ("verdict", Value::text(found.dmarc.as_str()))])
}
