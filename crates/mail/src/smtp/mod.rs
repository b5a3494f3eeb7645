//! The part of an SMTP server that decides, without a socket.
//!
//! [`Session`] is fed octets and says what to do next; the caller sends, stores and waits. So a
//! test needs neither a port nor a runtime, and a fuzzer drives the code that production runs.
//!
//! It promises that the reply 250 to a message comes only out of [`Session::stored`], which takes
//! a value that only the store can make; that a message in DATA ends at CRLF . CRLF and nowhere
//! else; and that the way in which the network cuts the octets changes no reply.
//!
//! It knows no tenant, keeps no time and holds no message: recipients are decided by the caller
//! ([`Step::Route`]), and body octets leave it as they come ([`Step::Body`]).

mod command;
mod data;
mod reply;
mod session;
mod settings;

pub use reply::{Class, Reply};
pub use session::{Session, Step};
pub use settings::{BodyKind, Limits, Routing, Settings, TlsMode, Transaction, Trouble};
