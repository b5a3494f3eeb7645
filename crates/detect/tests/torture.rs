//! The mail that other projects test their parsers with, through the whole judge. It belongs to
//! them and lies beside this repository, not in it: where it is not, this is skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use clawback_core::verdict::Disposition;
use clawback_mail::message::Message;
use harness::{judged_message, rules};

#[test]
fn every_tortured_mail_is_judged_within_bounds_and_with_a_reason() {
    let Some(mails) = mails() else {
        return;
    };
    assert!(mails.len() > 500, "{} mails are not the archive", mails.len());
    let mut badly_formed = 0;
    for (name, raw) in mails {
        let message = Arc::new(Message::parse(&raw));
        let verdict = judged_message(&message, &raw);
        let found = rules(&verdict);
        assert_eq!(verdict, judged_message(&message, &raw), "{name}: the same twice");
        // Steps, and not a clock, bound what it costs; where they were used up, that is told.
        for cut in verdict.findings.iter().filter(|finding| finding.rule == "rule-cut-short") {
            assert!(cut.evidence().all(|rule| !rule.quote.is_empty()), "{name}: by which rule");
        }
        if verdict.disposition == Disposition::Unknown {
            let why = &verdict.findings[0];
            assert_eq!(verdict.decided_by.as_deref(), Some(why.rule.as_str()), "{name}");
            assert!(why.evidence().any(|one| !one.note.is_empty()), "{name}: nothing says why");
        }
        // What is wrong with its form is told.
        let told = ["malformed", "not-fully-read", "evasive-form"];
        let is_told = found.iter().any(|rule| told.contains(rule));
        assert_eq!(is_told, !message.defects.is_empty(), "{name}: {:?}", message.defects);
        badly_formed += usize::from(is_told);
    }
    assert!(badly_formed > 50, "{badly_formed} are badly formed: these are the tricks");
}

/// The mails of the archive with their names, where it is there and can be unpacked.
fn mails() -> Option<Vec<(String, Vec<u8>)>> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/corpus/torture.tar.zst"))
        .find(|path| path.is_file());
    let Some(archive) = archive else {
        let _ = writeln!(std::io::stderr(), "skipped: the archive of tortured mail is not here");
        return None;
    };
    let packed = read(&archive);
    Some(files(&zstd::decode_all(packed.as_slice()).unwrap()))
}

/// The files of a tar archive.
fn files(mut tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let text = |field: &[u8]| {
        String::from_utf8_lossy(field).trim_end_matches(['\0', ' ']).trim_start().to_owned()
    };
    while let Some((header, rest)) = tar.split_at_checked(BLOCK) {
        let Ok(length) = usize::from_str_radix(&text(&header[124..136]), 8) else { break };
        let content = &rest[..length];
        if matches!(header[156], 0 | b'0') {
            files.push((text(&header[..100]), content.to_vec()));
        }
        tar = &rest[length.next_multiple_of(BLOCK)..];
    }
    files
}

#[allow(clippy::disallowed_methods, reason = "a test reads files")]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

const BLOCK: usize = 512;
