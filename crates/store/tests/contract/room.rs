//! How much there is: usage counted exactly, a reserve that raw mail leaves alone, and nothing left
//! over from a process that was killed.

use std::sync::Arc;
use std::time::Duration;

use clawback_core::retraction::{Event, Schedule};
use clawback_core::{Destination, Disposition, SegmentId};
use clawback_store::{Advance, StoreError};

use crate::world::*;

/// Octets of the segment files, without what belongs to no tenant.
fn sealed_octets(world: &World) -> u64 {
    let of = |path| std::fs::metadata(path).unwrap().len();
    let frame = |_: &_| (8 + 2 + 1 + "global".len() + 16 + 8 + 56 + 44) as u64;
    let files = world.segment_files();
    files.iter().map(of).sum::<u64>() - files.iter().map(frame).sum::<u64>()
}

#[tokio::test]
async fn usage_counts_every_committed_mail_once_and_survives() {
    let mut world = World::new().await;
    let other = world.add_tenant(2, "elsewhere.example").await;
    assert_eq!(world.here().usage(world.tenant), 0);
    world.append(&[b'x'; 5_000]).await;
    let first = world.here().usage(world.tenant);
    assert_eq!(first, sealed_octets(&world), "at once, without a wait for the registration");
    world.clock.forward(Duration::from_secs(86_400));
    world.append(b"the next day").await;
    let before = world.here().usage(world.tenant);
    let mut large = world.here().stream(world.tenant, envelope()).await.unwrap();
    large.write(&vec![7; 3_000_000]).await.unwrap();
    assert_eq!(world.here().usage(world.tenant), before, "what is unfinished does not count");
    large.finish().await.unwrap();
    let used = world.here().usage(world.tenant);
    assert_eq!(used, sealed_octets(&world));
    assert_eq!(world.here().usage(other), 0);
    for _ in 0..3 {
        world.claim().await;
    }
    world.here().adopt().await.unwrap();
    assert_eq!(world.here().usage(world.tenant), used);
    world.reopen().await;
    assert_eq!(world.here().usage(world.tenant), used, "after a restart");
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    let sql = "SELECT count(*), sum(octets) FROM raw_usage";
    let rows: (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(rows, (2, used as i64), "by day");
}

#[tokio::test]
async fn what_is_adopted_is_counted_and_what_was_counted_is_not_counted_again() {
    let mut world = World::new().await;
    world.append(b"a mail").await;
    world.claim().await;
    let used = world.here().usage(world.tenant);
    // As where the process ended before the registration.
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute_batch("DELETE FROM segments; DELETE FROM raw_usage").unwrap();
    world.reopen().await;
    assert_eq!(world.here().usage(world.tenant), 0);
    assert_eq!(world.here().adopt().await.unwrap(), 1);
    assert_eq!(world.here().usage(world.tenant), used);
    assert_eq!(world.here().adopt().await.unwrap(), 0);
    assert_eq!(world.here().usage(world.tenant), used);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adoption_beside_registration_makes_nothing_known_or_counted_twice() {
    let world = Arc::new(World::new().await);
    let adopting = {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for _ in 0..200 {
                world.here().adopt().await.unwrap();
            }
        })
    };
    let mut committed: Vec<SegmentId> = Vec::new();
    while committed.len() < 20 || !adopting.is_finished() {
        committed.push(world.append(b"a mail").await.segment());
    }
    adopting.await.unwrap();
    let mut claimed = Vec::new();
    for _ in 0..committed.len() {
        claimed.push(world.claim().await.id);
    }
    assert!(world.here().claim_segment("test", LEASE).await.unwrap().is_none());
    claimed.sort();
    committed.sort();
    assert_eq!(claimed, committed);
    assert_eq!(world.here().usage(world.tenant), sealed_octets(&world));
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    let sql = "SELECT sum(octets) FROM raw_usage";
    let stored: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(stored as u64, sealed_octets(&world));
}

#[tokio::test]
async fn below_the_reserve_raw_mail_is_refused_and_everything_else_goes_on() {
    let mut world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    world.append(b"a mail").await;
    assert!(world.here().has_room());
    world.reopen_with_reserve(1 << 62).await;
    assert!(world.store.free().is_some_and(|free| free > 0));
    let here = world.here();
    assert!(!here.has_room());
    let refused = here.append(world.incoming(b"another")).await;
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    let refused = here.stream(world.tenant, envelope()).await;
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    assert_eq!(world.segment_files().len(), 1);

    let claim = world.claim().await;
    let records = vec![message(&world, &claim, 0)];
    assert_eq!(here.record(&claim, segment(&world, &claim, records)).await.unwrap().jobs, 1);
    let [copy] = here.claim_copies(5, LEASE, world.now()).await.unwrap().try_into().unwrap();
    let state = copy.copy.order.as_ref().unwrap().retraction;
    let retraction = state.on(Event::Asking, world.now(), &Schedule::default());
    let advance = Advance::to(retraction);
    here.advance(&copy, advance).await.unwrap();
    assert!(here.seal_audit(100).await.unwrap() > 0);
}

#[tokio::test]
async fn what_a_killed_process_left_half_written_is_removed_and_nothing_else() {
    let mut world = World::new().await;
    let committed = world.append(b"a mail").await;
    let [whole] = world.segment_files().try_into().unwrap();
    let folder = whole.parent().unwrap();
    let of = |name: String| folder.join(name);
    let half = of(format!("{}.seg#1", SegmentId::new(world.now(), [9; 10])));
    let also = of(format!("{}.seg#27", SegmentId::new(world.now(), [8; 10])));
    let others = [of("notes.txt#1".into()), of(format!("{}.seg#old", committed.segment()))];
    for file in [&half, &also].into_iter().chain(&others) {
        std::fs::write(file, b"CLAWSEG1 and so on").unwrap();
    }
    world.restart().await;
    assert!(!half.exists() && !also.exists());
    assert!(whole.exists() && others.iter().all(|file| file.exists()), "only what is ours");
    assert_eq!(world.claim().await.id, committed.segment());
}

#[tokio::test]
async fn a_settled_file_alone_is_the_records() {
    let world = World::new().await;
    let (id, _) = world.recorded(|_| ()).await;
    world.store.settle().await.unwrap();
    let log = world.records_path().with_extension("db-wal");
    assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0, "nothing beside it");
    let other = tempfile::tempdir().unwrap();
    let copy = other.path().join("copy.db");
    std::fs::copy(world.records_path(), &copy).unwrap();
    let connection = rusqlite::Connection::open(&copy).unwrap();
    let found: [u8; 16] =
        connection.query_row("SELECT id FROM messages", [], |row| row.get(0)).unwrap();
    assert_eq!(found, id.octets());
    world.recorded(|_| ()).await;
}
