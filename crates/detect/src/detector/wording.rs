//! What the text is about, together with who says it and where it leads.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::message::Outcome;

use crate::case::{Case, Standing};
use crate::catalogue::{
    ADVANCE_FEE, CREDENTIAL_LURE, CREDENTIAL_UNVERIFIED, EXTORTION, LIST_MAIL, SPAM_WORDS,
};
use crate::domains::hosting_of;
use crate::words::Theme;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.is_inbound() && !case.is_discussion {
        credentials(case, findings);
        stories(case, findings);
    }
    if case.is_mass_mail {
        let value = case.message.header("List-Unsubscribe").unwrap_or_default();
        findings.push(LIST_MAIL.found(Evidence::new("header List-Unsubscribe", value, "")));
    }
}

fn credentials(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let phrases = case.wording.phrases(Theme::Credential);
    if phrases.is_empty() {
        return;
    }
    let words = Evidence::new("subject and text", phrases.join(", "), "");
    let hosted = case.targets.iter().find_map(|target| {
        let hosting = hosting_of(&target.host)?;
        let is_owner = case.from_domain().is_some_and(|from| from.as_str().ends_with(hosting));
        let is_picture = is_picture(&target.url);
        (!is_owner && !is_picture && case.standing != Standing::Passed
            || phrases.len() >= 2 && !is_owner && !is_picture)
            .then(|| Evidence::new(target.place(), &target.url, format!("a page on {hosting}")))
    });
    if let Some(hosted) = hosted {
        findings.push(CREDENTIAL_LURE.found(words).with(hosted));
        return;
    }
    let foreign = case
        .targets
        .iter()
        .find(|target| target.domain.as_ref().is_none_or(|domain| !case.is_senders(domain)));
    let unverified = matches!(case.standing, Standing::Failed | Standing::Unverified);
    if let (Some(foreign), true, true) = (foreign, unverified, phrases.len() >= 2) {
        let link = Evidence::new(foreign.place(), &foreign.url, "not the sender's domain");
        let finding = CREDENTIAL_UNVERIFIED.found(words).with(link);
        findings.push(finding.with(case.authentication_evidence()));
    }
}

fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".css"].iter().any(|e| path.ends_with(e))
}

fn stories(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let say = |theme| Evidence::new("subject and text", case.wording.phrases(theme).join(", "), "");
    let wording = &case.wording;
    let wants_coins = wording
        .phrases(Theme::Extortion)
        .iter()
        .any(|p| p.contains("bitcoin") || p.contains("btc") || p.contains("pay"));
    if wording.count(Theme::Extortion) >= 3 && wants_coins {
        findings.push(EXTORTION.found(say(Theme::Extortion)));
    }
    let fortune = wording.count(Theme::AdvanceFee);
    if fortune >= 3 && !case.is_mass_mail {
        findings.push(ADVANCE_FEE.found(say(Theme::AdvanceFee)));
    }
    let junk = wording.count(Theme::Junk);
    let unverified = matches!(case.standing, Standing::Failed | Standing::Unverified)
        && case.authentication.spf != Outcome::Pass;
    if junk >= 4 || (junk >= 2 && unverified) || (fortune == 2 && unverified) {
        let theme = if junk >= 2 { Theme::Junk } else { Theme::AdvanceFee };
        findings.push(SPAM_WORDS.found(say(theme)).with(case.authentication_evidence()));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn credentials_table() {
        let by = || Sample::new().from("x <a@b.example>");
        let hosted = "Verify your account: https://sign-in.web.app/x";
        let two = "Your mailbox is full. Verify your account: https://lure.example.net/x";
        assert_rules(&[
            ("free hosting", by().text(hosted), &["credential-lure-hosting"]),
            ("free hosting, no account", by().text("Slides: https://talk.web.app/x"), &[]),
            (
                "unverified",
                by().text(two).auth("spf=none dkim=none dmarc=none"),
                &["credential-lure-unverified"],
            ),
            ("verified", by().text(two).auth("spf=pass dmarc=pass"), &[]),
            ("nothing stated", by().text(two), &[]),
            (
                "own page",
                by().text("Your mailbox is full. Verify your account: https://b.example/x")
                    .auth("spf=none dkim=none dmarc=none"),
                &[],
            ),
        ]);
    }

    #[test]
    fn stories_table() {
        let by = || Sample::new().from("x <a@b.example>");
        let extortion = "I recorded you. I will send it to all your contacts. My bitcoin wallet: x";
        let fortune =
            "My late client left ten million dollars. As next of kin you will get an ATM card.";
        assert_rules(&[
            ("extortion", by().text(extortion), &["extortion"]),
            (
                "quoted on a list",
                by().text(extortion).header("List-Post", "<mailto:l@l.example>"),
                &[],
            ),
            ("fortune", by().text(fortune), &["advance-fee"]),
            (
                "casino, unverified",
                by().text("Online casino: free spins").auth("spf=none dkim=none"),
                &["spam-words"],
            ),
            ("casino, verified", by().text("The casino jackpot").auth("spf=pass dmarc=pass"), &[]),
            ("one word", by().text("We met at the casino").auth("spf=none"), &[]),
            (
                "newsletter",
                by().header("List-Unsubscribe", "<https://b.example/u>"),
                &["bulk-mail"],
            ),
            (
                "discussion",
                by().header("List-Unsubscribe", "<https://b.example/u>")
                    .header("List-Post", "<mailto:l@l.example>"),
                &[],
            ),
        ]);
    }
}
