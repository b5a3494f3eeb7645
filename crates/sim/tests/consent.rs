//! The pages on which an administrator consents, over HTTP: what they send back and what they keep.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use clawback_sim::Behaviour;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use support::Sim;
use url::Url;

const BACK: &str = "http://127.0.0.1:8480/auth/microsoft";

/// What is asked for, with some parameters replaced; an empty value leaves one out.
fn asked(sim: &Sim, path: &str, changes: &[(&str, &str)]) -> Url {
    let config = sim.world.config();
    let path = path.replace("TENANT", &config.tenant_id);
    let mut url: Url = format!("{}/{path}", sim.root).parse().expect("a URL");
    let scope = format!("{}/.default", sim.root);
    let good = [
        ("client_id", config.client_id.as_str()),
        ("scope", &scope),
        ("redirect_uri", BACK),
        ("state", "a&b 1"),
    ];
    for (name, value) in good {
        let changed = changes.iter().find(|(changed, _)| *changed == name);
        let value = changed.map_or(value, |(_, value)| value);
        if !value.is_empty() {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    url
}

async fn decide(url: &Url, decision: &str) -> Vec<(String, String)> {
    let client = Client::builder().redirect(Policy::none()).build().expect("a client");
    let mut url = url.clone();
    url.set_path(&format!("{}/{decision}", url.path()));
    let response = client.post(url).send().await.expect("an answer");
    assert!(response.status().is_redirection(), "{}", response.status());
    let back = response.headers()["location"].to_str().expect("ASCII");
    assert!(back.starts_with(&format!("{BACK}?")), "{back}");
    let back: Url = back.parse().expect("a URL");
    back.query_pairs().into_owned().collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

async fn unconsented() -> Sim {
    Sim::start_with(Behaviour { consent: false, ..Behaviour::default() }).await
}

#[tokio::test]
async fn consent_comes_back_with_the_tenant_and_the_state_and_a_refusal_looks_much_like_it() {
    let sim = unconsented().await;
    let url = asked(&sim, "TENANT/v2.0/adminconsent", &[]);
    let refused = decide(&url, "cancel").await;
    assert_eq!(value(&refused, "admin_consent"), Some("True"), "also on errors");
    assert_eq!(value(&refused, "error"), Some("consent_required"));
    assert_eq!((value(&refused, "state"), value(&refused, "tenant")), (Some("a&b 1"), None));
    assert!(!sim.world.behaviour().consent);
    let given = decide(&url, "accept").await;
    assert_eq!(value(&given, "error"), None);
    assert_eq!(value(&given, "tenant"), Some(sim.world.config().tenant_id.as_str()));
    assert_eq!(value(&given, "state"), Some("a&b 1"));
    assert!(sim.world.behaviour().consent);
}

#[tokio::test]
async fn the_older_page_refuses_in_other_words_and_without_the_state() {
    let sim = unconsented().await;
    let url = asked(&sim, "common/adminconsent", &[("scope", "")]);
    let refused = decide(&url, "cancel").await;
    assert_eq!(value(&refused, "error"), Some("permission_denied"));
    let told = value(&refused, "error_description");
    assert_eq!(told, Some("The admin canceled the request"));
    assert_eq!((value(&refused, "state"), value(&refused, "admin_consent")), (None, None));
    let given = decide(&url, "accept").await;
    assert_eq!(value(&given, "state"), Some("a&b 1"));
    assert!(sim.world.behaviour().consent);
}

#[tokio::test]
async fn what_was_not_registered_stays_on_the_page() {
    let sim = unconsented().await;
    for (path, changes) in [
        ("TENANT/v2.0/adminconsent", ("redirect_uri", "https://evil.example/auth/microsoft")),
        ("TENANT/v2.0/adminconsent", ("redirect_uri", "http://127.0.0.1:8480/elsewhere")),
        ("TENANT/v2.0/adminconsent", ("redirect_uri", "")),
        ("TENANT/v2.0/adminconsent", ("client_id", "another")),
        ("TENANT/v2.0/adminconsent", ("scope", "https://graph.example/Mail.ReadWrite")),
        ("common/v2.0/adminconsent", ("state", "x")),
        ("TENANT/adminconsent", ("redirect_uri", "https://evil.example/auth/microsoft")),
    ] {
        let url = asked(&sim, path, &[changes]);
        let client = Client::builder().redirect(Policy::none()).build().expect("a client");
        for decision in ["", "/accept", "/cancel"] {
            let mut url = url.clone();
            url.set_path(&format!("{}{decision}", url.path()));
            let request = if decision.is_empty() { client.get(url) } else { client.post(url) };
            let status = request.send().await.expect("an answer").status();
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {changes:?} {decision}");
        }
    }
    assert!(!sim.world.behaviour().consent);
    let good = asked(&sim, "TENANT/v2.0/adminconsent", &[]);
    let page = Client::new().get(good).send().await.expect("an answer");
    assert!(page.text().await.expect("a page").contains("Mail.ReadWrite"));
}
