//! How fast `mail-parser` alone reads the files of a folder, on one core: the yardstick of a scan.
//!
//! Usage: `parse_rate DIR`. Files are read beforehand, a batch at a time, and only parsing and
//! decoding every part is timed. Prints one line of JSON.

#![expect(clippy::disallowed_methods, reason = "a program with a disk and a clock, no library")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: parse_rate DIR")?;
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files)?;
    files.sort();
    let (mut messages, mut octets, mut decoded) = (0_usize, 0, 0);
    let mut took = Duration::ZERO;
    for batch in files.chunks(BATCH_FILES) {
        let raw: Vec<Vec<u8>> = batch.iter().map(std::fs::read).collect::<Result<_, _>>()?;
        let began = Instant::now();
        for mail in &raw {
            let Some(message) = MessageParser::new().parse(mail) else { continue };
            decoded += message.parts().map(|part| part.decoded().len()).sum::<usize>();
            messages += 1;
            octets += mail.len();
        }
        took += began.elapsed();
    }
    let seconds = took.as_secs_f64();
    println!(
        "{{\"messages\":{messages},\"octets\":{octets},\"decoded\":{decoded},\"seconds\":{seconds}}}"
    );
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

const BATCH_FILES: usize = 256;
