//! HTML bodies: any octets have some text and some links, and a link to a web page has one form
//! in which it is compared.

#![no_main]

use clawback_mail::message::{Message, normalise_url};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let mut message = b"Content-Type: text/html; charset=utf-8\r\n\r\n".to_vec();
    message.extend(raw);
    let message = Message::parse(&message);
    for link in &message.links {
        let once = link.url.as_deref().and_then(normalise_url);
        let twice = once.as_deref().and_then(normalise_url);
        assert!(once == twice, "canonical");
    }
    let _ = (message.indicators(), message.text_digest(), message.visible_text());
});
