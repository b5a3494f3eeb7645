//! Messages: any octets are one, and everything that is computed from one can be computed.

#![no_main]

use clawback_mail::message::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let message = Message::parse(raw);
    assert!(message.octets == raw.len(), "all of it");
    assert!(message.defects.is_sorted(), "each once, sorted");
    for attachment in &message.attachments {
        let content = Message::content(raw, attachment).map(|content| content.len());
        assert!(content == Some(attachment.octets), "it was found here");
    }
    assert!(message.indicators().is_sorted(), "sorted");
    let _ = (message.text_digest(), Message::canonical_digest(raw));
});
