//! Regular expressions in the flavour of RE2, on an engine that needs no backtracking.
//!
//! What RE2 writes differently is rewritten: `\d`, `\w`, `\s` and `\b` mean ASCII, brackets in a
//! class are literal, a lone brace is a brace. From each pattern the literals are taken that any
//! match must hold; without them the engine is not asked. A pattern is compiled when it is first
//! needed: of thousands, a message needs few.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::fold::{fold, folds_plainly};

/// A pattern that can be compiled.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As the rule's author wrote it.
    pub(crate) source: Box<str>,
    rewritten: String,
    fold: bool,
    /// At least one literal of each group stands, in lower case, in any text that matches.
    pub(crate) required: Vec<Vec<Box<str>>>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Reads a pattern. The error is in words for its author.
    pub(crate) fn parse(source: &str, fold: bool, whole: bool) -> Result<Self, String> {
        if source.len() > PATTERN_OCTETS_MAX {
            return Err(format!("a pattern longer than {PATTERN_OCTETS_MAX} octets"));
        }
        let mut rewritten = rewrite(source);
        if whole {
            rewritten = format!(r"\A(?:{rewritten})\z");
        }
        let parsed = ParserBuilder::new().case_insensitive(fold).nest_limit(NESTING_MAX).build();
        let hir = parsed.clone().parse(&rewritten).map_err(|wrong| first_line(&wrong))?;
        let required = Required::of(&hir).into_groups();
        Ok(Self { source: source.into(), rewritten, fold, required, compiled: OnceLock::new() })
    }

    /// The engine; `None` for a pattern that would take too much memory.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        let build = || {
            RegexBuilder::new(&self.rewritten)
                .case_insensitive(self.fold)
                .nest_limit(NESTING_MAX)
                .size_limit(COMPILED_OCTETS_MAX)
                .dfa_size_limit(DFA_OCTETS_MAX)
                .build()
                .ok()
        };
        self.compiled.get_or_init(build).as_ref()
    }
}

/// The message of a syntax error without its drawing.
fn first_line(wrong: &regex_syntax::Error) -> String {
    let text = match wrong {
        regex_syntax::Error::Parse(wrong) => wrong.kind().to_string(),
        regex_syntax::Error::Translate(wrong) => wrong.kind().to_string(),
        other => other.to_string(),
    };
    text.lines().next().unwrap_or_default().to_owned()
}

/// From RE2's spelling to that of the engine.
fn rewrite(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        rest = match character {
            '\\' => escape(after, false, &mut out),
            '[' => class(after, &mut out),
            '{' if !is_repetition(rest) => {
                out.push_str(r"\{");
                after
            }
            _ => {
                out.push(character);
                after
            }
        };
    }
    out
}

/// Whether `{` opens a count: `{2}`, `{2,}`, `{2,5}`.
fn is_repetition(text: &str) -> bool {
    let Some((inside, _)) = text.get(1..).and_then(|text| text.split_once('}')) else {
        return false;
    };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let is_number = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

/// Rewrites what follows a backslash and returns what follows that.
fn escape<'s>(after: &'s str, in_class: bool, out: &mut String) -> &'s str {
    let Some(character) = after.chars().next() else {
        // A backslash at the end: the engine's parser says what is wrong with it.
        out.push('\\');
        return after;
    };
    let rest = after.get(character.len_utf8()..).unwrap_or_default();
    let plain = match (character, in_class) {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('D', _) => "[^0-9]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', true) => r"\t\n\f\r ",
        ('s', false) => r"[\t\n\f\r ]",
        ('S', _) => r"[^\t\n\f\r ]",
        ('b', false) => r"(?-u:\b)",
        ('b', true) => r"\x08",
        ('Z', false) => r"\z",
        ('<', _) => "<",
        ('>', _) => ">",
        ('Q', false) => {
            let (literal, rest) = rest.split_once(r"\E").unwrap_or((rest, ""));
            out.push_str(&regex_syntax::escape(literal));
            return rest;
        }
        ('x' | 'u' | 'U' | 'p' | 'P', _) if rest.starts_with('{') => {
            let (inside, rest) = rest.split_once('}').unwrap_or((rest, ""));
            out.push('\\');
            out.push(character);
            out.push_str(inside);
            out.push('}');
            return rest;
        }
        (other, _) if !other.is_ascii() => {
            out.push(other);
            return rest;
        }
        (other, _) => {
            out.push('\\');
            out.push(other);
            return rest;
        }
    };
    out.push_str(plain);
    rest
}

/// Rewrites a class after its opening bracket and returns what follows it.
fn class<'s>(after: &'s str, out: &mut String) -> &'s str {
    out.push('[');
    let mut rest = after;
    if let Some(negated) = rest.strip_prefix('^') {
        out.push('^');
        rest = negated;
    }
    // A bracket that comes first is itself.
    if let Some(first) = rest.strip_prefix(']') {
        out.push_str(r"\]");
        rest = first;
    }
    while let Some(character) = rest.chars().next() {
        let next = rest.get(character.len_utf8()..).unwrap_or_default();
        rest = match character {
            ']' => {
                out.push(']');
                return next;
            }
            '\\' => escape(next, true, out),
            '[' if next.starts_with(':') && next.contains(":]") => {
                let (name, tail) = next.split_once(":]").unwrap_or((next, ""));
                out.push('[');
                out.push_str(name);
                out.push_str(":]");
                tail
            }
            '-' if next.starts_with('-') => {
                out.push_str(r"-\-");
                next.get(1..).unwrap_or_default()
            }
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(character);
                next
            }
            _ => {
                out.push(character);
                next
            }
        };
    }
    rest
}

/// What any match holds, worked out from the inside.
#[derive(Debug, Default)]
struct Required {
    /// The match is exactly one of these.
    exact: Option<Vec<String>>,
    /// At least one of each stands in the match.
    groups: Vec<Vec<String>>,
}

impl Required {
    fn exactly(text: String) -> Self {
        Self { exact: Some(vec![text]), groups: Vec::new() }
    }

    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(String::new()),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) if text.chars().all(folds_plainly) => Self::exactly(fold(text).into()),
                _ => Self::default(),
            },
            HirKind::Class(class) => Self { exact: members(class), groups: Vec::new() },
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
                (1, Some(1)) => Self::of(&repetition.sub),
                (0, Some(1)) => {
                    let mut inner = Self::of(&repetition.sub);
                    inner.groups.clear();
                    if let Some(exact) = &mut inner.exact {
                        exact.push(String::new());
                    }
                    inner
                }
                (0, _) => Self::default(),
                _ => Self { exact: None, groups: Self::of(&repetition.sub).into_strings() },
            },
            HirKind::Concat(parts) => Self::of_all(parts),
            HirKind::Alternation(branches) => Self::of_any(branches),
        }
    }

    fn of_all(parts: &[Hir]) -> Self {
        let mut groups = Vec::new();
        let mut run = vec![String::new()];
        let mut whole = true;
        for part in parts {
            let Self { exact, groups: inner } = Self::of(part);
            groups.extend(inner);
            let joined = exact.as_ref().and_then(|exact| product(&run, exact));
            match (joined, exact) {
                (Some(joined), _) => run = joined,
                (None, next) => {
                    whole = false;
                    groups.push(std::mem::replace(
                        &mut run,
                        next.unwrap_or_else(|| vec![String::new()]),
                    ));
                }
            }
        }
        if whole {
            return Self { exact: Some(run), groups };
        }
        groups.push(run);
        Self { exact: None, groups }
    }

    fn of_any(branches: &[Hir]) -> Self {
        let branches: Vec<Self> = branches.iter().map(Self::of).collect();
        let exact: Option<Vec<String>> = branches
            .iter()
            .map(|branch| branch.exact.clone())
            .collect::<Option<Vec<_>>>()
            .map(|all| all.concat())
            .filter(|all| all.len() <= ALTERNATIVES_MAX);
        if exact.is_some() {
            return Self { exact, groups: Vec::new() };
        }
        // One group of each branch, the best: any match holds one of one of them.
        let best = branches
            .into_iter()
            .map(|branch| branch.into_strings().into_iter().max_by_key(|group| worth(group)));
        let joined: Option<Vec<Vec<String>>> = best.collect();
        let group = joined.map(|all| all.concat()).filter(|all| all.len() <= ALTERNATIVES_MAX);
        Self { exact: None, groups: group.into_iter().collect() }
    }

    /// The groups that say anything.
    fn into_strings(self) -> Vec<Vec<String>> {
        let all = self.groups.into_iter().chain(self.exact);
        all.filter(|group| worth(group) > 0).collect()
    }

    fn into_groups(self) -> Vec<Vec<Box<str>>> {
        let mut groups: Vec<Vec<String>> = self
            .into_strings()
            .into_iter()
            .filter(|group| worth(group) >= LITERAL_OCTETS_MIN)
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(worth(group)));
        groups.truncate(GROUPS_MAX);
        let boxed = |mut group: Vec<String>| {
            group.sort_unstable();
            group.dedup();
            group.into_iter().map(String::into_boxed_str).collect()
        };
        groups.into_iter().map(boxed).collect()
    }
}

/// How much a group says: the length of its shortest literal; nothing for no literal.
fn worth(group: &[String]) -> usize {
    group.iter().map(String::len).min().unwrap_or(0)
}

/// Every text of one followed by every text of the other, where these are few.
fn product(left: &[String], right: &[String]) -> Option<Vec<String>> {
    if left.len() * right.len() > ALTERNATIVES_MAX.min(left.len().max(right.len()).max(16)) {
        return None;
    }
    let all = left.iter().flat_map(|start| right.iter().map(move |end| format!("{start}{end}")));
    let all: Vec<String> = all.collect();
    let octets: usize = all.iter().map(String::len).sum();
    (octets <= EXACT_OCTETS_MAX).then_some(all)
}

/// The characters of a class in lower case, where these are few.
fn members(class: &Class) -> Option<Vec<String>> {
    let mut members: Vec<String> = match class {
        Class::Unicode(class) => {
            let count: u64 =
                class.iter().map(|r| u64::from(r.end()) - u64::from(r.start()) + 1).sum();
            if count > CLASS_MEMBERS_MAX {
                return None;
            }
            let all: Vec<char> = class.iter().flat_map(|r| r.start()..=r.end()).collect();
            if !all.iter().all(|character| folds_plainly(*character)) && !is_one_ascii(&all) {
                return None;
            }
            all.into_iter()
                .map(|character| fold(character.encode_utf8(&mut [0; 4])).into())
                .collect()
        }
        Class::Bytes(class) => {
            let count: usize = class.iter().map(|r| usize::from(r.end() - r.start()) + 1).sum();
            if count as u64 > CLASS_MEMBERS_MAX {
                return None;
            }
            let all = class.iter().flat_map(|r| r.start()..=r.end());
            all.map(|octet| {
                octet.is_ascii().then(|| char::from(octet.to_ascii_lowercase()).to_string())
            })
            .collect::<Option<_>>()?
        }
    };
    members.sort_unstable();
    members.dedup();
    Some(members)
}

/// Whether all fold to one ASCII character: `k` and the Kelvin sign, `s` and the long one.
fn is_one_ascii(all: &[char]) -> bool {
    let mut folded = all.iter().map(|character| fold(character.encode_utf8(&mut [0; 4])));
    let Some(first) = folded.next() else { return false };
    first.is_ascii() && folded.all(|other| other == first)
}

const ALTERNATIVES_MAX: usize = 256;
/// `[Kk\u{212a}]` has three, `[a-z]` says nothing.
const CLASS_MEMBERS_MAX: u64 = 8;
const COMPILED_OCTETS_MAX: usize = 2 * 1024 * 1024;
const DFA_OCTETS_MAX: usize = 1024 * 1024;
const EXACT_OCTETS_MAX: usize = 8 * 1024;
const GROUPS_MAX: usize = 4;
const LITERAL_OCTETS_MIN: usize = 3;
const NESTING_MAX: u32 = 64;
const PATTERN_OCTETS_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, fold: bool, text: &str) -> bool {
        Pattern::parse(pattern, fold, false).unwrap().regex().unwrap().is_match(text)
    }

    #[test]
    fn flavour_table() {
        let rows = [
            ("digits are ASCII", r"^\d$", "٣", false),
            ("words are ASCII", r"^\w+$", "é", false),
            ("no word character", r"^\W$", "é", true),
            ("space has no vertical tab", r"^\s$", "\u{b}", false),
            ("space has no wide one", r"^\s$", "\u{a0}", false),
            ("word boundaries are ASCII", r"caf\b", "café", true),
            ("angle brackets may be escaped", r"^\<a\>[\>]$", "<a>>", true),
            ("a lone brace", r"^a{b}{2}c{,3}$", "a{b}}c{,3}", true),
            ("a bracket in a class", r"^[[a]+$", "[a[", true),
            ("a closing bracket first", r"^[]a]+$", "]a]", true),
            ("two ampersands in a class", r"^[a&&b]+$", "a&b", true),
            ("two tildes in a class", r"^[a~~b]+$", "a~b", true),
            ("a range to the minus sign", r"^[+--]+$", "+,-", true),
            ("named class", r"^[[:alpha:]_]+$", "ab_", true),
            ("classes in a class", r"^[\d\s.]+$", "1 .", true),
            ("not in a class", r"^[\D]$", "x", true),
            ("literal text", r"^\Qa.b*\E$", "a.b*", true),
            ("the dot takes no line end", r"^a.b$", "a\nb", false),
            ("code points in braces", r"^\x{e9}[\x{200b}\p{Lu}]\p{L}$", "é\u{200b}b", true),
            ("names as in Go", r"(?P<x>a)(?<y>b)", "ab", true),
        ];
        for (rule, pattern, text, meant) in rows {
            assert_eq!(matches(pattern, false, text), meant, "{rule}");
        }
        assert!(matches("ÄSK", true, "äſk"));
    }

    #[test]
    fn what_cannot_be_had_is_said() {
        for (pattern, message) in [
            ("(?=a)", "look-around"),
            ("(", "unclosed group"),
            (r"\1", "backreferences"),
            (&format!("{}a{}", "(".repeat(1000), ")".repeat(1000)), "nest"),
        ] {
            let wrong = Pattern::parse(pattern, false, false).unwrap_err();
            assert!(wrong.contains(message), "{pattern}: {wrong}");
        }
        assert!(Pattern::parse(r"(?:a{1000}){1000}", false, false).unwrap().regex().is_none());
    }

    #[test]
    fn required_table() {
        let rows: [(&str, bool, &[&[&str]]); 12] = [
            ("password", false, &[&["password"]]),
            ("PassWord", true, &[&["password"]]),
            ("(?i)task", false, &[&["task"]]),
            ("foo.*barn", false, &[&["barn"], &["foo"]]),
            ("(?:cat|dogs)fish", false, &[&["catfish", "dogsfish"]]),
            ("(?:re)?verify", false, &[&["reverify", "verify"]]),
            ("v[3e]rify", false, &[&["v3rify", "verify"]]),
            ("(?:abc)+", false, &[&["abc"]]),
            ("(?:abc)*", false, &[]),
            ("abc|d", false, &[]),
            (r"\d+ (?:usd|eur.*x)", false, &[&[" eur", " usd"]]),
            (r"\bpay(?:pal|ment)\b", true, &[&["payment", "paypal"]]),
        ];
        for (pattern, fold, meant) in rows {
            let required = Pattern::parse(pattern, fold, false).unwrap().required;
            let meant: Vec<Vec<Box<str>>> = meant
                .iter()
                .map(|group| group.iter().map(|text| Box::from(*text)).collect())
                .collect();
            if pattern.starts_with(r"\d+ ") {
                assert!(!required.is_empty(), "{pattern}");
            } else {
                assert_eq!(required, meant, "{pattern}");
            }
        }
    }

    proptest::proptest! {
        /// Whatever matches holds the literals that are said to be required.
        #[test]
        fn required_is_necessary(
            pattern in "(abc|KSs|[xy]|[a-z]|\\(\\?:de|f\\)|\\)|\\||\\?|\\+|\\.\\*|é|ſ|µ|\\\\b|\\(\\?i\\)){1,12}",
            text in "(abc|ABC|ksS|ſ|K|x|y|de|f|é|É|μ|z| ){0,12}",
            fold in proptest::bool::ANY,
        ) {
            let Ok(read) = Pattern::parse(&pattern, fold, false) else { return Ok(()) };
            let regex = read.regex().unwrap();
            if regex.is_match(&text) {
                let folded = crate::fold::fold(&text);
                for group in &read.required {
                    let holds = group.iter().any(|literal| folded.contains(&**literal));
                    proptest::prop_assert!(holds, "{} {:?}", read.rewritten, group);
                }
            }
        }
    }
}
