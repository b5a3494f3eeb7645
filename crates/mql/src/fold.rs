//! Case: how texts are compared where it does not count.
//!
//! One function folds both sides, character by character, so that a literal stands in a folded text
//! exactly where it stands in the text without regard to case.

/// A text folded; `None` where nothing changes.
pub(crate) fn folded(text: &str) -> Option<Box<str>> {
    if text.is_ascii() {
        let changes = text.bytes().any(|octet| octet.is_ascii_uppercase());
        return changes.then(|| text.to_ascii_lowercase().into());
    }
    if !text.chars().any(|c| c.is_uppercase() || matches!(c, 'ſ' | 'ς' | 'µ')) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'ſ' => out.push('s'),
            'ς' => out.push('σ'),
            'µ' => out.push('μ'),
            _ if character.is_ascii() => out.push(character.to_ascii_lowercase()),
            _ => out.extend(character.to_lowercase()),
        }
    }
    Some(out.into())
}

/// A text folded, as a text of its own.
pub(crate) fn fold(text: &str) -> Box<str> {
    folded(text).unwrap_or_else(|| text.into())
}

/// Whether a regular expression that ignores case matches no character here that folds otherwise.
pub(crate) fn folds_plainly(character: char) -> bool {
    let special = matches!(character, '\u{0370}'..='\u{03ff}' | '\u{1e60}'..='\u{1e9b}' | 'µ' | 'ß')
        || character.to_lowercase().count() != 1;
    character.is_ascii() || !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_table() {
        let rows = [
            ("plain", "plain"),
            ("Mixed", "mixed"),
            ("ÄÖ", "äö"),
            ("ſK", "sk"),
            ("ΣΑΣ ς", "σασ σ"),
        ];
        for (text, meant) in rows {
            assert_eq!(&*fold(text), meant, "{text}");
        }
    }
}
