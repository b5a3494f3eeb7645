//! Mailboxes that a report does not name: members of groups that it did not expand, and what a
//! sender inside the organisation keeps.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use clawback_core::audit::Actor;
use clawback_sim::{Behaviour, Delivery, Folder, Group};
use harness::dashboard::Dashboard;
use harness::{Installation, Running, Sim, journaler, phish, report_of, until};

fn folders(sim: &Sim, user: usize) -> Vec<Folder> {
    let user = &sim.world.users()[user].id;
    let mut all: Vec<Folder> = sim.world.items(user).iter().map(|item| item.folder).collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_group_that_was_not_expanded_are_reached_and_can_be_undone() {
    let sim = Sim::start(Behaviour::default()).await;
    let users = sim.world.users();
    let address = |user: usize| users[user].mail.clone().unwrap();
    let group = |address: &str, members: Vec<String>| Group {
        address: address.to_owned(),
        aliases: Vec::new(),
        members,
    };
    sim.world.add_group(group("desk@corp.example", vec![address(1)]));
    let members = vec![address(0), "desk@corp.example".to_owned()];
    sim.world.add_group(group("all@corp.example", members));
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let dashboard = Dashboard::open(&installation, &running).await;
    let raw = phish("bad", "all@corp.example");
    let recipients = vec![address(0), address(1)];
    sim.world.deliver(&Delivery { raw: raw.clone(), recipients });
    let from = "a@portal-check.example.net";
    journaler.send(&report_of(&sim, &raw, from, "all@corp.example", 1)).await.unwrap();
    until("both are gone", async || (0..2).all(|user| folders(&sim, user) == [Folder::Deletions]))
        .await;
    let page = dashboard.get("/jobs").await;
    let job = page.split_once("data-href=\"").unwrap().1.split('"').next().unwrap().to_owned();
    until("it is done", async || {
        let copies = dashboard.copies(&job).await;
        let of = |state: &str| copies.iter().filter(|copy| copy["state"] == state).count();
        (of("retracted"), of("cancelled")) == (2, 1)
    })
    .await;
    let copies = dashboard.copies(&job).await;
    let opened = copies.iter().find(|copy| copy["state"] == "cancelled").unwrap();
    assert_eq!(
        (&opened["mailbox"], &opened["reason"]),
        (&"all@corp.example".into(), &"group".into())
    );
    dashboard.undo(&job).await;
    until("both are back", async || (0..2).all(|user| folders(&sim, user) == [Folder::Inbox]))
        .await;
    assert!(sim.world.complaints().is_empty(), "{:?}", sim.world.complaints());
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sender_inside_keeps_goes_too_where_the_policy_says_so() {
    let sim = Sim::start(Behaviour::default()).await;
    let users = sim.world.users();
    let address = |user: usize| users[user].mail.clone().unwrap();
    let installation = Installation::new(&sim).await;
    let records = installation.records().await;
    let seen = records.settings().await.unwrap();
    let mut policy = seen.auto_retract;
    policy.sent_copies = true;
    records.save_auto_retract(seen.version, policy, &Actor::system("test")).await.unwrap();
    drop(records);
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let text = String::from_utf8(phish("bad", &address(0))).unwrap();
    let text = text.replace("support@portal-check.example.net", &address(1));
    let raw = format!("X-MS-Exchange-Organization-MessageDirectionality: Originating\r\n{text}");
    let raw = raw.into_bytes();
    sim.world.deliver(&Delivery { raw: raw.clone(), recipients: vec![address(0), address(1)] });
    let kept = sim.world.items(&users[1].id)[0].immutable_id.clone();
    sim.world.owner_moves(&users[1].id, &kept, Folder::SentItems).unwrap();
    journaler.send(&report_of(&sim, &raw, &address(1), &address(0), 1)).await.unwrap();
    until("both are gone", async || (0..2).all(|user| folders(&sim, user) == [Folder::Deletions]))
        .await;
    assert!(running.stop().await);
}
