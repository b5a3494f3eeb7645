//! One step of a run: a heading, a command or a function, and how long it took.
//!
//! A run stops at the first step that fails, and says at its end what was done.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// The steps of a run so far.
#[derive(Debug, Default)]
pub(crate) struct Run {
    done: Vec<(String, Outcome)>,
}

#[derive(Debug)]
enum Outcome {
    Done(Duration),
    Skipped(&'static str),
}

impl Run {
    /// Does one step under its heading.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        println!("\n=== {name}");
        let began = Instant::now();
        let result = work();
        let took = began.elapsed();
        if let Err(error) = result {
            let earlier = self.done.len();
            return Err(error.context(format!(
                "step \"{name}\" failed after {:.1} s; {earlier} steps before it were done",
                took.as_secs_f64()
            )));
        }
        println!("--- {name}: {:.1} s", took.as_secs_f64());
        self.done.push((name.to_owned(), Outcome::Done(took)));
        Ok(())
    }

    /// Notes a step that is not done, and why.
    pub(crate) fn skip(&mut self, name: &str, why: &'static str) {
        println!("\n=== {name}: skipped, {why}");
        self.done.push((name.to_owned(), Outcome::Skipped(why)));
    }

    /// Every step with its time, as it is printed at the end.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        let mut total = Duration::ZERO;
        for (name, outcome) in &self.done {
            let line = match outcome {
                Outcome::Done(took) => {
                    total += *took;
                    format!("{:>8.1} s  {name}\n", took.as_secs_f64())
                }
                Outcome::Skipped(why) => format!("{:>10}  {name} (skipped, {why})\n", "-"),
            };
            text.push_str(&line);
        }
        text.push_str(&format!("{:>8.1} s  in all\n", total.as_secs_f64()));
        text
    }
}

/// Runs a command with our own input and output; its failure is an error that names it.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs a command and gives back what it printed; its failure is an error with what it said.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = shown(command);
    let output = command.output().with_context(|| format!("start `{line}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` ended with {}: {}", output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// This cargo, in the folder of the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::root()?).args(arguments);
    Ok(command)
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_named_and_later_ones_are_not_done() {
        let mut run = Run::default();
        run.step("first", || Ok(())).unwrap();
        let error = run.step("second", || bail!("because")).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("\"second\" failed") && text.contains("because"), "{text}");
        assert!(text.contains("1 steps before it"), "{text}");
    }

    #[test]
    fn the_summary_names_every_step_and_what_was_skipped() {
        let mut run = Run::default();
        run.step("first", || Ok(())).unwrap();
        run.skip("second", "not asked for");
        let summary = run.summary();
        assert!(summary.contains("first\n"), "{summary}");
        assert!(summary.contains("second (skipped, not asked for)"), "{summary}");
    }

    #[test]
    fn a_command_that_fails_is_an_error_that_names_it() {
        let error = run(Command::new("false").arg("--loudly")).unwrap_err().to_string();
        assert!(error.contains("`false --loudly`"), "{error}");
    }
}
