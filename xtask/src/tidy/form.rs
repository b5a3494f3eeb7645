//! The form of a Rust file: how it opens, how long it is, how wide.

use super::Breach;
use super::house::{File, House};

/// Every file opens with `//!`, after attributes at most.
pub(super) fn headers(house: &House) -> Vec<Breach> {
    let breach = |file: &File| Breach::new(&file.path, 1, "open with `//!`: what it does");
    house.rust().filter(|file| !has_header(&file.text)).map(breach).collect()
}

fn has_header(text: &str) -> bool {
    let mut inside_attribute = false;
    for line in text.lines().map(str::trim) {
        if inside_attribute || line.starts_with("#![") {
            inside_attribute = !line.ends_with(']');
        } else if !line.is_empty() {
            return line.strip_prefix("//!").is_some_and(|says| !says.trim().is_empty());
        }
    }
    false
}

/// No file is longer than the limit; tests at its foot and files of tests do not count.
pub(super) fn length(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in house.rust().filter(|file| !file.is_beside()) {
        let lines = file.text.lines().count().min(file.tests_from() - 1);
        if lines > LINES_MAX {
            let message = format!("{lines} lines; over {LINES_MAX} it is usually two things");
            breaches.push(Breach::new(&file.path, 0, message));
        }
    }
    breaches
}

/// No function is longer than a screen; tests and files beside the program do not count.
pub(super) fn functions(house: &House) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in house.rust().filter(|file| !file.is_beside()) {
        let tests_from = file.tests_from();
        let mut open: Option<(usize, &str, &str)> = None;
        for (number, line) in file.lines().take_while(|(number, _)| *number < tests_from) {
            let indent = line.len() - line.trim_start().len();
            let (before, text) = line.split_at(indent);
            match open {
                // Formatted code closes a function in the column where it opened it.
                Some((from, indent, name)) if text == "}" && before == indent => {
                    let lines = number - from + 1;
                    if lines > FUNCTION_LINES_MAX {
                        let message = format!("{name} has {lines} lines: look for two things");
                        breaches.push(Breach::new(&file.path, from, message));
                    }
                    open = None;
                }
                None => {
                    open = function(text).map(|name| (number, before, name));
                    // All of it on one line, or a declaration.
                    if text.ends_with(['}', ';']) {
                        open = None;
                    }
                }
                // A declaration whose parameters stand one below the other.
                Some((_, indent, _))
                    if before == indent && text.starts_with(')') && text.ends_with(';') =>
                {
                    open = None;
                }
                Some(_) => {}
            }
        }
    }
    breaches
}

/// The name of the function that a line opens.
fn function(text: &str) -> Option<&str> {
    let (before, after) = text.split_once("fn ")?;
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe", "extern"];
    let opens = before.split_whitespace().all(|word| qualifiers.contains(&word));
    let name = after.split(['(', '<']).next()?;
    (opens && !name.is_empty()).then_some(name)
}

/// No comment is wider than the formatter makes code; a row of a table cannot be broken.
pub(super) fn width(house: &House) -> Vec<Breach> {
    let is_comment = |line: &str| {
        let text = line.trim_start();
        text.starts_with("//") && !text.trim_start_matches(['/', '!', ' ']).starts_with('|')
    };
    let mut breaches = Vec::new();
    for file in house.rust() {
        for (number, line) in file.lines().filter(|(_, line)| is_comment(line)) {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                let message = format!("{columns} columns; {COLUMNS_MAX} are allowed");
                breaches.push(Breach::new(&file.path, number, message));
            }
        }
    }
    breaches
}

const COLUMNS_MAX: usize = 100;
const FUNCTION_LINES_MAX: usize = 70;
const LINES_MAX: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    fn house(path: &str, text: &str) -> House {
        House { files: vec![File::new(path, text)], ..House::default() }
    }

    #[test]
    fn headers_table() {
        let rows: &[(&str, &str, usize)] = &[
            ("opens with it", "//! Says.\nfn a() {}\n", 0),
            ("after an attribute", "#![cfg_attr(\n    test,\n    allow(x)\n)]\n\n//! Says.\n", 0),
            ("an ordinary comment is none", "// Says.\nfn a() {}\n", 1),
            ("says nothing", "//!\nfn a() {}\n", 1),
            ("after an item is too late", "fn a() {}\n//! Says.\n", 1),
            ("empty file", "", 1),
        ];
        for (rule, text, breaches) in rows {
            assert_eq!(headers(&house("crates/a/src/a.rs", text)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn tests_do_not_count_as_length() {
        let code = "x\n".repeat(LINES_MAX);
        let tests = format!("{code}#[cfg(test)]\nmod tests {{\n{}}}\n", "y\n".repeat(300));
        assert_eq!(length(&house("crates/a/src/a.rs", &format!("{code}x\n"))).len(), 1);
        assert_eq!(length(&house("crates/a/src/a.rs", &code)).len(), 0);
        assert_eq!(length(&house("crates/a/src/a.rs", &tests)).len(), 0);
        assert_eq!(length(&house("crates/a/tests/a.rs", &format!("{code}x\n"))).len(), 0);
    }

    #[test]
    fn functions_table() {
        let body = |lines: usize| "    x();\n".repeat(lines);
        let long = body(FUNCTION_LINES_MAX);
        let rows: &[(&str, String, usize)] = &[
            ("short", format!("fn a() {{\n{}}}\n", body(3)), 0),
            ("as long as it may be", format!("fn a() {{\n{}}}\n", body(68)), 0),
            ("long", format!("pub(crate) async fn a<T>(\n    t: T,\n) {{\n{long}}}\n"), 1),
            ("two short ones", format!("fn a() {{\n{0}}}\nfn b() {{\n{0}}}\n", body(40)), 0),
            ("in an impl", format!("impl A {{\n    fn a() {{\n{long}    }}\n}}\n"), 1),
            ("no function", format!("const A: [u8; 1] = {{\n{long}}};\n"), 0),
            ("a declaration is none", format!("trait A {{\n    fn a();\n{long}}}\n"), 0),
            (
                "a declaration of several lines is none",
                format!("trait A {{\n    fn a(\n        b: B,\n    ) -> C;\n{long}}}\n"),
                0,
            ),
            ("a test", format!("#[cfg(test)]\nmod tests {{\nfn a() {{\n{long}}}\n}}\n"), 0),
        ];
        for (rule, text, breaches) in rows {
            assert_eq!(functions(&house("crates/a/src/a.rs", text)).len(), *breaches, "{rule}");
        }
    }

    #[test]
    fn width_is_counted_in_characters() {
        let line = format!("//{}", "é".repeat(COLUMNS_MAX - 2));
        assert!(width(&house("a.rs", &line)).is_empty());
        assert_eq!(width(&house("a.rs", &format!("{line}é"))).len(), 1);
        let text = "x".repeat(COLUMNS_MAX + 1);
        assert!(width(&house("a.rs", &text)).is_empty(), "the formatter's matter");
        let row = format!("//! | {text} |");
        assert!(width(&house("a.rs", &row)).is_empty(), "a table");
    }
}
