//! `cargo xtask`: what the project does with itself.
//!
//! `test` is everything that CI runs, `soak` what takes too long for it, `tidy` the rules of the
//! house that no compiler knows, `fuzz` octets that nobody thought of, `bench` a table of rates,
//! `eval` a table of how well mail is judged, `clients` the providers' own clients against the
//! simulated services.
//! Nothing here is part of the product.

#![cfg_attr(
    test,
    allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)
)]

mod bench;
mod clients;
mod commands;
mod eval;
mod fuzz;
mod machine;
/// The tests of the server start one too; xtask depends on none of our crates.
#[allow(dead_code, reason = "each side uses its own part of it")]
#[path = "../../crates/server/tests/harness/postfix.rs"]
mod postfix;
mod soak;
mod step;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// What the project does with itself.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run everything that CI runs, in order; stops at the first failure.
    Test(test::Options),
    /// Measure the product in a release build, beside yardsticks taken in the same run.
    Bench(bench::Options),
    /// Measure how well mail is judged on a labelled collection, and beside others.
    Eval(eval::Options),
    /// Run what takes too long for every change: kills without end, and a provider that fails.
    Soak(soak::Options),
    /// Give every parser octets that nobody thought of.
    Fuzz(fuzz::Options),
    /// Let the providers' own clients work with the simulated services.
    Clients,
    /// Check the rules of the house.
    Tidy {
        /// Only say what the rules are.
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Eval(options) => eval::run(&options),
        Task::Soak(options) => soak::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Clients => clients::run(),
        Task::Tidy { list: true } => {
            tidy::list();
            Ok(())
        }
        Task::Tidy { list: false } => tidy::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the checkout.
fn root() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_owned).context("xtask lies in the checkout")
}
