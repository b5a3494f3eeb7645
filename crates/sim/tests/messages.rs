//! Finding and changing messages, over HTTP. Each test is one thing the real service does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;

use clawback_sim::{Behaviour, By, Folder, OperationKind};
use reqwest::header::{CONTENT_TYPE, IF_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::json;
use support::{ANNA, BEN, IMMUTABLE, MESSAGE_ID, Sim, code, escape, read};

#[tokio::test]
async fn a_mailbox_is_found_by_any_of_its_addresses() {
    let sim = Sim::start().await;
    for filter in [
        "proxyAddresses/any(p:p eq 'smtp:a.berg@corp.example')",
        "proxyAddresses/any(p:p eq 'smtp:anna@corp.example')",
        "mail eq 'Anna@corp.example'",
        "userPrincipalName eq 'u4711@corp.example'",
    ] {
        let path = format!("/users?$select=id,proxyAddresses&$filter={}", escape(filter));
        let (status, body) = sim.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{filter}: {body}");
        assert_eq!(body["value"].as_array().map(Vec::len), Some(1), "{filter}: {body}");
        assert_eq!(body["value"][0]["id"], ANNA, "{filter}");
    }
    let (_, body) = sim.get("/users?$filter=mail%20eq%20'nobody@corp.example'").await;
    assert_eq!(body["value"], json!([]));
    let (_, body) = sim.get(&format!("/users/{ANNA}")).await;
    assert!(body.get("proxyAddresses").is_none(), "shown only when selected");
}

#[tokio::test]
async fn an_alias_is_no_name_in_a_path() {
    let sim = Sim::start().await;
    let (status, body) = sim.get("/users/a.berg@corp.example").await;
    assert_eq!((status.as_u16(), code(&body)), (404, "Request_ResourceNotFound"));
    assert_eq!(sim.get("/users/U4711@corp.example/messages").await.0, StatusCode::OK);
}

#[tokio::test]
async fn directory_queries_beyond_equality_are_refused() {
    let sim = Sim::start().await;
    for filter in ["mail ne 'a'", "endsWith(mail,'.example')", "not(mail eq 'a')"] {
        let (status, body) = sim.get(&format!("/users?$filter={}", escape(filter))).await;
        assert_eq!((status.as_u16(), code(&body)), (400, "Request_UnsupportedQuery"), "{filter}");
    }
    let (status, body) = sim.get("/users?$count=true").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.get("@odata.count").is_none(), "a count without the header fails silently");
}

#[tokio::test]
async fn four_ways_of_having_no_mailbox_are_four_errors() {
    let denied_mailboxes = BTreeSet::from([BEN.to_owned()]);
    let sim = Sim::start_with(Behaviour { denied_mailboxes, ..Behaviour::default() }).await;
    for (user, status, error) in [
        ("nobody", 404, "ErrorInvalidUser"),
        ("a-none", 404, "ResourceNotFound"),
        ("a-old", 404, "MailboxNotEnabledForRESTAPI"),
        (BEN, 403, "ErrorAccessDenied"),
    ] {
        let (got, body) = sim.get(&format!("/users/{user}/messages")).await;
        assert_eq!((got.as_u16(), code(&body)), (status, error), "{user}");
    }
    let (_, body) = sim.get("/users/a-office?$select=accountEnabled").await;
    assert_eq!(body["accountEnabled"], false);
    let (status, _) = sim.get("/users/a-office/messages").await;
    assert_eq!(status, StatusCode::OK, "a shared mailbox works");
}

#[tokio::test]
async fn a_message_is_not_there_before_it_arrived_and_not_found_before_it_is_indexed() {
    let behaviour = Behaviour {
        arrival_delay_ms: 1_000..=1_000,
        index_delay_ms: 500..=500,
        ..Behaviour::default()
    };
    let sim = Sim::start_with(behaviour).await;
    let id = sim.deliver(MESSAGE_ID);
    let path = format!("/users/{ANNA}/messages/{}", escape(&id));
    assert!(sim.lookup(MESSAGE_ID).await.is_empty());
    assert_eq!(sim.get(&path).await.0, StatusCode::NOT_FOUND);
    sim.hand.advance_ms(1_000);
    assert_eq!(sim.get(&path).await.0, StatusCode::OK);
    assert!(sim.lookup(MESSAGE_ID).await.is_empty(), "the index lags");
    sim.hand.advance_ms(500);
    assert_eq!(sim.lookup(MESSAGE_ID).await.len(), 1);
}

#[tokio::test]
async fn an_unescaped_plus_misses_silently_and_an_undoubled_quote_is_refused() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    assert_eq!(sim.lookup(MESSAGE_ID).await.len(), 1);
    let doubled = MESSAGE_ID.replace('\'', "''");
    let bare = escape(&format!("internetMessageId eq '{doubled}'")).replace("%2B", "+");
    let (status, body) = sim.get(&format!("/users/{ANNA}/messages?$filter={bare}")).await;
    assert_eq!((status, &body["value"]), (StatusCode::OK, &json!([])));
    let undoubled = escape(&format!("internetMessageId eq '{MESSAGE_ID}'"));
    let (status, _) = sim.get(&format!("/users/{ANNA}/messages?$filter={undoubled}")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn unknown_properties_and_options_are_refused() {
    let sim = Sim::start().await;
    for query in [
        "$select=id,colour",
        "$filter=colour%20eq%20'red'",
        "$orderby=colour",
        "$colour=red",
        "colour=red",
        "select=id",
        "$top=0",
        "$top=1001",
        "$top=ten",
        "$search=x",
    ] {
        let (status, body) = sim.get(&format!("/users/{ANNA}/messages?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(body["error"]["innerError"]["request-id"].is_string(), "{query}");
    }
}

#[tokio::test]
async fn an_order_that_does_not_lead_the_filter_is_inefficient() {
    let sim = Sim::start().await;
    let filter = escape("internetMessageId eq 'x'");
    let order = "$orderby=receivedDateTime%20desc";
    let (status, body) = sim.get(&format!("/users/{ANNA}/messages?$filter={filter}&{order}")).await;
    assert_eq!((status.as_u16(), code(&body)), (400, "InefficientFilter"));
    let filter = escape("receivedDateTime ge 2026-01-01T00:00:00Z and internetMessageId eq 'x'");
    let (status, _) = sim.get(&format!("/users/{ANNA}/messages?$filter={filter}&{order}")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn pages_are_ten_long_and_their_links_are_absolute() {
    let sim = Sim::start().await;
    for _ in 0..23 {
        sim.deliver(MESSAGE_ID);
    }
    let mut path = support::lookup_path(MESSAGE_ID);
    let mut sizes = Vec::new();
    loop {
        let (_, body) = sim.get(&path).await;
        sizes.push(body["value"].as_array().expect("a list").len());
        let Some(next) = body["@odata.nextLink"].as_str() else { break };
        path = next.strip_prefix(&format!("{}/v1.0", sim.root)).expect("absolute").to_owned();
    }
    assert_eq!(sizes, [10, 10, 3]);
    let (_, body) = sim.get(&format!("{}&$top=1000", support::lookup_path(MESSAGE_ID))).await;
    assert_eq!(body["value"].as_array().map(Vec::len), Some(23));
}

#[tokio::test]
async fn what_is_selected_comes_with_id_and_etag() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    let (_, body) = sim.get(&format!("/users/{ANNA}/messages?$select=subject")).await;
    let item = body["value"][0].as_object().expect("an item");
    let names: BTreeSet<_> = item.keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["@odata.etag", "id", "subject"]));
}

#[tokio::test]
async fn a_move_answers_201_with_a_new_id_and_the_old_one_is_gone() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let (status, moved) = sim.move_to(&id, "junkemail").await;
    assert_eq!(status, StatusCode::CREATED);
    let new = moved["id"].as_str().expect("an id");
    assert_ne!(new, id);
    let (status, body) = sim.get(&format!("/users/{ANNA}/messages/{}", escape(&id))).await;
    assert_eq!((status.as_u16(), code(&body)), (404, "ErrorItemNotFound"));
    let (status, body) = sim.move_to(&id, "junkemail").await;
    assert_eq!((status.as_u16(), code(&body)), (404, "ErrorItemNotFound"), "the goal is met");
    let (status, _) = sim.move_to(new, "junkemail").await;
    assert_eq!(status, StatusCode::CREATED, "into the folder where it already lies");
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::JunkEmail);
}

#[tokio::test]
async fn an_immutable_id_stays_when_every_request_asks_for_it() {
    let sim = Sim::start().await;
    sim.deliver(MESSAGE_ID);
    let (_, body) = sim.get_immutable(&support::lookup_path(MESSAGE_ID)).await;
    let id = body["value"][0]["id"].as_str().expect("an id").to_owned();
    for folder in ["deleteditems", "recoverableitemsdeletions", "inbox"] {
        let request = sim.moving(&id, folder).header(IMMUTABLE.0, IMMUTABLE.1);
        let (status, moved) = read(request.send().await.expect("an answer")).await;
        assert_eq!((status, &moved["id"]), (StatusCode::CREATED, &json!(id)), "{folder}");
    }
    let (status, body) = sim.get(&format!("/users/{ANNA}/messages/{}", escape(&id))).await;
    assert_eq!((status.as_u16(), code(&body)), (400, "ErrorInvalidIdMalformed"));
}

#[tokio::test]
async fn ids_are_case_sensitive_and_must_be_escaped() {
    let sim = Sim::start().await;
    let id = loop {
        let id = sim.deliver(MESSAGE_ID);
        if id.contains('/') && id.contains('+') {
            break id;
        }
    };
    let lower = id.to_lowercase();
    for wrong in [&id, &escape(&id).replace("%2B", "+"), &escape(&lower), "x", "AAMkAG"] {
        for rest in ["", "/$value"] {
            let (status, body) = sim.get(&format!("/users/{ANNA}/messages/{wrong}{rest}")).await;
            assert_eq!((status.as_u16(), code(&body)), (400, "ErrorInvalidIdMalformed"), "{wrong}");
        }
    }
    let (status, _) = sim.get(&format!("/users/{ANNA}/messages/{}", escape(&id))).await;
    assert_eq!(status, StatusCode::OK);
    let (status, body) = sim.get(&format!("/users/{BEN}/messages/{}", escape(&id))).await;
    assert_eq!((status.as_u16(), code(&body)), (404, "ErrorItemNotFound"), "another mailbox");
}

#[tokio::test]
async fn a_move_needs_json_and_a_destination_that_exists() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let path = format!("/users/{ANNA}/messages/{}/move", escape(&id));
    let body = r#"{"destinationId":"junkemail"}"#;
    let bare = sim.request(Method::POST, &path).body(body);
    assert_eq!(read(bare.send().await.expect("an answer")).await.0, StatusCode::BAD_REQUEST);
    let text = sim.request(Method::POST, &path).header(CONTENT_TYPE, "text/plain").body(body);
    let (status, _) = read(text.send().await.expect("an answer")).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for (destination, status) in [
        ("nowhere", 400),
        ("recoverableitemspurges", 400),
        ("Purges", 400),
        ("", 400),
        ("syncissues", 404),
    ] {
        let (got, _) = sim.move_to(&id, destination).await;
        assert_eq!(got.as_u16(), status, "{destination}");
    }
    let (_, folder) = sim.get(&format!("/users/{ANNA}/mailFolders/archive")).await;
    let (status, _) = sim.move_to(&id, folder["id"].as_str().expect("an id")).await;
    assert_eq!(status, StatusCode::CREATED, "a folder id is as good as a name");
}

#[tokio::test]
async fn a_permanently_deleted_message_is_in_purges_and_out_of_reach() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    assert_eq!(sim.permanently_delete(&id).await, StatusCode::NO_CONTENT);
    assert_eq!(sim.permanently_delete(&id).await, StatusCode::NOT_FOUND);
    assert!(sim.lookup(MESSAGE_ID).await.is_empty());
    let item = &sim.world.items(ANNA)[0];
    assert_eq!(item.folder, Folder::Purges);
    for id in [&item.id, &item.immutable_id] {
        let path = format!("/users/{ANNA}/messages/{}", escape(id));
        assert_eq!(sim.get_immutable(&path).await.0, StatusCode::NOT_FOUND);
    }
    let purges = format!("/users/{ANNA}/mailFolders/recoverableitemspurges/messages");
    assert_eq!(sim.get(&purges).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn permanent_delete_is_absent_in_national_clouds() {
    let sim = Sim::start_with(Behaviour { permanent_delete: false, ..Behaviour::default() }).await;
    let id = sim.deliver(MESSAGE_ID);
    assert_eq!(sim.permanently_delete(&id).await, StatusCode::BAD_REQUEST);
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::Inbox);
}

#[tokio::test]
async fn recoverable_items_are_listed_by_name_only_and_can_be_moved_out() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    sim.move_to(&id, "recoverableitemsdeletions").await;
    assert!(sim.lookup(MESSAGE_ID).await.is_empty());
    let (_, folders) = sim.get(&format!("/users/{ANNA}/mailFolders?$top=100")).await;
    assert!(!folders.to_string().contains("Deletions"));
    let path = format!("/users/{ANNA}/mailFolders/recoverableitemsdeletions/messages");
    let (_, body) = sim.get(&path).await;
    let id = body["value"][0]["id"].as_str().expect("an id");
    assert_eq!(sim.move_to(id, "inbox").await.0, StatusCode::CREATED);
    assert_eq!(sim.lookup(MESSAGE_ID).await.len(), 1);
}

#[tokio::test]
async fn several_items_of_one_message_id_over_folders_are_all_found() {
    let sim = Sim::start().await;
    for folder in ["junkemail", "deleteditems", "archive", "drafts", "sentitems"] {
        let id = sim.deliver(MESSAGE_ID);
        assert_eq!(sim.move_to(&id, folder).await.0, StatusCode::CREATED, "{folder}");
    }
    let found = sim.lookup(MESSAGE_ID).await;
    let folders: BTreeSet<_> = found.iter().map(|item| item["parentFolderId"].as_str()).collect();
    assert_eq!((found.len(), folders.len()), (5, 5));
}

#[tokio::test]
async fn an_owner_may_be_faster_than_the_application() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let item = sim.world.items(ANNA)[0].immutable_id.clone();
    sim.world.owner_reads(ANNA, &item).expect("read");
    sim.world.owner_deletes(ANNA, &item).expect("deleted");
    assert_eq!(sim.move_to(&id, "junkemail").await.0, StatusCode::NOT_FOUND);
    let operations = sim.world.journal_of_operations();
    let [.., owners, refused] = &operations[..] else { panic!("{operations:?}") };
    assert_eq!((owners.by, &owners.item), (By::Owner, &item));
    let to_trash = OperationKind::Moved { from: Folder::Inbox, to: Folder::DeletedItems };
    assert_eq!(owners.kind, to_trash);
    assert_eq!((refused.by, refused.kind), (By::Application, OperationKind::Refused));
    assert_eq!(refused.item, id, "as it was asked for");
}

#[tokio::test]
async fn marks_can_be_changed_and_what_was_sent_cannot() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let marks =
        json!({ "isRead": true, "categories": ["Red"], "flag": { "flagStatus": "flagged" } });
    let (status, body) = sim.patch(&id, &marks).await;
    assert_eq!((status, &body["id"]), (StatusCode::OK, &json!(id)));
    assert!(sim.world.items(ANNA)[0].is_read);
    for wrong in [
        json!({ "subject": "other" }),
        json!({ "colour": "red" }),
        json!({ "isRead": "yes" }),
        json!({ "isRead": false, "flag": { "flagStatus": "maybe" } }),
    ] {
        assert_eq!(sim.patch(&id, &wrong).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert!(sim.world.items(ANNA)[0].is_read, "a refused change changes nothing");
}

#[tokio::test]
async fn a_change_of_an_older_state_is_412() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let path = format!("/users/{ANNA}/messages/{}", escape(&id));
    let (_, body) = sim.get(&path).await;
    let etag = body["@odata.etag"].as_str().expect("an etag").to_owned();
    for wanted in [StatusCode::OK, StatusCode::PRECONDITION_FAILED] {
        let request = sim.request(Method::PATCH, &path).header(IF_MATCH, &etag);
        let request = request.json(&json!({ "isRead": true }));
        assert_eq!(read(request.send().await.expect("an answer")).await.0, wanted);
    }
}

#[tokio::test]
async fn delete_is_refused_inside_recoverable_items() {
    let sim = Sim::start().await;
    let id = sim.deliver(MESSAGE_ID);
    let path = format!("/users/{ANNA}/messages/{}", escape(&id));
    let request = sim.request(Method::DELETE, &path);
    assert_eq!(read(request.send().await.expect("an answer")).await.0, StatusCode::NO_CONTENT);
    let item = &sim.world.items(ANNA)[0];
    assert_eq!(item.folder, Folder::Deletions);
    let path = format!("/users/{ANNA}/messages/{}", escape(&item.id));
    let request = sim.request(Method::DELETE, &path);
    let (status, body) = read(request.send().await.expect("an answer")).await;
    assert_eq!((status.as_u16(), code(&body)), (400, "ErrorCannotDeleteObject"));
}

#[tokio::test]
async fn where_delete_puts_a_message_is_nobodys_promise() {
    let behaviour = Behaviour { delete_target: Folder::DeletedItems, ..Behaviour::default() };
    let sim = Sim::start_with(behaviour).await;
    let id = sim.deliver(MESSAGE_ID);
    let path = format!("/users/{ANNA}/messages/{}", escape(&id));
    let request = sim.request(Method::DELETE, &path);
    assert_eq!(read(request.send().await.expect("an answer")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(sim.world.items(ANNA)[0].folder, Folder::DeletedItems);
}

#[tokio::test]
async fn error_codes_may_be_spelled_otherwise_with_the_specific_one_inside() {
    let sim = Sim::start_with(Behaviour { odd_codes: true, ..Behaviour::default() }).await;
    let id = sim.deliver(MESSAGE_ID);
    sim.move_to(&id, "junkemail").await;
    let (status, body) = sim.move_to(&id, "junkemail").await;
    assert_eq!((status.as_u16(), code(&body)), (404, "UnknownError"));
    assert_eq!(body["error"]["innererror"]["code"], "erroritemnotfound");
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_refused() {
    let sim = Sim::start().await;
    for (method, path, status) in [
        (Method::GET, "/devices", 400),
        (Method::GET, "/groups/nobody/owners", 400),
        (Method::GET, "/groups/nobody", 404),
        (Method::GET, "/users/a-anna/events", 400),
        (Method::POST, "/users/a-anna/messages", 400),
        (Method::PUT, "/users/a-anna/messages", 405),
        (Method::DELETE, "/users/a-anna", 405),
        (Method::GET, "/users/a-anna/messages/%FF", 400),
        (Method::GET, "/users/a-anna/mailFolders/nowhere", 400),
    ] {
        let request = sim.request(method, path);
        let (got, _) = read(request.send().await.expect("an answer")).await;
        assert_eq!(got.as_u16(), status, "{path}");
    }
}
