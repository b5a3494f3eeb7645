//! The commands that README promises, and the one that a build machine runs.

use super::Breach;
use super::house::{File, House};

const ALIASES: &str = ".cargo/config.toml";
const CI: &str = ".ci/run";
const README: &str = "README.md";
/// What stands in README as a command of its own.
const PROMISED: &[&str] = &["cargo demo", TEST];
const TEST: &str = "cargo xtask test";
/// Commands that cargo has by itself.
const CARGO: &[&str] = &["build", "fmt", "install", "test", "--version"];

/// README promises both commands, CI runs the second, and every cargo command exists.
pub(super) fn check(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let missing = |path| Breach::new(path, 0, "is missing");
    match house.file(README) {
        None => breaches.push(missing(README)),
        Some(readme) => {
            for command in PROMISED {
                if !commands(readme).any(|(_, line)| line == *command) {
                    let message = format!("has no code block with the command `{command}`");
                    breaches.push(Breach::new(README, 0, message));
                }
            }
        }
    }
    match house.file(CI) {
        None => breaches.push(missing(CI)),
        Some(script) if !script.lines().any(|(_, line)| line.trim() == TEST) => {
            breaches.push(Breach::new(CI, 0, format!("does not run `{TEST}`")));
        }
        Some(_) => {}
    }
    breaches.extend(unknown_aliases(house));
    breaches
}

fn unknown_aliases(house: &House) -> Vec<Breach> {
    let config = house.file(ALIASES).and_then(|file| file.text.parse::<toml::Table>().ok());
    let aliases = config.as_ref().and_then(|config| config.get("alias")?.as_table());
    let exists = |name: &str| {
        CARGO.contains(&name) || aliases.is_some_and(|aliases| aliases.contains_key(name))
    };
    let mut breaches = Vec::new();
    for file in house.documents() {
        for (number, line) in commands(file) {
            let Some(rest) = line.strip_prefix("cargo ") else { continue };
            let name = rest.split_whitespace().next().unwrap_or_default();
            if !exists(name) {
                let message = format!("`cargo {name}` is no alias in {ALIASES}");
                breaches.push(Breach::new(&file.path, number, message));
            }
        }
    }
    breaches
}

/// The lines of a document's code blocks, without the comment at their end.
pub(crate) fn commands(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    file.lines()
        .filter(move |(_, line)| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            inside && !fence
        })
        .map(|(number, line)| (number, line.split("  #").next().unwrap_or(line).trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "```\ncargo demo          # a minute\ncargo xtask test\n```\n";

    fn house(readme: &str, ci: &str) -> House {
        let files = vec![
            File::new(README, readme),
            File::new(CI, ci),
            File::new(ALIASES, "[alias]\ndemo = \"run\"\nxtask = \"run\"\n"),
        ];
        House { files, ..House::default() }
    }

    #[test]
    fn commands_table() {
        let ci = "#!/bin/bash\ncargo xtask test\n";
        let rows: &[(&str, &str, &str, usize)] = &[
            ("as it should be", GOOD, ci, 0),
            ("CI runs something else", GOOD, "#!/bin/bash\ncargo test\n", 1),
            ("promised in prose only", "cargo demo, cargo xtask test", ci, 2),
            ("an alias that is gone", &format!("{GOOD}```\ncargo bench-all\n```\n"), ci, 1),
        ];
        for (rule, readme, ci, breaches) in rows {
            assert_eq!(check(&house(readme, ci)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn nothing_there_is_said_file_by_file() {
        assert_eq!(check(&House::default()).len(), 2);
    }
}
