//! What the pipeline hands over to be recorded: everything that follows from one segment.

use clawback_mail::address::Address;
use clawback_mail::indicator::Indicator;
use serde::{Deserialize, Serialize};

use crate::copy::Reach;
use crate::history::{Contact, Gathered};
use crate::id::{MessageId, Region, SegmentId, TenantId};
use crate::identity::Identity;
use crate::time::UnixMillis;
use crate::verdict::Verdict;

/// Everything that follows from one segment: recorded in one transaction.
#[derive(Clone, Debug)]
pub struct SegmentRecord {
    /// The segment.
    pub segment: SegmentId,
    /// Its region.
    pub region: Region,
    /// What was in it, in the order of the segment.
    pub messages: Vec<MessageRecord>,
    /// When this was judged.
    pub at: UnixMillis,
}

/// How the address of a recipient came to us.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Recipient {
    /// The address as written in the report.
    pub written: String,
    /// The address read; `None` where it is none (x500 names and the like).
    #[serde(with = "address_text")]
    pub address: Option<Address>,
    /// `to`, `cc`, `bcc`, `recipient` or `x-gm-original-to`. Bcc is never shown to mailbox owners.
    pub kind: String,
    /// The list it was expanded from or the mailbox it was forwarded for.
    pub via: Option<String>,
    /// Whether the mailbox is one of the tenant's.
    pub reach: Reach,
}

/// What kind of mail came in at the journaling address.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// A journal report with its original.
    JournalReport,
    /// A plain copy that a routing rule of the organisation's own made: it carries the key that
    /// only that rule knows.
    RoutedCopy,
    /// A plain copy: nothing in it shows that the provider made it, so it is never acted on.
    PlainCopy,
    /// A journal report without its original: to be judged once it was fetched.
    NoOriginal,
    /// Something else: kept, never acted on.
    Unexpected,
    /// A journal report that did not pass the checks of its source: kept for review, never acted
    /// on.
    Unverified,
}

impl Arrival {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::JournalReport,
        Self::RoutedCopy,
        Self::PlainCopy,
        Self::NoOriginal,
        Self::Unexpected,
        Self::Unverified,
    ];

    /// The word in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JournalReport => "journal_report",
            Self::RoutedCopy => "routed_copy",
            Self::PlainCopy => "plain_copy",
            Self::NoOriginal => "no_original",
            Self::Unexpected => "unexpected",
            Self::Unverified => "unverified",
        }
    }

    /// Whether a policy may act on it at all.
    #[must_use]
    pub fn may_act(self) -> bool {
        matches!(self, Self::JournalReport | Self::RoutedCopy)
    }
}

/// One message with its verdict, ready to be recorded.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    /// Whose.
    pub tenant: TenantId,
    /// Its id, derived from segment and place; an earlier fork's id wins.
    pub id: MessageId,
    /// Its place in the segment.
    pub place: u32,
    /// When its last octet was received.
    pub received: UnixMillis,
    /// What kind of mail it is.
    pub arrival: Arrival,
    /// What makes it the same message as another fork's: the canonical digest of the original.
    pub digest: [u8; 32],
    /// The Message-ID of the report itself.
    pub report_id: Option<String>,
    /// What is compared with a live item before it is moved.
    pub identity: Identity,
    /// What a page shows of it.
    pub summary: Summary,
    /// Whom it reached, according to this report.
    pub recipients: Vec<Recipient>,
    /// What is observable in it and comparable.
    pub indicators: Vec<Indicator>,
    /// What we think of it.
    pub verdict: Verdict,
    /// Ways in which it was badly formed, in plain words.
    pub defects: Vec<String>,
    /// What was looked up for it before it was judged.
    pub gathered: Gathered,
    /// What it adds to the history of those it was exchanged with.
    pub contact: Contact,
}

/// What a page shows of a message without opening the raw mail.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Summary {
    /// Display name of the first `From` mailbox.
    pub from_name: String,
    /// Its address.
    pub from_address: String,
    /// MAIL FROM of the original, as the report states it.
    pub envelope_from: String,
    /// First `Reply-To` address, where it differs.
    pub reply_to: String,
    /// The decoded subject.
    pub subject: String,
    /// Octets of the original.
    pub octets: u64,
    /// `inbound`, `outbound`, `internal` or `unknown`.
    pub direction: String,
    /// The provider's own id of the message, for its log and hunting tools.
    pub network_message_id: Option<String>,
    /// The sending client's address, as the provider states it.
    pub client_ip: Option<String>,
    /// What the provider said of SPF, DKIM, DMARC, compauth: `spf=pass dkim=none …`.
    pub authentication: String,
    /// Links: raw target and visible text, the first ones.
    pub links: Vec<LinkLine>,
    /// Attachments, the first ones.
    pub attachments: Vec<AttachmentLine>,
}

/// A link as a page shows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LinkLine {
    /// Where it goes.
    pub target: String,
    /// What the reader sees.
    pub text: String,
}

/// An attachment as a page shows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AttachmentLine {
    /// Its file name.
    pub name: String,
    /// The type it claims to be.
    pub declared: String,
    /// The type its content shows.
    pub found: String,
    /// Its size.
    pub octets: u64,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// An address in a record is its text.
mod address_text {
    use clawback_mail::address::Address;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        address: &Option<Address>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        address.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Address>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| Address::parse(&text).ok()))
    }
}

/// Most links and attachments a summary keeps of each.
pub const SUMMARY_LINES_MAX: usize = 50;
