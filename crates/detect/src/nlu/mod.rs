//! What a text wants and what it is about, by phrases of seven languages: no model, no network.
//!
//! A text is cut into sentences, the sentences are reduced to cues (what is asked, of what, what is
//! said to be wrong, how it presses), and a few rules on cues decide. An intent is stated with high
//! confidence only where several independent families of cues agree. What each answer is worth was
//! measured: docs/nlu.md.
//!
//! It promises: the same text gives the same answer; linear time, within limits; what it does not
//! support it never returns. It knows nothing of sender, links or attachments, and a genuine notice
//! with the words of a forged one looks the same to it: rules must add those facts.

mod cue;
mod entity;
mod intent;
mod language;
mod never;
mod numbers;
mod phrases;
mod text;
mod topic;
mod words;

pub use entity::EntityKind;
pub use intent::{Intent, SUPPORTED_INTENTS};
pub use language::Language;
pub use never::never_answered;
pub use topic::{SUPPORTED_TOPICS, Tag, Topic};

use cue::Found;
use numbers::Numbers;
use text::Prose;

/// How sure an answer is. The order is that of certainty.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Confidence {
    /// A hint.
    Low,
    /// Two independent families agree.
    Medium,
    /// Several independent families agree.
    High,
}

impl Confidence {
    /// The name that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What a text wants and is about.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Classification {
    /// What it wants, each once; [`Intent::Benign`] only alone.
    pub intents: Vec<(Intent, Confidence)>,
    /// Parts of the text and what they are, in order, each as it was written.
    pub entities: Vec<(EntityKind, String)>,
    /// Papers of business that it talks about.
    pub tags: Vec<(Tag, Confidence)>,
    /// What it is about.
    pub topics: Vec<(Topic, Confidence)>,
    /// Its language.
    pub language: Language,
}

/// Classifies a text, with its subject where there is one.
pub fn classify(text: &str, subject: Option<&str>) -> Classification {
    let reading = Reading::of(subject.unwrap_or_default(), text);
    Classification {
        intents: reading.intents(),
        entities: reading.entities(subject.unwrap_or_default(), text),
        tags: reading.tags(),
        topics: reading.topics(),
        language: reading.language(),
    }
}

/// All that was gathered of a text; everything else is decided from it.
#[derive(Debug)]
pub(crate) struct Reading {
    prose: Prose,
    found: Found,
    numbers: Numbers,
    language: Language,
    /// How many words it has.
    words: usize,
}

impl Reading {
    /// Reads a text with its subject.
    pub(crate) fn of(subject: &str, text: &str) -> Self {
        let prose = Prose::of(subject, text);
        let found = Found::in_prose(&prose);
        let language = Language::of(&found, prose.scripts);
        let words = prose.sentences.iter().map(|sentence| sentence.words).sum();
        Self { numbers: Numbers::of(text), prose, found, language, words }
    }

    /// What it wants.
    pub(crate) fn intents(&self) -> Vec<(Intent, Confidence)> {
        intent::intents(self)
    }

    /// Parts of the text that it was made of and what they are.
    pub(crate) fn entities(&self, subject: &str, text: &str) -> Vec<(EntityKind, String)> {
        entity::entities(self, subject, text)
    }

    /// Papers of business that it talks about.
    pub(crate) fn tags(&self) -> Vec<(Tag, Confidence)> {
        topic::tags(self)
    }

    /// What it is about.
    pub(crate) fn topics(&self) -> Vec<(Topic, Confidence)> {
        topic::topics(self)
    }

    /// Its language.
    pub(crate) fn language(&self) -> Language {
        self.language
    }
}

#[cfg(test)]
mod tests;
