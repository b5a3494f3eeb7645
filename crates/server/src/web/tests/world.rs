//! A store with one operator, a clock in hand, and a browser that keeps its cookies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use clawback_core::audit::Actor;
use clawback_core::history::{Contact, Gathered};
use clawback_core::identity::Identity;
use clawback_core::record::{Arrival, MessageRecord, Recipient, SegmentRecord, Summary};
use clawback_core::tenant::Tenant;
use clawback_core::verdict::KnowledgeVersion;
use clawback_core::{
    Clock, Disposition, Entropy, Evidence, Finding, MessageId, OperatorId, Reach, Region, Severity,
    TenantId, UnixMillis, Verdict,
};
use clawback_mail::address::{Address, Domain};
use clawback_store::{Envelope, Incoming, NewOperator, Records, RootKey, Settings, Store};
use tower::ServiceExt;
use url::Url;

use crate::providers::{App, Apps, Providers};
use crate::web::kept::Kept;
use crate::web::operator::hash_password;
use crate::web::{WebState, router};

pub(super) const EMAIL: &str = "dana@corp.example";
pub(super) const PASSWORD: &str = "correct horse battery";
const NOON: u64 = 20_000 * 86_400_000 + 43_200_000;

pub(super) struct HandClock(AtomicU64);

impl HandClock {
    pub(super) fn forward(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(super) struct World {
    pub(super) _dir: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) clock: Arc<HandClock>,
    entropy: Arc<Counting>,
    pub(super) tenant: TenantId,
    /// The app registration that tenants connect by.
    pub(super) app: Option<App>,
}

impl World {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(NOON.into()));
        let entropy = Arc::new(Counting(1.into()));
        let settings = Settings {
            records: Records::Sqlite(dir.path().join("clawback.db")),
            segments_dir: dir.path().join("segments"),
            root_key: RootKey::load_or_create(&dir.path().join("root.key"), &*entropy).unwrap(),
            reserve_octets: 0,
        };
        let store = Store::open(settings, Arc::clone(&clock) as _, Arc::clone(&entropy) as _);
        let store = store.await.unwrap();
        let tenant = TenantId::from_octets([1; 16]);
        let world = Self { _dir: dir, store, clock, entropy, tenant, app: None };
        world.add_tenant(1, "corp.example", EMAIL).await;
        world
    }

    pub(super) async fn add_tenant(&self, number: u8, domain: &str, email: &str) -> TenantId {
        let id = TenantId::from_octets([number; 16]);
        let domains = vec![Domain::parse(domain).unwrap()];
        let tenant = Tenant::new(id, format!("Tenant {number}"), domains);
        let control = self.store.control();
        control.create_tenant(&tenant, &Actor::system("test")).await.unwrap();
        let operator = NewOperator {
            id: OperatorId::from_octets([number; 16]),
            tenant: id,
            email: email.to_owned(),
            name: "Dana Reyes".to_owned(),
            password_hash: hash_password(PASSWORD, &*self.entropy).unwrap(),
        };
        control.create_operator(operator, &Actor::system("test")).await.unwrap();
        id
    }

    /// Octets that nobody has to guess.
    pub(super) fn entropy(&self) -> impl Entropy + use<> {
        Counting(AtomicU64::new(self.entropy.0.load(Ordering::SeqCst)))
    }

    /// A browser that nobody signed in with.
    pub(super) fn browser(&self) -> Browser {
        self.browser_at(None)
    }

    /// A browser that comes by this public address.
    pub(super) fn browser_at(&self, public_url: Option<&str>) -> Browser {
        let public_url = public_url.map(|url| Url::parse(url).unwrap());
        Self::browser_of(WebState { public_url, ..self.state() })
    }

    /// What the dashboard runs on, to be changed before a browser opens it.
    pub(super) fn state(&self) -> WebState {
        let (clock, entropy) = (Arc::clone(&self.clock) as _, Arc::clone(&self.entropy) as _);
        let providers = Providers::new(
            self.store.clone(),
            Apps { microsoft: self.app.clone(), google: None },
            Arc::clone(&self.clock) as _,
            Arc::clone(&self.entropy) as _,
        );
        let providers = Arc::new(providers);
        let store = self.store.clone();
        let state = WebState::new(
            store,
            clock,
            entropy,
            Region::global(),
            None,
            (providers, Arc::default()),
        );
        // The clock stands still: whatever was kept would be kept for ever.
        let (overviews, reviews) =
            (Kept::unless_below(Duration::MAX), Kept::unless_below(Duration::MAX));
        WebState { overviews: Arc::new(overviews), reviews: Arc::new(reviews), ..state }
    }

    /// A browser at a dashboard; of one dashboard there may be several.
    pub(super) fn browser_of(state: WebState) -> Browser {
        let router = router(state);
        Browser { router, cookie: String::new(), device: String::new(), peer: "192.0.2.10".into() }
    }

    /// A browser in which Dana signed in.
    pub(super) async fn signed_in(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(EMAIL, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        browser
    }

    /// Takes a mail in for a tenant and records it as `change` says.
    pub(super) async fn recorded(
        &self,
        tenant: TenantId,
        change: impl FnOnce(&mut MessageRecord),
    ) -> MessageId {
        let region = Region::global();
        let here = self.store.region(&region);
        let octets = Bytes::from_static(b"a mail");
        here.append(Incoming { tenant, envelope: envelope(), octets }).await.unwrap();
        let claiming = async {
            loop {
                if let Some(claim) =
                    here.claim_segment("test", Duration::from_secs(60)).await.unwrap()
                {
                    return claim;
                }
                here.notified().await;
            }
        };
        let claim = tokio::time::timeout(Duration::from_secs(20), claiming).await.unwrap();
        let mut record = message(tenant, MessageId::derived(claim.id, 0), self.clock.now());
        change(&mut record);
        let id = record.id;
        let at = self.clock.now();
        let record = SegmentRecord { segment: claim.id, region, messages: vec![record], at };
        here.record(&claim, record).await.unwrap();
        id
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie whose name begins so, as it was set.
    pub(super) fn cookie(&self, name: &str) -> &str {
        let all = self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
        all.into_iter().find(|cookie| cookie.starts_with(name)).unwrap_or_default()
    }

    pub(super) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }
}

/// Sends requests as a browser would, with the cookie it was given.
pub(super) struct Browser {
    router: Router,
    /// The session.
    pub(super) cookie: String,
    /// What it is known by.
    pub(super) device: String,
    /// Where it is.
    pub(super) peer: String,
}

impl Browser {
    /// Another browser at the same dashboard, somewhere else.
    pub(super) fn another(&self, peer: &str) -> Self {
        let router = self.router.clone();
        Self { router, cookie: String::new(), device: String::new(), peer: peer.to_owned() }
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(super) async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(path, form, &[("sec-fetch-site", "same-origin")]).await
    }

    pub(super) async fn post_with(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request =
            Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.finish())).unwrap()).await
    }

    pub(super) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/login", &[("email", email), ("password", password)]).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        headers.entry("host").or_insert("clawback.corp.example".parse().unwrap());
        let cookies: Vec<&str> =
            [&*self.cookie, &*self.device].into_iter().filter(|pair| !pair.is_empty()).collect();
        if !cookies.is_empty() {
            headers.insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let peer = SocketAddr::new(self.peer.parse().unwrap(), 41_000);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let kept = if pair.contains("_device") { &mut self.device } else { &mut self.cookie };
            *kept = pair.to_owned();
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

fn envelope() -> Envelope {
    Envelope {
        mail_from: "journal@corp.example".into(),
        recipients: vec!["j-1@journal.clawback.example".into()],
        helo: "mail.corp.example".into(),
        peer: "192.0.2.7:41000".into(),
        tls: None,
        client_names: Vec::new(),
        faults: Vec::new(),
    }
}

pub(super) fn recipient(address: &str) -> Recipient {
    Recipient {
        written: address.into(),
        address: Address::parse(address).ok(),
        kind: "to".into(),
        via: None,
        reach: Reach::Internal,
    }
}

fn message(tenant: TenantId, id: MessageId, now: UnixMillis) -> MessageRecord {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(&id.octets());
    let evidence = Evidence::new("link 1", "https://lure.example/pay", "");
    let finding = Finding::new("intel-url", "A known bad link", Severity::Critical, evidence);
    MessageRecord {
        tenant,
        id,
        place: 0,
        received: now,
        arrival: Arrival::JournalReport,
        digest,
        report_id: None,
        identity: Identity {
            message_id: format!("{id}@shop.example.net"),
            from: "billing@shop.example.net".into(),
            subject: "Your invoice".into(),
            sent: Some(now),
            received: Some(now),
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
        verdict: Verdict {
            disposition: Disposition::Malicious,
            attributes: Vec::new(),
            findings: vec![finding.says(Disposition::Malicious)],
            decided_by: Some("intel-url".into()),
            allowed_by: None,
            otherwise: None,
            knowledge: KnowledgeVersion { rules: "1".into(), lists: 1, intel: 1 },
        },
        defects: Vec::new(),
        gathered: Gathered::default(),
        contact: Contact::default(),
    }
}
