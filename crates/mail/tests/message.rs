//! Messages as they come, honest and hostile: what is read, and what is said about their form.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use clawback_mail::indicator::IndicatorKind;
use clawback_mail::message::{Cap, Defect, LinkSource, Message, Outcome, Single};
use proptest::prelude::*;

fn parse(raw: &str) -> Message {
    Message::parse(raw.as_bytes())
}

/// A multipart with these parts, each a header line and a body.
fn mixed(parts: &[(&str, &str)]) -> Message {
    let mut raw = String::from("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (header, body) in parts {
        raw.push_str(&format!("--b\r\n{header}\r\n\r\n{body}\r\n"));
    }
    raw.push_str("--b--\r\n");
    parse(&raw)
}

fn hosts(message: &Message) -> Vec<&str> {
    message.links.iter().filter_map(|link| link.host.as_deref()).collect()
}

#[test]
fn fields_are_decoded() {
    let message = parse(
        "From: =?iso-8859-1?Q?J=F6rg?= <Joerg@Client.Example>\r\nSender: ben@corp.example\r\n\
         Reply-To: r@x.example\r\nTo: Team: anna@corp.example, \"B, C\" <b@corp.example>;\r\n\
         Cc: c@corp.example\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n folded\r\n\
         Message-ID: <m1@client.example>\r\nDate: Tue, 15 Sep 2026 08:12:00 +0000\r\n\r\nhi\r\n",
    );
    assert_eq!(message.from[0].name, "Jörg");
    assert_eq!(message.from[0].address.as_ref().unwrap().to_string(), "Joerg@client.example");
    assert_eq!(message.sender.as_ref().unwrap().raw, "ben@corp.example");
    assert_eq!(message.reply_to[0].raw, "r@x.example");
    assert_eq!(message.to.len(), 2);
    assert_eq!((message.to[1].name.as_str(), message.cc.len()), ("B, C", 1));
    assert_eq!(message.subject, "Grüße folded");
    assert_eq!(message.message_id.as_deref(), Some("m1@client.example"));
    assert_eq!(message.date, Some(1_789_459_920));
    assert_eq!(message.header("subject"), Some("Grüße folded"));
    assert_eq!(message.text.trim(), "hi");
    assert_eq!(message.defects, []);
}

#[test]
fn doubled_fields_are_noticed_and_every_author_is_kept() {
    let message = parse(
        "From: a@bank.example\r\nFrom: b@lure.example\r\nSubject: one\r\nSubject: two\r\n\r\nx",
    );
    let authors: Vec<_> = message.from.iter().map(|mailbox| mailbox.raw.as_str()).collect();
    assert_eq!(authors, ["a@bank.example", "b@lure.example"]);
    assert_eq!(message.subject, "one");
    assert_eq!(
        message.defects,
        [Defect::DuplicateField(Single::From), Defect::DuplicateField(Single::Subject)]
    );
}

#[test]
fn octets_without_a_header_are_text() {
    let message = parse("see https://lure.example/ now");
    assert_eq!(message.defects, [Defect::NoBlankLine, Defect::NoHeader]);
    assert_eq!(parse("no colon").defects, [Defect::NoHeader]);
    assert_eq!(hosts(&message), ["lure.example"]);
    assert_eq!(Message::parse(b"").octets, 0);
}

#[test]
fn a_boundary_on_a_folded_line_does_not_hide_the_parts() {
    let message = parse(
        "Subject: x\r\nContent-Type: multipart/mixed;\r\n boundary=\r\n \"b\"\r\n\r\n--b\r\n\r\nhttps://lure.example/\r\n--b--\r\n",
    );
    assert_eq!(hosts(&message), ["lure.example"]);
}

#[test]
fn a_delimiter_in_the_middle_of_a_line_does_not_hide_the_text() {
    let message = mixed(&[("Content-Type: text/plain", "before --b after https://lure.example/")]);
    assert_eq!(hosts(&message), ["lure.example"]);
}

#[test]
fn a_comment_behind_the_transfer_encoding_does_not_stop_decoding() {
    let message = mixed(&[(
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64 (x)",
        "aHR0cHM6Ly9sdXJlLmV4YW1wbGUv",
    )]);
    assert_eq!(hosts(&message), ["lure.example"]);
}

#[test]
fn a_missing_last_delimiter_loses_nothing_and_is_said() {
    let message = parse(
        "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhttps://lure.example/\r\n",
    );
    assert_eq!(hosts(&message), ["lure.example"]);
    assert!(message.defects.contains(&Defect::Unterminated), "{:?}", message.defects);
}

#[test]
fn an_alternative_that_no_standard_shows_is_read_too() {
    let message = parse(
        "Subject: x\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<a href='https://one.example/'>1</a>\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<a href='https://two.example/'>2</a>\r\n--b--\r\n",
    );
    assert_eq!(hosts(&message), ["one.example", "two.example"]);
    assert_eq!(message.html_text.split_whitespace().collect::<Vec<_>>(), ["1", "2"]);
}

#[test]
fn attachments_say_what_they_are() {
    let message = mixed(&[
        ("Content-Type: text/plain", "body"),
        (
            "Content-Type: application/pdf; name=bill.pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64",
            "PGh0bWw+PGEgaHJlZj0naHR0cHM6Ly9sdXJlLmV4YW1wbGUvJz5nbzwvYT4=",
        ),
        (
            "Content-Type: image/png\r\nContent-Disposition: inline; filename=\"=?utf-8?Q?=E2=82=AC.png?=\"",
            "x",
        ),
    ]);
    let [page, image] = message.attachments.as_slice() else {
        panic!("{}", message.attachments.len())
    };
    assert_eq!((page.declared_type.as_str(), page.found_type), ("application/pdf", "text/html"));
    assert!(page.is_html && !page.inline);
    assert_eq!(page.octets, 44);
    assert_eq!(image.name, "€.png");
    assert!(image.inline);
    assert_eq!(message.links.len(), 1);
    assert_eq!(message.links[0].source, LinkSource::Attachment);
}

#[test]
fn the_digest_is_that_of_the_decoded_octets_and_the_octets_can_be_had() {
    let raw = "Subject: x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n";
    let message = parse(raw);
    let digest: String = message.attachments[0].sha256.iter().map(|o| format!("{o:02x}")).collect();
    assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let content = Message::content(raw.as_bytes(), &message.attachments[0]);
    assert_eq!(content.as_deref(), Some(&b"abc"[..]));
}

#[test]
fn nested_messages_give_their_links_and_files_but_not_their_text() {
    let inner = "From: a@b.example\r\nSubject: y\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nhttps://lure.example/\r\n\
                 --c\r\nContent-Type: application/zip; name=z.zip\r\n\r\nPK\x03\x04\r\n--c--\r\n";
    let message =
        mixed(&[("Content-Type: text/plain", "outer"), ("Content-Type: message/rfc822", inner)]);
    assert_eq!(message.text.trim(), "outer");
    assert_eq!(message.links[0].depth, 1);
    let depths: Vec<_> =
        message.attachments.iter().map(|a| (a.depth, a.declared_type.as_str())).collect();
    assert_eq!(depths, [(0, "message/rfc822"), (1, "application/zip")]);
}

#[test]
fn a_calendar_is_an_attachment_whose_links_count() {
    let message = mixed(&[(
        "Content-Type: text/calendar; charset=utf-8",
        "BEGIN:VCALENDAR\r\nURL:https://lure.example/\r\n",
    )]);
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(hosts(&message), ["lure.example"]);
}

#[test]
fn the_providers_word_is_read_from_the_whole_message() {
    let message = parse(
        "Authentication-Results: spf=softfail (x)\r\n smtp.mailfrom=a.example; dkim=none; dmarc=fail action=oreject header.from=bank.example;compauth=fail reason=000\r\n\
         Received: from mx (192.0.2.7) by DB8.mail.protection.outlook.com (10.0.0.1) with\r\n Microsoft SMTP Server id 1\r\n via Frontend Transport; Tue, 15 Sep 2026 08:20:05 +0000\r\n\
         Authentication-Results: spf=pass; dmarc=pass\r\nFrom: a@bank.example\r\n\r\nx",
    );
    assert_eq!(message.authentication.spf, Outcome::SoftFail);
    assert_eq!(message.authentication.dmarc, Outcome::Fail);
    assert_eq!(message.authentication.header_from.as_ref().unwrap().as_str(), "bank.example");
}

#[test]
fn indicators_are_sorted_and_each_once() {
    let message = parse(
        "From: A <anna@mail.shop.example.com>\r\nReply-To: anna@mail.shop.example.com\r\nSubject: Your invoice 1\r\nContent-Type: text/html\r\n\r\n\
         <a href='https://Pay.Lure.example.org/x#1'>a</a><a href='https://pay.lure.example.org/x'>b</a><a href='http://192.0.2.1/'>c</a>",
    );
    let found: Vec<_> = message.indicators().into_iter().map(|i| (i.kind, i.value)).collect();
    let of = |kind: IndicatorKind| -> Vec<&str> {
        found.iter().filter(|(k, _)| *k == kind).map(|(_, v)| v.as_str()).collect()
    };
    assert_eq!(of(IndicatorKind::Url), ["http://192.0.2.1/", "https://pay.lure.example.org/x"]);
    assert_eq!(of(IndicatorKind::Host), ["192.0.2.1", "pay.lure.example.org"]);
    assert_eq!(of(IndicatorKind::Ip), ["192.0.2.1"]);
    assert_eq!(of(IndicatorKind::Domain), ["example.com", "example.org"]);
    assert_eq!(of(IndicatorKind::Address), ["anna@mail.shop.example.com"]);
    assert_eq!(of(IndicatorKind::SubjectKey), ["your invoice"]);
    assert!(found.is_sorted());
}

#[test]
fn the_text_digest_ignores_case_and_layout() {
    let html = parse("Subject: x\r\nContent-Type: text/html\r\n\r\n<p>Pay   <b>now</b></p>");
    let text = parse("Subject: x\r\n\r\npay\r\n  NOW\r\n");
    assert_eq!(html.text_digest(), text.text_digest());
    assert_ne!(html.text_digest(), parse("Subject: x\r\n\r\npay later").text_digest());
}

#[test]
fn a_million_nested_multiparts_come_back_quickly() {
    let mut raw = String::from("Subject: x\r\n");
    for level in 0..1_000_000 {
        raw.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
        ));
    }
    raw.push_str("\r\nhttps://lure.example/\r\n");
    let message = parse(&raw);
    assert!(
        message
            .defects
            .iter()
            .any(|d| matches!(d, Defect::Limit(Cap::Parts) | Defect::NestingLimit))
    );
    let report = format!("X-MS-Journal-Report:\r\n{raw}");
    assert_eq!(clawback_mail::journal::unwrap(report.as_bytes()).originals.len(), 0);
    let attached = "Content-Type: message/rfc822\r\n\r\n".repeat(1_000_000);
    let _ = parse(&attached);
    let _ =
        clawback_mail::journal::unwrap(format!("X-MS-Journal-Report:\r\n{attached}").as_bytes());
}

#[test]
fn many_parts_links_and_files_stop_at_their_limits() {
    let part = "--b\r\nContent-Type: application/x-x\r\n\r\ny\r\n".repeat(5_000);
    let message =
        parse(&format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{part}--b--\r\n"));
    assert_eq!(message.attachments.len(), 1_000);
    assert!(message.defects.contains(&Defect::Limit(Cap::Attachments)));
    assert!(message.defects.contains(&Defect::Limit(Cap::Parts)));

    let message = parse(&format!("Subject: x\r\n\r\n{}", "https://a.example/ ".repeat(3_000)));
    assert_eq!(message.links.len(), 2_000);
    assert!(message.defects.contains(&Defect::Limit(Cap::Links)));
}

#[test]
fn a_huge_text_is_cut_and_it_is_said() {
    let message = parse(&format!("Subject: x\r\n\r\n{}", "words and more\r\n".repeat(200_000)));
    assert!(message.text.len() <= 2 * 1024 * 1024 && message.text.len() > 1_000_000);
    assert_eq!(message.defects, [Defect::Limit(Cap::Text)]);
}

#[test]
fn messages_encoded_in_messages_are_followed_to_a_depth() {
    use std::fmt::Write;
    let mut raw = String::from("Subject: core\r\n\r\nhttps://lure.example/\r\n");
    for _ in 0..8 {
        let mut encoded = String::new();
        for octet in raw.bytes() {
            write!(encoded, "={octet:02X}").unwrap();
        }
        raw = format!(
            "Subject: x\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}\r\n"
        );
        if raw.len() > 3_000_000 {
            break;
        }
    }
    let message = parse(&raw);
    assert!(message.defects.contains(&Defect::NestingLimit), "{:?}", message.defects);
}

#[test]
fn work_is_linear_in_hostile_text() {
    // Each of these makes a careless scanner look at the whole rest at every octet.
    let patterns = [
        "http://",
        "a@",
        "a.",
        "www.",
        "://",
        "&",
        "&#",
        "(",
        "=?",
        "\"",
        "\\",
        "<a href=",
        "<!--",
        "<",
        "-",
        "é.",
        "http://a.example/(",
        "[",
        "Re:",
        "%",
    ];
    for pattern in patterns {
        let filler = pattern.repeat(1_000_000 / pattern.len());
        for media in ["text/plain", "text/html"] {
            let message = parse(&format!(
                "Subject: {filler}\r\nX: {filler}\r\nContent-Type: {media}\r\n\r\n{filler}"
            ));
            let _ = message.indicators();
        }
        let _ = parse(&format!(
            "Received: {filler}\r\nAuthentication-Results: {filler}\r\nFrom: {filler}\r\nTo: {filler}\r\n\r\n"
        ));
        let _ = clawback_mail::journal::unwrap(
            format!("X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nTo: a@b.example, {filler}\r\n").as_bytes(),
        );
    }
}

fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"From: a@b.example\r\n",
        b"Subject: =?utf-8?B?R3I=?=\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: text/html\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Type: text/plain; charset=utf-7\r\n",
        b"<a href='http://a.example'>x</a>",
        b"http://a.example",
        b"\xff\xfe",
        b"\0",
        b"=?",
        b"&#",
        b"+AG-",
        b"=3",
        b"Received: from a by mx.google.com\r\n",
        b"Authentication-Results: ((((\r\n",
        b"X: \"(\\\r\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%\r\n",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(words), 0..40).prop_map(|w| w.concat()),
        proptest::collection::vec(any::<u8>(), 0..3_000),
    ]
}

proptest! {
    /// Any octets at all: a message comes back, and everything that is computed from one.
    #[test]
    fn any_octets_are_a_message(raw in fragments()) {
        let message = Message::parse(&raw);
        prop_assert_eq!(message.octets, raw.len());
        let _ = (message.indicators(), message.text_digest(), Message::canonical_digest(&raw));
        for attachment in &message.attachments {
            let content = Message::content(&raw, attachment).expect("it was found here");
            prop_assert_eq!(content.len(), attachment.octets);
        }
    }
}

/// Seventy megabytes of one address field: taken apart, they would be gigabytes.
#[test]
fn a_huge_header_is_not_taken_apart() {
    let mut raw = b"From: a@b.example\r\nTo: ".to_vec();
    raw.extend(b"\"\\".repeat(20_000_000));
    let message = Message::parse(&raw);
    assert!(message.defects.contains(&Defect::HugeHeader));
    assert!(message.to.is_empty());
    assert_eq!(clawback_mail::journal::unwrap(&raw).kind, clawback_mail::journal::Kind::Unexpected);
}

/// The same inside a report: the report is read, the original is not taken apart.
#[test]
fn a_huge_header_inside_a_report_is_not_taken_apart() {
    let mut raw = b"X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\n\r\nSender: a@b.example\r\nMessage-Id: <1@b.example>\r\nRecipient: c@d.example\r\n\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nTo: "
        .to_vec();
    raw.extend(b"\"\\".repeat(10_000_000));
    raw.extend(b"\r\n\r\nhi\r\n--b--\r\n");
    let received = clawback_mail::journal::unwrap(&raw);
    let message = received.message().unwrap();
    assert!(message.defects.contains(&Defect::HugeHeader));
}

#[test]
fn a_character_set_that_makes_nothing_of_a_text_does_not_blank_it() {
    for charset in ["hz-gb-2312", "iso-2022-kr", "iso-2022-cn", "replacement", "no-such-set"] {
        let raw = format!(
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n\r\n\
             Verify your account\r\n"
        );
        let message = Message::parse(raw.as_bytes());
        assert!(message.text.contains("Verify your account"), "{charset}: {}", message.text);
    }
}
