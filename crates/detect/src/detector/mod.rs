//! The detectors, one theme a file, and the order in which they speak.
//!
//! A detector is a function from a case to findings. Here stands only what rests on a tenant's own
//! settings, on intel, on what the provider states, or on how the message was read. What is said
//! and asked in a message is judged by the rule pack, and by nothing else.

mod authentication;
mod files;
mod form;
mod intel;
mod lists;
mod lookalike;
mod names;
mod provider;
mod registration;

use clawback_core::verdict::{Evidence, Finding};

use crate::case::{Case, Facts, Subject};
use crate::catalogue::UNJUDGEABLE;
use crate::knowledge::Knowledge;

/// Looks at one case and says what it sees.
type Detector = fn(&Case<'_>, &mut Vec<Finding>);

/// Asks every detector what it sees in a message.
#[must_use]
pub fn detect(subject: &Subject<'_>, knowledge: &Knowledge, facts: &Facts) -> Vec<Finding> {
    let case = Case::new(*subject, knowledge, facts);
    let mut findings = Vec::new();
    for detector in DETECTORS {
        detector(&case, &mut findings);
    }
    if !knowledge.pack().is_empty() {
        let model = case.model(facts);
        findings.extend(knowledge.pack().findings(&model, case.is_unauthenticated()));
        files::look(&model, &mut findings);
    }
    findings
}

/// The finding for a message whose judging ended early.
#[must_use]
pub fn unjudgeable(reason: &str) -> Finding {
    UNJUDGEABLE.found(Evidence::new("message", "", reason))
}

const DETECTORS: [Detector; 8] = [
    lists::look,
    intel::look,
    authentication::look,
    names::look,
    lookalike::look,
    provider::look,
    registration::look,
    form::look,
];
