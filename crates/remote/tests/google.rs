//! What only Google has: delegation scope by scope, one token for each person, labels, groups.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]
#![allow(dead_code, reason = "each test file uses its part of what they share")]

#[path = "contract/tenant.rs"]
mod tenant;

use clawback_core::{Destination, Folder};
use clawback_remote::google::{Gmail, GoogleError, GoogleSettings, Scope, ServiceAccount};
use clawback_remote::{EndpointError, MailboxProvider, MailboxRef, ProviderError, Secret};
use clawback_sim::google::scope;
use clawback_sim::{Behaviour, Fault, GoogleBehaviour, Group, On};
use tenant::{ANNA, MESSAGE_ID, Tenant, google};

fn behave(on: &Tenant<Gmail>, change: impl FnOnce(&mut GoogleBehaviour)) {
    let mut behaviour: Behaviour = on.world.behaviour();
    change(&mut behaviour.google);
    on.world.set_behaviour(behaviour);
}

#[tokio::test]
async fn scopes_are_tried_one_by_one() {
    let on = google().await;
    behave(&on, |google| {
        google.delegated.remove(scope::FULL);
        google.delegated.remove(scope::MEMBER_READONLY);
    });
    let checks = on.provider.check().await;
    let granted = |wanted: Scope| checks.iter().find(|it| it.scope == wanted).unwrap().granted;
    assert_eq!(granted(Scope::Modify), Ok(true));
    assert_eq!(granted(Scope::Users), Ok(true));
    assert_eq!(granted(Scope::Members), Ok(false));
    assert_eq!(granted(Scope::Full), Ok(false));
    on.world.fail_next_on(On::Token, Fault::Status503 { retry_after: None });
    assert!(on.provider.check().await[0].granted.is_err(), "nobody can tell");
}

#[tokio::test]
async fn without_the_scope_to_delete_everything_else_goes_on() {
    let on = google().await;
    behave(&on, |google| {
        google.delegated.remove(scope::FULL);
    });
    let (mailbox, item) = on.with_message().await;
    let deleted = on.provider.relocate(&mailbox, &item, Destination::HardDelete).await;
    assert_eq!(deleted, Err(ProviderError::GrantRevoked));
    on.provider.relocate(&mailbox, &item, Destination::Trash).await.unwrap();
    behave(&on, |google| {
        google.delegated.insert(scope::FULL.to_owned());
    });
    on.hand.advance_ms(10_000);
    on.provider.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
}

#[tokio::test]
async fn one_who_is_suspended_is_told_from_a_key_that_is_refused() {
    let on = google().await;
    let (mailbox, item) = on.with_message().await;
    behave(&on, |google| {
        google.suspended.insert("anna@gsuite.example".to_owned());
    });
    assert_eq!(on.provider.look(&mailbox, &item).await, Err(ProviderError::NoMailbox));
    on.hand.advance_ms(10_000_000);
    behave(&on, |google| {
        google.suspended.insert("admin@gsuite.example".to_owned());
    });
    assert_eq!(on.provider.look(&mailbox, &item).await, Err(ProviderError::GrantRevoked));
}

#[tokio::test]
async fn soft_delete_is_trash_and_says_so() {
    let on = google().await;
    assert_eq!(on.provider.effective(Destination::SoftDelete), Destination::Trash);
    let (mailbox, item) = on.with_message().await;
    on.provider.relocate(&mailbox, &item, Destination::SoftDelete).await.unwrap();
    assert_eq!(on.provider.look(&mailbox, &item).await.unwrap().unwrap().folder, Folder::Trash);
}

#[tokio::test]
async fn labels_are_put_back_as_far_as_they_still_are() {
    for modify_untrashes in [true, false] {
        let on = google().await;
        behave(&on, |google| google.modify_untrashes = modify_untrashes);
        let kept = on.world.owner_makes_label(ANNA, "Kept").unwrap();
        let dropped = on.world.owner_makes_label(ANNA, "Dropped").unwrap();
        let (mailbox, item) = on.with_message().await;
        let own = [kept.as_str(), dropped.as_str(), "STARRED"];
        on.world.owner_labels(ANNA, &item, &own, &[]).unwrap();
        let before = on.provider.look(&mailbox, &item).await.unwrap().unwrap().before;
        on.provider.relocate(&mailbox, &item, Destination::Trash).await.unwrap();
        on.world.owner_drops_label(ANNA, &dropped).unwrap();
        on.provider.put_back(&mailbox, &item, &before).await.unwrap();
        let meant = ["CATEGORY_PERSONAL", "INBOX", &kept, "STARRED", "UNREAD"];
        assert_eq!(on.item().labels, meant, "modify takes Trash off: {modify_untrashes}");
    }
}

#[tokio::test]
async fn a_deleted_message_is_made_again_with_its_date_and_labels() {
    let on = google().await;
    let (mailbox, item) = on.with_message().await;
    on.world.owner_labels(ANNA, &item, &["STARRED"], &["UNREAD"]).unwrap();
    let found = on.provider.look(&mailbox, &item).await.unwrap().unwrap();
    on.provider.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    on.hand.advance_ms(60_000);
    let raw = format!(
        "From: billing@shop.example.net\r\nSubject: Again\r\nMessage-ID: <{MESSAGE_ID}>\r\n\
         Date: Tue, 15 Sep 2026 08:11:00 +0000\r\n\r\nHello.\r\n"
    );
    let made = on.provider.recreate(&mailbox, raw.as_bytes(), &found.before).await.unwrap();
    let made = made.item_id.unwrap();
    assert_ne!(made, item, "another item");
    let seen = on.provider.locate(&mailbox, MESSAGE_ID).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].item_id.as_str(), seen[0].folder), (made.as_str(), Folder::Inbox));
    assert_eq!(seen[0].before, found.before);
    assert_eq!(seen[0].identity.received, seen[0].identity.sent, "by its own date");
    let much = vec![b'x'; 5 << 20];
    let refused = on.provider.recreate(&mailbox, &much, &found.before).await;
    let octets_max = on.provider.recreation().octets_max;
    assert_eq!(refused, Err(ProviderError::TooLarge { octets_max }));
}

#[tokio::test]
async fn a_large_group_is_read_page_by_page() {
    let on = google().await;
    let group = |address: &str, members: Vec<String>| {
        let address = format!("{address}@gsuite.example");
        on.world.add_group(Group { address, aliases: Vec::new(), members });
    };
    group("all", (0..450).map(|n| format!("p{n}@gsuite.example")).collect());
    let members = on.provider.members(&on.address("all")).await.unwrap().unwrap();
    assert_eq!(members.len(), 450);
    group("most", (0..20_001).map(|n| format!("p{n}@gsuite.example")).collect());
    let members = on.provider.members(&on.address("most")).await;
    assert_eq!(members, Err(ProviderError::TooManyMembers));
}

#[tokio::test]
async fn a_new_primary_address_is_the_same_mailbox() {
    let on = google().await;
    let (mailbox, item) = on.with_message().await;
    let mut anna = on.world.users().into_iter().find(|user| user.id == ANNA).unwrap();
    anna.mail = Some("a.berg@gsuite.example".to_owned());
    anna.proxy_addresses.push("smtp:a.berg@gsuite.example".to_owned());
    on.world.add_user(anna);
    on.hand.advance_ms(3_700_000);
    assert_eq!(mailbox, MailboxRef::new(ANNA));
    assert!(on.provider.look(&mailbox, &item).await.unwrap().is_some());
}

#[tokio::test]
async fn one_who_is_no_administrator_finds_nobody_and_is_told() {
    let on = google().await;
    behave(&on, |google| google.admins.clear());
    let resolved = on.provider.resolve(&on.address("anna")).await;
    assert_eq!(resolved, Err(ProviderError::GrantRevoked));
}

#[tokio::test]
async fn a_quota_that_is_used_up_by_others_is_waited_for() {
    let on = google().await;
    let (mailbox, item) = on.with_message().await;
    behave(&on, |google| google.user_units = 0);
    for seconds in [1, 2, 4] {
        let wait = Some(std::time::Duration::from_secs(seconds));
        let mut behaviour = on.world.behaviour();
        behaviour.retry_after_seconds = None;
        on.world.set_behaviour(behaviour);
        let looked = on.provider.look(&mailbox, &item).await;
        assert_eq!(looked, Err(ProviderError::Throttled { wait }), "twice as long each time");
        on.hand.advance_ms(u32::try_from(seconds).unwrap() * 1_000);
    }
    behave(&on, |google| google.user_units = 15_000);
    assert!(on.provider.look(&mailbox, &item).await.unwrap().is_some());
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_anything_is_sent() {
    let account = clawback_sim::ServiceAccount::generate().unwrap();
    let file = Secret::new(account.key_file("https://else.example/token"));
    let account = ServiceAccount::read(&file).unwrap();
    assert_eq!(account.client_id(), "104711000000000000001");
    let admin = "admin@gsuite.example".to_owned();
    let good = GoogleSettings { admin, ..GoogleSettings::new(account) };
    let with = |change: fn(&mut GoogleSettings)| {
        let mut settings = good.clone();
        change(&mut settings);
        settings
    };
    let url = |text: &str| text.parse::<url::Url>().unwrap();
    let plain = url("http://gmail.corp.example");
    let rows = [
        ("no administrator", with(|it| it.admin = "admin".into()), GoogleError::Admin),
        ("no request at once", with(|it| it.requests_max = 0), GoogleError::NoRequests),
        ("no unit", with(|it| it.user_units = 0), GoogleError::NoRequests),
        (
            "secrets in the clear",
            GoogleSettings { gmail_url: plain.clone(), ..good.clone() },
            GoogleError::Gmail(EndpointError::NotEncrypted),
        ),
        (
            "a token from elsewhere",
            GoogleSettings { token_url: url("https://a.example/b"), ..good.clone() },
            GoogleError::Token(EndpointError::NotARoot),
        ),
        (
            "a directory in the clear",
            GoogleSettings { directory_url: plain, ..good.clone() },
            GoogleError::Directory(EndpointError::NotEncrypted),
        ),
    ];
    let clock = || std::sync::Arc::new(Still);
    for (what, settings, meant) in rows {
        assert_eq!(Gmail::new(settings, clock()).err(), Some(meant), "{what}");
    }
    assert!(!format!("{good:?}").contains("PRIVATE"), "the key is never shown");
}

struct Still;

impl clawback_core::Clock for Still {
    fn now(&self) -> clawback_core::UnixMillis {
        clawback_core::UnixMillis(0)
    }
}
