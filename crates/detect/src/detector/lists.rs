//! The tenant's own lists: block, and allow with its condition.

use clawback_core::verdict::{Evidence, Finding};

use crate::case::Case;
use crate::catalogue::{ALLOW_LIST, ALLOW_LIST_UNVERIFIED, BLOCK_LIST, TRUSTED_SENDER};
use crate::lists::Matched;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let blocked = case.senders().into_iter().filter_map(|(place, sender)| {
        let entry = case.knowledge.blocked(sender)?;
        Some(Evidence::new(place, sender.to_string(), told("block list", entry)))
    });
    findings.extend(BLOCK_LIST.found_all(blocked));

    let Some(from) = case.author_address() else { return };
    let allowing = [
        ("allow list", ALLOW_LIST, case.knowledge.allowed(from)),
        ("trusted senders", TRUSTED_SENDER, case.knowledge.trusted_sender(from)),
    ];
    for (list, rule, entry) in allowing {
        let Some(entry) = entry else { continue };
        let holds = !entry.verify_sender || case.is_verified();
        let rule = if holds { rule } else { ALLOW_LIST_UNVERIFIED };
        let evidence = Evidence::new("header From", from.to_string(), told(list, entry));
        findings.push(if entry.verify_sender {
            rule.found(evidence).with(case.authentication_evidence())
        } else {
            rule.found(evidence)
        });
    }
}

fn told(list: &str, entry: Matched<'_>) -> String {
    match entry.note {
        "" => format!("{list} entry “{}”", entry.pattern),
        note => format!("{list} entry “{}” ({note})", entry.pattern),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn lists_table() {
        let by = |from: &str| Sample::new().from(from);
        assert_rules(&[
            ("blocked address", by("x <bad@mail.example>"), &["block-list"]),
            ("blocked domain", by("x <a@blocked.example>"), &["block-list"]),
            (
                "blocked envelope",
                by("x <a@b.example>").envelope("v@blocked.example"),
                &["block-list"],
            ),
            ("allowed", by("x <a@friend.example>"), &["allow-list"]),
            (
                "to be verified, nothing stated",
                by("x <a@verified.example>"),
                &["allow-list-unverified"],
            ),
            (
                "to be verified, passed",
                by("x <a@verified.example>").auth("dmarc=pass"),
                &["allow-list"],
            ),
            (
                "to be verified, SPF of somebody else",
                by("x <a@verified.example>").auth("spf=pass smtp.mailfrom=other.example"),
                &["allow-list-unverified"],
            ),
            (
                "to be verified, SPF of the author's domain",
                by("x <a@verified.example>").auth("spf=pass smtp.mailfrom=verified.example"),
                &["allow-list"],
            ),
            (
                "to be verified, signed by the author's domain",
                by("x <a@verified.example>").auth("dkim=pass header.d=verified.example"),
                &["allow-list"],
            ),
            ("trusted", by("x <a@drill.example>").auth("dmarc=pass"), &["trusted-sender"]),
            ("trusted, forged", by("x <a@drill.example>"), &["allow-list-unverified"]),
            ("a stranger", by("x <a@b.example>"), &[]),
        ]);
    }
}
