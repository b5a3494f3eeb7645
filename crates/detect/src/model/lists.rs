//! The lists that rules know by name and that differ by tenant or by message.

use clawback_mail::address::{Domain, Mailbox};
use clawback_mql::{Set, Ty, Value, record};

use super::{Model, Prevalence, Profile};

record! {
    /// A person whom others like to pretend to be.
    pub struct ImportantPerson = "ImportantPerson" {
        /// The name that mail shows.
        display_name: Ty::Text,
        /// The address, all of it.
        email: Ty::Text,
        /// The name a person is called by.
        first_name: Ty::Text,
        /// The name of the family.
        last_name: Ty::Text,
    }
}

/// Their names and what their items are, in the order that the model counts them.
pub const TENANT_LISTS: &[(&str, Ty)] = &[
    ("org_domains", Ty::Text),
    ("org_slds", Ty::Text),
    ("org_display_names", Ty::Text),
    ("org_vips", Ty::Record(ImportantPerson::TYPE)),
    ("tenant_domains", Ty::Text),
    ("recipient_emails", Ty::Text),
    ("recipient_domains", Ty::Text),
    ("sender_emails", Ty::Text),
    ("sender_domains", Ty::Text),
];

/// One of the lists; null where nothing is known of it.
pub(super) fn list(model: &Model, index: usize) -> Value {
    let context = model.context();
    let name = TENANT_LISTS.get(index).map_or("", |(name, _)| *name);
    let domains = || context.org_domains.iter().map(|domain| domain.as_str().to_owned());
    match name {
        "org_domains" | "tenant_domains" => Value::Set(Set::new(domains())),
        "org_slds" => {
            let label = |domain: String| domain.split('.').next().map(str::to_owned);
            let registrable = context.org_domains.iter().map(Domain::registrable);
            let labels = registrable.filter_map(|domain| label(domain.to_string()));
            Value::Set(Set::new(labels))
        }
        "org_display_names" => {
            Value::Set(Set::new(context.people.iter().map(|person| person.name.clone())))
        }
        "org_vips" => Value::list(context.people.iter().map(|person| {
            let mut words = person.name.split_whitespace();
            let (first, last) = (words.next(), words.next_back());
            Value::record(ImportantPerson {
                display_name: Value::text(person.name.clone()),
                email: Value::text(person.address.clone()),
                first_name: Value::text_or_null(first),
                last_name: Value::text_or_null(last),
            })
        })),
        "recipient_emails" => senders(model, Who::Address, was_written_to),
        "recipient_domains" => senders(model, Who::Domain, was_written_to),
        "sender_emails" => senders(model, Who::Address, was_heard_of),
        "sender_domains" => senders(model, Who::Domain, was_heard_of),
        _ => Value::Null,
    }
}

#[derive(Clone, Copy)]
enum Who {
    Address,
    Domain,
}

fn was_written_to(profile: &Profile) -> Option<bool> {
    profile.solicited
}

fn was_heard_of(profile: &Profile) -> Option<bool> {
    Some(profile.prevalence != Prevalence::New)
}

/// Of the author and of whom replies go to, those that a list of our own records holds; null where
/// the records are too young to tell. Others that the list holds are not asked for.
fn senders(model: &Model, who: Who, holds: fn(&Profile) -> Option<bool>) -> Value {
    let (message, profiles) = (&model.source.message, &model.context().profiles);
    let of = |boxes: &[Mailbox]| boxes.first().and_then(|one| one.address.clone());
    let (author, reply_to) = (of(&message.from), of(&message.reply_to));
    let known = match who {
        Who::Address => [(author, profiles.sender_email), (reply_to, profiles.reply_to)],
        Who::Domain => [(author, profiles.sender_domain), (reply_to, profiles.reply_to_domain)],
    };
    let mut found = Vec::new();
    let asked = known.into_iter().filter_map(|(address, profile)| Some((address?, profile)));
    for (address, profile) in asked {
        // A list that may hold one of them and does not say so would be a lie.
        let Some(held) = profile.as_ref().and_then(holds) else { return Value::Null };
        match who {
            _ if !held => {}
            Who::Address => found.push(address.to_string()),
            Who::Domain => {
                let domain = address.domain();
                found.extend([domain.to_string(), domain.registrable().to_string()]);
            }
        }
    }
    Value::Set(Set::new(found))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clawback_mail::message::Message;

    use super::*;
    use crate::model::{Context, Profiles};

    fn asked(name: &str, profiles: Profiles) -> Option<Vec<String>> {
        let raw: Arc<[u8]> =
            b"From: Kim@Mail.Shop.Example\r\nReply-To: <x@else.example>\r\n\r\n".as_slice().into();
        let context = Context { profiles, ..Context::default() };
        let model = Model::new(Arc::new(Message::parse(&raw)), raw, Arc::new(context));
        let index = TENANT_LISTS.iter().position(|(known, _)| *known == name).unwrap();
        match list(&model, index) {
            Value::Set(set) => {
                let mut all: Vec<String> = set.iter().map(str::to_owned).collect();
                all.sort();
                Some(all)
            }
            _ => None,
        }
    }

    #[test]
    fn lists_of_senders_are_answered_for_those_behind_the_message() {
        let of =
            |prevalence, solicited| Some(Profile { prevalence, solicited, ..Profile::default() });
        let nothing = Profiles::default();
        for name in ["sender_emails", "sender_domains", "recipient_emails", "recipient_domains"] {
            assert_eq!(asked(name, nothing.clone()), None, "{name}: the records are too young");
        }
        let known = Profiles {
            sender_email: of(Prevalence::New, Some(false)),
            sender_domain: of(Prevalence::Rare, None),
            reply_to: of(Prevalence::Common, Some(true)),
            reply_to_domain: of(Prevalence::Common, None),
            ..Profiles::default()
        };
        let rows = [
            ("sender_emails", Some(vec!["x@else.example"])),
            ("sender_domains", Some(vec!["else.example", "mail.shop.example", "shop.example"])),
            ("recipient_emails", Some(vec!["x@else.example"])),
            ("recipient_domains", None),
        ];
        for (name, meant) in rows {
            let meant = meant.map(|all| all.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(asked(name, known.clone()), meant, "{name}");
        }
    }
}
