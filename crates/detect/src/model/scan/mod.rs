//! What each scanner says about one file of a tree; null where the file is not of its kind.

mod calendar;
mod office;
mod program;

use std::rc::Rc;

use clawback_mql::{RecordType, Value};
use clawback_unpack::yara::Yara;
use clawback_unpack::{Kind, Node, Tree, Unpacked, digest, html, pdf, qr, text, xml};

use crate::model::attachment::Around;
use crate::model::lazy::{Fields, known};
use crate::model::types::files::{
    SCAN, SCAN_B_ZIP2, SCAN_EMBEDDED_HTML_SCRIPT, SCAN_ENCRYPTED_DOC, SCAN_ENCRYPTED_ZIP,
    SCAN_ENTROPY, SCAN_GZIP, SCAN_HASH, SCAN_HTML, SCAN_HTML_SPAN, SCAN_LIBARCHIVE, SCAN_PDF,
    SCAN_PDF_OBJ_HASH, SCAN_QR, SCAN_RAR, SCAN_STRINGS, SCAN_TAR, SCAN_URL, SCAN_XML, SCAN_YARA,
    SCAN_YARA_MATCH, SCAN_ZIP, SCAN_ZLIB,
};
use crate::model::url::Url;

pub(crate) use self::calendar::{events, ics};
pub(crate) use self::office::oletools;
pub(crate) use self::program::{exif, exif_fields};

/// The scanners' findings about one file.
pub(crate) struct Scan {
    pub(crate) tree: Rc<Tree>,
    pub(crate) id: usize,
    pub(crate) around: Around,
}

impl Scan {
    /// The size of the only file inside.
    fn unpacked_size(&self) -> Value {
        let inner = self.tree.nodes.iter().find(|node| node.parent == Some(self.id));
        inner.map_or(Value::Null, |node| Value::int(node.size))
    }

    fn pdf(&self, node: &Node) -> Option<pdf::Pdf> {
        (node.kind == Kind::Pdf).then(|| pdf::scan(&node.octets, &self.around.passwords)).flatten()
    }

    fn yara(&self, node: &Node) -> Value {
        let Some(rules) = &self.around.context.yara else { return Value::Null };
        let Ok(matches) = rules.scan(&node.octets) else {
            return known(&SCAN_YARA, [("flags", Value::texts(["failed"]))]);
        };
        let one = |found: clawback_unpack::yara::YaraMatch| {
            let meta = found.meta.into_iter().map(|(name, value)| (name, Value::text(value)));
            known(
                &SCAN_YARA_MATCH,
                [("meta", Value::Map(Rc::new(meta.collect()))), ("name", Value::text(found.name))],
            )
        };
        let matches = Value::list(matches.into_iter().map(one));
        known(&SCAN_YARA, [("flags", Value::texts([""; 0])), ("matches", matches)])
    }
}

impl Fields for Scan {
    const TYPE: &'static RecordType = &SCAN;

    fn compute(&self, name: &'static str) -> Value {
        let Some(node) = self.tree.nodes.get(self.id) else { return Value::Null };
        let octets = &node.octets;
        let unpacked = node.unpacked.as_ref();
        let is = |kind: Kind| node.kind == kind;
        match name {
            "bzip2" if is(Kind::Bz2) => known(&SCAN_B_ZIP2, [("size", self.unpacked_size())]),
            "docx" => office::docx(node),
            "encrypted_doc" => encrypted_doc(node, unpacked),
            "encrypted_zip" if is(Kind::Zip) => encrypted_zip(unpacked),
            "entropy" => known(&SCAN_ENTROPY, [("entropy", Value::Float(digest::entropy(octets)))]),
            "exiftool" => exif(octets, &crate::model::types::files::SCAN_EXIF_TOOL),
            "gzip" if is(Kind::Gz) => known(&SCAN_GZIP, [("size", self.unpacked_size())]),
            "hash" => hashes(octets),
            "html" if is(Kind::Html) => page(octets),
            "ics" if is(Kind::Ics) => ics(octets),
            "javascript" if is(Kind::Javascript) => program::javascript(octets),
            "libarchive" if matches!(node.kind, Kind::Iso | Kind::SevenZ | Kind::Cab) => {
                known(&SCAN_LIBARCHIVE, counts(unpacked))
            }
            "lnk" if is(Kind::Lnk) => program::shortcut(octets),
            "ole" | "rtf" => office::extracted(name, node, unpacked),
            "pdf" => self.pdf(node).map_or(Value::Null, |found| {
                let (urls, invalid) = addresses(&found.urls);
                let total = Value::int(found.total_extracted);
                let fields =
                    [("invalid_urls", invalid), ("total_extracted", total), ("urls", urls)];
                known(&SCAN_PDF, fields)
            }),
            "pdf_obj_hash" => self.pdf(node).map_or(Value::Null, |found| {
                let hash = Value::text(found.object_hash());
                let fields =
                    [("hash_string", Value::text(found.hash_string)), ("object_hash", hash)];
                known(&SCAN_PDF_OBJ_HASH, fields)
            }),
            "pptx" => office::pptx(node),
            "qr" => codes(octets, node.kind).into_iter().next().unwrap_or_default(),
            "rar" if is(Kind::Rar) => {
                let [extracted, files] = counts(unpacked);
                let made_by = unpacked.and_then(|unpacked| unpacked.host_os);
                let fields = [("host_os", Value::text_or_null(made_by)), extracted, files];
                known(&SCAN_RAR, fields)
            }
            "strings" => strings(octets),
            "tar" if is(Kind::Tar) => known(&SCAN_TAR, counts(unpacked)),
            "url" if node.kind.is_text() => {
                let (urls, invalid) = addresses(&text::urls(&text::decode(octets)));
                known(&SCAN_URL, [("invalid_urls", invalid), ("urls", urls)])
            }
            "vba" => office::vba(octets),
            "xml" if matches!(node.kind, Kind::Xml | Kind::Svg) => markup(octets),
            "yara" => self.yara(node),
            "zip" if is(Kind::Zip) => archive(octets, unpacked),
            "zlib" if is(Kind::Zlib) => known(&SCAN_ZLIB, [("size", self.unpacked_size())]),
            _ => Value::Null,
        }
    }
}

/// Records of addresses, and the texts that are none.
pub(crate) fn addresses(texts: &[String]) -> (Value, Value) {
    let (mut urls, mut invalid) = (Vec::new(), Vec::new());
    for text in texts {
        match Url::read(text) {
            Some(url) => urls.push(url.value()),
            None => invalid.push(text.as_str()),
        }
    }
    (Value::list(urls), Value::texts(invalid))
}

/// The codes in a picture; none in what is no picture.
pub(crate) fn codes(octets: &[u8], kind: Kind) -> Vec<Value> {
    let is_picture = matches!(
        kind,
        Kind::Png | Kind::Jpg | Kind::Gif | Kind::Bmp | Kind::Webp | Kind::Tif | Kind::Ico
    );
    if !is_picture {
        return Vec::new();
    }
    let codes = qr::scan(octets).unwrap_or_default();
    let code = |code: qr::Code| {
        let url = code.url.as_deref().and_then(Url::read).map_or(Value::Null, Url::value);
        known(
            &SCAN_QR,
            [
                ("data", Value::text(code.data)),
                ("type", Value::text(code.kind.as_str())),
                ("url", url),
            ],
        )
    };
    codes.into_iter().map(code).collect()
}

fn counts(unpacked: Option<&Unpacked>) -> [(&'static str, Value); 2] {
    let (extracted, files) =
        unpacked.map_or((0, 0), |unpacked| (unpacked.total_extracted, unpacked.total_files));
    [("total_extracted", Value::int(extracted)), ("total_files", Value::int(files))]
}

fn encrypted_doc(node: &Node, unpacked: Option<&Unpacked>) -> Value {
    let is_document = matches!(
        node.kind,
        Kind::Doc
            | Kind::Docx
            | Kind::Xls
            | Kind::Xlsx
            | Kind::Ppt
            | Kind::Pptx
            | Kind::Ole
            | Kind::Pdf
    );
    match unpacked.filter(|unpacked| is_document && unpacked.is_encrypted) {
        None => Value::Null,
        Some(unpacked) => {
            let password = Value::text_or_null(unpacked.password.as_deref());
            known(&SCAN_ENCRYPTED_DOC, [("cracked_password", password)])
        }
    }
}

fn encrypted_zip(unpacked: Option<&Unpacked>) -> Value {
    let Some(locked) = unpacked.filter(|unpacked| unpacked.is_encrypted) else {
        return Value::Null;
    };
    let [extracted, files] = counts(unpacked);
    let password = Value::text_or_null(locked.password.as_deref());
    known(&SCAN_ENCRYPTED_ZIP, [("cracked_password", password), extracted, files])
}

fn archive(octets: &[u8], unpacked: Option<&Unpacked>) -> Value {
    let Some(listed) = clawback_unpack::zip(octets) else { return Value::Null };
    let [extracted, _] = counts(unpacked);
    known(
        &SCAN_ZIP,
        [
            ("all_paths", Value::texts(listed.all_paths)),
            ("attempted_files", Value::texts(listed.attempted_files)),
            ("encrypted", Value::Bool(listed.encrypted)),
            extracted,
            ("total_files", Value::int(listed.total_files)),
        ],
    )
}

fn hashes(octets: &[u8]) -> Value {
    let found = digest::hashes(octets);
    known(
        &SCAN_HASH,
        [
            ("md5", Value::text(found.md5)),
            ("sha1", Value::text(found.sha1)),
            ("sha256", Value::text(found.sha256)),
        ],
    )
}

fn strings(octets: &[u8]) -> Value {
    let found = text::strings(octets);
    known(
        &SCAN_STRINGS,
        [("raw", Value::text_or_null(found.raw)), ("strings", Value::texts(found.strings))],
    )
}

fn markup(octets: &[u8]) -> Value {
    let Some(found) = xml::scan(octets) else { return Value::Null };
    known(
        &SCAN_XML,
        [
            ("doc_type", Value::text_or_null(found.doc_type)),
            ("namespaces", Value::texts(found.namespaces)),
            ("tags", Value::texts(found.tags)),
            ("version", Value::text_or_null(found.version)),
        ],
    )
}

fn page(octets: &[u8]) -> Value {
    let found = html::scan(octets);
    let script = |script: html::Script| {
        known(
            &SCAN_EMBEDDED_HTML_SCRIPT,
            [
                ("language", Value::text_or_null(script.language)),
                ("scripts", Value::text(script.text)),
                ("type", Value::text_or_null(script.kind)),
            ],
        )
    };
    let span = |span: html::Span| known(&SCAN_HTML_SPAN, [("style", Value::text(span.style))]);
    known(
        &SCAN_HTML,
        [
            ("hyperlinks", Value::texts(found.hyperlinks)),
            ("scripts", Value::list(found.scripts.into_iter().map(script))),
            ("spans", Value::list(found.spans.into_iter().map(span))),
            ("title", Value::text_or_null(found.title)),
            ("total_extracted", Value::int(found.total_extracted)),
        ],
    )
}
