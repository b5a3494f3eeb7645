//! The detectors, one theme a file, and the order in which they speak.
//!
//! A detector is a function from a case to findings. Rules of other kinds (compiled rule packs)
//! join as one more entry of the table below: nothing else knows how a finding came about.

mod attachments;
mod authentication;
mod files;
mod form;
mod hidden;
mod intel;
mod links;
mod lists;
mod lookalike;
mod names;
mod provider;
mod registration;
mod reply;
mod wording;

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

const DETECTORS: [Detector; 13] = [
    lists::look,
    intel::look,
    authentication::look,
    names::look,
    hidden::look,
    lookalike::look,
    reply::look,
    links::look,
    attachments::look,
    wording::look,
    provider::look,
    registration::look,
    form::look,
];
