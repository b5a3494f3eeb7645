//! The commands and configurations that documents show, tried on the program itself.
//!
//! A command counts as right when the program knows its subcommands and lists its options; a
//! configuration when `check-config` accepts it. Nothing shown is carried out.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::step;

/// Documents whose code blocks are tried.
const DOCUMENTS: &[&str] =
    &["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/config.md", "docs/eval.md"];

/// Tries every command and configuration.
pub(crate) fn run() -> anyhow::Result<()> {
    let build = ["build", "--package", "clawback", "--bin", "clawback", "--ignore-rust-version"];
    step::run(&mut step::cargo(&build)?)?;
    let program = program()?;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(crate::root()?.join(document)).context(*document)?;
        for block in blocks(&text) {
            let errors = match block.language {
                "toml" => try_configuration(&program, &block.text)?,
                _ => try_commands(&program, &block.text)?,
            };
            tried += 1;
            wrong.extend(errors.into_iter().map(|error| format!("{document}: {error}")));
        }
    }
    if !wrong.is_empty() {
        bail!("documents show what does not work:\n{}", wrong.join("\n"));
    }
    println!("{tried} code blocks say what works");
    Ok(())
}

/// A code block of a document.
#[derive(Debug, Eq, PartialEq)]
struct Block<'a> {
    language: &'a str,
    text: String,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in document.lines() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                open = Some(Block { language: language.trim(), text: String::new() });
            }
            (Some(_), Some(done)) => blocks.push(done),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

fn program() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || crate::root().map(|root| root.join("target")),
        |folder| Ok(PathBuf::from(folder)),
    )?;
    Ok(target.join("debug").join("clawback"))
}

fn try_commands(program: &Path, block: &str) -> anyhow::Result<Vec<String>> {
    let mut errors = Vec::new();
    for line in block.replace("\\\n", " ").lines() {
        let Some(shown) = Shown::read(line) else { continue };
        let mut command = Command::new(program);
        let Ok(help) = step::output(command.args(&shown.subcommands).arg("--help")) else {
            errors.push(format!("`{}` is no command", line.trim()));
            continue;
        };
        let known: Vec<&str> =
            help.split(|letter: char| letter.is_whitespace() || letter == ',').collect();
        for option in shown.options {
            if !known.contains(&option) {
                errors.push(format!("`{}`: there is no {option}", line.trim()));
            }
        }
    }
    Ok(errors)
}

/// A command of the program as a document shows it.
#[derive(Debug, Eq, PartialEq)]
struct Shown<'a> {
    subcommands: Vec<&'a str>,
    options: Vec<&'a str>,
}

impl<'a> Shown<'a> {
    /// `None` where the line is no command of the program.
    fn read(line: &'a str) -> Option<Self> {
        let line = line.split("  #").next()?.trim();
        let mut words = line.split_whitespace();
        let first = words.next()?;
        let alias = matches!(first, "cargo").then(|| words.clone().next()).flatten();
        let ours = first == "clawback" || matches!(alias, Some("demo" | "scan"));
        if !ours {
            return None;
        }
        let is_subcommand =
            |word: &&str| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        let is_option = |word: &&str| word.starts_with("--");
        let rest: Vec<&str> = words.collect();
        let subcommands = rest.iter().copied();
        let subcommands = subcommands.take_while(|word| is_subcommand(word) && !is_option(word));
        let options = rest.iter().copied().filter(is_option);
        let options = options.filter_map(|option| option.split('=').next());
        Some(Self { subcommands: subcommands.collect(), options: options.collect() })
    }
}

fn try_configuration(program: &Path, text: &str) -> anyhow::Result<Vec<String>> {
    let folder = std::env::temp_dir().join(format!("clawback-xtask-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let answer = check_configuration(program, text, &folder);
    std::fs::remove_dir_all(&folder)?;
    answer
}

fn check_configuration(program: &Path, text: &str, folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return Ok(vec![error.to_string()]),
    };
    // A certificate, its key and a key file must be real ones, and a document has none.
    for section in table.iter_mut().filter_map(|(_, section)| section.as_table_mut()) {
        section.retain(|key, _| !key.starts_with("tls_") && key != "service_account_file");
    }
    // What the file refers to is not there where the document is read: a file of that name is.
    let sections = table.iter_mut().filter_map(|(_, section)| section.as_table_mut());
    for (_, value) in sections.flatten().filter(|(key, _)| key.ends_with("_file")) {
        if let Some(name) = value.as_str().and_then(|path| Path::new(path).file_name()) {
            let file = folder.join(name);
            std::fs::write(&file, "x\n")?;
            *value = toml::Value::String(file.display().to_string());
        }
    }
    let file = folder.join("clawback.toml");
    std::fs::write(&file, toml::to_string(&table)?)?;
    let checked = step::output(Command::new(program).args(["check-config", "--config"]).arg(&file));
    Ok(checked.err().map(|error| format!("{error:#}")).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_other_lines() {
        type Parts<'a> = (&'a [&'a str], &'a [&'a str]);
        let rows: &[(&str, Option<Parts<'_>>)] = &[
            ("clawback serve --config clawback.toml", Some((&["serve"], &["--config"]))),
            ("clawback tenant add --name=\"Corp\"", Some((&["tenant", "add"], &["--name"]))),
            ("cargo scan --format json mail/", Some((&["scan"], &["--format"]))),
            ("cargo demo          # one minute", Some((&["demo"], &[]))),
            ("cargo xtask test", None),
            ("git clone somewhere", None),
            ("", None),
        ];
        for (line, meant) in rows {
            let got = Shown::read(line);
            let got = got.as_ref().map(|shown| (&shown.subcommands[..], &shown.options[..]));
            assert_eq!(got, *meant, "{line}");
        }
    }

    /// Stands in for the program: knows one command with one option, and one configuration.
    const PROGRAM: &str = "#!/bin/sh\n\
        case \"$*\" in\n\
        'scan --help') echo 'Usage: --format <FORMAT>, --help' ;;\n\
        'check-config --config '*) grep -q good \"$3\" ;;\n\
        *) exit 2 ;;\n\
        esac\n";

    fn with_program(name: &str, test: impl FnOnce(&Path)) {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("clawback");
        // By a child: a test beside this one that forks must not inherit the file open for writing.
        let write = "printf %s \"$1\" > \"$0\" && chmod 700 \"$0\"";
        step::output(Command::new("sh").args(["-c", write]).arg(&program).arg(PROGRAM)).unwrap();
        test(&program);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn commands_and_options_that_are_not_there_are_found() {
        let rows: &[(&str, &str, usize)] = &[
            ("as it is", "clawback scan --format json mail/", 0),
            ("over two lines", "clawback scan \\\n    --format json mail/", 0),
            ("no such option", "clawback scan --colour mail/", 1),
            ("the beginning of an option is none", "clawback scan --form json", 1),
            ("no such command", "clawback scam --format json", 1),
        ];
        with_program("commands", |program| {
            for (rule, block, errors) in rows {
                assert_eq!(try_commands(program, block).unwrap().len(), *errors, "{rule}");
            }
        });
    }

    #[test]
    fn a_configuration_that_is_refused_is_found_and_its_files_are_there() {
        with_program("configuration", |program| {
            let folder = program.parent().unwrap();
            let check = |text| check_configuration(program, text, folder).unwrap().len();
            assert_eq!(check("[smtp]\nhostname = \"good\"\n"), 0);
            assert_eq!(check("[smtp]\nhostname = \"other\"\n"), 1);
            assert_eq!(check("[smtp\n"), 1);
            check("[microsoft]\nclient_secret_file = \"/etc/graph.secret\"\n");
            assert!(folder.join("graph.secret").exists());
            let written = std::fs::read_to_string(folder.join("clawback.toml")).unwrap();
            assert!(!written.contains("/etc/"), "{written}");
        });
    }

    #[test]
    fn blocks_carry_their_language() {
        let found = blocks("a\n```toml\nb = 1\n```\nc\n```\nd\n```\n");
        let block = |language, text: &str| Block { language, text: text.to_owned() };
        assert_eq!(found, [block("toml", "b = 1\n"), block("", "d\n")]);
    }
}
