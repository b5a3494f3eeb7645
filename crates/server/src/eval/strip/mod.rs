//! Takes out of a message what betrays the collection it comes from.
//!
//! Collections of good mail are old and come through lists, those of bad mail are new and come
//! through one provider: a judge that looks at dates, hops or recipients measures the collection.
//! So the header fields that tell it are removed, MIME boundaries get names of our own, and every
//! recipient becomes one and the same person, in the header, in the bodies, in links, and inside
//! text that is written in base64.
//!
//! It promises that everything else stays as it is, octet by octet, and that what can be parsed
//! before can be parsed after. It does not look into attachments, and leaves nested messages'
//! headers alone but for the recipient. A greeting by the local part alone ("Dear sales") stays.

mod recipients;
mod walk;

use clap::ValueEnum;
use serde::Serialize;

pub(super) use recipients::CONSTANT;
use recipients::Recipients;
use walk::Walk;

/// How much is taken out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Strip {
    /// Nothing.
    None,
    /// What the mailbox provider's own filter said.
    Verdict,
    /// Every header field, boundary and recipient that betrays the collection.
    #[default]
    Headers,
}

/// The message without what betrays it; and, where told so, without what was stated about its
/// sender.
pub(super) fn stripped(raw: &[u8], strip: Strip, no_authentication: bool) -> Vec<u8> {
    let raw = without_mbox_line(raw);
    let is_removed = |name: &[u8]| {
        let by_strip = match strip {
            Strip::None => false,
            Strip::Verdict => is_one_of(name, VERDICT),
            Strip::Headers => is_one_of(name, BETRAYS),
        };
        by_strip || (no_authentication && is_one_of(name, AUTHENTICATION))
    };
    let is_whole = strip == Strip::Headers;
    let recipients = if is_whole { Recipients::of(raw) } else { Recipients::nobody() };
    Walk::new(&recipients, is_whole, &is_removed).over(raw)
}

/// A message cut from an mbox may still have its separator on top.
fn without_mbox_line(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    let end = raw.iter().position(|octet| *octet == b'\n').map_or(raw.len(), |at| at + 1);
    raw.get(end..).unwrap_or_default()
}

/// A name in the list is a beginning where it ends in `*`.
fn is_one_of(name: &[u8], list: &[&str]) -> bool {
    list.iter().any(|entry| match entry.strip_suffix('*') {
        Some(start) => {
            name.get(..start.len()).is_some_and(|n| n.eq_ignore_ascii_case(start.as_bytes()))
        }
        None => name.eq_ignore_ascii_case(entry.as_bytes()),
    })
}

/// What tells where, when and through whom a message came. The last row says in other words what
/// the fields before it say.
const BETRAYS: &[&str] = &[
    "Received",
    "Date",
    "Message-ID",
    "X-*",
    "Authentication-Results*",
    "ARC-*",
    "Return-Path",
    "Delivered-To",
    "List-*",
    "DKIM-Signature",
    "Received-SPF",
    "DomainKey-Signature",
    "Envelope-To",
    "Precedence",
    "Mailing-List",
    "Archived-At",
    "Errors-To",
];

/// What a provider's filter thought.
const VERDICT: &[&str] = &[
    "X-MS-Exchange-Organization-SCL",
    "X-Forefront-Antispam-Report*",
    "X-Microsoft-Antispam*",
    "X-Gm-Spam",
    "X-Gm-Phishy",
    "X-Spam-*",
];

/// What was stated about who sent it.
const AUTHENTICATION: &[&str] =
    &["Authentication-Results*", "ARC-*", "Received-SPF", "X-MS-Exchange-Authentication-Results"];

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From lists@corp.example Mon Jan  1 00:00:00 2024\r\n\
        Received: from a.example (a.example [192.0.2.1])\r\n\tfor <eva@shop.example>;\r\n Mon\r\n\
        Authentication-Results: spf=pass\r\n\
        From: \"Bank\" <news@bank.example>\r\n\
        To: \"Eva Long\" <eva@shop.example>\r\n\
        Subject: phishing@pot, your account\r\n\
        Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n\
        Message-ID: <1@bank.example>\r\n\
        X-Mailer: x\r\nlist-id: <news.bank.example>\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative;\r\n boundary=\"----=_NextPart_77\"\r\n\
        \r\n\
        ------=_NextPart_77\r\n\
        Content-Type: text/plain\r\n\
        \r\n\
        Received: this is text. Dear Eva Long, eva@shop.example.\r\n\
        ----=_NextPart_77 is no delimiter. Evangeline\r\n\
        ------=_NextPart_77\r\n\
        Content-Type: text/html\r\n\
        Content-Transfer-Encoding: base64\r\n\
        \r\n\
        PGEgaHJlZj0iaHR0cHM6Ly9iLmV4YW1wbGUvP2U9cGhpc2hpbmdAcG90Ij54PC9hPg==\r\n\
        ------=_NextPart_77--\r\n";

    fn text(strip: Strip, no_authentication: bool) -> String {
        String::from_utf8(stripped(MAIL.as_bytes(), strip, no_authentication)).unwrap()
    }

    #[test]
    fn what_betrays_the_collection_is_gone() {
        let text = text(Strip::Headers, false);
        for gone in [
            "192.0.2.1",
            "spf=pass",
            "Date:",
            "1@bank",
            "X-Mailer",
            "list-id",
            "NextPart_77\"",
            "eva@",
            "Eva Long",
            "phishing@pot",
        ] {
            assert!(!text.contains(gone), "{gone} is in {text}");
        }
        assert!(
            text.starts_with("From: \"Bank\" <news@bank.example>\r\nTo: person@corp.example\r\n")
        );
        assert!(text.contains("Subject: person@corp.example, your account\r\n"), "{text}");
    }

    #[test]
    fn bodies_stay_but_for_the_recipient() {
        let text = text(Strip::Headers, false);
        assert!(text.contains("Received: this is text. Dear Pat Person, person@corp.example.\r\n"));
        assert!(text.contains("\r\n----=_NextPart_77 is no delimiter. Evangeline\r\n"), "{text}");
        let message = clawback_mail::message::Message::parse(text.as_bytes());
        let links: Vec<&str> = message.links.iter().map(|link| link.href.as_str()).collect();
        assert!(links.contains(&"https://b.example/?e=person@corp.example"), "{links:?}");
        assert!(message.text.contains("this is text"), "the parts are found by their new boundary");
    }

    #[test]
    fn nothing_is_taken_out_where_nothing_shall_be() {
        let whole = MAIL.split_once("\r\n").unwrap().1;
        assert_eq!(text(Strip::None, false), whole);
        assert_eq!(text(Strip::Verdict, false), whole);
        let without = text(Strip::None, true);
        assert_eq!(without, whole.replace("Authentication-Results: spf=pass\r\n", ""));
    }

    #[test]
    fn the_filters_verdict_goes_alone() {
        let mail = b"X-MS-Exchange-Organization-SCL: 5\r\nX-Forefront-Antispam-Report:\r\n SCL:5\r\nTo: a@b.example\r\n\r\nx";
        assert_eq!(stripped(mail, Strip::Verdict, false), b"To: a@b.example\r\n\r\nx");
    }

    #[test]
    fn an_author_who_writes_to_themselves_stays_the_author() {
        let mail =
            b"From: ann@uni.example\nTo: ann@uni.example, list@uni.example\n\nlist@uni.example";
        let text = String::from_utf8(stripped(mail, Strip::Headers, false)).unwrap();
        assert_eq!(text, "From: ann@uni.example\nTo: person@corp.example\n\nperson@corp.example");
    }

    #[test]
    fn nobody_is_put_where_nobody_was() {
        let mail = b"From: ann@uni.example\nTo: undisclosed-recipients:;\n\nx";
        assert_eq!(stripped(mail, Strip::Headers, false), mail);
    }
}
