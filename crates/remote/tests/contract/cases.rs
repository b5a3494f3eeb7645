//! The cases: each is one promise, and knows nothing of who keeps it.

use std::time::Duration;

use clawback_core::identity::Identity;
use clawback_core::{Destination, UnixMillis};
use clawback_remote::{Cause, MailboxProvider, MailboxRef, ProviderError, Retry};
use clawback_sim::{Behaviour, Fault, Folder as SimFolder, On, OperationKind};

use super::tenant::{ANNA, MESSAGE_ID, Tenant};

const MOVES: [Destination; 4] =
    [Destination::Junk, Destination::Trash, Destination::SoftDelete, Destination::Inbox];

pub(crate) async fn an_address_leads_to_its_mailbox<P: MailboxProvider>(on: &Tenant<P>) {
    let resolve = |local: &'static str| {
        let address = on.address(local);
        async move { on.provider.resolve(&address).await.map(|mailbox| mailbox.id().to_owned()) }
    };
    for local in ["anna", "ANNA", "a.o'berg", "anna+news"] {
        assert_eq!(resolve(local).await.as_deref(), Ok(ANNA), "{local}");
    }
    assert_eq!(resolve("ben").await.as_deref(), Ok("102"));
    for nobody in ["nobody", "+news", "x'or'"] {
        assert_eq!(resolve(nobody).await, Err(ProviderError::NoMailbox), "{nobody}");
    }
}

pub(crate) async fn nobodys_mailbox_is_told_from_an_empty_one<P: MailboxProvider>(on: &Tenant<P>) {
    let nobody = MailboxRef::new("a-nobody");
    let located = on.provider.locate(&nobody, MESSAGE_ID).await;
    assert_eq!(located, Err(ProviderError::NoMailbox));
    let none = match on.provider.resolve(&on.address("none")).await {
        Ok(mailbox) => on.provider.locate(&mailbox, MESSAGE_ID).await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert_eq!(none, Err(ProviderError::NoMailbox), "somebody without a mailbox");
    assert_eq!(on.provider.locate(&on.anna().await, MESSAGE_ID).await, Ok(Vec::new()));
}

pub(crate) async fn an_item_is_told_as_it_is_compared<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    on.world.owner_reads(ANNA, &item).unwrap();
    let found = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap();
    let received = UnixMillis(1_789_459_920_000);
    let identity = Identity {
        message_id: MESSAGE_ID.to_owned(),
        from: "billing@shop.example.net".to_owned(),
        subject: "Your résumé".to_owned(),
        sent: Some(UnixMillis(received.0 - 60_000)),
        received: Some(received),
        network_id: None,
    };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].identity, identity);
    assert!(found[0].before.is_read);
    assert_eq!(found[0].item_id, item);
    let seen = on.provider.look(&mailbox, &item).await.unwrap();
    assert_eq!(seen.as_ref(), Some(&found[0]), "a look shows what a search shows");
}

pub(crate) async fn every_item_with_one_id_is_found_wherever_it_lies<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, first) = on.with_message().await;
    let mut meant = vec![(on.place(Destination::Inbox).1, first)];
    for destination in [Destination::Junk, Destination::Trash, Destination::SoftDelete] {
        let (lies_in, seen_in) = on.place(destination);
        let item = on.deliver(MESSAGE_ID);
        on.world.owner_moves(ANNA, &item, lies_in).unwrap();
        meant.push((seen_in, item));
    }
    let archived = on.deliver(MESSAGE_ID);
    on.world.owner_moves(ANNA, &archived, SimFolder::Archive).unwrap();
    meant.push((clawback_core::Folder::Other, archived));
    on.deliver("another@shop.example.net");
    let found = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap();
    let mut found: Vec<_> = found.into_iter().map(|it| (it.folder, it.item_id)).collect();
    found.sort();
    meant.sort();
    assert_eq!(found, meant);
}

pub(crate) async fn many_items_are_found_page_by_page<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, _) = on.with_message().await;
    for _ in 0..69 {
        on.deliver(MESSAGE_ID);
    }
    let found = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap();
    let mut ids: Vec<_> = found.into_iter().map(|it| it.item_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 70);
}

pub(crate) async fn a_message_id_of_a_stranger_is_looked_up_as_written<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let ids = [
        "o'neill@shop.example.net",
        "a+b&c=d#e%f/g@shop.example.net",
        "a b@shop.example.net",
        "x OR in:inbox@shop.example.net",
        "jörg@shop.example.net",
        "(a){b}\"c\"@shop.example.net",
    ];
    let (mailbox, _) = on.with_message().await;
    for id in ids {
        assert_eq!(on.provider.locate(&mailbox, id).await.unwrap(), [], "{id}");
        on.deliver(id);
        let found = on.provider.locate(&mailbox, id).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|it| it.identity.message_id).collect();
        assert_eq!(found, [id]);
    }
    on.deliver("Case@shop.example.net");
    let found = on.provider.locate(&mailbox, "case@shop.example.net").await.unwrap();
    assert_eq!(found, [], "another id, whatever a search makes of it");
    let found = on.provider.locate(&mailbox, &format!("<{}>", ids[0])).await.unwrap();
    assert_eq!(found.len(), 1, "brackets are no part of an id");
    for odd in ["", "<>", &"x".repeat(5_000)] {
        assert_eq!(on.provider.locate(&mailbox, odd).await.unwrap(), []);
    }
    assert!(on.world.complaints().is_empty(), "{:?}", on.world.complaints());
}

pub(crate) async fn what_has_not_arrived_is_nothing_and_no_error<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    on.world.set_behaviour(Behaviour {
        arrival_delay_ms: 5_000..=5_000,
        index_delay_ms: 2_000..=2_000,
        ..on.world.behaviour()
    });
    let (mailbox, item) = on.with_message().await;
    assert_eq!(on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap(), []);
    assert_eq!(on.provider.look(&mailbox, &item).await, Ok(None));
    on.hand.advance_ms(5_000);
    assert_eq!(on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap(), [], "not indexed yet");
    assert!(on.provider.look(&mailbox, &item).await.unwrap().is_some(), "there by its id");
    on.hand.advance_ms(2_000);
    assert_eq!(on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap().len(), 1);
}

pub(crate) async fn each_destination_is_where_the_item_is_then_seen<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item) = on.with_message().await;
    for destination in MOVES {
        let (lies_in, seen_in) = on.place(destination);
        let relocated = on.provider.relocate(&mailbox, &item, destination).await.unwrap();
        assert_eq!(relocated.item_id.as_deref(), Some(item.as_str()), "{destination}");
        assert_eq!(on.item().folder, lies_in, "{destination}");
        let seen = on.provider.look(&mailbox, &item).await.unwrap().unwrap();
        assert_eq!(seen.folder, seen_in, "{destination}");
        assert!(seen.folder.satisfies(on.provider.effective(destination)), "{destination}");
    }
    assert!(on.world.complaints().is_empty());
}

pub(crate) async fn nowhere_is_no_destination<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    let moved = on.provider.relocate(&mailbox, &item, Destination::NoAction).await;
    assert_eq!(moved, Err(ProviderError::Unsupported(Destination::NoAction)));
    assert_eq!(on.changes(), 0);
}

pub(crate) async fn a_hard_deleted_item_is_out_of_reach<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    let delete = || on.provider.relocate(&mailbox, &item, Destination::HardDelete);
    assert_eq!(delete().await.unwrap().item_id, None);
    assert_eq!(on.item().folder, SimFolder::Purges);
    assert_eq!(on.provider.look(&mailbox, &item).await, Ok(None));
    assert_eq!(on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap(), []);
    assert_eq!(delete().await, Err(ProviderError::ItemGone));
    assert_eq!(on.changes(), 1);
}

pub(crate) async fn a_copy_that_is_put_back_is_as_it_was<P: MailboxProvider>(on: &Tenant<P>) {
    let mailbox = on.anna().await;
    for (destination, owner_reads) in
        [(Destination::Junk, true), (Destination::Trash, false), (Destination::SoftDelete, true)]
    {
        for lay_in in [SimFolder::Inbox, SimFolder::Archive, SimFolder::JunkEmail] {
            let item = on.deliver(MESSAGE_ID);
            if owner_reads {
                on.world.owner_reads(ANNA, &item).unwrap();
            }
            on.world.owner_moves(ANNA, &item, lay_in).unwrap();
            let state = || {
                let mut all = on.world.items(ANNA);
                all.retain(|it| it.immutable_id == item);
                let it = all.remove(0);
                (it.folder, it.is_read, it.categories, it.labels)
            };
            let was = state();
            let before = on.provider.look(&mailbox, &item).await.unwrap().unwrap().before;
            on.provider.relocate(&mailbox, &item, destination).await.unwrap();
            let put = on.provider.put_back(&mailbox, &item, &before).await.unwrap();
            assert_eq!(put.item_id.as_deref(), Some(item.as_str()));
            assert_eq!(state(), was, "{destination} from {lay_in:?}");
        }
    }
    assert!(on.world.complaints().is_empty());
}

pub(crate) async fn the_same_order_twice_is_the_order_once<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    for destination in [Destination::Junk, Destination::Trash] {
        for _ in 0..2 {
            on.provider.relocate(&mailbox, &item, destination).await.unwrap();
            assert_eq!(on.item().folder, on.place(destination).0);
        }
    }
}

pub(crate) async fn an_item_that_is_gone_is_no_failure<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    let before = on.provider.look(&mailbox, &item).await.unwrap().unwrap().before;
    on.world.owner_moves(ANNA, &item, SimFolder::Purges).unwrap();
    assert_eq!(on.provider.look(&mailbox, &item).await, Ok(None));
    for destination in [Destination::Junk, Destination::Trash, Destination::HardDelete] {
        let moved = on.provider.relocate(&mailbox, &item, destination).await;
        assert_eq!(moved, Err(ProviderError::ItemGone), "{destination}");
    }
    let put = on.provider.put_back(&mailbox, &item, &before).await;
    assert_eq!(put, Err(ProviderError::ItemGone));
    let ben = on.provider.resolve(&on.address("ben")).await.unwrap();
    let another = on.deliver(MESSAGE_ID);
    assert_eq!(on.provider.look(&ben, &another).await, Ok(None), "another's item");
    for odd in ["", "..", "x/../../y"] {
        let looked = on.provider.look(&ben, odd).await;
        assert!(matches!(looked, Err(ProviderError::Failed(_))), "{odd}: {looked:?}");
    }
    assert_eq!(on.changes(), 0);
}

pub(crate) async fn a_throttled_mailbox_is_left_alone_until_it_may_be_asked<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item) = on.with_message().await;
    let ben = on.provider.resolve(&on.address("ben")).await.unwrap();
    on.world.fail_next_on(On::Move, Fault::Status429 { retry_after: Some(7) });
    let seven = ProviderError::Throttled { wait: Some(Duration::from_secs(7)) };
    let trash = || on.provider.relocate(&mailbox, &item, Destination::Trash);
    assert_eq!(trash().await, Err(seven));
    assert_eq!(trash().await, Err(seven), "said without asking");
    let looked = on.provider.look(&mailbox, &item).await;
    assert_eq!(looked, Err(seven), "for the whole mailbox");
    assert_eq!(on.provider.locate(&ben, MESSAGE_ID).await, Ok(Vec::new()), "and no other");
    assert_eq!(on.changes(), 0);
    on.hand.advance_ms(7_000);
    trash().await.unwrap();
    assert!(on.world.complaints().is_empty(), "nobody came back too early");
}

pub(crate) async fn what_the_service_says_before_it_did_anything_changes_nothing<
    P: MailboxProvider,
>(
    on: &Tenant<P>,
) {
    let (mailbox, item) = on.with_message().await;
    on.world.fail_next_on(On::Move, Fault::Status503 { retry_after: None });
    let moved = on.provider.relocate(&mailbox, &item, Destination::Trash).await;
    assert_eq!(moved, Err(ProviderError::Unanswered(Cause::Status(503))), "nobody can know that");
    assert_eq!(on.changes(), 0);
    on.world.fail_next_on(On::Get, Fault::Status503 { retry_after: None });
    let looked = on.provider.look(&mailbox, &item).await;
    assert_eq!(looked, Err(ProviderError::Failed(Cause::Status(503))));
    let seen = on.provider.look(&mailbox, &item).await.unwrap().unwrap();
    assert!(!seen.folder.satisfies(Destination::Trash), "a look tells");
}

pub(crate) async fn an_unclear_change_took_effect_or_did_not<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    on.world.fail_next_on(On::Move, Fault::Timeout504After);
    let moved = on.provider.relocate(&mailbox, &item, Destination::Trash).await;
    assert_eq!(moved, Err(ProviderError::Unanswered(Cause::Status(504))));
    let seen = on.provider.look(&mailbox, &item).await.unwrap().unwrap();
    assert!(seen.folder.satisfies(Destination::Trash));
    assert_eq!(on.changes(), 1, "nothing was repeated");
}

pub(crate) async fn a_cut_connection_leaves_open_what_happened<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    for (fault, changes) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        on.world.fail_next_on(On::Move, fault);
        let moved = on.provider.relocate(&mailbox, &item, Destination::Trash).await;
        let error = moved.unwrap_err();
        assert_eq!(error.retry(), Retry::AfterReconcile, "{fault:?}: {error}");
        assert_eq!(on.changes(), changes, "{fault:?}: nothing was repeated");
    }
    on.world.fail_next_on(On::Get, Fault::CutBefore);
    let looked = on.provider.look(&mailbox, &item).await.unwrap_err();
    assert_eq!(looked.retry(), Retry::Later);
    on.world.fail_next_on(On::PermanentDelete, Fault::CutAfter);
    let deleted = on.provider.relocate(&mailbox, &item, Destination::HardDelete).await;
    assert_eq!(deleted.unwrap_err().retry(), Retry::AfterReconcile);
    assert_eq!(on.provider.look(&mailbox, &item).await, Ok(None));
}

pub(crate) async fn a_malformed_answer_is_asked_again_and_a_malformed_change_is_open<
    P: MailboxProvider,
>(
    on: &Tenant<P>,
) {
    let (mailbox, item) = on.with_message().await;
    on.world.fail_next_on(On::List, Fault::MalformedBody);
    let located = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap_err();
    assert!(matches!(located, ProviderError::Malformed { .. }), "{located:?}");
    assert_eq!(located.retry(), Retry::Later);
    assert_eq!(on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap().len(), 1);
    on.world.fail_next_on(On::Move, Fault::MalformedBody);
    let moved = on.provider.relocate(&mailbox, &item, Destination::Junk).await;
    assert_eq!(moved, Err(ProviderError::Unanswered(Cause::Unreadable)));
    assert_eq!(on.item().folder, SimFolder::JunkEmail);
}

pub(crate) async fn a_lost_grant_is_told_and_comes_back<P: MailboxProvider>(on: &Tenant<P>) {
    on.world.set_behaviour(Behaviour { consent: false, ..on.world.behaviour() });
    let resolved = on.provider.resolve(&on.address("anna")).await;
    assert_eq!(resolved, Err(ProviderError::GrantRevoked));
    on.world.set_behaviour(Behaviour { consent: true, ..on.world.behaviour() });
    on.hand.advance_ms(60_000);
    let (mailbox, item) = on.with_message().await;
    assert!(on.provider.look(&mailbox, &item).await.unwrap().is_some());
    on.world.set_behaviour(Behaviour { consent: false, ..on.world.behaviour() });
    on.hand.advance_ms(4_000_000);
    let moved = on.provider.relocate(&mailbox, &item, Destination::Trash).await;
    assert_eq!(moved, Err(ProviderError::GrantRevoked), "when the token has run out");
    let log = on.world.journal_of_operations();
    assert!(log.iter().all(|it| it.kind == OperationKind::Delivered));
}
