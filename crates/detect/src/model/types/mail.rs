//! The types of what a message itself gives: [`MESSAGE`] and everything below it.
//!
//! Names are those of the message data model that rules are written against, also where a
//! journaled message never has a value for them.

use clawback_mql::{RecordType, Ty};

use super::{LINKS, MAILBOXES, TEXTS};

types! {
    ATTACHMENT = "Attachment" {
        "content_disposition": Ty::Text,
        "content_id": Ty::Text,
        "content_transfer_encoding": Ty::Text,
        "content_type": Ty::Text,
        "file_extension": Ty::Text,
        "file_name": Ty::Text,
        "file_type": Ty::Text,
        "md5": Ty::Text,
        "raw": Ty::Text,
        "sha1": Ty::Text,
        "sha256": Ty::Text,
        "size": Ty::Int,
    }
    AUTH_RESULTS = "AuthResults" {
        "compauth": Ty::Record(&COMP_AUTH),
        "dkim": Ty::Text,
        "dkim_details": Ty::List(&Ty::Record(&SIGNATURE)),
        "dmarc": Ty::Text,
        "dmarc_details": Ty::Record(&DMARC),
        "instance": Ty::Text,
        "server": Ty::Record(&DOMAIN),
        "spf": Ty::Text,
        "spf_details": Ty::Record(&SPF),
        "type": Ty::Text,
    }
    AUTH_SUMMARY = "AuthSummary" {
        "dmarc": Ty::Record(&DMARC_SUMMARY),
        "spf": Ty::Record(&SPF_SUMMARY),
    }
    BANNER = "Banner" {
        "links": LINKS,
        "text": Ty::Text,
    }
    BODY = "Body" {
        "current_thread": Ty::Record(&THREAD),
        "html": Ty::Record(&BODY_HTML),
        "ips": Ty::List(&Ty::Record(&IP)),
        "links": LINKS,
        "plain": Ty::Record(&PLAIN),
        "previous_threads": Ty::List(&Ty::Record(&PREVIOUS_THREAD)),
    }
    BODY_HTML = "BodyHTML" {
        "charset": Ty::Text,
        "content_transfer_encoding": Ty::Text,
        "display_text": Ty::Text,
        "inner_text": Ty::Text,
        "links": LINKS,
        "raw": Ty::Text,
    }
    COMP_AUTH = "CompAuth" {
        "reason": Ty::Text,
        "verdict": Ty::Text,
    }
    DMARC = "DMARC" {
        "action": Ty::Text,
        "disposition": Ty::Text,
        "from": Ty::Record(&DOMAIN),
        "policy": Ty::Text,
        "sub_policy": Ty::Text,
        "verdict": Ty::Text,
        "version": Ty::Text,
    }
    DMARC_SUMMARY = "DMARCSummary" {
        "details": Ty::Record(&DMARC),
        "error": Ty::Bool,
        "pass": Ty::Bool,
        "received_hop": Ty::Int,
    }
    DOMAIN = "Domain" {
        "domain": Ty::Text,
        "error": Ty::Text,
        "punycode": Ty::Text,
        "root_domain": Ty::Text,
        "sld": Ty::Text,
        "subdomain": Ty::Text,
        "tld": Ty::Text,
        "valid": Ty::Bool,
    }
    EMAIL_ADDRESS = "EmailAddress" {
        "domain": Ty::Record(&DOMAIN),
        "email": Ty::Text,
        "local_part": Ty::Text,
    }
    EXTERNAL = "External" {
        "created_at": Ty::Text,
        "message_id": Ty::Text,
        "route_type": Ty::Text,
        "spam": Ty::Bool,
        "spam_folder": Ty::Bool,
        "thread_id": Ty::Text,
    }
    FILE = "File" {
        "file_extension": Ty::Text,
        "file_name": Ty::Text,
        "file_type": Ty::Text,
        "raw": Ty::Text,
        "size": Ty::Int,
    }
    HEADERS = "Headers" {
        "auth_summary": Ty::Record(&AUTH_SUMMARY),
        "date": Ty::Text,
        "date_original_offset": Ty::Text,
        "delivered_to": Ty::Record(&EMAIL_ADDRESS),
        "domains": Ty::List(&Ty::Record(&DOMAIN)),
        "from": Ty::Record(&MAILBOX),
        "hops": Ty::List(&Ty::Record(&HOP)),
        "in_reply_to": Ty::Text,
        "ips": Ty::List(&Ty::Record(&IP)),
        "mailer": Ty::Text,
        "message_id": Ty::Text,
        "references": TEXTS,
        "reply_to": MAILBOXES,
        "return_path": Ty::Record(&EMAIL_ADDRESS),
        "x_authenticated_domain": Ty::Record(&DOMAIN),
        "x_authenticated_sender": Ty::Record(&EMAIL_ADDRESS),
        "x_client_ip": Ty::Record(&IP),
        "x_originating_ip": Ty::Record(&IP),
        "x_secure_server_account": Ty::Text,
        "x_sender": Ty::Record(&EMAIL_ADDRESS),
    }
    HOP = "Hop" {
        "authentication_results": Ty::Record(&AUTH_RESULTS),
        "fields": Ty::List(&Ty::Record(&HOP_FIELD)),
        "index": Ty::Int,
        "received": Ty::Record(&RECEIVED),
        "received_spf": Ty::Record(&SPF),
        "signature": Ty::Record(&SIGNATURE),
    }
    HOP_FIELD = "HopField" {
        "name": Ty::Text,
        "position": Ty::Int,
        "value": Ty::Text,
    }
    IP = "IP" {
        "ip": Ty::Text,
        "translation": Ty::Record(&IP_TRANSLATION),
        "version": Ty::Int,
    }
    IP_TRANSLATION = "IPTranslation" {
        "encoders": TEXTS,
        "original": Ty::Text,
        "v4_to_v6": Ty::Bool,
    }
    LINK = "Link" {
        "display_text": Ty::Text,
        "display_url": Ty::Record(&URL),
        "href_url": Ty::Record(&URL),
        "mismatched": Ty::Bool,
        "parser": Ty::Text,
        "visible": Ty::Bool,
    }
    MAILBOX = "Mailbox" {
        "display_name": Ty::Text,
        "email": Ty::Record(&EMAIL_ADDRESS),
    }
    OWN_MAILBOX = "MailboxExtended" {
        "display_name": Ty::Text,
        "email": Ty::Record(&EMAIL_ADDRESS),
        "first_name": Ty::Text,
        "last_name": Ty::Text,
    }
    MESSAGE = "Message" {
        "_errors": Ty::List(&Ty::Any),
        "_meta": Ty::Record(&METADATA),
        "attachments": Ty::List(&Ty::Record(&ATTACHMENT)),
        "body": Ty::Record(&BODY),
        "external": Ty::Record(&EXTERNAL),
        "headers": Ty::Record(&HEADERS),
        "mailbox": Ty::Record(&OWN_MAILBOX),
        "recipients": Ty::Record(&RECIPIENTS),
        "sender": Ty::Record(&SENDER),
        "subject": Ty::Record(&SUBJECT),
        "type": Ty::Record(&MESSAGE_TYPE),
    }
    MESSAGE_TYPE = "MessageType" {
        "inbound": Ty::Bool,
        "internal": Ty::Bool,
        "outbound": Ty::Bool,
    }
    METADATA = "Metadata" {
        "canonical_id": Ty::Text,
        "created_at": Ty::Text,
        "effective_at": Ty::Text,
        "id": Ty::Text,
    }
    PLAIN = "Plain" {
        "charset": Ty::Text,
        "content_transfer_encoding": Ty::Text,
        "links": LINKS,
        "raw": Ty::Text,
    }
    PREVIOUS_THREAD = "PreviousThread" {
        "banners": Ty::List(&Ty::Record(&BANNER)),
        "date": Ty::Text,
        "index": Ty::Int,
        "links": LINKS,
        "preamble": Ty::Text,
        "recipients": Ty::Record(&THREAD_RECIPIENTS),
        "sender": Ty::Record(&MAILBOX),
        "subject": Ty::Record(&SUBJECT),
        "text": Ty::Text,
    }
    RECEIVED = "Received" {
        "additional": Ty::Record(&RECEIVED_ADDITIONAL),
        "id": Ty::Record(&RECEIVED_ID),
        "link": Ty::Record(&RECEIVED_VIA),
        "mailbox": Ty::Record(&RECEIVED_FOR),
        "protocol": Ty::Record(&RECEIVED_WITH),
        "server": Ty::Record(&RECEIVED_BY),
        "source": Ty::Record(&RECEIVED_FROM),
        "time": Ty::Text,
        "zone_offset": Ty::Text,
    }
    RECEIVED_ADDITIONAL = "ReceivedAdditional" {
        "raw": Ty::Text,
    }
    RECEIVED_BY = "ReceivedBy" {
        "raw": Ty::Text,
    }
    RECEIVED_FOR = "ReceivedFor" {
        "raw": Ty::Text,
    }
    RECEIVED_FROM = "ReceivedFrom" {
        "raw": Ty::Text,
    }
    RECEIVED_ID = "ReceivedID" {
        "raw": Ty::Text,
    }
    RECEIVED_VIA = "ReceivedVia" {
        "raw": Ty::Text,
    }
    RECEIVED_WITH = "ReceivedWith" {
        "raw": Ty::Text,
    }
    RECIPIENTS = "Recipients" {
        "bcc": MAILBOXES,
        "cc": MAILBOXES,
        "to": MAILBOXES,
    }
    REWRITE = "RewriteDetails" {
        "encoders": TEXTS,
        "original": Ty::Text,
    }
    SPF = "SPF" {
        "client_ip": Ty::Record(&IP),
        "description": Ty::Text,
        "designator": Ty::Text,
        "helo": Ty::Record(&DOMAIN),
        "server": Ty::Record(&DOMAIN),
        "verdict": Ty::Text,
    }
    SPF_SUMMARY = "SPFSummary" {
        "details": Ty::Record(&SPF),
        "error": Ty::Bool,
        "pass": Ty::Bool,
        "received_hop": Ty::Int,
    }
    SENDER = "SenderMailbox" {
        "decoders": TEXTS,
        "display_name": Ty::Text,
        "email": Ty::Record(&EMAIL_ADDRESS),
    }
    SIGNATURE = "Signature" {
        "algorithm": Ty::Text,
        "body_hash": Ty::Text,
        "domain": Ty::Text,
        "headers": Ty::Text,
        "instance": Ty::Text,
        "selector": Ty::Text,
        "signature": Ty::Text,
        "type": Ty::Text,
        "version": Ty::Text,
    }
    SUBJECT = "Subject" {
        "base": Ty::Text,
        "is_auto_reply": Ty::Bool,
        "is_forward": Ty::Bool,
        "is_reply": Ty::Bool,
        "subject": Ty::Text,
        "tags": TEXTS,
    }
    THREAD = "Thread" {
        "banners": Ty::List(&Ty::Record(&BANNER)),
        "links": LINKS,
        "preamble": Ty::Text,
        "text": Ty::Text,
    }
    THREAD_RECIPIENTS = "ThreadRecipients" {
        "bcc": MAILBOXES,
        "cc": MAILBOXES,
        "to": MAILBOXES,
    }
    URL = "URL" {
        "domain": Ty::Record(&DOMAIN),
        "fragment": Ty::Text,
        "ip": Ty::Record(&IP),
        "password": Ty::Text,
        "path": Ty::Text,
        "port": Ty::Int,
        "query_params": Ty::Text,
        "query_params_decoded": Ty::Map(&TEXTS),
        "rewrite": Ty::Record(&REWRITE),
        "scheme": Ty::Text,
        "url": Ty::Text,
        "username": Ty::Text,
    }
}
