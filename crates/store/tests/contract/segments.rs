//! What was answered with 250 is there, sealed, and found again.

use std::time::Duration;

use clawback_core::TenantId;
use clawback_store::StoreError;

use crate::world::*;

#[tokio::test]
async fn what_was_committed_survives_a_restart() {
    let mut world = World::new().await;
    let committed = world.append(b"From: a@shop.example.net\r\n\r\nhello").await;
    world.reopen().await;
    world.here().adopt().await.unwrap();
    let claim = world.claim().await;
    assert_eq!(claim.id, committed.segment());
    let mails = world.read(&claim).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(&mails[0].octets[..], b"From: a@shop.example.net\r\n\r\nhello");
    assert_eq!(mails[0].envelope, envelope());
    assert_eq!((mails[0].tenant, mails[0].place), (world.tenant, 0));
    assert_eq!(mails[0].received, world.now());
    assert!(mails[0].damage.is_none());
}

#[tokio::test]
async fn mail_that_comes_together_shares_segments_and_stays_in_order() {
    let world = World::new().await;
    let appends = (0..300).map(|n| {
        let world = &world;
        async move { (n, world.append(format!("mail {n}").as_bytes()).await) }
    });
    let committed = join_all(appends).await;
    let mut segments: Vec<_> = committed.iter().map(|(_, at)| at.segment()).collect();
    segments.sort();
    segments.dedup();
    assert!(segments.len() < 100, "{} segments", segments.len());
    for _ in 0..segments.len() {
        let claim = world.claim().await;
        for mail in world.read(&claim).await {
            let (n, _) = committed
                .iter()
                .find(|(_, at)| (at.segment(), at.place()) == (claim.id, mail.place))
                .unwrap();
            assert_eq!(mail.octets, format!("mail {n}"));
        }
    }
    assert!(world.here().claim_segment("test", LEASE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_large_mail_streams_and_an_aborted_one_leaves_nothing() {
    let world = World::new().await;
    let octets: Vec<u8> = (0..600_000_u32).flat_map(|n| n.wrapping_mul(n).to_be_bytes()).collect();
    let octets = &octets[..2_000_001];
    let mut aborted = world.here().stream(world.tenant, envelope()).await.unwrap();
    aborted.write(octets).await.unwrap();
    aborted.abort().await;
    let mut large = world.here().stream(world.tenant, envelope()).await.unwrap();
    for piece in octets.chunks(70_001) {
        large.write(piece).await.unwrap();
    }
    let committed = large.finish().await.unwrap();
    assert_eq!(world.segment_files().len(), 1);
    let claim = world.claim().await;
    assert_eq!(claim.id, committed.segment());
    let mails = world.read(&claim).await;
    assert!(mails[0].octets == octets, "the octets came back changed");
    assert_eq!(mails[0].envelope, envelope());
}

#[tokio::test]
async fn what_lies_on_disk_does_not_show_the_mail() {
    let world = World::new().await;
    world.append(b"canary-7f3a in a body, for anna@corp.example").await;
    let [file] = world.segment_files().try_into().unwrap();
    let octets = std::fs::read(file).unwrap();
    for plain in [&b"canary-7f3a"[..], b"anna@corp", b"journal@corp.example", b"192.0.2.7"] {
        assert!(!octets.windows(plain.len()).any(|window| window == plain));
    }
}

#[tokio::test]
async fn an_unregistered_segment_is_adopted_once() {
    let world = World::new().await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("DELETE FROM segments", []).unwrap();
    assert_eq!(world.here().lag().await.unwrap().segments, 0);
    assert_eq!(world.here().adopt().await.unwrap(), 1);
    assert_eq!(world.here().adopt().await.unwrap(), 0);
    assert_eq!(world.claim().await.id, claim.id);
    assert_eq!(world.here().lag().await.unwrap().segments, 1);
}

#[tokio::test]
async fn adoption_looks_back_as_far_as_a_file_may_have_been_open() {
    let world = World::new().await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    world.clock.forward(Duration::from_secs(3_600));
    world.here().adopt().await.unwrap();
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("DELETE FROM segments", []).unwrap();
    assert_eq!(world.here().adopt().await.unwrap(), 1);
    assert_eq!(world.claim().await.id, claim.id);
}

#[tokio::test]
async fn a_torn_file_is_kept_and_told_of() {
    let world = World::new().await;
    world.append(b"a mail").await;
    world.claim().await;
    let [file] = world.segment_files().try_into().unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 9]).unwrap();
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("DELETE FROM segments", []).unwrap();
    world.here().adopt().await.unwrap();
    let lag = world.here().lag().await.unwrap();
    assert_eq!((lag.segments, lag.damaged), (0, 1));
    assert!(file.exists());
    assert!(world.here().claim_segment("test", LEASE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_torn_after_its_registration_is_told_of_and_not_claimed_again() {
    let world = World::new().await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    let [file] = world.segment_files().try_into().unwrap();
    std::fs::write(&file, b"CLAWSEG1").unwrap();
    let read = world.here().open_segment(&claim).await;
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
    world.clock.forward(LEASE * 2);
    assert!(world.here().claim_segment("test", LEASE).await.unwrap().is_none());
    assert_eq!(world.here().lag().await.unwrap().damaged, 1);
}

#[tokio::test]
async fn a_changed_entry_is_told_of_beside_those_that_open() {
    let world = World::new().await;
    let (one, two) = tokio::join!(world.append(b"first mail"), world.append(b"second mail"));
    assert_eq!(one.segment(), two.segment());
    let [file] = world.segment_files().try_into().unwrap();
    let mut octets = std::fs::read(&file).unwrap();
    octets[8 + 2 + 1 + "global".len() + 16 + 8 + 3] ^= 1;
    std::fs::write(&file, octets).unwrap();
    let mails = world.read(&world.claim().await).await;
    assert_eq!(mails.len(), 2);
    assert!(mails[0].damage.is_some() && mails[0].octets.is_empty());
    assert_eq!(mails[0].tenant, world.tenant);
    assert!(mails[1].damage.is_none() && !mails[1].octets.is_empty());
}

#[tokio::test]
async fn a_day_whose_key_was_destroyed_is_unreadable_and_says_so() {
    let mut world = World::new().await;
    world.append(b"a mail").await;
    let claim = world.claim().await;
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("DELETE FROM data_keys", []).unwrap();
    world.reopen().await;
    let mails = world.read(&claim).await;
    assert!(mails[0].damage.is_some() && mails[0].octets.is_empty());
}

#[tokio::test]
async fn another_root_key_is_refused() {
    let world = World::new().await;
    let refused = world.open_with_key("other.key").await;
    assert!(matches!(refused, Err(StoreError::WrongRootKey)), "{refused:?}");
    assert!(world.open_with_key("root.key").await.is_ok());
}

#[tokio::test]
async fn a_claim_ends_with_its_lease_and_a_late_worker_changes_nothing() {
    let world = World::new().await;
    world.append(b"a mail").await;
    let first = world.claim().await;
    assert!(world.here().claim_segment("second", LEASE).await.unwrap().is_none());
    world.clock.forward(LEASE);
    let second = world.claim().await;
    assert_eq!(second.id, first.id);
    assert!(second.fence > first.fence);
    let record = segment(&world, &first, vec![message(&world, &first, 0)]);
    let late = world.here().record(&first, record.clone()).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(world.mine().overview(world.ever(), 1).await.unwrap().processed_ever, 0);
    assert_eq!(world.here().record(&second, record).await.unwrap().messages, 1);
}

#[tokio::test]
async fn after_a_restart_a_segment_in_hand_is_free_at_once_and_the_old_claim_is_void() {
    let mut world = World::new().await;
    world.append(b"a mail").await;
    let before = world.claim().await;
    world.reopen().await;
    assert!(world.here().claim_segment("test", LEASE).await.unwrap().is_none());
    world.here().recover_claims(world.now()).await.unwrap();
    let record = segment(&world, &before, vec![message(&world, &before, 0)]);
    let late = world.here().record(&before, record).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(world.claim().await.id, before.id);
}

#[tokio::test]
async fn raw_mail_is_its_tenants_alone() {
    let world = World::new().await;
    let other: TenantId = world.add_tenant(2, "elsewhere.example").await;
    let (id, _) = world.recorded(|_| ()).await;
    let raw = world.mine().raw(id).await.unwrap();
    assert_eq!(raw.as_deref(), Some(&b"a mail"[..]));
    let theirs = world.store.tenant(other, &world.region);
    assert!(theirs.raw(id).await.unwrap().is_none());
}

async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    use std::pin::Pin;
    use std::task::Poll;
    let mut running: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, slot) in running.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let Poll::Ready(output) = future.as_mut().poll(context)
            {
                *slot = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
