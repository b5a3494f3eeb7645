//! Laws that hold for every message: judged the same twice, and always with a reason.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use clawback_core::tenant::{ListEntry, ListKind};
use clawback_core::verdict::{Disposition, KnowledgeVersion, Verdict};
use clawback_detect::{
    Facts, Intel, Knowledge, Organisation, RULES_VERSION, Sources, Subject, catalogue, detect,
    intel_file, judge, unjudgeable,
};
use clawback_mail::address::Domain;
use clawback_mail::message::Message;
use proptest::prelude::*;

fn knowledge(lists: Vec<ListEntry>) -> Knowledge {
    let (entries, _) = intel_file("lure.example\nhxxps://kit[.]example[.]net/login\n", "test");
    Knowledge::compile(Sources {
        version: KnowledgeVersion { rules: RULES_VERSION.into(), lists: 3, intel: 7 },
        organisation: Organisation {
            domains: vec![Domain::parse("corp.example").unwrap()],
            ..Organisation::default()
        },
        lists,
        intel: Arc::new(Intel::compile(entries)),
        ..Sources::default()
    })
}

fn verdict(raw: &[u8], knowledge: &Knowledge) -> Verdict {
    let raw: Arc<[u8]> = raw.into();
    let message = Arc::new(Message::parse(&raw));
    let subject = Subject {
        message: &message,
        raw: &raw,
        envelope_from: None,
        recipients: &[],
        direction: None,
    };
    judge(detect(&subject, knowledge, &Facts::default()), knowledge)
}

fn entry(list: ListKind, pattern: &str) -> ListEntry {
    ListEntry { list, pattern: pattern.into(), verify_sender: false, note: "agreed".into() }
}

const SPOOF: &[u8] = b"Authentication-Results: spf=fail; dmarc=fail header.from=corp.example;\r\n \
    compauth=fail reason=000\r\n\
    Received: from x.example (198.51.100.7) by AM1.mail.protection.outlook.com (10.0.0.1)\r\n \
    with Microsoft SMTP Server id 15 via Frontend Transport; Tue, 3 Mar 2026 10:00:00 +0000\r\n\
    From: IT <it@corp.example>\r\nTo: ben@corp.example\r\nSubject: Hello\r\n\r\nHello.\r\n";

#[test]
fn an_allow_list_lifts_a_spoof_and_says_so_and_a_block_list_wins_over_it() {
    let plain = verdict(SPOOF, &knowledge(vec![]));
    assert_eq!(plain.disposition, Disposition::Spoof);
    assert_eq!(plain.decided_by.as_deref(), Some("own-domain-spoof"));
    assert_eq!(plain.findings[0].rule, "own-domain-spoof");
    assert_eq!((plain.knowledge.lists, plain.knowledge.intel), (3, 7));

    let allow = entry(ListKind::Allow, "it@corp.example");
    let allowed = verdict(SPOOF, &knowledge(vec![allow.clone()]));
    assert_eq!((allowed.disposition, &allowed.decided_by), (Disposition::Clean, &None));
    let why = allowed.allowed_by.unwrap();
    assert!(why.contains("it@corp.example") && why.contains("own-domain-spoof"), "{why}");

    let verified = ListEntry { verify_sender: true, ..allow.clone() };
    assert_eq!(verdict(SPOOF, &knowledge(vec![verified])).disposition, Disposition::Spoof);

    let both = verdict(SPOOF, &knowledge(vec![allow, entry(ListKind::Block, "corp.example")]));
    assert_eq!(both.disposition, Disposition::Malicious);
    assert_eq!(both.attributes.len(), 1);
}

#[test]
fn what_could_not_be_judged_is_unknown_and_not_clean() {
    let knowledge = knowledge(vec![]);
    let unknown = judge(vec![unjudgeable("a limit was reached")], &knowledge);
    assert_eq!(unknown.disposition, Disposition::Unknown);
    let note = unknown.findings[0].evidence().next().unwrap().note.clone();
    assert_eq!(note, "a limit was reached");
}

#[test]
fn a_hostile_message_costs_bounded_time() {
    let mut raw =
        b"From: x <a@b.example>\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n".to_vec();
    for n in 0..20_000 {
        raw.extend_from_slice(
            format!("<a href=\"https://h{n}.lure.example/\">www.g{n}.example</a> ").as_bytes(),
        );
    }
    raw.extend_from_slice("\u{e0101}".repeat(200_000).as_bytes());
    let verdict = verdict(&raw, &knowledge(vec![]));
    assert_eq!(verdict.decided_by.as_deref(), Some("intel-domain"));
    assert!(verdict.findings.iter().all(|finding| finding.evidence().count() <= 8));
}

fn law(raw: &[u8]) {
    let knowledge = knowledge(vec![entry(ListKind::Allow, "b.example")]);
    let once = verdict(raw, &knowledge);
    assert_eq!(once, verdict(raw, &knowledge), "judged the same twice");
    let needs_reason = once.disposition > Disposition::Clean;
    assert!(!needs_reason || once.decided_by.is_some(), "{}", once.disposition);
    if let Some(rule) = &once.decided_by {
        assert_eq!(&once.findings[0].rule, rule);
        assert_eq!(once.findings[0].disposition, Some(once.disposition));
    }
    for finding in &once.findings {
        assert!(catalogue::RULES.iter().any(|rule| rule.id == finding.rule), "{}", finding.rule);
    }
}

proptest! {
    #[test]
    fn any_octets_are_judged_the_same_twice(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        law(&raw);
    }

    #[test]
    fn anything_like_mail_is_judged_the_same_twice(
        name in "\\PC{0,30}",
        address in "[a-z]{1,6}@(b|corp|c0rp|lure|paypal)\\.(example|com)",
        reply in "[a-z]{1,6}@(gmail\\.com|b\\.example)",
        subject in "(Verify your account|Casino jackpot|You have won|\\PC{0,40})",
        results in "(spf|dmarc|compauth)=(pass|fail|none)",
        host in "(lure\\.example|kit\\.example\\.net/login|192\\.0\\.2\\.7|x@lure\\.example|\\PC{0,20})",
        text in "(www\\.bank\\.example|\\PC{0,30})",
    ) {
        law(format!(
            "Authentication-Results: {results}\r\nReceived: from x (198.51.100.7) by \
             AM1.mail.protection.outlook.com with Microsoft SMTP Server via Frontend Transport; x\r\n\
             From: {name} <{address}>\r\nReply-To: {reply}\r\nSubject: {subject}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\r\n<a href=\"https://{host}\">{text}</a>"
        ).as_bytes());
    }
}
