//! Journal mail: any octets are unwrapped, and what a session would read of the outer header is
//! what the pipeline reads.

#![no_main]

use clawback_mail::journal::{self, Kind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let received = journal::unwrap(raw);
    let outer = journal::outer(raw);
    if outer.complete && received.kind != Kind::ReportNdr {
        assert!(outer == received.outer, "one way of reading");
    }
    if let Some(report) = &received.report {
        assert!(report.unique_mailboxes().len() <= report.recipients.len(), "each once");
    }
    assert!(received.defects.is_sorted(), "each once, sorted");
    if let Some(message) = received.message() {
        let _ = message.indicators();
    }
});
