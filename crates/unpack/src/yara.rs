//! YARA rules over a file, behind a trait: the engine can be another one.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use boreal::compiler::{CompilerBuilder, CompilerParams};
use boreal::scanner::ScanParams;
use boreal::{MetadataValue, Scanner};

use crate::defect::fenced;

/// Something that looks for patterns in octets.
pub trait Yara: Send + Sync {
    /// The rules that match. What was found before a limit was reached is lost: it is a fault.
    fn scan(&self, octets: &[u8]) -> Result<Vec<YaraMatch>, YaraFault>;
}

/// A rule that matched.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct YaraMatch {
    /// The rule's name.
    pub name: String,
    /// What the rule says of itself.
    pub meta: BTreeMap<String, String>,
    /// The rule's tags.
    pub tags: Vec<String>,
}

/// Why a scan came to nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum YaraFault {
    /// It took too long.
    #[error("the scan took too long")]
    Timeout,
    /// The engine gave up in a way it should not.
    #[error("the engine failed")]
    Failed,
}

/// A source that was left out, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleError {
    /// The source, by the name it was given.
    pub source: String,
    /// The rule, where the error is in one that has a name.
    pub rule: Option<String>,
    /// What is wrong with it, as the compiler says.
    pub message: String,
}

/// Rules that were compiled, by `boreal`.
#[derive(Debug)]
pub struct Compiled {
    scanner: Scanner,
    rules: usize,
}

impl Compiled {
    /// Compiles rules of several sources (name, text).
    ///
    /// A rule that does not compile is told and left out; the others of its source stay. Those
    /// that need it are left out with it.
    #[must_use]
    pub fn new<'s>(
        sources: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> (Self, Vec<RuleError>) {
        let mut errors = Vec::new();
        let mut compiler = CompilerBuilder::new().build();
        compiler.set_params(CompilerParams::default().disable_includes(true));
        for (name, text) in sources {
            // Each source has names of its own, so that two may have a rule of one name.
            if let Some(Ok(_)) = fenced(|| compiler.add_rules_str_in_namespace(text, name)) {
                continue;
            }
            let (head, rules) = split(text);
            let mut tried = HashSet::new();
            for rule in rules {
                let is_first = tried.insert(name_of(rule));
                let alone = format!("{head}\n{rule}");
                let message = match fenced(|| compiler.add_rules_str_in_namespace(&alone, name)) {
                    Some(Ok(_)) => continue,
                    // The first try kept the rules in front of the bad one.
                    Some(Err(error)) if is_first && error.to_string().contains(DECLARED) => {
                        continue;
                    }
                    Some(Err(error)) => error.to_string(),
                    None => "the compiler failed".to_owned(),
                };
                let source = name.to_owned();
                errors.push(RuleError { source, rule: name_of(rule), message });
            }
        }
        let mut scanner = compiler.finalize();
        // The only clock in this crate: the engine reads it to keep its deadline. Rules whose
        // patterns match everywhere cannot be held by counting alone.
        let params = ScanParams::default()
            .string_max_nb_matches(MATCHES_MAX)
            .match_max_length(MATCH_LENGTH_MAX)
            .timeout_duration(Some(TIME_MAX));
        scanner.set_scan_params(params);
        let rules = scanner.rules().count();
        (Self { scanner, rules }, errors)
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules == 0
    }
}

impl Yara for Compiled {
    fn scan(&self, octets: &[u8]) -> Result<Vec<YaraMatch>, YaraFault> {
        let octets = crate::octets::piece(octets, 0, OCTETS_MAX);
        let result = fenced(|| match self.scanner.scan_mem(octets) {
            Ok(result) => Ok(self.matches(&result)),
            Err((boreal::scanner::ScanError::Timeout, _)) => Err(YaraFault::Timeout),
            Err(_) => Err(YaraFault::Failed),
        });
        result.unwrap_or(Err(YaraFault::Failed))
    }
}

impl Compiled {
    fn matches(&self, result: &boreal::scanner::ScanResult<'_>) -> Vec<YaraMatch> {
        let found = result.rules.iter().map(|rule| {
            let meta = rule.metadatas.iter().map(|pair| {
                let name = self.scanner.get_string_symbol(pair.name).to_owned();
                let value = match pair.value {
                    MetadataValue::Bytes(symbol) => {
                        String::from_utf8_lossy(self.scanner.get_bytes_symbol(symbol)).into_owned()
                    }
                    MetadataValue::Integer(number) => number.to_string(),
                    MetadataValue::Boolean(flag) => flag.to_string(),
                };
                (name, value)
            });
            YaraMatch {
                name: rule.name.to_owned(),
                meta: meta.collect(),
                tags: rule
                    .tags
                    .iter()
                    .map(|tag| self.scanner.get_string_symbol(*tag).to_owned())
                    .collect(),
            }
        });
        found.take(FOUND_MAX).collect()
    }
}

/// Imports and the like in front, then each rule by itself: only for a source that does not
/// compile as a whole. Strings, comments and patterns are stepped over, so that a brace in one
/// does not end a rule.
fn split(text: &str) -> (String, Vec<&str>) {
    let mut head = String::new();
    let mut rules = Vec::new();
    let mut start: Option<usize> = None;
    let mut depth = 0usize;
    let mut at = 0usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let len = aside(rest);
        if len > 0 {
            at += len;
            continue;
        }
        let first = rest.chars().next().unwrap_or(' ');
        match first {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0
                    && let Some(rule) = start.take().and_then(|start| text.get(start..=at))
                {
                    rules.push(rule);
                }
            }
            _ if depth == 0 && start.is_none() && first.is_alphabetic() => {
                let line = rest.lines().next().unwrap_or_default();
                if line.starts_with("import") || line.starts_with("include") {
                    head.push_str(line);
                    head.push('\n');
                    at += line.len();
                    continue;
                }
                start = Some(at);
            }
            _ => {}
        }
        at += first.len_utf8();
        if rules.len() >= RULES_MAX {
            break;
        }
    }
    if let Some(rule) = start.and_then(|start| text.get(start..)) {
        rules.push(rule);
    }
    (head, rules)
}

/// How long the comment, string or pattern is that begins here.
fn aside(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if let Some(comment) = rest.strip_prefix("/*") {
        return comment.find("*/").map_or(rest.len(), |at| at + 4);
    }
    let Some(quote @ ('"' | '/')) = rest.chars().next() else { return 0 };
    let mut is_escaped = false;
    let inside = rest.get(1..).unwrap_or_default();
    let end = inside.find(|sign: char| {
        let ends = !is_escaped && (sign == quote || sign == '\n');
        is_escaped = sign == '\\' && !is_escaped;
        ends
    });
    end.map_or(rest.len(), |at| at + 2)
}

fn name_of(rule: &str) -> Option<String> {
    let mut words = rule.split(|sign: char| sign.is_whitespace() || matches!(sign, ':' | '{'));
    words.find(|word| *word == "rule")?;
    words.find(|word| !word.is_empty()).map(str::to_owned)
}

/// How the compiler says that a rule is known; the test of a bad rule fails when it says otherwise.
const DECLARED: &str = "is already declared in this namespace";
/// Octets of a file that are looked at.
const OCTETS_MAX: usize = 32 * 1024 * 1024;
/// Matches of one pattern.
const MATCHES_MAX: u32 = 1_000;
/// Octets of one match that are kept.
const MATCH_LENGTH_MAX: usize = 256;
/// Rules that are told of one file.
const FOUND_MAX: usize = 1_000;
/// Rules of one source that are tried by themselves.
const RULES_MAX: usize = 20_000;
/// A file takes milliseconds; a rule that takes seconds is broken.
const TIME_MAX: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_and_a_bad_one_does_not_cost_the_others() {
        let first = "rule good : lure { meta: author = \"me\" level = 3 strings: $a = \"}\" nocase condition: $a }\n\
            rule bad { condition: nothing_known }\nrule good_too { strings: $a = /x{2}/ condition: $a }";
        let second = "rule good { strings: $b = \"other\" condition: $b }";
        let (compiled, errors) = Compiled::new([("first", first), ("second", second)]);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!((errors[0].source.as_str(), errors[0].rule.as_deref()), ("first", Some("bad")));
        let names = |octets: &[u8]| -> Vec<String> {
            compiled.scan(octets).unwrap().into_iter().map(|its| its.name).collect()
        };
        assert_eq!(names(b"a } xx"), ["good", "good_too"]);
        assert_eq!(names(b"other"), ["good"]);
        assert!(names(b"none").is_empty());
        let found = &compiled.scan(b"}").unwrap()[0];
        assert_eq!((found.meta["author"].as_str(), found.meta["level"].as_str()), ("me", "3"));
        assert_eq!(found.tags, ["lure"]);
    }

    #[test]
    fn an_include_reads_no_file() {
        let (compiled, errors) =
            Compiled::new([("a", "include \"/etc/passwd\"\nrule a { condition: true }")]);
        assert!(compiled.is_empty() && !errors.is_empty());
    }
}
