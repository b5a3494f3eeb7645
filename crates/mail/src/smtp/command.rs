//! Reads command lines: octets in, a [`Command`] or the reply that refuses it out.
//!
//! The grammar is smtp-proto's. Added here: a line ends with CRLF and holds no other CR, LF or
//! NUL, and only what we offer is understood.

use smtp_proto::{
    Error, MAIL_BODY_8BITMIME, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MAIL_SMTPUTF8, Request,
};

use crate::address::Address;
use crate::smtp::reply::Reply;
use crate::smtp::settings::BodyKind;

/// A command that is well formed and of a kind we know.
pub(crate) enum Command {
    Bdat { octets: u64, last: bool },
    Data,
    Ehlo(String),
    Helo(String),
    Mail(Sender),
    Noop,
    Quit,
    Rcpt(Address),
    Rset,
    StartTls,
    Vrfy,
}

/// The arguments of MAIL.
pub(crate) struct Sender {
    pub(crate) raw: String,
    pub(crate) address: Option<Address>,
    pub(crate) size: u64,
    pub(crate) body: BodyKind,
    pub(crate) smtp_utf8: bool,
}

/// Why a line is not a command, and what is said about it.
pub(crate) struct Refused {
    pub(crate) reply: Reply,
    /// A bad chunk size leaves no way to know where the next command begins.
    pub(crate) lost: bool,
}

impl Command {
    /// Reads one line, with its line end.
    // spec: rfc5321#4.1.1 rfc5321#2.3.8
    pub(crate) fn parse(line: &[u8], smtp_utf8: bool) -> Result<Self, Refused> {
        let is_bdat = line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"BDAT"));
        let refused = |reply| Refused { reply, lost: is_bdat };
        let Some(content) = line.strip_suffix(b"\r\n") else {
            return Err(refused(Reply::BAD_SYNTAX));
        };
        if content.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            return Err(refused(Reply::BAD_SYNTAX));
        }
        let request =
            Request::parse(&mut line.iter()).map_err(|error| refused(reply_to(&error)))?;
        match request {
            Request::Bdat { chunk_size, is_last } => {
                let octets = u64::try_from(chunk_size).unwrap_or(u64::MAX);
                Ok(Self::Bdat { octets, last: is_last })
            }
            Request::Data => Ok(Self::Data),
            Request::Ehlo { host } => Ok(Self::Ehlo(host.into_owned())),
            Request::Helo { host } => Ok(Self::Helo(host.into_owned())),
            Request::Mail { from } => Self::mail(&from).map_err(refused),
            Request::Noop { .. } => Ok(Self::Noop),
            Request::Quit => Ok(Self::Quit),
            Request::Rcpt { to } => Self::rcpt(&to.address, smtp_utf8).map_err(refused),
            Request::Rset => Ok(Self::Rset),
            Request::StartTls => Ok(Self::StartTls),
            Request::Vrfy { .. } => Ok(Self::Vrfy),
            Request::Atrn { .. }
            | Request::Auth { .. }
            | Request::Burl { .. }
            | Request::Etrn { .. }
            | Request::Expn { .. }
            | Request::Help { .. }
            | Request::Lhlo { .. } => Err(refused(Reply::NOT_IMPLEMENTED)),
        }
    }

    fn mail(from: &smtp_proto::MailFrom<std::borrow::Cow<'_, str>>) -> Result<Self, Reply> {
        if from.flags & (MAIL_BODY_BINARYMIME | MAIL_REQUIRETLS) != 0 {
            return Err(Reply::BAD_PARAMETER);
        }
        let smtp_utf8 = from.flags & MAIL_SMTPUTF8 != 0;
        if !smtp_utf8 && !from.address.is_ascii() {
            return Err(Reply::NEED_UTF8);
        }
        let eight_bit = from.flags & MAIL_BODY_8BITMIME != 0;
        Ok(Self::Mail(Sender {
            raw: from.address.to_string(),
            address: Address::parse(&from.address).ok(),
            size: u64::try_from(from.size).unwrap_or(u64::MAX),
            body: if eight_bit { BodyKind::EightBit } else { BodyKind::SevenBit },
            smtp_utf8,
        }))
    }

    /// `postmaster` without a domain is well formed and cannot be ours: an unknown recipient, not
    /// a syntax error.
    fn rcpt(raw: &str, smtp_utf8: bool) -> Result<Self, Reply> {
        if !smtp_utf8 && !raw.is_ascii() {
            return Err(Reply::NEED_UTF8);
        }
        Address::parse(raw).map(Self::Rcpt).map_err(|_| Reply::UNKNOWN_RECIPIENT)
    }
}

fn reply_to(error: &Error) -> Reply {
    match error {
        Error::InvalidRecipientAddress => Reply::BAD_PATH,
        Error::InvalidSenderAddress => Reply::BAD_SENDER,
        Error::InvalidParameter { .. } | Error::UnsupportedParameter { .. } => Reply::BAD_PARAMETER,
        Error::UnknownCommand => Reply::UNKNOWN_COMMAND,
        Error::NeedsMoreData { .. }
        | Error::ResponseTooLong
        | Error::InvalidResponse { .. }
        | Error::SyntaxError { .. } => Reply::BAD_SYNTAX,
    }
}
