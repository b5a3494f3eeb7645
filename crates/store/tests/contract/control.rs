//! Tenants, people, lists, intel.

use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::tenant::{GoogleWorkspace, JournalAddress, ListEntry, ListKind, Tenant};
use clawback_core::{OperatorId, Region};
use clawback_mail::address::{Address, Domain};
use clawback_mail::indicator::{Indicator, IndicatorKind};
use clawback_store::{IntelRow, NewOperator, StoreError};

use crate::world::*;

fn operator(number: u8, email: &str) -> NewOperator {
    NewOperator {
        id: OperatorId::from_octets([number; 16]),
        tenant: tenant_id(1),
        email: email.into(),
        name: "Dana Reyes".into(),
        password_hash: "$argon2id$one".into(),
    }
}

#[tokio::test]
async fn a_tenant_is_added_once_and_changed_where_it_is() {
    let world = World::new().await;
    let control = world.store.control();
    let actor = Actor::system("test");
    let before = control.tenant(world.tenant).await.unwrap().unwrap();
    let mut tenant = before.clone();
    let again = control.create_tenant(&tenant, &actor).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    tenant.microsoft_tenant = Some("directory-1".into());
    tenant.google = Some(GoogleWorkspace { admin: "admin@corp.example".into() });
    tenant.domains.push(Domain::parse("corp.example.net").unwrap());
    control.update_tenant(&before, &tenant, &actor).await.unwrap();
    let late = control.update_tenant(&before, &before, &actor).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "somebody else changed it: {late:?}");
    assert_eq!(control.tenant(world.tenant).await.unwrap().unwrap(), tenant);
    let directory = control.microsoft_connection(world.tenant).await.unwrap();
    assert_eq!(directory.as_deref(), Some("directory-1"));
    let log = world.mine().audit(1, None).await.unwrap();
    let changed = serde_json::json!({
        "old": { "domains": ["corp.example"], "google": null, "microsoft": null },
        "new": {
            "domains": ["corp.example", "corp.example.net"],
            "google": { "admin": "admin@corp.example" },
            "microsoft": "directory-1",
        },
    });
    assert_eq!(log[0].entry.details, changed, "what changed, and nothing else");
    let stranger = Tenant { id: tenant_id(9), ..tenant };
    let refused = control.update_tenant(&stranger, &stranger, &actor).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(control.tenants().await.unwrap().len(), 1);
    let other = Tenant { microsoft_tenant: None, ..stranger };
    control.create_tenant(&other, &actor).await.unwrap();
    let same = Tenant { microsoft_tenant: Some("Directory-1".into()), ..other.clone() };
    let taken = control.update_tenant(&other, &same, &actor).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "another's directory: {taken:?}");
}

#[tokio::test]
async fn a_journaling_address_is_one_tenants() {
    let world = World::new().await;
    let control = world.store.control();
    let entry = |text: &str| JournalAddress {
        address: Address::parse(text).unwrap(),
        tenant: world.tenant,
        region: Region::global(),
    };
    let actor = Actor::system("test");
    let before = control.knowledge_versions().await.unwrap();
    control.add_journal_address(&entry("J-1@journal.clawback.example"), &actor).await.unwrap();
    assert_ne!(control.knowledge_versions().await.unwrap(), before, "listeners learn of it");
    let taken = control.add_journal_address(&entry("j-1@journal.clawback.example"), &actor).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    let known = control.journal_addresses().await.unwrap();
    assert_eq!(known, [entry("J-1@journal.clawback.example")]);
}

#[tokio::test]
async fn people_sign_in_by_address_without_case_and_sessions_end_by_time() {
    let world = World::new().await;
    let control = world.store.control();
    control
        .create_operator(operator(1, "Dana@corp.example"), &Actor::system("test"))
        .await
        .unwrap();
    let taken =
        control.create_operator(operator(2, "dana@corp.example"), &Actor::system("test")).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    assert_eq!(control.operators_count().await.unwrap(), 1);
    let dana = control.operator_by_email(" DANA@corp.example").await.unwrap().unwrap();
    let (idle, absolute) = (Duration::from_secs(1_800), Duration::from_secs(7_200));
    let token = [5; 32];
    control.create_session(&token, dana.id, world.now()).await.unwrap();
    let find = || async {
        let found = control.find_session(&token, world.now(), idle, absolute).await;
        found.unwrap().is_some()
    };
    assert!(find().await);
    for _ in 0..4 {
        world.clock.forward(Duration::from_secs(1_500));
        assert!(find().await, "used in time");
        control.touch_session(&token, world.now()).await.unwrap();
    }
    world.clock.forward(Duration::from_secs(1_200));
    assert!(!find().await, "open for too long, though used");
    control.create_session(&[6; 32], dana.id, world.now()).await.unwrap();
    world.clock.forward(idle);
    let idled = control.find_session(&[6; 32], world.now(), idle, absolute).await.unwrap();
    assert!(idled.is_none());
    control.create_session(&[7; 32], dana.id, world.now()).await.unwrap();
    control.set_password_hash(dana.id, "$argon2id$two").await.unwrap();
    let ended = control.find_session(&[7; 32], world.now(), idle, absolute).await.unwrap();
    assert!(ended.is_none(), "another password ends all sessions");
}

#[tokio::test]
async fn lists_are_a_tenants_own_and_their_changes_are_told() {
    let world = World::new().await;
    let other = world.add_tenant(2, "elsewhere.example").await;
    let control = world.store.control();
    let entry = ListEntry {
        list: ListKind::Block,
        pattern: "lure.example".into(),
        verify_sender: false,
        note: "seen twice".into(),
    };
    let actor = Actor::system("test");
    let before = control.knowledge_versions().await.unwrap();
    control.put_list_entry(world.tenant, &entry, &actor).await.unwrap();
    assert!(control.knowledge_versions().await.unwrap().0 > before.0);
    let listed = control.list_entries(world.tenant).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&entry));
    assert!(control.list_entries(other).await.unwrap().is_empty());
    let refused = control.remove_list_entry(other, &entry, &actor).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    control.remove_list_entry(world.tenant, &entry, &actor).await.unwrap();
    assert!(control.list_entries(world.tenant).await.unwrap().is_empty());
    let log = world.mine().audit(10, None).await.unwrap();
    let told: Vec<_> = log.iter().map(|row| row.entry.action.as_str()).collect();
    assert_eq!(told, ["list.entry.removed", "list.entry.put", "tenant.created"]);
}

#[tokio::test]
async fn intel_that_is_pulled_again_is_no_news() {
    let world = World::new().await;
    let control = world.store.control();
    let row = |value: &str, confidence| IntelRow {
        indicator: Indicator { kind: IndicatorKind::Domain, value: value.into() },
        source: String::new(),
        confidence,
        note: "feed".into(),
    };
    let rows = vec![row("lure.example", 80), row("trap.example", 60)];
    let first =
        control.import_intel("feed one", rows.clone(), &Actor::system("test")).await.unwrap();
    assert_eq!(first, 2);
    assert_eq!(
        control.import_intel("feed one", rows, &Actor::system("test")).await.unwrap(),
        first
    );
    assert_eq!(control.knowledge_versions().await.unwrap().1, first);
    let surer = control
        .import_intel("feed one", vec![row("lure.example", 95)], &Actor::system("test"))
        .await
        .unwrap();
    assert_eq!(surer, 3);
    let known = control.intel().await.unwrap();
    assert_eq!(known.len(), 2);
    assert!(known.iter().any(|row| row.confidence == 95 && row.source == "feed one"));
    assert_eq!(
        control.import_intel("feed two", Vec::new(), &Actor::system("test")).await.unwrap(),
        3
    );
}

#[tokio::test]
async fn a_backup_of_the_root_key_is_remembered_and_told_to_everybody_it_concerns() {
    let mut world = World::new().await;
    let other = world.add_tenant(2, "elsewhere.example").await;
    assert_eq!(world.store.control().key_backed_up().await.unwrap(), None);
    let actor = Actor::system("keys");
    for _ in 0..2 {
        world.clock.forward(Duration::from_secs(60));
        world.store.control().note_key_backup("3f2a-91bc-04de-77a1", &actor).await.unwrap();
    }
    world.reopen().await;
    assert_eq!(world.store.control().key_backed_up().await.unwrap(), Some(world.now()));
    for tenant in [world.tenant, other] {
        let log = world.store.tenant(tenant, &world.region).audit(9, None).await.unwrap();
        assert_eq!(log[0].entry.action, "root_key.backed_up");
        assert_eq!(log[0].entry.details["fingerprint"], "3f2a-91bc-04de-77a1");
    }
}

#[tokio::test]
async fn who_may_sign_in_and_what_is_judged_by_stand_in_the_audit_log() {
    let world = World::new().await;
    let control = world.store.control();
    let actor = Actor::system("test");
    control.create_operator(operator(1, "dana@corp.example"), &actor).await.unwrap();
    control.import_intel("feed one", Vec::new(), &actor).await.unwrap();
    let rows = world.mine().audit(10, None).await.unwrap();
    let actions: Vec<&str> = rows.iter().map(|row| row.entry.action.as_str()).collect();
    assert!(actions.contains(&"operator.added"), "{actions:?}");
    assert!(actions.contains(&"intel.imported"), "{actions:?}");
}
