//! What a stored message says of itself: parsed once when it is delivered, shared by its copies.

use jiff::Timestamp;
use mail_parser::{AddressList, MessageParser};

/// The octets of a message and what its properties are made of.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) raw: Vec<u8>,
    pub(crate) message_id: String,
    pub(crate) subject: String,
    pub(crate) from: Option<Mailbox>,
    pub(crate) sender: Option<Mailbox>,
    pub(crate) to: Vec<Mailbox>,
    pub(crate) cc: Vec<Mailbox>,
    pub(crate) reply_to: Vec<Mailbox>,
    pub(crate) sent: Option<Timestamp>,
    pub(crate) body: String,
    pub(crate) is_html: bool,
    pub(crate) preview: String,
    pub(crate) has_attachments: bool,
    pub(crate) headers: Vec<(String, String)>,
}

/// A display name and an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Mailbox {
    pub(crate) name: String,
    pub(crate) address: String,
}

impl Content {
    /// Reads a message. Octets that are no message make one without properties.
    pub(crate) fn read(raw: Vec<u8>) -> Self {
        let message = MessageParser::new().parse(raw.as_slice());
        let mut content = Self::empty();
        if let Some(message) = &message {
            let headers = message.headers();
            content.message_id =
                message.message_id().map(|id| format!("<{id}>")).unwrap_or_default();
            content.subject = message.subject().unwrap_or_default().to_owned();
            content.from = mailboxes(message.from()).into_iter().next();
            content.sender =
                mailboxes(message.sender()).into_iter().next().or(content.from.clone());
            content.to = mailboxes(message.to());
            content.cc = mailboxes(message.cc());
            content.reply_to = mailboxes(message.reply_to());
            content.sent =
                message.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
            content.is_html = message.html_body().next().is_some_and(|part| {
                part.content_type().and_then(|it| it.subtype()) == Some("html")
            });
            let body = if content.is_html { message.body_html(0) } else { message.body_text(0) };
            content.body = body.map(|text| text.to_string()).unwrap_or_default();
            content.preview =
                message.body_preview(PREVIEW_MAX).map(|text| text.to_string()).unwrap_or_default();
            content.has_attachments = message.attachments().len() > 0;
            content.headers = headers
                .iter()
                .take(HEADERS_MAX)
                .map(|header| {
                    let value = String::from_utf8_lossy(header.raw_value()).trim().to_owned();
                    (header.raw_name().to_owned(), value)
                })
                .collect();
        }
        drop(message);
        content.raw = raw;
        content
    }

    fn empty() -> Self {
        Self {
            raw: Vec::new(),
            message_id: String::new(),
            subject: String::new(),
            from: None,
            sender: None,
            to: Vec::new(),
            cc: Vec::new(),
            reply_to: Vec::new(),
            sent: None,
            body: String::new(),
            is_html: false,
            preview: String::new(),
            has_attachments: false,
            headers: Vec::new(),
        }
    }
}

fn mailboxes(list: Option<AddressList<'_>>) -> Vec<Mailbox> {
    let Some(list) = list else { return Vec::new() };
    list.mailboxes()
        .take(MAILBOXES_MAX)
        .filter_map(|mailbox| {
            let address = mailbox.address()?.to_owned();
            Some(Mailbox { name: mailbox.name().unwrap_or(&address).to_owned(), address })
        })
        .collect()
}

const HEADERS_MAX: usize = 500;
const MAILBOXES_MAX: usize = 500;
const PREVIEW_MAX: usize = 255;
