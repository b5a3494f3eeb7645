//! What our own records say about who a tenant exchanges mail with, and what rules are told of it.
//!
//! A [`Contact`] is what one message adds; a [`Counterparty`] is what was added up for one address
//! or domain; a [`Profile`] is what a rule sees. `docs/sender-history.md` says what each word
//! means and why. Where the records are too young to tell, there is no profile: not known is not
//! the same as new.

use std::collections::BTreeMap;

use clawback_mail::address::Address;
use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;
use crate::verdict::Disposition;

/// What one message adds to the history of those it was exchanged with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    /// The author, where the message is believed to come from them.
    pub heard: Option<Address>,
    /// Whether a person of the tenant wrote it: then its external recipients were written to.
    pub wrote: bool,
}

/// What is recorded of one address or one domain that a tenant exchanges mail with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counterparty {
    /// When its first message was received; `None` where it was only written to.
    pub first_heard: Option<UnixMillis>,
    /// Days on which messages were received from it.
    pub days: u64,
    /// Messages of it that were found to be spam or worse.
    pub bad: u64,
    /// Messages of it that a person found to be harmless.
    pub benign: u64,
    /// Days on which people of the tenant wrote to it.
    pub written_days: u64,
    /// Whether most others were heard of on more days.
    pub seldom: bool,
}

/// How far back a tenant's records go, in one direction.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Depth {
    /// When the first message was received.
    pub began: Option<UnixMillis>,
    /// On how many days there were messages.
    pub days: u64,
    /// How many messages.
    pub messages: u64,
}

impl Depth {
    /// Whether what is not in the records can be taken for new.
    #[must_use]
    pub fn is_enough(&self, now: UnixMillis, messages_min: u64) -> bool {
        let Some(began) = self.began else { return false };
        let old = now.since(began).as_secs() >= AGE_DAYS_MIN * DAY_SECONDS;
        (old && self.days >= MAIL_DAYS_MIN) || self.messages >= messages_min
    }
}

/// How far back a tenant's records go.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct History {
    /// Mail that was received.
    pub heard: Depth,
    /// Mail that people of the tenant sent to others.
    pub wrote: Depth,
}

/// How much mail came from a sender.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Prevalence {
    /// None before.
    #[default]
    New,
    /// On one day.
    Outlier,
    /// On a few days.
    Rare,
    /// On several days.
    Uncommon,
    /// On many days.
    Common,
}

/// What rules are told of one sender. One is stored with every message, so its names there are
/// short.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Profile {
    /// How much mail came from it.
    #[serde(rename = "p")]
    pub prevalence: Prevalence,
    /// Whether somebody of the tenant wrote to it before; `None` where too little of what the
    /// tenant sends is in the records to tell.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub solicited: Option<bool>,
    /// Whether mail of it was found to be spam or worse.
    #[serde(rename = "b", skip_serializing_if = "is_false")]
    pub bad: bool,
    /// Whether a person found mail of it to be harmless.
    #[serde(rename = "g", skip_serializing_if = "is_false")]
    pub benign: bool,
    /// Days from its first message to this one.
    #[serde(rename = "d", skip_serializing_if = "is_zero")]
    pub days_known: f64,
}

impl Profile {
    /// The profile at the time `at`; `None` where the records are too young to tell.
    #[must_use]
    pub fn of(found: Option<&Counterparty>, history: &History, at: UnixMillis) -> Option<Self> {
        if !history.heard.is_enough(at, HEARD_MIN) {
            return None;
        }
        let nobody = Counterparty::default();
        let found = found.unwrap_or(&nobody);
        let written = found.written_days > 0;
        // That somebody was written to is known for sure; that nobody was, only from enough mail.
        let solicited = (written || history.wrote.is_enough(at, WROTE_MIN)).then_some(written);
        Some(Self {
            prevalence: prevalence(found),
            solicited,
            bad: found.bad > 0,
            benign: found.benign > 0,
            days_known: found.first_heard.map_or(0.0, |first| days(first, at)),
        })
    }
}

/// By the days on which mail came, which a burst of mail cannot fake; one step less for whoever
/// was heard of on fewer days than most others.
fn prevalence(of: &Counterparty) -> Prevalence {
    let steps = [Prevalence::Outlier, Prevalence::Rare, Prevalence::Uncommon, Prevalence::Common];
    if of.days == 0 {
        return Prevalence::New;
    }
    let reached = DAYS_OF_STEP.iter().filter(|days| of.days >= **days).count();
    let step = if of.seldom { reached.saturating_sub(1) } else { reached };
    steps.get(step).copied().unwrap_or(Prevalence::Common)
}

/// Days to a tenth of a thousandth: what is stored is read back as the same number.
fn days(from: UnixMillis, to: UnixMillis) -> f64 {
    let days = to.since(from).as_secs_f64() / DAY_SECONDS_F;
    (days * ROUND).round() / ROUND
}

/// Whether a message of this disposition counts against its sender. A suspicion does not: it may be
/// wrong, and would stay with the sender for good.
#[must_use]
pub fn is_bad(disposition: Disposition) -> bool {
    disposition >= Disposition::Spam && disposition != Disposition::Suspicious
}

/// What an address is found by: itself, and the domain that somebody registered. The two cannot be
/// mistaken for each other, one has an `@`; the first begins with the second, so that whatever is
/// sorted by keys has both in one place.
#[must_use]
pub fn keys(address: &Address) -> [String; 2] {
    let domain = address.domain().registrable().to_string();
    [format!("{domain}/{}", address.key()), domain]
}

/// What the records say about those behind one message.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Senders {
    /// About the author's address.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub address: Option<Profile>,
    /// About the author's domain.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub domain: Option<Profile>,
    /// About the address that replies go to.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Profile>,
    /// About the domain that replies go to.
    #[serde(rename = "q", skip_serializing_if = "Option::is_none")]
    pub reply_to_domain: Option<Profile>,
    /// Whether the author's domain is one that strangers share: then the address speaks for them.
    #[serde(rename = "h", skip_serializing_if = "is_false")]
    pub shared: bool,
    /// Whether this message failed a check of who sent it.
    #[serde(rename = "f", skip_serializing_if = "is_false")]
    pub auth_failed: bool,
}

/// What was looked up for one message before it was judged; kept with its verdict, so that the
/// verdict can be reached again.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Gathered {
    /// About those behind it; `None` where the records could not be asked, or nobody is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub senders: Option<Senders>,
    /// When the message came in, in seconds since 1970, UTC: ages are counted from then.
    #[serde(rename = "at", skip_serializing_if = "Option::is_none")]
    pub received_at: Option<i64>,
    /// When domains of the message were registered, in seconds since 1970, UTC: those that are
    /// known, [`REGISTERED_MAX`] at most.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub registered: BTreeMap<String, i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Most domains of one message whose age is looked up and kept.
pub const REGISTERED_MAX: usize = 32;
/// Days that the records must go back before a stranger is new and not just unknown.
pub const AGE_DAYS_MIN: u64 = 14;
/// Days of them on which there was mail: a single test before journaling began is no history.
pub const MAIL_DAYS_MIN: u64 = 10;
/// Or this many messages received.
pub const HEARD_MIN: u64 = 10_000;
/// Or, for what the tenant sends, this many messages.
pub const WROTE_MIN: u64 = 1_000;
/// Days with mail from which on a sender is rare, uncommon, common.
const DAYS_OF_STEP: [u64; 3] = [2, 4, 10];
const DAY_SECONDS: u64 = 86_400;
const DAY_SECONDS_F: f64 = 86_400.0;
const ROUND: f64 = 10_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    fn at(day: u64) -> UnixMillis {
        UnixMillis(day * DAY)
    }

    fn old() -> History {
        let depth = Depth { began: Some(at(0)), days: 30, messages: 900 };
        History { heard: depth, wrote: depth }
    }

    fn of(days: u64, seldom: bool) -> Counterparty {
        Counterparty { first_heard: Some(at(5)), days, seldom, ..Default::default() }
    }

    #[test]
    fn a_young_history_tells_nothing() {
        let depth = |began, days, messages| Depth { began: Some(at(began)), days, messages };
        let rows = [
            ("no mail", Depth::default(), false),
            ("thirteen days", depth(1_987, 13, 900), false),
            ("one test long ago", depth(0, 1, 1), false),
            ("ten days of mail in two weeks", depth(1_986, 10, 900), true),
            ("very much mail at once", depth(2_000, 1, HEARD_MIN), true),
        ];
        for (what, heard, known) in rows {
            let history = History { heard, wrote: heard };
            assert_eq!(Profile::of(None, &history, at(2_000)).is_some(), known, "{what}");
        }
    }

    #[test]
    fn prevalence_grows_with_days_and_is_less_for_who_has_fewer_than_most() {
        use Prevalence as P;
        let rows = [
            (0, false, P::New),
            (1, false, P::Outlier),
            (1, true, P::Outlier),
            (2, false, P::Rare),
            (2, true, P::Outlier),
            (4, false, P::Uncommon),
            (9, true, P::Rare),
            (10, false, P::Common),
            (500, true, P::Uncommon),
        ];
        for (days, seldom, meant) in rows {
            let profile = Profile::of(Some(&of(days, seldom)), &old(), at(40)).unwrap();
            assert_eq!(profile.prevalence, meant, "{days} days, seldom {seldom}");
        }
    }

    #[test]
    fn that_nobody_was_written_to_is_known_only_from_enough_mail() {
        let only_inbound = History { wrote: Depth::default(), ..old() };
        let written = Counterparty { written_days: 1, ..of(2, false) };
        let solicited = |found, history| Profile::of(found, history, at(40)).unwrap().solicited;
        let old = old();
        assert_eq!(solicited(None, &old), Some(false));
        assert_eq!(solicited(None, &only_inbound), None);
        assert_eq!(solicited(Some(&written), &only_inbound), Some(true));
    }

    #[test]
    fn what_was_gathered_is_read_back_as_it_was() {
        let profile = Profile::of(Some(&of(3, true)), &old(), UnixMillis(40 * DAY + 12_345));
        let senders = Senders { address: profile, auth_failed: true, ..Senders::default() };
        let gathered = Gathered { senders: Some(senders), ..Gathered::default() };
        let text = serde_json::to_string(&gathered).unwrap();
        assert_eq!(serde_json::from_str::<Gathered>(&text).unwrap(), gathered, "{text}");
        assert_eq!(serde_json::to_string(&Gathered::default()).unwrap(), "{}");
    }

    #[test]
    fn a_sender_is_found_by_address_and_by_what_was_registered() {
        let address = Address::parse("Billing@Mail.Shop.Example.NET").unwrap();
        assert_eq!(keys(&address), ["example.net/billing@mail.shop.example.net", "example.net"]);
    }
}
