//! Over real sockets: what our own records say about a sender changes with the mail that comes and
//! goes, and what a message was judged with stays in its record.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::time::Duration;

use clawback_core::history::{Contact, Gathered, Prevalence, Senders};
use clawback_core::identity::Identity;
use clawback_core::record::{Arrival, MessageRecord, Recipient, SegmentRecord, Summary};
use clawback_core::trace::{Query, Span};
use clawback_core::verdict::KnowledgeVersion;
use clawback_core::{
    Disposition, MessageId, Reach, Region, SegmentId, TenantId, UnixMillis, Verdict,
};
use clawback_mail::address::Address;
use clawback_sim::Behaviour;
use clawback_store::{Envelope, Incoming};
use harness::{Installation, Running, Sim, journaler, mailbox, report_of, until};

const STRANGER: &str = "kim@stranger.example";
const DAY_MILLIS: u64 = 86_400_000;

/// One clawback, stopped between messages so that its records can be read.
struct World {
    sim: Sim,
    installation: Installation,
    us: String,
    sent: u32,
}

impl World {
    async fn new() -> Self {
        let sim = Sim::start(Behaviour::default()).await;
        let installation = Installation::new(&sim).await;
        let us = mailbox(&sim);
        Self { sim, installation, us, sent: 0 }
    }

    /// Sends the report of a message; answers with what the message was judged with.
    async fn travels(&mut self, from: &str, to: &str, fields: &str) -> Option<Senders> {
        self.sent += 1;
        let raw = mail(self.sent, from, to, fields);
        let report = report_of(&self.sim, raw.as_bytes(), from, to, self.sent.into());
        let running = Running::start(&self.installation).await;
        journaler(&self.installation, &running).send(&report).await.unwrap();
        until("it is judged", async || running.metric("clawback_recorded_total").await >= 1.0)
            .await;
        // What is in hand is recorded before the end.
        assert!(running.stop().await);
        gathered(&self.installation, self.sent).await.senders
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_too_young_tell_nothing() {
    let mut world = World::new().await;
    let us = world.us.clone();
    for _ in 0..2 {
        assert_eq!(world.travels(STRANGER, &us, "").await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_was_answered_is_no_stranger() {
    let mut world = World::new().await;
    let us = world.us.clone();
    journaled_for_weeks(&world.installation).await;

    let first = world.travels(STRANGER, &us, "").await.unwrap();
    let [address, domain] = [first.address.unwrap(), first.domain.unwrap()];
    assert_eq!((address.prevalence, address.solicited), (Prevalence::New, Some(false)));
    assert_eq!((domain.prevalence, domain.solicited), (Prevalence::New, Some(false)));
    assert!(address.days_known == 0.0 && !first.shared && first.reply_to.is_none());

    // On holiday: that is no answer.
    let sent = "X-MS-Exchange-Organization-MessageDirectionality: Originating\r\n\
                X-MS-Exchange-Organization-AuthAs: Internal\r\n";
    world.travels(&us, STRANGER, &format!("{sent}Auto-Submitted: auto-replied\r\n")).await;
    let second = world.travels(STRANGER, &us, "").await.unwrap().address.unwrap();
    assert_eq!((second.prevalence, second.solicited), (Prevalence::Outlier, Some(false)));

    world.travels(&us, STRANGER, sent).await;
    let third = world.travels(STRANGER, &us, "Reply-To: else@other.example\r\n").await.unwrap();
    assert_eq!(third.address.unwrap().solicited, Some(true));
    assert_eq!(third.domain.unwrap().solicited, Some(true));
    let reply_to = third.reply_to.unwrap();
    assert_eq!((reply_to.prevalence, reply_to.solicited), (Prevalence::New, Some(false)));

    let claimed =
        world.travels(STRANGER, &us, "Authentication-Results: spf=fail\r\n").await.unwrap();
    assert!(!claimed.auth_failed, "what a sender states of themselves is not believed");
}

fn mail(number: u32, from: &str, to: &str, fields: &str) -> String {
    format!(
        "{fields}From: <{from}>\r\nTo: <{to}>\r\nSubject: Minutes {number}\r\n\
         Message-ID: <{number}@mail.example>\r\nDate: Tue, 24 Nov 2026 08:12:00 +0000\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nThe minutes are below.\r\n"
    )
}

/// What the message with this number was judged with.
async fn gathered(installation: &Installation, number: u32) -> Gathered {
    let records = installation.records().await;
    let query = Query::parse(&format!("message-id:{number}@mail.example")).unwrap();
    let ever = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX >> 1) };
    let page = records.trace(&query, ever, None, 10).await.unwrap();
    assert_eq!(page.rows.len(), 1, "message {number}");
    records.message(page.rows[0].id).await.unwrap().unwrap().gathered
}

/// Puts mail of the last twenty days into the records, in both directions.
async fn journaled_for_weeks(installation: &Installation) {
    let store = installation.store().await;
    let tenant = store.control().tenants().await.unwrap().remove(0).id;
    let here = Region::global();
    let region = store.region(&here);
    for days_ago in (0..20).rev() {
        let octets = "x".into();
        region.append(Incoming { tenant, envelope: Envelope::default(), octets }).await.unwrap();
        let claim = loop {
            let claimed = region.claim_segment("test", Duration::from_secs(60)).await.unwrap();
            match claimed {
                Some(claim) => break claim,
                None => region.notified().await,
            }
        };
        let now = clawback_core::Clock::now(&harness::Now);
        let at = UnixMillis(now.0 - days_ago * DAY_MILLIS);
        let messages = vec![
            of_before(tenant, claim.id, 0, at, false),
            of_before(tenant, claim.id, 1, at, true),
        ];
        let record = SegmentRecord { segment: claim.id, region: here.clone(), messages, at };
        region.record(&claim, record).await.unwrap();
    }
}

fn of_before(
    tenant: TenantId,
    segment: SegmentId,
    place: u32,
    received: UnixMillis,
    wrote: bool,
) -> MessageRecord {
    let id = MessageId::derived(segment, place);
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(&id.octets());
    let friend = Address::parse("ben@friend.example").ok();
    MessageRecord {
        tenant,
        id,
        place,
        received,
        arrival: Arrival::JournalReport,
        digest,
        report_id: None,
        identity: Identity::default(),
        summary: Summary::default(),
        recipients: vec![Recipient {
            written: "ben@friend.example".into(),
            address: friend.clone(),
            kind: "to".into(),
            via: None,
            reach: if wrote { Reach::External } else { Reach::Internal },
        }],
        indicators: Vec::new(),
        verdict: Verdict {
            disposition: Disposition::Clean,
            attributes: Vec::new(),
            findings: Vec::new(),
            decided_by: None,
            allowed_by: None,
            otherwise: None,
            knowledge: KnowledgeVersion::default(),
        },
        defects: Vec::new(),
        gathered: Gathered::default(),
        contact: Contact { heard: friend.filter(|_| !wrote), wrote },
    }
}
