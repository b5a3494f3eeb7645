//! The marks by which rules tell kinds of files apart: the MIME type, and the names that the YARA
//! rules of a well-known scanner give.

use crate::Kind;
use crate::archive::zip;
use crate::octets::{find, find_ignoring_case, piece, starts_with_ignoring_case};
use crate::ole::Container;

/// The marks of a file. Only those of kinds that are told apart here; the MIME type is the kind's.
#[must_use]
pub fn flavors(octets: &[u8], kind: Kind) -> Vec<&'static str> {
    let head = piece(octets, 0, HEAD);
    let mut marks = Vec::new();
    marks.extend(by_kind(kind));
    if matches!(kind, Kind::Zip | Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Epub) {
        if kind != Kind::Zip && kind != Kind::Epub {
            marks.push("ooxml_file");
        }
        if zip::list(octets).is_some_and(|list| list.encrypted) {
            marks.push("encrypted_zip");
        }
    }
    let is_container =
        matches!(kind, Kind::Doc | Kind::Xls | Kind::Ppt | Kind::Msg | Kind::Ole | Kind::Msi);
    if is_container {
        marks.push("olecf_file");
        if Container::open(octets).is_some_and(|container| container.is_encrypted()) {
            marks.push("encrypted_word_document");
        }
    }
    if kind.is_text() {
        let has = |needle: &[u8]| find_ignoring_case(head, needle).is_some();
        if has(b"<hta:application") {
            marks.push("hta_file");
        }
        if starts_with_ignoring_case(head, b"<?xml") && kind != Kind::Xml {
            marks.push("xml_file");
        }
        if has(b"attribute vb_name") && kind != Kind::Vbs {
            marks.push("vb_file");
        }
        let start = head.trim_ascii_start().first().copied();
        if matches!(start, Some(b'{' | b'[')) && kind == Kind::Text && has(b"\":") {
            marks.push("json_file");
        }
        if find(octets, b"TVqQAAMAAAAEAAAA").is_some()
            || find(octets, b"TVpQAAIAAAAEAA8A").is_some()
        {
            marks.push("base64_pe");
        }
    }
    marks
}

fn by_kind(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::SevenZ => "_7zip_file",
        Kind::Avi => "avi_file",
        Kind::Batch => "batch_file",
        Kind::Bmp => "bmp_file",
        Kind::Bz2 => "bzip2_file",
        Kind::Cab => "cab_file",
        Kind::Deb => "debian_package_file",
        Kind::Elf => "elf_file",
        Kind::Eml => "email_file",
        Kind::Exe => "mz_file",
        Kind::Gif => "gif_file",
        Kind::Gz => "gzip_file",
        Kind::Html => "html_file",
        Kind::Iso => "iso_file",
        Kind::Javascript => "javascript_file",
        Kind::Jpg => "jpeg_file",
        Kind::Lnk => "lnk_file",
        Kind::Lzma => "lzma_file",
        Kind::Macho => "macho_file",
        Kind::Mhtml => "mhtml_file",
        Kind::Mp3 => "mp3_file",
        Kind::Pdf => "pdf_file",
        Kind::Pem => "x509_pem_file",
        Kind::Pgp => "pgp_file",
        Kind::Php => "php_file",
        Kind::Png => "png_file",
        Kind::Ps => "postscript_file",
        Kind::Psd => "psd_file",
        Kind::Rar => "rar_file",
        Kind::Rpm => "rpm_file",
        Kind::Rtf => "rtf_file",
        Kind::Svg => "svg_file",
        Kind::Tar => "tar_file",
        Kind::Tnef => "tnef_file",
        Kind::Vbs => "vb_file",
        Kind::Wmv => "wmv_file",
        Kind::Xml => "xml_file",
        Kind::Xz => "xz_file",
        Kind::Zip | Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Epub => "zip_file",
        Kind::Zlib => "zlib_file",
        _ => return None,
    })
}

/// Where the marks of a text stand.
const HEAD: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::zip::tests::Writer;

    fn marks(octets: &[u8]) -> Vec<&'static str> {
        flavors(octets, Kind::of(octets))
    }

    #[test]
    fn marks_table() {
        let locked = Writer::default().locked("a", b"x", "y").finish();
        assert_eq!(marks(&locked), ["zip_file", "encrypted_zip"]);
        assert_eq!(marks(&crate::office::tests::document()), ["zip_file", "ooxml_file"]);
        assert_eq!(marks(b"<html><hta:application id=x>"), ["html_file", "hta_file"]);
        assert_eq!(marks(b"{\"a\": 1}"), ["json_file"]);
        assert_eq!(marks(b"plain words"), [] as [&str; 0]);
    }
}
