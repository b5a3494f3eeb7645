//! Parts of a text and what they are: requests, pressure, money, greeting, names.
//!
//! An entity is given as it was written, cut to a length. Names are found by where they stand:
//! after a greeting, after a closing formula, before a company's legal form.

use super::Reading;
use super::cue::{Cue, Cues};
use super::words::{bare, words as each_word};

/// What a part of a text is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum EntityKind {
    /// Small print about confidentiality.
    Disclaimer,
    /// Money, payments, accounts.
    Financial,
    /// The words that address the reader.
    Greeting,
    /// An organisation.
    Org,
    /// Who is addressed.
    Recipient,
    /// What is asked.
    Request,
    /// The words that close a letter.
    Salutation,
    /// Who signs.
    Sender,
    /// Pressure of time or loss.
    Urgency,
}

impl EntityKind {
    /// The name that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disclaimer => "disclaimer",
            Self::Financial => "financial",
            Self::Greeting => "greeting",
            Self::Org => "org",
            Self::Recipient => "recipient",
            Self::Request => "request",
            Self::Salutation => "salutation",
            Self::Sender => "sender",
            Self::Urgency => "urgency",
        }
    }
}

const REQUESTS: Cues = Cues::of(&[
    Cue::Verify,
    Cue::Update,
    Cue::SignIn,
    Cue::Restore,
    Cue::Click,
    Cue::Scan,
    Cue::View,
    Cue::Claim,
    Cue::Call,
    Cue::Answer,
    Cue::Send,
    Cue::Pay,
    Cue::Available,
    Cue::Task,
    Cue::BankChange,
]);
const PRESSES: Cues = Cues::of(&[Cue::Urgent, Cue::Deadline, Cue::Loss]);
const MONEY: Cues = Cues::of(&[
    Cue::PayMethod,
    Cue::Pay,
    Cue::PayFail,
    Cue::Invoice,
    Cue::Charged,
    Cue::Refund,
    Cue::Fee,
    Cue::Fortune,
    Cue::Wire,
    Cue::BankChange,
    Cue::GiftCard,
    Cue::Coin,
]);

/// The entities of a text in order, at most [`ENTITIES_MAX`] and few of each kind.
pub(super) fn entities(reading: &Reading, subject: &str, text: &str) -> Vec<(EntityKind, String)> {
    let mut list = List { entities: Vec::new() };
    if let Some((start, end)) = reading.numbers.first_amount {
        list.add(EntityKind::Financial, text.get(start..end).unwrap_or_default());
    }
    let mut after_closing = 0;
    let sentences = reading.found.sentences.iter().zip(&reading.prose.sentences);
    for (place, (cues, sentence)) in sentences.enumerate() {
        let source = if sentence.of_subject { subject } else { text };
        let words = source.get(sentence.start..sentence.end).unwrap_or_default().trim();
        let kinds = [
            (EntityKind::Request, cues.any(REQUESTS)),
            (EntityKind::Urgency, cues.any(PRESSES)),
            (EntityKind::Financial, cues.any(MONEY)),
            (EntityKind::Disclaimer, cues.has(Cue::Disclaimer)),
        ];
        for (kind, _) in kinds.into_iter().filter(|(_, is)| *is) {
            list.add(kind, words);
        }
        if cues.has(Cue::Greeting) && place <= GREETING_SENTENCES_MAX && !sentence.of_subject {
            list.add_greeting(words);
        }
        if cues.has(Cue::Closing) && sentence.words <= CLOSING_WORDS_MAX && place > 0 {
            list.add(EntityKind::Salutation, words);
            after_closing = SIGNATURE_LINES_MAX;
        } else if after_closing > 0 {
            after_closing -= 1;
            if is_name(words) {
                list.add(EntityKind::Sender, words);
                after_closing = 0;
            }
        }
        list.add_organisations(words);
    }
    list.entities
}

struct List {
    entities: Vec<(EntityKind, String)>,
}

impl List {
    fn add(&mut self, kind: EntityKind, words: &str) {
        let words = words.trim();
        let same = self.entities.iter().filter(|(of, _)| *of == kind);
        let is_known = same.clone().any(|(_, known)| known == words);
        let full = same.count() >= KIND_MAX || self.entities.len() >= ENTITIES_MAX;
        if words.is_empty() || is_known || full {
            return;
        }
        let end = words.floor_char_boundary(ENTITY_OCTETS_MAX);
        self.entities.push((kind, words.get(..end).unwrap_or_default().to_owned()));
    }

    /// "Dear Jo," is a greeting and a recipient.
    fn add_greeting(&mut self, words: &str) {
        let line = words.trim_end_matches([',', '!', '.', ':']);
        let first = line.split([',', '!', '.', ':', '\n']).next().unwrap_or_default();
        if first.split_whitespace().count() > GREETING_WORDS_MAX {
            return;
        }
        self.add(EntityKind::Greeting, first);
        let mut names = first.split_whitespace();
        let opening = names.next().unwrap_or_default();
        let name: Vec<&str> = names.collect();
        let name = name.join(" ");
        if !opening.is_empty() && is_name(&name) {
            self.add(EntityKind::Recipient, &name);
        }
    }

    /// Capitalised words before a company's legal form or a department's name.
    fn add_organisations(&mut self, words: &str) {
        let mut name: Vec<&str> = Vec::new();
        for (_, word) in each_word(words) {
            // Most words are no name, and no name goes on.
            if name.is_empty() && word.starts_with(|c: char| c.is_ascii_lowercase()) {
                continue;
            }
            let bare = bare(word);
            let form = bare.trim_end_matches('.');
            if FORMS.iter().any(|of| form.eq_ignore_ascii_case(of)) && !name.is_empty() {
                name.push(form);
                self.add(EntityKind::Org, &name.join(" "));
                name.clear();
            } else if bare.starts_with(char::is_uppercase) || (bare == "of" && !name.is_empty()) {
                name.push(bare);
                if name.len() > NAME_WORDS_MAX {
                    name.remove(0);
                }
            } else {
                name.clear();
            }
            if word.ends_with(['.', '!', '?']) && !FORMS.contains(&form) {
                name.clear();
            }
        }
    }
}

/// Two to four capitalised words, or one.
fn is_name(words: &str) -> bool {
    let words = words.trim_end_matches([',', '.', '!']);
    let count = words.split_whitespace().count();
    (1..=NAME_WORDS_MAX).contains(&count)
        && words.len() <= NAME_OCTETS_MAX
        && words
            .split_whitespace()
            .all(|word| word.starts_with(char::is_uppercase) && !word.contains(['@', '/', ':']))
}

/// Legal forms and what departments call themselves.
const FORMS: [&str; 28] = [
    "Inc",
    "Incorporated",
    "LLC",
    "Ltd",
    "Limited",
    "Corp",
    "Corporation",
    "GmbH",
    "AG",
    "SE",
    "BV",
    "SAS",
    "SARL",
    "SRL",
    "SpA",
    "Ltda",
    "PLC",
    "LLP",
    "Bank",
    "Foundation",
    "University",
    "Team",
    "Support",
    "Department",
    "Group",
    "Wallet",
    "Institute",
    "Society",
];
const ENTITIES_MAX: usize = 40;
/// Of one kind: what is asked twenty times is asked once.
const KIND_MAX: usize = 8;
const ENTITY_OCTETS_MAX: usize = 240;
const GREETING_SENTENCES_MAX: usize = 6;
const GREETING_WORDS_MAX: usize = 7;
const CLOSING_WORDS_MAX: usize = 8;
const SIGNATURE_LINES_MAX: u8 = 2;
const NAME_WORDS_MAX: usize = 4;
const NAME_OCTETS_MAX: usize = 60;
