//! The trace language: any text is a query or a reason why it is none.

#![no_main]

use clawback_core::trace::Query;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    if let Ok(query) = Query::parse(&text) {
        for term in &query.terms {
            assert!(!term.any_of.is_empty(), "at least one");
        }
    }
});
