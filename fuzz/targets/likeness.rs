//! Likeness: any octets are like themselves, however they are taken apart; and a word that is put
//! between two others makes another message.

#![no_main]

use clawback_mail::likeness::{Difference, Likeness};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let whole = Likeness::of(raw);
    assert!(whole.compare(&whole).is_ok(), "like itself");
    let text = String::from_utf8_lossy(raw).replace(['\r', '\n'], " ");
    let of = |body: &str| {
        let head = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
        Likeness::of(format!("{head}{body}\r\n").as_bytes())
    };
    let (journaled, live) = (of(&format!("first {text} last")), of(&format!("first {text} not last")));
    if text.len() < 10_000 {
        assert!(journaled.compare(&live) == Err(Difference::Text), "a word in between");
    }
});
