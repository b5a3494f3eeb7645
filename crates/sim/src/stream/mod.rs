//! An endless stream of mail of our own making, good and bad, as a company would receive it.
//!
//! The same seed gives the same mail; the salt goes into the message ids, so that a second run on
//! the same records makes new messages. Every company, person and host in it is invented, and every
//! domain ends in `.example`.
//!
//! What a mail should be judged as goes with it, and why. Nothing in the mail itself says so.

mod bad;
mod draft;
mod exchange;
mod gmail;
mod good;
mod intel;
pub(crate) mod mime;
mod organisation;

use std::collections::VecDeque;

use jiff::Timestamp;

use self::draft::{Draft, Maker};
pub use self::intel::intel_list;
pub use self::organisation::{Organisation, Person};
use crate::journal::Recipient;
use crate::random::Random;

/// One message of the stream.
#[derive(Clone, Debug)]
pub struct DemoMail {
    /// What it should be judged as: `MALICIOUS SUSPICIOUS SPOOF SPAM BULK CLEAN`.
    pub label: &'static str,
    /// Why, in a few words.
    pub story: &'static str,
    /// The message with the header fields that the receiving service adds.
    pub raw: Vec<u8>,
    /// The `Message-ID`, with its angle brackets.
    pub message_id: String,
    /// The subject, as a person reads it.
    pub subject: String,
    /// The sender of the envelope.
    pub mail_from: String,
    /// The mailboxes it goes to.
    pub recipients: Vec<String>,
    journal_recipients: Vec<Recipient>,
}

impl DemoMail {
    /// The recipients as a journal report names them.
    pub fn journal_recipients(&self) -> &[Recipient] {
        &self.journal_recipients
    }
}

/// Makes one mail after the other.
#[derive(Clone, Debug)]
pub struct MailStream {
    organisation: Organisation,
    random: Random,
    salt: String,
    count: u64,
    deck: VecDeque<Kind>,
}

/// One kind of mail.
type Kind = fn(&mut Maker<'_>) -> Draft;

impl MailStream {
    /// A stream that follows from a seed; only letters and digits of the salt are used.
    pub fn new(seed: u64, salt: &str, organisation: Organisation) -> Self {
        let salt = salt.chars().filter(char::is_ascii_alphanumeric).take(SALT_MAX).collect();
        Self { organisation, random: Random::new(seed), salt, count: 0, deck: VecDeque::new() }
    }

    /// The next mail, sent at this time.
    pub fn next_mail(&mut self, at: Timestamp) -> DemoMail {
        if self.deck.is_empty() {
            self.deck = deck(&mut self.random);
        }
        let kind = self.deck.pop_front().unwrap_or(good::invoice);
        self.count = self.count.wrapping_add(1);
        let organisation = self.organisation.clone();
        let mut maker = Maker { organisation: &organisation, random: &mut self.random, at };
        let draft = kind(&mut maker);
        self.finish(draft, at)
    }

    fn finish(&mut self, draft: Draft, at: Timestamp) -> DemoMail {
        let domain = draft.from.domain().to_owned();
        let (count, random) = (self.count, self.random.next());
        let message_id = format!("<{count:04x}.{}.{random:012x}@{domain}>", self.salt);
        let seal = mime::Seal { message_id: &message_id, boundary: random, at };
        let raw = match self.organisation.is_at_google {
            true => gmail::received(&draft, &seal),
            false => exchange::received(&draft, &self.organisation, &seal, &mut self.random),
        };
        DemoMail {
            label: draft.label,
            story: draft.story,
            raw,
            message_id,
            subject: draft.subject.clone(),
            mail_from: draft.mail_from.clone(),
            recipients: draft.mailboxes(),
            journal_recipients: draft.journal_recipients(),
        }
    }
}

/// One of every kind, in an order of its own, good and bad in turn as far as they go.
fn deck(random: &mut Random) -> VecDeque<Kind> {
    let (mut good, mut bad) = (good::KINDS.to_vec(), bad::KINDS.to_vec());
    random.shuffle(&mut good);
    random.shuffle(&mut bad);
    let mut deck = VecDeque::new();
    while let Some(kind) = good.pop() {
        deck.push_back(kind);
        deck.extend(bad.pop());
    }
    deck.extend(bad);
    deck
}

const SALT_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use mail_parser::MessageParser;

    use super::*;

    fn mails(seed: u64, salt: &str, count: usize) -> Vec<DemoMail> {
        let mut stream = MailStream::new(seed, salt, Organisation::example());
        let at = Timestamp::from_second(1_790_000_000).expect("a time");
        (0..count).map(|_| stream.next_mail(at)).collect()
    }

    #[test]
    fn the_same_seed_and_salt_make_the_same_octets() {
        let (left, right) = (mails(7, "a", 60), mails(7, "a", 60));
        assert!(left.iter().zip(&right).all(|(left, right)| left.raw == right.raw));
        assert_ne!(mails(8, "a", 1)[0].raw, mails(7, "a", 1)[0].raw);
    }

    #[test]
    fn message_ids_are_unique_within_a_run_and_between_salts() {
        let ids: BTreeSet<_> = mails(7, "a", 300)
            .into_iter()
            .chain(mails(7, "b", 300))
            .map(|it| it.message_id)
            .collect();
        assert_eq!(ids.len(), 600);
    }

    #[test]
    fn the_first_twenty_have_every_disposition_and_enough_clean_ones() {
        for seed in 0..20 {
            let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
            for mail in mails(seed, "a", good::KINDS.len() + bad::KINDS.len()) {
                *labels.entry(mail.label).or_default() += 1;
            }
            let names: Vec<_> = labels.keys().copied().collect();
            assert_eq!(names, ["BULK", "CLEAN", "MALICIOUS", "SPAM", "SPOOF", "SUSPICIOUS"]);
            assert!(labels["CLEAN"] >= 3 && labels["MALICIOUS"] >= 3, "{labels:?}");
        }
    }

    #[test]
    fn what_a_mail_says_of_itself_is_what_a_parser_reads() {
        for mail in mails(3, "run", 200) {
            let parsed = MessageParser::new().parse(mail.raw.as_slice()).expect("a message");
            assert_eq!(parsed.subject(), Some(mail.subject.as_str()));
            assert_eq!(parsed.message_id().map(|id| format!("<{id}>")), Some(mail.message_id));
            assert!(parsed.body_text(0).is_some_and(|text| text.len() > 40), "{}", mail.subject);
            assert!(!mail.recipients.is_empty() && !mail.journal_recipients.is_empty());
            let text = String::from_utf8(mail.raw).expect("7-bit");
            assert!(text.is_ascii(), "{}", mail.subject);
            assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "bare CR or LF");
            assert!(text.split("\r\n").all(|line| line.len() <= 998), "a line too long");
        }
    }

    #[test]
    fn every_host_is_under_example() {
        for mail in mails(5, "run", 200) {
            assert!(mail.mail_from.ends_with(".example"), "{}", mail.mail_from);
            let parsed = MessageParser::new().parse(mail.raw.as_slice()).expect("a message");
            let html = parsed.body_html(0).unwrap_or_default();
            for link in html.split("href=\"https://").skip(1) {
                let host = link.split(['/', '"']).next().unwrap_or("");
                assert!(host.ends_with(".example"), "{host}");
            }
        }
    }

    #[test]
    fn listed_indicators_occur_in_the_stream() {
        let all: Vec<u8> = mails(2, "run", 60).into_iter().flat_map(|it| it.raw).collect();
        let all = String::from_utf8(all).expect("ASCII").replace("=\r\n", "");
        let hosts = intel_list().lines().filter(|line| line.ends_with(".example"));
        assert!(hosts.into_iter().any(|host| all.contains(host)));
    }
}
