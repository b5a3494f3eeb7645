//! The cases about bringing back: each is one promise, and knows nothing of who keeps it.

use clawback_core::Destination;
use clawback_core::copy::Before;
use clawback_remote::{
    Cause, Heard, MailboxProvider, MailboxRef, ProviderError, RAW_OCTETS_MAX, Retry, heard,
};
use clawback_sim::{Behaviour, Fault, Folder as SimFolder, Group, ItemView, On};

use super::tenant::{ANNA, MESSAGE_ID, Tenant};

/// What its owner sees of an item, but not how often it was touched.
fn seen(item: &ItemView) -> (SimFolder, bool, String, Vec<String>, Vec<String>) {
    let ItemView { folder, is_read, flag, categories, labels, .. } = item.clone();
    (folder, is_read, flag, categories, labels)
}

/// An item that its owner read, flagged and sorted; and what was noted of it.
async fn sorted<P: MailboxProvider>(on: &Tenant<P>) -> (MailboxRef, String, Before) {
    let (mailbox, item) = on.with_message().await;
    on.owner_sorts(&item);
    let before = on.provider.look(&mailbox, &item).await.unwrap().unwrap().before;
    (mailbox, item, before)
}

async fn is_as<P: MailboxProvider>(
    on: &Tenant<P>,
    mailbox: &MailboxRef,
    item: &str,
    before: &Before,
) -> bool {
    on.provider.look(mailbox, item).await.unwrap().unwrap().is_as(before)
}

pub(crate) async fn what_its_owner_changed_meanwhile_is_put_right<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item, before) = sorted(on).await;
    let was = seen(&on.item());
    for destination in [Destination::Trash, Destination::Junk, Destination::SoftDelete] {
        on.provider.relocate(&mailbox, &item, destination).await.unwrap();
        assert!(!is_as(on, &mailbox, &item, &before).await, "{destination}");
        on.owner_unsorts(&item);
        on.provider.put_back(&mailbox, &item, &before).await.unwrap();
        assert_eq!(seen(&on.item()), was, "{destination}");
        assert!(is_as(on, &mailbox, &item, &before).await, "{destination}");
    }
    assert!(on.world.complaints().is_empty(), "{:?}", on.world.complaints());
}

pub(crate) async fn what_lies_in_its_folder_already_is_not_moved_again<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item, before) = sorted(on).await;
    let was = on.item();
    for _ in 0..2 {
        let put = on.provider.put_back(&mailbox, &item, &before).await.unwrap();
        assert_eq!(put.item_id.as_deref(), Some(item.as_str()));
    }
    assert_eq!(on.item(), was, "nothing was touched");
    on.owner_unsorts(&item);
    on.provider.put_back(&mailbox, &item, &before).await.unwrap();
    assert_eq!(seen(&on.item()), seen(&was));
    assert_eq!(on.changes(), 0, "only marked");
}

pub(crate) async fn an_unclear_restoration_is_looked_into_and_asked_again<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item, before) = sorted(on).await;
    let was = seen(&on.item());
    on.provider.relocate(&mailbox, &item, Destination::Trash).await.unwrap();
    on.owner_unsorts(&item);
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::MalformedBody] {
        on.world.fail_next_on(On::Move, fault);
        let put = on.provider.put_back(&mailbox, &item, &before).await;
        if let Err(error) = put {
            assert_eq!(error.retry(), Retry::AfterReconcile, "{fault:?}");
        }
        on.provider.put_back(&mailbox, &item, &before).await.unwrap();
        assert_eq!(seen(&on.item()), was, "{fault:?}");
        on.provider.relocate(&mailbox, &item, Destination::Trash).await.ok();
        on.provider.relocate(&mailbox, &item, Destination::Trash).await.unwrap();
    }
    on.world.fail_next_on(On::Get, Fault::CutBefore);
    let put = on.provider.put_back(&mailbox, &item, &before).await.unwrap_err();
    assert_eq!(put.retry(), Retry::Later, "nothing was asked for yet");
}

pub(crate) async fn the_octets_of_an_item_come_back_or_are_out_of_reach<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item) = on.with_message().await;
    let raw = on.provider.raw(&mailbox, &item).await.unwrap().unwrap();
    let text = String::from_utf8(raw).unwrap();
    assert!(text.contains("Please see the invoice."), "{text}");
    on.world.fail_next_on(On::Get, Fault::Status503 { retry_after: None });
    let failed = on.provider.raw(&mailbox, &item).await;
    assert_eq!(failed, Err(ProviderError::Failed(Cause::Status(503))));
    // What is rendered anew would take its time here.
    on.world.set_behaviour(Behaviour { alter_bodies: false, ..on.world.behaviour() });
    let large = on.deliver_raw(&"x".repeat(6 << 20));
    let raw = on.provider.raw(&mailbox, &large).await.unwrap().unwrap();
    assert!(raw.len() > 6 << 20, "more than any other answer has");
    let huge = on.deliver_raw(&"x".repeat(RAW_OCTETS_MAX + 1));
    let refused = on.provider.raw(&mailbox, &huge).await;
    assert_eq!(refused, Err(ProviderError::TooLarge { octets_max: RAW_OCTETS_MAX }));
    on.provider.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    assert_eq!(on.provider.raw(&mailbox, &item).await, Ok(None));
}

pub(crate) async fn a_lost_message_is_made_again_where_it_lay<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item, before) = sorted(on).await;
    let raw = on.raw(MESSAGE_ID, "Please see the invoice.");
    on.provider.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    assert_eq!(on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap(), []);
    let made = on.provider.recreate(&mailbox, &raw, &before).await.unwrap().item_id.unwrap();
    assert_ne!(made, item, "another item");
    let found = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(found.item_id, made);
    assert!(found.is_as(&before), "{:?}", found.before);
    let view = on.world.items(ANNA).pop().unwrap();
    assert_eq!(view.is_draft, on.provider.recreation().is_draft, "as was said beforehand");
    let nowhere = Before { is_read: true, ..Before::default() };
    let other = on.raw("c@shop.example.net", "Please see the invoice.");
    on.provider.recreate(&mailbox, &other, &nowhere).await.unwrap();
    let found = on.provider.locate(&mailbox, "c@shop.example.net").await.unwrap();
    assert_eq!(found[0].folder, clawback_core::Folder::Inbox, "where no folder was noted");
    let octets_max = on.provider.recreation().octets_max;
    let refused = on.provider.recreate(&mailbox, &vec![b'x'; octets_max + 1], &before).await;
    assert_eq!(refused, Err(ProviderError::TooLarge { octets_max }));
    let largest = on.raw("b@shop.example.net", &"x".repeat(octets_max - 1_000));
    on.provider.recreate(&mailbox, &largest, &before).await.unwrap();
    assert!(on.world.complaints().is_empty());
}

pub(crate) async fn whether_a_message_was_made_again_is_seen_by_its_id<P: MailboxProvider>(
    on: &Tenant<P>,
) {
    let (mailbox, item, before) = sorted(on).await;
    let raw = on.raw(MESSAGE_ID, "Please see the invoice.");
    on.provider.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    for (fault, items) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        on.world.fail_next_on(On::Insert, fault);
        let made = on.provider.recreate(&mailbox, &raw, &before).await.unwrap_err();
        assert_eq!(made.retry(), Retry::AfterReconcile, "{fault:?}");
        let found = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap();
        assert_eq!(found.len(), items, "{fault:?}: nothing was repeated");
    }
    let found = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap().remove(0);
    on.provider.put_back(&mailbox, &found.item_id, &before).await.unwrap();
    assert!(is_as(on, &mailbox, &found.item_id, &before).await, "the rest is done by putting back");
    on.world.fail_next_on(On::Insert, Fault::Status429 { retry_after: Some(1) });
    let made = on.provider.recreate(&mailbox, &raw, &before).await;
    assert!(matches!(made, Err(ProviderError::Throttled { .. })), "{made:?}");
}

pub(crate) async fn a_group_is_everybody_in_it<P: MailboxProvider>(on: &Tenant<P>) {
    let address = |local: &str| on.address(local).to_string();
    let group = |local: &str, members: Vec<String>| {
        let aliases = vec![address(&format!("{local}.alias"))];
        on.world.add_group(Group { address: address(local), aliases, members });
    };
    group("all", vec![address("team"), address("admin")]);
    group("team", vec![address("anna"), address("ben"), address("all")]);
    let members = |local: &'static str| {
        let group = on.address(local);
        async move { on.provider.members(&group).await }
    };
    for local in ["all", "ALL", "all.alias"] {
        let mut found = members(local).await.unwrap().unwrap();
        found.sort();
        assert_eq!(found, ["admin", "anna", "ben"].map(|it| on.address(it)), "{local}");
    }
    assert_eq!(members("anna").await, Ok(None), "somebody, and no group");
    assert_eq!(members("x'or'").await, Ok(None));
    let resolved = on.provider.resolve(&on.address("all")).await;
    assert_eq!(resolved, Err(ProviderError::NoMailbox), "a group has no mailbox");
    group("all", vec![address("ben")]);
    assert_eq!(members("all").await.unwrap().unwrap().len(), 3, "kept for a while");
    on.hand.advance_ms(3_600_000);
    assert_eq!(members("all").await.unwrap().unwrap().len(), 1, "and no longer");
    assert!(on.world.complaints().is_empty());
}

pub(crate) async fn what_was_answered_is_heard<P: MailboxProvider>(on: &Tenant<P>) {
    let (mailbox, item) = on.with_message().await;
    let (found, all) = heard(on.provider.look(&mailbox, &item)).await;
    assert!(found.unwrap().is_some());
    let look = all.iter().find(|it| it.call == "look").unwrap();
    assert_eq!((look.status, look.code.as_deref()), (Some(200), None));
    let calls = |all: &[Heard]| all.iter().map(|it| it.call.to_string()).collect::<Vec<_>>();

    on.world.fail_next_on(On::Move, Fault::CutAfter);
    let trash = on.provider.relocate(&mailbox, &item, Destination::Trash);
    let (moved, all) = heard(trash).await;
    assert_eq!(moved.unwrap_err().retry(), Retry::AfterReconcile);
    assert_eq!(all.last().unwrap().status, None, "no answer came: {:?}", calls(&all));

    on.world.fail_next_on(On::Move, Fault::Status503 { retry_after: None });
    let trash = on.provider.relocate(&mailbox, &item, Destination::Trash);
    let all = heard(trash).await.1;
    let last = all.last().unwrap();
    assert_eq!(last.status, Some(503));
    assert!(last.code.is_some(), "{last:?}");
    let told = serde_json::to_string(&all).unwrap();
    for secret in ["anna", "@", "Bearer", MESSAGE_ID, item.as_str()] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    let (_, silent) = heard(async {}).await;
    assert_eq!(silent, []);
}
