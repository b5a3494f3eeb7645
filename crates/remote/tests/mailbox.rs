//! Finding items and moving them, against a simulated Microsoft 365 over real sockets.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod support;

use clawback_core::copy::Before;
use clawback_core::identity::Identity;
use clawback_core::{Destination, Folder, UnixMillis};
use clawback_remote::{MailboxProvider, ProviderError};
use clawback_sim::{Behaviour, Folder as SimFolder};
use support::{ANNA, ANNAS, BEN, MESSAGE_ID, Sim, address};

#[tokio::test]
async fn each_destination_is_where_the_item_is_then_seen() {
    let rows = [
        (Destination::Junk, SimFolder::JunkEmail, Folder::Junk),
        (Destination::Trash, SimFolder::DeletedItems, Folder::Trash),
        (Destination::SoftDelete, SimFolder::Deletions, Folder::SoftDeleted),
        (Destination::Inbox, SimFolder::Inbox, Folder::Inbox),
    ];
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    for (destination, lies_in, seen_in) in rows {
        let relocated = graph.relocate(&mailbox, &item, destination).await.unwrap();
        assert_eq!(relocated.item_id.as_deref(), Some(item.as_str()), "{destination}");
        assert_eq!(sim.world.items(ANNA)[0].folder, lies_in, "{destination}");
        let seen = graph.look(&mailbox, &item).await.unwrap().unwrap();
        assert_eq!(seen.folder, seen_in, "{destination}");
        assert!(seen.folder.satisfies(destination));
    }
    assert_eq!(sim.changes(), rows.len());
}

#[tokio::test]
async fn a_hard_deleted_item_is_out_of_reach() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    let relocated = graph.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    assert_eq!(relocated.item_id, None);
    assert_eq!(sim.world.items(ANNA)[0].folder, SimFolder::Purges);
    assert_eq!(graph.look(&mailbox, &item).await, Ok(None));
    assert_eq!(graph.locate(&mailbox, MESSAGE_ID).await.unwrap(), []);
    let again = graph.relocate(&mailbox, &item, Destination::HardDelete).await;
    assert_eq!(again, Err(ProviderError::ItemGone));
}

#[tokio::test]
async fn a_cloud_without_permanent_delete_has_no_hard_delete() {
    let behaviour = Behaviour { permanent_delete: false, ..Behaviour::default() };
    let sim = Sim::start_with(behaviour).await;
    let (graph, mailbox, item) = sim.with_message().await;
    let purged = graph.relocate(&mailbox, &item, Destination::HardDelete).await;
    assert_eq!(purged, Err(ProviderError::Unsupported(Destination::HardDelete)));
    let nowhere = graph.relocate(&mailbox, &item, Destination::NoAction).await;
    assert_eq!(nowhere, Err(ProviderError::Unsupported(Destination::NoAction)));
    assert_eq!(sim.changes(), 0);
}

#[tokio::test]
async fn an_item_is_told_as_it_is_compared_and_restored() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    sim.world.owner_reads(ANNA, &item).unwrap();
    let found = graph.locate(&mailbox, MESSAGE_ID).await.unwrap();
    let [found] = found.as_slice() else { panic!("{found:?}") };
    let received = UnixMillis(1_789_459_920_000);
    let identity = Identity {
        message_id: MESSAGE_ID.to_owned(),
        from: "billing@shop.example.net".to_owned(),
        subject: "Your invoice 4711".to_owned(),
        sent: Some(UnixMillis(received.0 - 60_000)),
        received: Some(received),
        network_id: None,
    };
    assert_eq!(found.identity, identity);
    assert_eq!((found.item_id.as_str(), found.folder), (item.as_str(), Folder::Inbox));
    let before = Before {
        folder_id: found.folder_id.clone(),
        is_read: true,
        flag: "notFlagged".to_owned(),
        categories: Vec::new(),
        labels: Vec::new(),
    };
    assert_eq!(found.before, before);
}

#[tokio::test]
async fn an_item_goes_back_to_the_folder_it_was_taken_from() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    sim.world.owner_moves(ANNA, &item, SimFolder::Archive).unwrap();
    let before = graph.look(&mailbox, &item).await.unwrap().unwrap().before;
    graph.relocate(&mailbox, &item, Destination::SoftDelete).await.unwrap();
    graph.put_back(&mailbox, &item, &before).await.unwrap();
    assert_eq!(sim.world.items(ANNA)[0].folder, SimFolder::Archive);
    assert_eq!(graph.look(&mailbox, &item).await.unwrap().unwrap().folder, Folder::Other);
}

#[tokio::test]
async fn every_item_with_one_id_is_found_wherever_it_lies() {
    let sim = Sim::start().await;
    let (graph, mailbox, first) = sim.with_message().await;
    let second = sim.deliver(MESSAGE_ID);
    let third = sim.deliver(MESSAGE_ID);
    sim.deliver("another@shop.example.net");
    sim.world.owner_moves(ANNA, &second, SimFolder::JunkEmail).unwrap();
    sim.world.owner_moves(ANNA, &third, SimFolder::Deletions).unwrap();
    let found = graph.locate(&mailbox, MESSAGE_ID).await.unwrap();
    let mut found: Vec<_> = found.into_iter().map(|it| (it.folder, it.item_id)).collect();
    found.sort();
    let meant = [(Folder::Inbox, first), (Folder::Junk, second), (Folder::SoftDeleted, third)];
    assert_eq!(found, meant);
}

#[tokio::test]
async fn what_has_not_arrived_is_nothing_and_no_error() {
    let behaviour = Behaviour { arrival_delay_ms: 5_000..=5_000, ..Behaviour::default() };
    let sim = Sim::start_with(behaviour).await;
    let (graph, mailbox, item) = sim.with_message().await;
    assert_eq!(graph.locate(&mailbox, MESSAGE_ID).await.unwrap(), []);
    assert_eq!(graph.look(&mailbox, &item).await, Ok(None));
    sim.hand.advance_ms(5_000);
    assert_eq!(graph.locate(&mailbox, MESSAGE_ID).await.unwrap().len(), 1);
}

#[tokio::test]
async fn message_ids_of_strangers_are_looked_up_as_written() {
    let ids = [
        "o'neill@shop.example.net",
        "''@shop.example.net",
        "a+b&c=d#e%f/g@shop.example.net",
        "a b@shop.example.net",
        "x' or internetMessageId ne 'y@shop.example.net",
        "jörg@shop.example.net",
        "[{\"a\"}]\\$@shop.example.net",
    ];
    let sim = Sim::start().await;
    let (graph, mailbox, _) = sim.with_message().await;
    for id in ids {
        assert_eq!(graph.locate(&mailbox, id).await.unwrap(), [], "{id}");
        sim.deliver(id);
        let found = graph.locate(&mailbox, id).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|it| it.identity.message_id).collect();
        assert_eq!(found, [id]);
    }
    let found = graph.locate(&mailbox, &format!("<{}>", ids[0])).await.unwrap();
    assert_eq!(found.len(), 1, "brackets are no part of an id");
    for odd in ["", "<>", &"x".repeat(5_000)] {
        assert_eq!(graph.locate(&mailbox, odd).await.unwrap(), []);
    }
}

#[tokio::test]
async fn every_page_is_followed() {
    let sim = Sim::start().await;
    let (graph, mailbox, _) = sim.with_message().await;
    for _ in 0..129 {
        sim.deliver(MESSAGE_ID);
    }
    let found = graph.locate(&mailbox, MESSAGE_ID).await.unwrap();
    assert_eq!(found.len(), 130);
    let mut ids: Vec<_> = found.into_iter().map(|it| it.item_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 130, "no item twice");
}

#[tokio::test]
async fn an_address_leads_to_its_mailbox() {
    let sim = Sim::start().await;
    let graph = sim.graph();
    let rows = [
        (ANNAS, ANNA),
        ("ANNA@Corp.Example", ANNA),
        ("a.o'berg@corp.example", ANNA),
        ("u4711@corp.example", ANNA),
        ("ben+news@corp.example", BEN),
        ("office@corp.example", "a-office"),
    ];
    for (text, id) in rows {
        assert_eq!(graph.resolve(&address(text)).await.unwrap().id(), id, "{text}");
    }
    for nobody in ["nobody@corp.example", "+news@corp.example", "x' or id ne '@corp.example"] {
        let resolved = graph.resolve(&address(nobody)).await;
        assert_eq!(resolved, Err(ProviderError::NoMailbox), "{nobody}");
    }
}

#[tokio::test]
async fn a_mailbox_that_is_none_and_one_elsewhere_are_two_things() {
    let sim = Sim::start().await;
    let graph = sim.graph();
    let none = graph.resolve(&address("none@corp.example")).await.unwrap();
    assert_eq!(graph.locate(&none, MESSAGE_ID).await, Err(ProviderError::NoMailbox));
    let old = graph.resolve(&address("old@corp.example")).await.unwrap();
    assert_eq!(graph.locate(&old, MESSAGE_ID).await, Err(ProviderError::OnPremises));
    let moved = graph.relocate(&old, "AAkALgAA", Destination::Junk).await;
    assert_eq!(moved, Err(ProviderError::OnPremises));
}

#[tokio::test]
async fn another_tenants_item_id_finds_nothing() {
    let sim = Sim::start().await;
    let (graph, _, item) = sim.with_message().await;
    let ben = graph.resolve(&address("ben@corp.example")).await.unwrap();
    assert_eq!(graph.look(&ben, &item).await, Ok(None));
    let moved = graph.relocate(&ben, &item, Destination::Junk).await;
    assert_eq!(moved, Err(ProviderError::ItemGone));
    for odd in ["", "..", "x/../../y"] {
        let looked = graph.look(&ben, odd).await;
        assert!(matches!(looked, Err(ProviderError::Failed(_))), "{odd}: {looked:?}");
    }
}
