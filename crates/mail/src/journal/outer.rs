//! What the outer header section of a received message says about where it comes from.
//!
//! [`outer`] looks at the first octets only, so that a session can ask before a message is kept;
//! [`unwrap`](crate::journal::unwrap) reports the same value for a whole one. It never fails.
//!
//! Nothing here is proof: each field may have been written by anybody. The caller compares them
//! with what it pinned for a tenant, beside what the connection shows.

use mail_parser::{Message as Parsed, PartFlags};

use crate::address::Address;
use crate::journal::report;
use crate::message::header_section;
use crate::redacted_debug;

/// What an outer header section states about its source.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Outer {
    /// Every `X-OriginatorOrg`, trimmed and in lower case; exactly one is normal for Exchange
    /// Online.
    pub originator_orgs: Vec<String>,
    /// The tenant id of the first `X-LD-Processed`: it agrees, or it is missing.
    pub tenant_id: Option<String>,
    /// Whether every `Sender` is the recipient in whose name Exchange journals, and there is one.
    pub sender_is_exchange: bool,
    /// Whether the Message-ID is one that the journaling agent makes.
    pub report_id_is_generated: bool,
    /// Whether it has a field that Exchange stamps on what a person sent, and never on a report.
    pub by_person: bool,
    /// The Message-ID of the original, without angle brackets, as the outer message states it.
    pub parent_message_id: Option<String>,
    /// Whether a marker says that it is a journal report.
    pub marked: bool,
    /// Whether it is Exchange's try of a new connector.
    pub probe: bool,
    /// Whether the blank line that ends the section was within what was looked at. If it was not,
    /// fields may be missing or cut, and nothing here is to be relied on.
    pub complete: bool,
}

redacted_debug!(Outer, this => this.originator_orgs.iter().map(String::len).sum());

/// Reads the outer header section from the first octets of a message. A session may ask as soon as
/// some came, and again with more while the answer is not [`complete`](Outer::complete).
pub fn outer(head: &[u8]) -> Outer {
    Outer::read(head.get(..HEAD_OCTETS_MAX).unwrap_or(head))
}

impl Outer {
    /// What a message states that is taken apart already.
    pub(crate) fn of(raw: &[u8], parsed: &Parsed<'_>) -> Self {
        // A message that is nothing but an empty attached one has the flag of that one.
        if parsed.root().root_part().flags().contains(PartFlags::NO_BLANK_LINE) {
            return Self::read(raw);
        }
        Self::stated(parsed)
    }

    fn read(raw: &[u8]) -> Self {
        header_section(raw).map(|parsed| Self::stated(&parsed)).unwrap_or_default()
    }

    fn stated(parsed: &Parsed<'_>) -> Self {
        let headers = parsed.root().headers();
        let texts = |name: &'static str| {
            headers
                .all(name)
                .map(|header| String::from_utf8_lossy(header.raw_value()).trim().to_owned())
        };
        let parent = texts("X-MS-Exchange-Parent-Message-Id").next();
        let tenant = texts("X-LD-Processed").next();
        Self {
            originator_orgs: texts("X-OriginatorOrg")
                .map(|org| org.to_ascii_lowercase())
                .take(ORGS_MAX)
                .collect(),
            tenant_id: tenant.and_then(|value| Some(value.split(',').next()?.trim().to_owned())),
            sender_is_exchange: is_sent_by_exchange(parsed),
            report_id_is_generated: report::is_id_generated(parsed),
            by_person: PERSON_FIELDS.into_iter().any(|name| headers.contains(name)),
            parent_message_id: parent.as_deref().and_then(report::without_brackets),
            marked: is_marked(parsed),
            probe: is_probe(parsed),
            complete: !parsed.root().root_part().flags().contains(PartFlags::NO_BLANK_LINE),
        }
    }
}

/// Whether the outer header section says that this is a report. A marker inside the original says
/// nothing: somebody may have journaled a journal.
pub(crate) fn is_marked(parsed: &Parsed<'_>) -> bool {
    let headers = parsed.root().headers();
    let has = |name| headers.all(name).next().is_some();
    let value = |name| {
        let header = headers.all(name).next()?;
        Some(String::from_utf8_lossy(header.raw_value()).trim().to_ascii_lowercase())
    };
    // Exchange 2003 writes the misspelled name, and programs that imitate it do so on purpose.
    let is_2003 = ["Content-Identifer", "Content-Identifier"]
        .into_iter()
        .filter_map(value)
        .any(|value| value == "exjournalreport");
    has("X-MS-Journal-Report")
        || is_2003
        || value("X-WM-Journal-Report").is_some_and(|value| value == "journal")
        || (has("X-MS-Gcc-Journal-Report") && report::looks_generated(parsed))
}

fn is_probe(parsed: &Parsed<'_>) -> bool {
    let from = parsed.root().from().and_then(|list| list.first());
    let address = from.and_then(|mailbox| Address::parse(mailbox.address()?).ok());
    address.is_some_and(|address| address.local().eq_ignore_ascii_case(PROBE_LOCAL))
}

/// A second `Sender` beside Exchange's own is somebody else's.
fn is_sent_by_exchange(parsed: &Parsed<'_>) -> bool {
    let is_exchange = |address: &str| {
        Address::parse(address)
            .is_ok_and(|address| address.local().eq_ignore_ascii_case(EXCHANGE_LOCAL))
    };
    let headers = parsed.root().headers();
    let mut senders = headers.all("Sender").peekable();
    senders.peek().is_some()
        && senders.all(|header| {
            let value = header.value();
            let Some(list) = value.as_address() else { return false };
            let mut mailboxes = list.mailboxes().peekable();
            mailboxes.peek().is_some()
                && mailboxes.all(|mailbox| mailbox.address().is_some_and(is_exchange))
        })
}

/// The recipient in whose name Exchange journals, the same in every organisation.
const EXCHANGE_LOCAL: &str = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e";
/// As long a header section as Exchange itself takes in by default; a report copies a part of one.
const HEAD_OCTETS_MAX: usize = 256 * 1024;
/// One is normal; how many more there are changes nothing.
const ORGS_MAX: usize = 100;
/// On mail of a person in the same organisation, and on no report that was seen. A DKIM signature
/// is not among them, though no report that was seen has one: Exchange Online signs by the From
/// field, and a report copies that of the original.
const PERSON_FIELDS: [&str; 2] =
    ["X-MS-Exchange-CrossTenant-UserPrincipalName", "X-MS-Exchange-CrossTenant-MailboxType"];
const PROBE_LOCAL: &str = "O365ConnectorValidation";
