//! Writes a folder of invented mail, good and bad, for measuring where no real mail is at hand.
//!
//! Usage: `mail_set DIR COUNT`. The same count gives the same files.

use std::error::Error;
use std::path::PathBuf;

use clawback_sim::{MailStream, Organisation};
use jiff::{Timestamp, ToSpan as _};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: mail_set DIR COUNT")?);
    let count = arguments.next().ok_or("usage: mail_set DIR COUNT")?;
    let count: usize = count.to_str().ok_or("COUNT is a number")?.parse()?;
    std::fs::create_dir_all(&folder)?;
    let mut stream = MailStream::new(SEED, "set", Organisation::example());
    let mut at: Timestamp = FIRST.parse()?;
    for number in 0..count {
        let mail = stream.next_mail(at);
        let label = mail.label.to_string().to_ascii_lowercase();
        std::fs::write(folder.join(format!("{number:06}-{label}.eml")), &mail.raw)?;
        at = at.checked_add(7.seconds())?;
    }
    println!("{count} messages in {}", folder.display());
    Ok(())
}

const FIRST: &str = "2026-03-02T08:00:00Z";
const SEED: u64 = 1;
