//! `clawback rules test`: every rule against the messages that its file names.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clawback_core::tenant::ProtectedPerson;
use clawback_detect::model::{Context, Model};
use clawback_detect::pack::{Pack, PackRule};
use clawback_detect::{Answer, RuleState};
use clawback_mail::address::Domain;
use clawback_mail::message::{Direction, Message};

use crate::rules::pack_sources;

/// Asks every rule about its messages. Exit code 1 where one says otherwise than it should.
pub(crate) fn run(
    dirs: &[PathBuf],
    org_domains: &[String],
    only: &[String],
) -> anyhow::Result<ExitCode> {
    let (pack, report) = Pack::compile(&pack_sources(dirs)?);
    let read = |text: &String| Domain::parse(text).with_context(|| format!("--org-domain {text}"));
    let context = Arc::new(Context {
        org_domains: org_domains.iter().map(read).collect::<anyhow::Result<_>>()?,
        direction: Some(Direction::Inbound),
        people: PEOPLE.iter().map(|(name, address)| person(name, address)).collect(),
        yara: pack.yara().cloned(),
        ..Context::default()
    });
    let mut out = std::io::stdout().lock();
    for fault in &report.invalid {
        writeln!(out, "{}:{}:{}: {}", fault.path, fault.line, fault.column, fault.reason)?;
    }
    let mut count = Count { wrong: report.invalid.len(), ..Count::default() };
    for rule in pack.rules() {
        if !only.is_empty() && !only.contains(&rule.file.name) {
            continue;
        }
        let tests = &rule.file.tests;
        count.untested += usize::from(tests.matching.is_empty());
        let meant = tests.matching.iter().map(|name| (name, true));
        for (name, fires) in meant.chain(tests.silent.iter().map(|name| (name, false))) {
            count.asked += 1;
            if let Some(why) = ask(&pack, rule, name, fires, dirs, &context) {
                count.wrong += 1;
                writeln!(out, "{}: {name}: {why}", rule.file.path)?;
            }
        }
    }
    let Count { asked, wrong, untested } = count;
    writeln!(out, "{asked} messages asked, {wrong} answers are not what the rules' files say")?;
    if untested > 0 {
        writeln!(out, "{untested} rules name no message that they must match")?;
    }
    if asked == 0 {
        eprintln!("clawback: no rule names a message; see docs/pack.md");
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::from(u8::from(wrong > 0)))
}

#[derive(Default)]
struct Count {
    asked: usize,
    wrong: usize,
    untested: usize,
}

/// What is wrong with a rule's answer; `None` where it is as its file says.
fn ask(
    pack: &Pack,
    rule: &PackRule,
    name: &str,
    fires: bool,
    dirs: &[PathBuf],
    context: &Arc<Context>,
) -> Option<String> {
    let Some(path) = find(name, Path::new(&rule.file.path), dirs) else {
        return Some("there is no such file beside the rule or in the pack".to_owned());
    };
    let octets = match std::fs::read(&path) {
        Ok(octets) => octets,
        Err(error) => return Some(error.to_string()),
    };
    if rule.compiled.state == RuleState::Off {
        return fires.then(|| "the rule is off: see `clawback rules check`".to_owned());
    }
    let raw: Arc<[u8]> = octets.into();
    let message = Arc::new(Message::parse(&raw));
    let model = Model::new(message, raw, Arc::clone(context));
    let mut examination = pack.examine(&model);
    let answer = examination.test(rule.compiled.number);
    match (fires, answer) {
        (true, Answer::Yes) | (false, Answer::No | Answer::Unknown) => None,
        (false, Answer::Yes) => {
            let mut why = "must not match, and does:".to_owned();
            for reason in examination.explain(rule.compiled.number) {
                why.push_str(&format!(
                    "\n      {} {}: {}",
                    reason.place, reason.note, reason.quote
                ));
            }
            Some(why)
        }
        (_, Answer::CutShort) => Some("took more steps than a rule may".to_owned()),
        (true, _) => {
            let mut why = "must match, and does not:".to_owned();
            for (span, answer) in examination.parts(rule.compiled.number) {
                let says = match answer {
                    Answer::Yes => continue,
                    Answer::No => "false",
                    Answer::Unknown => "null",
                    Answer::CutShort => "cut short",
                };
                let source = &rule.file.source;
                let part = source.get(span.start..span.end).unwrap_or_default();
                let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
                let end = part.floor_char_boundary(PART_OCTETS_MAX);
                let part = part.get(..end).unwrap_or_default();
                why.push_str(&format!("\n      {says}: {part}"));
            }
            Some(why)
        }
    }
}

/// A message beside the rule's file, in a folder above it, or in the pack.
fn find(name: &str, rule: &Path, dirs: &[PathBuf]) -> Option<PathBuf> {
    let above = rule.ancestors().skip(1).take(FOLDERS_MAX);
    let places = dirs.iter().map(PathBuf::as_path).chain(above);
    places.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn person(name: &str, address: &str) -> ProtectedPerson {
    ProtectedPerson { name: name.to_owned(), address: address.to_owned() }
}

/// The protected people of the organisation that tests play in.
const PEOPLE: [(&str, &str); 2] =
    [("Vera Vip", "vera@corp.example"), ("Anna Berg", "person@corp.example")];
const FOLDERS_MAX: usize = 8;
const PART_OCTETS_MAX: usize = 160;
