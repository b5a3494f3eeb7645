//! Display names that claim to be of the tenant: protected people, addresses of its own.
//!
//! Names of brands are for the rules of the pack.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::Address;

use crate::case::Case;
use crate::catalogue::{DISPLAY_NAME_ADDRESS, DISPLAY_NAME_IMPERSONATION};
use crate::fold::{fold_text, name_key};
use crate::knowledge::Person;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let Some(from) = case.from else { return };
    if from.name.is_empty() || !case.is_inbound() {
        return;
    }
    person(case, &from.name, findings);
    shown_address(case, &from.name, findings);
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
    if claims_ours && !is_relayed && !case.knowledge.is_own_or_trusted(from) {
        let note = format!("shows {shown}");
        findings.push(DISPLAY_NAME_ADDRESS.found(case.author_evidence(note)));
    }
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
                &["display-name-impersonation"],
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
            ("ours via a list", by("\"it@corp.example via talk\" <talk@lists.example>"), &[]),
            ("another", by("\"z@shop.example.net\" <x@b.example>"), &[]),
            ("the same", by("\"x@b.example\" <x@b.example>"), &[]),
        ]);
    }
}
