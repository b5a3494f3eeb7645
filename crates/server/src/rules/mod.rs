//! `clawback rules`: whether rules can be read, whether they find what they should, and what they
//! cost. Works on folders, offline.

mod check;
mod packs;
mod profile;
mod read;
mod test;

use std::process::ExitCode;

use crate::cli::RulesCommand;

pub(crate) use packs::{Fingerprint, Loaded, Packs};
pub(crate) use read::pack_sources;

/// Does what was asked.
pub(crate) fn run(command: &RulesCommand) -> anyhow::Result<ExitCode> {
    match command {
        RulesCommand::Check { dirs, format, lists } => check::run(dirs, lists, *format),
        RulesCommand::Profile { dirs, mail, top } => profile::run(dirs, mail, *top),
        RulesCommand::Test { dirs, org_domain, rule } => test::run(dirs, org_domain, rule),
    }
}
