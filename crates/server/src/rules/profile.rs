//! `clawback rules profile`: what each rule costs on real mail.
//!
//! What several rules share is worked out by the first that asks: its cost stands with that one.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clawback_detect::Answer;
use clawback_detect::model::{Context, Model};
use clawback_detect::pack::Pack;
use clawback_mail::message::{Direction, Message};

use crate::rules::pack_sources;
use crate::scan::input;

/// What one rule cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    total: Duration,
    most: Duration,
    fired: u64,
    cut: u64,
}

/// Asks every rule about every message, one after the other on one thread.
pub(crate) fn run(dirs: &[PathBuf], mail: &[PathBuf], top: usize) -> anyhow::Result<ExitCode> {
    let (pack, _) = Pack::compile(&pack_sources(dirs)?);
    anyhow::ensure!(!pack.is_empty(), "no rule was found in what was given");
    let (files, _) = input::files(mail);
    let mut costs = vec![Cost::default(); pack.rules().len()];
    let (mut parsing, mut messages) = (Duration::ZERO, 0_u64);
    let context = Arc::new(Context {
        direction: Some(Direction::Inbound),
        yara: pack.yara().cloned(),
        ..Context::default()
    });
    for file in files {
        let Ok(mails) = file.read() else { continue };
        for mail in mails {
            messages += 1;
            let began = Instant::now();
            let raw: Arc<[u8]> = mail.octets.into();
            let message = Arc::new(Message::parse(&raw));
            parsing += began.elapsed();
            let model = Model::new(message, raw, Arc::clone(&context));
            let mut examination = pack.examine(&model);
            for (place, cost) in costs.iter_mut().enumerate() {
                let began = Instant::now();
                let answer = pack.ask(&mut examination, place);
                let took = began.elapsed();
                cost.total += took;
                cost.most = cost.most.max(took);
                cost.fired += u64::from(answer == Answer::Yes);
                cost.cut += u64::from(answer == Answer::CutShort);
            }
        }
    }
    anyhow::ensure!(messages > 0, "no mail was found in what was given");
    let all: Duration = costs.iter().map(|cost| cost.total).sum();
    let mut ranked: Vec<(&str, &Cost)> =
        pack.rules().iter().map(|rule| rule.file.name.as_str()).zip(&costs).collect();
    ranked.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.total));
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:>9} {:>9} {:>7} {:>5}  rule", "µs each", "µs most", "fired", "cut")?;
    for (name, cost) in ranked.into_iter().take(top) {
        let (each, most) = (micros(cost.total, messages), micros(cost.most, 1));
        writeln!(out, "{each:>9.2} {most:>9.0} {:>7} {:>5}  {name}", cost.fired, cost.cut)?;
    }
    writeln!(
        out,
        "\n{messages} messages, {} rules: {:.1} µs parsing and {:.1} µs rules each, on one thread",
        pack.rules().len(),
        micros(parsing, messages),
        micros(all, messages)
    )?;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
fn micros(time: Duration, messages: u64) -> f64 {
    time.as_secs_f64() * 1e6 / messages as f64
}
