//! `[judge]`: from what on the built-in checks speak, and what rules make of a message.

use clawback_core::Disposition;
use clawback_detect::Thresholds;

use super::{ConfigError, Judge};

impl Default for Judge {
    fn default() -> Self {
        let usual = Thresholds::default();
        let word = |says: Option<Disposition>| says.map_or(NONE, Disposition::as_str).to_owned();
        Self {
            intel_confidence: usual.intel_confidence,
            new_domain_days: usual.new_domain_days,
            spam_level: usual.spam_level,
            critical: word(usual.critical),
            high: word(usual.high),
            medium: word(usual.medium),
            low: word(usual.low),
        }
    }
}

impl Judge {
    /// As values that hold.
    pub(crate) fn thresholds(&self) -> Result<Thresholds, ConfigError> {
        let wrong = |key: &str, holds: &str| Err(ConfigError(format!("[judge] {key} is {holds}")));
        if !(1..=100).contains(&self.intel_confidence) {
            return wrong("intel_confidence", "1 to 100");
        }
        if self.new_domain_days > NEW_DOMAIN_DAYS_MAX {
            return wrong("new_domain_days", &format!("0 to {NEW_DOMAIN_DAYS_MAX}"));
        }
        if !(1..=9).contains(&self.spam_level) {
            return wrong("spam_level", "1 to 9");
        }
        Ok(Thresholds {
            intel_confidence: self.intel_confidence,
            new_domain_days: self.new_domain_days,
            spam_level: self.spam_level,
            critical: says("critical", &self.critical)?,
            high: says("high", &self.high)?,
            medium: says("medium", &self.medium)?,
            low: says("low", &self.low)?,
        })
    }
}

fn says(key: &str, word: &str) -> Result<Option<Disposition>, ConfigError> {
    use Disposition::{Bulk, Malicious, Spam, Suspicious};
    if word.eq_ignore_ascii_case(NONE) {
        return Ok(None);
    }
    let known = [Malicious, Suspicious, Spam, Bulk];
    let found = known.into_iter().find(|says| says.as_str().eq_ignore_ascii_case(word));
    found.map(Some).ok_or_else(|| {
        ConfigError(format!("[judge] {key} is MALICIOUS, SUSPICIOUS, SPAM, BULK or {NONE}"))
    })
}

const NONE: &str = "none";
const NEW_DOMAIN_DAYS_MAX: u32 = 3_650;
