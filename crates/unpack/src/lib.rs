//! What is inside a file: archives, documents, pages, pictures.
//!
//! Octets in, values out. [`explode()`] takes a file apart into a tree of the files within it; the
//! scanners ([`html`], [`javascript`], [`pdf`], [`exif`], [`qr`], [`office`], [`oletools`], …) read
//! one file's octets, and are called only for what somebody asks. It knows no rule language.
//!
//! It promises to come back for any octets, within limits that are named at the foot of each file:
//! reaching one is told as a [`Defect`] or by a shorter value, never as an error. It touches
//! nothing: no I/O, no randomness, no threads, and no clock but the one inside the YARA engine.
//!
//! A parser of other people's runs under [`std::panic::catch_unwind`]. What that cannot catch is a
//! stack that overflows: so everything that nests (PDF values, pages, archives) is read by our own
//! code, which counts how deep it is. It deliberately does not judge, and draws nothing: what is
//! only visible (a QR code made of table cells) is not seen.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(test)]
mod any;
mod archive;
mod codec;
mod crypt;
mod defect;
pub mod digest;
mod eml;
pub mod exif;
mod explode;
mod flavor;
pub mod html;
pub mod ics;
mod image;
pub mod javascript;
mod kind;
pub mod lnk;
mod markup;
mod octets;
pub mod office;
mod ole;
pub mod oletools;
pub mod pdf;
pub mod qr;
mod rtf;
pub mod text;
pub mod vba;
pub mod xml;
pub mod yara;

pub use archive::zip::{Zip, list as zip};
pub use defect::{Defect, DefectKind};
pub use explode::{File, Node, Options, Tree, Unpacked, explode};
pub use flavor::flavors;
pub use kind::Kind;
