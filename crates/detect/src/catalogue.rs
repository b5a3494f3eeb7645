//! Every rule that is part of the program: what it says, how much it weighs, when it errs.
//!
//! A detector can only make findings of rules that stand here, and `docs/rules.md` is checked
//! against this table. A rule makes one thing of a message; where a sign is worse in company,
//! there is a second rule for the company.

use clawback_core::verdict::{Attribute, Disposition, Evidence, Finding, Severity};

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable name.
    pub id: &'static str,
    /// One plain sentence for a person.
    pub title: &'static str,
    /// What it looks at and when it speaks.
    pub meaning: &'static str,
    /// How much it weighs for a reader.
    pub severity: Severity,
    /// What it alone makes of a message; `None` for what only informs.
    pub disposition: Option<Disposition>,
    /// The label it adds.
    pub attribute: Option<Attribute>,
    /// When it may be wrong.
    pub false_positives: &'static str,
}

impl Rule {
    fn makes(&self) -> &'static str {
        match self.disposition {
            Some(Disposition::Unknown) => "UNKNOWN where nothing else speaks",
            Some(disposition) => disposition.as_str(),
            None => "only informs",
        }
    }

    /// A finding of this rule.
    pub(crate) fn found(&self, evidence: Evidence) -> Finding {
        let mut finding = Finding::new(self.id, self.title, self.severity, evidence);
        finding.disposition = self.disposition;
        finding.attributes.extend(self.attribute);
        finding
    }

    /// A finding with several pieces of evidence; `None` where there is none.
    pub(crate) fn found_all(
        &self,
        evidence: impl IntoIterator<Item = Evidence>,
    ) -> Option<Finding> {
        let mut evidence = evidence.into_iter();
        let first = self.found(evidence.next()?);
        Some(evidence.fold(first, Finding::with))
    }
}

/// The catalogue as a page for people: what `docs/rules.md` holds.
#[must_use]
pub fn document() -> String {
    let mut page = DOCUMENT_HEAD.to_owned();
    page.push_str("\n| rule | severity | makes it | label |\n|---|---|---|---|\n");
    for rule in RULES {
        let label = rule.attribute.map_or("", Attribute::as_str);
        let (id, severity) = (rule.id, rule.severity.as_str());
        page.push_str(&format!("| [`{id}`](#{id}) | {severity} | {} | {label} |\n", rule.makes()));
    }
    page.push_str("\n## The rules\n");
    for rule in RULES {
        let makes = rule.makes();
        page.push_str(&format!("\n### {}\n\n**{}.**", rule.id, rule.title));
        page.push_str(&format!(" Severity {}; {makes}.\n\n", rule.severity.as_str()));
        page.push_str(&format!("{}\n\n", rule.meaning));
        page.push_str(&format!("*When it may be wrong:* {}\n", rule.false_positives));
    }
    page
}

const DOCUMENT_HEAD: &str = include_str!("catalogue_head.md");

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $disposition:expr, $attribute:expr,
        $title:literal, $meaning:literal, $false_positives:literal;)*) => {
        $(pub(crate) const $name: Rule = Rule {
            id: $id,
            title: $title,
            meaning: $meaning,
            severity: Severity::$severity,
            disposition: $disposition,
            attribute: $attribute,
            false_positives: $false_positives,
        };)*

        /// Every rule, in the order of the documentation.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

const MALICIOUS: Option<Disposition> = Some(Disposition::Malicious);
const SUSPICIOUS: Option<Disposition> = Some(Disposition::Suspicious);
const SPOOF: Option<Disposition> = Some(Disposition::Spoof);
const SPAM: Option<Disposition> = Some(Disposition::Spam);
const BULK: Option<Disposition> = Some(Disposition::Bulk);
const UNKNOWN: Option<Disposition> = Some(Disposition::Unknown);

rules! {
    // Lists and intel.
    BLOCK_LIST = "block-list", Critical, MALICIOUS, Some(Attribute::CustomBlockList),
        "The sender is on your block list",
        "An address in From, Sender or the envelope matches an entry of the block list.",
        "An entry for a whole domain also blocks its honest senders.";
    ALLOW_LIST = "allow-list", Info, None, None,
        "The sender is on your allow list",
        "The From address matches an entry of the allow list, and the sender is verified where the entry asks for it: DMARC passed, or SPF or DKIM passed for the author's own domain. It lifts SPAM, SPOOF and BULK, nothing worse.",
        "An entry without “verify sender” also holds for whoever forges that sender.";
    ALLOW_LIST_UNVERIFIED = "allow-list-unverified", Info, None, None,
        "An allow list entry does not hold: the sender is not verified",
        "The From address matches an entry that asks for a verified sender, and neither DMARC, nor SPF or DKIM for the author's own domain, is stated as passed.",
        "Only informs.";
    TRUSTED_SENDER = "trusted-sender", Info, None, None,
        "The sender is on your list of trusted senders",
        "The From address matches an entry of the list, and the sender is verified where the entry asks for it. It lifts everything but the block list: the message is CLEAN.",
        "An entry without “verify sender” also holds for whoever forges that sender.";
    INTEL_URL = "intel-url", Critical, MALICIOUS, None,
        "A link leads to a known bad page",
        "A link, unwrapped, equals a URL of the intel in full or without its query.",
        "A hijacked page that was cleaned since.";
    INTEL_HOST = "intel-host", Critical, MALICIOUS, None,
        "A link leads to a known bad host",
        "The host of a link is listed.",
        "A hijacked host that was cleaned since.";
    INTEL_DOMAIN = "intel-domain", Critical, MALICIOUS, None,
        "A link or the sender belongs to a known bad domain",
        "A domain of the intel holds the host of a link or the domain of a sender. Shared hosting, free mail, own and trusted domains are never matched this way.",
        "A shared domain that is not known as such.";
    INTEL_ADDRESS = "intel-address", Critical, MALICIOUS, None,
        "A sender is a known bad address",
        "From, Sender, Reply-To or the envelope sender is listed.",
        "A hijacked mailbox that is its owner's again.";
    INTEL_IP = "intel-ip", High, MALICIOUS, None,
        "A known bad IP address",
        "The provider received the message from a listed address, or a link leads to one.",
        "Addresses change hands, and relays are shared.";
    INTEL_HASH = "intel-hash", Critical, MALICIOUS, None,
        "A known bad attachment",
        "The SHA-256 of an attachment is listed.",
        "None known: the octets are the same.";
    INTEL_SUBJECT = "intel-subject", Medium, SUSPICIOUS, None,
        "The subject is that of a known campaign",
        "The subject without numbers and reply marks is listed.",
        "Honest mail with the same subject.";
    INTEL_LOW_CONFIDENCE = "intel-low-confidence", Medium, SUSPICIOUS, None,
        "Something in this message is listed, with low confidence",
        "As the intel rules, for entries whose source is less than 60 % sure.",
        "As often as the source says.";

    // Who it comes from.
    NEW_DOMAIN_SENDER = "new-domain-sender", Low, None, Some(Attribute::NewDomainSender),
        "The sender's domain was registered lately",
        "The domain of a sender was registered some days before the message came in, as your file of domain ages says; `[judge] new_domain_days` says how many.",
        "Only informs: new firms write, too.";
    NEW_DOMAIN_LINK = "new-domain-link", Low, None, Some(Attribute::NewDomainLink),
        "A link leads to a domain that was registered lately",
        "As the rule before it, for the domains that links lead to.",
        "Only informs: campaigns of honest firms have domains of their own.";
    OWN_DOMAIN_SPOOF = "own-domain-spoof", High, SPOOF, None,
        "Pretends to come from your own domain",
        "From is in an organisation domain, the mail came in from outside, and the provider states that authentication failed.",
        "A service that writes in your name without being set up for it.";
    FORGED_SENDER = "forged-sender", High, SPOOF, None,
        "The sender's domain says this mail is not its own",
        "The provider states a failed DMARC under a policy of quarantine or reject, or, outside discussion lists, a failure for a domain of a well-known brand, a free-mail provider or a trusted partner.",
        "Forwarded mail and mailing lists that break signatures.";
    AUTHENTICATION_FAILED = "authentication-failed", Info, None, None,
        "The provider states that authentication failed",
        "A stated failure that proves nothing alone: a policy of none, or an override by the provider.",
        "Only informs.";
    DISPLAY_NAME_IMPERSONATION = "display-name-impersonation", High, SPOOF, Some(Attribute::Bec),
        "Uses the name of a protected person",
        "The display name reads like that of a protected person, look-alike characters and punctuation aside, and the address is neither theirs nor in a domain of yours or of a trusted partner.",
        "The person's private address, or a namesake: add it to the allow list.";
    DISPLAY_NAME_ADDRESS = "display-name-address", High, SPOOF, None,
        "The display name shows an address that is not the sender's",
        "The display name holds an address of your organisation or of a trusted partner, and the mail comes from elsewhere.",
        "Mailing lists and ticket systems that put the author's address into the name; those that say “via” are left out.";
    LOOKALIKE_DOMAIN = "lookalike-domain", High, SPOOF, None,
        "The sender's domain looks like yours or a partner's",
        "One character apart, written with look-alike characters, or your name with words added by a hyphen.",
        "Two organisations with names alike: add the other one to the trusted domains.";

    // What others say.
    PROVIDER_SPAM = "provider-spam", Low, SPAM, None,
        "The provider takes it for spam",
        "A spam confidence level of 5 or more, the category SPM or HSPM, or Google's mark.",
        "As often as the provider errs.";
    PROVIDER_PHISH = "provider-phish", Medium, SUSPICIOUS, None,
        "The provider takes it for phishing",
        "The category HPHSH, PHSH or MALW, or Google's mark.",
        "As often as the provider errs.";
    PROVIDER_BULK = "provider-bulk", Info, BULK, None,
        "The provider takes it for mass mail",
        "The category BULK.",
        "As often as the provider errs.";

    // Its form.
    EVASIVE_FORM = "evasive-form", Medium, SUSPICIOUS, None,
        "Built so that programs read it differently",
        "Two From fields, or parts nested deeper or more of them than in any honest mail.",
        "Broken mailing software.";
    EVASIVE_FILE = "evasive-file", Medium, SUSPICIOUS, None,
        "A file built to wear out whoever looks into it",
        "Archives within archives deeper than anybody packs, or an archive that gives hundreds of times its own length: found where a rule of a pack looks into files.",
        "Images of empty disks and databases pack so well, too.";
    FILE_NOT_FULLY_READ = "file-not-fully-read", Info, None, None,
        "A file was not looked through to its end",
        "A limit of the unpacking was reached; what lies beyond was not looked at.",
        "Only informs: large archives do this.";
    NOT_FULLY_READ = "not-fully-read", Low, UNKNOWN, None,
        "Too large to be read to its end",
        "A limit of the reader was reached; what lies beyond was not looked at.",
        "Only says that the judgement is not complete.";
    MALFORMED = "malformed", Info, None, None,
        "Badly formed",
        "The message departs from the form of mail in the ways the evidence tells.",
        "Only informs: much honest mail is badly formed.";
    UNJUDGEABLE = "unjudgeable", Low, UNKNOWN, None,
        "It could not be judged",
        "Judging ended early for the reason in the evidence; the next knowledge judges it again.",
        "Says nothing about the message.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_sentences_are_whole() {
        for (place, rule) in RULES.iter().enumerate() {
            assert!(RULES[place + 1..].iter().all(|other| other.id != rule.id), "{}", rule.id);
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.id);
            assert!(!rule.title.ends_with('.'), "{}: a title is set without a stop", rule.id);
            assert!(rule.meaning.ends_with('.') && rule.false_positives.ends_with('.'));
        }
    }

    #[test]
    fn the_page_for_people_says_what_the_catalogue_says() {
        let page = include_str!("../../../docs/rules.md");
        let told = "docs/rules.md is out of date: write `catalogue::document()` to it \
                    (cargo run -p clawback-detect --example rules_page > docs/rules.md)";
        assert!(page == document(), "{told}");
    }
}
