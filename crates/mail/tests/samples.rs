//! Journal samples that lie beside the checkout parse as their manifest says. A plain clone has
//! none of them, and says so; `journal.rs` covers the same shapes with messages made by code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Test files are read from disk here; the crate itself may not.
#![allow(clippy::disallowed_methods)]

use std::path::PathBuf;

use clawback_mail::journal::{self, Defect, Kind, Received, State};
use clawback_mail::message::Message;
use serde_json::Value;

fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/journal-samples");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no {}", folder.display());
    None
}

#[test]
fn every_sample_is_what_its_manifest_says() {
    let Some(folder) = samples() else { return };
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for (name, entry) in manifest.as_object().unwrap() {
        let raw = std::fs::read(folder.join(name)).unwrap();
        check(name, entry, &journal::unwrap(&raw));
    }
}

fn check(name: &str, entry: &Value, received: &Received<'_>) {
    let kind = match entry["kind"].as_str().unwrap() {
        "connector-validation" => Kind::ConnectorProbe,
        "gmail-copy" => Kind::PlainCopy,
        "ndr-with-journal-report" => Kind::ReportNdr,
        _ => Kind::JournalReport,
    };
    assert_eq!(received.kind, kind, "{name}");
    let expect = &entry["expect"];
    // One sample's report has a subject that goes on where the original's ends.
    let differs = expect.get("original_subject").is_some_and(|inner| *inner != expect["subject"]);
    let defects: &[Defect] = if differs { &[Defect::SubjectDiffers] } else { &[] };
    assert_eq!(received.defects, defects, "{name}");
    let Some(report) = &received.report else {
        assert_eq!(kind, Kind::ConnectorProbe, "{name}");
        return;
    };
    let text = |key: &str| expect[key].as_str();
    if let Some(sender) = text("sender") {
        assert_eq!(report.sender.as_ref().unwrap().to_string(), sender, "{name}");
    }
    assert_eq!(
        report.on_behalf_of.as_ref().map(ToString::to_string).as_deref(),
        text("on_behalf_of")
    );
    assert_eq!(report.label.as_deref(), text("label"), "{name}");
    assert_eq!(report.message_id.as_deref(), text("message_id"), "{name}");
    if let Some(subject) = text("subject") {
        assert_eq!(report.subject, subject, "{name}");
    }
    let recipients: Vec<Value> = report
        .recipients
        .iter()
        .map(|recipient| {
            let via = recipient.via.as_ref();
            let address = recipient.address.as_ref().unwrap().to_string();
            serde_json::json!([
                recipient.kind.as_str(),
                address,
                via.map(|(via, _)| via.as_str()),
                via.map(|(_, path)| path)
            ])
        })
        .collect();
    assert_eq!(Value::from(recipients), expect["recipients"], "{name}");
    if let Some(mailboxes) = expect["unique_mailboxes"].as_array() {
        let unique: Vec<Value> =
            report.unique_mailboxes().iter().map(|a| a.to_string().into()).collect();
        assert_eq!(&unique, mailboxes, "{name}");
    }
    let missing = expect.get("original").is_some_and(Value::is_null);
    assert_eq!(report.state, if missing { State::NoOriginal } else { State::Complete }, "{name}");
    let originals = expect["originals"].as_u64().unwrap_or(u64::from(!missing));
    assert_eq!(received.originals.len() as u64, originals, "{name}");
    if let Some(message) = received.message() {
        check_original(name, expect, &message);
    }
}

fn check_original(name: &str, expect: &Value, message: &Message) {
    let text = |key: &str| expect[key].as_str();
    assert_eq!(message.message_id.as_deref(), text("message_id"), "{name}");
    if let Some(subject) = text("original_subject") {
        assert_eq!(message.subject, subject, "{name}");
        assert_eq!(message.attachments.len(), 1, "{name}: the nested message is an attachment");
        assert_eq!(message.attachments[0].name, "older.eml", "{name}");
    }
    let facts = &message.provider;
    if let Some(ip) = text("client_ip") {
        assert_eq!(facts.client_ip.unwrap().to_string(), ip, "{name}");
    }
    if let Some(id) = text("network_message_id") {
        assert_eq!(facts.network_message_id.as_deref(), Some(id), "{name}");
    }
    if let Some(direction) = text("direction") {
        assert_eq!(facts.direction.unwrap().as_str(), direction, "{name}");
    }
    if let Some(tenant) = text("tenant") {
        assert_eq!(facts.tenant_id.as_deref(), Some(tenant), "{name}");
    }
    if text("scan").is_some() {
        assert!(message.text.contains("Clear text"), "{name}: the readable original comes first");
    }
    assert_eq!(message.defects, [], "{name}");
}
