//! Questions that go together, and how few of them a copy needs.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod support;

use std::time::Duration;

use clawback_core::{Destination, Folder};
use clawback_remote::microsoft::GraphSettings;
use clawback_remote::{MailboxProvider, MailboxRef, ProviderError};
use clawback_sim::{Behaviour, Fault, Folder as SimFolder, On, User};
use support::fake::{Fake, Reply, message, reply};
use support::{ANNA, ANNAS, MESSAGE_ID, Sim, address};

const ROLES: [&str; 2] = ["Mail.ReadWrite", "User.Read.All"];

fn mailbox() -> MailboxRef {
    MailboxRef::new("a-anna")
}

#[tokio::test]
async fn a_copy_needs_four_requests_and_one_for_each_further_look() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    let graph = sim.graph();
    let meant = Destination::SoftDelete;
    let mailbox = graph.resolve(&address(ANNAS)).await.unwrap();
    let found = graph.find(&mailbox, MESSAGE_ID, meant).await.unwrap().remove(0);
    assert!(!found.folder.satisfies(meant));
    let seen = graph.see(&mailbox, &found.item_id, meant).await.unwrap().unwrap();
    assert!(!seen.folder.satisfies(meant), "where the list showed it");
    graph.relocate(&mailbox, &found.item_id, meant).await.unwrap();
    let seen = graph.see(&mailbox, &found.item_id, meant).await.unwrap().unwrap();
    assert_eq!(seen.folder, Folder::SoftDeleted);
    let traffic = sim.world.traffic();
    assert_eq!((traffic.calls_in_all(), traffic.batches), (4 + 1, 0));
    // Another client knows nothing of the move and asks for the folder's id.
    let graph = sim.graph();
    let seen = graph.see(&mailbox, &found.item_id, meant).await.unwrap().unwrap();
    assert_eq!(seen.folder, Folder::SoftDeleted);
    assert_eq!(sim.world.traffic().calls_in_all(), 7);
    assert!(sim.world.complaints().is_empty());
}

#[tokio::test]
async fn what_is_there_or_further_is_seen_to_be_there_wherever_it_shall_go() {
    use Destination::{HardDelete, Junk, SoftDelete, Trash};
    for lies_in in [
        SimFolder::Inbox,
        SimFolder::Archive,
        SimFolder::JunkEmail,
        SimFolder::DeletedItems,
        SimFolder::Deletions,
    ] {
        for meant in [Junk, Trash, SoftDelete, HardDelete] {
            let sim = Sim::start().await;
            let item = sim.deliver(MESSAGE_ID);
            sim.world.owner_moves(ANNA, &item, lies_in).unwrap();
            let whole = sim.graph().locate(&mailbox(), MESSAGE_ID).await.unwrap().remove(0);
            let before = sim.world.traffic().round_trips;
            let found = sim.graph().find(&mailbox(), MESSAGE_ID, meant).await.unwrap().remove(0);
            let trips = sim.world.traffic().round_trips - before;
            let seen = sim.graph().see(&mailbox(), &item, meant).await.unwrap().unwrap();
            let is_there = whole.folder.satisfies(meant);
            assert_eq!(found.folder.satisfies(meant), is_there, "{lies_in:?} to {meant}");
            assert_eq!(seen.folder.satisfies(meant), is_there, "{lies_in:?} to {meant}");
            assert_eq!((found.item_id, found.before), (whole.item_id, whole.before));
            let meant_trips = 1 + u64::from(lies_in == SimFolder::Deletions && meant != HardDelete);
            assert_eq!(trips, meant_trips, "{lies_in:?} to {meant}");
            assert!(sim.world.complaints().is_empty());
        }
    }
}

#[tokio::test]
async fn a_hard_delete_reaches_every_item_and_others_what_is_in_their_owners_reach() {
    let sim = Sim::start().await;
    let (kept, gone) = (sim.deliver(MESSAGE_ID), sim.deliver(MESSAGE_ID));
    sim.world.owner_moves(ANNA, &gone, SimFolder::Deletions).unwrap();
    let graph = sim.graph();
    let ids = async |meant| {
        let found = graph.find(&mailbox(), MESSAGE_ID, meant).await.unwrap();
        found.into_iter().map(|it| it.item_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Destination::HardDelete).await, [kept.as_str(), gone.as_str()]);
    assert_eq!(ids(Destination::SoftDelete).await, [kept.as_str()]);
    sim.world.owner_moves(ANNA, &kept, SimFolder::Purges).unwrap();
    assert_eq!(ids(Destination::SoftDelete).await, [gone.as_str()], "already where it should be");
}

#[tokio::test]
async fn an_answer_that_shows_the_item_where_it_was_proves_nothing() {
    // The service says 201 and shows the item in its old folder, and so does a look.
    let fake = Fake::start(&ROLES, |request| match request.split(' ').nth(1).unwrap() {
        path if path.contains("mailFolders") => reply(200, "", r#"{"id":"deletions-id"}"#),
        path if path.contains("filter") => {
            reply(200, "", &format!(r#"{{"value":[{}]}}"#, message("a")))
        }
        _ if request.starts_with("POST") => reply(201, "", &message("a")),
        _ => reply(200, "", &message("a")),
    })
    .await;
    let graph = fake.graph();
    let meant = Destination::SoftDelete;
    graph.find(&mailbox(), "a@shop.example.net", meant).await.unwrap();
    graph.relocate(&mailbox(), "a", meant).await.unwrap();
    let seen = graph.see(&mailbox(), "a", meant).await.unwrap().unwrap();
    assert!(!seen.folder.satisfies(meant), "{:?}", seen.folder);
}

#[tokio::test]
async fn those_who_wait_for_a_turn_anyway_go_together() {
    let sim = Sim::start_with(Behaviour { application_max: 4, ..Behaviour::default() }).await;
    let people: Vec<String> = (0..60).map(|at| format!("person{at}@corp.example")).collect();
    for (at, person) in people.iter().enumerate() {
        sim.world.add_user(User::cloud(&format!("id-{at}"), person, "Somebody"));
    }
    sim.world.set_behaviour(Behaviour { latency_ms: 2..=6, ..sim.world.behaviour() });
    let graph = sim.graph_with(GraphSettings { requests_max: 4, ..sim.settings() });
    let graph = std::sync::Arc::new(graph);
    let asking = people.into_iter().map(|person| {
        let graph = std::sync::Arc::clone(&graph);
        tokio::spawn(async move { graph.resolve(&address(&person)).await })
    });
    let asking: Vec<_> = asking.collect();
    for (at, asked) in asking.into_iter().enumerate() {
        assert_eq!(asked.await.unwrap().unwrap().id(), format!("id-{at}"));
    }
    let traffic = sim.world.traffic();
    assert_eq!(traffic.calls_in_all(), 60);
    assert!(traffic.round_trips <= 10, "{traffic:?}");
    assert!(sim.world.complaints().is_empty(), "never more at once than four");
}

#[tokio::test]
async fn one_item_that_is_throttled_says_so_alone() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    let graph = sim.graph();
    graph.resolve(&address(ANNAS)).await.unwrap();
    sim.world.fail_next_on(On::List, Fault::Status429 { retry_after: Some(7) });
    let seven = Some(Duration::from_secs(7));
    let found = graph.find(&mailbox(), MESSAGE_ID, Destination::Junk).await;
    assert_eq!(found, Err(ProviderError::Throttled { wait: seven }));
    let again = graph.look(&mailbox(), "x").await;
    assert_eq!(again, Err(ProviderError::Throttled { wait: seven }), "the mailbox is left alone");
    sim.hand.advance_ms(7_000);
    assert_eq!(graph.find(&mailbox(), MESSAGE_ID, Destination::Junk).await.unwrap().len(), 1);
    assert!(sim.world.complaints().is_empty());
}

#[tokio::test]
async fn a_whole_batch_that_fails_is_a_question_without_an_answer() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::MalformedBody, Fault::Timeout504After] {
        let graph = sim.graph();
        sim.world.fail_next_on(On::Batch, fault);
        let found = graph.find(&mailbox(), MESSAGE_ID, Destination::Junk).await.unwrap_err();
        assert_eq!(found.retry(), clawback_remote::Retry::Later, "{fault:?}: {found}");
        assert_eq!(graph.find(&mailbox(), MESSAGE_ID, Destination::Junk).await.unwrap().len(), 1);
    }
}

/// A service whose batches are answered with these items.
async fn answering(items: &'static str) -> Fake {
    Fake::start(&ROLES, move |request| -> Reply {
        match request.starts_with("POST /v1.0/$batch ") {
            true => reply(200, "", &format!(r#"{{"responses":[{items}]}}"#)),
            false => reply(200, "", r#"{"value":[]}"#),
        }
    })
    .await
}

#[tokio::test]
async fn an_item_that_is_missing_or_came_twice_was_not_answered() {
    const LIST: &str = r#"{"id":"0","status":200,"body":{"value":[]}}"#;
    const FOLDERS: &str = r#"{"id":"1","status":200,"body":{"id":"j"}},
        {"id":"2","status":200,"body":{"id":"t"}}"#;
    let whole: &'static str = format!("{FOLDERS},{LIST}").leak();
    let missing: &'static str = FOLDERS;
    let twice: &'static str = format!("{LIST},{LIST},{FOLDERS}").leak();
    let odd: &'static str = format!(r#"{{"id":"0","status":7}},{FOLDERS}"#).leak();
    let find = async |items| {
        let fake = answering(items).await;
        let found = fake.graph().find(&mailbox(), "a@shop.example.net", Destination::Junk).await;
        (found, fake)
    };
    let (found, fake) = find(whole).await;
    assert_eq!(found, Ok(Vec::new()));
    let seen = fake.seen();
    assert!(seen[0].contains(r#""Prefer":"IdType=\"ImmutableId\"""#), "{}", seen[0]);
    assert!(seen[0].contains(r#""url":"/users/a%2Danna/messages?$filter="#), "{}", seen[0]);
    for items in [missing, twice, odd] {
        let malformed = ProviderError::Malformed { what: "batch" };
        assert_eq!(find(items).await.0, Err(malformed), "{items}");
    }
}

#[tokio::test]
async fn a_token_that_one_item_refuses_is_tried_alone() {
    let (list, folders) = (
        r#"{"id":"0","status":401,"body":{}}"#,
        r#"{"id":"1","status":200,"body":{"id":"j"}},{"id":"2","status":200,"body":{"id":"t"}}"#,
    );
    let fake = answering(format!("{list},{folders}").leak()).await;
    let found = fake.graph().find(&mailbox(), "a@shop.example.net", Destination::Junk).await;
    assert_eq!(found, Ok(Vec::new()));
    assert!(fake.seen()[1].starts_with("GET /v1.0/users/a%2Danna/messages?"));
}
