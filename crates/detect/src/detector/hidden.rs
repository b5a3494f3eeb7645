//! Senders and subjects written so that a person reads one thing and a filter another.

use clawback_core::verdict::{Evidence, Finding};

use crate::case::{Case, Standing};
use crate::catalogue::{HIDDEN_CHARACTERS, NAMELESS_SENDER};

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if !case.is_inbound() || case.is_discussion {
        return;
    }
    let name = case.from.map(|from| from.name.as_str()).unwrap_or_default();
    let places = [("header From", name), ("subject", case.message.subject.as_str())];
    let evidence = places
        .into_iter()
        .filter_map(|(place, text)| trick(text).map(|note| Evidence::new(place, text, note)));
    findings.extend(HIDDEN_CHARACTERS.found_all(evidence));

    let unverified = matches!(case.standing, Standing::Failed | Standing::Unverified);
    let nameless = case.from.is_some_and(|from| from.address.is_none() && from.raw.contains('@'));
    if let (true, true, Some(target)) = (nameless, unverified, case.targets.first()) {
        let link = Evidence::new(target.place(), &target.url, "");
        let finding = NAMELESS_SENDER.found(case.author_evidence("no domain")).with(link);
        findings.push(finding.with(case.authentication_evidence()));
    }
}

/// What is wrong with the characters of a text.
fn trick(text: &str) -> Option<&'static str> {
    let text: Vec<char> = text.chars().take(CHARACTERS_MAX).collect();
    let hidden = text.windows(2).filter(|pair| match pair {
        [letter, next] => letter.is_ascii_alphabetic() && is_invisible(*next),
        _ => false,
    });
    if hidden.count() >= HIDDEN_MIN {
        return Some("invisible characters inside words");
    }
    let mut words = text.split(|c| !c.is_alphabetic());
    let is_mixed = |word: &[char]| {
        let latin = word.iter().filter(|c| c.is_ascii_alphabetic()).count();
        let foreign = word.iter().filter(|c| is_greek_or_cyrillic(**c)).count();
        // One Greek letter is a symbol (µs, Ω), and one Latin letter a typing error.
        word.len() >= WORD_CHARS_MIN && latin >= 2 && foreign >= 1
    };
    words.any(is_mixed).then_some("letters of two scripts in one word")
}

/// Characters that print nothing, or only strike through what stands before them. Those of emoji
/// and of scripts that need joiners do not follow a Latin letter.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{335}'..='\u{338}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0e}'
            | '\u{feff}' | '\u{e0100}'..='\u{e01ef}'
    )
}

fn is_greek_or_cyrillic(character: char) -> bool {
    matches!(character, '\u{391}'..='\u{3c9}' | '\u{400}'..='\u{52f}')
}

const CHARACTERS_MAX: usize = 1_000;
/// One may be left over from an editor.
const HIDDEN_MIN: usize = 2;
const WORD_CHARS_MIN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn trick_table() {
        let rows = [
            ("zero width", "Your a\u{200b}ccou\u{200b}nt", true),
            ("variation selectors", "Co\u{e0149}in\u{e0149}base", true),
            ("struck through", "C\u{337}a\u{337}rref\u{337}our", true),
            ("Cyrillic in a word", "Acc\u{43e}unt", true),
            ("Greek in a word", "Aviati\u{3bf}n", true),
            ("all Cyrillic", "\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442} Anna", false),
            ("a unit", "12 \u{3bc}s", false),
            ("emoji with its selector", "Sale \u{2764}\u{fe0f} now", false),
            ("one soft hyphen", "Donau\u{ad}dampf", false),
            ("accents", "Caf\u{e9} Ol\u{e9}", false),
        ];
        for (rule, text, meant) in rows {
            assert_eq!(trick(text).is_some(), meant, "{rule}");
        }
    }

    #[test]
    fn hidden_table() {
        let nameless =
            || Sample::new().from("x <service@rewards>").text("https://lure.example.net/");
        assert_rules(&[
            (
                "subject",
                Sample::new().from("x <a@b.example>").subject("=?utf-8?Q?Acc=D0=BEunt?="),
                &["hidden-characters"],
            ),
            (
                "no domain, unverified",
                nameless().auth("spf=none dkim=none"),
                &["sender-without-domain"],
            ),
            (
                "a bounce",
                Sample::new()
                    .from("Mail Delivery System <MAILER-DAEMON>")
                    .text("https://mx.b.example/")
                    .auth("spf=none dkim=none"),
                &[],
            ),
            ("no domain, nothing stated", nameless(), &[]),
        ]);
    }
}
