//! Intel files: any text has entries and faulty lines, and what was compiled is no more than what
//! was read.

#![no_main]

use clawback_detect::{Intel, intel_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    let (entries, faults) = intel_file(&text, "fuzz");
    // The CSV reader ends a line at a lone CR, too.
    let lines = text.split(['\r', '\n']).count();
    assert!(entries.len() <= lines && faults.len() <= lines, "at most one a line");
    let count = entries.len();
    assert!(Intel::compile(entries).len() <= count, "nothing is made up");
});
