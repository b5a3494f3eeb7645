//! From what a rule says about itself to what it makes of a message. There is no score: one table,
//! and one finding decides.

use clawback_core::verdict::{Disposition, Severity};
use clawback_mql::RuleState;

use crate::pack::file::RuleFile;
use crate::thresholds::Thresholds;

/// What a rule makes of a message that it matches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Says {
    /// It only informs.
    Nothing,
    /// This.
    Disposition(Disposition),
    /// SPOOF where the sender's authentication failed or names another domain, else SUSPICIOUS.
    SpoofIfUnauthenticated,
}

/// What a rule says, by its own word or else by severity and attack type.
pub(crate) fn says(rule: &RuleFile, state: RuleState, thresholds: &Thresholds) -> Says {
    let said = match rule.disposition {
        _ if rule.informs => Says::Nothing,
        Some(stated) => Says::Disposition(stated),
        None => by_table(rule, thresholds),
    };
    match said {
        // Part of the rule was never asked: it may point, and not condemn.
        Says::Disposition(disposition) if state == RuleState::Degraded => {
            Says::Disposition(disposition.min(Disposition::Suspicious))
        }
        Says::SpoofIfUnauthenticated if state == RuleState::Degraded => {
            Says::Disposition(Disposition::Suspicious)
        }
        other => other,
    }
}

fn by_table(rule: &RuleFile, thresholds: &Thresholds) -> Says {
    let only = |kind: &str| {
        !rule.attack_types.is_empty()
            && rule.attack_types.iter().all(|attack| attack.eq_ignore_ascii_case(kind))
    };
    let spoofs = rule.tactics.iter().any(|tactic| tactic.eq_ignore_ascii_case("spoofing"));
    match rule.severity {
        Severity::Info => Says::Nothing,
        _ if only("bulk") || only("graymail") => Says::Disposition(Disposition::Bulk),
        _ if only("spam") => Says::Disposition(Disposition::Spam),
        Severity::Medium if spoofs => Says::SpoofIfUnauthenticated,
        // By default a rule of low severity is one of several signs: shown, and not acted on.
        severity => thresholds.of(severity).map_or(Says::Nothing, Says::Disposition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(yaml: &str, state: RuleState) -> Says {
        let text = format!("source: 'true'\n{yaml}");
        says(&RuleFile::read("a.yml", &text).unwrap().unwrap(), state, &Thresholds::default())
    }

    #[test]
    fn severities_say_what_an_operator_sets() {
        let set =
            Thresholds { medium: None, low: Some(Disposition::Spam), ..Thresholds::default() };
        let rows = [
            ("severity: low", Says::Disposition(Disposition::Spam)),
            ("severity: medium", Says::Nothing),
            ("severity: high", Says::Disposition(Disposition::Malicious)),
            ("severity: low\ndisposition: SPOOF", Says::Disposition(Disposition::Spoof)),
            ("severity: low\nattack_types: [Bulk]", Says::Disposition(Disposition::Bulk)),
        ];
        for (yaml, meant) in rows {
            let file = RuleFile::read("a.yml", &format!("source: 'true'\n{yaml}"));
            assert_eq!(says(&file.unwrap().unwrap(), RuleState::Complete, &set), meant, "{yaml}");
        }
    }

    #[test]
    fn table() {
        use Disposition::{Bulk, Malicious, Spam, Spoof, Suspicious};
        use RuleState::{Complete, Degraded};
        let one = Says::Disposition;
        let phish = "attack_types: ['Credential Phishing']\nseverity: ";
        let spoof = "tactics_and_techniques: [Spoofing]\nseverity: ";
        let rows = [
            ("critical", format!("{phish}critical"), Complete, one(Malicious)),
            ("high", format!("{phish}high"), Complete, one(Malicious)),
            ("medium", format!("{phish}medium"), Complete, one(Suspicious)),
            ("low", format!("{phish}low"), Complete, Says::Nothing),
            ("informs", "severity: info".to_owned(), Complete, Says::Nothing),
            ("query", "type: query\nseverity: high".to_owned(), Complete, Says::Nothing),
            ("spam", "attack_types: [Spam]\nseverity: high".to_owned(), Complete, one(Spam)),
            (
                "spam and more",
                "attack_types: [Spam, BEC/Fraud]\nseverity: high".to_owned(),
                Complete,
                one(Malicious),
            ),
            ("bulk", "attack_types: [Bulk]\nseverity: low".to_owned(), Complete, one(Bulk)),
            ("spoofing", format!("{spoof}medium"), Complete, Says::SpoofIfUnauthenticated),
            ("spoofing, severe", format!("{spoof}high"), Complete, one(Malicious)),
            (
                "by its own word",
                "severity: low\ndisposition: SPOOF".to_owned(),
                Complete,
                one(Spoof),
            ),
            ("in part", format!("{phish}critical"), Degraded, one(Suspicious)),
            (
                "in part, by its own word",
                "disposition: SPOOF".to_owned(),
                Degraded,
                one(Suspicious),
            ),
            ("in part, spam", "attack_types: [Spam]".to_owned(), Degraded, one(Spam)),
        ];
        for (rule, yaml, state, meant) in rows {
            assert_eq!(said(&yaml, state), meant, "{rule}");
        }
    }
}
