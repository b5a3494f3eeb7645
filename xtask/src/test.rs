//! `cargo xtask test`: everything that CI runs, in order.
//!
//! Stops at the first failure with a line that says which. Nothing is timed against a limit here:
//! rates are `bench`'s matter.

use anyhow::Context as _;
use clap::Args;

use crate::step::{self, Run};
use crate::{commands, fuzz, machine, tidy};

/// What `test` may leave out.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave out the documentation, the tests in a browser and fuzzing.
    #[arg(long)]
    fast: bool,
    /// How long each fuzz target runs.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    fuzz_seconds: u32,
}

/// Does every step.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut run = Run::default();
    let mut tools = machine::ALWAYS.to_vec();
    if !options.fast {
        tools.extend(machine::BROWSER);
        tools.extend(machine::FUZZ);
    }
    run.step("what this machine has", || {
        machine::provide(&tools)?;
        machine::provide_components()
    })?;
    run.step("format", || step::run(&mut step::cargo(&["fmt", "--all", "--check"])?))?;
    run.step("tidy", tidy::run)?;
    run.step("clippy", || step::run(&mut step::cargo(CLIPPY)?))?;
    tests(&mut run, options.fast)?;
    if options.fast {
        run.skip("documentation", "--fast");
        run.skip("fuzzing", "--fast");
    } else {
        run.step("documentation", documentation)?;
        let options = fuzz::Options::all_for(options.fuzz_seconds);
        run.step("fuzzing", || fuzz::run(&options))?;
    }
    if machine::has_cargo("deny") {
        run.step("deny", || step::run(&mut step::cargo(DENY)?))?;
    } else {
        run.skip("deny", "cargo-deny is not installed; tidy checked licences and bans");
    }
    run.step("commands of the documents", commands::run)?;
    println!("\n{}\nAll is well.", run.summary());
    Ok(())
}

fn tests(run: &mut Run, fast: bool) -> anyhow::Result<()> {
    let flags = ["--workspace", "--ignore-rust-version"];
    let mut arguments = Vec::new();
    let without = format!("not test(/{BROWSER_TESTS}/)");
    if machine::has_cargo("nextest") {
        arguments.extend(["nextest", "run"]);
        arguments.extend(flags);
        if fast {
            arguments.extend(["-E", &without]);
        }
    } else {
        arguments.extend(["test", "--all-targets"]);
        arguments.extend(flags);
        if fast {
            arguments.extend(["--", "--skip", BROWSER_TESTS]);
        }
    }
    run.step("tests", || {
        let mut command = step::cargo(&arguments)?;
        // A test that would skip itself for want of a program fails instead.
        command.env("CLAWBACK_PEERS", "required");
        if !fast {
            command.env("CLAWBACK_BROWSER", "required");
        }
        step::run(&mut command)
    })?;
    run.step("examples in documentation", || {
        let mut arguments = vec!["test", "--doc"];
        arguments.extend(flags);
        step::run(&mut step::cargo(&arguments)?)
    })
}

fn documentation() -> anyhow::Result<()> {
    let mut command = step::cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--ignore-rust-version",
    ])?;
    step::run(command.env("RUSTDOCFLAGS", "-D warnings")).context("write the documentation")
}

/// What the names of the tests in a browser have in common.
const BROWSER_TESTS: &str = "dashboard_shows";
const CLIPPY: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--ignore-rust-version", "--", "-D", "warnings"];
/// Advisories need the network and change by themselves: they are asked for apart from this.
const DENY: &[&str] = &["deny", "check", "bans", "licenses", "sources"];
