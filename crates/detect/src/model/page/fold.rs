//! Characters: which are not seen, and which ASCII letters others stand for.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a character takes no room and shows nothing.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || (character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

/// A text without what is not seen.
pub(crate) fn readable(text: &str) -> Cow<'_, str> {
    let is_plain = |octet: u8| octet.is_ascii() && (octet >= 0x20 || octet == b'\n');
    if text.bytes().all(is_plain) || !text.contains(|c| is_invisible(c) || is_space(c)) {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().filter(|character| !is_invisible(*character));
    Cow::Owned(seen.map(|c| if is_space(c) { ' ' } else { c }).collect())
}

const fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// A text with every character that stands for ASCII written as ASCII: accents gone, typographic
/// marks and letters of mathematics plain. What stands for nothing in ASCII stays. `None` where
/// nothing changes.
pub(crate) fn fold(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            out.push(character);
        } else if let Some(plain) = mark(character) {
            out.push_str(plain);
        } else if !is_combining_mark(character) {
            let before = out.len();
            let parts = std::iter::once(character).nfkd().filter(|part| !is_combining_mark(*part));
            out.extend(parts);
            // What does not end as ASCII stays as it was written.
            if out.get(before..).is_some_and(|added| !added.is_ascii()) {
                out.truncate(before);
                out.push(character);
            }
        }
    }
    (out != text).then_some(out)
}

/// Marks and letters that do not come apart into ASCII by themselves.
const fn mark(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{2b9}' | '\u{2bc}' => {
            "'"
        }
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => {
            "\""
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' => "-",
        '\u{2022}' | '\u{b7}' => "*",
        '\u{2044}' | '\u{2215}' => "/",
        'ß' => "ss",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        let rows = [
            ("ASCII", "plain", None),
            ("accents", "Sécurité été", Some("Securite ete")),
            ("typography", "don\u{2019}t \u{201c}wait\u{201d} \u{2013}", Some("don't \"wait\" -")),
            ("bold mathematical", "\u{1d5fd}\u{1d5ee}\u{1d606}", Some("pay")),
            ("full width", "\u{ff21}\u{ff22}", Some("AB")),
            ("other scripts stay", "口座 счёт", None),
            ("German", "Straße", Some("Strasse")),
        ];
        for (rule, text, meant) in rows {
            assert_eq!(fold(text).as_deref(), meant, "{rule}");
        }
    }

    #[test]
    fn what_is_not_seen_is_gone() {
        assert_eq!(readable("pa\u{200b}ss\u{ad}word\u{a0}1"), "password 1");
        assert!(matches!(readable("plain\ntext"), Cow::Borrowed(_)));
    }
}
