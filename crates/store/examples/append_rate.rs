//! How fast mail becomes durable, and how fast it is recorded, on this machine's disk.
//!
//! `cargo run --release --example append_rate -p clawback-store [FOLDER [records [SECONDS]]]`
//! prints rates; the folder should be on the disk that is to be measured. `records` measures the
//! records alone, for as long as one likes: what they cost when there are many is what counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::cast_precision_loss)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use clawback_core::audit::Actor;
use clawback_core::history::{Contact, Gathered, Prevalence, Profile, Senders};
use clawback_core::identity::Identity;
use clawback_core::record::{Arrival, MessageRecord, Recipient, SegmentRecord, Summary};
use clawback_core::tenant::Tenant;
use clawback_core::verdict::KnowledgeVersion;
use clawback_core::{
    Clock, Destination, Disposition, Entropy, MessageId, Reach, Region, SegmentId, TenantId,
    UnixMillis, Verdict,
};
use clawback_mail::address::Address;
use clawback_mail::indicator::{Indicator, IndicatorKind};
use clawback_store::{Envelope, Incoming, Records, RootKey, Settings, Store};

struct Wall;

impl Clock for Wall {
    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        UnixMillis(u64::try_from(since.as_millis()).unwrap())
    }
}

/// Octets that differ, and are good for nothing else.
struct Scatter(AtomicU64);

impl Scatter {
    fn next(&self) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

impl Entropy for Scatter {
    fn fill(&self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_be_bytes()[..chunk.len()]);
        }
    }
}

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).map(std::path::PathBuf::from);
    let dir = tempfile::tempdir_in(folder.unwrap_or_else(std::env::temp_dir)).unwrap();
    let seed = u64::from(std::process::id());
    let (clock, entropy) = (Arc::new(Wall), Arc::new(Scatter(seed.into())));
    let settings = Settings {
        records: Records::Sqlite(dir.path().join("clawback.db")),
        segments_dir: dir.path().join("segments"),
        root_key: RootKey::load_or_create(&dir.path().join("root.key"), &*entropy).unwrap(),
        reserve_octets: 0,
    };
    let store = Store::open(settings, clock, Arc::clone(&entropy) as _).await.unwrap();
    let tenant = Tenant::new(TenantId::from_octets([1; 16]), "Example".into(), Vec::new());
    store.control().create_tenant(&tenant, &Actor::system("bench")).await.unwrap();
    let mode = std::env::args().nth(2);
    if mode.as_deref() == Some("records") {
        claim(&store, tenant.id, &entropy).await;
        let seconds = std::env::args().nth(3).and_then(|text| text.parse().ok()).unwrap_or(60);
        return record(&store, tenant.id, &entropy, Duration::from_secs(seconds)).await;
    }
    append(&store, tenant.id, &entropy, 1).await;
    let (count, took) = append(&store, tenant.id, &entropy, 20).await;
    append(&store, tenant.id, &entropy, 100).await;
    record(&store, tenant.id, &entropy, MEASURED).await;
    // What `cargo xtask bench` reads: twenty sessions.
    println!("{{\"count\":{count},\"seconds\":{took:.3}}}");
}

/// Base64 of octets that cannot be guessed: what mail is mostly made of.
fn mail(entropy: &Scatter) -> Bytes {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut octets = vec![0; MAIL_OCTETS];
    entropy.fill(&mut octets);
    octets.iter_mut().for_each(|octet| *octet = LETTERS[usize::from(*octet % 64)]);
    octets.into()
}

async fn append(store: &Store, tenant: TenantId, entropy: &Scatter, tasks: usize) -> (usize, f64) {
    let region = store.region(&Region::global());
    let octets = mail(entropy);
    let began = Instant::now();
    let mut running = Vec::new();
    for _ in 0..tasks {
        let (region, octets) = (region.clone(), octets.clone());
        running.push(tokio::spawn(async move {
            let mut waits = Vec::new();
            while began.elapsed() < MEASURED {
                let one = Instant::now();
                let envelope = Envelope::default();
                let incoming = Incoming { tenant, envelope, octets: octets.clone() };
                region.append(incoming).await.unwrap();
                waits.push(one.elapsed());
            }
            waits
        }));
    }
    let mut waits = Vec::new();
    for task in running {
        waits.extend(task.await.unwrap());
    }
    let took = began.elapsed().as_secs_f64();
    waits.sort();
    let at = |of_hundred: usize| waits[(waits.len() - 1) * of_hundred / 100].as_secs_f64() * 1e3;
    println!(
        "append, 75 KB, {tasks} tasks: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
        waits.len() as f64 / took,
        at(50),
        at(99),
    );
    (waits.len(), took)
}

/// Records segments of 128 messages with 30 indicators and 2 recipients each, judged beforehand.
async fn record(store: &Store, tenant: TenantId, entropy: &Scatter, measured: Duration) {
    let region = store.region(&Region::global());
    let (mut messages, mut took) = (0, Duration::ZERO);
    let (mut began, mut before) = (0, machine());
    while took < measured {
        region
            .append(Incoming { tenant, envelope: Envelope::default(), octets: "x".into() })
            .await
            .unwrap();
        let Some(claim) = region.claim_segment("bench", LEASE).await.unwrap() else { continue };
        let records = (0..128).map(|place| message(tenant, claim.id, place, entropy)).collect();
        let (at, here) = (Wall.now(), Region::global());
        let record = SegmentRecord { segment: claim.id, region: here, messages: records, at };
        let one = Instant::now();
        messages += region.record(&claim, record).await.unwrap().messages;
        took += one.elapsed();
        if messages - began >= REPORT_EVERY || took >= measured {
            let (now, since) = (machine(), (messages - began) as f64);
            println!(
                "record, {messages} messages, 30 indicators each: {:.0}/s since the start; \
                 lately {:.3} ms of processor and {:.1} KB written a message",
                messages as f64 / took.as_secs_f64(),
                (now.0 - before.0) / since,
                (now.1 - before.1) / since,
            );
            (began, before) = (messages, now);
        }
    }
}

/// Milliseconds of processor and KB written by this process so far.
fn machine() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let written = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    let written = written.and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    ((ticks(11) + ticks(12)) * 10.0, written / 1e3)
}

/// What a claim costs beside a hundred thousand due copies, of one kind and of another.
async fn claim(store: &Store, tenant: TenantId, entropy: &Scatter) {
    let region = store.region(&Region::global());
    let mine = store.tenant(tenant, &Region::global());
    let settings = mine.settings().await.unwrap();
    let policy = settings.auto_retract.with(Disposition::Malicious, Destination::Trash).unwrap();
    mine.save_auto_retract(settings.version, policy, &Actor::system("bench")).await.unwrap();
    for (messages, copies) in [(5, 20_000), (1_000, 100)] {
        region
            .append(Incoming { tenant, envelope: Envelope::default(), octets: "x".into() })
            .await
            .unwrap();
        let segment = loop {
            if let Some(claim) = region.claim_segment("bench", LEASE).await.unwrap() {
                break claim;
            }
        };
        let bad = |place| {
            let mut record = message(tenant, segment.id, place, entropy);
            record.verdict.disposition = Disposition::Malicious;
            record.verdict.decided_by = Some("bench".into());
            let to = |n| recipient(&format!("r{n}-{place}@corp.example"));
            record.recipients = (0..copies).map(to).collect();
            record
        };
        let (at, here) = (Wall.now(), Region::global());
        let messages = (0..messages).map(bad).collect();
        let record = SegmentRecord { segment: segment.id, region: here, messages, at };
        region.record(&segment, record).await.unwrap();
        let mut waits = Vec::new();
        for _ in 0..50 {
            let (one, before) = (Instant::now(), machine().0);
            let claimed = region.claim_copies(64, Duration::ZERO, Wall.now()).await.unwrap();
            waits.push((one.elapsed(), machine().0 - before, claimed.len()));
        }
        waits.sort_by_key(|(took, ..)| *took);
        let cpu: f64 = waits.iter().map(|(_, cpu, _)| cpu).sum::<f64>() / 50.0;
        let claimed: usize = waits.iter().map(|(.., claimed)| claimed).sum();
        println!(
            "claim of 64, {copies} due copies each of many messages: p50 {:.1} ms, \
             processor {cpu:.1} ms, {claimed} claimed in 50",
            waits[25].0.as_secs_f64() * 1e3,
        );
    }
}

fn recipient(address: &str) -> Recipient {
    Recipient {
        written: address.into(),
        address: Address::parse(address).ok(),
        kind: "to".into(),
        via: None,
        reach: Reach::Internal,
    }
}

fn message(tenant: TenantId, segment: SegmentId, place: u32, entropy: &Scatter) -> MessageRecord {
    let mut digest = [0; 32];
    entropy.fill(&mut digest);
    let id = MessageId::derived(segment, place);
    // As many senders as messages nearly: what costs most where history is kept.
    let from = format!("orders-{}@shop-{}.example", entropy.next() % 10, entropy.next() % 100_000);
    let mut indicators: Vec<Indicator> = (0..24)
        .map(|_| Indicator {
            kind: IndicatorKind::Url,
            value: format!("https://{:x}.example/{:x}", entropy.next() % 5_000, entropy.next()),
        })
        .collect();
    indicators.extend((0..6).map(|_| Indicator {
        kind: IndicatorKind::Domain,
        value: format!("{:x}.example", entropy.next() % 5_000),
    }));
    MessageRecord {
        tenant,
        id,
        place,
        received: Wall.now(),
        arrival: Arrival::JournalReport,
        digest,
        report_id: None,
        identity: Identity { message_id: format!("{id}@shop.example.net"), ..Identity::default() },
        summary: Summary {
            subject: format!("Your order {:x} is on its way", entropy.next()),
            from_name: "Shop".into(),
            from_address: from.clone(),
            ..Summary::default()
        },
        recipients: (0..2)
            .map(|_| recipient(&format!("person-{}@corp.example", entropy.next() % 5_000)))
            .collect(),
        indicators,
        verdict: Verdict {
            disposition: Disposition::Clean,
            attributes: Vec::new(),
            findings: Vec::new(),
            decided_by: None,
            allowed_by: None,
            otherwise: None,
            knowledge: KnowledgeVersion::default(),
        },
        defects: Vec::new(),
        gathered: gathered(),
        contact: Contact { heard: Address::parse(&from).ok(), wrote: false },
    }
}

/// What is usually gathered.
fn gathered() -> Gathered {
    let profile = Profile {
        prevalence: Prevalence::Uncommon,
        solicited: Some(false),
        days_known: 17.1234,
        ..Profile::default()
    };
    let senders = Senders { address: Some(profile), domain: Some(profile), ..Senders::default() };
    Gathered { senders: Some(senders), ..Gathered::default() }
}

const LEASE: Duration = Duration::from_secs(60);
const MAIL_OCTETS: usize = 75 * 1_000;
const REPORT_EVERY: u64 = 25_600;
const MEASURED: Duration = Duration::from_secs(5);
