//! Words of a text, whatever white space is between them, with where each stands.

/// The words of a text, each with where it begins.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += space_in_front(text.get(at..)?);
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let (start, length) = (at, word_in_front(rest));
        at += length;
        Some((start, rest.get(..length)?))
    })
}

/// How many octets of white space a text begins with.
fn space_in_front(text: &str) -> usize {
    let plain = text.bytes().take_while(|octet| is_space(*octet)).count();
    match text.as_bytes().get(plain) {
        Some(octet) if !octet.is_ascii() => text.len() - text.trim_start().len(),
        _ => plain,
    }
}

/// How many octets of a text stand before its first white space.
fn word_in_front(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let Some(stop) = rest.iter().position(|octet| is_space(*octet) || !octet.is_ascii()) else {
            return text.len();
        };
        at += stop;
        match text.get(at..).and_then(|rest| rest.chars().next()) {
            Some(character) if !character.is_whitespace() => at += character.len_utf8(),
            _ => return at,
        }
    }
}

const fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t'..=b'\r')
}

/// A word without what is neither letter nor digit around it.
pub(super) fn bare(word: &str) -> &str {
    let (first, last) = (word.as_bytes().first(), word.as_bytes().last());
    let plain = |octet: Option<&u8>| octet.is_some_and(u8::is_ascii_alphanumeric);
    if plain(first) && plain(last) {
        return word;
    }
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_words() {
        let rows = [("(now)", "now"), ("now", "now"), ("«été».", "été"), ("--", ""), ("", "")];
        for (word, meant) in rows {
            assert_eq!(bare(word), meant);
        }
    }

    proptest::proptest! {
        #[test]
        fn words_are_what_white_space_parts(text in "([a-c\u{a0}\u{2003} \t\r\n\u{85}é]|\\PC){0,60}") {
            let found: Vec<&str> = words(&text).map(|(_, word)| word).collect();
            assert_eq!(found, text.split_whitespace().collect::<Vec<_>>());
            for (start, word) in words(&text) {
                assert!(text[start..].starts_with(word));
            }
        }
    }
}
