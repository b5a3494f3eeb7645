//! Journal reports in the form in which Exchange Online sends them.
//!
//! A report is the original, unaltered, beside a short text that names its envelope. The outer
//! header is mostly a copy of the original's. A report of one fork names that fork's recipients
//! only.
// spec: ms-xjrnl#2.1

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use uuid::Uuid;

use crate::content::Content;
use crate::stream::DemoMail;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The original, with the header fields that Exchange added to it.
    pub original: &'a [u8],
    /// The original's SMTP sender; empty for a bounce.
    pub mail_from: &'a str,
    /// The recipients that this report names.
    pub recipients: &'a [Recipient],
    /// The tenant's default domain.
    pub tenant_domain: &'a str,
    /// The tenant's id.
    pub tenant_id: &'a str,
    /// The report's own identity: the same one again means the same report again.
    pub id: Uuid,
    /// When the report is made.
    pub at: Timestamp,
}

/// One recipient line of a report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recipient {
    /// How the sender addressed it.
    pub field: Field,
    /// The address that the message went to.
    pub address: String,
    /// What turned another address into this one.
    pub through: Option<Through>,
}

impl Recipient {
    /// A recipient of mail from outside: Exchange does not say how it was addressed.
    pub fn plain(address: &str) -> Self {
        Self { field: Field::Recipient, address: address.to_owned(), through: None }
    }

    /// A member that a list in `To` was expanded to.
    pub fn expanded(member: &str, list: &str) -> Self {
        let through = Some(Through::Expanded(list.to_owned()));
        Self { field: Field::To, address: member.to_owned(), through }
    }

    fn line(&self) -> String {
        let field = match self.field {
            Field::Bcc => "Bcc",
            Field::Cc => "Cc",
            Field::Recipient => "Recipient",
            Field::To => "To",
        };
        match &self.through {
            None => format!("{field}: {}\r\n", self.address),
            Some(Through::Expanded(list)) => {
                format!("{field}: {}, Expanded: {list}\r\n", self.address)
            }
            Some(Through::Forwarded(user)) => {
                format!("{field}: {}, Forwarded: {user}\r\n", self.address)
            }
        }
    }
}

/// How a recipient was addressed, where Exchange knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Field {
    /// As a blind copy.
    Bcc,
    /// As a copy.
    Cc,
    /// Exchange does not know.
    Recipient,
    /// Directly.
    To,
}

/// What turned one address into another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Through {
    /// This list was expanded.
    Expanded(String),
    /// This user's mail is forwarded.
    Forwarded(String),
}

/// Builds one report.
pub fn report(report: &Report<'_>) -> Vec<u8> {
    let content = Content::read(report.original.to_vec());
    let mut out = outer_header(report, &content);
    let boundary = format!("_{}_", report.id);
    let envelope = envelope(report, &content);
    let (charset, encoding, text) = match envelope.is_ascii() {
        true => ("us-ascii", "7bit", envelope),
        false => ("utf-8", "base64", lines_of_base64(&envelope)),
    };
    out.push_str(&format!(
        "\r\n--{boundary}\r\nContent-Type: text/plain; charset=\"{charset}\"\r\n\
         Content-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n--{boundary}\r\n\
         Content-Type: message/rfc822\r\n\r\n"
    ));
    let end = format!("\r\n--{boundary}--\r\n");
    [out.as_bytes(), report.original, end.as_bytes()].concat()
}

/// The reports of one message of the demo: one, or several that share out the recipients.
pub fn forks(
    mail: &DemoMail,
    tenant_domain: &str,
    tenant_id: &str,
    ids: &[Uuid],
    at: Timestamp,
) -> Vec<Vec<u8>> {
    let all = mail.journal_recipients();
    let share = all.len().div_ceil(ids.len().max(1)).max(1);
    all.chunks(share)
        .zip(ids)
        .map(|(recipients, id)| {
            report(&Report {
                original: &mail.raw,
                mail_from: &mail.mail_from,
                recipients,
                tenant_domain,
                tenant_id,
                id: *id,
                at,
            })
        })
        .collect()
}

fn outer_header(report: &Report<'_>, content: &Content) -> String {
    let Report { tenant_domain, tenant_id, id, .. } = report;
    let mut out = format!("Content-Type: multipart/mixed;\r\n\tboundary=\"_{id}_\"\r\n");
    for name in COPIED {
        for field in fields(report.original, name) {
            out.push_str(&field);
        }
    }
    let date = report.at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let parent = &content.message_id;
    out.push_str(&format!(
        "MIME-Version: 1.0\r\n\
         Sender: <{MICROSOFT_EXCHANGE}@{tenant_domain}>\r\n\
         Message-ID: <{id}@journal.report.generator>\r\n\
         Date: {date}\r\n\
         X-MS-PublicTrafficType: Email\r\n\
         X-MS-Journal-Report:\r\n\
         X-MS-Exchange-Parent-Message-Id:\r\n\t{parent}\r\n\
         Auto-Submitted: auto-generated\r\n\
         X-MS-Exchange-Generated-Message-Source: Journal Agent\r\n\
         X-MS-TrafficTypeDiagnostic: {SERVER}:JournalingReport\r\n\
         X-LD-Processed: {tenant_id},ExtAddr\r\n\
         X-OriginatorOrg: {tenant_domain}\r\n\
         X-MS-Exchange-CrossTenant-Network-Message-Id:\r\n\t{id}\r\n\
         X-MS-Exchange-CrossTenant-FromEntityHeader: Hosted\r\n\
         X-MS-Exchange-Transport-CrossTenantHeadersStamped: {SERVER}\r\n"
    ));
    out
}

/// The text part. One value a line, never folded.
fn envelope(report: &Report<'_>, content: &Content) -> String {
    let one_line = |text: &str| text.replace(['\r', '\n'], " ");
    let mut text = format!(
        "Sender: {}\r\nSubject: {}\r\nMessage-Id: {}\r\n",
        one_line(report.mail_from),
        one_line(&content.subject),
        one_line(&content.message_id)
    );
    for recipient in report.recipients {
        text.push_str(&recipient.line());
    }
    text
}

/// The fields of this name as they stand in a header, folds and all, each with its CRLF.
fn fields(raw: &[u8], name: &str) -> Vec<String> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(raw.len());
    let header = String::from_utf8_lossy(raw.get(..end).unwrap_or(raw)).into_owned();
    let mut found: Vec<String> = Vec::new();
    let mut is_in = false;
    for line in header.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some(field) = found.last_mut().filter(|_| is_in) {
                field.push_str(line);
                field.push_str("\r\n");
            }
            continue;
        }
        is_in = line.split_once(':').is_some_and(|(it, _)| it.trim().eq_ignore_ascii_case(name));
        if is_in {
            found.push(format!("{line}\r\n"));
        }
    }
    found
}

fn lines_of_base64(text: &str) -> String {
    let coded = STANDARD.encode(text);
    let mut lines = String::with_capacity(coded.len() + coded.len() / 38);
    for (at, octet) in coded.chars().enumerate() {
        if at > 0 && at % 76 == 0 {
            lines.push_str("\r\n");
        }
        lines.push(octet);
    }
    lines.push_str("\r\n");
    lines
}

const COPIED: &[&str] = &["Subject", "To", "Cc", "From", "List-Id", "List-Unsubscribe"];
const MICROSOFT_EXCHANGE: &str = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e";
const SERVER: &str = "DB8PR05MB0001";

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = include_bytes!("../tests/data/original.eml");

    fn sample(recipients: &[Recipient]) -> String {
        let octets = report(&Report {
            original: SAMPLE,
            mail_from: "bounce@shop.example",
            recipients,
            tenant_domain: "corp.example",
            tenant_id: "7d1c2a5e-0b44-4c1f-9a77-2f6f1f0c9d10",
            id: Uuid::from_u128(1),
            at: Timestamp::UNIX_EPOCH,
        });
        String::from_utf8(octets).expect("a report in UTF-8")
    }

    #[test]
    fn a_report_carries_the_original_octet_for_octet() {
        let report = sample(&[Recipient::plain("anna@corp.example")]);
        let original = std::str::from_utf8(SAMPLE).expect("UTF-8");
        assert!(report.contains(&format!("Content-Type: message/rfc822\r\n\r\n{original}\r\n--_")));
    }

    #[test]
    fn a_report_names_its_recipients_and_how_they_became_such() {
        let recipients = [
            Recipient::plain("anna@corp.example"),
            Recipient::expanded("ben@corp.example", "sales@corp.example"),
        ];
        let report = sample(&recipients);
        assert!(report.contains("Recipient: anna@corp.example\r\n"));
        assert!(report.contains("To: ben@corp.example, Expanded: sales@corp.example\r\n"));
        assert!(report.contains("X-MS-Journal-Report:\r\n"));
        assert!(report.contains("Sender: bounce@shop.example\r\nSubject: Your invoice 4711\r\n"));
    }

    #[test]
    fn folded_fields_are_copied_with_their_folds() {
        let raw =
            b"To: a@corp.example,\r\n b@corp.example\r\nX: y\r\n z\r\nSubject: s\r\n\r\nTo: no\r\n";
        assert_eq!(fields(raw, "to"), ["To: a@corp.example,\r\n b@corp.example\r\n"]);
        assert_eq!(fields(raw, "Subject"), ["Subject: s\r\n"]);
    }
}
