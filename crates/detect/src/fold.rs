//! Text in the form in which a reader takes it in: look-alike characters folded, invisible ones
//! gone.
//!
//! Used only to compare; what a person is shown is always the original.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Lower case, accents and look-alikes folded to Latin letters, invisible characters dropped,
/// white space collapsed; at most `max` octets.
pub(crate) fn fold_text(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max));
    let mut buffer = String::new();
    for character in text.chars() {
        if out.len() >= max {
            break;
        }
        if character.is_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if character.is_ascii() {
            out.push(character.to_ascii_lowercase());
        } else {
            fold_character(character, &mut buffer, &mut out);
        }
    }
    out
}

fn fold_character(character: char, buffer: &mut String, out: &mut String) {
    // A typographic apostrophe is one, and not an accent.
    if matches!(character, '\u{2018}' | '\u{2019}') {
        out.push('\'');
        return;
    }
    buffer.clear();
    buffer.extend(std::iter::once(character).nfkd());
    let folded = skeleton(buffer)
        .filter(|c| !is_combining_mark(*c) && !c.is_control() && !c.is_whitespace());
    out.extend(folded.flat_map(char::to_lowercase));
}

/// A display name as one compares it: words in any order, spaces, punctuation and the usual
/// stand-ins (`0` for `o`, `1` and `i` for `l`, `rn` for `m`) ignored.
pub(crate) fn name_key(name: &str) -> String {
    let folded = fold_text(name, NAME_OCTETS_MAX);
    let mut words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(stand_ins)
        .collect();
    words.sort_unstable();
    words.concat()
}

/// A domain label or a word with the usual stand-ins undone.
pub(crate) fn stand_ins(word: &str) -> String {
    let word = word.replace("rn", "m").replace("vv", "w");
    word.chars()
        .map(|character| match character {
            '0' => 'o',
            '1' | 'i' | '|' | '!' => 'l',
            '5' | '$' => 's',
            '3' => 'e',
            other => other,
        })
        .collect()
}

/// Whether two different words become equal by one insertion, deletion, substitution or swap of
/// neighbours.
pub(crate) fn is_one_edit_apart(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one == other || one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let front = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = |of: &[char], from: usize| of.get(from..).unwrap_or_default().to_vec();
    let (a, b) = (rest(&one, front), rest(&other, front));
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Less => a == rest(&b, 1),
        std::cmp::Ordering::Greater => rest(&a, 1) == b,
        std::cmp::Ordering::Equal => {
            let swapped = a.len() >= 2
                && a.first() == b.get(1)
                && a.get(1) == b.first()
                && rest(&a, 2) == rest(&b, 2);
            rest(&a, 1) == rest(&b, 1) || swapped
        }
    }
}

/// Longer names are not names.
const NAME_OCTETS_MAX: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_table() {
        let rows = [
            ("case", "Verify NOW", "verify now"),
            ("accents", "Überprüfen Sie Votre Sécurité", "uberprufen sie votre securite"),
            ("Cyrillic letters", "p\u{430}ypal", "paypal"),
            ("bold mathematical", "\u{1d40f}\u{1d402}", "pc"),
            ("zero width", "pass\u{200b}word", "password"),
            ("soft hyphen", "pass\u{ad}word", "password"),
            ("white space", "a \u{a0}\r\n b", "a b"),
            ("apostrophe", "you\u{2019}re", "you're"),
        ];
        for (rule, text, meant) in rows {
            assert_eq!(fold_text(text, 1_000), meant, "{rule}");
        }
    }

    #[test]
    fn names_that_a_reader_takes_for_the_same_have_the_same_key() {
        let same = [
            "Anna Berg",
            "anna  berg",
            "Berg, Anna",
            "\u{410}nn\u{430} Berg",
            "Anna.Berg",
            "ANNA B\u{200b}ERG",
            "\"Anna Berg\"",
        ];
        for name in same {
            assert_eq!(name_key(name), name_key("Anna Berg"), "{name}");
        }
        assert_eq!(name_key("Will Miller"), name_key("WiII Mi1ler"));
        assert_ne!(name_key("Anne Berg"), name_key("Anna Berg"));
    }

    #[test]
    fn one_edit_table() {
        let rows = [
            ("substitution", "corp", "c0rp", true),
            ("insertion", "corp", "corpp", true),
            ("deletion at the front", "corp", "orp", true),
            ("swap", "corp", "crop", true),
            ("equal", "corp", "corp", false),
            ("two edits", "corp", "c0rpp", false),
            ("empty", "", "a", true),
        ];
        for (rule, one, other, meant) in rows {
            assert_eq!(is_one_edit_apart(one, other), meant, "{rule}");
            assert_eq!(is_one_edit_apart(other, one), meant, "{rule} turned round");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_folds_to_small_letters_within_its_limit(text in "\\PC{0,200}", max in 0..100_usize) {
            let folded = fold_text(&text, max);
            assert!(folded.len() <= max + CHARACTER_FOLDED_MAX);
            assert!(!folded.contains(|c: char| c.is_ascii_uppercase() || c.is_control()));
            assert!(!folded.contains("  "));
        }
    }

    /// The longest that one character folds to.
    const CHARACTER_FOLDED_MAX: usize = 64;
}
