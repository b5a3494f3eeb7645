//! Whom a tenant exchanges mail with: counted once, for each tenant apart, and what was gathered
//! stays with its verdict.

use std::time::Duration;

use clawback_core::history::{Contact, Counterparty, Gathered, Senders, keys};
use clawback_core::record::MessageRecord;
use clawback_core::{Disposition, TenantId};
use clawback_mail::address::Address;
use clawback_store::{Known, Question};

use crate::world::*;

const SHOP: &str = "billing@shop.example.net";
const DAY: Duration = Duration::from_secs(86_400);

fn heard(from: &str) -> Contact {
    Contact { heard: Address::parse(from).ok(), wrote: false }
}

fn wrote() -> Contact {
    Contact { heard: None, wrote: true }
}

fn gathered(auth_failed: bool) -> Gathered {
    let senders = Senders { auth_failed, ..Senders::default() };
    Gathered { senders: Some(senders), ..Gathered::default() }
}

/// What is known of the address and of its domain.
async fn of(world: &World, tenant: TenantId, address: &str) -> (Known, [Counterparty; 2]) {
    let keys = keys(&Address::parse(address).unwrap()).to_vec();
    let question = Question { tenant, digest: [0xee; 32], keys };
    let known = world.here().known(vec![question]).await.unwrap().remove(0);
    let found: Vec<_> = known.counterparties.iter().map(|one| one.unwrap_or_default()).collect();
    (known, [found[0], found[1]])
}

#[tokio::test]
async fn a_segment_that_is_recorded_twice_counts_once() {
    let world = World::new().await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    let mut record = message(&world, &claim, 0);
    record.contact = heard(SHOP);
    let record = segment(&world, &claim, vec![record]);
    world.here().record(&claim, record.clone()).await.unwrap();
    world.here().record(&claim, record.clone()).await.unwrap();
    // And where the records forgot that it was done.
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("UPDATE segments SET state = 'open'", []).unwrap();
    let again = world.claim().await;
    world.here().record(&again, record).await.unwrap();
    let (known, [address, domain]) = of(&world, world.tenant, SHOP).await;
    assert_eq!((address.bad, address.days), (1, 1));
    assert_eq!((domain.bad, domain.days), (1, 1));
    assert_eq!(address.first_heard, Some(world.now()));
    assert_eq!(known.history.heard.messages, 1);
    assert_eq!(known.before, None, "another message");
}

#[tokio::test]
async fn days_add_up_for_address_and_domain() {
    let world = World::new().await;
    let began = world.now();
    for _ in 0..3 {
        world
            .recorded_many(4, |place, record| {
                let who = if place % 2 == 0 { SHOP } else { "Help@EU.shop.example.net" };
                record.contact = heard(who);
                record.verdict = verdict(Disposition::Bulk);
            })
            .await;
        world.clock.forward(DAY);
    }
    world.recorded(|record| record.contact = heard("third@shop.example.net")).await;
    let (known, [address, domain]) = of(&world, world.tenant, SHOP).await;
    assert_eq!((address.days, address.bad), (3, 0));
    assert_eq!(domain.days, 4, "what was registered is one");
    assert_eq!(known.history.heard.messages, 13);
    assert_eq!((known.history.heard.began, known.history.heard.days), (Some(began), 4));
    let (_, [stranger, _]) = of(&world, world.tenant, "else@other.example").await;
    assert_eq!(stranger, Counterparty::default());
}

#[tokio::test]
async fn writing_to_somebody_outside_makes_them_solicited() {
    let world = World::new().await;
    let sent = |record: &mut MessageRecord| {
        record.digest = [7; 32];
        record.contact = wrote();
        record.verdict = verdict(Disposition::Clean);
        record.recipients = [SHOP, "ben@corp.example"].map(recipient).into();
    };
    world.recorded(sent).await;
    // A second report of the same message tells of one recipient more.
    world
        .recorded(|record| {
            sent(record);
            record.recipients.push(recipient("else@other.example"));
        })
        .await;
    for outside in [SHOP, "else@other.example"] {
        let (known, [address, domain]) = of(&world, world.tenant, outside).await;
        assert_eq!(
            (address.written_days, domain.written_days, address.days),
            (1, 1, 0),
            "{outside}"
        );
        assert_eq!(address.first_heard, None, "nothing came from there");
        assert_eq!((known.history.wrote.messages, known.history.heard.messages), (1, 0));
    }
    let (_, [inside, _]) = of(&world, world.tenant, "ben@corp.example").await;
    assert_eq!(inside.written_days, 0, "colleagues are no counterparties for this");
}

#[tokio::test]
async fn tenants_know_nothing_of_each_other() {
    let world = World::new().await;
    let other = world.add_tenant(2, "other.example").await;
    world
        .recorded_many(2, |place, record| {
            record.contact = heard(SHOP);
            if place == 1 {
                record.tenant = other;
                record.verdict = verdict(Disposition::Clean);
            }
        })
        .await;
    for (tenant, bad) in [(world.tenant, 1), (other, 0)] {
        let (known, [address, _]) = of(&world, tenant, SHOP).await;
        assert_eq!((address.days, address.bad), (1, bad));
        assert_eq!(known.history.heard.messages, 1);
    }
    let (known, [address, _]) = of(&world, tenant_id(3), SHOP).await;
    assert_eq!((known.history.heard.messages, address.days), (0, 0));
}

#[tokio::test]
async fn a_worse_verdict_of_the_same_message_counts_against_its_sender_once() {
    let world = World::new().await;
    for disposition in [Disposition::Clean, Disposition::Spam, Disposition::Malicious] {
        world
            .recorded(|record| {
                record.digest = [7; 32];
                record.contact = heard(SHOP);
                record.verdict = verdict(disposition);
            })
            .await;
    }
    let (_, [address, domain]) = of(&world, world.tenant, SHOP).await;
    assert_eq!((address.days, address.bad, domain.bad), (1, 1, 1));
}

#[tokio::test]
async fn what_was_gathered_stays_with_the_verdict_it_led_to() {
    let world = World::new().await;
    let judged = |disposition, facts| {
        move |record: &mut MessageRecord| {
            record.digest = [0xee; 32];
            record.verdict = verdict(disposition);
            record.gathered = facts;
        }
    };
    let (id, _) = world.recorded(judged(Disposition::Spam, gathered(false))).await;
    world.recorded(judged(Disposition::Clean, gathered(true))).await;
    let now = async || world.mine().message(id).await.unwrap().unwrap().gathered;
    assert_eq!(now().await, gathered(false), "the verdict that stayed keeps its facts");
    world.recorded(judged(Disposition::Malicious, gathered(true))).await;
    assert_eq!(now().await, gathered(true));
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    let old: String =
        connection.query_row("SELECT gathered FROM verdicts", [], |row| row.get(0)).unwrap();
    assert_eq!(serde_json::from_str::<Gathered>(&old).unwrap(), gathered(false));
    // Judged once more, it is told what was gathered then: by now the records speak of itself.
    let (known, _) = of(&world, world.tenant, SHOP).await;
    assert_eq!(known.before, Some(gathered(true)));
    let (known, _) = of(&world, tenant_id(2), SHOP).await;
    assert_eq!(known.before, None, "another tenant's");
}

#[tokio::test]
async fn who_was_heard_of_on_fewer_days_than_most_is_told_apart() {
    let world = World::new().await;
    for round in 0..8 {
        world
            .recorded_many(21, |place, record| {
                let seldom = place == 20;
                if !seldom || round == 0 {
                    record.contact = heard(&format!("p{place}@partner-{place}.example"));
                }
            })
            .await;
        world.clock.forward(DAY);
    }
    for (who, seldom) in [(3, false), (20, true)] {
        let address = format!("p{who}@partner-{who}.example");
        let (_, [address, domain]) = of(&world, world.tenant, &address).await;
        assert_eq!((address.seldom, domain.seldom), (seldom, seldom), "{who}");
    }
}
