//! One message with all that detectors share about it, worked out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use clawback_core::record::Recipient;
use clawback_core::verdict::Evidence;
use clawback_mail::address::{Address, Domain, Mailbox};
use clawback_mail::message::{Authentication, Direction, Message, Outcome};

use crate::domains::is_free_mail;
use crate::knowledge::{Knowledge, Person};
use crate::model::{Context, Model, Profiles, Registration};
use crate::target::Target;

/// What is judged: a message and what its envelope says.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The message.
    pub message: &'a Arc<Message>,
    /// The octets it was read from.
    pub raw: &'a Arc<[u8]>,
    /// The envelope sender, where it is known and not null.
    pub envelope_from: Option<&'a Address>,
    /// Whom it reached.
    pub recipients: &'a [Recipient],
    /// Which way it went, as far as the caller trusts what is stated; `None` counts as from
    /// outside.
    pub direction: Option<Direction>,
}

/// What was looked up for one message. What is missing is never held against it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Authentication as we found it ourselves; used where the provider stated none.
    pub authentication: Option<Authentication>,
    /// What our own records say about the sender.
    pub profiles: Profiles,
    /// When domains of the message were registered, by registrable domain in lower case.
    pub registrations: BTreeMap<Box<str>, Registration>,
    /// When the message came in, in seconds since 1970, UTC.
    pub received_at: Option<i64>,
}

/// What authentication says about the From domain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// It failed, and nobody overruled that.
    Failed,
    /// It failed, and the provider overruled that.
    Overruled,
    /// Stated, and neither passed nor failed: no policy, no signature.
    Unverified,
    /// Nothing was stated.
    Unstated,
    /// It passed.
    Passed,
}

impl Standing {
    fn of(stated: &Authentication) -> Self {
        let unstated = [stated.spf, stated.dkim, stated.dmarc, stated.compauth]
            .iter()
            .all(|outcome| *outcome == Outcome::Unstated);
        match (stated.dmarc, stated.compauth) {
            (_, Outcome::Fail) => Self::Failed,
            (Outcome::Fail, Outcome::Pass) => Self::Overruled,
            (Outcome::Fail, _) => Self::Failed,
            (Outcome::Pass | Outcome::BestGuessPass, _) | (_, Outcome::Pass) => Self::Passed,
            _ if unstated => Self::Unstated,
            _ => Self::Unverified,
        }
    }
}

/// What detectors look at.
pub(crate) struct Case<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) message: &'a Message,
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) authentication: &'a Authentication,
    pub(crate) registrations: &'a BTreeMap<Box<str>, Registration>,
    pub(crate) standing: Standing,
    /// The first author.
    pub(crate) from: Option<&'a Mailbox>,
    pub(crate) targets: Vec<Target<'a>>,
    /// Whether it came through a list where people talk to each other.
    pub(crate) is_discussion: bool,
}

impl<'a> Case<'a> {
    pub(crate) fn new(subject: Subject<'a>, knowledge: &'a Knowledge, facts: &'a Facts) -> Self {
        let message = subject.message;
        let stated = &message.authentication;
        let authentication = match &facts.authentication {
            Some(found) if Standing::of(stated) == Standing::Unstated => found,
            _ => stated,
        };
        let has = |name: &str| message.header(name).is_some();
        let is_discussion = has("List-Post")
            || has("Mailing-List")
            || has("X-Mailman-Version")
            || message.header("Precedence").is_some_and(|v| v.trim().eq_ignore_ascii_case("list"));
        Self {
            subject,
            message,
            knowledge,
            authentication,
            registrations: &facts.registrations,
            standing: Standing::of(authentication),
            from: message.from.first(),
            targets: Target::all_of(message),
            is_discussion,
        }
    }

    /// The message as compiled rules see it.
    pub(crate) fn model(&self, facts: &Facts) -> Model {
        let subject = &self.subject;
        let known = self.knowledge;
        let recipients = subject.recipients.iter().filter_map(|one| one.address.clone());
        let found = (!std::ptr::eq(self.authentication, &self.message.authentication))
            .then(|| self.authentication.clone());
        let context = Context {
            org_domains: known.own_domains().to_vec(),
            people: known.people().iter().map(Person::listed).collect(),
            recipients: recipients.collect(),
            direction: subject.direction,
            authentication: found,
            profiles: facts.profiles.clone(),
            registrations: facts.registrations.clone(),
            received_at: facts.received_at,
            yara: known.pack().yara().cloned(),
        };
        Model::new(Arc::clone(subject.message), Arc::clone(subject.raw), Arc::new(context))
    }

    /// Whether the sender's authentication failed, or names another domain than From.
    pub(crate) fn is_unauthenticated(&self) -> bool {
        let stated = self.authentication;
        let author = self.author_domain().map(Domain::registrable);
        let differs = stated.mail_from_domain.as_ref().is_some_and(|mail_from| {
            author.is_some_and(|author| mail_from.registrable() != author)
        });
        self.standing == Standing::Failed || (differs && !self.is_verified())
    }

    pub(crate) fn author_address(&self) -> Option<&'a Address> {
        self.from.and_then(|from| from.address.as_ref())
    }

    pub(crate) fn author_domain(&self) -> Option<&'a Domain> {
        self.author_address().map(Address::domain)
    }

    pub(crate) fn author_is_free_mail(&self) -> bool {
        self.author_domain().is_some_and(|domain| is_free_mail(domain.registrable().as_str()))
    }

    /// Whether the author's domain is proven: DMARC passed, or SPF or DKIM passed for that domain.
    pub(crate) fn is_verified(&self) -> bool {
        let stated = self.authentication;
        let Some(author) = self.author_domain().map(Domain::registrable) else { return false };
        let aligned = |outcome: Outcome, domain: Option<&Domain>| {
            outcome == Outcome::Pass && domain.is_some_and(|d| d.registrable() == author)
        };
        stated.dmarc == Outcome::Pass
            || aligned(stated.dkim, stated.dkim_domain.as_ref())
            || aligned(stated.spf, stated.mail_from_domain.as_ref())
    }

    /// Whether it came from outside, as far as is known.
    pub(crate) fn is_inbound(&self) -> bool {
        matches!(self.subject.direction, None | Some(Direction::Inbound))
    }

    /// Whether From is in one of the organisation's domains.
    pub(crate) fn author_is_own(&self) -> bool {
        self.author_domain().is_some_and(|domain| self.knowledge.is_own(domain))
    }

    /// Everyone who claims to have sent it, each with where that stands.
    pub(crate) fn senders(&self) -> Vec<(&'static str, &'a Address)> {
        let named = |place, boxes: &'a [Mailbox]| {
            boxes.iter().filter_map(move |m| Some((place, m.address.as_ref()?)))
        };
        named("header From", &self.message.from)
            .chain(named("header Sender", self.message.sender.as_slice()))
            .chain(self.subject.envelope_from.map(|address| ("envelope sender", address)))
            .collect()
    }

    /// The From field as evidence.
    pub(crate) fn author_evidence(&self, note: impl Into<String>) -> Evidence {
        let quote = self.from.map_or_else(String::new, |from| match from.name.as_str() {
            "" => from.raw.clone(),
            name => format!("{name} <{}>", from.raw),
        });
        Evidence::new("header From", quote, note)
    }

    /// What the provider stated, as evidence.
    pub(crate) fn authentication_evidence(&self) -> Evidence {
        let stated = self.authentication;
        let word = |outcome: Outcome| format!("{outcome:?}").to_ascii_lowercase();
        let quote = format!(
            "spf={} dkim={} dmarc={} compauth={}",
            word(stated.spf),
            word(stated.dkim),
            word(stated.dmarc),
            word(stated.compauth),
        );
        let who = if std::ptr::eq(stated, &self.message.authentication) {
            "as the provider states it"
        } else {
            "as we found it"
        };
        Evidence::new("authentication", quote, who)
    }
}
