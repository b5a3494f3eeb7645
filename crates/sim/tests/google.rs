//! A Google Workspace over HTTP. Each test is one thing the real service does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clawback_sim::google::scope;
use clawback_sim::{
    Behaviour, Clock, Config, Delivery, Fault, Folder, Group, On, ServiceAccount, User, UserKind,
    World,
};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const NOW: i64 = 1_789_459_920;
const ANNA: &str = "anna@gsuite.example";
const BEN: &str = "ben@gsuite.example";
const ID: &str = "20260915.4711+a@shop.example";

struct Sim {
    world: World,
    root: String,
    client: Client,
    key: RsaKeyPair,
    account: ServiceAccount,
}

impl Sim {
    async fn start() -> Self {
        let account = ServiceAccount::generate().unwrap();
        let file: Value = serde_json::from_str(&account.key_file("x")).unwrap();
        let pem = file["private_key"].as_str().unwrap();
        let coded: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(coded).unwrap()).unwrap();
        let (clock, _hand) = Clock::by_hand(jiff::Timestamp::from_second(NOW).unwrap());
        let world = World::new(Config { clock, ..Config::google(account.clone()) });
        let mut anna = User::cloud("101", ANNA, "Anna Berg");
        anna.proxy_addresses.push("smtp:a.berg@gsuite.example".to_owned());
        let mut none = User::cloud("103", "none@gsuite.example", "No Mail");
        none.kind = UserKind::NoMailbox;
        let admin = User::cloud("100", "admin@gsuite.example", "Admin");
        for user in [admin, anna, User::cloud("102", BEN, "Ben Okafor"), none] {
            world.add_user(user);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(clawback_sim::serve(listener, world.clone(), std::future::pending()));
        Self { world, root, client: Client::new(), key, account }
    }

    fn claims(&self, sub: &str, scope: &str) -> Value {
        json!({
            "iss": self.account.email, "sub": sub, "scope": scope,
            "aud": format!("{}/token", self.root), "iat": NOW, "exp": NOW + 3_600,
        })
    }

    fn sign(&self, claims: &Value) -> String {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let rng = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &rng, text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    async fn ask_token(&self, assertion: &str) -> (u16, Value) {
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let form = [("grant_type", grant), ("assertion", assertion)];
        let sent = self.client.post(format!("{}/token", self.root)).form(&form).send().await;
        let sent = sent.unwrap();
        (sent.status().as_u16(), sent.json().await.unwrap())
    }

    async fn token(&self, sub: &str, scope: &str) -> String {
        let (status, body) = self.ask_token(&self.sign(&self.claims(sub, scope))).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.root);
        let mut request = self.client.request(method, url).bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        self.call(token, Method::GET, path, Value::Null).await
    }

    fn deliver(&self, id: &str, to: &str) -> String {
        let raw = format!(
            "From: Shop <billing@shop.example>\r\nTo: {to}\r\nSubject: =?utf-8?q?R=C3=A9sum=C3=A9?=\r\n\
             Message-ID: <{id}>\r\nDate: Tue, 15 Sep 2026 08:12:00 +0000\r\n\r\nHello.\r\n"
        );
        let delivery = Delivery { raw: raw.into_bytes(), recipients: vec![to.to_owned()] };
        self.world.deliver(&delivery).pop().unwrap().immutable_id
    }
}

fn reason(body: &Value) -> &str {
    body["error"]["errors"][0]["reason"].as_str().unwrap_or("")
}

const LIST: &str = "/gmail/v1/users/me/messages";

#[tokio::test]
async fn an_assertion_is_looked_at_in_every_part() {
    let sim = Sim::start().await;
    let good = sim.claims(ANNA, scope::MODIFY);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sim.sign(&claims)
    };
    let rows = [
        ("another audience", with("aud", json!("https://else.example")), 400, "invalid_grant"),
        ("another issuer", with("iss", json!("x@y.example")), 400, "invalid_grant"),
        ("too long a life", with("exp", json!(NOW + 7_200)), 400, "invalid_grant"),
        ("run out", with("exp", json!(NOW - 10)), 400, "invalid_grant"),
        ("nobody", with("sub", json!("nobody@gsuite.example")), 400, "invalid_grant"),
        ("an alias", with("sub", json!("a.berg@gsuite.example")), 400, "invalid_grant"),
        ("no scope", with("scope", json!("")), 400, "invalid_scope"),
        (
            "one scope too many",
            with("scope", json!(format!("{} {}", scope::MODIFY, scope::USER))),
            401,
            "unauthorized_client",
        ),
        ("another signature", format!("{}x", sim.sign(&good)), 400, "invalid_grant"),
    ];
    for (what, assertion, status, error) in rows {
        let (got, body) = sim.ask_token(&assertion).await;
        assert_eq!((got, body["error"].as_str().unwrap()), (status, error), "{what}: {body}");
    }
    assert_eq!(sim.ask_token(&sim.sign(&good)).await.0, 200);
}

#[tokio::test]
async fn spam_and_trash_are_hidden_and_an_empty_list_has_no_messages() {
    let sim = Sim::start().await;
    let token = sim.token(ANNA, scope::MODIFY).await;
    let search = format!("{LIST}?q=rfc822msgid:{}", ID.replace('+', "%2B"));
    let (status, body) = sim.get(&token, &search).await;
    assert_eq!((status, &body), (200, &json!({ "resultSizeEstimate": 0 })));
    let id = sim.deliver(ID, ANNA);
    for folder in [Folder::JunkEmail, Folder::DeletedItems] {
        sim.world.owner_moves("101", &id, folder).unwrap();
        assert!(sim.get(&token, &search).await.1.get("messages").is_none(), "{folder:?}");
        let (_, body) = sim.get(&token, &format!("{search}&includeSpamTrash=true")).await;
        assert_eq!(body["messages"][0]["id"], id, "{folder:?}: the id is the same for ever");
    }
    assert!(sim.world.complaints().is_empty());
}

#[tokio::test]
async fn a_token_is_for_one_mailbox_and_its_scopes() {
    let sim = Sim::start().await;
    let token = sim.token(ANNA, scope::MODIFY).await;
    let id = sim.deliver(ID, ANNA);
    let (status, body) = sim.get(&token, &format!("/gmail/v1/users/{BEN}/messages")).await;
    assert_eq!((status, reason(&body)), (403, "forbidden"));
    let path = format!("{LIST}/{id}");
    let (status, body) = sim.call(&token, Method::DELETE, &path, Value::Null).await;
    assert_eq!((status, reason(&body)), (403, "insufficientPermissions"));
    let bens = sim.token(BEN, scope::MODIFY).await;
    assert_eq!(sim.get(&bens, &path).await.0, 404, "another's id is nothing");
    let full = sim.token(ANNA, scope::FULL).await;
    assert_eq!(sim.call(&full, Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(sim.get(&token, &path).await.0, 404);
    assert_eq!(sim.get("ya29.x.y", &path).await.0, 401);
    let none = sim.token("none@gsuite.example", scope::MODIFY).await;
    let (status, body) = sim.get(&none, LIST).await;
    assert_eq!((status, reason(&body)), (400, "failedPrecondition"));
}

#[tokio::test]
async fn labels_are_changed_trashed_and_brought_back() {
    let sim = Sim::start().await;
    let token = sim.token(ANNA, scope::MODIFY).await;
    let id = sim.deliver(ID, ANNA);
    let post = |action: &'static str, body: Value| {
        let (sim, token, path) = (&sim, &token, format!("{LIST}/{id}/{action}"));
        async move { sim.call(token, Method::POST, &path, body).await }
    };
    let change = json!({ "addLabelIds": ["SPAM"], "removeLabelIds": ["INBOX"] });
    let (status, body) = post("modify", change).await;
    assert_eq!(status, 200);
    assert_eq!(body["labelIds"], json!(["CATEGORY_PERSONAL", "SPAM", "UNREAD"]));
    post("trash", Value::Null).await;
    let (_, body) = post("untrash", Value::Null).await;
    let labels = body["labelIds"].as_array().unwrap();
    assert!(!labels.contains(&json!("INBOX")), "nobody promises the Inbox");
    for (what, bad) in [
        ("nothing to do", json!({})),
        ("no label", json!({ "addLabelIds": ["Label_9"] })),
        ("not to be applied", json!({ "addLabelIds": ["SENT"] })),
        ("too many", json!({ "addLabelIds": vec!["SPAM"; 101] })),
        ("both", json!({ "addLabelIds": ["SPAM"], "removeLabelIds": ["SPAM"] })),
        ("another name", json!({ "labels": ["SPAM"] })),
    ] {
        let (status, body) = post("modify", bad).await;
        assert_eq!((status, reason(&body)), (400, "invalidArgument"), "{what}");
    }
    assert_eq!(sim.world.complaints().len(), 6);
}

#[tokio::test]
async fn batches_have_a_limit_and_do_not_say_what_was_not_there() {
    let sim = Sim::start().await;
    let token = sim.token(ANNA, scope::FULL).await;
    let id = sim.deliver(ID, ANNA);
    let path = format!("{LIST}/batchDelete");
    let many = json!({ "ids": vec![id.clone(); 1_001] });
    assert_eq!(sim.call(&token, Method::POST, &path, many).await.0, 400);
    let some = json!({ "ids": [id, "19a8000000009999"] });
    assert_eq!(sim.call(&token, Method::POST, &path, some).await.0, 204);
    assert_eq!(sim.world.items("101")[0].folder, Folder::Purges);
}

#[tokio::test]
async fn a_message_is_shown_in_its_formats_and_inserted_by_its_date() {
    let sim = Sim::start().await;
    let token = sim.token(ANNA, scope::MODIFY).await;
    let id = sim.deliver(ID, ANNA);
    let (_, raw) = sim.get(&token, &format!("{LIST}/{id}?format=raw")).await;
    let fields = "format=metadata&metadataHeaders=Subject&metadataHeaders=Message-ID";
    let (_, shown) = sim.get(&token, &format!("{LIST}/{id}?{fields}")).await;
    let headers = shown["payload"]["headers"].as_array().unwrap();
    assert_eq!(headers.len(), 2);
    assert_eq!(headers[0], json!({ "name": "Subject", "value": "Résumé" }));
    let body = json!({ "raw": raw["raw"], "labelIds": ["INBOX"] });
    let path = format!("{LIST}?internalDateSource=dateHeader");
    let (status, put) = sim.call(&token, Method::POST, &path, body).await;
    assert_eq!((status, &put["labelIds"]), (200, &json!(["INBOX"])));
    let (_, again) =
        sim.get(&token, &format!("{LIST}/{}?format=raw", put["id"].as_str().unwrap())).await;
    assert_eq!(again["raw"], raw["raw"]);
    assert_eq!(again["internalDate"], "1789459920000");
    assert_eq!(sim.get(&token, &format!("{LIST}/{id}?fields=x")).await.0, 400);
}

#[tokio::test]
async fn units_run_out_for_one_user_and_not_for_another() {
    let sim = Sim::start().await;
    let mut behaviour = Behaviour::default();
    behaviour.google.user_units = 12;
    sim.world.set_behaviour(behaviour.clone());
    let token = sim.token(ANNA, scope::MODIFY).await;
    assert_eq!(sim.get(&token, LIST).await.0, 200);
    assert_eq!(sim.get(&token, LIST).await.0, 200);
    let (status, body) = sim.get(&token, LIST).await;
    assert_eq!((status, reason(&body)), (403, "userRateLimitExceeded"));
    let bens = sim.token(BEN, scope::MODIFY).await;
    assert_eq!(sim.get(&bens, LIST).await.0, 200);
    behaviour.google.user_units = 1_000;
    behaviour.google.project_units = 5;
    behaviour.google.quota_is_forbidden = false;
    sim.world.set_behaviour(behaviour.clone());
    let (status, body) = sim.get(&bens, LIST).await;
    assert_eq!((status, reason(&body)), (429, "rateLimitExceeded"));
    behaviour.google.project_units = 1_000;
    sim.world.set_behaviour(behaviour);
    sim.world.fail_next_on(On::List, Fault::Timeout504After);
    assert_eq!(sim.get(&bens, LIST).await.0, StatusCode::GATEWAY_TIMEOUT.as_u16());
}

#[tokio::test]
async fn the_directory_knows_aliases_and_nested_groups_page_by_page() {
    let sim = Sim::start().await;
    let group = |address: &str, members: &[&str]| Group {
        address: address.to_owned(),
        aliases: Vec::new(),
        members: members.iter().map(|it| (*it).to_owned()).collect(),
    };
    sim.world.add_group(group("all@gsuite.example", &["team@gsuite.example", ANNA, "x@y.example"]));
    sim.world.add_group(group("team@gsuite.example", &[BEN, "all@gsuite.example"]));
    let scopes = format!("{} {}", scope::USER_READONLY, scope::MEMBER_READONLY);
    let token = sim.token("admin@gsuite.example", &scopes).await;
    let root = "/admin/directory/v1";
    let (status, user) = sim.get(&token, &format!("{root}/users/a.berg@gsuite.example")).await;
    assert_eq!((status, user["primaryEmail"].as_str()), (200, Some(ANNA)));
    assert_eq!(user["aliases"], json!(["a.berg@gsuite.example"]));
    assert_eq!(sim.get(&token, &format!("{root}/users/x@y.example")).await.0, 404);
    let path = format!("{root}/groups/all@gsuite.example/members");
    let (_, flat) = sim.get(&token, &path).await;
    assert_eq!(flat["members"].as_array().unwrap().len(), 3);
    let query = "includeDerivedMembership=true&maxResults=3";
    let (_, first) = sim.get(&token, &format!("{path}?{query}")).await;
    let next = first["nextPageToken"].as_str().unwrap();
    let (_, second) = sim.get(&token, &format!("{path}?{query}&pageToken={next}")).await;
    let count = |page: &Value| page["members"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second)), (3, 2), "groups in groups, in a circle too");
    let annas = sim.token(ANNA, &scopes).await;
    let (status, body) = sim.get(&annas, &format!("{root}/users/{ANNA}")).await;
    assert_eq!((status, reason(&body)), (403, "forbidden"), "only an administrator may");
    let delivered = sim.world.deliver(&Delivery {
        raw: b"Subject: x\r\n\r\nx\r\n".to_vec(),
        recipients: vec!["all@gsuite.example".to_owned()],
    });
    assert_eq!(delivered.len(), 2, "mail to a list reaches everybody on it once");
}
