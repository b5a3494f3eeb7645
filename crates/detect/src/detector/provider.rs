//! What the mailbox provider's own filter said, as one more opinion.

use clawback_core::verdict::{Evidence, Finding};

use crate::case::Case;
use crate::catalogue::{PROVIDER_BULK, PROVIDER_PHISH, PROVIDER_SPAM};

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let facts = &case.message.provider;
    let category = facts.category.as_deref().unwrap_or_default().to_ascii_uppercase();
    let (google_spam, google_phish) = facts.google_marks.unwrap_or_default();
    let scl = facts.scl.unwrap_or_default();
    let is_phish =
        google_phish || matches!(category.as_str(), "HPHSH" | "HPHISH" | "PHSH" | "MALW");
    let is_spam = google_spam
        || scl >= case.knowledge.thresholds().spam_level
        || matches!(category.as_str(), "SPM" | "HSPM");
    let quote = match facts.google_marks {
        Some(_) => format!("spam={google_spam} phishing={google_phish}"),
        None => format!("SCL {scl}, category {category}"),
    };
    let evidence = Evidence::new("provider", quote, "as the provider states it");
    if is_phish {
        findings.push(PROVIDER_PHISH.found(evidence));
    } else if is_spam {
        findings.push(PROVIDER_SPAM.found(evidence));
    } else if category == "BULK" {
        findings.push(PROVIDER_BULK.found(evidence));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn provider_table() {
        let by = |report: &str| {
            let field = ("X-Forefront-Antispam-Report", report);
            Sample::new().from("x <a@b.example>").received(&[field])
        };
        assert_rules(&[
            ("spam", by("SCL:5;CAT:SPM;DIR:INB;"), &["provider-spam"]),
            ("phishing", by("SCL:9;CAT:HPHSH;DIR:INB;"), &["provider-phish"]),
            ("bulk", by("SCL:1;CAT:BULK;DIR:INB;"), &["provider-bulk"]),
            ("nothing", by("SCL:1;CAT:NONE;DIR:INB;"), &[]),
            (
                "written by the sender",
                Sample::new()
                    .from("x <a@b.example>")
                    .header("X-Forefront-Antispam-Report", "SCL:9;CAT:HPHSH;"),
                &[],
            ),
        ]);
    }
}
