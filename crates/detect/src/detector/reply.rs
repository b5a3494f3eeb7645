//! Where answers would go.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::Domain;

use crate::case::Case;
use crate::catalogue::{REPLY_TO_DIFFERS, REPLY_TO_FREE_MAIL};
use crate::domains::is_free_mail;
use crate::words::Theme;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if !case.is_inbound() || case.is_discussion {
        return;
    }
    let Some(from) = case.author_domain().map(Domain::registrable) else { return };
    let replies = case.message.reply_to.iter().filter_map(|mailbox| mailbox.address.as_ref());
    let Some(reply) = replies.into_iter().find(|reply| reply.domain().registrable() != from) else {
        return;
    };
    let evidence =
        Evidence::new("header Reply-To", reply.to_string(), format!("From is in {from}"));
    let pay = case.wording.phrases(Theme::Payment);
    let press = case.wording.phrases(Theme::Urgency);
    let fortune = case.wording.phrases(Theme::AdvanceFee);
    let asks = (!pay.is_empty() && !press.is_empty()) || fortune.len() >= 2;
    let to_free_mail = is_free_mail(reply.domain().registrable().as_str());
    if to_free_mail && asks && !case.is_mass_mail {
        let words = [pay, press, fortune].concat().join(", ");
        let words = Evidence::new("subject and text", words, "");
        findings.push(REPLY_TO_FREE_MAIL.found(evidence).with(words));
    } else {
        findings.push(REPLY_TO_DIFFERS.found(evidence));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn reply_table() {
        let by = || Sample::new().from("x <a@b.example>");
        let pay = "Please make a payment to the new bank account, urgent";
        assert_rules(&[
            ("other domain", by().reply_to("a@c.example"), &["reply-to-differs"]),
            ("free mail alone", by().reply_to("a@gmail.com"), &["reply-to-differs"]),
            (
                "free mail and money",
                by().reply_to("a@gmail.com").text(pay),
                &["reply-to-free-mail-payment"],
            ),
            ("money, same domain", by().reply_to("c@b.example").text(pay), &[]),
            ("same registrable domain", by().reply_to("c@mail.b.example"), &[]),
            (
                "on a list",
                by().reply_to("l@gmail.com").text(pay).header("List-Post", "<mailto:l@l.example>"),
                &[],
            ),
        ]);
    }
}
