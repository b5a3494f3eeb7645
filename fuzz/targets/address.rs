//! Addresses, domains and address lists: any text is read or refused, and what was read is
//! canonical, so that reading what was printed gives the same value.

#![no_main]

use clawback_mail::address::{Address, Domain, Mailbox};
use clawback_mail::message::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    if let Ok(address) = Address::parse(&text) {
        assert!(Address::parse(&address.to_string()) == Ok(address.clone()), "printed and read");
        let key = Address::parse(&address.key());
        assert!(key.is_err() || key.is_ok_and(|read| read.key() == address.key()), "its own key");
    }
    if let Ok(domain) = Domain::parse(&text) {
        assert!(Domain::parse(domain.as_str()) == Ok(domain.clone()), "printed and read");
        let registrable = domain.registrable();
        assert!(domain.is_within(&registrable), "below what was registered");
        assert!(registrable.registrable() == registrable, "registered once");
    }
    let half = text.len() / 2;
    let name = text.get(..half).unwrap_or_default();
    let _ = Mailbox::new(name, text.get(half..).unwrap_or_default());

    let mut list = b"To: ".to_vec();
    list.extend(raw);
    list.extend(b"\r\nFrom: a@b.example\r\n\r\n");
    let _ = Message::parse(&list);
});
