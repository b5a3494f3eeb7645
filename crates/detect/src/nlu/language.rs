//! Which language a text is in: by its commonest words, or by its script.

use super::cue::Found;
use super::text::Scripts;

/// A language, as far as we tell them apart.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[repr(u8)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// Italian.
    Italian,
    /// Dutch.
    Dutch,
    /// Portuguese.
    Portuguese,
    /// Chinese, by its script: no phrases.
    Chinese,
    /// Japanese, by its script: no phrases.
    Japanese,
    /// Korean, by its script: no phrases.
    Korean,
    /// Too short, mixed, or none of these.
    #[default]
    Unknown,
}

impl Language {
    /// How many have phrases: the first ones.
    pub(super) const COUNT: usize = 7;

    const SPOKEN: [Self; Self::COUNT] = [
        Self::English,
        Self::German,
        Self::Spanish,
        Self::French,
        Self::Italian,
        Self::Dutch,
        Self::Portuguese,
    ];

    /// The name that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "english",
            Self::German => "german",
            Self::Spanish => "spanish",
            Self::French => "french",
            Self::Italian => "italian",
            Self::Dutch => "dutch",
            Self::Portuguese => "portuguese",
            Self::Chinese => "chinese",
            Self::Japanese => "japanese",
            Self::Korean => "korean",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn of(found: &Found, scripts: Scripts) -> Self {
        let others = scripts.han + scripts.kana + scripts.hangul;
        if others > scripts.latin / 2 && others >= SCRIPT_LETTERS_MIN {
            return if scripts.hangul * 2 > others {
                Self::Korean
            } else if scripts.kana * 10 > others {
                Self::Japanese
            } else {
                Self::Chinese
            };
        }
        let counts = Self::SPOKEN.iter().zip(found.common_words);
        let Some((best, count)) = counts.clone().max_by_key(|(_, count)| *count) else {
            return Self::Unknown;
        };
        let next = counts.filter(|(language, _)| *language != best).map(|(_, count)| count).max();
        let is_clear = count >= WORDS_MIN && count > next.unwrap_or_default();
        if is_clear { *best } else { Self::Unknown }
    }
}

/// Fewer common words tell nothing.
const WORDS_MIN: u16 = 2;
const SCRIPT_LETTERS_MIN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::text::Prose;

    #[test]
    fn a_language_is_told_by_its_commonest_words_or_its_script() {
        let rows = [
            ("english", "We have noticed that your account was used from the new device."),
            ("german", "Wir haben festgestellt, dass Sie Ihre Daten nicht bestätigt haben."),
            ("spanish", "Hemos detectado una actividad en su cuenta por parte de los usuarios."),
            ("french", "Nous vous informons que votre compte est suspendu pour une erreur."),
            (
                "italian",
                "Abbiamo rilevato una attività insolita, che non è stata fatta con il suo.",
            ),
            (
                "dutch",
                "Wij hebben vastgesteld dat uw rekening niet op tijd is betaald met een pas.",
            ),
            ("portuguese", "Identificamos que você não atualizou os seus dados em sua conta."),
            ("japanese", "お客様のアカウントを確認してください"),
            ("chinese", "您的邮箱账户需要立即验证，请点击"),
            ("korean", "귀하의 계정을 확인해 주세요"),
            ("unknown", "OK 12345"),
        ];
        for (want, text) in rows {
            let prose = Prose::of("", text);
            let found = Found::in_prose(&prose);
            assert_eq!(Language::of(&found, prose.scripts).as_str(), want);
        }
    }
}
