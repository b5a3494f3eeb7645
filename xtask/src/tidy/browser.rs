//! Pages need no inline style or script, so that the content security policy can forbid both.

use super::Breach;
use super::house::{File, House};

/// Where pages are written.
const PAGES: &[&str] =
    &["dashboard/templates/", "crates/server/src/web/", "crates/sim/src/page.rs"];

/// No page has a style, a script or a handler in its text.
pub(super) fn check(house: &House) -> Vec<Breach> {
    let is_page = |file: &&File| PAGES.iter().any(|folder| file.path.starts_with(folder));
    let mut breaches = Vec::new();
    for file in house.files.iter().filter(is_page) {
        let tests_from = if file.path.ends_with(".rs") { file.tests_from() } else { usize::MAX };
        for (number, line) in file.lines().filter(|(number, _)| *number < tests_from) {
            if let Some(what) = inline(line) {
                breaches.push(Breach::new(&file.path, number, format!("{what} is forbidden")));
            }
        }
    }
    breaches
}

fn inline(line: &str) -> Option<&'static str> {
    let line = line.to_ascii_lowercase();
    if line.contains("<style") {
        return Some("a style in the page");
    }
    if line.contains("javascript:") {
        return Some("a script in an address");
    }
    let has_body = |rest: &str| !rest.split('>').next().is_some_and(|tag| tag.contains("src="));
    if line.split("<script").skip(1).any(has_body) {
        return Some("a script in the page");
    }
    let mut attributes = line.split([' ', '\t', '"', '\'']).filter_map(attribute);
    if attributes.any(|name| name == "style") {
        return Some("a style on an element");
    }
    let is_handler = |name: &str| {
        name.strip_prefix("on").is_some_and(|event| {
            event.len() > 2 && event.chars().all(|letter| letter.is_ascii_lowercase())
        })
    };
    let mut attributes = line.split([' ', '\t', '"', '\'']).filter_map(attribute);
    attributes.any(is_handler).then_some("a handler on an element")
}

/// The name before `=` at the end of a piece, where its value follows in quotes or braces.
fn attribute(piece: &str) -> Option<&str> {
    let (name, value) = piece.split_once('=')?;
    let quoted = value.is_empty() || value.starts_with(['\\', '{']);
    (quoted && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_table() {
        let rows: &[(&str, &str, bool)] = &[
            ("a style", "<p style=\"color: red\">", true),
            ("a style with single quotes", "<p style='color: red'>", true),
            ("a style in a Rust string", r#""<p style=\"color: red\">""#, true),
            ("a style element", "<STYLE>", true),
            ("a handler", "<a onclick=\"go()\">", true),
            ("a script with a body", "<script>go()</script>", true),
            ("a script of its own", "<script src=\"/assets/a.js\" defer></script>", false),
            ("an address that runs", "<a href=\"javascript:go()\">", true),
            ("a stylesheet", "<link rel=\"stylesheet\" href=\"/a.css\">", false),
            ("a variable", "let onset = 1;", false),
            ("a data attribute", "<p data-on=\"x\">", false),
            ("an empty element", "<p class=\"one\">", false),
        ];
        for (rule, line, found) in rows {
            assert_eq!(inline(line).is_some(), *found, "{rule}");
        }
    }

    #[test]
    fn only_pages_are_looked_at_and_not_their_tests() {
        let bad = "<p style=\"x\">\n";
        let house = |path: &str, text: &str| House {
            files: vec![File::new(path, text)],
            ..House::default()
        };
        assert_eq!(check(&house("dashboard/templates/a.html", bad)).len(), 1);
        assert!(check(&house("crates/mail/src/a.rs", bad)).is_empty());
        let test = format!("#[cfg(test)]\nmod tests {{\n{bad}}}\n");
        assert!(check(&house("crates/sim/src/page.rs", &test)).is_empty());
    }
}
