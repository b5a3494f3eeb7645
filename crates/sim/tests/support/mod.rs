//! A world that is served on a free port, and a client that bears its token.

#![allow(dead_code, reason = "each test file uses its part of this")]

use clawback_sim::{Behaviour, Clock, ClockHand, Config, Delivery, User, UserKind, World};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) struct Sim {
    pub(crate) world: World,
    pub(crate) root: String,
    pub(crate) client: Client,
    pub(crate) hand: ClockHand,
    pub(crate) token: String,
    stop: Option<oneshot::Sender<()>>,
}

pub(crate) const ANNA: &str = "a-anna";
pub(crate) const BEN: &str = "a-ben";
pub(crate) const MESSAGE_ID: &str = "<20260915081200.4711+a'b@shop.example>";
pub(crate) const IMMUTABLE: (&str, &str) = ("Prefer", "IdType=\"ImmutableId\"");

impl Sim {
    pub(crate) async fn start() -> Self {
        Self::start_with(Behaviour::default()).await
    }

    pub(crate) async fn start_with(behaviour: Behaviour) -> Self {
        let (clock, hand) = Clock::by_hand("2026-09-15T08:12:00Z".parse().expect("a time"));
        let world = World::new(Config { behaviour, clock, ..Config::example() });
        for user in users() {
            world.add_user(user);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let root = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel();
        let served = clawback_sim::serve(listener, world.clone(), async {
            stopped.await.ok();
        });
        tokio::spawn(served);
        // What would hang is a failure.
        let patience = std::time::Duration::from_secs(10);
        let client = Client::builder()
            .pool_max_idle_per_host(0)
            .timeout(patience)
            .build()
            .expect("a client");
        let mut sim = Self { world, root, client, hand, token: String::new(), stop: Some(stop) };
        if sim.world.behaviour().consent {
            sim.token = sim.fresh_token().await;
        }
        sim
    }

    pub(crate) async fn fresh_token(&self) -> String {
        let (_, body) = self.ask_token(&self.form(&[])).await;
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// A good form with some parameters replaced; an empty value leaves one out.
    pub(crate) fn form(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let config = self.world.config();
        let mut form = vec![
            ("client_id".to_owned(), config.client_id.clone()),
            ("client_secret".to_owned(), config.client_secret.clone()),
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("scope".to_owned(), format!("{}/.default", self.root)),
        ];
        for (name, value) in changes {
            form.retain(|(known, _)| known != name);
            if !value.is_empty() {
                form.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        form
    }

    pub(crate) async fn ask_token(&self, form: &[(String, String)]) -> (StatusCode, Value) {
        self.ask_token_of(&self.world.config().tenant_id, form).await
    }

    pub(crate) async fn ask_token_of(
        &self,
        tenant: &str,
        form: &[(String, String)],
    ) -> (StatusCode, Value) {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.root);
        let response = self.client.post(url).form(form).send().await.expect("an answer");
        (response.status(), response.json().await.expect("JSON"))
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/v1.0{path}", self.root));
        request.bearer_auth(&self.token).header("client-request-id", "4711")
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.expect("an answer")).await
    }

    pub(crate) async fn get_immutable(&self, path: &str) -> (StatusCode, Value) {
        let request = self.request(Method::GET, path).header(IMMUTABLE.0, IMMUTABLE.1);
        read(request.send().await.expect("an answer")).await
    }

    pub(crate) fn moving(&self, id: &str, to: &str) -> RequestBuilder {
        let path = format!("/users/{ANNA}/messages/{}/move", escape(id));
        self.request(Method::POST, &path).json(&json!({ "destinationId": to }))
    }

    pub(crate) async fn move_to(&self, id: &str, to: &str) -> (StatusCode, Value) {
        read(self.moving(id, to).send().await.expect("an answer")).await
    }

    pub(crate) async fn patch(&self, id: &str, body: &Value) -> (StatusCode, Value) {
        let path = format!("/users/{ANNA}/messages/{}", escape(id));
        read(self.request(Method::PATCH, &path).json(body).send().await.expect("an answer")).await
    }

    pub(crate) async fn permanently_delete(&self, id: &str) -> StatusCode {
        let path = format!("/users/{ANNA}/messages/{}/permanentDelete", escape(id));
        self.request(Method::POST, &path).send().await.expect("an answer").status()
    }

    /// What the lookup by message id finds, as immutable or regular items.
    pub(crate) async fn lookup(&self, message_id: &str) -> Vec<Value> {
        let (status, body) = self.get(&lookup_path(message_id)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["value"].as_array().expect("a list").clone()
    }

    /// Delivers one message to Anna and gives its regular id.
    pub(crate) fn deliver(&self, message_id: &str) -> String {
        self.deliver_to(message_id, "anna@corp.example");
        self.world.items(ANNA).last().expect("an item").id.clone()
    }

    pub(crate) fn deliver_to(&self, message_id: &str, recipient: &str) {
        let raw = message(message_id, "Your invoice 4711");
        self.world.deliver(&Delivery { raw, recipients: vec![recipient.to_owned()] });
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
    }
}

pub(crate) async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    assert!(response.headers().contains_key("request-id"), "every answer bears a request-id");
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().expect("ASCII").starts_with("application/json"));
    if !is_json {
        return (status, Value::Null);
    }
    (status, response.json().await.expect("JSON"))
}

pub(crate) fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or("")
}

pub(crate) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(crate) fn lookup_path(message_id: &str) -> String {
    let filter = format!("internetMessageId eq '{}'", message_id.replace('\'', "''"));
    format!("/users/{ANNA}/messages?$filter={}&$select=subject,parentFolderId", escape(&filter))
}

pub(crate) fn message(message_id: &str, subject: &str) -> Vec<u8> {
    format!(
        "From: Shop Billing <billing@shop.example>\r\nTo: Anna Berg <anna@corp.example>\r\n\
         Subject: {subject}\r\nMessage-ID: {message_id}\r\nDate: Tue, 15 Sep 2026 08:12:00 +0000\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\r\n\
         <html><body><p>Please see the invoice.</p></body></html>\r\n"
    )
    .into_bytes()
}

fn users() -> Vec<User> {
    let mut anna = User::cloud(ANNA, "anna@corp.example", "Anna Berg");
    anna.upn = "u4711@corp.example".to_owned();
    anna.proxy_addresses.push("smtp:a.berg@corp.example".to_owned());
    let mut shared = User::cloud("a-office", "office@corp.example", "Front Office");
    shared.kind = UserKind::Shared;
    let mut old = User::cloud("a-old", "old@corp.example", "On Premises");
    old.kind = UserKind::OnPremises;
    let mut none = User::cloud("a-none", "none@corp.example", "No Mailbox");
    none.kind = UserKind::NoMailbox;
    vec![anna, User::cloud(BEN, "ben@corp.example", "Ben Okafor"), shared, old, none]
}
