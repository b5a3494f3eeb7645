//! What a mailbox gives back is taken for what was journaled, and for nothing else: the octets of
//! simulated mail, as either provider renders them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]
#![allow(dead_code, reason = "each test file uses its part of what they share")]

#[path = "contract/tenant.rs"]
mod tenant;

use clawback_mail::likeness::Likeness;
use clawback_remote::MailboxProvider;
use clawback_sim::{Behaviour, Delivery, MailStream, Organisation};
use jiff::{Timestamp, ToSpan as _};
use tenant::{ANNA, Tenant};

/// So many mails of the kinds that the stream makes, all to Anna.
const MAILS: usize = 150;

#[tokio::test]
async fn what_exchange_renders_is_what_was_journaled_and_nothing_else() {
    let on = tenant::microsoft().await;
    on.world.set_behaviour(Behaviour {
        banner: Some("CAUTION: This message came from outside the organisation.".to_owned()),
        safe_links: true,
        ..on.world.behaviour()
    });
    every_mail_is_like_itself_only(&on).await;
}

#[tokio::test]
async fn what_gmail_gives_is_what_was_journaled_and_nothing_else() {
    every_mail_is_like_itself_only(&tenant::google().await).await;
}

async fn every_mail_is_like_itself_only<P: MailboxProvider>(on: &Tenant<P>) {
    let mailbox = on.anna().await;
    let mut stream = MailStream::new(7, "set", Organisation::example());
    let mut at: Timestamp = "2026-09-15T08:00:00Z".parse().unwrap();
    let (mut journaled, mut live) = (Vec::new(), Vec::new());
    for _ in 0..MAILS {
        let mail = stream.next_mail(at);
        at = at.checked_add(7.seconds()).unwrap();
        // A mailbox of Gmail gives so many a minute and no more.
        on.hand.advance_ms(7_000);
        let recipients = vec![on.address("anna").to_string()];
        let delivery = Delivery { raw: mail.raw.clone(), recipients };
        let item = on.world.deliver(&delivery).pop().unwrap().immutable_id;
        let raw = on.provider.raw(&mailbox, &item).await.unwrap().unwrap();
        assert_ne!(raw, mail.raw, "never the same octets");
        let (ours, theirs) = (Likeness::of(&mail.raw), Likeness::of(&raw));
        assert_eq!(ours.compare(&theirs), Ok(()), "{}", String::from_utf8_lossy(&raw));
        journaled.push(ours);
        live.push((theirs, mail.subject));
    }
    assert_eq!(on.world.items(ANNA).len(), MAILS);
    for (one, ours) in journaled.iter().enumerate() {
        for (other, (theirs, subject)) in live.iter().enumerate() {
            // One template with the same words in it is the same text.
            let is_twin = ours.compare(&journaled[other]).is_ok();
            if one != other && !is_twin {
                assert!(ours.compare(theirs).is_err(), "{} and {subject}", live[one].1);
            }
        }
    }
    let twins =
        |one: usize| (0..one).any(|other| journaled[one].compare(&journaled[other]).is_ok());
    let distinct = (0..MAILS).filter(|one| !twins(*one)).count();
    assert!(distinct * 2 > MAILS, "the mails are mostly different ones: {distinct}");
}
