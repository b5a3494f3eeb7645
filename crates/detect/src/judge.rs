//! Findings in, one verdict out.
//!
//! | findings argue for | verdict |
//! |---|---|
//! | anything worse than CLEAN | the worst, by MALICIOUS > SPOOF > SUSPICIOUS > SPAM > BULK; of equals the more severe finding decides, then the earlier |
//! | nothing worse, and one says the message could not be judged | UNKNOWN |
//! | nothing | CLEAN |
//!
//! An `allow-list` finding takes findings that argue for SPAM, SPOOF or BULK out of the choice,
//! and their labels with them; `allowed_by` says so. It never lifts MALICIOUS or SUSPICIOUS. A
//! `trusted-sender` finding lifts all but the tenant's own block list. `otherwise` is what the
//! verdict would be without the finding that decided.
//! There is no score: weak signs combine in rules that say which.

use clawback_core::verdict::{Attribute, Disposition, Finding, Verdict};

use crate::catalogue::{ALLOW_LIST, BLOCK_LIST, TRUSTED_SENDER};
use crate::knowledge::Knowledge;

/// Makes a verdict of findings.
#[must_use]
pub fn judge(findings: Vec<Finding>, knowledge: &Knowledge) -> Verdict {
    let by = |rule: &str| findings.iter().find(|finding| finding.rule == rule);
    let trusted = by(TRUSTED_SENDER.id);
    let allowed = trusted.or_else(|| by(ALLOW_LIST.id));
    let lifted = |finding: &Finding| {
        let argues = finding.disposition.is_some_and(|d| d != Disposition::Clean);
        if trusted.is_some() && finding.rule != BLOCK_LIST.id {
            return argues;
        }
        allowed.is_some() && finding.disposition.is_some_and(may_be_lifted)
    };
    let deciding = deciding(&findings, lifted);
    let otherwise = deciding.map(|first| without(&findings, first, lifted));
    let allowed_by = allowed.and_then(|allow| {
        let lifted: Vec<&Finding> = findings.iter().filter(|finding| lifted(finding)).collect();
        (!lifted.is_empty()).then(|| explain(allow, &lifted))
    });
    let mut attributes: Vec<Attribute> = findings
        .iter()
        .filter(|finding| !lifted(finding))
        .flat_map(|finding| finding.attributes.iter().copied())
        .collect();
    attributes.sort_unstable();
    attributes.dedup();

    let mut findings = findings;
    let (disposition, decided_by) = match deciding {
        Some(place) => {
            let first = findings.remove(place);
            let decided = (first.disposition.unwrap_or(Disposition::Clean), first.rule.clone());
            findings.insert(0, first);
            (decided.0, Some(decided.1))
        }
        None => (Disposition::Clean, None),
    };
    Verdict {
        disposition,
        attributes,
        findings,
        decided_by,
        otherwise,
        allowed_by,
        knowledge: knowledge.version().clone(),
    }
}

/// Where the finding is that decides.
fn deciding(findings: &[Finding], lifted: impl Fn(&Finding) -> bool) -> Option<usize> {
    let arguing = findings.iter().enumerate().filter(|(_, finding)| !lifted(finding));
    arguing
        .filter_map(|(place, finding)| {
            let disposition = finding.disposition.filter(|d| *d != Disposition::Clean)?;
            Some((disposition, finding.severity, std::cmp::Reverse(place)))
        })
        .max()
        .map(|(_, _, place)| place.0)
}

/// What the others would make of it.
fn without(findings: &[Finding], place: usize, lifted: impl Fn(&Finding) -> bool) -> Disposition {
    let others = findings.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, it)| it);
    let arguing = others.filter(|finding| !lifted(finding));
    arguing.filter_map(|finding| finding.disposition).max().unwrap_or(Disposition::Clean)
}

fn may_be_lifted(disposition: Disposition) -> bool {
    matches!(disposition, Disposition::Spam | Disposition::Spoof | Disposition::Bulk)
}

fn explain(allow: &Finding, lifted: &[&Finding]) -> String {
    let entry = allow.evidence().next().map(|evidence| evidence.note.as_str());
    let rules: Vec<&str> = lifted.iter().map(|finding| finding.rule.as_str()).collect();
    format!("{}: lifts {}", entry.unwrap_or("allow list"), rules.join(", "))
}

#[cfg(test)]
mod tests {
    use clawback_core::verdict::{Evidence, Severity};

    use super::*;

    fn finding(rule: &str, severity: Severity, says: Option<Disposition>) -> Finding {
        let evidence = Evidence::new("header From", "x", "allow list entry corp.example");
        let mut finding = Finding::new(rule, "t", severity, evidence);
        finding.disposition = says;
        finding
    }

    fn judged(rules: &[(&str, Severity, Disposition)]) -> Verdict {
        let findings = rules.iter().map(|(rule, severity, says)| {
            finding(rule, *severity, (*says != Disposition::Clean).then_some(*says))
        });
        judge(findings.collect(), &Knowledge::default())
    }

    #[test]
    fn verdict_table() {
        use Disposition as D;
        use Severity as S;
        let allow = ("allow-list", S::Info, D::Clean);
        type Row<'a> = (&'a str, Vec<(&'a str, S, D)>, D, Option<&'a str>, bool);
        let rows: Vec<Row<'_>> = vec![
            ("nothing", vec![], D::Clean, None, false),
            ("only a note", vec![("n", S::Info, D::Clean)], D::Clean, None, false),
            (
                "worst wins",
                vec![("a", S::High, D::Spam), ("b", S::Low, D::Malicious)],
                D::Malicious,
                Some("b"),
                false,
            ),
            (
                "spoof over suspicious",
                vec![("a", S::High, D::Suspicious), ("b", S::Low, D::Spoof)],
                D::Spoof,
                Some("b"),
                false,
            ),
            (
                "more severe of equals",
                vec![("a", S::Low, D::Spam), ("b", S::High, D::Spam)],
                D::Spam,
                Some("b"),
                false,
            ),
            (
                "earlier of equals",
                vec![("a", S::Low, D::Spam), ("b", S::Low, D::Spam)],
                D::Spam,
                Some("a"),
                false,
            ),
            ("unknown alone", vec![("u", S::Low, D::Unknown)], D::Unknown, Some("u"), false),
            (
                "unknown and bulk",
                vec![("u", S::Low, D::Unknown), ("b", S::Info, D::Bulk)],
                D::Bulk,
                Some("b"),
                false,
            ),
            ("allowed spam", vec![allow, ("a", S::Low, D::Spam)], D::Clean, None, true),
            ("allowed spoof", vec![allow, ("a", S::Low, D::Spoof)], D::Clean, None, true),
            ("allowed bulk", vec![allow, ("a", S::Low, D::Bulk)], D::Clean, None, true),
            (
                "malicious is not lifted",
                vec![allow, ("a", S::Low, D::Malicious)],
                D::Malicious,
                Some("a"),
                false,
            ),
            (
                "suspicious is not lifted",
                vec![allow, ("s", S::High, D::Spoof), ("a", S::Low, D::Suspicious)],
                D::Suspicious,
                Some("a"),
                true,
            ),
            (
                "allowed and unknown",
                vec![allow, ("u", S::Low, D::Unknown), ("a", S::Low, D::Spam)],
                D::Unknown,
                Some("u"),
                true,
            ),
        ];
        for (rule, findings, disposition, decided_by, allowed) in rows {
            let verdict = judged(&findings);
            assert_eq!(verdict.disposition, disposition, "{rule}");
            assert_eq!(verdict.decided_by.as_deref(), decided_by, "{rule}");
            assert_eq!(verdict.allowed_by.is_some(), allowed, "{rule}");
            if let Some(rule) = decided_by {
                assert_eq!(verdict.findings[0].rule, rule);
            }
            assert_eq!(verdict.findings.len(), findings.len(), "{rule}: nothing is hidden");
        }
    }

    #[test]
    fn a_trusted_sender_lifts_all_but_the_block_list() {
        use Disposition as D;
        let trusted = ("trusted-sender", Severity::Info, D::Clean);
        let verdict = judged(&[trusted, ("a", Severity::Critical, D::Malicious)]);
        assert_eq!(verdict.disposition, D::Clean);
        assert!(verdict.allowed_by.is_some());
        let verdict = judged(&[trusted, ("block-list", Severity::Critical, D::Malicious)]);
        assert_eq!(verdict.disposition, D::Malicious);
    }

    #[test]
    fn the_verdict_says_what_it_would_be_without_what_decided() {
        use Disposition as D;
        let (high, low) = (Severity::High, Severity::Low);
        let both = judged(&[("a", high, D::Malicious), ("b", low, D::Spam)]);
        assert_eq!(both.otherwise, Some(D::Spam));
        assert_eq!(judged(&[("a", high, D::Malicious)]).otherwise, Some(D::Clean));
        assert_eq!(judged(&[]).otherwise, None);
        let allowed = ("allow-list", Severity::Info, D::Clean);
        let lifted = judged(&[allowed, ("a", high, D::Malicious), ("b", low, D::Spam)]);
        assert_eq!(lifted.otherwise, Some(D::Clean));
    }

    #[test]
    fn labels_of_what_was_lifted_go_with_it() {
        let spoof = finding("s", Severity::High, Some(Disposition::Spoof)).labels(Attribute::Bec);
        let allow = finding("allow-list", Severity::Info, None);
        let verdict = judge(vec![spoof.clone()], &Knowledge::default());
        assert_eq!(verdict.attributes, [Attribute::Bec]);
        let verdict = judge(vec![spoof, allow], &Knowledge::default());
        assert!(verdict.attributes.is_empty());
        let why = verdict.allowed_by.unwrap();
        assert!(why.contains("corp.example") && why.contains("lifts s"), "{why}");
    }
}
