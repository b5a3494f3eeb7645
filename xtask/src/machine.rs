//! What the tests need of this machine, and how it gets there.
//!
//! As root on Debian what is missing is installed; otherwise the error says exactly what to do.

use std::process::Command;

use anyhow::bail;

use crate::step;

/// A program that the tests start, and where it comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
    /// Arguments with which it succeeds where what it needs is there; none: being there is enough.
    probe: &'static [&'static str],
}

impl Tool {
    const fn new(program: &'static str, package: &'static str) -> Self {
        Self { program, package, probe: &[] }
    }

    fn works(&self) -> bool {
        let answers = || step::output(Command::new(self.program).args(self.probe)).is_ok();
        has(self.program) && (self.probe.is_empty() || answers())
    }
}

/// What every run needs.
pub(crate) const ALWAYS: &[Tool] = &[
    Tool::new("cc", "gcc"),
    Tool::new("git", "git"),
    Tool::new("swaks", "swaks"),
    // Debian keeps it where only root's path leads.
    Tool::new("/usr/sbin/postfix", "postfix"),
    // What swaks needs for TLS, which Debian only recommends.
    Tool { program: "perl", package: "libnet-ssleay-perl", probe: &["-MNet::SSLeay", "-e1"] },
];

/// What the tests in a browser need.
pub(crate) const BROWSER: &[Tool] =
    &[Tool::new("chromium", "chromium"), Tool::new("chromedriver", "chromium-driver")];

/// What others judge mail with.
pub(crate) const COMPARATORS: &[Tool] =
    &[Tool::new("rspamd", "rspamd"), Tool::new("/usr/sbin/spamd", "spamassassin")];

/// What building libFuzzer needs.
pub(crate) const FUZZ: &[Tool] = &[Tool::new("c++", "g++")];

/// Makes sure that the tools are there.
pub(crate) fn provide(tools: &[Tool]) -> anyhow::Result<()> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| !tool.works()).collect();
    if missing.is_empty() {
        println!("everything is there: {}", names(tools, |tool| tool.program));
        return Ok(());
    }
    if !is_root() || !has("apt-get") {
        bail!("{}", instruction(&missing));
    }
    let quiet = |command: &mut Command| {
        step::run(command.env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| error.context(instruction(&missing)))
    };
    quiet(Command::new("apt-get").args(["update", "-qq"]))?;
    let install = ["install", "-qq", "-y", "--no-install-recommends"];
    let packages = missing.iter().map(|tool| tool.package);
    quiet(Command::new("apt-get").args(install).args(packages))
}

/// Makes sure that the toolchain has rustfmt and clippy.
pub(crate) fn provide_components() -> anyhow::Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if step::output(&mut step::cargo(&[subcommand, "--version"])?).is_ok() {
            continue;
        }
        if !has("rustup") {
            bail!("this Rust has no {component}; with rustup: rustup component add {component}");
        }
        step::run(Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

/// Whether a cargo subcommand is installed.
pub(crate) fn has_cargo(subcommand: &str) -> bool {
    has(&format!("cargo-{subcommand}"))
}

fn has(program: &str) -> bool {
    // A path that is absolute stays what it is when it is joined to another.
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    step::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn instruction(missing: &[Tool]) -> String {
    format!(
        "missing: {}. On Debian: sudo apt-get install -y --no-install-recommends {}",
        names(missing, |tool| tool.program),
        names(missing, |tool| tool.package)
    )
}

fn names(tools: &[Tool], name: impl Fn(&Tool) -> &'static str) -> String {
    tools.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_the_command_that_installs_it() {
        let text = instruction(BROWSER);
        assert!(text.starts_with("missing: chromium chromedriver."), "{text}");
        assert!(text.ends_with("--no-install-recommends chromium chromium-driver"), "{text}");
    }

    #[test]
    fn a_program_that_lacks_what_it_needs_does_not_work() {
        assert!(Tool { program: "sh", package: "dash", probe: &["-c", "exit 0"] }.works());
        assert!(!Tool { program: "sh", package: "dash", probe: &["-c", "exit 1"] }.works());
    }

    #[test]
    fn a_program_is_found_by_its_name() {
        assert!(has("sh"));
        assert!(!has("a-program-that-nobody-has"));
    }
}
