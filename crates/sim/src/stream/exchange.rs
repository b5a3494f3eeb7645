//! Adds to a message what Exchange Online adds on its way in, in the form seen in real reports.
//!
//! `Authentication-Results` stands above the hop at which mail from outside entered, and bears no
//! server name. What the sender wrote stands below.

use std::fmt::Write;

use super::draft::{Draft, Origin, Outside};
use super::mime::{self, Seal};
use super::organisation::Organisation;
use crate::random::Random;

/// The message as it is journaled and delivered.
pub(crate) fn received(
    draft: &Draft,
    organisation: &Organisation,
    seal: &Seal<'_>,
    random: &mut Random,
) -> Vec<u8> {
    let (content, body) = mime::body(draft, seal);
    let network_id = uuid::Uuid::from_u64_pair(random.next(), random.next());
    let recipients = draft.mailboxes().join(",");
    let (trace, found) = match &draft.origin {
        Origin::Inside => (trace_inside(seal), found_inside()),
        Origin::Outside(outside) => {
            (trace_outside(draft, outside, seal), found_outside(outside, &recipients))
        }
    };
    let direction = match &draft.origin {
        Origin::Inside => "Originating",
        Origin::Outside(_) => "Incoming",
    };
    let sender = mime::sender_fields(draft, seal);
    let (mail_from, tenant) = (&draft.mail_from, &organisation.tenant_id);
    format!(
        "{trace}{sender}MIME-Version: 1.0\r\n{content}Return-Path: {mail_from}\r\n\
         X-MS-Exchange-Organization-Network-Message-Id: {network_id}\r\n\
         X-MS-Exchange-Organization-MessageDirectionality: {direction}\r\n\
         X-MS-Exchange-Organization-Id: {tenant}\r\n\
         X-EOPAttributedMessage: 0\r\n\
         X-EOPTenantAttributedMessage: {tenant}:0\r\n{found}\r\n{body}"
    )
    .into_bytes()
}

fn trace_inside(seal: &Seal<'_>) -> String {
    format!(
        "Received: from {MAILBOX}\r\n ([fe80::1111:2222:3333:4444]) by {MAILBOX}\r\n \
         ([fe80::1111:2222:3333:4444%5]) with mapi id 15.20.9115.011; {}\r\n",
        mime::date(seal.at)
    )
}

fn trace_outside(draft: &Draft, outside: &Outside, seal: &Seal<'_>) -> String {
    let Outside { ip, helo, spf, dmarc, action, compauth, .. } = outside;
    let date = mime::date(seal.at);
    let envelope = draft.mail_from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let from = draft.from.domain();
    let signature = match outside.signed_by {
        Some(domain) => format!("dkim=pass (signature was verified)\r\n header.d={domain}"),
        None => "dkim=none (message not signed)\r\n header.d=none".to_owned(),
    };
    let (received_spf, means) = match *spf {
        "pass" => ("Pass", "designates"),
        "fail" => ("Fail", "does not designate"),
        _ => ("None", "does not designate"),
    };
    let mut out = format!(
        "Received: from DB8PR05CA0001.eurprd05.prod.outlook.com (2603:10a6:10:100::11)\r\n \
         by {MAILBOX} (2603:10a6:10:200::22) with\r\n Microsoft SMTP Server \
         (version=TLS1_2,\r\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9115.11;\r\n \
         {date}\r\nReceived: from {FRONT_END_LONG}\r\n (2603:10a6:10:100:cafe::33) by \
         DB8PR05CA0001.outlook.office365.com\r\n (2603:10a6:10:100::11) with Microsoft SMTP Server \
         (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9115.11 via Frontend \
         Transport;\r\n {date}\r\n"
    );
    let _infallible = write!(
        out,
        "Authentication-Results: spf={spf} (sender IP is {ip})\r\n smtp.mailfrom={envelope}; \
         {signature};dmarc={dmarc} action={action}\r\n header.from={from};compauth={compauth}\r\n\
         Received-SPF: {received_spf} (protection.outlook.com: domain of {envelope}\r\n {means} {ip} \
         as permitted sender) receiver=protection.outlook.com;\r\n client-ip={ip}; helo={helo}; \
         pr=C\r\nReceived: from {helo} ({ip}) by\r\n {FRONT_END} (10.233.238.222) with\r\n \
         Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)\r\n id 15.20.9115.11 \
         via Frontend Transport; {date}\r\n"
    );
    out
}

fn found_inside() -> String {
    format!(
        "X-MS-Exchange-Organization-AuthSource: {MAILBOX}\r\n\
         X-MS-Exchange-Organization-AuthAs: Internal\r\n\
         X-MS-Exchange-Organization-AuthMechanism: 04\r\n\
         X-MS-Has-Attach:\r\nX-MS-TNEF-Correlator:\r\n"
    )
}

fn found_outside(outside: &Outside, recipients: &str) -> String {
    let Outside { ip, helo, country, language, scl, verdict, category, bulk, .. } = outside;
    let recipients = recipients.replace(',', ",\r\n\t");
    format!(
        "X-MS-Exchange-Organization-OriginalClientIPAddress: {ip}\r\n\
         X-MS-Exchange-Organization-ConnectingIP: {ip}\r\n\
         X-Forefront-Antispam-Report:\r\n\tCIP:{ip};CTRY:{country};LANG:{language};SCL:{scl};SRV:;\
         IPV:NLI;SFV:{verdict};H:{helo};PTR:{helo};CAT:{category};SFS:;DIR:INB;\r\n\
         X-MS-Exchange-Organization-SCL: {scl}\r\n\
         X-MS-Exchange-Organization-OriginalEnvelopeRecipients:\r\n\t{recipients}\r\n\
         X-MS-Exchange-Organization-AuthSource:\r\n\t{FRONT_END_LONG}\r\n\
         X-MS-Exchange-Organization-AuthAs: Anonymous\r\n\
         X-Microsoft-Antispam: BCL:{bulk};\r\n"
    )
}

const MAILBOX: &str = "DB8PR05MB0001.eurprd05.prod.outlook.com";
const FRONT_END: &str = "DB8EUR05FT010.mail.protection.outlook.com";
const FRONT_END_LONG: &str = "DB8EUR05FT010.eop-eur05.prod.protection.outlook.com";
