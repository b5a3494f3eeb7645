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
    /// Work that is none.
    JobScam,
    /// Particulars of a person.
    StealPii,
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
            Self::JobScam => "job_scam",
            Self::StealPii => "steal_pii",
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
    Intent::JobScam,
    Intent::StealPii,
];

/// What a text wants, each intent once.
pub(super) fn intents(reading: &Reading) -> Vec<(Intent, Confidence)> {
    let asked = [
        (Intent::AdvanceFee, advance_fee(reading)),
        (Intent::Bec, bec(reading)),
        (Intent::CallbackScam, callback_scam(reading)),
        (Intent::CredTheft, cred_theft(reading)),
        (Intent::Extortion, extortion(reading)),
        (Intent::JobScam, job_scam(reading)),
        (Intent::StealPii, steal_pii(reading)),
    ];
    let mut found: Vec<(Intent, Confidence)> =
        asked.into_iter().filter_map(|(intent, sure)| sure.map(|sure| (intent, sure))).collect();
    found.retain(|(intent, _)| SUPPORTED_INTENTS.contains(intent));
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
const PRESSES: Cues = Cues::of(&[Cue::Deadline, Cue::Loss, Cue::Urgent]);
const LEADS: Cues = Cues::of(&[Cue::Click, Cue::Scan]);

fn cred_theft(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    let your = Cues::of(&[Cue::Your]);
    let (mut asked, mut secret, mut wrong, mut lured) = (false, false, false, false);
    for (cues, sentence) in found.sentences.iter().zip(&reading.prose.sentences) {
        // A button or a heading needs no possessive: "Verify wallet".
        let addressed = cues.any(your) || sentence.words <= BUTTON_WORDS_MAX || sentence.of_subject;
        let warns = cues.has(Cue::Warning) || cues.has(Cue::Unsubscribe);
        let own = cues.has(Cue::Discussion);
        if warns || own {
            continue;
        }
        asked |= addressed && cues.any(ASKS) && cues.any(OBJECTS);
        secret |= addressed && cues.any(ASKS) && cues.any(SECRETS);
        wrong |= addressed && cues.any(WRONGS) && (cues.any(OBJECTS) || cues.has(Cue::StorageFull));
        wrong |= cues.has(Cue::HeldMail) && cues.any(your);
        // Points, refunds and parcels held back for a fee: the same theft by another bait.
        lured |= cues.has(Cue::Points) && cues.any(PRESSES);
        lured |= cues.has(Cue::Fee) && (cues.has(Cue::Pay) || cues.has(Cue::Parcel));
        lured |= cues.has(Cue::Refund) && (cues.has(Cue::Claim) || cues.any(your));
    }
    let presses = usize::from(found.has(Cue::Deadline))
        + usize::from(found.has(Cue::Loss))
        + usize::from(found.has(Cue::Urgent));
    let points = 2 * usize::from(asked)
        + 2 * usize::from(wrong)
        + usize::from(secret)
        + usize::from(found.all.any(LEADS))
        + presses.min(2)
        + usize::from(found.has(Cue::GenericGreeting))
        + usize::from(lured);
    let held_back = usize::from(is_talk(reading)) * 4 + usize::from(is_letter(reading)) * 2;
    let points = points.saturating_sub(held_back);
    let leads = found.all.any(LEADS) || found.has(Cue::SignIn) || found.has(Cue::Restore);
    match points {
        7.. if asked && wrong && presses > 0 && leads => Some(Confidence::High),
        5.. if asked && (wrong || (presses > 0 && leads)) => Some(Confidence::Medium),
        4.. if wrong && presses > 0 && leads => Some(Confidence::Medium),
        3.. if lured && presses > 0 && (leads || found.has(Cue::Claim)) => Some(Confidence::Medium),
        3.. if asked || wrong => Some(Confidence::Low),
        _ => None,
    }
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
    match agree {
        4 if found.has(Cue::Renewal) && short => Some(Confidence::High),
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
    match agree {
        5.. if large && asks && stranger => Some(Confidence::High),
        4.. if large && asks && (stranger || found.has(Cue::Share)) => Some(Confidence::Medium),
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

fn bec(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    if reading.words > BEC_WORDS_MAX || is_talk(reading) || is_letter(reading) {
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
        4.. if personal && money && (opens || found.has(Cue::NoCall)) => Some(Confidence::High),
        3.. if personal && (money || opens) => Some(Confidence::Medium),
        2.. if personal && (found.has(Cue::BankChange) || found.has(Cue::Available)) => {
            Some(Confidence::Low)
        }
        _ => None,
    }
}

fn job_scam(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    if is_talk(reading) || !found.has(Cue::JobOffer) || !found.has(Cue::EasyMoney) {
        return None;
    }
    let asks = found.has(Cue::Answer) || found.has(Cue::Send) || found.has(Cue::Click);
    let often = found.count(Cue::EasyMoney) >= 2 && found.count(Cue::JobOffer) >= 2;
    match (asks, often) {
        (true, true) => Some(Confidence::High),
        (true, false) => Some(Confidence::Medium),
        _ => Some(Confidence::Low),
    }
}

fn steal_pii(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    if is_talk(reading) {
        return None;
    }
    let asks = found.has(Cue::Send) || found.has(Cue::Answer);
    match found.count(Cue::PiiItem) {
        5.. if asks => Some(Confidence::High),
        3.. if asks => Some(Confidence::Medium),
        _ => None,
    }
}

/// The forms of harmless mail, where nothing was found that speaks against it.
fn benign(reading: &Reading) -> Option<Confidence> {
    let found = &reading.found;
    if is_talk(reading) && reading.words >= TALK_WORDS_MIN {
        return Some(Confidence::High);
    }
    let presses = found.all.any(PRESSES) || found.all.any(WRONGS) || found.has(Cue::Chosen);
    if presses || reading.words < TALK_WORDS_MIN {
        return None;
    }
    (found.has(Cue::Discussion) || found.has(Cue::NoAction)).then_some(Confidence::Medium)
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
const TALK_WORDS_MIN: usize = 12;
const TALK_CUES_MIN: u16 = 3;
const LETTER_WORDS_MIN: usize = 400;
const LETTER_LINKS_MIN: usize = 8;
