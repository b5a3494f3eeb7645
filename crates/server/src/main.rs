//! `clawback`: takes bad mail back out of mailboxes.
//!
//! The binary: configuration, clock, listeners, the pipeline, the response, the dashboard and the
//! command line. What a message is, what it means and where it is kept is the other crates' matter.

#![cfg_attr(
    test,
    allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)
)]

mod admin;
mod allocator;
mod cli;
mod clock;
mod config;
mod demo;
mod directory;
mod eval;
mod examine;
mod gather;
mod knowledge;
mod listen;
mod node;
mod ops;
mod pipeline;
mod providers;
mod register;
mod respond;
mod rules;
mod scan;
mod serve;
mod smtp;
mod sources;
mod tls;
mod trust;
mod web;
mod worker;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Two providers in one process would make every TLS handshake panic: choose once, first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    start_log(cli.log_json);
    match cli.run() {
        Ok(code) => code,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clawback: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

fn start_log(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CLAWBACK_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,clawback=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if json {
        log.json().init();
    } else {
        log.with_target(false).init();
    }
}
