//! Display names that claim to be somebody: protected people, other addresses, brands.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::{Address, Domain};

use crate::brands::{Brand, named_in};
use crate::case::{Case, Standing};
use crate::catalogue::{
    BRAND_IMPERSONATION, BRAND_NAME, BRAND_UNVERIFIED, DISPLAY_NAME_ADDRESS,
    DISPLAY_NAME_IMPERSONATION, DISPLAY_NAME_OTHER_ADDRESS,
};
use crate::fold::{fold_text, name_key};
use crate::knowledge::Person;
use crate::words::Theme;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let Some(from) = case.from else { return };
    if from.name.is_empty() || !case.is_inbound() {
        return;
    }
    person(case, &from.name, findings);
    shown_address(case, &from.name, findings);
    brand(case, &from.name, findings);
}

fn person(case: &Case<'_>, name: &str, findings: &mut Vec<Finding>) {
    let Some(address) = case.author_address() else { return };
    // Inside a domain of one's own a namesake is a colleague; forging it is another rule's matter.
    if case.knowledge.is_own_or_trusted(address.domain()) {
        return;
    }
    let key = name_key(without_address(name));
    let mut namesakes =
        case.knowledge.people().iter().filter(|person| person.key == key).peekable();
    let Some(person) = namesakes.peek().copied() else { return };
    let own =
        |person: &Person| person.address.as_ref().is_some_and(|own| own.key() == address.key());
    if namesakes.any(own) {
        return;
    }
    let note = match &person.address {
        Some(own) => format!("reads like {}, who writes from {own}", person.name),
        None => format!("reads like {}", person.name),
    };
    let mut finding = DISPLAY_NAME_IMPERSONATION.found(case.author_evidence(note));
    if case.author_is_free_mail() {
        finding = finding.with(Evidence::new("header From", address.to_string(), "free mail"));
    }
    let elsewhere = case.message.reply_to.iter().filter_map(|reply| reply.address.as_ref());
    for reply in elsewhere.filter(|reply| reply.key() != address.key()) {
        let note = "answers go to another address";
        finding = finding.with(Evidence::new("header Reply-To", reply.to_string(), note));
    }
    findings.push(finding);
}

/// `Anna Berg (anna@corp.example)` is still the name of Anna Berg.
fn without_address(name: &str) -> &str {
    let start = name.find(['<', '(', '[']).filter(|_| name.contains('@'));
    start.and_then(|start| name.get(..start)).filter(|rest| !rest.trim().is_empty()).unwrap_or(name)
}

fn shown_address(case: &Case<'_>, name: &str, findings: &mut Vec<Finding>) {
    let Some(from) = case.author_domain() else { return };
    let words = name.split(|c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c));
    let Some(shown) = words.filter(|word| word.contains('@')).find_map(|w| Address::parse(w).ok())
    else {
        return;
    };
    if shown.domain().registrable() == from.registrable() {
        return;
    }
    let is_relayed = case.is_discussion || fold_text(name, 400).contains(" via ");
    let claims_ours = case.knowledge.is_own_or_trusted(shown.domain());
    let from_ours = case.knowledge.is_own_or_trusted(from);
    let rule = if claims_ours && !is_relayed && !from_ours {
        DISPLAY_NAME_ADDRESS
    } else {
        DISPLAY_NAME_OTHER_ADDRESS
    };
    findings.push(rule.found(case.author_evidence(format!("shows {shown}"))));
}

fn brand(case: &Case<'_>, name: &str, findings: &mut Vec<Finding>) {
    let Some(brand) = named_in(&fold_text(name, 400)) else { return };
    let from = case.author_domain();
    if from.is_some_and(|from| brand.owns(from) || case.knowledge.is_own_or_trusted(from)) {
        return;
    }
    let note = format!("names {}", brand.name);
    let named = case.author_evidence(note);
    if let Some(evidence) = lure(case, brand) {
        let finding = BRAND_IMPERSONATION.found(named);
        findings.push(evidence.into_iter().fold(finding, Finding::with));
        return;
    }
    let unproven = matches!(case.standing, Standing::Failed | Standing::Unverified);
    let foreign = foreign_link(case, brand).filter(|_| unproven && !case.is_discussion);
    findings.push(match foreign {
        Some(foreign) => {
            BRAND_UNVERIFIED.found(named).with(foreign).with(case.authentication_evidence())
        }
        None => BRAND_NAME.found(named),
    });
}

/// The first link that does not lead to the brand.
fn foreign_link(case: &Case<'_>, brand: &Brand) -> Option<Evidence> {
    let is_foreign = |domain: &Domain| !brand.owns(domain);
    let target = case.targets.iter().find(|t| t.domain.as_ref().is_none_or(is_foreign))?;
    let note = format!("does not lead to {}", brand.name);
    Some(Evidence::new(target.place(), &target.url, note))
}

/// What makes a borrowed name a lure: words about an account and links that lead elsewhere.
fn lure(case: &Case<'_>, brand: &Brand) -> Option<Vec<Evidence>> {
    if case.is_discussion {
        return None;
    }
    let credential = case.wording.phrases(Theme::Credential);
    let pull =
        [Theme::Urgency, Theme::Prize, Theme::Parcel].map(|t| case.wording.phrases(t)).concat();
    let unproven = case.standing != Standing::Passed || case.author_is_free_mail();
    let pulls = if unproven { !pull.is_empty() } else { pull.len() >= 2 && !case.is_mass_mail };
    let speaks = !credential.is_empty() || pulls;
    let foreign = foreign_link(case, brand);
    let replies = case.message.reply_to.iter().filter_map(|m| m.address.as_ref());
    let mut replies = replies.filter(|reply| !brand.owns(reply.domain()));
    let reply = replies.next().filter(|_| !credential.is_empty());
    if !speaks || (foreign.is_none() && reply.is_none()) {
        return None;
    }
    let words = [credential, pull].concat().join(", ");
    let mut evidence = vec![Evidence::new("subject and text", words, "")];
    evidence.extend(foreign);
    evidence.extend(reply.map(|reply| Evidence::new("header Reply-To", reply.to_string(), "")));
    Some(evidence)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn people_table() {
        let by = |from: &str| Sample::new().from(from);
        assert_rules(&[
            ("free mail", by("Anna Berg <a.berg.ceo@gmail.com>"), &["display-name-impersonation"]),
            ("turned round", by("\"BERG, Anna\" <x@b.example>"), &["display-name-impersonation"]),
            (
                "Cyrillic letters",
                by("=?utf-8?B?0JBubmEgQmVyZw==?= <x@b.example>"),
                &["display-name-impersonation", "hidden-characters"],
            ),
            (
                "name and address",
                by("\"Anna Berg (anna@corp.example)\" <x@b.example>"),
                &["display-name-impersonation", "display-name-address"],
            ),
            ("her own private address", by("Anna Berg <anna@private.example>"), &[]),
            ("her own", by("Anna Berg <anna@corp.example>"), &[]),
            ("a namesake at a partner", by("Anna Berg <a@partner.example>"), &[]),
            ("another name", by("Anna Bergmann <x@b.example>"), &[]),
        ]);
    }

    #[test]
    fn shown_address_table() {
        let by = |from: &str| Sample::new().from(from);
        assert_rules(&[
            ("ours", by("\"it@corp.example\" <x@b.example>"), &["display-name-address"]),
            (
                "ours via a list",
                by("\"it@corp.example via talk\" <talk@lists.example>"),
                &["display-name-other-address"],
            ),
            (
                "another",
                by("\"z@shop.example.net\" <x@b.example>"),
                &["display-name-other-address"],
            ),
            ("the same", by("\"x@b.example\" <x@b.example>"), &[]),
        ]);
    }

    #[test]
    fn brand_table() {
        let by = |from: &str| Sample::new().from(from);
        let lure = "Please verify your account at https://lure.example.net/a within 24 hours";
        assert_rules(&[
            ("lure", by("PayPal Service <x@b.example>").text(lure), &["brand-impersonation"]),
            (
                "homoglyph",
                by("=?utf-8?B?UNCweVBhbA==?= <x@b.example>").text(lure),
                &["brand-impersonation", "hidden-characters"],
            ),
            ("true brand", by("PayPal <service@paypal.com>").text(lure), &[]),
            ("country of the brand", by("PayPal <service@paypal.de>").text(lure), &[]),
            (
                "only the name",
                by("PayPal Meetup <x@b.example>").text("See you on Friday"),
                &["brand-name"],
            ),
            (
                "on a list",
                by("PayPal Dev <x@b.example>")
                    .text(lure)
                    .header("List-Post", "<mailto:l@l.example>"),
                &["brand-name"],
            ),
        ]);
    }
}
