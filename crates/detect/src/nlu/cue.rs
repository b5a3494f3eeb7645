//! Cues: what a phrase says, whatever its language, and the one search that finds them all.
//!
//! A sentence is reduced to the set of its cues; everything else is asked of those sets. Phrases
//! are written with alternatives, `{restore|regain} access`, and may end in a star for any ending.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::language::Language;
use super::phrases;
use super::text::{Prose, Scripts, fold_into};

macro_rules! cues {
    ($($name:ident)*) => {
        /// What a phrase says.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr(u8)]
        pub(super) enum Cue { $($name),* }

        /// How many there are.
        pub(super) const CUES: usize = [$(Cue::$name),*].len();
    };
}

cues! {
    // What is asked.
    Verify Update SignIn Restore Click View Claim Call Answer Send Pay Scan
    // Of what.
    Your Account Mailbox Secret PayMethod Identity Points Refund Document Invoice Parcel Fee
    // What is said to be wrong.
    Suspended Alarm PayFail Unverified StorageFull HeldMail
    // How it presses.
    Deadline Loss Urgent
    // How it addresses.
    GenericGreeting Greeting Closing Disclaimer
    // Call this number.
    Renewal Charged Dispute HelpLine
    // A fortune for a fee.
    Fortune Stranger Death Faith Chosen Share Selected
    // Pay or be shamed.
    Hacked Recorded Coin Expose
    // A superior who cannot talk.
    Available Task GiftCard BankChange Wire NoCall Secrecy MoreInfo
    // Particulars of a person.
    PiiItem
    // What speaks for harmless mail.
    Warning Unsubscribe Browser Newsletter Discussion Receipt NoAction
    // Topics.
    Shipping Order Signature Shared Voicemail Bounce Away Event Romance Explicit Outreach Career
    Release Legal Support Reminder Social Statement Promotion Security Card
    // Tags.
    PurchaseOrder
}

/// A set of cues.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Cues(u128);

impl Cues {
    pub(super) const fn of(cues: &[Cue]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < cues.len() {
            #[expect(clippy::indexing_slicing, reason = "a loop over the slice's own length")]
            let cue = cues[at];
            bits |= 1 << (cue as u8);
            at += 1;
        }
        Self(bits)
    }

    pub(super) fn add(&mut self, cue: Cue) {
        self.0 |= 1 << (cue as u8);
    }

    pub(super) fn has(self, cue: Cue) -> bool {
        self.0 & (1 << (cue as u8)) != 0
    }

    pub(super) fn any(self, cues: Self) -> bool {
        self.0 & cues.0 != 0
    }
}

const _: () = assert!(CUES <= 128);

/// What was found in a text.
#[derive(Debug)]
pub(super) struct Found {
    /// The cues of each sentence.
    pub(super) sentences: Vec<Cues>,
    /// The cues of the whole.
    pub(super) all: Cues,
    /// How often each was found, in different sentences or by different phrases.
    counts: [u16; CUES],
    /// How many of each language's commonest words were found.
    pub(super) common_words: [u16; Language::COUNT],
}

impl Found {
    /// Searches for every phrase.
    pub(super) fn in_prose(prose: &Prose) -> Self {
        let mut found = Self {
            sentences: vec![Cues::default(); prose.sentences.len()],
            all: Cues::default(),
            counts: [0; CUES],
            common_words: [0; Language::COUNT],
        };
        let Some(search) = SEARCH.as_ref() else { return found };
        let mut hits: Vec<(usize, Cue, Option<Language>)> = Vec::with_capacity(HITS_USUAL);
        for hit in search.finder.find_overlapping_iter(&prose.folded).take(HITS_MAX) {
            match search.meanings.get(hit.pattern().as_usize()) {
                Some(Meaning::Cue(cue, language)) => hits.push((hit.end(), *cue, *language)),
                Some(Meaning::Word(language)) => found.count_word(*language),
                None => {}
            }
        }
        let mut sentence = 0;
        for (end, cue, language) in hits {
            if language.is_none_or(|language| found.is_spoken(language)) {
                sentence = prose.sentence_at(end, sentence);
                found.add(cue, sentence);
            }
        }
        found
    }

    /// Whether a language's phrases count. A word of one is often another word of the next: a
    /// language is believed when its commonest words are there too, or when nothing is known.
    fn is_spoken(&self, language: Language) -> bool {
        let best = self.common_words.iter().max().copied().unwrap_or_default();
        let own = self.common_words.get(language as usize).copied().unwrap_or_default();
        language == Language::English || best < WORDS_KNOWN_MIN || own > best / WORDS_SHARE
    }

    fn count_word(&mut self, language: Language) {
        if let Some(count) = self.common_words.get_mut(language as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How often a cue was found.
    pub(super) fn count(&self, cue: Cue) -> u16 {
        self.counts.get(cue as usize).copied().unwrap_or_default()
    }

    /// Whether the text has a cue.
    pub(super) fn has(&self, cue: Cue) -> bool {
        self.all.has(cue)
    }

    /// Whether one sentence has a cue of each set.
    pub(super) fn together(&self, one: Cues, other: Cues) -> bool {
        self.sentences.iter().any(|cues| cues.any(one) && cues.any(other))
    }

    fn add(&mut self, cue: Cue, sentence: usize) {
        self.all.add(cue);
        if let Some(cues) = self.sentences.get_mut(sentence) {
            cues.add(cue);
        }
        if let Some(count) = self.counts.get_mut(cue as usize) {
            *count = count.saturating_add(1);
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meaning {
    Cue(Cue, Option<Language>),
    Word(Language),
}

struct Search {
    finder: AhoCorasick,
    meanings: Vec<Meaning>,
}

/// Built once: what it searches for is part of the program. A test holds that it can be built.
static SEARCH: LazyLock<Option<Search>> = LazyLock::new(|| {
    let mut patterns: Vec<(String, Meaning)> = Vec::new();
    for (language, words) in phrases::COMMON_WORDS {
        let each = words.split_whitespace();
        patterns.extend(each.map(|word| (format!(" {word} "), Meaning::Word(*language))));
    }
    for (language, table) in phrases::ALL {
        for (cue, lines) in table {
            for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let each = alternatives(line);
                let meaning = Meaning::Cue(*cue, language);
                patterns.extend(each.iter().map(|phrase| (pattern(phrase), meaning)));
            }
        }
    }
    let patterns = needed(patterns);
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(patterns.iter().map(|(pattern, _)| pattern))
        .ok()?;
    Some(Search { finder, meanings: patterns.into_iter().map(|(_, meaning)| meaning).collect() })
});

/// Leaves out phrases that begin with another one of the same meaning: that one is found anyway.
fn needed(mut patterns: Vec<(String, Meaning)>) -> Vec<(String, Meaning)> {
    patterns.sort_by(|a, b| a.0.cmp(&b.0));
    let mut kept: Vec<(String, Meaning)> = Vec::with_capacity(patterns.len());
    // Those that the present phrase begins with: a stack, since the list is sorted.
    let mut open: Vec<(String, Meaning)> = Vec::new();
    for (pattern, meaning) in patterns {
        while open.last().is_some_and(|(front, _)| !pattern.starts_with(front)) {
            open.pop();
        }
        if !open.iter().any(|(_, of)| *of == meaning) {
            open.push((pattern.clone(), meaning));
            kept.push((pattern, meaning));
        }
    }
    kept
}

/// A phrase as it stands in a folded text: between spaces, unless a star leaves its end open.
fn pattern(phrase: &str) -> String {
    let (words, open) = match phrase.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (phrase, false),
    };
    let mut out = String::new();
    fold_into(words, &mut out, &mut Scripts::default());
    if open {
        out.truncate(out.trim_end().len());
    }
    out
}

/// Every reading of a phrase with alternatives in braces, left to right.
fn alternatives(phrase: &str) -> Vec<String> {
    let mut readings = vec![String::new()];
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((choices, after)) = after.split_once('}') else { break };
        let choices: Vec<&str> = choices.split('|').collect();
        readings = readings
            .iter()
            .flat_map(|front| choices.iter().map(move |choice| format!("{front}{before}{choice}")))
            .collect();
        rest = after;
    }
    readings.iter().map(|front| format!("{front}{rest}")).collect()
}

/// Hits in one text: a text made of nothing but phrases stops here.
const HITS_MAX: usize = 20_000;
const HITS_USUAL: usize = 512;
/// With fewer common words the language is not known.
const WORDS_KNOWN_MIN: u16 = 4;
/// A second language is believed from this part of the first one's words on.
const WORDS_SHARE: u16 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_written_out() {
        assert_eq!(alternatives("{a|b} c {d|}"), ["a c d", "a c ", "b c d", "b c "]);
        assert_eq!(pattern("a c "), " a c ");
        assert_eq!(pattern("Suspend*"), " suspend");
    }

    #[test]
    fn the_search_is_built_and_stays_small() {
        let search = SEARCH.as_ref().unwrap();
        assert!(search.meanings.len() < 40_000, "{}", search.meanings.len());
        assert!(search.finder.memory_usage() < 8 << 20, "{}", search.finder.memory_usage());
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_and_within_one_sentence() {
        let found = |text: &str| Found::in_prose(&Prose::of("", text));
        assert!(found("Please verify it").has(Cue::Verify));
        assert!(!found("verifynow").has(Cue::Verify));
        assert!(found("masturbating").has(Cue::Recorded), "an open end");
        let verify_account =
            |text: &str| found(text).together(Cues::of(&[Cue::Verify]), Cues::of(&[Cue::Account]));
        assert!(verify_account("Verify your account"));
        assert!(!verify_account("We verify. An account is free"));
    }
}
