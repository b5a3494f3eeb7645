//! The types of the message data model, as rules see them.

use clawback_mql::{RecordType, Ty};

/// Declares record types as statics; their fields are counted in the order given.
macro_rules! types {
    ($($name:ident = $shown:literal { $($field:literal: $ty:expr),* $(,)? })*) => {$(
        pub(crate) static $name: RecordType = RecordType {
            name: $shown,
            fields: &[$(clawback_mql::Field { name: $field, ty: $ty }),*],
        };
    )*};
}

pub(crate) mod answers;
pub(crate) mod files;
pub(crate) mod mail;

pub(crate) const TEXTS: Ty = Ty::List(&Ty::Text);
pub(crate) const LINKS: Ty = Ty::List(&Ty::Record(&mail::LINK));
pub(crate) const URLS: Ty = Ty::List(&Ty::Record(&mail::URL));
pub(crate) const MAILBOXES: Ty = Ty::List(&Ty::Record(&mail::MAILBOX));

/// A record of a type, by name.
pub(crate) const fn record(of: &'static RecordType) -> Ty {
    Ty::Record(of)
}
