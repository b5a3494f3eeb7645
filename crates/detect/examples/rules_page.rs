//! Prints the page for people about the rules: `docs/rules.md`.

fn main() {
    print!("{}", clawback_detect::catalogue::document());
}
