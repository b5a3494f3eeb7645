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
    let mut out = String::with_capacity(text.len() + 16);
    let mut changes = false;
    let mut rest = text;
    while !rest.is_empty() {
        // Most of any text is ASCII, and that is folded in one go.
        let plain = rest.bytes().position(|octet| !octet.is_ascii()).unwrap_or(rest.len());
        let (ascii, after) = rest.split_at(plain);
        let start = out.len();
        out.push_str(ascii);
        if let Some(copied) = out.get_mut(start..) {
            changes |= copied.bytes().any(|octet| octet.is_ascii_uppercase());
            copied.make_ascii_lowercase();
        }
        let Some(character) = after.chars().next() else { break };
        rest = after.get(character.len_utf8()..).unwrap_or_default();
        let start = out.len();
        match character {
            'ſ' => out.push('s'),
            'ς' => out.push('σ'),
            'µ' => out.push('μ'),
            _ => out.extend(character.to_lowercase()),
        }
        changes |= out.get(start..) != Some(character.encode_utf8(&mut [0; 4]));
    }
    changes.then(|| out.into())
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
            ("aÄbÖC", "aäböc"),
            ("é unchanged ü", "é unchanged ü"),
        ];
        for (text, meant) in rows {
            assert_eq!(&*fold(text), meant, "{text}");
        }
    }
}
