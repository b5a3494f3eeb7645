//! Sender domains that look like the organisation's or a partner's.

use clawback_core::verdict::Finding;
use clawback_mail::address::Domain;

use crate::case::Case;
use crate::catalogue::LOOKALIKE_DOMAIN;
use crate::fold::{fold_text, is_one_edit_apart, stand_ins};

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let Some(domain) = case.author_domain() else { return };
    if !case.is_inbound() || case.knowledge.is_own_or_trusted(domain) || case.author_is_free_mail()
    {
        return;
    }
    let alike = case.knowledge.watched_domains().find_map(|watched| {
        let likeness = likeness(domain, watched)?;
        Some(format!("{likeness} {watched}"))
    });
    if let Some(note) = alike {
        findings.push(LOOKALIKE_DOMAIN.found(case.author_evidence(note)));
    }
}

/// How one domain resembles another, in words that go before the other's name.
pub(crate) fn likeness(domain: &Domain, watched: &Domain) -> Option<&'static str> {
    let (domain, watched) = (domain.registrable(), watched.registrable());
    if domain == watched {
        return None;
    }
    let (label, watched_label) = (name_of(&domain), name_of(&watched));
    if watched_label.chars().count() < LABEL_CHARS_MIN {
        return None;
    }
    if label == watched_label {
        // The same letters under another ending are as often a namesake or a subsidiary.
        return domain.as_str().starts_with("xn--").then_some("reads like");
    }
    if stand_ins(&label) == stand_ins(&watched_label) {
        return Some("reads like");
    }
    let is_long = watched_label.chars().count() >= EDIT_CHARS_MIN;
    if is_long && is_one_edit_apart(&label, &watched_label) {
        return Some("one character apart from");
    }
    let has_words = label.split('-').count() > 1;
    let words_added = has_words && is_long && label.split('-').any(|word| word == watched_label);
    if words_added {
        return Some("words added to");
    }
    let hyphens_moved = is_long && label.replace('-', "") == watched_label.replace('-', "");
    hyphens_moved.then_some("hyphens moved in")
}

/// The label that names, as a mail program shows it, folded to Latin.
fn name_of(registrable: &Domain) -> String {
    let (unicode, _) = idna::domain_to_unicode(registrable.as_str());
    let label = unicode.split('.').next().unwrap_or_default();
    fold_text(label, LABEL_OCTETS_MAX)
}

/// Shorter names are alike by chance.
const LABEL_CHARS_MIN: usize = 4;
/// In shorter names one character is too much.
const EDIT_CHARS_MIN: usize = 5;
const LABEL_OCTETS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_table() {
        let rows = [
            ("one character more", "contosso.example", Some("one character apart from")),
            ("swap", "conotso.example", Some("one character apart from")),
            ("stand-in", "c0ntoso.example", Some("reads like")),
            ("Cyrillic", "c\u{43e}ntoso.example", Some("reads like")),
            ("word added", "contoso-support.example", Some("words added to")),
            ("other ending", "contoso.com", None),
            ("below it", "mail.contoso.example", None),
            ("itself", "contoso.example", None),
            ("another word", "contessa.example", None),
            ("as part of a word", "precontosoan.example", None),
        ];
        let watched = Domain::parse("contoso.example").unwrap();
        for (rule, domain, meant) in rows {
            let domain = Domain::parse(domain).unwrap();
            assert_eq!(likeness(&domain, &watched), meant, "{rule}");
        }
    }

    #[test]
    fn short_names_are_alike_by_chance() {
        let domain = |text| Domain::parse(text).unwrap();
        assert_eq!(likeness(&domain("abd.example"), &domain("abc.example")), None);
        assert_eq!(likeness(&domain("corn.example"), &domain("corp.example")), None);
    }
}
