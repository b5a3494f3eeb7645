//! A mail before it is written down: who, to whom, what, and what the receiving service found.

use jiff::Timestamp;

use super::organisation::{Organisation, Person};
use crate::journal::{Field, Recipient};
use crate::random::Random;

/// What the kinds of mail are made with.
pub(crate) struct Maker<'a> {
    pub(crate) organisation: &'a Organisation,
    pub(crate) random: &'a mut Random,
    pub(crate) at: Timestamp,
}

impl Maker<'_> {
    pub(crate) fn pick(&mut self, from: &[&'static str]) -> &'static str {
        self.random.pick(from)
    }

    /// A number between two bounds, both included.
    pub(crate) fn number(&mut self, least: u64, most: u64) -> u64 {
        self.random.within(&(least..=most))
    }

    /// An amount of money as it stands in letters.
    pub(crate) fn amount(&mut self, least: u64, most: u64) -> String {
        let (whole, cents) = (self.number(least, most), self.number(0, 99));
        match whole {
            0..1_000 => format!("{whole}.{cents:02}"),
            _ => format!("{},{:03}.{cents:02}", whole / 1_000, whole % 1_000),
        }
    }

    /// A day this many days from now, as it stands in letters.
    pub(crate) fn day(&self, days: i64) -> String {
        let seconds = self.at.as_second().saturating_add(days.saturating_mul(86_400));
        let day = Timestamp::from_second(seconds).unwrap_or(self.at);
        day.strftime("%-d %B %Y").to_string()
    }

    pub(crate) fn person(&mut self) -> Person {
        let people = &self.organisation.people;
        let at = usize::try_from(self.random.below(people.len() as u64)).unwrap_or(0);
        people.get(at).cloned().unwrap_or_else(|| self.organisation.chief())
    }

    /// Somebody else.
    pub(crate) fn other_than(&mut self, one: &Person) -> Person {
        for _ in 0..TRIES_MAX {
            let other = self.person();
            if other != *one {
                return other;
            }
        }
        self.organisation.chief()
    }

    /// Several people, each once.
    pub(crate) fn people(&mut self, count: usize) -> Vec<Person> {
        let mut people = self.organisation.people.clone();
        self.random.shuffle(&mut people);
        people.truncate(count.max(1));
        people
    }
}

/// A name and an address.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) address: String,
}

impl Party {
    pub(crate) fn new(name: &str, address: &str) -> Self {
        Self { name: name.to_owned(), address: address.to_owned() }
    }

    pub(crate) fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("localhost.example", |(_, domain)| domain)
    }
}

impl From<Person> for Party {
    fn from(person: Person) -> Self {
        Self { name: person.name, address: person.address }
    }
}

/// A mail before it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) label: &'static str,
    pub(crate) story: &'static str,
    pub(crate) from: Party,
    pub(crate) mail_from: String,
    pub(crate) reply_to: Option<Party>,
    pub(crate) to: Vec<Party>,
    /// A list in `To` that stands for `to`; only the journal report names its members.
    pub(crate) list: Option<Party>,
    pub(crate) cc: Vec<Party>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) origin: Origin,
}

/// A file that goes with a mail.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) content: Vec<u8>,
}

/// Where a mail came from, and what the service found out about that.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Inside,
    Outside(Outside),
}

/// What the service found out about a sender outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside {
    pub(crate) ip: &'static str,
    pub(crate) helo: &'static str,
    pub(crate) country: &'static str,
    pub(crate) language: &'static str,
    pub(crate) spf: &'static str,
    /// The domain of a signature that verified.
    pub(crate) signed_by: Option<&'static str>,
    pub(crate) dmarc: &'static str,
    pub(crate) action: &'static str,
    pub(crate) compauth: &'static str,
    pub(crate) scl: i8,
    pub(crate) verdict: &'static str,
    pub(crate) category: &'static str,
    pub(crate) bulk: u8,
}

impl Outside {
    /// A sender whose every check passes.
    pub(crate) fn authentic(
        domain: &'static str,
        helo: &'static str,
        ip: &'static str,
        country: &'static str,
    ) -> Self {
        Self {
            ip,
            helo,
            country,
            language: "en",
            spf: "pass",
            signed_by: Some(domain),
            dmarc: "pass",
            action: "none",
            compauth: "pass reason=100",
            scl: 1,
            verdict: "NSPM",
            category: "NONE",
            bulk: 0,
        }
    }

    /// A sender about which nothing is published, and nothing is signed.
    pub(crate) fn unknown(helo: &'static str, ip: &'static str, country: &'static str) -> Self {
        Self {
            spf: "none",
            signed_by: None,
            dmarc: "none",
            compauth: "none reason=405",
            ..Self::authentic("", helo, ip, country)
        }
    }

    /// A sender who writes in the name of a domain that does not allow it.
    pub(crate) fn forged(helo: &'static str, ip: &'static str, country: &'static str) -> Self {
        Self {
            spf: "fail",
            signed_by: None,
            dmarc: "fail",
            action: "oreject",
            compauth: "fail reason=000",
            ..Self::authentic("", helo, ip, country)
        }
    }

    pub(crate) fn junk(self, category: &'static str, scl: i8) -> Self {
        Self { verdict: "SPM", category, scl, ..self }
    }

    pub(crate) fn language(self, language: &'static str) -> Self {
        Self { language, ..self }
    }
}

impl Draft {
    /// A mail from outside, its envelope sender equal to its `From`.
    pub(crate) fn outside(from: Party, to: Vec<Party>, origin: Outside) -> Self {
        Self { origin: Origin::Outside(origin), ..Self::inside(from, to) }
    }

    /// A mail between colleagues.
    pub(crate) fn inside(from: Party, to: Vec<Party>) -> Self {
        Self {
            label: "CLEAN",
            story: "",
            mail_from: from.address.clone(),
            from,
            reply_to: None,
            to,
            list: None,
            cc: Vec::new(),
            subject: String::new(),
            text: String::new(),
            html: None,
            attachments: Vec::new(),
            fields: Vec::new(),
            origin: Origin::Inside,
        }
    }

    pub(crate) fn judged(self, label: &'static str, story: &'static str) -> Self {
        Self { label, story, ..self }
    }

    pub(crate) fn saying(self, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), text: text.into(), ..self }
    }

    pub(crate) fn with_html(self, body: &str) -> Self {
        let html = format!(
            "<html><head><title>{}</title></head>\r\n<body>\r\n{body}\r\n</body></html>\r\n",
            self.subject.replace('&', "&amp;").replace('<', "&lt;")
        );
        Self { html: Some(html), ..self }
    }

    pub(crate) fn with_file(mut self, name: &str, kind: &'static str, content: Vec<u8>) -> Self {
        self.attachments.push(Attachment { name: name.to_owned(), kind, content });
        self
    }

    pub(crate) fn with_field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Everybody in whose mailbox it arrives.
    pub(crate) fn mailboxes(&self) -> Vec<String> {
        self.to.iter().chain(&self.cc).map(|party| party.address.clone()).collect()
    }

    pub(crate) fn journal_recipients(&self) -> Vec<Recipient> {
        let inside = matches!(self.origin, Origin::Inside);
        let line = |party: &Party, field| {
            let mut recipient = Recipient::plain(&party.address);
            recipient.field = if inside { field } else { Field::Recipient };
            recipient
        };
        let to = self.to.iter().map(|party| match &self.list {
            Some(list) => Recipient::expanded(&party.address, &list.address),
            None => line(party, Field::To),
        });
        to.chain(self.cc.iter().map(|party| line(party, Field::Cc))).collect()
    }
}

const TRIES_MAX: usize = 20;
