//! Words that do not stand in this project, and lints that are not allowed without a reason.

use super::Breach;
use super::house::{File, House};

/// A word, where it is looked for, and why it is not there.
struct Word {
    text: &'static str,
    only_rust: bool,
    why: &'static str,
}

/// Written in two halves, so that this list does not find itself.
const WORDS: &[Word] = &[
    Word { text: concat!("to", "do!("), only_rust: true, why: "finish it, or leave it out" },
    Word { text: concat!("unimpl", "emented!("), only_rust: true, why: "finish it" },
    Word { text: concat!("db", "g!("), only_rust: true, why: "left from debugging" },
    Word { text: concat!("FIX", "ME"), only_rust: false, why: "fix it, or open an issue" },
    Word { text: concat!("TO", "DO"), only_rust: false, why: "do it, or open an issue" },
    Word { text: concat!("XX", "X"), only_rust: false, why: "say what is meant" },
    Word { text: concat!("#[ign", "ore"), only_rust: true, why: "a test runs, or it is not there" },
    Word { text: concat!("crates", ".io"), only_rust: false, why: "no registry is named here" },
    Word { text: concat!("npm", "js."), only_rust: false, why: "no registry is named here" },
    Word { text: concat!("pypi", ".org"), only_rust: false, why: "no registry is named here" },
    Word { text: concat!("jsde", "livr"), only_rust: false, why: "pages load nothing from others" },
    Word {
        text: concat!("unp", "kg.com"),
        only_rust: false,
        why: "pages load nothing from others",
    },
    Word { text: concat!("/work", "/"), only_rust: false, why: "a path of one machine" },
];

/// Files that must name what others may not: lock files name where crates came from.
const EXEMPT: &[&str] = &["Cargo.lock", "fuzz/Cargo.lock"];

/// None of the words stands anywhere.
pub(super) fn forbidden(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in house.files.iter().filter(|file| !EXEMPT.contains(&file.path.as_str())) {
        let is_rust = file.path.ends_with(".rs");
        for (number, line) in file.lines() {
            for word in WORDS.iter().filter(|word| is_rust || !word.only_rust) {
                if has_word(line, word.text) {
                    let message = format!("`{}`: {}", word.text, word.why);
                    breaches.push(Breach::new(&file.path, number, message));
                }
            }
        }
    }
    breaches
}

/// Whether `word` stands in `line` and is not a part of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let bounds = |text: &str| text.chars().all(|letter| letter.is_ascii_uppercase());
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let inside = before.is_some_and(is_part) || (bounds(word) && after.is_some_and(is_part));
        !inside || word.starts_with('#')
    })
}

/// `allow` outside tests carries a reason, and `expect` everywhere would be better.
pub(super) fn reasons(house: &House) -> Vec<Breach> {
    house.rust().flat_map(without_reason).collect()
}

fn without_reason(file: &File) -> Vec<Breach> {
    let tests_from = file.tests_from();
    let mut breaches = Vec::new();
    let mut lines = file.lines().filter(|(number, _)| *number < tests_from);
    while let Some((number, line)) = lines.next() {
        let start = line.trim_start();
        let opens = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
        if !opens.iter().any(|open| start.starts_with(open)) {
            continue;
        }
        let mut whole = line.to_owned();
        while !whole.contains(")]") {
            let Some((_, more)) = lines.next() else { break };
            whole.push_str(more);
        }
        if !whole.contains("reason") {
            breaches.push(Breach::new(&file.path, number, "say `reason = \"…\"`"));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(path: &str, text: &str) -> House {
        House { files: vec![File::new(path, text)], ..House::default() }
    }

    #[test]
    fn every_word_of_the_list_is_found() {
        for word in WORDS {
            let text = format!("before {}", word.text);
            assert_eq!(forbidden(&house("src/a.rs", &text)).len(), 1, "{}", word.text);
        }
    }

    #[test]
    fn a_part_of_a_longer_word_is_not_the_word() {
        let masked = format!("{}X", concat!("XX", "X"));
        assert!(forbidden(&house("a.md", &masked)).is_empty());
        let method = format!("my{}x)", concat!("to", "do!("));
        assert!(forbidden(&house("a.rs", &method)).is_empty());
    }

    #[test]
    fn a_macro_in_prose_is_left_alone() {
        let text = format!("clippy forbids {})", concat!("db", "g!("));
        assert!(forbidden(&house("a.md", &text)).is_empty());
    }

    #[test]
    fn an_allowed_lint_needs_a_reason_outside_tests() {
        let bare = "#[allow(dead_code)]\nfn a() {}\n";
        assert_eq!(reasons(&house("crates/a/src/a.rs", bare)).len(), 1);
        assert!(reasons(&house("crates/a/tests/a.rs", bare)).is_empty());
        let split = "#[expect(\n    dead_code,\n    reason = \"shown by a test\"\n)]\nfn a() {}\n";
        assert!(reasons(&house("crates/a/src/a.rs", split)).is_empty());
        let in_tests = "#[cfg(test)]\nmod tests {\n    #[allow(dead_code)]\n    fn a() {}\n}\n";
        assert!(reasons(&house("crates/a/src/a.rs", in_tests)).is_empty());
    }
}
