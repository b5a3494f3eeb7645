//! What clawback thinks of a message, and why.
//!
//! A verdict holds exactly one disposition, every finding that led to it with its evidence, and
//! the version of the knowledge that produced them. A finding without evidence cannot be built.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a message *is*. Exactly one a message.
///
/// The order is the precedence of judging: a worse one wins.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Disposition {
    /// It could not be judged: never "harmless", judged again by the next knowledge.
    Unknown,
    /// No phishing campaign, no junk.
    Clean,
    /// Newsletters and marketing the recipient may have asked for.
    Bulk,
    /// Commercial junk nobody asked for; not dangerous in itself.
    Spam,
    /// Looks like a campaign, and the proof is not complete.
    Suspicious,
    /// Pretends to be somebody: authentication failed or the names do not agree.
    Spoof,
    /// Meant to harm.
    Malicious,
}

impl Disposition {
    /// Every disposition, worst first.
    pub const ALL: [Self; 7] = [
        Self::Malicious,
        Self::Spoof,
        Self::Suspicious,
        Self::Spam,
        Self::Bulk,
        Self::Clean,
        Self::Unknown,
    ];

    /// Those for which an auto-retract destination can be chosen, in the order pages show them.
    pub const RETRACTABLE: [Self; 5] =
        [Self::Malicious, Self::Suspicious, Self::Spoof, Self::Spam, Self::Bulk];

    /// The word used everywhere: `MALICIOUS`, `SUSPICIOUS`, …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Clean => "CLEAN",
            Self::Bulk => "BULK",
            Self::Spam => "SPAM",
            Self::Suspicious => "SUSPICIOUS",
            Self::Spoof => "SPOOF",
            Self::Malicious => "MALICIOUS",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Disposition {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|d| d.as_str().eq_ignore_ascii_case(text)).ok_or(UnknownWord)
    }
}

/// A label beside the disposition.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Attribute {
    /// Business e-mail compromise: pretends to be a person of the organisation.
    Bec,
    /// On the tenant's block list.
    CustomBlockList,
    /// Holds an encrypted attachment.
    Encrypted,
    /// Holds an executable attachment.
    Executable,
    /// Links to a domain seen for the first time lately.
    NewDomainLink,
    /// Comes from a domain seen for the first time lately.
    NewDomainSender,
}

impl Attribute {
    /// The word used everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bec => "BEC",
            Self::CustomBlockList => "CUSTOM_BLOCK_LIST",
            Self::Encrypted => "ENCRYPTED",
            Self::Executable => "EXECUTABLE",
            Self::NewDomainLink => "NEW_DOMAIN_LINK",
            Self::NewDomainSender => "NEW_DOMAIN_SENDER",
        }
    }
}

/// How much a finding weighs for a reader. Never added up: see [`Finding::disposition`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// One of several signs.
    Low,
    /// Rare in good mail.
    Medium,
    /// Hardly ever in good mail.
    High,
    /// Known bad.
    Critical,
}

impl Severity {
    /// The word used everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A part of the message, quoted, with what there is to see in it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Evidence {
    /// Where to look: `header From`, `link 2`, `attachment invoice.html`.
    pub place: String,
    /// What stands there, cut to [`EVIDENCE_OCTETS_MAX`] octets.
    pub quote: String,
    /// What it means in a few plain words; empty where the quote speaks for itself.
    pub note: String,
}

impl Evidence {
    /// Evidence with its quote cut to what a page can show.
    #[must_use]
    pub fn new(place: impl Into<String>, quote: impl AsRef<str>, note: impl Into<String>) -> Self {
        let quote = quote.as_ref();
        let end = quote.floor_char_boundary(EVIDENCE_OCTETS_MAX);
        let quote = quote.get(..end).unwrap_or_default().to_owned();
        Self { place: place.into(), quote, note: note.into() }
    }
}

/// One statement of one rule, list, feed or check about one message.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// Stable name: `link-text-mismatch`, `intel-url`.
    pub rule: String,
    /// One plain sentence for a person.
    pub title: String,
    /// How much it weighs for a reader.
    pub severity: Severity,
    /// What the finding alone makes of the message; `None` for what only informs.
    pub disposition: Option<Disposition>,
    /// Labels it adds.
    pub attributes: Vec<Attribute>,
    /// First piece of evidence; a finding has at least one.
    evidence_first: Evidence,
    /// Further pieces.
    evidence_more: Vec<Evidence>,
}

impl Finding {
    /// A finding of `rule` with its evidence.
    #[must_use]
    pub fn new(rule: &str, title: &str, severity: Severity, evidence: Evidence) -> Self {
        Self {
            rule: rule.to_owned(),
            title: title.to_owned(),
            severity,
            disposition: None,
            attributes: Vec::new(),
            evidence_first: evidence,
            evidence_more: Vec::new(),
        }
    }

    /// The same finding, arguing for a disposition.
    #[must_use]
    pub fn says(mut self, disposition: Disposition) -> Self {
        self.disposition = Some(disposition);
        self
    }

    /// The same finding, adding a label.
    #[must_use]
    pub fn labels(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// The same finding with one more piece of evidence, up to [`EVIDENCE_MAX`].
    #[must_use]
    pub fn with(mut self, evidence: Evidence) -> Self {
        if self.evidence_more.len() + 1 < EVIDENCE_MAX {
            self.evidence_more.push(evidence);
        }
        self
    }

    /// Every piece of evidence, first one first.
    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        std::iter::once(&self.evidence_first).chain(&self.evidence_more)
    }
}

/// The version of what a message was judged by.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct KnowledgeVersion {
    /// The rules: changes with the program until packs are loaded.
    pub rules: String,
    /// The tenant's lists and organisation settings.
    pub lists: u64,
    /// The last entry of the intel log that was known.
    pub intel: u64,
}

impl fmt::Display for KnowledgeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rules {} · lists {} · intel {}", self.rules, self.lists, self.intel)
    }
}

/// What clawback thinks of a message.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Verdict {
    /// The one disposition.
    pub disposition: Disposition,
    /// Labels, sorted, each once.
    pub attributes: Vec<Attribute>,
    /// Every finding, the deciding one first.
    pub findings: Vec<Finding>,
    /// The rule of the finding that decided; `None` where nothing spoke.
    pub decided_by: Option<String>,
    /// What it would be without the finding that decided.
    #[serde(default)]
    pub otherwise: Option<Disposition>,
    /// Why findings that argued for worse did not decide, e.g. an allow list entry.
    pub allowed_by: Option<String>,
    /// What it was judged by.
    pub knowledge: KnowledgeVersion,
}

/// A word that names nothing here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a known word")]
pub struct UnknownWord;

/// Longest quote kept, in octets.
pub const EVIDENCE_OCTETS_MAX: usize = 400;
/// Most pieces of evidence kept for one finding.
pub const EVIDENCE_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_the_order() {
        use Disposition as D;
        let worst = [D::Bulk, D::Malicious, D::Spoof, D::Suspicious].into_iter().max();
        assert_eq!(worst, Some(D::Malicious));
        assert!(D::Spoof > D::Suspicious && D::Suspicious > D::Spam && D::Spam > D::Bulk);
    }

    #[test]
    fn evidence_is_cut_on_a_character() {
        let long = "ü".repeat(EVIDENCE_OCTETS_MAX);
        let evidence = Evidence::new("subject", &long, "");
        assert_eq!(evidence.quote.chars().count(), EVIDENCE_OCTETS_MAX / 2);
    }

    #[test]
    fn words_are_read_back() {
        for disposition in Disposition::ALL {
            assert_eq!(disposition.as_str().parse(), Ok(disposition));
            let json = serde_json::to_string(&disposition).unwrap();
            assert_eq!(json, format!("\"{disposition}\""));
        }
    }
}
