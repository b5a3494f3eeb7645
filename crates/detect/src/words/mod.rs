//! What a message talks about: phrases by theme, in English, German and French.
//!
//! All phrases are searched at once in the folded text, as whole words. A phrase proves nothing:
//! rules combine themes with facts about the sender and the links, and ask for several phrases
//! where one is common in honest mail.

mod phrases;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::fold_text;
use phrases::THEMES;

/// What a phrase is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Theme {
    /// Fees and fortunes from strangers.
    AdvanceFee,
    /// Wants a password, a sign-in or an account confirmed.
    Credential,
    /// Threatens with recordings or leaks, and wants coins.
    Extortion,
    /// Gambling, pills, dating, miracle products.
    Junk,
    /// Names the password of an archive.
    Password,
    /// A parcel that waits.
    Parcel,
    /// Wants money moved or gift cards bought.
    Payment,
    /// Something won, to be claimed.
    Prize,
    /// Presses for time.
    Urgency,
}

/// What a message talks about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wording {
    found: Vec<(Theme, &'static str)>,
}

impl Wording {
    /// Reads subject and body.
    pub(crate) fn of(subject: &str, body: &str) -> Self {
        let mut text = fold_text(subject, SUBJECT_OCTETS_MAX);
        text.push_str(" \n ");
        text.push_str(&fold_text(body, BODY_OCTETS_MAX));
        let mut found: Vec<(Theme, &'static str)> = Vec::new();
        let Some(finder) = FINDER.as_ref() else { return Self::default() };
        for hit in finder.find_overlapping_iter(&text).take(HITS_MAX) {
            let Some(phrase) = PHRASES.get(hit.pattern().as_usize()) else { continue };
            let before = text.get(..hit.start()).and_then(|front| front.chars().next_back());
            let after = text.get(hit.end()..).and_then(|rest| rest.chars().next());
            let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            if !is_word(before) && !is_word(after) && !found.contains(phrase) {
                found.push(*phrase);
            }
        }
        Self { found }
    }

    /// The different phrases of a theme, in the order in which they stand.
    pub(crate) fn phrases(&self, theme: Theme) -> Vec<&'static str> {
        let of_theme = self.found.iter().filter(|(found, _)| *found == theme);
        of_theme.map(|(_, phrase)| *phrase).collect()
    }

    /// How many different phrases of a theme there are.
    pub(crate) fn count(&self, theme: Theme) -> usize {
        self.found.iter().filter(|(found, _)| *found == theme).count()
    }
}

static PHRASES: LazyLock<Vec<(Theme, &'static str)>> = LazyLock::new(|| {
    THEMES
        .iter()
        .flat_map(|(theme, phrases)| phrases.lines().map(move |phrase| (*theme, phrase.trim())))
        .filter(|(_, phrase)| !phrase.is_empty())
        .collect()
});

/// `None` only if the table above were too large to compile, which a test rules out.
static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().map(|(_, phrase)| *phrase);
    AhoCorasick::builder().match_kind(MatchKind::Standard).build(phrases).ok()
});

const BODY_OCTETS_MAX: usize = 32 * 1024;
const HITS_MAX: usize = 2_000;
const SUBJECT_OCTETS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_in_the_form_in_which_text_is_searched_and_stands_once() {
        assert!(FINDER.is_some());
        for (place, (_, phrase)) in PHRASES.iter().enumerate() {
            assert_eq!(fold_text(phrase, 1_000), *phrase);
            assert!(PHRASES[place + 1..].iter().all(|(_, other)| other != phrase), "{phrase}");
        }
    }

    #[test]
    fn phrases_table() {
        let rows = [
            ("subject", "Please verify your account", "", Theme::Credential, 1),
            ("case and accents", "", "VÉRIFIEZ votre compte", Theme::Credential, 1),
            ("homoglyphs", "", "verify y\u{43e}ur acc\u{43e}unt", Theme::Credential, 1),
            ("line break", "", "verify\r\n your account", Theme::Credential, 1),
            ("not inside a word", "", "specialist at the casinos", Theme::Junk, 0),
            ("each once", "", "casino casino casino", Theme::Junk, 1),
            ("overlapping", "", "casino bonus", Theme::Junk, 2),
            ("honest", "Lunch", "See you at noon", Theme::Urgency, 0),
        ];
        for (rule, subject, body, theme, meant) in rows {
            assert_eq!(Wording::of(subject, body).count(theme), meant, "{rule}");
        }
    }
}
