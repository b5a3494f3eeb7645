//! Messages for the tables of the detectors, and knowledge to judge them by.

use std::sync::Arc;

use clawback_core::tenant::{ListEntry, ListKind, ProtectedPerson};
use clawback_mail::address::{Address, Domain};
use clawback_mail::message::{Direction, Message};

use crate::{Facts, Intel, Knowledge, Organisation, Sources, Subject, detect, intel_file};

/// A message under construction.
#[derive(Clone, Default)]
pub(crate) struct Sample {
    from: String,
    subject: String,
    headers: Vec<(String, String)>,
    above: Vec<(String, String)>,
    text: Option<String>,
    envelope: Option<String>,
    direction: Option<Direction>,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self { subject: "Hello".into(), ..Self::default() }
    }

    pub(crate) fn from(mut self, from: &str) -> Self {
        self.from = from.into();
        self
    }

    pub(crate) fn subject(mut self, subject: &str) -> Self {
        self.subject = subject.into();
        self
    }

    pub(crate) fn reply_to(self, reply_to: &str) -> Self {
        self.header("Reply-To", reply_to)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text = Some(text.into());
        self
    }

    pub(crate) fn envelope(mut self, sender: &str) -> Self {
        self.envelope = Some(sender.into());
        self
    }

    pub(crate) fn direction(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Fields that a Microsoft receiving hop adds above its own Received.
    pub(crate) fn received(mut self, above: &[(&str, &str)]) -> Self {
        self.above.extend(above.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self
    }

    /// Results as the receiving hop states them: `dmarc=fail compauth=fail reason=000`.
    pub(crate) fn auth(self, results: &str) -> Self {
        let results = results.replace(" reason", "%reason").replace(' ', "; ").replace('%', " ");
        self.received(&[("Authentication-Results", &results)])
    }

    pub(crate) fn raw(&self) -> Vec<u8> {
        let mut text = String::new();
        let mut field = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\r\n"));
        for (name, value) in &self.above {
            field(name, value);
        }
        if !self.above.is_empty() {
            field(
                "Received",
                "from mx.b.example (198.51.100.7) by AM1.mail.protection.outlook.com \
                (10.0.0.1) with Microsoft SMTP Server id 15 via Frontend Transport; \
                Tue, 3 Mar 2026 10:00:00 +0000",
            );
        }
        field("From", &self.from);
        field("To", "ben@corp.example");
        field("Subject", &self.subject);
        for (name, value) in &self.headers {
            field(name, value);
        }
        field("MIME-Version", "1.0");
        field("Content-Type", "text/plain; charset=utf-8");
        let body = self.text.as_deref().unwrap_or("Hello.");
        text.push_str(&format!("\r\n{body}\r\n"));
        text.into_bytes()
    }

    pub(crate) fn rules(&self) -> Vec<String> {
        let raw: Arc<[u8]> = self.raw().into();
        let message = Arc::new(Message::parse(&raw));
        let envelope_from = self.envelope.as_deref().map(|text| Address::parse(text).unwrap());
        let subject = Subject {
            message: &message,
            raw: &raw,
            envelope_from: envelope_from.as_ref(),
            recipients: &[],
            direction: self.direction,
        };
        let findings = detect(&subject, &knowledge(), &Facts::default());
        findings.into_iter().map(|finding| finding.rule).collect()
    }
}

/// Each row: what it shows, the message, the rules that speak, in their order.
#[track_caller]
pub(crate) fn assert_rules(rows: &[(&str, Sample, &[&str])]) {
    for (rule, sample, meant) in rows {
        assert_eq!(sample.rules(), *meant, "{rule}");
    }
}

/// What `corp.example` knows.
pub(crate) fn knowledge() -> Knowledge {
    let domain = |text| Domain::parse(text).unwrap();
    let person =
        |name: &str, address: &str| ProtectedPerson { name: name.into(), address: address.into() };
    let entry = |list, pattern: &str, verify_sender| ListEntry {
        list,
        pattern: pattern.into(),
        verify_sender,
        note: String::new(),
    };
    let (entries, errors) = intel_file(
        "type,value,confidence\n\
         url,hxxps://kit[.]example[.]net/login,90\n\
         host,evil.hosted.example,90\n\
         domain,lure.example,90\n\
         domain,maybe.example,30\n\
         domain,corp.example,90\n\
         domain,gmail.com,90\n\
         address,crook@mail.example,90\n\
         subject,Salary review 2026,90\n",
        "test feed",
    );
    assert_eq!(errors, []);
    Knowledge::compile(Sources {
        organisation: Organisation {
            domains: vec![domain("corp.example")],
            protected_people: vec![
                person("Anna Berg", "anna@corp.example"),
                person("Anna Berg", "anna@private.example"),
            ],
            trusted_domains: vec![domain("partner.example")],
        },
        lists: vec![
            entry(ListKind::Block, "bad@mail.example", false),
            entry(ListKind::Block, "blocked.example", false),
            entry(ListKind::Allow, "friend.example", false),
            entry(ListKind::Allow, "verified.example", true),
            entry(ListKind::TrustedSender, "drill.example", true),
        ],
        intel: Arc::new(Intel::compile(entries)),
        ..Sources::default()
    })
}
