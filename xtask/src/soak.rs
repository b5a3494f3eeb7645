//! `cargo xtask soak`: the tests that kill the process, with many rounds.
//!
//! They are those of every run with another number, so that what fails here can be repeated there:
//! load and kills alone, and the same from several senders while the provider fails.

use clap::Args;

use crate::step::{self, Run};

/// How long it takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often the process is killed and started again, in each test.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,
}

/// Runs each, one after the other.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut run = Run::default();
    for (name, test) in TESTS {
        run.step(name, || {
            let arguments = ["test", "--ignore-rust-version", "--package", "clawback"];
            let mut command = step::cargo(&arguments)?;
            command.args(["--test", "kill", "--", "--exact", "--nocapture", test]);
            step::run(command.env("CLAWBACK_KILL_ROUNDS", options.rounds.to_string()))
        })?;
    }
    println!("\n{}\nNothing was lost, and nothing was moved twice.", run.summary());
    Ok(())
}

/// What each shows, and its name in `crates/server/tests/kill.rs`.
const TESTS: &[(&str, &str)] = &[
    ("kills under load", "what_was_acknowledged_is_recorded_once_and_moved_once"),
    (
        "kills while the provider fails",
        "what_was_acknowledged_is_moved_once_by_a_provider_that_fails",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_tests_are_there() {
        let file = crate::root().unwrap().join("crates/server/tests/kill.rs");
        let text = std::fs::read_to_string(file).unwrap();
        for (_, test) in TESTS {
            assert!(text.contains(&format!("async fn {test}()")), "{test}");
        }
    }
}
