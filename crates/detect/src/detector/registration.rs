//! Domains that were registered lately: most of them belong to nobody yet, and those who attack
//! use theirs at once.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::Domain;

use crate::case::Case;
use crate::catalogue::{NEW_DOMAIN_LINK, NEW_DOMAIN_SENDER};

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.registrations.is_empty() || !case.is_inbound() {
        return;
    }
    let age = |domain: &Domain| {
        let registrable = domain.registrable();
        let found = case.registrations.get(registrable.as_str())?;
        let days = found
            .days_old
            .filter(|days| *days < f64::from(case.knowledge.thresholds().new_domain_days))?;
        Some((registrable, format!("registered {} before this message", told(days))))
    };
    let senders = case.senders().into_iter().filter_map(|(place, address)| {
        let (domain, note) = age(address.domain())?;
        Some(Evidence::new(place, domain.as_str(), note))
    });
    findings.extend(NEW_DOMAIN_SENDER.found_all(senders));
    let links = case.targets.iter().take(LINKS_MAX).filter_map(|target| {
        let (_, note) = age(&Domain::parse(&target.host).ok()?)?;
        Some(Evidence::new(target.place(), &target.url, note))
    });
    findings.extend(NEW_DOMAIN_LINK.found_all(links));
}

fn told(days: f64) -> String {
    match days {
        days if days < 1.0 => "less than a day".to_owned(),
        days if days < 2.0 => "a day".to_owned(),
        days => format!("{days:.0} days"),
    }
}

const LINKS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clawback_core::verdict::Attribute;
    use clawback_mail::message::Message;

    use crate::model::Registration;
    use crate::testing::{Sample, knowledge};
    use crate::{Facts, Knowledge, Sources, Subject, Thresholds, detect};

    fn found(days: &[(&str, f64)], knowledge: &Knowledge) -> Vec<(String, Vec<Attribute>)> {
        let sample = Sample::new().from("x <a@mail.b.example>").text("https://www.c.example/x");
        let raw: Arc<[u8]> = sample.raw().into();
        let message = Arc::new(Message::parse(&raw));
        let subject = Subject {
            message: &message,
            raw: &raw,
            envelope_from: None,
            recipients: &[],
            direction: None,
        };
        let of = |(domain, days): &(&str, f64)| {
            let registration = Registration { days_old: Some(*days), ..Registration::default() };
            ((*domain).into(), registration)
        };
        let facts = Facts { registrations: days.iter().map(of).collect(), ..Facts::default() };
        let findings = detect(&subject, knowledge, &facts);
        findings.into_iter().map(|finding| (finding.rule, finding.attributes)).collect()
    }

    #[test]
    fn registration_table() {
        let knowledge = knowledge();
        let sender = ("new-domain-sender".to_owned(), vec![Attribute::NewDomainSender]);
        let link = ("new-domain-link".to_owned(), vec![Attribute::NewDomainLink]);
        assert_eq!(found(&[], &knowledge), []);
        assert_eq!(found(&[("b.example", 3.2)], &knowledge), std::slice::from_ref(&sender));
        assert_eq!(found(&[("c.example", 0.0)], &knowledge), std::slice::from_ref(&link));
        assert_eq!(found(&[("b.example", 29.9), ("c.example", 1.0)], &knowledge), [sender, link]);
        assert_eq!(found(&[("b.example", 30.0), ("c.example", 9_000.0)], &knowledge), []);
        assert_eq!(found(&[("mail.b.example", 1.0)], &knowledge), [], "what was registered");
        let thresholds = Thresholds { new_domain_days: 0, ..Thresholds::default() };
        let never = Knowledge::compile(Sources { thresholds, ..Sources::default() });
        assert_eq!(found(&[("b.example", 0.0)], &never), []);
    }
}
