//! Reads every message below a folder through the message data model and prints what each section
//! costs: `cargo run --release --example model_times -- FOLDER`.

// A tool to measure with, not part of the product.
#![allow(
    clippy::disallowed_methods,
    reason = "an example is a program: it reads files and a clock"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clawback_detect::model::{Context, LIBRARY, Model};
use clawback_mail::message::Message;
use clawback_mql::{Host, Value};

fn main() -> Result<(), std::io::Error> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files)?;
    let (mut times, mut octets) = (Vec::<(&str, Duration, usize)>::new(), 0_usize);
    let context = Arc::new(Context::default());
    for file in &files {
        let raw: Arc<[u8]> = std::fs::read(file)?.into();
        octets += raw.len();
        let start = Instant::now();
        let message = Arc::new(Message::parse(&raw));
        add(&mut times, "parse", start.elapsed());
        let start = Instant::now();
        let model = Model::new(message, raw, Arc::clone(&context));
        let message = model.message();
        add(&mut times, "model", start.elapsed());
        for path in SECTIONS {
            let start = Instant::now();
            let steps = path.split('.');
            let value = steps.fold(message.clone(), |value, field| value.get(field));
            std::hint::black_box(&value);
            add(&mut times, path, start.elapsed());
        }
        let start = Instant::now();
        let fields = everything(&message, 0);
        std::hint::black_box(fields);
        add(&mut times, "all the rest", start.elapsed());
    }
    let count = u32::try_from(files.len().max(1)).unwrap_or(1);
    println!("{} messages, {} octets each", files.len(), octets / files.len().max(1));
    for (section, time, slowest) in &times {
        println!("{section:<28} {:>9.1?} a message, slowest {slowest} us", *time / count);
    }
    println!("{} fields in the type of a message", LIBRARY.message.fields.len());
    Ok(())
}

fn add(times: &mut Vec<(&'static str, Duration, usize)>, section: &'static str, spent: Duration) {
    let micros = usize::try_from(spent.as_micros()).unwrap_or(usize::MAX);
    match times.iter_mut().find(|(name, _, _)| *name == section) {
        Some((_, time, slowest)) => {
            *time += spent;
            *slowest = micros.max(*slowest);
        }
        None => times.push((section, spent, micros)),
    }
}

/// Asks for every field below a value; how many there are.
fn everything(value: &Value, depth: usize) -> usize {
    match value {
        _ if depth > 12 => 1,
        Value::List(items) => items.iter().map(|item| everything(item, depth + 1)).sum(),
        Value::Record(record) => (0..record.record_type().fields.len())
            .map(|index| everything(&record.field(index), depth + 1))
            .sum(),
        _ => 1,
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), std::io::Error> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            collect(&entry, files)?;
        } else {
            files.push(entry);
        }
    }
    Ok(())
}

const SECTIONS: [&str; 16] = [
    "type.inbound",
    "sender.email.domain.root_domain",
    "subject.base",
    "recipients.to",
    "headers.hops",
    "headers.auth_summary",
    "headers.domains",
    "body.plain.raw",
    "body.html.raw",
    "body.html.display_text",
    "body.html.inner_text",
    "body.current_thread.text",
    "body.previous_threads",
    "body.links",
    "body.ips",
    "attachments",
];
