//! Judging: any octets, taken for a message, are judged by our own pack and by rules that use every
//! function there is. The same message gets the same verdict again, each rule the same answer
//! whatever was asked before it and however it is asked, and all of it stays within the steps that
//! a message may cost.

#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use clawback_core::tenant::{ListEntry, ListKind, ProtectedPerson};
use clawback_detect::model::{Context, LIBRARY, Model, Prevalence, Profile, Profiles};
use clawback_detect::pack::{Pack, PackSources};
use clawback_detect::{
    Answer, Facts, Intel, Knowledge, Organisation, Sources, Subject, detect, intel_file, judge,
};
use clawback_mail::address::Domain;
use clawback_mail::message::{Direction, Message};
use clawback_mql::Body;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Known { knowledge, pack, facts } = &*KNOWN;
    let raw: Arc<[u8]> = raw.into();
    let message = Arc::new(Message::parse(&raw));
    let subject = Subject {
        message: &message,
        raw: &raw,
        envelope_from: None,
        recipients: &[],
        direction: Some(Direction::Inbound),
    };
    let verdict = judge(detect(&subject, knowledge, facts), knowledge);
    assert!(verdict == judge(detect(&subject, knowledge, facts), knowledge), "the same twice");

    let context = Arc::new(Context {
        direction: Some(Direction::Inbound),
        profiles: facts.profiles.clone(),
        received_at: facts.received_at,
        yara: pack.yara().cloned(),
        ..Context::default()
    });
    let answers = |backwards: bool| {
        let model = Model::new(Arc::clone(&message), Arc::clone(&raw), Arc::clone(&context));
        let mut examination = pack.examine(&model);
        let mut answers = vec![Answer::No; pack.rules().len()];
        for at in 0..answers.len() {
            let place = if backwards { answers.len() - 1 - at } else { at };
            answers[place] = pack.ask(&mut examination, place);
        }
        assert!(examination.steps() <= STEPS_MAX, "{} steps", examination.steps());
        answers
    };
    let (one, other) = (answers(false), answers(true));
    let model = Model::new(Arc::clone(&message), Arc::clone(&raw), Arc::clone(&context));
    let mut examination = pack.examine(&model);
    for (rule, fires) in pack.rules().iter().zip(&one) {
        let tested = examination.test(rule.compiled.number);
        let cut = [tested, *fires].contains(&Answer::CutShort);
        let agree = (tested == Answer::Yes) == (*fires == Answer::Yes);
        assert!(cut || agree, "{}: {fires:?}, and tested {tested:?}", rule.file.name);
    }
    // Who asks first pays for what several share: only then may one of them be cut short.
    for (place, (one, other)) in one.into_iter().zip(other).enumerate() {
        let cut = [one, other].contains(&Answer::CutShort);
        assert!(cut || one == other, "{}: {one:?} or {other:?}", pack.rules()[place].file.name);
    }
});

/// What messages are judged by.
struct Known {
    knowledge: Knowledge,
    pack: Arc<Pack>,
    facts: Facts,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut sources = PackSources::default();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    read(&home.join("../rules"), &mut sources);
    read(&home.join("rules"), &mut sources);
    let (pack, report) = Pack::compile(&sources);
    assert!(report.invalid.is_empty(), "{:?}", report.invalid);
    for function in LIBRARY.functions.iter().copied().flatten() {
        let call = format!("{}(", function.name);
        let asked = sources.rules.iter().any(|(_, text)| text.contains(&call));
        assert!(asked || matches!(function.body, Body::Unsupported), "nobody asks {call}…)");
    }
    let (pack, entry) = (Arc::new(pack), |list, pattern: &str| ListEntry {
        list,
        pattern: pattern.to_owned(),
        verify_sender: true,
        note: String::new(),
    });
    let (intel, _) = intel_file("lure.example\nhxxps://kit[.]example[.]net/login\n", "fuzz");
    let knowledge = Knowledge::compile(Sources {
        organisation: Organisation {
            domains: Domain::parse("corp.example").into_iter().collect(),
            protected_people: vec![ProtectedPerson {
                name: "Anna Berg".to_owned(),
                address: "anna@corp.example".to_owned(),
            }],
            ..Organisation::default()
        },
        lists: vec![entry(ListKind::Allow, "b.example"), entry(ListKind::Block, "d.example")],
        intel: Arc::new(Intel::compile(intel)),
        pack: Arc::clone(&pack),
        ..Sources::default()
    });
    let profile = Profile { prevalence: Prevalence::New, ..Profile::default() };
    let profiles = Profiles { sender: Some(profile), ..Profiles::default() };
    let facts = Facts { profiles, received_at: Some(1_795_000_000), ..Facts::default() };
    Known { knowledge, pack, facts }
});

/// Reads the files of a pack, in the order of their names.
fn read(folder: &Path, sources: &mut PackSources) {
    let entries = std::fs::read_dir(folder).expect("the rules lie beside the target");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if !path.ends_with("messages") {
                read(&path, sources);
            }
            continue;
        }
        let text = || (path.display().to_string(), std::fs::read_to_string(&path).expect("text"));
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("yml") => sources.rules.push(text()),
            Some("txt") => sources.lists.push(text()),
            Some("yar") => sources.yara.push(text()),
            _ => {}
        }
    }
}

/// What a message may cost, as `crates/mql/src/rules.rs` says.
const STEPS_MAX: u64 = 20_000_000;
