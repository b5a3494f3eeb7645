//! How long copies took from received to verified, out of the records of a folder that no clawback
//! runs on: `retract_times FOLDER`. Prints one line of JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods)]

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clawback_core::trace::{Query, Span};
use clawback_core::{Clock, Entropy, Region, UnixMillis};
use clawback_store::{Records, RootKey, Settings, Store};

struct Wall;

impl Clock for Wall {
    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        UnixMillis(u64::try_from(since.as_millis()).unwrap())
    }
}

/// Nothing is written here that needs randomness.
struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, octets: &mut [u8]) {
        octets.fill(7);
    }
}

#[tokio::main]
async fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let settings = Settings {
        records: Records::Sqlite(folder.join("clawback.db")),
        segments_dir: folder.join("segments"),
        root_key: RootKey::load_or_create(&folder.join("root.key"), &Fixed).unwrap(),
        reserve_octets: 0,
    };
    let store = Store::open(settings, Arc::new(Wall), Arc::new(Fixed)).await.unwrap();
    let tenant = store.control().tenants().await.unwrap().remove(0);
    let records = store.tenant(tenant.id, &Region::global());
    let span = Span { from: UnixMillis(0), to: UnixMillis(u64::MAX / 2) };
    let (query, mut after, mut took) = (Query::parse("").unwrap(), None, Vec::new());
    loop {
        let page = records.trace(&query, span, after, 100).await.unwrap();
        for row in &page.rows {
            let detail = records.message(row.id).await.unwrap().unwrap();
            let done = detail.timeline.iter().filter(|entry| entry.action == "copy.retracted");
            took.extend(done.map(|entry| entry.at.0.saturating_sub(detail.received.0)));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    took.sort_unstable();
    let at = |of_hundred: usize| took.get(took.len().saturating_sub(1) * of_hundred / 100);
    let (p50, p99) = (at(50).copied().unwrap_or(0), at(99).copied().unwrap_or(0));
    println!("{{\"count\":{},\"p50_ms\":{p50},\"p99_ms\":{p99}}}", took.len());
}
