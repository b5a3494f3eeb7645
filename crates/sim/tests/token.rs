//! The token endpoint, over HTTP: what it grants and what it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;

use clawback_sim::{Behaviour, Fault, On, Permission};
use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Method, StatusCode};
use support::{ANNA, Sim, code};

/// A rule, what is changed in a good form, and the status, error and code that follow.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str, u64);

#[tokio::test]
async fn refused_tokens_table() {
    let sim = Sim::start().await;
    let two = format!("{0}/.default {0}/Mail.Read", sim.root);
    let dynamic = format!("{}/Mail.ReadWrite", sim.root);
    let rows: &[Row<'_>] = &[
        ("bad secret", &[("client_secret", "x")], 401, "invalid_client", 7_000_215),
        ("no secret", &[("client_secret", "")], 401, "invalid_client", 7_000_218),
        ("unknown app", &[("client_id", "x")], 400, "unauthorized_client", 700_016),
        ("no client", &[("client_id", "")], 400, "invalid_request", 900_144),
        ("no grant", &[("grant_type", "")], 400, "invalid_request", 900_144),
        ("other grant", &[("grant_type", "password")], 400, "unsupported_grant_type", 70_003),
        ("no scope", &[("scope", "")], 400, "invalid_request", 900_144),
        ("dynamic scope", &[("scope", &dynamic)], 400, "invalid_scope", 70_011),
        ("two scopes", &[("scope", &two)], 400, "invalid_scope", 70_011),
        (
            "another cloud",
            &[("scope", "https://graph.elsewhere.example/.default")],
            400,
            "invalid_resource",
            500_011,
        ),
        (
            "no statement",
            &[
                ("client_secret", ""),
                ("client_assertion", "a.b.c"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ],
            401,
            "invalid_client",
            50_027,
        ),
    ];
    for (rule, changes, status, error, aadsts) in rows {
        let (got, body) = sim.ask_token(&sim.form(changes)).await;
        assert_eq!(got.as_u16(), *status, "{rule}: {body}");
        assert_eq!(body["error"], *error, "{rule}");
        assert_eq!(body["error_codes"][0], *aadsts, "{rule}");
        let text = body["error_description"].as_str().expect("a description");
        assert!(text.starts_with(&format!("AADSTS{aadsts}: ")), "{rule}: {text}");
        assert!(body["trace_id"].is_string() && body["timestamp"].is_string(), "{rule}");
    }
}

#[tokio::test]
async fn the_tenant_in_the_path_is_an_id_or_a_domain_of_it() {
    let sim = Sim::start().await;
    let form = sim.form(&[]);
    assert_eq!(sim.ask_token_of("corp.example", &form).await.0, StatusCode::OK);
    for (tenant, aadsts) in [("other.example", 90_002), ("common", 9_001_023)] {
        let (status, body) = sim.ask_token_of(tenant, &form).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(body["error_codes"][0], aadsts);
    }
}

#[tokio::test]
async fn the_secret_may_come_by_http_basic() {
    let sim = Sim::start().await;
    let config = sim.world.config();
    let url = format!("{}/{}/oauth2/v2.0/token", sim.root, config.tenant_id);
    let request = sim
        .client
        .post(url)
        .basic_auth(&config.client_id, Some(&config.client_secret))
        .form(&sim.form(&[("client_id", ""), ("client_secret", "")]));
    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn without_consent_the_application_is_not_known() {
    let sim = Sim::start_with(Behaviour { consent: false, ..Behaviour::default() }).await;
    let (status, body) = sim.ask_token(&sim.form(&[])).await;
    assert_eq!((status, &body["error_codes"][0]), (StatusCode::BAD_REQUEST, &700_016.into()));
}

#[tokio::test]
async fn a_missing_forged_or_expired_token_is_401_with_a_challenge() {
    let mut sim = Sim::start().await;
    let good = sim.token.clone();
    let mut forged = good.clone();
    forged.replace_range(4..5, if &good[4..5] == "A" { "B" } else { "A" });
    for token in ["", "garbage", "a.b.c", &forged] {
        sim.token = token.to_owned();
        refused(&sim).await;
    }
    sim.token = good;
    assert_eq!(sim.get("/organization").await.0, StatusCode::OK);
    sim.hand.advance_ms(3_600_000);
    refused(&sim).await;
}

async fn refused(sim: &Sim) {
    let request = sim.request(Method::GET, "/organization");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key(WWW_AUTHENTICATE));
    let (_, body) = support::read(response).await;
    assert_eq!(code(&body), "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_token_without_a_permission_is_good_and_opens_nothing() {
    let permissions = BTreeSet::from([Permission::MailRead]);
    let sim = Sim::start_with(Behaviour { permissions, ..Behaviour::default() }).await;
    let id = sim.deliver(support::MESSAGE_ID);
    let (status, body) = sim.get("/users").await;
    assert_eq!((status.as_u16(), code(&body)), (403, "Authorization_RequestDenied"));
    assert_eq!(sim.get(&format!("/users/{ANNA}/messages")).await.0, StatusCode::OK);
    let (status, body) = sim.move_to(&id, "junkemail").await;
    assert_eq!((status.as_u16(), code(&body)), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn an_old_token_keeps_its_roles_after_they_are_revoked() {
    let mut sim = Sim::start().await;
    let nothing = BTreeSet::new();
    sim.world.set_behaviour(Behaviour { permissions: nothing, ..Behaviour::default() });
    assert_eq!(sim.get("/users").await.0, StatusCode::OK);
    sim.token = sim.fresh_token().await;
    assert_eq!(sim.get("/users").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_planned_fault_at_the_token_endpoint_meets_one_request() {
    let sim = Sim::start().await;
    sim.world.fail_next_on(On::Token, Fault::Status503 { retry_after: None });
    assert_eq!(sim.get("/organization").await.0, StatusCode::OK);
    let (status, body) = sim.ask_token(&sim.form(&[])).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["error"], "temporarily_unavailable");
    assert_eq!(sim.ask_token(&sim.form(&[])).await.0, StatusCode::OK);
}
