//! Sending an administrator to Microsoft and back, against a simulated one on loopback.

use axum::http::StatusCode;
use clawback_core::audit::Actor;
use clawback_core::tenant::Tenant;
use clawback_mail::address::Domain;
use clawback_remote::Secret;
use clawback_remote::microsoft::GraphSettings;
use clawback_sim::Behaviour;
use tokio::net::TcpListener;
use url::Url;

use super::world::{Answer, Browser, EMAIL, PASSWORD, World};
use crate::providers::App;

const PAGE: &str = "/settings/email/authorize";
const HERE: &str = "http://127.0.0.1:8480";

/// A dashboard whose app registration is known to a simulated Microsoft 365.
struct Scene {
    world: World,
    sim: clawback_sim::World,
    browser: Browser,
    client: reqwest::Client,
}

impl Scene {
    /// The tenant has the simulated organisation's domain, or another.
    async fn new(domain: &str) -> Self {
        let mut world = World::new().await;
        let sim = clawback_sim::World::new(clawback_sim::Config::example());
        sim.set_behaviour(Behaviour { consent: false, ..sim.behaviour() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(clawback_sim::serve(listener, sim.clone(), std::future::pending()));
        let config = sim.config();
        let template = GraphSettings {
            login_url: root.clone(),
            graph_url: root,
            client_id: config.client_id.clone(),
            credential: Secret::new(config.client_secret.clone()).into(),
            ..GraphSettings::default()
        };
        world.app = Some(App { template });
        let tenant = world.store.control().tenant(world.tenant).await.unwrap().unwrap();
        let before = tenant.clone();
        let tenant = Tenant { domains: vec![Domain::parse(domain).unwrap()], ..tenant };
        world
            .store
            .control()
            .update_tenant(&before, &tenant, &Actor::system("test"))
            .await
            .unwrap();
        let mut browser = world.browser_at(Some(HERE));
        browser.sign_in(EMAIL, PASSWORD).await;
        let no_redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().redirect(no_redirects).build().unwrap();
        Self { world, sim, browser, client }
    }

    /// Where "Authorize" leads.
    async fn begin(&mut self) -> Url {
        let answer = self.browser.post("/settings/email/authorize/microsoft", &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.location().parse().unwrap()
    }

    /// Reads the page there and decides; where that leads back to, without the host.
    async fn decide(&self, consent: &Url, decision: &str) -> String {
        let page = self.client.get(consent.clone()).send().await.unwrap();
        assert_eq!(page.status().as_u16(), 200);
        let mut form = consent.clone();
        form.set_path(&format!("{}/{decision}", consent.path()));
        let answer = self.client.post(form).send().await.unwrap();
        let back = answer.headers().get("location").unwrap().to_str().unwrap().to_owned();
        back.strip_prefix(HERE).unwrap().to_owned()
    }

    async fn directory(&self) -> Option<String> {
        let control = self.world.store.control();
        control.tenant(self.world.tenant).await.unwrap().unwrap().microsoft_tenant
    }
}

fn says(answer: &Answer, text: &str) {
    assert!(answer.body.contains(text), "{text}: {}", answer.body);
}

#[tokio::test]
async fn consent_leads_back_to_an_authorised_tenant_and_counts_once() {
    let mut scene = Scene::new("corp.example").await;
    says(&scene.browser.get(PAGE).await, "Not authorized");
    let consent = scene.begin().await;
    assert!(consent.query().unwrap().contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A8480"));
    let back = scene.decide(&consent, "accept").await;

    let answer = scene.browser.get(&back).await;
    assert_eq!(answer.location(), "/settings/email/authorize?authorized", "{}", answer.body);
    let page = scene.browser.get(answer.location()).await;
    for text in ["Microsoft 365 is authorized.", "Dismiss", "Granted", "Mail.ReadWrite"] {
        says(&page, text);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!("form-action 'self' http://{}", consent.authority())));
    assert_eq!(scene.directory().await.as_ref(), Some(&scene.sim.config().tenant_id));

    let again = scene.browser.get(&back).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&again, "was used already");
}

#[tokio::test]
async fn what_was_declined_changes_nothing_though_it_says_granted() {
    let mut scene = Scene::new("corp.example").await;
    let consent = scene.begin().await;
    let back = scene.decide(&consent, "cancel").await;
    assert!(back.contains("admin_consent=True"));
    says(&scene.browser.get(&back).await, "declined at Microsoft");
    assert_eq!(scene.directory().await, None);
}

#[tokio::test]
async fn an_answer_is_for_the_session_that_asked() {
    let mut scene = Scene::new("corp.example").await;
    let consent = scene.begin().await;
    let back = scene.decide(&consent, "accept").await;
    let mut other = scene.browser.another("192.0.2.99");
    other.sign_in(EMAIL, PASSWORD).await;
    says(&other.get(&back).await, "was not asked for here");
    assert_eq!(scene.directory().await, None);
    // Nobody took it away from whom it belongs to.
    assert_eq!(scene.browser.get(&back).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_directory_that_is_somebody_elses_is_not_connected() {
    let mut scene = Scene::new("other.example").await;
    let consent = scene.begin().await;
    let back = scene.decide(&consent, "accept").await;
    says(&scene.browser.get(&back).await, "none of this organisation");
    assert_eq!(scene.directory().await, None);

    let consent = scene.begin().await;
    let back = scene.decide(&consent, "accept").await;
    let ours = scene.sim.config().tenant_id.clone();
    let forged = back.replace(&ours, "ffffffff-0000-4000-8000-ffffffffffff");
    assert_ne!(forged, back);
    says(&scene.browser.get(&forged).await, "Authorization did not finish");
    assert_eq!(scene.directory().await, None);
}

#[tokio::test]
async fn what_was_revoked_shows_and_what_was_removed_is_gone() {
    let mut scene = Scene::new("corp.example").await;
    let consent = scene.begin().await;
    let back = scene.decide(&consent, "accept").await;
    scene.browser.get(&back).await;
    let probed = scene
        .browser
        .post("/settings/email/authorize/probe", &[("address", "nobody@corp.example")])
        .await;
    says(&probed, "no mailbox has this address");

    let behaviour = scene.sim.behaviour();
    scene.sim.set_behaviour(Behaviour { consent: false, ..behaviour });
    scene.browser.post("/settings/email/authorize/check", &[]).await;
    let removed = scene.browser.post("/settings/email/authorize/remove", &[]).await;
    assert_eq!(removed.location(), "/settings/email/authorize?removed");
    says(&scene.browser.get(removed.location()).await, "The connection was removed here");
    assert_eq!(scene.directory().await, None);
}
