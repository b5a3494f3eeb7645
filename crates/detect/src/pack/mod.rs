//! Rule packs: files of rules and lists, compiled together into one set.
//!
//! A file that cannot be read is told and left out; the others work. A pack never changes after it
//! is compiled and is shared between tenants: what differs between them comes with the message.

mod file;
mod list;
mod run;
mod table;

pub use file::{RuleFault, RuleFile, RuleTests};
pub use table::Says;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use clawback_mql::{Compiled, Compiler, Environment, Purpose, RuleState, Rules, Set, Statistics};
use clawback_unpack::yara::Compiled as Yara;
use sha2::{Digest as _, Sha256};

use crate::catalogue;
use crate::model::{LIBRARY, TENANT_LISTS, UNSUPPORTED_FIELDS};
use crate::nlu::never_answered;
use crate::thresholds::Thresholds;

/// What a pack is compiled from: files by path.
#[derive(Clone, Debug, Default)]
pub struct PackSources {
    /// Rule files.
    pub rules: Vec<(String, String)>,
    /// List files.
    pub lists: Vec<(String, String)>,
    /// Files of YARA rules: what `file.explode` says of files by `scan.yara`.
    pub yara: Vec<(String, String)>,
}

/// A compiled pack.
#[derive(Debug, Default)]
pub struct Pack {
    rules: Rules,
    entries: Vec<PackRule>,
    /// The places of rules that can fire, and what they are asked by.
    asked: Vec<(usize, usize)>,
    yara: Option<Arc<Yara>>,
    version: String,
}

/// One rule of a pack.
#[derive(Debug)]
pub struct PackRule {
    /// What its file says.
    pub file: RuleFile,
    /// What became of it.
    pub compiled: Compiled,
    /// What it makes of a message.
    pub says: Says,
}

/// What became of the files.
#[derive(Debug, Default)]
pub struct PackReport {
    /// Files that could not be read, or whose rule is wrong.
    pub invalid: Vec<RuleFault>,
    /// Files without a rule.
    pub without_rule: usize,
    /// Lists that rules speak of and nobody loaded, and how many rules each.
    pub missing_lists: BTreeMap<String, usize>,
}

static LIBRARY_OF_MAIL: clawback_mql::Library = LIBRARY;

impl Pack {
    /// Compiles files; severities say what they usually do.
    #[must_use]
    pub fn compile(sources: &PackSources) -> (Self, PackReport) {
        Self::compile_with(sources, &Thresholds::default())
    }

    /// Compiles files; what severities say is set.
    #[must_use]
    pub fn compile_with(sources: &PackSources, thresholds: &Thresholds) -> (Self, PackReport) {
        let mut report = PackReport::default();
        let mut lists: HashMap<String, Arc<Set>> = HashMap::new();
        for (path, text) in &sources.lists {
            let (name, set) = list::read(path, text);
            // Packs that speak of one list mean one thing: both know part of it.
            let joined = match lists.get(&name) {
                Some(known) => Set::new(known.iter().chain(set.iter())),
                None => set,
            };
            lists.insert(name, joined);
        }
        let mut compiler = Compiler::new(Environment {
            library: &LIBRARY_OF_MAIL,
            lists,
            tenant_lists: TENANT_LISTS,
            unsupported_fields: UNSUPPORTED_FIELDS,
        });
        let mut entries = Vec::new();
        for (path, text) in &sources.rules {
            match RuleFile::read(path, text).and_then(with_a_name_of_its_own) {
                Ok(Some(file)) => match compiler.add(&file.source, purpose(&file)) {
                    Ok(mut compiled) => {
                        for name in &compiled.missing_lists {
                            *report.missing_lists.entry(name.clone()).or_default() += 1;
                        }
                        if compiled.state == RuleState::Off {
                            let lists =
                                compiled.missing_lists.iter().map(|name| format!("${name}"));
                            compiled.unsupported.extend(lists);
                        }
                        let lacking = never_answered(&file.source);
                        if !lacking.is_empty() && compiled.state != RuleState::Off {
                            compiled.state = RuleState::Degraded;
                            compiled.unsupported.extend(lacking);
                        }
                        let says = table::says(&file, compiled.state, thresholds);
                        entries.push(PackRule { file, compiled, says });
                    }
                    Err(wrong) => {
                        report.invalid.extend(wrong.iter().map(|wrong| file.fault(wrong)));
                    }
                },
                Ok(None) => report.without_rule += 1,
                Err(fault) => report.invalid.push(fault),
            }
        }
        let yara = yara(&sources.yara, &mut report);
        let version = version(sources);
        let can_fire = |(place, rule): (usize, &PackRule)| {
            (rule.compiled.state != RuleState::Off).then_some((place, rule.compiled.number))
        };
        let asked = entries.iter().enumerate().filter_map(can_fire).collect();
        (Self { rules: compiler.finish(), entries, asked, yara, version }, report)
    }

    /// The rules, in the order of their files.
    #[must_use]
    pub fn rules(&self) -> &[PackRule] {
        &self.entries
    }

    /// The YARA rules, where there are any.
    #[must_use]
    pub fn yara(&self) -> Option<&Arc<Yara>> {
        self.yara.as_ref()
    }

    /// Some digits that differ where any file does.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the compiled set is made of.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.rules.statistics()
    }

    /// Whether there is no rule in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl PackReport {
    /// How many rules of a pack are in a state.
    #[must_use]
    pub fn count(pack: &Pack, state: RuleState) -> usize {
        pack.entries.iter().filter(|rule| rule.compiled.state == state).count()
    }
}

/// A rule of a pack is not called like one that is part of the program: findings are told apart by
/// their rule's name, and some of those names lift others.
fn with_a_name_of_its_own(file: Option<RuleFile>) -> Result<Option<RuleFile>, RuleFault> {
    let Some(file) = file else { return Ok(None) };
    if !catalogue::RULES.iter().any(|rule| rule.id == file.name) {
        return Ok(Some(file));
    }
    let reason = format!("`{}` is a rule of clawback itself: call the file otherwise", file.name);
    Err(RuleFault { path: file.path, line: 1, column: 1, reason, drawn: String::new() })
}

/// Compiles the YARA rules; what is wrong with one leaves out that one.
fn yara(files: &[(String, String)], report: &mut PackReport) -> Option<Arc<Yara>> {
    if files.is_empty() {
        return None;
    }
    let sources = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let (compiled, errors) = Yara::new(sources);
    report.invalid.extend(errors.into_iter().map(|error| RuleFault {
        path: error.source,
        line: 1,
        column: 1,
        reason: match error.rule {
            Some(rule) => format!("YARA rule {rule}: {}", error.message),
            None => error.message,
        },
        drawn: String::new(),
    }));
    Some(Arc::new(compiled))
}

fn purpose(file: &RuleFile) -> Purpose {
    if file.informs { Purpose::Show } else { Purpose::Find }
}

fn version(sources: &PackSources) -> String {
    let mut digest = Sha256::new();
    for (path, text) in sources.rules.iter().chain(&sources.lists).chain(&sources.yara) {
        // The folder a pack lies in is no part of it.
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        for part in [name, text] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    digest.finalize().iter().take(6).map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pack_can_speak_in_the_name_of_the_program() {
        let file = |name: &str| (format!("p/{name}.yml"), "source: type.inbound\n".to_owned());
        let rules = vec![file("trusted-sender"), file("allow-list"), file("a-rule")];
        let (pack, report) = Pack::compile(&PackSources { rules, ..PackSources::default() });
        let names: Vec<&str> = pack.rules().iter().map(|rule| rule.file.name.as_str()).collect();
        assert_eq!(names, ["a-rule"]);
        assert_eq!(report.invalid.len(), 2);
        assert!(
            report.invalid.iter().all(|fault| fault.reason.contains("call the file otherwise"))
        );
    }

    #[test]
    fn a_rule_that_asks_for_what_is_never_answered_points_and_does_not_condemn() {
        let source = "type.inbound or any(ml.nlu_classifier('x').intents, .name == 'job_scam')";
        let text = format!("severity: high\nsource: \"{source}\"\n");
        let rules = vec![("p/job.yml".to_owned(), text)];
        let (pack, _) = Pack::compile(&PackSources { rules, ..PackSources::default() });
        let rule = &pack.rules()[0];
        assert_eq!(rule.compiled.state, RuleState::Degraded);
        assert_eq!(rule.compiled.unsupported, ["ml.nlu_classifier: job_scam"]);
        let suspicious = clawback_core::verdict::Disposition::Suspicious;
        assert_eq!(rule.says, Says::Disposition(suspicious));
    }
}
