//! What a session is told before it starts, and the values it exchanges with its caller.

use crate::address::Address;
use crate::redacted_debug;

/// How a listener's sessions behave.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The name in the greeting and in the reply to EHLO.
    pub hostname: String,
    /// What a peer may ask for.
    pub limits: Limits,
    /// Whether STARTTLS is there, and whether it must be used.
    pub tls: TlsMode,
}

/// What a peer may ask for in one session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Refused or unknown commands before the session is closed.
    pub bad_commands: u32,
    /// Octets of one command line, with its CRLF.
    pub line_octets: usize,
    /// Octets of one message; more are read and thrown away.
    pub message_octets: u64,
    /// Recipients of one message.
    pub recipients: usize,
    /// Messages in one session.
    pub transactions: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bad_commands: BAD_COMMANDS_MAX,
            line_octets: LINE_OCTETS_MAX,
            message_octets: MESSAGE_OCTETS_MAX,
            recipients: RECIPIENTS_MAX,
            transactions: TRANSACTIONS_MAX,
        }
    }
}

/// Whether a session can be, and has to be, encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsMode {
    /// STARTTLS is not offered.
    Off,
    /// STARTTLS is offered.
    Offered,
    /// STARTTLS is offered, and no message is taken without it.
    Required,
}

/// What the caller decided about one recipient.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Routing {
    /// It is ours, and of the tenant of the transaction's earlier recipients.
    Accepted,
    /// Too much of its tenant's mail waits for a person's review.
    Busy,
    /// Its tenant, or the disk, has no room.
    NoRoom,
    /// It is ours, but of another tenant than the earlier recipients.
    OtherTenant,
    /// We could not find out.
    Trouble,
    /// It is not ours.
    Unknown,
    /// It is ours, and the peer is not where its organisation's reports come from.
    WrongSource,
}

/// Why a complete message was not stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// Too much of the tenant's mail waits for a person's review.
    Busy,
    /// The tenant's quota or the disk's reserve is used up.
    NoRoom,
    /// Our own storage failed: the peer is to try again.
    Storage,
    /// It is larger than this tenant allows.
    TooLarge,
    /// It does not come from where this tenant's mail comes from.
    WrongSource,
}

/// What the peer said a body is made of.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BodyKind {
    /// Seven-bit lines, or nothing was said.
    #[default]
    SevenBit,
    /// Eight-bit lines.
    EightBit,
}

/// The transport envelope of one complete message.
#[derive(Clone, Eq, PartialEq)]
pub struct Transaction {
    /// What the peer called itself.
    pub helo: String,
    /// The reverse path; `None` for `<>`, and for one that is no address.
    pub mail_from: Option<Address>,
    /// The reverse path as written, without angle brackets; empty for `<>`.
    pub mail_from_raw: String,
    /// The accepted recipients, in order.
    pub recipients: Vec<Address>,
    /// How many body octets were given out for it.
    pub octets: u64,
    /// What the peer said the body is made of.
    pub body: BodyKind,
    /// Whether the peer asked for SMTPUTF8.
    pub smtp_utf8: bool,
    /// Whether it came over TLS.
    pub tls: bool,
}

redacted_debug!(Transaction, this => usize::try_from(this.octets).unwrap_or(usize::MAX));

const BAD_COMMANDS_MAX: u32 = 10;
const LINE_OCTETS_MAX: usize = 4_096;
const MESSAGE_OCTETS_MAX: u64 = 160 * 1024 * 1024;
const RECIPIENTS_MAX: usize = 1_000;
const TRANSACTIONS_MAX: u32 = 1_000;
