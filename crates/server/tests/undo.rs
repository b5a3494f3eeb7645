//! What was taken out comes back as it was: by hand and by policy, at the dashboard's own forms.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod harness;

use clawback_sim::{Behaviour, Folder, ItemView};
use harness::dashboard::Dashboard;
use harness::{Installation, Running, Sim, deliver, ham, journaler, phish, until};

fn item(sim: &Sim, id: &str) -> Option<ItemView> {
    let user = &sim.world.users()[0].id;
    sim.world.items(user).into_iter().find(|item| item.internet_message_id.contains(id))
}

fn folder(sim: &Sim, id: &str) -> Option<Folder> {
    item(sim, id).map(|item| item.folder)
}

/// Everything that an undo has to bring back.
fn state(item: &ItemView) -> (Folder, bool, String, Vec<String>, String) {
    let ItemView { folder, is_read, flag, categories, immutable_id, .. } = item.clone();
    (folder, is_read, flag, categories, immutable_id)
}

async fn states(dashboard: &Dashboard, job: &str) -> Vec<String> {
    let copies = dashboard.copies(job).await;
    copies.iter().map(|copy| copy["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_mail_retracted_by_mistake_is_where_it_was_with_all_its_marks() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let dashboard = Dashboard::open(&installation, &running).await;
    let (to, user) = (harness::mailbox(&sim), sim.world.users()[0].id.clone());
    let report = deliver(&sim, &ham("minutes", &to), "ben@partner.example.org", &to, 1);
    journaler.send(&report).await.unwrap();
    until("it is recorded", async || dashboard.message("minutes").await.is_some()).await;
    let message = dashboard.message("minutes").await.unwrap();

    let own = sim.world.owner_makes_folder(&user, "Board").unwrap();
    let id = item(&sim, "minutes").unwrap().immutable_id;
    sim.world.owner_moves(&user, &id, own).unwrap();
    sim.world.owner_reads(&user, &id).unwrap();
    sim.world.owner_flags(&user, &id, "flagged").unwrap();
    sim.world.owner_categorises(&user, &id, &["Red category"]).unwrap();
    let before = state(&item(&sim, "minutes").unwrap());

    let job = dashboard.retract(&message, "trash").await;
    until("it is in Deleted Items", async || folder(&sim, "minutes") == Some(Folder::DeletedItems))
        .await;
    until("that is verified", async || states(&dashboard, &job).await == ["retracted"]).await;
    // Its owner looks at it there, and puts its flag off.
    sim.world.owner_unreads(&user, &id).unwrap();
    sim.world.owner_flags(&user, &id, "notFlagged").unwrap();

    let undo = dashboard.undo(&job).await;
    until("it is back", async || states(&dashboard, &undo).await == ["retracted"]).await;
    assert_eq!(state(&item(&sim, "minutes").unwrap()), before);
    let page = dashboard.get(&job).await;
    assert!(page.contains("This job was undone."), "{page}");
    let page = dashboard.get(&undo).await;
    assert!(page.contains("Restored <b>1</b>"), "{page}");
    let csv = dashboard.get(&format!("{job}/files/copies.csv")).await;
    let row = csv.lines().nth(1).unwrap();
    assert!(row.contains(&to) && row.contains(",retracted,"), "{csv}");
    let steps = &dashboard.copies(&job).await[0]["steps"];
    let answers = steps.as_array().unwrap().iter().flat_map(|it| it["answers"].as_array());
    let answers: Vec<_> = answers.flatten().collect();
    assert!(answers.iter().any(|it| it["call"] == "move" && it["status"] == 201), "{steps}");
    let named = |it: &&serde_json::Value| {
        it["ours"].is_string() && (it["theirs"].is_string() || it["call"] == "token")
    };
    assert!(answers.iter().all(named), "{steps}");
    let again = dashboard.post(&format!("{job}/undo"), &[("job", &"1".repeat(32))]).await;
    assert_eq!(again.unwrap_err(), 409, "undone once");
    assert!(sim.world.complaints().is_empty(), "{:?}", sim.world.complaints());
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_policy_took_comes_back_and_is_not_taken_again() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let dashboard = Dashboard::open(&installation, &running).await;
    let to = harness::mailbox(&sim);
    let report = deliver(&sim, &phish("bad", &to), "a@portal-check.example.net", &to, 1);
    journaler.send(&report).await.unwrap();
    until("it is gone", async || folder(&sim, "bad") == Some(Folder::Deletions)).await;
    let page = dashboard.get("/jobs").await;
    let (_, after) = page.split_once("data-href=\"").unwrap();
    let job = after.split('"').next().unwrap().to_owned();
    until("that is verified", async || states(&dashboard, &job).await == ["retracted"]).await;
    let undo = dashboard.undo(&job).await;
    until("it is back", async || states(&dashboard, &undo).await == ["retracted"]).await;
    assert_eq!(folder(&sim, "bad"), Some(Folder::Inbox));
    // The same report again, as Exchange sends when it is not sure: released is released.
    journaler.send(&report).await.unwrap();
    let last = deliver(&sim, &phish("last", &to), "a@portal-check.example.net", &to, 2);
    journaler.send(&last).await.unwrap();
    until("what came after is gone", async || folder(&sim, "last") == Some(Folder::Deletions))
        .await;
    assert_eq!(folder(&sim, "bad"), Some(Folder::Inbox));
    let message = dashboard.message("is%3Arestored").await.unwrap();
    let page = dashboard.get(&format!("/messages/{message}")).await;
    assert!(page.contains("Released") && page.contains("Put back and verified"), "{page}");
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_for_good_is_made_again_once() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let dashboard = Dashboard::open(&installation, &running).await;
    let to = harness::mailbox(&sim);
    let raw = [b"X-MS-Exchange-Organization-Network-Message-Id: id-1\r\n", &*ham("minutes", &to)];
    let report = deliver(&sim, &raw.concat(), "ben@partner.example.org", &to, 1);
    journaler.send(&report).await.unwrap();
    until("it is recorded", async || dashboard.message("minutes").await.is_some()).await;
    let message = dashboard.message("minutes").await.unwrap();
    let job = dashboard.retract(&message, "hard_delete").await;
    until("it is purged", async || states(&dashboard, &job).await == ["retracted"]).await;
    assert_eq!(folder(&sim, "minutes"), Some(Folder::Purges));
    let page = dashboard.get(&format!("{job}/undo")).await;
    assert!(page.contains("made again from the stored original"), "{page}");
    let undo = dashboard.undo(&job).await;
    until("it is there again", async || states(&dashboard, &undo).await == ["retracted"]).await;
    let user = &sim.world.users()[0].id;
    let items = sim.world.items(user);
    let mut folders: Vec<Folder> = items
        .iter()
        .filter(|item| item.internet_message_id.contains("minutes"))
        .map(|item| item.folder)
        .collect();
    folders.sort();
    assert_eq!(folders, [Folder::Inbox, Folder::Purges], "one new item");
    let copy = &dashboard.copies(&undo).await[0];
    assert_eq!((&copy["recreated"], &copy["location"]), (&true.into(), &"inbox".into()));
    assert!(sim.world.complaints().is_empty(), "{:?}", sim.world.complaints());
    assert!(running.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_search_finds_goes_and_what_its_owner_put_back_stays() {
    let sim = Sim::start(Behaviour::default()).await;
    let installation = Installation::new(&sim).await;
    let running = Running::start(&installation).await;
    let mut journaler = journaler(&installation, &running);
    let dashboard = Dashboard::open(&installation, &running).await;
    let (to, user) = (harness::mailbox(&sim), sim.world.users()[0].id.clone());
    for number in 0..6 {
        let raw = ham(&format!("note-{number}"), &to);
        let report = deliver(&sim, &raw, "ben@partner.example.org", &to, number);
        journaler.send(&report).await.unwrap();
    }
    let query = "from%3Aben%40partner.example.org";
    until("all are recorded", async || {
        dashboard.get(&format!("/trace?range=all&q={query}")).await.matches("data-key").count() == 6
    })
    .await;
    let path = format!("/retract?q={query}&range=all");
    assert!(dashboard.get(&path).await.contains("Retract 6 messages"));
    let job = dashboard.field(&path, "job").await;
    let form = |more: &[(&'static str, &'static str)]| {
        let mut form = vec![("q", "from:ben@partner.example.org"), ("range", "all")];
        form.extend_from_slice(more);
        form
    };
    let mut refused = form(&[("destination", "hard_delete")]);
    refused.push(("job", &job));
    assert_eq!(dashboard.post("/retract", &refused).await.unwrap_err(), 422, "not acknowledged");
    let mut ordered = form(&[("destination", "junk")]);
    ordered.push(("job", &job));
    let first = dashboard.post("/retract", &ordered).await.unwrap();
    assert_eq!(dashboard.post("/retract", &ordered).await.unwrap(), first, "sent twice, one job");
    until("all are junk", async || states(&dashboard, &first).await == ["retracted"; 6]).await;
    let moved = item(&sim, "note-3").unwrap().immutable_id;
    sim.world.owner_moves(&user, &moved, Folder::Archive).unwrap();
    let undo = dashboard.undo(&first).await;
    until("all are at their end", async || {
        let mut states = states(&dashboard, &undo).await;
        states.sort();
        states == ["already_gone", "retracted", "retracted", "retracted", "retracted", "retracted"]
    })
    .await;
    assert_eq!(folder(&sim, "note-3"), Some(Folder::Archive), "its owner's choice");
    assert_eq!(folder(&sim, "note-4"), Some(Folder::Inbox));
    assert!(running.stop().await);
}
