//! Indicators of every kind: normalising what was normalised changes nothing, or lookups would
//! miss.

#![no_main]

use clawback_mail::indicator::{IndicatorKind, normalise};
use clawback_mail::message::{normalise_url, subject_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    for kind in IndicatorKind::ALL {
        if let Some(once) = normalise(kind, &text) {
            assert!(normalise(kind, &once.value) == Some(once), "{}", kind.as_str());
        }
    }
    if let Some(url) = normalise_url(&text) {
        assert!(normalise_url(&url) == Some(url), "a URL");
    }
    let key = subject_key(&text);
    assert!(subject_key(&key) == key, "a subject");
});
