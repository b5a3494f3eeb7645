//! What we answer to an SMTP command.
//!
//! The basic code and the enhanced code begin with the same class, and nobody can write them
//! apart: the class is named once. Fixed texts are `&'static str` on purpose, since they are said
//! to strangers: no host names, no reasons, no rule names. The only replies with text made at
//! run time are the greeting and the reply to EHLO.

use std::borrow::Cow;

/// One reply, of one line or several.
// spec: rfc5321#4.2.1 rfc3463#2
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    class: Class,
    basic: [u8; 2],
    enhanced: Option<(u8, u8)>,
    text: Cow<'static, str>,
}

/// What the peer is to do next, and so whether a journal sender will try again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Class {
    /// It is done; after a message, the octets are on durable storage.
    Done = 2,
    /// Go on: send the message.
    Continue = 3,
    /// Try later. The only answer to any failure of our own.
    Defer = 4,
    /// Never send this again.
    Refuse = 5,
}

impl Reply {
    pub(crate) const BAD_PARAMETER: Self = Self::refuse([5, 5], (5, 4), "parameter not supported");
    pub(crate) const BAD_PATH: Self = Self::refuse([5, 3], (1, 3), "not an address");
    pub(crate) const BAD_SENDER: Self = Self::refuse([5, 3], (1, 7), "not an address");
    pub(crate) const BAD_SEQUENCE: Self = Self::refuse([0, 3], (5, 1), "not now");
    pub(crate) const BAD_SYNTAX: Self = Self::refuse([0, 1], (5, 2), "syntax error");
    pub(crate) const BARE_LINE_ENDING: Self =
        Self::refuse([5, 0], (6, 11), "line ends are CR and LF together");
    pub(crate) const BUSY: Self =
        Self::defer([5, 1], (7, 1), "too many wait for review, try again later");
    pub(crate) const BYE: Self = Self::done([2, 1], (0, 0), "bye");
    pub(crate) const CANNOT_VERIFY: Self =
        Self::done([5, 2], (5, 0), "send the message, then we shall see");
    pub(crate) const CHUNK: Self = Self::done([5, 0], (0, 0), "next chunk");
    pub(crate) const GO_AHEAD: Self = Self {
        class: Class::Continue,
        basic: [5, 4],
        enhanced: None,
        text: Cow::Borrowed("end with CRLF . CRLF"),
    };
    pub(crate) const IDLE: Self = Self::defer([2, 1], (4, 2), "waited too long");
    pub(crate) const LINE_TOO_LONG: Self = Self::refuse([0, 0], (5, 2), "line too long");
    pub(crate) const NEED_TLS: Self = Self::refuse([3, 0], (7, 0), "STARTTLS first");
    pub(crate) const NEED_UTF8: Self = Self::refuse([5, 3], (6, 7), "SMTPUTF8 first");
    pub(crate) const NO_ROOM: Self = Self::defer([5, 2], (3, 1), "no room, try again later");
    pub(crate) const NOT_IMPLEMENTED: Self = Self::refuse([0, 2], (5, 1), "not implemented");
    pub(crate) const OK: Self = Self::done([5, 0], (0, 0), "ok");
    pub(crate) const ONE_TENANT: Self =
        Self::defer([5, 2], (5, 3), "send this recipient in a message of its own");
    pub(crate) const PIPELINED_TLS: Self =
        Self::refuse([5, 4], (5, 1), "nothing may follow STARTTLS in the clear");
    pub(crate) const READY_FOR_TLS: Self = Self::done([2, 0], (0, 0), "ready");
    pub(crate) const RECIPIENT: Self = Self::done([5, 0], (1, 5), "recipient ok");
    pub(crate) const SENDER: Self = Self::done([5, 0], (1, 0), "sender ok");
    pub(crate) const SHUTTING_DOWN: Self = Self::defer([2, 1], (3, 2), "closing, try again later");
    /// Given out by [`crate::smtp::Session::stored`] only.
    pub(crate) const STORED: Self = Self::done([5, 0], (0, 0), "stored");
    pub(crate) const STORAGE_TROUBLE: Self = Self::defer([5, 1], (3, 0), "try again later");
    pub(crate) const TOO_LARGE: Self = Self::refuse([5, 2], (3, 4), "message too large");
    pub(crate) const TOO_MANY_ERRORS: Self = Self::defer([2, 1], (7, 0), "too many errors");
    pub(crate) const TOO_MANY_MESSAGES: Self =
        Self::defer([2, 1], (7, 0), "enough for one session, connect again");
    pub(crate) const TOO_MANY_RECIPIENTS: Self = Self::defer([5, 2], (5, 3), "too many recipients");
    pub(crate) const UNKNOWN_COMMAND: Self = Self::refuse([0, 0], (5, 1), "unknown command");
    pub(crate) const UNKNOWN_RECIPIENT: Self = Self::refuse([5, 0], (1, 1), "no such address");
    pub(crate) const WRONG_SOURCE: Self =
        Self::refuse([5, 0], (7, 1), "not from where this organisation's reports come from");

    const fn done(basic: [u8; 2], enhanced: (u8, u8), text: &'static str) -> Self {
        Self { class: Class::Done, basic, enhanced: Some(enhanced), text: Cow::Borrowed(text) }
    }

    const fn defer(basic: [u8; 2], enhanced: (u8, u8), text: &'static str) -> Self {
        Self { class: Class::Defer, basic, enhanced: Some(enhanced), text: Cow::Borrowed(text) }
    }

    const fn refuse(basic: [u8; 2], enhanced: (u8, u8), text: &'static str) -> Self {
        Self { class: Class::Refuse, basic, enhanced: Some(enhanced), text: Cow::Borrowed(text) }
    }

    /// The greeting. It has no enhanced code: the standard forbids one here.
    // spec: rfc5321#4.3.1 rfc2034#4
    pub(crate) fn greeting(hostname: &str) -> Self {
        let text = format!("{hostname} ESMTP");
        Self { class: Class::Done, basic: [2, 0], enhanced: None, text: Cow::Owned(text) }
    }

    /// The reply to EHLO or HELO: our name, then one line an extension.
    pub(crate) fn hello(hostname: &str, extensions: &[String]) -> Self {
        let mut text = hostname.to_owned();
        for extension in extensions {
            text.push('\n');
            text.push_str(extension);
        }
        Self { class: Class::Done, basic: [5, 0], enhanced: None, text: Cow::Owned(text) }
    }

    /// What the peer is to do next.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The three digits as a number.
    pub fn code(&self) -> u16 {
        let [tens, units] = self.basic.map(u16::from);
        self.class as u16 * 100 + tens * 10 + units
    }

    /// The lines on the wire, each with its CRLF.
    pub fn to_line(&self) -> String {
        let code = self.code();
        let enhanced = self.enhanced.map_or_else(String::new, |(subject, detail)| {
            format!("{}.{subject}.{detail} ", self.class as u8)
        });
        let mut wire = String::new();
        let mut lines = self.text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let separator = if lines.peek().is_some() { '-' } else { ' ' };
            wire.push_str(&format!("{code}{separator}{enhanced}{line}\r\n"));
        }
        wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_form() {
        insta::assert_snapshot!(Reply::OK.to_line().trim_end(), @"250 2.0.0 ok");
        insta::assert_snapshot!(
            Reply::STORAGE_TROUBLE.to_line().trim_end(),
            @"451 4.3.0 try again later"
        );
        insta::assert_snapshot!(Reply::GO_AHEAD.to_line().trim_end(), @"354 end with CRLF . CRLF");
        insta::assert_snapshot!(
            Reply::greeting("mx.clawback.example").to_line().trim_end(),
            @"220 mx.clawback.example ESMTP"
        );
    }

    #[test]
    fn several_lines_have_hyphens_but_the_last() {
        let extensions = ["PIPELINING".to_owned(), "SIZE 10".to_owned()];
        let wire = Reply::hello("mx.clawback.example", &extensions).to_line();
        assert_eq!(wire, "250-mx.clawback.example\r\n250-PIPELINING\r\n250 SIZE 10\r\n");
    }
}
