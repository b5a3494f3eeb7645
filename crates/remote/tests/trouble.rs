//! What is said when the provider throttles, fails, is cut off, or no longer lets us in.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clawback_core::{Destination, Folder};
use clawback_remote::microsoft::{Certificate, Credential, GraphSettings};
use clawback_remote::{Cause, MailboxProvider, ProviderError, Retry, Secret};
use clawback_sim::{Behaviour, Fault, On, Permission};
use support::{ANNA, ANNAS, MESSAGE_ID, Sim, address};

#[tokio::test]
async fn a_throttled_move_was_not_carried_out_and_tells_the_wait() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    sim.world.fail_next_on(On::Move, Fault::Status429 { retry_after: Some(7) });
    let moved = graph.relocate(&mailbox, &item, Destination::Junk).await;
    let seven = Duration::from_secs(7);
    assert_eq!(moved, Err(ProviderError::Throttled { wait: Some(seven) }));

    // Before the wait is over nothing leaves us, whatever is asked of this mailbox.
    sim.hand.advance_ms(2_000);
    let looked = graph.look(&mailbox, &item).await.unwrap_err();
    assert_eq!(looked.retry(), Retry::After(Duration::from_secs(5)));
    assert_eq!((sim.changes(), sim.impatience()), (0, 0));
    let ben = graph.resolve(&address("ben@corp.example")).await.unwrap();
    assert_eq!(graph.locate(&ben, MESSAGE_ID).await.unwrap(), [], "another mailbox is not held up");

    sim.hand.advance_ms(5_000);
    graph.relocate(&mailbox, &item, Destination::Junk).await.unwrap();
    assert_eq!((sim.changes(), sim.impatience()), (1, 0));
}

#[tokio::test]
async fn throttling_without_a_wait_is_waited_out_all_the_same() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    sim.world.fail_next_on(On::Move, Fault::Status429 { retry_after: None });
    let moved = graph.relocate(&mailbox, &item, Destination::Junk).await;
    assert_eq!(moved, Err(ProviderError::Throttled { wait: None }));
    let one = ProviderError::Throttled { wait: Some(Duration::from_secs(1)) };
    assert_eq!(graph.look(&mailbox, &item).await, Err(one), "said without asking");
    sim.hand.advance_ms(1_000);
    graph.relocate(&mailbox, &item, Destination::Junk).await.unwrap();
}

#[tokio::test]
async fn what_may_have_been_carried_out_is_unanswered_and_sent_once() {
    let rows = [
        (Fault::CutAfter, Cause::Cut, Folder::Trash),
        (Fault::CutBefore, Cause::Cut, Folder::Inbox),
        (Fault::Timeout504After, Cause::Status(504), Folder::Trash),
        (Fault::Timeout504Before, Cause::Status(504), Folder::Inbox),
        (Fault::MalformedBody, Cause::Unreadable, Folder::Trash),
        (Fault::Status503 { retry_after: None }, Cause::Status(503), Folder::Inbox),
    ];
    for (fault, cause, lies_in) in rows {
        let sim = Sim::start().await;
        let (graph, mailbox, item) = sim.with_message().await;
        sim.world.fail_next_on(On::Move, fault);
        let moved = graph.relocate(&mailbox, &item, Destination::Trash).await;
        assert_eq!(moved, Err(ProviderError::Unanswered(cause)), "{fault:?}");
        let seen = graph.look(&mailbox, &item).await.unwrap().unwrap();
        assert_eq!(seen.folder, lies_in, "{fault:?}");
        assert_eq!(sim.changes(), usize::from(lies_in == Folder::Trash), "{fault:?}");
    }
}

#[tokio::test]
async fn a_cut_hard_delete_is_unanswered_and_then_seen_to_be_done() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    sim.world.fail_next_on(On::PermanentDelete, Fault::CutAfter);
    let purged = graph.relocate(&mailbox, &item, Destination::HardDelete).await;
    assert_eq!(purged, Err(ProviderError::Unanswered(Cause::Cut)));
    assert_eq!(graph.look(&mailbox, &item).await, Ok(None));
    assert_eq!(sim.changes(), 1);
}

#[tokio::test]
async fn a_service_that_is_away_for_a_while_did_nothing() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    sim.world.fail_next_on(On::Move, Fault::Status503 { retry_after: Some(3) });
    let moved = graph.relocate(&mailbox, &item, Destination::Junk).await;
    assert_eq!(moved, Err(ProviderError::Throttled { wait: Some(Duration::from_secs(3)) }));
    assert_eq!(sim.changes(), 0);
}

#[tokio::test]
async fn a_question_without_a_good_answer_can_be_asked_again() {
    let rows = [
        (Fault::MalformedBody, ProviderError::Malformed { what: "batch" }),
        (Fault::CutAfter, ProviderError::Failed(Cause::Cut)),
        (Fault::Timeout504After, ProviderError::Failed(Cause::Status(504))),
        (Fault::Status503 { retry_after: None }, ProviderError::Failed(Cause::Status(503))),
    ];
    let sim = Sim::start().await;
    let (graph, mailbox, _) = sim.with_message().await;
    for (fault, meant) in rows {
        sim.world.fail_next_on(On::List, fault);
        let found = graph.locate(&mailbox, MESSAGE_ID).await;
        assert_eq!(found, Err(meant), "{fault:?}");
        assert_eq!(meant.retry(), Retry::Later);
        assert_eq!(graph.locate(&mailbox, MESSAGE_ID).await.unwrap().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out_and_after_it_was_refused() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    // Just inside the last five minutes: the next call fetches one, so a fault there is met.
    sim.hand.advance_ms(3_300_000);
    sim.world.fail_next_on(On::Token, Fault::MalformedBody);
    graph.look(&mailbox, &item).await.unwrap().unwrap();
    // That refresh failed and the old token did it; the next one comes through in time.
    sim.hand.advance_ms(60_000);
    graph.look(&mailbox, &item).await.unwrap().unwrap();
    sim.hand.advance_ms(1_000_000);
    graph.relocate(&mailbox, &item, Destination::Junk).await.unwrap();
    assert_eq!(sim.changes(), 1);
}

#[tokio::test]
async fn a_token_that_the_service_no_longer_takes_is_replaced_on_the_way() {
    let behaviour = Behaviour { token_seconds: 600, ..Behaviour::default() };
    let sim = Sim::start_with(behaviour).await;
    let (graph, mailbox, item) = sim.with_message().await;
    // Our clock stands still while the service's goes on: the token looks good and is not.
    let (frozen, _hand) = clawback_sim::Clock::by_hand(sim.clock.now());
    let frozen = support::graph(sim.settings(), &frozen);
    frozen.look(&mailbox, &item).await.unwrap().unwrap();
    sim.hand.advance_ms(700_000);
    frozen.relocate(&mailbox, &item, Destination::Junk).await.unwrap();
    assert_eq!(sim.changes(), 1);
    graph.look(&mailbox, &item).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_a_lost_grant() {
    let sim = Sim::start().await;
    let credential = Secret::new("canary-wrong-secret".to_owned());
    let graph = sim.graph_with(GraphSettings { credential: credential.into(), ..sim.settings() });
    let error = graph.resolve(&address(ANNAS)).await.unwrap_err();
    assert_eq!((error, error.retry()), (ProviderError::GrantRevoked, Retry::WhenGranted));
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn a_registered_certificate_is_as_good_as_a_secret_and_another_is_not() {
    let sim = Sim::start().await;
    let credential = |is_registered: bool| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        assert!(!is_registered || sim.world.add_certificate(&pem));
        let key = Secret::new(key.serialize_pem());
        let certificate = Arc::new(Certificate::read(&pem, &key).unwrap());
        GraphSettings { credential: Credential::Certificate(certificate), ..sim.settings() }
    };
    let good = sim.graph_with(credential(true));
    assert_eq!(good.resolve(&address(ANNAS)).await.unwrap().id(), ANNA);
    let other = sim.graph_with(credential(false));
    assert_eq!(other.resolve(&address(ANNAS)).await, Err(ProviderError::GrantRevoked));
}

#[tokio::test]
async fn codes_are_known_however_they_are_spelled() {
    let sim = Sim::start_with(Behaviour { odd_codes: true, ..Behaviour::default() }).await;
    let (graph, mailbox, item) = sim.with_message().await;
    graph.relocate(&mailbox, &item, Destination::HardDelete).await.unwrap();
    assert_eq!(graph.look(&mailbox, &item).await, Ok(None));
    let moved = graph.relocate(&mailbox, &item, Destination::Trash).await;
    assert_eq!(moved, Err(ProviderError::ItemGone));
    let old = graph.resolve(&address("old@corp.example")).await.unwrap();
    assert_eq!(graph.locate(&old, MESSAGE_ID).await, Err(ProviderError::OnPremises));
}

#[tokio::test]
async fn withdrawn_consent_is_a_lost_grant_and_renewed_consent_heals_it() {
    let sim = Sim::start().await;
    let with = |consent, permissions| {
        sim.world.set_behaviour(Behaviour { consent, permissions, ..Behaviour::default() });
    };
    let all = Behaviour::default().permissions;
    let graph = sim.graph();
    with(false, all.clone());
    assert_eq!(graph.resolve(&address(ANNAS)).await, Err(ProviderError::GrantRevoked));
    // A token without roles is still a token.
    with(true, BTreeSet::new());
    assert_eq!(graph.resolve(&address(ANNAS)).await, Err(ProviderError::GrantRevoked));
    with(true, all);
    sim.hand.advance_ms(61_000);
    // The token is a minute old: the refusal makes us doubt it, and the next call has a new one.
    assert_eq!(graph.resolve(&address(ANNAS)).await, Err(ProviderError::GrantRevoked));
    assert_eq!(graph.resolve(&address(ANNAS)).await.unwrap().id(), ANNA);
}

#[tokio::test]
async fn without_the_role_for_mail_mail_is_a_lost_grant() {
    let permissions = BTreeSet::from([Permission::UserReadAll]);
    let sim = Sim::start_with(Behaviour { permissions, ..Behaviour::default() }).await;
    let (graph, mailbox, _) = sim.with_message().await;
    assert_eq!(graph.locate(&mailbox, MESSAGE_ID).await, Err(ProviderError::GrantRevoked));
}

#[tokio::test]
async fn a_mailbox_that_a_policy_keeps_from_us_is_denied() {
    let denied_mailboxes = BTreeSet::from([ANNA.to_owned()]);
    let sim = Sim::start_with(Behaviour { denied_mailboxes, ..Behaviour::default() }).await;
    let (graph, mailbox, _) = sim.with_message().await;
    assert_eq!(graph.locate(&mailbox, MESSAGE_ID).await, Err(ProviderError::AccessDenied));
}

#[tokio::test]
async fn a_connection_tells_what_it_is_connected_to() {
    let sim = Sim::start().await;
    let connection = sim.graph().check().await.unwrap();
    assert_eq!(connection.organisation.as_deref(), Some("Example Corp"));
    assert_eq!(connection.domains, ["corp.example"]);
    assert_eq!(connection.directory_id.as_ref(), Some(&sim.world.config().tenant_id));
    assert!(connection.roles.contains(&"Mail.ReadWrite".to_owned()));

    let permissions = BTreeSet::from([Permission::MailReadWrite]);
    sim.world.set_behaviour(Behaviour { permissions, ..Behaviour::default() });
    let connection = sim.graph().check().await.unwrap();
    assert_eq!((connection.organisation, connection.roles), (None, vec!["Mail.ReadWrite".into()]));

    sim.world.set_behaviour(Behaviour { consent: false, ..Behaviour::default() });
    assert_eq!(sim.graph().check().await, Err(ProviderError::GrantRevoked));
}

#[tokio::test]
async fn many_calls_to_one_mailbox_take_turns() {
    let sim = Sim::start().await;
    let (graph, mailbox, item) = sim.with_message().await;
    graph.look(&mailbox, &item).await.unwrap();
    let held = sim.world.hold_requests();
    let looks = async {
        let look = || graph.look(&mailbox, &item);
        tokio::join!(look(), look(), look(), look(), look(), look())
    };
    let release = async {
        sim.world.until_in_flight(ANNA, 4).await;
        // While these go there and back, a fifth would arrive beside the four and be refused.
        for other in ["ben@corp.example", "office@corp.example", "old@corp.example"] {
            graph.resolve(&address(other)).await.unwrap();
        }
        drop(held);
    };
    let ((a, b, c, d, e, f), ()) = tokio::join!(looks, release);
    for look in [a, b, c, d, e, f] {
        assert_eq!(look.unwrap().unwrap().folder, Folder::Inbox);
    }
}

#[tokio::test]
async fn those_who_wait_for_a_token_share_one() {
    let sim = Sim::start().await;
    let graph = sim.graph();
    sim.world.fail_next_on(On::Token, Fault::Status503 { retry_after: None });
    let anna = address(ANNAS);
    let (one, two, three) =
        tokio::join!(graph.resolve(&anna), graph.resolve(&anna), graph.resolve(&anna));
    // One attempt failed for all three: were each to try by itself, two would have come through.
    for resolved in [one, two, three] {
        assert_eq!(resolved, Err(ProviderError::Failed(Cause::Status(503))));
    }
    graph.resolve(&anna).await.unwrap();
}
