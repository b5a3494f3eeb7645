//! Rendering, making and sorting messages, and groups, over HTTP. Each test is one thing the real
//! service does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clawback_sim::{Behaviour, Delivery, Folder, Group, Permission};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{ANNA, MESSAGE_ID, Sim, code, escape, read};

async fn mime(sim: &Sim, id: &str) -> String {
    let path = format!("/users/{ANNA}/messages/{}/$value", escape(id));
    let response = sim.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(response.headers()[CONTENT_TYPE], "text/plain");
    String::from_utf8(response.bytes().await.expect("octets").to_vec()).expect("ASCII")
}

/// The last part in base64, decoded.
fn decoded(mime: &str) -> String {
    let (_, body) = mime.rsplit_once("Encoding: base64\r\n\r\n").expect("base64");
    let coded = body.split("--").next().expect("a part").replace("\r\n", "");
    String::from_utf8(STANDARD.decode(coded).expect("base64")).expect("UTF-8")
}

#[tokio::test]
async fn the_mime_of_a_message_is_written_anew_or_is_what_was_delivered() {
    let sent = String::from_utf8(support::message(MESSAGE_ID, "Your invoice 4711")).expect("ASCII");
    let behaviour = Behaviour { alter_bodies: false, ..Behaviour::default() };
    let faithful = Sim::start_with(behaviour).await;
    let id = faithful.deliver(MESSAGE_ID);
    assert_eq!(mime(&faithful, &id).await, sent);

    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let got = mime(&sim, &id).await;
    assert!(got.contains("X-MS-Exchange-Transport-EndToEndLatency: "), "fields are added");
    assert!(got.contains("multipart/alternative"), "a text is made from the HTML: {got}");
    assert!(got.contains("\r\n\r\nPlease see the invoice.\r\n") || got.contains("the invoice."));
    let html = decoded(&got);
    let meta = "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html;";
    assert!(html.starts_with(meta), "{html}");
    assert!(html.contains("<p>Please see the invoice.</p></body></html>"), "{html}");
    let at = |name: &str| got.find(name).unwrap_or_else(|| panic!("{name} in {got}"));
    assert!(at("\r\nMessage-ID:") < at("\r\nSubject:"), "in another order");
    assert_eq!(mime(&sim, &id).await, got, "the same each time");
}

#[tokio::test]
async fn mail_from_outside_gets_a_banner_and_links_that_lead_elsewhere() {
    let behaviour = Behaviour {
        banner: Some("CAUTION: from outside.".to_owned()),
        safe_links: true,
        ..Behaviour::default()
    };
    let sim = Sim::start_with(behaviour).await;
    let send = |from: &str| {
        let raw = format!(
            "From: {from}\r\nSubject: Hi\r\nMessage-ID: {MESSAGE_ID}\r\nContent-Type: text/html\r\n\r\n\
             <html><body class=x><a href=\"https://shop.example/a?b=1&amp;c=2\">See</a></body></html>\r\n"
        );
        let recipients = vec!["anna@corp.example".to_owned()];
        sim.world.deliver(&Delivery { raw: raw.into_bytes(), recipients });
        sim.world.items(ANNA).last().expect("an item").id.clone()
    };
    let outside = decoded(&mime(&sim, &send("billing@shop.example")).await);
    assert!(outside.contains("<body class=x><div style="), "{outside}");
    assert!(outside.contains("CAUTION: from outside."), "{outside}");
    let link = "href=\"https://eur05.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop";
    assert!(outside.contains(link), "{outside}");
    let inside = decoded(&mime(&sim, &send("ben@corp.example")).await);
    assert!(!inside.contains("CAUTION"), "{inside}");
}

#[tokio::test]
async fn attachments_keep_their_octets_and_pictures_lose_their_names() {
    let sim = Sim::start().await;
    let raw = "From: billing@shop.example\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
        See.\r\n--b\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\
        Content-Disposition: attachment; filename=\"a.pdf\"\r\n\r\n%PDF-octets\r\n--b\r\n\
        Content-Type: image/png; name=\"logo.png\"\r\nContent-ID: <logo@x>\r\n\
        Content-Disposition: inline; filename=\"logo.png\"\r\n\r\nPNG\r\n--b--\r\n";
    let recipients = vec!["anna@corp.example".to_owned()];
    sim.world.deliver(&Delivery { raw: raw.as_bytes().to_vec(), recipients });
    let id = sim.world.items(ANNA).last().expect("an item").id.clone();
    let got = mime(&sim, &id).await;
    assert!(got.contains("filename=\"a.pdf\"") && got.contains("JVBERi1vY3RldHM"), "{got}");
    assert!(!got.contains("logo.png") && got.contains("Content-ID: <logo@x>"), "{got}");
    assert!(!got.contains("boundary=b\r\n"), "{got}");
}

async fn make(sim: &Sim, path: &str, kind: &str, body: String) -> (StatusCode, Value) {
    let request = sim.request(Method::POST, path).header(CONTENT_TYPE, kind).body(body);
    read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn a_message_made_from_mime_is_a_draft_without_what_the_transport_wrote() {
    let sim = Sim::start().await;
    let mut raw = support::message(MESSAGE_ID, "Again");
    let trace = b"X-MS-Exchange-Organization-Network-Message-Id:\r\n 11c3a0f2\r\nX-Own: kept\r\n";
    raw.splice(0..0, trace.iter().copied());
    let path = format!("/users/{ANNA}/mailFolders/archive/messages");
    let (status, made) = make(&sim, &path, "text/plain", STANDARD.encode(&raw)).await;
    assert_eq!((status, &made["isDraft"]), (StatusCode::CREATED, &json!(true)), "{made}");
    assert_eq!((&made["isRead"], &made["internetMessageId"]), (&json!(true), &json!(MESSAGE_ID)));
    let item = &sim.world.items(ANNA)[0];
    assert_eq!((item.folder, item.is_draft), (Folder::Archive, true));
    let got = mime(&sim, &item.id).await;
    assert!(got.contains("X-Own: kept") && !got.contains("Network-Message-Id"), "{got}");
    let root = format!("/users/{ANNA}/messages");
    let (_, made) = make(&sim, &root, "text/plain", STANDARD.encode(&raw)).await;
    assert_eq!(sim.world.items(ANNA)[1].folder, Folder::Drafts, "{made}");
    for (kind, body, status) in [
        ("application/json", "{}".to_owned(), 415),
        ("text/plain", "!".to_owned(), 400),
        ("text/plain", "x".repeat(5 << 20), 413),
    ] {
        assert_eq!(make(&sim, &root, kind, body).await.0.as_u16(), status, "{kind}");
    }
    assert_eq!(sim.world.items(ANNA).len(), 2);
}

#[tokio::test]
async fn a_folder_of_its_owners_can_be_named_until_it_is_gone() {
    let sim = Sim::start().await;
    let folder = sim.world.owner_makes_folder(ANNA, "Projects").expect("a folder");
    let (_, body) = sim.get(&format!("/users/{ANNA}/mailFolders?$top=100")).await;
    let all = body["value"].as_array().expect("a list");
    let own = all.iter().find(|it| it["displayName"] == "Projects").expect("listed");
    let id = own["id"].as_str().expect("an id").to_owned();
    let item = sim.deliver(MESSAGE_ID);
    let (status, moved) = sim.move_to(&item, &id).await;
    assert_eq!((status, &moved["parentFolderId"]), (StatusCode::CREATED, &json!(id)));
    assert_eq!(sim.lookup(MESSAGE_ID).await.len(), 1, "it lies there and is found");
    sim.world.owner_drops_folder(ANNA, folder).expect("dropped");
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::Deletions);
    let path = format!("/users/{ANNA}/mailFolders/{}", escape(&id));
    let (status, body) = sim.get(&path).await;
    assert_eq!((status.as_u16(), code(&body)), (404, "ErrorItemNotFound"));
    let item = sim.world.items(ANNA)[0].id.clone();
    let (status, body) = sim.move_to(&item, &id).await;
    assert_eq!((status.as_u16(), code(&body)), (404, "ErrorItemNotFound"));
    let next = sim.world.owner_makes_folder(ANNA, "Projects").expect("a folder");
    assert_ne!(next, folder, "the same name, another folder");
}

async fn with_groups() -> Sim {
    let sim = Sim::start().await;
    let group = |address: &str, members: &[&str]| {
        let members = members.iter().map(|it| (*it).to_owned()).collect();
        let aliases = vec![format!("alias.{address}")];
        sim.world.add_group(Group { address: address.to_owned(), aliases, members });
    };
    group("all@corp.example", &["team@corp.example", "office@corp.example", "x@partner.example"]);
    group("team@corp.example", &["anna@corp.example", "ben@corp.example", "all@corp.example"]);
    sim
}

async fn group_id(sim: &Sim, filter: &str) -> String {
    let path = format!("/groups?$select=id&$filter={}", escape(filter));
    let (status, body) = sim.get(&path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["value"][0]["id"].as_str().expect("a group").to_owned()
}

#[tokio::test]
async fn a_group_is_found_by_its_addresses_and_shows_who_is_in_it() {
    let sim = with_groups().await;
    let id = group_id(&sim, "proxyAddresses/any(p:p eq 'smtp:alias.all@corp.example')").await;
    assert_eq!(group_id(&sim, "mail eq 'All@corp.example'").await, id);
    assert_eq!(sim.get(&format!("/groups/{id}")).await.1["mail"], "all@corp.example");
    let kinds = |body: &Value| -> BTreeSet<String> {
        let all = body["value"].as_array().expect("a list").iter();
        all.map(|it| it["@odata.type"].as_str().unwrap_or("none").to_owned()).collect()
    };
    let (_, direct) = sim.get(&format!("/groups/{id}/members")).await;
    assert_eq!(direct["value"].as_array().map(Vec::len), Some(2), "{direct}");
    let (_, nested) = sim.get(&format!("/groups/{id}/transitiveMembers?$select=id,mail")).await;
    assert_eq!(nested["value"].as_array().map(Vec::len), Some(4), "{nested}");
    assert_eq!(kinds(&nested).len(), 2, "people and groups: {nested}");
}

#[tokio::test]
async fn members_of_one_kind_need_the_index_and_come_in_pages() {
    let sim = with_groups().await;
    let id = group_id(&sim, "mail eq 'all@corp.example'").await;
    let path = format!("/groups/{id}/transitiveMembers/microsoft.graph.user?$select=id&$top=2");
    for (query, eventual) in [("", true), ("&$count=true", false)] {
        let mut request = sim.request(Method::GET, &format!("{path}{query}"));
        if eventual {
            request = request.header("ConsistencyLevel", "eventual");
        }
        let (status, body) = read(request.send().await.expect("an answer")).await;
        let meant = (400, "Request_UnsupportedQuery");
        assert_eq!((status.as_u16(), code(&body)), meant, "{query}");
    }
    let (mut next, mut sizes) = (format!("{path}&$count=true"), Vec::new());
    loop {
        let request = sim.request(Method::GET, &next).header("ConsistencyLevel", "eventual");
        let (status, body) = read(request.send().await.expect("an answer")).await;
        assert_eq!((status, &body["@odata.count"]), (StatusCode::OK, &json!(3)));
        sizes.push(body["value"].as_array().expect("a list").len());
        let Some(link) = body["@odata.nextLink"].as_str() else { break };
        next = link.strip_prefix(&format!("{}/v1.0", sim.root)).expect("absolute").to_owned();
    }
    assert_eq!(sizes, [2, 1]);
}

#[tokio::test]
async fn who_may_read_users_may_not_yet_read_groups() {
    let permissions = BTreeSet::from([Permission::UserReadAll]);
    let sim = Sim::start_with(Behaviour { permissions, ..Behaviour::default() }).await;
    let (status, body) = sim.get("/groups").await;
    assert_eq!((status.as_u16(), code(&body)), (403, "Authorization_RequestDenied"));
    assert_eq!(sim.get("/users").await.0, StatusCode::OK);
}
