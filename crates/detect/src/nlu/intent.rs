//! What a text wants: the rules on cues.

use super::cue::{Cue, Cues};
use super::{Confidence, Reading};

/// What a text wants of its reader.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Intent {
    /// A fee for a fortune.
    AdvanceFee,
    /// A favour, a transfer or gift cards in the name of somebody one knows.
    Bec,
    /// Nothing bad, in a form that harmless mail has.
    Benign,
    /// A call to a number, to undo a charge.
    CallbackScam,
    /// Passwords, sign-ins, cards.
    CredTheft,
    /// Coins, or else.
    Extortion,
}

impl Intent {
    /// The name that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AdvanceFee => "advance_fee",
            Self::Bec => "bec",
            Self::Benign => "benign",
            Self::CallbackScam => "callback_scam",
            Self::CredTheft => "cred_theft",
            Self::Extortion => "extortion",
        }
    }
}

/// The intents that are ever returned.
pub const SUPPORTED_INTENTS: &[Intent] = &[
    Intent::AdvanceFee,
    Intent::Bec,
    Intent::Benign,
    Intent::CallbackScam,
    Intent::CredTheft,
    Intent::Extortion,
];

/// What a text wants, each intent once.
pub(super) fn intents(reading: &Reading) -> Vec<(Intent, Confidence)> {
    let asked = [
        (Intent::AdvanceFee, advance_fee(reading)),
        (Intent::CallbackScam, callback_scam(reading)),
        (Intent::CredTheft, cred_theft(reading)),
        (Intent::Extortion, extortion(reading)),
    ];
    let sure = |(intent, sure): (Intent, Option<Confidence>)| Some((intent, sure?));
    let mut found: Vec<(Intent, Confidence)> = asked.into_iter().filter_map(sure).collect();
    // A favour is what is left when nothing else is wanted: every scam asks for help.
    if found.is_empty()
        && let Some(sure) = bec(reading)
    {
        found.push((Intent::Bec, sure));
    }
    if found.is_empty()
        && let Some(sure) = benign(reading)
    {
        found.push((Intent::Benign, sure));
    }
    found
}

const ASKS: Cues =
    Cues::of(&[Cue::Verify, Cue::Update, Cue::SignIn, Cue::Restore, Cue::Unverified]);
const OBJECTS: Cues = Cues::of(&[
    Cue::Account,
    Cue::Mailbox,
    Cue::Secret,
    Cue::PayMethod,
    Cue::Identity,
    Cue::Points,
]);
const SECRETS: Cues = Cues::of(&[Cue::Secret, Cue::PayMethod, Cue::Identity]);
const WRONGS: Cues =
    Cues::of(&[Cue::Suspended, Cue::Alarm, Cue::PayFail, Cue::Unverified, Cue::StorageFull]);
const ASIDE: Cues = Cues::of(&[Cue::Warning, Cue::Unsubscribe, Cue::Discussion]);
const PRESSES: Cues = Cues::of(&[Cue::Deadline, Cue::Loss, Cue::Urgent]);
const LEADS: Cues = Cues::of(&[Cue::Click, Cue::Scan]);
const FEE_WAITS: Cues = Cues::of(&[Cue::Pay, Cue::Suspended, Cue::Deadline, Cue::Loss]);
const PAPERS: Cues = Cues::of(&[Cue::Document, Cue::Signature, Cue::Voicemail, Cue::Shared]);
const OPENS: Cues = Cues::of(&[Cue::View, Cue::Click]);
const BAITS: Cues = Cues::of(&[
    Cue::Claim,
    Cue::Chosen,
    Cue::Coin,
    Cue::Fortune,
    Cue::GenericGreeting,
    Cue::Points,
    Cue::Refund,
    Cue::Signature,
]);

fn cred_theft(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    let theft = Theft::of(reading);
    let presses = [Cue::Deadline, Cue::Loss, Cue::Urgent].map(|cue| usize::from(found.has(cue)));
    let presses = presses.iter().sum::<usize>();
    let leads = found.all.any(LEADS) || found.has(Cue::SignIn) || found.has(Cue::Restore);
    let points = 2 * usize::from(theft.asked)
        + 2 * usize::from(theft.wrong)
        + usize::from(theft.secret)
        + usize::from(found.all.any(LEADS))
        + presses.min(2)
        + usize::from(found.has(Cue::GenericGreeting))
        + usize::from(theft.lured || theft.fee);
    let points = points.saturating_sub(held_against(reading, theft.fee));
    let Theft { asked, wrong, papers, .. } = theft;
    let lured = theft.lured || theft.fee;
    match points {
        6.. if asked && wrong && presses > 0 && leads => Some(Confidence::High),
        5.. if asked && (wrong || (presses > 0 && leads)) => Some(Confidence::Medium),
        4.. if wrong && presses > 0 && leads => Some(Confidence::Medium),
        3.. if lured && presses > 0 && (leads || found.has(Cue::Claim)) => Some(Confidence::Medium),
        3.. if asked || wrong => Some(Confidence::Low),
        _ => (papers && !is_talk(reading) && !is_letter(reading)).then_some(Confidence::Low),
    }
}

/// What speaks of theft, sentence by sentence.
#[derive(Clone, Copy, Debug, Default)]
struct Theft {
    /// To verify, to update, to sign in: an account of one's own.
    asked: bool,
    /// The like for a password, a card, an identity.
    secret: bool,
    /// Something is said to be wrong with what one has.
    wrong: bool,
    /// Points and refunds: the same theft by another bait.
    lured: bool,
    /// A parcel or a fine that waits for a fee: by yet another.
    fee: bool,
    /// A paper that waits to be opened.
    papers: bool,
}

impl Theft {
    fn of(reading: &Reading) -> Self {
        let mut theft = Self::default();
        for (cues, sentence) in reading.found.sentences.iter().zip(&reading.prose.sentences) {
            // People who warn of it, manage a subscription, or tell what they did themselves.
            if cues.any(ASIDE) {
                continue;
            }
            let your = cues.has(Cue::Your);
            // A button or a heading needs no possessive: "Verify wallet".
            let addressed = your || sentence.words <= BUTTON_WORDS_MAX || sentence.of_subject;
            theft.asked |= addressed && cues.any(ASKS) && cues.any(OBJECTS);
            theft.secret |= addressed && cues.any(ASKS) && cues.any(SECRETS);
            theft.wrong |= addressed && cues.any(WRONGS) && cues.any(OBJECTS);
            theft.wrong |= addressed && cues.has(Cue::StorageFull);
            theft.wrong |= cues.has(Cue::HeldMail) && your;
            theft.lured |= cues.has(Cue::Points) && cues.any(PRESSES);
            theft.fee |= cues.has(Cue::Fee) && cues.any(FEE_WAITS);
            theft.lured |= cues.has(Cue::Refund) && (cues.has(Cue::Claim) || your);
            theft.papers |= cues.any(PAPERS) && cues.any(OPENS);
        }
        theft
    }
}

/// Points that the form of a text takes away: talk, newsletters, receipts, length.
fn held_against(reading: &Reading, fee: bool) -> usize {
    let found = &reading.found;
    let receipt = found.count(Cue::Order) + found.count(Cue::Shipping) + found.count(Cue::Receipt);
    let is_receipt = receipt >= RECEIPT_CUES_MIN && !fee;
    4 * usize::from(is_talk(reading))
        + 2 * usize::from(is_letter(reading))
        + 3 * usize::from(is_receipt)
        + (reading.words / LONG_WORDS).min(3)
}

fn callback_scam(reading: &Reading) -> Option<Confidence> {
    let (found, numbers) = (&reading.found, &reading.numbers);
    if numbers.telephones == 0 || is_talk(reading) {
        return None;
    }
    let families = [
        found.has(Cue::Charged) || found.has(Cue::Renewal),
        numbers.amounts > 0,
        found.has(Cue::Dispute),
        found.has(Cue::Call) || found.has(Cue::HelpLine),
    ];
    let agree = families.iter().filter(|family| **family).count();
    let short = reading.words <= CALLBACK_WORDS_MAX;
    let bills = found.has(Cue::Renewal) && found.has(Cue::Charged);
    match agree {
        4 if short && found.has(Cue::Renewal) => Some(Confidence::High),
        3 if short && bills && numbers.amounts > 0 && found.has(Cue::HelpLine) => {
            Some(Confidence::High)
        }
        4 if short => Some(Confidence::Medium),
        3 if short && found.has(Cue::HelpLine) && found.has(Cue::Renewal) => {
            Some(Confidence::Medium)
        }
        3 if short => Some(Confidence::Low),
        _ => None,
    }
}

fn advance_fee(reading: &Reading) -> Option<Confidence> {
    let (found, numbers) = (&reading.found, &reading.numbers);
    if is_talk(reading) {
        return None;
    }
    let large = found.count(Cue::Fortune) > 0 || numbers.largest >= LARGE_SUM_MIN;
    let families = [
        found.has(Cue::Fortune),
        large && numbers.largest >= LARGE_SUM_MIN,
        found.has(Cue::Stranger),
        found.has(Cue::Death),
        found.has(Cue::Faith),
        found.has(Cue::Share),
        found.has(Cue::Secrecy),
        found.has(Cue::Chosen),
        found.has(Cue::Answer) || found.has(Cue::Send),
        found.count(Cue::PiiItem) >= 3,
    ];
    let agree = families.iter().filter(|family| **family).count();
    let asks = found.has(Cue::Answer) || found.has(Cue::Send) || found.count(Cue::PiiItem) >= 3;
    let stranger = found.has(Cue::Stranger) || found.has(Cue::Chosen);
    let pious = found.has(Cue::Faith) || found.has(Cue::Death);
    // An opener tells nothing yet: a name, a matter, an answer wanted.
    let brief = reading.words <= OPENER_WORDS_MAX && found.has(Cue::Share);
    match agree {
        5.. if large && asks && stranger => Some(Confidence::High),
        5.. if large && stranger => Some(Confidence::Medium),
        4.. if large && asks && (stranger || found.has(Cue::Share)) => Some(Confidence::Medium),
        4.. if pious && asks && found.has(Cue::Stranger) => Some(Confidence::Medium),
        3.. if brief && asks && found.has(Cue::Stranger) => Some(Confidence::Medium),
        3.. if large && (asks || stranger) => Some(Confidence::Low),
        _ => None,
    }
}

fn extortion(reading: &Reading) -> Option<Confidence> {
    let (found, numbers) = (&reading.found, &reading.numbers);
    if is_talk(reading) {
        return None;
    }
    let families = [
        found.has(Cue::Hacked),
        found.has(Cue::Recorded),
        found.has(Cue::Coin) || numbers.coin_addresses > 0,
        found.has(Cue::Expose),
        found.has(Cue::Deadline),
    ];
    let agree = families.iter().filter(|family| **family).count();
    let pays = found.has(Cue::Coin) || numbers.coin_addresses > 0;
    let threat = found.has(Cue::Hacked) || found.has(Cue::Recorded);
    match agree {
        4.. if pays && threat && found.has(Cue::Expose) => Some(Confidence::High),
        3.. if pays && threat && found.has(Cue::Expose) => Some(Confidence::Medium),
        3.. if threat && found.has(Cue::Expose) => Some(Confidence::Low),
        _ => None,
    }
}

/// Never high: how much of it is found was not measured, for want of examples.
fn bec(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    let is_automatic = found.has(Cue::Away) || found.has(Cue::Bounce);
    if reading.words > BEC_WORDS_MAX || is_talk(reading) || is_automatic {
        return None;
    }
    let money = found.has(Cue::BankChange) || found.has(Cue::Wire) || found.has(Cue::GiftCard);
    let families = [
        found.has(Cue::Available),
        found.has(Cue::Task),
        money,
        found.has(Cue::NoCall),
        found.has(Cue::Secrecy),
        found.has(Cue::Urgent) || found.has(Cue::Deadline),
        found.has(Cue::Answer) || found.has(Cue::MoreInfo),
    ];
    let agree = families.iter().filter(|family| **family).count();
    let personal = reading.numbers.links == 0 && !found.all.any(LEADS);
    let opens = found.has(Cue::Available) || found.has(Cue::Task);
    match agree {
        3.. if personal && (money || opens) => Some(Confidence::Medium),
        2.. if personal && (found.has(Cue::BankChange) || found.has(Cue::Available)) => {
            Some(Confidence::Low)
        }
        _ => None,
    }
}

/// People who discuss, where nothing baits. Newsletters and receipts are never called benign: their
/// forms are what is imitated.
fn benign(reading: &Reading) -> Option<Confidence> {
    if !is_talk(reading) || reading.words < TALK_WORDS_MIN || reading.found.all.any(BAITS) {
        return None;
    }
    Some(if reading.prose.quoted > 0 { Confidence::High } else { Confidence::Medium })
}

/// People who discuss: they quote each other and speak of what they tried.
fn is_talk(reading: &Reading) -> bool {
    let found = &reading.found;
    let quoted = reading.prose.quoted > 0;
    let spoken = found.count(Cue::Discussion) + 2 * u16::from(quoted);
    spoken >= TALK_CUES_MIN && usize::from(spoken) * 150 >= reading.words
}

/// A newsletter: long, from a list, to be read.
fn is_letter(reading: &Reading) -> bool {
    let found = &reading.found;
    reading.words >= LETTER_WORDS_MIN
        && found.has(Cue::Unsubscribe)
        && (found.count(Cue::Newsletter) >= 2 || reading.numbers.links > LETTER_LINKS_MIN)
}

/// A sentence of so few words is a button or a heading.
const BUTTON_WORDS_MAX: usize = 7;
/// A bill that wants a call is short.
const CALLBACK_WORDS_MAX: usize = 500;
/// So much money is no price.
const LARGE_SUM_MIN: u64 = 100_000;
/// A favour is asked in few words.
const BEC_WORDS_MAX: usize = 180;
/// The first letter of a stranger who says nothing yet.
const OPENER_WORDS_MAX: usize = 80;
/// So many words of orders and parcels make a receipt.
const RECEIPT_CUES_MIN: u16 = 4;
/// Cues that are so far apart agree less.
const LONG_WORDS: usize = 600;
const TALK_WORDS_MIN: usize = 12;
const TALK_CUES_MIN: u16 = 3;
const LETTER_WORDS_MIN: usize = 400;
const LETTER_LINKS_MIN: usize = 8;
