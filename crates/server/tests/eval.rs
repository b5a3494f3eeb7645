//! An operator measures the judge on own mail, and the program says what it made of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::{Command, Output};

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn mail(from: &str, subject: &str, body: &str) -> String {
    format!(
        "From: {from}\r\nTo: dana@corp.example\r\nSubject: {subject}\r\n\
         Date: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <{subject}@shop.example>\r\n\r\n{body}\r\n"
    )
}

fn eval(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clawback")).arg("eval").args(arguments).output().unwrap()
}

/// A Maildir with two harmless mails and one with an address that a list calls bad, and an mbox.
fn own_mail(folder: &Path) {
    write(folder, "box/cur/1:2,S", &mail("Ann <ann@shop.example>", "lunch", "At noon?"));
    write(folder, "box/cur/2:2,S", &mail("Ann <ann@shop.example>", "again", "At one?"));
    let bad = "See http://evil.example.net/login now.";
    write(folder, "box/new/3", &mail("Bob <bob@shop.example>", "look", bad));
    write(folder, "box/tmp/4", "half a mail");
    write(folder, "box/dovecot-uidlist", "3 V1 N4\n");
    let two = mail("Ann <ann@shop.example>", "third", "At two?");
    write(folder, "more.mbox", &format!("From ann Mon\n{two}\nFrom ann Tue\n{two}"));
    write(folder, "bad.txt", "http://evil.example.net/login\n");
}

#[test]
fn own_mail_is_counted_and_what_is_wrong_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    own_mail(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (maildir, mbox, intel) = (at("box"), at("more.mbox"), at("bad.txt"));
    let named = ["--maildir", &maildir, &mbox, "--intel", &intel, "--class", "ham"];

    let answer = eval(&[&named[..], &["--format", "json"]].concat());
    assert!(answer.status.success(), "{answer:?}");
    let report: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(report["messages"], 5, "{report}");
    assert_eq!(report["unreadable"], 0, "{report}");
    assert_eq!(report["dispositions"]["MALICIOUS"], 1, "{report}");
    let alarm = &report["errors"][0]["share"];
    assert_eq!((&alarm["hits"], &alarm["of"]), (&1.0.into(), &5.0.into()), "{report}");
    assert_eq!(report["examples"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["examples"][0]["subject"], "look");
    assert_eq!(report["rules"][0]["rule"], report["examples"][0]["rule"]);

    let answer = eval(&named);
    let shown = String::from_utf8(answer.stdout).unwrap();
    assert!(shown.contains("false alarm: MALICIOUS, SUSPICIOUS or SPOOF: 1/5 20.0 %"), "{shown}");
    assert!(shown.contains("box/new/3"), "{shown}");
}

#[test]
fn a_folder_without_mail_is_no_measurement() {
    let folder = tempfile::tempdir().unwrap();
    let answer = eval(&["--maildir", folder.path().to_str().unwrap()]);
    assert_eq!(answer.status.code(), Some(2), "{answer:?}");
}

#[test]
fn a_labelled_collection_is_counted_by_source_and_label() {
    let folder = tempfile::tempdir().unwrap();
    let bad = "See http://evil.example.net/login now.";
    write(folder.path(), "mail/a.eml", &mail("Ann <ann@shop.example>", "lunch", "At noon?"));
    write(folder.path(), "mail/b.eml", &mail("Bob <bob@shop.example>", "look", bad));
    write(folder.path(), "mail/c.eml", &mail("Bob <bob@shop.example>", "more", "Hello."));
    write(
        folder.path(),
        "list.tsv",
        "path\tclass\tsource\tgroup\tyear\tscl\na.eml\tham\tfriends\tone\t2024\t\n\
         b.eml\tmalicious\tpot\tthree\t2024\t1\nc.eml\tmalicious\tpot\tthree\t2024\t5\n\
         gone.eml\tham\tfriends\tone\t2024\t\n",
    );
    write(folder.path(), "labels.tsv", "path\tlabel\nb.eml\tMALICIOUS\nc.eml\tSPAM\n");
    write(folder.path(), "bad.txt", "http://evil.example.net/login\n");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (mails, list, labels) = (at("mail"), at("list.tsv"), at("labels.tsv"));
    let (intel, errors, export) = (at("bad.txt"), at("errors.tsv"), at("export"));
    let corpus = ["--corpus", &mails, "--list", &list, "--labels", &labels, "--intel", &intel];

    let answer = eval(&[&corpus[..], &["--format", "json", "--export", &export]].concat());
    assert_eq!(answer.status.code(), Some(2), "a file of the list is not there");
    let report: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((&report["messages"], &report["missing"]), (&3.into(), &1.into()), "{report}");
    let pot = &report["sources"][1];
    assert_eq!((&pot["source"], &pot["caught"]["hits"]), (&"pot".into(), &1.0.into()), "{report}");
    assert_eq!(pot["campaigns"], 1, "{report}");
    assert_eq!(report["labels"][0]["exact"]["shown"], "1/1 100.0 % (21–100)", "{report}");
    let stripped = std::fs::read_to_string(folder.path().join("export/a.eml")).unwrap();
    assert!(stripped.contains("To: person@corp.example") && !stripped.contains("Date:"));

    // The campaign lies in half a, and one of its mails is not what it was read as.
    let answer = eval(&[&corpus[..], &["--half", "a", "--errors", &errors]].concat());
    assert!(answer.status.success(), "{answer:?}");
    let written = std::fs::read_to_string(folder.path().join("errors.tsv")).unwrap();
    assert_eq!(written.lines().count(), 2, "{written}");
    assert!(written.contains("c.eml\tSPAM\tCLEAN\t"), "{written}");
    let answer = eval(&[&corpus[..], &["--errors", &errors]].concat());
    assert_eq!(answer.status.code(), Some(2), "of both halves nothing single is shown");
}
