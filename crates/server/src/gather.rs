//! What is looked up for messages before they are judged: what our own records say about those
//! behind them.
//!
//! It promises one query for all messages of a part of a segment, and an answer within
//! [`GATHER_TIME_MAX`]: what the records do not say by then is not known, and never a failure of a
//! message. What was gathered for a message once stays so: where it is judged again, the records
//! speak of the message itself. `docs/sender-history.md` says what is counted, and what not.

use std::collections::BTreeMap;
use std::time::Duration;

use clawback_core::Reach;
use clawback_core::UnixMillis;
use clawback_core::history::{
    Contact, Gathered, Prevalence, Profile, REGISTERED_MAX, Senders, keys,
};
use clawback_core::record::Arrival;
use clawback_core::tenant::Tenant;
use clawback_detect::model::Registration;
use clawback_detect::{Facts, Registrations, is_shared_domain, model};
use clawback_mail::address::{Address, Domain, Mailbox};
use clawback_mail::journal::Report;
use clawback_mail::message::{Authentication, Direction, Message, Outcome};
use clawback_store::{Known, Question, RegionStore};
use metrics::counter;

/// Those behind one message, as far as the records can be asked about them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behind {
    author: Option<Address>,
    reply_to: Option<Address>,
    auth_failed: bool,
    /// When domains of the message were registered.
    registered: BTreeMap<String, i64>,
}

impl Behind {
    /// Those named in a message, and what the feed of domains knows of it.
    pub(crate) fn of(message: &Message, registrations: &Registrations) -> Self {
        let address = |boxes: &[Mailbox]| boxes.first().and_then(|mailbox| mailbox.address.clone());
        let said = &message.authentication;
        let all = [said.spf, said.dkim, said.dmarc, said.compauth];
        Self {
            author: address(&message.from),
            reply_to: address(&message.reply_to),
            auth_failed: all.contains(&Outcome::Fail),
            registered: registered(message, registrations),
        }
    }

    /// The address and domain of the author, then those that replies go to.
    fn keys(&self) -> Vec<String> {
        [&self.author, &self.reply_to].into_iter().flatten().flat_map(keys).collect()
    }

    /// What was gathered for the message: the answer, and what needs no question.
    fn gathered(&self, known: Option<Known>, received: UnixMillis) -> Gathered {
        let found = known.map(|known| self.facts(known, received)).unwrap_or_default();
        if found.received_at.is_some() {
            return found;
        }
        Gathered {
            received_at: i64::try_from(received.seconds()).ok(),
            registered: self.registered.clone(),
            ..found
        }
    }

    /// What the answer to a question about these keys says of them.
    fn facts(&self, known: Known, received: UnixMillis) -> Gathered {
        if let Some(before) = known.before {
            return before;
        }
        let mut found = known.counterparties.into_iter();
        let mut next = || {
            let found = found.next().unwrap_or_default();
            Profile::of(found.as_ref(), &known.history, received)
        };
        let (address, domain) = if self.author.is_some() { (next(), next()) } else { (None, None) };
        let (reply_to, reply_to_domain) =
            if self.reply_to.is_some() { (next(), next()) } else { (None, None) };
        if [address, domain, reply_to, reply_to_domain].iter().all(Option::is_none) {
            return Gathered::default();
        }
        let domain_of = self.author.as_ref().map(|author| author.domain().registrable());
        let shared = domain_of.is_some_and(|domain| is_shared_domain(domain.as_str()));
        let auth_failed = self.auth_failed;
        let senders = Senders { address, domain, reply_to, reply_to_domain, shared, auth_failed };
        Gathered { senders: Some(senders), ..Gathered::default() }
    }
}

/// When the domains of the senders and links of a message were registered, of those that are
/// known.
fn registered(message: &Message, registrations: &Registrations) -> BTreeMap<String, i64> {
    if registrations.is_empty() {
        return BTreeMap::new();
    }
    let senders = message.from.iter().chain(&message.sender).chain(&message.reply_to);
    let senders = senders.filter_map(|mailbox| Some(mailbox.address.as_ref()?.domain().clone()));
    let hosts = message.links.iter().filter_map(|link| link.host.as_deref());
    let hosts = hosts.take(LINKS_MAX).filter_map(|host| Domain::parse(host).ok());
    let mut found = BTreeMap::new();
    for domain in senders.take(SENDERS_MAX).chain(hosts) {
        let name = domain.registrable().to_string();
        if found.len() < REGISTERED_MAX
            && let Some(created) = registrations.created(&name)
        {
            found.insert(name, created);
        }
    }
    found
}

/// Somebody to be asked about.
pub(crate) trait Asked {
    /// The question, whose keys are those of [`Asked::behind`].
    fn question(&self, keys: Vec<String>) -> Question;
    /// Those behind the message.
    fn behind(&self) -> &Behind;
    /// When it was received.
    fn received(&self) -> UnixMillis;
}

/// Looks up what the records say: a value for each message, in order.
pub(crate) async fn gather<A: Asked>(region: &RegionStore, about: &[A]) -> Vec<Gathered> {
    let questions = about.iter().map(|one| one.question(one.behind().keys())).collect();
    let answers = tokio::time::timeout(GATHER_TIME_MAX, region.known(questions)).await;
    let answers = match answers {
        Ok(Ok(answers)) => answers,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the history of senders could not be read: it is not known");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!("the history of senders took too long: it is not known");
            Vec::new()
        }
    };
    if answers.len() < about.len() {
        counter!("clawback_not_gathered_total").increment(about.len() as u64);
        return about.iter().map(|one| one.behind().gathered(None, one.received())).collect();
    }
    let of = |(one, known): (&A, Known)| one.behind().gathered(Some(known), one.received());
    about.iter().zip(answers).map(of).collect()
}

/// What was gathered, as it is judged with: from this, the octets and the knowledge a verdict can
/// be reached again.
pub(crate) fn facts(gathered: &Gathered) -> Facts {
    let registrations = gathered.registered.iter().map(|(domain, created)| {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
        let days = |seconds: i64| seconds.max(0) as f64 / DAY_SECONDS;
        let registration = Registration {
            days_old: gathered.received_at.map(|received| days(received - created)),
            created_at: Some(*created),
            registrar: None,
        };
        (domain.as_str().into(), registration)
    });
    Facts {
        profiles: profiles(gathered),
        registrations: registrations.collect(),
        received_at: gathered.received_at,
        ..Facts::default()
    }
}

/// What was gathered, as rules see it.
fn profiles(gathered: &Gathered) -> model::Profiles {
    let Some(senders) = &gathered.senders else { return model::Profiles::default() };
    let told = |profile: Option<Profile>| {
        profile.map(|profile| model::Profile {
            prevalence: match profile.prevalence {
                Prevalence::New => model::Prevalence::New,
                Prevalence::Outlier => model::Prevalence::Outlier,
                Prevalence::Rare => model::Prevalence::Rare,
                Prevalence::Uncommon => model::Prevalence::Uncommon,
                Prevalence::Common => model::Prevalence::Common,
            },
            solicited: profile.solicited,
            any_messages_malicious_or_spam: profile.bad,
            any_messages_benign: profile.benign,
            days_known: profile.days_known,
            auth_failed: senders.auth_failed,
        })
    };
    model::Profiles {
        sender: told(if senders.shared { senders.address } else { senders.domain }),
        sender_email: told(senders.address),
        sender_domain: told(senders.domain),
        reply_to: told(senders.reply_to),
        reply_to_domain: told(senders.reply_to_domain),
    }
}

/// What a message adds to the history of those it was exchanged with.
///
/// Only the provider's reports count, for anybody can write anything else; only authors who did not
/// fail the provider's checks are heard of; and only what a person wrote makes others solicited: an
/// automatic reply is had for the asking.
pub(crate) fn contact(
    message: &Message,
    report: Option<&Report>,
    arrival: Arrival,
    direction: Option<Direction>,
    tenant: Option<&Tenant>,
) -> Contact {
    let author = message.from.first().and_then(|mailbox| mailbox.address.as_ref());
    let (Some(author), Some(tenant), Some(report)) = (author, tenant, report) else {
        return Contact::default();
    };
    if !arrival.may_act() {
        return Contact::default();
    }
    let own = tenant.reach(author) == Reach::Internal;
    let heard = match direction {
        Some(Direction::Inbound) => !own && !author_failed(&message.authentication),
        Some(Direction::Internal) => own,
        Some(Direction::Originating | Direction::Outbound) | None => false,
    };
    let sent = matches!(
        direction,
        Some(Direction::Internal | Direction::Originating | Direction::Outbound)
    );
    Contact {
        heard: heard.then(|| author.clone()),
        wrote: own && sent && !is_automatic(message, report),
    }
}

/// Whether the provider says that the message is not from its author.
fn author_failed(said: &Authentication) -> bool {
    match (said.dmarc, said.compauth) {
        (_, Outcome::Fail) => true,
        (dmarc, compauth) => dmarc == Outcome::Fail && compauth != Outcome::Pass,
    }
}

/// Whether a program wrote or forwarded a message, or it went to a list of subscribers.
// spec: rfc3834#5
fn is_automatic(message: &Message, report: &Report) -> bool {
    let null_sender =
        report.sender.is_none() && matches!(report.sender_raw.trim(), "" | "<>" | "< >");
    let by_program = message.header("Auto-Submitted").is_some_and(|value| {
        !value.trim().get(..2).is_some_and(|no| no.eq_ignore_ascii_case("no"))
    });
    null_sender || by_program || AUTOMATIC.iter().any(|name| message.header(name).is_some())
}

/// Fields that Exchange and others put into what no person sent to somebody.
const AUTOMATIC: [&str; 6] = [
    "List-Unsubscribe",
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
    "X-MS-Exchange-Generated-Message-Source",
    "X-MS-Exchange-Inbox-Rules-Loop",
];
const DAY_SECONDS: f64 = 86_400.0;
/// Senders and links whose domains are looked up.
const SENDERS_MAX: usize = 8;
const LINKS_MAX: usize = 200;
/// A worker waits no longer than this: it is some hundred times what the query takes.
const GATHER_TIME_MAX: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use clawback_core::TenantId;
    use clawback_core::history::{Counterparty, Depth, History};
    use clawback_mail::journal::State;

    use super::*;

    fn tenant() -> Tenant {
        let domains = vec![Domain::parse("corp.example").unwrap()];
        Tenant::new(TenantId::from_octets([1; 16]), "Example Corp".into(), domains)
    }

    fn report(sender: &str) -> Report {
        Report {
            sender: Address::parse(sender).ok(),
            sender_raw: sender.into(),
            state: State::Complete,
            ..Report::default()
        }
    }

    fn mail(from: &str, fields: &str) -> Message {
        Message::parse(
            format!("{fields}From: {from}\r\nSubject: Hello\r\n\r\nHello.\r\n").as_bytes(),
        )
    }

    #[test]
    fn only_mail_that_is_believed_counts() {
        use Direction as D;
        let anna = "anna@corp.example";
        let rows = [
            ("from outside", "ben@shop.example", D::Inbound, (true, false)),
            ("own domain from outside", anna, D::Inbound, (false, false)),
            ("inside", anna, D::Internal, (true, true)),
            ("to the outside", anna, D::Outbound, (false, true)),
            ("sent, not said where to", anna, D::Originating, (false, true)),
            ("a guest's, forwarded", "ben@shop.example", D::Outbound, (false, false)),
        ];
        let tenant = tenant();
        for (what, from, direction, meant) in rows {
            let (message, report) = (mail(from, ""), report(from));
            let of = |arrival| {
                let found =
                    contact(&message, Some(&report), arrival, Some(direction), Some(&tenant));
                (found.heard.is_some(), found.wrote)
            };
            assert_eq!(of(Arrival::JournalReport), meant, "{what}");
            for arrival in [Arrival::Unverified, Arrival::PlainCopy, Arrival::Unexpected] {
                assert_eq!(of(arrival), (false, false), "{what}, {arrival:?}");
            }
        }
    }

    #[test]
    fn what_a_program_sent_makes_nobody_solicited() {
        let rows = [
            ("", "anna@corp.example", true),
            ("Auto-Submitted: no\r\n", "anna@corp.example", true),
            ("", "<>", false),
            ("Auto-Submitted: auto-replied\r\n", "anna@corp.example", false),
            ("X-Auto-Response-Suppress: All\r\n", "anna@corp.example", false),
            ("List-Unsubscribe: <mailto:off@corp.example>\r\n", "anna@corp.example", false),
            ("X-MS-Exchange-Inbox-Rules-Loop: anna\r\n", "anna@corp.example", false),
        ];
        for (fields, sender, meant) in rows {
            let (message, report) = (mail("anna@corp.example", fields), report(sender));
            let direction = Some(Direction::Outbound);
            let arrival = Arrival::JournalReport;
            let found = contact(&message, Some(&report), arrival, direction, Some(&tenant()));
            assert_eq!(found.wrote, meant, "{fields} from {sender}");
        }
    }

    #[test]
    fn who_failed_the_providers_checks_is_not_heard_of() {
        use Outcome as O;
        let rows = [
            (O::Pass, O::Unstated, true),
            (O::None, O::Unstated, true),
            (O::Fail, O::Unstated, false),
            (O::Fail, O::Pass, true),
            (O::None, O::Fail, false),
        ];
        for (dmarc, compauth, meant) in rows {
            let mut message = mail("ben@shop.example", "");
            message.authentication = Authentication { dmarc, compauth, ..Default::default() };
            let report = report("ben@shop.example");
            let (arrival, direction) = (Arrival::JournalReport, Some(Direction::Inbound));
            let found = contact(&message, Some(&report), arrival, direction, Some(&tenant()));
            assert_eq!(found.heard.is_some(), meant, "dmarc {dmarc:?}, compauth {compauth:?}");
        }
    }

    fn those_behind(from: &str, fields: &str) -> Behind {
        Behind::of(&mail(from, fields), &Registrations::default())
    }

    /// The address was heard of on one day, the domain on twenty, replies go to a stranger.
    fn known() -> Known {
        let depth = Depth { began: Some(UnixMillis(0)), days: 30, messages: 500 };
        let of = |days| Counterparty {
            first_heard: Some(UnixMillis(86_400_000)),
            days,
            bad: days / 20,
            ..Counterparty::default()
        };
        Known {
            before: None,
            history: History { heard: depth, wrote: depth },
            counterparties: vec![Some(of(1)), Some(of(20)), None, Some(of(2))],
        }
    }

    #[test]
    fn a_shared_domain_speaks_for_nobody() {
        let at = UnixMillis(86_400_000 * 40);
        let rows = [
            ("ben@shop.example", model::Prevalence::Common, true),
            ("ben@gmail.com", model::Prevalence::Outlier, false),
        ];
        for (from, prevalence, bad) in rows {
            let behind = those_behind(from, "Reply-To: else@other.example\r\n");
            assert_eq!(behind.keys().len(), 4);
            let told = profiles(&behind.facts(known(), at));
            let sender = told.sender.unwrap();
            assert_eq!(
                (sender.prevalence, sender.any_messages_malicious_or_spam),
                (prevalence, bad)
            );
            assert!((sender.days_known - 39.0).abs() < 1e-9);
            assert_eq!(told.sender_email.unwrap().prevalence, model::Prevalence::Outlier);
            assert_eq!(told.sender_domain.unwrap().prevalence, model::Prevalence::Common);
            let reply_to = told.reply_to.unwrap();
            assert_eq!(reply_to.prevalence, model::Prevalence::New);
            assert!(reply_to.solicited == Some(false) && reply_to.days_known == 0.0);
        }
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let at = UnixMillis(86_400_000 * 40);
        let behind = those_behind("ben@shop.example", "");
        let young = Known { history: History::default(), ..known() };
        let told = profiles(&behind.facts(young, at));
        assert!(told.sender.is_none() && told.sender_email.is_none());
        let told = profiles(&behind.facts(known(), at));
        assert!(told.sender.is_some() && told.reply_to.is_none(), "there is no Reply-To");
        let nobody = those_behind("", "");
        assert_eq!(nobody.facts(known(), at), Gathered::default());
    }

    #[test]
    fn what_was_gathered_once_stays() {
        let before = Gathered {
            senders: Some(Senders { address: Some(Profile::default()), ..Senders::default() }),
            received_at: Some(1),
            ..Gathered::default()
        };
        let known = Known { before: Some(before.clone()), ..known() };
        let behind = those_behind("ben@shop.example", "");
        assert_eq!(behind.facts(known, UnixMillis(86_400_000 * 40)), before);
    }
}
