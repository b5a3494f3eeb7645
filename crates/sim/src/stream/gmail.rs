//! Adds to a message what Gmail adds on its way in, in the form seen in real copies.
//!
//! `Authentication-Results` bears the server's name and stands below the hop at which mail from
//! outside entered, above what the sender wrote.

use super::draft::{Draft, Origin, Outside};
use super::mime::{self, Seal};

/// The message as it is delivered, and as a routing rule copies it.
pub(crate) fn received(draft: &Draft, seal: &Seal<'_>) -> Vec<u8> {
    let (content, body) = mime::body(draft, seal);
    let trace = match &draft.origin {
        Origin::Inside => {
            let date = mime::date(seal.at);
            format!(
                "Received: by 2002:a17:906:1111:b0:1 with SMTP id a1csp1;\r\n        {date}\r\n"
            )
        }
        Origin::Outside(outside) => trace_outside(draft, outside, seal),
    };
    let sender = mime::sender_fields(draft, seal);
    let mail_from = &draft.mail_from;
    format!("{trace}{sender}MIME-Version: 1.0\r\n{content}Return-Path: <{mail_from}>\r\n\r\n{body}")
        .into_bytes()
}

fn trace_outside(draft: &Draft, outside: &Outside, seal: &Seal<'_>) -> String {
    let Outside { ip, helo, spf, dmarc, .. } = outside;
    let date = mime::date(seal.at);
    let (mail_from, from) = (&draft.mail_from, draft.from.domain());
    let to = draft.mailboxes().into_iter().next().unwrap_or_default();
    let means = if *spf == "pass" { "designates" } else { "does not designate" };
    let signature = match outside.signed_by {
        Some(domain) => format!("\r\n       dkim=pass header.i=@{domain} header.s=s1;"),
        None => String::new(),
    };
    format!(
        "Received: from {helo} ({helo}. [{ip}])\r\n        by mx.google.com with ESMTPS id \
         a1-0009\r\n        for <{to}>;\r\n        {date}\r\n\
         Received-SPF: {spf} (google.com: domain of {mail_from} {means}\r\n {ip} as permitted \
         sender) client-ip={ip};\r\n\
         Authentication-Results: mx.google.com;{signature}\r\n       spf={spf} (google.com: domain \
         of {mail_from} {means}\r\n {ip} as permitted sender) smtp.mailfrom={mail_from};\r\n       \
         dmarc={dmarc} (p=NONE sp=NONE dis=NONE) header.from={from}\r\n"
    )
}
