//! Reading segments: in bounded parts, and without the mail that ends the program.

use std::collections::HashSet;

use clawback_core::Region;
use clawback_core::record::SegmentRecord;
use clawback_store::{ClaimedSegment, Committed};

use crate::world::*;

/// Ten mails of some 10 KB in one segment.
async fn ten(world: &World) -> ClaimedSegment {
    let mail = vec![b'x'; 10_000];
    let here = world.here();
    let one = || async { here.append(world.incoming(&mail)).await.unwrap() };
    // On a busy machine ten that come together may still be several segments.
    for _ in 0..50 {
        let ten =
            tokio::join!(one(), one(), one(), one(), one(), one(), one(), one(), one(), one());
        let ten: [Committed; 10] = ten.into();
        let segments: HashSet<_> = ten.iter().map(Committed::segment).collect();
        if segments.len() == 1 {
            return world.claim().await;
        }
        // They are out of the way of what follows.
        for _ in segments {
            let claim = world.claim().await;
            let (segment, region) = (claim.id, Region::global());
            let record = SegmentRecord { segment, region, messages: Vec::new(), at: world.now() };
            world.here().record(&claim, record).await.unwrap();
        }
    }
    panic!("ten mails never came into one segment");
}

#[tokio::test]
async fn a_segment_is_read_in_parts_of_a_size() {
    let world = World::new().await;
    let claim = ten(&world).await;
    for (octets_max, parts) in [(1, 10), (35_000, 4), (1_000_000, 1)] {
        let mut reader = world.here().open_segment(&claim).await.unwrap();
        let mut places = Vec::new();
        let mut count = 0;
        while let Some(next) = reader.next_place() {
            let mails = reader.next(octets_max).await.unwrap().unwrap();
            assert_eq!(mails[0].place, next);
            places.extend(mails.iter().map(|mail| mail.place));
            count += 1;
        }
        assert!(reader.next(octets_max).await.unwrap().is_none());
        assert_eq!(places, (0..10).collect::<Vec<_>>());
        assert_eq!(count, parts, "{octets_max}");
    }
}

#[tokio::test]
async fn a_mail_of_many_pieces_comes_back_whole_and_a_change_in_any_is_seen() {
    let world = World::new().await;
    let octets: Vec<u8> = (0..1_500_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).rotate_left(n % 31).to_be_bytes())
        .collect();
    let mut large = world.here().stream(world.tenant, envelope()).await.unwrap();
    for piece in octets.chunks(300_001) {
        large.write(piece).await.unwrap();
    }
    large.finish().await.unwrap();
    let claim = world.claim().await;
    let [mail] = world.read(&claim).await.try_into().unwrap();
    assert!(mail.octets == octets, "the octets came back changed");
    assert_eq!(mail.envelope, envelope());
    let [file] = world.segment_files().try_into().unwrap();
    let whole = std::fs::read(&file).unwrap();
    assert!(whole.len() > 4_000_000, "several pieces: {}", whole.len());
    for place in [100, 1_048_700, 3_500_000, whole.len() - 150] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        std::fs::write(&file, changed).unwrap();
        let [mail] = world.read(&claim).await.try_into().unwrap();
        assert!(mail.damage.is_some() && mail.octets.is_empty(), "changed at {place}");
    }
}

/// The program ends while the mail at `place` is judged; it is started and the segment claimed.
async fn dies_under(world: &mut World, claim: &ClaimedSegment, place: u32) -> ClaimedSegment {
    world.here().trying(claim, place).await.unwrap();
    world.restart().await;
    world.claim().await
}

#[tokio::test]
async fn claims_without_a_record_are_counted() {
    let mut world = World::new().await;
    world.append(b"a mail").await;
    let mut claim = world.claim().await;
    for attempts in 0..4 {
        assert_eq!((claim.attempts, claim.given_up.len()), (attempts, 0));
        world.restart().await;
        claim = world.claim().await;
    }
}

#[tokio::test]
async fn the_mail_that_ends_the_program_again_and_again_is_given_up_and_no_other() {
    let mut world = World::new().await;
    let claim = ten(&world).await;
    let claim = dies_under(&mut world, &claim, 3).await;
    assert!(claim.given_up.is_empty(), "once may be chance");
    let claim = dies_under(&mut world, &claim, 4).await;
    assert!(claim.given_up.is_empty(), "each once");
    let claim = dies_under(&mut world, &claim, 3).await;
    assert!(claim.given_up.is_empty(), "twice may be chance");
    let claim = dies_under(&mut world, &claim, 3).await;
    assert_eq!(claim.given_up, [3]);
    world.restart().await;
    let claim = world.claim().await;
    assert_eq!(claim.given_up, [3], "kept");
    let mails = world.read(&claim).await;
    assert_eq!(mails.len(), 10);
    for mail in mails {
        assert_eq!(mail.damage.is_some(), mail.place == 3, "{mail:?}");
        assert_eq!(mail.octets.is_empty(), mail.place == 3, "not even opened");
    }
}

#[tokio::test]
async fn a_mail_whose_worker_lived_on_is_not_to_blame() {
    let world = World::new().await;
    world.append(b"a mail").await;
    let mut claim = world.claim().await;
    for _ in 0..5 {
        world.here().trying(&claim, 0).await.unwrap();
        world.clock.forward(LEASE);
        let again = world.claim().await;
        let late = world.here().trying(&claim, 0).await;
        assert!(matches!(late, Err(clawback_store::StoreError::Conflict)), "{late:?}");
        claim = again;
    }
    assert_eq!((claim.attempts, claim.given_up), (5, Vec::new()));
}
