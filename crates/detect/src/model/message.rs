//! The message itself as a record: where every rule begins.

use std::rc::Rc;

use clawback_mail::address::{Address, Domain as Name};
use clawback_mail::message::{Direction, Message, Moment};
use clawback_mql::{RecordType, Value};

use crate::model::attachment;
use crate::model::body::Body;
use crate::model::headers::Headers;
use crate::model::lazy::{Fields, Lazy, known};
use crate::model::names::{EmailAddress, mailbox, mailboxes_in};
use crate::model::source::Source;
use crate::model::subject::Subject;
use crate::model::types::mail::{
    EXTERNAL, MAILBOX, MESSAGE, MESSAGE_TYPE, METADATA, OWN_MAILBOX, RECIPIENTS, SENDER,
};

/// A message.
pub(crate) struct MessageFields(pub(crate) Rc<Source>);

impl MessageFields {
    fn sender(&self) -> Value {
        let Some(from) = self.0.message.from.first() else { return Value::Null };
        // Google Groups puts the author elsewhere and writes `Anna via Group`.
        let original = self.0.header("X-Original-Sender").filter(|_| from.name.contains(" via "));
        let Some(original) = original else { return mailbox(&SENDER, from) };
        let name = from.name.split(" via ").next().unwrap_or_default().trim_matches(['\'', '"']);
        known(
            &SENDER,
            [
                ("decoders", Value::texts(["google_groups"])),
                ("display_name", Value::filled(name)),
                ("email", EmailAddress::value(original)),
            ],
        )
    }

    /// The mailbox in which it was found: known where it reached exactly one.
    fn mailbox(&self) -> Value {
        let [one] = self.0.context.recipients.as_slice() else { return Value::Null };
        let message = &self.0.message;
        let named =
            message.to.iter().chain(&message.cc).find(|entry| {
                entry.address.as_ref().is_some_and(|address| address.key() == one.key())
            });
        known(
            &OWN_MAILBOX,
            [
                ("display_name", named.map_or(Value::Null, |entry| Value::filled(&entry.name))),
                ("email", EmailAddress::value(&one.to_string())),
            ],
        )
    }

    fn recipients(&self) -> Value {
        let message = &self.0.message;
        let list = |entries: &[clawback_mail::address::Mailbox]| {
            let values = entries.iter().map(|entry| mailbox(&MAILBOX, entry));
            Value::list(values.filter(|value| !value.is_null()))
        };
        let bcc = self.0.header("Bcc").map(mailboxes_in).unwrap_or_default();
        known(
            &RECIPIENTS,
            [("bcc", Value::list(bcc)), ("cc", list(&message.cc)), ("to", list(&message.to))],
        )
    }

    fn subject(&self) -> Value {
        let says_auto = |value: &str| !value.eq_ignore_ascii_case("no");
        let auto = self.0.header("Auto-Submitted").is_some_and(says_auto)
            || self.0.header("X-Autoreply").is_some()
            || self.0.header("X-Autorespond").is_some();
        Lazy::value(Subject::new(&self.0.message.subject, auto))
    }

    fn kind(&self) -> Value {
        let way = Way::of(&self.0);
        known(
            &MESSAGE_TYPE,
            [
                ("inbound", Value::Bool(way.inbound)),
                ("internal", Value::Bool(way.internal)),
                ("outbound", Value::Bool(way.outbound)),
            ],
        )
    }

    fn external(&self) -> Value {
        let way = Way::of(&self.0);
        let route = if way.inbound || way.internal { "received" } else { "sent" };
        known(&EXTERNAL, [("created_at", self.received_at()), ("route_type", Value::text(route))])
    }

    fn received_at(&self) -> Value {
        let seconds = self.0.context.received_at.or(self.0.message.date);
        seconds.map_or(Value::Null, |seconds| Value::text(Moment::utc(seconds).rfc3339()))
    }

    fn metadata(&self) -> Value {
        let digest = Message::canonical_digest(&self.0.raw);
        known(
            &METADATA,
            [
                ("canonical_id", Value::text(attachment::hex(&digest))),
                ("created_at", self.received_at()),
                ("effective_at", self.received_at()),
            ],
        )
    }
}

impl Fields for MessageFields {
    const TYPE: &'static RecordType = &MESSAGE;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "_errors" => {
                Value::texts(self.0.message.defects.iter().map(|defect| format!("{defect:?}")))
            }
            "_meta" => self.metadata(),
            "attachments" => attachment::all(&self.0),
            "body" => Lazy::value(Body(Rc::clone(&self.0))),
            "external" => self.external(),
            "headers" => Lazy::value(Headers::new(Rc::clone(&self.0))),
            "mailbox" => self.mailbox(),
            "recipients" => self.recipients(),
            "sender" => self.sender(),
            "subject" => self.subject(),
            "type" => self.kind(),
            _ => Value::Null,
        }
    }
}

/// Which way a message went, in the eyes of the organisation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Way {
    inbound: bool,
    internal: bool,
    outbound: bool,
}

impl Way {
    /// What is stated wins: mail from outside in the organisation's own name is from outside.
    /// Else it follows from the author's domain and those of the recipients, the envelope's before
    /// those of the message. Where the organisation's domains are not known, its domains are those
    /// of the recipients.
    fn of(source: &Source) -> Self {
        let recipients = recipients_of(source);
        let is_own = |domain: &Name| match source.context.org_domains.as_slice() {
            [] => recipients.iter().any(|other| other.registrable() == domain.registrable()),
            own => own.iter().any(|own| domain.is_within(own)),
        };
        let author = source.message.from.first().and_then(|from| from.address.as_ref());
        let from_inside = author.is_some_and(|author| is_own(author.domain()));
        let to_inside = recipients.is_empty() || recipients.iter().any(is_own);
        let to_outside = recipients.iter().any(|domain| !is_own(domain));
        match source.context.direction {
            Some(Direction::Inbound) => Self { inbound: true, internal: false, outbound: false },
            Some(Direction::Internal) => {
                Self { inbound: false, internal: true, outbound: to_outside }
            }
            Some(Direction::Originating | Direction::Outbound) => {
                let internal = !recipients.is_empty() && to_inside;
                Self { inbound: false, internal, outbound: to_outside || !internal }
            }
            None => Self {
                inbound: !from_inside && to_inside,
                internal: from_inside && to_inside,
                outbound: from_inside && to_outside,
            },
        }
    }
}

/// The domains of whom it reached, as far as somebody says so.
fn recipients_of(source: &Source) -> Vec<Name> {
    let domain = |address: &Address| address.domain().clone();
    let mut domains: Vec<Name> = source.context.recipients.iter().map(domain).collect();
    if domains.is_empty() {
        let message = &source.message;
        let written = message.to.iter().chain(&message.cc).filter_map(|one| one.address.as_ref());
        domains = written.map(domain).collect();
    }
    domains.sort_unstable();
    domains.dedup();
    domains
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Context;

    #[test]
    fn ways() {
        let rows = [
            ("from outside", "a@b.example", "ben@corp.example", None, (true, false, false)),
            ("inside", "anna@corp.example", "ben@corp.example", None, (false, true, false)),
            ("to outside", "anna@corp.example", "a@b.example", None, (false, false, true)),
            (
                "both",
                "anna@corp.example",
                "ben@corp.example, a@b.example",
                None,
                (false, true, true),
            ),
            ("below", "anna@eu.corp.example", "ben@corp.example", None, (false, true, false)),
            ("to nobody", "a@b.example", "undisclosed-recipients:;", None, (true, false, false)),
            (
                "in the organisation's name",
                "anna@corp.example",
                "ben@corp.example",
                Some(Direction::Inbound),
                (true, false, false),
            ),
        ];
        for own in [vec![Name::parse("corp.example").unwrap()], Vec::new()] {
            for (rule, from, to, direction, meant) in &rows {
                // Without domains of its own, nobody can tell what goes out.
                if own.is_empty() && matches!(*rule, "to outside" | "both") {
                    continue;
                }
                let raw = format!("From: {from}\r\nTo: {to}\r\n\r\nx");
                let context = Context {
                    org_domains: own.clone(),
                    direction: *direction,
                    ..Context::default()
                };
                let message = Arc::new(Message::parse(raw.as_bytes()));
                let source = Source::new(message, raw.as_bytes().into(), Arc::new(context), 0);
                let way = Way::of(&source);
                assert_eq!((way.inbound, way.internal, way.outbound), *meant, "{rule}");
            }
        }
    }
}
