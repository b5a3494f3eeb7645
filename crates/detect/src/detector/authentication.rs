//! What stated authentication means for the sender's name.
//!
//! Only a stated failure counts. That nothing was stated means nothing.

use clawback_core::verdict::Finding;

use crate::brands::is_much_imitated;
use crate::case::{Case, Standing};
use crate::catalogue::{AUTHENTICATION_FAILED, FORGED_SENDER, OWN_DOMAIN_SPOOF};

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let Some(domain) = case.author_domain() else { return };
    match case.standing {
        Standing::Failed if case.is_inbound() => {}
        Standing::Overruled => {
            findings.push(AUTHENTICATION_FAILED.found(case.authentication_evidence()));
            return;
        }
        _ => return,
    }
    // Microsoft's reason 0: the failed policy itself asks for quarantine or reject.
    let by_policy = case.authentication.compauth_reason == Some(0);
    // Discussion lists break what their members' providers signed.
    let often_forged = !case.is_discussion
        && (case.knowledge.is_own_or_trusted(domain)
            || is_much_imitated(domain)
            || case.author_is_free_mail());
    let (rule, note) = if case.author_is_own() {
        (OWN_DOMAIN_SPOOF, "one of your own domains")
    } else if by_policy {
        (FORGED_SENDER, "its policy asks to refuse mail that fails")
    } else if often_forged {
        (FORGED_SENDER, "a domain that is often forged")
    } else {
        (AUTHENTICATION_FAILED, "")
    };
    findings.push(rule.found(case.author_evidence(note)).with(case.authentication_evidence()));
}

#[cfg(test)]
mod tests {
    use clawback_mail::message::Direction;

    use crate::testing::{Sample, assert_rules};

    #[test]
    fn authentication_table() {
        let own = || Sample::new().from("IT <it@corp.example>");
        let other = || Sample::new().from("x <a@shop.example.net>");
        assert_rules(&[
            (
                "own, both fail",
                own().auth("dmarc=fail compauth=fail reason=000"),
                &["own-domain-spoof"],
            ),
            ("own, Google", own().auth("dmarc=fail"), &["own-domain-spoof"]),
            (
                "own subdomain",
                Sample::new().from("x <a@hr.corp.example>").auth("compauth=fail reason=001"),
                &["own-domain-spoof"],
            ),
            (
                "own, overruled",
                own().auth("dmarc=fail compauth=pass reason=130"),
                &["authentication-failed"],
            ),
            ("own, nothing stated", own(), &[]),
            ("own, no signature", own().auth("spf=none dkim=none dmarc=none"), &[]),
            ("own, internal", own().auth("dmarc=fail").direction(Direction::Internal), &[]),
            (
                "other, policy",
                other().auth("dmarc=fail compauth=fail reason=000"),
                &["forged-sender"],
            ),
            (
                "other, no policy",
                other().auth("dmarc=fail compauth=fail reason=001"),
                &["authentication-failed"],
            ),
            ("other, passed", other().auth("dmarc=pass compauth=pass reason=100"), &[]),
            (
                "trusted",
                Sample::new().from("x <a@partner.example>").auth("compauth=fail reason=001"),
                &["forged-sender"],
            ),
            (
                "free mail through a list",
                Sample::new()
                    .from("x <a@gmail.com>")
                    .auth("dmarc=fail compauth=fail reason=001")
                    .header("List-Post", "<mailto:l@l.example>"),
                &["authentication-failed"],
            ),
            (
                "brand",
                Sample::new().from("x <a@paypal.com>").auth("compauth=fail reason=001"),
                &["forged-sender"],
            ),
        ]);
    }
}
