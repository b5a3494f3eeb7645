//! A store in a folder of its own, with a clock in hand and octets that count.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clawback_core::audit::Actor;
use clawback_core::identity::Identity;
use clawback_core::record::{Arrival, MessageRecord, Recipient, SegmentRecord, Summary};
use clawback_core::tenant::Tenant;
use clawback_core::trace::Span;
use clawback_core::verdict::KnowledgeVersion;
use clawback_core::{
    Clock, Destination, Disposition, Entropy, Evidence, Finding, MessageId, Reach, Region,
    Severity, TenantId, UnixMillis, Verdict,
};
use clawback_mail::address::{Address, Domain};
use clawback_store::{
    ClaimedSegment, Committed, Envelope, Incoming, Recorded, Records, RegionStore, RootKey,
    Settings, Store, StoreError, StoredMail, TenantStore,
};

pub(crate) const NOON: u64 = 20_000 * 86_400_000 + 43_200_000;
pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// Time that moves when told to.
pub(crate) struct HandClock(AtomicU64);

impl HandClock {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

/// Octets that never repeat.
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) entropy: Arc<Counting>,
    pub(crate) region: Region,
    pub(crate) tenant: TenantId,
}

pub(crate) fn tenant_id(number: u8) -> TenantId {
    TenantId::from_octets([number; 16])
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(NOON.into()));
        let entropy = Arc::new(Counting(1.into()));
        let store = open(dir.path(), &clock, &entropy, "root.key").await.unwrap();
        let region = Region::global();
        let world = Self { dir, store, clock, entropy, region, tenant: tenant_id(1) };
        world.add_tenant(1, "corp.example").await;
        world
    }

    pub(crate) async fn add_tenant(&self, number: u8, domain: &str) -> TenantId {
        let domains = vec![Domain::parse(domain).unwrap()];
        let tenant = Tenant::new(tenant_id(number), format!("Tenant {number}"), domains);
        self.store.control().create_tenant(&tenant, &Actor::system("test")).await.unwrap();
        tenant.id
    }

    /// The same folder again, as after a restart.
    pub(crate) async fn reopen(&mut self) {
        self.store = open(self.dir.path(), &self.clock, &self.entropy, "root.key").await.unwrap();
    }

    /// The program ends, and is started again.
    pub(crate) async fn restart(&mut self) {
        self.reopen().await;
        self.here().recover_claims(self.now()).await.unwrap();
    }

    /// The same folder again, where raw mail has to leave this much of the disk free.
    pub(crate) async fn reopen_with_reserve(&mut self, octets: u64) {
        let settings = Settings {
            reserve_octets: octets,
            ..settings(self.dir.path(), &self.entropy, "root.key")
        };
        let (clock, entropy) = (Arc::clone(&self.clock), Arc::clone(&self.entropy));
        self.store = Store::open(settings, clock, entropy).await.unwrap();
    }

    pub(crate) async fn open_with_key(&self, key: &str) -> Result<Store, StoreError> {
        open(self.dir.path(), &self.clock, &self.entropy, key).await
    }

    pub(crate) fn here(&self) -> RegionStore {
        self.store.region(&self.region)
    }

    pub(crate) fn mine(&self) -> TenantStore {
        self.store.tenant(self.tenant, &self.region)
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    pub(crate) fn ever(&self) -> Span {
        Span { from: UnixMillis(0), to: UnixMillis(NOON * 2) }
    }

    pub(crate) fn records_path(&self) -> PathBuf {
        self.dir.path().join("clawback.db")
    }

    pub(crate) fn segment_files(&self) -> Vec<PathBuf> {
        files(&self.dir.path().join("segments"))
    }

    pub(crate) fn incoming(&self, octets: &[u8]) -> Incoming {
        let octets = Bytes::copy_from_slice(octets);
        Incoming { tenant: self.tenant, envelope: envelope(), octets }
    }

    pub(crate) async fn append(&self, octets: &[u8]) -> Committed {
        self.here().append(self.incoming(octets)).await.unwrap()
    }

    /// Waits for the next segment to be known, and claims it.
    pub(crate) async fn claim(&self) -> ClaimedSegment {
        let here = self.here();
        let claiming = async {
            loop {
                if let Some(claimed) = here.claim_segment("test", LEASE).await.unwrap() {
                    return claimed;
                }
                here.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), claiming).await.unwrap()
    }

    /// Every mail of a segment.
    pub(crate) async fn read(&self, claim: &ClaimedSegment) -> Vec<StoredMail> {
        let mut reader = self.here().open_segment(claim).await.unwrap();
        let mut mails = Vec::new();
        while let Some(some) = reader.next(1_000_000).await.unwrap() {
            mails.extend(some);
        }
        mails
    }

    /// Takes a mail in and records it as `change` says.
    pub(crate) async fn recorded(
        &self,
        change: impl FnOnce(&mut MessageRecord),
    ) -> (MessageId, Recorded) {
        self.append(b"a mail").await;
        let claim = self.claim().await;
        let mut record = message(self, &claim, 0);
        change(&mut record);
        let id = record.id;
        let recorded = self.here().record(&claim, segment(self, &claim, vec![record])).await;
        (id, recorded.unwrap())
    }

    /// Records `count` messages as `change` says, all in one segment.
    pub(crate) async fn recorded_many(
        &self,
        count: u32,
        change: impl Fn(u32, &mut MessageRecord),
    ) -> Vec<MessageId> {
        self.append(b"a mail").await;
        let claim = self.claim().await;
        let mut records: Vec<_> = (0..count).map(|place| message(self, &claim, place)).collect();
        for (place, record) in (0..).zip(&mut records) {
            change(place, record);
        }
        let ids = records.iter().map(|record| record.id).collect();
        self.here().record(&claim, segment(self, &claim, records)).await.unwrap();
        ids
    }

    pub(crate) async fn set_policy(&self, disposition: Disposition, destination: Destination) {
        self.set_policy_of(self.tenant, disposition, destination).await;
    }

    pub(crate) async fn set_policy_of(
        &self,
        tenant: TenantId,
        disposition: Disposition,
        destination: Destination,
    ) {
        let mine = self.store.tenant(tenant, &self.region);
        let settings = mine.settings().await.unwrap();
        let policy = settings.auto_retract.with(disposition, destination).unwrap();
        let actor = Actor::system("test");
        mine.save_auto_retract(settings.version, policy, &actor).await.unwrap();
    }
}

async fn open(
    dir: &Path,
    clock: &Arc<HandClock>,
    entropy: &Arc<Counting>,
    key: &str,
) -> Result<Store, StoreError> {
    let settings = settings(dir, entropy, key);
    Store::open(settings, Arc::clone(clock) as _, Arc::clone(entropy) as _).await
}

fn settings(dir: &Path, entropy: &Arc<Counting>, key: &str) -> Settings {
    Settings {
        records: Records::Sqlite(dir.join("clawback.db")),
        segments_dir: dir.join("segments"),
        root_key: RootKey::load_or_create(&dir.join(key), &**entropy).unwrap(),
        reserve_octets: 0,
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

pub(crate) fn envelope() -> Envelope {
    Envelope {
        mail_from: "journal@corp.example".into(),
        recipients: vec!["j-1@journal.clawback.example".into()],
        helo: "mail.corp.example".into(),
        peer: "192.0.2.7:41000".into(),
        tls: Some("starttls".into()),
        client_names: Vec::new(),
        faults: Vec::new(),
    }
}

pub(crate) fn recipient(address: &str) -> Recipient {
    Recipient {
        written: address.into(),
        address: Address::parse(address).ok(),
        kind: "to".into(),
        via: None,
        reach: if address.ends_with("@corp.example") { Reach::Internal } else { Reach::External },
    }
}

pub(crate) fn verdict(disposition: Disposition) -> Verdict {
    let evidence = Evidence::new("link 1", "https://lure.example/pay", "");
    let finding = Finding::new("intel-url", "A known bad link", Severity::Critical, evidence);
    let argued = disposition > Disposition::Clean;
    Verdict {
        disposition,
        attributes: Vec::new(),
        findings: if argued { vec![finding.says(disposition)] } else { Vec::new() },
        decided_by: argued.then(|| "intel-url".into()),
        allowed_by: None,
        otherwise: None,
        knowledge: KnowledgeVersion { rules: "1".into(), lists: 1, intel: 1 },
    }
}

/// A malicious message to Anna, different from every other.
pub(crate) fn message(world: &World, claim: &ClaimedSegment, place: u32) -> MessageRecord {
    let id = MessageId::derived(claim.id, place);
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(&id.octets());
    MessageRecord {
        tenant: world.tenant,
        id,
        place,
        received: world.now(),
        arrival: Arrival::JournalReport,
        digest,
        report_id: None,
        identity: Identity {
            message_id: format!("{id}@shop.example.net"),
            from: "billing@shop.example.net".into(),
            subject: "Your invoice".into(),
            sent: Some(world.now()),
            received: Some(world.now()),
            network_id: None,
        },
        summary: Summary {
            from_name: "Billing".into(),
            from_address: "billing@shop.example.net".into(),
            subject: "Your invoice".into(),
            octets: 6,
            ..Summary::default()
        },
        recipients: vec![recipient("anna@corp.example")],
        indicators: Vec::new(),
        verdict: verdict(Disposition::Malicious),
        defects: Vec::new(),
    }
}

pub(crate) fn segment(
    world: &World,
    claim: &ClaimedSegment,
    messages: Vec<MessageRecord>,
) -> SegmentRecord {
    let region = world.region.clone();
    SegmentRecord { segment: claim.id, region, messages, at: world.now() }
}
