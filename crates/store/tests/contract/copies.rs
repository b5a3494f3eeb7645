//! Copies: claimed fairly, moved under a fence, and never forgotten between ask and answer.

use std::time::Duration;

use clawback_core::audit::{Actor, Entry};
use clawback_core::copy::Place;
use clawback_core::retraction::{Event, Reason, Schedule, State};
use clawback_core::{Copy, CopyId, Destination, Disposition, Folder, Retraction};
use clawback_store::{Advance, ClaimedCopy, StoreError};

use crate::world::*;

async fn with_copies(mailboxes: &[&str]) -> World {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::SoftDelete).await;
    let recipients: Vec<_> = mailboxes.iter().map(|address| recipient(address)).collect();
    world.recorded(|record| record.recipients = recipients).await;
    world
}

async fn claim(world: &World, limit: usize) -> Vec<ClaimedCopy> {
    world.here().claim_copies(limit, LEASE, world.now()).await.unwrap()
}

fn state(claimed: &ClaimedCopy) -> Retraction {
    claimed.copy.order.as_ref().unwrap().retraction
}

fn advance(retraction: Retraction, release: bool) -> Advance {
    Advance { release, ..Advance::to(retraction) }
}

fn asked(world: &World, claimed: &ClaimedCopy) -> Retraction {
    state(claimed).on(Event::Asking, world.now(), &Schedule::default())
}

#[tokio::test]
async fn a_claimed_copy_brings_what_is_needed_to_move_it() {
    let world = with_copies(&["anna@corp.example", "x@elsewhere.example.net"]).await;
    let claimed = claim(&world, 10).await;
    assert_eq!(claimed.len(), 1, "external mailboxes are never touched");
    assert_eq!(claimed[0].copy.mailbox.key(), "anna@corp.example");
    assert_eq!(claimed[0].identity.subject, "Your invoice");
    assert_eq!(claimed[0].disposition, Disposition::Malicious);
    assert_eq!(claimed[0].scope.tenant, world.tenant);
    assert!(claim(&world, 10).await.is_empty(), "in hand");
}

#[tokio::test]
async fn what_was_asked_is_on_disk_and_uncertain_after_a_restart() {
    let mut world = with_copies(&["anna@corp.example"]).await;
    let [claimed] = claim(&world, 10).await.try_into().unwrap();
    let asked = asked(&world, &claimed);
    world.here().advance(&claimed, advance(asked, false)).await.unwrap();
    world.reopen().await;
    assert_eq!(world.here().recover_claims(world.now()).await.unwrap(), 1);
    let [again] = claim(&world, 10).await.try_into().unwrap();
    let found = state(&again);
    assert_eq!((found.state, found.tries), (State::Uncertain, 1));
    assert_eq!(found, asked.recovered(world.now()), "as the machine says");
    let late = world.here().advance(&claimed, advance(asked, true)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
}

#[tokio::test]
async fn a_worker_that_wakes_after_its_lease_changes_nothing() {
    let world = with_copies(&["anna@corp.example"]).await;
    let [first] = claim(&world, 10).await.try_into().unwrap();
    world.clock.forward(LEASE);
    let [second] = claim(&world, 10).await.try_into().unwrap();
    let late = world.here().advance(&first, advance(asked(&world, &first), false)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    world.here().advance(&second, advance(asked(&world, &second), false)).await.unwrap();
}

#[tokio::test]
async fn an_ask_whose_worker_died_is_uncertain_when_its_lease_ends() {
    let world = with_copies(&["anna@corp.example"]).await;
    let [first] = claim(&world, 10).await.try_into().unwrap();
    world.here().advance(&first, advance(asked(&world, &first), false)).await.unwrap();
    assert!(claim(&world, 10).await.is_empty());
    world.clock.forward(LEASE);
    let [second] = claim(&world, 10).await.try_into().unwrap();
    assert_eq!(state(&second).state, State::Uncertain);
}

#[tokio::test]
async fn a_release_ends_the_claim_and_waits_until_due() {
    let world = with_copies(&["anna@corp.example"]).await;
    let [claimed] = claim(&world, 10).await.try_into().unwrap();
    let waiting = state(&claimed).on(Event::NotThere, world.now(), &Schedule::default());
    world.here().advance(&claimed, advance(waiting, true)).await.unwrap();
    assert!(claim(&world, 10).await.is_empty(), "not due");
    world.clock.forward(Duration::from_secs(5));
    let [again] = claim(&world, 10).await.try_into().unwrap();
    assert_eq!((state(&again).state, state(&again).reason), (State::Waiting, Reason::NotArrived));
    let after = world.here().advance(&claimed, advance(waiting, true)).await;
    assert!(matches!(after, Err(StoreError::Conflict)), "released, and another's: {after:?}");
}

#[tokio::test]
async fn every_mailbox_gets_its_turn_and_none_more_than_four() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Junk).await;
    for _ in 0..6 {
        world.recorded(|_| ()).await;
    }
    world.recorded(|record| record.recipients = vec![recipient("ben@corp.example")]).await;
    let first = claim(&world, 2).await;
    let mut boxes: Vec<_> = first.iter().map(|claimed| claimed.copy.mailbox.key()).collect();
    boxes.sort();
    assert_eq!(boxes, ["anna@corp.example", "ben@corp.example"], "fair");
    assert_eq!(claim(&world, 10).await.len(), 3, "four of Anna's in hand at most");
    assert!(claim(&world, 10).await.is_empty());
}

#[tokio::test]
async fn an_end_is_stored_with_place_folder_and_its_log_entry() {
    let world = with_copies(&["anna@corp.example"]).await;
    let [claimed] = claim(&world, 10).await.try_into().unwrap();
    let (now, schedule) = (world.now(), Schedule::default());
    let asked = asked(&world, &claimed);
    world.here().advance(&claimed, advance(asked, false)).await.unwrap();
    world.clock.forward(Duration::from_secs(2));
    let end = asked.on(Event::Accepted, now, &schedule).on(Event::Verified, world.now(), &schedule);
    let place = Place { item_id: Some("AAkALg".into()), ..Place::default() };
    let entry = Entry {
        at: world.now(),
        actor: Actor::system("response"),
        action: "copy.retracted".into(),
        target: claimed.copy.message.to_string(),
        details: serde_json::json!({}),
    };
    let stored = Advance {
        folder: Some(Folder::SoftDeleted),
        place: Some(place.clone()),
        release: true,
        audit: Some(entry),
        ..Advance::to(end)
    };
    world.here().advance(&claimed, stored).await.unwrap();
    assert!(claim(&world, 10).await.is_empty());
    let message = world.mine().message(claimed.copy.message).await.unwrap().unwrap();
    assert_eq!(message.copies[0].folder, Folder::SoftDeleted);
    assert_eq!(message.copies[0].place, place);
    assert!(message.timeline.iter().any(|entry| entry.action == "copy.retracted"));
    let overview = world.mine().overview(world.ever(), 4).await.unwrap();
    assert_eq!(overview.retractions.of(State::Retracted), 1);
    assert_eq!((overview.time_to_retract.p50, overview.time_to_retract.count), (Some(2_000), 1));
    let [job] = world.mine().jobs(10).await.unwrap().try_into().unwrap();
    assert_eq!((job.messages, job.subject.as_str()), (1, "Your invoice"));
    let [copy] = world.mine().job_copies(job.job.id, 0, 100).await.unwrap().try_into().unwrap();
    assert_eq!((copy.retraction, copy.folder), (end, Folder::SoftDeleted));
}

#[tokio::test]
async fn further_items_of_one_message_are_copies_of_their_own() {
    let world = with_copies(&["anna@corp.example"]).await;
    let [claimed] = claim(&world, 10).await.try_into().unwrap();
    let further = Copy {
        id: CopyId::derived(claimed.copy.message, "anna@corp.example", 1),
        ordinal: 1,
        ..claimed.copy.clone()
    };
    for _ in 0..2 {
        let copies = vec![further.clone()];
        world.here().add_copies(&claimed.scope, claimed.copy.message, copies).await.unwrap();
    }
    let message = world.mine().message(claimed.copy.message).await.unwrap().unwrap();
    assert_eq!(message.copies.len(), 2);
    let other = clawback_store::Scope { tenant: tenant_id(9), region: world.region.clone() };
    let refused = world.here().add_copies(&other, claimed.copy.message, vec![further]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}
