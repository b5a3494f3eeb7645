//! HTML bodies: any octets have some text and some links, and every link that has a URL has a
//! host, too.

#![no_main]

use clawback_mail::message::{Message, normalise_url};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let mut message = b"Content-Type: text/html; charset=utf-8\r\n\r\n".to_vec();
    message.extend(raw);
    let message = Message::parse(&message);
    for link in &message.links {
        if let Some(url) = &link.url {
            assert!(normalise_url(url).as_ref() == Some(url), "canonical");
        }
    }
    let _ = (message.indicators(), message.text_digest(), message.visible_text());
});
