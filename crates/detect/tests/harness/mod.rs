//! Messages judged as a running clawback judges them: with our own rules, an organisation, and a
//! feed.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use clawback_core::verdict::Verdict;
use clawback_detect::pack::{Pack, PackSources};
use clawback_detect::{
    Facts, Intel, Knowledge, Organisation, Sources, Subject, detect, intel_file, judge,
};
use clawback_mail::address::Domain;
use clawback_mail::message::{Direction, Message};

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| {
    let mut sources = PackSources::default();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules"), &mut sources);
    let (pack, report) = Pack::compile(&sources);
    assert!(report.invalid.is_empty(), "{:?}", report.invalid);
    let (intel, _) = intel_file("lure.example\n192.0.2.66\n", "test feed");
    Knowledge::compile(Sources {
        organisation: Organisation {
            domains: vec![Domain::parse("corp.example").unwrap()],
            ..Organisation::default()
        },
        intel: Arc::new(Intel::compile(intel)),
        pack: Arc::new(pack),
        ..Sources::default()
    })
});

/// The verdict on a message that came in from outside.
pub(crate) fn judged(raw: &[u8]) -> Verdict {
    judged_message(&Arc::new(Message::parse(raw)), raw)
}

/// The verdict on a message that was read from these octets.
pub(crate) fn judged_message(message: &Arc<Message>, raw: &[u8]) -> Verdict {
    let raw: Arc<[u8]> = raw.into();
    let subject = Subject {
        message,
        raw: &raw,
        envelope_from: None,
        recipients: &[],
        direction: Some(Direction::Inbound),
    };
    judge(detect(&subject, &KNOWLEDGE, &Facts::default()), &KNOWLEDGE)
}

/// The names of what was found.
pub(crate) fn rules(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

/// A zip file with these files in it.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut octets, mut central) = (Vec::new(), Vec::new());
    let four = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    for (name, content) in files {
        let packed = miniz_oxide::deflate::compress_to_vec(content, 6);
        let mut fields = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(four(packed.len()));
        fields.extend(four(content.len()));
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields.extend([0, 0]);
        central.extend(b"PK\x01\x02\x14\x00");
        central.extend(&fields);
        central.extend([0; 10]);
        central.extend(four(octets.len()));
        central.extend(name.as_bytes());
        octets.extend(b"PK\x03\x04");
        octets.extend(&fields);
        octets.extend(name.as_bytes());
        octets.extend(&packed);
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let (length, start) = (four(central.len()), four(octets.len()));
    octets.extend(&central);
    octets.extend(b"PK\x05\x06\0\0\0\0");
    octets.extend(count);
    octets.extend(count);
    octets.extend(length);
    octets.extend(start);
    octets.extend([0, 0]);
    octets
}

/// Reads the files of a pack, in the order of their names.
#[allow(clippy::disallowed_methods, reason = "a test reads files")]
fn read(folder: &Path, sources: &mut PackSources) {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if !path.ends_with("messages") {
                read(&path, sources);
            }
            continue;
        }
        let text = || (path.display().to_string(), std::fs::read_to_string(&path).unwrap());
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("yml") => sources.rules.push(text()),
            Some("txt") => sources.lists.push(text()),
            Some("yar") => sources.yara.push(text()),
            _ => {}
        }
    }
}
