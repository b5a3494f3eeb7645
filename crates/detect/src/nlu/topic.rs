//! What a text is about, and which papers of business it speaks of.

use super::cue::{Cue, Cues};
use super::{Confidence, Reading};

macro_rules! topics {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// What a text is about. Only topics that wording carries.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Topic { $(#[doc = $text] $name),* }

        impl Topic {
            /// The name that rules compare with.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }

        /// The topics that are ever returned.
        pub const SUPPORTED_TOPICS: &[Topic] = &[$(Topic::$name),*];
    };
}

topics! {
    Advertising = "Advertising and Promotions",
    Outreach = "B2B Cold Outreach",
    Bounce = "Bounce Back and Delivery Failure Notifications",
    Support = "Customer Service and Support",
    Signature = "E-Signature",
    Events = "Events and Webinars",
    Files = "File Sharing and Cloud Services",
    Financial = "Financial Communications",
    Legal = "Legal and Compliance",
    Newsletters = "Newsletters and Digests",
    Orders = "Order Confirmations",
    Away = "Out of Office and Automatic Replies",
    Payment = "Payment Information",
    Career = "Professional and Career Development",
    Reminders = "Reminders and Notifications",
    InvoiceRequest = "Request to View Invoice",
    Romance = "Romance",
    Security = "Security and Authentication",
    Explicit = "Sexually Explicit Messages",
    Shipping = "Shipping and Package",
    Social = "Social Media and Networking",
    Software = "Software and App Updates",
    Voicemail = "Voicemail Call and Missed Call Notifications",
}

/// Papers of business.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Tag {
    /// A bill.
    Invoice,
    /// Money that moves.
    Payment,
    /// An order by a firm.
    PurchaseOrder,
}

impl Tag {
    /// The name that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::PurchaseOrder => "purchase_order",
        }
    }
}

/// What a text is about: by how much of it says so.
pub(super) fn topics(reading: &Reading) -> Vec<(Topic, Confidence)> {
    let found = &reading.found;
    let mut topics: Vec<(Topic, Confidence)> = PLAIN
        .iter()
        .filter_map(|(topic, cue, least)| Some((*topic, by_count(reading, *cue, *least)?)))
        .collect();
    if let Some(sure) = newsletter(reading) {
        topics.push((Topic::Newsletters, sure));
    }
    let billed = Cues::of(&[Cue::Invoice]);
    if found.together(Cues::of(&[Cue::View, Cue::Click]), billed) {
        let sure = if found.has(Cue::View) { Confidence::High } else { Confidence::Medium };
        topics.push((Topic::InvoiceRequest, sure));
    }
    let pays = usize::from(found.has(Cue::PayMethod))
        + usize::from(found.has(Cue::Pay))
        + usize::from(found.has(Cue::Charged))
        + usize::from(found.has(Cue::PayFail))
        + usize::from(found.has(Cue::Invoice))
        + usize::from(reading.numbers.amounts > 0);
    if let Some(sure) = by_families(pays, 3) {
        topics.push((Topic::Payment, sure));
    }
    topics.sort_unstable_by_key(|(topic, _)| *topic);
    topics
}

/// Topics that one cue carries, with how often it must be found for the least confidence.
const PLAIN: [(Topic, Cue, u16); 20] = [
    (Topic::Advertising, Cue::Promotion, 2),
    (Topic::Outreach, Cue::Outreach, 2),
    (Topic::Bounce, Cue::Bounce, 2),
    (Topic::Support, Cue::Support, 2),
    (Topic::Signature, Cue::Signature, 2),
    (Topic::Events, Cue::Event, 3),
    (Topic::Files, Cue::Shared, 2),
    (Topic::Financial, Cue::Statement, 3),
    (Topic::Legal, Cue::Legal, 3),
    (Topic::Orders, Cue::Order, 2),
    (Topic::Away, Cue::Away, 2),
    (Topic::Career, Cue::Career, 3),
    (Topic::Reminders, Cue::Reminder, 2),
    (Topic::Romance, Cue::Romance, 2),
    (Topic::Security, Cue::Security, 1),
    (Topic::Explicit, Cue::Explicit, 2),
    (Topic::Shipping, Cue::Shipping, 1),
    (Topic::Social, Cue::Social, 3),
    (Topic::Software, Cue::Release, 2),
    (Topic::Voicemail, Cue::Voicemail, 1),
];

/// How often a cue is found, against the length: a page that once says "discount" is not about it.
fn by_count(reading: &Reading, cue: Cue, least: u16) -> Option<Confidence> {
    let count = reading.found.count(cue);
    let lead = reading.found.sentences.iter().take(LEAD_SENTENCES).any(|cues| cues.has(cue));
    let share = usize::from(count) * WORDS_A_CUE >= reading.words;
    let count = count + u16::from(lead && count > 0);
    if count > least * 2 && share {
        Some(Confidence::High)
    } else if count > least && (share || lead) {
        Some(Confidence::Medium)
    } else if count >= least {
        Some(Confidence::Low)
    } else {
        None
    }
}

fn by_families(count: usize, least: usize) -> Option<Confidence> {
    match count.checked_sub(least)? {
        0 => Some(Confidence::Low),
        1 => Some(Confidence::Medium),
        _ => Some(Confidence::High),
    }
}

fn newsletter(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    let reads = found.count(Cue::Newsletter);
    let framed = usize::from(found.has(Cue::Unsubscribe)) + usize::from(found.has(Cue::Browser));
    let long = reading.words >= LETTER_WORDS_MIN;
    match (reads, framed) {
        (3.., 1..) if long => Some(Confidence::High),
        (1.., 2..) if long => Some(Confidence::High),
        (1.., 1..) => Some(Confidence::Medium),
        (2.., _) => Some(Confidence::Low),
        _ => None,
    }
}

/// Papers of business that a text speaks of.
pub(super) fn tags(reading: &Reading) -> Vec<(Tag, Confidence)> {
    let found = &reading.found;
    let counted = [
        (Tag::Invoice, found.count(Cue::Invoice), found.has(Cue::Invoice)),
        (
            Tag::Payment,
            found.count(Cue::Pay)
                + found.count(Cue::PayMethod)
                + found.count(Cue::Wire)
                + found.count(Cue::PayFail)
                + found.count(Cue::Charged),
            reading.numbers.amounts > 0,
        ),
        (Tag::PurchaseOrder, found.count(Cue::PurchaseOrder), found.has(Cue::PurchaseOrder)),
    ];
    let sure = |count: u16, backed: bool| match count {
        0 => None,
        1 if backed => Some(Confidence::Medium),
        1 => Some(Confidence::Low),
        2 if !backed => Some(Confidence::Medium),
        _ => Some(Confidence::High),
    };
    let named = |(tag, count, backed)| Some((tag, sure(count, backed)?));
    counted.into_iter().filter_map(named).collect()
}

/// A topic has a cue at least every so many words.
const WORDS_A_CUE: usize = 60;
/// The subject and the first sentences tell what the rest is about.
const LEAD_SENTENCES: usize = 4;
const LETTER_WORDS_MIN: usize = 150;
