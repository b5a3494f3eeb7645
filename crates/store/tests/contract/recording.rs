//! Recording: once, whole, merged with what came before, and under the settings that hold.

use std::time::Duration;

use clawback_core::record::Arrival;
use clawback_core::retraction::State;
use clawback_core::trace::Query;
use clawback_core::{Destination, Disposition};

use crate::world::*;

#[tokio::test]
async fn recording_twice_is_recording_once() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::SoftDelete).await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    let record = segment(&world, &claim, vec![message(&world, &claim, 0)]);
    let first = world.here().record(&claim, record.clone()).await.unwrap();
    assert_eq!((first.messages, first.merged, first.jobs), (1, 0, 1));
    let second = world.here().record(&claim, record).await.unwrap();
    assert_eq!(second, first, "the same answer");
    let overview = world.mine().overview(world.ever(), 1).await.unwrap();
    assert_eq!((overview.processed_ever, overview.retractions.total()), (1, 1));
    assert_eq!(world.mine().jobs(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_segment_that_comes_again_records_nothing_new() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::SoftDelete).await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    let record = segment(&world, &claim, vec![message(&world, &claim, 0)]);
    world.here().record(&claim, record.clone()).await.unwrap();
    // As after a backup of the records that is older than the segment's end.
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("UPDATE segments SET state = 'open'", []).unwrap();
    let again = world.claim().await;
    let recorded = world.here().record(&again, record).await.unwrap();
    assert_eq!((recorded.messages, recorded.jobs), (0, 0));
    let overview = world.mine().overview(world.ever(), 1).await.unwrap();
    assert_eq!((overview.processed_ever, overview.retractions.total()), (1, 1));
}

#[tokio::test]
async fn forks_merge_across_midnight_and_unite_their_recipients() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    let (id, _) = world.recorded(|record| record.digest = [7; 32]).await;
    world.clock.forward(Duration::from_secs(86_400));
    let (fork, recorded) = world
        .recorded(|record| {
            record.digest = [7; 32];
            record.recipients =
                ["anna", "ben"].map(|who| recipient(&format!("{who}@corp.example"))).into();
        })
        .await;
    assert_eq!((recorded.messages, recorded.merged, recorded.jobs), (0, 1, 1));
    assert!(world.mine().message(fork).await.unwrap().is_none(), "the earlier id wins");
    let merged = world.mine().message(id).await.unwrap().unwrap();
    assert_eq!(merged.recipients.len(), 2);
    assert_eq!(merged.copies.len(), 2);
    assert!(merged.copies.iter().all(|copy| copy.order.is_some()));
    assert_eq!(world.mine().jobs(10).await.unwrap().len(), 1, "one order for both");
}

#[tokio::test]
async fn the_worse_verdict_wins_and_the_other_is_kept() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    let same = |disposition| {
        move |record: &mut clawback_core::record::MessageRecord| {
            record.digest = [7; 32];
            record.verdict = verdict(disposition);
        }
    };
    let (id, first) = world.recorded(same(Disposition::Clean)).await;
    assert_eq!(first.jobs, 0);
    let (_, second) = world.recorded(same(Disposition::Malicious)).await;
    assert_eq!(second.jobs, 1, "the copy that was left alone is ordered now");
    world.recorded(same(Disposition::Spam)).await;
    let message = world.mine().message(id).await.unwrap().unwrap();
    assert_eq!(message.verdict.disposition, Disposition::Malicious);
    let changes: Vec<_> =
        message.timeline.iter().filter(|entry| entry.action == "verdict.changed").collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].details["before"], "CLEAN");
    let query = Query::parse("rule:intel-url").unwrap();
    let page = world.mine().trace(&query, world.ever(), None, 10).await.unwrap();
    assert_eq!(page.rows.len(), 1, "the labels follow the verdict");
}

#[tokio::test]
async fn a_change_of_settings_holds_for_the_next_record() {
    let world = World::new().await;
    let (_, before) = world.recorded(|_| ()).await;
    assert_eq!(before.jobs, 0, "a new tenant is watched, not touched");
    world.set_policy(Disposition::Malicious, Destination::HardDelete).await;
    let (id, after) = world.recorded(|_| ()).await;
    assert_eq!(after.jobs, 1);
    let message = world.mine().message(id).await.unwrap().unwrap();
    let order = message.copies[0].order.clone().unwrap();
    assert_eq!(order.destination, Destination::HardDelete);
    assert_eq!(order.retraction.state, State::Planned);
}

#[tokio::test]
async fn every_order_is_in_the_log_with_what_decided_it() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Junk).await;
    let (id, _) = world.recorded(|_| ()).await;
    let log = world.mine().audit(10, None).await.unwrap();
    let ordered = log.iter().find(|row| row.entry.action == "retraction.ordered").unwrap();
    assert_eq!(ordered.entry.target, id.to_string());
    assert_eq!(ordered.entry.details["decided_by"], "intel-url");
    assert_eq!(ordered.entry.details["destination"], "junk");
    assert_eq!(ordered.entry.details["copies"], 1);
}

#[tokio::test]
async fn a_message_of_another_region_is_another_message() {
    let world = World::new().await;
    let (id, _) = world.recorded(|record| record.digest = [7; 32]).await;
    let elsewhere = clawback_core::Region::parse("eu-1").unwrap();
    let theirs = world.store.tenant(world.tenant, &elsewhere);
    assert!(theirs.message(id).await.unwrap().is_none());
    assert_eq!(theirs.overview(world.ever(), 1).await.unwrap().processed_ever, 0);
}

#[tokio::test]
async fn mail_that_may_not_be_acted_on_orders_nothing_and_hides_no_report_of_its_own() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::SoftDelete).await;
    // The pipeline gives it another digest than the same original in a report that may act.
    let unverified = world.recorded(|record| {
        record.arrival = Arrival::Unverified;
        record.digest = [8; 32];
    });
    let (_, recorded) = unverified.await;
    assert_eq!((recorded.messages, recorded.jobs), (1, 0));
    let (id, recorded) = world.recorded(|record| record.digest = [7; 32]).await;
    assert_eq!((recorded.messages, recorded.merged, recorded.jobs), (1, 0, 1));
    let [copy] =
        world.here().claim_copies(9, LEASE, world.now()).await.unwrap().try_into().unwrap();
    assert_eq!(copy.copy.message, id);
    // Once more, unverified: still nothing, whatever it claims.
    let again = world.recorded(|record| {
        record.arrival = Arrival::Unverified;
        record.digest = [8; 32];
        record.recipients = vec![recipient("ben@corp.example")];
    });
    assert_eq!((again.await.1.jobs, world.mine().jobs(9).await.unwrap().len()), (0, 1));
}
