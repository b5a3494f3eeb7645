//! The edge cases of journal mail, each named for what must hold. All messages are made here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use clawback_mail::address::Address;
use clawback_mail::journal::{self, Defect, Kind, Received, RecipientKind, Report, State, Via};
use clawback_mail::message::Message;
use proptest::prelude::*;

const ORIGINAL: &str = "From: Shop <a@shop.example.net>\r\nTo: anna@corp.example\r\n\
                        Subject: Your order\r\nMessage-ID: <m1@shop.example.net>\r\n\r\nhello\r\n";
const ENVELOPE: &str = "Sender: bounce@shop.example.net\r\nSubject: Your order\r\n\
                        Message-Id: <m1@shop.example.net>\r\nRecipient: anna@corp.example\r\n";
const MARKER: &str = "X-MS-Journal-Report:\r\nMessage-ID: <r1@journal.report.generator>\r\n";

/// Builds a report from its outer header lines, its text part and its attached parts.
struct Draft {
    outer: String,
    envelope: (String, Vec<u8>),
    parts: Vec<(String, Vec<u8>)>,
}

fn draft() -> Draft {
    Draft {
        outer: MARKER.into(),
        envelope: ("Content-Type: text/plain; charset=us-ascii\r\n".into(), ENVELOPE.into()),
        parts: vec![("Content-Type: message/rfc822\r\n".into(), ORIGINAL.into())],
    }
}

impl Draft {
    fn outer(mut self, outer: &str) -> Self {
        self.outer = outer.into();
        self
    }

    fn envelope(mut self, text: &str) -> Self {
        self.envelope.1 = text.into();
        self
    }

    fn text_part(mut self, header: &str, octets: &[u8]) -> Self {
        self.envelope = (header.into(), octets.into());
        self
    }

    fn parts(mut self, parts: &[(&str, &str)]) -> Self {
        self.parts = parts.iter().map(|(h, b)| ((*h).to_owned(), b.as_bytes().to_vec())).collect();
        self
    }

    fn build(&self) -> Vec<u8> {
        let mut raw = self.outer.clone().into_bytes();
        raw.extend(
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n\tboundary=\"_b1_\"\r\n\r\n",
        );
        for (header, body) in std::iter::once(&self.envelope).chain(&self.parts) {
            raw.extend(format!("--_b1_\r\n{header}\r\n").into_bytes());
            raw.extend(body);
            raw.extend(b"\r\n");
        }
        raw.extend(b"--_b1_--\r\n");
        raw
    }

    fn read(&self) -> Received<'static> {
        let raw: &'static [u8] = self.build().leak();
        journal::unwrap(raw)
    }

    fn report(&self) -> Report {
        self.read().report.expect("a report")
    }
}

/// Recipients as words: kind, address or raw, reason.
fn words(report: &Report) -> Vec<String> {
    let word = |recipient: &journal::Recipient| {
        let address = recipient.address.as_ref().map(ToString::to_string);
        let via = recipient.via.as_ref().map(|(via, path)| format!(" {}={path}", via.as_str()));
        let address = address.unwrap_or_else(|| format!("?{}", recipient.raw));
        format!("{}:{address}{}", recipient.kind.as_str(), via.unwrap_or_default())
    };
    report.recipients.iter().map(word).collect()
}

fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (index, chunk) in octets.chunks(3).enumerate() {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(*chunk.get(at).unwrap_or(&0)));
        let bits = a << 16 | b << 8 | c;
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            out.push(if place > chunk.len() { '=' } else { char::from(ALPHABET[digit as usize]) });
        }
        if index % 19 == 18 {
            out.push_str("\r\n");
        }
    }
    out
}

#[test]
fn a_whole_report_is_read() {
    let received = draft().read();
    assert_eq!(received.kind, Kind::JournalReport);
    assert_eq!(received.defects, []);
    let report = received.report.as_ref().unwrap();
    assert_eq!(report.state, State::Complete);
    assert_eq!(report.report_id.as_deref(), Some("r1@journal.report.generator"));
    assert_eq!(words(report), ["Recipient:anna@corp.example"]);
    assert!(!report.resent);
    assert_eq!(received.originals[0].as_ref(), ORIGINAL.as_bytes());
}

#[test]
fn case_01_the_marker_may_have_any_case_and_any_value() {
    for marker in [
        "X-MS-Journal-Report:\r\n",
        "x-ms-journal-report:  \r\n",
        "X-MS-JOURNAL-REPORT: 1\r\n",
        "Content-Identifer: ExJournalReport\r\n",
        "Content-Identifier: exjournalreport\r\n",
        "X-WM-Journal-Report: journal\r\n",
    ] {
        assert_eq!(draft().outer(marker).read().kind, Kind::JournalReport, "{marker}");
    }
}

#[test]
fn case_01_a_marker_in_the_original_only_makes_no_report() {
    let inner = format!("{MARKER}{ORIGINAL}");
    let raw = format!(
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
                       --x\r\n\r\nsee below\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--x--\r\n"
    );
    assert_eq!(journal::unwrap(raw.as_bytes()).kind, Kind::Unexpected);
}

#[test]
fn case_02_a_marked_message_that_is_no_multipart_is_malformed() {
    let raw = format!("{MARKER}\r\n{ENVELOPE}");
    let received = journal::unwrap(raw.as_bytes());
    assert_eq!(received.kind, Kind::JournalReport);
    assert_eq!(received.report.unwrap().state, State::Malformed);
    assert!(received.originals.is_empty());
}

#[test]
fn case_03_names_have_any_case_and_fields_any_order() {
    let rows = [
        "Sender: a@b.example\r\nMessage-ID: <m1@shop.example.net>\r\nSubject: Your order\r\nTo: c@d.example\r\n",
        "TO: c@d.example\r\nMESSAGE-ID:<m1@shop.example.net>\r\nsubject: Your order\r\nsender: a@b.example\r\n",
    ];
    for row in rows {
        let report = draft().envelope(row).report();
        assert_eq!(report.message_id.as_deref(), Some("m1@shop.example.net"));
        assert_eq!(report.subject, "Your order");
        assert_eq!(words(&report), ["To:c@d.example"]);
    }
}

#[test]
fn case_04_recipient_words_inside_a_subject_stay_subject() {
    let text = "Sender: a@b.example\r\nSubject: Hi, Expanded: x@y.example To: trap@evil.example\r\n\
                Message-Id: <m1@shop.example.net>\r\nRecipient: anna@corp.example\r\n";
    let received = draft().envelope(text).read();
    assert_eq!(words(received.report.as_ref().unwrap()), ["Recipient:anna@corp.example"]);
    assert_eq!(received.defects, [Defect::SubjectDiffers]);
}

#[test]
fn case_04_a_line_smuggled_through_a_subject_is_noticed() {
    for separator in ["\n", "\r", "\u{2028}"] {
        let text = format!(
            "Sender: a@b.example\r\nSubject: Your order{separator}Recipient: trap@evil.example\r\n\
                            Message-Id: <m1@shop.example.net>\r\nRecipient: anna@corp.example\r\n"
        );
        let received = draft()
            .text_part("Content-Type: text/plain; charset=utf-8\r\n", text.as_bytes())
            .read();
        assert_eq!(
            words(received.report.as_ref().unwrap()),
            ["Recipient:anna@corp.example"],
            "{separator:?}"
        );
        assert_eq!(received.defects, [Defect::SubjectDiffers], "{separator:?}");
    }
    // With a whole CRLF the line is there; the second subject and the first disagree with the
    // original.
    let text = "Sender: a@b.example\r\nSubject: Y\r\nSender: evil@b.example\r\nMessage-Id: <m1@shop.example.net>\r\nRecipient: anna@corp.example\r\n";
    let received = draft().envelope(text).read();
    assert_eq!(
        received.report.as_ref().unwrap().sender.as_ref().unwrap().to_string(),
        "a@b.example"
    );
    assert_eq!(received.defects, [Defect::RepeatedField, Defect::SubjectDiffers]);
}

#[test]
fn case_04_nothing_is_read_behind_the_first_blank_line() {
    let text = format!("{ENVELOPE}\r\nRecipient: late@evil.example\r\n");
    assert_eq!(words(&draft().envelope(&text).report()), ["Recipient:anna@corp.example"]);
}

#[test]
fn case_05_an_original_without_an_id_has_none() {
    let text = "Sender: a@b.example\r\nSubject: Your order\r\nRecipient: anna@corp.example\r\n";
    let report = draft().envelope(text).report();
    assert_eq!((report.message_id, report.state), (None, State::Complete));
}

#[test]
fn case_05_an_id_longer_than_a_line_may_be_is_none() {
    let long = format!("{}@shop.example.net", "m".repeat(2_000));
    let original = ORIGINAL.replace("m1@shop.example.net", &long);
    let text = ENVELOPE.replace("m1@shop.example.net", &long);
    let received =
        draft().envelope(&text).parts(&[("Content-Type: message/rfc822\r\n", &original)]).read();
    let report = received.report.as_ref().unwrap();
    assert_eq!((&report.message_id, report.state), (&None, State::Complete));
    assert_eq!(received.message().unwrap().message_id, None);
    assert_eq!(received.defects, []);
}

#[test]
fn case_06_another_id_in_the_original_is_noticed() {
    let other = ORIGINAL.replace("m1@", "m2@");
    let received = draft().parts(&[("Content-Type: message/rfc822\r\n", &other)]).read();
    assert_eq!(received.defects, [Defect::MessageIdDiffers]);
}

#[test]
fn case_08_the_same_report_has_the_same_id() {
    assert_eq!(draft().report().report_id, draft().report().report_id);
}

#[test]
fn case_10_a_mailbox_listed_twice_is_one_mailbox() {
    let text = ENVELOPE.to_owned()
        + "To: Anna@Corp.Example, Expanded: all@corp.example\r\nCc: ben@corp.example\r\n";
    let report = draft().envelope(&text).report();
    let unique: Vec<_> = report.unique_mailboxes().iter().map(Address::key).collect();
    assert_eq!(unique, ["anna@corp.example", "ben@corp.example"]);
    assert_eq!(report.recipients[1].via, Some((Via::Expanded, "all@corp.example".to_owned())));
}

#[test]
fn case_11_and_12_lists_and_people_outside_stay_as_they_stand() {
    let text = ENVELOPE.to_owned()
        + "To: all@corp.example\r\nTo: carl@elsewhere.example\r\n\
           To: carl@elsewhere.example, Forwarded: anna@corp.example\r\n";
    let report = draft().envelope(&text).report();
    assert_eq!(
        words(&report)[1..],
        [
            "To:all@corp.example",
            "To:carl@elsewhere.example",
            "To:carl@elsewhere.example Forwarded=anna@corp.example"
        ]
    );
}

#[test]
fn case_13_local_parts_keep_their_case_and_domains_are_canonical() {
    let text = ENVELOPE.to_owned() + "To: Ben+x@Bücher.Example\r\n";
    let draft = draft().text_part("Content-Type: text/plain; charset=utf-8\r\n", text.as_bytes());
    assert_eq!(words(&draft.report())[1], "To:Ben+x@xn--bcher-kva.example");
}

#[test]
fn case_14_directory_names_stay_unresolved_and_encapsulated_addresses_come_out() {
    let text = "Sender: [EX:/o=Corp/ou=A/cn=Recipients/cn=ben]\r\nMessage-Id: <m1@shop.example.net>\r\n\
                Subject: Your order\r\n\
                To: IMCEAEX-_O=CORP_OU=A_CN=ANNA@corp.example\r\n\
                To: IMCEASMTP-dora+40partner+2Eexample@corp.example\r\nTo: <carl@corp.example>\r\n\
                To: Carl Dahl <carl@corp.example>\r\n";
    let report = draft().envelope(text).report();
    assert_eq!(report.sender, None);
    assert_eq!(report.sender_raw, "[EX:/o=Corp/ou=A/cn=Recipients/cn=ben]");
    assert_eq!(
        words(&report),
        [
            "To:?IMCEAEX-_O=CORP_OU=A_CN=ANNA@corp.example",
            "To:dora@partner.example",
            "To:carl@corp.example",
            "To:carl@corp.example"
        ]
    );
}

#[test]
fn case_15_the_last_modifier_outside_quotes_counts() {
    let rows = [
        ("\"a, Expanded: b\"@corp.example", "To:\"a, Expanded: b\"@corp.example"),
        (
            "\"a,b\"@corp.example, Expanded: l@corp.example",
            "To:\"a,b\"@corp.example Expanded=l@corp.example",
        ),
        (
            "a@corp.example, Forwarded: \"x, y\"@corp.example",
            "To:a@corp.example Forwarded=\"x, y\"@corp.example",
        ),
        ("a@corp.example Expanded: l@corp.example", "To:a@corp.example Expanded=l@corp.example"),
        ("a@corp.example,Forwarded:l@corp.example", "To:a@corp.example Forwarded=l@corp.example"),
    ];
    for (value, word) in rows {
        let report = draft().envelope(&format!("{ENVELOPE}To: {value}\r\n")).report();
        assert_eq!(words(&report)[1], word);
    }
}

#[test]
fn case_16_sloppy_lines_are_tolerated() {
    let tidy = draft().report();
    let lone_lf = ENVELOPE.replace("\r\n", "\n");
    let rows = [
        ("trailing spaces", ENVELOPE.replace("\r\n", "  \t\r\n")),
        ("lone LF", lone_lf),
        ("no final line end", ENVELOPE.trim_end().to_owned()),
        ("byte order mark", format!("\u{feff}{ENVELOPE}")),
        ("no-break space", ENVELOPE.replace(": ", ":\u{a0}")),
        ("leading blank line", format!("\r\n{ENVELOPE}")),
    ];
    for (rule, text) in rows {
        let report = draft()
            .text_part("Content-Type: text/plain; charset=utf-8\r\n", text.as_bytes())
            .report();
        assert!(report == tidy, "{rule}");
    }
}

#[test]
fn case_16_unknown_lines_are_kept() {
    let report = draft().envelope(&format!("{ENVELOPE}Flavour: vanilla\r\n")).report();
    assert_eq!(report.extensions, [("flavour".to_owned(), "vanilla".to_owned())]);
    assert_eq!(report.state, State::Complete);
}

#[test]
fn case_17_the_text_part_may_have_any_encoding_and_charset() {
    let subject = "Grüße";
    let text = ENVELOPE.replace("Your order", subject);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let quoted = text.replace("ü", "=C3=BC").replace("ß", "=C3=9F");
    let rows: [(&str, &str, Vec<u8>); 5] = [
        (
            "utf-8 base64",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n",
            base64(text.as_bytes()).into_bytes(),
        ),
        (
            "quoted-printable",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
            quoted.into_bytes(),
        ),
        ("latin", "Content-Type: text/plain; charset=iso-8859-1\r\n", latin),
        (
            "windows",
            "Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n",
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        ),
        (
            "unknown falls back to utf-8",
            "Content-Type: text/plain; charset=x-klingon\r\n",
            text.into_bytes(),
        ),
    ];
    for (rule, header, octets) in rows {
        let report = draft().text_part(header, &octets).report();
        assert_eq!(report.subject, subject, "{rule}");
        assert_eq!(words(&report), ["Recipient:anna@corp.example"], "{rule}");
    }
}

#[test]
fn case_17_multi_byte_charsets_are_decoded() {
    let mut octets = b"Sender: a@b.example\r\nSubject: ".to_vec();
    octets.extend(b"\x1b$B4A;z\x1b(B\r\nMessage-Id: <m1@shop.example.net>\r\nRecipient: anna@corp.example\r\n");
    let report =
        draft().text_part("Content-Type: text/plain; charset=iso-2022-jp\r\n", &octets).report();
    assert_eq!(report.subject, "漢字");
    let chinese = [
        b"Sender: a@b.example\r\nSubject: \xba\xba\xd7\xd6\r\nMessage-Id: <m1@b.example>\r\n"
            .as_slice(),
        b"Recipient: anna@corp.example\r\n",
    ];
    let header = "Content-Type: text/plain; charset=gb18030\r\n";
    assert_eq!(draft().text_part(header, &chinese.concat()).report().subject, "汉字");
}

#[test]
fn case_18_a_report_part_in_html_or_an_alternative_is_read() {
    let html = ENVELOPE.replace('<', "&lt;").replace('>', "&gt;").replace("\r\n", "<br>\r\n");
    let report = draft().text_part("Content-Type: text/html\r\n", html.as_bytes()).report();
    assert_eq!(words(&report), ["Recipient:anna@corp.example"]);
    assert_eq!(report.message_id.as_deref(), Some("m1@shop.example.net"));
    let both = format!(
        "--y\r\nContent-Type: text/plain\r\n\r\n{ENVELOPE}\r\n--y\r\nContent-Type: text/html\r\n\r\n{html}\r\n--y--\r\n"
    );
    let report = draft()
        .text_part("Content-Type: multipart/alternative; boundary=y\r\n", both.as_bytes())
        .report();
    assert_eq!(words(&report), ["Recipient:anna@corp.example"]);
}

#[test]
fn case_19_originals_are_unwrapped_however_they_are_labelled() {
    let encoded = base64(ORIGINAL.as_bytes());
    let rows = [
        ("plain", "Content-Type: message/rfc822\r\n", ORIGINAL),
        (
            "binary",
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n",
            ORIGINAL,
        ),
        (
            "base64",
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
            &encoded,
        ),
        ("global", "Content-Type: message/global\r\n", ORIGINAL),
        (
            "file",
            "Content-Type: application/octet-stream; name=\"x.EML\"\r\nContent-Transfer-Encoding: base64\r\n",
            &encoded,
        ),
    ];
    for (rule, header, body) in rows {
        let received = draft().parts(&[(header, body)]).read();
        assert_eq!(received.originals.len(), 1, "{rule}");
        assert_eq!(received.message().unwrap().subject, "Your order", "{rule}");
        assert_eq!(received.report.unwrap().state, State::Complete, "{rule}");
    }
}

#[test]
fn case_19_what_we_do_not_open_is_said() {
    let rows = [
        ("Content-Type: application/vnd.ms-outlook; name=x.msg\r\n", Defect::OutlookMessage),
        ("Content-Type: application/octet-stream; name=x.msg\r\n", Defect::OutlookMessage),
        ("Content-Type: application/ms-tnef; name=winmail.dat\r\n", Defect::Tnef),
    ];
    for (header, defect) in rows {
        let received = draft().parts(&[(header, "xx")]).read();
        assert_eq!(received.defects, [defect]);
        assert_eq!(received.report.unwrap().state, State::NoOriginal);
    }
}

#[test]
fn case_20_a_report_without_its_original_is_a_report() {
    for draft in [draft().parts(&[]), draft().parts(&[("Content-Type: message/rfc822\r\n", "")])] {
        let received = draft.read();
        assert_eq!(received.kind, Kind::JournalReport);
        let report = received.report.as_ref().unwrap();
        assert_eq!((report.state, report.recipients.len()), (State::NoOriginal, 1));
        assert!(received.originals.is_empty() && received.message().is_none());
    }
}

#[test]
fn case_21_the_readable_one_of_two_versions_comes_first() {
    let protected = "Subject: Your order\r\nMessage-ID: <m1@shop.example.net>\r\nContent-Class: rpmsg.message\r\n\r\nsealed\r\n";
    let header = "Content-Type: message/rfc822\r\n";
    let received = draft().parts(&[(header, protected), (header, ORIGINAL)]).read();
    assert_eq!(received.originals.len(), 2);
    assert!(received.message().unwrap().text.contains("hello"));
}

#[test]
fn case_21_the_one_that_the_report_is_about_comes_first() {
    let other = "Subject: Your order\r\nMessage-ID: <m9@shop.example.net>\r\n\r\nother\r\n";
    let header = "Content-Type: message/rfc822\r\n";
    let received = draft().parts(&[(header, other), (header, ORIGINAL)]).read();
    assert_eq!(received.originals.len(), 2);
    assert_eq!(received.message().unwrap().message_id.as_deref(), Some("m1@shop.example.net"));
    assert_eq!(received.defects, []);
}

#[test]
fn case_22_a_message_inside_the_original_is_its_attachment() {
    let original = "From: a@b.example\r\nSubject: Your order\r\nMessage-ID: <m1@shop.example.net>\r\n\
        Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nsee\r\n--in\r\nContent-Type: message/rfc822\r\n\r\n\
        From: c@d.example\r\nSubject: older\r\n\r\nhttps://lure.example/\r\n--in--\r\n";
    let received = draft().parts(&[("Content-Type: message/rfc822\r\n", original)]).read();
    assert_eq!(received.originals.len(), 1);
    let message = received.message().unwrap();
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(
        (message.links[0].host.as_deref(), message.links[0].depth),
        (Some("lure.example"), 1)
    );
}

#[test]
fn case_22_an_original_with_the_reports_own_boundary_does_not_swallow_the_rest() {
    let original = "Subject: Your order\r\nMessage-ID: <m1@shop.example.net>\r\n\
        Content-Type: multipart/mixed; boundary=\"_b1_\"\r\n\r\n--_b1_\r\n\r\ninner\r\n--_b1_--\r\n";
    let received = draft().parts(&[("Content-Type: message/rfc822\r\n", original)]).read();
    assert_eq!(received.kind, Kind::JournalReport);
    assert_eq!(words(received.report.as_ref().unwrap()), ["Recipient:anna@corp.example"]);
    assert!(!received.originals.is_empty());
}

#[test]
fn case_23_a_bloated_inner_header_is_read() {
    let mut original = String::from("Subject: Your order\r\nMessage-ID: <m1@shop.example.net>\r\n");
    for index in 0..3_000 {
        original.push_str(&format!("X-Filler-{index}: {}\r\n", "y".repeat(30)));
    }
    original.push_str(&format!(
        "X-Long: {}\r\nX-Nul: a\0b\r\nX-Eight: ä\r\n\r\nhello\r\n",
        "z".repeat(5_000)
    ));
    let received = draft().parts(&[("Content-Type: message/rfc822\r\n", &original)]).read();
    let message = received.message().unwrap();
    assert_eq!(message.subject, "Your order");
    assert_eq!(message.text.trim(), "hello");
    assert_eq!(message.headers.len(), 1_000);
    use clawback_mail::message::{Cap, Defect};
    assert_eq!(message.defects, [Defect::HugeHeader, Defect::Limit(Cap::Fields), Defect::NulOctet]);
}

#[test]
fn case_23_a_report_part_with_long_lines_nul_and_eight_bit_octets_is_read() {
    let mut text = b"X-Long: ".to_vec();
    text.extend(b"y".repeat(100_000));
    text.extend(b"\r\nX-Nul: a\0b\r\nX-Eight: \xe4\xff\r\n");
    text.extend(ENVELOPE.bytes());
    let report = draft().text_part("Content-Type: text/plain\r\n", &text).report();
    assert_eq!(words(&report), ["Recipient:anna@corp.example"]);
    assert_eq!((report.state, report.extensions.len()), (State::Complete, 3));
}

#[test]
fn so_many_recipients_are_kept_and_the_rest_is_counted() {
    let line = |index: usize| format!("To: user{index}@corp.example\r\n");
    let listed = |count: usize| {
        let lines: String = (0..count).map(line).collect();
        let text = ENVELOPE.replace("Recipient: anna@corp.example\r\n", &lines);
        let received = draft().envelope(&text).read();
        let report = received.report.unwrap();
        let kept = (report.recipients.len(), report.unique_mailboxes().len());
        (kept, report.recipients_beyond, received.defects)
    };
    assert_eq!(listed(1_000), ((1_000, 1_000), 0, vec![]));
    assert_eq!(listed(1_003), ((1_000, 1_000), 3, vec![Defect::Limit]));
    let (kept, beyond, defects) = listed(30_000);
    assert_eq!((kept, defects), ((1_000, 1_000), vec![Defect::Limit]));
    assert!((18_900..=19_000).contains(&beyond), "lines beyond 20,000 are not read: {beyond}");
}

#[test]
fn case_24_what_a_program_sent_is_an_original_like_any_other() {
    let begin = "Subject: Your order\r\nMessage-ID: <m1@shop.example.net>\r\n";
    for kind in [
        "Content-Type: multipart/report; boundary=d\r\n\r\n--d\r\n\r\nfailed\r\n--d\r\n\
         Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n--d--\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=d\r\n\r\n\
         --d\r\n\r\nread\r\n--d\r\nContent-Type: message/disposition-notification\r\n\r\n\
         Disposition: x\r\n--d--\r\n",
        "Auto-Submitted: auto-replied\r\n\r\nI am away\r\n",
        "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n",
        "Content-Class: voice\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n",
    ] {
        let original = format!("{begin}{kind}");
        let text = ENVELOPE.replace("Sender: bounce@shop.example.net", "Sender: <>");
        let received = draft()
            .envelope(&text)
            .parts(&[("Content-Type: message/rfc822\r\n", &original)])
            .read();
        assert_eq!(received.kind, Kind::JournalReport, "{kind}");
        assert_eq!((received.originals.len(), &received.defects), (1, &vec![]), "{kind}");
        let report = received.report.as_ref().unwrap();
        assert_eq!((&report.sender, report.state), (&None, State::Complete), "{kind}");
        assert_eq!(received.message().unwrap().subject, "Your order", "{kind}");
    }
}

#[test]
fn case_24_an_original_without_a_sender_has_none() {
    for sender in ["Sender: <>", "Sender:"] {
        let received =
            draft().envelope(&ENVELOPE.replace("Sender: bounce@shop.example.net", sender)).read();
        let report = received.report.unwrap();
        assert_eq!(
            (report.sender, report.sender_raw.as_str(), report.state),
            (None, "", State::Complete)
        );
    }
}

#[test]
fn case_25_a_returned_report_is_unwrapped_once() {
    let inner = String::from_utf8(draft().build()).unwrap();
    let encoded = base64(inner.as_bytes());
    for (header, body) in
        [("", inner.as_str()), ("Content-Transfer-Encoding: base64\r\n", encoded.as_str())]
    {
        let raw = format!(
            "From: x@corp.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=n\r\n\r\n\
            --n\r\n\r\nfailed\r\n--n\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\n\
            --n\r\nContent-Type: message/rfc822\r\n{header}\r\n{body}\r\n--n--\r\n"
        );
        let received = journal::unwrap(raw.as_bytes());
        assert_eq!(received.kind, Kind::ReportNdr);
        let report = received.report.as_ref().unwrap();
        assert_eq!(report.report_id.as_deref(), Some("r1@journal.report.generator"));
        assert_eq!(received.message().unwrap().subject, "Your order");
    }
}

#[test]
fn case_25_news_of_a_failure_without_the_report_is_only_news() {
    let raw = "From: x@corp.example\r\nContent-Type: multipart/report; boundary=n\r\n\r\n--n\r\n\r\ndelayed\r\n--n--\r\n";
    let received = journal::unwrap(raw.as_bytes());
    assert_eq!(received.kind, Kind::ReportNdr);
    assert!(received.report.is_none());
    assert_eq!(received.originals, [raw.as_bytes()]);
}

#[test]
fn case_26_a_connector_probe_is_known_by_its_author() {
    let raw = "From: <o365connectorvalidation@corp.example>\r\nSubject: Test\r\n\r\nprobe\r\n";
    let received = journal::unwrap(raw.as_bytes());
    assert_eq!((received.kind, received.originals.len()), (Kind::ConnectorProbe, 0));
}

#[test]
fn case_27_other_mail_is_unexpected_and_keeps_its_octets() {
    let raw: &[u8] = b"From: a@b.example\r\nSubject: buy\r\n\r\nnow\r\n";
    let received = journal::unwrap(raw);
    assert_eq!(received.kind, Kind::Unexpected);
    assert_eq!(received.originals, [raw]);
    assert_eq!(journal::unwrap(b"").kind, Kind::Unexpected);
}

#[test]
fn case_28_every_originating_organisation_is_reported() {
    let rows: [(&str, &[&str]); 3] = [
        ("", &[]),
        ("X-OriginatorOrg:\r\n\t Corp.Example \r\n", &["corp.example"]),
        (
            "X-OriginatorOrg: corp.example\r\nX-OriginatorOrg: evil.example\r\n",
            &["corp.example", "evil.example"],
        ),
    ];
    for (lines, meant) in rows {
        let draft = draft().outer(&format!("{MARKER}{lines}X-LD-Processed: 7d1c,ExtAddr\r\n"));
        for outer in [draft.read().outer, journal::outer(&draft.build())] {
            assert_eq!(outer.originator_orgs, meant);
            assert_eq!(outer.tenant_id.as_deref(), Some("7d1c"));
        }
    }
}

#[test]
fn case_28_what_the_outer_header_says_of_its_source() {
    const EXCHANGE: &str = "microsoftexchange329E71EC88AE4615BBC36AB6CE41109E@corp.example";
    let sent = format!("{MARKER}Sender: <{EXCHANGE}>\r\n");
    let report = |lines: &str| {
        let draft = draft().outer(&format!("{sent}{lines}"));
        let (outer, head) = (draft.read().outer, journal::outer(&draft.build()));
        assert!(outer == head, "a session and the pipeline read the same");
        assert!(outer.marked && outer.complete && !outer.probe);
        outer
    };
    let plain = report("X-MS-Exchange-Parent-Message-Id:\r\n\t<m1@shop.example.net>\r\n");
    assert!(plain.sender_is_exchange && plain.report_id_is_generated && !plain.by_person);
    assert_eq!(plain.parent_message_id.as_deref(), Some("m1@shop.example.net"));
    assert_eq!(plain.originator_orgs, [""; 0]);

    assert!(!report("Sender: <ben@corp.example>\r\n").sender_is_exchange, "a second sender");
    assert!(!report(&format!("Sender: {EXCHANGE}, b@corp.example\r\n")).sender_is_exchange);
    assert!(!report("Message-ID: <x@corp.example>\r\n").report_id_is_generated);
    for field in ["UserPrincipalName: ben@corp.example", "MailboxType: HOSTED"] {
        assert!(report(&format!("X-MS-Exchange-CrossTenant-{field}\r\n")).by_person, "{field}");
    }
    let signed = report("DKIM-Signature: v=1; d=corp.example\r\n");
    assert!(!signed.by_person, "a report may be signed by the domain in its From");

    let nobody = journal::outer(b"Subject: hi\r\n\r\nX-OriginatorOrg: corp.example\r\n");
    assert!(!nobody.marked && !nobody.sender_is_exchange && nobody.complete);
    assert_eq!(nobody.originator_orgs, [""; 0], "the body says nothing");
    let probe = journal::outer(b"From: <O365ConnectorValidation@corp.example>\r\n\r\n");
    assert!(probe.probe && probe.complete);
}

#[test]
fn case_28_a_header_that_is_not_seen_to_its_end_is_said_to_be_incomplete() {
    let raw = format!("{MARKER}X-OriginatorOrg: corp.example\r\n\r\nbody\r\n");
    let end = raw.find("\r\n\r\n").unwrap() + 4;
    for length in 0..raw.len() {
        assert_eq!(journal::outer(&raw.as_bytes()[..length]).complete, length >= end, "{length}");
    }
    // The one attached message, of which there is nothing, lacks its blank line; this one does not.
    let attached = b"Content-Type: message/rfc822\n\n \n";
    assert!(journal::outer(attached).complete && journal::unwrap(attached).outer.complete);
    let long = format!("{MARKER}X-Long: {}\r\n\r\nbody\r\n", "x".repeat(300_000));
    let outer = journal::outer(long.as_bytes());
    assert!(outer.marked && !outer.complete);
}

#[test]
fn case_25_a_returned_reports_source_is_the_reports_own() {
    let inner = draft().outer(&format!("{MARKER}X-OriginatorOrg: corp.example\r\n")).build();
    let inner = String::from_utf8(inner).unwrap();
    let raw = format!(
        "X-OriginatorOrg: evil.example\r\nContent-Type: multipart/report; boundary=n\r\n\r\n\
         --n\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--n--\r\n"
    );
    let received = journal::unwrap(raw.as_bytes());
    assert_eq!(received.kind, Kind::ReportNdr);
    assert_eq!(received.outer.originator_orgs, ["corp.example"]);
    assert_eq!(journal::outer(raw.as_bytes()).originator_orgs, ["evil.example"]);
}

#[test]
fn case_34_times_are_kept_as_written() {
    let report = draft()
        .envelope(&format!("{ENVELOPE}SentUtc: 9/15/2026 8:00:00 AM\r\nReceivedUtc: gestern\r\n"))
        .report();
    assert_eq!(report.sent.as_deref(), Some("9/15/2026 8:00:00 AM"));
    assert_eq!(report.received.as_deref(), Some("gestern"));
}

#[test]
fn case_34_an_originals_date_may_be_missing_or_nonsense() {
    let rows = [
        ("missing", "", None),
        ("the epoch", "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n", Some(0)),
        ("no date", "Date: yesterday\r\n", None),
        ("no such day", "Date: Mon, 31 Feb 2026 25:61:00 +0000\r\n", None),
        ("the wrong weekday", "Date: Mon, 2 Jan 1970 00:00:00 +0000\r\n", Some(86_400)),
        ("before the epoch", "Date: Wed, 31 Dec 1969 23:59:59 +0000\r\n", Some(-1)),
    ];
    for (rule, line, meant) in rows {
        let original = format!("{line}{ORIGINAL}");
        let received = draft().parts(&[("Content-Type: message/rfc822\r\n", &original)]).read();
        assert_eq!(received.message().unwrap().date, meant, "{rule}");
    }
    for year in ["0000", "9999", "99999", "4294967296", "-1"] {
        let original = format!("Date: Mon, 5 Jan {year} 00:00:00 +9999\r\n{ORIGINAL}");
        let _ = Message::parse(original.as_bytes()).date;
    }
}

#[test]
fn case_35_an_original_of_ones_own_people_has_no_authentication_and_that_is_no_failure() {
    let original = format!(
        "X-MS-Exchange-Organization-AuthAs: Internal\r\n\
         X-MS-Exchange-Organization-MessageDirectionality: Originating\r\n{ORIGINAL}"
    );
    let received = draft().parts(&[("Content-Type: message/rfc822\r\n", &original)]).read();
    let message = received.message().unwrap();
    use clawback_mail::message::Authentication;
    assert!(message.authentication == Authentication::default());
    assert_eq!(message.provider.client_ip, None);
}

#[test]
fn case_38_copies_that_took_another_route_have_the_same_digest() {
    let cloud = format!(
        "Received: from a by b\r\nX-MS-Exchange-Organization-SCL: 1\r\nAuthentication-Results: spf=pass\r\n\
                         ARC-Seal: i=1\r\nDKIM-Signature: v=1\r\nReturn-Path: a@b.example\r\n{ORIGINAL}"
    );
    let refolded =
        ORIGINAL.replace("Subject: Your order", "subject: Your\r\n order").replace("\r\n", "\n");
    let digest = Message::canonical_digest(ORIGINAL.as_bytes());
    assert_eq!(digest, Message::canonical_digest(cloud.as_bytes()));
    assert_eq!(digest, Message::canonical_digest(refolded.as_bytes()));
    assert_ne!(digest, Message::canonical_digest(ORIGINAL.replace("hello", "hullo").as_bytes()));
    assert_ne!(digest, Message::canonical_digest(ORIGINAL.replace("order", "odder").as_bytes()));
}

#[test]
fn case_39_a_gmail_copy_names_its_recipient_in_a_header() {
    let raw = "X-Gm-Original-To: anna@gsuite.example\r\nReturn-Path: <bounce@b.example>\r\nFrom: a@b.example\r\n\
               Subject: hi\r\nMessage-ID: <m1@b.example>\r\n\r\nhello\r\n";
    let received = journal::unwrap(raw.as_bytes());
    assert_eq!(received.kind, Kind::PlainCopy);
    let report = received.report.unwrap();
    assert_eq!(words(&report), ["X-Gm-Original-To:anna@gsuite.example"]);
    assert_eq!(report.sender.unwrap().to_string(), "bounce@b.example");
    assert_eq!(received.originals, [raw.as_bytes()]);
}

#[test]
fn case_40_bcc_recipients_are_told_apart() {
    let report = draft().envelope(&format!("{ENVELOPE}Bcc: dora@corp.example\r\n")).report();
    assert_eq!(report.recipients[1].kind, RecipientKind::Bcc);
}

#[test]
fn a_report_sent_again_is_known_by_its_shape() {
    let received =
        draft().outer("From: admin@corp.example\r\nMessage-ID: <x@corp.example>\r\n").read();
    assert_eq!(received.kind, Kind::JournalReport);
    assert!(received.report.unwrap().resent);
}

#[test]
fn the_older_form_with_a_list_of_recipients_is_read() {
    let text = "Sender: a@b.example\r\nMessage-ID: <m1@shop.example.net>\r\nRecipients:\r\nAnna <anna@corp.example>\r\nben@corp.example\r\n";
    let report = draft().outer("Content-Identifer: ExJournalReport\r\n").envelope(text).report();
    assert_eq!(words(&report), ["Recipient:anna@corp.example", "Recipient:ben@corp.example"]);
}

#[test]
fn nothing_of_a_report_reaches_a_debug_text() {
    let received = draft().read();
    let text = format!("{received:?} {:?} {:?}", received.report, received.message());
    for secret in ["anna", "order", "shop", "bounce"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

proptest! {
    #[test]
    fn any_octets_are_unwrapped(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = journal::unwrap(&raw);
    }

    /// Octets changed anywhere in a real report still come back, and no recipient is made up
    /// from the original's body.
    #[test]
    fn a_damaged_report_is_unwrapped(place in 0usize..900, octet in any::<u8>(), cut in 0usize..900) {
        let mut raw = draft().build();
        let length = raw.len();
        raw[place % length] = octet;
        raw.truncate(length - cut % length);
        let received = journal::unwrap(&raw);
        let _ = received.message();
        let outer = journal::outer(&raw);
        prop_assert!(!outer.complete || received.kind == Kind::ReportNdr || outer == received.outer);
    }
}
