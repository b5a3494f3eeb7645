//! The phrases, a file for each language: our own words, by what they say.
//!
//! One phrase a line, without accents. The commonest words of each language tell which one it is.

mod de;
mod en;
mod es;
mod fr;
mod it;
mod nl;
mod pt;
mod topics;

use super::cue::Cue;
use super::language::Language;

/// What is said in which ways.
pub(super) type Phrases = &'static [(Cue, &'static str)];

/// Every language's phrases, and those that are the same in any.
pub(super) const ALL: [(Option<Language>, Phrases); 8] = [
    (Some(Language::English), en::PHRASES),
    (Some(Language::German), de::PHRASES),
    (Some(Language::Spanish), es::PHRASES),
    (Some(Language::French), fr::PHRASES),
    (Some(Language::Italian), it::PHRASES),
    (Some(Language::Dutch), nl::PHRASES),
    (Some(Language::Portuguese), pt::PHRASES),
    (None, topics::PHRASES),
];

/// Words that no text of their language can do without, and that the others do not have.
pub(super) const COMMON_WORDS: &[(Language, &str)] = &[
    (Language::English, "the and you your this that with for have from will are not our been was"),
    (
        Language::German,
        "der die und sie ihr ihre nicht mit ist das wir auf fur eine einen zu werden",
    ),
    (Language::Spanish, "el los las su sus usted y por esta una con del hemos para puede muy que"),
    (Language::French, "le les des vous votre vos est nous pour une avec dans et sur ne pas ce"),
    (Language::Italian, "il gli di che per non una della sono con suo e dei nel questo abbiamo"),
    (
        Language::Dutch,
        "het een van uw je niet dat wij zijn voor met op deze wordt ons naar ook aan",
    ),
    (
        Language::Portuguese,
        "seu sua seus suas voce nao uma para em dos da por sao esta ao foi pelo pela das um",
    ),
];
