//! Reads command lines: octets in, a [`Command`] or the reply that refuses it out.
//!
//! The grammar is smtp-proto's. Added here: a line ends with CRLF and holds no other CR, LF or
//! NUL, only what we offer is understood, and a number is one number of so many digits. BDAT is
//! read here alone: how long its chunk is decides what is a command and what is not.

use std::borrow::Cow;

use smtp_proto::{
    Error, MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MAIL_SMTPUTF8, MailFrom, RcptTo, Request,
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
        let is_bdat = words(line).next().is_some_and(|verb| verb.eq_ignore_ascii_case(b"BDAT"));
        let refused = |reply| Refused { reply, lost: is_bdat };
        let Some(content) = line.strip_suffix(b"\r\n") else {
            return Err(refused(Reply::BAD_SYNTAX));
        };
        if content.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            return Err(refused(Reply::BAD_SYNTAX));
        }
        if is_bdat {
            return Self::bdat(content).ok_or(refused(Reply::BAD_SYNTAX));
        }
        let request =
            Request::parse(&mut line.iter()).map_err(|error| refused(reply_to(&error)))?;
        match request {
            Request::Data => Ok(Self::Data),
            Request::Ehlo { host } => Ok(Self::Ehlo(host.into_owned())),
            Request::Helo { host } => Ok(Self::Helo(host.into_owned())),
            Request::Mail { from } => Self::mail(content, &from).map_err(refused),
            Request::Noop { .. } => Ok(Self::Noop),
            Request::Quit => Ok(Self::Quit),
            Request::Rcpt { to } => Self::rcpt(&to, smtp_utf8).map_err(refused),
            Request::Rset => Ok(Self::Rset),
            Request::StartTls => Ok(Self::StartTls),
            Request::Vrfy { .. } => Ok(Self::Vrfy),
            Request::Atrn { .. }
            | Request::Auth { .. }
            | Request::Bdat { .. }
            | Request::Burl { .. }
            | Request::Etrn { .. }
            | Request::Expn { .. }
            | Request::Help { .. }
            | Request::Lhlo { .. } => Err(refused(Reply::NOT_IMPLEMENTED)),
        }
    }

    // spec: rfc3030#2
    fn bdat(content: &[u8]) -> Option<Self> {
        let mut words = words(content).skip(1);
        let octets = number(words.next()?)?;
        let last = match words.next() {
            Some(word) if word.eq_ignore_ascii_case(b"LAST") => true,
            Some(_) => return None,
            None => false,
        };
        words.next().is_none().then_some(Self::Bdat { octets, last })
    }

    fn mail(content: &[u8], from: &MailFrom<Cow<'_, str>>) -> Result<Self, Reply> {
        let offered = MAIL_BODY_7BIT | MAIL_BODY_8BITMIME | MAIL_SMTPUTF8;
        let others = from.env_id.is_some()
            || from.trans_id.is_some()
            || from.solicit.is_some()
            || from.mtrk.is_some()
            || from.auth.is_some()
            || from.hold_for != 0
            || from.hold_until != 0
            || from.mt_priority != 0;
        if from.flags & !offered != 0 || others {
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
            size: declared_size(content)?,
            body: if eight_bit { BodyKind::EightBit } else { BodyKind::SevenBit },
            smtp_utf8,
        }))
    }

    /// `postmaster` without a domain is well formed and cannot be ours: an unknown recipient, not
    /// a syntax error.
    fn rcpt(to: &RcptTo<Cow<'_, str>>, smtp_utf8: bool) -> Result<Self, Reply> {
        if to.flags != 0 || to.orcpt.is_some() {
            return Err(Reply::BAD_PARAMETER);
        }
        if !smtp_utf8 && !to.address.is_ascii() {
            return Err(Reply::NEED_UTF8);
        }
        Address::parse(&to.address).map(Self::Rcpt).map_err(|_| Reply::UNKNOWN_RECIPIENT)
    }
}

/// The size that MAIL declares, zero if it does not. smtp-proto begins a number anew where it does
/// not fit, so the digits are read here: too many of them are too large.
// spec: rfc1870#6
fn declared_size(content: &[u8]) -> Result<u64, Reply> {
    let mut size = 0;
    for (at, _) in content.windows(5).enumerate().filter(|(_, w)| w.eq_ignore_ascii_case(b"SIZE="))
    {
        // In the middle of a word it is part of an address or of another parameter.
        let before = at.checked_sub(1).and_then(|at| content.get(at));
        if !before.is_some_and(|octet| octet.is_ascii_whitespace() || *octet == b'>') {
            continue;
        }
        let rest = content.get(at + 5..).unwrap_or_default();
        let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default();
        let declared = match number(digits) {
            Some(number) => number,
            None if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => u64::MAX,
            None => return Err(Reply::BAD_PARAMETER),
        };
        size = declared.max(size);
    }
    Ok(size)
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn number(digits: &[u8]) -> Option<u64> {
    let fits = (1..=DIGITS_MAX).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| fits)?.parse().ok()
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

/// Any number of so many digits fits into 64 bits.
const DIGITS_MAX: usize = 19;
