//! What only Microsoft 365 has: folders that are gone, marks that are set in a second step, groups
//! with a permission of their own.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use clawback_core::Destination;
use clawback_core::copy::Before;
use clawback_remote::{Cause, MailboxProvider, ProviderError, heard};
use clawback_sim::{Behaviour, Fault, Folder, Group, On, OperationKind, Permission, User};
use support::fake::{Fake, reply};
use support::{ANNA, ANNAS, MESSAGE_ID, Sim, address};

#[tokio::test]
async fn a_folder_that_is_gone_is_told_from_an_item_that_is_gone() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    let folder = sim.world.owner_makes_folder(ANNA, "Projects").unwrap();
    sim.world.owner_moves(ANNA, &item, folder).unwrap();
    let before = graph.look(&mailbox, &item).await.unwrap().unwrap().before;
    graph.relocate(&mailbox, &item, Destination::Trash).await.unwrap();
    sim.world.owner_drops_folder(ANNA, folder).unwrap();
    assert_eq!(graph.put_back(&mailbox, &item, &before).await, Err(ProviderError::NoFolder));
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::DeletedItems, "nothing was done");
    let nowhere = Before { folder_id: "AQMkADno".into(), ..before.clone() };
    assert_eq!(graph.put_back(&mailbox, &item, &nowhere).await, Err(ProviderError::NoFolder));
    assert_eq!(
        graph.put_back(&mailbox, &item, &Before::default()).await,
        Err(ProviderError::NoFolder)
    );
    let raw = b"Subject: x\r\nMessage-ID: <x@shop.example.net>\r\n\r\nx\r\n";
    let made = graph.recreate(&mailbox, raw, &before).await;
    assert_eq!(made, Err(ProviderError::NoFolder));
    assert_eq!(sim.world.items(ANNA).len(), 1);
    graph.relocate(&mailbox, &item, Destination::Inbox).await.unwrap();
    graph.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    assert_eq!(graph.put_back(&mailbox, &item, &before).await, Err(ProviderError::ItemGone));
}

#[tokio::test]
async fn marks_that_were_not_set_after_the_move_leave_it_open_and_are_set_later() {
    let faults = [
        (Fault::Status429 { retry_after: Some(5) }, Cause::Status(429)),
        (Fault::CutAfter, Cause::Cut),
        (Fault::Status503 { retry_after: None }, Cause::Status(503)),
    ];
    for (fault, cause) in faults {
        let sim = Sim::start().await;
        let (graph, mailbox, item) = sim.with_message().await;
        sim.world.owner_reads(ANNA, &item).unwrap();
        let before = graph.look(&mailbox, &item).await.unwrap().unwrap().before;
        graph.relocate(&mailbox, &item, Destination::SoftDelete).await.unwrap();
        sim.world.owner_unreads(ANNA, &item).unwrap();
        sim.world.fail_next_on(On::Patch, fault);
        let put = graph.put_back(&mailbox, &item, &before).await;
        assert_eq!(put, Err(ProviderError::Unanswered(cause)), "{fault:?}");
        assert_eq!(sim.world.items(ANNA)[0].folder, Folder::Inbox, "{fault:?}");
        sim.hand.advance_ms(5_000);
        graph.put_back(&mailbox, &item, &before).await.unwrap();
        assert!(sim.world.items(ANNA)[0].is_read, "{fault:?}");
        assert_eq!((sim.changes(), sim.impatience()), (2, 0), "there and back: {fault:?}");
    }
}

#[tokio::test]
async fn what_need_not_be_moved_is_refused_as_it_is() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    let before = graph.look(&mailbox, &item).await.unwrap().unwrap().before;
    sim.world.owner_reads(ANNA, &item).unwrap();
    sim.world.fail_next_on(On::Patch, Fault::Status429 { retry_after: Some(5) });
    let put = graph.put_back(&mailbox, &item, &before).await;
    assert!(matches!(put, Err(ProviderError::Throttled { .. })), "nothing was done: {put:?}");
}

#[tokio::test]
async fn a_restoration_sends_no_more_than_it_needs() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    let before = graph.look(&mailbox, &item).await.unwrap().unwrap().before;
    graph.relocate(&mailbox, &item, Destination::Trash).await.unwrap();
    let calls = |all: Vec<clawback_remote::Heard>| {
        all.into_iter().map(|it| it.call.into_owned()).collect::<Vec<_>>()
    };
    let (put, all) = heard(graph.put_back(&mailbox, &item, &before)).await;
    put.unwrap();
    assert_eq!(calls(all), ["look", "move"]);
    sim.world.owner_reads(ANNA, &item).unwrap();
    let (put, all) = heard(graph.put_back(&mailbox, &item, &before)).await;
    put.unwrap();
    assert!(all.iter().all(|it| !it.client_request_id.is_empty() && it.request_id.is_some()));
    assert_eq!(calls(all), ["look", "mark"]);
    let patched = sim.world.journal_of_operations();
    let patched = patched.iter().filter(|it| it.kind == OperationKind::Patched);
    assert_eq!(patched.count(), 2, "its owner's and ours");
}

#[tokio::test]
async fn a_message_that_was_made_again_lacks_the_providers_own_id() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    let before = graph.look(&mailbox, &item).await.unwrap().unwrap().before;
    let raw = format!(
        "X-MS-Exchange-Organization-Network-Message-Id: 11c3a0f2\r\nFrom: a@shop.example.net\r\n\
         Subject: Hi\r\nMessage-ID: <{MESSAGE_ID}>\r\n\r\nHello.\r\n"
    );
    graph.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    graph.recreate(&mailbox, raw.as_bytes(), &before).await.unwrap();
    let found = graph.locate(&mailbox, MESSAGE_ID).await.unwrap().remove(0);
    assert_eq!(found.identity.network_id, None);
}

#[tokio::test]
async fn groups_need_a_permission_of_their_own() {
    let permissions = BTreeSet::from([Permission::UserReadAll, Permission::MailReadWrite]);
    let sim = Sim::start_with(Behaviour { permissions, ..Behaviour::default() }).await;
    let graph = sim.graph();
    graph.resolve(&address(ANNAS)).await.unwrap();
    let members = graph.members(&address("all@corp.example")).await;
    assert_eq!(members, Err(ProviderError::AccessDenied));
}

#[tokio::test]
async fn a_large_group_is_read_page_by_page() {
    let sim = Sim::start().await;
    let people = || (0..1_100).map(|n| format!("p{n}@corp.example"));
    for (n, mail) in people().enumerate() {
        sim.world.add_user(User::cloud(&format!("p-{n}"), &mail, "Person"));
    }
    sim.world.add_group(Group {
        address: "all@corp.example".to_owned(),
        aliases: Vec::new(),
        members: people().chain(["x@partner.example".to_owned()]).collect(),
    });
    let members = sim.graph().members(&address("all@corp.example")).await.unwrap().unwrap();
    assert_eq!(members.len(), 1_100, "nobody outside the directory");
}

#[tokio::test]
async fn a_group_without_an_end_is_refused() {
    let root = Arc::new(OnceLock::<String>::new());
    let known = Arc::clone(&root);
    let fake = Fake::start(&["GroupMember.Read.All"], move |request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let next = format!("{}/v1.0/groups/g/transitiveMembers?$skip=1", known.get().unwrap());
        match path.contains("transitiveMembers") {
            true => reply(200, "", &format!(r#"{{"value":[],"@odata.nextLink":"{next}"}}"#)),
            false => reply(200, "", r#"{"value":[{"id":"g"}]}"#),
        }
    })
    .await;
    root.set(fake.root.clone()).unwrap();
    let members = fake.graph().members(&address("all@corp.example")).await;
    assert_eq!(members, Err(ProviderError::TooManyMembers));
    assert!(fake.seen()[1].to_ascii_lowercase().contains("\r\nconsistencylevel: eventual\r\n"));
}
