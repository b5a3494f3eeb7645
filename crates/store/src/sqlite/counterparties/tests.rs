//! The limit, with a limit that is small.

use std::path::Path;

use clawback_core::{Region, TenantId};
use clawback_mail::address::Address;

use super::*;

const LIMIT: u64 = 100;
const DAY: u64 = 86_400_000;

fn opened() -> (Connection, Scope) {
    let mut c = Connection::open(Path::new(":memory:")).unwrap();
    crate::sqlite::migrate::migrate(&mut c).unwrap();
    (c, Scope { tenant: TenantId::from_octets([1; 16]), region: Region::global() })
}

fn hear(c: &Connection, scope: &Scope, day: u64, addresses: impl Iterator<Item = String>) {
    let mut changes = Changes::default();
    for address in addresses {
        let heard = Some(Address::parse(&address).unwrap());
        let contact = Contact { heard, wrote: false };
        changes.add(&contact, Disposition::Clean, &[], UnixMillis(day * DAY));
    }
    changes.store(c, scope, LIMIT).unwrap();
}

fn count(c: &Connection, sql: &str) -> u64 {
    c.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
}

#[test]
fn strangers_push_out_each_other_and_nobody_one_knows() {
    let (c, scope) = opened();
    let partners = || (0..20).map(|n| format!("partner-{n}@friends.example"));
    hear(&c, &scope, 1, partners());
    hear(&c, &scope, 2, partners());
    for round in 0..50 {
        let invented = (0..40).map(|n| format!("a{n}@x{round}-{n}.example"));
        hear(&c, &scope, 3 + round, invented);
        let rows = count(&c, "SELECT count(*) FROM counterparties");
        assert!(rows <= LIMIT + LIMIT / SLACK + 80, "{rows} rows in round {round}");
    }
    let known = "SELECT count(*) FROM counterparties WHERE key LIKE 'friends.example%'";
    assert_eq!(count(&c, known), 21, "twenty people and their domain");
    // What is told of it all is still what is there.
    let rows = count(&c, "SELECT count(*) FROM counterparties");
    assert_eq!(count(&c, "SELECT rows FROM histories"), rows);
    assert_eq!(count(&c, "SELECT sum(senders) FROM sender_classes"), rows);
    assert_eq!(count(&c, "SELECT count(*) FROM sender_classes WHERE senders < 0"), 0);
}

#[test]
fn where_everybody_is_known_the_oldest_go() {
    let (c, scope) = opened();
    for part in 0..6 {
        let people = || (0..40).map(move |n| format!("p{n}@part{part}.example"));
        hear(&c, &scope, 10 * part, people());
        hear(&c, &scope, 10 * part + 1, people());
    }
    for day in 100..140 {
        hear(&c, &scope, day, (0..2).map(|n| format!("p{n}@part5.example")));
    }
    let rows = count(&c, "SELECT count(*) FROM counterparties");
    assert!(rows <= LIMIT + LIMIT / SLACK, "{rows}");
    let lately = "SELECT count(*) FROM counterparties WHERE heard_days > 20";
    assert_eq!(count(&c, lately), 3, "two people and their domain");
}
