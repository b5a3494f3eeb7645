//! Attachments and other files as rules see them.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use clawback_mql::{List, RecordType, Value};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::model::Context;
use crate::model::lazy::{Fields, Lazy};
use crate::model::source::Source;
use crate::model::types::mail::ATTACHMENT;

/// A file: attached to a message, or inside another file.
pub(crate) struct File {
    pub(crate) name: Box<str>,
    pub(crate) declared: Box<str>,
    content_id: Box<str>,
    encoding: Box<str>,
    disposition: Box<str>,
    size: usize,
    sha256: Option<[u8; 32]>,
    octets: Octets,
    /// What the file is inside of.
    pub(crate) around: Around,
    pub(crate) opened: Opened,
}

/// What was made of a file, each once somebody asked.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) codes: OnceCell<Value>,
    pub(crate) events: OnceCell<Value>,
    pub(crate) exif: OnceCell<Value>,
    /// The file itself and all files inside.
    pub(crate) exploded: OnceCell<Value>,
    /// The files inside of what is an archive.
    pub(crate) inner: OnceCell<List>,
    pub(crate) message: OnceCell<Value>,
    pub(crate) ole: OnceCell<Value>,
    pub(crate) page: OnceCell<Value>,
    pub(crate) text: OnceCell<Value>,
}

/// Where the octets are.
enum Octets {
    /// Still encoded, in a message.
    Attached(Rc<Source>, usize),
    Own(Arc<[u8]>),
}

/// What is known around a file.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) context: Arc<Context>,
    /// How many messages are around it.
    pub(crate) nesting: usize,
    /// Words of the message that may open what is locked.
    pub(crate) passwords: Rc<[String]>,
}

/// The attachments of a message itself; those of a nested message are that message's.
pub(crate) fn all(source: &Rc<Source>) -> Value {
    let own = source.message.attachments.iter().enumerate().filter(|(_, one)| one.depth == 0);
    Value::list(own.map(|(place, one)| {
        Lazy::value(File {
            name: one.name.as_str().into(),
            declared: one.declared_type.as_str().into(),
            content_id: one.content_id.as_str().into(),
            encoding: one.encoding.as_str().into(),
            disposition: one.disposition.as_str().into(),
            size: one.octets,
            sha256: Some(one.sha256),
            octets: Octets::Attached(Rc::clone(source), place),
            around: Around {
                context: Arc::clone(&source.context),
                nesting: source.nesting,
                passwords: source.passwords(),
            },
            opened: Opened::default(),
        })
    }))
}

impl File {
    /// A file that was in no message.
    pub(crate) fn own(name: &str, octets: Arc<[u8]>, around: Around) -> Self {
        Self {
            name: name.into(),
            declared: "".into(),
            content_id: "".into(),
            encoding: "".into(),
            disposition: "".into(),
            size: octets.len(),
            sha256: None,
            octets: Octets::Own(octets),
            around,
            opened: Opened::default(),
        }
    }

    pub(crate) fn octets(&self) -> Arc<[u8]> {
        match &self.octets {
            Octets::Attached(source, place) => source.content(*place),
            Octets::Own(octets) => Arc::clone(octets),
        }
    }

    fn sha256(&self) -> [u8; 32] {
        self.sha256.unwrap_or_else(|| Sha256::digest(self.octets()).into())
    }
}

impl Fields for File {
    const TYPE: &'static RecordType = &ATTACHMENT;

    fn compute(&self, name: &'static str) -> Value {
        match name {
            "content_disposition" => Value::filled(&self.disposition),
            "content_id" => Value::filled(&self.content_id),
            "content_transfer_encoding" => Value::filled(&self.encoding),
            "content_type" => Value::filled(&self.declared),
            "file_extension" => Value::text_or_null(extension(&self.name)),
            "file_name" => Value::filled(&self.name),
            "file_type" => Value::text(file_type(&self.octets())),
            "md5" => Value::text(hex(&Md5::digest(self.octets()))),
            "raw" => {
                let octets = self.octets();
                let within = octets.get(..RAW_OCTETS_MAX).unwrap_or(&octets);
                Value::text(base64::engine::general_purpose::STANDARD.encode(within))
            }
            "sha1" => Value::text(hex(&Sha1::digest(self.octets()))),
            "sha256" => Value::text(hex(&self.sha256())),
            "size" => Value::int(self.size),
            _ => Value::Null,
        }
    }
}

/// The extension of a name in lower case, without its dot.
pub(crate) fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.trim().rsplit_once('.')?;
    let is_one = !extension.is_empty()
        && extension.len() <= EXTENSION_OCTETS_MAX
        && !extension.contains([' ', '/', '\\']);
    is_one.then(|| extension.to_lowercase())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect()
}

fn file_type(octets: &[u8]) -> &'static str {
    clawback_unpack::Kind::of(octets).file_type()
}

const EXTENSION_OCTETS_MAX: usize = 20;
const RAW_OCTETS_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        let rows = [
            ("plain", "a.PDF", Some("pdf")),
            ("double", "invoice.pdf.exe", Some("exe")),
            ("none", "invoice", None),
            ("a sentence", "see p. 12", None),
            ("a dot at the end", "a.", None),
        ];
        for (rule, name, meant) in rows {
            assert_eq!(extension(name).as_deref(), meant, "{rule}");
        }
    }

    #[test]
    fn digests() {
        let around = Around { context: Arc::default(), nesting: 0, passwords: Rc::from([]) };
        let file = File::own("a.txt", Arc::from(*b"abc"), around);
        let text = |name| file.compute(name).as_str().unwrap_or("-").to_owned();
        assert_eq!(text("md5"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(text("sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(text("sha256").starts_with("ba7816bf"));
        assert_eq!(text("raw"), "YWJj");
    }
}
