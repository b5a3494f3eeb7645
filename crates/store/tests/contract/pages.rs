//! What operators read and change: their own tenant's, searchable, and with a log that holds.

use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::record::{Arrival, AttachmentLine, LinkLine, MessageRecord};
use clawback_core::trace::{Query, Span};
use clawback_core::{Attribute, AutoRetract, Destination, Disposition, MessageId, UnixMillis};
use clawback_mail::indicator::{Indicator, IndicatorKind};
use clawback_store::StoreError;

use crate::world::*;

async fn find(world: &World, query: &str) -> Result<Vec<MessageId>, StoreError> {
    let query = Query::parse(query).unwrap();
    let page = world.mine().trace(&query, world.ever(), None, 100).await?;
    let counted: u64 = page.counts.iter().map(|(_, n)| n).sum();
    assert_eq!(counted, page.rows.len() as u64, "counts and rows tell the same");
    Ok(page.rows.iter().map(|row| row.id).collect())
}

fn lure(record: &mut MessageRecord) {
    let summary = &mut record.summary;
    summary.subject = "Überweisung 100% \"sofort\"".into();
    summary.from_name = "Zoë Müller".into();
    summary.from_address = "zoe@trap.example".into();
    summary.links =
        vec![LinkLine { target: "https://lure.example/pay".into(), text: "Pay".into() }];
    summary.attachments = vec![AttachmentLine {
        name: "form.html".into(),
        declared: "text/plain".into(),
        found: "text/html".into(),
        octets: 10,
        sha256: "ab".repeat(32),
    }];
    let indicator = |kind, value: &str| Indicator { kind, value: value.into() };
    record.indicators = vec![
        indicator(IndicatorKind::Url, "https://lure.example/pay"),
        indicator(IndicatorKind::Host, "lure.example"),
        indicator(IndicatorKind::Domain, "trap.example"),
        indicator(IndicatorKind::Ip, "192.0.2.9"),
        indicator(IndicatorKind::Sha256, &"ab".repeat(32)),
    ];
    record.verdict.attributes = vec![Attribute::Bec];
    record.identity.message_id = "m-1@trap.example".into();
    record.recipients = vec![recipient("anna@corp.example"), recipient("ben_100@corp.example")];
}

#[tokio::test]
async fn every_key_finds_what_it_names_and_nothing_else() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    let (bad, _) = world.recorded(lure).await;
    world.clock.forward(Duration::from_secs(3_600));
    let (good, _) = world
        .recorded(|record| {
            record.verdict = verdict(Disposition::Clean);
            record.summary.subject = "Lunch on Friday".into();
            record.summary.from_name = "Carl".into();
            record.summary.from_address = "carl@shop.example.net".into();
            record.recipients = vec![recipient("dora@corp.example")];
        })
        .await;
    let day = "1970-01-01";
    let digest = "AB".repeat(32);
    let finds_bad = [
        "überweisung",
        "uberweisung",
        "über",
        "\"100% sofort\"",
        "müller zoe@trap.example",
        "subject:sofort",
        "from:zoe@trap.example",
        "from:Zoë",
        "to:ben_100@corp.example",
        "to:ben_1",
        "disposition:malicious",
        "disposition:spam,malicious",
        "attribute:bec",
        "rule:intel-url",
        "in:unknown -disposition:clean",
        "in:inbox müller",
        "in:junk,inbox müller",
        "has:link",
        "has:attachment",
        "has:html",
        "url:https://lure.example/pay",
        "url:hxxps://lure[.]example/",
        "domain:trap.example",
        "domain:lure.example",
        &format!("hash:{digest}"),
        "ip:192.0.2.9",
        "message-id:<m-1@trap.example>",
        &format!("id:{bad}"),
        "before:30m",
        "-lunch",
        "-to:dora@corp.example",
        "-from:carl -subject:lunch",
    ];
    for query in finds_bad {
        assert_eq!(find(&world, query).await.unwrap(), [bad], "{query}");
    }
    for query in ["lunch friday", "after:30m", "disposition:CLEAN", "-has:link", "-rule:intel-url"]
    {
        assert_eq!(find(&world, query).await.unwrap(), [good], "{query}");
    }
    for query in ["", &format!("after:{day}"), "in:unknown", "in:inbox", "to:corp.example"] {
        assert_eq!(find(&world, query).await.unwrap(), [good, bad], "newest first: {query}");
    }
    for query in [
        "subject:zoe",
        "to:b%n",
        "to:benx100",
        "is:retracted",
        "is:failed",
        "is:unverified",
        "id:nothing",
        "\"\"\"",
        "*",
        "%",
        "url:https://lure.example/other",
        "hash:zz",
        "lunch überweisung",
        &format!("before:{day}"),
        "in:trash",
        "from:\"x\" OR 1=1",
    ] {
        if let Ok(query) = Query::parse(query) {
            let page = world.mine().trace(&query, world.ever(), None, 10).await.unwrap();
            assert!(page.rows.is_empty(), "{query:?}");
        }
    }
}

#[tokio::test]
async fn where_nobody_looked_a_copy_of_ours_is_in_the_inbox_and_an_external_one_nowhere() {
    let world = World::new().await;
    let external = vec![recipient("out@elsewhere.example.net")];
    world.recorded(|record| record.recipients = external).await;
    assert!(find(&world, "in:inbox").await.unwrap().is_empty());
    let (ours, _) = world.recorded(|_| ()).await;
    assert_eq!(find(&world, "in:inbox").await.unwrap(), [ours]);
    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    connection.execute("UPDATE copies SET folder = 'trash'", []).unwrap();
    assert!(find(&world, "in:inbox").await.unwrap().is_empty());
}

#[tokio::test]
async fn unverified_mail_is_found_by_that_word() {
    let world = World::new().await;
    world.recorded(|_| ()).await;
    let (id, _) = world.recorded(|record| record.arrival = Arrival::Unverified).await;
    assert_eq!(find(&world, "is:unverified").await.unwrap(), [id]);
    assert_eq!(find(&world, "is:retracted,Unverified").await.unwrap(), [id]);
    assert!(!find(&world, "-is:unverified").await.unwrap().contains(&id));
}

#[tokio::test]
async fn a_job_is_found_by_its_id() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    world.recorded(lure).await;
    let [job] = world.mine().jobs(10).await.unwrap().try_into().unwrap();
    assert_eq!(world.mine().job(job.job.id).await.unwrap(), Some(job));
    let unknown = clawback_core::JobId::from_octets([9; 16]);
    assert_eq!(world.mine().job(unknown).await.unwrap(), None);
}

#[tokio::test]
async fn a_search_for_what_is_not_recorded_says_so() {
    let world = World::new().await;
    for query in ["campaign:x", "reported:user"] {
        let refused = find(&world, query).await;
        assert!(matches!(refused, Err(StoreError::Unsupported { .. })), "{query}: {refused:?}");
    }
    for query in ["is:read", "has:qr", "in:nowhere", "disposition:evil", "before:yesterday"] {
        let refused = find(&world, query).await;
        assert!(
            matches!(refused, Err(StoreError::UnsupportedValue { .. })),
            "{query}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let world = World::new().await;
    let mut all = Vec::new();
    for n in 0..7 {
        if n % 3 == 0 {
            world.clock.forward(Duration::from_secs(1));
        }
        all.push(world.recorded(|_| ()).await.0);
    }
    let query = Query::default();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = world.mine().trace(&query, world.ever(), after, 3).await.unwrap();
        seen.extend(page.rows.iter().map(|row| (row.received, row.id)));
        assert_eq!(page.counts, [(Disposition::Malicious, 7)]);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
    let mut ids: Vec<_> = seen.iter().map(|(_, id)| *id).collect();
    ids.sort();
    all.sort();
    assert_eq!(ids, all);
}

#[tokio::test]
async fn the_overview_counts_by_span_step_and_disposition() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    let from = world.now();
    world.recorded(|_| ()).await;
    world.clock.forward(Duration::from_secs(50));
    world.recorded(|record| record.verdict = verdict(Disposition::Clean)).await;
    world.clock.forward(Duration::from_secs(100));
    world.recorded(|_| ()).await;
    let span = Span { from, to: UnixMillis(from.0 + 100_000) };
    let overview = world.mine().overview(span, 2).await.unwrap();
    assert_eq!(overview.processed_ever, 3);
    let expected = Disposition::ALL.map(|disposition| match disposition {
        Disposition::Malicious | Disposition::Clean => (disposition, 1),
        _ => (disposition, 0),
    });
    assert_eq!(overview.dispositions, expected);
    let steps: Vec<_> =
        overview.steps.iter().map(|s| (s.from.0 - from.0, s.counts[0], s.counts[5])).collect();
    assert_eq!(steps, [(0, 1, 0), (50_000, 0, 1)]);
    assert_eq!(overview.retractions.total(), 1);
    assert_eq!(overview.targets, [("anna@corp.example".to_owned(), 1)]);
    assert_eq!(overview.newest, Some(world.now()));
}

#[tokio::test]
async fn settings_are_saved_only_over_the_version_that_was_seen() {
    let world = World::new().await;
    let mine = world.mine();
    let actor = Actor::system("test");
    let fresh = mine.settings().await.unwrap();
    let policy = AutoRetract::default().with(Disposition::Spam, Destination::Junk).unwrap();
    let saved = mine.save_auto_retract(fresh.version, policy.clone(), &actor).await.unwrap();
    assert_eq!(saved.version, fresh.version + 1);
    let stale = mine.save_auto_retract(fresh.version, AutoRetract::default(), &actor).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    assert_eq!(mine.settings().await.unwrap(), saved);
    let log = mine.audit(10, None).await.unwrap();
    assert_eq!(log[0].entry.action, "settings.auto_retract.changed");
    let changed = serde_json::json!({
        "old": { "SPAM": "no_action" },
        "new": { "SPAM": "junk" },
        "version": saved.version,
    });
    assert_eq!(log[0].entry.details, changed, "what changed, and nothing else");
    assert_eq!(log.iter().filter(|row| row.entry.action.starts_with("settings")).count(), 1);
}

#[tokio::test]
async fn two_tenants_never_see_each_other() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    let (id, _) = world.recorded(lure).await;
    let [job] = world.mine().jobs(10).await.unwrap().try_into().unwrap();
    let other = world.add_tenant(2, "elsewhere.example").await;
    let theirs = world.store.tenant(other, &world.region);

    assert_eq!(theirs.settings().await.unwrap().auto_retract, AutoRetract::default());
    let overview = theirs.overview(world.ever(), 3).await.unwrap();
    assert_eq!((overview.processed_ever, overview.retractions.total()), (0, 0));
    assert!(overview.targets.is_empty() && overview.newest.is_none());
    for query in [
        "",
        "überweisung",
        "domain:trap.example",
        "rule:intel-url",
        "to:anna@corp.example",
        "-nothing",
        "in:unknown,inbox",
        &format!("id:{id}"),
        "message-id:m-1@trap.example",
    ] {
        let query = Query::parse(query).unwrap();
        let page = theirs.trace(&query, world.ever(), None, 10).await.unwrap();
        assert!(page.rows.is_empty() && page.counts.is_empty(), "{query:?}");
    }
    assert!(theirs.message(id).await.unwrap().is_none());
    assert!(theirs.raw(id).await.unwrap().is_none());
    assert!(theirs.jobs(10).await.unwrap().is_empty());
    assert!(theirs.job(job.job.id).await.unwrap().is_none());
    assert!(theirs.job_copies(job.job.id, 0, 9).await.unwrap().is_empty());
    let log = theirs.audit(10, None).await.unwrap();
    assert!(log.iter().all(|row| row.entry.action == "tenant.created"), "{log:?}");

    // The same mail, as theirs: another message, and both stay apart.
    world.append(b"their mail").await;
    let claim = world.claim().await;
    let mut record = message(&world, &claim, 0);
    record.tenant = other;
    record.digest = [7; 32];
    world.here().record(&claim, segment(&world, &claim, vec![record])).await.unwrap();
    world.recorded(|record| record.digest = [7; 32]).await;
    assert_eq!(theirs.overview(world.ever(), 1).await.unwrap().processed_ever, 1);
    assert_eq!(world.mine().overview(world.ever(), 1).await.unwrap().processed_ever, 2);
}

#[tokio::test]
async fn the_log_holds_and_shows_where_it_was_changed() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Trash).await;
    for _ in 0..4 {
        world.recorded(|_| ()).await;
    }
    assert_eq!(world.mine().verify_audit().await.unwrap().unsealed, 6);
    assert_eq!(world.here().seal_audit(4).await.unwrap(), 4);
    assert_eq!(world.here().seal_audit(100).await.unwrap(), 2);
    assert_eq!(world.here().seal_audit(100).await.unwrap(), 0);
    world.recorded(|_| ()).await;
    let whole = world.mine().verify_audit().await.unwrap();
    assert_eq!((whole.sealed, whole.unsealed, whole.broken_at), (6, 1, None));
    let page = world.mine().audit(3, Some(5)).await.unwrap();
    assert_eq!(page.iter().map(|row| row.sequence).collect::<Vec<_>>(), [4, 3, 2]);
    assert!(page.iter().all(|row| row.seal.as_ref().is_some_and(|seal| seal.len() == 64)));

    let connection = rusqlite::Connection::open(world.records_path()).unwrap();
    let tampered = [
        ("UPDATE audit SET target = 'x' WHERE sequence = 3", 3),
        ("UPDATE audit SET details = '{' WHERE sequence = 4", 4),
        ("UPDATE audit SET at = at + 1 WHERE sequence = 1", 1),
        ("UPDATE audit SET seal = NULL WHERE sequence = 5", 5),
        ("DELETE FROM audit WHERE sequence = 2", 2),
        ("DELETE FROM audit WHERE sequence >= 6", 6),
    ];
    for (change, place) in tampered {
        connection.execute("CREATE TABLE kept AS SELECT * FROM audit", []).unwrap();
        connection.execute(change, []).unwrap();
        let check = world.mine().verify_audit().await.unwrap();
        assert_eq!(check.broken_at, Some(place), "{change}");
        connection
            .execute_batch(
                "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept",
            )
            .unwrap();
    }
    assert_eq!(world.mine().verify_audit().await.unwrap().broken_at, None);
}
