//! A message as rules see it, and the functions that know mail, through the public interface.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use clawback_detect::model::{
    Context, LIBRARY, Model, Prevalence, Profile, Profiles, Registration, UNSUPPORTED_FIELDS,
};
use clawback_mail::address::{Address, Domain};
use clawback_mail::message::Message;
use clawback_mql::{Arguments, Body, Host, RecordType, Ty, Value};

fn model_of(raw: &[u8], context: Context) -> Model {
    Model::new(Arc::new(Message::parse(raw)), raw.into(), Arc::new(context))
}

fn model(raw: &str) -> Model {
    model_of(raw.as_bytes(), Context::default())
}

fn call(model: &Model, name: &str, arguments: &[Value]) -> Value {
    let mut functions = LIBRARY.functions.iter().copied().flatten();
    let function = functions.find(|function| function.name == name).unwrap();
    match function.body {
        Body::Native(body) => body(model, &Arguments { values: arguments }),
        Body::Prepared(prepare, body) => {
            let texts: Vec<&str> = arguments.iter().skip(1).filter_map(Value::as_str).collect();
            body(model, &Arguments { values: &arguments[..1] }, &prepare(&texts))
        }
        Body::Unsupported => panic!("{name} is not supported"),
    }
}

fn at(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |value, step| match step.parse::<usize>() {
        Ok(place) => value.as_list().and_then(|list| list.get(place).cloned()).unwrap_or_default(),
        Err(_) => value.get(step),
    })
}

fn text(value: &Value, path: &str) -> String {
    at(value, path).as_str().unwrap_or("-").to_owned()
}

fn count(value: &Value, path: &str) -> usize {
    at(value, path).as_list().map_or(0, |list| list.len())
}

const MAIL: &str = "From: \"Anna Berg\" <anna@mail.b.example>\r\nTo: Ben <ben@corp.example>, undisclosed\r\nCc: c@c.example\r\n\
Subject: [External] Re: Invoice\r\nDate: Tue, 3 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=x\r\n\r\n\
--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n\
--y\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nPay at https://lure.example/a\r\n\
--y\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
<p>S=E9curit=E9: <a href=3D\"https://eur01.safelinks.protection.outlook.com/?url=3Dhttps%3A%2F%2Flure.example%2Fb\">pay</a></p><i style=3D\"display:none\">x</i>\r\n\
--y--\r\n\
--x\r\nContent-Type: text/plain; name=\"Note.TXT\"\r\nContent-Disposition: attachment; filename=\"Note.TXT\"\r\nContent-ID: <n1>\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n\
--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: d@d.example\r\nSubject: inner\r\nContent-Type: text/plain\r\n\r\nInner text.\r\n\
--x--\r\n";

#[test]
fn a_message_has_its_parts() {
    let message = model(MAIL).message();
    let rows = [
        ("sender.display_name", "Anna Berg"),
        ("sender.email.email", "anna@mail.b.example"),
        ("sender.email.domain.root_domain", "b.example"),
        ("subject.subject", "[External] Re: Invoice"),
        ("subject.base", "Invoice"),
        ("subject.tags.0", "[External]"),
        ("recipients.to.0.display_name", "Ben"),
        ("recipients.cc.0.email.email", "c@c.example"),
        ("body.plain.charset", "utf-8"),
        ("body.plain.content_transfer_encoding", "8bit"),
        ("body.html.charset", "iso-8859-1"),
        ("body.html.display_text", "Securite: pay"),
        ("body.html.inner_text", "Sécurité: pay\nx"),
        ("body.current_thread.text", "Sécurité: pay"),
        ("body.links.0.href_url.url", "https://lure.example/b"),
        ("body.links.0.href_url.rewrite.encoders.0", "azure_safelink"),
        ("body.links.0.display_text", "pay"),
        ("body.links.1.href_url.url", "https://lure.example/a"),
        ("body.links.1.parser", "plain"),
        ("attachments.0.file_name", "Note.TXT"),
        ("attachments.0.file_extension", "txt"),
        ("attachments.0.content_type", "text/plain"),
        ("attachments.0.content_id", "n1"),
        ("attachments.0.content_disposition", "attachment"),
        ("attachments.0.content_transfer_encoding", "base64"),
        ("attachments.0.md5", "5d41402abc4b2a76b9719d911017c592"),
        ("attachments.0.raw", "aGVsbG8="),
        ("attachments.1.content_type", "message/rfc822"),
        ("headers.date", "2026-03-03T10:00:00Z"),
        ("external.route_type", "received"),
        ("mailbox.email.email", "-"),
    ];
    for (path, meant) in rows {
        assert_eq!(text(&message, path), meant, "{path}");
    }
    assert_eq!(at(&message, "type.inbound").as_bool(), Some(true));
    assert_eq!(at(&message, "subject.is_reply").as_bool(), Some(true));
    assert_eq!(at(&message, "attachments.0.size").as_int(), Some(5));
    assert_eq!(count(&message, "body.previous_threads"), 0);
    assert_eq!(count(&message, "body.links"), 2);
}

#[test]
fn a_nested_message_is_a_message() {
    let model = model(MAIL);
    let attachments = model.message().get("attachments");
    let inner = call(&model, "file.parse_eml", &[at(&attachments, "1")]);
    assert_eq!(text(&inner, "subject.subject"), "inner");
    assert_eq!(text(&inner, "body.current_thread.text"), "Inner text.");
    assert!(call(&model, "file.parse_eml", &[at(&attachments, "0")]).is_null());
}

#[test]
fn what_is_given_as_a_value_is_found() {
    let profile = Profile { prevalence: Prevalence::Rare, days_known: 3.0, ..Profile::default() };
    let registration = Registration { days_old: Some(5.0), ..Registration::default() };
    let context = Context {
        org_domains: vec![Domain::parse("corp.example").unwrap()],
        recipients: vec![Address::parse("ben@corp.example").unwrap()],
        profiles: Profiles { sender: Some(profile), ..Profiles::default() },
        registrations: [("b.example".into(), registration)].into(),
        ..Context::default()
    };
    let model = model_of(MAIL.as_bytes(), context);
    let message = model.message();
    assert_eq!(text(&message, "mailbox.email.email"), "ben@corp.example");
    assert_eq!(text(&message, "mailbox.display_name"), "Ben");
    let by_sender = call(&model, "profile.by_sender", &[]);
    assert_eq!(text(&by_sender, "prevalence"), "rare");
    assert!(call(&model, "profile.by_sender_email", &[]).is_null());
    let domain = at(&message, "sender.email.domain");
    let whois = call(&model, "network.whois", &[domain]);
    assert_eq!(whois.get("days_old").as_number(), Some(5.0));
    let unknown = call(&model, "network.whois", &[at(&message, "recipients.cc.0.email.domain")]);
    assert!(unknown.get("days_old").is_null());
}

#[test]
fn texts_are_read() {
    let model = model(MAIL);
    let of = |name: &str, input: &str| call(&model, name, &[Value::text(input)]);
    assert_eq!(text(&of("strings.parse_url", "a.example/x"), "domain.domain"), "a.example");
    assert!(of("strings.parse_url", "no address").is_null());
    let strict = [Value::text("a.example/x"), Value::Bool(true)];
    assert!(call(&model, "strings.parse_url", &strict).is_null());
    assert_eq!(text(&of("strings.parse_domain", "A.b.example"), "root_domain"), "b.example");
    assert_eq!(text(&of("strings.parse_email", "Anna <a@b.example>"), "local_part"), "a");
    assert!(of("strings.parse_email", "anna").is_null());
    assert_eq!(text(&of("strings.parse_html", "<p>a</p>"), "display_text"), "a");
    let json = of("strings.parse_json", "{\"a\":[1,{\"b\":\"c\"}]}");
    assert_eq!(text(&json, "a.1.b"), "c");
    assert!(of("strings.parse_json", "{").is_null());
    let scanned = of("beta.scan_base64", "https://lure.example/#YmVuQGNvcnAuZXhhbXBsZQ==");
    assert!(scanned.as_list().unwrap().iter().any(|one| one.as_str() == Some("ben@corp.example")));
    let replaced =
        of("strings.replace_confusables", "P\u{430}yp\u{430}l \u{1d5fd}\u{200b}\u{e9} счёт");
    assert_eq!(replaced.as_str().map(|text| text.get(..9)), Some(Some("Paypal pe")));
    let nodes =
        call(&model, "html.xpath", &[at(&model.message(), "body.html"), Value::text("//a/@href")]);
    assert!(text(&nodes, "nodes.0.raw").starts_with("https://eur01"));
    let links =
        call(&model, "html.xpath", &[at(&model.message(), "body.html"), Value::text("//p")]);
    assert_eq!(text(&links, "nodes.0.links.0.display_text"), "pay");
    assert_eq!(text(&links, "nodes.0.display_text"), "Securite: pay");
    let network =
        |ip: &str| [Value::text(ip), Value::text("10.0.0.0/8"), Value::text("192.0.2.0/24")];
    assert_eq!(call(&model, "beta.ip_in", &network("192.0.2.1")).as_bool(), Some(true));
    assert_eq!(call(&model, "beta.ip_in", &network("192.0.3.1")).as_bool(), Some(false));
}

/// A zip with one stored file.
fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let crc = content.iter().fold(!0_u32, |sum, octet| {
        (0..8).fold(sum ^ u32::from(*octet), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    });
    let size = u32::try_from(content.len()).unwrap().to_le_bytes();
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let common = [
        &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
        &(!crc).to_le_bytes(),
        &size,
        &size,
        &length,
        &[0, 0],
    ]
    .concat();
    let mut out = [&b"PK\x03\x04"[..], &common, name.as_bytes(), content].concat();
    let directory = u32::try_from(out.len()).unwrap().to_le_bytes();
    let entry = [&b"PK\x01\x02\x14\x00"[..], &common, &[0; 14], name.as_bytes()].concat();
    let entry_size = u32::try_from(entry.len()).unwrap().to_le_bytes();
    out.extend_from_slice(&entry);
    out.extend([&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &entry_size, &directory, &[0, 0]].concat());
    out
}

#[test]
fn files_come_apart_once() {
    let page = b"<html><head><title>Login</title></head><body><script>atob('x')</script><a href='https://lure.example/x'>go</a></body></html>";
    let packed = zip("login.html", page);
    let encoded: String = packed.iter().map(|octet| format!("={octet:02X}")).collect();
    let raw = format!(
        "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\n\
         Content-Type: application/zip; name=a.zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}\r\n--x--\r\n"
    );
    let model = model(&raw);
    let attachment = at(&model.message(), "attachments.0");
    assert_eq!(text(&attachment, "file_type"), "zip");
    let nodes = call(&model, "file.explode", std::slice::from_ref(&attachment));
    let again = call(&model, "file.explode", std::slice::from_ref(&attachment));
    assert!(std::rc::Rc::ptr_eq(nodes.as_list().unwrap(), again.as_list().unwrap()));
    assert_eq!(text(&nodes, "0.scan.zip.all_paths.0"), "login.html");
    assert_eq!(text(&nodes, "1.file_name"), "login.html");
    assert_eq!(text(&nodes, "1.flavors.mime"), "text/html");
    assert_eq!(text(&nodes, "1.scan.html.title"), "Login");
    assert_eq!(text(&nodes, "1.scan.url.urls.0.domain.domain"), "lure.example");
    assert_eq!(at(&nodes, "1.depth").as_int(), Some(1));
    assert_eq!(text(&nodes, "1.parent_node_id"), "0");
    assert!(at(&nodes, "1.scan.ocr").is_null() && at(&nodes, "1.scan.pdf").is_null());
    // A file inside is a file as well.
    let page = call(&model, "file.parse_html", &[at(&nodes, "1")]);
    assert_eq!(text(&page, "links.0.href_url.url"), "https://lure.example/x");
    let all = call(&model, "file.expand_archives", &[at(&model.message(), "attachments")]);
    assert_eq!(text(&all, "1.file_extension"), "html");
    let text_of = call(&model, "file.parse_text", &[at(&all, "1")]);
    assert!(text(&text_of, "text").starts_with("<html>"));
}

#[test]
fn an_invitation_has_events() {
    let raw = "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\n\
         Content-Type: text/calendar; name=i.ics\r\nContent-Disposition: attachment; filename=i.ics\r\n\r\n\
         BEGIN:VCALENDAR\r\nPRODID:-//X//EN\r\nBEGIN:VEVENT\r\nUID:1@x.example\r\nSUMMARY:Pay\r\nDESCRIPTION:See https://lure.example/x\r\nORGANIZER;CN=Anna:mailto:anna@b.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--x--\r\n";
    let model = model(raw);
    let calendar = call(&model, "beta.file.parse_ics", &[at(&model.message(), "attachments.0")]);
    let rows = [
        ("product_id", "-//X//EN"),
        ("events.0.summary", "Pay"),
        ("events.0.links.0.href_url.domain.domain", "lure.example"),
        ("events.0.organizer.email.email", "anna@b.example"),
    ];
    for (path, meant) in rows {
        assert_eq!(text(&calendar, path), meant, "{path}");
    }
}

/// Every record type below a type, by name.
fn types(of: &'static RecordType, found: &mut Vec<&'static RecordType>) {
    if found.iter().any(|known| std::ptr::eq(*known, of)) {
        return;
    }
    found.push(of);
    of.fields.iter().for_each(|field| types_of(field.ty, found));
}

fn types_of(ty: Ty, found: &mut Vec<&'static RecordType>) {
    match ty {
        Ty::Record(of) => types(of, found),
        Ty::List(inner) | Ty::Map(inner) => types_of(*inner, found),
        _ => {}
    }
}

#[test]
fn declarations_are_whole() {
    let mut found = Vec::new();
    types(LIBRARY.message, &mut found);
    let mut names = Vec::new();
    for function in LIBRARY.functions.iter().copied().flatten() {
        types_of(function.result, &mut found);
        assert!(!names.contains(&function.name), "{} is declared twice", function.name);
        names.push(function.name);
    }
    for of in &found {
        for (place, field) in of.fields.iter().enumerate() {
            assert_eq!(of.position(field.name), Some(place), "{}.{}", of.name, field.name);
        }
    }
    for (of, field) in UNSUPPORTED_FIELDS {
        let of = found.iter().find(|found| found.name == *of).unwrap();
        assert!(of.position(field).is_some(), "{}.{field}", of.name);
    }
}

/// Asks for every field below a value.
fn everything(value: &Value, depth: usize) {
    match value {
        _ if depth > 12 => {}
        Value::List(items) => items.iter().for_each(|item| everything(item, depth + 1)),
        Value::Record(record) => {
            let fields = record.record_type().fields;
            for (index, declared) in fields.iter().enumerate() {
                let field = record.field(index);
                assert!(
                    fits(&field, declared.ty),
                    "{}.{}",
                    record.record_type().name,
                    declared.name
                );
                everything(&field, depth + 1);
            }
        }
        _ => {}
    }
}

fn fits(value: &Value, ty: Ty) -> bool {
    match (value, ty) {
        (Value::Null, _) | (_, Ty::Any) => true,
        (Value::Bool(_), ty) => ty == Ty::Bool,
        (Value::Int(_), ty) => ty == Ty::Int,
        (Value::Float(_), ty) => ty == Ty::Float,
        (Value::Text(_), ty) => ty == Ty::Text,
        (Value::List(items), Ty::List(inner)) => items.iter().all(|item| fits(item, *inner)),
        (Value::Record(record), Ty::Record(of)) => std::ptr::eq(record.record_type(), of),
        (Value::Map(_), Ty::Map(_)) => true,
        _ => false,
    }
}

#[test]
fn every_field_has_the_type_that_is_declared() {
    everything(&model(MAIL).message(), 0);
}

proptest::proptest! {
    #[test]
    fn any_message_has_a_model(
        head in "(From: |To: |Subject: |Received: |Content-Type: text/html\r\n|a@b.example|\r\n|<|>|;| |\\PC){0,40}",
        body in "(<a href=|<div|>|</|'|https://a.example|style=display:none|On 2026 a@a.example wrote:|\n|>|From: x|\\PC){0,60}",
    ) {
        let raw = format!("{head}\r\n\r\n{body}");
        everything(&model(&raw).message(), 0);
    }
}
