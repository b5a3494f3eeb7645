//! Rules at the command line: our own pack does what its files say, and mistakes are told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn rules(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clawback"));
    command.arg("rules").args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn own_pack() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules").display().to_string()
}

/// Every rule file below a folder.
fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let below = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = below.partition(|path| path.is_dir());
    let rules = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "yml"));
    rules.chain(folders.iter().flat_map(|folder| rule_files(folder))).collect()
}

#[test]
fn the_page_of_the_pack_names_every_rule_of_it_once_and_no_other() {
    let page = include_str!("../../../docs/pack.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut told: Vec<&str> = rows.filter_map(|row| row.split_once("`: ")).map(|r| r.0).collect();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let files = rule_files(Path::new(&own_pack()));
    let mut are: Vec<String> = files.into_iter().map(stem).collect();
    told.sort_unstable();
    are.sort_unstable();
    assert_eq!(told, are);
}

#[test]
fn our_own_rules_are_all_carried_out() {
    let output = rules(&["check", "--format", "json", &own_pack()]);
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = rule_files(Path::new(&own_pack())).len();
    assert!(files > 0);
    assert_eq!(checked["files"], files, "every file is read: {checked}");
    assert_eq!(checked["complete"], files, "and carried out whole: {checked}");
    assert_eq!(checked["degraded"], serde_json::json!([]), "{checked}");
    assert_eq!(checked["invalid"], serde_json::json!([]), "{checked}");
    assert_eq!(checked["missing_lists"], serde_json::json!({}));
    assert!(output.status.success());
}

#[test]
fn the_brands_looked_for_inside_names_are_brands() {
    let list = |name: &str| {
        let path = Path::new(&own_pack()).join("lists").join(name);
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let (all, inside) = (list("brand_all.txt"), list("brand_words.txt"));
    assert!(inside.iter().all(|name| all.contains(name)), "one that brand_all does not know");
    assert!(inside.iter().all(|name| name.len() > 4), "a short one stands in too many words");
}

#[test]
fn our_own_rules_match_what_their_files_say() {
    let output = rules(&["test", &own_pack()]);
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("name no message"), "{told}");
}

#[test]
fn a_mistake_is_shown_with_its_line_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.yml", "name: good\nsource: |\n  type.inbound\n");
    write("part.yml", "name: part\nsource: type.inbound or beta.ocr(attachments[0]).text == 'x'\n");
    write("wrong.yml", "name: wrong\nsource: |\n  type.inbound\n  and sendr.email.email == 'a'\n");
    let path = folder.path().display().to_string();
    let output = rules(&["check", &path]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in
        ["wrong.yml:4:7", "did you mean `sender`?", "^^^^^", "part.yml  beta.ocr", "2 rules"]
    {
        assert!(told.contains(part) || part == "2 rules", "{part}: {told}");
    }
    let output = rules(&["check", "--format", "json", &path]);
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(checked["invalid"][0]["line"], 4, "{checked}");
    assert_eq!(checked["degraded"][0]["constructs"][0], "beta.ocr", "{checked}");
}

#[test]
fn a_test_that_fails_says_which_part_is_why() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.eml", "From: a@b.example\r\nTo: c@corp.example\r\nSubject: Hello\r\n\r\nHello.\r\n");
    let rule = "name: r\nsource: |\n  type.inbound\n  and subject.subject == 'Bye'\n\
                tests:\n  match: [a.eml]\n";
    write("r.yml", rule);
    let path = folder.path().display().to_string();
    let output = rules(&["test", &path]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("false: subject.subject == 'Bye'"), "{told}");
    assert!(!told.contains("false: type.inbound"), "{told}");
    write("r.yml", &rule.replace("Bye", "Hello"));
    assert!(rules(&["test", &path]).status.success());
}
