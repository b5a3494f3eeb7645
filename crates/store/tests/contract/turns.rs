//! Turns: nobody waits for another's masses, whoever's and of whichever kind they are.

use std::time::{Duration, Instant};

use clawback_core::record::Recipient;
use clawback_core::retraction::{Event, Schedule};
use clawback_core::{Destination, Disposition};
use clawback_store::{Advance, ClaimedCopy};

use crate::world::*;

fn invented(count: usize) -> Vec<Recipient> {
    (0..count).map(|n| recipient(&format!("nobody-{n}@corp.example"))).collect()
}

/// A tenant and a message beside what there is, with one copy.
async fn another(world: &World) -> clawback_core::MessageId {
    let other = world.add_tenant(2, "elsewhere.example").await;
    world.set_policy_of(other, Disposition::Malicious, Destination::Trash).await;
    let (id, _) = world.recorded(|record| record.tenant = other).await;
    id
}

async fn claim(world: &World, limit: usize) -> Vec<ClaimedCopy> {
    world.here().claim_copies(limit, LEASE, world.now()).await.unwrap()
}

async fn not_there(world: &World, claimed: &ClaimedCopy) {
    let state = claimed.copy.order.as_ref().unwrap().retraction;
    let retraction = state.on(Event::NotThere, world.now(), &Schedule::default());
    let advance = Advance { release: true, ..Advance::to(retraction) };
    world.here().advance(claimed, advance).await.unwrap();
}

#[tokio::test]
async fn twenty_thousand_copies_of_one_message_starve_nobody() {
    let mut world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    world.recorded(|record| record.recipients = invented(20_000)).await;
    world.clock.forward(Duration::from_secs(60));
    let (mine, _) = world.recorded(|record| record.recipients = invented(1)).await;
    let theirs = another(&world).await;
    let began = Instant::now();
    let first = claim(&world, 64).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(first.len(), 64, "and what there is room for is used");
    let has = |claimed: &[ClaimedCopy], id| claimed.iter().any(|c| c.copy.message == id);
    assert!(has(&first, mine), "another message of the same tenant");
    assert!(has(&first, theirs), "another tenant");
    // A restart forgets nothing that matters, and one slot at a time is as fair as many.
    world.restart().await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.extend(claim(&world, 1).await);
    }
    assert!(has(&seen, mine) && has(&seen, theirs));
}

#[tokio::test]
async fn masses_that_wait_to_be_looked_at_again_starve_nobody() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    world.recorded(|record| record.recipients = invented(600)).await;
    for _ in 0..10 {
        for claimed in claim(&world, 60).await {
            not_there(&world, &claimed).await;
        }
    }
    world.clock.forward(Duration::from_secs(60));
    let (mine, _) =
        world.recorded(|record| record.recipients = vec![recipient("anna@corp.example")]).await;
    let first = claim(&world, 4).await;
    assert!(first.iter().any(|claimed| claimed.copy.message == mine));
}

#[tokio::test]
async fn of_one_message_what_nobody_looked_at_comes_first() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    let fork = |recipients| {
        world.recorded(move |record| {
            record.digest = [7; 32];
            record.recipients = recipients;
        })
    };
    fork(invented(50)).await;
    for claimed in claim(&world, 50).await {
        not_there(&world, &claimed).await;
    }
    world.clock.forward(Duration::from_secs(60));
    fork(vec![recipient("anna@corp.example")]).await;
    let [first] = claim(&world, 1).await.try_into().unwrap();
    assert_eq!(first.copy.mailbox.key(), "anna@corp.example");
}

#[tokio::test]
async fn a_bombed_mailbox_does_not_hide_the_others() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    // More messages to one mailbox than one claim looks at.
    world.recorded_many(1_500, |_, _| ()).await;
    world.clock.forward(Duration::from_secs(60));
    let to_ben = |_: u32, record: &mut clawback_core::record::MessageRecord| {
        record.recipients = vec![recipient("ben@corp.example")];
    };
    let [late] = world.recorded_many(1, to_ben).await.try_into().unwrap();
    let mut claims = 0;
    loop {
        claims += 1;
        if claim(&world, 64).await.iter().any(|claimed| claimed.copy.message == late) {
            break;
        }
        assert!(claims < 30, "it is not reached");
    }
}
