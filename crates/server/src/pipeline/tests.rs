//! From a stored report to its verdict, and to the same verdict once more.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::tenant::Tenant;
use clawback_core::trace::{Query, Span};
use clawback_core::verdict::Attribute;
use clawback_core::{Clock, Entropy, Region, TenantId, UnixMillis};
use clawback_detect::Facts;
use clawback_mail::address::Domain;
use clawback_sim::journal::{Recipient, Report, report};
use clawback_store::{Envelope, Incoming, Records, RootKey, Settings, Store};
use tokio::sync::Semaphore;

use super::{Line, process};
use crate::config::Config;
use crate::examine::{judge, open};
use crate::gather::facts;
use crate::knowledge::KnowledgeBase;
use crate::rules::Packs;

struct Still;

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        UnixMillis(1_795_000_000_123)
    }
}

impl Entropy for Still {
    fn fill(&self, octets: &mut [u8]) {
        octets.fill(7);
    }
}

/// A line over an empty store with one tenant, and a configuration with a feed of domains.
async fn line(dir: &Path, tenant: &Tenant) -> Line {
    let settings = Settings {
        records: Records::Sqlite(dir.join("clawback.db")),
        segments_dir: dir.join("segments"),
        root_key: RootKey::load_or_create(&dir.join("root.key"), &Still).unwrap(),
        reserve_octets: 0,
    };
    let store = Store::open(settings, Arc::new(Still), Arc::new(Still)).await.unwrap();
    store.control().create_tenant(tenant, &Actor::system("test")).await.unwrap();
    let file = dir.join("ages.csv");
    std::fs::write(&file, AGES).unwrap();
    let rules = dir.join("rules");
    std::fs::create_dir(&rules).unwrap();
    let rule = "severity: high\nsource: 'network.whois(sender.email.domain).days_old < 30'\n";
    std::fs::write(rules.join("young-sender.yml"), rule).unwrap();
    let text = format!(
        "[rules]\nown_pack = false\nfolders = [{rules:?}]\ndomain_ages_file = {file:?}\n\
         [judge]\nhigh = \"SPAM\"\n"
    );
    let packs = Packs::of(&Config::parse(&text).unwrap()).unwrap();
    let knowledge = KnowledgeBase::load(store.clone(), packs, Arc::default()).await.unwrap();
    Line {
        store,
        region: Region::global(),
        knowledge: Arc::new(knowledge),
        clock: Arc::new(Still),
        large: Semaphore::new(1),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_reached_again_from_what_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let domains = vec![Domain::parse("corp.example").unwrap()];
    let tenant = Tenant::new(TenantId::from_octets([1; 16]), "Example Corp".into(), domains);
    let line = line(dir.path(), &tenant).await;
    let store = &line.store;
    let region = store.region(&Region::global());
    let octets = mail().into();
    let incoming = Incoming { tenant: tenant.id, envelope: Envelope::default(), octets };
    region.append(incoming).await.unwrap();
    let claim = loop {
        match region.claim_segment("test", Duration::from_secs(60)).await.unwrap() {
            Some(claim) => break claim,
            None => region.notified().await,
        }
    };
    process(&line, &claim).await.unwrap();

    let records = store.tenant(tenant.id, &Region::global());
    let ever = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX >> 1) };
    let page = records.trace(&Query::parse("").unwrap(), ever, None, 10).await.unwrap();
    let stored = records.message(page.rows[0].id).await.unwrap().unwrap();
    let verdict = &stored.verdict;
    assert_eq!(verdict.decided_by.as_deref(), Some("young-sender"));
    assert_eq!(verdict.disposition.as_str(), "SPAM", "as the configuration says");
    assert!(verdict.knowledge.rules.contains("high=SPAM"), "{}", verdict.knowledge);
    assert_eq!(verdict.attributes, [Attribute::NewDomainSender]);
    let known: Vec<&str> = stored.gathered.registered.keys().map(String::as_str).collect();
    assert_eq!(known, ["host.example", "shop.example"], "those of the message");

    let raw = records.raw(stored.id).await.unwrap().unwrap();
    let known = line.knowledge.of(tenant.id);
    let open = || open(&raw, None, known.tenant.as_ref(), &known.knowledge);
    let again = judge(open(), &facts(&stored.gathered), &known.knowledge);
    assert_eq!(again.verdict, *verdict);
    let without = judge(open(), &Facts::default(), &known.knowledge);
    assert_ne!(without.verdict.disposition, verdict.disposition, "the facts decide");
}

/// Registered four days before the message came in, and long ago.
const AGES: &str = "shop.example,2026-11-14\nhost.example,2001-02-03\nelse.example,2026-11-17\n";

fn mail() -> Vec<u8> {
    let original = "From: Kim <kim@mail.shop.example>\r\nTo: anna@corp.example\r\n\
        Subject: Minutes\r\nMessage-ID: <1@shop.example>\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/plain\r\n\r\nhttps://www.host.example/a\r\n";
    report(&Report {
        original: original.as_bytes(),
        mail_from: "kim@mail.shop.example",
        recipients: &[Recipient::plain("anna@corp.example")],
        tenant_domain: "corp.example",
        tenant_id: "11111111-2222-3333-4444-555555555555",
        id: uuid::Uuid::from_u128(1),
        at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
    })
}
