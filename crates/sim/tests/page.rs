//! The page that shows the mailboxes, and the mailboxes over a restart.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use clawback_sim::{Config, Delivery, Folder, MailStream, Organisation, StateError, User, World};
use support::{ANNA, MESSAGE_ID, Sim};

const HOSTILE: &str = "</span><script>alert('x')</script><img src=x onerror=\"alert(1)\">";

#[tokio::test]
async fn a_hostile_subject_is_shown_as_text() {
    let sim = Sim::start().await;
    let raw = support::message("<\"><svg/onload=x>@evil.example>", HOSTILE);
    let recipients = vec!["anna@corp.example".to_owned()];
    sim.world.deliver(&Delivery { raw, recipients });
    for path in ["/", "/mailboxes", "/mailboxes/fragment", "/mailboxes/a-anna/1"] {
        let response = sim.client.get(format!("{}{path}", sim.root)).send().await.expect("a page");
        let policy = response.headers()["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let page = response.text().await.expect("text");
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{path}");
        for part in ["<script>", "<img", "<svg", " style=", " onload=\"", "<style"] {
            assert!(!page.contains(part), "{path} has {part}");
        }
    }
}

#[tokio::test]
async fn a_message_is_shown_in_the_folder_where_it_lies_once_it_arrived() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    assert!(folder_shown(&sim, "Inbox").await.contains("Your invoice 4711"));
    sim.permanently_delete(&id).await;
    assert!(!folder_shown(&sim, "Inbox").await.contains("Your invoice 4711"));
    assert!(folder_shown(&sim, "Purges").await.contains("Your invoice 4711"));
}

/// The part of Anna's mailbox on the page that shows one folder.
async fn folder_shown(sim: &Sim, folder: &str) -> String {
    let url = format!("{}/mailboxes/fragment", sim.root);
    let page = sim.client.get(url).send().await.expect("a page").text().await.expect("text");
    let anna = page.split("data-mailbox=\"a-anna\"").nth(1).expect("a mailbox");
    let shown = anna.split(&format!("data-folder=\"{folder}\"")).nth(1).expect("a folder");
    shown.split("data-folder=").next().expect("a folder").to_owned()
}

#[test]
fn mailboxes_are_found_again_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let state_file = Some(folder.path().join("deep").join("mailboxes.json"));
    let config = || Config { state_file: state_file.clone(), ..Config::example() };
    let world = World::load(config()).expect("a new world");
    world.add_user(User::cloud(ANNA, "anna@corp.example", "Anna Berg"));
    let raw = support::message(MESSAGE_ID, "Your invoice 4711");
    let delivered =
        world.deliver(&Delivery { raw, recipients: vec!["anna@corp.example".to_owned()] });
    world.owner_moves(ANNA, &delivered[0].immutable_id, Folder::Archive).expect("moved");
    world.save().expect("saved");

    let again = World::load(config()).expect("the same world");
    assert_eq!(again.items(ANNA), world.items(ANNA));
    let raw = support::message("<other@shop.example>", "Another");
    again.deliver(&Delivery { raw, recipients: vec!["anna@corp.example".to_owned()] });
    assert_eq!(again.items(ANNA).len(), 2, "new items do not take the place of old ones");
}

#[test]
fn a_state_file_that_is_something_else_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mailboxes.json");
    std::fs::write(&path, "{").expect("written");
    let config = Config { state_file: Some(path), ..Config::example() };
    assert!(matches!(World::load(config), Err(StateError::Malformed(_))));
}

#[test]
fn every_mail_of_the_stream_reaches_mailboxes_of_its_company() {
    let organisation = Organisation::example();
    let world = World::new(Config::example());
    for user in organisation.users() {
        world.add_user(user);
    }
    let mut stream = MailStream::new(4, "run", organisation);
    for _ in 0..50 {
        let mail = stream.next_mail("2026-09-15T08:12:00Z".parse().expect("a time"));
        let delivered =
            world.deliver(&Delivery { raw: mail.raw, recipients: mail.recipients.clone() });
        assert_eq!(delivered.len(), mail.recipients.len(), "{}", mail.subject);
    }
}

#[test]
fn a_full_mailbox_drops_its_oldest() {
    let world = World::new(Config { items_per_mailbox_max: 3, ..Config::example() });
    world.add_user(User::cloud(ANNA, "anna@corp.example", "Anna Berg"));
    for number in 0..5 {
        let raw = support::message(&format!("<{number}@shop.example>"), "s");
        world.deliver(&Delivery { raw, recipients: vec!["anna@corp.example".to_owned()] });
    }
    let ids: Vec<_> = world.items(ANNA).into_iter().map(|item| item.internet_message_id).collect();
    assert_eq!(ids, ["<2@shop.example>", "<3@shop.example>", "<4@shop.example>"]);
}
