//! Header sections by example.

use std::sync::Arc;

use clawback_mail::message::{Authentication, Message, Outcome};

use super::*;
use crate::model::Context;

const MICROSOFT: &str = "Received: from AM1.prod.example (::1) by DB8.prod.example with HTTPS; Tue, 3 Mar 2026 10:00:05 +0000\r\n\
Authentication-Results: spf=pass (sender IP is 198.51.100.7)\r\n smtp.mailfrom=bounce.b.example; dkim=fail (body hash did not verify)\r\n header.d=b.example;dmarc=fail action=quarantine\r\n header.from=b.example;compauth=pass reason=109\r\n\
Received-SPF: Pass (protection.outlook.com: domain of bounce.b.example designates 198.51.100.7 as permitted sender) receiver=protection.outlook.com; client-ip=198.51.100.7; helo=mx.b.example; pr=C\r\n\
Received: from mx.b.example (198.51.100.7) by AM1.mail.protection.outlook.com\r\n (10.0.0.1) with Microsoft SMTP Server (version=TLS1_3, cipher=X) id 15.20.1\r\n via Frontend Transport; Tue, 3 Mar 2026 11:00:03 +0100\r\n\
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed; d=b.example; s=sel; i=@b.example;\r\n h=From:To:\r\n Reply-To; bh=AAA=; b=BB\r\n BB\r\n\
Received: from [192.0.2.9] (unknown [192.0.2.9]) by mx.b.example (Postfix)\r\n with ESMTPSA id 4ABC for <ben@corp.example>; Tue, 3 Mar 2026 10:00:00 +0000 (UTC)\r\n\
Authentication-Results: mx.b.example; spf=pass dmarc=pass\r\n\
From: Anna <anna@b.example>\r\nTo: ben@corp.example\r\nDate: Tue, 3 Mar 2026 11:59:58 +0200\r\n\
Message-ID: <1@b.example>\r\nIn-Reply-To: <0@corp.example>\r\nReferences: <a@corp.example>\r\n <0@corp.example>\r\n\
Reply-To: Other <o@c.example>\r\nReturn-Path: <bounce@b.example>\r\nX-Originating-IP: [203.0.113.5]\r\nUser-Agent: Mail/1\r\n\r\nx";

fn headers(raw: &str, authentication: Option<Authentication>) -> Value {
    let context = Context { authentication, ..Context::default() };
    let message = Arc::new(Message::parse(raw.as_bytes()));
    let source = Source::new(message, raw.as_bytes().into(), Arc::new(context), 0);
    Lazy::value(Headers::new(source))
}

/// A text, number or truth at a path, a number in it being a place in a list.
fn at(value: &Value, path: &str) -> String {
    let found = path.split('.').fold(value.clone(), |value, step| match step.parse::<usize>() {
        Ok(place) => value.as_list().and_then(|list| list.get(place).cloned()).unwrap_or_default(),
        Err(_) => value.get(step),
    });
    match found {
        Value::Text(text) => text.as_str().to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(list) => format!("{} items", list.len()),
        _ => "-".to_owned(),
    }
}

#[track_caller]
fn check(value: &Value, rows: &[(&str, &str)]) {
    for (path, meant) in rows {
        assert_eq!(at(value, path), *meant, "{path}");
    }
}

#[test]
fn plain_fields() {
    check(
        &headers(MICROSOFT, None),
        &[
            ("date", "2026-03-03T09:59:58Z"),
            ("date_original_offset", "+0200"),
            ("message_id", "<1@b.example>"),
            ("in_reply_to", "<0@corp.example>"),
            ("references.0", "a@corp.example"),
            ("references", "2 items"),
            ("reply_to.0.email.email", "o@c.example"),
            ("return_path.email", "bounce@b.example"),
            ("x_originating_ip.ip", "203.0.113.5"),
            ("mailer", "Mail/1"),
            ("from.display_name", "Anna"),
            ("delivered_to.email", "-"),
            ("domains.0.domain", "am1.prod.example"),
            ("domains.2.root_domain", "b.example"),
            ("ips.1.ip", "198.51.100.7"),
        ],
    );
    check(
        &headers("Subject: x\r\n\r\n", None),
        &[
            ("references", "0 items"),
            ("reply_to", "0 items"),
            ("hops", "1 items"),
            ("auth_summary.dmarc.pass", "-"),
            ("auth_summary.spf.details.verdict", "-"),
        ],
    );
}

#[test]
fn hops_begin_with_the_sender() {
    check(
        &headers(MICROSOFT, None),
        &[
            ("hops", "3 items"),
            ("hops.0.index", "0"),
            ("hops.0.received.server.raw", "mx.b.example"),
            ("hops.0.received.source.raw", "[192.0.2.9] (unknown [192.0.2.9])"),
            ("hops.0.received.protocol.raw", "ESMTPSA"),
            ("hops.0.received.id.raw", "4ABC"),
            ("hops.0.received.mailbox.raw", "<ben@corp.example>"),
            ("hops.0.received.additional.raw", "(Postfix)"),
            ("hops.0.received.time", "2026-03-03T10:00:00Z"),
            ("hops.0.received.zone_offset", "+0000"),
            ("hops.0.authentication_results.server.domain", "mx.b.example"),
            ("hops.0.fields.0.name", "Received"),
            ("hops.0.fields.2.name", "From"),
            ("hops.0.fields.2.position", "7"),
            ("hops.1.received.link.raw", "Frontend Transport"),
            ("hops.1.received.time", "2026-03-03T10:00:03Z"),
            ("hops.1.signature.domain", "b.example"),
            ("hops.1.signature.selector", "sel"),
            ("hops.1.signature.headers", "From:To:Reply-To"),
            ("hops.1.signature.signature", "BBBB"),
            ("hops.1.signature.instance", "-"),
            ("hops.1.signature.type", "DKIM-Signature"),
            ("hops.2.received_spf.verdict", "pass"),
            ("hops.2.received_spf.client_ip.ip", "198.51.100.7"),
            ("hops.2.received_spf.designator", "bounce.b.example"),
            ("hops.2.received_spf.helo.domain", "mx.b.example"),
        ],
    );
}

#[test]
fn results_as_microsoft_states_them() {
    check(
        &headers(MICROSOFT, None),
        &[
            ("hops.2.authentication_results.spf", "pass"),
            ("hops.2.authentication_results.spf_details.client_ip.ip", "198.51.100.7"),
            ("hops.2.authentication_results.spf_details.designator", "bounce.b.example"),
            ("hops.2.authentication_results.dkim", "fail"),
            ("hops.2.authentication_results.dkim_details.0.domain", "b.example"),
            ("hops.2.authentication_results.dmarc", "fail"),
            ("hops.2.authentication_results.dmarc_details.action", "quarantine"),
            ("hops.2.authentication_results.compauth.verdict", "pass"),
            ("hops.2.authentication_results.compauth.reason", "109"),
            ("hops.2.authentication_results.server.domain", "-"),
        ],
    );
}

#[test]
fn results_as_google_and_the_standard_state_them() {
    let google = results::value(
        "ARC-Authentication-Results",
        "i=1; mx.google.com; dkim=pass header.i=@a.example header.s=s1 header.b=abc; dkim=fail header.d=c.example; \
         spf=softfail (google.com: domain of transitioning x@a.example does not designate 192.0.2.1 as permitted sender) smtp.mailfrom=x@a.example; \
         dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=a.example",
    );
    check(
        &google,
        &[
            ("instance", "1"),
            ("server.domain", "mx.google.com"),
            ("dkim", "pass"),
            ("dkim_details", "2 items"),
            ("dkim_details.0.domain", "a.example"),
            ("dkim_details.0.selector", "s1"),
            ("spf", "softfail"),
            ("spf_details.designator", "x@a.example"),
            ("dmarc_details.policy", "reject"),
            ("dmarc_details.sub_policy", "none"),
            ("dmarc_details.disposition", "none"),
            ("dmarc_details.from.domain", "a.example"),
            ("type", "ARC-Authentication-Results"),
        ],
    );
    let quoted = results::value(
        "Authentication-Results",
        "mx.a.example 1; spf=fail smtp.mailfrom=\"x; dmarc=pass\"@b.example; auth=pass smtp.auth=y",
    );
    check(&quoted, &[("server.domain", "mx.a.example"), ("spf", "fail"), ("dmarc", "-")]);
}

#[test]
fn the_summary_believes_the_providers_hop_alone() {
    check(
        &headers(MICROSOFT, None),
        &[
            ("auth_summary.spf.pass", "true"),
            ("auth_summary.spf.details.designator", "bounce.b.example"),
            ("auth_summary.spf.received_hop", "2"),
            ("auth_summary.dmarc.pass", "false"),
            ("auth_summary.dmarc.details.from.domain", "b.example"),
            ("auth_summary.dmarc.error", "false"),
        ],
    );
    let forged =
        "Authentication-Results: x; dmarc=pass header.from=a.example\r\nFrom: a@a.example\r\n\r\n";
    check(&headers(forged, None), &[("auth_summary.dmarc.pass", "-")]);
    let found =
        Authentication { dmarc: Outcome::Pass, spf: Outcome::TempError, ..Default::default() };
    check(
        &headers(MICROSOFT, Some(found)),
        &[
            ("auth_summary.dmarc.pass", "true"),
            ("auth_summary.dmarc.details.verdict", "pass"),
            ("auth_summary.spf.pass", "false"),
            ("auth_summary.spf.error", "true"),
        ],
    );
}
