//! What an operator may want to set otherwise: from what on the built-in checks speak, and what a
//! rule of a pack makes of a message.

use std::fmt::Write as _;

use clawback_core::verdict::{Disposition, Severity};

/// From what on checks speak, and what rules of packs say by their severity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thresholds {
    /// Below this confidence, in percent, an entry of the intel makes a message SUSPICIOUS and not
    /// MALICIOUS.
    pub intel_confidence: u8,
    /// Domains that were registered fewer days before a message came in are new; 0: none is.
    pub new_domain_days: u32,
    /// From this spam confidence level (SCL) of Exchange on the provider's filter took a message
    /// for spam: Microsoft itself delivers to the junk folder from 5 on.
    pub spam_level: i8,
    /// What a rule of this severity says where its file says nothing else; `None` only informs.
    pub critical: Option<Disposition>,
    /// As `critical`.
    pub high: Option<Disposition>,
    /// As `critical`. SPOOF and SUSPICIOUS for rules about spoofing, whatever stands here.
    pub medium: Option<Disposition>,
    /// As `critical`.
    pub low: Option<Disposition>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            intel_confidence: 60,
            new_domain_days: 30,
            spam_level: 5,
            critical: Some(Disposition::Malicious),
            high: Some(Disposition::Malicious),
            medium: Some(Disposition::Suspicious),
            low: None,
        }
    }
}

impl Thresholds {
    /// What a rule of a severity says where its file says nothing else.
    #[must_use]
    pub fn of(&self, severity: Severity) -> Option<Disposition> {
        match severity {
            Severity::Info => None,
            Severity::Low => self.low,
            Severity::Medium => self.medium,
            Severity::High => self.high,
            Severity::Critical => self.critical,
        }
    }

    /// What differs from the defaults, for the version that verdicts name; empty where nothing
    /// does.
    #[must_use]
    pub fn version(&self) -> String {
        let mut told = String::new();
        let usual = Self::default();
        let numbers = [
            ("intel", i64::from(self.intel_confidence), i64::from(usual.intel_confidence)),
            ("days", i64::from(self.new_domain_days), i64::from(usual.new_domain_days)),
            ("scl", i64::from(self.spam_level), i64::from(usual.spam_level)),
        ];
        for (name, number, _) in numbers.iter().filter(|(_, number, usual)| number != usual) {
            let _ = write!(told, ",{name}={number}");
        }
        for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
            if self.of(severity) != usual.of(severity) {
                let says = self.of(severity).map_or("none", Disposition::as_str);
                let _ = write!(told, ",{}={says}", severity.as_str());
            }
        }
        told.trim_start_matches(',').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_tells_what_is_set_otherwise() {
        assert_eq!(Thresholds::default().version(), "");
        let set = Thresholds {
            intel_confidence: 80,
            low: Some(Disposition::Spam),
            high: None,
            ..Thresholds::default()
        };
        assert_eq!(set.version(), "intel=80,high=none,low=SPAM");
    }
}
