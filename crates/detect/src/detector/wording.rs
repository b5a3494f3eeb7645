//! What the text is about, together with who says it and where it leads.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::Domain;
use clawback_mail::message::Outcome;

use crate::case::{Case, Standing};
use crate::catalogue::{
    ADVANCE_FEE, CREDENTIAL_LURE, CREDENTIAL_UNVERIFIED, EXTORTION, LIST_MAIL, PRIZE, SPAM_WORDS,
    UNVERIFIED_MASS_MAIL,
};
use crate::domains::{hosting_of, is_click_counter};
use crate::target::Target;
use crate::words::Theme;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.is_inbound() && !case.is_discussion {
        credentials(case, findings);
        stories(case, findings);
        prizes(case, findings);
    }
    if case.is_mass_mail {
        let value = case.message.header("List-Unsubscribe").unwrap_or_default();
        let evidence = Evidence::new("header List-Unsubscribe", value, "");
        if case.standing == Standing::Failed && case.is_inbound() {
            let finding = UNVERIFIED_MASS_MAIL.found(evidence.clone());
            findings.push(finding.with(case.authentication_evidence()));
        }
        findings.push(LIST_MAIL.found(evidence));
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
        let speaks = case.standing != Standing::Passed || phrases.len() >= 2;
        let counts = speaks && !is_picture(&target.url) && !is_hosts_own(case, hosting);
        counts.then(|| Evidence::new(target.place(), &target.url, format!("a page on {hosting}")))
    });
    if let Some(hosted) = hosted {
        findings.push(CREDENTIAL_LURE.found(words).with(hosted));
        return;
    }
    let foreign = foreign_link(case);
    let speaks = match case.standing {
        Standing::Failed => true,
        Standing::Unverified => phrases.len() >= 2,
        _ => false,
    };
    if let (Some(foreign), true) = (foreign, speaks) {
        let finding = CREDENTIAL_UNVERIFIED.found(words).with(foreign);
        findings.push(finding.with(case.authentication_evidence()));
    }
}

/// The first link that leads to a domain which the sender did not prove to be theirs. A click
/// counter tells nothing about where it leads.
fn foreign_link(case: &Case<'_>) -> Option<Evidence> {
    let is_foreign = |target: &&Target<'_>| {
        let is_counter = is_click_counter(&target.host);
        !is_counter && target.domain.as_ref().is_none_or(|domain| !case.is_senders(domain))
    };
    let target = case.targets.iter().find(is_foreign)?;
    Some(Evidence::new(target.place(), &target.url, "not the sender's domain"))
}

/// Whether the sender is the owner of the hosting itself.
fn is_hosts_own(case: &Case<'_>, hosting: &str) -> bool {
    let Some(from) = case.author_domain().map(Domain::registrable) else { return false };
    let front = hosting.strip_suffix(from.as_str());
    front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
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
    let doubtful = case.author_is_free_mail() || case.standing == Standing::Failed;
    if (fortune >= 3 || (fortune >= 2 && doubtful)) && !case.is_mass_mail {
        findings.push(ADVANCE_FEE.found(say(Theme::AdvanceFee)));
    }
    let junk = wording.count(Theme::Junk);
    let unverified = (matches!(case.standing, Standing::Failed | Standing::Unverified)
        && case.authentication.spf != Outcome::Pass)
        || case.author_is_free_mail();
    if junk >= 4 || (junk >= 2 && unverified) || (fortune == 2 && unverified) {
        let theme = if junk >= 2 { Theme::Junk } else { Theme::AdvanceFee };
        findings.push(SPAM_WORDS.found(say(theme)).with(case.authentication_evidence()));
    }
}

/// Prizes and parcels: what honest shops also write, but not unverified and with foreign links.
fn prizes(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let phrases =
        [case.wording.phrases(Theme::Prize), case.wording.phrases(Theme::Parcel)].concat();
    let unverified = matches!(case.standing, Standing::Failed | Standing::Unverified);
    let doubtful = unverified || (case.author_is_free_mail() && !case.is_mass_mail);
    if phrases.len() < 2 || !doubtful {
        return;
    }
    if let Some(foreign) = foreign_link(case) {
        let words = Evidence::new("subject and text", phrases.join(", "), "");
        let finding = PRIZE.found(words).with(foreign);
        findings.push(finding.with(case.authentication_evidence()));
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
    fn prizes_table() {
        let by = || Sample::new().from("x <a@b.example>");
        let prize = "You have won! Claim your reward: https://lure.example.net/x";
        assert_rules(&[
            ("unverified", by().text(prize).auth("spf=none dkim=none"), &["prize-lure"]),
            ("verified shop", by().text(prize).auth("dmarc=pass"), &[]),
            ("nothing stated", by().text(prize), &[]),
            (
                "own link",
                by().text("You have won! Claim your reward: https://b.example/x").auth("spf=none"),
                &[],
            ),
            (
                "one phrase",
                by().text("Your parcel: https://track.example.net/x").auth("spf=none"),
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
