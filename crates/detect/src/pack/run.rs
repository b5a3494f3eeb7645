//! Asking a pack about a message, and making findings of the answers.

use clawback_core::verdict::{Disposition, Evidence, Finding, Severity};
use clawback_mql::{Answer, Examination, Host, RuleState};

use crate::pack::{Pack, PackRule, Says};

impl Pack {
    /// What the rules find, each with what made it true. `unauthenticated` says whether the
    /// sender's authentication failed or names another domain.
    #[must_use]
    pub fn findings(&self, host: &dyn Host, unauthenticated: bool) -> Vec<Finding> {
        let mut examination = self.rules.examine(host);
        let mut findings = Vec::new();
        let mut cut = Vec::new();
        for (place, number) in &self.asked {
            let answer = examination.fires(*number);
            if matches!(answer, Answer::No | Answer::Unknown) {
                continue;
            }
            let Some(rule) = self.entries.get(*place) else { continue };
            match answer {
                Answer::CutShort => cut.push(rule.file.name.as_str()),
                _ => findings.push(finding(rule, &mut examination, unauthenticated)),
            }
        }
        findings.extend(cut_short(&cut));
        findings
    }

    /// Asks one rule, by its place in the pack.
    pub fn ask(&self, examination: &mut Examination<'_>, place: usize) -> Answer {
        match self.entries.get(place) {
            Some(rule) if rule.compiled.state != RuleState::Off => {
                examination.fires(rule.compiled.number)
            }
            _ => Answer::No,
        }
    }

    /// Begins to ask rules one by one.
    #[must_use]
    pub fn examine<'m>(&'m self, host: &'m dyn Host) -> Examination<'m> {
        self.rules.examine(host)
    }
}

fn finding(rule: &PackRule, examination: &mut Examination<'_>, unauthenticated: bool) -> Finding {
    let mut reasons = examination
        .explain(rule.compiled.number)
        .into_iter()
        .map(|reason| Evidence::new(reason.place, reason.quote, reason.note));
    let first = reasons
        .next()
        .unwrap_or_else(|| Evidence::new("message", "", "the rule is true of the whole message"));
    let file = &rule.file;
    let finding = Finding::new(&file.name, &file.title, file.severity, first);
    let finding = reasons.fold(finding, Finding::with);
    let finding = file.attributes.iter().fold(finding, |finding, label| finding.labels(*label));
    match rule.says {
        Says::Nothing => finding,
        Says::Disposition(disposition) => finding.says(disposition),
        Says::SpoofIfUnauthenticated if unauthenticated => finding.says(Disposition::Spoof),
        Says::SpoofIfUnauthenticated => finding.says(Disposition::Suspicious),
    }
}

/// One finding for all rules that were stopped.
fn cut_short(names: &[&str]) -> Option<Finding> {
    let first = names.first()?;
    let evidence = |name: &&str| {
        Evidence::new("rule", name, "took more steps on this message than a rule may")
    };
    let finding = Finding::new(RULE_CUT_SHORT, CUT_SHORT_TITLE, Severity::Low, evidence(first));
    Some(names.iter().skip(1).map(evidence).fold(finding, Finding::with))
}

const RULE_CUT_SHORT: &str = "rule-cut-short";
const CUT_SHORT_TITLE: &str = "A rule was stopped before its end";
