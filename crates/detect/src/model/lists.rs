//! The lists that rules know by name and that differ by tenant or by message.

use clawback_mail::address::Domain;
use clawback_mql::{Set, Ty, Value, record};

use super::Model;

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
        // Whom the organisation wrote to, and who wrote to it: nothing is known of it here.
        _ => Value::Null,
    }
}
